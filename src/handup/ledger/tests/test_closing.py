"""What the books post about themselves: revaluation, grants earned, a year's end; what is open."""

from datetime import date
from functools import partial

import pytest
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger import services, vouchers
from handup.ledger.errors import (
    EarlierPeriodOpen,
    NotAYearEnd,
    NothingToRun,
    NotOverYet,
    PeriodClosed,
    RateMissing,
    RunCorrectsItself,
)
from handup.ledger.models import Book, Entry, Fund, Line, Period, Run, StatedInput
from handup.ledger.queries import balance, balance_sheet, income_statement
from handup.ledger.rules.words import FundKind, PeriodStatus
from handup.ledger.services import DraftLineIn, LineIn, Source
from handup.ledger.tests.conftest import Post, at, close_for_facts, leaf
from handup.ledger.tests.test_statements import post_lines
from handup.ledger.verify import book_differences
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.web import forms

JANUARY_END = date(2026, 1, 31)
YEAR_END = date(2026, 12, 31)
CLOCK = "handup.ledger.typed.timezone"


def closed_for_facts(book: Book, staff: StaffUser, before: date) -> None:
    for period in Period.objects.filter(book=book, ends__lt=before).order_by("starts"):
        if period.status == PeriodStatus.OPEN:
            close_for_facts(acting_staff=staff, period=period)


# --- revaluation ----------------------------------------------------------------------------------


@pytest.fixture
def dram_book(book: Book, accountant: StaffUser) -> Book:
    """A book in dram that bought 100.00 dollars for 38 500."""
    Book.objects.filter(pk=book.pk).update(base_currency="AMD")
    book.refresh_from_db()
    post_lines(book, accountant, [("BANK", 100_000_00), ("CAPITAL", -100_000_00)], date(2026, 1, 2))
    services.post_entry(
        acting_staff=accountant,
        book=book,
        kind="EXCHANGE",
        source=Source("test", "exchange", new_id()),
        lines=[
            LineIn(100_00, "BANK", currency="USD", base_units=38_500_00, rate=385 * 10**10),
            LineIn(
                -100_00, "FX_POSITION", currency="USD", base_units=-38_500_00, rate=385 * 10**10
            ),
            LineIn(38_500_00, "FX_POSITION"),
            LineIn(-38_500_00, "BANK"),
        ],
        happened_date=date(2026, 1, 5),
    )
    return book


def add_rate(staff: StaffUser, on: date, numerator: int) -> None:
    services.add_rate(
        acting_staff=staff,
        from_currency="USD",
        to_currency="AMD",
        rate_date=on,
        numerator=numerator,
        source="Central bank",
    )


def test_foreign_money_is_brought_to_the_day_s_rate_once(
    dram_book: Book, accountant: StaffUser
) -> None:
    with pytest.raises(RateMissing):
        services.revalue(acting_staff=accountant, book=dram_book, through=JANUARY_END)
    assert not Run.objects.exists()
    add_rate(accountant, JANUARY_END, 390 * 10**10)
    run = services.revalue(acting_staff=accountant, book=dram_book, through=JANUARY_END)
    entry = Entry.objects.get(kind="REVALUATION")
    lines = list(entry.lines.order_by("no").values_list("units", "base_units", "currency"))
    assert lines == [(0, 500_00, "USD"), (0, -500_00, "USD")]
    assert services.revalue(acting_staff=accountant, book=dram_book, through=JANUARY_END) == run
    sheet = balance_sheet(dram_book, JANUARY_END)
    assert sheet.total_assets == sheet.total_claims
    assert income_statement(dram_book, date(2026, 1, 1), JANUARY_END).result == 500_00
    assert not list(book_differences(dram_book))


def test_a_revaluation_shows_what_it_moved_on_its_page_and_voucher(
    client: Client, dram_book: Book, accountant: StaffUser
) -> None:
    add_rate(accountant, JANUARY_END, 390 * 10**10)
    services.revalue(acting_staff=accountant, book=dram_book, through=JANUARY_END)
    entry = Entry.objects.get(kind="REVALUATION")
    client.force_login(accountant)
    for name in ("entry_detail", "voucher"):
        shown = client.get(reverse(f"ledger:{name}", args=[entry.pk])).content.decode()
        assert "In AMD" in shown, name
        assert "AMD\u00a0500" in shown, name
    assert [vouchers._sides(line, "AMD") for line in vouchers.lines_of(entry)] == [
        ("500 AMD", ""), ("", "500 AMD"),
    ]  # fmt: skip
    bought = Entry.objects.exclude(pk=entry.pk).get(lines__units=100_00)
    assert vouchers._sides(bought.lines.get(units=100_00), "AMD")[0].split("\n") == [
        "100.00 USD", "38,500 AMD",
    ]  # fmt: skip


