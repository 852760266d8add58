"""The intake workbook: every sheet through its service, every fault at its cell, twice the same."""

import io
import zipfile
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.utils import timezone

from handup.desk.models import ImportBatch, ImportKey
from handup.desk.services import (
    FileEmpty,
    ProgrammeNeeded,
    TablesNotAllowed,
    check_import,
    commit_import,
    faults_of,
    match_columns,
    receive_import,
)
from handup.desk.tests.conftest import Rows, csv_of, taker, workbook, zipped
from handup.kernel.errors import Refusal
from handup.ledger.queries import balance
from handup.ledger.rules.words import BookKind
from handup.ledger.services import open_book
from handup.lending.models import Lender, Loan
from handup.lending.rules.codes import LenderMode
from handup.lending.rules.terms import read_terms
from handup.lending.services import open_lender
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.conftest import with_role
from handup.people.models import Enterprise, Household, Membership, Person
from handup.projects.models import Programme
from handup.training import services as training
from handup.training.models import Attendance, Cohort, Enrolment

PERSONS: Rows = [
    ["person id", "First name", "Family name", "Sex", "Date of birth", "Registered on"],
    ["P1", "Anna", "North", "woman", date(1980, 5, 2), date(2024, 1, 10)],
    ["P2", "Ben", "North", "M", date(1979, 1, 1), date(2024, 1, 10)],
]
HOUSEHOLDS: Rows = [
    ["household id", "head person id", "other members", "registered on", "monthly income"],
    ["H1", "P1", "P2", date(2024, 1, 10), 120.5],
]
ENTERPRISES: Rows = [
    ["enterprise id", "owner person id", "trade", "registered on", "workers paid"],
    ["E1", "P1", "Bakery", date(2024, 1, 12), 2],
]
LOANS: Rows = [
    ["loan id", "person id", "lender code", "amount", "rate percent a year", "months",
     "repayment", "paid out on", "status as stated"],
    ["L1", "P1", "OWN", 1200, 0, 12, "interest-free", date(2024, 2, 1), "running"],
]  # fmt: skip
REPAYMENTS: Rows = [
    ["repayment id", "loan id", "paid on", "amount", "method"],
    ["R1", "L1", date(2024, 3, 1), 100, "bank"],
    ["R2", "L1", date(2024, 4, 1), "50.25", "bank"],
]
BOOK = {
    "persons": PERSONS,
    "households": HOUSEHOLDS,
    "enterprises": ENTERPRISES,
    "loans": LOANS,
    "repayments": REPAYMENTS,
}


@pytest.fixture
def lender(importer: StaffUser, programme: Programme) -> Lender:
    """Our own money, lent directly."""
    book = open_book(
        acting_staff=importer,
        code="MED-1",
        name="Small enterprises",
        kind=BookKind.PROGRAMME,
        base_currency="USD",
        programme_id=programme.pk,
    )
    return open_lender(
        acting_staff=importer,
        code="OWN",
        name="Own money",
        mode=LenderMode.DIRECT,
        currency="USD",
        active_from=date(2020, 1, 1),
        programme=programme,
        book=book,
    )


def received(
    staff: StaffUser, programme: Programme | None, content: bytes, name: str = "intake.xlsx"
) -> ImportBatch:
    return receive_import(
        acting_staff=staff, name=name, content=content, profile_code="intake", programme=programme
    )


def places(batch: ImportBatch) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in faults_of(batch)]


def test_a_whole_workbook_is_tried_imported_and_a_second_time_changes_nothing(
    importer: StaffUser, programme: Programme, lender: Lender
) -> None:
    batch = received(importer, programme, workbook(BOOK))
    assert places(batch) == []
    assert batch.state == "CHECKED"
    assert not Person.objects.exists(), "a trial writes nothing"
    assert {table: counts["NEW"] for table, counts in batch.counts.items()} == {
        "persons": 2, "households": 1, "enterprises": 1, "loans": 1, "repayments": 2,
    }  # fmt: skip

    commit_import(acting_staff=taker(), batch=batch)
    anna = Person.objects.get(display_name__contains="Anna")
    assert (anna.sex, anna.birth_date, anna.programme) == ("F", date(1980, 5, 2), programme)
    assert Membership.objects.filter(household=Household.objects.get()).count() == 2
    assert Enterprise.objects.get().workers_paid == 2
    loan = Loan.objects.get()
    assert (loan.principal_units, loan.stated_status) == (1049_75, "running")
    book = lender.book
    assert book is not None
    assert balance(book, "LOANS") == 1049_75

    again = received(importer, programme, workbook(BOOK))
    assert sum(counts["NEW"] for counts in again.counts.values()) == 0
    assert sum(counts["UNCHANGED"] for counts in again.counts.values()) == 7
    keys = ImportKey.objects.count()
    commit_import(acting_staff=taker(), batch=again)
    assert (Person.objects.count(), Loan.objects.count(), ImportKey.objects.count()) == (2, 1, keys)
    assert balance(book, "LOANS") == 1049_75


