"""The loan fund divided at the end of a cycle: debts netted, nobody paid more than the box holds
(groups.md G5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from handup.kernel.errors import Refusal
from handup.kernel.money import split


class OutsideDebtFirst(Refusal):
    """The group owes {debt} outside and holds {cash}; that is paid back before anything is shared
    out."""


class NoShares(Refusal):
    """Nobody holds a share of this cycle, so there is nothing to share out by."""


class ShareOutRounding(StrEnum):
    """How what comes out on a share is rounded."""

    LARGEST_REMAINDER = "LARGEST_REMAINDER"
    WHOLE_SHARE_VALUE = "WHOLE_SHARE_VALUE"


class SocialAtEnd(StrEnum):
    """What becomes of the social fund."""

    CARRY_FORWARD = "CARRY_FORWARD"
    EQUAL_SPLIT = "EQUAL_SPLIT"


@dataclass(frozen=True, slots=True)
class Holder:
    """A member of the cycle, whatever her status: shares, what she paid for them, and what she
    owes the loan fund (principal, charge and fines together), in smallest units. owed_social: the
    fines that she owes the social fund."""

    shares: int
    saved: int
    owed: int
    owed_social: int = 0


@dataclass(frozen=True, slots=True)
class Funds:
    """What is there to share out, in smallest units; `cash_unit` is the smallest coin in use.

    owed_besides: what members owe who hold no part; promised: what was due or left open to members
    before and still lies in the cash.
    """

    loan_cash: int
    social_cash: int
    outside_debt: int
    cash_unit: int
    owed_besides: int = 0
    promised: int = 0


@dataclass(frozen=True, slots=True)
class HolderResult:
    """What one member gets: `net` is paid now, owed to her as a claim, or below zero her debt.
    owed: what is taken off; to_social: what of it the social fund gets for fines."""

    gross: int
    gain: int
    social: int
    owed: int
    net: int
    paid_now: int
    to_social: int = 0

    @property
    def group_owes(self) -> int:
        """What the box cannot pay now."""
        return max(0, self.net - self.paid_now)

    @property
    def member_owes(self) -> int:
        """What she still owes; a debt is never cut to nothing."""
        return max(0, -self.net)


@dataclass(frozen=True, slots=True)
class ShareOut:
    """The whole division; `value_per_share` only where each share has one whole value."""

    distributable: int
    value_per_share: int | None
    leftover: int
    social_kept: int
    members: tuple[HolderResult, ...]


def share_out(
    funds: Funds,
    holders: Sequence[Holder],
    *,
    rounding: ShareOutRounding,
    social_at_end: SocialAtEnd,
    savings_first: bool = False,
    rehearsed: bool = False,
) -> ShareOut:
    """Divide the loan fund by shares and net the debts; holders stand in the order of their
    numbers. savings_first: everybody's savings come back, and only the gain is divided by
    `shares`, whatever they stand for; a loss by the savings. rehearsed: nothing is paid, so the
    cash need not cover the debt outside as long as the whole does. Fines of the social fund are no
    part of it: they go to it from what comes out for who owes them, as far as there is cash. Raises
    OutsideDebtFirst, NoShares."""
    owed = sum(one.owed for one in holders) + funds.owed_besides
    first = funds.outside_debt + funds.promised
    distributable = funds.loan_cash + owed - first
    if distributable < 0 or (not rehearsed and funds.loan_cash < funds.outside_debt):
        raise OutsideDebtFirst(debt=first, cash=funds.loan_cash)
    shares = sum(holder.shares for holder in holders)
    if shares == 0:
        raise NoShares
    value = None
    if savings_first:
        gross = _savings_and_gain(distributable, holders, funds.cash_unit)
    elif rounding is ShareOutRounding.WHOLE_SHARE_VALUE:
        value = distributable // shares // funds.cash_unit * funds.cash_unit
        gross = tuple(holder.shares * value for holder in holders)
    else:
        gross = split(distributable, [one.shares for one in holders], funds.cash_unit).parts
    leftover = distributable - sum(gross)
    is_split = social_at_end is SocialAtEnd.EQUAL_SPLIT
    social = split(funds.social_cash * is_split, [1] * len(holders), funds.cash_unit).parts
    rooms = [
        whole + extra - one.owed for whole, extra, one in zip(gross, social, holders, strict=True)
    ]
    available = funds.loan_cash - first - leftover + sum(social)
    fined = fines_taken([holder.owed_social for holder in holders], rooms, available)
    nets = [room - fine for room, fine in zip(rooms, fined, strict=True)]
    paid = pay_what_fits(nets, available - sum(fined), funds.cash_unit)
    rows = zip(holders, gross, social, fined, nets, paid, strict=True)
    return ShareOut(
        distributable=distributable,
        value_per_share=value,
        leftover=leftover,
        social_kept=funds.social_cash - sum(social),
        members=tuple(
            HolderResult(
                gross=whole,
                gain=whole - one.saved,
                social=extra,
                owed=one.owed + fine,
                net=net,
                paid_now=now,
                to_social=fine,
            )
            for one, whole, extra, fine, net, now in rows
        ),
    )


def _savings_and_gain(
    distributable: int, holders: Sequence[Holder], cash_unit: int
) -> tuple[int, ...]:
    """What was saved and a part of the gain; where there is a loss, each bears it by savings."""
    gain = distributable - sum(holder.saved for holder in holders)
    if gain < 0:
        return split(distributable, [holder.saved for holder in holders], cash_unit).parts
    parts = split(gain, [holder.shares for holder in holders], cash_unit).parts
    return tuple(holder.saved + part for holder, part in zip(holders, parts, strict=True))


def fines_taken(owed: Sequence[int], rooms: Sequence[int], cash: int) -> tuple[int, ...]:
    """What the social fund gets for the fines that are owed to it: never more than comes out for
    each, and no more together than there is cash, in the order of the members."""
    left, taken = max(0, cash), []
    for fine, room in zip(owed, rooms, strict=True):
        taken.append(max(0, min(fine, room, left)))
        left -= taken[-1]
    return tuple(taken)


def pay_what_fits(nets: Sequence[int], available: int, cash_unit: int) -> tuple[int, ...]:
    """Pay everybody who has something coming in full, or divide what is there in the same
    proportion, in coins; nobody gets more than is hers."""
    due = [max(0, net) for net in nets]
    payable = max(0, available)
    if sum(due) <= payable:
        return tuple(due)
    parts = split(payable, due, cash_unit).parts
    return tuple(min(part, whole) for part, whole in zip(parts, due, strict=True))
