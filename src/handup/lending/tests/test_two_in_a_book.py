"""A book that two lenders share, or that lends in another currency than it is kept in: figures and
write-offs do not mix what is not one.
"""

from datetime import date, timedelta
from typing import Any

from handup.kernel.credit.codes import Component
from handup.kernel.ids import new_id
from handup.ledger import services as books
from handup.ledger.models import Book
from handup.ledger.queries import balance
from handup.ledger.rules.words import BookKind
from handup.ledger.services import LineIn, Source
from handup.lending import reported, services
from handup.lending.models import Lender, Loan
from handup.lending.rules.codes import LenderMode
from handup.lending.rules.ratios import RatioId
from handup.lending.services.ratios import books_for
from handup.lending.tests.cast import World, clean, make_person, make_product, running
from handup.org.models import ExchangeRate
from handup.org.tests.standing import standing

END = date(2025, 12, 31)
OVER_THE_BOOKS = {RatioId.RISK_COVER, RatioId.YIELD, RatioId.OPEX, RatioId.IMPAIRMENT}


def lender_of(world: World, code: str, book: Book) -> Lender:
    lender: Lender = services.open_lender(
        acting_staff=world.cast.manager,
        code=code,
        name=f"Lender {code}",
        mode=LenderMode.DIRECT,
        currency="USD",
        active_from=date(2020, 1, 1),
        programme=world.programme,
        book=book,
    )
    return lender


def month_end(world: World, book: Book, through: date) -> None:
    books.post_accrual(acting_staff=world.cast.accountant, book=book, through=through)
    books.post_provision(acting_staff=world.cast.accountant, book=book, through=through)


def told(world: World, lender: Lender | None = None) -> set[RatioId]:
    """Which ratios over the books are told of one lender, or of all loans."""
    loans = Loan.objects.all() if lender is None else Loan.objects.filter(lender=lender)
    found = reported.report(
        date(2025, 1, 1), END, loans, "USD", books_for(world.cast.manager, lender)
    )
    return {item.ratio.id for item in found.ratios} & OVER_THE_BOOKS


def test_ratios_over_a_shared_book_are_told_of_all_its_lenders_or_not_at_all(
    world: World, loan: Loan
) -> None:
    assert told(world, world.direct) == OVER_THE_BOOKS
    second = lender_of(world, "OWN2", world.book)
    running(
        world,
        4_800_00,
        product_version=make_product(world.cast, second, "BIG"),
        person=make_person(world.programme, world.office, world.cast.advisor, "Two"),
    )
    month_end(world, world.book, END)
    assert told(world) == OVER_THE_BOOKS
    assert told(world, world.direct) == set() == told(world, second)


@standing
def drams(world: World) -> Book:
    """A book kept in dram with dollars to lend."""
    manager = world.cast.manager
    book: Book = books.open_book(
        acting_staff=manager,
        code="AMDB",
        name="Dram",
        kind=BookKind.LENDER,
        base_currency="AMD",
    )
    Book.objects.filter(pk=book.pk).update(max_rate_age_days=5000)
    book.refresh_from_db()
    ExchangeRate.objects.create(
        from_currency="USD",
        to_currency="AMD",
        rate_date=date(2020, 1, 1),
        numerator=390 * 10**10,
        kind="SPOT",
        source="Central bank",
    )
    for currency, units in (("USD", 9_000_00), ("AMD", 9_000_000_00)):
        books.post_entry(
            acting_staff=manager,
            book=book,
            kind="CAPITAL_RECEIVED",
            source=Source("test", "capital", new_id()),
            lines=[
                LineIn(units, "BANK", currency=currency),
                LineIn(-units, "CAPITAL", currency=currency),
            ],
            happened_date=date(2020, 1, 1),
        )
    return book


def test_a_write_off_uses_the_allowance_of_its_own_currency(world: World, drams: Book) -> None:
    lender = lender_of(world, "USDL", drams)
    loan = running(world, product_version=make_product(world.cast, lender, "USDP"))
    services.charge_loan(
        acting_staff=world.cast.officer,
        loan=loan,
        value_date=date(2025, 2, 1),
        due_date=date(2025, 2, 15),
        component=Component.FEE,
        units=10_00,
        reason="Visit",
    )
    clean()
    month_end(world, drams, END)
    assert told(world, lender) == set()
    held = -balance(drams, "ALLOWANCE", currency="USD")
    assert held == 1_200_00
    proposal = services.propose_write_off(
        acting_staff=world.cast.officer, loan=loan, proposed_date=END, reason="Left"
    )
    services.write_off_loan(acting_staff=world.cast.manager, proposal=proposal, value_date=END)

    def usd(role: str) -> Any:
        return balance(drams, role, currency="USD")

    assert (usd("ALLOWANCE"), usd("IMPAIRMENT"), usd("LOANS")) == (0, held, 0)
    books.post_provision(
        acting_staff=world.cast.accountant, book=drams, through=END + timedelta(days=1)
    )
    assert usd("IMPAIRMENT") == held
    clean()
