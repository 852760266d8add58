"""Completion, passes and gain, on the exact numbers of the specification."""

from fractions import Fraction

import pytest

from handup.training.rules import gain as gain_rules
from handup.training.rules.attendance import Attended
from handup.training.rules.completion import (
    Sitting,
    attendance_met,
    attendance_share,
    minutes_short,
    outcome,
)
from handup.training.rules.completion import test_met as is_test_met
from handup.training.rules.states import (
    EnrolmentState,
    PassRule,
    TestForm,
    TestKind,
    may_follow,
)


def sat(kind: TestKind, score: int, form: TestForm = TestForm.WRITTEN, pair: str = "") -> Sitting:
    return Sitting(kind, form, score, 100, pair)


def test_exactly_the_threshold_is_met() -> None:
    assert attendance_met(Attended(1800, 1440), 8000)
    assert minutes_short(Attended(1800, 1440), 8000) == 0


def test_one_minute_short_is_not_met_although_it_prints_80() -> None:
    sums = Attended(20_000, 15_999)
    assert not attendance_met(sums, 8000)
    assert attendance_share(sums) == "80.0"
    assert minutes_short(sums, 8000) == 1


def test_a_fraction_of_a_minute_short_is_one_minute_short() -> None:
    assert minutes_short(Attended(999, 799), 8000) == 1
    assert attendance_met(Attended(999, 800), 8000)


def test_nothing_held_is_not_defined_and_completes_nobody() -> None:
    assert attendance_share(Attended(0, 0)) is None
    result = outcome(
        Attended(0, 0),
        [],
        pass_rule=PassRule.ATTENDANCE_ONLY,
        threshold_bps=8000,
        pass_mark_bps=6000,
    )
    assert not result.completed


@pytest.mark.parametrize(
    ("rule", "sittings", "completed"),
    [
        (PassRule.ATTENDANCE_ONLY, [], True),
        (PassRule.TEST, [], False),
        (PassRule.TEST, [sat(TestKind.PRE, 99)], False),
        (PassRule.TEST, [sat(TestKind.POST, 59)], False),
        (PassRule.TEST, [sat(TestKind.POST, 60)], True),
        (PassRule.TEST, [sat(TestKind.POST, 30), sat(TestKind.POST, 61)], True),
        (PassRule.TEST, [sat(TestKind.POST, 75, TestForm.PRACTICAL)], True),
        (PassRule.GRADUATION, [sat(TestKind.POST, 99)], False),
    ],
)
def test_completion_asks_for_attendance_and_test(
    rule: PassRule, sittings: list[Sitting], completed: bool
) -> None:
    result = outcome(
        Attended(1800, 1440), sittings, pass_rule=rule, threshold_bps=8000, pass_mark_bps=6000
    )
    assert result.completed is completed


def test_a_passed_test_does_not_make_good_missing_minutes() -> None:
    result = outcome(
        Attended(1800, 1439),
        [sat(TestKind.POST, 100)],
        pass_rule=PassRule.TEST,
        threshold_bps=8000,
        pass_mark_bps=6000,
    )
    assert not result.completed
    assert result.test_met
    assert result.minutes_short == 1


def test_an_apprentice_completes_by_graduation() -> None:
    result = outcome(
        Attended(0, 0),
        [],
        pass_rule=PassRule.GRADUATION,
        threshold_bps=8000,
        pass_mark_bps=6000,
        graduated=True,
    )
    assert result.completed


def test_gain_counts_pairs_only() -> None:
    pre: list[int | None] = [40, 50, 60, None, 30]
    post: list[int | None] = [70, 80, 60, 90, None]
    persons = []
    for a, b in zip(pre, post, strict=True):
        sittings = []
        if a is not None:
            sittings.append(sat(TestKind.PRE, a))
        if b is not None:
            sittings.append(sat(TestKind.POST, b))
        persons.append(sittings)
    found = gain_rules.gain(persons)
    assert (found.pairs, found.text) == (3, "20.0")
    assert (found.unpaired_pre, found.unpaired_post) == (1, 1)


def test_the_first_post_test_enters_the_gain_and_the_best_decides_the_pass() -> None:
    sittings = [sat(TestKind.PRE, 40), sat(TestKind.POST, 50), sat(TestKind.POST, 90)]
    assert gain_rules.gain([sittings]).points == Fraction(10)
    assert is_test_met(sittings, 6000)


def test_tests_on_other_forms_are_not_paired() -> None:
    found = gain_rules.gain([[sat(TestKind.PRE, 40, pair="A"), sat(TestKind.POST, 90, pair="B")]])
    assert (found.pairs, found.unpaired_pre, found.unpaired_post) == (0, 1, 1)
    assert found.text is None


def test_a_level_test_never_enters_the_gain() -> None:
    found = gain_rules.gain([[sat(TestKind.LEVEL, 40), sat(TestKind.POST, 90)]])
    assert (found.pairs, found.unpaired_pre, found.unpaired_post) == (0, 0, 1)


def test_every_state_says_what_may_follow() -> None:
    assert may_follow(EnrolmentState.APPLIED, EnrolmentState.ELIGIBLE)
    assert not may_follow(EnrolmentState.APPLIED, EnrolmentState.COMPLETED)
    assert not may_follow(EnrolmentState.TRANSFERRED, EnrolmentState.ENROLLED)
    for state in EnrolmentState:
        assert not may_follow(state, state)
