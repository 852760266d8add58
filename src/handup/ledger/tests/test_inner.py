"""The parts posting is made of: chart in memory, months, time lines of cash, rates, addresses of
facts.
"""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handup.kernel.ids import new_id
from handup.ledger import chart, facts, services
from handup.ledger.chart import chart_of
from handup.ledger.errors import (
    AccountClosed,
    AccountNotLeaf,
    AccountUnknown,
    RateMissing,
    RateTooOld,
    RoleMissing,
    WrongCurrency,
)
from handup.ledger.models import Account, AccountRole, Book, Entry, Period
from handup.ledger.rates import RateBook
from handup.ledger.rules.journal import RATE_ONE
from handup.ledger.services import heads
from handup.ledger.services.cash import TimeLine
from handup.ledger.sql import adapt, as_date, as_hex, as_uuid, places, uid
from handup.ledger.tests.conftest import Post, close_for_facts, leaf
from handup.org.models import ExchangeRate, StaffUser

# --- the chart in memory --------------------------------------------------------------------------


def read(book: Book) -> chart.Chart:
    book.refresh_from_db()
    return chart_of(book.pk, book.code, book.chart_stamp)


def test_a_chart_is_read_once_until_it_changes(book: Book, finance_manager: StaffUser) -> None:
    read(book)
    with CaptureQueriesContext(connection) as seen:
        chart_of(book.pk, book.code, book.chart_stamp)
    assert len(seen) == 0
    before = book.chart_stamp
    services.set_overdraft(acting_staff=finance_manager, account=leaf(book, "BANK"), units=5)
    changed = read(book)
    assert book.chart_stamp != before
    assert changed.of_role("BANK", "USD").overdraft_units == 5


def test_what_is_kept_in_memory_stays_small(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chart, "_CHARTS", {})
    monkeypatch.setattr(chart, "_KEEP", 2)
    for _ in range(5):
        chart_of(book.pk, book.code, new_id())
    assert len(chart._CHARTS) <= 2


def test_a_role_prefers_the_account_kept_in_the_currency(book: Book) -> None:
    dram = Account.objects.create(
        book=book, code="1121", names={"en": "Bank, dram"}, type="ASSET", currency="AMD"
    )
    AccountRole.objects.create(book=book, role="BANK", currency="AMD", account=dram)
    services.books.touch(book)
    known = read(book)
    assert known.of_role("BANK", "AMD").code == "1121"
    assert known.of_role("BANK", "USD").code == "1120"
    with pytest.raises(RoleMissing):
        known.of_role("SHARE_OF_MOON", "USD")
    with pytest.raises(AccountUnknown):
        known.of_code("0000")


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"leaf": False}, AccountNotLeaf),
        ({"active": False}, AccountClosed),
        ({"currency": "EUR"}, WrongCurrency),
    ],
)
def test_an_account_that_cannot_take_the_line_is_refused(
    book: Book, change: dict[str, object], refusal: type[Exception]
) -> None:
    Account.objects.filter(pk=leaf(book, "BANK").pk).update(**change)
    services.books.touch(book)
    with pytest.raises(refusal):
        chart.check_usable(read(book).of_role("BANK", "USD"), "USD")


# --- months ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "first", "following"),
    [
        (date(2026, 1, 31), date(2026, 1, 1), date(2026, 2, 1)),
        (date(2026, 12, 1), date(2026, 12, 1), date(2027, 1, 1)),
        (date(2024, 2, 29), date(2024, 2, 1), date(2024, 3, 1)),
    ],
)
def test_months_follow_each_other(day: date, first: date, following: date) -> None:
    assert heads.month_of(day) == first
    assert heads.next_month(day) == following


def test_an_earlier_month_joins_those_that_are_there(book: Book, post: Post) -> None:
    post(on=date(2026, 3, 1))
    post(on=date(2025, 12, 31))
    book.refresh_from_db()
    assert (book.first_month, book.last_month) == (date(2025, 12, 1), date(2026, 3, 1))
    assert Period.objects.filter(book=book).count() == 4


def test_a_fact_before_every_closed_month_still_finds_the_open_one(
    book: Book, post: Post, finance_manager: StaffUser
) -> None:
    post(on=date(2026, 1, 5))
    close_for_facts(acting_staff=finance_manager, period=Period.objects.get(book=book))
    early = post(on=date(2025, 6, 1))
    assert early.entry_date == date(2026, 2, 1)
    assert not Period.objects.filter(book=book, starts__lt=date(2026, 1, 1)).exists()


# --- cash over time -------------------------------------------------------------------------------


def test_a_time_line_knows_its_lowest_day_from_any_day_on() -> None:
    line = TimeLine(start=10)
    for on, units in ((5, 20), (1, -4), (9, -25), (12, 50), (9, -1)):
        line.add(date(2026, 1, on), units)
    assert line.lowest_from(date(2026, 1, 1)) == (0, date(2026, 1, 9))
    assert line.lowest_from(date(2026, 1, 10)) == (50, date(2026, 1, 12))
    assert line.lowest_from(date(2026, 1, 13)) == (50, date(2026, 1, 13))
    assert TimeLine(start=3).lowest_from(date(2026, 1, 1)) == (3, date(2026, 1, 1))


