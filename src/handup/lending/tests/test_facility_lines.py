"""Money for loans of a facility: the bank's file tells of it, and perhaps our own statement too."""

from collections.abc import Callable
from datetime import date

import pytest
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.ledger.services import LineIn, Source, post_entry
from handup.lending import services
from handup.lending.models import BankStatement, Lender, LineMatch, Loan
from handup.lending.rules.banking.codes import LineFate, Reason
from handup.lending.rules.codes import LenderMode
from handup.lending.services.funds import name_fund
from handup.lending.tests import test_transfers
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import World, clean, make_product, running, staff
from handup.lending.tests.donors import donor
from handup.lending.tests.test_statements import DUE, fates, paid, why
from handup.org.rules.access import Role
from handup.org.tests.standing import standing

Bring = Callable[..., BankStatement]
TODAY = timezone.localdate()
HEAD = "loan;kind;date;amount;reference;currency\n"


@standing
def facility(world: World) -> Lender:
    """A bank that pays out our money."""
    bank = test_transfers.lender(world, "PLACED", LenderMode.BANK_FACILITY, world.book)
    services.place_facility(
        acting_staff=world.cast.director,
        lender=bank,
        limit_units=10_000_00,
        signed_date=date(2020, 1, 1),
    )
    return bank


def lent_by(world: World, facility: Lender) -> Loan:
    """A running loan of it."""
    return running(world, product_version=make_product(world.cast, facility, "PLACED"))


def told_by_the_bank(world: World, loan: Loan) -> None:
    """The bank's file says that the first instalment was paid to it."""
    services.import_bank_file(
        acting_staff=world.cast.accountant,
        lender=loan.lender,
        file_name="f.csv",
        content=f"{HEAD}{loan.code};REPAYMENT;2025-02-15;113.47;R1;USD\n".encode(),
    )


def explained(world: World, loan: Loan, statement: BankStatement) -> LineMatch:
    """One says that the line is the payment that is known, another agrees."""
    match = services.pair_with_recorded(
        acting_staff=world.cast.accountant, line=statement.lines.get(), loan=loan, on=TODAY
    )
    return services.confirm_match(acting_staff=world.cast.manager, match=match, on=TODAY)


@pytest.mark.parametrize("of_donor", [False, True])
def test_what_the_banks_file_told_is_not_paid_again_by_our_statement(
    world: World, facility: Lender, bring: Bring, of_donor: bool
) -> None:
    if of_donor:
        fund = donor(world)
        name_fund(acting_staff=world.cast.director, lender=facility, fund=fund)
        post_entry(
            acting_staff=world.cast.manager,
            book=world.book,
            kind="FACILITY_PLACED",
            source=Source("test", "PLACED", new_id()),
            lines=[
                LineIn(2_000_00, "FACILITY_PLACED", fund=fund.pk),
                LineIn(-2_000_00, "BANK", fund=fund.pk),
            ],
            happened_date=date(2020, 1, 3),
        )
    placed = lent_by(world, facility)
    told_by_the_bank(world, placed)
    bank, out = balance(world.book, "BANK"), balance(world.book, "FACILITY_PLACED")
    statement = bring(Move(DUE, placed.code, "B1"))
    assert (fates(statement), why(statement)) == ([LineFate.OPEN], [Reason.PERHAPS_RECORDED])
    assert (paid(placed), balance(world.book, "SUSPENSE")) == (DUE, -DUE)

    explained(world, placed, statement)
    assert (paid(placed), balance(world.book, "SUSPENSE")) == (DUE, 0)
    assert balance(world.book, "BANK") == bank + DUE
    assert balance(world.book, "FACILITY_PLACED") == out - DUE
    clean()


def test_what_came_over_from_a_facility_is_undone_and_taken_back_as_it_came(
    world: World, facility: Lender, bring: Bring
) -> None:
    placed = lent_by(world, facility)
    lent = balance(world.book, "FACILITY_PLACED")
    told_by_the_bank(world, placed)
    bank, out = balance(world.book, "BANK"), balance(world.book, "FACILITY_PLACED")
    assert out == lent + DUE
    statement = bring(Move(DUE, placed.code, "B1"))
    explained(world, placed, statement)
    services.undo_match(
        acting_staff=staff("third", Role.FINANCE_MANAGER),
        line=statement.lines.get(),
        on=TODAY,
        reason="slip",
    )
    assert (balance(world.book, "SUSPENSE"), paid(placed)) == (-DUE, DUE)
    assert (balance(world.book, "BANK"), balance(world.book, "FACILITY_PLACED")) == (
        bank + DUE,
        out,
    )
    clean()

    explained(world, placed, statement)
    back = bring(
        Move(-DUE, "returned", "B1", day=TODAY, reversal=True),
        opening=DUE,
        number="2",
        first=TODAY,
        last=TODAY,
    )
    assert (fates(back), paid(placed)) == ([LineFate.MATCHED], 0)
    assert (balance(world.book, "BANK"), balance(world.book, "SUSPENSE")) == (bank, 0)
    assert balance(world.book, "FACILITY_PLACED") == lent
    clean()
