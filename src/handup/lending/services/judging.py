"""What would become of each entry of a statement, and why: known, matched, suspense or fault.

One pass for a whole file with a fixed number of statements: what is stored, which loans are named,
which payment orders, what people recorded by hand. Only the exact payment reference of a running
loan in the account's currency posts by itself.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from handup.lending.models import BankAccount, Loan, LoanEvent, PaymentOrder, StatementLine
from handup.lending.rules.banking.codes import LineFate, OrderState, Reason
from handup.lending.rules.banking.matching import CERTAIN, Payment
from handup.lending.rules.banking.references import numbers, references
from handup.lending.rules.banking.statement import Entry, Statement, counts_from, fault
from handup.lending.rules.codes import (
    OWN_MODES,
    LenderMode,
    LoanState,
    Method,
)
from handup.lending.rules.events import RECEIVED_KINDS, received_on, received_units
from handup.lending.services.candidates import REACH, suggest
from handup.lending.services.orders import LIVE, paid_otherwise
from handup.lending.services.rows import in_chunks
from handup.org.models import StaffUser
from handup.org.prepared import prepared

SAME_PAYMENT = timedelta(days=10)
BY_HAND = timedelta(days=5)
PIECE = 512
"""How many keys, numbers or loans one prepared question is asked about."""
LEAST_TOLD = 6
"""A shorter bank reference is no proof when it only stands somewhere in a text."""


@dataclass(slots=True)
class LoanFact:
    """What the rule must know of a loan a line names."""

    pk: UUID
    code: str
    currency: str
    state: str
    disbursed_date: date | None
    ours: bool
    direct: bool
    moved: bool


@dataclass(slots=True)
class Judged:
    """One entry with what would become of it. `place` is where it stands among the file's."""

    entry: Entry
    place: int
    key: str
    fate: LineFate = LineFate.OPEN
    loan: LoanFact | None = None
    order: PaymentOrder | None = None
    pair: StatementLine | None = None
    score: int = 0
    reasons: list[tuple[str, int]] = field(default_factory=list)
    candidates: list[dict[str, object]] = field(default_factory=list)
    codes: tuple[str, ...] = ()

    def say(self, fate: LineFate, reason: Reason, points: int = 0) -> None:
        """Set the fate and why."""
        self.fate = fate
        self.score = points
        self.reasons = [(reason.value, points)]


@dataclass(slots=True)
class JudgedStatement:
    """A statement with its lines as judged."""

    statement: Statement
    lines: list[Judged]

    def count(self, *fates: LineFate) -> int:
        """How many lines have one of these fates."""
        return sum(1 for line in self.lines if line.fate in fates)

    def units(self, *fates: LineFate) -> int:
        """What the lines of these fates come to."""
        return sum(line.entry.units for line in self.lines if line.fate in fates)


def judge_statements(
    account: BankAccount, staff: StaffUser, statements: Sequence[Statement]
) -> list[JudgedStatement]:
    """Judge every entry of a file."""
    seen: dict[str, int] = {}
    judged: list[JudgedStatement] = []
    place = 0
    for statement in statements:
        lines = []
        for entry in statement.entries:
            lines.append(Judged(entry, place, entry_key(entry, seen)))
            place += 1
        judged.append(JudgedStatement(statement, lines))
    everything = [line for item in judged for line in item.lines]
    open_lines = _not_stored(account, everything)
    _read_codes(open_lines)
    _to_orders(account, staff, open_lines)
    _to_loans(account, staff, open_lines)
    _taken_back(account, everything)
    _suggest(account, staff, open_lines)
    return judged


def entry_key(entry: Entry, seen: dict[str, int]) -> str:
    """What an entry is known by: the bank's reference, else all it says and which of its like it
    is.
    """
    if entry.bank_reference:
        return f"{'V' if entry.reversal else 'R'}:{entry.bank_reference[:80]}"
    told = "|".join(
        map(
            str,
            (
                entry.book_date,
                entry.units,
                entry.currency,
                entry.end_to_end,
                entry.structured,
                entry.other_reference,
                entry.text,
                entry.name,
                entry.balance,
                entry.reversal,
            ),
        )
    )
    known_by = f"D:{hashlib.sha256(told.encode()).hexdigest()[:40]}"
    seen[known_by] = seen.get(known_by, 0) + 1
    return f"{known_by}:{seen[known_by]}"


