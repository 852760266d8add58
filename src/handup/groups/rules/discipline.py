"""How well a group keeps its cash: first counts that agreed, what differed, how soon its meetings
came, how often it corrected (groups.md G7). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from handup.groups.rules.money import BOX, OTHER
from handup.kernel.money import percent

DIFFERS = frozenset({"record_difference", "record_statement"})
HANDLED = frozenset({*BOX, *OTHER})
"""Facts by which cash comes into the box or leaves it."""
REVERSAL = "reverse_fact"
TELLING = HANDLED | DIFFERS | {REVERSAL}
"""Facts that say something of how cash was kept, beside the counts."""


@dataclass(frozen=True, slots=True)
class Told:
    """One fact of a closed meeting: its meeting by any key, its name and what it says."""

    meeting: object
    name: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Arrived:
    """A closed meeting: the day it was held and the day it was here."""

    held: date
    received: date


@dataclass(frozen=True, slots=True)
class Discipline:
    """The figures, exact; None where there is nothing to divide by.

    counts_equal_percent: of the counts two or more made, those whose first attempt agreed.
    difference_percent: the sizes of all differences of the cash that passed through the box.
    upload_days: the days from a meeting to its arrival, on average.
    corrections_per_100: reversals a hundred facts.
    """

    counts: int
    counts_equal_percent: Fraction | None
    difference_percent: Fraction | None
    upload_days: Fraction | None
    corrections_per_100: Fraction | None


Counted = tuple[object, str, str]
"""A count: the meeting, at its opening or closing, and the fund."""


def counts_agreed(facts: Iterable[Told]) -> dict[Counted, bool]:
    """Each count that two or more counters made, and whether their first attempt agreed."""
    totals: dict[Counted, dict[int, list[int]]] = {}
    for fact in facts:
        if fact.name == "record_count":
            key = (fact.meeting, str(fact.body["way"]), str(fact.body["fund"]))
            attempts = totals.setdefault(key, {})
            attempts.setdefault(fact.body.get("attempt", 1), []).append(fact.body["total_units"])
    return {
        key: len(attempts) == 1 and len(set(first)) == 1
        for key, attempts in totals.items()
        if len(first := attempts[min(attempts)]) > 1
    }


@dataclass(slots=True)
class Cash:
    """What a meeting did with cash, in smallest units: what passed through the box, and the sizes
    of all differences; with how many facts took another back."""

    handled: int = 0
    differed: int = 0
    corrections: int = 0


def cash_of(facts: Iterable[Told]) -> dict[object, Cash]:
    """The cash of each meeting these facts are of."""
    found: dict[object, Cash] = {}
    for fact in facts:
        cash = found.setdefault(fact.meeting, Cash())
        if fact.name in HANDLED:
            cash.handled += fact.body["units"]
        elif fact.name in DIFFERS:
            cash.differed += abs(fact.body.get("difference", 0))
        elif fact.name == REVERSAL:
            cash.corrections += 1
    return found


def discipline(facts: Sequence[Told], meetings: Sequence[Arrived]) -> Discipline:
    """The figures of the closed meetings of a stretch of time."""
    equal = list(counts_agreed(facts).values())
    cash = list(cash_of(facts).values())
    handled, differed = sum(one.handled for one in cash), sum(one.differed for one in cash)
    reversals = sum(one.corrections for one in cash)
    days = sum((one.received - one.held).days for one in meetings)
    return Discipline(
        counts=len(equal),
        counts_equal_percent=percent(sum(equal), len(equal)),
        difference_percent=percent(differed, handled),
        upload_days=Fraction(days, len(meetings)) if meetings else None,
        corrections_per_100=percent(reversals, len(facts)),
    )
