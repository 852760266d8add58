"""A further tranche of a running loan: the rows that follow are fixed again on what is lent now."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from handup.kernel.credit.allocation import PRINCIPAL, OpenRow
from handup.kernel.credit.apart import ask_interest
from handup.kernel.credit.dates import free_rates, part_rate, period_rates, stretched_rates
from handup.kernel.credit.schedule import NegativeRow, fixed_again
from handup.kernel.errors import Refusal
from handup.kernel.money import round_ratio

if TYPE_CHECKING:
    from handup.kernel.credit.standing import Standing


class TrancheNotPlanned(Refusal):
    """Under these terms the borrower is paid once; a second payment needs new terms."""


def fix_again(loan: "Standing", day: date, units: int) -> None:
    """Fix the rows whose period ends after a day on what the plan leaves and what came new.

    Raises TrancheNotPlanned, NegativeRow.
    """
    rows = loan.plan_rows()
    bounds = [rows[0].begins, *(row.ends for row in rows)]
    place = next((at for at, row in enumerate(rows) if row.ends > day), len(rows))
    if place == len(rows):
        raise TrancheNotPlanned()
    to_come = rows[place:]
    principals = [row.due[PRINCIPAL] for row in to_come]
    nominal = stretched_rates(
        loan.terms, period_rates(loan.terms, bounds), loan.apart.periods(rows)
    )
    rates = free_rates(nominal, loan.terms.grace_interest_free)
    given: list[int | None] = [None] * len(rows)
    if day > to_come[0].begins:
        given[place] = _in_parts(loan, bounds, place, to_come[0], day, sum(principals), units)
    terms = replace(loan.terms, grace_principal=place + resting(principals))
    parts = fixed_again(
        terms, sum(principals) + units, place, given, rates, nominal, weights=principals
    )
    for number, part in enumerate(parts, place + 1):
        if min(part) < 0:
            raise NegativeRow(row=number)
    planned = at_least_paid(
        [principal for principal, _ in parts], [row.paid(PRINCIPAL) for row in to_come]
    )
    for row, principal in zip(to_come, planned, strict=True):
        loan.supersede(row, day)
        row.add(PRINCIPAL, principal - row.due[PRINCIPAL])
    ask_interest(loan, to_come, [interest for _, interest in parts])


def resting(principals: Sequence[int]) -> int:
    """How many rows ask for no principal before the first that does; none when no row does."""
    return next((place for place, units in enumerate(principals) if units), 0)


def _in_parts(
    loan: "Standing",
    bounds: Sequence[date],
    place: int,
    row: OpenRow,
    day: date,
    planned: int,
    units: int,
) -> int:
    """Interest of a row with disbursements inside it, each piece rounded by itself."""
    terms = loan.terms
    if place < terms.grace_interest_free:
        return 0
    pieces = loan.segments.setdefault(row.number, [(row.begins, planned)])
    pieces.append((day, planned + units))
    periods = loan.apart.runs(row.number)
    total = 0
    stops = [first for first, _ in pieces[1:]] + [row.ends]
    for (first, balance), stop in zip(pieces, stops, strict=True):
        if first < stop:
            rate = part_rate(terms, bounds, place, first, stop, periods)
            total += round_ratio(
                balance * rate.numerators[0], rate.denominator, terms.interest_rounding
            )
    return total


def at_least_paid(planned: Sequence[int], paid: Sequence[int]) -> list[int]:
    """Principals of which none is less than what was paid of it already, with the sum planned: the
    last instalments give way.
    """
    found = [max(pair) for pair in zip(planned, paid, strict=True)]
    over = sum(found) - sum(planned)
    for place in reversed(range(len(found))):
        taken = min(over, found[place] - paid[place])
        found[place] -= taken
        over -= taken
    return found
