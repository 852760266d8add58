"""Pictures of answers nobody can place: they wait beside them, and go where the answers go."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import lru_cache
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from handup.org import retention
from handup.org.models import Grant, StaffUser
from handup.org.rules.access import ScopeKind
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import compiling, services
from handup.surveys.models import Attachment, Submission, UnplacedAnswers, UnplacedFile
from handup.surveys.rules.codes import Channel, FlagRule, SubmissionState
from handup.surveys.services.collecting import missing_media
from handup.surveys.tests.collect import Field, body, open_field, picture, send


@pytest.fixture(autouse=True, scope="module")
def compiled_once() -> Iterator[None]:
    """The same spreadsheet is compiled once for all these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "run_compiler", lru_cache(compiling.run_compiler))
        yield


@pytest.fixture(autouse=True)
def without_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def field(
    officer: StaffUser, second: StaffUser, programme: Programme, person: Callable[[], Person]
) -> Field:
    return open_field(officer, second, programme, person)


def test_a_picture_waits_beside_its_answers_and_goes_with_them_to_their_case(
    client: Client, field: Field, officer: StaffUser
) -> None:
    """Collect forgets a picture once it hears 201: what it sent must not be lost."""
    sent, red = body("nobody", photo="photo.png"), picture()
    for _ in range(2):
        assert send(client, field, sent, photo=red).status_code == 201
    assert UnplacedFile.objects.count() == 1
    row = UnplacedAnswers.objects.get()
    client.force_login(officer)
    page = client.get(reverse("surveys:unplaced_detail", args=[row.pk])).content.decode()
    assert "Files that came with them" in page
    placed = services.place_answers(acting_staff=officer, answers=row, case=field.cases[0])
    assert (UnplacedFile.objects.count(), missing_media(placed)) == (0, [])
    assert [one.name for one in Attachment.objects.filter(submission=placed)] == ["photo.png"]
    late = body("nobody", photo="photo.png", instance="uuid:2")
    assert send(client, field, late).status_code == 201
    waiting = UnplacedAnswers.objects.get(instance_id="uuid:2")
    other = services.place_answers(acting_staff=officer, answers=waiting, case=field.cases[1])
    assert missing_media(other) == ["photo.png"]
    assert send(client, field, late, photo=red).status_code == 201
    assert missing_media(other) == []


def test_pictures_nobody_placed_go_with_their_answers(client: Client, field: Field) -> None:
    send(client, field, body("nobody", photo="photo.png"), photo=picture())
    rule = retention.rules["UNPLACED_ANSWERS"]
    due = retention.before(rule, timezone.localdate() + timedelta(days=31))
    assert rule.blank(due) == 1
    assert not UnplacedFile.objects.exists()


def test_pictures_go_when_whoever_answered_takes_the_answers_back(
    client: Client, field: Field, officer: StaffUser
) -> None:
    Grant.objects.filter(staff=field.interviewer).update(scope=ScopeKind.CASELOAD)
    theirs = field.cases[2]
    send(client, field, body(theirs.pk.hex, photo="photo.png"), photo=picture())
    send(client, field, body("nobody", instance="uuid:3", photo="photo.png"), photo=picture())
    assert UnplacedFile.objects.count() == 2
    own = services.FormSubmissionIn(
        case=theirs, version=field.version, body=body(theirs.pk.hex, instance="uuid:9"),
        channel=Channel.APP,
    )  # fmt: skip
    services.record_form_submission(acting_staff=field.other, submission=own)
    services.withdraw_answers(acting_staff=officer, case=theirs, asked_date=timezone.localdate())
    left = UnplacedFile.objects.get()
    assert left.answers.instance_id == "uuid:3"


def test_the_same_bytes_for_another_case_are_no_answers_of_the_first(field: Field) -> None:
    content = body(field.cases[0].pk.hex)
    rows = [
        services.record_form_submission(
            acting_staff=field.interviewer,
            submission=services.FormSubmissionIn(
                case=case, version=field.version, body=content, channel=Channel.APP
            ),
        )
        for case in field.cases[:2]
    ]
    assert [row.state for row in rows] == [SubmissionState.RECEIVED, SubmissionState.CONFLICT]
    assert rows[1].case_id == field.cases[1].pk
    field.cases[1].refresh_from_db()
    assert field.cases[1].outcome == ""
    assert Submission.objects.count() == 2


def test_another_picture_under_a_kept_name_is_told_and_takes_no_place(
    client: Client, field: Field
) -> None:
    sent, red = body(field.cases[0].pk.hex, photo="photo.png"), picture()
    for _ in range(2):
        assert b"not every file" not in send(client, field, sent, photo=red).content
    blue = io.BytesIO()
    Image.new("RGB", (4, 4), "blue").save(blue, "PNG")
    for _ in range(2):
        answer = send(client, field, sent, photo=blue.getvalue())
        assert (answer.status_code, b"not every file" in answer.content) == (201, True)
    row = Submission.objects.get()
    assert row.attachments.count() == 1
    assert row.flags.filter(rule=FlagRule.FILE_REFUSED).count() == 1


def test_two_pictures_of_one_name_that_waited_are_not_one_silently(
    client: Client, field: Field, officer: StaffUser
) -> None:
    sent, red = body("nobody", photo="photo.png"), picture()
    blue = io.BytesIO()
    Image.new("RGB", (4, 4), "blue").save(blue, "PNG")
    for content in (red, blue.getvalue()):
        assert send(client, field, sent, photo=content).status_code == 201
    row = UnplacedAnswers.objects.get()
    placed = services.place_answers(acting_staff=officer, answers=row, case=field.cases[0])
    assert placed.attachments.count() == 1
    assert placed.flags.filter(rule=FlagRule.FILE_REFUSED).count() == 1
