"""The installation, devices, rates, files: each write once, refused things not done."""

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.org import installation, services
from handup.org.classes import DataClass
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import (
    AuditLine,
    Device,
    ExchangeRate,
    Grant,
    Office,
    ReadEntry,
    Setting,
    StaffUser,
    StoredFile,
)
from handup.org.permissions import NotAllowed, may
from handup.org.rules.access import SWITCHABLE, Role
from handup.org.rules.duties import Profile
from handup.org.services import devices, files, house
from handup.org.services.house import RateIn
from handup.org.services.staff import CannotDisableYourself, UserNameTaken
from handup.org.tests.conftest import with_role

TODAY = date(2025, 6, 1)
PDF = b"%PDF-1.7 a paper about someone"


def start(**changed: Any) -> StaffUser:
    given: dict[str, Any] = {
        "username": "first",
        "display_name": "First",
        "password": "a long and good one",
        "profile": Profile.SMALL,
        "domains": ["lending", "training"],
        "on": TODAY,
    }
    return services.start_installation(**{**given, **changed})


def test_before_the_first_run_everything_is_on_and_nobody_is_there(db: None) -> None:
    found = installation.read()
    assert (found.profile, found.set_up, found.demonstration) == (Profile.STANDARD, False, False)
    assert found.shows("groups")
    assert not StaffUser.objects.exists()


def test_the_first_run_makes_the_administrator_and_the_profile(db: None) -> None:
    staff = start()
    found = installation.read()
    assert (found.profile, found.set_up) == (Profile.SMALL, True)
    assert found.shows("lending")
    assert not found.shows("groups")
    assert found.shows("people")
    assert [row.role for row in Grant.objects.filter(staff=staff)] == ["ADMINISTRATOR"]


