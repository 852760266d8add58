"""The map of a round's interviews: laid out by hand, for who may see where people live."""

import math
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.org.models import Grant, ReadEntry, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.models import Round
from handup.surveys.rules.codes import Purpose, QuestionType, RoundKind, SubjectKind
from handup.surveys.rules.maps import laid_out
from handup.surveys.services import AnswerIn, QuestionIn
from handup.surveys.tests.conftest import MakePerson, member_of_staff
from handup.surveys.views.maps import place_in

PLACES = ("40.10 44.50 0 5", "40.20 44.50 0 5", "nowhere")


def test_places_keep_north_up_and_one_length_in_both_directions() -> None:
    sheet = laid_out([(40.0, 44.0), (40.1, 44.0), (40.0, 44.1)], width=640, edge=24)
    south, north, east = sheet.dots
    assert north.y < south.y
    assert east.x > south.x
    a_north, an_east = south.y - north.y, east.x - south.x
    assert an_east / a_north == pytest.approx(math.cos(math.radians(40.033)), abs=0.01)
    km = a_north / (0.1 * 111.32)
    assert sheet.scale_width / km == pytest.approx(sheet.scale_km, abs=0.02)
    assert sheet.scale_km in {1, 2, 5}
    for dot in sheet.dots:
        assert 23 <= dot.x <= sheet.width - 23
        assert 23 <= dot.y <= sheet.height - 23
    (alone,) = laid_out([(1.0, 30.0)], width=640, edge=24).dots
    assert alone.x == 320
    assert laid_out([], width=640, edge=24).dots == ()


def test_only_a_place_is_a_place() -> None:
    assert place_in("40.1 44.5 0 0") == (40.1, 44.5)
    for text in ("", "40.1", "north east", "91 44", "40 181", "nan nan"):
        assert place_in(text) is None, text


@pytest.fixture
def round(
    officer: StaffUser, second: StaffUser, interviewer: StaffUser, programme: Programme,
    person: MakePerson,
) -> Round:  # fmt: skip
    """Three interviews of one interviewer, two of which tell a place."""
    version = services.draft_questionnaire(
        acting_staff=officer, code="where", title="Where", purpose=Purpose.VISIT,
        subject_kind=SubjectKind.PERSON, version="1",
        questions=[
            QuestionIn(name="where", type=QuestionType.GEOPOINT, labels={"en": "Where"}),
            QuestionIn(
                name="refuge", type=QuestionType.GEOPOINT, labels={"en": "Refuge"}, sensitive=True
            ),
        ],
    )  # fmt: skip
    services.publish_version(acting_staff=second, version=version)
    today = timezone.localdate()
    row = services.plan_round(
        acting_staff=officer, questionnaire=version.questionnaire, programme=programme,
        name="Visits", kind=RoundKind.VISIT, opens_date=today, closes_date=today, seed="s",
    )  # fmt: skip
    cases = services.draw_sample(
        acting_staff=officer, round=row,
        eligible=[services.EligibleIn(subject=person(), interviewer=interviewer) for _ in PLACES],
    )  # fmt: skip
    services.open_round(acting_staff=officer, round=row)
    for case, place in zip(cases, PLACES, strict=True):
        services.record_submission(
            acting_staff=interviewer,
            submission=services.SubmissionIn(
                case=case, version=version, answered_date=today,
                answers=[
                    AnswerIn(name="where", value=place),
                    *([AnswerIn(name="refuge", value="40 44")] if place == "nowhere" else []),
                ],
            ),
        )  # fmt: skip
    return row


def test_the_map_is_drawn_for_who_may_see_where_people_live_and_noted(
    round: Round,
    officer: StaffUser,
    client: Client,
    settings: Any,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    way = f"/surveys/rounds/{round.pk}/map"
    client.force_login(officer)
    assert client.get(way).status_code == 403, "she may not see where people live"
    assert way not in client.get(f"/surveys/rounds/{round.pk}/").content.decode()
    client.force_login(member_of_staff("field", Role.FIELD_OFFICER))
    assert way in client.get(f"/surveys/rounds/{round.pk}/").content.decode()
    page = client.get(way).content.decode()
    assert page.count("<circle") == 2, "a sensitive place is for few"
    assert "40.1" not in page, "no place is told in numbers"
    assert "Interviewer: circle, 2" in page
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert (len(entry.persons), entry.highest) == (2, "S")
    today = timezone.localdate()
    Grant.objects.create(
        staff=officer, role=Role.CLERK, scope=ScopeKind.ALL, starts=today, ends=today
    )
    officer.refresh_from_db()
    client.force_login(StaffUser.objects.get(pk=officer.pk))
    assert client.get(way).content.decode().count("<circle") == 3
