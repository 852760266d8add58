"""Opening balances and journals handed over as files: by page, by interface, by service."""

import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from handup.desk.importing.profiles import known_profiles
from handup.desk.models import ImportBatch, ImportKey
from handup.desk.services import commit_import, faults_of, receive_import
from handup.desk.tests.conftest import csv_of, workbook
from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.kernel.importing.reading import read_source
from handup.kernel.sheets import CellKind
from handup.ledger.models import Book, Draft, DraftBatch, Entry
from handup.ledger.queries import balance
from handup.ledger.rules.words import BookKind
from handup.ledger.services import approve_batch, decline_batch, open_book
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from handup.projects.models import Programme

OPENING_HEAD = ("day", "account", "debit", "credit")
HEAD = ("voucher", "date", "account", "debit", "credit", "description")
DAY = date(2026, 1, 1)
OPENING = ((DAY, 1110, 250, None), (DAY, 1120, 1000, None), (DAY, "3200", None, 1250))
JOURNAL = (
    ("V-1", DAY, 1110, 50, None, "Sold a chair"),
    ("V-1", DAY, 4900, None, 50, ""),
    ("V-2", date(2026, 1, 9), 5200, 30.5, None, "Rent"),
    ("V-2", date(2026, 1, 9), 1110, None, 30.5, ""),
)


@pytest.fixture
def book(importer: StaffUser, programme: Programme) -> Book:
    """The book of the programme."""
    return open_book(
        acting_staff=importer,
        code="MED",
        name="Small enterprises",
        kind=BookKind.PROGRAMME,
        base_currency="USD",
        programme_id=programme.pk,
        bank_overdraft_units=None,
    )


@pytest.fixture
def approver(db: None) -> StaffUser:
    """Another person."""
    return with_role("approver", Role.DIRECTOR)


def sheet(head: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    return workbook({"lines": [head, *rows]})


Receive = Callable[..., ImportBatch]


@pytest.fixture
def receive(importer: StaffUser, programme: Programme, book: Book) -> Receive:
    """Hand a file over for the programme."""

    def run(content: bytes, profile: str = "journal", name: str = "old books.xlsx") -> ImportBatch:
        return receive_import(
            acting_staff=importer,
            name=name,
            content=content,
            profile_code=profile,
            programme=programme,
        )

    return run


def places(batch: ImportBatch) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in faults_of(batch)]


def test_opening_balances_come_as_a_workbook_and_wait_for_another_person(
    receive: Receive, importer: StaffUser, approver: StaffUser, book: Book
) -> None:
    batch = receive(sheet(OPENING_HEAD, OPENING), "opening_balances")
    assert (batch.state, batch.fault_count) == ("CHECKED", 0)
    assert batch.counts["lines"] == {
        "NEW": 3,
        "UNCHANGED": 0,
        "DIFFERENT": 0,
        "REFUSED": 0,
    }
    assert not DraftBatch.objects.exists(), "a trial keeps nothing"
    commit_import(acting_staff=importer, batch=batch)
    waiting = DraftBatch.objects.get()
    assert (waiting.source_kind, waiting.source_id) == ("import", batch.pk)
    assert not Entry.objects.exists()
    approve_batch(acting_staff=approver, batch=waiting)
    assert (balance(book, "CASH"), balance(book, "RETAINED")) == (250_00, -1250_00)


def test_every_fault_stands_in_one_list_with_row_column_and_value(receive: Receive) -> None:
    rows = [
        ("V-1", DAY, 1110, 50, None, ""),
        ("V-1", "soon", 4900, None, 50, ""),
        ("V-2", DAY, 5200, "much", None, ""),
        ("V-3", DAY, 9999, 5, None, ""),
        ("V-3", DAY, 1110, None, 5, ""),
        ("V-4", DAY, 5200, 5, None, ""),
        ("V-4", DAY, 1120, None, 4, ""),
        ("", DAY, 1110, None, 4, ""),
    ]
    batch = receive(sheet(HEAD, rows))
    assert places(batch) == [
        ("lines!B3", "NOT_A_DAY"),
        ("lines!D4", "NOT_A_NUMBER"),
        ("lines!A9", "VALUE_MISSING"),
        ("lines!C5", "ACCOUNT_UNKNOWN"),
        ("lines!7", "DOES_NOT_BALANCE"),
    ]
    assert [fault.value for fault in faults_of(batch)] == ["soon", "much", "", "9999", None]
    assert batch.state == "RECEIVED"
    assert batch.file is not None, "the file is kept for the next try"


