"""What is kept of changes of a loan beside its events: quotes of what pays it off."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.lending.models.loans import THROUGH_LOAN, Loan
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager


class PayoffQuote(House):
    """What closes a loan on a day, as it was told to the borrower: money that comes by that day is
    enough.
    """

    CLASSES = classify(
        I="id recorded_at loan quoted_date valid_date quoted_by language events_known",
        P="principal_units interest_units fee_units penalty_units",
    )
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_borrower"

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="payoff_quotes")
    quoted_date = models.DateField(_("made on"))
    valid_date = models.DateField(_("to be paid by"))
    quoted_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    language = models.CharField(_("language"), max_length=10)
    events_known = models.PositiveIntegerField(default=0)
    principal_units = models.BigIntegerField(_("principal"))
    interest_units = models.BigIntegerField(_("interest"))
    fee_units = models.BigIntegerField(_("fees"))
    penalty_units = models.BigIntegerField(_("penalty"))

    objects: ClassVar[ScopedManager["PayoffQuote"]] = ScopedManager()

    class Meta:
        ordering = ("-quoted_date", "-id")

    def __str__(self) -> str:
        return f"{self.loan_id} {self.valid_date}"

    @property
    def total_units(self) -> int:
        """What is to be paid."""
        return self.principal_units + self.interest_units + self.fee_units + self.penalty_units
