"""The settings area: staff, grants, devices, trails, the installation and the first run."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from handup.org import installation
from handup.org.first_word import first_word
from handup.org.models import (
    ApiToken,
    Area,
    AuditLine,
    Device,
    Grant,
    Office,
    Setting,
    StaffUser,
)
from handup.org.services.devices import enrol_device

pytestmark = pytest.mark.django_db
PASSWORD = "long enough pass"


@pytest.fixture(autouse=True)
def no_second_factor(settings: Any) -> None:
    """The second factor has tests of its own."""
    cache.clear()
    settings.SECOND_FACTOR_REQUIRED = False


def browser_of(staff: StaffUser) -> Client:
    """A browser she is signed in with."""
    browser = Client()
    browser.post("/sign-in/", {"login": staff.username, "password": PASSWORD})
    return browser


def test_an_administrator_registers_a_staff_user_and_gives_her_a_role(
    administrator: StaffUser,
) -> None:
    browser = browser_of(administrator)
    office = Office.objects.create(code="VAY", name="Vayk")
    answer = browser.post(
        "/settings/staff/new/",
        {"display_name": "Nune", "username": "nune", "language": "hy", "home_office": office.pk},
    )
    nune = StaffUser.objects.get(username="nune")
    assert answer["Location"] == f"/settings/staff/{nune.pk}/"
    assert not nune.has_usable_password()
    today = timezone.localdate()
    data = {"role": "LOAN_OFFICER", "scope": "OFFICE", "office": str(office.pk)}
    data |= {"starts": str(today), "ends": str(today + timedelta(days=90))}
    address = f"/settings/staff/{nune.pk}/role/"
    assert "Read it back" in browser.post(address, data).content.decode()
    assert not Grant.objects.filter(staff=nune).exists()
    browser.post(address, {**data, "_read_back": "1"})
    grant = Grant.objects.get(staff=nune)
    assert (grant.role, grant.office, grant.given_by) == ("LOAN_OFFICER", office, administrator)
    text = browser.get(f"/settings/staff/{nune.pk}/").content.decode()
    assert "Loan officer" in text
    assert "one office: Vayk" in text


def test_a_grant_beyond_a_year_is_refused_beside_its_field(administrator: StaffUser) -> None:
    browser = browser_of(administrator)
    nune = StaffUser.objects.create_user("nune", display_name="Nune")
    today = timezone.localdate()
    data = {"role": "CLERK", "scope": "ALL", "starts": str(today), "_read_back": "1"}
    data["ends"] = str(today + timedelta(days=500))
    answer = browser.post(f"/settings/staff/{nune.pk}/role/", data)
    assert answer.status_code == 422
    assert 'href="#id_ends"' in answer.content.decode()
    assert not Grant.objects.filter(staff=nune).exists()


def test_a_new_password_is_shown_once_and_works(
    administrator: StaffUser, officer: StaffUser
) -> None:
    browser = browser_of(administrator)
    answer = browser.post(f"/settings/staff/{officer.pk}/password/")
    shown = answer.content.decode().split('<code class="secret">')[1].split("<")[0]
    officer.refresh_from_db()
    assert officer.check_password(shown)
    assert not officer.check_password(PASSWORD)


def test_a_closed_account_signs_in_no_more(administrator: StaffUser, officer: StaffUser) -> None:
    hers = browser_of(officer)
    browser_of(administrator).post(f"/settings/staff/{officer.pk}/close/")
    officer.refresh_from_db()
    assert not officer.is_active
    assert hers.get("/account/").status_code == 302


def test_nobody_else_reaches_the_settings(officer: StaffUser, administrator: StaffUser) -> None:
    browser = browser_of(officer)
    for address in ("staff/", "staff/new/", "devices/", "tokens/", "audit/", "installation/"):
        assert browser.get(f"/settings/{address}").status_code == 403
    assert browser.post(f"/settings/staff/{administrator.pk}/close/").status_code == 403
    administrator.refresh_from_db()
    assert administrator.is_active
    rail = browser.get("/account/").content.decode().split("<main")[0]
    assert "/settings/staff/" not in rail


def test_a_grant_is_ended_by_the_administrator_and_reviewed_by_the_protection_officer(
    administrator: StaffUser, officer: StaffUser, protection_officer: StaffUser
) -> None:
    grant = officer.grants.get()
    his = browser_of(protection_officer)
    text = his.get(f"/settings/roles/{grant.pk}/").content.decode()
    assert "It is still needed" in text
    his.post(f"/settings/roles/{grant.pk}/review/")
    grant.refresh_from_db()
    assert grant.reviewed_by == protection_officer
    hers = browser_of(administrator)
    assert hers.post(f"/settings/roles/{grant.pk}/review/").status_code == 403
    hers.post(f"/settings/roles/{grant.pk}/end/")
    grant.refresh_from_db()
    assert grant.ended_at is not None
    again = hers.post(f"/settings/roles/{grant.pk}/end/")
    assert "already ended" in again.content.decode()


def test_a_device_is_enrolled_and_reported_lost(
    administrator: StaffUser, officer: StaffUser
) -> None:
    browser = browser_of(administrator)
    browser.post("/settings/devices/new/", {"staff": officer.pk, "label": "blue phone"})
    device = Device.objects.get()
    assert (device.label, device.state) == ("blue phone", "ACTIVE")
    assert "Report it lost" in browser.get(f"/settings/devices/{device.pk}/").content.decode()
    browser.post(f"/settings/devices/{device.pk}/lost/")
    device.refresh_from_db()
    assert device.state == "LOST"
    assert "lost" in browser.get("/settings/devices/").content.decode()


def test_a_token_is_shown_once_and_revoked(administrator: StaffUser, officer: StaffUser) -> None:
    browser = browser_of(administrator)
    data = {"staff": officer.pk, "label": "tablet", "scopes": ["groups"], "days": "30"}
    text = browser.post("/settings/tokens/new/", data).content.decode()
    plain = text.split('<code class="secret">')[1].split("<")[0]
    token = ApiToken.objects.get()
    assert plain.startswith("hu_")
    assert plain not in browser.get("/settings/tokens/").content.decode()
    browser.post(f"/settings/tokens/{token.pk}/end/")
    token.refresh_from_db()
    assert token.revoked_at is not None


def test_the_auditor_reads_who_did_what_without_names(
    auditor: StaffUser, administrator: StaffUser, officer: StaffUser
) -> None:
    enrol_device(acting_staff=administrator, staff=officer, label="secret label")
    text = browser_of(auditor).get("/settings/audit/").content.decode()
    assert "Enrol a device" in text
    assert "org.enrol_device" not in text
    assert "secret label" not in text
    assert AuditLine.objects.count() >= 1
    assert browser_of(auditor).get("/settings/reads/").status_code == 200
    assert browser_of(auditor).get("/settings/exceptions/").status_code == 200


def test_size_and_parts_are_changed_by_the_administrator(administrator: StaffUser) -> None:
    browser = browser_of(administrator)
    browser.post(
        "/settings/installation/", {"profile": "SMALL", "domains": ["lending", "training"]}
    )
    house = installation.read()
    assert house.profile == "SMALL"
    assert house.domains == {"lending", "training"}


def test_one_of_her_own_sessions_is_ended_and_nobody_elses(
    officer: StaffUser, auditor: StaffUser
) -> None:
    here, there, other = browser_of(officer), browser_of(officer), browser_of(auditor)
    key = there.session.session_key
    session = officer.sessions.get(key=key)
    assert here.get("/account/").content.decode().count("Sign out there") == 1
    assert other.post(f"/account/sessions/{session.pk}/").status_code == 404
    assert there.get("/account/").status_code == 200
    here.post(f"/account/sessions/{session.pk}/")
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200


def test_the_first_run_asks_its_questions_and_closes_behind_itself() -> None:
    browser = Client()
    assert browser.get("/sign-in/")["Location"] == "/start/"
    data = {
        "word": first_word(),
        "profile": "SMALL",
        "domains": ["lending"],
        "display_name": "Anahit",
        "username": "anahit",
        "password": "short",
    }
    refused = browser.post("/start/", data)
    assert refused.status_code == 422
    assert 'href="#id_password"' in refused.content.decode()
    assert not StaffUser.objects.exists()
    data["password"] = "a long walk to Vayk"
    assert browser.post("/start/", data)["Location"] == "/sign-in/"
    assert StaffUser.objects.get().grants.get().role == "ADMINISTRATOR"
    assert installation.read().profile == "SMALL"
    assert browser.get("/start/").status_code == 404
    assert browser.post("/start/", data | {"username": "eve"}).status_code == 404
    assert StaffUser.objects.count() == 1


def test_a_grant_asks_for_a_fresh_second_factor(
    administrator: StaffUser, officer: StaffUser, settings: Any
) -> None:
    browser = browser_of(administrator)
    settings.SECOND_FACTOR_REQUIRED = True
    session = browser.session
    session["second_factor_at"] = 1.0
    session.save()
    answer = browser.get(f"/settings/staff/{officer.pk}/role/")
    assert answer["Location"].startswith("/account/confirm/second-factor/?next=")


def test_a_whole_tree_of_areas_is_added_at_once_or_not_at_all(administrator: StaffUser) -> None:
    browser = browser_of(administrator)
    bad = "AM; Armenia\nSHI; Shirak; XX\nAM; Again\nLOR; Lori; AM; Town; more"
    refused = browser.post("/settings/areas/sheet/", {"lines": bad, "language": "en"})
    text = refused.content.decode()
    assert refused.status_code == 422
    assert "Line 2: there is no area XX above this line" in text
    assert "Line 3: the code AM is taken already" in text
    assert "Line 4: write code, name and the code" in text
    assert not Area.objects.exists()
    good = "AM\tArmenia\nSHI\tShirak\tAM\nGYU\tGyumri\tSHI\n"
    added = browser.post("/settings/areas/sheet/", {"lines": good, "language": "en"})
    assert added["Location"] == "/settings/areas/"
    rows = Area.objects.order_by("path").values_list("code", "level", "path")
    assert list(rows) == [("AM", 0, "/AM/"), ("SHI", 1, "/AM/SHI/"), ("GYU", 2, "/AM/SHI/GYU/")]
    assert "\u2003\u2003Gyumri" in browser.get("/settings/areas/").content.decode()
    more = browser.post("/settings/areas/sheet/", {"lines": "ART; Artik; SHI", "language": "hy"})
    assert more.status_code == 302
    assert Area.objects.get(code="ART").names == {"hy": "Artik"}


def test_the_institution_is_named_and_only_what_changed_leaves_a_line(
    administrator: StaffUser, officer: StaffUser
) -> None:
    assert browser_of(officer).get("/settings/institution/").status_code == 403
    browser = browser_of(administrator)
    told = {"institution_name": "Our house", "back_date_days": "30"}
    wrong = browser.post("/settings/institution/", told | {"back_date_days": "-1"})
    assert wrong.status_code == 422
    assert not Setting.objects.filter(key="institution_name").exists()
    for _twice in range(2):
        assert browser.post("/settings/institution/", told).status_code == 302
    held = dict(Setting.objects.values_list("key", "value"))
    assert held["institution_name"] == "Our house"
    assert held["lending.back_date_days"] == 30
    assert AuditLine.objects.filter(action="org.change_setting").count() == 2
    assert 'value="Our house"' in browser.get("/settings/institution/").content.decode()
