"""The pages of the inbox: a code drawn for a phone, a file brought by hand, what stands there."""

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import segno
from cryptography import x509
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from handup.groups.models import Group, GroupFact
from handup.org.models import StaffUser
from handup.org.office_certificate import fingerprint_of
from handup.org.web import factor
from handup.sync.models import EnrolCode, GroupPhone
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import Phone
from handup.sync.tests.test_seats import seat_of
from handup.sync.tests.test_services import FIRST, WEEK, held, said


def test_a_file_of_a_phone_is_taken_and_listed_and_hidden_from_outsiders(
    phone: Phone, group: Group, officer: StaffUser, outsider: StaffUser
) -> None:
    held(phone, date(2026, 1, 12), 1000)
    client = Client()
    client.force_login(officer)
    wrong = SimpleUploadedFile("x.json", b"[1]")
    assert client.post("/sync/packets/file/", {"file": wrong}).status_code == 422
    text = json.dumps({"packets": phone.packets({4})}).encode()
    sent = client.post("/sync/packets/file/", {"file": SimpleUploadedFile("x.json", text)})
    assert sent.status_code == 302
    assert GroupFact.objects.filter(stream="MEETING").count() == 11
    assert "Morning star" in client.get("/sync/packets/").content.decode()
    client.force_login(outsider)
    assert "Morning star" not in client.get("/sync/packets/").content.decode()
    assert client.get(f"/sync/groups/{group.pk}/phone/").status_code == 404


def test_the_officer_shows_a_code_once(
    group: Group, officer: StaffUser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    coded: list[str] = []
    make = segno.make

    def heard(text: str, **how: Any) -> segno.QRCode:
        coded.append(text)
        return make(text, **how)

    monkeypatch.setattr(segno, "make", heard)
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    client.force_login(officer)
    page = client.post(f"/sync/groups/{group.pk}/phone/", {"label": "Blue phone"})
    assert page.status_code == 200
    text = page.content.decode()
    assert 'fill="#fff"' in text, "a camera reads no code on a dark page"
    (plain,) = re.findall(r'<code class="secret">([^<]+)</code>', text)
    assert coded == [f"HANDUP1 http://testserver/ {plain}"]
    assert text.count("h1v1h-1z") == sum(map(sum, make(coded[0], error="m").matrix))
    assert EnrolCode.objects.get().label == "Blue phone"
    assert plain not in client.get(f"/sync/groups/{group.pk}/phone/").content.decode()


def test_the_phones_of_a_group_stand_on_a_page_with_what_waits(
    phone: Phone,
    group: Group,
    officer: StaffUser,
    supervisor: StaffUser,
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The officer ends a phone, the supervisor gives the record on; each sees what she may do."""
    monkeypatch.setattr(factor, "is_stale", lambda _request: False)
    _second, done = enrolled(group, officer)
    held(phone, FIRST, 1000)
    held(phone, FIRST + WEEK, 2000)
    send(phone.packet(11))
    page, client = f"/sync/groups/{group.pk}/phones/", Client()
    client.force_login(officer)
    mine, other = GroupPhone.objects.filter(group=group).order_by("recorded_at")
    text = client.get(page).content.decode()
    assert page in client.get(f"/groups/{group.pk}/").content.decode()
    assert f"/sync/phones/{mine.pk}/end/" in text
    assert f"/sync/phones/{mine.pk}/seat/" not in text
    assert "12\u201322" in text
    assert client.post(f"/sync/phones/{other.pk}/seat/", {}).status_code == 403
    assert client.post(f"/sync/phones/{mine.pk}/end/", {}).headers["Location"] == page
    mine.refresh_from_db()
    assert (mine.device.state, mine.device.tokens.filter(revoked_at=None).count()) == ("RETIRED", 0)
    assert f"/sync/phones/{mine.pk}/end/" not in client.get(page).content.decode()
    assert said(send(phone.packet(0, 11)))[0] == ("STORED", ("DEVICE_REVOKED", "LATE"))
    client.force_login(supervisor)
    assert f"/sync/phones/{other.pk}/seat/" in client.get(page).content.decode()
    assert client.post(f"/sync/phones/{mine.pk}/seat/", {}).status_code == 422
    assert client.post(f"/sync/phones/{other.pk}/seat/", {}).status_code == 302
    assert seat_of(group) == str(done.device.pk)
    assert client.post(f"/sync/groups/{group.pk}/office/", {}).status_code == 302
    assert seat_of(group) is None


def test_a_laptop_in_the_wi_fi_of_its_office_shows_its_fingerprint_beside_the_code(
    group: Group, officer: StaffUser, settings: Settings, tmp_path: Path
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client = Client()
    assert client.get("/field/certificate.crt").status_code == 404
    settings.WIFI, settings.WIFI_PORT, settings.DATA_DIR = "10.1.2.3", 8443, tmp_path
    root = client.get("/field/certificate.crt")
    assert root["Content-Type"] == "application/x-x509-ca-cert"
    told = fingerprint_of(x509.load_pem_x509_certificate(root.content))
    client.force_login(officer)
    page = client.post(f"/sync/groups/{group.pk}/phone/", {"label": "Blue phone"}).content.decode()
    assert told in page
    assert "https://10.1.2.3:8443/field/certificate.crt" in page
