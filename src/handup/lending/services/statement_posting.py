"""From judged lines to loans and books: repayments, confirmed orders, suspense, reversals.

A line that nothing explains lies on SUSPENSE at its booking day; when a person matches it later,
the repayment takes the money from there (method SUSPENSE) and keeps the line's own value date.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.ledger.models import Entry
from handup.ledger.services import (
    EntryIn,
    LineIn,
    Part,
    Source,
    fact_lines,
    post_entries,
    reverse_entry,
)
from handup.lending.happened import event_of, events_of
from handup.lending.models import BankAccount, LineMatch, LoanEvent, PaymentOrder, StatementLine
from handup.lending.rules.banking.codes import (
    AccountKind,
    LineFate,
    MatchKind,
    MatchState,
    OrderState,
    Reason,
)
from handup.lending.rules.banking.statement import counts_from
from handup.lending.rules.codes import EventKind, Method, Parked
from handup.lending.rules.codes import Source as Door
from handup.lending.services import plans_behind
from handup.lending.services.funds import PLACED, in_funds
from handup.lending.services.judging import Judged
from handup.lending.services.loans import DisbursementIn
from handup.lending.services.orders import settle_batches
from handup.lending.services.paying_parts import pay_orders
from handup.lending.services.posting import money_role
from handup.lending.services.repayments import RepaymentIn, record_repayments
from handup.lending.services.reversals import reverse_event
from handup.lending.services.savings_kept import SavingsGone
from handup.lending.services.store import later_events
from handup.org.models import StaffUser

SOURCE = "BANK_LINE"
ON_SUSPENSE = "SUSPENSE"
TAKEN_BACK = "Taken back by the bank"


def method_of(account: BankAccount) -> Method:
    """How money on this account changed hands."""
    return Method.MOBILE if account.kind == AccountKind.MOBILE else Method.BANK


def suspense_entry(
    account: BankAccount, row: StatementLine, purpose: str = ON_SUSPENSE, *, turned: bool = False
) -> EntryIn:
    """A line's money between the bank account and suspense; `turned`: back again."""
    assert row.book_date is not None
    units = -row.units if turned else row.units
    lines = fact_lines(
        "BANK_LINE_UNMATCHED",
        {"AMOUNT": Part(units, None, ("bank_line", row.pk))},
        currency=account.currency,
    )
    return EntryIn(
        book=account.book,
        kind="BANK_LINE_UNMATCHED",
        source=Source("lending", SOURCE, row.pk, purpose),
        lines=lines,
        happened_date=row.book_date,
        already_happened=True,
    )


def explained_entry(account: BankAccount, row: StatementLine, role: str, purpose: str) -> EntryIn:
    """A line's money from suspense to where it belongs."""
    assert row.book_date is not None
    subject = ("bank_line", row.pk)
    return EntryIn(
        book=account.book,
        kind="BANK_LINE_EXPLAINED",
        source=Source("lending", SOURCE, row.pk, purpose),
        lines=[
            LineIn(row.units, ON_SUSPENSE, currency=account.currency, subject=subject),
            LineIn(-row.units, role, currency=account.currency),
        ],
        happened_date=row.book_date,
    )


def purpose_of(match: LineMatch, *, undone: bool = False) -> str:
    """What the entry of a match is told apart by, and the one that undoes it."""
    return f"{'U' if undone else 'M'}{match.pk.hex}"


def recorded_entry(
    account: BankAccount, row: StatementLine, event: LoanEvent, purpose: str
) -> EntryIn:
    """A line's money out of suspense again, since its payment is in the books: it stands at our
    bank twice, or it came over from the facility it was paid into.
    """
    if not _lies_placed(event):
        return suspense_entry(account, row, purpose, turned=True)
    entry = explained_entry(account, row, PLACED, purpose)
    lines = in_funds(event.loan, list(entry.lines))
    return entry._replace(lines=lines, already_happened=True)


def _lies_placed(event: LoanEvent) -> bool:
    return money_role(event.loan.lender, event.method) == PLACED


