"""Persons hidden from a reader are hidden on the pages and in the API of the bank channel too: no
row, no figure; and whom the pages name stands in the read log.
"""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.lending import services
from handup.lending.models import (
    BankAccount,
    BankFile,
    BankStatement,
    Loan,
    PaymentBatch,
)
from handup.lending.tests.bankmade import OTHER_IBAN, Move, camt
from handup.lending.tests.cast import World, make_person, make_product, running, signed, staff
from handup.lending.tests.conftest import Bring
from handup.lending.tests.test_api import get
from handup.lending.tests.test_pages import at
from handup.org.models import ReadEntry, StaffUser
from handup.org.rules.access import Role
from handup.org.scope import hidden_changed
from handup.org.tests.standing import standing
from handup.people.models import Compartment, Person


def hide(person: Person, by: StaffUser) -> None:
    """The whole person, from everybody."""
    Compartment._base_manager.create(
        person=person, kind="PERSON", opened_by=by, opened_date=date(2024, 1, 1)
    )
    hidden_changed()


def again(staff: StaffUser) -> StaffUser:
    """As she is when she signs in the next time."""
    return StaffUser.objects.get(pk=staff.pk)


def logged() -> set[str]:
    """Whom the last answer showed."""
    entry = ReadEntry.objects.order_by("-number").first()
    return set() if entry is None else set(entry.persons)


@standing
def neighbour(world: World) -> Person:
    return make_person(world.programme, world.office, world.cast.advisor, "Neighbour 0002")


@pytest.fixture
def statement(world: World, loan: Loan, neighbour: Person, bring: Bring) -> BankStatement:
    """113.47 of a loan that will be hidden, 20.00 of another."""
    other = running(world, person=neighbour)
    return bring(
        Move(113_47, loan.code, "B1", name="Ann Alba"),
        Move(20_00, other.code, "B2", name="Bea Birk"),
        kind=54,
    )


def prepared(world: World, account: BankAccount, *loans: Loan) -> PaymentBatch:
    """Payments of signed loans."""
    for place, loan in enumerate(loans):
        services.name_loan_account(
            acting_staff=world.cast.accountant,
            loan=loan,
            number=OTHER_IBAN,
            holder=("Ann Alba", "Bea Birk")[place],
        )
    return services.prepare_payments(
        acting_staff=world.cast.accountant,
        account=account,
        loans=loans,
        execution_date=timezone.localdate(),
        on=timezone.localdate(),
    )


@pytest.fixture
def batch(world: World, account: BankAccount, neighbour: Person) -> PaymentBatch:
    """1,200.00 to somebody who will be hidden, 700.00 to another."""
    return prepared(world, account, signed(world), signed(world, 700_00, person=neighbour))


@pytest.fixture
def file(world: World, neighbour: Person) -> BankFile:
    """The same two as the bank's own loans."""
    product = make_product(world.cast, world.mirror, "REF")
    loans = (
        signed(world, product_version=product),
        signed(world, 700_00, product_version=product, person=neighbour),
    )
    rows = "".join(
        f"{loan.code};DISBURSEMENT;2025-01-16;{loan.approved_units // 100}.00;D{place};USD\n"
        for place, loan in enumerate(loans)
    )
    return services.import_bank_file(
        acting_staff=world.cast.clerk,
        lender=world.mirror,
        file_name="january.csv",
        content=f"loan;kind;date;amount;reference;currency\n{rows}".encode(),
    )


def test_a_statement_shows_no_line_of_a_hidden_person(
    client: Client, world: World, loan: Loan, neighbour: Person, statement: BankStatement
) -> None:
    page = at(client, world.cast.accountant, "statement_detail", statement.pk).content.decode()
    assert "Ann Alba" in page
    assert loan.code in page
    assert logged() == {str(world.person.pk), str(neighbour.pk)}
    hide(world.person, world.cast.manager)
    reader = again(world.cast.accountant)
    page = at(client, reader, "statement_detail", statement.pk).content.decode()
    assert "Bea Birk" in page
    assert not any(word in page for word in ("Ann Alba", loan.code, "113.47", "133.47"))
    assert logged() == {str(neighbour.pk)}


def test_the_figures_of_statements_count_what_the_reader_sees(
    client: Client, world: World, account: BankAccount, statement: BankStatement
) -> None:
    told = get(client, world.cast.accountant, "/statements").json()["items"][0]
    assert (told["lines_total"], told["lines_matched"], told["matched_units"]) == (2, 2, 133_47)
    hide(world.person, world.cast.manager)
    reader = again(world.cast.accountant)
    told = get(client, reader, "/statements").json()["items"][0]
    assert (told["lines_total"], told["lines_matched"], told["matched_units"]) == (1, 1, 20_00)
    export = at(client, reader, "statement_list", export="csv")
    text = b"".join(export.streaming_content).decode()
    line = next(each for each in text.splitlines() if account.name in each)
    assert "\t1\t1\t0\t0" in line or ",1,1,0,0" in line or ";1;1;0;0" in line
    page = at(client, reader, "bank_account_detail", account.pk).content.decode()
    assert page.count(">2<") == 0
    statement.refresh_from_db()
    assert (statement.lines_total, statement.matched_units) == (2, 133_47)  # stored as it came


