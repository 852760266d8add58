"""How fast a portfolio is folded, without any database: a hundred thousand loans on one core, each
from its own events, and the long loan that replays worst.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bench import NONE, Figure, benchmark, clock
from handup.kernel.credit.codes import Component, PenaltyKind
from handup.kernel.credit.terms import Penalty, Terms
from handup.kernel.ids import new_id
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import Event
from handup.lending.rules.loan import fold
from handup.lending.rules.schedules import planned_rows
from handup.lending.rules.state import State

LOANS = 100_000
OTHERS = 2_000
"""So many loans differ; each is folded as often as makes LOANS."""
AT = date(2025, 11, 30)
KINDS: dict[str, dict[str, Any]] = {
    "by schedule": {},
    "with penalties": {"penalty": Penalty(PenaltyKind.PER_DAY, ppm=500)},
}


def history(terms: Terms, number: int) -> list[Event]:
    """One loan of a portfolio: paid out, then a payment a month, of which some come late, in parts
    or not at all, now and then a charge; in the order of arrival of devices, which is none.
    """
    chance = random.Random(number)
    start = date(2025, 1, 1) + timedelta(days=number % 180)
    units = 300_00 + 100 * chance.randrange(200)
    rows = planned_rows(terms, units, start)
    found = [_event(EventKind.DISBURSED, start, units, rows=rows)]
    for row in rows:
        due = row.principal + row.interest
        day = row.due_date + timedelta(days=chance.choice((-2, 0, 0, 0, 1, 4, 15)))
        share = chance.choice((1, 1, 1, 1, 2, 0))
        if share:
            paid = due // share
            found.append(_event(EventKind.REPAID, day, paid))
        if chance.randrange(40) == 0:
            fee = {"component": Component.FEE, "due_date": day}
            found.append(_event(EventKind.CHARGED, day, 5_00, **fee))
    chance.shuffle(found)
    return found


def folded(terms: Terms, histories: Sequence[Sequence[Event]], times: int) -> tuple[int, int]:
    """Fold each loan so many times as of one day; how many loans, and the principal of all."""
    count = principal = 0
    for _ in range(times):
        for events in histories:
            state: State = fold(events, AT, terms=terms)
            count += 1
            principal += state.principal
    return count, principal


@benchmark(*NONE)
def a_hundred_thousand_loans() -> Iterator[Figure]:
    """Loans of twelve months with some twelve events each, every one replayed from its events."""
    for name, changed in KINDS.items():
        terms = Terms(currency="USD", rate_ppm=240_000, instalments=12, **changed)
        histories = [history(terms, number) for number in range(OTHERS)]
        events = sum(len(each) for each in histories) * (LOANS // OTHERS)
        with clock() as measured:
            count, _principal = folded(terms, histories, LOANS // OTHERS)
        yield Figure(f"folding.loans {name}, processor", measured.processor, "s", count)
        yield Figure(f"folding.loans {name}", measured.seconds, "s", count)
        yield Figure(f"folding.events {name}", events / measured.processor, "per second", events)


def _event(kind: EventKind, day: date, units: int, **fields: Any) -> Event:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Event(new_id(), kind, day, at, at, units, **fields)
