"""A till counted at the end of a day, by one person and seen by another."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.ledger.models.books import Account
from handup.ledger.models.journal import Entry
from handup.ledger.rules.words import CountStatus
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopePaths

COUNT_STATUS_LABELS = {
    CountStatus.COUNTED: _("Counted, to be seen by another"),
    CountStatus.CONFIRMED: _("Counted and confirmed"),
    CountStatus.DECLINED: _("Declined, to be counted anew"),
}


class CashCount(House):
    """What lay in a till at the end of a day; confirmed, it is what the books say from then on.

    expected_units: what the books said when it was confirmed; the difference is posted by `entry`
    to CASH_DIFFERENCE. last_seq is the number of the book's last entry then, for `verify`.
    """

    CLASSES = classify(
        I="id recorded_at account currency counted_date counted_units expected_units status"
        " counted_by confirmed_by confirmed_at entry last_seq",
        P="remark",
    )
    SCOPE = ScopePaths(
        office="account__book__office_id",
        programme="account__book__programme_id",
        organisation="account__book__organisation_id",
    )
    VIEW = "ledger.view_account"

    account = models.ForeignKey(Account, models.PROTECT, related_name="counts")
    currency = models.CharField(_("currency"), max_length=3)
    counted_date = models.DateField(_("day"))
    counted_units = models.BigIntegerField(_("counted"))
    expected_units = models.BigIntegerField(_("by the books"), null=True, blank=True)
    status = models.CharField(
        _("status"),
        max_length=10,
        choices=list(COUNT_STATUS_LABELS.items()),
        default=CountStatus.COUNTED,
    )
    remark = models.CharField(_("remark"), max_length=300, blank=True, default="")
    counted_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("counted by")
    )
    confirmed_by = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, blank=True, related_name="+")
    last_seq = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ("-counted_date", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "currency", "counted_date"),
                condition=~Q(status=CountStatus.DECLINED),
                name="ledger_till_counted_once_a_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} {self.counted_date}"

    @property
    def difference_units(self) -> int | None:
        """Counted less what the books said; None until it is confirmed."""
        return None if self.expected_units is None else self.counted_units - self.expected_units