def test_a_faulty_file_is_not_imported(receive: Receive, importer: StaffUser) -> None:
    batch = receive(sheet(HEAD, [*JOURNAL, ("V-3", DAY, 9999, 1, None, "")]))
    with pytest.raises(Faults):
        commit_import(acting_staff=importer, batch=batch)
    assert not Draft.objects.exists()
    assert not ImportKey.objects.exists()


def test_a_csv_file_may_have_any_name_and_a_file_without_rows_is_refused(
    receive: Receive,
) -> None:
    rows = [HEAD, *((key, str(day), *rest) for key, day, *rest in JOURNAL)]
    assert receive(csv_of(rows), name="Q1 2026.csv").fault_count == 0
    empty = receive(csv_of([HEAD]), name="Q1 2026.csv")
    assert places(empty) == [("lines", "NOTHING_TO_IMPORT")]
    assert receive(workbook({"Sheet1": [HEAD, *JOURNAL]})).fault_count == 0


def test_the_same_file_again_changes_nothing_and_a_changed_row_is_counted(
    receive: Receive, importer: StaffUser
) -> None:
    commit_import(acting_staff=importer, batch=receive(sheet(HEAD, JOURNAL)))
    again = receive(sheet(HEAD, [*JOURNAL]))
    assert again.counts["lines"]["UNCHANGED"] == 4
    changed = [("V-1", DAY, 1110, 51, None, ""), ("V-1", DAY, 4900, None, 51, ""), *JOURNAL[2:]]
    differs = receive(sheet(HEAD, changed))
    assert differs.counts["lines"] == {
        "NEW": 0,
        "UNCHANGED": 2,
        "DIFFERENT": 2,
        "REFUSED": 0,
    }
    commit_import(acting_staff=importer, batch=differs)
    assert (DraftBatch.objects.count(), Draft.objects.count()) == (1, 2)


def test_what_was_declined_may_come_again_corrected(
    receive: Receive, importer: StaffUser, approver: StaffUser, book: Book
) -> None:
    commit_import(acting_staff=importer, batch=receive(sheet(HEAD, JOURNAL)))
    decline_batch(acting_staff=approver, batch=DraftBatch.objects.get())
    changed = [("V-1", DAY, 1110, 51, None, ""), ("V-1", DAY, 4900, None, 51, ""), *JOURNAL[2:]]
    batch = receive(sheet(HEAD, changed))
    assert batch.counts["lines"]["NEW"] == 4
    commit_import(acting_staff=importer, batch=batch)
    approve_batch(acting_staff=approver, batch=DraftBatch.objects.get(status="DRAFT"))
    assert balance(book, "CASH") == 51_00 - 30_50


def test_the_book_is_named_where_a_programme_has_several(
    receive: Receive, importer: StaffUser, programme: Programme
) -> None:
    open_book(
        acting_staff=importer,
        code="FUND",
        name="Guarantees",
        kind=BookKind.GUARANTEE_FUND,
        base_currency="USD",
        programme_id=programme.pk,
    )
    batch = receive(sheet(HEAD, JOURNAL[:2]))
    assert places(batch) == [("lines!2", "NAME_THE_BOOK"), ("lines!3", "NAME_THE_BOOK")]
    told = [("MED", *row) for row in JOURNAL[:2]]
    assert receive(sheet(("book", *HEAD), told)).fault_count == 0
    wrong = [("OTHER", *row) for row in JOURNAL[:2]]
    assert places(receive(sheet(("book", *HEAD), wrong)))[0] == ("lines!A2", "BOOK_UNKNOWN")


def test_a_book_of_another_programme_is_not_known(
    receive: Receive, importer: StaffUser, programme: Programme
) -> None:
    open_book(
        acting_staff=importer,
        code="ELSE",
        name="Elsewhere",
        kind=BookKind.PROGRAMME,
        base_currency="USD",
        programme_id=new_id(),
    )
    told = [("ELSE", *row) for row in JOURNAL[:2]]
    batch = receive(sheet(("book", *HEAD), told))
    assert {code for _place, code in places(batch)} == {"BOOK_UNKNOWN"}