def _not_stored(account: BankAccount, lines: Sequence[Judged]) -> list[Judged]:
    """Set aside faults and what an earlier file brought; return the rest."""
    good = [line for line in lines if not line.entry.faults]
    known = {
        key: (units, day)
        for keys in in_chunks(list(dict.fromkeys(line.key for line in good)), PIECE)
        for key, units, day in _of_keys(account.pk, list(keys))
    }
    wholes = {f"R:{line.entry.batch}" for line in good if line.entry.batch} - known.keys()
    bundled = {
        key
        for keys in in_chunks(sorted(wholes), PIECE)
        for key, _units, _day in _of_keys(account.pk, list(keys))
    }
    alone = {line.entry.bank_reference for line in good if not line.entry.batch}
    parts = {
        batch
        for batches in in_chunks(sorted(alone - {""}), PIECE)
        for (batch,) in _of_batches(account.pk, list(batches))
    }
    left = []
    for line in lines:
        entry = line.entry
        if entry.faults:
            line.fate = LineFate.FAULT
        elif line.key in known:
            _known(line, *known[line.key])
        elif f"R:{entry.batch}" in bundled or (entry.bank_reference in parts and not entry.batch):
            line.fate = LineFate.KNOWN
        else:
            left.append(line)
    return left


def _live_lines(account: UUID) -> QuerySet[StatementLine]:
    rows = StatementLine.objects.filter(account=account)
    return rows.exclude(fate__in=(LineFate.FAULT.value, LineFate.KNOWN.value)).order_by()


@prepared
def _of_keys(account: UUID, keys: list[str]) -> QuerySet[Any, Any]:
    rows = _live_lines(account).filter(entry_key__in=keys)
    return rows.values_list("entry_key", "units", "value_date")


@prepared
def _of_batches(account: UUID, batches: list[str]) -> QuerySet[Any, Any]:
    return _live_lines(account).filter(batch__in=batches).exclude(batch="").values_list("batch")


def _known(line: Judged, units: int, day: date | None) -> None:
    entry = line.entry
    near = day is None or entry.value_date is None or abs(entry.value_date - day) <= SAME_PAYMENT
    if units == entry.units and near:
        line.fate = LineFate.KNOWN
        return
    line.fate = LineFate.FAULT
    entry.faults.append(
        fault("KEY_CONFLICT", entry.place, entry.row, "reference", entry.bank_reference)
    )


def _read_codes(lines: Iterable[Judged]) -> None:
    for line in lines:
        entry = line.entry
        line.codes = references((entry.structured, entry.end_to_end, entry.text))


def _to_orders(account: BankAccount, staff: StaffUser, lines: Sequence[Judged]) -> None:
    """Lines that carry the number of a payment order of this account; each order is debited once,
    whatever the file says.
    """
    told = {line.entry.end_to_end for line in lines if line.entry.end_to_end}
    if not told:
        return
    orders = _orders(account, staff, told)
    taken: set[UUID] = set()
    for line in lines:
        order = orders.get(line.entry.end_to_end)
        if order is None:
            continue
        line.order = order
        if line.entry.units > 0 or line.entry.reversal:
            line.say(LineFate.OPEN, Reason.NOT_FOUND)
            if order.state == OrderState.CONFIRMED and line.entry.units == order.units:
                line.say(LineFate.MATCHED, Reason.TAKES_BACK, CERTAIN)
        elif order.units != -line.entry.units:
            line.say(LineFate.OPEN, Reason.OTHER_AMOUNT)
        elif order.pk in taken or order.state not in LIVE or paid_otherwise(order):
            line.say(LineFate.OPEN, Reason.ALREADY_PAID_OUT)
        else:
            line.say(LineFate.MATCHED, Reason.ORDER, CERTAIN)
            taken.add(order.pk)


def _orders(account: BankAccount, staff: StaffUser, told: set[str]) -> dict[str, PaymentOrder]:
    """The orders of these numbers whose loans she may post to."""
    rows = PaymentOrder.objects.filter(
        batch__account=account,
        end_to_end__in=told,
        loan__in=Loan.objects.reached_with(staff, REACH).order_by(),
    )
    return {order.end_to_end: order for order in rows.select_related("loan", "batch", "tranche")}


