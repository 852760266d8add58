"""A partner bank's round: it gets the referral, sends a file, wrong rows are listed, not posted."""

import html
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handup.kernel.errors import Fault, Refusal
from handup.ledger.models import Entry
from handup.lending import services
from handup.lending.models import BankFile, BankLine, Guarantee, Lender, Loan
from handup.lending.rules.bankfile import (
    ColumnMissing,
    FileNotReadable,
    FileTooLarge,
    RowNotReadable,
)
from handup.lending.rules.codes import LineState, LoanState
from handup.lending.services import bank
from handup.lending.tests.cast import World, guaranteed, make_person, make_product, signed
from handup.org import verify
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.tests.standing import standing

HEAD = "loan;kind;date;amount;reference;currency\n"


@standing
def referred(world: World) -> Loan:
    """A signed loan of the bank's own money."""
    return signed(world, product_version=make_product(world.cast, world.mirror, "REFERRED"))


def bring(world: World, text: str, name: str = "file.csv") -> BankFile:
    return services.import_bank_file(
        acting_staff=world.cast.clerk,
        lender=world.mirror,
        file_name=name,
        content=text.encode(),
    )


def faults(file: BankFile) -> list[str]:
    return [line.fault_code for line in file.lines.all()]


def paid_out(loan: Loan, extra: str = "") -> str:
    return f"{HEAD}{loan.code};DISBURSEMENT;2025-01-16;1200.00;D1;USD\n{extra}"


def test_the_round_ends_in_a_mirror_without_entries(world: World, referred: Loan) -> None:
    entries = Entry.objects.count()
    file = bring(world, paid_out(referred, f"{referred.code};REPAYMENT;2025-02-16;113.47;R1;\n"))
    referred.refresh_from_db()
    assert (referred.state, referred.disbursed_date) == (LoanState.ACTIVE, date(2025, 1, 16))
    assert referred.interest_paid_units == 24_00
    assert (file.rows_posted, file.posted_units) == (2, 1_313_47)
    assert Entry.objects.count() == entries
    for outcome in verify.run_checks(deep=True):
        assert outcome.holds, outcome.shown


def test_a_wrong_row_is_listed_with_its_column_and_the_good_ones_post(
    world: World, referred: Loan
) -> None:
    file = bring(
        world,
        paid_out(
            referred,
            f"{referred.code};REPAYMENT;2025-13-01;5.00;R1;\n"
            "OTHER;REPAYMENT;2025-02-01;5.00;R2;\n"
            f"{referred.code};REPAYMENT;2025-01-10;5.00;R3;\n"
            f"{referred.code};REPAYMENT;2025-02-10;5.00;R4;EUR\n",
        ),
    )
    assert faults(file) == [
        "",
        "DATE_NOT_READABLE",
        "LOAN_UNKNOWN",
        "BEFORE_DISBURSEMENT",
        "CURRENCY_MISMATCH",
    ]
    assert (file.rows_posted, file.rows_faulty) == (1, 4)
    line = file.lines.get(row=3)
    assert (line.fault_column, line.raw["date"]) == ("date", "2025-13-01")
    assert referred.events.count() == 2


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("DISBURSEMENT;2025-01-16;1100.00;D1;USD", "AMOUNT_NOT_AGREED"),
        ("DISBURSEMENT;2025-01-14;1200.00;D1;USD", "BEFORE_AGREEMENT"),
        ("REPAYMENT;2025-02-14;10.00;R1;USD", "NOT_RUNNING"),
    ],
)
def test_what_does_not_fit_the_loan_is_not_posted(
    world: World, referred: Loan, row: str, code: str
) -> None:
    file = bring(world, f"{HEAD}{referred.code};{row}\n")
    assert faults(file) == [code]
    referred.refresh_from_db()
    assert referred.state == LoanState.AGREED


def test_paid_out_twice_in_one_file_is_a_fault(world: World, referred: Loan) -> None:
    file = bring(
        world, paid_out(referred, f"{referred.code};DISBURSEMENT;2025-01-17;1200.00;D2;\n")
    )
    assert faults(file) == ["", "NOT_AGREED"]


def test_the_same_file_again_changes_nothing(world: World, referred: Loan) -> None:
    text = paid_out(referred, f"{referred.code};REPAYMENT;2025-02-16;113.47;R1;\n")
    first = bring(world, text)
    assert bring(world, text, "again.csv").pk == first.pk
    assert (BankFile.objects.count(), referred.events.count()) == (1, 3)


def test_a_row_of_an_earlier_file_is_known_by_its_reference(world: World, referred: Loan) -> None:
    bring(world, paid_out(referred))
    row = f"{referred.code};REPAYMENT;2025-02-16;113.47;R1;\n"
    bring(world, HEAD + row)
    file = bring(world, f"{HEAD}{row}{referred.code};REPAYMENT;2025-03-16;50.00;R2;\n")
    assert [line.state for line in file.lines.all()] == [
        LineState.ALREADY_POSTED,
        LineState.POSTED,
    ]
    conflict = bring(world, f"{HEAD}{referred.code};REPAYMENT;2025-02-16;113.48;R1;\n")
    assert faults(conflict) == ["KEY_CONFLICT"]
    assert referred.events.count() == 4


