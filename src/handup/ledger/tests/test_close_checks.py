"""What is still open before a month is closed, and what no run of the books is made for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from handup.ledger import close_checks, runs, services
from handup.ledger.close_checks import CloseCheck, Open, answers
from handup.ledger.errors import (
    AheadOfToday,
    BankNotSet,
    LaterRunPosted,
    RateMissing,
    RunsMissing,
)
from handup.ledger.models import Book, Entry, Period, Run
from handup.ledger.queries import balance
from handup.ledger.rules.words import PeriodStatus, RunKind
from handup.ledger.runs import Provider, Statement
from handup.ledger.services import DraftLineIn
from handup.ledger.sql import uid, uid_literal
from handup.ledger.tests.conftest import Post, close_for_facts, leaf
from handup.ledger.tests.test_closing import add_rate, dram_book
from handup.org.models import StaffUser

__all__ = ["dram_book"]


def _due(book: Book, units: int) -> Provider:
    """A provider whose one subject has earned so much."""
    subject = uid_literal(UUID(int=7))

    def targets(asked: Book, _through: date) -> Statement | None:
        if asked.pk != book.pk:
            return None
        fund = uid_literal(UUID("00000000-0000-7000-8000-000000000001"))
        kind = "uuid" if uid(book.pk) == book.pk else "text"
        return Statement(
            f"SELECT {subject} AS subject_id, CAST(NULL AS {kind}) AS branch_id,"
            f" CAST(NULL AS {kind}) AS product_id, {fund} AS fund_id, 'USD' AS currency,"
            f" {units} AS basis_units, 0 AS rate_bps, FALSE AS stopped, {units} AS target_units",
            [],
        )

    return Provider(RunKind.ACCRUAL, "loan", "", "1", targets)


def asked_for_runs(period: Period) -> tuple[Open, ...]:
    return next(answer.found for answer in answers(period) if answer.check.code == "RUNS")


def test_a_month_with_interest_not_posted_is_not_closed_for_facts(
    book: Book,
    post: Post,
    accountant: StaffUser,
    finance_manager: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    post(on=date(2026, 1, 15))
    monkeypatch.setattr(runs, "providers", [_due(book, 12_34)])
    period = Period.objects.get(book=book)
    with pytest.raises(RunsMissing):
        services.soft_close_period(acting_staff=finance_manager, period=period)
    period.refresh_from_db()
    assert period.status == PeriodStatus.OPEN
    asked = {answer.check.code: answer for answer in answers(period)}
    assert [item.amount for item in asked["RUNS"].found] == ["USD\u00a012.34"]
    services.post_accrual(acting_staff=accountant, book=book, through=period.ends)
    assert not asked_for_runs(period)
    close_for_facts(acting_staff=finance_manager, period=period)


def test_what_changed_after_a_later_run_does_not_keep_a_month_open(
    book: Book,
    post: Post,
    accountant: StaffUser,
    finance_manager: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It goes into the next run, as the refusal to run the month again says."""
    post(on=date(2026, 1, 15))
    period = Period.objects.get(book=book)
    for units, through in ((12_34, period.ends), (20_00, date(2026, 2, 10))):
        monkeypatch.setattr(runs, "providers", [_due(book, units)])
        services.post_accrual(acting_staff=accountant, book=book, through=through)
    monkeypatch.setattr(runs, "providers", [_due(book, 9_00)])
    with pytest.raises(LaterRunPosted):
        services.post_accrual(acting_staff=accountant, book=book, through=period.ends)
    assert not asked_for_runs(period)
    close_for_facts(acting_staff=finance_manager, period=period)
    services.post_accrual(acting_staff=accountant, book=book, through=date(2026, 2, 28))
    assert -balance(book, "INTEREST_INCOME") == 9_00