def _to_loans(account: BankAccount, staff: StaffUser, lines: Sequence[Judged]) -> None:
    """Lines that name a loan's payment reference."""
    today = timezone.localdate()
    waiting = [line for line in lines if line.order is None and not line.entry.reversal]
    codes = {code for line in waiting for code in line.codes}
    loans = _loans(account, staff, codes)
    days = [day for line in waiting if (day := _day(line.entry, today)) is not None]
    by_hand = _recorded((loans[code].pk for code in codes if code in loans), days)
    for line in waiting:
        if line.entry.units < 0:
            line.say(LineFate.OPEN, Reason.MONEY_WENT)
            continue
        named = [loans[code] for code in line.codes if code in loans]
        if len(named) != 1 or len(line.codes) != 1:
            several = len(line.codes) > 1
            unknown = Reason.LOAN_UNKNOWN if line.codes else Reason.NO_REFERENCE
            line.say(LineFate.OPEN, Reason.SEVERAL_LOANS if several else unknown)
            continue
        loan = line.loan = named[0]
        day = _day(line.entry, today)
        why_not = _why_not(loan, line.entry, day, account, by_hand)
        if why_not is None:
            line.say(LineFate.MATCHED, Reason.REFERENCE, CERTAIN)
            if day != line.entry.value_date:
                line.reasons.append((Reason.FUTURE_VALUE.value, 0))
        else:
            line.say(LineFate.OPEN, why_not)


def _day(told: Entry | StatementLine, today: date) -> date | None:
    """The day from which a line counts."""
    return counts_from(told.value_date, told.book_date, today)


ByHand = dict[UUID, list["HandPaid"]]


@dataclass(frozen=True, slots=True)
class HandPaid:
    """A payment people recorded by hand: all that came in, and on which day."""

    event: UUID
    units: int
    day: date
    on_a_sheet: bool

    def may_be(self, units: int, day: date) -> bool:
        """Whether a line of a statement may tell of the same money: banks book some days later, and
        whoever types is easily mistaken in the way of a payment. Cash of a sheet was counted on its
        day.
        """
        near = self.day == day if self.on_a_sheet else abs(self.day - day) <= BY_HAND
        return near and self.units == units


def _why_not(
    loan: LoanFact, entry: Entry, day: date | None, account: BankAccount, by_hand: ByHand
) -> Reason | None:
    """What keeps a line that names a loan from being posted by itself."""
    if loan.currency != account.currency:
        return Reason.OTHER_CURRENCY
    if not loan.ours:
        return Reason.LOAN_OF_ANOTHER
    if loan.state != LoanState.ACTIVE or loan.disbursed_date is None or loan.moved:
        return Reason.LOAN_NOT_OPEN
    assert day is not None
    if day < loan.disbursed_date:
        return Reason.BEFORE_PAYOUT
    recorded = by_hand.get(loan.pk, ())
    if any(paid.may_be(entry.units, day) for paid in recorded):
        return Reason.PERHAPS_RECORDED
    return None


def _loans(account: BankAccount, staff: StaffUser, codes: set[str]) -> dict[str, LoanFact]:
    """The loans of these numbers she may post to."""
    rows = Loan.objects.reached_with(staff, REACH).filter(code__in=codes).order_by()
    first = Coalesce("opening_date", "disbursed_date")
    found = rows.values_list(
        "pk", "code", "currency", "state", first, "lender__book", "lender__mode", "moved_date"
    )
    return {
        code: LoanFact(
            pk,
            code,
            currency,
            state,
            disbursed,
            book == account.book_id and mode in OWN_MODES,
            mode == LenderMode.DIRECT.value,
            moved is not None,
        )
        for pk, code, currency, state, disbursed, book, mode, moved in found
    }


def _recorded(loans: Iterable[UUID], days: Sequence[date]) -> ByHand:
    """Payments that people recorded by hand, or a partner bank's file told of, and no line explains
    yet; cash of about these days.
    """
    found: ByHand = defaultdict(list)
    if not days:
        return found
    first, last = min(days) - BY_HAND, max(days) + BY_HAND
    for piece in in_chunks(list(loans), PIECE):
        for event, loan, day, units, payload, sheet in _by_hand(list(piece), first, last):
            came, on = received_units(units, payload), received_on(day, payload)
            found[loan].append(HandPaid(event, came, on, sheet is not None))
    return found


@prepared
def _by_hand(loans: list[UUID], first: date, last: date) -> QuerySet[Any, Any]:
    by_bank = Q(method__in=(Method.BANK.value, Method.MOBILE.value))
    cash = Q(method=Method.CASH.value, value_date__gte=first, value_date__lte=last)
    rows = LoanEvent.objects.filter(
        by_bank | cash,
        loan__in=loans,
        kind__in=RECEIVED_KINDS,
        reversed_by=None,
        statement_lines=None,
    )
    told = rows.order_by()
    return told.values_list("pk", "loan_id", "value_date", "units", "payload", "collected__pk")