def test_of_two_files_brought_at_once_one_reference_posts_once(
    world: World, referred: Loan, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(world, paid_out(referred))
    row = f"{HEAD}{referred.code};REPAYMENT;2025-02-16;113.47;R1;\n"
    looked_at: list[int] = []
    check = bank.check_bank_file

    def check_after_the_lock(**given: Any) -> bank.CheckedFile:
        looked_at.append(connection.in_atomic_block)
        return check(**given)

    monkeypatch.setattr(bank, "check_bank_file", check_after_the_lock)
    with CaptureQueriesContext(connection) as asked:
        bring(world, row)
    bring(world, row + "\n")
    assert all(looked_at)
    assert referred.events.count() == 3
    tables = [query["sql"] for query in asked if query["sql"].startswith("SELECT")]
    lines_read = next(n for n, sql in enumerate(tables) if "lending_bankline" in sql)
    assert any('FROM "lending_lender"' in sql for sql in tables[:lines_read])


def test_a_reference_that_does_not_fit_is_a_fault_and_posts_nothing(
    world: World, referred: Loan
) -> None:
    bring(world, paid_out(referred))
    for length in (61, 210):
        reference = "R" * length
        row = f"{HEAD}{referred.code};REPAYMENT;2025-02-16;113.47;{reference};\n"
        file = bring(world, row)
        assert faults(file) == ["REFERENCE_TOO_LONG"]
    assert referred.events.count() == 2


def test_equal_rows_without_reference_in_two_files_are_looked_at(
    world: World, referred: Loan
) -> None:
    bring(world, paid_out(referred))
    row = f"{referred.code};REPAYMENT;2025-02-16;20.00;;\n"
    assert faults(bring(world, HEAD + row + row)) == ["", ""]
    file = bring(world, HEAD + row, "second.csv")
    assert faults(file) == ["PERHAPS_POSTED"]
    assert "file.csv" in file.lines.get().fault_message
    assert referred.events.count() == 4


def test_the_running_balance_tells_equal_payments_apart(world: World, referred: Loan) -> None:
    bring(world, paid_out(referred))
    head = "loan;kind;date;amount;reference;balance\n"
    row = f"{referred.code};REPAYMENT;2025-02-16;20.00;;"
    bring(world, f"{head}{row}80.00\n")
    file = bring(world, f"{head}{row}80.00\n{row}100.00\n")
    assert [line.state for line in file.lines.all()] == [
        LineState.ALREADY_POSTED,
        LineState.POSTED,
    ]


def test_an_amount_beyond_all_money_is_a_fault(world: World, referred: Loan) -> None:
    bring(world, paid_out(referred))
    file = bring(world, f"{HEAD}{referred.code};REPAYMENT;2025-02-16;{'9' * 40};R1;\n")
    assert faults(file) == ["AMOUNT_TOO_LARGE"]


def test_a_number_no_loan_can_have_is_a_fault_of_its_row(world: World, referred: Loan) -> None:
    long = "X" * 300
    file = bring(world, paid_out(referred, f"{long};REPAYMENT;2025-02-16;5.00;;\n"))
    assert faults(file) == ["", "LOAN_TOO_LONG"]
    assert (file.rows_posted, file.lines.get(row=3).raw["loan"]) == (1, long)


def test_a_balance_beyond_all_money_is_a_fault_of_its_row(world: World, referred: Loan) -> None:
    head = "loan;kind;date;amount;balance\n"
    rows = f"{referred.code};DISBURSEMENT;2025-01-16;1200.00;{'9' * 300}\n"
    assert faults(bring(world, head + rows)) == ["AMOUNT_TOO_LARGE"]


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        ("x" * 140_000 + ";REPAYMENT;2026-01-01;5;R1;\n", RowNotReadable),
        ("L\x001;REPAYMENT;2026-01-01;5;R1;\n", FileNotReadable),
        ("x" * 10_000_001, FileTooLarge),
    ],
)
def test_a_file_that_is_no_table_is_refused_by_name(
    client: Client, world: World, rows: str, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal) as told:
        bring(world, HEAD + rows)
    client.force_login(world.cast.clerk)
    file = SimpleUploadedFile("a.csv", (HEAD + rows).encode())
    data = {"lender": str(world.mirror.pk), "act": "post", "file": file}
    page = client.post(reverse("lending:bank_file_new"), data)
    assert page.status_code == 422
    assert str(told.value) in html.unescape(page.content.decode())
    assert not BankFile.objects.exists()


def test_a_row_that_cannot_be_read_is_named(world: World, referred: Loan) -> None:
    with pytest.raises(RowNotReadable) as told:
        bring(world, paid_out(referred, "x" * 140_000))
    assert told.value.places == {"row": 3}


