"""Incidents: reported, found by the house itself, assessed, told within the clock, closed."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.org import exposure, installation
from handup.org.exposure import Exposed
from handup.org.models import Device, Incident, ReadEntry, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.reads import write_entry
from handup.org.rules.access import Role
from handup.org.rules.incidents import IncidentKind, Risk
from handup.org.services import incidents as i
from handup.org.services.devices import give_token, report_device_lost, retire_device
from handup.org.tests.conftest import with_role

pytestmark = pytest.mark.django_db
WHAT = "A list was sent to the wrong bank."


@pytest.fixture(autouse=True)
def no_second_factor(settings: Settings) -> None:
    """The second factor has tests of its own."""
    settings.SECOND_FACTOR_REQUIRED = False


def reported(staff: StaffUser, **more: Any) -> Incident:
    told: dict[str, Any] = {"kind": IncidentKind.DISCLOSED, "what": WHAT}
    told["noticed_at"] = timezone.now() - timedelta(hours=2)
    return i.report_incident(acting_staff=staff, **told | more)


def signed_in(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_whoever_works_here_reports_and_the_clock_began_when_it_was_noticed(
    officer: StaffUser,
) -> None:
    row = reported(officer)
    assert row.notify_by - row.noticed_at == timedelta(hours=72)
    installation.put("protection.incident_hours", 24)
    row = reported(officer)
    assert row.notify_by - row.noticed_at == timedelta(hours=24)


def test_the_same_report_twice_is_one(officer: StaffUser) -> None:
    key = new_id()
    assert reported(officer, id=key).pk == reported(officer, id=key).pk
    assert Incident.objects.count() == 1


def test_what_is_still_to_come_empty_or_found_by_the_house_is_not_reported(
    officer: StaffUser,
) -> None:
    with pytest.raises(i.NoticedToCome):
        reported(officer, noticed_at=timezone.now() + timedelta(minutes=1))
    with pytest.raises(i.WordsMissing):
        reported(officer, what="  ")
    with pytest.raises(i.NotByHand):
        reported(officer, kind=IncidentKind.LOST_DEVICE)
    assert not Incident.objects.exists()


def test_it_is_assessed_told_and_closed_each_once_in_this_order(
    officer: StaffUser, protection_officer: StaffUser
) -> None:
    row, dpo = reported(officer), protection_officer
    with pytest.raises(i.IncidentNotThere):
        i.record_notification(acting_staff=dpo, incident=row, told="the authority")
    with pytest.raises(NotAllowed):
        i.assess_incident(acting_staff=officer, incident=row, risk=Risk.NONE, assessment="x")
    row = i.assess_incident(acting_staff=dpo, incident=row, risk=Risk.HIGH, assessment="Names.")
    with pytest.raises(i.IncidentNotThere):
        i.close_incident(acting_staff=dpo, incident=row, lesson="x")
    row = i.record_notification(acting_staff=dpo, incident=row, told="The authority, by letter.")
    with pytest.raises(i.IncidentNotThere):
        i.record_notification(acting_staff=dpo, incident=row, told="again")
    row = i.close_incident(acting_staff=dpo, incident=row, lesson="Two look at each list.")
    assert (row.state, row.closed_by) == ("CLOSED", dpo)
    with pytest.raises(i.IncidentNotThere):
        i.assess_incident(acting_staff=dpo, incident=row, risk=Risk.NONE, assessment="x")


def test_without_risk_nobody_has_to_be_told(
    officer: StaffUser, protection_officer: StaffUser
) -> None:
    row = reported(officer, noticed_at=timezone.now() - timedelta(hours=100))
    assert row.is_late(timezone.now())
    row = i.assess_incident(
        acting_staff=protection_officer, incident=row, risk=Risk.NONE, assessment="It was sealed."
    )
    assert not row.is_late(timezone.now())
    row = i.close_incident(acting_staff=protection_officer, incident=row, lesson="Nothing.")
    assert row.state == "CLOSED"


def test_a_lost_device_opens_one_with_whom_and_what_it_held(
    administrator: StaffUser, officer: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exposure, "tells", [lambda device: Exposed(frozenset("a"), frozenset("b"))])
    device = Device.objects.create(
        staff=officer, label="Phone", state="ACTIVE", enrolled_by=administrator
    )
    before = timezone.now() - timedelta(days=1)
    for door, persons, at in (
        ("API", ["c"], None),
        ("WEB", ["d"], None),
        ("SYNC", ["e"], before),
    ):
        write_entry(staff=officer, door=door, action="VIEW", persons=persons, highest="P", now=at)
    give_token(
        acting_staff=administrator,
        staff=officer,
        label="Phone",
        scopes=["*"],
        days=5,
        device=device,
    )
    report_device_lost(acting_staff=officer, device=device)
    row = Incident.objects.get()
    assert (row.kind, row.device, row.opened_by) == ("LOST_DEVICE", device, officer)
    assert (row.persons, row.fields) == (["a", "c"], ["b"])


def test_she_reports_her_own_device_and_is_signed_out_everywhere_else(
    administrator: StaffUser, officer: StaffUser
) -> None:
    phone, other = (
        Device.objects.create(staff=who, label="Phone", state="ACTIVE", enrolled_by=administrator)
        for who in (officer, administrator)
    )
    token, _plain = give_token(
        acting_staff=administrator,
        staff=officer,
        label="Phone",
        scopes=["*"],
        days=5,
        device=phone,
    )
    elsewhere, here = signed_in(officer), signed_in(officer)
    for browser in (elsewhere, here):
        assert browser.get("/account/").status_code == 200
    assert here.get(f"/account/devices/{other.pk}/lost/").status_code == 404
    address = f"/account/devices/{phone.pk}/lost/"
    assert address in here.get("/account/").content.decode()
    answer = here.post(address)
    assert (answer.status_code, answer["Location"]) == (302, "/account/")
    phone.refresh_from_db()
    token.refresh_from_db()
    assert (phone.state, token.revoked_at is not None) == ("LOST", True)
    assert Incident.objects.get().device == phone
    assert elsewhere.get("/account/").status_code == 302
    page = here.get("/account/")
    assert page.status_code == 200
    assert address not in page.content.decode()
    assert here.post(address).status_code == 404


def test_a_device_out_of_use_opens_none(administrator: StaffUser, officer: StaffUser) -> None:
    device = Device.objects.create(
        staff=officer, label="Phone", state="ACTIVE", enrolled_by=administrator
    )
    retire_device(acting_staff=administrator, device=device)
    assert not Incident.objects.exists()


def test_a_broken_read_log_opens_one_once(officer: StaffUser) -> None:
    for _ in range(2):
        write_entry(staff=officer, door="WEB", action="VIEW", persons=["a"], highest="P")
    assert i.find_broken_log() is None
    entry = ReadEntry.objects.earliest("number")
    beyond = {"door": "WEB", "action": "VIEW", "highest": "P", "previous": "x", "hash": "y"}
    ReadEntry.objects.bulk_create([ReadEntry(number=3, at=entry.at, **beyond)])
    first, second = i.find_broken_log(), i.find_broken_log()
    assert first is not None
    assert second is not None
    assert (first.pk, first.kind, first.opened_by) == (second.pk, "READ_LOG", None)


def test_the_page_of_one_shows_its_clock_and_keeps_its_words_from_the_auditor(
    officer: StaffUser, protection_officer: StaffUser, auditor: StaffUser
) -> None:
    row = reported(officer)
    page = signed_in(protection_officer).get(f"/settings/incidents/{row.pk}/").content.decode()
    assert WHAT in page
    assert "It is to be told by" in page
    page = signed_in(auditor).get(f"/settings/incidents/{row.pk}/").content.decode()
    assert WHAT not in page
    for staff in (officer, with_role("manager", Role.MANAGER)):
        assert signed_in(staff).get("/settings/incidents/").status_code == 403
        address = f"/settings/incidents/{row.pk}/"
        assert signed_in(staff).get(address).status_code in {403, 404}
        for step in ("assess", "told", "close"):
            assert signed_in(staff).post(f"{address}{step}/").status_code in {403, 404}


def test_the_pages_take_it_from_report_to_closing(
    officer: StaffUser, protection_officer: StaffUser
) -> None:
    when = timezone.localtime() - timedelta(hours=1)
    data = {"kind": "OTHER", "what": WHAT, "noticed_at": when.strftime("%Y-%m-%dT%H:%M")}
    answer = signed_in(officer).post("/settings/incidents/new/", data)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    row = Incident.objects.get()
    browser = signed_in(protection_officer)
    assert row.code in browser.get("/settings/incidents/?open=1").content.decode()
    for step, told in (
        ("assess", {"risk": "SOME", "assessment": "Names."}),
        ("told", {"told": "The authority."}),
        ("close", {"lesson": "Locked."}),
    ):
        answer = browser.post(f"/settings/incidents/{row.pk}/{step}/", told)
        assert answer.status_code == 302, answer.content.decode()
    row.refresh_from_db()
    assert row.state == "CLOSED"
    assert row.code not in browser.get("/settings/incidents/?open=1").content.decode()


def test_the_api_reports_lists_and_moves(officer: StaffUser, protection_officer: StaffUser) -> None:
    told = {"kind": "OTHER", "what": WHAT, "noticed_at": timezone.now().isoformat()}
    answer = post(signed_in(officer), "/api/v1/org/incidents", told)
    assert answer.status_code == 201, answer.content
    key = answer.json()["id"]
    assert signed_in(officer).get("/api/v1/org/incidents").status_code == 403
    browser, address = signed_in(protection_officer), f"/api/v1/org/incidents/{key}"
    assert [row["id"] for row in browser.get("/api/v1/org/incidents").json()["items"]] == [key]
    answer = post(signed_in(officer), f"{address}/closing", {"words": "x"})
    assert answer.status_code == 404
    assert post(browser, f"{address}/closing", {"words": "x"}).status_code == 422
    told = {"risk": "SOME", "assessment": "Names."}
    assert post(browser, f"{address}/assessment", told).json()["state"] == "ASSESSED"
    answer = post(browser, f"{address}/notification", {"words": "Told."})
    assert answer.json()["state"] == "NOTIFIED"
    assert post(browser, f"{address}/closing", {"words": "Done."}).json()["state"] == "CLOSED"


def post(browser: Client, address: str, data: dict[str, Any]) -> Any:
    headers = {"Idempotency-Key": str(new_id())}
    return browser.post(address, data, content_type="application/json", headers=headers)
