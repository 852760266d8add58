"""Savings of an old portfolio: they come in behind their loans, the old trial balance names them,
and they go back with the portfolio while nobody used them.
"""

import pytest
from django.utils import timezone

from handup.ledger.queries import balance
from handup.lending.models import SavingsMove
from handup.lending.services import old_book_signing as signing
from handup.lending.services import savings_kept as kept
from handup.lending.services.old_book_signing import ControlSum
from handup.lending.tests import old_books as old
from handup.lending.tests.cast import World, clean, repay
from handup.lending.tests.old_books import HALF_EVEN, Lists, book_of, decided, half_even, signed


@pytest.fixture
def lists(world: World, monkeypatch: pytest.MonkeyPatch) -> Lists:
    """Six loans, the first two with 50.00 and 30.00 saved beside them."""
    heads = {**old.HEADS, "loans": f"{old.HEADS['loans']},savings"}
    monkeypatch.setattr(old, "HEADS", heads)
    made, _people = book_of(world, half_even)
    for row, saved in zip(made.loans, ("50.00", "30.00", "", "", "", ""), strict=True):
        row.append(saved)
    return made


def test_savings_come_in_behind_their_loans_and_the_books_owe_them(
    world: World, lists: Lists
) -> None:
    book = signed(world, decided(world, lists, {**HALF_EVEN, "savings_holder": "BANK"}))
    first, second, third = (row.loan for row in book.loans.order_by("place")[:3])
    assert first is not None
    assert second is not None
    assert third is not None
    account = kept.account_of(first)
    assert account is not None
    assert kept.by_loan(account) == {first.pk: 50_00}
    assert kept.account_of(third) is None
    assert balance(world.book, "COMPULSORY_SAVINGS") == -80_00
    assert balance(world.book, "COMPULSORY_SAVINGS", ("loan", second.pk)) == -30_00
    clean()


def test_totals_that_leave_savings_out_are_not_signed(world: World, lists: Lists) -> None:
    book = decided(world, lists, HALF_EVEN)
    totals = signing.totals_of(book)
    assert totals.pop("savings") == 80_00
    signing.state_controls(acting_staff=world.cast.accountant, book=book, controls=totals)
    with pytest.raises(ControlSum):
        signing.propose_old_book(
            acting_staff=world.cast.manager, book=book, proposed_date=timezone.localdate()
        )
    assert not SavingsMove.objects.exists()


def test_savings_go_back_with_the_portfolio(world: World, lists: Lists) -> None:
    book = signed(world, decided(world, lists, HALF_EVEN))
    signing.undo_old_book(
        acting_staff=world.cast.director,
        book=book,
        undone_date=timezone.localdate(),
        reason="Wrong day",
    )
    assert balance(world.book, "COMPULSORY_SAVINGS") == 0
    assert {move.units for move in SavingsMove.objects.all()} == {50_00, -50_00, 30_00, -30_00}
    clean()


@pytest.mark.parametrize(("place", "saved", "behind"), [(0, 0, 50_00), (2, 30_00, 30_00)])
def test_an_old_loan_goes_on_saving_what_its_terms_still_ask(
    world: World, lists: Lists, place: int, saved: int, behind: int
) -> None:
    terms = {**HALF_EVEN, "savings_holder": "BANK", "savings_instalment_units": 5_00}
    book = signed(world, decided(world, lists, terms))
    loan = book.loans.order_by("place")[place].loan
    assert loan is not None
    due = loan.dues.filter(replaced_at=None, number__lte=6)
    late = sum(row.due_units - row.paid_units for row in due)
    event = repay(world, loan, old.CUTOVER.replace(month=7, day=1), late + 500_00)
    assert event.payload.get("saved", 0) == saved
    account = kept.account_of(loan)
    assert account is not None
    assert kept.by_loan(account) == {loan.pk: behind}
    clean()
