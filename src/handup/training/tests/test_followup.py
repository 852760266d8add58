"""The absence watch: a dated task for a named person, contacts, the drop-out case, safety kept."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.standing import standing
from handup.training import services
from handup.training.models import Cohort, DropoutCase, Enrolment, FollowUp, Session
from handup.training.nightly import watch_absences
from handup.training.rules.attendance import Mark
from handup.training.rules.followup import ContactWay, FollowUpEnd, asks_again, due_date
from handup.training.rules.states import DropoutReason
from handup.training.sections import erase, told_of
from handup.training.services.refusals import (
    CaseClosed,
    ContactMissing,
    DateBefore,
    FollowUpEnded,
    ReasonMissing,
    SettledOnTheRoster,
    StepNotPossible,
)
from handup.training.tests.conftest import START, attend, member_of_staff
from handup.training.tests.test_api import Caller

DAY = START + timedelta(days=5)


@standing
def worker(db: None) -> StaffUser:
    """The field officer who knows Bat and sees only her own caseload."""
    return member_of_staff("worker", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)


@standing
def protection(db: None) -> StaffUser:
    """The protection focal point."""
    return member_of_staff("protection", Role.FOCAL_POINT)


@standing
def watched(
    cohort: Cohort,
    sessions: list[Session],
    enrolled: list[Enrolment],
    officer: StaffUser,
    worker: StaffUser,
) -> FollowUp:
    """Anahit came to all, Claudine too; Bat, of whom the worker takes care, to none."""
    bat = enrolled[1].person
    bat.case_officer = worker
    bat.save(update_fields=["case_officer"])
    services.name_trainer(acting_staff=officer, cohort=cohort, staff=officer, leads=True)
    for row in (enrolled[0], enrolled[2]):
        for session in sessions:
            attend(officer, row, session, session.minutes_planned)
    return services.open_follow_ups(acting_staff=officer, cohorts=[cohort], on=DAY)[0]


def asked(task: FollowUp, by: StaffUser, told: str = "Her child is ill") -> None:
    services.record_contact(
        acting_staff=by,
        follow_up=task,
        contact_date=DAY,
        way=ContactWay.VISIT,
        reached=True,
        told=told,
    )


def test_a_task_is_due_in_three_days_and_comes_again_only_for_further_absences() -> None:
    assert due_date(date(2026, 2, 27)) == date(2026, 3, 2)
    cases = ((2, None, True), (2, 2, False), (3, 2, True))
    for missed, before, expected in cases:
        assert asks_again(missed, before) is expected


def test_the_watch_names_who_asks_whom_by_when_and_only_once(
    watched: FollowUp,
    cohort: Cohort,
    enrolled: list[Enrolment],
    officer: StaffUser,
    worker: StaffUser,
    trainer: StaffUser,
) -> None:
    assert FollowUp.objects.count() == 1
    assert (watched.enrolment, watched.assigned_to) == (enrolled[1], worker)
    assert (watched.due_date, watched.missed) == (DAY + timedelta(days=3), 3)
    assert services.open_follow_ups(acting_staff=officer, cohorts=[cohort], on=DAY) == []
    watch_absences.func()
    assert FollowUp.objects.count() == 1
    assert list(FollowUp.objects.visible_to(worker)) == [watched]
    assert list(FollowUp.objects.visible_to(trainer)) == []
    with pytest.raises((NotAllowed, OutOfSight)):
        services.end_follow_up(
            acting_staff=trainer, follow_up=watched, ended_date=DAY, end=FollowUpEnd.BACK
        )


def test_a_task_ends_after_somebody_asked_and_comes_back_with_a_further_absence(
    watched: FollowUp, cohort: Cohort, officer: StaffUser, worker: StaffUser
) -> None:
    with pytest.raises(ContactMissing):
        services.end_follow_up(
            acting_staff=worker, follow_up=watched, ended_date=DAY, end=FollowUpEnd.BACK
        )
    with pytest.raises(DateBefore):
        services.record_contact(
            acting_staff=worker,
            follow_up=watched,
            contact_date=START,
            way=ContactWay.PHONE,
            reached=False,
        )
    asked(watched, worker)
    with pytest.raises(StepNotPossible):
        services.end_follow_up(
            acting_staff=worker, follow_up=watched, ended_date=DAY, end=FollowUpEnd.CORRECTED
        )
    ended = services.end_follow_up(
        acting_staff=worker, follow_up=watched, ended_date=DAY, end=FollowUpEnd.EXPLAINED
    )
    assert (ended.end, ended.ended_by) == ("EXPLAINED", worker)
    with pytest.raises(FollowUpEnded):
        asked(watched, worker)
    assert services.open_follow_ups(acting_staff=officer, cohorts=[cohort], on=DAY) == []
    session = services.schedule_session(
        acting_staff=officer, cohort=cohort, session_date=DAY, minutes_planned=60
    )
    services.hold_session(acting_staff=officer, session=session, minutes_held=60, on=DAY)
    again = services.open_follow_ups(acting_staff=officer, cohorts=[cohort], on=DAY)
    assert [(row.enrolment_id, row.missed) for row in again] == [(watched.enrolment_id, 4)]


def test_told_in_two_ways_is_a_task_that_ends_by_the_correction(
    watched: FollowUp,
    cohort: Cohort,
    sessions: list[Session],
    enrolled: list[Enrolment],
    officer: StaffUser,
) -> None:
    attend(officer, enrolled[0], sessions[0], 90)
    found = services.open_follow_ups(acting_staff=officer, cohorts=[cohort], on=DAY)
    assert [(row.kind, row.session_id) for row in found] == [("CONFLICT", sessions[0].pk)]
    assert found[0].assigned_to == officer
    with pytest.raises(SettledOnTheRoster):
        services.end_follow_up(
            acting_staff=officer, follow_up=found[0], ended_date=DAY, end=FollowUpEnd.BACK
        )
    services.correct_attendance(
        acting_staff=officer,
        attendance=sessions[0].attendances.filter(enrolment=enrolled[0]).earliest("recorded_at"),
        minutes=180,
        mark=Mark.PRESENT,
        reason="Signed the list",
    )
    assert services.open_follow_ups(acting_staff=officer, cohorts=[cohort], on=DAY) == []
    assert FollowUp.objects.get(pk=found[0].pk).end == "CORRECTED"


def test_a_dropout_case_has_a_reason_and_contacts_and_ends_the_enrolment(
    watched: FollowUp, worker: StaffUser
) -> None:
    def case(reason: DropoutReason, id: UUID | None = None, words: str = "") -> DropoutCase:
        return services.open_dropout_case(
            acting_staff=worker,
            follow_up=watched,
            opened_date=DAY,
            reason=reason,
            reason_text=words,
            id=id,
        )

    with pytest.raises(ContactMissing):
        case(DropoutReason.ILLNESS)
    asked(watched, worker)
    with pytest.raises(ReasonMissing):
        case(DropoutReason.OTHER, words=" ")
    key = uuid4()
    row = case(DropoutReason.MARRIAGE, id=key)
    assert case(DropoutReason.MARRIAGE, id=key) == row
    with pytest.raises(SameIdOtherContent):
        case(DropoutReason.ILLNESS, id=key)
    asked(watched, worker)
    services.close_dropout_case(acting_staff=worker, case=row, closed_date=DAY, left=True)
    enrolment = Enrolment.objects.get(pk=watched.enrolment_id)
    assert (enrolment.state, enrolment.state_reason) == ("DROPPED_OUT", "MARRIAGE")
    assert enrolment.ended_date == DAY
    with pytest.raises(CaseClosed):
        services.close_dropout_case(acting_staff=worker, case=row, closed_date=DAY, left=False)


def test_who_comes_back_stays_enrolled(watched: FollowUp, worker: StaffUser) -> None:
    asked(watched, worker)
    row = services.open_dropout_case(
        acting_staff=worker, follow_up=watched, opened_date=DAY, reason=DropoutReason.FAMILY_DUTY
    )
    closed = services.close_dropout_case(acting_staff=worker, case=row, closed_date=DAY, left=False)
    assert closed.state == "RETURNED"
    assert Enrolment.objects.get(pk=watched.enrolment_id).state == "ENROLLED"


def test_a_case_about_safety_is_seen_by_the_protection_role_alone(
    watched: FollowUp,
    worker: StaffUser,
    officer: StaffUser,
    manager: StaffUser,
    protection: StaffUser,
    settings: Any,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    asked(watched, worker, "Her brother forbids it")
    row = services.open_dropout_case(
        acting_staff=worker,
        follow_up=watched,
        opened_date=DAY,
        reason=DropoutReason.SAFETY,
        reason_text="Threatened on the way",
    )
    for staff in (officer, manager, worker):
        assert not DropoutCase.objects.visible_to(staff).exists()
    assert list(DropoutCase.objects.visible_to(protection)) == [row]
    page = reverse("training:follow_up_detail", args=[watched.pk])

    def shown(staff: StaffUser, address: str, status: int = 200) -> str:
        client = Client()
        client.force_login(staff)
        answer = client.get(address)
        assert answer.status_code == status
        return answer.content.decode()

    secret = ("Threatened on the way", "Her brother forbids it")
    assert all(words in shown(protection, page) for words in secret)
    for staff in (officer, worker):
        assert not any(words in shown(staff, page, 404) for words in secret)
        assert not FollowUp.objects.visible_to(staff).exists(), "nor that there was a task"
    services.close_dropout_case(acting_staff=protection, case=row, closed_date=DAY, left=True)
    enrolment = reverse("training:enrolment_detail", args=[watched.enrolment_id])
    assert "Threatened on the way" not in shown(officer, enrolment)
    told = told_of(watched.enrolment.person_id)
    assert told["Drop-out cases"][0]["In words"] == "Threatened on the way"
    erase(watched.enrolment.person_id)
    assert DropoutCase.objects.get().reason_text == ""
    assert watched.contacts.get().told == ""


def test_from_the_watch_to_the_case_on_the_web_and_through_the_api(
    watched: FollowUp,
    cohort: Cohort,
    officer: StaffUser,
    worker: StaffUser,
    outsider: StaffUser,
    settings: Any,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    web = Client()
    web.force_login(officer)

    def at(step: str) -> str:
        return reverse(f"training:{step}", args=[watched.pk])

    assert at("follow_up_detail") in web.get(reverse("training:follow_up_list")).content.decode()
    opened = web.post(reverse("training:follow_ups_open", args=[cohort.pk]), {})
    assert opened.status_code == 302
    contact = {"contact_date": DAY, "way": "PHONE", "told": "No answer", "_new_id": str(uuid4())}
    assert web.post(at("follow_up_contact"), contact).status_code == 302
    assert web.post(at("follow_up_contact"), contact).status_code == 302
    assert watched.contacts.count() == 1
    handed = web.post(at("follow_up_hand_over"), {"assigned_to": "nobody"})
    assert handed.status_code == 422
    handed = web.post(at("follow_up_hand_over"), {"assigned_to": officer.username})
    assert handed.status_code == 302
    case = {"opened_date": DAY, "reason": "DISTANCE_COST", "_new_id": str(uuid4())}
    assert web.post(at("follow_up_case"), case).status_code == 302
    assert "distance or cost of the way" in web.get(at("follow_up_detail")).content.decode()
    row = DropoutCase.objects.get()
    assert web.get(reverse("training:case_list")).status_code == 200
    api = Caller(officer)
    assert [one["reason"] for one in api.get("/dropout-cases")[1]["items"]] == ["DISTANCE_COST"]
    assert api.get("/follow-ups")[1]["items"][0]["end"] == "LEAVING"
    status, closed = api.post(f"/dropout-cases/{row.pk}/close", closed_date=DAY, left=True)
    assert (status, closed["state"]) == (200, "LEFT")
    assert Caller(outsider).get("/follow-ups")[0] == 403


def test_a_close_ends_the_tasks_and_a_case_then_ends_without_touching_the_figures(
    watched: FollowUp,
    cohort: Cohort,
    officer: StaffUser,
    worker: StaffUser,
    enrolled: list[Enrolment],
) -> None:
    asked(watched, worker)
    row = services.open_dropout_case(
        acting_staff=worker, follow_up=watched, opened_date=DAY, reason=DropoutReason.ILLNESS
    )
    other = FollowUp.objects.create(
        enrolment=enrolled[0], kind="ABSENCE", assigned_to=worker, opened_date=DAY, due_date=DAY
    )
    Enrolment.objects.filter(pk=watched.enrolment_id).update(state="WITHDRAWN")
    services.followup.end_tasks_of(officer, cohort, DAY)
    assert FollowUp.objects.get(pk=other.pk).end == "OVER"
    services.close_dropout_case(acting_staff=worker, case=row, closed_date=DAY, left=True)
    assert Enrolment.objects.get(pk=watched.enrolment_id).state == "WITHDRAWN"


def test_a_trainer_reads_neither_reasons_nor_what_was_said(
    watched: FollowUp, worker: StaffUser, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    asked(watched, worker, "Her child is ill")
    client = Client()
    client.force_login(member_of_staff("teacher", Role.TRAINER))
    page = client.get(reverse("training:follow_up_detail", args=[watched.pk]))
    assert page.status_code == 200
    assert "Her child is ill" not in page.content.decode()
    assert client.get(reverse("training:case_list")).status_code == 403
