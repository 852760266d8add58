"""A questionnaire from its spreadsheet to answers from ODK Collect, byte for byte."""

import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from lxml import etree
from pytest_django import Settings

from handup.org.models import Grant, ReadEntry, StaffUser
from handup.org.rules.access import ScopeKind
from handup.org.scanning import FileHarmful
from handup.people.models import Person
from handup.projects.models import Programme
from handup.surveys import compiling, services
from handup.surveys.compiling import FaultyQuestionnaire
from handup.surveys.models import (
    Answer,
    Case,
    CompiledForm,
    Questionnaire,
    Round,
    Submission,
    UnplacedAnswers,
)
from handup.surveys.rules.codes import (
    Outcome,
    QuestionType,
    RoundState,
    SubmissionState,
    VersionState,
)
from handup.surveys.services import refusals
from handup.surveys.services.collecting import _typed, missing_media
from handup.surveys.tests.collect import HEADERS, Field, body, open_field, picture, send, taken
from handup.surveys.tests.sheets import CASES, CHOICES, SETTINGS, Rows, questionnaire

CONSENT: Rows = [  # the first question asks for consent
    (*CASES[0], "handup_key"),
    *CASES[1:3],
    (*CASES[3], *[""] * (len(CASES[0]) - len(CASES[3])), "consent"),
    *CASES[4:],
]
BROKEN = b"\x89PNG\r\n\x1a\n" + b"0" * 40


def changed(rows: Rows, row: int, column: int, value: str) -> Rows:
    """Rows with one other cell."""
    found = [list(one) for one in rows]
    found[row][column] = value
    return found


def named(version: str) -> Rows:
    """The settings with another version."""
    return changed(SETTINGS, 1, 2, version)


