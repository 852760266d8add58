"""Sealed copies on the pages: the slips are shown once, both together prove the copy."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.org import keys, sealed_copy
from handup.org.keys import Ring
from handup.org.models import AuditLine, SealedKeys, StaffUser
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with

SHARE = re.compile(r"<code>((?:[0-9A-Z]{4}-){6}[0-9A-Z]{4})</code>")


@pytest.fixture(autouse=True)
def _own_place(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.KEYS_FILE = tmp_path, tmp_path / "keys.json"


@pytest.fixture
def administrator(db: None) -> StaffUser:
    return staff_with("administrator", Role.ADMINISTRATOR)


@pytest.fixture
def page(administrator: StaffUser, client: Client) -> Client:
    client.force_login(administrator)
    return client


def test_the_wizard_shows_both_slips_once_and_proves_the_copy(page: Client) -> None:
    listed = reverse("org:sealed_keys_list")
    assert b"There is no sealed copy" in page.get(listed).content
    told = {"first_holder": "Nune", "second_holder": "Gor", "_new_id": str(new_id())}
    shown = page.post(reverse("org:sealed_keys_new"), told)
    assert shown.headers["Cache-Control"].find("no-store") >= 0
    first, second = SHARE.findall(shown.content.decode())
    again = page.post(reverse("org:sealed_keys_new"), told)
    assert again.status_code == 422
    assert SHARE.findall(again.content.decode()) == []
    row = SealedKeys.objects.get()
    detail = reverse("org:sealed_keys_detail", args=[row.pk])
    assert first not in page.get(detail).content.decode()
    assert b"Nobody has opened" in page.get(detail).content
    file = page.get(reverse("org:sealed_keys_file", args=[row.pk]))
    assert file.content == sealed_copy.read(row.code)
    assert "attachment" in file.headers["Content-Disposition"]
    prove = reverse("org:sealed_keys_prove", args=[row.pk])
    wrong = page.post(prove, {"first": first, "second": first})
    assert b"The same share was given twice" in wrong.content
    assert page.post(prove, {"first": second.lower(), "second": first}).status_code == 302
    row.refresh_from_db()
    assert row.proved_date is not None
    acts = AuditLine.objects.filter(object_id=str(row.pk)).values_list("action", flat=True)
    assert sorted(acts) == ["org.prove_sealed_keys", "org.seal_keys", "org.take_sealed_copy"]
    assert b"slips of both holders" in page.get(listed).content
    keys.add_key(Ring.FIELD)
    assert b"The keys are others" in page.get(listed).content
    assert b"keys from before" in page.post(prove, {"first": first, "second": second}).content


def test_a_share_lies_nowhere_in_the_house(page: Client, settings: Settings) -> None:
    told = {"first_holder": "Nune", "second_holder": "Gor"}
    shown = page.post(reverse("org:sealed_keys_new"), told).content.decode()
    for share in SHARE.findall(shown):
        plain = share.replace("-", "")
        for path in Path(settings.DATA_DIR).rglob("*"):
            if path.is_file():
                assert share.encode() not in path.read_bytes()
                assert plain.encode() not in path.read_bytes()
        lines = str(list(AuditLine.objects.values())) + str(list(SealedKeys.objects.values()))
        assert share not in lines
        assert plain not in lines


def test_two_different_holders_are_named(page: Client) -> None:
    address = reverse("org:sealed_keys_new")
    same = page.post(address, {"first_holder": "Nune", "second_holder": " nune"})
    assert b"Two different persons" in same.content
    assert not SealedKeys.objects.exists()
    assert not sealed_copy.folder().exists()


def test_a_number_that_is_taken_by_a_row_or_a_file_is_drawn_anew(
    page: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["aaaa", "aaaa", "bbbb", "cccc"])
    monkeypatch.setattr("secrets.token_hex", lambda _size: next(drawn))
    told = {"first_holder": "Nune", "second_holder": "Gor"}
    page.post(reverse("org:sealed_keys_new"), told)
    day = SealedKeys.objects.get().code[:6]
    sealed_copy.path_of(f"{day}-BBBB").write_bytes(b"begun, the disk was full")
    assert page.post(reverse("org:sealed_keys_new"), told).status_code == 200
    assert set(SealedKeys.objects.values_list("code", flat=True)) == {f"{day}-AAAA", f"{day}-CCCC"}


def test_only_an_administrator_makes_or_takes_one(page: Client, client: Client) -> None:
    page.post(reverse("org:sealed_keys_new"), {"first_holder": "A", "second_holder": "B"})
    row = SealedKeys.objects.get()
    client.force_login(staff_with("dpo", Role.DPO))
    assert client.get(reverse("org:sealed_keys_list")).status_code == 200
    for name in ("file", "prove"):
        address = reverse(f"org:sealed_keys_{name}", args=[row.pk])
        assert client.get(address).status_code == 403
    client.force_login(staff_with("clerk", Role.CLERK))
    assert client.get(reverse("org:sealed_keys_list")).status_code == 403
