"""One outcome of a study: the worked panels through the rules, who was lost, and the level."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from handup.results.rules.states import DesignKind, Level, OutcomeKind
from handup.results.rules.study import (
    Caveat,
    Method,
    Observed,
    Plan,
    Study,
    level_of_study,
    study,
)
from handup.results.tests.worked import near, worked

__all__ = ["worked"]

PAIRED = Plan(DesignKind.NONE, OutcomeKind.AMOUNT, is_paired=True, seed=20260727)
TRIAL = Plan(
    DesignKind.RANDOMISED, OutcomeKind.AMOUNT, is_paired=True, is_fixed_before=True, seed=1
)


def people(
    effect: float, n: int = 60, lost: int = 0, seed: int = 7, clusters: int = 0
) -> list[Observed]:
    """Two groups drawn by lot that differ by an effect; the last `lost` of each are not found."""
    draw = np.random.default_rng(seed)
    found = []
    for side in (True, False):
        for at in range(n):
            first = float(draw.normal(100, 10))
            last: float | None = first + float(draw.normal(0, 5)) + (effect if side else 0)
            if at >= n - lost:
                last = None
            found.append(Observed(at % clusters if clusters else at, side, first, last))
    return found


def told(found: Study, method: Method) -> Any:
    return next(one for one in found.estimates if one.method is method)


def test_twelve_pairs_in_money_of_the_first_round(worked: Any) -> None:
    case = worked["paired_change"]
    pairs = zip(case["baseline"], case["endline_nominal"], strict=True)
    units = [Observed(at, None, first, last) for at, (first, last) in enumerate(pairs)]
    prices = (case["cpi_baseline"], case["cpi_endline"])
    found = study(replace(PAIRED, prices=prices, seed=case["bca_seed"]), units)
    assert found.main is not None
    assert found.main.method is Method.MEAN_CHANGE
    assert round(found.main.value, 2) == 7.93
    assert found.main.range is not None
    assert (round(found.main.range.low, 2), round(found.main.range.high, 2)) == (-4.26, 20.11)
    assert round(told(found, Method.MEDIAN_CHANGE).value, 2) == 11.67
    assert round(told(found, Method.RATIO).value, 3) == 1.078
    assert round(told(found, Method.SHARE_RISEN).value, 4) == round(8 / 12, 4)
    assert near(told(found, Method.SIGNED_RANKS).p, case["wilcoxon_p"])
    assert level_of_study(PAIRED, found, adjusted_p=None) is Level.CHANGE


def test_a_share_before_and_after_is_told_by_its_pairs() -> None:
    counts = {(1, 1): 30, (1, 0): 12, (0, 1): 40, (0, 0): 68}
    units = [
        Observed(0, None, float(first), float(last))
        for (first, last), times in counts.items()
        for _at in range(times)
    ]
    found = study(replace(PAIRED, kind=OutcomeKind.SHARE), units)
    assert found.main is not None
    assert found.main.range is not None
    assert round(found.main.value, 3) == 0.187
    assert (round(found.main.range.low, 3), round(found.main.range.high, 3)) == (0.095, 0.273)
    assert found.main.p is not None
    assert round(found.main.p, 6) == 0.000128


def test_a_trial_fixed_before_shows_an_effect_and_says_so() -> None:
    found = study(TRIAL, people(20))
    assert found.main is not None
    assert found.main.method is Method.MORE_THAN_OTHERS
    assert abs(found.main.value - 20) < 3
    assert told(found, Method.SAME_START).range is not None
    assert found.lee is not None
    assert found.attrition == 0
    assert level_of_study(TRIAL, found, adjusted_p=None) is Level.CAUSAL


@pytest.mark.parametrize(
    ("plan", "units"),
    [
        (replace(TRIAL, is_fixed_before=False), people(20)),
        (replace(TRIAL, is_primary=False), people(20)),
        (replace(TRIAL, design=DesignKind.COMPARISON), people(20)),
        (TRIAL, people(0.1)),
        (TRIAL, people(20, lost=20)),
    ],
    ids=["not fixed", "a secondary outcome", "chose themselves", "no effect", "a third lost"],
)
def test_what_lacks_one_thing_is_a_difference_from_others(
    plan: Plan, units: list[Observed]
) -> None:
    assert level_of_study(plan, study(plan, units), adjusted_p=0.06) is Level.COMPARED


def test_another_outcome_counts_alone_when_it_holds_among_all() -> None:
    plan = replace(TRIAL, is_primary=False)
    found = study(plan, people(20))
    assert level_of_study(plan, found, adjusted_p=0.04) is Level.CAUSAL


def test_groups_that_chose_themselves_get_no_ancova() -> None:
    found = study(replace(TRIAL, design=DesignKind.COMPARISON), people(20))
    assert Method.SAME_START not in {one.method for one in found.estimates}


def test_who_was_lost_is_told_by_group_with_how_they_differed() -> None:
    units = people(20, n=40)
    richest = sorted((u for u in units if u.treated), key=lambda u: u.first or 0)[-10:]
    left = [replace(one, last=None) if one in richest else one for one in units]
    found = study(TRIAL, left)
    took, others = found.flows
    assert (took.eligible, took.followed, took.lost, others.lost) == (40, 30, 10, 0)
    assert took.difference is not None
    assert took.difference < -1
    assert found.attrition == Fraction(10, 80)
    assert {Caveat.MANY_LOST, Caveat.LOST_DIFFER} <= set(found.caveats)
    assert found.lee is not None
    assert found.lee.trimmed == 10
    assert told(found, Method.LEE).range == found.lee.range


def test_few_clusters_give_no_interval_and_no_comparison() -> None:
    plan = replace(TRIAL, is_clustered=True)
    few = study(plan, people(20, clusters=3))
    assert few.main is not None
    assert few.main.range is None
    assert Caveat.TOO_FEW_CLUSTERS in few.caveats
    assert level_of_study(plan, few, adjusted_p=None) is Level.CHANGE
    more = study(plan, people(20, clusters=12))
    assert more.clusters == 12
    assert more.main is not None
    assert told(more, Method.NO_CLUSTERS).error != more.main.error


def test_asked_once_describes_unless_groups_were_drawn_by_lot() -> None:
    once = [replace(one, first=None) for one in people(40)]
    alone = replace(PAIRED, is_paired=False)
    assert level_of_study(alone, study(alone, once), adjusted_p=None) is Level.DESCRIPTIVE
    drawn = replace(TRIAL, is_paired=False)
    found = study(drawn, once)
    assert found.main is not None
    assert found.main.method is Method.AT_THE_END
    assert level_of_study(drawn, found, adjusted_p=None) is Level.CAUSAL


def test_fewer_than_five_give_no_result() -> None:
    found = study(PAIRED, [Observed(at, None, 1.0, 2.0 + at) for at in range(4)])
    assert found.estimates == ()
    assert found.caveats[0] is Caveat.TOO_FEW
    assert level_of_study(PAIRED, found, adjusted_p=None) is Level.DESCRIPTIVE


def test_whose_group_is_not_known_is_left_out_and_counted() -> None:
    units = people(20)
    units[0] = replace(units[0], treated=None)
    found = study(TRIAL, units)
    assert found.unknown == 1
    assert sum(flow.eligible for flow in found.flows) == len(units) - 1
    assert Caveat.GROUP_UNKNOWN in found.caveats
