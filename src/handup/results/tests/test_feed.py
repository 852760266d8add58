"""The live feed: what a spreadsheet program fetches by itself, with a key that can be ended."""

import csv
import io
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from handup.lending.tests.cast import staff
from handup.org.models import AuditLine, Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.services import give_token, revoke_token
from handup.people.models import Person
from handup.results import api_feed
from handup.results.models import PublicTable, ReleasedFigure
from handup.results.releases import published_report
from handup.results.tests.test_public_tables import CODE, WIDE, Counted, counted, fill

__all__ = ["counted"]
FEED = "/api/v1/results/feed"


def key_of(reader: StaffUser, *scopes: str) -> dict[str, str]:
    """The header with which a spreadsheet program reads as somebody."""
    admin = staff(f"gives-{StaffUser.objects.count()}", Role.ADMINISTRATOR)
    _row, plain = give_token(
        acting_staff=admin, staff=reader, label="Excel", scopes=scopes or ["results:read"], days=30
    )
    return {"Authorization": f"Bearer {plain}"}


def rows_of(content: bytes) -> list[dict[str, str]]:
    """The lines by column."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def fetch(what: str, headers: dict[str, str]) -> list[dict[str, str]]:
    """One table as it is fetched."""
    answer = Client().get(f"{FEED}/{what}.csv", headers=headers)
    assert answer.status_code == 200, answer.content
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return rows_of(answer.content)


def test_figures_come_as_they_were_published_and_each_reading_is_written_down(
    counted: Counted,
) -> None:
    fill(counted, WIDE)
    reader = staff("reads", Role.INTEGRATION)
    found = fetch("figures", key_of(reader))
    told = {line.code: line for line in published_report(counted.house.programme).lines}
    mine = {row["indicator"]: row for row in found if row["indicator"] in told}
    assert told
    assert {code: int(row["count"]) for code, row in mine.items()} == {
        code: line.numerator for code, line in told.items()
    }
    assert mine[CODE]["programme"] == counted.house.programme.code
    line = AuditLine.objects.get(action=api_feed.READ)
    assert (line.staff_id, line.facts["table"], line.facts["lines"]) == (
        reader.pk,
        "figures",
        len(found),
    )
    assert line.facts["token"] is True


def test_a_later_entry_moves_nothing_that_was_told(counted: Counted) -> None:
    fill(counted, WIDE)
    headers = key_of(staff("reads", Role.INTEGRATION))
    before = fetch("figures", headers)
    Person._base_manager.update(sex="M")
    counted.add("F", "15-24", 2)
    assert fetch("figures", headers) == before


def test_a_hidden_cell_is_empty_and_every_total_is_there(counted: Counted) -> None:
    fill(counted, WIDE)
    counted.publish(counted.snapshot(), "sex", "age_band")
    found = fetch("tables", key_of(staff("reads", Role.INTEGRATION)))
    table = PublicTable.objects.get()
    hidden = sum(cell is None for line in table.table["cells"] for cell in line)
    assert hidden >= 4
    assert sum(row["hidden"] == "1" for row in found) == hidden
    assert all(row["count"] == "" for row in found if row["hidden"] == "1")
    whole = [row for row in found if (row["row"], row["column"]) == ("TOTAL", "TOTAL")]
    assert [int(row["count"]) for row in whole] == [table.table["total"]]


def test_a_key_reads_its_own_programmes_and_nothing_else(counted: Counted) -> None:
    fill(counted, WIDE)
    counted.publish(counted.snapshot(), "sex")
    other = counted.house.world.programme.__class__.objects.create(code="OTHER", title="Other")
    away = staff("away", Role.FUNDER, kind=ScopeKind.PROJECT, programme_id=other.pk)
    headers = key_of(away)
    assert {row["programme"] for row in fetch("figures", headers)} <= {"OTHER"}
    assert fetch("tables", headers) == []
    assert Client().get("/api/v1/people/persons", headers=headers).status_code == 403
    wrong = key_of(staff("other-scope", Role.INTEGRATION), "people")
    assert Client().get(f"{FEED}/figures.csv", headers=wrong).status_code == 403


@pytest.mark.parametrize("role", [Role.BANK_CLERK, Role.ADMINISTRATOR])
def test_who_may_read_no_figures_reads_no_feed(counted: Counted, role: Role) -> None:
    client = Client()
    client.force_login(staff("none", role))
    for what in ("figures", "tables"):
        assert client.get(f"{FEED}/{what}.csv").status_code == 403
    assert not ReleasedFigure.objects.exists()


def test_a_key_that_was_taken_away_opens_nothing(counted: Counted) -> None:
    reader = staff("reads", Role.INTEGRATION)
    headers = key_of(reader)
    assert Client().get(f"{FEED}/tables.csv", headers=headers).status_code == 200
    token = reader.tokens.get()
    revoke_token(acting_staff=token.given_by, token=token)
    assert Client().get(f"{FEED}/tables.csv", headers=headers).status_code == 401


def test_a_name_that_a_spreadsheet_would_run_is_text(counted: Counted) -> None:
    counted.house.programme.__class__.objects.filter(pk=counted.house.programme.pk).update(
        code="=1+1"
    )
    fill(counted, WIDE)
    found = fetch("figures", key_of(staff("reads", Role.INTEGRATION)))
    assert {row["programme"] for row in found} >= {"'=1+1"}


def test_a_programme_she_reads_no_figures_of_is_not_in_the_feed(counted: Counted) -> None:
    fill(counted, WIDE)
    other = counted.house.world.programme.__class__.objects.create(code="OTHER", title="Other")
    both = staff("both", Role.FUNDER, kind=ScopeKind.PROJECT, programme_id=other.pk)
    held = Grant.objects.get(staff=both)
    Grant.objects.create(
        staff=both, role=Role.ADMINISTRATOR, scope=ScopeKind.ALL, starts=held.starts, ends=held.ends
    )
    assert {row["programme"] for row in fetch("figures", key_of(both))} <= {"OTHER"}
    theirs = counted.house.programme
    client = Client()
    client.force_login(both)
    listed = client.get("/api/v1/results/programmes").json()["items"]
    assert [row["code"] for row in listed] == ["OTHER"]
    for address in (
        f"/api/v1/results/programmes/{theirs.pk}/report?as_of=2026-01-31",
        reverse("results:benefits", args=[theirs.pk]),
        reverse("results:figure", args=[theirs.pk, CODE, date(2026, 1, 31)]),
        reverse("results:report_file", args=[theirs.pk, date(2026, 1, 31), "json"]),
    ):
        assert client.get(address).status_code == 404, address
    assert client.get(reverse("results:benefits", args=[other.pk])).status_code == 200
    assert not ReleasedFigure.objects.filter(programme=theirs).exists()
