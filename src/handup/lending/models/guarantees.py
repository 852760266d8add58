"""What a guarantee fund is called for: a bank's demand for one late loan, what was paid on it and
what came back.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.lending.models.labels import GUARANTEE_MOVES, METHODS
from handup.lending.models.lenders import Guarantee
from handup.lending.models.loans import THROUGH_LOAN, Loan
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class GuaranteeCall(House):
    """The demand of a bank on a guarantee for one late loan: how late, what was owed, what share is
    covered, and what the bank asks for.
    """

    CLASSES = classify(
        I="id recorded_at guarantee loan called_date arrears_days cover_bps reference recorded_by"
        " withdrawn_date withdrawn_by",
        P="units principal_units withdrawn_reason",
    )
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_guarantee"

    guarantee = models.ForeignKey(Guarantee, models.PROTECT, related_name="calls")
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="guarantee_calls")
    called_date = models.DateField(_("called on"))
    units = models.BigIntegerField(_("called for"))
    principal_units = models.BigIntegerField(_("principal owed then"))
    arrears_days = models.PositiveIntegerField(_("days late then"))
    cover_bps = models.PositiveIntegerField(_("cover, 1/100 of a percent"))
    reference = models.CharField(_("the bank's letter"), max_length=60, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    withdrawn_date = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawn_reason = models.CharField(_("reason"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["GuaranteeCall"]] = ScopedManager()

    class Meta:
        ordering = ("-called_date", "id")
        constraints = (
            models.CheckConstraint(condition=Q(units__gt=0), name="guarantee_call_above_zero"),
        )

    def __str__(self) -> str:
        return f"{self.loan_id} {self.called_date}"


class GuaranteeMove(House):
    """Money of a call: paid to the bank (units above zero), come back from it (below zero), or one
    of these taken back (the opposite). Append-only; the sum is what is still to come back.
    `recovered_units`: what the bank got from the borrower, of which the share came back.
    """

    CLASSES = classify(
        I="id recorded_at call kind value_date method reference recorded_by reverses",
        P="units recovered_units reason",
    )
    SCOPE = ScopePaths(
        office="call__loan__office_id",
        programme="call__loan__programme_id",
        organisation="call__loan__lender__organisation_id",
        caseload="call__loan__officer_id",
        person="call__loan__person_id",
        shared=("call__loan__enterprise__ownerships__person_id",),
    )
    VIEW = "lending.view_guarantee"

    call = models.ForeignKey(GuaranteeCall, models.PROTECT, related_name="moves")
    kind = models.CharField(_("what"), max_length=9, choices=GUARANTEE_MOVES)
    value_date = models.DateField(_("on"))
    units = models.BigIntegerField(_("amount"))
    recovered_units = models.BigIntegerField(_("recovered by the bank"), null=True, blank=True)
    method = models.CharField(_("how"), max_length=10, choices=METHODS, blank=True, default="")
    reference = models.CharField(_("reference"), max_length=60, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )

    objects: ClassVar[ScopedManager["GuaranteeMove"]] = ScopedManager()

    class Meta:
        ordering = ("value_date", "recorded_at", "id")
        constraints = (
            models.CheckConstraint(condition=~Q(units=0), name="guarantee_move_not_zero"),
        )

    def __str__(self) -> str:
        return f"{self.call_id} {self.kind} {self.value_date}"
