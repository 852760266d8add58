"""What may still change figures stands where they are checked: interviews not accepted yet, and
phones that have not sent since."""

from collections import defaultdict
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.lending.tests.cast import make_person
from handup.markets.models import PriceIndex
from handup.org.models import Device
from handup.org.scope import hidden_changed
from handup.people.models import Compartment
from handup.results.gathering import answers
from handup.results.services import choose_indicators
from handup.results.tests.studies import ENDED, Study
from handup.results.tests.test_frozen import House, browser, house
from handup.results.waiting import Waiting, waiting
from handup.surveys import services as surveys
from handup.surveys.models import Case, Submission
from handup.surveys.queries import AnswerFact
from handup.surveys.rules.codes import RoundKind, SubjectKind, SubmissionState
from handup.surveys.services.rounds import EligibleIn

pytestmark = pytest.mark.django_db
__all__ = ["house"]
DAY, CHANGE = date(2026, 1, 31), "MED-IMP-01m"


def asked(study: Study, state: SubmissionState) -> Submission:
    """A household was asked on the last round's day; the interview is in a state."""
    [home] = study.households(1)
    round = study.round("Last", ENDED, [EligibleIn(subject=home)])
    surveys.open_round(acting_staff=study.officer, round=round)
    [row] = surveys.record_submissions(
        acting_staff=study.asker,
        items=[study._interview(round.cases.select_related("round").get(), {"profit": "5"})],
    )
    Submission._base_manager.filter(pk=row.pk).update(state=state.value)
    return row


def test_an_interview_that_is_not_accepted_waits_from_its_day_on(db: None) -> None:
    study = Study()
    row = asked(study, SubmissionState.HELD)
    assert waiting(study.programme, ENDED) == Waiting(1, 0)
    assert waiting(study.programme, date(2025, 2, 28)) == Waiting(0, 0)
    Submission._base_manager.filter(pk=row.pk).update(state="ACCEPTED")
    assert waiting(study.programme, ENDED) == Waiting(0, 0)


def test_a_phone_that_has_not_sent_since_waits(house: House) -> None:
    before, after = datetime(2026, 1, 20, tzinfo=UTC), datetime(2026, 2, 2, tzinfo=UTC)
    told: dict[str, Any] = {"staff": house.world.cast.officer, "enrolled_by": house.director}
    silent = Device.objects.create(label="a", state="ACTIVE", last_seen_at=before, **told)
    heard = Device.objects.create(label="b", state="ACTIVE", last_seen_at=after, **told)
    lost = Device.objects.create(label="c", state="LOST", last_seen_at=before, **told)
    Device.objects.filter(pk__in=[silent.pk, heard.pk, lost.pk]).update(recorded_at=before)
    Device.objects.create(label="new since", state="ACTIVE", **told)
    assert waiting(house.programme, DAY) == Waiting(0, 1)
    snapshot = house.snapshot()
    for name in ("results:snapshot_detail", "results:figures_check"):
        page = browser(house.checker).get(reverse(name, args=[snapshot.pk]))
        assert "1 phone has not sent since this day" in page.content.decode(), name
    frozen = house.passed(snapshot)
    page = browser(house.checker).get(reverse("results:snapshot_detail", args=[frozen.pk]))
    assert "has not sent since" not in page.content.decode()


def test_nobody_who_is_hidden_is_told_of_by_what_waits(house: House) -> None:
    study = Study("HIDDEN")
    row = asked(study, SubmissionState.HELD)
    person = house.world.person
    Case._base_manager.filter(pk=row.case_id).update(
        person=person, household=None, subject_id=person.pk, subject_kind="PERSON"
    )
    Compartment.objects.create(
        person=person, kind="PERSON", opened_by=house.director, opened_date=DAY
    )
    hidden_changed()
    assert waiting(study.programme, ENDED, {person.pk}) == Waiting(0, 0)
    assert waiting(study.programme, ENDED) == Waiting(1, 0)


def test_a_missing_price_index_is_named_on_the_figure_and_before_it_is_checked(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast, world = house.world.cast, house.world
    rounds = {kind: new_id() for kind in (RoundKind.BASELINE, RoundKind.ENDLINE)}
    days = {RoundKind.BASELINE: date(2025, 1, 10), RoundKind.ENDLINE: date(2025, 12, 10)}
    who = [
        make_person(house.programme, world.office, cast.advisor, f"Asked {at}") for at in range(2)
    ]
    facts = [
        AnswerFact(
            handup_key="income_month", subject_kind=SubjectKind.PERSON, subject_id=one.pk,
            person_id=one.pk, programme_id=house.programme.pk, phase_id=None,
            round_id=rounds[kind], round_kind=kind, answered_date=days[kind], repeat_index=0,
            value="500" if kind is RoundKind.BASELINE else "900", currency="USD",
            reference_month=None, weight=Fraction(1),
        )
        for one in who for kind in rounds
    ]  # fmt: skip

    def by_key(*, keys: Any, **_more: Any) -> list[AnswerFact]:
        return [fact for fact in facts if fact.handup_key in keys]

    monkeypatch.setattr(answers, "answers_by_key", by_key)
    monkeypatch.setattr(answers, "_received", lambda _source: defaultdict(timezone.now))
    choose_indicators(acting_staff=cast.manager, programme=house.programme, codes=(CHANGE,))
    PriceIndex.objects.create(
        currency="USD", month=date(2025, 1, 1), index_milli=100_000, source="Office"
    )
    sentence = "There is no price index of USD for Dec 2025: the changes of 2 are left out."
    assert waiting(house.programme, DAY).words() == [sentence]
    address = reverse("results:figure", args=[house.programme.pk, CHANGE, DAY])
    assert sentence in browser(house.officer).get(address).text
    assert waiting(house.programme, DAY, {one.pk for one in who}).words() == []
    PriceIndex.objects.create(
        currency="USD", month=date(2025, 12, 1), index_milli=110_000, source="Office"
    )
    assert waiting(house.programme, DAY).words() == []
