"""The pages of the books, through the browser's door."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger import facts, services
from handup.ledger.labels import KIND_LABELS, flag_labels, kind_label
from handup.ledger.models import Book, Draft, Entry, Period
from handup.ledger.packs import posting_rules
from handup.ledger.reports import late_facts
from handup.ledger.rules.words import DraftStatus, PeriodStatus
from handup.ledger.services import DraftLineIn, Source
from handup.ledger.tests.conftest import Post, close_for_facts, leaf, set_banks
from handup.org.models import StaffUser
from handup.org.web import forms

DAY = date(2026, 1, 10)


@pytest.fixture
def draft(book: Book, accountant: StaffUser) -> Draft:
    return services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=DAY,
        remark="Rent of January",
        lines=(DraftLineIn("5200", 20_00), DraftLineIn("1120", -20_00)),
    )


def sees(client: Client, staff: StaffUser, name: str, *args: object, query: str = "") -> str:
    client.force_login(staff)
    answer = client.get(reverse(f"ledger:{name}", args=args) + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def status(client: Client, staff: StaffUser, name: str, *args: object) -> int:
    client.force_login(staff)
    return client.get(reverse(f"ledger:{name}", args=args)).status_code


def test_the_journal_lists_entries_with_amount_and_state(
    client: Client, accountant: StaffUser, post: Post
) -> None:
    post(1234_50)
    post(30, "OTHER_COST", "CASH", already_happened=True)
    text = sees(client, accountant, "entry_list")
    assert "Loan paid out" in text
    assert "1,234.50" in text
    assert "Cash fell below zero" in text
    only = sees(client, accountant, "entry_list", query="?flagged=1")
    assert "1,234.50" not in only


def test_the_journal_shows_late_facts_reversals_and_one_book_when_asked(
    client: Client, accountant: StaffUser, book: Book, post: Post, finance_manager: StaffUser
) -> None:
    entry = post(77_00, on=DAY)
    close_for_facts(acting_staff=finance_manager, period=Period.objects.get(book=book))
    post(88_00, on=DAY)
    services.reverse_entry(
        acting_staff=accountant,
        entry=entry,
        happened_date=date(2026, 3, 1),
        source=Source("lending", "event", new_id()),
    )
    late = sees(client, accountant, "entry_list", query="?late=1")
    assert "88.00" in late
    assert "77.00" not in late
    assert "Reversal" in sees(client, accountant, "entry_list", query="?reversals=1")
    assert "88.00" in sees(client, accountant, "entry_list", query=f"?book={book.pk}")


def test_the_journal_costs_few_statements(
    client: Client, accountant: StaffUser, post: Post
) -> None:
    for units in range(1, 30):
        post(units)
    sees(client, accountant, "entry_list")
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse("ledger:entry_list"))
    assert len(seen) <= 12, [query["sql"][:80] for query in seen]


def test_an_entry_shows_lines_fact_and_chain(
    client: Client, accountant: StaffUser, book: Book, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "_facts", {("lending", "event"): lambda pk: f"/events/{pk}/"})
    monkeypatch.setattr(facts, "_subjects", {"loan": lambda pk: f"/loans/{pk}/"})
    loan, fact = new_id(), new_id()
    entry = post(250_00, subject=("loan", loan), fact=fact)
    after = post(1_00)
    text = sees(client, accountant, "entry_detail", entry.pk)
    assert f"/events/{fact}/" in text
    assert f"/loans/{loan}/" in text
    assert reverse("ledger:account_detail", args=[leaf(book, "LOANS").pk]) in text
    assert reverse("ledger:entry_detail", args=[after.pk]) in text
    assert entry.hash[:16] in text
    assert reverse("ledger:reverse", args=[entry.pk]) not in text


def test_a_late_fact_says_so_on_its_page(
    client: Client, accountant: StaffUser, book: Book, post: Post, finance_manager: StaffUser
) -> None:
    post(on=DAY)
    close_for_facts(acting_staff=finance_manager, period=Period.objects.get(book=book))
    late = post(88_00, on=DAY)
    assert "closed month" in sees(client, accountant, "entry_detail", late.pk)
    months = Period.objects.filter(book=book).order_by("starts")
    found = [(month, late_facts([book], month.starts, month.ends)) for month in months]
    assert [(item.brought_in, item.left_out) for _month, item in found] == [(0, 1), (1, 0)]
    for month, name in zip(months, ("happened", "posted"), strict=True):
        query = f"&late=1&{name}_from={month.starts}&{name}_to={month.ends}"
        page = sees(client, accountant, "period_detail", month.pk)
        assert query.replace("&", "&amp;") in page
        query = query.replace("&late", f"?book={book.pk}&late")
        assert "88.00" in sees(client, accountant, "entry_list", query=query)


def test_a_month_before_the_books_began_is_empty_and_no_fault(
    client: Client, accountant: StaffUser, book: Book, post: Post
) -> None:
    post(77_00, on=DAY)
    month = "?from=2019-03-01&to=2019-03-31"
    for name in ("trial_balance", "income_statement", "balance_sheet", "cash_flow"):
        page = sees(client, accountant, name, book.pk, query=month)
        assert "77.00" not in page


def test_the_finance_manager_reverses_an_entry_by_hand(
    client: Client, draft: Draft, finance_manager: StaffUser
) -> None:
    entry = services.approve_draft(acting_staff=finance_manager, draft=draft).entry
    assert entry is not None
    assert reverse("ledger:reverse", args=[entry.pk]) in sees(
        client, finance_manager, "entry_detail", entry.pk
    )
    address = reverse("ledger:reverse", args=[entry.pk])
    told = {"happened_date": "2026-02-01", "remark": "Typed twice"}
    assert client.post(address, told).status_code == 200
    assert Entry.objects.count() == 1
    assert client.post(address, _read_back(told)).status_code == 302
    assert Entry.objects.filter(reverses=entry).count() == 1
    assert "Reversed" in sees(client, finance_manager, "entry_detail", entry.pk)


def _read_back(told: dict[str, str]) -> dict[str, str]:
    """What the read-back page would send: its hidden fields and the answers."""
    return {**told, forms.READ_BACK: "1", forms.NEW_ID: str(new_id())}


def test_a_book_shows_what_it_has_owes_and_its_accounts(
    client: Client, accountant: StaffUser, book: Book, post: Post
) -> None:
    post(1000_00, "BANK", "CAPITAL")
    post(250_00)
    assert book.name in sees(client, accountant, "book_list")
    text = sees(client, accountant, "book_detail", book.pk)
    assert "1,000.00" in text
    assert "Loans, principal" in text
    Book.objects.filter(pk=book.pk).update(practice=True)
    assert "exercises" in sees(client, accountant, "book_detail", book.pk)


def test_the_programmes_books_stand_before_the_groups(
    client: Client, accountant: StaffUser, book: Book
) -> None:
    for kind in ("GROUP", "GUARANTEE_FUND", "LENDER"):
        for code in ("B", "A"):
            Book.objects.create(
                code=f"{code}-{kind}", name=f"{code} {kind}", kind=kind, base_currency="USD"
            )
    text = sees(client, accountant, "book_list")
    kinds = ("LENDER", "GUARANTEE_FUND", "GROUP")
    names = [book.name, *(f"{code} {kind}" for kind in kinds for code in ("A", "B"))]
    places = [text.index(f">{name}<") for name in names]
    assert places == sorted(places)
    text = sees(client, accountant, "book_list", query="?sort=code")
    assert text.index(">A GROUP<") < text.index(">A LENDER<") < text.index(">B GROUP<")


def test_a_statements_figures_stand_in_one_column(
    client: Client, accountant: StaffUser, book: Book, post: Post
) -> None:
    post(1000_00, "BANK", "CAPITAL", on=DAY)
    post(250_00, on=DAY)
    post(7_00, "INTEREST_DUE", "INTEREST_INCOME", on=DAY)
    for name in ("balance_sheet", "income_statement", "cash_flow", "trial_balance"):
        text = sees(client, accountant, name, book.pk, query="?from=2026-01-01&to=2026-01-31")
        assert text.count("<thead>") == 1, name
        width = text.split("<thead>")[1].split("</thead>")[0].count("<th ")
        bodies = text.split("<tbody>")[1:]
        assert bodies, name
        for body in bodies:
            assert f'<th scope="rowgroup" colspan="{width}">' in body
            rows = body.split("</tbody>")[0].split("<tr")[2:]
            assert {row.count("<td") for row in rows} == {width}, name


def test_the_trial_balance_opens_moves_closes_and_balances(
    client: Client, accountant: StaffUser, book: Book, post: Post
) -> None:
    post(1000_00, "BANK", "CAPITAL", on=date(2025, 12, 1))
    post(250_00, on=DAY)
    query = "?from=2026-01-01&to=2026-01-31"
    text = sees(client, accountant, "trial_balance", book.pk, query=query)
    assert "The book balances." in text
    assert text.count(">250.00<") >= 2
    assert "All accounts" in text
    assert "750.00" in text
    nothing = sees(client, accountant, "trial_balance", book.pk, query="?from=x&to=1999-01-01")
    assert "Nothing is posted" in nothing


def test_an_account_shows_its_lines_with_the_balance_after_each(
    client: Client, accountant: StaffUser, book: Book, post: Post
) -> None:
    today = timezone.localdate()
    post(300_00, on=today)
    post(120_00, "BANK", "LOANS", on=today)
    text = sees(client, accountant, "account_detail", leaf(book, "LOANS").pk)
    assert "180.00" in text
    assert "LOANS" in text


def test_a_month_is_closed_by_two_people_through_the_pages(
    client: Client,
    book: Book,
    post: Post,
    finance_manager: StaffUser,
    director: StaffUser,
    accountant: StaffUser,
) -> None:
    post(on=DAY)
    period = Period.objects.get(book=book)
    assert "2026-01" in sees(client, accountant, "period_list")
    page = sees(client, finance_manager, "period_detail", period.pk)
    assert reverse("ledger:soft_close", args=[period.pk]) in page
    assert status(client, accountant, "soft_close", period.pk) == 403
    set_banks(finance_manager, period)
    client.force_login(finance_manager)
    assert client.post(reverse("ledger:soft_close", args=[period.pk])).status_code == 302
    client.force_login(director)
    assert client.post(reverse("ledger:close", args=[period.pk])).status_code == 302
    period.refresh_from_db()
    assert period.status == PeriodStatus.CLOSED
    assert period.balance_hash[:16] in sees(client, director, "period_detail", period.pk)


def test_an_entry_by_hand_is_written_and_approved_through_the_pages(
    client: Client, book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    address = reverse("ledger:draft_new", args=[book.pk])
    assert "Office and travel" in sees(client, accountant, "draft_new", book.pk)
    told = {
        "kind": "MANUAL",
        "happened_date": "2026-01-10",
        "debit": "5200",
        "credit": "1120",
        "amount_units": "20.50",
        "remark": "Rent of January",
    }
    answer = client.post(address, _read_back(told))
    draft = Draft.objects.get()
    assert answer["Location"] == reverse("ledger:draft_detail", args=[draft.pk])
    assert "Rent of January" in sees(client, finance_manager, "draft_list")
    assert "Approve" in sees(client, finance_manager, "draft_detail", draft.pk)
    assert client.post(reverse("ledger:approve", args=[draft.pk])).status_code == 302
    draft.refresh_from_db()
    assert (draft.status, Entry.objects.get().approved_by) == (
        DraftStatus.POSTED,
        finance_manager,
    )
    assert "Approve and post" not in sees(client, finance_manager, "draft_detail", draft.pk)


def test_a_refusal_stands_in_the_form_and_nothing_is_kept(
    client: Client, book: Book, accountant: StaffUser
) -> None:
    address = reverse("ledger:draft_new", args=[book.pk])
    client.force_login(accountant)
    told = {
        "kind": "MANUAL",
        "happened_date": "2026-01-10",
        "debit": "5000",
        "credit": "1120",
        "amount_units": "20.50",
        "remark": "Rent",
    }
    answer = client.post(address, _read_back(told))
    assert answer.status_code == 422
    assert not Draft.objects.exists()


def test_a_draft_is_declined_through_the_page(
    client: Client, draft: Draft, finance_manager: StaffUser
) -> None:
    client.force_login(finance_manager)
    assert client.post(reverse("ledger:decline", args=[draft.pk])).status_code == 302
    draft.refresh_from_db()
    assert draft.status == DraftStatus.DECLINED
    assert not Entry.objects.exists()


def test_who_may_not_see_the_books_sees_nothing(
    client: Client,
    book: Book,
    post: Post,
    draft: Draft,
    trainer: StaffUser,
    outsider: StaffUser,
) -> None:
    entry = post()
    pages = {
        "entry_detail": entry.pk,
        "book_detail": book.pk,
        "trial_balance": book.pk,
        "account_detail": leaf(book, "BANK").pk,
        "period_detail": Period.objects.get(book=book).pk,
        "draft_detail": draft.pk,
    }
    for name, pk in pages.items():
        assert status(client, trainer, name, pk) == 403, name
        assert status(client, outsider, name, pk) == 404, name
    assert "Rent of January" not in sees(client, outsider, "draft_list")
    for name in ("entry_list", "book_list", "period_list", "draft_list"):
        assert status(client, trainer, name) == 403
        assert "Micro-enterprise development" not in sees(client, outsider, name)


def test_every_kind_a_rule_posts_has_a_word() -> None:
    assert {kind for kind, _part in posting_rules()} <= set(KIND_LABELS)
    assert kind_label("SOMETHING_ELSE") == "SOMETHING_ELSE"
    assert flag_labels("") == []
    assert flag_labels("UNHEARD_OF") == ["UNHEARD_OF"]


def test_a_book_is_opened_on_its_page_once(director: StaffUser, outsider: StaffUser) -> None:
    client = Client()
    client.force_login(director)
    assert reverse("ledger:book_new") in client.get(reverse("ledger:book_list")).content.decode()
    sent = {
        "name": "The programme",
        "code": "P1",
        "kind": "PROGRAMME",
        "base_currency": "USD",
        "fiscal_year_start": "7",
        "_new_id": str(new_id()),
    }
    for _again in range(2):
        answer = client.post(reverse("ledger:book_new"), sent)
        assert answer.status_code == 302
    row = Book.objects.get(code="P1")
    assert (row.fiscal_year_start, row.accounts.exists()) == (7, True)
    taken = client.post(reverse("ledger:book_new"), {**sent, "_new_id": str(new_id())})
    assert taken.status_code == 422
    wrong = client.post(reverse("ledger:book_new"), {**sent, "base_currency": "dollars"})
    assert wrong.status_code == 422
    client.force_login(outsider)
    assert client.post(reverse("ledger:book_new"), {**sent, "code": "P2"}).status_code == 422
    assert not Book.objects.filter(code="P2").exists()
