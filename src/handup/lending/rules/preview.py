"""What an agreed change would do to a loan, shown before anybody decides: what is still to be paid
before and after, what it costs, the yearly rate, and what becomes of unpaid parts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import zip_longest

from handup.kernel.credit.allocation import PLACE
from handup.kernel.credit.apr import AprMethod, Flow, NoRate, UnitPeriod, apr
from handup.kernel.credit.changes import owed_on
from handup.kernel.credit.standing import ZERO, Parts
from handup.kernel.credit.terms import Terms
from handup.lending.rules.codes import Effect
from handup.lending.rules.events import Event
from handup.lending.rules.loan import FEE, INTEREST, PENALTY, PRINCIPAL, State, fold
from handup.lending.rules.offer import UNITS


@dataclass(frozen=True, slots=True)
class StillDue:
    """One instalment as far as it is unpaid."""

    number: int
    due_date: date
    parts: Parts

    @property
    def units(self) -> int:
        """All of it."""
        return sum(self.parts)


@dataclass(frozen=True, slots=True)
class Side:
    """A loan at the end of a day as its borrower would see it.

    `owed` is what she owes that day (principal, and what of the rest was earned), `rate_ppm` the
    yearly rate from that day on of what is still to be paid for it (EU 2008/48 Annex I).
    """

    rows: tuple[StillDue, ...]
    owed: Parts
    principal: int
    arrears_days: int
    overdue: int
    rate_ppm: int | None

    @property
    def total(self) -> int:
        """Everything still to be paid."""
        return sum(row.units for row in self.rows)

    @property
    def cost(self) -> int:
        """Of it interest, fees and penalties."""
        return self.total - sum(row.parts[PRINCIPAL] for row in self.rows)

    @property
    def last_due(self) -> date | None:
        """When the last of it is due."""
        return self.rows[-1].due_date if self.rows else None

    @property
    def dearest(self) -> int:
        """The largest amount due on one day."""
        by_day: dict[date, int] = {}
        for row in self.rows:
            by_day[row.due_date] = by_day.get(row.due_date, 0) + row.units
        return max(by_day.values(), default=0)


@dataclass(frozen=True, slots=True)
class Preview:
    """A loan at the end of a day without a change and with it."""

    day: date
    before: Side
    after: Side
    capitalised: Parts = ZERO
    carried: Parts = ZERO
    waived: Parts = ZERO

    @property
    def dearer(self) -> int:
        """How much more she pays in all; below zero she pays less."""
        return self.after.total - self.before.total

    @property
    def beside(self) -> list[tuple[StillDue | None, StillDue | None]]:
        """The instalments of both, the first beside the first."""
        return list(zip_longest(self.before.rows, self.after.rows))


def preview(events: Iterable[Event], change: Event, terms: Terms) -> Preview:
    """A loan without and with a change that is not stored yet, at the end of the day of the change
    or of the last event, whichever is later. Raises what the change refuses.
    """
    known = list(events)
    on = max([change.value_date, *(event.value_date for event in known)])
    before = fold(known, on, terms=terms)
    after = fold([*known, change], on, terms=terms)
    after.check()
    return Preview(
        on,
        side_of(before, on),
        side_of(after, on),
        _did(after, change, Effect.CAPITALISED),
        _did(after, change, Effect.CARRIED),
        _did(after, change, Effect.WAIVED),
    )


def _did(state: State, change: Event, what: Effect) -> Parts:
    """What the change did with unpaid parts."""
    found = [0, 0, 0, 0]
    for row in state.effects:
        if row.event_id == change.id and row.what is what and row.component is not None:
            found[PLACE[row.component]] += row.units
    return (found[PENALTY], found[FEE], found[INTEREST], found[PRINCIPAL])


def side_of(state: State, on: date) -> Side:
    """A loan as it is seen on a day."""
    rows = tuple(
        StillDue(row.number, row.due_date, _unpaid(row.due, row.paid))
        for row in sorted(state.rows, key=lambda row: (row.due_date, row.number))
        if row.unpaid
    )
    owed = owed_on(state.live, on)
    return Side(
        rows,
        owed,
        state.principal,
        state.arrears_days(on),
        sum(state.overdue(on)),
        rate_of(state.terms, sum(owed), on, rows),
    )


def _unpaid(due: Sequence[int], paid: Sequence[int]) -> Parts:
    left = [asked - given for asked, given in zip(due, paid, strict=True)]
    return (left[PENALTY], left[FEE], left[INTEREST], left[PRINCIPAL])


def rate_of(terms: Terms, owed: int, on: date, rows: Sequence[StillDue]) -> int | None:
    """The yearly rate of what is still to be paid, for what is owed on a day; what is late counts
    as paid that day.
    """
    flows = [Flow(on, -owed)] + [Flow(max(row.due_date, on), row.units) for row in rows]
    try:
        found = apr(
            AprMethod.EU_2008_48, flows, UnitPeriod(UNITS[terms.unit], terms.every), decimals=4
        )
    except NoRate:
        return None
    return int(found.percent * Decimal(10_000))
