"""The API door of the books: the same services, refusals as problems."""

from datetime import date
from typing import Any

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.models import Book, Draft, Entry, Period
from handup.ledger.tests.conftest import JANUARY, Caller, Post, set_banks
from handup.org.models import ExchangeRate, StaffUser


def rent(book: Book, credit: int = -20_00) -> dict[str, Any]:
    return {
        "book_id": str(book.pk),
        "happened_date": "2026-01-10",
        "remark": "Rent of January",
        "lines": [
            {"account_code": "5200", "units": 20_00},
            {"account_code": "1120", "units": credit},
        ],
    }


def test_books_accounts_and_entries_are_read(
    call: Caller, book: Book, post: Post, accountant: StaffUser
) -> None:
    loan = new_id()
    entry = post(250_00, subject=("loan", loan))
    books = call.get(accountant, "/books").json()
    assert [item["code"] for item in books["items"]] == ["MED"]
    assert call.get(accountant, f"/books/{book.pk}").json()["head_seq"] == 1
    accounts = call.get(accountant, f"/books/{book.pk}/accounts?limit=200").json()["items"]
    assert "1210" in {item["code"] for item in accounts}
    assert len(call.get(accountant, f"/entries?book_id={book.pk}").json()["items"]) == 1
    shown = call.get(accountant, f"/entries/{entry.pk}").json()
    assert (shown["seq"], shown["hash"]) == (1, entry.hash)
    assert [(line["units"], line["subject_id"]) for line in shown["lines"]] == [
        (250_00, str(loan)),
        (-250_00, None),
    ]


def test_the_trial_balance_is_read(
    call: Caller, book: Book, post: Post, accountant: StaffUser
) -> None:
    post(250_00)
    trial = call.get(accountant, f"/books/{book.pk}/trial-balance?on=2026-01-31").json()
    assert (trial["debit_base"], trial["credit_base"], trial["closing_base"]) == (250_00, 250_00, 0)
    assert {row["code"]: row["closing_base"] for row in trial["rows"]} == {
        "1120": -250_00,
        "1210": 250_00,
    }
    wrong = call.get(accountant, f"/books/{book.pk}/trial-balance?on=9999-12-31")
    assert wrong.status_code == 422


def test_an_entry_by_hand_goes_its_way(
    call: Caller, book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    key = new_id()
    for _ in range(2):
        made = call.post(accountant, "/drafts", rent(book), key)
        assert made.status_code == 201
    assert made.json()["id"] == str(key)
    assert Draft.objects.count() == 1
    assert call.get(accountant, "/drafts").json()["items"][0]["status"] == "DRAFT"
    approved = call.post(finance_manager, f"/drafts/{key}/approve", {}).json()
    assert approved["status"] == "POSTED"
    entry_id = approved["entry_id"]
    reversal = call.post(
        finance_manager,
        f"/entries/{entry_id}/reversal",
        {"happened_date": "2026-02-01", "remark": "Typed twice"},
    )
    assert reversal.status_code == 201
    assert reversal.json()["reverses_id"] == entry_id
    assert Entry.objects.count() == 2


def test_refusals_come_as_problems_and_nothing_is_stored(
    call: Caller,
    book: Book,
    accountant: StaffUser,
    trainer: StaffUser,
    outsider: StaffUser,
) -> None:
    wrong = call.post(accountant, "/drafts", rent(book, -19_00))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "DOES_NOT_BALANCE")
    assert call.post(outsider, "/drafts", rent(book)).status_code == 404
    assert call.post(trainer, "/drafts", rent(book)).status_code == 404
    assert call.get(outsider, f"/books/{book.pk}").status_code == 404
    assert call.get(outsider, "/entries").json()["items"] == []
    assert not Draft.objects.exists()


def test_a_day_a_century_away_is_refused(
    call: Caller, book: Book, post: Post, accountant: StaffUser
) -> None:
    post()
    far = call.post(accountant, "/drafts", {**rent(book), "happened_date": "2126-01-10"})
    assert (far.status_code, far.json()["code"]) == (422, "DAY_OUT_OF_REACH")
    assert not Draft.objects.exists()
    assert Entry.objects.count() == 1
    assert Period.objects.count() == 1


def test_a_month_is_closed_by_two_people(
    call: Caller, book: Book, post: Post, finance_manager: StaffUser, director: StaffUser
) -> None:
    post(on=JANUARY)
    (month,) = call.get(director, f"/periods?book_id={book.pk}").json()["items"]
    refused = call.post(director, f"/periods/{month['id']}/close", {})
    assert (refused.status_code, refused.json()["code"]) == (422, "PERIOD_NOT_READY")
    open_bank = call.post(finance_manager, f"/periods/{month['id']}/soft-close", {})
    assert (open_bank.status_code, open_bank.json()["code"]) == (422, "BANK_NOT_SET")
    set_banks(finance_manager, Period.objects.get(book=book))
    soft = call.post(finance_manager, f"/periods/{month['id']}/soft-close", {})
    assert soft.json()["status"] == "SOFT_CLOSED"
    closed = call.post(director, f"/periods/{month['id']}/close", {}).json()
    assert closed["status"] == "CLOSED"
    assert len(closed["balance_hash"]) == 64


def test_a_draft_is_declined(
    call: Caller, book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    draft = services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=date(2026, 1, 2),
        remark="Rent",
        lines=[services.DraftLineIn("5200", 1), services.DraftLineIn("1120", -1)],
    )
    answer = call.post(finance_manager, f"/drafts/{draft.pk}/decline", {})
    assert answer.json()["status"] == "DECLINED"


def test_a_rate_is_recorded_once(call: Caller, accountant: StaffUser, trainer: StaffUser) -> None:
    told = {
        "from_currency": "USD",
        "to_currency": "AMD",
        "rate_date": "2026-01-10",
        "numerator": 385 * 10**10,
        "source": "Central bank",
    }
    assert call.post(trainer, "/rates", told).status_code == 403
    key = new_id()
    assert call.post(accountant, "/rates", told, key).status_code == 201
    assert call.post(accountant, "/rates", told, key).status_code == 201
    other = call.post(accountant, "/rates", {**told, "numerator": 1})
    assert (other.status_code, other.json()["code"]) == (422, "CODE_TAKEN")
    assert ExchangeRate.objects.get().numerator == 385 * 10**10
