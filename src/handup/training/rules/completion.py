"""Completion is computed, never typed (training.md 4.2): attendance by exact integers and, where
the course has one, a test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from handup.kernel.money import WHOLE_BPS
from handup.training.rules.attendance import Attended
from handup.training.rules.shares import percent_text
from handup.training.rules.states import PassRule, TestForm, TestKind


@dataclass(frozen=True, slots=True)
class Sitting:
    """One result of one test, in order of sitting; `pair` links a pre-test to its post-test."""

    kind: TestKind
    form: TestForm
    score: int
    max_score: int
    pair: str = ""

    @property
    def share(self) -> Fraction:
        """The score as an exact share of the most that could be reached."""
        return Fraction(self.score, self.max_score)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a course was completed, and what is missing when not."""

    completed: bool
    attendance_met: bool
    minutes_short: int
    test_met: bool


def attendance_met(attended: Attended, threshold_bps: int) -> bool:
    """Compare by cross-multiplication: 15 999 of 20 000 at 80 % is not met although it prints 80.0
    %.
    """
    return attended.attended * WHOLE_BPS >= attended.held * threshold_bps


def minutes_short(attended: Attended, threshold_bps: int) -> int:
    """Return how many whole minutes are missing to the threshold; 0 when it is met."""
    needed = -(-attended.held * threshold_bps // WHOLE_BPS)
    return max(0, needed - attended.attended)


def attendance_share(attended: Attended) -> str | None:
    """Return the share attended as it is printed."""
    return percent_text(attended.attended, attended.held)


def test_met(sittings: Sequence[Sitting], pass_mark_bps: int) -> bool:
    """Tell whether the best post-test, written, oral or practical, reaches the pass mark."""
    return any(
        sitting.score * WHOLE_BPS >= sitting.max_score * pass_mark_bps
        for sitting in sittings
        if sitting.kind is TestKind.POST
    )


def outcome(
    attended: Attended,
    sittings: Sequence[Sitting],
    *,
    pass_rule: PassRule,
    threshold_bps: int,
    pass_mark_bps: int,
    graduated: bool = False,
) -> Outcome:
    """Decide one enrolment. A cohort without a held session completes nobody.

    A course that passes by GRADUATION (an apprenticeship) is decided by its final assessment
    instead.
    """
    short = minutes_short(attended, threshold_bps)
    met = attended.held > 0 and attendance_met(attended, threshold_bps)
    if pass_rule is PassRule.GRADUATION:
        return Outcome(graduated, met, short, graduated)
    passed = pass_rule is PassRule.ATTENDANCE_ONLY or test_met(sittings, pass_mark_bps)
    return Outcome(met and passed, met, short, passed)
