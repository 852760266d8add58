"""One small world for every lending test."""

from collections.abc import Callable
from typing import Any

import pytest

from handup.lending import services
from handup.lending.models import BankAccount, BankStatement, Lender, Loan
from handup.lending.tests.bankmade import Move, camt
from handup.lending.tests.cast import (
    World,
    fill,
    guaranteed,
    main_account,
    make_product,
    make_world,
    running,
)
from handup.lending.tests.guarantee_cast import DEPOSIT, LENT
from handup.org.tests import standing as shared
from handup.org.tests.standing import standing

_django_db_helper = shared.helper


@standing
def world(db: None) -> World:
    """A programme with its lenders, product and borrower."""
    return make_world()


@standing
def loan(world: World) -> Loan:
    """1,200.00 over twelve months at 24 %, paid out on 15 January 2025."""
    return running(world)


@standing
def account(world: World) -> BankAccount:
    return main_account(world, organisation=world.bank)


Bring = Callable[..., BankStatement]


@pytest.fixture
def bring(world: World, account: BankAccount) -> Bring:
    def do(*moves: Move, content: bytes = b"", **how: Any) -> BankStatement:
        return services.import_statement(
            acting_staff=world.cast.accountant,
            account=account,
            file_name="s.xml",
            content=content or camt(moves, **how),
        )[0]

    return do


@standing
def bank(world: World) -> Lender:
    """A bank whose loans are covered to a half, the payments kept in our book."""
    lender = guaranteed(world, DEPOSIT)
    lender.book = world.book
    lender.save()
    fill(world.book, 5_000_00, world.cast.manager)
    return lender


@standing
def late(world: World, bank: Lender) -> Loan:
    """A loan of that bank of which nothing was paid."""
    return running(world, LENT, product_version=make_product(world.cast, bank, "GUAP"))
