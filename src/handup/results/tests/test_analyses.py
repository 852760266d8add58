"""Outcomes of studies: planned, fixed before fieldwork, worked out, told with what they may say."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.lending.tests.cast import staff
from handup.org.models import AuditLine
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.people.models import Household
from handup.results import services as s
from handup.results.freezing import estimates_of
from handup.results.models import Analysis, FrozenEstimate, Snapshot
from handup.results.rules.states import AnalysisState, DesignKind, Level, OutcomeKind
from handup.results.services import analyses
from handup.results.services.narratives import CauseClaimed
from handup.results.telling import NoSuchPart, blocks, figures_of
from handup.results.tests.studies import BEGAN, Study, ends_of, trial
from handup.results.tests.test_frozen import browser
from handup.results.verify import snapshots_hold
from handup.surveys import services as surveys
from handup.surveys.models import Case, Round
from handup.surveys.services.rounds import EligibleIn

pytestmark = pytest.mark.django_db
Units = list[tuple[bool, float, float | None]]


def units(effect: float = 30, n: int = 30, lost: int = 2) -> Units:
    """Two groups that differ by an effect at the end; the last `lost` of each are not found."""
    draw = np.random.default_rng(11)
    found: Units = []
    for took in (True, False):
        for at in range(n):
            first = round(float(draw.normal(100, 8)), 2)
            last = round(first + float(draw.normal(5, 5)) + (effect if took else 0), 2)
            found.append((took, first, None if at >= n - lost else last))
    return found


def long_ago(row: Analysis) -> Analysis:
    """The plan as if it was fixed before the interviews of the last round, which are dated back."""
    Analysis.objects.filter(pk=row.pk).update(fixed_at=datetime(2025, 1, 15, tzinfo=UTC))
    return Analysis.objects.get(pk=row.pk)


class Planned:
    """A trial with its first round locked and its last one drawn."""

    def __init__(self, given: Units) -> None:
        self.study, self.given = Study(), given
        self.first, self.last = trial(self.study, given)

    def plan(self, code: str = "PROFIT", **more: Any) -> Analysis:
        values: dict[str, Any] = {
            "title": "Profit of the household",
            "outcome_key": "profit",
            "hypothesis": "Profit grows more where a loan was offered",
            "design": DesignKind.RANDOMISED,
            "first_round": self.first,
            "last_round": self.last,
            "arm_values": ["lot"],
            "is_primary": code == "PROFIT",
            "unit": "AMD",
        }
        return s.plan_analysis(
            acting_staff=self.study.officer,
            programme=self.study.programme,
            code=code,
            **(values | more),
        )

    def fixed(self, **more: Any) -> Analysis:
        row = s.fix_analysis(acting_staff=self.study.officer, analysis=self.plan(**more))
        return long_ago(row)

    def ask(self) -> None:
        self.study.answer(self.last, ends_of(self.last, self.given))

    def finish(self, row: Analysis) -> Analysis:
        return s.finish_analysis(
            acting_staff=self.study.officer, analysis=Analysis.objects.get(pk=row.pk)
        )

    def snapshot(self) -> Snapshot:
        """Frozen figures of the day after the last round."""
        day = self.last.closes_date + timedelta(days=1)
        study = self.study
        s.choose_indicators(
            acting_staff=study.manager, programme=study.programme, codes=["MED-OUT-01"]
        )
        row = s.compute_snapshot(acting_staff=study.officer, programme=study.programme, day=day)
        s.check_figures(acting_staff=study.asker, snapshot=row, codes=["MED-OUT-01"])
        s.approve_figures(acting_staff=study.manager, snapshot=row, codes=["MED-OUT-01"])
        return s.freeze_snapshot(acting_staff=study.manager, snapshot=row)


@pytest.fixture
def planned() -> Planned:
    return Planned(units())


def test_a_trial_fixed_before_fieldwork_shows_an_effect(planned: Planned) -> None:
    row = planned.fixed()
    assert (row.state, row.fixed_by) == (AnalysisState.FIXED, planned.study.officer)
    planned.ask()
    done = planned.finish(row)
    assert (done.state, done.level) == (AnalysisState.DONE, Level.CAUSAL)
    main = done.told["estimates"][0]
    assert abs(float(main["value"]) - 30) < 4
    assert main["n"] == 56
    assert [(one["eligible"], one["followed"]) for one in done.told["flows"]] == [(30, 28)] * 2
    acts = AuditLine.objects.filter(object_id=str(row.pk)).values_list("action", flat=True)
    assert set(acts) == {"results.plan_analysis", "results.fix_analysis", "results.finish_analysis"}


def test_after_the_first_interview_nothing_can_be_fixed_and_less_is_shown(
    planned: Planned,
) -> None:
    row = planned.plan()
    planned.ask()
    with pytest.raises(analyses.InterviewsBegan):
        s.fix_analysis(acting_staff=planned.study.officer, analysis=row)
    done = planned.finish(row)
    assert done.level == Level.COMPARED
    assert "NOT_FIXED" in done.told["caveats"]


def test_a_plan_that_is_fixed_stays_as_it_is(planned: Planned) -> None:
    row = planned.fixed()
    for act in (s.fix_analysis, s.drop_analysis):
        with pytest.raises(analyses.FixedAlready):
            act(acting_staff=planned.study.officer, analysis=row)
    draft = planned.plan("OTHER", is_primary=False)
    s.drop_analysis(acting_staff=planned.study.officer, analysis=draft)
    assert list(Analysis.objects.values_list("code", flat=True)) == ["PROFIT"]


def test_nothing_is_worked_out_from_answers_that_may_still_change(planned: Planned) -> None:
    row = planned.fixed()
    with pytest.raises(analyses.RoundNotLocked):
        planned.finish(row)
    assert Analysis.objects.get(pk=row.pk).told == {}


def test_a_round_opened_again_makes_it_out_of_date_until_it_is_worked_out_anew(
    planned: Planned,
) -> None:
    row = planned.fixed()
    planned.ask()
    planned.finish(row)
    with pytest.raises(analyses.DoneAlready):
        planned.finish(row)
    surveys.reopen_round(
        acting_staff=planned.study.asker, round=planned.last, reason="a wrong amount"
    )
    stale = Analysis.objects.get(pk=row.pk)
    assert analyses.is_stale(stale)
    page = browser(planned.study.officer).get(reverse("results:analysis_detail", args=[row.pk]))
    assert "out of date" in page.content.decode()
    last = Round.objects.get(pk=planned.last.pk)
    surveys.lock_round(acting_staff=planned.study.officer, round=last)
    again = planned.finish(row)
    assert not analyses.is_stale(again)


def test_the_same_outcome_without_others_shows_a_change(planned: Planned) -> None:
    alone = planned.plan("ALONE", design=DesignKind.NONE, arm_values=[])
    saves = planned.plan(
        "SAVES",
        design=DesignKind.NONE,
        arm_values=[],
        kind=OutcomeKind.SHARE,
        outcome_key="saves",
        yes_values=["YES"],
    )
    planned.ask()
    assert planned.finish(alone).level == Level.CHANGE
    done = planned.finish(saves)
    assert done.level == Level.CHANGE
    assert done.told["estimates"][0]["method"] == "SHARE_CHANGE"
    page = browser(planned.study.officer).get(reverse("results:analysis_detail", args=[saves.pk]))
    assert "percentage points" in page.content.decode()


def test_a_second_outcome_counts_alone_only_among_all(planned: Planned) -> None:
    row = planned.fixed(code="SECOND", is_primary=False)
    for number in range(3):
        planned.fixed(
            code=f"SAVES-{number}",
            outcome_key="saves",
            kind=OutcomeKind.SHARE,
            yes_values=["NOBODY"],
            is_primary=False,
        )
    planned.ask()
    done = planned.finish(row)
    assert float(done.told["p_adjusted"]) >= float(done.told["estimates"][0]["p"])
    assert done.level == Level.CAUSAL


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"code": "profit"}, analyses.AnalysisCodeUnreadable, "code"),
        ({"code": "MED-OUT-01"}, analyses.AnalysisCodeUnreadable, "code"),
        ({"code": "A" * 21}, analyses.AnalysisCodeUnreadable, "code"),
        ({"title": " "}, analyses.OutcomeMissing, "title"),
        ({"hypothesis": ""}, analyses.HypothesisMissing, "hypothesis"),
        ({"kind": OutcomeKind.SHARE}, analyses.YesMissing, "yes_values"),
        ({"outcome_key": "height"}, analyses.QuestionNotAsked, "outcome_key"),
        ({"arm_key": "height"}, analyses.QuestionNotAsked, "arm_key"),
        ({"arm_values": []}, analyses.GroupsMissing, "arm_values"),
        ({"arm_key": "saves"}, analyses.GroupsNotDrawn, "arm_key"),
        (
            {"design": DesignKind.COMPARISON, "first_round": None},
            analyses.ComparisonNeedsTwoRounds,
            "first_round",
        ),
        ({"outcome_key": "money"}, analyses.PricesIncomplete, "price_first"),
        ({"price_first": "100"}, analyses.PricesIncomplete, "price_last"),
        (
            {"price_first": "0", "price_last": "1", "price_source": "x"},
            analyses.PriceUnreadable,
            "price_first",
        ),
        (
            {"price_first": "1", "price_last": "1e999999", "price_source": "x"},
            analyses.PriceUnreadable,
            "price_last",
        ),
    ],
)
def test_what_is_planned_wrongly_is_refused_beside_its_field(
    planned: Planned, change: dict[str, Any], refusal: Any, field: str
) -> None:
    with pytest.raises(refusal) as told:
        planned.plan(**{"code": "PROFIT", **change})
    assert told.value.field == field
    assert not Analysis.objects.exists()


def test_rounds_have_to_follow_each_other_in_one_programme(planned: Planned) -> None:
    with pytest.raises(analyses.RoundsNotInOrder):
        planned.plan(first_round=planned.last, last_round=planned.first)
    other = Study("ELSE")
    [home] = other.households(1)
    round = other.round("First", BEGAN, [EligibleIn(subject=home)])
    with pytest.raises(analyses.RoundOfOtherProgramme):
        planned.plan(first_round=round)


def test_the_same_plan_sent_twice_is_one(planned: Planned) -> None:
    one = uuid4()
    assert planned.plan(id=one).pk == planned.plan(id=one).pk == one
    with pytest.raises(analyses.AnalysisCodeTaken):
        planned.plan()


def test_amounts_are_brought_to_money_of_the_first_round() -> None:
    study = Study()
    homes = study.households(6)
    drawn = [EligibleIn(subject=home) for home in homes]
    first = study.round("First", BEGAN, drawn)
    study.answer(first, {home.pk: {"money": str(100_00)} for home in homes})
    last = study.round("Last", BEGAN.replace(year=2025), drawn)
    study.answer(last, {home.pk: {"money": str(120_00)} for home in homes})
    row = s.plan_analysis(
        acting_staff=study.officer,
        programme=study.programme,
        code="INCOME",
        title="Income",
        outcome_key="money",
        hypothesis="Income rises",
        first_round=first,
        last_round=last,
        price_first="100",
        price_last="125,0",
        price_source="Statistical committee",
    )
    done = s.finish_analysis(acting_staff=study.officer, analysis=row)
    assert float(done.told["estimates"][0]["value"]) == pytest.approx(-4.0)


def test_who_died_since_is_not_lost_and_who_is_hidden_is_not_there(planned: Planned) -> None:
    row = planned.fixed()
    lost = [
        home
        for home, (_t, _f, last) in zip(_homes(planned), planned.given, strict=True)
        if last is None
    ]
    case = Case.objects.get(round=planned.last, subject_id=lost[0].pk)
    Case.objects.filter(pk=case.pk).update(outcome="DIED")
    planned.ask()
    done = planned.finish(row)
    assert [one["eligible"] for one in done.told["flows"]] == [29, 30]


def _homes(planned: Planned) -> list[Household]:
    return list(Household.objects.filter(programme=planned.study.programme).order_by("id"))


def test_a_report_may_say_what_its_outcome_shows_and_no_more(planned: Planned) -> None:
    trial_row, change = planned.fixed(), planned.plan("CHANGE", design=DesignKind.NONE)
    planned.ask()
    for one in (trial_row, change):
        planned.finish(one)
    snapshot = planned.snapshot()
    assert list(snapshots_hold()) == []
    kept = FrozenEstimate.objects.filter(snapshot=snapshot)
    assert list(kept.values_list("code", "level")) == [
        ("CHANGE", "CHANGE"),
        ("PROFIT", "CAUSAL"),
    ]
    told = "Because of the loans profit grew by {{ PROFIT }} ({{ PROFIT | interval }})."
    [block] = blocks(told, figures_of(snapshot))
    assert "AMD" in block.text
    with pytest.raises(NoSuchPart):
        blocks("{{ PROFIT | sex=F }}", figures_of(snapshot))

    def written(text: str) -> Any:
        return s.write_narrative(
            acting_staff=planned.study.officer,
            snapshot=snapshot,
            title="Report",
            language="en",
            text=text,
        )

    narrative = s.check_narrative(acting_staff=planned.study.officer, narrative=written(told))
    assert narrative.state == "CHECKED"
    weaker = written("Because of the loans profit grew by {{ CHANGE }}.")
    with pytest.raises(CauseClaimed):
        s.check_narrative(acting_staff=planned.study.officer, narrative=weaker)
    FrozenEstimate.objects.filter(snapshot=snapshot, code="CHANGE").update(level="CAUSAL")
    assert len(list(snapshots_hold())) == 1


def test_a_snapshot_of_an_earlier_day_or_of_changed_answers_keeps_no_outcome(
    planned: Planned,
) -> None:
    row = planned.fixed()
    planned.ask()
    planned.finish(row)
    at = planned.last.closes_date
    early = Snapshot(programme=planned.study.programme, day=at - timedelta(days=1))
    later = Snapshot(programme=planned.study.programme, day=at)
    assert estimates_of(early) == []
    assert [one.code for one in estimates_of(later)] == ["PROFIT"]
    Round.objects.filter(pk=planned.last.pk).update(reopened_at=timezone.now())
    assert estimates_of(later) == []


def test_the_page_shows_the_plan_then_the_flow_the_intervals_and_what_may_be_said(
    planned: Planned,
) -> None:
    client = browser(planned.study.officer)
    address = reverse("results:analysis_new", args=[planned.study.programme.pk])
    assert client.get(address).status_code == 200
    asked = {
        "code": "PROFIT",
        "title": "Profit",
        "outcome_key": "profit",
        "kind": "AMOUNT",
        "hypothesis": "It grows",
        "first_round": str(planned.first.pk),
        "last_round": str(planned.last.pk),
        "design": "RANDOMISED",
        "arm_values": "lot, ",
        "clusters": "UNIT",
        "is_primary": "on",
        "_new_id": str(uuid4()),
    }
    bad = client.post(address, {**asked, "arm_values": ""})
    assert bad.status_code == 422
    assert "It grows" in bad.content.decode()
    done = client.post(address, asked)
    assert done.status_code == 302
    row = Analysis.objects.get()
    page = client.get(done["Location"]).content.decode()
    assert "Fix the plan" in page
    assert client.post(reverse("results:analysis_fix", args=[row.pk])).status_code == 302
    long_ago(row)
    planned.ask()
    assert client.post(reverse("results:analysis_finish", args=[row.pk])).status_code == 302
    page = client.get(reverse("results:analysis_detail", args=[row.pk])).content.decode()
    for words in (
        "May be said: the programme led to it.",
        "Flow of cases",
        "Followed and lost",
        "changed more than the comparison group",
        "bounds, whoever was lost",
        "more than others with the same beginning",
        "bar-drawing",
    ):
        assert words in page, words
    found = client.post(
        reverse("results:analysis_list"), {"q": "prof"}, follow=True
    ).content.decode()
    assert "PROFIT" in found
    none = client.post(reverse("results:analysis_list"), {"q": "zzz", "state": "DONE"}, follow=True)
    assert "PROFIT" not in none.content.decode()


def test_only_who_may_plans_and_outside_nobody_reads(planned: Planned) -> None:
    row = planned.plan()
    for role in (Role.FUNDER, Role.LOAN_OFFICER):
        who = staff(f"who-{role}", role)
        assert browser(who).get(reverse("results:analysis_list")).status_code in {403, 404}
        page = browser(who).get(reverse("results:analysis_detail", args=[row.pk]))
        assert page.status_code in {403, 404}
        with pytest.raises(NotAllowed):
            s.fix_analysis(acting_staff=who, analysis=row)


def test_the_interface_plans_fixes_works_out_and_tells(planned: Planned) -> None:
    client = browser(planned.study.officer)
    address = f"/api/v1/results/programmes/{planned.study.programme.pk}/analyses"
    told = {
        "id": str(uuid4()),
        "code": "PROFIT",
        "title": "Profit",
        "outcome_key": "profit",
        "hypothesis": "It grows",
        "first_round_id": str(planned.first.pk),
        "last_round_id": str(planned.last.pk),
        "design": "RANDOMISED",
        "arm_values": ["lot"],
        "is_primary": True,
    }

    def post(where: str, body: Any = None) -> Any:
        return client.post(where, json.dumps(body or {}), content_type="application/json")

    assert post(address, told).status_code == 201
    assert post(address, told).json()["id"] == told["id"]
    assert post(address, {**told, "id": str(uuid4())}).status_code == 422
    one = f"/api/v1/results/analyses/{told['id']}"
    assert post(f"{one}/fix").json()["state"] == "FIXED"
    long_ago(Analysis.objects.get())
    planned.ask()
    assert post(f"{one}/finish").json()["level"] == "CAUSAL"
    shown = client.get(one).json()
    assert shown["told"]["estimates"][0]["method"] == "MORE_THAN_OTHERS"
    assert client.get("/api/v1/results/analyses").json()["items"][0]["code"] == "PROFIT"
    assert Client().get(one).status_code == 401
