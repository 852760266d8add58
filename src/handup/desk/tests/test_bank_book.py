"""A bank's real book of 682 loans, and small books with one fault each."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from django.db.models import Max, Min, Sum

from handup.desk.importing.bank_book import NotABirthNumber, born
from handup.desk.models import ImportBatch, ImportKey
from handup.desk.services import commit_import, faults_of, receive_import
from handup.desk.tests.conftest import csv_of, taker, zipped
from handup.kernel.errors import Faults
from handup.kernel.importing.reading import folder_as_zip
from handup.ledger.models import Book, Entry
from handup.ledger.queries import balance, trial_balance
from handup.lending.models import Lender, Loan, LoanDue, LoanEvent
from handup.lending.rules.codes import EventKind, LoanState
from handup.org import verify
from handup.org.models import Area, StaffUser
from handup.people.models import Person
from handup.people.rules import codes as c

UNITS = 103_261_740_00
END = date(1998, 12, 31)


@pytest.fixture
def real_book(shared: Path) -> Path:
    """The folder of a bank's real book, one CSV file a table."""
    return shared / "data" / "real" / "czech_bank"


def received(staff: StaffUser, content: bytes, name: str = "book.zip") -> ImportBatch:
    return receive_import(acting_staff=staff, name=name, content=content, profile_code="czech_bank")


def everything() -> tuple[int, ...]:
    models = (Person, Area, Loan, LoanEvent, LoanDue, Entry, Book, Lender, ImportKey)
    return tuple(model._base_manager.count() for model in models)


def test_the_real_book_comes_in_with_its_totals_once_and_clean(
    importer: StaffUser, real_book: Path
) -> None:
    content = folder_as_zip(real_book)
    batch = received(importer, content)
    assert (batch.state, batch.fault_count, faults_of(batch)) == ("CHECKED", 0, [])
    assert batch.counts["client"] == {
        "NEW": 5369,
        "UNCHANGED": 0,
        "DIFFERENT": 0,
        "REFUSED": 0,
    }
    assert not any(everything()), "a trial writes nothing"

    batch = commit_import(acting_staff=taker(), batch=batch)
    assert batch.state == "TAKEN_OVER"
    assert Person.objects.count() == 5369
    assert Area.objects.count() == 77
    loans = Loan.objects.all()
    assert loans.count() == 682
    assert loans.aggregate(sum=Sum("disbursed_units"))["sum"] == UNITS
    assert Counter(loans.values_list("stated_status", flat=True)) == {
        "A": 203, "B": 31, "C": 403, "D": 45,
    }  # fmt: skip
    assert set(loans.values_list("state", flat=True)) == {LoanState.ACTIVE.value}
    days = loans.aggregate(first=Min("disbursed_date"), last=Max("disbursed_date"))
    assert days == {"first": date(1993, 7, 5), "last": date(1998, 12, 8)}
    assert not LoanEvent.objects.filter(kind=EventKind.REPAID).exists()
    rows = Counter(LoanDue.objects.values_list("loan_id", flat=True))
    assert Counter(rows.values()) == {12: 131, 24: 138, 36: 130, 48: 138, 60: 145}
    _check_instalments(real_book)
    _check_books()
    clean = [(check.code, found) for check in verify.checks for found in check.run()]
    assert clean == []

    before = everything()
    again = received(importer, content)
    assert again.state == "CHECKED"
    assert again.counts["loan"] == {
        "NEW": 0,
        "UNCHANGED": 682,
        "DIFFERENT": 0,
        "REFUSED": 0,
    }
    commit_import(acting_staff=taker(), batch=again)
    assert everything() == before


def _check_instalments(real_book: Path) -> None:
    """Every instalment is the bank's own."""
    stated = {}
    for text in (real_book / "loan.csv").read_text().splitlines()[1:]:
        loan, _account, _day, _amount, _duration, payment, _status = text.split(";")
        stated[loan] = round(float(payment) * 100)
    for row in LoanDue.objects.select_related("loan").iterator():
        due = (row.principal_units, row.interest_units)
        assert due == (stated[row.loan.external_reference], 0)


