"""A loan of another system beside the same loan under a convention of ours: its schedule made anew,
its payments replayed, and the first row that differs by a unit. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID

from handup.kernel.credit.dates import custom_due_dates, plan_due_dates
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.lending.rules.accrual import earned
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import Event, PlannedRow
from handup.lending.rules.loan import FEE, INTEREST, PRINCIPAL, Parts, SplitRow, State, fold
from handup.lending.rules.ratios import AGEING
from handup.lending.rules.schedules import rows_of
from handup.lending.rules.state import DueRow

PARTS = ("penalty", "fee", "interest", "principal")
TOTALS = ("number", "disbursed", "principal", "interest", "fees", "savings")
"""What an old trial balance says of a portfolio, beside its ageing; savings may be left out where
there are none.
"""


class OldBookState(StrEnum):
    """Where a portfolio that is taken over stands."""

    OPEN = "OPEN"
    PROPOSED = "PROPOSED"
    SIGNED = "SIGNED"
    UNDONE = "UNDONE"


class Way(StrEnum):
    """How an old loan comes in: made anew by its terms, or as it stands on the day."""

    PRESET = "PRESET"
    OPENING = "OPENING"


class Proof(StrEnum):
    """What a try of an old loan showed."""

    EQUAL = "EQUAL"
    DIFFERENT = "DIFFERENT"
    NOT_MADE = "NOT_MADE"
    NOTHING_LISTED = "NOTHING_LISTED"


class DueDays(StrEnum):
    """Where the due dates of the schedule made anew come from."""

    BY_TERMS = "BY_TERMS"
    AS_LISTED = "AS_LISTED"


class InterestBasis(StrEnum):
    """Which interest the old trial balance shows as receivable."""

    ACCRUED = "ACCRUED"
    DUE = "DUE"
    NONE = "NONE"


class PaidIsMore(Refusal):
    """Row {number} says {paid} is paid of {due}."""


class PrincipalNotLent(Refusal):
    """The principal of the listed rows comes to {listed}; {lent} was lent."""


class NoRows(Refusal):
    """The loan has no listed schedule, so it has no position to take over."""


@dataclass(frozen=True, slots=True)
class OldRow:
    """One instalment as the old system lists it; `paid` in the order of PARTS, None = not told."""

    number: int
    due_date: date
    principal: int
    interest: int
    fee: int = 0
    paid: Parts | None = None


@dataclass(frozen=True, slots=True)
class OldPayment:
    """One payment as the old system lists it; `parts` is its split there, None = not told."""

    reference: str
    paid_date: date
    units: int
    parts: Parts | None = None


@dataclass(frozen=True, slots=True)
class OldLoanFacts:
    """What the old system says of one loan; the totals are None where it does not say them."""

    units: int
    disbursed_date: date
    rows: tuple[OldRow, ...] = ()
    payments: tuple[OldPayment, ...] = ()
    instalment: int | None = None
    principal_left: int | None = None
    days_late: int | None = None
    saved: int | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether nothing is told that could be compared."""
        told = (self.instalment, self.principal_left, self.days_late)
        split = any(payment.parts is not None for payment in self.payments)
        return not self.rows and not split and all(value is None for value in told)


def _parts(units: Sequence[int]) -> Parts:
    penalty, fee, interest, principal = units
    return penalty, fee, interest, principal


@dataclass(frozen=True, slots=True)
class Told:
    """One event of an old loan before it is stored."""

    kind: EventKind
    value_date: date
    units: int
    reference: str = ""
    rows: tuple[PlannedRow, ...] = ()
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that differs: in which list, its number, and each column as (ours, theirs)."""

    where: str
    row: str
    columns: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try showed: how many rows differ, the first of them, or why no schedule could be
    made.
    """

    proof: Proof
    differences: int = 0
    first: Difference | None = None
    reason: str = ""
    state: State | None = None


def made_rows(terms: Terms, facts: OldLoanFacts, days: DueDays) -> tuple[PlannedRow, ...]:
    """The schedule under our terms, on days by the terms or on those listed. Raises what the engine
    refuses.
    """
    start = facts.disbursed_date
    if days is DueDays.AS_LISTED and facts.rows:
        plan = custom_due_dates(terms, start, [row.due_date for row in facts.rows])
    else:
        plan = plan_due_dates(terms, start)
    return rows_of(build_schedule(terms, [Disbursement(start, facts.units)], plan), plan)