def test_two_money_accounts_are_watched_apart(book: Book, post: Post) -> None:
    post(100, "CASH", "CAPITAL")
    post(60, "BANK", "CASH")
    services.set_overdraft(
        acting_staff=StaffUser.objects.get(username="bold"), account=leaf(book, "BANK"), units=0
    )
    post(60, "CASH", "BANK")
    assert Entry.objects.count() == 3


# --- rates ----------------------------------------------------------------------------------------


def rate(
    on: date, numerator: int, pair: tuple[str, str] = ("USD", "AMD"), kind: str = "SPOT"
) -> None:
    ExchangeRate.objects.create(
        from_currency=pair[0],
        to_currency=pair[1],
        rate_date=on,
        numerator=numerator,
        kind=kind,
        source="Central bank",
    )


DAY = date(2026, 1, 10)
NEED = ("USD", "AMD", DAY, "SPOT")


@pytest.mark.django_db
def test_rates_are_read_in_one_statement_and_none_when_none_is_needed() -> None:
    rate(DAY, 385 * RATE_ONE)
    with CaptureQueriesContext(connection) as seen:
        RateBook([])
        book = RateBook([NEED, ("EUR", "AMD", DAY, "SPOT")])
    assert len(seen) == 1
    assert book.rate("USD", "AMD", DAY, "SPOT", 7) == 385 * RATE_ONE
    with pytest.raises(RateMissing):
        book.rate("EUR", "AMD", DAY, "SPOT", 7)


@pytest.mark.django_db
def test_a_rate_serves_seven_days_and_no_longer() -> None:
    rate(date(2026, 1, 3), 385 * RATE_ONE)
    book = RateBook([NEED])
    assert book.rate("USD", "AMD", DAY, "SPOT", 7) == 385 * RATE_ONE
    with pytest.raises(RateTooOld) as refused:
        book.rate("USD", "AMD", DAY, "SPOT", 6)
    assert refused.value.places["rate_date"] == date(2026, 1, 3)


@pytest.mark.django_db
def test_a_rate_of_another_kind_does_not_serve() -> None:
    rate(DAY, 385 * RATE_ONE, kind="DONOR")
    with pytest.raises(RateMissing):
        RateBook([NEED]).rate("USD", "AMD", DAY, "SPOT", 7)


@pytest.mark.django_db
def test_the_direct_rate_wins_over_the_inverse() -> None:
    rate(date(2026, 1, 9), 385 * RATE_ONE)
    rate(DAY, RATE_ONE // 400, ("AMD", "USD"))
    assert RateBook([NEED]).rate("USD", "AMD", DAY, "SPOT", 7) == 385 * RATE_ONE


@pytest.mark.django_db
def test_an_inverse_too_large_to_store_is_no_rate() -> None:
    rate(DAY, 1, ("AMD", "USD"))
    with pytest.raises(RateMissing):
        RateBook([NEED]).rate("USD", "AMD", DAY, "SPOT", 7)


# --- plain SQL ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_values_go_to_the_database_and_come_back() -> None:
    pk = new_id()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM ledger_fund WHERE id = %s", [uid(pk)])
        assert cursor.fetchone() is None
    assert as_uuid(pk) == as_uuid(pk.hex) == pk
    assert as_hex(pk) == as_hex(pk.hex) == pk.hex
    assert as_hex(None) == ""
    assert as_date("2026-01-10") == as_date(DAY) == DAY
    assert places([1, 2, 3]) == "%s, %s, %s"
    assert uid(None) is None
    assert adapt().uid(None) is None
    assert adapt().uid(pk) == uid(pk)


# --- addresses of facts ---------------------------------------------------------------------------


def test_higher_domains_say_where_their_facts_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "_facts", {})
    monkeypatch.setattr(facts, "_subjects", {})
    pk = new_id()
    assert facts.address_of("lending", "event", pk) == ""
    assert facts.subject_address("loan", pk) == ""
    facts.register("lending", "event", lambda given: f"/e/{given}")
    facts.register_subject("loan", lambda given: f"/l/{given}")
    assert facts.address_of("lending", "event", pk) == f"/e/{pk}"
    assert facts.subject_address("loan", pk) == f"/l/{pk}"
    assert facts.subject_address("loan", None) == ""


def test_names_of_accounts_follow_the_reader(book: Book) -> None:
    from django.utils import translation

    account = leaf(book, "BANK")
    account.names = {"en": "Bank", "fr": "Banque"}
    with translation.override("fr"):
        assert account.name == "Banque"
    with translation.override("hy"):
        assert account.name == "Բանկ"
    account.names = {"en": "Our bank"}
    with translation.override("fr"):
        assert account.name == "Our bank"
    account.names = {}
    assert account.name == "1120"
    assert str(account) == "1120 1120"
