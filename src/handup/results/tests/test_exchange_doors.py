"""The doors of files for other systems: settings, building, checking, publishing."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse
from pytest_django import Settings

from handup.lending.tests.cast import running, staff
from handup.org.rules.access import Role
from handup.results.models import ExchangeFile, ExchangeProfile, Snapshot
from handup.results.tests.exchanging import SETTINGS, phase_of, profile_of
from handup.results.tests.test_frozen import House, browser

pytestmark = pytest.mark.django_db
FORM = {
    "organisation_ref": "XM-DAC-47066",
    "organisation_name": "International Organization for Migration",
    "organisation_type": "40",
    "activity_code": "AM-MED",
    "language": "en",
    "countries": "AM",
    "sectors": "24040 60\r\n11330 40",
    "tags": "3 8.3",
    "markers": "1 1",
    "area_codes": "AM-YER OU-1",
    "names": "sex GENDER",
    "flow": "10",
}


@pytest.fixture
def house(shared: Path, settings: Settings) -> House:
    settings.IATI_PACK = shared / "data/iati"
    made = House()
    running(made.world, 400_00)
    for at in range(5):
        made.lend(f"Borrower {at}")
    phase_of(made.programme)
    return made


@pytest.fixture
def snapshot(house: House) -> Snapshot:
    return house.frozen()


def test_settings_are_written_line_by_line(house: House) -> None:
    client = browser(house.officer)
    address = reverse("results:exchange_profile", args=[house.programme.pk])
    assert "24040 60" in client.get(address).text
    assert client.post(address, FORM).status_code == 302
    row = ExchangeProfile.objects.get()
    assert row.sectors == SETTINGS["sectors"]
    assert row.countries == [{"code": "AM", "share": "100"}]
    assert (row.area_codes, row.names) == ({"AM-YER": "OU-1"}, {"sex": "GENDER"})
    assert "24040 60\n11330 40" in client.get(address).text


@pytest.mark.parametrize(
    ("field", "text", "told"),
    [
        ("sectors", "24040 60", "The shares come to 60 %."),
        ("sectors", "24040 60\n11330 forty", "Line 2: write a code and its value"),
        ("sectors", "24040 60\n11330 40 x", "Line 2: write a code and its value"),
        ("sectors", "٢٤٠٤٠ 100", "Line 1: write a code and its value"),
        ("sectors", "24040 99999999999", "Line 1: write a code and its value"),
        ("activity_code", "AM MED", "An identifier has no spaces"),
        ("names", "sex 1st", "cannot be the name of an attribute"),
        ("language", "xx", "xx"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(
    field: str, text: str, told: str, house: House
) -> None:
    client = browser(house.officer)
    address = reverse("results:exchange_profile", args=[house.programme.pk])
    answer = client.post(address, {**FORM, field: text})
    assert answer.status_code == 422
    assert told in answer.text
    assert "International Organization for Migration" in answer.text
    assert not ExchangeProfile.objects.exists()


def test_a_file_goes_its_way_through_the_pages(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme)
    officer, director = browser(house.officer), browser(house.director)
    page = officer.get(reverse("results:snapshot_detail", args=[snapshot.pk])).text
    assert reverse("results:exchange_new", args=[snapshot.pk]) in page
    made = officer.post(
        reverse("results:exchange_new", args=[snapshot.pk]), {"kind": "IATI", "span": "P1Y"}
    )
    row = ExchangeFile.objects.get()
    detail = reverse("results:exchange_detail", args=[row.pk])
    assert made["Location"] == detail
    assert "Not checked yet" in officer.get(detail).text
    officer.post(reverse("results:exchange_check", args=[row.pk]), {})
    assert "Nothing was found" in officer.get(detail).text
    publish = reverse("results:exchange_publish", args=[row.pk])
    assert officer.get(publish).status_code == 403
    director.post(publish, {"place": "https://example.org/iati.xml"})
    row.refresh_from_db()
    assert (row.state, row.published_by) == ("PUBLISHED", house.director)
    loaded = officer.get(reverse("results:exchange_file", args=[row.pk]))
    assert loaded.content.decode() == row.content
    assert "attachment" in loaded["Content-Disposition"]
    listed = reverse("results:exchange_list")
    assert detail in officer.post(listed, {"q": house.programme.title[:5]}, follow=True).text
    assert detail not in officer.post(listed, {"q": "x-none"}, follow=True).text


def test_without_settings_the_form_says_what_to_do(house: House, snapshot: Snapshot) -> None:
    answer = browser(house.officer).post(
        reverse("results:exchange_new", args=[snapshot.pk]), {"kind": "ADX", "span": "P1M"}
    )
    assert answer.status_code == 422
    assert "Write the settings for exchange of this programme first." in answer.text


def test_who_reads_no_files_reaches_none(house: House, snapshot: Snapshot) -> None:
    profile_of(house.officer, house.programme)
    browser(house.officer).post(
        reverse("results:exchange_new", args=[snapshot.pk]), {"kind": "IATI", "span": "P1Y"}
    )
    row = ExchangeFile.objects.get()
    client = browser(staff("visits", Role.FIELD_OFFICER))
    for name in ("exchange_detail", "exchange_file", "exchange_check", "exchange_publish"):
        assert client.get(reverse(f"results:{name}", args=[row.pk])).status_code in {403, 404}
    assert client.get(reverse("results:exchange_list")).status_code == 403


def test_a_file_goes_its_way_through_the_api(house: House, snapshot: Snapshot) -> None:
    officer, director = browser(house.officer), browser(house.director)
    root = "/api/v1/results"
    told = {
        key: value
        for key, value in SETTINGS.items()
        if key not in {"tags", "markers", "scope", "collaboration"}
    }
    profile = officer.post(
        f"{root}/programmes/{house.programme.pk}/exchange-profile",
        told,
        content_type="application/json",
    )
    assert profile.json()["identifier"] == "XM-DAC-47066-AM-MED"
    wrong = officer.post(
        f"{root}/programmes/{house.programme.pk}/exchange-profile",
        {**told, "sectors": [{"code": "24040", "share": "50"}]},
        content_type="application/json",
    )
    assert wrong.status_code == 422
    made = officer.post(
        f"{root}/snapshots/{snapshot.pk}/exchange-files",
        {"id": str(uuid4())},
        content_type="application/json",
    )
    assert (made.status_code, made.json()["state"]) == (201, "BUILT")
    file = f"{root}/exchange-files/{made.json()['id']}"
    assert officer.get(file).json()["findings"] == []
    checked = officer.post(f"{file}/check", {}, content_type="application/json").json()
    assert checked["state"] == "CHECKED"
    assert officer.post(f"{file}/publish", {}, content_type="application/json").status_code == 403
    done = director.post(f"{file}/publish", {}, content_type="application/json").json()
    assert done["state"] == "PUBLISHED"
    assert len(officer.get(f"{root}/exchange-files").json()["items"]) == 1