def listed_rows(facts: OldLoanFacts) -> tuple[PlannedRow, ...]:
    """The rows as listed, with what is paid of each; paid parts not told are those of the payments
    (`paid_by_payments`). Raises NoRows, PrincipalNotLent, PaidIsMore.
    """
    if not facts.rows:
        raise NoRows(field="loan")
    listed = sum(row.principal for row in facts.rows)
    if listed != facts.units:
        raise PrincipalNotLent(field="principal", listed=listed, lent=facts.units)
    for row in facts.rows:
        due = (0, row.fee, row.interest, row.principal)
        if row.paid is not None and any(
            not 0 <= part <= most for part, most in zip(row.paid, due, strict=True)
        ):
            raise PaidIsMore(field="paid", number=row.number, paid=sum(row.paid), due=sum(due))
    return tuple(
        PlannedRow(
            row.number, row.due_date, row.principal, row.interest, row.fee, row.paid or (0, 0, 0, 0)
        )
        for row in facts.rows
    )


def replayed(terms: Terms, facts: OldLoanFacts, rows: tuple[PlannedRow, ...], on: date) -> State:
    """The loan on a day after its listed payments under a schedule, each split by the terms."""
    return fold(dated([paid_out(facts, rows), *repaid(facts)]), on, terms=terms)


def paid_out(facts: OldLoanFacts, rows: tuple[PlannedRow, ...]) -> Told:
    """The loan handed over, with its schedule."""
    return Told(EventKind.DISBURSED, facts.disbursed_date, facts.units, rows=rows)


def repaid(facts: OldLoanFacts) -> list[Told]:
    """Its payments in the order they are listed."""
    return [
        Told(EventKind.REPAID, item.paid_date, item.units, reference=item.reference)
        for item in facts.payments
    ]


def opened(terms: Terms, facts: OldLoanFacts, on: date) -> list[Told]:
    """The loan as it stands on a day, as its events: the listed rows with what is paid of each, and
    what was paid beyond them. Raises NoRows, PrincipalNotLent, PaidIsMore.
    """
    rows = listed_rows(facts)
    over = 0
    if facts.payments and all(row.paid is None for row in facts.rows):
        state = replayed(terms, facts, rows, on)
        paid = {row.number: _parts(row.paid) for row in state.rows}
        rows = tuple(replace(row, paid=paid[row.number]) for row in rows)
        over = state.overpaid
    told = [
        Told(EventKind.OPENING_POSITION, on, facts.units, rows=rows, since=facts.disbursed_date)
    ]
    return told if not over else [*told, Told(EventKind.REPAID, on, over)]


def dated(told: Sequence[Told]) -> list[Event]:
    """Events for a try, each with the number of its place as id, recorded in the order told."""
    start = datetime.combine(told[0].value_date, time(12), UTC)
    return [
        Event(
            UUID(int=place),
            item.kind,
            item.value_date,
            start + timedelta(seconds=place),
            start,
            item.units,
            rows=item.rows,
            since=item.since,
        )
        for place, item in enumerate(told, 1)
    ]


def tried(terms: Terms, facts: OldLoanFacts, days: DueDays, on: date) -> Tried:
    """Make the schedule anew, replay the payments, and compare to the unit, row by row."""
    try:
        state = replayed(terms, facts, made_rows(terms, facts, days), on)
    except Refusal as refusal:
        return Tried(Proof.NOT_MADE, reason=str(refusal))
    if facts.says_nothing:
        return Tried(Proof.NOTHING_LISTED, state=state)
    found = list(_differences(facts, state, on))
    if found:
        return Tried(Proof.DIFFERENT, len(found), found[0], state=state)
    return Tried(Proof.EQUAL, state=state)


