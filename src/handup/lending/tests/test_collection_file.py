"""A collection sheet as a file: taken along, filled in without a network, loaded, closed once."""

import csv
import io
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from handup.lending.collection_file import AmountUnclear, _Cell, _units
from handup.lending.models import Collection, Loan, LoanEvent
from handup.lending.services.days import DAYS_KEY
from handup.lending.tests.cast import World, make_person, repay, running
from handup.lending.views.collection import BLANK_ROWS
from handup.org.models import Setting

DAY = date(2025, 2, 15)


@pytest.fixture
def clerk(client: Client, world: World) -> Client:
    """The accountant; any day may be recorded by one person here."""
    Setting.objects.update_or_create(key=DAYS_KEY, defaults={"value": 36_500})
    client.force_login(world.cast.accountant)
    return client


def taken(client: Client, kind: str = "csv") -> list[list[Any]]:
    """The rows of the file she takes along."""
    answer = client.get(reverse("lending:collection_file"), {"day": DAY.isoformat(), "kind": kind})
    assert answer.status_code == 200
    content = answer.getvalue()
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [["" if cell is None else cell for cell in row] for row in book.active.values]


def load(client: Client, rows: list[list[Any]], kind: str = "csv") -> Any:
    """Send the file back."""
    if kind == "csv":
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        content = out.getvalue().encode()
    else:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        stream = io.BytesIO()
        book.save(stream)
        content = stream.getvalue()
    file = SimpleUploadedFile(f"sheet.{kind}", content)
    return client.post(reverse("lending:collection_load"), {"file": file})


def closed(client: Client, page: Any, **changes: str) -> Any:
    """Close the sheet the page shows, with what was counted."""
    form = page.context["form"]
    told = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in told.items() if value not in (None, False, "")}
    return client.post(
        page.context["post_to"],
        {**data, "_new_id": str(page.context["new_id"]), "_read_back": "1", **changes},
    )


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_sheet_filled_in_without_a_network_is_shown_counted_and_closed_once(
    clerk: Client, loan: Loan, kind: str
) -> None:
    rows = taken(clerk, kind)
    assert rows[1][3] == loan.code
    rows[1][9] = "100.50"
    page = load(clerk, rows, kind)
    assert page.status_code == 200, page.content.decode()[-2000:]
    assert not LoanEvent.objects.filter(kind="REPAID").exists()  # shown, not recorded
    assert page.context["form"][f"paid_{loan.pk.hex}"].value() == "100.50"
    short = closed(clerk, page, counted="100")
    assert short.status_code == 422
    assert not Collection.objects.exists()
    done = closed(clerk, page, counted="100.50")
    assert done.status_code == 302, done.content.decode()[-2000:]
    row = Collection.objects.get()
    assert str(row.pk) == rows[1][0]
    assert row.lines.get().units == 100_50
    again = load(clerk, rows, kind)
    assert again.context["closed"] == row.get_absolute_url()
    assert closed(clerk, again, counted="100.50").status_code == 302
    assert LoanEvent.objects.filter(kind="REPAID").count() == 1
    rows[1][9] = "90"
    other = closed(clerk, load(clerk, rows, kind), counted="90")
    assert other.status_code == 422  # the same sheet with other content
    assert LoanEvent.objects.filter(kind="REPAID").count() == 1


def test_a_sheet_comes_back_as_whose_it_was(clerk: Client, loan: Loan) -> None:
    asked = {"day": DAY.isoformat(), "officer": str(loan.officer_id), "kind": "csv"}
    answer = clerk.get(reverse("lending:collection_file"), asked)
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    rows[1][9] = "100.50"
    page = load(clerk, rows)
    assert closed(clerk, page, counted="100.50").status_code == 302
    assert Collection.objects.get().officer_id == loan.officer_id
    rows[1][-1] = "officer:somebody"
    assert load(clerk, rows).status_code == 422


