"""From eligible to paired: every person not reached is accounted for (surveys.md 4.3)."""

from collections.abc import Mapping
from dataclasses import dataclass

from handup.kernel.money import decimal_text_or_none, percent
from handup.surveys.rules.codes import FOUND_INELIGIBLE, Outcome

ATTEMPTS = 3
DAYS = 2


@dataclass(frozen=True, slots=True)
class Flow:
    """The counts of one round. The response rate leaves out who was found ineligible."""

    eligible: int
    sampled: int
    traced: int
    interviewed: int
    found_ineligible: int
    open: int
    withdrawn: int = 0
    replaced: int = 0

    @property
    def asked(self) -> int:
        """The denominator of the response rate."""
        return self.sampled - self.found_ineligible

    @property
    def response_rate(self) -> str | None:
        """Interviewed of sampled without the ineligible, in percent with one decimal."""
        return decimal_text_or_none(percent(self.interviewed, self.asked), 1)


def flow(eligible: int, counts: Mapping[str, int]) -> Flow:
    """The flow of a round of which so many cases ended in each outcome; an empty outcome is a case
    still open.
    """
    sampled = sum(counts.values())
    untraced = counts.get("", 0) + counts.get(Outcome.NOT_FOUND, 0)
    return Flow(
        eligible=eligible,
        sampled=sampled,
        traced=sampled - untraced,
        interviewed=counts.get(Outcome.INTERVIEWED, 0),
        found_ineligible=sum(counts.get(code, 0) for code in FOUND_INELIGIBLE),
        open=counts.get("", 0),
    )


def attrition(*, paired: int, baseline: int, ineligible_since: int) -> str | None:
    """1 - paired / (baseline interviewed - found ineligible since), in percent with one decimal."""
    whole = baseline - ineligible_since
    return decimal_text_or_none(percent(whole - paired, whole), 1)


def may_give_up(
    attempts: int, days: int, *, needed: int = ATTEMPTS, needed_days: int = DAYS
) -> bool:
    """NOT_FOUND needs three attempts on two different days, or as many as an installation sets."""
    return attempts >= needed and days >= needed_days