def _differences(facts: OldLoanFacts, state: State, on: date) -> Iterator[Difference]:
    rows = state.rows
    if facts.rows:
        yield from _row_differences(facts.rows, rows)
    elif facts.instalment is not None:
        for row in rows:
            if sum(row.due) != facts.instalment:
                columns = {"instalment": (str(sum(row.due)), str(facts.instalment))}
                yield Difference("schedules", str(row.number), columns)
    yield from _payment_differences(facts.payments, state.splits)
    told = {
        "principal_left": (state.principal, facts.principal_left),
        "days_late": (state.arrears_days(on), facts.days_late),
    }
    columns = {
        name: (str(ours), str(theirs))
        for name, (ours, theirs) in told.items()
        if theirs is not None and ours != theirs
    }
    if columns:
        yield Difference("loans", "", columns)


def _row_differences(theirs: Sequence[OldRow], ours: Sequence[DueRow]) -> Iterator[Difference]:
    for place in range(max(len(theirs), len(ours))):
        old = theirs[place] if place < len(theirs) else None
        new = ours[place] if place < len(ours) else None
        if old is None or new is None:
            number = old.number if old is not None else ours[place].number
            yield Difference("schedules", str(number), {"row": _presence(new, old)})
            continue
        columns = {
            name: (str(mine), str(told))
            for name, mine, told in _row_columns(new, old)
            if mine != told
        }
        if columns:
            yield Difference("schedules", str(old.number), columns)


def _presence(ours: object, theirs: object) -> tuple[str, str]:
    return ("–" if ours is None else "1", "–" if theirs is None else "1")


def _row_columns(new: DueRow, old: OldRow) -> Iterator[tuple[str, object, object]]:
    yield "due_date", new.due_date, old.due_date
    yield "principal", new.due[PRINCIPAL], old.principal
    yield "interest", new.due[INTEREST], old.interest
    yield "fee", new.due[FEE], old.fee
    if old.paid is not None:
        for name, mine, told in zip(PARTS, new.paid, old.paid, strict=True):
            yield f"{name}_paid", mine, told


def _payment_differences(
    payments: Sequence[OldPayment], splits: Sequence[SplitRow]
) -> Iterator[Difference]:
    sums: dict[int, list[int]] = {}
    for split in splits:
        parts = sums.setdefault(split.event_id.int, [0, 0, 0, 0])
        for place, units in enumerate(split.parts):
            parts[place] += units
    for place, payment in enumerate(payments, 2):
        if payment.parts is None:
            continue
        ours = sums.get(place, [0, 0, 0, 0])
        columns = {
            name: (str(mine), str(told))
            for name, mine, told in zip(PARTS, ours, payment.parts, strict=True)
            if mine != told
        }
        if columns:
            yield Difference("payments", payment.reference, columns)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a loan stands on the day: what a trial balance shows of it. `received` is the interest
    that came in before, `fees_received` the fees, `accrued` what the books then count as earned.
    """

    principal: int = 0
    interest: int = 0
    fees: int = 0
    overpaid: int = 0
    days_late: int = 0
    received: int = 0
    fees_received: int = 0
    stopped: bool = False


def position(state: State, on: date, basis: InterestBasis, suspend_after_days: int) -> Position:
    """The position of a loan at the end of a day, its receivable interest by the old book's own
    rule.
    """
    received = state.paid(INTEREST)
    found = earned(state, on, suspend_after_days=suspend_after_days)
    due = [row for row in state.rows if row.due_date <= on]
    fees = sum(row.due[FEE] - row.paid[FEE] for row in due)
    interest = 0
    if basis is InterestBasis.ACCRUED:
        interest = found.target_units - received
    elif basis is InterestBasis.DUE:
        interest = sum(row.due[INTEREST] - row.paid[INTEREST] for row in due)
    return Position(
        state.principal,
        interest,
        fees,
        state.overpaid,
        state.arrears_days(on),
        received,
        state.paid(FEE),
        found.stopped,
    )


def bucket_name(low: int, high: int | None) -> str:
    """How a line of the ageing is spelt: 0, 1-30, … 366+."""
    if high is None:
        return f"{low}+"
    return str(low) if low == high else f"{low}-{high}"


BUCKETS = tuple(bucket_name(low, high) for low, high in AGEING)


def ageing(positions: Sequence[Position]) -> dict[str, int]:
    """Outstanding principal by days late."""
    found = dict.fromkeys(BUCKETS, 0)
    for item in positions:
        for low, high in AGEING:
            if low <= item.days_late and (high is None or item.days_late <= high):
                found[bucket_name(low, high)] += item.principal
    return found