@pytest.mark.parametrize(
    ("column", "value", "place"),
    [
        (9, "much", "J2"),
        (9, "-5", "J2"),
        (9, "1.234", "J2"),
        (10, "perhaps", "K2"),
        (3, "L000000", "D2"),
        (0, "mine", "A2"),
        (1, "tomorrow", "B2"),
    ],
)
def test_every_fault_is_named_by_its_cell_and_nothing_is_recorded(
    clerk: Client, loan: Loan, column: int, value: str, place: str
) -> None:
    rows = taken(clerk)
    rows[1][column] = value
    page = load(clerk, rows)
    assert page.status_code == 422
    assert place in page.content.decode()
    assert not Collection.objects.exists()


def test_who_is_absent_paid_nothing(clerk: Client, loan: Loan) -> None:
    rows = taken(clerk)
    rows[1][9], rows[1][10] = "5", "yes"
    page = load(clerk, rows)
    assert page.status_code == 422
    assert "K2" in page.content.decode()


def test_rows_of_two_sheets_are_not_one(clerk: Client, loan: Loan) -> None:
    rows = taken(clerk)
    rows.append(list(rows[1]))
    rows[2][0] = "01890000-0000-7000-8000-000000000001"
    page = load(clerk, rows)
    assert page.status_code == 422
    assert "D3" in page.content.decode()  # the loan stands twice


def test_what_was_paid_meanwhile_is_told(clerk: Client, world: World, loan: Loan) -> None:
    rows = taken(clerk)
    repay(world, loan, DAY, 50_00)
    rows[1][9] = "10"
    page = load(clerk, rows)
    change = page.context["changes"][0]
    assert change.loan == loan
    assert change.was_units - change.is_units == 50_00
    assert "Changed since the sheet was taken along" in page.content.decode()


def test_a_loan_of_another_office_is_no_loan_to_her(
    clerk: Client, world: World, loan: Loan
) -> None:
    rows = taken(clerk)
    clerk.force_login(world.cast.outsider)
    rows[1][9] = "10"
    page = load(clerk, rows)
    assert page.status_code == 422
    assert "D2" in page.content.decode()


def test_who_may_not_collect_takes_nothing_along(client: Client, world: World) -> None:
    client.force_login(world.cast.committee)
    for name in ("collection_file", "collection_load"):
        assert client.get(reverse(f"lending:{name}")).status_code == 403


def test_who_paid_besides_is_a_row_of_a_loan_and_an_amount(
    clerk: Client, world: World, loan: Loan
) -> None:
    rows = taken(clerk)
    sheet, rows[1][9] = rows[1][0], ""
    rows[1][3:], rows[1][:3] = [loan.code, "", "", "", "", "", "10", ""], ["", "", ""]
    assert load(clerk, rows).status_code == 422  # of no sheet at all
    person = make_person(world.programme, world.office, world.cast.advisor, "Participant 0002")
    other = running(world, person=person)
    rows = [rows[0], [sheet, "2025-02-15", "2025-02-15", other.code, *[""] * 7], rows[1]]
    page = load(clerk, rows)
    assert page.status_code == 200
    assert closed(clerk, page, counted="10").status_code == 302
    assert Collection.objects.get().lines.get().loan == loan


def test_a_loan_asked_for_by_its_number_joins_the_sheet(
    clerk: Client, world: World, loan: Loan
) -> None:
    told = {"day": "2025-01-20", "more": f"{loan.code.lower()}, L-404"}
    page = clerk.get(reverse("lending:collection_sheet"), told)
    assert [line.loan for line in page.context["form"].sheet] == [loan]
    paper = clerk.get(reverse("lending:collection_paper"), {"day": DAY.isoformat()})
    assert paper.content.decode().count('<tr><td class="to-write"></td>') == BLANK_ROWS


def test_three_digits_after_a_sign_are_decimals_only_where_there_are_three() -> None:
    assert [_units(text, "USD", "paid") for text in ("1234.5", "1,234.50", "7", None)] == [
        1234_50,
        1234_50,
        7_00,
        None,
    ]
    assert _units("1.234", "KWD", "paid") == 1_234
    for text, currency in (("1.234", "USD"), ("1,234", "USD"), ("1,234", "KWD")):
        with pytest.raises(_Cell) as told:
            _units(text, currency, "paid")
        assert isinstance(told.value.refusal, AmountUnclear)