@pytest.fixture(autouse=True, scope="module")
def compiled_once() -> Iterator[None]:
    """The same spreadsheet is compiled once for all these tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "run_compiler", lru_cache(compiling.run_compiler))
        yield


@pytest.fixture
def field(
    request: pytest.FixtureRequest,
    officer: StaffUser,
    second: StaffUser,
    programme: Programme,
    person: Callable[[], Person],
) -> Field:
    survey = getattr(request, "param", CASES)
    return open_field(officer, second, programme, person, survey=survey)


def test_a_harmful_questionnaire_is_not_kept(officer: StaffUser, settings: Settings) -> None:
    settings.SCANNER = [sys.executable, "-c", "import sys; sys.stdin.buffer.read(); sys.exit(1)"]
    with pytest.raises(FileHarmful):
        taken(officer, questionnaire(CASES))
    assert not CompiledForm.objects.exists()


def test_a_spreadsheet_becomes_a_version_kept_for_ever(officer: StaffUser) -> None:
    content = questionnaire(CASES)
    version = taken(officer, content)
    assert (version.state, version.version) == (VersionState.CHECKED, "2026-1")
    assert taken(officer, content).pk == version.pk
    kept = CompiledForm.objects.get(version=version)
    assert bytes(kept.sheet) == content
    assert kept.sheet_sha256 == hashlib.sha256(content).hexdigest()
    assert kept.xform_sha256 == hashlib.sha256(kept.xform.encode()).hexdigest()
    assert kept.compiled_with == "pyxform 4.5.0"
    questions = {one.name: one for one in version.questions.all()}
    assert questions["age"].repeat_path == "worker"
    assert questions["photo"].type == QuestionType.IMAGE
    assert "north" in questions["region"].choice_labels
    with pytest.raises(DatabaseError), transaction.atomic():
        CompiledForm.objects.filter(pk=kept.pk).update(xform="other")


def test_a_faulty_one_stores_nothing(officer: StaffUser) -> None:
    with pytest.raises(FaultyQuestionnaire) as refused:
        taken(officer, questionnaire(changed(CASES, 5, 5, ". > (")))
    assert len(refused.value.faults) == 1
    assert not Questionnaire.objects.exists()


def test_the_same_version_with_other_content_is_refused(officer: StaffUser) -> None:
    taken(officer, questionnaire(CASES))
    with pytest.raises(refusals.SameVersionOtherContent):
        taken(officer, questionnaire(changed(CASES, 3, 2, "Does she trade?")))


def test_while_a_round_is_open_only_texts_and_optional_questions_change(
    field: Field, officer: StaffUser
) -> None:
    better = changed(CASES, 3, 2, "Does she trade?")
    optional: Rows = [*better, ("text", "more", "Anything else?")]
    version = taken(officer, questionnaire(optional, settings=named("2026-2")))
    assert version.state == VersionState.CHECKED
    required: Rows = [*better, ("text", "must", "Anything else?", "yes")]
    with pytest.raises(refusals.RoundOpenForbids, match="must"):
        taken(officer, questionnaire(required, settings=named("2026-3")))


def test_a_core_question_is_recoded_only_with_a_map(officer: StaffUser) -> None:
    head: Rows = [(*CASES[0], "core")]
    core: Rows = [*head, ("select_one region", "region", "Region", *[""] * 7, "yes")]
    taken(officer, questionnaire(core))
    fewer: Rows = [row for row in CHOICES if row[1] != "south"]
    with pytest.raises(refusals.CoreChanged, match="region"):
        taken(officer, questionnaire(core, fewer, named("2026-2")))
    version = taken(
        officer, questionnaire(core, fewer, named("2026-2")),
        code_map={"region": {"south": "north"}},
    )  # fmt: skip
    assert CompiledForm.objects.get(version=version).code_map == {"region": {"south": "north"}}


def test_an_unfinished_language_is_not_published_and_another_person_publishes(
    officer: StaffUser, second: StaffUser
) -> None:
    two: Rows = [(*CASES[0], "label::Armenian (hy)"), *CASES[1:]]
    version = taken(officer, questionnaire(two))
    with pytest.raises(refusals.WroteItHerself):
        services.publish_version(acting_staff=officer, version=taken(
            officer, questionnaire(CASES, settings=named("9"))))  # fmt: skip
    with pytest.raises(refusals.LanguageUnfinished):
        services.publish_version(acting_staff=second, version=version)
    offered = taken(officer, questionnaire(two, settings=named("10")), draft_languages=["hy"])
    assert services.publish_version(acting_staff=second, version=offered).languages == ["en"]


def test_collect_is_asked_for_its_name_and_header(client: Client, field: Field) -> None:
    answer = client.get("/collect/MED/formList", **HEADERS)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Basic realm="Handup"')
    without: dict[str, Any] = {"HTTP_AUTHORIZATION": field.headers()["HTTP_AUTHORIZATION"]}
    assert client.get("/collect/MED/formList", **without).status_code == 400
    wrong = client.get("/collect/MED/formList", **field.headers("hu_wrong"))
    assert wrong.status_code == 401
    nowhere = client.get("/collect/NONE/formList", **field.headers())
    assert nowhere.status_code == 404
    assert b"OpenRosaResponse" in nowhere.content


def test_collect_lists_forms_manifest_and_cases(client: Client, field: Field) -> None:
    headers = field.headers()
    listed = client.get("/collect/MED/formList", **headers)
    assert listed.status_code == 200
    assert listed["Content-Type"] == "text/xml; charset=utf-8"
    assert listed["X-OpenRosa-Version"] == "1.0"
    assert listed["X-OpenRosa-Accept-Content-Length"] == "10000000"
    assert listed["Date"].endswith("GMT")
    root = etree.fromstring(listed.content)
    space = "{http://openrosa.org/xforms/xformsList}"
    assert root.tag == f"{space}xforms"
    (xform,) = root
    told = {etree.QName(one).localname: one.text for one in xform}
    kept = CompiledForm.objects.get(version=field.version)
    assert told["formID"] == "household"
    assert told["hash"] == "md5:" + hashlib.md5(kept.xform.encode()).hexdigest()
    form = client.get(str(told["downloadUrl"]).replace("http://testserver", ""), **headers)
    assert form.content == kept.xform.encode()
    manifest = client.get(str(told["manifestUrl"]).replace("http://testserver", ""), **headers)
    assert b'xmlns="http://openrosa.org/xforms/xformsManifest"' in manifest.content
    cases = client.get("/collect/MED/forms/household/2026-1/cases.csv", **headers)
    assert f"md5:{hashlib.md5(cases.content).hexdigest()}".encode() in manifest.content
    lines = cases.content.decode().splitlines()
    assert lines[0] == "name,key,label,village,round"
    assert {line.split(",")[0] for line in lines[1:]} == {one.pk.hex for one in field.cases[:2]}
    read = ReadEntry.objects.get()
    assert (read.staff_id, read.door, read.action) == (field.interviewer.pk, "SYNC", "EXPORT")
    assert set(read.persons) == {str(one.person_id) for one in field.cases[:2]}
    assert not cases.cookies


def test_collect_sends_answers_and_gets_201(client: Client, field: Field) -> None:
    head = client.head("/collect/MED/submission", **field.headers())
    assert (head.status_code, head["Location"]) == (204, "http://testserver/collect/MED/submission")
    content = body(field.cases[0].pk.hex, photo="photo.png")
    for _again in range(3):
        answer = send(client, field, content)
        assert answer.status_code == 201
    assert re.search(rb'nature="submit_success"', answer.content)
    row = Submission.objects.get()
    assert (row.state, row.faults, row.device) == (SubmissionState.RECEIVED, [], "collect:1")
    assert row.body.encode() == content
    assert row.start_at is not None
    assert row.answered_date == date(2026, 3, 5)
    case = Case.objects.get(pk=row.case_id)
    assert case.outcome == Outcome.INTERVIEWED
    assert missing_media(row) == ["photo.png"]
    for photo, missing in ((BROKEN, ["photo.png"]), (picture(), []), (picture(), [])):
        assert send(client, field, content, photo=photo).status_code == 201
        assert missing_media(row) == missing
    assert row.attachments.count() == 1


def test_one_byte_changed_is_a_conflict_kept_for_the_supervisor(
    client: Client, field: Field
) -> None:
    key = field.cases[0].pk.hex
    send(client, field, body(key))
    for _again in range(2):
        answer = send(client, field, body(key, size="2"))
        assert answer.status_code == 409
    states = sorted(Submission.objects.values_list("state", flat=True))
    assert states == [SubmissionState.CONFLICT, SubmissionState.RECEIVED]


def test_an_edit_joins_its_root_in_whatever_order_they_arrive(client: Client, field: Field) -> None:
    first, later = field.cases[0].pk.hex, field.cases[1].pk.hex
    send(client, field, body(first, instance="uuid:a"))
    send(client, field, body(first, instance="uuid:b", edits="uuid:a"))
    assert send(client, field, body(later, instance="uuid:d", edits="uuid:c")).status_code == 201
    assert Submission.objects.get(instance_id="uuid:d").state == SubmissionState.HELD
    send(client, field, body(later, instance="uuid:c"))
    rows = {row.instance_id: row for row in Submission.objects.all()}
    for old, new in (("uuid:a", "uuid:b"), ("uuid:c", "uuid:d")):
        assert (rows[old].state, rows[new].state) == (
            SubmissionState.SET_ASIDE, SubmissionState.RECEIVED,
        )  # fmt: skip
        assert (rows[new].supersedes_id, rows[new].root_id) == (rows[old].pk, old)
    older = send(client, field, body(first, instance="uuid:e", edits="uuid:a"))
    assert older.status_code == 409
    assert Submission.objects.get(instance_id="uuid:e").state == SubmissionState.CONFLICT
    assert Submission.objects.count() == 5


def test_faults_hold_answers_and_never_refuse_them(client: Client, field: Field) -> None:
    answer = send(client, field, body(field.cases[0].pk.hex, size="77"))
    assert answer.status_code == 201
    row = Submission.objects.get()
    assert row.state == SubmissionState.HELD
    assert [(one["path"], one["kind"]) for one in row.faults] == [
        ("/household/size", "CONSTRAINT"),
    ]


def test_another_interviewers_case_is_held_and_an_unknown_key_kept_apart(
    client: Client, field: Field
) -> None:
    assert send(client, field, body(field.cases[2].pk.hex)).status_code == 201
    row = Submission.objects.get()
    assert (row.state, row.faults[0]["kind"]) == (SubmissionState.HELD, "OTHER_INTERVIEWER")
    assert send(client, field, body("nobody", instance="uuid:2")).status_code == 201
    assert Submission.objects.count() == 1
    kept = UnplacedAnswers.objects.get()
    assert (kept.reason, kept.instance_id) == ("CASE_UNKNOWN", "uuid:2")
    assert "nobody" in kept.body


@pytest.mark.parametrize(
    "content",
    [b"no xml", b"<household id='household' version='2026-1'/>", b"\xff\xfe\x00",
     b"<!DOCTYPE a [<!ENTITY e 'x'>]><household>&e;</household>"],
)  # fmt: skip
def test_what_cannot_be_read_is_400_and_kept(client: Client, field: Field, content: bytes) -> None:
    answer = send(client, field, content)
    assert answer.status_code == 400
    assert b'nature="error"' in answer.content
    assert UnplacedAnswers.objects.count() == 1


def test_statuses_of_the_door(client: Client, field: Field, officer: StaffUser) -> None:
    headers = field.headers()
    nothing = client.post("/collect/MED/submission", {}, **headers)
    assert nothing.status_code == 400
    large = client.post(
        "/collect/MED/submission", b"x", content_type="text/xml",
        **{**headers, "CONTENT_LENGTH": "10000001"},
    )  # fmt: skip
    assert large.status_code == 413
    assert client.get("/collect/MED/submission", **headers).status_code == 405
    other = body(field.cases[0].pk.hex).replace(b"2026-1", b"1999-1")
    assert send(client, field, other).status_code == 404
    stored, late = body(field.cases[0].pk.hex), body(field.cases[1].pk.hex, instance="uuid:2")
    send(client, field, stored)
    services.close_round(acting_staff=officer, round=field.cases[0].round)
    assert send(client, field, late).status_code == 403
    assert send(client, field, stored).status_code == 201  # the phone never heard of the first 201
    assert Submission.objects.count() == 1


def test_an_edit_changes_nothing_in_another_case(client: Client, field: Field) -> None:
    send(client, field, body(field.cases[0].pk.hex, instance="uuid:a"))
    wrong = body(field.cases[1].pk.hex, instance="uuid:b", edits="uuid:a")
    assert send(client, field, wrong).status_code == 201
    rows = {row.instance_id: row for row in Submission.objects.all()}
    assert (rows["uuid:a"].state, rows["uuid:b"].state) == (
        SubmissionState.RECEIVED, SubmissionState.HELD,
    )  # fmt: skip
    assert (rows["uuid:b"].supersedes_id, rows["uuid:b"].root_id) == (None, "uuid:b")
    assert [one["kind"] for one in rows["uuid:b"].faults] == ["EDIT_OF_OTHER_CASE"]


def test_an_edit_of_what_was_accepted_takes_its_place(
    client: Client, field: Field, officer: StaffUser
) -> None:
    key = field.cases[0].pk.hex
    send(client, field, body(key, instance="uuid:a"))
    first = Submission.objects.get()
    services.accept_submission(acting_staff=officer, submission=first)
    send(client, field, body(key, instance="uuid:b", edits="uuid:a", size="2"))
    edit = Submission.objects.get(instance_id="uuid:b")
    assert (edit.state, first.state) == (SubmissionState.HELD, SubmissionState.ACCEPTED)
    with pytest.raises(refusals.NoteMissing):
        services.accept_submission(acting_staff=officer, submission=edit)
    services.accept_submission(acting_staff=officer, submission=edit, note="She counted again")
    states = dict(Submission.objects.values_list("instance_id", "state"))
    assert states == {"uuid:a": SubmissionState.SET_ASIDE, "uuid:b": SubmissionState.ACCEPTED}


@pytest.mark.parametrize("end", ["0001-01-01T00:00:00.000+14:00", "9999-12-31T23:59:59.000-12:00"])
def test_a_clock_that_cannot_be_is_flagged(client: Client, field: Field, end: str) -> None:
    content = body(field.cases[0].pk.hex).replace(b"2026-03-05T10:20:00.000+04:00", end.encode())
    assert send(client, field, content).status_code == 201
    row = Submission.objects.get()
    assert (row.end_at, [one.rule for one in row.flags.all()]) == (None, ["CLOCK"])


@pytest.mark.parametrize("field", [CONSENT], indirect=True)
def test_of_a_refusal_neither_answers_nor_pictures_are_kept(client: Client, field: Field) -> None:
    key = field.cases[0].pk.hex
    send(client, field, body(key, photo="photo.png"), photo=picture())
    send(client, field, body(key, size="2", photo="photo.png"), photo=picture())
    send(client, field, body("nobody", instance="uuid:2"))
    rows = Submission.objects.all()
    assert sorted(row.state for row in rows) == [
        SubmissionState.CONFLICT, SubmissionState.SET_ASIDE,
    ]  # fmt: skip
    assert [(row.body, row.answers.count(), row.attachments.count()) for row in rows] == [
        ("", 0, 0), ("", 0, 0),
    ]  # fmt: skip
    assert UnplacedAnswers.objects.get().body == ""
    empty = body(field.cases[1].pk.hex, instance="uuid:3").replace(b">no<", b"><")
    send(client, field, empty)
    held = Submission.objects.get(instance_id="uuid:3")
    assert held.state == SubmissionState.HELD
    assert "CONSENT_MISSING" in {one["kind"] for one in held.faults}


def test_another_interviewers_case_out_of_sight_is_kept_as_an_unknown_one(
    client: Client, field: Field
) -> None:
    Grant.objects.filter(staff=field.interviewer).update(scope=ScopeKind.CASELOAD)
    assert send(client, field, body(field.cases[2].pk.hex)).status_code == 201
    assert UnplacedAnswers.objects.get().reason == "OTHER_INTERVIEWER"
    assert not Submission.objects.exists()


def test_a_published_version_may_not_change_what_is_asked_now(
    field: Field, officer: StaffUser, second: StaffUser
) -> None:
    round = field.cases[0].round
    services.close_round(acting_staff=officer, round=round)
    required: Rows = [*CASES, ("text", "must", "Anything else?", "yes")]
    later = taken(officer, questionnaire(required, settings=named("2026-3")))
    Round.objects.filter(pk=round.pk).update(state=RoundState.OPEN)
    with pytest.raises(refusals.RoundOpenForbids, match="must"):
        services.publish_version(acting_staff=second, version=later)


@pytest.mark.parametrize(
    ("value", "currency", "typed"),
    [("15000000", "AMD", "150000"), ("15000050", "AMD", "150000.50"), ("500", "RWF", "500"),
     ("north", "", "north"), ("DONT_KNOW", "AMD", "DONT_KNOW")],
)  # fmt: skip
def test_earlier_amounts_go_out_as_they_were_typed(value: str, currency: str, typed: str) -> None:
    assert _typed(Answer(value=value, currency=currency)) == typed
