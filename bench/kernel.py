"""How fast the pure rules are, without any database."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bench import NONE, Figure, benchmark, clock
from handup.kernel.credit.codes import (
    Component,
    DueUnit,
    PenaltyKind,
    RatePer,
    Recalculation,
)
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.simulation import simulate
from handup.kernel.credit.terms import Penalty, Terms
from handup.kernel.ids import new_id
from handup.kernel.money import split
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import Event, effective
from handup.lending.rules.loan import fold, resume, run
from handup.lending.rules.schedules import planned_rows
from handup.lending.rules.snapshot import restored, snapshot


@benchmark(*NONE)
def dividing() -> Iterator[Figure]:
    """One amount among 24 shares, and ids as a batch makes them."""
    times = 20_000
    shares = [index % 7 + 1 for index in range(24)]
    with clock() as measured:
        for total in range(100_000, 100_000 + times):
            split(total, shares)
    yield Figure("kernel.split into 24", times / measured.seconds, "per second", times)
    with clock() as measured:
        for _ in range(times):
            new_id()
    yield Figure("kernel.new_id", times / measured.seconds, "per second", times)


@benchmark(*NONE)
def scheduling() -> Iterator[Figure]:
    """Loans of equal monthly instalments on the declining balance, another amount and day each."""
    for instalments in (12, 24):
        times = 4_000
        terms = Terms(currency="USD", digits=2, rate_ppm=180_000, instalments=instalments)
        with clock() as measured:
            for extra in range(times):
                start = date(2025, 1, 1) + timedelta(days=extra % 365)
                plan = plan_due_dates(terms, start)
                build_schedule(terms, [Disbursement(start, 100_000 + extra)], plan)
        name = f"kernel.schedule of {instalments}"
        yield Figure(name, times / measured.seconds, "per second", times)


@benchmark(*NONE)
def simulating() -> Iterator[Figure]:
    """Half a million loans of 12 equal monthly instalments, all at once."""
    times, start = 500_000, date(2025, 1, 31)
    terms = Terms(currency="USD", digits=2, rate_ppm=180_000, instalments=12)
    plan = plan_due_dates(terms, start)
    amounts = range(100_000, 100_000 + times)
    with clock() as measured:
        simulate(terms, amounts, plan)
    yield Figure("kernel.simulated of 12", times / measured.seconds, "per second", times)


REPLAYED: dict[str, dict[str, Any]] = {
    "by schedule": {},
    "with penalties": {"penalty": Penalty(PenaltyKind.PER_DAY, ppm=500)},
    "by balance": {"recalculation": Recalculation.BALANCE},
    "by daily rate": {
        "recalculation": Recalculation.DAILY_RATE,
        "rate_per": RatePer.DAY,
        "rate_ppm": 500,
    },
}


@benchmark(*NONE)
def replaying() -> Iterator[Figure]:
    """A loan of 260 weekly instalments with 200 events: all of them, and the last after a state
    kept as JSON.
    """
    for name, changed in REPLAYED.items():
        given: dict[str, Any] = {"rate_ppm": 240_000, **changed}
        terms = Terms(currency="USD", instalments=260, unit=DueUnit.WEEK, **given)
        events = long_history(terms)
        times = 20
        with clock() as measured:
            for _ in range(times):
                fold(events, terms=terms)
        figure = measured.seconds * 1000 / times
        yield Figure(f"kernel.replay {name}", figure, "ms a loan of 200 events", times)
        *before, last = effective(events)
        kept = json.dumps(snapshot(run(before, terms=terms)))
        with clock() as measured:
            for _ in range(times):
                state = restored(json.loads(kept))
                assert state is not None
                assert resume(state, [last]) is not None
        figure = measured.seconds * 1000 / times
        yield Figure(f"kernel.go on {name}", figure, "ms a loan of 200 events", times)


def long_history(terms: Terms) -> list[Event]:
    """A loan paid out, 188 payments early, late and double, and 11 charges; in no order."""
    start, chance = date(2021, 1, 4), random.Random(20)
    rows = planned_rows(terms, 60_000_00, start)
    usual = rows[0].principal + rows[0].interest
    found = [_event(EventKind.DISBURSED, start, 60_000_00, rows=rows)]
    for week in range(1, 200):
        day = start + timedelta(days=7 * week + chance.randint(-3, 5))
        if week % 17 == 5:
            fee = {"component": Component.FEE, "due_date": day}
            found.append(_event(EventKind.CHARGED, day, 500, **fee))
        else:
            found.append(_event(EventKind.REPAID, day, usual * (1 + (week % 29 == 7))))
    chance.shuffle(found)
    return found


def _event(kind: EventKind, day: date, units: int, **fields: Any) -> Event:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return Event(new_id(), kind, day, at, at, units, **fields)
