"""How a person of the samples was chosen: a proxy means test, a run, a selection, a ranking."""

from datetime import date
from typing import Any

from django.db.models import Model

from handup.org.models import Area
from handup.people.models import (
    Household,
    MeansScore,
    Participation,
    Person,
    ProxyMeansTest,
    RankedPile,
    RankingMeeting,
    SampleVisit,
    Selection,
    SelectionLine,
    TargetingRow,
    TargetingRun,
    WealthRanking,
)

DAY = date(2026, 3, 2)
TEST = {
    "code": "PMT",
    "version": 1,
    "kind": "PMT",
    "predicts": "PER_CAPITA_MONTH",
    "constant": "0",
    "terms": [{"fact": "members", "level": "HOUSEHOLD", "use": "VALUE", "coefficient": "1"}],
    "currency": "USD",
    "line_units_by_area": {"ALL": "2"},
}


def targeted(person: Person, home: Household) -> list[Model]:
    """A proxy means test of her household, and a run she is in."""
    staff, programme = person.registered_by, person.programme
    assert programme is not None
    test = ProxyMeansTest.objects.create(
        code="PMT",
        version=1,
        title="Sample",
        content=TEST,
        published_date=DAY,
        published_by=staff,
    )
    score = MeansScore.objects.create(
        test=test,
        person=person,
        household=home,
        scored_date=DAY,
        status="SCORED",
        predicted_units=1,
        targeted=True,
        facts={"household": {"area": "ALL", "members": 1}},
        result={"terms": [{"fact": "members", "contribution": "1"}], "constant": "0"},
        scored_by=staff,
    )
    run = TargetingRun.objects.create(
        programme=programme, title="Sample", run_date=DAY, kind="PMT", test=test, run_by=staff
    )
    groups: dict[str, Any] = {"groups": {"sex": "F"}}
    row = TargetingRow.objects.create(
        run=run,
        person=person,
        participation=Participation.objects.get(person=person),
        state="APPLIED",
        applied_date=DAY,
        score=1,
        targeted=True,
        rank=1,
        source=score.pk,
        **groups,
    )
    visit = SampleVisit.objects.create(row=row, visited_date=DAY, poor=True, visited_by=staff)
    return [test, score, run, row, visit, *selected(run, row), *ranked_by_neighbours(home)]


def ranked_by_neighbours(home: Household) -> list[Model]:
    """A wealth ranking in which a group laid her household."""
    staff, programme = home.registered_by, home.programme
    assert programme is not None
    area = home.area or Area.objects.order_by("path").first()
    if area is None:
        area = Area.objects.create(code="RANKED", names={"en": "Ranked village"})
    ranking = WealthRanking.objects.create(
        programme=programme, area=area, office=home.office, title="Sample", begun_date=DAY,
        started_by=staff,
    )  # fmt: skip
    meeting = RankingMeeting.objects.create(
        ranking=ranking,
        round=1,
        group="Sample",
        raters=6,
        piles=4,
        held_date=DAY,
        recorded_by=staff,
    )
    laid = RankedPile.objects.create(meeting=meeting, household=home, pile=3)
    return [ranking, meeting, laid]


def selected(run: TargetingRun, row: TargetingRow) -> list[Model]:
    """A selection by a committee, with its one line."""
    staff = run.run_by
    selection = Selection.objects.create(
        run=run,
        title="Sample",
        held_date=DAY,
        places=1,
        quorum=1,
        members=["One"],
        proposed_by=staff,
    )
    line = SelectionLine.objects.create(selection=selection, row=row, place=1, outcome="TAKEN")
    return [selection, line]
