"""What people say of lines on suspense: whose payment it is, or what else; a second person where
it matters.

A match the program suggested takes effect with one gesture, below the account's limit; everything
else waits for another person (`lending.confirm_match`), from the amount the duties name. So does
a line beside a payment recorded by hand that may be the same money: she sees both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.ledger.services import post_entries
from handup.lending.errors import (
    AmountNotPositive,
    BeforeDisbursement,
    CurrencyMismatch,
    LineNotOpen,
    LoanOfAnotherBook,
    MatchDecided,
    MoneyWentOut,
    NothingRecorded,
    NothingToUndo,
    NotRunning,
    PartsDoNotAddUp,
    RoleNotOffered,
)
from handup.lending.models import BankAccount, LineMatch, Loan, LoanEvent, StatementLine
from handup.lending.models.banklabels import ROLES
from handup.lending.rules.banking.codes import LineFate, MatchKind, MatchState
from handup.lending.rules.codes import LoanState, Method, Parked
from handup.lending.rules.events import RECEIVED_KINDS
from handup.lending.services import statement_posting
from handup.lending.services.judging import perhaps_recorded
from handup.lending.services.repayments import lock_loans
from handup.lending.services.reversals import reverse_event
from handup.lending.services.statement_posting import purpose_of
from handup.org import audit, installation
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.duties import ReasonNeeded, matrix, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money

CONFIRM = "lending.confirm_match"
UNDO = "lending.undo_match"


@dataclass(frozen=True, slots=True)
class PartIn:
    """The part of a line that belongs to one loan."""

    loan: Loan
    units: int


def match_line(
    *,
    acting_staff: StaffUser,
    line: StatementLine,
    parts: Sequence[PartIn],
    on: date,
    reason: str = "",
    id: UUID | None = None,
) -> LineMatch:
    """Say to which loans a line belongs; Σ of the parts is the line.

    Raises NotAllowed, OutOfSight, LineNotOpen, MoneyWentOut, PartsDoNotAddUp, AmountNotPositive,
    CurrencyMismatch, LoanOfAnotherBook, NotRunning, BeforeDisbursement.
    """
    require(acting_staff, "lending.match_line", line.account)
    told = [{"loan": str(part.loan.pk), "units": part.units} for part in parts]
    if (known := already_stored(LineMatch, id, acting_staff, line=line, parts=told)) is not None:
        return known
    with transaction.atomic():
        row = _locked(line)
        _check_parts(row, parts)
        suggested = {str(each["loan"]) for each in row.candidates}
        by_suggestion = len(parts) == 1 and str(parts[0].loan.pk) in suggested
        by_suggestion &= not perhaps_recorded(row)  # then a second person sees both
        match = LineMatch(kind=MatchKind.LOANS.value, parts=told, by_suggestion=by_suggestion)
        return _propose(match, row, acting_staff, on, reason, id)


def _locked(line: StatementLine) -> StatementLine:
    row = (
        StatementLine.objects.select_for_update(of=("self",))
        .select_related("account__book", "statement")
        .get(pk=line.pk)
    )
    if row.fate != LineFate.OPEN:
        raise LineNotOpen(state=row.get_fate_display())
    return row


def _check_parts(row: StatementLine, parts: Sequence[PartIn]) -> None:
    if row.units < 0:
        raise MoneyWentOut
    if any(part.units <= 0 for part in parts):
        raise AmountNotPositive(field="units")
    total = sum(part.units for part in parts)
    if total != row.units:
        raise PartsDoNotAddUp(
            field="units",
            parts=format_money(total, row.currency),
            line=format_money(row.units, row.currency),
        )
    for part in parts:
        _check_loan(row, part.loan)


def _check_loan(row: StatementLine, loan: Loan) -> None:
    if loan.currency != row.account.currency:
        raise CurrencyMismatch(field="loan", expected=loan.currency, given=row.account.currency)
    if not loan.lender.posts_loans or loan.lender.book_id != row.account.book_id:
        raise LoanOfAnotherBook(field="loan", code=loan.code)
    running = loan.state in (LoanState.ACTIVE, LoanState.SETTLED)
    first = loan.takes_from
    if first is None or not running:
        raise NotRunning(field="loan", code=loan.code, state=loan.get_state_display())
    if row.value_date is not None and row.value_date < first:
        raise BeforeDisbursement(field="loan", date=row.value_date, disbursed=first)


def book_line(
    *,
    acting_staff: StaffUser,
    line: StatementLine,
    role: str,
    on: date,
    reason: str,
    id: UUID | None = None,
) -> LineMatch:
    """Say that a line is of no loan and where in the books it belongs.

    Raises NotAllowed, OutOfSight, RoleNotOffered, LineNotOpen, ReasonNeeded.
    """
    require(acting_staff, "lending.match_line", line.account)
    if role not in dict(ROLES):
        raise RoleNotOffered(field="role", role=role)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    if (known := already_stored(LineMatch, id, acting_staff, line=line, role=role)) is not None:
        return known
    with transaction.atomic():
        row = _locked(line)
        match = LineMatch(kind=MatchKind.ROLE.value, role=role)
        return _propose(match, row, acting_staff, on, reason, id)


def pair_with_recorded(
    *,
    acting_staff: StaffUser,
    line: StatementLine,
    loan: Loan,
    on: date,
    reason: str = "",
    id: UUID | None = None,
) -> LineMatch:
    """Say that a line is a payment somebody recorded by hand; nothing is paid twice.

    Raises NotAllowed, OutOfSight, LineNotOpen, NothingRecorded.
    """
    require(acting_staff, "lending.match_line", line.account)
    if (known := already_stored(LineMatch, id, acting_staff, line=line)) is not None:
        if known.recorded_event is None or known.recorded_event.loan_id != loan.pk:
            raise SameIdOtherContent(field="loan")
        return known
    with transaction.atomic():
        row = _locked(line)
        _check_loan(row, loan)
        lock_loans([loan.pk])
        event = recorded_by_hand(row, loan)
        if event is None:
            raise NothingRecorded(field="loan", code=loan.code)
        match = LineMatch(kind=MatchKind.RECORDED.value, recorded_event=event)
        return _propose(match, row, acting_staff, on, reason, id)


def recorded_by_hand(row: StatementLine, loan: Loan) -> LoanEvent | None:
    """A bank payment of this amount that no line explains yet and none is proposed for, the nearest
    to the line's day.
    """
    promised = LineMatch.objects.filter(
        kind=MatchKind.RECORDED.value, state=MatchState.PROPOSED.value
    )
    rows = LoanEvent.objects.exclude(pk__in=promised.values("recorded_event")).filter(
        loan=loan,
        units__lte=row.units,
        kind__in=RECEIVED_KINDS,
        method__in=(Method.BANK.value, Method.MOBILE.value),
        reversed_by=None,
        statement_lines=None,
    )
    found = [each for each in rows if each.received_units == row.units]
    day = row.value_date or row.book_date
    return min(found, key=lambda each: abs((each.received_date - (day or each.received_date)).days),
               default=None)  # fmt: skip


def _propose(
    match: LineMatch,
    row: StatementLine,
    staff: StaffUser,
    on: date,
    reason: str,
    id: UUID | None,
) -> LineMatch:
    """Store what was said; let it take effect at once where one person is enough."""
    match.id = id or new_id()
    match.line = row
    match.proposed_by = staff
    match.proposed_date = on
    match.reason = reason.strip()[:300]
    match.save(force_insert=True)
    row.fate = LineFate.PROPOSED.value
    row.save(update_fields=("fate",))
    audit.record(staff, "lending.match_line", match, {"kind": match.kind})
    if one_is_enough(match, row.account, abs(row.units)):
        _apply(match, row, staff, on)
    return match


def one_is_enough(match: LineMatch, account: BankAccount, units: int) -> bool:
    """Whether no second person is asked for: suggested and below the account's limit, or below the
    amount from which the duties ask.
    """
    limit = account.second_person_units
    if match.by_suggestion and (limit is None or units < limit):
        return True
    return units < matrix()[CONFIRM].from_units.get(installation.profile(), 0)


def confirm_match(
    *, acting_staff: StaffUser, match: LineMatch, on: date, reason: str = ""
) -> LineMatch:
    """Agree to what another person said of a line; it takes effect.

    Raises NotAllowed, OutOfSight, SamePerson, ReasonNeeded, MatchDecided and what the services
    refuse that carry it out.
    """
    require(acting_staff, CONFIRM, match.line.account)
    with transaction.atomic():
        locked, row = _open_match(match)
        require_other_person(
            acting_staff,
            locked.proposed_by_id,
            step=CONFIRM,
            amount=abs(row.units),
            reason=reason,
            obj=locked,
        )
        _apply(locked, row, acting_staff, on)
        audit.record(acting_staff, CONFIRM, locked, {"line": str(row.pk)})
    return locked


def decline_match(*, acting_staff: StaffUser, match: LineMatch, on: date, reason: str) -> LineMatch:
    """Do not agree; the line waits again. Raises NotAllowed, OutOfSight, ReasonNeeded,
    MatchDecided.
    """
    require(acting_staff, CONFIRM, match.line.account)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        locked, row = _open_match(match)
        locked.state = MatchState.DECLINED.value
        locked.decided_by, locked.decided_date = acting_staff, on
        locked.reason = reason.strip()[:300]
        locked.save(update_fields=("state", "decided_by", "decided_date", "reason"))
        row.fate = LineFate.OPEN.value
        row.save(update_fields=("fate",))
        audit.record(acting_staff, "lending.decline_match", locked, {"line": str(row.pk)})
    return locked


def _open_match(match: LineMatch) -> tuple[LineMatch, StatementLine]:
    row = (
        StatementLine.objects.select_for_update(of=("self",))
        .select_related("account__book", "statement")
        .get(pk=match.line_id)
    )
    locked = LineMatch.objects.get(pk=match.pk)
    if locked.state != MatchState.PROPOSED or row.fate != LineFate.PROPOSED:
        raise MatchDecided
    return locked, row


def _apply(match: LineMatch, row: StatementLine, staff: StaffUser, on: date) -> None:
    """Let a match take effect: the money leaves suspense."""
    fate = LineFate.MATCHED
    if match.kind == MatchKind.LOANS:
        events = statement_posting.repay_from_suspense(row, match.parts, staff)
        match.events = [str(event.pk) for event in events]
        if len(events) == 1:
            row.event, row.loan_id = events[0], events[0].loan_id
    elif match.kind == MatchKind.RECORDED:
        event = _still_free(match)
        row.event, row.loan_id = event, event.loan_id
        again = statement_posting.recorded_entry(row.account, row, event, purpose_of(match))
        post_entries([again], acting_staff=staff)
    else:
        fate = LineFate.BOOKED
        entry = statement_posting.explained_entry(row.account, row, match.role, purpose_of(match))
        post_entries([entry], acting_staff=staff)
    match.state = MatchState.CONFIRMED.value
    match.decided_by, match.decided_date = staff, on
    match.save(update_fields=("state", "decided_by", "decided_date", "events"))
    row.fate = fate.value
    row.save(update_fields=("fate", "event", "loan"))


def _still_free(match: LineMatch) -> LoanEvent:
    """The recorded payment of a match, held fast: it stands, and no other line is explained by it.

    Raises NothingRecorded.
    """
    event = match.recorded_event
    assert event is not None
    loan = lock_loans([event.loan_id])[event.loan_id]
    taken = StatementLine.objects.filter(event=event).exclude(pk=match.line_id)
    if taken.exists() or LoanEvent.objects.filter(reverses=event).exists():
        raise NothingRecorded(code=loan.code)
    return event


def undo_match(
    *, acting_staff: StaffUser, line: StatementLine, on: date, reason: str
) -> StatementLine:
    """Take back what a line was matched to, by hand or by its reference; it lies on suspense again.
    Another person does it than who matched it, or who brought the statement that matched itself.

    Raises NotAllowed, OutOfSight, ReasonNeeded, NothingToUndo, SamePerson and what the reversal
    refuses.
    """
    require(acting_staff, UNDO, line.account)
    if not reason.strip():
        raise ReasonNeeded(field="reason")
    with transaction.atomic():
        row = (
            StatementLine.objects.select_for_update(of=("self",))
            .select_related("account__book", "statement", "event__loan")
            .get(pk=line.pk)
        )
        match = row.matches.filter(state=MatchState.CONFIRMED.value).first()
        reversible = row.event_id is not None and row.order_id is None and not row.reversal
        if row.fate not in (LineFate.MATCHED, LineFate.BOOKED) or not (match or reversible):
            raise NothingToUndo
        who = (match.proposed_by_id, match.decided_by_id) if match else ()
        hands = who or (row.statement.imported_by_id,)
        require_other_person(
            acting_staff, *hands, step=UNDO, amount=abs(row.units), reason=reason, obj=row
        )
        _take_apart(row, match, acting_staff, on, reason)
        row.fate = LineFate.OPEN.value
        row.event = None
        row.save(update_fields=("fate", "event"))
        audit.record(acting_staff, UNDO, row, {"match": str(match.pk) if match else None})
    return row


def _take_apart(
    row: StatementLine, match: LineMatch | None, staff: StaffUser, on: date, reason: str
) -> None:
    if match is None:
        assert row.event is not None
        event = row.event
        _reverse(event, staff, on, reason)
        if event.method != Parked.SUSPENSE:
            again = statement_posting.suspense_entry(row.account, row, f"U{event.pk.hex}")
            post_entries([again], acting_staff=staff)
        return
    if match.kind == MatchKind.LOANS:
        for event in LoanEvent.objects.filter(pk__in=match.events).select_related("loan"):
            _reverse(event, staff, on, reason)
    else:
        statement_posting.reverse_line_entry(
            row, purpose_of(match), purpose_of(match, undone=True), on, staff
        )
    match.state = MatchState.UNDONE.value
    match.undone_by, match.undone_date = staff, on
    match.save(update_fields=("state", "undone_by", "undone_date"))


def _reverse(event: LoanEvent, staff: StaffUser, on: date, reason: str) -> None:
    reverse_event(
        acting_staff=staff,
        event=event,
        reason=reason,
        value_date=max(on, event.received_date),
        id=None,
        action=UNDO,
    )
