"""What stands beside the journal: balances made anew, remarks blanked, funds and rates by hand."""

from datetime import date

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.ledger import queries, services
from handup.ledger.models import Balance, Book, Entry, Fund, Remark
from handup.ledger.queries import Subject
from handup.ledger.services import EntryIn, LineIn, Source
from handup.ledger.services.upkeep import hold_books
from handup.ledger.tests.conftest import JANUARY, Post, leaf
from handup.ledger.verify import book_differences
from handup.org.models import AuditLine, ExchangeRate, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight


def test_balances_are_made_anew_from_the_lines(
    book: Book, post: Post, finance_manager: StaffUser
) -> None:
    post(100_00)
    post(40_00, "BANK", "LOANS", on=date(2026, 3, 1))
    before = queries.trial_balance(book, date(2026, 12, 31))
    Balance.objects.filter(account=leaf(book, "LOANS")).update(debit_units=1)
    Balance.objects.filter(account=leaf(book, "BANK"), month=date(2026, 3, 1)).delete()
    assert list(book_differences(book))
    assert services.rebuild_balances(acting_staff=finance_manager, book=book) == 4
    assert not list(book_differences(book))
    assert queries.trial_balance(book, date(2026, 12, 31)).rows == before.rows
    post(1)
    assert not list(book_differences(book))


def test_who_may_not_rebuild_changes_nothing(
    book: Book, post: Post, accountant: StaffUser, outsider: StaffUser
) -> None:
    post()
    Balance.objects.filter(book=book).update(debit_units=7)
    for staff, refusal in ((accountant, NotAllowed), (outsider, OutOfSight)):
        with pytest.raises(refusal):
            services.rebuild_balances(acting_staff=staff, book=book)
    assert set(Balance.objects.values_list("debit_units", flat=True)) == {7}


def remarked(book: Book, staff: StaffUser, loan: Subject) -> Entry:
    entry = EntryIn(
        book=book,
        kind="LOAN_REPAID",
        source=Source("lending", "event", new_id()),
        lines=[
            LineIn(units=5, account_role="BANK"),
            LineIn(units=-5, account_role="LOANS", subject=loan),
        ],
        happened_date=JANUARY,
        remark="Paid by her sister Anna",
    )
    return services.post_entries([entry], acting_staff=staff)[0]


def test_remarks_of_a_subject_are_blanked_and_the_chain_holds(
    book: Book, accountant: StaffUser
) -> None:
    erased, other = ("loan", new_id()), ("loan", new_id())
    entry = remarked(book, accountant, erased)
    kept = remarked(book, accountant, other)
    assert services.blank_remarks(acting_staff=accountant, subjects=[erased]) == 1
    assert services.blank_remarks(acting_staff=accountant, subjects=[erased]) == 0
    blanked = Remark.objects.get(entry=entry)
    assert (blanked.text, blanked.blanked_at is not None) == ("", True)
    assert Remark.objects.get(entry=kept).text == "Paid by her sister Anna"
    assert AuditLine.objects.filter(action="ledger.blank_remarks").count() == 1
    assert not list(book_differences(book))


# --- funds and rates through their pages ----------------------------------------------------------


def test_a_fund_is_opened_through_its_page(client: Client, accountant: StaffUser) -> None:
    client.force_login(accountant)
    told = {"code": "GRANT-1", "name": "Grant of the year", "kind": "PURPOSE", "currency": "USD"}
    answer = client.post(reverse("ledger:fund_new"), told)
    assert answer["Location"] == reverse("ledger:fund_list")
    fund = Fund.objects.get(code="GRANT-1")
    assert (fund.kind, fund.currency, fund.starts) == ("PURPOSE", "USD", None)
    assert b"Grant of the year" in client.get(reverse("ledger:fund_list")).content
    again = client.post(reverse("ledger:fund_new"), told)
    assert again.status_code == 422
    wrong = client.post(reverse("ledger:fund_new"), {**told, "code": "G2", "currency": "usd"})
    assert wrong.status_code == 422
    assert Fund.objects.filter(code__in=("GRANT-1", "G2")).count() == 1


def test_a_rate_is_added_through_its_page(client: Client, accountant: StaffUser) -> None:
    client.force_login(accountant)
    told = {
        "from_currency": "USD",
        "rate": "385.25",
        "to_currency": "AMD",
        "rate_date": "2026-01-10",
        "kind": "SPOT",
        "source": "Central bank",
    }
    assert client.post(reverse("ledger:rate_new"), told).status_code == 302
    assert ExchangeRate.objects.get().numerator == 3_852_500_000_000
    page = client.get(reverse("ledger:rate_list")).content.decode()
    assert "385.25" in page
    assert client.post(reverse("ledger:rate_new"), {**told, "rate": "0"}).status_code == 422
    other = client.post(reverse("ledger:rate_new"), {**told, "rate": "400"})
    assert other.status_code == 422
    assert ExchangeRate.objects.count() == 1


def test_who_may_not_see_funds_or_rates_is_turned_away(client: Client, trainer: StaffUser) -> None:
    client.force_login(trainer)
    for name in ("fund_list", "fund_new", "rate_list", "rate_new"):
        assert client.get(reverse(f"ledger:{name}")).status_code == 403, name


@pytest.mark.django_db
def test_a_programme_without_books_holds_none() -> None:
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        hold_books(new_id())
    assert sum("ledger_book" in one["sql"] for one in asked) == 1  # which books: none, and no lock
