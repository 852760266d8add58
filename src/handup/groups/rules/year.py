"""The year of a cooperative, from its net surplus to what each member gets
(groups_cooperatives.md K2 to K4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from handup.groups.rules.dividend import Method, Move, NoHolders, Period, Terms, at_rate, from_pool
from handup.groups.rules.statutes import surplus_rows
from handup.groups.rules.surplus import NoUse, Patron, allocate_surplus, refund_by_use
from handup.kernel.errors import Refusal
from handup.kernel.money import split


class LineSurplusNeeded(Refusal):
    """Members used {count} lines of service. Say how much of the surplus comes from each."""


class RateAboveRest(Refusal):
    """The dividend at the voted rate is {dividend} units; after reserve and education {rest}
    remain."""


class NonMembersAboveRest(Refusal):
    """The part from others cannot be more than what remains for refunds."""


@dataclass(frozen=True, slots=True)
class Account:
    """A member as the year sees her: moves of paid shares, what is unpaid, her use by line."""

    moves: tuple[Move, ...]
    unpaid: int
    uses: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Gets:
    """What one member gets, in smallest units."""

    refund: int
    to_shares: int
    cash: int
    dividend: int
    tax: int

    @property
    def kept(self) -> int:
        """What stays with the cooperative in her name."""
        return self.refund - self.to_shares - self.cash


@dataclass(frozen=True, slots=True)
class Year:
    """The whole surplus in its parts; they sum back to it."""

    net: int
    reserve: int
    education: int
    dividend: int
    refund: int
    non_members: int
    members: tuple[Gets, ...]


def divide_year(
    net: int,
    *,
    year: int,
    registered_year: int,
    settings: Mapping[str, Any],
    accounts: Sequence[Account],
    non_members: int = 0,
    by_line: Mapping[str, int] | None = None,
) -> Year:
    """Divide the net surplus of a calendar year by the statutes.

    First reserve and education, of the net; then, of what remains, the part for the dividend, up to
    its cap, or a yearly rate on shares; what the cap leaves and all the rest is refunded by use,
    but for the part from non-members, which goes to the reserve. by_line: surplus of each line of
    service, needed where members used several. Raises NoSurplus, FundBelowMinimum,
    FundAboveMaximum, OverOneHundredPercent, RateAboveRest, NonMembersAboveRest, NoUse,
    LineSurplusNeeded.
    """
    first_years = year - registered_year + 1
    allocated = allocate_surplus(net, first_years, surplus_rows(settings))
    reserve, education = allocated.amounts
    pool, earned = _dividend(allocated.remaining, year, settings, accounts)
    rest = allocated.remaining - pool
    if not 0 <= non_members <= rest:
        raise NonMembersAboveRest(field="non_members")
    refunds = _refunds(rest - non_members, settings, accounts, by_line)
    members = tuple(
        Gets(refund, to_shares, cash, *earning)
        for (refund, to_shares, cash), earning in zip(refunds, earned, strict=True)
    )
    return Year(net, reserve, education, pool, rest - non_members, non_members, members)


def _dividend(
    remaining: int, year: int, settings: Mapping[str, Any], accounts: Sequence[Account]
) -> tuple[int, list[tuple[int, int]]]:
    """The pool that is paid, and dividend and tax of each member."""
    at_a_rate = settings.get("dividend_from") == "RATE"
    available = remaining * settings["dividend_bps"] // 10_000
    nobody = 0, [(0, 0)] * len(accounts)
    if not (available or at_a_rate) or not settings["dividend_cap_bps"]:
        return nobody
    terms = Terms(
        method=Method(settings["dividend_method"]),
        period=Period(date(year, 1, 1), date(year, 12, 31)),
        min_months=settings["min_holding_months"] or None,
        tax=Fraction(settings["withholding_tax_bps"], 10_000),
    )
    cap = Fraction(settings["dividend_cap_bps"], 10_000)
    moves = [one.moves for one in accounts]
    try:
        if at_a_rate:
            paid = at_rate(Fraction(settings["dividend_rate_bps"], 10_000), moves, terms)
        else:
            paid = from_pool(available, moves, terms, cap=cap)
    except NoHolders:
        return nobody
    if paid.pool > remaining:
        raise RateAboveRest(field="year", dividend=paid.pool, rest=remaining)
    return paid.pool, [(one.amount, one.tax) for one in paid.earnings]


def _refunds(
    pool: int,
    settings: Mapping[str, Any],
    accounts: Sequence[Account],
    by_line: Mapping[str, int] | None,
) -> list[tuple[int, int, int]]:
    """Refund of each member, what of it goes to unpaid shares and what is cash."""
    if not pool:
        return [(0, 0, 0)] * len(accounts)
    lines = sorted({line for one in accounts for line, used in one.uses.items() if used})
    if not lines:
        raise NoUse
    if len(lines) > 1 and (by_line is None or not any(by_line.get(line) for line in lines)):
        raise LineSurplusNeeded(field="by_line", count=len(lines))
    weights = [by_line.get(line, 0) for line in lines] if by_line and len(lines) > 1 else [1]
    refund = [0] * len(accounts)
    for line, part in zip(lines, split(pool, weights).parts, strict=True):
        if part:
            uses = [one.uses.get(line, 0) for one in accounts]
            for place, units in enumerate(split(part, uses).parts):
                refund[place] += units
    shares_first = settings["refund_unpaid_shares_first"]
    cash_share = Fraction(settings["refund_cash_bps"], 10_000)
    found = []
    for one, units in zip(accounts, refund, strict=True):
        unpaid = one.unpaid if shares_first else 0
        # One member's refund alone, by the rule of refunds: shares first, then cash.
        hers = (
            refund_by_use(
                net_surplus=units,
                from_non_members=0,
                cash_share=cash_share,
                patrons=[Patron(Fraction(1), unpaid)],
            ).refunds[0]
            if units
            else None
        )
        found.append((units, hers.to_shares, hers.cash) if hers else (0, 0, 0))
    return found
