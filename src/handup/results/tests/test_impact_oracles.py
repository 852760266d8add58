"""Statistics of impact beside the same of scipy and statsmodels, and how often their intervals hold
the truth over drawn samples (results.md 4.6).
"""

from collections.abc import Callable
from math import exp

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.duration.survfunc import SurvfuncRight

from handup.results.rules.impact import changes, shares, survival
from handup.results.rules.impact.common import Range
from handup.results.tests.worked import ends

ROUNDS = 2_000


@pytest.mark.parametrize("seed", range(4))
def test_paired_changes_equal_the_library(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    before = drawn.lognormal(4, 0.6, 12 + 30 * seed)
    after = before * drawn.lognormal(0.1, 0.4, len(before))
    found = changes.paired_change(list(before), list(after), seed=seed)
    assert found is not None
    mean = stats.ttest_1samp(after - before, 0)
    assert ends(found.mean.range) == pytest.approx(tuple(mean.confidence_interval()), rel=1e-9)
    assert found.mean.p == pytest.approx(mean.pvalue, rel=1e-9)
    logs = stats.ttest_1samp(np.log(after / before), 0).confidence_interval()
    assert found.ratio is not None
    assert ends(found.ratio.range) == pytest.approx((exp(logs.low), exp(logs.high)), rel=1e-9)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("n", [9, 50, 51, 120])
def test_signed_ranks_equal_the_library(n: int, *, ties: bool) -> None:
    drawn = np.random.default_rng(n).normal(0.2, 1, n)
    moved = np.round(drawn * 4) if ties else drawn
    found = changes.wilcoxon(list(moved))
    assert found is not None
    how = "exact" if n <= 50 and not ties else "asymptotic"
    oracle = stats.wilcoxon(moved[moved != 0], correction=False, method=how)
    assert found.p == pytest.approx(oracle.pvalue, rel=1e-9)
    assert found.smaller == oracle.statistic


@pytest.mark.parametrize("seed", range(4))
def test_weighted_shares_of_clusters_equal_the_library(seed: int) -> None:
    """The variance is that of a weighted regression on nothing with clustered errors."""
    drawn = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(14), drawn.integers(2, 9, 14))
    likely = drawn.beta(3, 2, 14)[clusters]
    said, weights = drawn.random(len(clusters)) < likely, drawn.uniform(0.5, 3, len(clusters))
    found = shares.clustered(
        [
            shares.Answer(bool(yes), float(weight), int(cluster))
            for yes, weight, cluster in zip(said, weights, clusters, strict=True)
        ]
    )
    assert found is not None
    oracle = sm.WLS(said.astype(float), np.ones(len(said)), weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "df_correction": True}
    )
    assert found.value == pytest.approx(oracle.params[0], rel=1e-9)
    assert found.variance == pytest.approx(oracle.cov_params()[0, 0], rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_survival_and_its_error_equal_the_library(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    lived, watched = drawn.integers(1, 60, 80), drawn.integers(6, 40, 80)
    months, closed = np.minimum(lived, watched), lived <= watched
    oracle = SurvfuncRight(months, closed)
    for month, share, error in zip(
        oracle.surv_times, oracle.surv_prob, oracle.surv_prob_se, strict=True
    ):
        found = survival.kaplan_meier(list(months), list(closed), float(month))
        assert found is not None
        assert found.share == pytest.approx(share, rel=1e-9)
        if 0 < share < 1:
            assert found.error == pytest.approx(error, rel=1e-9)


Draw = Callable[[np.random.Generator], Range | None]


def _pairs(drawn: np.random.Generator) -> Range | None:
    counts = [int(one) for one in drawn.multinomial(150, (0.2, 0.08, 0.27, 0.45))]
    names = ("yes_yes", "yes_no", "no_yes", "no_no")
    found = shares.mcnemar(**dict(zip(names, counts, strict=True)))
    return None if found is None else found.range


def _clusters(drawn: np.random.Generator) -> Range | None:
    said = drawn.random((30, 4)) < drawn.beta(6, 4, 30)[:, None]
    answers = [shares.Answer(bool(yes), 1, at) for at, inside in enumerate(said) for yes in inside]
    found = shares.clustered(answers)
    return None if found is None else found.range


@pytest.mark.parametrize(
    ("draw", "truth"), [(_pairs, 0.19), (_clusters, 0.6)], ids=["pairs", "clusters"]
)
def test_intervals_of_shares_hold_the_truth_as_often_as_they_say(draw: Draw, truth: float) -> None:
    """Two thousand drawn samples, the seed fixed: within a point of 95 %."""
    drawn = np.random.default_rng(20261129)
    found = [draw(drawn) for _ in range(ROUNDS)]
    held = sum(one is not None and one.low <= truth <= one.high for one in found)
    assert abs(held / ROUNDS - 0.95) < 0.01
