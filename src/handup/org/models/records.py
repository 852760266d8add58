"""What the house itself records: audit lines, exchange rates, settings of the installation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models.base import House
from handup.org.models.staff import StaffUser


class AuditLine(House):
    """Who did what to which record, written with the write itself; codes and ids only."""

    CLASSES = classify(I="id recorded_at staff action object_type object_id facts")
    VIEW = "org.view_audit"

    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("object_id",), name="audit_object"),)

    def __str__(self) -> str:
        return f"{self.action} {self.object_id}"


class RateKind(models.TextChoices):
    """What an exchange rate is for."""

    SPOT = "SPOT", _("day's rate")
    MONTH = "MONTH", _("month's rate")
    DONOR = "DONOR", _("funder's rate")


class ExchangeRate(House):
    """One dated rate with its source, a whole number divided by 10^10; never overwritten (rulings
    19a).
    """

    CLASSES = classify(O="id recorded_at from_currency to_currency rate_date kind numerator source")

    from_currency = models.CharField(_("from"), max_length=3)
    to_currency = models.CharField(_("to"), max_length=3)
    rate_date = models.DateField(_("date"))
    kind = models.CharField(
        _("kind"), max_length=5, choices=RateKind.choices, default=RateKind.SPOT
    )
    numerator = models.BigIntegerField(_("rate x 10^10"))
    source = models.CharField(_("source"), max_length=200)

    class Meta:
        ordering = ("-rate_date",)
        constraints = (
            models.UniqueConstraint(
                fields=("from_currency", "to_currency", "rate_date", "kind"),
                name="one_rate_a_day_and_kind",
            ),
            models.CheckConstraint(condition=models.Q(numerator__gt=0), name="rate_above_zero"),
        )

    def __str__(self) -> str:
        return f"{self.from_currency}/{self.to_currency} {self.rate_date}"


class Setting(House):
    """One setting of the installation: profile, which domains are on, the DEMONSTRATION mark."""

    CLASSES = classify(I="id recorded_at key value")

    key = models.CharField(max_length=80, unique=True)
    value = models.JSONField()

    def __str__(self) -> str:
        return self.key