@pytest.mark.parametrize(
    "run",
    [
        services.post_accrual,
        services.post_fees,
        services.post_provision,
        services.revalue,
        services.release_grants,
    ],
)
def test_no_run_is_of_a_day_to_come(
    run: Callable[..., Run],
    book: Book,
    finance_manager: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A year typed wrongly would keep every month before it from being run and closed."""
    kinds = (RunKind.ACCRUAL, RunKind.FEES, RunKind.PROVISION)
    due = _due(book, 12_34)
    monkeypatch.setattr(runs, "providers", [replace(due, kind=kind) for kind in kinds])
    with pytest.raises(AheadOfToday) as refused:
        run(
            acting_staff=finance_manager,
            book=book,
            through=timezone.localdate() + timedelta(days=1),
        )
    assert refused.value.field == "through"
    assert not Run.objects.exists()
    assert not Entry.objects.exists()
    run(acting_staff=finance_manager, book=book, through=timezone.localdate())


def test_the_check_list_shows_drafts_suspense_and_banks(
    book: Book, post: Post, accountant: StaffUser
) -> None:
    post(70_00, "BANK", "SUSPENSE", on=date(2026, 1, 15))
    services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=date(2026, 1, 20),
        remark="Rent",
        lines=[DraftLineIn("5200", 1_00), DraftLineIn("1120", -1_00)],
    )
    period = Period.objects.get(book=book)
    told = {answer.check.code: answer.found for answer in answers(period)}
    assert [item.text for item in told["DRAFTS"]] == ["Rent"]
    assert [item.amount for item in told["SUSPENSE"]] == ["USD\u00a070.00"]
    assert [item.amount for item in told["BANKS"]] == ["USD\u00a070.00"]
    assert told["EARLIER"] == () == told["RUNS"]
    services.reconcile_bank(
        acting_staff=accountant,
        account=leaf(book, "BANK"),
        through=period.ends,
        statement_units=70_00,
    )
    assert not next(a for a in answers(period) if a.check.code == "BANKS").found


def test_a_domain_adds_its_own_question_once(monkeypatch: pytest.MonkeyPatch, book: Book) -> None:
    monkeypatch.setattr(close_checks, "checks", [])
    check = CloseCheck("OWN", "Own question", lambda _period: [Open("box 3")])
    close_checks.register(check)
    close_checks.register(check)
    assert [answer.found for answer in answers(Period(book=book))] == [(Open("box 3"),)]


def test_a_month_is_not_closed_before_its_banks_are_set_against_their_statements(
    book: Book, post: Post, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    post(70_00, "BANK", "CAPITAL", on=date(2026, 1, 15))
    period = Period.objects.get(book=book)
    with pytest.raises(BankNotSet) as refused:
        services.soft_close_period(acting_staff=finance_manager, period=period)
    assert "1120" in str(refused.value)
    period.refresh_from_db()
    assert period.status == PeriodStatus.OPEN
    close_for_facts(acting_staff=finance_manager, period=period)
    period.refresh_from_db()
    assert period.status == PeriodStatus.SOFT_CLOSED


def test_a_month_with_foreign_money_is_closed_after_its_revaluation(
    dram_book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    period = Period.objects.get(book=dram_book)
    with pytest.raises(RateMissing):
        services.soft_close_period(acting_staff=finance_manager, period=period)
    told = {answer.check.code: answer.found for answer in answers(period)}
    assert "USD" in told["RUNS"][0].text
    add_rate(accountant, period.ends, 390 * 10**10)
    told = {answer.check.code: answer.found for answer in answers(period)}
    assert [(item.text, item.amount) for item in told["RUNS"]] == [
        ("REVALUATION", "AMD\u00a0500"),
    ]
    with pytest.raises(RunsMissing):
        services.soft_close_period(acting_staff=finance_manager, period=period)
    services.revalue(acting_staff=accountant, book=dram_book, through=period.ends)
    assert not asked_for_runs(period)
    close_for_facts(acting_staff=finance_manager, period=period)
