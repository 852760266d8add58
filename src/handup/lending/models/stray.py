"""Cash taken in that belongs to nobody known, and what people said becomes of it."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.lending.models.banklabels import MATCH_STATES
from handup.lending.models.labels import Choices
from handup.lending.models.lenders import Lender
from handup.lending.models.statements import LOANS_AT_ONCE, hidden_loans
from handup.lending.rules.banking.codes import MatchState
from handup.lending.rules.stray import StrayKind, StrayState
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths

STRAY_STATES: Choices = [
    (StrayState.WAITING.value, _("Waits for a word")),
    (StrayState.PROPOSED.value, _("Waits for a second person")),
    (StrayState.PLACED.value, _("Paid to loans")),
    (StrayState.RETURNED.value, _("Handed back")),
    (StrayState.INCOME.value, _("Written to income")),
]
STRAY_KINDS: Choices = [
    (StrayKind.LOANS.value, _("Repayment")),
    (StrayKind.RETURN.value, _("Hand it back")),
    (StrayKind.INCOME.value, _("Write it to income")),
]


IN_FORCE = (MatchState.PROPOSED.value, MatchState.CONFIRMED.value)


def words_about(loans: set[UUID]) -> "models.QuerySet[StrayWord]":
    """The words that name one of these loans."""
    names = sorted(str(loan) for loan in loans)
    rows = StrayWord._base_manager.annotate(written=Cast("parts", models.TextField()))
    found: set[UUID] = set()
    for first in range(0, len(names), LOANS_AT_ONCE):
        named = Q()
        for name in names[first : first + LOANS_AT_ONCE]:
            named |= Q(written__contains=name)
        found.update(rows.filter(named).values_list("pk", flat=True))
    return StrayWord._base_manager.filter(pk__in=found)


def _withheld_words(staff: StaffUser) -> Q:
    """What was said of cash of persons hidden from a reader."""
    loans = hidden_loans(staff)
    if not loans:
        return Q(pk__in=())
    return Q(pk__in=set(words_about(loans).values_list("pk", flat=True)))


def _withheld_cash(staff: StaffUser) -> Q:
    """Cash that belongs, or is said to belong, to persons hidden from a reader. A word that was
    declined or undone says so no more: the cash lies on suspense for everybody.
    """
    loans = hidden_loans(staff)
    if not loans:
        return Q(pk__in=())
    in_force = words_about(loans).filter(state__in=IN_FORCE)
    said = set(in_force.values_list("stray", flat=True))
    return Q(pk__in=said) | Q(loan__in=loans)


class StrayCash(House):
    """Cash in the till that is of nobody known: it lies on suspense until two persons say whose it
    is. loan: the loan it was taken for, where that could not take it.
    """

    CLASSES = classify(
        I="id recorded_at lender office programme currency units received_date receipt state loan"
        " recorded_by",
        P="told",
    )
    SCOPE = ScopePaths(
        office="office_id",
        programme="programme_id",
        caseload="recorded_by_id",
        withheld=_withheld_cash,
    )
    VIEW = "lending.view_stray_cash"

    lender = models.ForeignKey(
        Lender, models.PROTECT, related_name="stray_cash", verbose_name=_("in the till of")
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )
    programme = models.ForeignKey(
        "projects.Programme", models.PROTECT, null=True, blank=True, related_name="+"
    )
    currency = models.CharField(_("currency"), max_length=3)
    units = models.BigIntegerField(_("amount"))
    received_date = models.DateField(_("taken in on"))
    receipt = models.CharField(_("receipt"), max_length=60, blank=True, default="")
    told = models.CharField(
        _("who brought it, what was said"), max_length=300, blank=True, default=""
    )
    state = models.CharField(
        _("state"), max_length=10, choices=STRAY_STATES, default=StrayState.WAITING
    )
    loan = models.ForeignKey(
        "lending.Loan", models.PROTECT, null=True, blank=True, related_name="stray_cash"
    )
    recorded_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("taken in by")
    )

    objects: ClassVar[ScopedManager["StrayCash"]] = ScopedManager()

    class Meta:
        ordering = ("received_date", "id")
        indexes = (models.Index(fields=("state", "received_date"), name="stray_cash_waiting"),)
        constraints = (
            models.CheckConstraint(condition=Q(units__gt=0), name="stray_cash_above_zero"),
        )

    def __str__(self) -> str:
        return f"{self.received_date} {self.receipt}".strip()

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("lending:stray_detail", args=[self.pk])


class StrayWord(House):
    """What one person says becomes of cash of nobody known, and who agreed. parts: loan and units
    of each part; events: the payments they became.
    """

    CLASSES = classify(
        I="id recorded_at stray kind state proposed_by proposed_date decided_by decided_date"
        " undone_by undone_date events",
        P="parts reason decided_reason undone_reason",
    )
    SCOPE = ScopePaths(
        office="stray__office_id",
        programme="stray__programme_id",
        caseload="stray__recorded_by_id",
        withheld=_withheld_words,
    )
    VIEW = "lending.view_stray_cash"

    stray = models.ForeignKey(StrayCash, models.PROTECT, related_name="words")
    kind = models.CharField(_("what becomes of it"), max_length=10, choices=STRAY_KINDS)
    state = models.CharField(
        _("state"), max_length=10, choices=MATCH_STATES, default=MatchState.PROPOSED
    )
    parts = models.JSONField(default=list, blank=True)
    events = models.JSONField(default=list, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    proposed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    proposed_date = models.DateField(_("proposed on"))
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    decided_reason = models.CharField(
        _("why it was decided so"), max_length=300, blank=True, default=""
    )
    undone_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_date = models.DateField(_("undone on"), null=True, blank=True)
    undone_reason = models.CharField(_("why it was undone"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["StrayWord"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("stray",),
                condition=Q(state__in=IN_FORCE),
                name="one_word_in_force_a_stray_cash",
            ),
        )

    def __str__(self) -> str:
        return f"{self.stray_id} {self.kind}"
