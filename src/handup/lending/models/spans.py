"""Days of a loan that its dated rows alone do not tell: what stood still, what was cured, what was
agreed before.
"""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from handup.lending.models.loans import THROUGH_LOAN, Loan
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager


class LoanPause(House):
    """Days of a moratorium that do not count as days late, both included; a projection of the
    loan's events, replaced as its rows are.
    """

    CLASSES = classify(I="id recorded_at loan first_date last_date received_at replaced_at")
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_loan"

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="pauses")
    first_date = models.DateField()
    last_date = models.DateField()
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["LoanPause"]] = ScopedManager()

    class Meta:
        ordering = ("loan", "first_date")

    def __str__(self) -> str:
        return f"{self.first_date} {self.last_date}"


class LoanCure(House):
    """Days on which a loan that was restructured does not count as at risk for it, as its terms
    say, both included (no last day: to this day); a projection of the loan's events, replaced as
    its rows are.
    """

    CLASSES = classify(I="id recorded_at loan first_date last_date received_at replaced_at")
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_loan"

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="cures")
    first_date = models.DateField()
    last_date = models.DateField(null=True, blank=True)
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["LoanCure"]] = ScopedManager()

    class Meta:
        ordering = ("loan", "first_date")

    def __str__(self) -> str:
        return f"{self.first_date} {self.last_date or ''}"


class LoanEnd(House):
    """The last due date a loan was agreed to have until a day (not included), on which a change of
    it moved that; a projection of the loan's events, replaced as its rows are. From the last such
    day on the loan's own holds.
    """

    CLASSES = classify(I="id recorded_at loan to_date due_date received_at replaced_at")
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_loan"

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="ends")
    to_date = models.DateField()
    due_date = models.DateField()
    received_at = models.DateTimeField(default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["LoanEnd"]] = ScopedManager()

    class Meta:
        ordering = ("loan", "to_date")

    def __str__(self) -> str:
        return f"{self.due_date} {self.to_date}"
