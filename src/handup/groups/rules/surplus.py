"""A cooperative's surplus of the year: funds by the voted table, refunds by use
(groups_cooperatives.md K2, K3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from handup.kernel.errors import Refusal
from handup.kernel.money import decimal_text, ratio, round_to, split


class NoSurplus(Refusal):
    """There is no surplus to divide."""


class FundBelowMinimum(Refusal):
    """{fund} gets at least {least} percent in this year."""

    code = "BELOW_MINIMUM"


class FundAboveMaximum(Refusal):
    """{fund} gets at most {most} percent."""

    code = "ABOVE_MAXIMUM"


class OverOneHundredPercent(Refusal):
    """The percentages add up to more than 100."""

    code = "OVER_100_PERCENT"


class NoPool(Refusal):
    """Nothing of the surplus comes from members, so there is nothing to refund."""


class NoUse(Refusal):
    """Nobody used the cooperative, so there is nothing to refund by."""


@dataclass(frozen=True, slots=True)
class SurplusRow:
    """One row of the table: its percentage of the net surplus and the bounds the law sets.

    In the first `first_years` years `least_first_years` takes the place of `least`.
    """

    fund: str
    percent: Fraction
    least: Fraction | None = None
    most: Fraction | None = None
    least_first_years: Fraction | None = None
    first_years: int | None = None

    def least_in(self, year: int) -> Fraction | None:
        """The minimum of a year of operation (the first is 1)."""
        early = self.first_years is not None and year <= self.first_years
        if early and self.least_first_years is not None:
            return self.least_first_years
        return self.least


@dataclass(frozen=True, slots=True)
class Allocation:
    """What each row gets, in smallest units, and what remains for refunds and dividends."""

    amounts: tuple[int, ...]
    remaining: int


def allocate_surplus(net_surplus: int, year: int, rows: Sequence[SurplusRow]) -> Allocation:
    """Divide the surplus by the table; what no row takes remains.

    Raises NoSurplus, FundBelowMinimum, FundAboveMaximum, OverOneHundredPercent.
    """
    if net_surplus <= 0:
        raise NoSurplus
    for row in rows:
        least = row.least_in(year)
        if least is not None and row.percent < least:
            raise FundBelowMinimum(field=row.fund, fund=row.fund, least=decimal_text(least, 2))
    for row in rows:
        if row.most is not None and row.percent > row.most:
            raise FundAboveMaximum(field=row.fund, fund=row.fund, most=decimal_text(row.most, 2))
    percents = [row.percent for row in rows]
    rest = 100 - sum(percents)
    if rest < 0:
        raise OverOneHundredPercent
    *amounts, remaining = split(net_surplus, [*percents, rest]).parts
    return Allocation(tuple(amounts), remaining)


@dataclass(frozen=True, slots=True)
class Patron:
    """A member's business with the cooperative in its unit, and what she has not yet paid of her
    shares."""

    use: Fraction
    unpaid_shares: int = 0


@dataclass(frozen=True, slots=True)
class Refund:
    """One member's refund: first her unpaid shares, then cash, the rest kept in her name."""

    refund: int
    to_shares: int
    cash: int

    @property
    def kept(self) -> int:
        """What stays with the cooperative in an account of hers."""
        return self.refund - self.to_shares - self.cash


@dataclass(frozen=True, slots=True)
class Patronage:
    """The refund of a year; `rate` is the pool for one unit of use, for information."""

    pool: int
    rate: Fraction
    refunds: tuple[Refund, ...]


def refund_by_use(
    *,
    net_surplus: int,
    from_non_members: int,
    cash_share: Fraction,
    patrons: Sequence[Patron],
) -> Patronage:
    """Refund the members' surplus by use; `cash_share` (of 1) of what unpaid shares leave is paid
    out.

    Raises NoPool, NoUse.
    """
    pool = net_surplus - from_non_members
    if pool <= 0:
        raise NoPool
    uses = [patron.use for patron in patrons]
    rate = ratio(pool, sum(uses))
    if rate is None:
        raise NoUse
    refunds = []
    for patron, refund in zip(patrons, split(pool, uses).parts, strict=True):
        to_shares = min(refund, patron.unpaid_shares)
        refunds.append(Refund(refund, to_shares, round_to((refund - to_shares) * cash_share)))
    return Patronage(pool, rate, tuple(refunds))