def test_the_first_run_happens_once(db: None) -> None:
    start()
    with pytest.raises(house.AlreadyStarted):
        start(username="second")
    assert StaffUser.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"password": "password1234"}, house.PasswordTooWeak),
        ({"domains": ["casino"]}, house.UnknownDomain),
    ],
)
def test_a_first_run_that_is_refused_leaves_nothing(
    db: None, changed: dict[str, Any], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        start(**changed)
    assert not StaffUser.objects.exists()
    assert not Setting.objects.exists()


def test_only_an_administrator_changes_the_installation(
    officer: StaffUser, administrator: StaffUser
) -> None:
    with pytest.raises(NotAllowed):
        services.set_up_installation(acting_staff=officer, profile=Profile.SOLO, domains=[])
    assert not installation.read().set_up
    found = services.set_up_installation(
        acting_staff=administrator, profile=Profile.NATIONAL, domains=["groups"]
    )
    assert found.profile is Profile.NATIONAL
    with pytest.raises(house.UnknownSetting):
        services.change_setting(acting_staff=administrator, key="DEMONSTRATION", value=True)
    assert not installation.read().demonstration


def test_a_staff_user_is_registered_once_without_a_password(administrator: StaffUser) -> None:
    key = new_id()
    made = [
        services.register_staff(
            acting_staff=administrator, username="ana", display_name="Ana", id=key
        )
        for _ in range(2)
    ]
    assert made[0] == made[1]
    assert not made[0].has_usable_password()
    with pytest.raises(UserNameTaken):
        services.register_staff(acting_staff=administrator, username="ana", display_name="B")
    with pytest.raises(SameIdOtherContent):
        services.register_staff(
            acting_staff=administrator, username="ana", display_name="Other", id=key
        )
    assert StaffUser.objects.filter(username="ana").count() == 1


def test_an_issued_password_is_shown_once_and_works(administrator: StaffUser) -> None:
    staff = with_role("ana", Role.CLERK)
    password = services.issue_password(acting_staff=administrator, staff=staff)
    assert len(password) >= 12
    assert StaffUser.objects.get(pk=staff.pk).check_password(password)
    assert password not in str(list(AuditLine.objects.values()))


def test_an_administrator_cannot_lock_herself_out(administrator: StaffUser) -> None:
    with pytest.raises(CannotDisableYourself):
        services.disable_staff(acting_staff=administrator, staff=administrator)
    assert StaffUser.objects.get(pk=administrator.pk).is_active


def rate(**changed: Any) -> RateIn:
    given: dict[str, Any] = {
        "from_currency": "EUR",
        "to_currency": "AMD",
        "rate_date": TODAY,
        "kind": "MONTH",
        "numerator": 4_300_000_000_000,
        "source": "central bank",
    }
    return RateIn(**{**given, **changed})


def test_a_rate_told_again_changes_nothing_and_another_for_that_day_is_refused(db: None) -> None:
    staff = with_role("acc", Role.ACCOUNTANT)
    first = services.record_rates(acting_staff=staff, rates=[rate(), rate()])
    assert first[0] == first[1]
    with pytest.raises(house.RateAlreadyRecorded):
        services.record_rates(
            acting_staff=staff, rates=[rate(rate_date=date(2025, 6, 2)), rate(numerator=1)]
        )
    assert ExchangeRate.objects.count() == 1
    with pytest.raises(house.RateNotAboveZero):
        services.record_rates(acting_staff=staff, rates=[rate(kind="SPOT", numerator=0)])


def test_a_rate_far_from_the_one_before_is_asked_again(db: None) -> None:
    staff = with_role("acc", Role.ACCOUNTANT)

    def record(day: int, numerator: int, **more: Any) -> None:
        one = rate(rate_date=date(2025, 7, day), numerator=numerator, **more)
        services.record_rates(acting_staff=staff, rates=[one])

    record(1, 1_000)
    record(2, 1_100)
    with pytest.raises(house.RateJumps) as asked:
        record(3, 989)
    assert asked.value.field == "confirmed"
    assert ExchangeRate.objects.count() == 2
    record(3, 989, confirmed=True)
    record(3, 989)
    record(4, 5_000, kind="SPOT")
    assert ExchangeRate.objects.count() == 4


def test_a_device_is_enrolled_once_lost_once(administrator: StaffUser, officer: StaffUser) -> None:
    key = new_id()
    made = [
        services.enrol_device(acting_staff=administrator, staff=officer, label="Phone", id=key)
        for _ in range(2)
    ]
    assert made[0] == made[1]
    services.report_device_lost(acting_staff=officer, device=made[0])
    with pytest.raises(devices.DeviceEnded):
        services.retire_device(acting_staff=administrator, device=made[0])
    assert Device.objects.get().state == "LOST"


def test_somebody_without_any_grant_reports_no_foreign_device(
    administrator: StaffUser, officer: StaffUser
) -> None:
    device = services.enrol_device(acting_staff=administrator, staff=officer, label="Phone")
    stranger = StaffUser.objects.create_user("stranger", display_name="S")
    with pytest.raises(NotAllowed):
        services.report_device_lost(acting_staff=stranger, device=device)
    assert Device.objects.get().state == "ACTIVE"


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"days": 0}, devices.TokenTooLong),
        ({"days": 367}, devices.TokenTooLong),
        ({"scopes": []}, devices.NoScopes),
    ],
)
def test_a_token_has_an_end_and_a_reach(
    administrator: StaffUser,
    officer: StaffUser,
    changed: dict[str, Any],
    refusal: type[Exception],
) -> None:
    given: dict[str, Any] = {"label": "x", "scopes": ["*"], "days": 5}
    with pytest.raises(refusal):
        services.give_token(acting_staff=administrator, staff=officer, **{**given, **changed})
    assert not officer.tokens.exists()


def test_already_stored_compares_records_by_their_id(officer: StaffUser) -> None:
    office = Office.objects.create(code="A", name="A")
    assert already_stored(Office, None, officer, name="A") is None
    assert already_stored(Office, new_id(), officer, name="A") is None
    assert already_stored(Office, office.pk, officer, name="A", area=None) == office
    with pytest.raises(SameIdOtherContent) as caught:
        already_stored(Office, office.pk, officer, name="B")
    assert caught.value.field == "name"


def store(staff: StaffUser, **changed: Any) -> StoredFile:
    given: dict[str, Any] = {
        "owner": staff,
        "name": "../../etc/Mukamana.pdf",
        "content": PDF,
        "klass": DataClass.S,
    }
    return services.store_file(acting_staff=staff, **{**given, **changed})


