"""What changed and for whom, beside worked numbers, two libraries and seven real trials."""

import csv
import gzip
import io
import math
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.multitest import multipletests

from handup.results.rules.impact import attrition, changes, comparisons, survival
from handup.results.rules.impact.common import Estimate, by_t
from handup.results.tests.worked import ends, near, worked

__all__ = ["worked"]


def test_the_same_money_twice_shows_what_changed(worked: Any) -> None:
    case = worked["paired_change"]
    found = changes.paired_change(
        case["baseline"],
        case["endline_nominal"],
        prices=(case["cpi_baseline"], case["cpi_endline"]),
        seed=case["bca_seed"],
    )
    assert found is not None
    assert near(found.mean.value, case["mean"])
    assert near(found.deviation, case["sd"])
    assert [
        near(*pair)
        for pair in zip(ends(found.mean.range), (case["mean_low"], case["mean_high"]), strict=True)
    ] == [True, True]
    assert near(found.median.value, case["median"])
    assert found.median.rank == case["median_rank"]
    assert ends(found.median.range) == pytest.approx(
        (case["median_low"], case["median_high"]), abs=5e-5
    )
    assert found.median.coverage is not None
    assert near(found.median.coverage, case["median_coverage"])
    assert found.ratio is not None
    assert near(found.ratio.value, case["gmr"])
    assert ends(found.ratio.range) == pytest.approx((case["gmr_low"], case["gmr_high"]), abs=1e-6)
    assert found.ratio.left_out == 0
    assert found.rose == case["rose"]
    assert ends(found.rose_range) == pytest.approx((case["rose_low"], case["rose_high"]), abs=1e-6)
    assert found.ranks is not None
    assert found.ranks.smaller == case["wilcoxon_w"]
    assert near(found.ranks.p, case["wilcoxon_p"])
    assert ends(found.resampled) == pytest.approx(
        (case["bca_low"], case["bca_high"]), abs=case["bca_tolerance"]
    )


def test_drawing_again_with_the_kept_seed_draws_the_same() -> None:
    before, after = [10.0, 20, 30, 40, 50, 60], [12.0, 19, 37, 44, 51, 70]
    first = changes.paired_change(before, after, seed=7)
    again = changes.paired_change(before, after, seed=7)
    other = changes.paired_change(before, after, seed=8)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.resampled == again.resampled
    assert first.resampled != other.resampled


def test_pairs_of_nothing_are_left_out_of_the_ratio_and_counted() -> None:
    found = changes.paired_change([0.0, 10, 10, 10, 10, 10], [5.0, 20, 20, 20, 20, 20], seed=1)
    assert found is not None
    assert found.ratio is not None
    assert found.ratio.value == pytest.approx(2)
    assert (found.ratio.n, found.ratio.left_out) == (5, 1)
    assert changes.paired_change([1.0] * 4, [2.0] * 4, seed=1) is None
    with pytest.raises(ValueError, match="both rounds"):
        changes.paired_change([1.0] * 6, [2.0] * 5, seed=1)
    with pytest.raises(ValueError, match="price index"):
        changes.paired_change([1.0] * 6, [2.0] * 6, prices=(100, 0), seed=1)


def test_where_all_changed_alike_nothing_is_drawn_and_nothing_is_likely() -> None:
    found = changes.paired_change([1.0] * 6, [3.0] * 6, seed=1)
    assert found is not None
    assert found.resampled is None
    assert found.mean.p is None
    assert ends(found.mean.range) == (2.0, 2.0)


def test_signed_ranks_with_ties_and_unchanged_units(worked: Any) -> None:
    case = worked["wilcoxon_ties"]
    found = changes.wilcoxon(case["differences"])
    assert found is not None
    assert found.n == case["n_nonzero"]
    assert found.above == case["w_plus"]
    assert found.z is not None
    assert near(found.z, case["z"])
    assert near(found.p, case["p"])
    turned = changes.wilcoxon([-one for one in case["differences"]])
    assert turned is not None
    assert turned.z == pytest.approx(-found.z)
    assert changes.wilcoxon([0.0, 0.0]) is None


def test_the_rank_of_the_median_is_the_largest_that_covers_enough() -> None:
    for n in range(6, 200):
        rank = changes.median_change([float(at) for at in range(n)]).rank
        assert rank is not None
        assert 2 * stats.binom.cdf(rank - 1, n, 0.5) <= 0.05
        assert 2 * stats.binom.cdf(rank, n, 0.5) > 0.05
    assert changes.median_change([1.0, 2, 3, 4, 5]).range is None


@pytest.fixture(scope="module")
def units(worked: Any) -> list[comparisons.Unit]:
    return [
        comparisons.Unit(
            row["cluster"], bool(row["treated"]), float(row["baseline"]), float(row["endline"])
        )
        for row in worked["did"]["rows"]
    ]


