"""What the house itself records: audit lines, exchange rates, settings of the installation."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import DataClass, classify
from handup.org.encryption import EncryptedTextField
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


class DutyException(House):
    """A step done by someone who should have been another person, as the profile allows; reviewed
    later by a third (rulings A2).
    """

    CLASSES = classify(
        I="id recorded_at staff step profile others object_type object_id amount_units reason"
        " reviewed_at reviewed_by"
    )
    VIEW = "org.view_duties"

    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    step = models.CharField(_("step"), max_length=80)
    profile = models.CharField(_("profile"), max_length=10)
    others = models.JSONField(_("earlier hands"), default=list)
    object_type = models.CharField(max_length=80, default="")
    object_id = models.CharField(max_length=64, default="")
    amount_units = models.BigIntegerField(_("amount"), null=True)
    reason = models.CharField(_("reason"), max_length=300, default="")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.step} {self.profile}"


class StoredFile(House):
    """A file under HANDUP_DATA/files with a random name; sent only by a view, as an attachment."""

    CLASSES = classify(
        I="id recorded_at content_type size sha256 klass sealed_with stored_name object_type"
        " object_id added_by",
        S="name",
    )

    name = EncryptedTextField(_("name"))
    content_type = models.CharField(_("kind"), max_length=80)
    size = models.PositiveBigIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    klass = models.CharField(
        _("class of its content"), max_length=1, choices=[(c.value, c.value) for c in DataClass]
    )
    sealed_with = models.CharField(max_length=32, default="")
    stored_name = models.CharField(max_length=64, unique=True)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=64, db_index=True)
    added_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.stored_name
