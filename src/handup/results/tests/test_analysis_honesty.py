"""What an analysis may not be made to say: fixed too late, tried often, of a few, or unclear."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse

from handup.results.freezing import estimates_of
from handup.results.models import Analysis, Snapshot
from handup.results.panels import SeveralCurrenciesAsked, observed
from handup.results.rules.states import Level, OutcomeKind
from handup.results.services import analyses
from handup.results.tests.test_analyses import Planned, units
from handup.results.tests.test_frozen import browser
from handup.surveys.models import Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned() -> Planned:
    return Planned(units())


@pytest.mark.parametrize("sign", ["answered_date", "start_at", "received_at"])
def test_interviews_held_before_it_was_fixed_and_sent_afterwards_show_less(
    planned: Planned, sign: str
) -> None:
    """A phone without a net keeps answers that nobody has seen arrive."""
    row = planned.fixed()
    planned.ask()
    before = row.fixed_at - timedelta(days=3) if row.fixed_at else None
    first = Submission.objects.filter(round=planned.last).order_by("id")[:1].values("pk")
    moment = before.date() if before and sign == "answered_date" else before
    Submission.objects.filter(pk__in=list(first.values_list("pk", flat=True))).update(
        **{sign: moment}
    )
    done = planned.finish(row)
    assert done.level == Level.COMPARED
    assert "NOT_FIXED" in done.told["caveats"]


def test_a_study_has_one_main_outcome(planned: Planned) -> None:
    planned.fixed()
    with pytest.raises(analyses.MainOutcomeChosen) as told:
        planned.plan("LUCK", is_primary=True)
    assert told.value.field == "is_primary"
    assert planned.plan("LUCK").is_primary is False
    other = planned.plan("BEGAN", first_round=None, last_round=planned.first, is_primary=True)
    assert other.is_primary


def test_another_outcome_that_cannot_be_counted_stops_nothing(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = planned.fixed()
    planned.plan("MIXED")
    planned.ask()

    def read(analysis: Analysis, **more: Any) -> Any:
        if analysis.code == "MIXED":
            raise SeveralCurrenciesAsked(currencies="AMD, USD", field="outcome_key")
        return observed(analysis, **more)

    monkeypatch.setattr(analyses, "observed", read)
    assert planned.finish(row).level == Level.CAUSAL


def test_where_nothing_is_clear_the_page_says_so() -> None:
    planned = Planned(units(effect=0))
    row = planned.fixed()
    planned.ask()
    assert planned.finish(row).level == Level.COMPARED
    page = browser(planned.study.officer).get(reverse("results:analysis_detail", args=[row.pk]))
    assert "no clear difference from the comparison group" in page.text
    assert "more or less than in the comparison group" not in page.text


def test_a_share_of_fewer_than_ten_answers_does_not_leave() -> None:
    planned = Planned(units(n=8, lost=0))
    planned.plan("AMOUNT")
    planned.plan("SAVES", outcome_key="saves", kind=OutcomeKind.SHARE, yes_values=["YES"])
    planned.ask()
    for row in Analysis.objects.all():
        planned.finish(row)
    snapshot = Snapshot(programme=planned.study.programme, day=planned.last.closes_date)
    leaves = {one.code: one.may_leave for one in estimates_of(snapshot)}
    assert leaves == {"AMOUNT": True, "SAVES": False}


def test_the_same_plan_from_two_hands_at_once_is_one(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one looked before the first one was written, and waits for the lock."""
    one = uuid4()
    first = planned.plan(id=one)
    monkeypatch.setattr(analyses, "already_stored", lambda *_row, **_told: None)
    assert planned.plan(id=one) == first
    assert Analysis.objects.count() == 1
