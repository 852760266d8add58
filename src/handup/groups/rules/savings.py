"""Shares bought and money saved in a meeting (groups.md G3)."""

from dataclasses import dataclass

from handup.kernel.errors import Refusal


class AboveMaximum(Refusal):
    """At most {allowed} shares may be bought in one meeting."""


class BelowMinimum(Refusal):
    """At least {allowed} shares must be bought in a meeting."""


class NotTheFixedSaving(Refusal):
    """Each meeting saves {value}; with missed meetings {allowed} may be paid in now."""


class NotPayableInCoins(Refusal):
    """The smallest coin is {coin}; this amount cannot be paid in the box."""


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


def buy_shares(
    amount: int, rule: ShareRule, bought_today: int = 0, *, field: str = "amount"
) -> SharePurchase:
    """Turn money handed in (smallest units) into whole shares.

    Shares of the meeting, earlier ones included, lie between the minimum and the maximum; none at
    all only where the constitution lets a member skip. Raises AboveMaximum, BelowMinimum.
    """
    shares = amount // rule.share_value
    in_meeting = shares + bought_today
    if in_meeting > rule.max_shares:
        raise AboveMaximum(field=field, allowed=rule.max_shares)
    least = max(1, rule.min_shares)  # a minimum of none alone lets nobody skip
    if in_meeting < least and (in_meeting or not rule.zero_allowed):
        raise BelowMinimum(field=field, allowed=least)
    paid = shares * rule.share_value
    return SharePurchase(shares, paid, amount - paid)


def require_fixed(
    amount: int, *, value: int, meetings: int, saved_before: int, field: str = "amount"
) -> None:
    """Check a saving where each meeting saves the same: whole savings of `value`, one a meeting and
    those missed.

    `meetings` are the member's so far in the cycle, this one included. Raises NotTheFixedSaving.
    """
    allowed = max(0, value * meetings - saved_before)
    if amount % value or amount > allowed:
        raise NotTheFixedSaving(field=field, value=value, allowed=allowed)


def require_coins(amount: int, coin: int, *, field: str = "amount") -> None:
    """Check that coins can pay an amount. Raises NotPayableInCoins."""
    if amount % coin:
        raise NotPayableInCoins(field=field, coin=coin)
