"""A partner bank's list beside ours: equal to the unit or listed with what differs, loan by loan;
nothing of a loan changes by it.
"""

import io
from datetime import date
from typing import Any
from unittest.mock import Mock

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import new_id
from handup.kernel.importing import reading
from handup.kernel.sheet_faults import FileTooLarge
from handup.kernel.sheets import Limits
from handup.ledger.models import Entry
from handup.lending.errors import FutureDate
from handup.lending.models import BankList, BankListLine, Loan, LoanEvent
from handup.lending.rules.bank_list import differing
from handup.lending.services.bank_lists import compare_bank_list, form_of
from handup.lending.tests.cast import World, clean, make_person, make_product, repay, running
from handup.lending.tests.test_bank_hidden import hide
from handup.lending.tests.test_pages import at
from handup.lending.uploads import bank_list
from handup.org.models import AuditLine, Office
from handup.org.permissions import NotAllowed
from handup.org.tests.standing import standing

ON = date(2025, 3, 1)
HEAD = "loan,principal,overdue,days_late\n"
HERS = {"loan": "Vertrag", "principal": "Restschuld"}


@standing
def loans(world: World) -> list[Loan]:
    """Two loans of the bank's own: one paid its first instalment, one is fourteen days late."""
    made = []
    product = make_product(world.cast, world.mirror, "BANKS")
    for name in ("First", "Second"):
        person = make_person(world.programme, world.office, world.cast.advisor, name)
        made.append(running(world, product_version=product, person=person))
    repay(world, made[0], date(2025, 2, 15), 113_47)
    return made


def compare(world: World, text: str | bytes, **how: Any) -> BankList:
    told: dict[str, Any] = {
        "acting_staff": world.cast.clerk,
        "lender": world.mirror,
        "as_of": ON,
        "file_name": "list.csv",
        "content": text.encode() if isinstance(text, str) else text,
        **how,
    }
    return compare_bank_list(**told)


def lines(made: BankList) -> list[tuple[str, str, list[str]]]:
    return [(line.key, line.state, line.differing) for line in made.lines.order_by("id")]


def test_figures_not_told_are_not_compared() -> None:
    ours = {"principal": 10, "overdue": 3, "days_late": 0}
    assert differing({"principal": 10}, ours) == []
    assert differing({"principal": 11, "overdue": 0}, ours) == ["principal", "overdue"]


def test_each_loan_is_compared_with_ours_of_that_day(world: World, loans: list[Loan]) -> None:
    first, second = loans
    before = (Entry.objects.count(), LoanEvent.objects.count())
    text = f"{HEAD}{first.code},1110.53,0,0\n{second.code},1100.00,113.47,14\nOTHER,5.00,,\n"
    made = compare(world, text)
    assert lines(made) == [
        (first.code, "EQUAL", []),
        (second.code, "DIFFERENT", ["principal"]),
        ("OTHER", "UNKNOWN", []),
    ]
    line = made.lines.get(loan=second)
    assert line.theirs == {"principal": 1100_00, "overdue": 113_47, "days_late": 14}
    assert line.ours == {"principal": 1200_00, "overdue": 113_47, "days_late": 14}
    assert (made.rows_equal, made.rows_different, made.rows_unknown) == (1, 1, 1)
    assert (Entry.objects.count(), LoanEvent.objects.count()) == before
    second.refresh_from_db()
    assert second.principal_units == 1200_00
    assert AuditLine.objects.filter(action="lending.compare_bank_list").count() == 1
    clean()


def test_a_loan_of_ours_that_the_list_leaves_out_is_named(world: World, loans: list[Loan]) -> None:
    made = compare(world, f"{HEAD}{loans[0].code},1110.53,0,0\n")
    assert lines(made)[1] == (loans[1].code, "MISSING", [])
    assert made.rows_missing == 1


def test_the_day_asked_for_counts_not_today(world: World, loans: list[Loan]) -> None:
    text = f"{HEAD}{loans[0].code},1200.00,0,0\n{loans[1].code},1200.00,0,0\n"
    assert compare(world, text, as_of=date(2025, 2, 14)).rows_equal == 2
    assert compare(world, text).rows_different == 2


def test_the_banks_own_number_and_headings_are_remembered(world: World, loans: list[Loan]) -> None:
    Loan.objects.filter(pk=loans[0].pk).update(external_reference="KR 77")
    text = "Vertrag;Restschuld\nkr77;1110,53\n"
    told = {"columns": HERS}
    form = {"delimiter": ";", "decimal_sign": ","}
    assert compare(world, text, **told, form=form).rows_equal == 1
    later = text.replace("1110,53", "1000,00")
    made = compare(world, later)
    assert (made.rows_different, made.columns) == (1, told["columns"])


