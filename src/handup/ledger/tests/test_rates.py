"""Other currencies: the rate of the day, rounding, and what is refused."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.ledger import queries, services
from handup.ledger.errors import RateMissing, RateTooOld
from handup.ledger.models import Book, Entry, Line
from handup.ledger.rules.words import BookKind
from handup.ledger.services import LineIn, Source
from handup.ledger.tests.conftest import JANUARY, Post
from handup.ledger.verify import book_differences
from handup.org.models import ExchangeRate, StaffUser
from handup.org.services.house import RateJumps

DAY = date(2026, 1, 10)


@pytest.fixture
def dram_book(finance_manager: StaffUser) -> Book:
    """A book in dram."""
    return services.open_book(
        acting_staff=finance_manager,
        code="DRAM",
        name="Dram",
        kind=BookKind.PROGRAMME,
        base_currency="AMD",
        bank_overdraft_units=None,
    )


def add_rate(staff: StaffUser, on: date, numerator: int, pair: tuple[str, str]) -> None:
    services.add_rate(
        acting_staff=staff,
        from_currency=pair[0],
        to_currency=pair[1],
        rate_date=on,
        numerator=numerator,
        source="Central bank",
    )


def test_dollars_bought_stand_in_both_currencies(dram_book: Book, accountant: StaffUser) -> None:
    """ledger.md 4.2: 100.00 USD for 38 500 AMD, base 38 500 four times."""
    add_rate(accountant, DAY, 385 * 10**10, ("USD", "AMD"))
    entry = services.post_entry(
        acting_staff=accountant,
        book=dram_book,
        kind="EXCHANGE",
        source=Source("ledger", "exchange", new_id()),
        lines=[
            LineIn(units=100_00, account_role="BANK", currency="USD"),
            LineIn(units=-100_00, account_role="FX_POSITION", currency="USD"),
            LineIn(units=38_500_00, account_role="FX_POSITION"),
            LineIn(units=-38_500_00, account_role="BANK"),
        ],
        happened_date=DAY,
    )
    base = Line.objects.filter(entry=entry).order_by("no").values_list("base_units", flat=True)
    assert list(base) == [38_500_00, -38_500_00, 38_500_00, -38_500_00]
    assert queries.balance(dram_book, "BANK", currency="USD") == 100_00
    assert queries.balance(dram_book, "BANK") == -38_500_00
    trial = queries.trial_balance(dram_book, DAY)
    assert trial.closing_base == 0
    assert not list(book_differences(dram_book))


def test_the_last_rate_on_or_before_the_day_is_used_and_kept(
    dram_book: Book, post: Post, accountant: StaffUser
) -> None:
    add_rate(accountant, date(2026, 1, 5), 380 * 10**10, ("USD", "AMD"))
    add_rate(accountant, date(2026, 1, 8), 384 * 10**10, ("USD", "AMD"))
    add_rate(accountant, date(2026, 1, 11), 399 * 10**10, ("USD", "AMD"))
    entry = post(1_00, into=dram_book, currency="USD")
    assert set(Line.objects.filter(entry=entry).values_list("rate", "base_units")) == {
        (384 * 10**10, 384_00),
        (384 * 10**10, -384_00),
    }


def test_the_inverse_serves_where_there_is_no_direct_rate(
    book: Book, post: Post, accountant: StaffUser
) -> None:
    add_rate(accountant, DAY, 400 * 10**10, ("USD", "AMD"))
    entry = post(4_000_00, into=book, currency="AMD")
    assert Line.objects.get(entry=entry, no=1).base_units == 10_00


def test_no_rate_or_an_old_one_is_refused_and_nothing_posts(
    dram_book: Book, post: Post, accountant: StaffUser
) -> None:
    with pytest.raises(RateMissing):
        post(1_00, into=dram_book, currency="USD")
    add_rate(accountant, date(2026, 1, 2), 385 * 10**10, ("USD", "AMD"))
    with pytest.raises(RateTooOld):
        post(1_00, into=dram_book, currency="USD")
    assert not Entry.objects.exists()


def test_rounding_is_taken_by_the_largest_line(dram_book: Book, accountant: StaffUser) -> None:
    add_rate(accountant, DAY, 3_855_000_000_000, ("USD", "AMD"))
    parts = (7, 7, 7)
    entry = services.post_entry(
        acting_staff=accountant,
        book=dram_book,
        kind="LOAN_REPAID",
        source=Source("lending", "event", new_id()),
        lines=[
            LineIn(units=sum(parts), account_role="BANK", currency="USD"),
            *(LineIn(units=-part, account_role="LOANS", currency="USD") for part in parts),
        ],
        happened_date=JANUARY,
    )
    base = list(
        Line.objects.filter(entry=entry).order_by("no").values_list("base_units", flat=True)
    )
    assert sum(base) == 0
    assert base[1:] == [-2699, -2699, -2699]
    assert base[0] == 8097


def test_a_reversal_takes_over_the_rate_of_its_original(
    dram_book: Book, post: Post, accountant: StaffUser
) -> None:
    add_rate(accountant, DAY, 385 * 10**10, ("USD", "AMD"))
    entry = post(1_00, into=dram_book, currency="USD")
    reversal = services.reverse_entry(
        acting_staff=accountant,
        entry=entry,
        happened_date=date(2026, 3, 1),
        source=Source("lending", "event", new_id()),
    )
    assert set(Line.objects.filter(entry=reversal).values_list("rate", "base_units")) == {
        (385 * 10**10, 385_00),
        (385 * 10**10, -385_00),
    }
    assert not list(book_differences(dram_book))


def test_the_register_asks_about_a_jump_before_it_records_it(accountant: StaffUser) -> None:
    staff = accountant
    rate: dict[str, Any] = {
        "acting_staff": staff,
        "from_currency": "USD",
        "to_currency": "RWF",
        "source": "Central bank",
    }
    services.add_rate(**rate, rate_date=DAY, numerator=1_000 * 10**10)
    later = DAY + timedelta(days=1)
    with pytest.raises(RateJumps):
        services.add_rate(**rate, rate_date=later, numerator=1_200 * 10**10)
    client = Client()
    client.force_login(staff)
    page = reverse("ledger:rate_new")
    fields = {"from_currency": "USD", "to_currency": "RWF", "rate": "1200", "kind": "SPOT"}
    fields |= {"rate_date": later.isoformat(), "source": "Bank", "_new_id": str(new_id())}
    answer = client.post(page, fields)
    assert answer.status_code == 422
    assert "20 % away" in answer.content.decode()
    assert ExchangeRate.objects.count() == 1
    assert client.post(page, fields | {"confirmed": "on"}).status_code == 302
    assert ExchangeRate.objects.count() == 2
