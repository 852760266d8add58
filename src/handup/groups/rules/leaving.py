"""What a member gets who leaves before the end of the cycle (groups.md G6)."""

from dataclasses import dataclass
from enum import StrEnum

from handup.groups.rules.share_out import fines_taken


class LeavePay(StrEnum):
    """What the constitution gives a leaver."""

    SAVINGS_ONLY = "SAVINGS_ONLY"
    SAVINGS_AND_GAIN = "SAVINGS_AND_GAIN"


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is due to a leaver and how much of it the box pays now, in smallest units. owed: what
    is taken off; to_social: what of it the social fund gets for her fines."""

    entitlement: int
    owed: int
    paid_now: int
    to_social: int = 0

    @property
    def group_owes(self) -> int:
        """Her claim: what the box could not pay."""
        return max(0, self.entitlement - self.owed - self.paid_now)

    @property
    def member_owes(self) -> int:
        """What she owes above her entitlement; she leaves owing."""
        return max(0, self.owed - self.entitlement)


def leave(
    *,
    policy: LeavePay,
    saved: int,
    gain_to_date: int,
    owed: int,
    fund_cash: int,
    owed_social: int = 0,
) -> Leaving:
    """Settle a leaver: savings, with the gain to date (which may be below zero) where the rules
    give it, less principal, charge and fines owed, paid as far as the fund has cash. owed_social:
    fines of the social fund, which gets them from the same cash first."""
    with_gain = policy is LeavePay.SAVINGS_AND_GAIN
    entitlement = saved + gain_to_date if with_gain else saved
    (fined,) = fines_taken([owed_social], [entitlement - owed], fund_cash)
    due = max(0, entitlement - owed - fined)
    paid = min(due, max(0, fund_cash - fined))
    return Leaving(entitlement, owed + fined, paid, fined)