def post(
    account: BankAccount, lines: Sequence[Judged], rows: Sequence[StatementLine], staff: StaffUser
) -> dict[int, UUID]:
    """Post what was matched and put the rest on suspense; return the event of each line's place."""
    events: dict[int, UUID] = {}
    entries: list[EntryIn] = []
    repaid: list[tuple[Judged, StatementLine]] = []
    confirmed: list[tuple[Judged, StatementLine]] = []
    for line, row in zip(lines, rows, strict=True):
        if line.fate is LineFate.OPEN:
            entries.append(suspense_entry(account, row))
        elif line.fate is not LineFate.MATCHED:
            continue
        elif line.order is not None and line.reasons[0][0] == Reason.ORDER:
            confirmed.append((line, row))
        elif line.loan is not None:
            repaid.append((line, row))
            if not line.loan.direct:
                entries.append(suspense_entry(account, row))
    if entries:
        post_entries(entries, acting_staff=staff)
    events.update(_confirm(account, confirmed, staff))
    events.update(_repay(account, repaid, staff))
    return events


def _repay(
    account: BankAccount, pairs: Sequence[tuple[Judged, StatementLine]], staff: StaffUser
) -> dict[int, UUID]:
    method, today = method_of(account), timezone.localdate()
    made = record_repayments(
        [
            RepaymentIn(
                loan=line.loan.pk,
                value_date=_day(row, today),
                units=row.units,
                method=method if line.loan.direct else Parked.SUSPENSE,
                reference=(row.bank_reference or row.end_to_end)[:60],
                source=Door.BANK_FILE,
            )
            for line, row in pairs
            if line.loan is not None
        ],
        acting_staff=staff,
        by_statement=True,
    )
    return {line.place: event.pk for (line, _row), event in zip(pairs, made, strict=True)}


def _day(row: StatementLine, today: date | None = None) -> date:
    day = counts_from(row.value_date, row.book_date, today or timezone.localdate())
    assert day is not None
    return day


def _confirm(
    account: BankAccount, pairs: Sequence[tuple[Judged, StatementLine]], staff: StaffUser
) -> dict[int, UUID]:
    """Payment orders the statement shows: pay out the loans that still wait for it."""
    waiting = [(line, row) for line, row in pairs if line.order and line.order.event_id is None]
    orders = [line.order for line, _row in waiting if line.order is not None]
    paid = [
        DisbursementIn(
            order.loan_id,
            _day(row),
            method_of(account),
            order.end_to_end,
            Door.BANK_FILE,
            already_happened=True,
            id=order.pk,
        )
        for order, (_line, row) in zip(orders, waiting, strict=True)
    ]
    made = pay_orders(orders, paid, acting_staff=staff, by_statement=True)
    events = {line.place: event.pk for (line, _row), event in zip(waiting, made, strict=True)}
    for line, _row in pairs:
        order = line.order
        assert order is not None
        order.event_id = events.get(line.place) or order.event_id
        order.state = OrderState.CONFIRMED.value
        order.save(update_fields=("event", "state"))
        events[line.place] = order.event_id or order.pk
    settle_batches({line.order.batch_id for line, _row in pairs if line.order is not None})
    return events


def take_back(
    account: BankAccount, lines: Sequence[Judged], rows: Sequence[StatementLine], staff: StaffUser
) -> list[StatementLine]:
    """Carry out the reversals of a file, after its other lines are stored; return those that had
    to go to suspense instead.
    """
    failed = []
    for line, row in zip(lines, rows, strict=True):
        if line.fate is not LineFate.MATCHED or line.reasons[0][0] != Reason.TAKES_BACK:
            continue
        if line.order is not None:
            why_not = _return_order(line.order, row, staff)
        else:
            why_not = _take_back_line(account, row, line.pair or _pair_of(row), staff)
        if why_not is not None:
            row.fate = LineFate.OPEN.value
            row.reasons, row.score = [[why_not.value, 0]], 0
            row.save(update_fields=("fate", "reasons", "score"))
            post_entries([suspense_entry(account, row)], acting_staff=staff)
            failed.append(row)
    return failed


def _pair_of(row: StatementLine) -> StatementLine | None:
    """The line of this very file that a reversal takes back."""
    found = [
        other
        for other in StatementLine.objects.filter(
            account=row.account_id,
            reversal=False,
            units=-row.units,
            fate__in=(LineFate.MATCHED.value, LineFate.OPEN.value, LineFate.PROPOSED.value),
        )
        if (other.end_to_end and other.end_to_end == row.end_to_end)
        or (
            other.bank_reference
            and (
                other.bank_reference in (row.bank_reference, row.batch, row.end_to_end)
                or other.bank_reference in row.text
            )
        )
    ]
    return found[0] if len(found) == 1 else None


