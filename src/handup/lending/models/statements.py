"""Statements of our accounts, their lines, and what people said of the lines nothing explained."""

from collections.abc import Collection
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from handup.lending.models.accounts import BankAccount
from handup.lending.models.banklabels import LINE_FATES, MATCH_KINDS, MATCH_STATES
from handup.lending.models.loans import Loan, LoanEvent
from handup.lending.rules.banking.codes import LineFate, MatchKind, MatchState
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths, hidden_from, of_hidden_only

LOANS_AT_ONCE = 200


class BankStatement(House):
    """One statement of one account as it came; the same file again is known by its hash."""

    CLASSES = classify(
        I="id recorded_at account file_name sha256 place kind number from_date to_date"
        " opening_units closing_units gap_units imported_by imported_date lines_total"
        " lines_matched lines_open lines_known lines_faulty not_booked matched_units open_units"
    )
    SCOPE = ScopePaths(organisation="account__organisation_id", programme="account__programme_id")
    VIEW = "lending.view_statement"

    account = models.ForeignKey(
        BankAccount, models.PROTECT, related_name="statements", verbose_name=_("account")
    )
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64, db_index=True)
    place = models.PositiveIntegerField(_("place in the file"), default=1)
    kind = models.CharField(_("form"), max_length=10)
    number = models.CharField(_("number"), max_length=35, blank=True, default="")
    from_date = models.DateField(_("from"), null=True, blank=True)
    to_date = models.DateField(_("to"), null=True, blank=True)
    opening_units = models.BigIntegerField(_("opens with"), null=True, blank=True)
    closing_units = models.BigIntegerField(_("closes with"), null=True, blank=True)
    gap_units = models.BigIntegerField(_("gap to the statement before"), null=True, blank=True)
    imported_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("brought by")
    )
    imported_date = models.DateField(_("brought on"))
    lines_total = models.PositiveIntegerField(_("lines"), default=0)
    lines_matched = models.PositiveIntegerField(_("matched by itself"), default=0)
    lines_open = models.PositiveIntegerField(_("to suspense"), default=0)
    lines_known = models.PositiveIntegerField(_("came before"), default=0)
    lines_faulty = models.PositiveIntegerField(_("faults"), default=0)
    not_booked = models.PositiveIntegerField(_("not yet booked by the bank"), default=0)
    matched_units = models.BigIntegerField(_("matched by itself"), default=0)
    open_units = models.BigIntegerField(_("to suspense"), default=0)

    objects: ClassVar[ScopedManager["BankStatement"]] = ScopedManager()

    class Meta:
        ordering = ("-to_date", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "sha256", "place"), name="one_statement_a_content"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id} {self.number or self.file_name}"


def parts_of_lines(loans: Collection[UUID], *, proposed: bool = False) -> dict[UUID, int]:
    """Lines that people matched to these loans, with how much of each is theirs. A line of several
    loans names none itself. proposed: also those nobody has agreed to yet.
    """
    stands = Q(state=MatchState.CONFIRMED.value)
    stands |= Q(state=MatchState.UNDONE.value, line__fate=LineFate.TAKEN_BACK.value)
    if proposed:
        stands |= Q(state=MatchState.PROPOSED.value)
    rows = LineMatch._base_manager.filter(stands, kind=MatchKind.LOANS.value)
    rows = rows.annotate(written=Cast("parts", models.TextField()))
    found: dict[UUID, int] = {}
    names = sorted(str(loan) for loan in loans)
    for first in range(0, len(names), LOANS_AT_ONCE):
        some = names[first : first + LOANS_AT_ONCE]
        named = Q()
        for name in some:
            named |= Q(written__contains=name)
        for line, parts in rows.filter(named).values_list("line_id", "parts"):
            theirs = sum(part["units"] for part in parts if part["loan"] in some)
            found[line] = found.get(line, 0) + theirs
    return found


def hidden_loans(staff: StaffUser) -> set[UUID]:
    """Loans of persons hidden from a reader."""
    hidden = hidden_from(staff)
    if not hidden:
        return set()
    loans: set[UUID] = of_hidden_only(Loan, Loan.SCOPE, hidden)
    loans.update(Loan._base_manager.filter(person__in=hidden).values_list("pk", flat=True))
    return loans


def _hidden_lines(staff: StaffUser) -> tuple[set[UUID], set[UUID]]:
    """Those loans, and the lines people matched to them."""
    loans = hidden_loans(staff)
    return loans, set(parts_of_lines(loans, proposed=True)) if loans else set()


def _withheld_lines(staff: StaffUser) -> Q:
    """Lines split over loans of which one is of a hidden person, and what takes a line of hers
    back.
    """
    loans, lines = _hidden_lines(staff)
    back = Q(pair__in=lines) | Q(pair__loan__in=loans)
    return Q(pk__in=lines) | back if loans else Q(pk__in=())


def _withheld_matches(staff: StaffUser) -> Q:
    """What people said of such lines."""
    _loans, lines = _hidden_lines(staff)
    return Q(line__in=lines)


