"""What a successor keeps is no work of this house: no list puts its loans, lines and cash forward,
and its savings take no money here.
"""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from handup.ledger.services.upkeep import hand_over_books
from handup.lending import collecting, queries, services, work_list
from handup.lending.errors import LoanMoved, SavingsMoved
from handup.lending.models import (
    Application,
    BankAccount,
    Lender,
    LineMatch,
    Loan,
    SavingsAccount,
    SavingsMove,
    StatementLine,
    StrayWord,
)
from handup.lending.rules.codes import EarlierKind, Method
from handup.lending.rules.stray import StrayKind
from handup.lending.services import CollectedIn, calling, guarantees, security
from handup.lending.services.candidates import loans_of
from handup.lending.services.earlier import waiting_earlier
from handup.lending.services.losses import to_write_off
from handup.lending.services.moratoria import Which, loans_for
from handup.lending.services.on_closed_days import dues_on_closed_days
from handup.lending.services.payments import payable
from handup.lending.services.proposals import waiting_proposals
from handup.lending.services.sheet_lines import part_lines
from handup.lending.services.statements import overdue_suspense
from handup.lending.services.stray import waiting_stray
from handup.lending.still_here import lines_here, matches_here, words_here
from handup.lending.tests.bankmade import Move, camt
from handup.lending.tests.cast import World, clean, main_account, make_world, signed
from handup.lending.tests.test_back_dating import propose, strict
from handup.lending.tests.test_closed_days import close
from handup.lending.tests.test_earlier import TODAY
from handup.lending.tests.test_earlier import propose as propose_earlier
from handup.lending.tests.test_follow_up import promised, talk
from handup.lending.tests.test_handed_over import moved_away
from handup.lending.tests.test_handover import prepared
from handup.lending.tests.test_pages import at
from handup.lending.tests.test_savings import opened, pay_in
from handup.lending.tests.test_security import pledge
from handup.lending.tests.test_stray import place, take
from handup.lending.tests.test_suspense import match
from handup.people.models import Person
from handup.projects.models import Handover

MARCH_10, MARCH_15 = date(2025, 3, 10), date(2025, 3, 15)
House = tuple[World, Handover, list[Person]]


@pytest.fixture
def house(db: None, tmp_path: Path, settings: Settings) -> House:
    """One late loan and one signed, and of each kind of work one piece that waits."""
    settings.MEDIA_ROOT = tmp_path / "files"
    world = make_world()
    row, persons = prepared(world)
    loan = Loan.objects.get()
    signed(world, person=persons[1])
    main_account(world)
    close(world, MARCH_15)
    promised(world, loan)
    strict()
    propose(world, loan)
    return world, row, persons


def lists(world: World) -> dict[str, int]:
    """How much each list of work puts forward."""
    cast, loans = world.cast, Loan.objects.all()
    account = BankAccount.objects.get()
    on, ahead = TODAY, MARCH_10
    found: dict[str, Callable[[], Any]] = {
        "arrears": lambda: queries.loans_in_arrears(on, loans),
        "everyone's arrears": lambda: queries.loans_in_arrears(on),
        "reminders": lambda: work_list.reminders(ahead, loans),
        "promises": lambda: work_list.promises_due(loans, on),
        "sheet": lambda: queries.due_on(on, None, loans),
        "whose sheets": lambda: collecting.offered(loans).officers,
        "closed days": lambda: dues_on_closed_days(loans, ahead),
        "to write off": lambda: to_write_off(loans, on),
        "to pay": lambda: payable(account),
        "to match": lambda: loans_of(account, cast.accountant),
        "moratorium": lambda: loans_for(cast.manager, Which(), MARCH_10, MARCH_15),
        "proposals": lambda: waiting_proposals(cast.manager),
    }
    return {name: len(list(asked())) for name, asked in found.items()}


def test_nothing_that_went_is_put_forward(house: House, tmp_path: Path) -> None:
    world, row, persons = house
    before = lists(world)
    assert all(before.values()), before
    moved_away(world, row, persons, tmp_path / "p")
    assert set(lists(world).values()) == {0}
    clean()


def money_lists(world: World) -> list[int]:
    """How many lines of banks, matches, cash of nobody known and words on it wait."""
    cast, on = world.cast, TODAY + timedelta(days=400)
    found = (
        overdue_suspense(cast.accountant, on),
        lines_here(StatementLine.objects.filter(fate="OPEN")),
        matches_here(LineMatch.objects.filter(state="PROPOSED")),
        waiting_stray(cast.cashier),
        words_here(StrayWord.objects.filter(state="PROPOSED")),
    )
    return [len(list(rows)) for rows in found]


def test_money_on_suspense_of_a_book_that_went_waits_for_nobody_here(
    world: World, loan: Loan
) -> None:
    account = main_account(world)
    moves = [Move(units, "no name", f"R{units}") for units in (70_00, 80_00)]
    services.import_statement(
        acting_staff=world.cast.accountant,
        account=account,
        file_name="s.xml",
        content=camt(moves, kind=54),
    )
    match(world, StatementLine.objects.get(units=70_00), (loan, 70_00))
    take(world)
    place(world, take(world, 30_00), kind=StrayKind.RETURN)
    assert money_lists(world) == [2, 1, 1, 2, 1]
    hand_over_books(acting_staff=world.cast.director, books=[world.book.pk])
    assert money_lists(world) == [0, 0, 0, 0, 0]