def _return_order(order: PaymentOrder, row: StatementLine, staff: StaffUser) -> Reason | None:
    """A payment came back: its loan was never paid out."""
    event = order.event
    if event is None:
        return Reason.NOT_FOUND
    if later_events(events_of([event.loan_id])[event.loan_id], event_of(event)):
        return Reason.LATER_EVENTS
    reversals = _reverse_all([event], row, staff)
    if isinstance(reversals, Reason):
        return reversals
    (reversal,) = reversals
    if "tranche" not in event.payload:
        plans_behind.take_back(event, staff)
    order.state = OrderState.RETURNED.value
    order.save(update_fields=("state",))
    row.event = reversal
    row.save(update_fields=("event",))
    settle_batches({order.batch_id})
    return None


def _reverse_all(
    events: Sequence[LoanEvent], row: StatementLine, staff: StaffUser
) -> list[LoanEvent] | Reason:
    """Reverse events on the bank's word, all or none; why, when one loan no longer lets it."""
    try:
        with transaction.atomic():
            return [
                reverse_event(
                    acting_staff=staff,
                    event=event,
                    reason=TAKEN_BACK,
                    value_date=max(_day(row), event.received_date),
                    id=None,
                    action="lending.reverse_by_statement",
                    source=Door.BANK_FILE,
                )
                for event in events
            ]
    except SavingsGone:
        return Reason.SAVINGS_GONE
    except Refusal:
        return Reason.LATER_EVENTS


def _take_back_line(
    account: BankAccount, row: StatementLine, pair: StatementLine | None, staff: StaffUser
) -> Reason | None:
    """Take one line back: its repayments are reversed, its money leaves the account."""
    if pair is None:
        return Reason.NOT_FOUND
    match = pair.matches.filter(state=MatchState.CONFIRMED.value).first()
    events = _events_behind(pair, match)
    reversals = _reverse_all(events, row, staff)
    if isinstance(reversals, Reason):
        return reversals
    through_suspense = not events or any(event.method == Parked.SUSPENSE for event in events)
    if match is not None and match.kind == MatchKind.RECORDED and any(map(_lies_placed, events)):
        told = purpose_of(match), purpose_of(match, undone=True)
        reverse_line_entry(pair, *told, _day(row), staff)
        through_suspense = True
    if through_suspense:
        post_entries([suspense_entry(account, row)], acting_staff=staff)
    pair.matches.filter(state=MatchState.PROPOSED.value).update(state=MatchState.DECLINED.value)
    if match is not None:
        match.state = MatchState.UNDONE.value
        match.save(update_fields=("state",))
    pair.fate = LineFate.TAKEN_BACK.value
    pair.save(update_fields=("fate",))
    row.pair = pair
    row.event = reversals[0] if reversals and not through_suspense else None
    row.save(update_fields=("pair", "event"))
    return None


def _events_behind(pair: StatementLine, match: LineMatch | None) -> list[LoanEvent]:
    """The payments a line became."""
    if match is not None:
        recorded = [match.recorded_event_id] if match.recorded_event_id is not None else []
        events = LoanEvent.objects.filter(pk__in=[*match.events, *recorded])
        return list(events.select_related("loan"))
    if pair.event_id is None:
        return []
    return list(LoanEvent.objects.filter(pk=pair.event_id).select_related("loan"))


def reverse_line_entry(
    row: StatementLine, purpose: str, again: str, on: date, staff: StaffUser
) -> None:
    """Reverse what one step of a line posted."""
    entry = Entry.objects.get(
        source_domain="lending", source_kind=SOURCE, source_id=row.pk, source_purpose=purpose
    )
    reverse_entry(
        acting_staff=staff,
        entry=entry,
        happened_date=on,
        source=Source("lending", SOURCE, row.pk, again),
        already_happened=True,
    )


def repay_from_suspense(
    row: StatementLine, parts: Iterable[Mapping[str, object]], staff: StaffUser
) -> list[LoanEvent]:
    """The repayments a line on suspense becomes, each with the line's own value date."""
    return record_repayments(
        [
            RepaymentIn(
                loan=UUID(str(part["loan"])),
                value_date=_day(row),
                units=int(str(part["units"])),
                method=Parked.SUSPENSE,
                reference=(row.bank_reference or row.end_to_end)[:60],
                source=Door.BANK_FILE,
                kind=EventKind.REPAID,
            )
            for part in parts
        ],
        acting_staff=staff,
        by_statement=True,
    )