def test_how_much_more_those_changed_who_took_part(
    worked: Any, units: list[comparisons.Unit]
) -> None:
    case = worked["did"]
    found = comparisons.difference_in_differences(units)
    assert found is not None
    assert near(found.treated, case["change_treated"])
    assert near(found.comparison, case["change_comparison"])
    assert near(found.effect.value, case["did"])
    assert near(found.effect.error, case["se"])
    assert found.clusters == case["clusters"]
    assert found.effect.freedom == case["df"]
    assert ends(found.effect.range) == pytest.approx((case["low"], case["high"]), abs=5.1e-5)
    assert found.effect.p is not None
    assert near(found.effect.p, case["p"])
    assert near(found.error_unclustered, case["se_unclustered"])
    assert found.cautions == ()


def test_the_end_beside_others_with_the_same_beginning(
    worked: Any, units: list[comparisons.Unit]
) -> None:
    case = worked["ancova"]
    found = comparisons.ancova(units)
    assert found is not None
    assert near(found.effect.value, case["effect"])
    assert near(found.effect.error, case["se"])
    assert ends(found.effect.range) == pytest.approx((case["low"], case["high"]), abs=5.1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_both_comparisons_equal_the_library_on_drawn_panels(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    panel = [
        comparisons.Unit(cluster, cluster % 2 == 0, float(base), float(base + change))
        for cluster in range(9 + seed)
        for base, change in drawn.normal((100, 10), (30, 20), (int(drawn.integers(1, 12)), 2))
    ]
    groups = np.array([one.cluster for one in panel])
    sides = np.array([float(one.treated) for one in panel])
    starts = np.array([one.baseline for one in panel])
    finish = np.array([one.endline for one in panel])
    for rule, outcome, columns in (
        (comparisons.difference_in_differences, finish - starts, [sides]),
        (comparisons.ancova, finish, [sides, starts]),
    ):
        found = rule(panel)
        assert found is not None
        oracle = sm.OLS(outcome, sm.add_constant(np.column_stack(columns))).fit(
            cov_type="cluster", cov_kwds={"groups": groups, "df_correction": True}, use_t=True
        )
        assert found.effect.value == pytest.approx(oracle.params[1], rel=1e-9)
        assert found.effect.error == pytest.approx(oracle.bse[1], rel=1e-9)
        assert ends(found.effect.range) == pytest.approx(tuple(oracle.conf_int()[1]), rel=1e-9)
        assert found.effect.p == pytest.approx(oracle.pvalues[1], rel=1e-9)


def test_few_clusters_warn_and_fewer_give_no_interval(units: list[comparisons.Unit]) -> None:
    eight = [one for one in units if one.cluster not in {5, 10}]
    found = comparisons.difference_in_differences(eight)
    assert found is not None
    assert found.cautions == (comparisons.Caution.FEW_CLUSTERS,)
    assert found.effect.range is not None
    six = [one for one in units if one.cluster not in {4, 5, 9, 10}]
    found = comparisons.difference_in_differences(six)
    assert found is not None
    assert comparisons.Caution.TOO_FEW_CLUSTERS in found.cautions
    assert found.effect.range is None
    assert comparisons.difference_in_differences([]) is None
    assert comparisons.ancova([one for one in units if one.treated]) is None


def test_who_stayed_beside_who_left(worked: Any) -> None:
    case = worked["attrition"]
    found = attrition.standardised_difference(case["stayed"], case["left"])
    assert found is not None
    assert near(found, case["standardised_difference"])
    lost = Fraction(len(case["left"]), len(case["left"]) + len(case["stayed"]))
    assert near(float(lost), case["attrition"])
    assert lost > attrition.WARN_ABOVE
    assert attrition.standardised_difference([1.0], [2.0, 3.0]) is None
    assert attrition.standardised_difference([1.0, 1.0], [1.0, 1.0]) is None


def test_bounds_when_one_group_was_found_again_better(worked: Any) -> None:
    case = worked["lee_bounds"]
    sides = {
        "treated": [float(one) for one in case["treated_changes"]],
        "comparison": [float(one) for one in case["comparison_changes"]],
    }
    eligible = case["treated_eligible"], case["comparison_eligible"]
    found = attrition.lee_bounds(
        treated=sides["treated"],
        treated_eligible=eligible[0],
        comparison=sides["comparison"],
        comparison_eligible=eligible[1],
    )
    assert found is not None
    assert near(float(found.share), case["trim_share"])
    assert found.trimmed == case["trimmed"]
    assert near(found.untrimmed, case["untrimmed"])
    assert ends(found.range) == pytest.approx((case["low"], case["high"]), abs=5.1e-5)
    turned = attrition.lee_bounds(
        treated=sides["comparison"],
        treated_eligible=eligible[1],
        comparison=sides["treated"],
        comparison_eligible=eligible[0],
    )
    assert turned is not None
    assert ends(turned.range) == pytest.approx((-case["high"], -case["low"]), abs=5.1e-5)
    with pytest.raises(ValueError, match="more answers"):
        attrition.lee_bounds(
            treated=[1.0] * 9, treated_eligible=8, comparison=[1.0] * 9, comparison_eligible=9
        )


def test_several_outcomes_at_once(worked: Any) -> None:
    case = worked["holm"]
    assert comparisons.holm(case["p"]) == pytest.approx(case["adjusted"])
    drawn = np.random.default_rng(5).uniform(0, 0.2, 12)
    oracle = multipletests(drawn, method="holm")[1]
    assert comparisons.holm(list(drawn)) == pytest.approx(list(oracle), abs=1e-12)
    assert comparisons.holm([]) == []
    with pytest.raises(ValueError, match="between 0 and 1"):
        comparisons.holm([1.2])


def test_how_long_enterprises_live(worked: Any) -> None:
    case = worked["survival"]
    closed = [bool(one) for one in case["closed"]]
    for one in case["at"]:
        found = survival.kaplan_meier(case["months"], closed, one["month"])
        assert found is not None
        assert near(found.share, one["survival"])
        assert near(found.error, one["se"])
        assert ends(found.range) == pytest.approx((one["low"], one["high"]), abs=1e-6)
        assert found.still_observed == one["still_observed"]
    oracle = stats.ecdf(
        stats.CensoredData.right_censored(case["months"], [not one for one in closed])
    ).sf
    for month in (3, 8, 14, 20, 24, 30):
        found = survival.kaplan_meier(case["months"], closed, month)
        assert found is not None
        assert found.share == pytest.approx(float(oracle.evaluate(month)), abs=1e-12)
    assert survival.kaplan_meier(case["months"], closed, 37) is None
    ended = survival.kaplan_meier([1.0, 2, 3, 4, 5], [True] * 5, 12)
    assert ended is not None
    assert (ended.share, ended.still_observed) == (0.0, 0)
    nobody = survival.kaplan_meier([12.0] * 6, [False] * 6, 12)
    assert nobody is not None
    assert (nobody.share, nobody.range) == (1.0, None)
    everybody = survival.kaplan_meier([3.0] * 6, [True] * 6, 3)
    assert everybody is not None
    assert (everybody.share, everybody.range) == (0.0, None)


def test_the_intervals_of_changes_and_comparisons_cover_as_often_as_they_say() -> None:
    """Four thousand drawn panels each, the seed fixed: within a point of 95 %."""
    drawn = np.random.default_rng(20261128)
    held = {"mean": 0, "did": 0}
    rounds = 4_000
    for _ in range(rounds):
        one = drawn.normal(5, 20, 30)
        found = by_t(float(one.mean()), float(one.std(ddof=1)) / 30**0.5, n=30, freedom=29)
        held["mean"] += _covers(found, 5)
        clusters = np.repeat(np.arange(40), 4)
        treated = clusters % 2 == 0
        change = drawn.normal(0, 4, 40)[clusters] + drawn.normal(0, 10, 160) + 7 * treated
        compared = comparisons.difference_in_differences(
            [
                comparisons.Unit(int(c), bool(t), 0.0, float(d))
                for c, t, d in zip(clusters, treated, change, strict=True)
            ]
        )
        assert compared is not None
        held["did"] += _covers(compared.effect, 7)
    for name, count in held.items():
        assert abs(count / rounds - 0.95) < 0.01, (name, count)


def _covers(found: Estimate, truth: float) -> bool:
    assert found.range is not None
    return found.range.low <= truth <= found.range.high


TRIALS = {
    "angelucci": (-44.32, 57.27),
    "attanasio": (-4552.37, 2974.42),
    "augsberg": (872.98, 460.06),
    "banerjee": (385.85, 272.98),
    "crepon": (1966.02, 1277.63),
    "karlan": (2486.36, 2918.25),
    "tarozzi": (411.09, 445.19),
}


def test_seven_trials_of_microcredit_give_the_differences_they_reported(shared: Path) -> None:
    packed = gzip.decompress((shared / "data/real/microcredit_rct.csv.gz").read_bytes())
    rows: dict[str, dict[str, list[float]]] = defaultdict(lambda: {"0": [], "1": []})
    for row in csv.DictReader(io.StringIO(packed.decode())):
        if row["profit"] and row["treatment"]:
            rows[row["group"]][row["treatment"].partition(".")[0]].append(float(row["profit"]))
    assert rows.keys() == TRIALS.keys()
    for trial, (difference, error) in TRIALS.items():
        found = comparisons.difference_of_means(rows[trial]["1"], rows[trial]["0"])
        assert found is not None
        assert (round(found.value, 2), round(found.error, 2)) == (difference, error), trial
        oracle = stats.ttest_ind(rows[trial]["1"], rows[trial]["0"])
        assert found.p == pytest.approx(oracle.pvalue, rel=1e-9)


def test_numbers_that_are_no_numbers_are_refused() -> None:
    values = [1.0, math.nan, 2.0, 3.0, 4.0]
    with pytest.raises(ValueError, match="finite"):
        changes.paired_change(values, values, seed=1)
