"""Shares of those asked and how many to ask, beside worked numbers, scipy and statsmodels."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as oracle_mcnemar
from statsmodels.stats.proportion import proportion_confint

from handup.results.rules.impact import samples, shares
from handup.results.rules.impact.common import Z95
from handup.results.rules.statistics import bounds_for_unreached, wilson
from handup.results.tests.worked import ends, near, worked

__all__ = ["worked"]

ALPHA = 2 * (1 - stats.norm.cdf(Z95))


def test_a_share_has_wilsons_interval(worked: Any) -> None:
    for case in worked["wilson"]:
        found = wilson(case["yes"], case["n"])
        assert found is not None
        assert near(found.low, case["low"]), case
        assert near(found.high, case["high"]), case
        low, high = proportion_confint(case["yes"], case["n"], ALPHA, "wilson")
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)


def test_a_good_part_of_a_population_says_more(worked: Any) -> None:
    case = worked["wilson_fpc"]
    found = shares.of_population(case["yes"], case["n"], case["population"])
    assert found is not None
    assert near(found[0], case["n_effective"])
    assert near(found[1].low, case["low"])
    assert near(found[1].high, case["high"])
    everybody = shares.of_population(9, 10, 10)
    assert everybody is not None
    assert ends(everybody[1]) == (0.9, 0.9)
    assert shares.of_population(1, 4, 10) is None
    with pytest.raises(ValueError, match="population"):
        shares.of_population(3, 11, 10)


def test_the_exact_interval_is_that_of_the_library() -> None:
    for yes, n in ((0, 20), (20, 20), (3, 5), (368, 400), (1, 7)):
        found = shares.clopper_pearson(yes, n)
        assert found is not None
        low, high = proportion_confint(yes, n, 0.05, "beta")
        assert ends(found) == pytest.approx(
            (0.0 if yes == 0 else low, 1.0 if yes == n else high), abs=1e-9
        )
    assert shares.clopper_pearson(1, 4) is None


def test_whoever_was_not_reached_may_have_said_anything(worked: Any) -> None:
    for case in worked["worst_case_bounds"]:
        low, high = bounds_for_unreached(case["yes"], case["n"], case["population"])
        assert near(float(low), case["low"])
        assert near(float(high), case["high"])


def test_clusters_and_weights_say_less_than_as_many_simple_answers(worked: Any) -> None:
    case = worked["clustered_proportion"]
    answers = [
        shares.Answer(at < one["yes"], one["weight"], one["cluster"])
        for one in case["clusters"]
        for at in range(one["respondents"])
    ]
    found = shares.clustered(answers)
    assert found is not None
    assert found.n == case["n"]
    assert near(found.value, case["p"])
    assert near(found.variance, case["variance"])
    assert near(found.effective, case["n_effective"])
    assert near(found.design_effect, case["deff"])
    assert (found.clusters, found.strata) == (6, 1)
    low, high = ends(found.range)
    assert near(low, case["low"])
    assert near(high, case["high"])


def test_a_stratum_of_one_cluster_gives_no_interval_and_four_answers_nothing() -> None:
    one = [shares.Answer(at < 3, 1, 1) for at in range(6)]
    found = shares.clustered(one)
    assert found is not None
    assert found.range is None
    assert shares.clustered(one[:4]) is None
    with pytest.raises(ValueError, match="weight"):
        shares.clustered([shares.Answer(True, 0, at) for at in range(6)])


def test_where_all_say_the_same_the_weights_alone_count() -> None:
    answers = [shares.Answer(True, 1 + at % 2, at) for at in range(10)]
    found = shares.clustered(answers)
    assert found is not None
    assert found.effective == pytest.approx(15**2 / 25)
    assert ends(found.range)[1] == 1.0


def test_strata_are_taken_apart_before_clusters_are_compared() -> None:
    """Two strata that differ, clusters within them that do not: nothing but the strata varies."""
    answers = [
        shares.Answer(at < yes, 1, (stratum, cluster), stratum)
        for stratum, yes in (("a", 8), ("b", 2))
        for cluster in range(5)
        for at in range(10)
    ]
    found = shares.clustered(answers)
    assert found is not None
    assert found.variance == pytest.approx(0, abs=1e-15)
    assert found.effective == 100
    mixed = shares.clustered([shares.Answer(a.yes, 1, a.cluster) for a in answers])
    assert mixed is not None
    assert mixed.effective < 30


def test_yes_and_no_before_and_after(worked: Any) -> None:
    case = worked["mcnemar"]
    counts = {key: case[key] for key in ("yes_yes", "yes_no", "no_yes", "no_no")}
    found = shares.mcnemar(**counts)
    assert found is not None
    assert near(found.p, case["p"])
    assert near(found.before, case["before"])
    assert near(found.after, case["after"])
    assert near(found.change, case["change"])
    assert ends(found.range) == pytest.approx((case["low"], case["high"]), abs=1e-6)
    table = [[counts["yes_yes"], counts["yes_no"]], [counts["no_yes"], counts["no_no"]]]
    assert found.p == pytest.approx(oracle_mcnemar(table, exact=True).pvalue, abs=1e-9)
    small = worked["mcnemar_small"]
    assert near(shares.mcnemar_p(small["yes_no"], small["no_yes"]), small["p"])
    assert shares.mcnemar_p(0, 0) == 1.0
    assert shares.mcnemar(yes_yes=1, yes_no=1, no_yes=1, no_no=1) is None


def size(case: dict[str, Any]) -> Iterator[tuple[float, float]]:
    """What a worked sample asks for beside what is worked out."""
    if case["kind"] == "PROPORTION":
        found = samples.for_share(
            half_width=case["half_width"],
            p=case["p"],
            population=case["population"],
            design_effect=case["deff"],
            response=case["response"],
        )
        yield found.answers, case["n"]
        yield found.invite, case["invite"]
        return
    effect = case.get("deff") or samples.design_effect(case["cluster_size"], case["icc"])
    if case["kind"].startswith("MDE"):
        rule = {"MDE_DID": samples.detected_by_change, "MDE_ANCOVA": samples.detected_by_ancova}
        yield (
            rule[case["kind"]](
                sd=case["sd"],
                rho=case["rho"],
                treated=case["n_treated"],
                comparison=case["n_comparison"],
                effect=effect,
            ),
            case["mde"],
        )
        return
    for_size = {"PAIRED_MEAN": samples.for_change, "DID": samples.for_comparison}[case["kind"]]
    found = for_size(
        sd=case["sd"],
        rho=case["rho"],
        delta=case["delta"],
        retention=case["retention"],
        effect=effect,
        power=case["power"],
    )
    yield found.answers, case.get("n") or case["n_per_group"]
    yield found.invite, case.get("baseline") or case["baseline_per_group"]


def test_how_many_must_be_asked(worked: Any) -> None:
    assert {case["kind"] for case in worked["sample_size"]} == {
        "PROPORTION",
        "PAIRED_MEAN",
        "DID",
        "MDE_DID",
        "MDE_ANCOVA",
    }
    for case in worked["sample_size"]:
        for found, wanted in size(case):
            assert near(found, wanted) or found == wanted, case


def test_a_sample_of_impossible_figures_is_refused() -> None:
    for half_width, p, response in ((0.0, 0.5, 1.0), (0.05, 1.5, 1.0), (0.05, 0.5, 0.0)):
        with pytest.raises(ValueError, match="lies above 0"):
            samples.for_share(half_width=half_width, p=p, response=response)
    for population, effect in ((0, 1.0), (100, 0.5)):
        with pytest.raises(ValueError, match="at least 1"):
            samples.for_share(half_width=0.05, population=population, design_effect=effect)


def test_the_interval_of_a_share_covers_as_often_as_it_says() -> None:
    """Exactly, for every count: on average over shares within a point of 95 %."""
    for n in (20, 50, 400):
        counts = np.arange(n + 1)
        intervals = [wilson(int(yes), n) for yes in counts]
        covered = []
        for p in np.linspace(0.05, 0.95, 91):
            inside = [one is not None and one.low <= p <= one.high for one in intervals]
            covered.append(stats.binom.pmf(counts, n, p)[inside].sum())
        assert abs(np.mean(covered) - 0.95) < 0.01, n