def test_through_the_pages_to_the_journal(
    client: Client, importer: StaffUser, approver: StaffUser, programme: Programme, book: Book
) -> None:
    client.force_login(importer)
    offered = client.get(reverse("ledger:book_detail", args=[book.pk])).content.decode()
    assert f"/imports/new/?profile=journal&amp;programme={programme.pk}" in offered
    form = client.get(f"/imports/new/?profile=journal&programme={programme.pk}").content.decode()
    assert '<option value="journal" selected>' in form
    told = {
        "file": SimpleUploadedFile("journal.xlsx", sheet(HEAD, JOURNAL)),
        "profile": "journal",
        "programme": str(programme.pk),
        "_new_id": str(new_id()),
    }
    page = client.post("/imports/new/", told).headers["Location"]
    client.post(f"{page}commit/", {})
    batch = DraftBatch.objects.get()
    waiting = reverse("ledger:draftbatch_detail", args=[batch.pk])
    assert waiting in client.get(page).content.decode()
    shown = client.get(waiting).content.decode()
    assert "Nothing of it is in the journal yet" in shown
    listed = client.get(reverse("ledger:draft_list") + f"?batch={batch.pk}").content.decode()
    assert "V-2 Rent" in listed
    client.force_login(approver)
    assert client.post(f"{waiting}approve/", {"reason": ""}).headers["Location"] == waiting
    assert Entry.objects.count() == 2
    assert "Approve and post all" not in client.get(waiting).content.decode()


def test_the_interface_approves_what_another_brought_in(
    client: Client, receive: Receive, importer: StaffUser, approver: StaffUser
) -> None:
    commit_import(acting_staff=importer, batch=receive(sheet(HEAD, JOURNAL)))
    batch = DraftBatch.objects.get()
    address = f"/api/v1/ledger/draft-batches/{batch.pk}"
    client.force_login(importer)
    told: dict[str, Any] = {"content_type": "application/json"}
    refused = client.post(f"{address}/approve", "{}", **told)
    assert (refused.status_code, refused.json()["code"]) == (422, "SAME_PERSON")
    client.force_login(approver)
    assert client.get("/api/v1/ledger/draft-batches").json()["items"][0]["entries"] == 2
    done = client.post(f"{address}/approve", "{}", **told)
    assert (done.status_code, done.json()["status"]) == (200, "POSTED")
    assert client.get(address).json()["status"] == "POSTED"
    assert client.post(f"{address}/decline", "{}", **told).status_code == 422
    assert Entry.objects.count() == 2


@pytest.mark.parametrize("code", sorted(known_profiles()))
def test_a_sample_is_read_without_a_fault_and_says_that_it_is_one(
    code: str, client: Client, importer: StaffUser
) -> None:
    """What it shows is how the file is to be; nobody can take its rows for somebody."""
    client.force_login(importer)
    answer = client.get(f"/imports/table/{code}/?sample=1")
    assert f'filename="{code}-sample.xlsx"' in answer["Content-Disposition"]
    profile = known_profiles()[code]
    source = read_source(answer.content, f"{code}-sample.xlsx", profile)
    assert source.faults == []
    assert {name: len(lines) for name, lines in source.lines.items()} == {
        table.name: 3 for table in profile.tables
    }
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    told: list[object] = []
    for table in profile.tables:
        texts = [
            column.kind is CellKind.TEXT and column.name != "currency" for column in table.columns
        ]
        rows = list(book[table.name].iter_rows(min_row=2, values_only=True))
        told += [
            value for row in rows for value, is_text in zip(row, texts, strict=True) if is_text
        ]
    assert told
    assert all(str(value).startswith("SAMPLE") for value in told)
    client.force_login(with_role("reader", Role.ME_READER))
    assert client.get(f"/imports/table/{code}/?sample=1").status_code == 403


def test_an_empty_table_to_fill_in_is_the_profile_s_own(
    client: Client, importer: StaffUser, tmp_path: Path
) -> None:
    client.force_login(importer)
    answer = client.get("/imports/table/opening_balances/")
    (tmp_path / "table.xlsx").write_bytes(answer.content)
    first = next(openpyxl.load_workbook(tmp_path / "table.xlsx")["lines"].iter_rows())
    named = [column.name for column in known_profiles()["opening_balances"].tables[0].columns]
    assert [cell.value for cell in first] == named
    assert client.get("/imports/table/nothing/").status_code == 404
    client.force_login(with_role("reader", Role.ME_READER))
    assert client.get("/imports/table/opening_balances/").status_code == 403