def test_what_was_said_by_hand_is_taken_off_what_lay_on_suspense(
    client: Client, world: World, loan: Loan, neighbour: Person, bring: Bring
) -> None:
    statement = bring(Move(50_00, "no idea", "B1"), Move(20_00, "neither", "B2"), kind=54)
    line = statement.lines.get(units=50_00)
    match = services.match_line(
        acting_staff=world.cast.accountant,
        line=line,
        parts=[services.PartIn(loan, 50_00)],
        on=timezone.localdate(),
    )
    services.confirm_match(acting_staff=world.cast.manager, match=match, on=timezone.localdate())
    line.refresh_from_db()
    assert line.loan_id == loan.pk
    hide(world.person, world.cast.manager)
    told = get(client, again(world.cast.accountant), "/statements").json()["items"][0]
    assert (told["lines_matched"], told["lines_open"], told["open_units"]) == (0, 1, 20_00)


def test_payments_show_no_hidden_payee(
    client: Client, world: World, neighbour: Person, batch: PaymentBatch
) -> None:
    page = at(client, world.cast.accountant, "payments_detail", batch.pk).content.decode()
    assert "Ann Alba" in page
    assert "1,900.00" in page
    assert logged() == {str(world.person.pk), str(neighbour.pk)}
    code = batch.orders.get(units=1_200_00).loan.code
    hide(world.person, world.cast.manager)
    reader = again(world.cast.accountant)
    page = at(client, reader, "payments_detail", batch.pk).content.decode()
    assert "Bea Birk" in page
    assert not any(word in page for word in ("Ann Alba", code, "1,200.00", "1,900.00"))
    assert logged() == {str(neighbour.pk)}
    page = at(client, reader, "payments_list", totals="1").content.decode()
    assert "1,900.00" not in page
    assert page.count("700.00") >= 2  # the row and the total
    told = get(client, reader, "/payment-batches").json()["items"][0]
    assert (told["orders_total"], told["total_units"]) == (1, 700_00)
    orders = get(client, reader, f"/payment-batches/{batch.pk}/orders").json()
    assert [each["units"] for each in orders] == [700_00]
    assert logged() == {str(neighbour.pk)}


def test_a_banks_file_shows_no_row_of_a_hidden_person_and_names_whom_it_shows(
    client: Client, world: World, neighbour: Person, file: BankFile
) -> None:
    assert file.rows_posted == 2
    code = file.lines.get(units=1_200_00).loan
    assert code is not None
    page = at(client, world.cast.accountant, "bank_file_detail", file.pk).content.decode()
    assert code.code in page
    assert logged() == {str(world.person.pk), str(neighbour.pk)}
    hide(world.person, world.cast.manager)
    reader = again(world.cast.accountant)
    page = at(client, reader, "bank_file_detail", file.pk).content.decode()
    assert "700.00" in page
    assert not any(word in page for word in (code.code, "1,200.00", "1,900.00"))
    assert logged() == {str(neighbour.pk)}
    page = at(client, reader, "bank_file_list").content.decode()
    assert "1,900.00" not in page
    told = get(client, reader, "/bank-files").json()["items"][0]
    assert (told["rows_total"], told["rows_posted"], told["posted_units"]) == (1, 1, 700_00)
    lines = get(client, reader, f"/bank-files/{file.pk}/lines").json()
    assert [each["units"] for each in lines] == [700_00]
    assert logged() == {str(neighbour.pk)}


def test_a_dry_run_names_whom_it_shows(
    client: Client, world: World, account: BankAccount, loan: Loan
) -> None:
    content = camt([Move(113_47, loan.code, "B1")], kind=54)
    client.force_login(world.cast.accountant)
    answer: Any = client.post(
        reverse("lending:statement_new"),
        {
            "account": str(account.pk),
            "act": "check",
            "file": SimpleUploadedFile("s.xml", content),
        },
    )
    assert loan.code in answer.content.decode()
    assert logged() == {str(world.person.pk)}


def test_the_parts_of_a_loan_are_read_by_name(client: Client, world: World, loan: Loan) -> None:
    before = ReadEntry.objects.count()
    assert get(client, world.cast.cashier, f"/loans/{loan.pk}/tranches").status_code == 200
    assert ReadEntry.objects.count() == before + 1
    assert logged() == {str(world.person.pk)}


def test_a_split_line_of_somebody_hidden_is_shown_to_nobody_who_may_not_know_her(
    client: Client, world: World, loan: Loan, neighbour: Person, bring: Bring
) -> None:
    other = running(world, person=neighbour)
    line = bring(Move(50_00, "both", "B1"), kind=54).lines.get()
    match = services.match_line(
        acting_staff=world.cast.accountant,
        line=line,
        parts=[services.PartIn(loan, 30_00), services.PartIn(other, 20_00)],
        on=timezone.localdate(),
    )
    assert match.state == "PROPOSED"
    page = at(client, world.cast.manager, "bank_line", line.pk).content.decode()
    assert loan.code in page
    assert other.code in page
    hide(world.person, world.cast.manager)
    reader = again(world.cast.manager)
    assert at(client, reader, "bank_line", line.pk).status_code == 404
    queue = at(client, reader, "matches_to_decide").content.decode()
    for code in (loan.code, other.code):
        assert code not in queue


STEPS = (
    "waiver",
    "refund",
    "withdraw",
    "set-off",
    "charge",
    "early",
    "account",
    "pay-off",
    "insurance",
)


def test_the_steps_of_a_loan_that_name_its_borrower_stand_in_the_read_log(
    client: Client, world: World, loan: Loan
) -> None:
    client.force_login(staff("everyone", *Role))
    for step in STEPS:
        before = ReadEntry.objects.count()
        page = client.get(f"/lending/loans/{loan.pk}/{step}/")
        assert page.status_code == 200, step
        assert str(world.person) in page.content.decode(), step
        assert ReadEntry.objects.count() == before + 1, step
        assert logged() == {str(world.person.pk)}, step