def test_a_rate_is_taken_as_finely_as_it_is_written(
    importer: StaffUser, programme: Programme, lender: Lender
) -> None:
    row = list(LOANS[1])
    row[4], row[6] = "24.33333", "declining"
    batch = received(importer, programme, workbook(BOOK | {"loans": [LOANS[0], row]}))
    commit_import(acting_staff=taker(), batch=batch)
    terms = read_terms(Loan.objects.get().terms)
    assert Fraction(terms.rate_ppm, terms.rate_whole) == Fraction("0.2433333")


def test_pressing_import_twice_imports_once(importer: StaffUser, programme: Programme) -> None:
    batch = received(importer, programme, workbook({"persons": PERSONS}))
    first = commit_import(acting_staff=taker(), batch=batch)
    second = commit_import(acting_staff=taker(), batch=batch)
    assert first.imported_at == second.imported_at
    assert Person.objects.count() == 2


@pytest.mark.parametrize(
    ("sheet", "row", "column", "value", "place", "code"),
    [
        ("persons", 1, 1, "", "persons!B2", "VALUE_MISSING"),
        ("persons", 2, 4, "soon", "persons!E3", "NOT_A_DAY"),
        ("persons", 1, 4, date(2030, 1, 1), "persons!E2", "BIRTH_DATE_IN_FUTURE"),
        ("persons", 1, 1, "=1+1", "persons!B2", "FORMULA_FOUND"),
        ("persons", 2, 0, "P1", "persons!A3", "VALUE_TWICE"),
        ("persons", 1, 3, "queen", "persons!D2", "NOT_A_CHOICE"),
        ("households", 1, 1, "P9", "households!B2", "NOT_FOUND"),
        ("households", 1, 2, "P9", "households!C2", "NOT_FOUND"),
        ("households", 1, 4, "1.234", "households!E2", "NOT_AN_AMOUNT"),
        ("enterprises", 1, 1, "P9", "enterprises!B2", "NOT_FOUND"),
        ("loans", 1, 2, "NOBODY", "loans!C2", "NOT_FOUND"),
        ("repayments", 2, 1, "L9", "repayments!B3", "NOT_FOUND"),
        ("repayments", 2, 2, date(2023, 1, 1), "repayments!3", "BEFORE_DISBURSEMENT"),
    ],
)
def test_each_fault_names_its_cell_and_nothing_is_written(
    importer: StaffUser,
    programme: Programme,
    lender: Lender,
    sheet: str,
    row: int,
    column: int,
    value: object,
    place: str,
    code: str,
) -> None:
    rows = [list(cells) for cells in BOOK[sheet]]
    rows[row][column] = value
    batch = received(importer, programme, workbook({**BOOK, sheet: rows}))
    assert (place, code) in places(batch)
    assert batch.state == "RECEIVED"
    with pytest.raises(Refusal):
        commit_import(acting_staff=taker(), batch=batch)
    assert not Person.objects.exists()
    assert not Loan.objects.exists()


def test_a_text_that_a_spreadsheet_would_run_is_refused_but_a_telephone_number_is_not(
    importer: StaffUser, programme: Programme
) -> None:
    head = ["person", "first_name", "phone", "address", "registered_date"]
    rows: Rows = [
        head,
        ["P1", "Anna", "+374 10 123456", "@SUM(A1)", "2024-01-10"],
        ["P2", "-cmd|x", "", "", "2024-01-10"],
    ]
    batch = received(importer, programme, csv_of(rows), "persons.csv")
    assert places(batch) == [
        ("persons.csv!D2", "LOOKS_LIKE_FORMULA"),
        ("persons.csv!B3", "LOOKS_LIKE_FORMULA"),
    ]


