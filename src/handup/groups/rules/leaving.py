"""What a member gets who leaves before the end of the cycle (groups.md G6)."""

from dataclasses import dataclass
from enum import StrEnum


class LeavePay(StrEnum):
    """What the constitution gives a leaver."""

    SAVINGS_ONLY = "SAVINGS_ONLY"
    SAVINGS_AND_GAIN = "SAVINGS_AND_GAIN"


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is due to a leaver and how much of it the box pays now, in smallest units."""

    entitlement: int
    owed: int
    paid_now: int

    @property
    def group_owes(self) -> int:
        """Her claim: what the box could not pay."""
        return max(0, self.entitlement - self.owed - self.paid_now)

    @property
    def member_owes(self) -> int:
        """What she owes above her entitlement; she leaves owing."""
        return max(0, self.owed - self.entitlement)


def leave(*, policy: LeavePay, saved: int, gain_to_date: int, owed: int, fund_cash: int) -> Leaving:
    """Settle a leaver: savings, with the gain to date (which may be below zero) where the rules
    give it, less principal, charge and fines owed, paid as far as the fund has cash."""
    with_gain = policy is LeavePay.SAVINGS_AND_GAIN
    entitlement = saved + gain_to_date if with_gain else saved
    due = max(0, entitlement - owed)
    return Leaving(entitlement, owed, min(due, max(0, fund_cash)))
