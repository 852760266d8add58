"""The board of the data protection officer: every figure opens to its list and names nobody."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests import walking

from handup.org.models import ChainHead, Device, Grant, Incident, Office, StaffUser
from handup.org.reads import write_entry
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from handup.people.models import BreakGlass, Person, SubjectRequest

pytestmark = pytest.mark.django_db


@pytest.fixture
def dpo(db: None) -> StaffUser:
    return with_role("dpo", Role.DPO)


def signed_in(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def figures(staff: StaffUser) -> dict[str, tuple[int, int]]:
    answer = signed_in(staff).get("/api/v1/desk/protection")
    assert answer.status_code == 200, answer.content
    rows: list[dict[str, Any]] = answer.json()["figures"]
    return {row["code"]: (row["count"], row["late"]) for row in rows}


def test_an_empty_house_has_nothing_waiting(dpo: StaffUser) -> None:
    assert set(figures(dpo).values()) == {(0, 0)}
    page = signed_in(dpo).get("/protection/").content.decode()
    assert "not yet proved" in page


def test_each_figure_counts_what_its_list_shows(dpo: StaffUser) -> None:
    officer = walking.staff_everywhere("everywhere")
    walking.samples(officer, Office.objects.create(code="here", name="Here"))
    now = timezone.now()
    Device.objects.update(last_seen_at=now - timedelta(days=8), state="ACTIVE")
    Grant.objects.filter(staff__username="sample").update(recorded_at=now - timedelta(days=93))
    Incident.objects.update(notify_by=now - timedelta(hours=1))
    write_entry(staff=officer, door="WEB", action="EXPORT", persons=[officer.pk], highest="P")
    SubjectRequest.objects.update(
        due_date=timezone.localdate() - timedelta(days=1), kind="ERASURE", state="ASKED"
    )
    found = figures(dpo)
    waiting = BreakGlass.objects.count()
    assert waiting == 1
    assert found["BREAK_GLASS"] == (1, 1)
    assert found["INCIDENTS"] == (1, 1)
    assert found["DEVICES"] == (Device.objects.count(), 0)
    assert found["GRANTS"] == (1, 0)
    assert found["EXPORTS"] == (1, 0)
    assert found["RETENTION"] == (1, 0)
    asked = SubjectRequest.objects.count()
    assert asked > 0
    assert found["REQUESTS"] == found["ERASURES"] == (asked, asked)


def test_every_tile_opens_and_the_board_names_nobody(dpo: StaffUser) -> None:
    officer = walking.staff_everywhere("everywhere")
    walking.samples(officer, Office.objects.create(code="here", name="Here"))
    browser = signed_in(dpo)
    page = browser.get("/protection/").content.decode()
    for row in browser.get("/api/v1/desk/protection").json()["figures"]:
        assert row["href"].replace("&", "&amp;") in page, row["code"]
        assert browser.get(row["href"]).status_code == 200, row["code"]
    for name in Person.objects.values_list("display_name", flat=True):
        assert name not in page


def test_a_broken_log_is_told(dpo: StaffUser) -> None:
    ChainHead.objects.create(name="reads", number=7)
    now = timezone.now()
    Incident.objects.create(
        code="I2222222", kind="READ_LOG", noticed_at=now, notify_by=now, about="read log 3"
    )
    told = signed_in(dpo).get("/api/v1/desk/protection").json()["read_log"]
    assert told["whole"] is False
    assert "kind=READ_LOG" in signed_in(dpo).get("/protection/").content.decode()


def test_the_register_of_processing_tells_what_is_kept(dpo: StaffUser) -> None:
    page = signed_in(dpo).get("/protection/processing/").content.decode()
    assert "Names of enquiries" in page
    assert "people" in page


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.CLERK, Role.DIRECTOR])
def test_the_board_is_for_the_dpo_and_the_auditor(db: None, role: Role) -> None:
    staff = with_role("other", role)
    for address in ("/protection/", "/protection/processing/", "/api/v1/desk/protection"):
        assert signed_in(staff).get(address).status_code == 403
    auditor = with_role("auditor", Role.AUDITOR)
    assert signed_in(auditor).get("/protection/").status_code == 200
