"""Funds of donors in the tests, with money in them."""

from datetime import date
from typing import Any

from handup.kernel.ids import new_id
from handup.ledger.models import Book, Fund
from handup.ledger.rules.words import FundKind
from handup.ledger.services import LineIn, Source, open_fund, post_entry
from handup.lending.tests.cast import World


def donor(
    world: World,
    code: str = "DONOR",
    book: Book | None = None,
    units: int = 20_000_00,
    **changes: Any,
) -> Fund:
    """A revolving fund, and some of the book's money given to it."""
    told = {"code": code, "name": f"Fund {code}", "kind": FundKind.REVOLVING, **changes}
    fund = open_fund(acting_staff=world.cast.manager, **told)
    if units:
        give(world, fund, units, book)
    return fund


def give(
    world: World, fund: Fund, units: int, book: Book | None = None, on: date | None = None
) -> None:
    """What lay in the book without a fund is from now on the donor's."""
    post_entry(
        acting_staff=world.cast.manager,
        book=book or world.book,
        kind="CAPITAL_RECEIVED",
        source=Source("test", "GIVEN", new_id()),
        lines=[
            LineIn(-units, "BANK"),
            LineIn(units, "CAPITAL"),
            LineIn(units, "BANK", fund=fund.pk),
            LineIn(-units, "CAPITAL", fund=fund.pk),
        ],
        happened_date=on or fund.starts or date(2020, 1, 2),
    )
