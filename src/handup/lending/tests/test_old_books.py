"""A portfolio of another system moves in to the unit: tried, decided, balanced, signed by two."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from handup.ledger.models import AccountRole, Entry
from handup.ledger.queries import balance
from handup.ledger.services import post_accrual
from handup.lending.models import Loan, OldLoan
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.old_book import DueDays, InterestBasis, OldBookState, Proof, Way
from handup.lending.services import old_book_signing as signing
from handup.lending.services import old_books
from handup.lending.services.old_book_lists import lists_of
from handup.lending.tests.cast import World, clean, repay
from handup.lending.tests.old_books import (
    BY_THE_DAY,
    CUTOVER,
    HALF_EVEN,
    PER_LOAN,
    balanced,
    book_of,
    by_the_day,
    decided,
    half_even,
    opened,
    per_loan,
    proofs,
    received,
    signed,
    to_the_major_unit,
    zipped,
)
from handup.lending.verify_old_books import openings_hold
from handup.org.duties import SamePerson
from handup.org.permissions import NotAllowed


@pytest.mark.parametrize(
    ("schedule", "terms"),
    [
        (half_even, HALF_EVEN),
        (per_loan, PER_LOAN),
        (to_the_major_unit, {"preset": "frappe-term"}),
    ],
)
def test_a_preset_makes_another_systems_portfolio_to_the_unit(
    world: World, schedule: Any, terms: dict[str, Any]
) -> None:
    lists, _people = book_of(world, schedule)
    book = decided(world, lists, terms)
    assert proofs(book) == {Proof.EQUAL}, list(book.loans.values_list("key", "first", "reason"))
    assert set(book.loans.values_list("way", flat=True)) == {Way.PRESET}


@pytest.mark.parametrize(
    ("schedule", "terms"), [(half_even, HALF_EVEN), (per_loan, PER_LOAN)], ids=["even", "per loan"]
)
def test_what_comes_in_goes_out_the_same(
    world: World, schedule: Any, terms: dict[str, Any]
) -> None:
    lists, _people = book_of(world, schedule)
    book = signed(world, decided(world, lists, terms))
    assert lists_of(book) == {
        f"{name}.csv": lists.csv(name) for name in ("loans", "schedules", "payments")
    }
    clean()


def test_a_portfolio_by_the_day_keeps_its_convention(world: World) -> None:
    """0.0658 % a day; each borrower paid what was due on its day, and one pays late here."""
    lists, _people = book_of(world, by_the_day, loans=3, paid=5, percent="0.0658")
    book = decided(world, lists, BY_THE_DAY)
    assert proofs(book) == {Proof.EQUAL}, list(book.loans.values_list("key", "first", "reason"))
    book = signed(world, book)
    assert set(book.loans.values_list("way", flat=True)) == {Way.PRESET}
    assert lists_of(book)["schedules.csv"] == lists.csv("schedules")
    clean()
    loan = Loan.objects.get(external_reference="OLD-001")
    assert loan.follows_balance
    assert loan.terms["recalculation"] == "DAILY_RATE"
    sixth = loan.dues.get(number=6, replaced_at=None, to_date=None)
    assert sixth.due_date == date(2025, 7, 10)
    repay(world, loan, date(2025, 8, 1), 50_00)  # 22 days late
    seventh = loan.dues.get(number=7, replaced_at=None, to_date=None)
    late = round(sixth.principal_units * 658 * 22 / 1_000_000)
    plain = [row[4] for row in lists.schedules if row[:2] == ["OLD-001", 7]]
    assert seventh.interest_units == round(Decimal(plain[0]) * 100) + late
    post_accrual(
        acting_staff=world.cast.manager, book=world.book, through=CUTOVER + timedelta(days=31)
    )
    clean()


def test_a_wrong_convention_shows_the_first_row_that_differs(world: World) -> None:
    lists, _people = book_of(world, half_even)
    book = decided(world, lists, {"preset": "handup-declining", "day_count": "DAYS_365"})
    first = book.loans.order_by("place")[0]
    assert first.proof == Proof.DIFFERENT
    assert first.differences > 1
    assert first.first["where"] == "schedules"
    assert first.first["row"] == "1"
    ours, theirs = first.first["columns"]["interest"]
    assert theirs == "2000"  # 1,000.00 at 2 percent
    assert ours == "2038"  # 31 days of 365
    assert first.way == Way.OPENING


def test_a_portfolio_that_differs_comes_in_as_it_stands(world: World) -> None:
    lists, _people = book_of(world, half_even)
    book = signed(world, decided(world, lists, {"preset": "handup-declining"}))
    loan = book.loans.order_by("place")[0].loan
    assert loan is not None
    assert (loan.state, loan.opening_date) == (LoanState.ACTIVE, CUTOVER)
    assert loan.disbursed_date == date(2025, 1, 10)
    assert set(loan.events.values_list("kind", flat=True)) == {
        EventKind.AGREED,
        EventKind.OPENING_POSITION,
    }
    assert lists_of(book)["schedules.csv"] == lists.csv("schedules")
    clean()


def test_only_one_journal_is_posted_and_it_says_what_the_loans_owe(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=2)
    before = Entry.objects.count()
    bank = balance(world.book, "BANK")
    book = signed(world, decided(world, lists, HALF_EVEN))
    assert Entry.objects.count() == before + 1
    assert balance(world.book, "BANK") == bank
    totals = signing.totals_of(book)
    assert balance(world.book, "LOANS") == totals["principal"] > 0
    assert balance(world.book, "INTEREST_DUE") == totals["interest"] > 0
    loan = Loan.objects.get(external_reference="OLD-001")
    assert balance(world.book, "LOANS", ("loan", loan.pk)) == loan.principal_units
    assert loan.principal_paid_units + loan.principal_units == 1_000_00
    for role in AccountRole.objects.filter(book=world.book, currency=""):
        for currency in ("USD", "EUR"):  # one account called so in two currencies is read once
            AccountRole.objects.create(
                book=world.book, role=role.role, currency=currency, account_id=role.account_id
            )
    assert not list(openings_hold())


def test_the_next_run_of_the_books_goes_on_from_the_opening(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=2)
    signed(world, decided(world, lists, HALF_EVEN))
    held = balance(world.book, "INTEREST_DUE")
    through = CUTOVER + timedelta(days=31)
    post_accrual(acting_staff=world.cast.manager, book=world.book, through=through)
    assert balance(world.book, "INTEREST_DUE") > held
    clean()


@pytest.mark.parametrize("basis", list(InterestBasis))
def test_every_way_an_old_book_counts_interest_stays_provable(
    world: World, basis: InterestBasis
) -> None:
    lists, _people = book_of(world, half_even, loans=2, paid=3)
    book = signed(world, decided(world, lists, HALF_EVEN, interest_basis=basis))
    interest = signing.totals_of(book)["interest"]
    assert (interest == 0) == (basis is InterestBasis.NONE)
    clean()
    post_accrual(
        acting_staff=world.cast.manager, book=world.book, through=CUTOVER + timedelta(days=1)
    )
    clean()


def test_the_old_trial_balance_must_agree(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=2)
    book = decided(world, lists, HALF_EVEN)
    totals = signing.totals_of(book)
    totals["principal"] += 1
    totals["ageing"]["0"] += 5
    signing.state_controls(acting_staff=world.cast.accountant, book=book, controls=totals)
    with pytest.raises(signing.ControlSum) as refused:
        signing.propose_old_book(
            acting_staff=world.cast.manager, book=book, proposed_date=timezone.localdate()
        )
    assert refused.value.code == "CONTROL_SUM"
    assert [fault.place for fault in refused.value.faults] == ["principal", "0"]
    assert not Loan.objects.exists()


def test_two_persons_sign(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = balanced(world, decided(world, lists, HALF_EVEN))
    today = timezone.localdate()
    with pytest.raises(NotAllowed):
        signing.propose_old_book(acting_staff=world.cast.accountant, book=book, proposed_date=today)
    with pytest.raises(signing.NothingSigned):
        signing.sign_old_book(acting_staff=world.cast.director, book=book, signed_date=today)
    signing.propose_old_book(acting_staff=world.cast.director, book=book, proposed_date=today)
    with pytest.raises(SamePerson):
        signing.sign_old_book(acting_staff=world.cast.director, book=book, signed_date=today)
    assert not Loan.objects.exists()
    first = signing.sign_old_book(acting_staff=world.cast.manager, book=book, signed_date=today)
    again = signing.sign_old_book(acting_staff=world.cast.manager, book=book, signed_date=today)
    assert first.entry == again.entry
    assert Loan.objects.count() == 1


def test_nothing_changes_between_the_signatures_unless_the_first_is_taken_back(
    world: World,
) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = balanced(world, decided(world, lists, HALF_EVEN))
    today = timezone.localdate()
    signing.propose_old_book(acting_staff=world.cast.director, book=book, proposed_date=today)
    with pytest.raises(old_books.FirstSignatureGiven):
        received(world, book, lists)
    signing.withdraw_proposal(acting_staff=world.cast.director, book=book)
    assert received(world, book, lists).state == OldBookState.OPEN


def test_a_loan_without_a_way_stops_the_signature(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=2)
    lists.schedules = [row for row in lists.schedules if row[0] != "OLD-002"]
    lists.payments = [[*row[:4], "", ""] for row in lists.payments]
    book = balanced(world, decided(world, lists, HALF_EVEN))
    today = timezone.localdate()
    with pytest.raises(signing.WayMissing) as refused:
        signing.propose_old_book(acting_staff=world.cast.manager, book=book, proposed_date=today)
    assert refused.value.places == {"count": 1, "key": "OLD-002"}
    old_books.decide_ways(
        acting_staff=world.cast.accountant, book=book, on=today, unlisted_by_terms=True
    )
    assert OldLoan.objects.get(key="OLD-002").way == Way.PRESET


def test_a_loan_that_differs_cannot_come_in_by_the_convention(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = decided(world, lists, {"preset": "handup-declining"})
    row = book.loans.get()
    with pytest.raises(old_books.NotEqual):
        old_books.choose_way(acting_staff=world.cast.accountant, old_loan=row, way=Way.PRESET)
    row.refresh_from_db()
    assert row.way == Way.OPENING


def test_a_sample_is_the_same_however_often_it_is_drawn(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=5)
    book = received(world, opened(world), lists)
    tried = []
    for _turn in range(2):
        old_books.try_loans(
            acting_staff=world.cast.accountant, book=book, on=timezone.localdate(), sample=3
        )
        tried.append(set(book.loans.exclude(proof="").values_list("key", flat=True)))
    assert len(tried[0]) == 3
    assert tried[0] == tried[1]
    row = book.loans.filter(proof="")[0]
    with pytest.raises(old_books.NotTried):
        old_books.choose_way(acting_staff=world.cast.accountant, old_loan=row, way=Way.OPENING)


def test_due_dates_can_be_those_listed(world: World) -> None:
    """A book that moved its due dates off a holiday is made anew on its own dates."""
    lists, _people = book_of(world, half_even, loans=1, paid=0)
    lists.schedules[2][2] = "2025-04-11"  # a day later than by the terms
    lists.payments = []
    book = decided(world, lists, HALF_EVEN)
    assert proofs(book) == {Proof.DIFFERENT}
    other = decided(world, lists, HALF_EVEN, code="LISTED", due_days=DueDays.AS_LISTED)
    assert proofs(other) == {Proof.EQUAL}


def test_every_fault_of_the_lists_is_told_with_its_cell_and_nothing_is_taken(
    world: World,
) -> None:
    lists, _people = book_of(world, half_even, loans=2, paid=1)
    lists.loans[0][2] = "1000.01"  # not what the rows come to
    lists.loans[1][1] = "nobody"
    lists.schedules.append(["OLD-009", 1, "2025-05-01", "1.00", "0.00", "", ""])
    lists.payments[0][2] = "2025-01-01"  # before it was paid out
    lists.payments[1][2] = "2025-07-01"  # after the day
    book = received(world, opened(world), lists)
    found = {(fault.code, fault.place) for fault in old_books.faults_of(book)}
    assert found == {
        ("PRINCIPAL_NOT_LENT", "loans.csv!C2"),
        ("LOAN_NOT_LISTED", "schedules.csv!A26"),
        ("BEFORE_PAID_OUT", "payments.csv!C2"),
        ("AFTER_THE_DAY", "payments.csv!C3"),
    }
    assert book.fault_count == 4
    assert not book.loans.exists()
    lists, _people = book_of(world, half_even, loans=1)
    lists.loans[0][1] = "nobody"
    book = received(world, book, lists)
    assert [fault.code for fault in old_books.faults_of(book)] == ["BORROWER_UNKNOWN"]


def test_columns_of_other_names_are_matched_by_hand(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    files = {f"{name}.csv": lists.csv(name) for name in ("loans", "schedules", "payments")}
    files["loans.csv"] = files["loans.csv"].replace("disbursed_date", "Datum")
    book = old_books.receive_lists(
        acting_staff=world.cast.accountant,
        book=opened(world),
        name="old.zip",
        content=zipped(files),
    )
    assert book.unknown == {"loans": ["Datum"]}
    assert book.fault_count
    book = old_books.match_headings(
        acting_staff=world.cast.accountant,
        book=book,
        matches={("loans", "disbursed_date"): "Datum"},
    )
    assert (book.fault_count, book.loans.count()) == (0, 1)


def test_the_same_lists_again_change_nothing(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    book = decided(world, lists, HALF_EVEN)
    before = book.loans.get().pk
    received(world, book, lists)
    row = book.loans.get()
    assert (row.pk, row.way) == (before, Way.PRESET)


def test_a_loan_that_is_here_already_is_refused_by_number(world: World) -> None:
    lists, _people = book_of(world, half_even, loans=1)
    signed(world, decided(world, lists, HALF_EVEN))
    book = received(world, opened(world, code="AGAIN"), lists)
    assert [fault.code for fault in old_books.faults_of(book)] == ["LOAN_ENTERED_BEFORE"]
