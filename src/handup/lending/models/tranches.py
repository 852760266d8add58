"""The parts a loan is paid out in, as they were agreed; which are paid follows from its events."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.lending.models.loans import THROUGH_LOAN, Loan
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager


class LoanTranche(House):
    """One planned part: how much, when, what has to be there first, who saw that it is."""

    CLASSES = classify(
        I="id recorded_at loan number planned_date met_date met_by document", P="units condition"
    )
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_loan"

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="tranches")
    number = models.PositiveIntegerField(_("part"))
    units = models.BigIntegerField(_("amount"))
    planned_date = models.DateField(_("planned for"))
    condition = models.CharField(_("condition"), max_length=300, blank=True, default="")
    met_date = models.DateField(_("met on"), null=True, blank=True)
    met_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    document = models.CharField(_("paper"), max_length=120, blank=True, default="")

    objects: ClassVar[ScopedManager["LoanTranche"]] = ScopedManager()

    class Meta:
        ordering = ("loan", "number")
        constraints = (
            models.UniqueConstraint(fields=("loan", "number"), name="one_part_of_a_loan_a_number"),
            models.CheckConstraint(condition=Q(units__gt=0), name="tranche_above_zero"),
        )

    def __str__(self) -> str:
        return f"{self.loan_id} {self.number}"

    @property
    def is_open(self) -> bool:
        """Whether its condition still holds it up."""
        return bool(self.condition) and self.met_date is None
