"""What should lie in the box and what was counted, fund by fund (groups.md G4, C2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from handup.groups.rules.money import LOAN, SOCIAL
from handup.kernel.errors import Refusal


class FundOverdrawn(Refusal):
    """The {fund} fund holds {cash}; {asked} cannot be taken out of it."""


class TooFewCounters(Refusal):
    """{needed} people count the box, each alone; {counted} did."""


class CountersDisagree(Refusal):
    """The counts differ. Everybody counts again."""


class Movement(StrEnum):
    """What moves the cash of a group."""

    SHARES = "SHARES"
    FINE = "FINE"
    LOAN_REPAID = "LOAN_REPAID"
    SERVICE_CHARGE = "SERVICE_CHARGE"
    FROM_BANK = "FROM_BANK"
    OUTSIDE_LOAN_IN = "OUTSIDE_LOAN_IN"
    LOAN_GIVEN = "LOAN_GIVEN"
    TO_BANK = "TO_BANK"
    OUTSIDE_LOAN_REPAID = "OUTSIDE_LOAN_REPAID"
    EXPENSE = "EXPENSE"
    SOCIAL_CONTRIBUTION = "SOCIAL_CONTRIBUTION"
    SOCIAL_GRANT = "SOCIAL_GRANT"


OUT = {
    Movement.LOAN_GIVEN,
    Movement.TO_BANK,
    Movement.OUTSIDE_LOAN_REPAID,
    Movement.EXPENSE,
    Movement.SOCIAL_GRANT,
}
OF_SOCIAL = {Movement.SOCIAL_CONTRIBUTION, Movement.SOCIAL_GRANT}


def expected_cash(
    opening: Mapping[str, int], movements: Iterable[tuple[Movement, int]]
) -> dict[str, int]:
    """Cash of each fund after the movements in their order. Raises FundOverdrawn."""
    cash = dict(opening)
    for kind, amount in movements:
        fund = SOCIAL if kind in OF_SOCIAL else LOAN
        if kind in OUT and amount > cash[fund]:
            raise FundOverdrawn(field="amount", fund=fund, cash=cash[fund], asked=amount)
        cash[fund] += -amount if kind in OUT else amount
    return cash


@dataclass(frozen=True, slots=True)
class BlindCount:
    """What one counter found alone: notes and coins (value, pieces) of each fund."""

    counter: str
    coins: Mapping[str, Sequence[tuple[int, int]]]

    def totals(self) -> dict[str, int]:
        """The total of each fund."""
        return {
            fund: sum(value * pieces for value, pieces in coins)
            for fund, coins in self.coins.items()
        }


@dataclass(frozen=True, slots=True)
class CashCount:
    """The box against the book; a difference in any fund needs a written reason."""

    expected: Mapping[str, int]
    counted: Mapping[str, int]

    @property
    def difference(self) -> dict[str, int]:
        """Counted less expected, fund by fund: one up and one down do not cancel."""
        return {fund: self.counted[fund] - units for fund, units in self.expected.items()}

    @property
    def box(self) -> int:
        """All cash counted."""
        return sum(self.counted.values())

    @property
    def is_balanced(self) -> bool:
        """Tell whether every fund holds what the book says."""
        return not any(self.difference.values())


def count_cash(
    expected: Mapping[str, int], counts: Sequence[BlindCount], counters_needed: int
) -> CashCount:
    """Take the counts of different people, which must all be equal for every fund.

    Raises TooFewCounters, CountersDisagree.
    """
    counters = {count.counter for count in counts}
    if len(counters) < counters_needed:
        raise TooFewCounters(needed=counters_needed, counted=len(counters))
    totals = [count.totals() for count in counts]
    if any(total != totals[0] for total in totals):
        raise CountersDisagree
    return CashCount(expected, totals[0] if totals else dict.fromkeys(expected, 0))