def perhaps_recorded(line: StatementLine) -> list[UUID]:
    """The payments recorded by hand for which one line was held: see perhaps_recorded_of."""
    return perhaps_recorded_of([line]).get(line.pk, [])


def perhaps_recorded_of(lines: Iterable[StatementLine]) -> dict[UUID, list[UUID]]:
    """The payments recorded by hand for which each line was held; none of a line held for another
    reason. It was held as of the day it came: from then on a value date that was to come is past.
    """
    held: list[tuple[StatementLine, UUID, set[date]]] = []
    for line in lines:
        if line.loan_id and Reason.PERHAPS_RECORDED in {code for code, _ in line.reasons}:
            seen = (timezone.localdate(line.recorded_at), timezone.localdate())
            days = {day for on in seen if (day := _day(line, on)) is not None}
            held.append((line, line.loan_id, days))
    known = _recorded({loan for _, loan, _ in held}, [day for _, _, days in held for day in days])
    return {
        line.pk: [
            paid.event
            for paid in known.get(loan, ())
            if any(paid.may_be(line.units, day) for day in days)
        ]
        for line, loan, days in held
    }


def _taken_back(account: BankAccount, lines: Sequence[Judged]) -> None:
    """Reversals: find the one line each takes back, stored before or standing in this file."""
    waiting = [
        line
        for line in lines
        if line.entry.reversal and line.order is None and line.fate is LineFate.OPEN
    ]
    if not waiting:
        return
    units = {-line.entry.units for line in waiting}
    stored = list(
        StatementLine.objects.filter(
            account=account,
            reversal=False,
            units__in=units,
            fate__in=(LineFate.MATCHED.value, LineFate.OPEN.value, LineFate.PROPOSED.value),
        )
    )
    taken: set[object] = set()
    for line in waiting:
        found: list[StatementLine | Judged] = [
            row for row in stored if _is_of(line, row) and row.pk not in taken
        ]
        found += [
            other
            for other in lines
            if not other.entry.reversal
            and other.fate in (LineFate.MATCHED, LineFate.OPEN)
            and other.place not in taken
            and _is_of_entry(line, other)
        ]
        if len(found) != 1:
            line.say(LineFate.OPEN, Reason.NOT_FOUND)
            continue
        (one,) = found
        line.say(LineFate.MATCHED, Reason.TAKES_BACK, CERTAIN)
        if isinstance(one, StatementLine):
            line.pair = one
            taken.add(one.pk)
        else:
            taken.add(one.place)


def _is_of(line: Judged, row: StatementLine) -> bool:
    return row.units == -line.entry.units and _names(line.entry, row.bank_reference, row.end_to_end)


def _is_of_entry(line: Judged, other: Judged) -> bool:
    entry = other.entry
    return entry.units == -line.entry.units and _names(
        line.entry, entry.bank_reference, entry.end_to_end
    )


def _names(reversal: Entry, bank_reference: str, end_to_end: str) -> bool:
    """Whether a reversal names the payment with these references."""
    if end_to_end and end_to_end == reversal.end_to_end:
        return True
    told = {reversal.bank_reference, reversal.batch, reversal.end_to_end, reversal.structured}
    if bank_reference and bank_reference in told:
        return True
    return len(bank_reference) >= LEAST_TOLD and bank_reference in reversal.text


def _suggest(account: BankAccount, staff: StaffUser, lines: Sequence[Judged]) -> None:
    """Loans that lines for suspense may belong to."""
    payments = {
        line.place: Payment(
            line.entry.units,
            line.entry.value_date or line.entry.book_date or date.min,
            line.codes,
            numbers((line.entry.structured, line.entry.end_to_end, line.entry.text)),
            line.entry.name,
            line.entry.account,
        )
        for line in lines
        if line.fate is LineFate.OPEN and line.entry.units > 0 and line.order is None
    }
    found = suggest(account, staff, payments)
    for line in lines:
        if line.place in found:
            line.candidates = [
                {
                    "loan": str(item.loan),
                    "points": item.points,
                    "reasons": [[reason.value, points] for reason, points in item.reasons],
                }
                for item in found[line.place]
            ]
