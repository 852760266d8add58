"""The voucher of an entry on paper, and the warning on every page of a book for exercises."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from handup.ledger import services
from handup.ledger.labels import PRACTICE
from handup.ledger.models import Book, Draft, Entry, Period
from handup.ledger.tests.conftest import Post, leaf
from handup.ledger.vouchers import voucher_number
from handup.org.models import StaffUser


@pytest.fixture
def rent(book: Book, accountant: StaffUser, finance_manager: StaffUser) -> Draft:
    """An entry by hand, approved by another person."""
    draft = services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=date(2026, 1, 11),
        remark="Rent of January <#>",
        lines=[services.DraftLineIn("5200", 1_234_50), services.DraftLineIn("1120", -1_234_50)],
    )
    return services.approve_draft(acting_staff=finance_manager, draft=draft)


def entry_of(draft: Draft) -> Entry:
    assert draft.entry is not None
    return draft.entry


def test_the_number_is_of_the_book_s_year(book: Book, post: Post) -> None:
    early, late = post(on=date(2026, 3, 31)), post(on=date(2026, 4, 1))
    assert (voucher_number(early), voucher_number(late)) == ("MED-2026-000001", "MED-2026-000002")
    Book.objects.filter(pk=book.pk).update(fiscal_year_start=4)
    early, late = Entry.objects.order_by("seq")
    assert (voucher_number(early), voucher_number(late)) == ("MED-2025-000001", "MED-2026-000002")


def test_the_voucher_shows_lines_names_and_what_it_is_for(
    client: Client, rent: Draft, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    entry = entry_of(rent)
    page = reverse("ledger:voucher", args=[entry.pk])
    client.force_login(accountant)
    shown = client.get(page).content.decode()
    for text in (
        *("MED-2026-000001", "Rent of January &lt;#&gt;", "1,234.50", "5200", "1120"),
        *(accountant.display_name, finance_manager.display_name, entry.hash[:16]),
    ):
        assert text in shown, text
    sheet = client.get(f"{page}?format=pdf")
    assert sheet.headers["Content-Type"] == "application/pdf"
    assert sheet.content.startswith(b"%PDF")
    assert "med-2026-000001.pdf" in sheet.headers["Content-Disposition"]
    assert page in client.get(reverse("ledger:entry_detail", args=[entry.pk])).content.decode()


def test_who_may_not_see_the_entry_gets_no_voucher(
    client: Client, rent: Draft, trainer: StaffUser, outsider: StaffUser
) -> None:
    page = reverse("ledger:voucher", args=[entry_of(rent).pk])
    for address in (page, f"{page}?format=pdf"):
        client.force_login(trainer)
        assert client.get(address).status_code == 403
        client.force_login(outsider)
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("practice", [True, False])
def test_every_page_of_a_book_for_exercises_says_so(
    client: Client, book: Book, rent: Draft, accountant: StaffUser, practice: bool
) -> None:
    Book.objects.filter(pk=book.pk).update(practice=practice)
    period = Period.objects.get(book=book)
    client.force_login(accountant)
    for name, record in (
        ("book_detail", book),
        ("account_detail", leaf(book, "BANK")),
        ("entry_detail", entry_of(rent)),
        ("period_detail", period),
        ("close_checks", period),
        ("draft_detail", rent),
        ("trial_balance", book),
        ("balance_sheet", book),
    ):
        shown = client.get(reverse(f"ledger:{name}", args=[record.pk])).content.decode()
        assert (str(PRACTICE) in shown) is practice, name
