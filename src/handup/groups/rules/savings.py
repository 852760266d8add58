"""Shares bought in a meeting (groups.md G3)."""

from dataclasses import dataclass

from handup.kernel.errors import Refusal


class AboveMaximum(Refusal):
    """At most {allowed} shares may be bought in one meeting."""


class BelowMinimum(Refusal):
    """At least {allowed} shares must be bought in a meeting."""


@dataclass(frozen=True, slots=True)
class SharePurchase:
    """What a member gets for the money handed in: whole shares, the rest handed back."""

    shares: int
    paid: int
    handed_back: int


@dataclass(frozen=True, slots=True)
class ShareRule:
    """The constitution's rule: price of a share in smallest units, shares a member and meeting."""

    share_value: int
    min_shares: int
    max_shares: int
    zero_allowed: bool


def buy_shares(amount: int, rule: ShareRule, bought_today: int = 0) -> SharePurchase:
    """Turn money handed in (smallest units) into whole shares.

    Shares of the meeting, earlier ones included, lie between the minimum and the maximum; none at
    all only where the constitution lets a member skip. Raises AboveMaximum, BelowMinimum.
    """
    shares = amount // rule.share_value
    in_meeting = shares + bought_today
    if in_meeting > rule.max_shares:
        raise AboveMaximum(field="amount", allowed=rule.max_shares)
    skipped = in_meeting == 0 and rule.zero_allowed
    if in_meeting < rule.min_shares and not skipped:
        raise BelowMinimum(field="amount", allowed=rule.min_shares)
    paid = shares * rule.share_value
    return SharePurchase(shares, paid, amount - paid)