def test_savings_of_an_earlier_day_wait_until_they_went(world: World) -> None:
    account = opened(world)
    strict()
    propose_earlier(world, EarlierKind.SAVINGS_IN, account=account, told={"units": 5_00})
    assert len(waiting_earlier(world.cast.manager)) == 1
    SavingsAccount.objects.update(moved_date=TODAY)
    assert waiting_earlier(world.cast.manager) == []


PAGES = ("arrears", "reminders", "on_closed_days", "to_write_off", "suspense", "stray_list")


def test_pages_of_what_went_say_so_and_offer_nothing(
    house: House, tmp_path: Path, client: Client
) -> None:
    world, row, persons = house
    loan = Loan.objects.get(state="ACTIVE")
    moved_away(world, row, persons, tmp_path / "p")
    for name in PAGES:
        page = at(client, world.cast.manager, name)
        assert page.status_code == 200
        assert loan.code not in page.content.decode(), name
    page = at(client, world.cast.manager, "loan_detail", loan.pk).content.decode()
    assert "Handed over on" in page
    for step in ("record_repayment", "propose_write_off", "change_new"):
        assert reverse(f"lending:{step}", args=[loan.pk]) not in page
    found = at(client, world.cast.manager, "loan_list", q=loan.code).content.decode()
    assert loan.code in found  # it can still be read


def test_nothing_is_talked_of_or_proposed_for_a_loan_that_went(
    house: House, tmp_path: Path
) -> None:
    world, row, persons = house
    loan = Loan.objects.get(state="ACTIVE")
    moved_away(world, row, persons, tmp_path / "p")
    loan.refresh_from_db()
    with pytest.raises(LoanMoved):
        talk(world, loan, TODAY)
    with pytest.raises(LoanMoved):
        propose(world, loan, reason="Another paper", told={"units": 1_00, "method": Method.CASH})
    with pytest.raises(LoanMoved):
        services.propose_write_off(
            acting_staff=world.cast.officer, loan=loan, proposed_date=TODAY, reason="She left"
        )
    assert (loan.contacts.count(), loan.proposals.count()) == (1, 1)


def test_nobody_is_called_and_nothing_given_back_of_a_loan_that_went(
    world: World, late: Loan
) -> None:
    held = pledge(world, Application.objects.get(agreement__loan=late))
    assert guarantees.demand(late, TODAY).most_units > 0
    Loan.objects.filter(pk=late.pk).update(moved_date=TODAY)
    late.refresh_from_db()
    with pytest.raises(LoanMoved):
        guarantees.demand(late, TODAY)
    with pytest.raises(LoanMoved):
        calling.demand(late, TODAY, world.cast.manager)
    with pytest.raises(LoanMoved):
        security.release_security(acting_staff=world.cast.manager, item=held, released_date=TODAY)
    held.refresh_from_db()
    assert held.released_date is None


def test_its_line_of_a_sheet_is_one_of_a_loan_nobody_knows(house: House, tmp_path: Path) -> None:
    world, row, persons = house
    loan = Loan.objects.get(state="ACTIVE")
    line = CollectedIn(loan.pk, 10_00)
    assert part_lines(world.cast.cashier, [line]) == ([line], [])
    moved_away(world, row, persons, tmp_path / "p")
    assert part_lines(world.cast.cashier, [line]) == ([], [line])


def test_savings_that_went_take_no_money_here_whichever_book_they_are_in(
    db: None, tmp_path: Path, settings: Settings, client: Client
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    world = make_world()
    row, persons = prepared(world)
    account = opened(world)
    move = pay_in(world, account, 50_00)
    moved_away(world, row, persons, tmp_path / "p")
    account.refresh_from_db()
    assert account.moved_date == timezone.localdate()
    Lender.objects.filter(pk=account.lender_id).update(mode="BANK_OWN", book=None)
    before = SavingsMove.objects.count()
    account = SavingsAccount.objects.get()
    with pytest.raises(SavingsMoved, match="recorded by the successor"):
        pay_in(world, account, 10_00)
    with pytest.raises(SavingsMoved):
        services.pay_out_savings(
            acting_staff=world.cast.accountant, account=account, value_date=TODAY, units=10_00
        )
    with pytest.raises(SavingsMoved):
        services.reverse_savings(
            acting_staff=world.cast.accountant, move=move, reason="Wrong saver", on=TODAY
        )
    assert SavingsMove.objects.count() == before
    page = at(client, world.cast.manager, "savings_detail", account.pk).content.decode()
    assert "Handed over on" in page
    assert reverse("lending:savings_pay_in", args=[account.pk]) not in page
    found = at(client, world.cast.manager, "savings_list", q=account.code)
    assert account.code in found.content.decode()