def test_a_personal_file_lies_sealed_under_a_random_name(
    officer: StaffUser, settings: Settings
) -> None:
    row = store(officer)
    path = files.path_of(row)
    assert path.is_relative_to(Path(settings.MEDIA_ROOT))
    assert b"paper" not in path.read_bytes()
    assert "Mukamana" not in path.name
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert services.read_file(StoredFile.objects.get()) == PDF
    assert StoredFile.objects.get().name == "Mukamana.pdf"


def test_an_open_file_lies_as_it_is(officer: StaffUser) -> None:
    row = store(officer, klass=DataClass.O)
    assert files.path_of(row).read_bytes() == PDF
    assert services.read_file(row) == PDF


@pytest.mark.parametrize("klass", [DataClass.O, DataClass.S])
def test_a_file_changed_or_removed_outside_is_refused(officer: StaffUser, klass: DataClass) -> None:
    row, other = store(officer, klass=klass), store(officer, klass=klass, content=PDF + b"2")
    files.path_of(row).write_bytes(files.path_of(other).read_bytes())
    with pytest.raises(Exception, match=r"changed|another record"):
        services.read_file(row)
    files.path_of(row).unlink()
    with pytest.raises(files.FileDamaged):
        services.read_file(row)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", files.FileEmpty),
        (b"x" * (files.LARGEST + 1), files.FileTooLarge),
        (b"MZ\x90\x00 a program", files.UnknownFileKind),
        (b"GIF89a\x00\x01", files.UnknownFileKind),
        (b"\xff\xfe\x00", files.UnknownFileKind),
    ],
)
def test_what_is_no_document_is_refused_and_not_kept(
    officer: StaffUser, settings: Settings, content: bytes, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        store(officer, content=content)
    assert not StoredFile.objects.exists()
    assert not Path(settings.MEDIA_ROOT).exists()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"PK\x03\x04...", "application/zip"),
        ("имя,сумма\n".encode(), "text/plain"),
    ],
)
def test_a_file_is_what_its_content_says(content: bytes, kind: str) -> None:
    assert files.kind_of(content) == kind


def test_the_same_file_sent_twice_is_kept_once(officer: StaffUser) -> None:
    key = new_id()
    assert store(officer, id=key) == store(officer, id=key)
    with pytest.raises(SameIdOtherContent):
        store(officer, id=key, content=PDF + b"!")
    assert StoredFile.objects.count() == 1


def test_a_file_is_sent_as_an_attachment_to_who_may_see_its_record(
    client: Client, officer: StaffUser
) -> None:
    office = Office.objects.create(code="A", name="A")
    row = store(officer, owner=office, klass=DataClass.P)
    client.force_login(officer)
    answer = client.get(f"/files/{row.pk}/")
    assert answer.content == PDF
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Mukamana.pdf"'
    assert answer.headers["Content-Type"] == "application/pdf"
    read = ReadEntry.objects.get()
    assert (read.highest, read.purpose) == ("P", f"file {row.pk}")


def test_a_file_of_a_record_out_of_sight_answers_as_none(
    client: Client, officer: StaffUser, administrator: StaffUser
) -> None:
    device = services.enrol_device(acting_staff=administrator, staff=officer, label="x")
    row = store(officer, owner=device)
    client.force_login(officer)
    assert client.get(f"/files/{row.pk}/").status_code == 404
    assert client.get(f"/files/{new_id()}/").status_code == 404
    client.logout()
    assert client.get(f"/files/{row.pk}/").status_code == 302


def test_nobody_reaches_what_is_switched_off_and_it_comes_back(
    administrator: StaffUser,
) -> None:
    """Not only the rail: permissions, pages, the API and today's lists (rulings A1)."""
    officer = with_role("officer", Role.LOAN_OFFICER)
    client = Client()
    client.force_login(officer)
    everything = list(SWITCHABLE)

    def statuses(domains: list[str]) -> list[int]:
        services.set_up_installation(
            acting_staff=administrator, profile=Profile.STANDARD, domains=domains
        )
        addresses = ("/lending/loans/", "/api/v1/lending/loans", "/people/persons/")
        return [client.get(address).status_code for address in addresses]

    assert statuses(everything) == [200, 200, 200]
    assert statuses(["training"]) == [403, 403, 200]
    assert not may(StaffUser.objects.get(pk=officer.pk), "lending.record_repayment")
    assert statuses(everything) == [200, 200, 200]
    assert may(StaffUser.objects.get(pk=officer.pk), "lending.record_repayment")
