"""Ratios of a loan book: each with its definition's id, numerator, denominator and the loans behind
both.

"89 % repaid" is three different ratios; a page that says "repaid" names which (CGAP definitions
2003,
Occasional Paper 3). Amounts are smallest units of one currency.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from handup.kernel.money import decimal_text_or_none, percent

YEAR_DAYS = 365


class RatioId(StrEnum):
    """Every definition (lending.md 4.2); a page that says "repaid" names which of them."""

    PAR = "PAR"
    ARREARS_RATE = "ARREARS_RATE"
    ON_TIME = "ON_TIME"
    RECOVERY_CURRENT = "RECOVERY_CURRENT"
    REPAID_NUMBER = "REPAID_NUMBER"
    REPAID_PRINCIPAL = "REPAID_PRINCIPAL"
    REPAID_CUMULATIVE = "REPAID_CUMULATIVE"
    LOSS_ANNUAL = "LOSS_ANNUAL"
    WRITE_OFF = "WRITE_OFF"
    RISK_COVER = "RISK_COVER"
    YIELD = "YIELD"
    OPEX = "OPEX"
    IMPAIRMENT = "IMPAIRMENT"


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio that opens: two whole numbers and the loans they were counted over."""

    id: RatioId
    numerator: int
    denominator: int
    numerator_ids: tuple[UUID, ...] = ()
    denominator_ids: tuple[UUID, ...] = ()
    parameter: int | None = None
    numerator_loans: int = 0
    loans: int = 0
    """How many loans stand behind both numbers, where they were summed in the database."""
    numerator_parts: tuple[int, ...] = ()
    denominator_parts: tuple[int, ...] = ()
    """What each loan adds to a number of money, in the order of its ids."""

    @property
    def percent(self) -> Fraction | None:
        """The exact percentage; None where nothing is in the denominator."""
        return percent(self.numerator, self.denominator)

    @property
    def percent_text(self) -> str:
        """One decimal, half up; a dash where it is not defined."""
        return decimal_text_or_none(self.percent, 1) or "–"


@dataclass(frozen=True, slots=True)
class Position:
    """One loan at the end of a day."""

    loan_id: UUID
    principal_units: int
    arrears_days: int = 0
    overdue_principal_units: int = 0
    overdue_units: int = 0
    restructured: bool = False


@dataclass(frozen=True, slots=True)
class DueFact:
    """One instalment: what was first due on a day, and what of it was paid by that day and by the
    cut-off.
    """

    loan_id: UUID
    due_date: date
    due_units: int
    principal_units: int
    paid_on_time_units: int
    principal_paid_units: int


@dataclass(frozen=True, slots=True)
class Ending:
    """One loan's last agreed due date and the day it was fully repaid, if it was."""

    loan_id: UUID
    last_due_date: date
    settled_date: date | None


AGEING: tuple[tuple[int, int | None], ...] = (
    (0, 0),
    (1, 30),
    (31, 60),
    (61, 90),
    (91, 180),
    (181, 365),
    (366, None),
)


def portfolio_at_risk(
    positions: Sequence[Position], days: int, *, count_restructured: bool = True
) -> Ratio:
    """PAR(x): principal of loans more than x days late, and of restructured ones, ÷ gross
    portfolio.

    Exactly x days is not over x. Written-off loans are not among the positions.
    """
    live = [item for item in positions if item.principal_units]
    risky = [
        item
        for item in live
        if item.arrears_days > days or (count_restructured and item.restructured)
    ]
    return Ratio(
        RatioId.PAR,
        sum(item.principal_units for item in risky),
        sum(item.principal_units for item in live),
        tuple(item.loan_id for item in risky),
        tuple(item.loan_id for item in live),
        parameter=days,
        numerator_parts=tuple(item.principal_units for item in risky),
        denominator_parts=tuple(item.principal_units for item in live),
    )


def arrears_rate(positions: Sequence[Position]) -> Ratio:
    """Overdue principal ÷ gross portfolio; understates the risk, never the headline."""
    late = [item for item in positions if item.overdue_principal_units]
    live = [item for item in positions if item.principal_units]
    return Ratio(
        RatioId.ARREARS_RATE,
        sum(item.overdue_principal_units for item in late),
        sum(item.principal_units for item in live),
        tuple(item.loan_id for item in late),
        tuple(item.loan_id for item in live),
    )


@dataclass(frozen=True, slots=True)
class AgeBucket:
    """Outstanding principal of the loans between two numbers of days late."""

    from_days: int
    to_days: int | None
    loans: int
    principal_units: int


