"""A loan paid out in parts: how many, how much, on which day, on what condition. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal


class TranchesSum(Refusal):
    """The parts come to {units}; the loan is {approved}. Write parts that make up the loan."""


class TooManyTranches(Refusal):
    """This product pays a loan out in at most {most} parts; {given} are planned."""


class TranchesNotRising(Refusal):
    """The part of {date} does not lie after {before}: parts follow one another."""


class TrancheOfNothing(Refusal):
    """Each part is an amount above zero."""


@dataclass(frozen=True, slots=True)
class TrancheIn:
    """One planned part of a loan: smallest units, the day it is meant for, what has to be there
    first.
    """

    units: int
    planned_date: date
    condition: str = ""


def check_tranches(
    terms: Terms, approved: int, start: date, parts: Sequence[TrancheIn]
) -> tuple[TrancheIn, ...]:
    """The parts of a loan as planned; none planned is one part, handed over on the first day.

    Raises TooManyTranches, TranchesSum, TranchesNotRising, TrancheOfNothing.
    """
    if not parts:
        return ()
    if len(parts) > terms.tranches_max:
        raise TooManyTranches(field="tranches", most=terms.tranches_max, given=len(parts))
    if any(part.units <= 0 for part in parts):
        raise TrancheOfNothing(field="tranches")
    if (total := sum(part.units for part in parts)) != approved:
        raise TranchesSum(field="tranches", units=total, approved=approved)
    if parts[0].planned_date < start:
        raise TranchesNotRising(field="tranches", date=parts[0].planned_date, before=start)
    for before, after in pairwise(part.planned_date for part in parts):
        if after <= before:
            raise TranchesNotRising(field="tranches", date=after, before=before)
    return tuple(parts)
