"""What missions found: each finding with its action, an owner, a day and what came of it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.projects.models import Document, MissionAction, Programme
from handup.projects.rules.missions import MissionActionState
from handup.projects.services import (
    MissionActionIn,
    end_mission_action,
    hand_over_mission_action,
    record_mission_action,
)
from handup.projects.services import missions as m
from handup.projects.services.memoranda import DoneAhead, ResultMissing
from handup.projects.tests.test_api import Caller

MISSION = date(2026, 2, 10)
DUE = date(2026, 3, 31)
TODAY = date(2026, 4, 15)


def told(owner: StaffUser, **more: Any) -> MissionActionIn:
    values: dict[str, Any] = {
        "mission": "Second supervision",
        "mission_date": MISSION,
        "finding": "The registers of two groups lack signatures.",
        "action": "Have them signed",
        "owner": owner,
        "due_date": DUE,
    }
    return MissionActionIn(**(values | more))


@pytest.fixture
def action(manager: StaffUser, accountant: StaffUser, programme: Programme) -> MissionAction:
    return record_mission_action(
        acting_staff=manager, programme=programme, told=told(accountant), today=TODAY
    )


def end(staff: StaffUser, row: MissionAction, **more: Any) -> MissionAction:
    values: dict[str, Any] = {
        "state": MissionActionState.DONE,
        "ended_date": TODAY,
        "result": "Signed by all",
    }
    return end_mission_action(
        acting_staff=staff, mission_action=row, today=TODAY, **(values | more)
    )


def test_a_finding_is_late_until_it_is_ended_with_what_came_of_it(
    action: MissionAction, accountant: StaffUser
) -> None:
    assert not action.is_late(DUE)
    assert action.is_late(DUE + timedelta(days=1))
    for _time in range(2):  # the button pressed twice
        row = end(accountant, action)
    assert (row.state, row.ended_date, row.is_late(TODAY)) == ("DONE", TODAY, False)
    assert AuditLine.objects.filter(action="projects.end_mission_action").count() == 1
    with pytest.raises(m.ActionEnded):
        end(accountant, action, state=MissionActionState.DROPPED, result="Not needed")


def test_an_open_action_is_given_to_somebody_else_an_ended_one_is_not(
    action: MissionAction, manager: StaffUser, accountant: StaffUser
) -> None:
    row = hand_over_mission_action(
        acting_staff=manager, mission_action=action, owner=manager, due_date=DUE
    )
    assert row.owner == manager
    with pytest.raises(m.DueBeforeMission):
        hand_over_mission_action(
            acting_staff=manager,
            mission_action=action,
            owner=manager,
            due_date=MISSION - timedelta(days=1),
        )
    end(accountant, action)
    with pytest.raises(m.ActionEnded):
        hand_over_mission_action(
            acting_staff=manager, mission_action=action, owner=accountant, due_date=DUE
        )


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"finding": " "}, m.FindingMissing),
        ({"action": ""}, m.FindingMissing),
        ({"mission_date": TODAY + timedelta(days=1)}, DoneAhead),
        ({"due_date": MISSION - timedelta(days=1)}, m.DueBeforeMission),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_stored(
    manager: StaffUser, programme: Programme, more: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        record_mission_action(
            acting_staff=manager, programme=programme, told=told(manager, **more), today=TODAY
        )
    assert not MissionAction.objects.exists()


def test_ends_that_cannot_be_are_refused(action: MissionAction, accountant: StaffUser) -> None:
    wrong: list[tuple[dict[str, Any], type[Refusal]]] = [
        ({"result": " "}, ResultMissing),
        ({"ended_date": TODAY + timedelta(days=1)}, DoneAhead),
        ({"ended_date": MISSION - timedelta(days=1)}, m.EndedBeforeMission),
    ]
    for more, refusal in wrong:
        with pytest.raises(refusal):
            end(accountant, action, **more)
    action.refresh_from_db()
    assert action.state == MissionActionState.OPEN


def test_a_report_of_another_programme_and_an_owner_who_left_are_refused(
    manager: StaffUser,
    clerk: StaffUser,
    programme: Programme,
    other_programme: Programme,
    report: Document,
) -> None:
    for target, more, refusal in (
        (other_programme, {"document": report}, m.PaperOfAnother),
        (programme, {"owner": StaffUser(username="gone", is_active=False)}, m.OwnerGone),
    ):
        with pytest.raises(refusal):
            record_mission_action(
                acting_staff=manager,
                programme=target,
                told=replace(told(manager), **more),
                today=TODAY,
            )
    with pytest.raises(NotAllowed):
        record_mission_action(
            acting_staff=clerk, programme=programme, told=told(manager), today=TODAY
        )


def test_the_same_finding_sent_twice_is_recorded_once(
    manager: StaffUser, programme: Programme
) -> None:
    id = new_id()
    for _time in range(2):
        record_mission_action(
            acting_staff=manager, programme=programme, told=told(manager, id=id), today=TODAY
        )
    assert MissionAction.objects.count() == 1
    for other in ("mission", "finding", "action"):
        with pytest.raises(SameIdOtherContent):
            record_mission_action(
                acting_staff=manager,
                programme=programme,
                told=told(manager, id=id, **{other: "Another"}),
                today=TODAY,
            )


def test_the_programme_shows_what_is_open_before_all_that_was_done(
    action: MissionAction, manager: StaffUser, programme: Programme, client: Client
) -> None:
    MissionAction.objects.bulk_create(
        MissionAction(
            programme=programme,
            mission="First supervision",
            mission_date=MISSION,
            finding="A register lacked a signature.",
            action=f"Sign {place}",
            owner=manager,
            due_date=MISSION,
            state=MissionActionState.DONE,
            ended_date=TODAY,
            result="Signed",
            recorded_by=manager,
        )
        for place in range(25)
    )
    client.force_login(manager)
    shown = client.get(reverse("projects:programme_detail", args=[programme.pk]))
    assert action.action in shown.content.decode()


def test_it_is_recorded_listed_and_ended_on_the_web_and_its_funder_reads_it(
    manager: StaffUser, programme: Programme, funder: StaffUser, client: Client
) -> None:
    client.force_login(manager)
    new = reverse("projects:mission_action_new", args=[programme.pk])
    given = {
        "mission": "Second supervision",
        "mission_date": "2026-02-10",
        "finding": "Two registers lack signatures.",
        "action": "Have them signed",
        "owner": manager.username,
        "due_date": "2026-03-31",
    }
    refused = client.post(new, given | {"owner": "nobody-here"})
    assert refused.status_code == 422
    assert "Two registers lack signatures." in refused.content.decode(), "nothing typed is lost"
    assert client.post(new, given).status_code == 302
    row = MissionAction.objects.get()
    listed = client.post(
        reverse("projects:mission_action_list"), {"q": "signed", "late": "1"}, follow=True
    )
    assert "Have them signed" in listed.content.decode()
    assert (
        client.post(reverse("projects:mission_action_list"), {"q": "x"}, follow=True).status_code
        == 200
    )
    page = reverse("projects:mission_action_detail", args=[row.pk])
    shown = client.get(reverse("projects:programme_detail", args=[programme.pk]))
    assert page in shown.content.decode()
    over = client.get(reverse("projects:mission_action_hand_over", args=[row.pk]))
    assert manager.username in over.content.decode()
    done = {"state": "DONE", "ended_date": timezone.localdate().isoformat(), "result": "Signed"}
    ended = client.post(reverse("projects:mission_action_end", args=[row.pk]), done)
    assert ended["Location"] == page
    client.force_login(funder)
    read = client.get(page)
    assert "Signed" in read.content.decode()
    assert client.get(reverse("projects:mission_action_end", args=[row.pk])).status_code == 403


def test_it_goes_over_the_api_and_another_programmes_funder_sees_nothing(
    manager: StaffUser, programme: Programme, other_programme: Programme, funder: StaffUser
) -> None:
    given = {
        "mission": "Review",
        "mission_date": "2026-02-10",
        "finding": "Late reports",
        "action": "Report in time",
        "owner": manager.username,
        "due_date": "2026-03-31",
    }
    api = Caller(manager)
    made = api.post(f"/programmes/{programme.pk}/mission-actions", given)
    assert (made.status_code, made.json()["state"]) == (201, "OPEN")
    pk = made.json()["id"]
    elsewhere = api.post(f"/programmes/{other_programme.pk}/mission-actions", given)
    assert elsewhere.status_code == 201
    told = {"state": "DONE", "ended_date": "2026-03-01", "result": "In time"}
    for _time in range(2):
        assert api.post(f"/mission-actions/{pk}/end", told).json()["state"] == "DONE"
    late = {"owner": manager.username, "due_date": "2026-04-30"}
    assert api.post(f"/mission-actions/{pk}/hand-over", late).json()["code"] == "ACTION_ENDED"
    gone = late | {"owner": "nobody-here"}
    other = elsewhere.json()["id"]
    assert api.post(f"/mission-actions/{other}/hand-over", gone).status_code == 404
    seen = Caller(funder).get("/mission-actions").json()["items"]
    assert [one["id"] for one in seen] == [pk]
