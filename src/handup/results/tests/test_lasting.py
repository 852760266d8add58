"""How long enterprises last, planned and fixed like any outcome: the worked curve of twelve."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from handup.results import services as s
from handup.results.freezing import estimates_of
from handup.results.gathering.base import STORED
from handup.results.lasting import study_of_lasting
from handup.results.models import Analysis
from handup.results.rules.states import AnalysisState, DesignKind, OutcomeKind
from handup.results.services import analyses
from handup.results.tests.test_frozen import House, browser, house
from handup.results.tests.test_surviving import DAY, visits
from handup.results.tests.worked import worked
from handup.surveys.models import Question, Questionnaire, QuestionnaireVersion, Round

pytestmark = pytest.mark.django_db
__all__ = ["house", "worked"]


def a_round(house: House) -> Round:
    """A round of visits to enterprises that closes on the day of the worked curve."""
    asked = Questionnaire.objects.create(
        code="visits", title="Visits", purpose="IMPACT", subject_kind="ENTERPRISE"
    )
    version = QuestionnaireVersion.objects.create(
        questionnaire=asked, version="1", sha256="0" * 64, prepared_by=house.officer
    )
    for number, key in enumerate(("operating", "sales_month"), 1):
        Question.objects.create(
            version=version, number=number, name=key, type="text", handup_key=key
        )
    return Round.objects.create(
        questionnaire=asked,
        programme=house.programme,
        name="Visits",
        kind="ENDLINE",
        opens_date=DAY.replace(day=1),
        closes_date=DAY,
        seed="x",
        planned_by=house.officer,
    )


def planned(house: House, round: Round, **changes: Any) -> Analysis:
    told: dict[str, Any] = {
        "code": "OPEN-24",
        "title": "Enterprises that last",
        "outcome_key": "operating",
        "hypothesis": "Half of them last two years",
        "kind": OutcomeKind.LASTS,
        "months": 24,
        "last_round": round,
        **changes,
    }
    return s.plan_analysis(acting_staff=house.officer, programme=house.programme, **told)


def test_it_is_planned_fixed_before_the_first_interview_and_worked_out(
    house: House, worked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = worked["survival"]
    monkeypatch.setitem(STORED, "check", lambda _source: iter(visits(case)))
    round = a_round(house)
    row = s.fix_analysis(acting_staff=house.officer, analysis=planned(house, round))
    assert row.state == AnalysisState.FIXED
    with pytest.raises(analyses.RoundNotLocked):
        s.finish_analysis(acting_staff=house.officer, analysis=row)
    Round.objects.filter(pk=round.pk).update(state="LOCKED")
    row = s.finish_analysis(acting_staff=house.officer, analysis=Analysis.objects.get(pk=row.pk))
    assert row.level == "DESCRIPTIVE"
    [main] = row.told["estimates"]
    [expected] = [one for one in case["at"] if one["month"] == 24]
    assert float(main["value"]) == pytest.approx(expected["survival"], abs=1e-6)
    assert float(main["low"]) == pytest.approx(expected["low"], abs=1e-6)
    assert float(main["high"]) == pytest.approx(expected["high"], abs=1e-6)
    pairs = zip(case["months"], case["closed"], strict=True)
    lost = sum(not closed and months < 24 for months, closed in pairs)
    assert row.told["flows"] == [
        {"treated": None, "eligible": 12, "followed": 12 - lost, "difference": None}
    ]
    assert "NOT_FIXED" not in row.told["caveats"]
    page = browser(house.officer).get(reverse("results:analysis_detail", args=[row.pk]))
    text = page.content.decode()
    assert "share still open, by Kaplan and Meier" in text
    assert "50.8" in text
    [kept] = estimates_of(house.snapshot(DAY))
    assert (kept.code, kept.may_leave) == ("OPEN-24", 12 - lost >= 10)


def test_what_is_watched_too_short_or_too_little_has_no_result(
    house: House, worked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = visits(worked["survival"])
    monkeypatch.setitem(STORED, "check", lambda _source: iter(rows))
    round = a_round(house)
    Round.objects.filter(pk=round.pk).update(state="LOCKED")
    long = planned(house, round, months=120)
    long = s.finish_analysis(acting_staff=house.officer, analysis=Analysis.objects.get(pk=long.pk))
    assert long.told["estimates"] == []
    assert {"NOT_WATCHED", "NOT_FIXED"} <= set(long.told["caveats"])
    rows = rows[:4]
    few = planned(house, round, code="OPEN-12", months=12)
    few = s.finish_analysis(acting_staff=house.officer, analysis=Analysis.objects.get(pk=few.pk))
    assert few.told["estimates"] == []
    assert "TOO_FEW" in few.told["caveats"]


def test_whoever_came_too_late_to_be_watched_so_long_is_not_lost(
    house: House, worked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = visits(worked["survival"])
    late = date(DAY.year - 1, 1, 1)
    rows += [
        {
            **row,
            "record": f"late {at}",
            "enterprise": f"late {at}",
            "day": DAY,
            "served_day": late,
            "operating": True,
        }
        for at, row in enumerate(rows)
    ]
    monkeypatch.setitem(STORED, "check", lambda _source: iter(rows))
    told = study_of_lasting(planned(house, a_round(house)))
    case = worked["survival"]
    pairs = zip(case["months"], case["closed"], strict=True)
    lost = sum(not closed and months < 24 for months, closed in pairs)
    assert [(flow.eligible, flow.followed) for flow in told.flows] == [(24, 24 - lost)]


def test_what_is_planned_wrongly_is_refused_beside_its_field(house: House) -> None:
    round = a_round(house)
    chosen = {"design": DesignKind.RANDOMISED, "arm_values": ["A"]}
    cases: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"months": None}, analyses.MonthsMissing),
        ({"months": 121}, analyses.MonthsMissing),
        ({"kind": OutcomeKind.AMOUNT}, analyses.MonthsOfOtherKind),
        ({"outcome_key": "sales_month"}, analyses.OtherQuestion),
        (chosen, analyses.OneGroupOnly),
    ]
    for changes, refusal in cases:
        with pytest.raises(refusal):
            planned(house, round, **changes)
    assert not Analysis.objects.exists()
