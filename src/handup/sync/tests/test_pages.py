"""The pages of the inbox: a code drawn for a phone, a file brought by hand, what stands there."""

import json
from datetime import date

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from handup.groups.models import Group, GroupFact
from handup.org.models import StaffUser
from handup.sync.models import EnrolCode
from handup.sync.tests.phone import Phone
from handup.sync.tests.test_services import held


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


def test_the_officer_shows_a_code_once(group: Group, officer: StaffUser) -> None:
    client = Client()
    client.force_login(officer)
    page = client.post(f"/sync/groups/{group.pk}/phone/", {"label": "Blue phone"})
    if page.status_code == 302:  # the second factor is asked first
        assert not EnrolCode.objects.exists()
        return
    assert "<svg" in page.content.decode()
    assert EnrolCode.objects.get().label == "Blue phone"