def ageing(positions: Iterable[Position]) -> tuple[AgeBucket, ...]:
    """Outstanding principal by days late; the buckets sum to the gross portfolio."""
    counts = [0] * len(AGEING)
    sums = [0] * len(AGEING)
    for item in positions:
        if not item.principal_units:
            continue
        for place, (low, high) in enumerate(AGEING):
            if item.arrears_days >= low and (high is None or item.arrears_days <= high):
                counts[place] += 1
                sums[place] += item.principal_units
    return tuple(
        AgeBucket(low, high, counts[place], sums[place]) for place, (low, high) in enumerate(AGEING)
    )


def repaid_number(endings: Iterable[Ending], on: date) -> Ratio:
    """REPAID_NUMBER: loans fully repaid ÷ loans past their last agreed due date.

    A loan written off stays below the line; it was not repaid.
    """
    past = [item for item in endings if item.last_due_date < on]
    repaid = [item for item in past if item.settled_date is not None and item.settled_date <= on]
    return Ratio(
        RatioId.REPAID_NUMBER,
        len(repaid),
        len(past),
        tuple(item.loan_id for item in repaid),
        tuple(item.loan_id for item in past),
    )


def on_time(dues: Iterable[DueFact], first: date, last: date) -> Ratio:
    """ON_TIME: amounts first due in the period and paid by their due date ÷ amounts first due in
    it.
    """
    within = [item for item in dues if first <= item.due_date <= last]
    paid = _parts((i.loan_id, i.paid_on_time_units) for i in within if i.paid_on_time_units)
    due = _parts((item.loan_id, item.due_units) for item in within)
    return _of_money(RatioId.ON_TIME, paid, due)


def repaid_principal(dues: Iterable[DueFact], on: date) -> Ratio:
    """REPAID_PRINCIPAL: principal paid of that due by the cut-off ÷ principal due by it."""
    within = [item for item in dues if item.due_date <= on]
    paid = _parts((i.loan_id, i.principal_paid_units) for i in within if i.principal_paid_units)
    due = _parts((item.loan_id, item.principal_units) for item in within)
    return _of_money(RatioId.REPAID_PRINCIPAL, paid, due)


def _parts(pairs: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    """What each loan adds, in the order loans come."""
    found: dict[UUID, int] = {}
    for loan, units in pairs:
        found[loan] = found.get(loan, 0) + units
    return found


def _of_money(ratio_id: RatioId, top: dict[UUID, int], bottom: dict[UUID, int]) -> Ratio:
    return Ratio(
        ratio_id,
        sum(top.values()),
        sum(bottom.values()),
        tuple(top),
        tuple(bottom),
        numerator_parts=tuple(top.values()),
        denominator_parts=tuple(bottom.values()),
    )


def recovery_current(
    received_units: int,
    dues: Iterable[DueFact],
    first: date,
    last: date,
    payers: Iterable[UUID] = (),
) -> Ratio:
    """RECOVERY_CURRENT: all received in the period ÷ all due in it; arrears and advances may lift
    it over 100 %.
    """
    within = [item for item in dues if first <= item.due_date <= last]
    return Ratio(
        RatioId.RECOVERY_CURRENT,
        received_units,
        sum(item.due_units for item in within),
        _ids(payers),
        _ids(item.loan_id for item in within),
    )


def write_off_ratio(
    written_off_units: int, month_ends: Sequence[int], loans: Iterable[UUID] = ()
) -> Ratio:
    """WRITE_OFF: principal written off ÷ average gross portfolio (mean of month ends).

    The counts are kept whole: numerator and denominator are both multiplied by the number of month
    ends.
    """
    return Ratio(
        RatioId.WRITE_OFF,
        written_off_units * len(month_ends),
        sum(month_ends),
        _ids(loans),
        (),
        parameter=len(month_ends),
    )


def mean_ratio(ratio_id: RatioId, units: int, month_ends: Sequence[int], loans: int = 0) -> Ratio:
    """Units of a period / mean of month ends (YIELD, OPEX, IMPAIRMENT, WRITE_OFF).

    Both numbers stay whole: each is multiplied by the number of month ends.
    """
    return Ratio(
        ratio_id,
        units * len(month_ends),
        sum(month_ends),
        parameter=len(month_ends),
        numerator_loans=loans,
    )


def risk_cover(allowance_units: int, at_risk_units: int, loans: int = 0) -> Ratio:
    """RISK_COVER: allowance for losses / principal at risk by more than 30 days."""
    return Ratio(RatioId.RISK_COVER, allowance_units, at_risk_units, parameter=30, loans=loans)


def loss_annual(received: int, due: int, term_days: int, terms: int) -> Ratio:
    """LOSS_ANNUAL: (1 - RECOVERY_CURRENT) / average term in years x 2 (CGAP).

    term_days: the days of all terms together, terms: how many; 365 days are a year.
    """
    return Ratio(
        RatioId.LOSS_ANNUAL,
        2 * (due - received) * YEAR_DAYS * terms,
        due * term_days,
        parameter=terms,
    )


def _ids(found: Iterable[UUID]) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys(found))
