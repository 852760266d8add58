"""The doors of the check: page and API."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import etree
from pytest_django import Settings

from handup.lending.tests.cast import staff
from handup.org.rules.access import Role
from handup.results.models import ImportedActivity
from handup.results.rules.iati.reading import read_iati
from handup.results.tests.test_frozen import browser

pytestmark = pytest.mark.django_db
GOOD = "worked/iom-armenia-med.xml"
FAULTY = "samples/worldbank-679-results-2.03.xml"


@pytest.fixture
def folder(shared: Path, settings: Settings) -> Path:
    settings.IATI_PACK = shared / "data/iati"
    return shared / "data/iati"


def upload(content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("file.xml", content, content_type="text/xml")


def test_a_file_is_checked_on_a_page_and_nothing_is_kept(folder: Path) -> None:
    client = browser(staff("counts", Role.ME_OFFICER))
    address = reverse("results:iati_check")
    assert "IATI file (XML)" in client.get(address).text
    good = client.post(address, {"file": upload((folder / GOOD).read_bytes())})
    assert "It can be published." in good.text
    faulty = client.post(address, {"file": upload((folder / FAULTY).read_bytes())})
    assert "It cannot be published yet." in faulty.text
    assert "410 was withdrawn from the list FinanceType." in faulty.text
    assert "Phase: dates" in faulty.text
    assert "151 more are not shown." in faulty.text
    assert "1.14.13" in faulty.text
    broken = client.post(address, {"file": upload(b"")})
    assert "no element found" in broken.text


def test_the_page_without_the_rules_keeps_to_the_form(folder: Path, settings: Settings) -> None:
    settings.IATI_PACK = None
    client = browser(staff("counts", Role.ME_OFFICER))
    told = client.post(reverse("results:iati_check"), {"file": upload(b"<a/>")})
    assert "The IATI rules are not installed." in told.text


def test_whoever_reads_no_snapshots_checks_no_files(folder: Path) -> None:
    client = browser(staff("officer", Role.FIELD_OFFICER))
    assert client.get(reverse("results:iati_check")).status_code == 403
    assert client.post("/api/v1/results/iati-checks").status_code in {403, 422}


def test_a_file_is_checked_through_the_api(folder: Path) -> None:
    client = browser(staff("counts", Role.ME_OFFICER))
    told = client.post(
        "/api/v1/results/iati-checks",
        {"file": upload((folder / "samples/iati-official-activity-example-2.03.xml").read_bytes())},
        headers={"Idempotency-Key": str(uuid4())},
    ).json()
    assert told["activities"] == 1
    assert {one["id"] for one in told["findings"]} >= {"codelist:CRSChannelCode", "rule:8.11.1"}
    assert all(one["line"] > 0 and one["path"].startswith("/") for one in told["findings"])


def test_a_file_is_taken_over_on_a_page(folder: Path) -> None:
    client = browser(staff("takes", Role.MANAGER))
    address = reverse("results:iati_import")
    assert "Take over an IATI file" in client.get(address).text
    told = client.post(address, {"file": upload((folder / FAULTY).read_bytes())})
    assert "5 activities" in told.text
    row = ImportedActivity.objects.get(identifier="44000-P145054")
    assert reverse("results:imported_detail", args=[row.pk]) in told.text
    again = client.post(address, {"file": upload((folder / FAULTY).read_bytes())})
    assert "is here already" in again.text
    page = client.get(reverse("results:imported_detail", args=[row.pk])).text
    assert "budget/value/text()" in page
    raw = client.get(reverse("results:imported_raw", args=[row.pk]))
    [element] = read_iati(raw.content).findall("iati-activity")
    assert etree.tostring(element, encoding="unicode", with_tail=False) == row.raw
    refused = client.post(address, {"file": upload(b"<rss/>")})
    assert refused.status_code == 422
    assert "The file starts with rss (line 1)." in refused.text


def test_activities_that_came_are_listed_and_searched(folder: Path) -> None:
    client = browser(staff("takes", Role.MANAGER))
    client.post(reverse("results:iati_import"), {"file": upload((folder / GOOD).read_bytes())})
    listed = reverse("results:imported_list")
    assert "XM-DAC-47066-AM-MED" in client.post(listed, {"q": "47066"}, follow=True).text
    assert "XM-DAC-47066-AM-MED" not in client.post(listed, {"q": "x-none"}, follow=True).text
    reader = browser(staff("counts", Role.ME_OFFICER))
    assert "XM-DAC-47066-AM-MED" in reader.get(listed).text
    assert reader.get(reverse("results:iati_import")).status_code == 403
    outsider = browser(staff("officer", Role.FIELD_OFFICER))
    assert outsider.get(listed).status_code == 403


def test_a_file_is_taken_over_through_the_api(folder: Path) -> None:
    client = browser(staff("takes", Role.MANAGER))
    headers = {"Idempotency-Key": str(uuid4())}
    told = client.post(
        "/api/v1/results/iati-imports",
        {"file": upload((folder / GOOD).read_bytes())},
        headers=headers,
    ).json()
    assert [one["outcome"] for one in told["activities"]] == ["TAKEN"]
    [row] = client.get("/api/v1/results/imported-activities").json()["items"]
    assert (row["identifier"], row["state"]) == ("XM-DAC-47066-AM-MED", "TAKEN")
    refused = client.post(
        "/api/v1/results/iati-imports",
        {"file": upload(b'<iati-activities version="1.05"/>')},
        headers=headers,
    )
    assert refused.status_code == 422
    assert "1.05" in refused.text
