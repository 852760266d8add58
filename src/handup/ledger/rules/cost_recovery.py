"""How far its fees pay for a service (projects_and_markets.md 4.8). Pure.

Cost recovery = fees / full cost; full cost = what the service bears alone + its share of what all
bear. Every expense of the book stands in exactly one place, so that the full costs and what is not
shared add up to the expenses of the book. A full cost of zero: not defined.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from handup.kernel.money import percent, split


@dataclass(frozen=True, slots=True)
class Followed:
    """A service as stated: its accounts and budget lines, its days, its weight. `nth` orders what
    was stated of one code on one day.
    """

    code: str
    starts: date
    ends: date | None
    fee_codes: frozenset[str]
    fee_line: str
    cost_codes: frozenset[str]
    cost_line: str
    weight: int
    nth: int = 0

    def earns(self, account: str, line: str) -> bool:
        """Whether income on an account and budget line is its fee."""
        return account in self.fee_codes and self.fee_line in {"", line}

    def bears(self, account: str, line: str) -> bool:
        """Whether an expense on an account and budget line is its own."""
        if not self.cost_codes:
            return self.cost_line != "" and self.cost_line == line
        return account in self.cost_codes and self.cost_line in {"", line}


@dataclass(frozen=True, slots=True)
class Amount:
    """What stands on an account with a budget line, in units of the book's currency."""

    account: str
    line: str
    units: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a service earned and cost, in units of the book's currency."""

    service: Followed
    fees: int
    direct: int
    allocated: int

    @property
    def full(self) -> int:
        """Direct and allocated."""
        return self.direct + self.allocated

    @property
    def recovery(self) -> Fraction | None:
        """Fees in percent of the full cost; None where there was no cost."""
        return percent(self.fees, self.full) if self.full > 0 else None

    def followed_by(self, later: "Recovered") -> "Recovered":
        """The same service over these days and later ones, as it was stated last."""
        return Recovered(
            later.service,
            self.fees + later.fees,
            self.direct + later.direct,
            self.allocated + later.allocated,
        )


def holding(stated: Sequence[Followed], since: date, on: date | None) -> list[Followed]:
    """Every statement that holds on one of the days between two days (None: without end), in the
    order of their days. One holds until it ends or its service is stated again, with an end or
    without: what was stated before does not come back.
    """
    following: dict[str, date] = {}
    found: list[Followed] = []
    for row in sorted(stated, key=lambda row: (row.starts, row.nth), reverse=True):
        again = following.get(row.code, date.max)
        following[row.code] = row.starts
        last = min(again, (row.ends or date.max))
        is_over = last < since or again <= max(since, row.starts)
        if not is_over and (on is None or row.starts <= on):
            found.append(row)
    return found[::-1]


def current(stated: Sequence[Followed], since: date, on: date | None) -> list[Followed]:
    """The latest statement of each service that holds on a day between two days, by code."""
    found = {row.code: row for row in holding(stated, since, on)}
    return [found[code] for code in sorted(found)]


def stretches(stated: Sequence[Followed], since: date, on: date) -> list[tuple[date, date]]:
    """The days between two days, cut wherever a statement begins or after it ends: first and last
    day of each stretch, on all of whose days the same statements hold.
    """
    day = timedelta(days=1)
    begins = {row.starts for row in stated}
    begins |= {row.ends + day for row in stated if row.ends is not None and row.ends < on}
    firsts = [since, *sorted(first for first in begins if since < first <= on)]
    lasts = [*(first - day for first in firsts[1:]), on]
    return list(zip(firsts, lasts, strict=True))


def clash(new: Followed, other: Followed) -> tuple[str, str] | None:
    """The account (or "") and budget line that two services would both take; None: none.

    One that names a budget line takes it out of what another takes as a whole account: no clash.
    """
    for mine, my_line, theirs, their_line in (
        (new.fee_codes, new.fee_line, other.fee_codes, other.fee_line),
        (new.cost_codes, new.cost_line, other.cost_codes, other.cost_line),
    ):
        if my_line != their_line:
            continue
        if shared := sorted(mine & theirs):
            return shared[0], my_line
        if my_line and not (mine or theirs):
            return "", my_line
    return None


def _narrowest(takers: Sequence[Followed], *, fee: bool) -> Followed:
    """Of several who would take a line, who names account and budget line, then who names the
    account's line alone, then the first code: each amount counts once.
    """
    return min(
        takers,
        key=lambda row: (
            not (row.fee_line if fee else row.cost_line),
            not (row.fee_codes if fee else row.cost_codes),
            row.code,
        ),
    )


def recovered(
    services: Sequence[Followed], income: Sequence[Amount], expenses: Sequence[Amount]
) -> tuple[list[Recovered], int]:
    """What each service earned and cost, and the shared cost nobody bears (no weight at all)."""
    fees = dict.fromkeys(services, 0)
    direct = dict.fromkeys(services, 0)
    shared = 0
    for amount in income:
        if takers := [row for row in services if row.earns(amount.account, amount.line)]:
            fees[_narrowest(takers, fee=True)] += amount.units
    for amount in expenses:
        takers = [row for row in services if row.bears(amount.account, amount.line)]
        if takers:
            direct[_narrowest(takers, fee=False)] += amount.units
        else:
            shared += amount.units
    weights = [row.weight for row in services]
    parts: Sequence[int] = split(abs(shared), weights).parts if any(weights) else [0] * len(weights)
    sign = -1 if shared < 0 else 1
    rows = [
        Recovered(row, fees[row], direct[row], sign * part)
        for row, part in zip(services, parts, strict=True)
    ]
    return rows, shared - sum(row.allocated for row in rows)