class StatementLine(House):
    """One booked movement: what the bank says, what became of it, and why.

    units is above zero for money that came. reasons: pairs of code and points. candidates: loans
    it may belong to with their points and reasons. pair: the line a reversal takes back.
    """

    CLASSES = classify(
        I="id recorded_at statement account row place book_date value_date currency bank_reference"
        " batch entry_key reversal fate score reasons loan event order pair",
        P="units end_to_end text name candidates faults",
        S="payer_account",
    )
    SCOPE = ScopePaths(
        organisation="account__organisation_id",
        programme="account__programme_id",
        person="loan__person_id",
        shared=("loan__enterprise__ownerships__person_id",),
        withheld=_withheld_lines,
    )
    VIEW = "lending.view_statement"

    statement = models.ForeignKey(BankStatement, models.PROTECT, related_name="lines")
    account = models.ForeignKey(BankAccount, models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField(_("line"))
    place = models.CharField(_("place"), max_length=120)
    book_date = models.DateField(_("booked on"), null=True, blank=True)
    value_date = models.DateField(_("value of"), null=True, blank=True)
    units = models.BigIntegerField(_("amount"), default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    bank_reference = models.CharField(_("bank's reference"), max_length=80, blank=True, default="")
    end_to_end = models.CharField(_("payer's reference"), max_length=80, blank=True, default="")
    text = models.CharField(_("text"), max_length=500, blank=True, default="")
    name = models.CharField(_("from or to"), max_length=140, blank=True, default="")
    payer_account = EncryptedTextField(_("account of the other side"), blank=True, default="")
    reversal = models.BooleanField(_("takes an earlier line back"), default=False)
    entry_key = models.CharField(max_length=120, blank=True, default="")
    batch = models.CharField(max_length=80, blank=True, default="")
    fate = models.CharField(_("state"), max_length=12, choices=LINE_FATES)
    score = models.PositiveSmallIntegerField(_("score"), default=0)
    reasons = models.JSONField(_("why"), default=list, blank=True)
    candidates = models.JSONField(default=list, blank=True)
    faults = models.JSONField(default=list, blank=True)
    loan = models.ForeignKey(
        Loan, models.PROTECT, null=True, blank=True, related_name="statement_lines"
    )
    event = models.ForeignKey(
        LoanEvent, models.PROTECT, null=True, blank=True, related_name="statement_lines"
    )
    order = models.ForeignKey(
        "lending.PaymentOrder", models.PROTECT, null=True, blank=True, related_name="lines"
    )
    pair = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="taken_back_by"
    )

    objects: ClassVar[ScopedManager["StatementLine"]] = ScopedManager()

    class Meta:
        ordering = ("statement", "row")
        indexes = (
            models.Index(fields=("account", "fate"), name="statement_line_fate"),
            models.Index(fields=("account", "entry_key"), name="statement_line_key"),
            models.Index(
                fields=("account", "batch"), name="statement_line_batch", condition=~Q(batch="")
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("account", "entry_key"),
                condition=~Q(fate__in=("FAULT", "KNOWN")),
                name="one_posted_line_a_key",
            ),
            models.UniqueConstraint(
                fields=("event",),
                condition=Q(fate="MATCHED", reversal=False),
                name="one_matched_line_an_event",
            ),
        )

    def __str__(self) -> str:
        return f"{self.statement_id} {self.row}"


class LineMatch(House):
    """What a person said of a line on suspense; above limits another person confirms it.

    parts: loan and units of each part, or the role of the books the money belongs to.
    """

    CLASSES = classify(
        I="id recorded_at line kind state role recorded_event proposed_by proposed_date decided_by"
        " decided_date by_suggestion undone_by undone_date reason events",
        P="parts",
    )
    SCOPE = ScopePaths(
        organisation="line__account__organisation_id",
        programme="line__account__programme_id",
        withheld=_withheld_matches,
    )
    VIEW = "lending.view_statement"

    line = models.ForeignKey(StatementLine, models.PROTECT, related_name="matches")
    kind = models.CharField(_("what it is"), max_length=10, choices=MATCH_KINDS)
    state = models.CharField(
        _("state"), max_length=10, choices=MATCH_STATES, default=MatchState.PROPOSED
    )
    parts = models.JSONField(default=list, blank=True)
    role = models.CharField(_("belongs to"), max_length=40, blank=True, default="")
    recorded_event = models.ForeignKey(
        LoanEvent, models.PROTECT, null=True, blank=True, related_name="+"
    )
    by_suggestion = models.BooleanField(_("as the program suggested"), default=False)
    proposed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    proposed_date = models.DateField(_("proposed on"))
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    undone_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_date = models.DateField(_("undone on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    events = models.JSONField(default=list, blank=True)

    objects: ClassVar[ScopedManager["LineMatch"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("line",),
                condition=Q(state__in=("PROPOSED", "CONFIRMED")),
                name="one_match_in_force_a_line",
            ),
        )

    def __str__(self) -> str:
        return f"{self.line_id} {self.kind}"