@pytest.mark.parametrize(
    ("cell", "place", "code"),
    [
        ("An\x00na", "persons.csv!B2", "SIGN_UNREADABLE"),
        ("A" * 140_000, "persons.csv", "NOT_A_TABLE"),
    ],
)
def test_what_cannot_be_stored_or_read_is_a_fault(
    importer: StaffUser, programme: Programme, cell: str, place: str, code: str
) -> None:
    content = f"person,first_name,registered_date\nP1,{cell},2024-01-10\n".encode()
    batch = received(importer, programme, zipped({"persons.csv": content}), "persons.zip")
    assert places(batch) == [(place, code)]


def test_a_workbook_with_a_broken_sheet_is_a_fault_of_the_sheet(
    importer: StaffUser, programme: Programme
) -> None:
    whole = workbook({"persons": PERSONS})
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(whole)) as before,
        zipfile.ZipFile(stream, "w") as after,
    ):
        for item in before.infolist():
            content = before.read(item)
            cut = content[: len(content) // 2] if "sheet1.xml" in item.filename else content
            after.writestr(item.filename, cut)
    batch = received(importer, programme, stream.getvalue())
    assert places(batch) == [("persons", "NOT_A_WORKBOOK")]


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "intake.xlsx", "FILE_EMPTY"),
        (b"not a workbook", "intake.xlsx", "NOT_A_WORKBOOK"),
        (b"PK\x03\x04 broken", "intake.xlsx", "NOT_A_WORKBOOK"),
        (b"x" * 10_000_001, "persons.csv", "FILE_TOO_LARGE"),
        (b"a,b\n1,2\n", "strangers.csv", "NO_TABLE_KNOWN"),
        ("person\nŽofie\n".encode("cp1250"), "persons.csv", "WRONG_ENCODING"),
        (b"person\nAn\x00na\n", "persons.csv", "NOT_A_TABLE"),
        (b"\x89PNG\r\n\x1a\n\xff", "picture.png", "WRONG_ENCODING"),
    ],
)
def test_a_file_that_is_none_is_refused_and_not_kept(
    importer: StaffUser, programme: Programme, content: bytes, name: str, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        received(importer, programme, content, name)
    assert refused.value.code == code
    assert not ImportBatch.objects.exists()


def test_a_wrong_encoding_is_a_fault_of_its_file(importer: StaffUser, programme: Programme) -> None:
    content = "person,first_name,registered_date\nP1,Žofie,2024-01-10\n".encode("cp1250")
    batch = received(importer, programme, zipped({"persons.csv": content}), "intake.zip")
    assert places(batch) == [("persons.csv", "WRONG_ENCODING")]


def test_a_column_matched_once_is_known_ever_after(
    importer: StaffUser, programme: Programme
) -> None:
    rows: Rows = [
        ["Nr", "first_name", "registered_date"],
        ["P1", "Anna", "2024-01-10"],
    ]
    batch = received(importer, programme, csv_of(rows), "persons.csv")
    assert places(batch) == [("persons.csv!1", "COLUMN_MISSING")]
    assert batch.unknown == {"persons": ["Nr"]}
    match_columns(
        acting_staff=importer, profile_code="intake", matches={("persons", "person"): "Nr"}
    )
    batch = check_import(acting_staff=importer, batch=batch)
    assert (batch.state, batch.counts["persons"]["NEW"]) == ("VALIDATED", 1)
    with pytest.raises(Refusal):
        match_columns(
            acting_staff=importer, profile_code="intake", matches={("persons", "nose"): "Nr"}
        )


@pytest.fixture
def cohort(importer: StaffUser, programme: Programme) -> Cohort:
    """A cohort with one held session of 180 minutes."""
    manager = with_role("approver", Role.MANAGER)
    curriculum = training.draft_curriculum(
        acting_staff=importer, code="BUS", title="Start a small business", language="en"
    )
    training.add_module(
        acting_staff=importer,
        curriculum=curriculum,
        title="Costing",
        plans=[training.PlanIn("Cost price", 180)],
    )
    training.submit_curriculum(acting_staff=importer, curriculum=curriculum)
    curriculum = training.approve_curriculum(
        acting_staff=manager, curriculum=curriculum, approved_date=date(2024, 1, 2)
    )
    course = training.offer_course(
        acting_staff=importer, curriculum=curriculum, code="BUS", title="Start a small business"
    )
    cohort = training.open_cohort(
        acting_staff=importer,
        course=course,
        programme=programme,
        code="2024-A",
        capacity=5,
        starts_date=date(2024, 2, 1),
        ends_date=date(2024, 3, 1),
    )
    session = training.schedule_session(
        acting_staff=importer,
        cohort=cohort,
        session_date=date(2024, 2, 1),
        minutes_planned=180,
    )
    training.hold_session(
        acting_staff=importer, session=session, minutes_held=180, on=date(2024, 2, 2)
    )
    return cohort


ENROLMENTS: Rows = [
    ["person id", "cohort code", "enrolled on"],
    ["P1", "2024-A", date(2024, 1, 20)],
    ["P2", "2024-A", date(2024, 1, 20)],
]
ATTENDANCE: Rows = [
    ["person id", "cohort code", "session number", "minutes"],
    ["P1", "2024-A", 1, 180],
    ["P2", "2024-A", 1, 90],
]


def test_enrolments_and_attendance_come_in_with_the_persons(
    importer: StaffUser, programme: Programme, cohort: Cohort
) -> None:
    book = workbook({"persons": PERSONS, "enrolments": ENROLMENTS, "attendance": ATTENDANCE})
    batch = received(importer, programme, book)
    assert places(batch) == []
    commit_import(acting_staff=taker(), batch=batch)
    assert Enrolment.objects.filter(cohort=cohort, state="ENROLLED").count() == 2
    assert sorted(Attendance.objects.values_list("minutes", flat=True)) == [90, 180]
    again = received(importer, programme, book)
    assert sum(counts["UNCHANGED"] for counts in again.counts.values()) == 6
    commit_import(acting_staff=taker(), batch=again)
    assert Attendance.objects.count() == 2


@pytest.mark.parametrize(
    ("row", "place", "code"),
    [
        (["P1", "2024-A", 1, 181], "attendance!D2", "TOO_MANY_MINUTES"),
        (["P1", "2024-A", 2, 60], "attendance!C2", "NOT_FOUND"),
        (["P1", "2024-B", 1, 60], "attendance!B2", "NOT_FOUND"),
        (["P3", "2024-A", 1, 60], "attendance!A2", "NOT_FOUND"),
    ],
)
def test_attendance_that_cannot_be_names_its_cell(
    importer: StaffUser,
    programme: Programme,
    cohort: Cohort,
    row: list[object],
    place: str,
    code: str,
) -> None:
    sheets = {
        "persons": PERSONS,
        "enrolments": ENROLMENTS,
        "attendance": [ATTENDANCE[0], row],
    }
    batch = received(importer, programme, workbook(sheets))
    assert places(batch) == [(place, code)]
    assert not Attendance.objects.exists()


def test_who_is_not_enrolled_did_not_attend(
    importer: StaffUser, programme: Programme, cohort: Cohort
) -> None:
    sheets = {"persons": PERSONS, "attendance": ATTENDANCE}
    batch = received(importer, programme, workbook(sheets))
    assert places(batch) == [("attendance!A2", "NOT_ENROLLED"), ("attendance!A3", "NOT_ENROLLED")]


def test_the_programme_must_be_named(importer: StaffUser) -> None:
    with pytest.raises(ProgrammeNeeded):
        received(importer, None, workbook({"persons": PERSONS}))


def test_an_empty_file_has_its_own_words(importer: StaffUser, programme: Programme) -> None:
    with pytest.raises(FileEmpty):
        received(importer, programme, b"")


def test_nobody_imports_tables_she_may_not_write(
    importer: StaffUser, programme: Programme, lender: Lender
) -> None:
    clerk = with_role("clerk", Role.CLERK)
    with pytest.raises(TablesNotAllowed, match=r"lending\.enter_loan, lending\.record_repayment"):
        received(clerk, programme, workbook(BOOK))
    batch = received(clerk, programme, workbook({"persons": PERSONS}))
    commit_import(acting_staff=taker(), batch=batch)
    assert Person.objects.count() == 2
    trainer = with_role("trainer", Role.TRAINER)
    with pytest.raises(NotAllowed):
        received(trainer, programme, workbook({"persons": PERSONS}))


def test_a_day_to_come_is_not_registered(importer: StaffUser, programme: Programme) -> None:
    later = timezone.localdate() + timedelta(days=9)
    rows = [list(PERSONS[0]), ["P1", "Anna", "North", "F", later, date(2024, 1, 10)]]
    batch = received(importer, programme, workbook({"persons": rows}))
    assert places(batch) == [("persons!E2", "BIRTH_DATE_IN_FUTURE")]
