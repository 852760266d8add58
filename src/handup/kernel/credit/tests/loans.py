"""Loans for the tests: a loan of six months at 24 % a year, paid out on 15 January 2025."""

from datetime import date
from typing import Any

from handup.kernel.credit.allocation import FEE, INTEREST, PENALTY, PRINCIPAL
from handup.kernel.credit.codes import Component, RowKind
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.standing import SignedRow, Standing
from handup.kernel.credit.terms import Terms

START = date(2025, 1, 15)
LENT = 600_000
DUE = tuple(date(2025, 1 + number, 15) for number in range(1, 7))
PLACES = {
    Component.PENALTY: PENALTY,
    Component.FEE: FEE,
    Component.INTEREST: INTEREST,
    Component.PRINCIPAL: PRINCIPAL,
}


def terms(**changed: Any) -> Terms:
    return Terms(**{"currency": "USD", "rate_ppm": 240_000, "instalments": 6, **changed})


def signed(of: Terms, units: int = LENT, start: date = START) -> list[SignedRow]:
    """The schedule as it was signed."""
    plan = plan_due_dates(of, start)
    schedule = build_schedule(of, [Disbursement(start, units)], plan)
    ends = iter(plan.bounds[1:])
    return [
        SignedRow(
            row.n,
            row.due_date,
            row.principal,
            row.interest,
            row.fee,
            kind=row.kind,
            ends=next(ends) if row.kind is RowKind.INSTALMENT else None,
        )
        for row in schedule.rows
    ]


def opened(of: Terms | None = None, units: int = LENT) -> Standing:
    """A loan just paid out."""
    made = of or terms()
    loan = Standing(terms=made)
    loan.open(START, signed(made, units), units)
    return loan


def pay(loan: Standing, day: date, units: int) -> tuple[int, ...]:
    """Penalty, fee, interest, principal and overpayment of one payment."""
    split = loan.pay(day.isoformat(), day, units)
    return (*split.parts, split.overpaid)


def pay_row(loan: Standing, place: int) -> None:
    """Pay an instalment in full on its day."""
    row = loan.seen_on(DUE[place]).plan_rows()[place]
    pay(loan, DUE[place], row.left)


def shown(loan: Standing, day: date) -> list[tuple[date, int, int]]:
    """Due date, principal and interest asked for by the rows of the plan on a day."""
    return [
        (row.due_date, row.due[PRINCIPAL], row.due[INTEREST])
        for row in loan.seen_on(day).plan_rows()
    ]


def owed(loan: Standing, day: date) -> int:
    """Everything the rows of that day leave unpaid."""
    return sum(row.left for row in loan.seen_on(day).ledger.rows)
