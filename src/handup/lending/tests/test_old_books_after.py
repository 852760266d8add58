"""A portfolio that moved in: its life here, what is refused, and the way back."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.ledger.rules.words import BookKind
from handup.ledger.services import open_book, post_accrual
from handup.lending import errors, services
from handup.lending.models import BankAccount, Lender, Loan, LoanEvent, OldBook
from handup.lending.rules.banking.codes import LineFate, Reason
from handup.lending.rules.codes import EventKind, LenderMode, LoanState
from handup.lending.rules.loan import BeforeOpening
from handup.lending.rules.old_book import OldBookState, Proof
from handup.lending.services import old_book_signing as signing
from handup.lending.services import old_books
from handup.lending.tests.bankmade import Move, camt
from handup.lending.tests.cast import World, clean, repay
from handup.lending.tests.old_books import (
    CUTOVER,
    HALF_EVEN,
    balanced,
    book_of,
    decided,
    half_even,
    opened,
    proofs,
    received,
    signed,
    zipped,
)
from handup.org.permissions import NotAllowed
from handup.people.models import Person


def test_a_portfolio_is_taken_back_as_if_it_had_never_come(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=3)
    book = signed(world, decided(world, lists, HALF_EVEN))
    today = timezone.localdate()
    signing.undo_old_book(
        acting_staff=world.cast.director, book=book, undone_date=today, reason="wrong system"
    )
    assert set(Loan.objects.values_list("state", flat=True)) == {LoanState.CANCELLED}
    assert balance(world.book, "LOANS") == 0
    assert balance(world.book, "INTEREST_DUE") == 0
    clean()
    again = decided(world, lists, HALF_EVEN, code="SECOND")
    assert signed(world, again).state == OldBookState.SIGNED
    clean()


def test_a_portfolio_received_twice_is_signed_once(world: World) -> None:
    """Both were received while neither was here: the second signature of the other is refused."""
    lists, _people = book_of(world, half_even, loans=2)
    first, second = (decided(world, lists, HALF_EVEN, code=code) for code in ("ONE", "TWO"))
    balanced(world, second)
    today = timezone.localdate()
    signing.propose_old_book(acting_staff=world.cast.manager, book=second, proposed_date=today)
    signed(world, first)
    owed = balance(world.book, "LOANS")
    with pytest.raises(old_books.LoanEnteredBefore):
        signing.sign_old_book(acting_staff=world.cast.director, book=second, signed_date=today)
    second.refresh_from_db()
    assert (second.state, Loan.objects.count()) == (OldBookState.PROPOSED, 2)
    assert balance(world.book, "LOANS") == owed
    clean()


def test_a_portfolio_that_lives_is_not_taken_back(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=2)
    book = signed(world, decided(world, lists, HALF_EVEN))
    loan = Loan.objects.get(external_reference="OLD-002")
    repay(world, loan, date(2025, 7, 12), 50_00)
    with pytest.raises(signing.LoansMoved) as refused:
        signing.undo_old_book(
            acting_staff=world.cast.director,
            book=book,
            undone_date=timezone.localdate(),
            reason="wrong",
        )
    assert refused.value.places["codes"] == loan.code
    assert Loan.objects.filter(state=LoanState.ACTIVE).count() == 2


def test_a_portfolio_whose_interest_was_counted_is_not_taken_back(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = signed(world, decided(world, lists, HALF_EVEN))
    post_accrual(
        acting_staff=world.cast.manager, book=world.book, through=CUTOVER + timedelta(days=30)
    )
    with pytest.raises(signing.InterestEarnedSince):
        signing.undo_old_book(
            acting_staff=world.cast.director,
            book=book,
            undone_date=timezone.localdate(),
            reason="wrong",
        )
    assert Loan.objects.get().state == LoanState.ACTIVE


@pytest.mark.parametrize("terms", [HALF_EVEN, {"preset": "handup-declining"}])
def test_life_goes_on_after_the_move(world: World, terms: dict[str, Any]) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    signed(world, decided(world, lists, terms))
    loan = Loan.objects.get()
    for month in range(6, 13):
        repay(world, loan, date(2025, month, 12) if month > 6 else date(2025, 7, 1), 150_00)
    loan.refresh_from_db()
    assert loan.state == LoanState.SETTLED
    clean()


def test_a_payment_from_before_the_position_is_refused(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    signed(world, decided(world, lists, {"preset": "handup-declining"}))
    loan = Loan.objects.get()
    with pytest.raises(BeforeOpening):
        repay(world, loan, CUTOVER - timedelta(days=1), 10_00)
    assert not LoanEvent.objects.filter(kind=EventKind.REPAID).exists()
    clean()


def test_a_payment_of_the_old_system_can_be_reversed_in_ours(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    signed(world, decided(world, lists, HALF_EVEN))
    event = LoanEvent.objects.get(reference="OLD-001/2")
    owed = balance(world.book, "LOANS")
    services.reverse_repayment(
        acting_staff=world.cast.accountant,
        event=event,
        reason="was another borrower's",
        value_date=timezone.localdate(),
    )
    assert balance(world.book, "LOANS") > owed
    clean()


def test_its_pay_out_goes_back_only_with_the_portfolio(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1, paid=0)
    signed(world, decided(world, lists, HALF_EVEN))
    event = LoanEvent.objects.get(kind=EventKind.DISBURSED)
    with pytest.raises(errors.TakenOver):
        services.reverse_loan_event(
            acting_staff=world.cast.manager,
            event=event,
            reason="no",
            value_date=timezone.localdate(),
        )
    assert Loan.objects.get().state == LoanState.ACTIVE


def test_a_mirror_of_a_bank_posts_nothing(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    before = Entry.objects.count()
    book = signed(world, decided(world, lists, HALF_EVEN, lender=world.mirror))
    assert (book.entry, Entry.objects.count()) == (None, before)
    assert Loan.objects.get().state == LoanState.ACTIVE
    clean()


def test_who_may_not_sees_and_does_nothing(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = received(world, opened(world), lists)
    for staff in (world.cast.officer, world.cast.clerk, world.cast.outsider):
        with pytest.raises(NotAllowed):
            old_books.try_loans(acting_staff=staff, book=book, on=timezone.localdate())
        assert not OldBook.objects.visible_to(staff).exists()
    assert proofs(book) == {""}


def test_a_day_to_come_is_no_day_to_take_over(world: World) -> None:
    today = timezone.localdate()
    with pytest.raises(old_books.CutoverAhead):
        opened(world, cutover_date=today + timedelta(days=1))
    assert not OldBook.objects.exists()


def test_a_real_banks_book_moves_in_on_its_own_columns(world: World, shared: Path) -> None:
    """682 interest-free loans of 1993 to 1998: no repayment is listed, so none is made up."""
    content = (shared / "data/real/czech_bank/loan.csv").read_text()
    accounts = [line.split(";")[1] for line in content.splitlines()[1:]]
    make_accounts(world, accounts)
    lender = crowns(world)
    book = opened(
        world,
        {"preset": "handup-interest-free"},
        lender=lender,
        cutover_date=date(1998, 12, 31),
    )
    book = old_books.receive_lists(
        acting_staff=world.cast.accountant,
        book=book,
        name="book.zip",
        content=zipped({"loans.csv": content}),
        form={"delimiter": ";", "date_form": "%y%m%d"},
    )
    columns = {
        "account_id": "person",
        "date": "disbursed_date",
        "duration": "instalments",
        "payments": "instalment",
    }
    book = old_books.match_headings(
        acting_staff=world.cast.accountant,
        book=book,
        matches={("loans", column): heading for heading, column in columns.items()},
    )
    assert not book.fault_count, old_books.faults_of(book)[:3]
    old_books.decide_ways(acting_staff=world.cast.accountant, book=book, on=timezone.localdate())
    assert proofs(book) == {Proof.EQUAL}  # payments x duration = amount, every one of them
    totals = signing.totals_of(book)
    assert (totals["number"], totals["disbursed"]) == (682, 103_261_740_00)
    signed(world, book)
    assert lender.book is not None
    assert balance(lender.book, "LOANS") == 103_261_740_00
    assert Loan.objects.filter(stated_status="B").count() == 31


def crowns(world: World) -> Lender:
    """A lender with a book of its own in crowns."""
    ledger = open_book(
        acting_staff=world.cast.manager,
        code="CZK",
        name="A bank's book",
        kind=BookKind.PROGRAMME,
        base_currency="CZK",
    )
    return services.open_lender(
        acting_staff=world.cast.manager,
        code="CZK",
        name="A bank",
        mode=LenderMode.DIRECT,
        currency="CZK",
        active_from=date(1993, 1, 1),
        programme=world.programme,
        book=ledger,
    )


def make_accounts(world: World, numbers: Iterable[str]) -> None:
    """Persons known by the numbers of their accounts."""
    Person.objects.bulk_create(
        Person(
            registration_no=number,
            display_name=f"Client {number}",
            sort_key=number,
            programme=world.programme,
            office=world.office,
            registered_date=date(1993, 1, 1),
            registered_by=world.cast.advisor,
        )
        for number in numbers
    )


def test_a_statement_line_from_before_the_position_waits_for_a_person(
    world: World, account: BankAccount
) -> None:
    """The old system counted that money; posted here it would count twice."""
    lists, _people = book_of(world, half_even, loans=1)
    signed(world, decided(world, lists, {"preset": "handup-declining"}))
    loan = Loan.objects.get()
    before = CUTOVER - timedelta(days=3)
    (statement,) = services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s",
        content=camt([Move(50_00, loan.code, "B1", day=before)], kind=54),
    )
    line = statement.lines.get()
    assert (line.fate, line.reasons[0][0]) == (LineFate.OPEN, Reason.BEFORE_PAYOUT)
    with pytest.raises(errors.BeforeDisbursement):
        services.match_line(
            acting_staff=world.cast.accountant,
            line=line,
            parts=[services.PartIn(loan, 50_00)],
            on=timezone.localdate(),
        )
    assert not LoanEvent.objects.filter(kind=EventKind.REPAID).exists()