def test_a_workbook_is_read_too(world: World, loans: list[Loan]) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "loans"
    sheet.append(["Contract", "Outstanding principal", "Days in arrears"])
    sheet.append([loans[0].code, 1110.53, 0])
    stream = io.BytesIO()
    book.save(stream)
    made = compare(world, stream.getvalue(), file_name="list.xlsx")
    assert made.rows_equal == 1


def test_rows_that_cannot_be_read_are_listed_and_the_others_compared(
    world: World, loans: list[Loan]
) -> None:
    text = f"{HEAD}{loans[0].code},1110.53,0,0\n{loans[1].code},much,0,0\n,5.00,0,0\n"
    made = compare(world, text)
    assert (made.rows_equal, made.rows_faulty) == (1, 2)
    assert [line.row for line in made.lines.filter(state="FAULT").order_by("row")] == [3, 4]
    assert "B3" in made.lines.get(row=3).fault


def test_the_same_list_again_changes_nothing(world: World, loans: list[Loan]) -> None:
    text = f"{HEAD}{loans[0].code},1110.53,0,0\n"
    assert compare(world, text) == compare(world, text)
    assert BankList.objects.count() == 1


def test_what_cannot_be_compared_is_refused_and_nothing_is_stored(
    world: World, loans: list[Loan]
) -> None:
    text = f"{HEAD}{loans[0].code},1110.53,0,0\n"
    with pytest.raises(FutureDate):
        compare(world, text, as_of=timezone.localdate().replace(year=2099))
    with pytest.raises(NotAllowed):
        compare(world, text, acting_staff=world.cast.officer)
    with pytest.raises(Refusal):
        compare(world, b"\x00\x01\x02")
    assert not BankList.objects.exists()
    assert not BankListLine.objects.exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"columns": {}}, "COLUMN_MISSING"),  # the headings are not known
        ({"columns": {**HERS, "overdue": "Rueckstand"}}, "COLUMN_MISSING"),  # one is misspelt
        ({"columns": HERS, "form": {"delimiter": ";"}}, "NOT_AN_AMOUNT"),  # no row can be read
    ],
)
def test_a_list_read_the_wrong_way_is_not_kept_and_comes_again_the_right_way(
    world: World, loans: list[Loan], told: dict[str, Any], code: str
) -> None:
    text = f"Vertrag;Restschuld\n{loans[0].code};1110,53\n{loans[1].code};1200,00\n"
    comma = {"delimiter": ";", "decimal_sign": ","}
    with pytest.raises(Faults) as refused:
        compare(world, text, **{"form": comma, **told})
    assert {fault.code for fault in refused.value.faults} == {code}
    assert not BankList.objects.exists()
    assert not BankListLine.objects.exists()
    assert form_of(world.mirror) == ({}, {})
    made = compare(world, text, columns=HERS, form=comma)
    assert (made.rows_equal, made.rows_missing, made.rows_faulty) == (2, 0, 0)


def test_the_page_says_which_heading_is_missing(
    client: Client, world: World, loans: list[Loan]
) -> None:
    client.force_login(world.cast.clerk)
    answer = client.post(
        reverse("lending:bank_list_new"),
        {
            "_new_id": str(new_id()),
            "lender": str(world.mirror.pk),
            "as_of": "2025-03-01",
            "file": SimpleUploadedFile("list.csv", b"Vertrag,Restschuld\n1,2\n"),
            "delimiter": ",",
            "decimal_sign": ".",
            "date_form": "%Y-%m-%d",
        },
    )
    assert answer.status_code == 422
    assert "The column loan number is missing." in answer.content.decode()
    assert not BankList.objects.exists()