def test_the_next_revaluation_is_the_difference_only(
    dram_book: Book, accountant: StaffUser
) -> None:
    add_rate(accountant, JANUARY_END, 390 * 10**10)
    add_rate(accountant, date(2026, 2, 28), 380 * 10**10)
    services.revalue(acting_staff=accountant, book=dram_book, through=JANUARY_END)
    services.revalue(acting_staff=accountant, book=dram_book, through=date(2026, 2, 28))
    moved = Line.objects.filter(entry__kind="REVALUATION", account=leaf(dram_book, "BANK"))
    assert sorted(moved.values_list("base_units", flat=True)) == [-1_000_00, 500_00]
    assert not list(book_differences(dram_book))


def test_what_is_no_money_keeps_the_rate_of_its_day(dram_book: Book, accountant: StaffUser) -> None:
    """A car for 100.00 dollars, sold for as much at another rate, leaves no difference behind."""
    add_rate(accountant, date(2026, 1, 12), 385 * 10**10)
    add_rate(accountant, JANUARY_END, 390 * 10**10)
    post = partial(services.post_entry, acting_staff=accountant, book=dram_book, kind="CAR")
    dollars = partial(LineIn, currency="USD")
    post(
        source=Source("test", "car", new_id()),
        lines=[dollars(100_00, "FIXED_ASSETS"), dollars(-100_00, "BANK")],
        happened_date=date(2026, 1, 12),
    )
    services.revalue(acting_staff=accountant, book=dram_book, through=JANUARY_END)
    assert not Line.objects.filter(
        entry__kind="REVALUATION", account__roles__role="FIXED_ASSETS"
    ).exists()
    post(
        source=Source("test", "car", new_id()),
        lines=[dollars(100_00, "BANK"), dollars(-100_00, "FIXED_ASSETS")],
        happened_date=JANUARY_END,
    )
    services.revalue(acting_staff=accountant, book=dram_book, through=JANUARY_END)
    base = Line.objects.filter(account__book=dram_book, account__roles__role="FIXED_ASSETS")
    assert base.aggregate(n=Sum("base_units"))["n"] == 0


