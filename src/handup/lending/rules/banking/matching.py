"""To which loan a payment belongs: points with their reasons. Pure.

Only the exact reference posts by itself (`Reason.REFERENCE`); everything else is a proposal for a
person. Points add up to at most 99 without a reference, so that 100 always means one.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

from handup.kernel.names import likeness, normal_form, those_alike
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
Places = defaultdict[Any, list[int]]
"""The places of debts, the first loan first, by what they share."""


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


class Debts:
    """The loans that payments may belong to, found by what they share with one: a file of ten
    thousand lines that name no loan is not laid beside every loan there is.
    """

    def __init__(self, debts: Iterable[Debt]) -> None:
        self.debts = sorted(debts, key=lambda debt: debt.loan)
        self.by_number: Places = defaultdict(list)
        self.by_account: Places = defaultdict(list)
        self.by_words: Places = defaultdict(list)
        self.by_form: Places = defaultdict(list)
        self.by_amount: Places = defaultdict(list)
        self.by_amount_and_day: Places = defaultdict(list)
        self.by_debt_and_day: Places = defaultdict(list)
        self.alike: dict[str, list[int]] = {}
        for place, debt in enumerate(self.debts):
            self._enter(place, debt)
        self.forms = list(self.by_form)

    def _enter(self, place: int, debt: Debt) -> None:
        for number in _numbers(debt):
            self.by_number[number].append(place)
        for account in debt.accounts:
            self.by_account[account].append(place)
        if form := normal_form(debt.name):
            self.by_form[form].append(place)
            self.by_words[_words(debt.name)].append(place)
        if debt.due_units:
            self.by_amount[debt.due_units].append(place)
        if debt.due_date is not None:
            day = debt.due_date.toordinal()
            self.by_amount_and_day[debt.due_units, day].append(place)
            if debt.owed_units != debt.due_units:
                self.by_debt_and_day[debt.owed_units, day].append(place)

    def best(self, payment: Payment) -> tuple[Scored, ...]:
        """The likeliest loans of a payment, the best first; a day near a due day alone is no
        reason.
        """
        scored = [score(payment, self.debts[place]) for place in self._sharing(payment)]
        shown = [found for found in scored if found.points >= LEAST_SHOWN]
        return tuple(sorted(shown, key=lambda item: (-item.points, item.loan)))[:MOST_SHOWN]

    def _sharing(self, payment: Payment) -> set[int]:
        """Every loan that shares a number, an account or a name; of those that share no more than
        an amount, and perhaps a day, the first few, as no others are shown.
        """
        found: set[int] = set()
        for number in {*payment.codes, *payment.numbers}:
            found.update(self.by_number.get(number, ()))
        found.update(self.by_account.get(payment.account, ()))
        found.update(self._called(payment.name))
        found.update(self.by_amount.get(payment.units, ())[:MOST_SHOWN])
        day = payment.day.toordinal()
        for near in range(day - NEAR.days, day + NEAR.days + 1):
            for alike in (self.by_amount_and_day, self.by_debt_and_day):
                found.update(alike.get((payment.units, near), ())[:MOST_SHOWN])
        return found

    def _called(self, name: str) -> list[int]:
        """The loans of whoever has this name or one like it."""
        form = normal_form(name)
        if not form:
            return []
        known = self.alike.get(form)
        if known is None:
            like = those_alike(form, self.forms, LIKE_ENOUGH)
            known = self.alike[form] = [place for other in like for place in self.by_form[other]]
        return [*known, *self.by_words.get(_words(name), ())]


def _numbers(debt: Debt) -> set[str]:
    """Every number a payer may name a loan by."""
    return {debt.code, debt.code[1:], debt.lenders_number.upper().replace(" ", "")} - {""}


def _named(payment: Payment, debt: Debt) -> bool:
    return not _numbers(debt).isdisjoint(payment.numbers)


def _name(told: str, known: str) -> Reason | None:
    if not told or not known:
        return None
    first, second = normal_form(told), normal_form(known)
    if not first or not second:
        return None
    if first == second or _words(told) == _words(known):
        return Reason.NAME
    return Reason.NAME_LIKE if likeness(first, second) >= LIKE_ENOUGH else None


@lru_cache(maxsize=4096)
def _words(name: str) -> tuple[str, ...]:
    """The words of a name, one spelling each, in whatever order a bank writes them."""
    return tuple(sorted(form for word in name.split() if (form := normal_form(word))))