def _check_books() -> None:
    book = Book.objects.get(code="BANK-BOOK")
    assert balance(book, "LOANS", on=END) == UNITS
    assert balance(book, "BANK", on=END) == -UNITS
    assert trial_balance(book, END).closing_base == 0
    assert Entry.objects.filter(book=book).count() == 682


SMALL: dict[str, list[list[object]]] = {
    "district.csv": [["A1", "A2"], [1, "North"]],
    "account.csv": [["account_id", "district_id", "date"], [7, 1, 930101]],
    "client.csv": [["client_id", "birth_number", "district_id"], [1, "706213", 1]],
    "disp.csv": [["disp_id", "client_id", "account_id", "type"], [1, 1, 7, "OWNER"]],
    "loan.csv": [
        ["loan_id", "account_id", "date", "amount", "duration", "payments", "status"],
        [5, 7, 930705, 96396, 12, "8033.00", "B"],
    ],
}


def small(**changed: list[object]) -> bytes:
    """A book of one loan, the only row of some tables changed."""
    tables = {
        name: [rows[0], changed.get(name.removesuffix(".csv"), rows[1])]
        for name, rows in SMALL.items()
    }
    return zipped({name: csv_of(rows, ";") for name, rows in tables.items()})


@pytest.mark.parametrize(
    ("changed", "place", "code"),
    [
        ({"client": [1, "701313", 1]}, "client.csv!B2", "NOT_A_BIRTH_NUMBER"),
        ({"client": [1, "706213", 9]}, "client.csv!C2", "NOT_FOUND"),
        ({"disp": [1, 1, 8, "OWNER"]}, "disp.csv!C2", "NOT_FOUND"),
        ({"disp": [1, 1, 7, "DISPONENT"]}, "loan.csv!B2", "NOBODY_OWNS"),
        (
            {"loan": [5, 7, 930705, 96396, 12, "8034.00", "B"]},
            "loan.csv!F2",
            "INSTALMENTS_DO_NOT_ADD",
        ),
        ({"loan": [5, 7, 931305, 96396, 12, "8033.00", "B"]}, "loan.csv!C2", "NOT_A_DAY"),
        ({"loan": [5, 7, 930705, 96396, 12, "8033.00", "X"]}, "loan.csv!G2", "NOT_A_CHOICE"),
    ],
)
def test_a_broken_row_names_its_cell_and_nothing_is_written(
    importer: StaffUser, changed: dict[str, list[object]], place: str, code: str
) -> None:
    batch = received(importer, small(**changed))
    assert (place, code) in [(fault.place, fault.code) for fault in faults_of(batch)]
    assert batch.state == "RECEIVED"
    with pytest.raises(Faults):
        commit_import(acting_staff=taker(), batch=batch)
    batch.refresh_from_db()
    assert batch.state == "RECEIVED"
    assert not any(everything())


def test_a_row_that_differs_from_what_was_imported_is_counted_and_left_alone(
    importer: StaffUser,
) -> None:
    commit_import(acting_staff=taker(), batch=received(importer, small()))
    assert Loan.objects.get().approved_units == 96_396_00
    changed = small(loan=[5, 7, 930705, 96396, 12, "8033.00", "A"])
    batch = received(importer, changed)
    assert batch.counts["loan"] == {
        "NEW": 0,
        "UNCHANGED": 0,
        "DIFFERENT": 1,
        "REFUSED": 0,
    }
    commit_import(acting_staff=taker(), batch=batch)
    assert Loan.objects.get().stated_status == "B"


def test_a_birth_number_says_the_day_and_the_sex() -> None:
    assert born("706213") == (date(1970, 12, 13), c.Sex.F)
    assert born("450204") == (date(1945, 2, 4), c.Sex.M)
    for wrong in ("", "70621", "701313", "70621x", "706313"):
        with pytest.raises(NotABirthNumber):
            born(wrong)
