"""What interest a row asks, beside that of its own period: a running loan's rows are made anew.

A row asks for the interest of its period, and of what was earned before it began (`carried`) or is
collected with it (`moved`), less what of it was let go or was paid on a row it took the place of.
Kept by the rows' numbers, so that a plan worked out anew from a rate still knows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from handup.kernel.credit import flat
from handup.kernel.credit.allocation import INTEREST, PRINCIPAL, OpenRow
from handup.kernel.credit.codes import Method
from handup.kernel.credit.dates import free_rates, period_rates
from handup.kernel.money import round_ratio

if TYPE_CHECKING:
    from handup.kernel.credit.standing import Standing


@dataclass(slots=True)
class Apart:
    """Units, and `stretched` whole periods, by the numbers of rows.

    `waived`: let go; `served`: paid on the row that a row took the place of; `moved`: collected
    with this row for rows before it, below zero: with a later row; `stretched`: how many periods
    were put in before the row's end.
    """

    waived: dict[int, int] = field(default_factory=dict)
    served: dict[int, int] = field(default_factory=dict)
    moved: dict[int, int] = field(default_factory=dict)
    stretched: dict[int, int] = field(default_factory=dict)

    def copied(self) -> "Apart":
        """The same, to go on apart."""
        return Apart(*(getattr(self, item.name).copy() for item in fields(self)))

    def hand_on(self, old: int, new: int) -> None:
        """Let a row that takes the place of another go on from what is known of it."""
        for item in fields(self):
            known = getattr(self, item.name)
            if old in known:
                known[new] = known.pop(old)

    def let_go(self, number: int, units: int) -> None:
        """Note interest of a row that is not asked any more."""
        self.waived[number] = self.waived.get(number, 0) + units

    def less(self, number: int) -> int:
        """What of the interest of its period a row does not ask."""
        return self.waived.get(number, 0) + self.served.get(number, 0)

    def periods(self, rows: Sequence[OpenRow]) -> tuple[int, ...]:
        """How many whole periods each row runs; nothing when all run one."""
        if not self.stretched:
            return ()
        return tuple(self.runs(row.number) for row in rows)

    def runs(self, number: int) -> int:
        """How many whole periods a row runs."""
        return 1 + self.stretched.get(number, 0)

    def waiting(self, gone: Sequence[OpenRow]) -> int:
        """Interest of rows gone by that is collected with a row to come."""
        return -sum(self.moved.get(row.number, 0) for row in gone) if self.moved else 0

    def renew(self, earned: Mapping[int, int]) -> None:
        """Note what periods earn now, by their rows, where it is collected with another row."""
        before = sum(units for units in self.moved.values() if units < 0)
        for number, units in self.moved.items():
            if units < 0 and number in earned:
                self.moved[number] = -earned[number]
        after = sum(units for units in self.moved.values() if units < 0)
        for number, units in self.moved.items():
            if units > 0:
                self.moved[number] = units + before - after


def own_interest(loan: "Standing", row: OpenRow) -> int:
    """The interest of a row's own period, all of it."""
    number, apart = row.number, loan.apart
    other = loan.carried.get(number, 0) + apart.moved.get(number, 0)
    return row.due[INTEREST] + apart.less(number) - other


def interest_of_one(loan: "Standing", row: OpenRow) -> int:
    """The interest of one whole period of a row."""
    return own_interest(loan, row) // loan.apart.runs(row.number)


def ask_interest(loan: "Standing", rows: Sequence[OpenRow], own: Sequence[int]) -> None:
    """Let the last rows of the plan ask for the interest of their periods as it is now, and for
    what is collected with them; less than was paid of it is never asked.
    """
    apart = loan.apart
    if apart.moved:
        numbers = {row.number for row in rows}
        total = -sum(units for number, units in apart.moved.items() if number not in numbers)
        for row, interest in zip(rows, own, strict=True):
            moved = apart.moved.get(row.number, 0)
            if moved < 0:
                apart.moved[row.number] = -interest
                total += interest
            elif moved:
                apart.moved[row.number] = total
    late = {} if loan.by_day is None else loan.by_day.late_left()
    for row, interest in zip(rows, own, strict=True):
        number = row.number
        asked = (
            interest
            + late.get(number, 0)
            + loan.carried.get(number, 0)
            + apart.moved.get(number, 0)
        )
        asked -= apart.less(number)
        row.add(INTEREST, max(asked, row.paid(INTEREST), 0) - row.due[INTEREST])
        row.ended = row.ended and not any(row.due)


def put_off(loan: "Standing") -> None:
    """Note which interest of a schedule just opened is collected later than its period."""
    terms, rows = loan.terms, loan.plan_rows()
    count = terms.grace_interest_payment
    if not count or len(rows) <= count:
        return
    bounds = [rows[0].begins, *(row.ends for row in rows)]
    balance = sum(row.due[PRINCIPAL] for row in rows)
    if terms.method is Method.FLAT:
        earned = flat.interests(terms, loan.base, bounds)[:count]
    else:
        earned = []
        rates = free_rates(period_rates(terms, bounds), terms.grace_interest_free)
        for row, rate in zip(rows[:count], rates.numerators, strict=False):
            earned.append(round_ratio(balance * rate, rates.denominator, terms.interest_rounding))
            balance -= row.due[PRINCIPAL]
    later = rows[count]
    if any(row.due[INTEREST] for row in rows[:count]) or sum(earned) > later.due[INTEREST]:
        return
    loan.apart.moved |= {row.number: -units for row, units in zip(rows, earned, strict=False)}
    loan.apart.moved[later.number] = sum(earned)
