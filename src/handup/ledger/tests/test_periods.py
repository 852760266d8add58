"""Months close in order, by two people, and never open again; late facts find the next open day."""

from datetime import date

import pytest

from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.errors import (
    BooksDiffer,
    EarlierPeriodOpen,
    NotOverYet,
    PeriodClosed,
    PeriodNotReady,
)
from handup.ledger.models import Balance, Book, Draft, Entry, Period
from handup.ledger.rules.words import ADJUSTMENT, PeriodStatus
from handup.ledger.services import DraftLineIn
from handup.ledger.tests.conftest import Post, at, close_for_facts, make_staff
from handup.ledger.verify import book_differences, closed_periods_match
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role


def month(book: Book, number: int) -> Period:
    period: Period = Period.objects.get(book=book, starts=date(2026, number, 1))
    return period


@pytest.fixture
def february(book: Book, post: Post) -> Period:
    """January and February have entries; both are open."""
    post(on=date(2026, 1, 15))
    post(50_00, on=date(2026, 2, 15))
    return month(book, 2)


def soft_close(staff: StaffUser, *periods: Period) -> None:
    for period in periods:
        close_for_facts(acting_staff=staff, period=period)


def test_a_late_fact_posts_on_the_first_open_day_and_keeps_its_own(
    book: Book, february: Period, post: Post, finance_manager: StaffUser
) -> None:
    soft_close(finance_manager, month(book, 1))
    late = post(30_00, "BANK", "LOANS", on=date(2026, 1, 28))
    assert (late.entry_date, late.happened_date) == (date(2026, 2, 1), date(2026, 1, 28))
    soft_close(finance_manager, february)
    later = post(30_00, "BANK", "LOANS", on=date(2026, 1, 28))
    assert later.entry_date == date(2026, 3, 1)


def test_months_close_in_order(
    book: Book, february: Period, finance_manager: StaffUser, director: StaffUser
) -> None:
    with pytest.raises(EarlierPeriodOpen):
        close_for_facts(acting_staff=finance_manager, period=february)
    soft_close(finance_manager, month(book, 1), february)
    with pytest.raises(EarlierPeriodOpen):
        services.close_period(acting_staff=director, period=february)
    assert month(book, 2).status == PeriodStatus.SOFT_CLOSED


def test_a_month_is_closed_once_and_only_after_it_was_closed_for_facts(
    book: Book, february: Period, finance_manager: StaffUser, director: StaffUser
) -> None:
    january = month(book, 1)
    with pytest.raises(PeriodNotReady):
        services.close_period(acting_staff=director, period=january)
    soft_close(finance_manager, january)
    with pytest.raises(PeriodNotReady):
        close_for_facts(acting_staff=finance_manager, period=january)
    closed = services.close_period(acting_staff=director, period=january)
    assert (closed.status, closed.closed_by, len(closed.balance_hash)) == (
        PeriodStatus.CLOSED,
        director,
        64,
    )
    with pytest.raises(PeriodNotReady):
        services.close_period(acting_staff=director, period=january)
    actions = set(AuditLine.objects.values_list("action", flat=True))
    assert {"ledger.soft_close_period", "ledger.close_period"} <= actions


def test_a_month_that_is_not_over_stays_open_for_facts(
    book: Book, post: Post, finance_manager: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(on=date(2026, 1, 15))
    for day, over in ((date(2026, 1, 31), False), (date(2026, 2, 1), True)):
        monkeypatch.setattr("handup.ledger.typed.timezone", at(day))
        if over:
            soft_close(finance_manager, month(book, 1))
            continue
        with pytest.raises(NotOverYet):
            soft_close(finance_manager, month(book, 1))
        assert month(book, 1).status == PeriodStatus.OPEN
        assert post(on=day).entry_date == day
    assert month(book, 1).status == PeriodStatus.SOFT_CLOSED


def test_one_person_cannot_close_a_month_alone(book: Book, february: Period) -> None:
    both = make_staff("dolma", Role.FINANCE_MANAGER, Role.DIRECTOR)
    soft_close(both, month(book, 1))
    with pytest.raises(SamePerson):
        services.close_period(acting_staff=both, period=month(book, 1))
    assert month(book, 1).status == PeriodStatus.SOFT_CLOSED


def test_a_difference_in_the_books_blocks_closing_only(
    book: Book, february: Period, post: Post, finance_manager: StaffUser, director: StaffUser
) -> None:
    soft_close(finance_manager, month(book, 1))
    Balance.objects.filter(book=book, month=date(2026, 2, 1)).update(debit_units=1)
    with pytest.raises(BooksDiffer):
        services.close_period(acting_staff=director, period=month(book, 1))
    assert month(book, 1).status == PeriodStatus.SOFT_CLOSED
    post(on=date(2026, 2, 20))


def test_who_may_not_close_is_refused(
    book: Book, february: Period, accountant: StaffUser, outsider: StaffUser
) -> None:
    for staff, refusal in ((accountant, NotAllowed), (outsider, OutOfSight)):
        with pytest.raises(refusal):
            services.soft_close_period(acting_staff=staff, period=month(book, 1))
        with pytest.raises(refusal):
            services.close_period(acting_staff=staff, period=month(book, 1))
    assert month(book, 1).status == PeriodStatus.OPEN


def _adjust(staff: StaffUser, book: Book, on: date) -> Draft:
    return services.draft_entry(
        acting_staff=staff,
        book=book,
        happened_date=on,
        remark="Rent of January, bill came late",
        kind=ADJUSTMENT,
        lines=[DraftLineIn("5200", 20_00), DraftLineIn("2160", -20_00)],
    )


def test_an_approved_adjustment_enters_a_month_closed_for_facts(
    book: Book,
    february: Period,
    accountant: StaffUser,
    finance_manager: StaffUser,
    director: StaffUser,
) -> None:
    soft_close(finance_manager, month(book, 1))
    draft = _adjust(accountant, book, date(2026, 1, 31))
    approved = services.approve_draft(acting_staff=finance_manager, draft=draft)
    assert approved.entry is not None
    assert approved.entry.entry_date == date(2026, 1, 31)
    services.close_period(acting_staff=director, period=month(book, 1))
    second = _adjust(accountant, book, date(2026, 1, 30))
    with pytest.raises(PeriodClosed) as refused:
        services.approve_draft(acting_staff=finance_manager, draft=second)
    assert refused.value.places["post_date"] == date(2026, 2, 1)
    assert not list(book_differences(book))


def test_verify_sees_a_closed_month_with_another_hash(
    book: Book, february: Period, finance_manager: StaffUser, director: StaffUser
) -> None:
    soft_close(finance_manager, month(book, 1), february)
    for period in (month(book, 1), february):
        services.close_period(acting_staff=director, period=period)
    assert not list(closed_periods_match())
    Period.objects.filter(pk=february.pk).update(balance_hash="0" * 64)
    assert [found.key for found in closed_periods_match(book)] == ["MED 2026-02"]


def test_closed_months_keep_their_hash_when_later_facts_arrive(
    book: Book, february: Period, post: Post, finance_manager: StaffUser, director: StaffUser
) -> None:
    soft_close(finance_manager, month(book, 1))
    services.close_period(acting_staff=director, period=month(book, 1))
    post(30_00, "BANK", "LOANS", on=date(2026, 1, 10), fact=new_id())
    assert Entry.objects.filter(entry_date=date(2026, 2, 1)).exists()
    assert not list(book_differences(book))