def test_a_list_too_large_is_refused_by_its_size_and_never_read(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LIMITS", Limits(bytes_most=10))
    file = Mock(size=11)
    with pytest.raises(FileTooLarge):
        bank_list(file)
    file.read.assert_not_called()
    client.force_login(world.cast.clerk)
    answer = client.post(
        f"/api/v1/lending/lenders/{world.mirror.pk}/bank-lists?as_of=2025-03-01",
        {"file": SimpleUploadedFile("list.csv", HEAD.encode())},
        headers={"Idempotency-Key": str(new_id())},
    )
    assert answer.json()["code"] == "FILE_TOO_LARGE"
    assert not BankList.objects.exists()


def test_a_clerk_sees_only_her_banks_lists(
    client: Client, world: World, loans: list[Loan], django_user_model: Any
) -> None:
    made = compare(world, f"{HEAD}{loans[0].code},1110.53,0,0\n")
    assert at(client, world.cast.clerk, "bank_list_detail", made.pk).status_code == 200
    assert Office.objects.exists()
    assert at(client, world.cast.outsider, "bank_list_detail", made.pk).status_code in (403, 404)


def test_a_list_goes_through_its_page(client: Client, world: World, loans: list[Loan]) -> None:
    text = f"{HEAD}{loans[0].code},1110.53,0,0\n{loans[1].code},1100.00,113.47,20\n"
    client.force_login(world.cast.clerk)
    answer = client.post(
        reverse("lending:bank_list_new"),
        {
            "_new_id": str(new_id()),
            "lender": str(world.mirror.pk),
            "as_of": "2025-03-01",
            "file": SimpleUploadedFile("list.csv", text.encode()),
            "delimiter": ",",
            "decimal_sign": ".",
            "date_form": "%Y-%m-%d",
        },
    )
    assert answer.status_code == 302, answer.context["form"].errors
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Loans that differ" in page
    for text in ("outstanding principal: USD", "1,100.00 there", "1,200.00 here"):
        assert text in page
    assert "days late: 20 there, 14 here" in page
    assert "list.csv" in client.get(reverse("lending:bank_list_list")).content.decode()


def test_a_list_goes_through_the_api(client: Client, world: World, loans: list[Loan]) -> None:
    client.force_login(world.cast.clerk)
    text = f"{HEAD}{loans[1].code},1100.00,113.47,14\n"
    answer = client.post(
        f"/api/v1/lending/lenders/{world.mirror.pk}/bank-lists?as_of=2025-03-01",
        {"file": SimpleUploadedFile("list.csv", text.encode())},
        headers={"Idempotency-Key": str(new_id())},
    )
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert (told["rows_different"], told["rows_missing"]) == (1, 1)
    found = client.get(f"/api/v1/lending/bank-lists/{told['id']}/lines").json()
    assert found[0]["differing"] == ["principal"]
    assert client.get("/api/v1/lending/bank-lists").json()["items"][0]["id"] == told["id"]


def asked_of_lines(client: Client) -> int:
    """How many statements the page of lists asks of their lines."""
    with CaptureQueriesContext(connection) as seen:
        assert client.get(reverse("lending:bank_list_list")).status_code == 200
    return sum("lending_banklistline" in (one["sql"] or "") for one in seen)


def test_counts_are_told_without_hidden_persons_and_nothing_is_asked_when_nobody_is(
    client: Client, world: World, loans: list[Loan]
) -> None:
    first, second = loans
    made = compare(world, f"{HEAD}{first.code},1110.53,0,0\n{second.code},1100.00,113.47,14\n")
    client.force_login(world.cast.clerk)
    assert asked_of_lines(client) == 0
    assert first.person is not None
    hide(world, first.person)
    assert asked_of_lines(client) > 0
    for shown in (
        client.get("/api/v1/lending/bank-lists").json()["items"][0],
        vars(client.get(made.get_absolute_url()).context["record"]),
    ):
        assert (shown["rows_equal"], shown["rows_different"]) == (0, 1)
    found = client.get(f"/api/v1/lending/bank-lists/{made.pk}/lines").json()
    assert [line["key"] for line in found] == [second.code]
    made.refresh_from_db()
    assert (made.rows_equal, made.rows_different) == (1, 1)


def test_a_table_that_is_cut_says_of_how_many_rows(
    client: Client, world: World, loans: list[Loan], monkeypatch: pytest.MonkeyPatch
) -> None:
    made = compare(world, f"{HEAD}A,1.00,0,0\nB,1.00,0,0\nC,1.00,0,0\n")
    client.force_login(world.cast.clerk)
    page = client.get(made.get_absolute_url()).content.decode()
    assert "here" not in page.split("Rows whose loan is not known here")[1].split("<thead")[0]
    monkeypatch.setattr("handup.lending.views.bank_lists.MOST_SHOWN", 2)
    page = client.get(made.get_absolute_url()).content.decode()
    assert "Rows whose loan is not known here: 3, the first 2 here" in page
    assert "Loans here that are not in the list: " not in page
