"""Between stored lines of an old portfolio and the rules: facts in and out, where a loan stands."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from handup.kernel.credit.codes import FeeWhen, Recalculation
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.lending.models import OldBook, OldLoan
from handup.lending.rules.loan import Parts, State, fold
from handup.lending.rules.old_book import (
    Difference,
    DueDays,
    InterestBasis,
    OldLoanFacts,
    OldPayment,
    OldRow,
    Position,
    Told,
    Way,
    dated,
    made_rows,
    opened,
    paid_out,
    position,
    repaid,
)
from handup.lending.rules.terms import read_terms
from handup.lending.services.accrual import suspend_after_days


def terms_of(book: OldBook, row: OldLoan) -> Terms:
    """The convention of a loan: the portfolio's, with what its own line says over it. Fees of its
    pay-out were taken there.
    """
    terms = read_terms({**book.terms, **row.terms})
    fees = tuple(fee for fee in terms.fees if fee.when is not FeeWhen.DISBURSEMENT)
    return terms if fees == terms.fees else replace(terms, fees=fees)


def told_data(facts: OldLoanFacts) -> dict[str, int]:
    """The totals a loan's line tells, as they are stored."""
    names = ("instalment", "principal_left", "days_late", "saved")
    told = {name: getattr(facts, name) for name in names}
    return {name: units for name, units in told.items() if units is not None}


def rows_data(rows: Iterable[OldRow]) -> list[list[Any]]:
    """Listed rows as they are stored: number, day, principal, interest, fee, what is paid."""
    return [
        [
            row.number,
            row.due_date.isoformat(),
            row.principal,
            row.interest,
            row.fee,
            None if row.paid is None else list(row.paid),
        ]
        for row in rows
    ]


def payments_data(payments: Iterable[OldPayment]) -> list[list[Any]]:
    """Listed payments as they are stored: number, day, amount, how it was split."""
    return [
        [
            item.reference,
            item.paid_date.isoformat(),
            item.units,
            None if item.parts is None else list(item.parts),
        ]
        for item in payments
    ]


def _parts(units: list[int] | None) -> Parts | None:
    return None if units is None else (units[0], units[1], units[2], units[3])


def facts_of(row: OldLoan) -> OldLoanFacts:
    """What the lists say of a loan, read back."""
    return OldLoanFacts(
        units=row.units,
        disbursed_date=row.disbursed_date,
        rows=tuple(
            OldRow(number, date.fromisoformat(due), principal, interest, fee, _parts(paid))
            for number, due, principal, interest, fee, paid in row.rows
        ),
        payments=tuple(
            OldPayment(reference, date.fromisoformat(day), units, _parts(parts))
            for reference, day, units, parts in row.payments
        ),
        **row.told,
    )


def first_of(found: Difference | None) -> dict[str, Any]:
    """The first row that differs as it is stored."""
    if found is None:
        return {}
    columns = {name: list(pair) for name, pair in found.columns.items()}
    return {"where": found.where, "row": found.row, "columns": columns}


def told_events(book: OldBook, row: OldLoan, way: Way) -> tuple[Terms, list[Told]]:
    """The terms a loan comes in with, and what happened to it. Raises what the engine refuses, and
    NoRows, PrincipalNotLent, PaidIsMore.
    """
    terms, facts = terms_of(book, row), facts_of(row)
    if way is Way.PRESET:
        rows = made_rows(terms, facts, DueDays(book.due_days))
        return terms, [paid_out(facts, rows), *repaid(facts)]
    terms = replace(
        terms, recalculation=Recalculation.NONE, fees=(), tranches_max=1, down_payment_ppm=0
    )
    return terms, opened(terms, facts, book.cutover_date)


def stand(book: OldBook, row: OldLoan, way: Way) -> State:
    """Where a loan stands on the day when it comes in one way."""
    terms, told = told_events(book, row, way)
    return fold(dated(told), book.cutover_date, terms=terms)


def made_or_none(book: OldBook, row: OldLoan) -> State | None:
    """The loan as the convention makes it; None where it cannot be made."""
    try:
        return stand(book, row, Way.PRESET)
    except Refusal:
        return None


def position_of(book: OldBook, state: State) -> dict[str, Any]:
    """What a trial balance shows of a loan, as it is stored."""
    basis = InterestBasis(book.interest_basis)
    return asdict(position(state, book.cutover_date, basis, suspend_after_days()))


def position_data(row: OldLoan) -> Position:
    """The position of a loan, read back."""
    return Position(**row.position)