def test_a_quotation_mark_left_open_hides_no_payment(world: World, referred: Loan) -> None:
    code = referred.code
    rows = "".join(f"{code};REPAYMENT;2025-02-1{n};5.00;R{n};\n" for n in range(4))
    for broken in (rows.replace("R1", '"R1'), rows.replace("R1", '"R1').replace("R3", '"R3"')):
        with pytest.raises(RowNotReadable):
            bring(world, paid_out(referred, broken))
    assert not BankFile.objects.exists()


def test_an_amount_cut_at_its_comma_is_not_posted(world: World, referred: Loan) -> None:
    Lender.objects.filter(pk=world.mirror.pk).update(bank_profile={"delimiter": ","})
    world.mirror.refresh_from_db()
    before = referred.events.count()
    head = HEAD.replace(";", ",")
    rows = f"{referred.code},DISBURSEMENT,2025-01-16,1,200.00,D1,USD\n"
    file = bring(world, head + rows)
    assert faults(file) == ["ROW_TOO_WIDE"]
    assert (file.rows_posted, referred.events.count()) == (0, before)
    paid = f"{referred.code},REPAYMENT,2025-02-16,%s,,\n"
    more = bring(world, head + rows.replace("1,200", "1200") + paid % "113.47" + paid % "1,113.47")
    assert faults(more) == ["", "", "ROW_TOO_WIDE"], "its cells behind are empty, and tell nothing"


def test_what_the_guarantee_does_not_reach_for_is_listed(world: World) -> None:
    lender = guaranteed(world)
    loan = signed(world, 1_000_00, product_version=make_product(world.cast, lender, "GUA"))
    Guarantee.objects.update(expiry_date=date(2025, 1, 15))
    text = f"{HEAD}{loan.code};DISBURSEMENT;2025-01-16;1000.00;D1;USD\n"
    file = services.import_bank_file(
        acting_staff=world.cast.accountant, lender=lender, file_name="x", content=text.encode()
    )
    assert faults(file) == ["LIMIT_GUARANTEE"]
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED


def test_a_lenders_limits_are_asked_once_a_day_not_once_a_row(world: World) -> None:
    lender = guaranteed(world, deposit_units=5_000_00)
    product = make_product(world.cast, lender, "GUA")
    loans = [
        signed(
            world,
            500_00,
            product_version=product,
            person=make_person(world.programme, world.office, world.cast.advisor, f"P {n}"),
        )
        for n in range(4)
    ]
    rows = [f"{loan.code};DISBURSEMENT;2025-01-16;500.00;D{loan.code};USD\n" for loan in loans]

    def asked_for(count: int) -> int:
        with CaptureQueriesContext(connection) as asked:
            checked = services.check_bank_file(
                acting_staff=world.cast.accountant,
                lender=lender,
                file_name="x",
                content=(HEAD + "".join(rows[:count])).encode(),
            )
        assert checked.count(LineState.READY) == count
        return len(asked)

    asked_for(1)  # her grants are read once and kept
    assert asked_for(4) == asked_for(1)


def test_a_file_names_loans_by_the_banks_own_number(world: World, referred: Loan) -> None:
    referred.external_reference = "Bk 77"
    referred.save()
    bring(world, f"{HEAD}bk77;DISBURSEMENT;2025-01-16;1200.00;D1;USD\n")
    referred.refresh_from_db()
    assert referred.state == LoanState.ACTIVE


def test_a_check_writes_nothing(world: World, referred: Loan) -> None:
    checked = services.check_bank_file(
        acting_staff=world.cast.clerk,
        lender=world.mirror,
        file_name="file.csv",
        content=paid_out(referred).encode(),
    )
    assert (checked.count(LineState.READY), checked.ready_units) == (1, 1_200_00)
    assert not BankLine.objects.exists()
    assert referred.events.count() == 1


def test_a_table_without_its_columns_is_refused_whole(world: World) -> None:
    with pytest.raises(ColumnMissing):
        bring(world, "a;b\n1;2\n")
    assert not BankFile.objects.exists()


def test_a_clerk_brings_nothing_for_another_bank(world: World, referred: Loan) -> None:
    with pytest.raises(OutOfSight):
        services.import_bank_file(
            acting_staff=world.cast.clerk,
            lender=world.direct,
            file_name="x",
            content=paid_out(referred).encode(),
        )
    with pytest.raises(NotAllowed):
        services.import_bank_file(
            acting_staff=world.cast.officer,
            lender=world.mirror,
            file_name="x",
            content=paid_out(referred).encode(),
        )
    assert not BankFile.objects.exists()


def test_the_banks_loans_are_no_ones_else(world: World, referred: Loan, loan: Loan) -> None:
    file = bring(world, f"{HEAD}{loan.code};REPAYMENT;2025-02-16;10.00;R1;USD\n")
    assert faults(file) == ["LOAN_UNKNOWN"]
    assert loan.events.count() == 2


def test_a_fault_names_its_place() -> None:
    fault = Fault("X", "text", "row 3", 3, "date", "May")
    assert (fault.place, fault.row, fault.column) == ("row 3", 3, "date")
