"""Spending beyond a budget line is refused where somebody knows the line, told where it is near."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from handup.ledger import budgets, services
from handup.ledger.budgets import Budgeted, state_of
from handup.ledger.errors import BudgetExceeded, RateMissing
from handup.ledger.models import Book, Draft, Entry, Fund
from handup.ledger.rules.words import BookKind, DraftStatus, FundKind
from handup.ledger.services import DraftLineIn
from handup.ledger.tests.test_statements import post_lines
from handup.org.models import ExchangeRate, Setting, StaffUser

DAY = date(2026, 1, 10)


@pytest.fixture
def fund(finance_manager: StaffUser, monkeypatch: pytest.MonkeyPatch) -> Fund:
    """A donor's fund; its line TRAVEL holds 100.00, other lines nobody knows."""
    known = {"TRAVEL": Budgeted(100_00, "USD")}
    monkeypatch.setattr(budgets, "providers", [known.get])
    return services.open_fund(
        acting_staff=finance_manager, code="D", name="Donor", kind=FundKind.PURPOSE,
        agreement_key="A",
    )  # fmt: skip


def spend(staff: StaffUser, book: Book, fund: Fund, units: int, line: str = "TRAVEL") -> Draft:
    return services.draft_entry(
        acting_staff=staff,
        book=book,
        happened_date=DAY,
        remark="Travel",
        lines=[
            DraftLineIn("5200", units, fund=fund.pk, budget_line=line),
            DraftLineIn("1120", -units, fund=fund.pk),
        ],
    )


def test_a_line_may_be_overspent_by_a_tenth_and_no_more(
    book: Book, fund: Fund, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    services.approve_draft(acting_staff=finance_manager, draft=spend(accountant, book, fund, 90_00))
    state = state_of(fund.pk, "TRAVEL")
    assert state is not None
    assert (state.spent, state.left, state.warns) == (90_00, 10_00, True)
    too_much = spend(accountant, book, fund, 20_01)
    with pytest.raises(BudgetExceeded):
        services.approve_draft(acting_staff=finance_manager, draft=too_much)
    too_much.refresh_from_db()
    assert too_much.status == DraftStatus.DRAFT
    assert Entry.objects.count() == 1
    services.approve_draft(acting_staff=finance_manager, draft=spend(accountant, book, fund, 20_00))
    assert Entry.objects.count() == 2


def test_how_much_is_tolerated_is_a_setting_and_unknown_lines_are_free(
    book: Book, fund: Fund, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    Setting.objects.create(key="ledger.budget_tolerance_bps", value=0)
    with pytest.raises(BudgetExceeded):
        services.approve_draft(
            acting_staff=finance_manager, draft=spend(accountant, book, fund, 100_01)
        )
    services.approve_draft(
        acting_staff=finance_manager, draft=spend(accountant, book, fund, 500_00, "OTHER")
    )
    assert state_of(fund.pk, "OTHER") is None


def test_the_fund_report_sets_spent_against_the_budget(
    client: Client, book: Book, fund: Fund, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    services.approve_draft(acting_staff=finance_manager, draft=spend(accountant, book, fund, 95_00))
    client.force_login(accountant)
    address = reverse("ledger:fund_report", args=[book.pk])
    text = client.get(f"{address}?from=2026-01-01&to=2026-12-31").content.decode()
    assert "Nearly spent" in text
    assert "USD\u00a05.00" in text


@pytest.fixture
def drams(finance_manager: StaffUser, accountant: StaffUser) -> Book:
    """A book kept in dram with 100 000 of them; a dollar costs 400 on the day before."""
    ExchangeRate.objects.create(
        from_currency="USD",
        to_currency="AMD",
        rate_date=date(2026, 1, 9),
        numerator=400 * 10**10,
        kind="SPOT",
        source="Central bank",
    )
    made = services.open_book(
        acting_staff=finance_manager,
        code="AMDB",
        name="Dram",
        kind=BookKind.PROGRAMME,
        base_currency="AMD",
    )
    post_lines(made, accountant, [("BANK", 100_000_00), ("CAPITAL", -100_000_00)], DAY)
    return made


def test_what_is_paid_in_another_currency_counts_in_the_lines_own(
    book: Book, drams: Book, fund: Fund, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    """90.00 dollars' worth of dram are spent; 25.00 more are too much in either currency."""
    services.approve_draft(
        acting_staff=finance_manager, draft=spend(accountant, drams, fund, 36_000_00)
    )
    state = state_of(fund.pk, "TRAVEL")
    assert state is not None
    assert (state.spent, state.warns) == (90_00, True)
    for where, units in ((drams, 10_000_00), (book, 25_00)):
        with pytest.raises(BudgetExceeded):
            services.approve_draft(
                acting_staff=finance_manager, draft=spend(accountant, where, fund, units)
            )
    assert Draft.objects.filter(status=DraftStatus.POSTED).count() == 1


def test_what_no_rate_can_tell_is_refused_by_name(
    drams: Book,
    fund: Fund,
    accountant: StaffUser,
    finance_manager: StaffUser,
) -> None:
    ExchangeRate.objects.all().delete()
    with pytest.raises(RateMissing):
        services.approve_draft(
            acting_staff=finance_manager, draft=spend(accountant, drams, fund, 1_00)
        )
    assert not Draft.objects.filter(status=DraftStatus.POSTED).exists()


def test_a_book_for_exercises_spends_nothing(
    book: Book, fund: Fund, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    services.approve_draft(acting_staff=finance_manager, draft=spend(accountant, book, fund, 90_00))
    assert budgets.spent_on({"TRAVEL": "USD"}) == {"TRAVEL": 90_00}
    day = Entry.objects.latest("happened_date").happened_date
    assert budgets.spent_on({"TRAVEL": "USD"}, day) == {"TRAVEL": 90_00}
    assert budgets.spent_on({"TRAVEL": "USD"}, day - timedelta(days=1)) == {"TRAVEL": 0}
    Book.objects.filter(pk=book.pk).update(practice=True)
    state = state_of(fund.pk, "TRAVEL")
    assert (state and state.spent, budgets.spent_on({"TRAVEL": "USD"})) == (0, {"TRAVEL": 0})
