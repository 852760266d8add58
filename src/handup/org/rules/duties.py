"""Who may not be the same person, by size of the institution (rulings A1, A2). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Profile(StrEnum):
    """The size of the user: a profile, never a fork."""

    SOLO = "SOLO"
    SMALL = "SMALL"
    STANDARD = "STANDARD"
    NATIONAL = "NATIONAL"


class Verdict(StrEnum):
    """What a profile says about a step done by someone whose hand is already in it."""

    FREE = "FREE"
    EXCEPTION = "EXCEPTION"
    REASON_NEEDED = "REASON_NEEDED"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Duty:
    """One step that asks for another person.

    `from_units` says from which amount on (whole smallest units), per profile; 0 when not named.
    `releases_money` marks steps that may never be done by one person alone, except where one person
    is all there is; only SOLO may name an amount for these. `whose` says, for the page of duties,
    whose hand may not do it (a text, perhaps one still to be translated).
    """

    step: str
    releases_money: bool = False
    from_units: Mapping[Profile, int] = field(default_factory=dict)
    whose: object = field(default="", compare=False)


def sample_size(count: int) -> int:
    """How many of a month's exceptions somebody elsewhere looks at: one in ten, at least five."""
    return min(count, max(5, -(-count // 10)))


def may_have_amount(profile: Profile, duty: Duty) -> bool:
    """Whether a profile may say from which amount a step asks: money released is always asked for
    where there are two to ask.
    """
    return profile is Profile.SOLO or not duty.releases_money


def judge(
    profile: Profile, duty: Duty, *, same: bool, hands: int, amount: int | None, reason: str
) -> Verdict:
    """Decide on a step.

    `same` tells that the person acting already has a hand in it, `hands` counts the different
    persons including her, `amount` is None when the step moves none. STANDARD and NATIONAL: another
    person. SMALL: two people suffice, the exception is logged; money is never released by its
    requester alone. SOLO: asks for a reason and reports.
    """
    if not same or (amount is not None and abs(amount) < duty.from_units.get(profile, 0)):
        return Verdict.FREE
    if profile is Profile.SOLO:
        return Verdict.EXCEPTION if reason.strip() else Verdict.REASON_NEEDED
    if profile is Profile.SMALL and (hands > 1 or not duty.releases_money):
        return Verdict.EXCEPTION
    return Verdict.REFUSED
