"""To which loan a payment belongs: points with their reasons. Pure.

Only the exact reference posts by itself (`Reason.REFERENCE`); everything else is a proposal for a
person. Points add up to at most 99 without a reference, so that 100 always means one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID

from handup.kernel.names import likeness, normal_form
from handup.lending.rules.banking.codes import Reason

POINTS = {
    Reason.REFERENCE: 100,
    Reason.NUMBER: 45,
    Reason.ACCOUNT: 40,
    Reason.NAME: 30,
    Reason.NAME_LIKE: 15,
    Reason.AMOUNT: 25,
    Reason.WHOLE_DEBT: 15,
    Reason.NEAR_DUE: 10,
}
CERTAIN = 100
HIGHEST_GUESS = 99
LEAST_SHOWN = 25
MOST_SHOWN = 5
LIKE_ENOUGH = Fraction(9, 10)
NEAR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Payment:
    """What a line says, as far as it tells of a loan."""

    units: int
    day: date
    codes: tuple[str, ...] = ()
    numbers: frozenset[str] = frozenset()
    name: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Debt:
    """What is known of a loan a payment may belong to; `accounts` are compared as they come."""

    loan: UUID
    code: str
    lenders_number: str = ""
    name: str = ""
    accounts: frozenset[str] = frozenset()
    due_units: int = 0
    due_date: date | None = None
    owed_units: int = 0


@dataclass(frozen=True, slots=True)
class Scored:
    """A loan with its points and why it has them."""

    loan: UUID
    points: int
    reasons: tuple[tuple[Reason, int], ...]


def score(payment: Payment, debt: Debt) -> Scored:
    """The points of one loan."""
    found: list[Reason] = []
    if debt.code in payment.codes:
        found.append(Reason.REFERENCE)
    elif _named(payment, debt):
        found.append(Reason.NUMBER)
    if payment.account and payment.account in debt.accounts:
        found.append(Reason.ACCOUNT)
    if alike := _name(payment.name, debt.name):
        found.append(alike)
    if debt.due_units and payment.units == debt.due_units:
        found.append(Reason.AMOUNT)
    elif debt.owed_units and payment.units == debt.owed_units:
        found.append(Reason.WHOLE_DEBT)
    if debt.due_date is not None and abs(debt.due_date - payment.day) <= NEAR:
        found.append(Reason.NEAR_DUE)
    points = sum(POINTS[reason] for reason in found)
    highest = CERTAIN if Reason.REFERENCE in found else HIGHEST_GUESS
    reasons = tuple((reason, POINTS[reason]) for reason in found)
    return Scored(debt.loan, min(points, highest), reasons)


def best(payment: Payment, debts: Iterable[Debt]) -> tuple[Scored, ...]:
    """The likeliest loans, the best first; a day near a due day alone is no reason."""
    scored = [found for debt in debts if (found := score(payment, debt)).points >= LEAST_SHOWN]
    return tuple(sorted(scored, key=lambda item: (-item.points, item.loan)))[:MOST_SHOWN]


def _named(payment: Payment, debt: Debt) -> bool:
    digits = debt.code[1:]
    known = {debt.code, digits, debt.lenders_number.upper().replace(" ", "")} - {""}
    return bool(known & payment.numbers)


def _name(told: str, known: str) -> Reason | None:
    if not told or not known:
        return None
    first, second = normal_form(told), normal_form(known)
    if not first or not second:
        return None
    if _words(first) == _words(second):
        return Reason.NAME
    return Reason.NAME_LIKE if likeness(first, second) >= LIKE_ENOUGH else None


def _words(name: str) -> Sequence[str]:
    return sorted(name.split())