def test_a_revaluation_is_not_reversed_by_hand(
    dram_book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    add_rate(accountant, JANUARY_END, 390 * 10**10)
    services.revalue(acting_staff=accountant, book=dram_book, through=JANUARY_END)
    with pytest.raises(RunCorrectsItself):
        services.reverse_entry(
            acting_staff=finance_manager,
            entry=Entry.objects.get(kind="REVALUATION"),
            happened_date=JANUARY_END,
        )


# --- grants ---------------------------------------------------------------------------------------


def fund_of(staff: StaffUser, kind: FundKind) -> Fund:
    return services.open_fund(
        acting_staff=staff, code=kind.value, name=kind.value.title(), kind=kind, agreement_key="A"
    )


def earn(staff: StaffUser, book: Book, through: date = JANUARY_END) -> Run:
    return services.release_grants(acting_staff=staff, book=book, through=through)


def test_a_grant_is_earned_as_far_as_it_is_spent(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    fund = fund_of(finance_manager, FundKind.PURPOSE)
    post_lines(
        book, accountant, [("BANK", 500_00), ("GRANT_DEFERRED", -500_00)], date(2026, 1, 2), fund.pk
    )
    first = earn(accountant, book)
    assert not Entry.objects.filter(kind="GRANT_EARNED").exists()
    assert earn(accountant, book) == first
    post_lines(
        book, accountant, [("OFFICE_COST", 300_00), ("BANK", -300_00)], date(2026, 1, 9), fund.pk
    )
    earn(accountant, book)
    assert -balance(book, "GRANT_DEFERRED", fund=fund.pk) == 200_00
    assert -balance(book, "GRANT_INCOME", fund=fund.pk) == 300_00
    post_lines(
        book, accountant, [("OFFICE_COST", 900_00), ("BANK", -900_00)], date(2026, 1, 9), fund.pk
    )
    earn(accountant, book)
    assert balance(book, "GRANT_DEFERRED", fund=fund.pk) == 0
    assert -balance(book, "GRANT_INCOME", fund=fund.pk) == 500_00
    assert not list(book_differences(book))


def test_a_cost_taken_back_takes_the_grant_back(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    fund = fund_of(finance_manager, FundKind.PURPOSE)
    day = date(2026, 1, 9)
    post_lines(book, accountant, [("BANK", 500_00), ("GRANT_DEFERRED", -500_00)], day, fund.pk)
    post_lines(book, accountant, [("OFFICE_COST", 300_00), ("BANK", -300_00)], day, fund.pk)
    earn(accountant, book)
    post_lines(book, accountant, [("BANK", 100_00), ("OFFICE_COST", -100_00)], day, fund.pk)
    earn(accountant, book)
    assert -balance(book, "GRANT_INCOME", fund=fund.pk) == 200_00
    assert not list(book_differences(book))


def test_a_revolving_fund_earns_what_it_lends(
    book: Book, accountant: StaffUser, finance_manager: StaffUser, post: Post
) -> None:
    fund = fund_of(finance_manager, FundKind.REVOLVING)
    post_lines(
        book, accountant, [("BANK", 500_00), ("GRANT_DEFERRED", -500_00)], date(2026, 1, 2), fund.pk
    )
    post(200_00, on=date(2026, 1, 10), fund=fund.pk)
    earn(accountant, book)
    assert -balance(book, "GRANT_INCOME", fund=fund.pk) == 200_00


# --- the year -------------------------------------------------------------------------------------


@pytest.fixture
def full_year(
    book: Book,
    accountant: StaffUser,
    finance_manager: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
) -> Book:
    """Income and costs of a year in two funds; every month but the last closed for facts. The day
    is in the January after the next year.
    """
    monkeypatch.setattr(CLOCK, at(date(2028, 1, 10)))
    fund = fund_of(finance_manager, FundKind.PURPOSE)
    for lines, on, which in (
        ([("BANK", 100_00), ("FEE_INCOME", -100_00)], date(2026, 1, 5), None),
        ([("OFFICE_COST", 30_00), ("BANK", -30_00)], date(2026, 12, 5), None),
        ([("BANK", 70_00), ("GRANT_INCOME", -70_00)], date(2026, 6, 5), fund.pk),
    ):
        post_lines(book, accountant, lines, on, which)
    closed_for_facts(book, finance_manager, date(2026, 12, 1))
    return book


def test_a_year_moves_to_what_is_kept_one_entry_a_fund(
    full_year: Book, finance_manager: StaffUser
) -> None:
    before = income_statement(full_year, date(2026, 1, 1), YEAR_END)
    run = services.close_year(acting_staff=finance_manager, book=full_year, through=YEAR_END)
    assert Entry.objects.filter(kind="CLOSING").count() == 2 == run.subjects
    assert -balance(full_year, "RETAINED") == 140_00
    sheet = balance_sheet(full_year, YEAR_END)
    assert (sheet.result, sheet.total_assets) == (0, sheet.total_claims)
    assert income_statement(full_year, date(2026, 1, 1), YEAR_END).result == before.result
    again = services.close_year(acting_staff=finance_manager, book=full_year, through=YEAR_END)
    assert again == run
    assert not list(book_differences(full_year))


def test_an_adjustment_after_it_is_moved_by_closing_the_year_again(
    full_year: Book,
    accountant: StaffUser,
    finance_manager: StaffUser,
    director: StaffUser,
) -> None:
    services.close_year(acting_staff=finance_manager, book=full_year, through=YEAR_END)
    closed_for_facts(full_year, finance_manager, date(2027, 1, 1))
    draft = services.draft_entry(
        acting_staff=accountant,
        book=full_year,
        happened_date=YEAR_END,
        kind="ADJUSTMENT",
        remark="Bill of December",
        lines=[DraftLineIn("5200", 5_00), DraftLineIn("2160", -5_00)],
    )
    services.approve_draft(acting_staff=director, draft=draft)
    services.close_year(acting_staff=finance_manager, book=full_year, through=YEAR_END)
    assert balance_sheet(full_year, YEAR_END).result == 0
    assert -balance(full_year, "RETAINED") == 135_00
    assert not list(book_differences(full_year))


def test_a_year_is_closed_only_at_its_end_and_after_its_months(
    full_year: Book, finance_manager: StaffUser, accountant: StaffUser, director: StaffUser
) -> None:
    with pytest.raises(NotAYearEnd):
        services.close_year(
            acting_staff=finance_manager, book=full_year, through=date(2026, 12, 30)
        )
    with pytest.raises(NothingToRun):
        services.close_year(
            acting_staff=finance_manager, book=full_year, through=date(2027, 12, 31)
        )
    with pytest.raises(NotAllowed):
        services.close_year(acting_staff=accountant, book=full_year, through=YEAR_END)
    post_lines(full_year, accountant, [("BANK", 1), ("FEE_INCOME", -1)], date(2027, 12, 5))
    with pytest.raises(EarlierPeriodOpen):
        services.close_year(
            acting_staff=finance_manager, book=full_year, through=date(2027, 12, 31)
        )
    closed_for_facts(full_year, finance_manager, date(2027, 1, 1))
    for period in Period.objects.filter(book=full_year, ends__lte=YEAR_END).order_by("starts"):
        services.close_period(acting_staff=director, period=period)
    with pytest.raises(PeriodClosed):
        services.close_year(acting_staff=finance_manager, book=full_year, through=YEAR_END)
    assert not Run.objects.exists()


def test_a_year_is_closed_only_when_it_is_over(
    full_year: Book, finance_manager: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CLOCK, at(YEAR_END))
    with pytest.raises(NotOverYet) as refused:
        services.close_year(acting_staff=finance_manager, book=full_year, through=YEAR_END)
    assert refused.value.field == "through"
    assert not Run.objects.exists()
    assert not Entry.objects.filter(kind="CLOSING").exists()


def test_a_fund_that_has_ended_is_closed_with_the_year(
    full_year: Book, finance_manager: StaffUser
) -> None:
    Fund.objects.filter(code="PURPOSE").update(ends=date(2026, 7, 1), active=False)
    services.close_year(acting_staff=finance_manager, book=full_year, through=YEAR_END)
    assert balance_sheet(full_year, YEAR_END).result == 0


# --- doors ----------------------------------------------------------------------------------------


def test_the_pages_of_closing(
    client: Client, book: Book, post: Post, finance_manager: StaffUser, outsider: StaffUser
) -> None:
    post(70_00, "BANK", "SUSPENSE", on=date(2026, 1, 15))
    client.force_login(finance_manager)
    period = Period.objects.get(book=book)
    text = client.get(reverse("ledger:close_checks", args=[period.pk])).content.decode()
    assert "No money is unmatched" in text
    assert reverse("ledger:account_detail", args=[leaf(book, "SUSPENSE").pk]) in text
    for name in ("revalue", "release_grants", "close_year", "sustainability", "input_new"):
        assert client.get(reverse(f"ledger:{name}", args=[book.pk])).status_code == 200, name
    bank = leaf(book, "BANK").pk
    address = reverse("ledger:reconcile_bank", args=[bank])
    assert client.get(address).status_code == 200
    told = {"through": "2026-01-31", "statement_units": "70", forms.NEW_ID: str(new_id())}
    assert client.post(address, told).status_code == 302
    assert (
        "Set against the bank"
        in client.get(reverse("ledger:account_detail", args=[bank])).content.decode()
    )
    told = {"starts": "2026-01-01", "ends": "2026-12-31", "kind": "INFLATION", "value": "2.5",
            "source": "Bureau", forms.NEW_ID: str(new_id())}  # fmt: skip
    assert client.post(reverse("ledger:input_new", args=[book.pk]), told).status_code == 302
    assert StatedInput.objects.get().value == 25_000
    fund = Fund.objects.get(code="UNRESTRICTED")
    assert "Money now" in client.get(reverse("ledger:fund_detail", args=[fund.pk])).content.decode()
    client.force_login(outsider)
    assert client.get(address).status_code == 404


def test_closing_through_the_api(
    client: Client, book: Book, post: Post, finance_manager: StaffUser
) -> None:
    post(70_00, "BANK", "SUSPENSE", on=date(2026, 1, 15))
    client.force_login(finance_manager)
    period = Period.objects.get(book=book)
    told = client.get(f"/api/v1/ledger/periods/{period.pk}/open").json()
    assert {item["check"] for item in told} == {"SUSPENSE", "BANKS"}
    base = f"/api/v1/ledger/books/{book.pk}"
    for name in ("revaluation", "grants-earned"):
        answer = client.post(
            f"{base}/{name}", {"through": "2026-01-31"}, content_type="application/json"
        )
        assert answer.status_code == 200, answer.content
    refused = client.post(
        f"{base}/year-end", {"through": "2026-01-31"}, content_type="application/json"
    )
    assert refused.json()["code"] == "NOT_A_YEAR_END"
    days = f"since=2026-01-01&on={timezone.localdate()}"
    assert client.get(f"{base}/sustainability?{days}").json()["fss"] is None
    bank = f"/api/v1/ledger/accounts/{leaf(book, 'BANK').pk}/reconciliations"
    made = client.post(
        bank,
        {"through": "2026-01-31", "statement_units": 70_00},
        headers={"Idempotency-Key": str(new_id())},
        content_type="application/json",
    )
    assert made.status_code == 201, made.content


def test_who_may_not_run_them_is_refused(
    book: Book, trainer: StaffUser, outsider: StaffUser
) -> None:
    for service in (services.revalue, services.release_grants):
        with pytest.raises(NotAllowed):
            service(acting_staff=trainer, book=book, through=JANUARY_END)
        with pytest.raises(OutOfSight):
            service(acting_staff=outsider, book=book, through=JANUARY_END)
    assert not Run.objects.exists()
