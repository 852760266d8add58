"""Interviews on an officer's own phone: carried with the questionnaire, received once, judged
again, never lost when the round is closed, and the clock of the phone told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role
from handup.org.services.devices import report_device_lost
from handup.people import subject
from handup.surveys.models import Case, QuestionnaireVersion, Submission
from handup.surveys.rules.codes import Channel, FlagRule, SubmissionState
from handup.surveys.services import (
    close_round,
    reopen_round,
    set_aside_submission,
    withdraw_answers,
)
from handup.surveys.tests import samples
from handup.surveys.tests.conftest import member_of_staff
from handup.sync import services
from handup.sync.models import WorkFact, WorkState
from handup.sync.tests.work.test_attendance import own_phone, states

DAY = "2026-03-02"


@pytest.fixture
def asks(db: None) -> StaffUser:
    """Who asks, and may do the rest too."""
    return member_of_staff("asks", Role.FIELD_OFFICER, Role.ME_OFFICER)


@pytest.fixture
def asked(asks: StaffUser, office: Office) -> tuple[QuestionnaireVersion, Case]:
    """A case of a questionnaire from a spreadsheet in an open round."""
    version, case, *_rest = samples.make(asks, office)
    assert isinstance(version, QuestionnaireVersion)
    assert isinstance(case, Case)
    return version, case


def told(
    version: QuestionnaireVersion, case: Case, size: str = "3", id: str = "one"
) -> dict[str, Any]:
    """An interview of somebody who does not trade."""
    xml = (
        f'<household id="household" version="{version.version}"><case_key>{case.pk.hex}</case_key>'
        f"<who>{case.subject}</who><trades>no</trades><size>{size}</size>"
        f"<worker_count>{int(size) - 1}</worker_count>"
        f"<start>{DAY}T10:00:00.000+04:00</start><end>{DAY}T10:20:00.000+04:00</end>"
        f"<meta><instanceID>uuid:{id}</instanceID></meta></household>"
    )
    return {
        "id": str(new_id()),
        "name": "record_interview",
        "happened_date": DAY,
        "recorded_at": f"{DAY}T10:20:00+04:00",
        "body": {"case": str(case.pk), "version": str(version.pk), "xml": xml},
    }


def test_a_phone_carries_who_is_to_be_asked_and_each_questionnaire_once(
    asks: StaffUser, asked: tuple[QuestionnaireVersion, Case], client: Client
) -> None:
    version, case = asked
    headers = {"Authorization": f"Bearer {own_phone(asks).token}"}
    pack = client.get("/api/v1/sync/work", headers=headers).json()
    (one,) = pack["interviews"]
    assert (one["case_id"], one["label"]) == (str(case.pk), str(case.subject))
    assert one["number"] == "78000001", "the number on her card finds her"
    assert (one["row"]["key"], one["known"]) == (case.pk.hex, ["case", "case_key"])
    form = pack["forms"][str(version.pk)]
    assert (form["code"], form["root"]["name"], pack["username"]) == (
        "household", "household", "asks",
    )  # fmt: skip
    again = client.get(f"/api/v1/sync/work?have={version.pk}", headers=headers).json()
    assert (again["interviews"], again["forms"]) == (pack["interviews"], {})
    far = (timezone.now() - timedelta(hours=25)).isoformat()
    sent = {"facts": [told(version, case)], "sent_at": far}
    post = client.post("/api/v1/sync/work", sent, content_type="application/json", headers=headers)
    assert post.json()["answers"][0]["state"] == "DONE", post.content
    row = Submission.objects.get(case=case)
    assert (row.channel, row.state) == (Channel.APP, SubmissionState.RECEIVED)
    assert FlagRule.CLOCK in {flag.rule for flag in row.flags.all()}
    assert client.get("/api/v1/sync/work", headers=headers).json()["interviews"] == []


def test_what_was_sent_back_is_due_again_with_the_reason(
    asks: StaffUser, asked: tuple[QuestionnaireVersion, Case], client: Client
) -> None:
    version, case = asked
    headers = {"Authorization": f"Bearer {own_phone(asks).token}"}
    sent = {"facts": [told(version, case)], "sent_at": timezone.now().isoformat()}
    client.post("/api/v1/sync/work", sent, content_type="application/json", headers=headers)
    row = Submission.objects.get(case=case)
    officer = member_of_staff("decides", Role.ME_OFFICER)
    set_aside_submission(acting_staff=officer, submission=row, note="Size?", send_back=True)
    (one,) = client.get("/api/v1/sync/work", headers=headers).json()["interviews"]
    assert (one["case_id"], one["sent_back"], one["why"]) == (str(case.pk), ["uuid:one"], "Size?")
    sent = {"facts": [told(version, case, size="2", id="two")], "sent_at": sent["sent_at"]}
    client.post("/api/v1/sync/work", sent, content_type="application/json", headers=headers)
    assert Submission.objects.get(instance_id="uuid:two").state == SubmissionState.RECEIVED
    assert client.get("/api/v1/sync/work", headers=headers).json()["interviews"] == []


def test_an_interview_is_judged_again_and_waits_where_it_cannot_be_taken(
    asks: StaffUser, asked: tuple[QuestionnaireVersion, Case]
) -> None:
    version, case = asked
    second = member_of_staff("reopens", Role.ME_OFFICER)
    device = own_phone(asks).device

    def send(*facts: dict[str, Any]) -> list[str]:
        now = timezone.now()
        return states(services.receive_work(facts, acting_staff=asks, device=device, sent_at=now))

    close_round(acting_staff=second, round=case.round)
    late = told(version, case)
    assert send(late) == ["WAITING"]
    fact = WorkFact.objects.get(pk=late["id"])
    assert "is not open" in fact.reason
    with connection.cursor() as cursor:
        cursor.execute("SELECT told FROM sync_workfact")
        assert "household" not in cursor.fetchone()[0], "what people answered lies sealed"
    assert "household" in fact.told
    reopen_round(acting_staff=second, round=case.round, reason="answers of a phone")
    unread = told(version, case) | {"body": {"case": str(case.pk)}}
    stranger = told(version, case, id="two")
    stranger["body"] = stranger["body"] | {"case": str(new_id())}
    assert send(late, late, unread, stranger) == ["DONE", "DONE", "REFUSED", "WAITING"]
    row = Submission.objects.get(case=case)
    assert FlagRule.CLOCK not in {flag.rule for flag in row.flags.all()}
    # The same answers under another fact change nothing; other answers under their id conflict.
    assert send(told(version, case), told(version, case, size="77")) == ["DONE", "HANDED_ON"]
    states_kept = sorted(Submission.objects.filter(case=case).values_list("state", flat=True))
    assert states_kept == [SubmissionState.CONFLICT, SubmissionState.RECEIVED]
    assert WorkFact.objects.get(pk=late["id"]).state == WorkState.DONE


def test_answers_that_do_not_pass_are_held_for_a_second_person(
    asks: StaffUser, asked: tuple[QuestionnaireVersion, Case]
) -> None:
    version, case = asked
    device = own_phone(asks).device
    facts = [told(version, case, size="77")]
    assert states(services.receive_work(facts, acting_staff=asks, device=device)) == ["HANDED_ON"]
    row = Submission.objects.get(case=case)
    assert (row.state, [one["kind"] for one in row.faults]) == (
        SubmissionState.HELD, ["CONSTRAINT"],
    )  # fmt: skip


def test_what_waits_of_an_interview_is_in_her_file_and_goes_when_she_takes_it_back_or_is_erased(
    asks: StaffUser, asked: tuple[QuestionnaireVersion, Case]
) -> None:
    version, case = asked
    assert case.person_id is not None
    second = member_of_staff("closes", Role.ME_OFFICER, Role.MANAGER)
    device = own_phone(asks).device
    facts = [told(version, case, id="one"), told(version, case, id="two")]
    stranger = told(version, case)
    stranger["body"] |= {"case": str(new_id()), "xml": "<household/>"}
    close_round(acting_staff=second, round=case.round)
    services.receive_work([facts[0], stranger], acting_staff=asks, device=device)

    def in_file() -> str:
        return str([dict(tell(case.person_id)) for tell in subject.collect if case.person_id])

    def kept(fact: dict[str, Any]) -> tuple[str, bool]:
        row = WorkFact.objects.get(pk=fact["id"])
        return row.state, bool(row.told)

    assert "uuid:one" in in_file()
    withdraw_answers(acting_staff=asks, case=case, asked_date=timezone.localdate())
    assert kept(facts[0]) == ("LEFT_OUT", False)
    services.receive_work([facts[1]], acting_staff=asks, device=device)
    left = WorkFact.objects.get(pk=facts[1]["id"])
    services.leave_work_out(acting_staff=second, fact=left, reason="twice")
    assert "uuid:two" in in_file()
    for blank in subject.erase:
        blank(case.person_id)
    assert kept(facts[1]) == ("LEFT_OUT", False)
    assert "uuid:two" not in in_file()
    assert kept(stranger) == ("WAITING", True)
    again = services.receive_work(facts, acting_staff=asks, device=device)
    assert states(again) == ["LEFT_OUT", "LEFT_OUT"]


def test_an_interview_taken_again_by_the_office_still_says_that_the_clock_was_off(
    asks: StaffUser, asked: tuple[QuestionnaireVersion, Case]
) -> None:
    version, case = asked
    second = member_of_staff("takes", Role.ME_OFFICER, Role.MANAGER)
    device, late = own_phone(asks).device, told(version, case)
    close_round(acting_staff=second, round=case.round)
    far = timezone.now() - timedelta(hours=25)
    services.receive_work([late], acting_staff=asks, device=device, sent_at=far)
    reopen_round(acting_staff=second, round=case.round, reason="answers of a phone")
    fact = WorkFact.objects.get(pk=late["id"])
    assert services.take_work_again(acting_staff=second, fact=fact).state == WorkState.DONE
    row = Submission.objects.get(case=case)
    assert FlagRule.CLOCK in {flag.rule for flag in row.flags.all()}


def test_the_last_door_proves_what_was_stored_before_the_token_ended(
    asks: StaffUser, asked: tuple[QuestionnaireVersion, Case]
) -> None:
    done = own_phone(asks)
    fact = told(*asked)
    (first,) = services.receive_work([fact], acting_staff=asks, device=done.device)
    assert first.sha256
    report_device_lost(acting_staff=asks, device=done.device)
    (kept,) = services.say_farewell(token=done.token, packets=[], facts=[fact]).kept
    assert (kept.state, kept.sha256) == (first.state, first.sha256)
