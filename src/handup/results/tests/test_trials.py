"""Seven trials of microcredit, loaded as survey rounds, give the differences they reported. The
largest, of 21 523 households, takes two minutes and runs with the long ones.
"""

import csv
import gzip
import io
from collections import defaultdict
from pathlib import Path

import pytest

from handup.results import services as s
from handup.results.models import Analysis
from handup.results.rules.states import DesignKind, Level
from handup.results.tests.studies import ENDED, Study
from handup.surveys.services.rounds import EligibleIn

TRIALS = {
    "angelucci": (-44.32, 57.27),
    "attanasio": (-4552.37, 2974.42),
    "augsberg": (872.98, 460.06),
    "banerjee": (385.85, 272.98),
    "crepon": (1966.02, 1277.63),
    "karlan": (2486.36, 2918.25),
    "tarozzi": (411.09, 445.19),
}
ARMS = {"1": "credit", "0": "none", "": ""}
Rows = dict[str, list[tuple[str, str]]]


@pytest.fixture(scope="module")
def trials(shared: Path) -> Rows:
    packed = gzip.decompress((shared / "data/real/microcredit_rct.csv.gz").read_bytes())
    found: Rows = defaultdict(list)
    for row in csv.DictReader(io.StringIO(packed.decode())):
        found[row["group"]].append((row["treatment"].partition(".")[0], row["profit"]))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    "trial",
    [pytest.param(one, marks=pytest.mark.soak if one == "angelucci" else ()) for one in TRIALS],
)
def test_a_trial_loaded_as_a_round_gives_the_difference_it_reported(
    trials: Rows, trial: str
) -> None:
    """Households drawn into two groups, asked once; of some the group was never recorded."""
    study, rows = Study(trial), trials[trial]
    homes = study.households(len(rows))
    drawn = [
        EligibleIn(subject=home, stratum=ARMS[arm])
        for home, (arm, _profit) in zip(homes, rows, strict=True)
    ]
    round = study.round("Endline", ENDED, drawn)
    plan = s.plan_analysis(
        acting_staff=study.officer,
        programme=study.programme,
        code="PROFIT",
        title="Profit of the household",
        outcome_key="profit",
        hypothesis="Profit is higher where credit was offered",
        design=DesignKind.RANDOMISED,
        last_round=round,
        arm_values=["credit"],
        is_primary=True,
    )
    s.fix_analysis(acting_staff=study.officer, analysis=plan)
    said = {home.pk: {"profit": row[1]} for home, row in zip(homes, rows, strict=True) if row[1]}
    study.answer(round, said)
    fixed = Analysis.objects.get(pk=plan.pk)
    found = s.finish_analysis(acting_staff=study.officer, analysis=fixed)
    main = found.told["estimates"][0]
    assert (round_to(main["value"]), round_to(main["error"])) == TRIALS[trial]
    assert found.told["unknown"] == sum(arm == "" for arm, _profit in rows)
    assert sum(flow["followed"] for flow in found.told["flows"]) == main["n"]
    holds_nothing = float(main["low"]) <= 0 <= float(main["high"])
    assert holds_nothing
    assert found.level == Level.COMPARED, "no trial's interval leaves out nothing at all"


def round_to(text: str) -> float:
    return round(float(text), 2)
