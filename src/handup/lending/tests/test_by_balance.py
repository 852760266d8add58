"""Loans whose interest follows what is really owed, or runs by the day: rows, figures, books and
proofs say of every day what their events say.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.credit.early import payoff_on
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger import services as books
from handup.ledger.queries import balance
from handup.lending import figures, queries, services
from handup.lending.columns.copying import make_copy
from handup.lending.following import not_told_by_rows, runs, stood
from handup.lending.models import Loan
from handup.lending.rules.accrual import earned
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.events import Event
from handup.lending.rules.loan import INTEREST, PRINCIPAL, fold
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import World, clean, make_product, repay, running
from handup.lending.tests.loans import KINDS, START, event, repaid
from handup.lending.tests.test_accrual_changed import MORE, same
from handup.lending.tests.test_changed_rows import CHANGES, agrees, paid_out, store, stored_loan
from handup.lending.tests.test_columns import by_both, groups

FOLLOWING = tuple(name for name in KINDS if name.split()[0] in ("balance", "daily"))
PAID: dict[str, list[Event]] = {
    "never": [],
    "early": [repaid(date(2025, 2, 3), 90_000), repaid(date(2025, 3, 2), 200_000)],
    "late": [repaid(date(2025, 3, 29), 60_000), repaid(date(2025, 5, 2), 150_000)],
    "ahead, then never": [repaid(date(2025, 2, 20), 300_000)],
    "on the day, then late": [
        repaid(date(2025, 2, 15), 110_000),
        repaid(date(2025, 6, 30), 50_000),
    ],
    "off": [
        repaid(date(2025, 2, 1), 40_000),
        event(EventKind.PAID_OFF, date(2025, 4, 20), 900_000),
    ],
    "written off": [event(EventKind.WRITTEN_OFF, date(2025, 12, 1), 600_000)],
}
DUE_DAYS = [date(2025, month, 15) for month in range(2, 9)]


def paid(of: str, how: str) -> list[Event]:
    return [paid_out(KINDS[of]), *(replace(item, id=new_id()) for item in PAID[how])]


def many_days(found: Sequence[Event]) -> list[date]:
    """Days of a year, and those around each event and due date."""
    days = {START + timedelta(days=step) for step in range(0, 400, 25)}
    for item in found:
        days |= {item.value_date + timedelta(days=step) for step in (-1, 0, 1)}
    for month in range(2, 9):
        days |= {date(2025, month, day) for day in (15, 16)}
    return sorted(day for day in days if day >= START)


@pytest.mark.parametrize("how", PAID)
@pytest.mark.parametrize(
    "of", ["balance REDUCE_NUMBER", "balance months", "balance bullet", "daily penalty"]
)
def test_where_nothing_but_payments_happened_the_rows_tell_every_day(
    world: World, of: str, how: str
) -> None:
    loan = stored_loan(world, KINDS[of], world.direct)
    found = paid(of, how)
    store(world, loan, found)
    assert loan.follows_balance
    if how != "off":
        assert not loan.changed
        assert not not_told_by_rows(None).exists()
    agrees(loan, [*found, *(repaid(day, 1) for day in DUE_DAYS)])
    same(world, [loan], many_days(found))


@pytest.mark.parametrize("of", ["balance REDUCE_NUMBER", "balance bullet", "daily penalty"])
def test_runs_of_days_tell_each_day_as_the_fold_does(world: World, of: str) -> None:
    for change in {**CHANGES, **MORE}.values():
        found = [paid_out(KINDS[of]), *(replace(item, id=new_id()) for item in change)]
        try:
            fold(found, terms=KINDS[of])
        except Refusal:
            continue  # such terms know no such change
        store(world, stored_loan(world, KINDS[of], world.direct), found)
    told_of = set(not_told_by_rows(None).values_list("pk", flat=True))
    Loan.objects.filter(pk=min(told_of)).update(moved_date=date(2025, 7, 1))
    Loan.objects.filter(pk=max(told_of)).update(opening_date=date(2025, 3, 1))
    until = START + timedelta(days=420)
    held = list(runs(until))
    assert {run.loan_id for run in held} == told_of
    assert len(held) < len(told_of) * 60, "days are told together"
    for step in range(0, 421, 3):
        day = START + timedelta(days=step)
        told = sorted(
            (run.loan_id, run.principal, late)
            for run in held
            if run.first <= day <= run.last
            and (late := run.arrears_days + run.growing * (day - run.first).days) + run.principal
        )
        by_fold = [(item.loan_id, item.principal, item.arrears_days) for item in stood(day, None)]
        assert told == sorted(by_fold), day


@pytest.mark.parametrize("of", FOLLOWING)
def test_what_is_earned_grows_day_by_day_to_all_that_is_paid(of: str) -> None:
    for how in PAID:
        found, agreed = paid(of, how), KINDS[of]
        before = 0
        for day in many_days(found):
            state = fold(found, day, terms=agreed)
            if state.state is LoanState.WRITTEN_OFF:
                break
            units = earned(state, day, suspend_after_days=10_000).target_units
            assert units >= before, (how, day)
            before = units
    state = fold(paid(of, "off"), terms=KINDS[of])
    assert state.state is LoanState.SETTLED
    assert earned(state, date(2026, 1, 1)).target_units == state.paid(INTEREST) > 0


def test_a_daily_rate_earns_the_days_and_the_late_days() -> None:
    """600.00 at 658 ppm a day: 31 days to the first due date, then late interest beside."""
    of = KINDS["daily"]
    found = [paid_out(of)]
    first = fold(found, terms=of).rows[0]
    on = date(2025, 2, 14)
    state = fold(found, on, terms=of)
    assert earned(state, on).target_units == round(600_000 * 658 * 30 / 1_000_000)
    due = fold(found, first.due_date, terms=of)
    assert earned(due, first.due_date).target_units == first.due[INTEREST] == 12_239
    ten = first.due_date + timedelta(days=10)
    late = fold(found, ten, terms=of)
    of_rest = round((600_000 - first.due[PRINCIPAL]) * 658 * 10 / 1_000_000)
    of_late = round(first.due[PRINCIPAL] * 658 * 10 / 1_000_000)
    assert earned(late, ten).target_units == 12_239 + of_rest + of_late


def test_overdue_principal_goes_on_earning_where_interest_follows_the_balance() -> None:
    of = KINDS["balance REDUCE_NUMBER"]
    unpaid = [paid_out(of)]
    kept = [*unpaid, repaid(date(2025, 2, 15), fold(unpaid, terms=of).rows[0].unpaid)]
    on = date(2025, 3, 15)
    both = [earned(fold(found, on, terms=of), on).target_units for found in (unpaid, kept)]
    assert both[0] > both[1]
    first = fold(unpaid, terms=of).rows[0]
    more = round(first.due[PRINCIPAL] * 24 * 28 / 36_500)
    assert both[0] - both[1] == pytest.approx(more, abs=1)


def test_the_copy_in_columns_leaves_such_loans_to_the_database(
    world: World, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR, settings.COLUMNS = tmp_path, True
    for of in ("schedule", "balance bullet", "daily"):
        store(world, stored_loan(world, KINDS[of], world.direct), paid(of, "late"))
    make_copy()
    only = Loan.objects.filter(follows_balance=True)
    for day in (date(2025, 2, 20), date(2025, 4, 1), date(2025, 8, 1)):
        assert day < timezone.localdate()
        asked, copied = by_both(settings, day)
        assert sum(group.loans for group in copied.groups) == 3
        assert figures.Cube(day, tuple(groups(asked))).standing() == copied.standing()
        assert copied.copied_at is not None
        assert figures.cube(day, only).standing().loans == 2


KINDS_SOLD: dict[str, dict[str, Any]] = {
    "balance, fewer": {"recalculation": "BALANCE", "day_count": "DAYS_365"},
    "balance, smaller": {"recalculation": "BALANCE", "early_effect": "REDUCE_INSTALMENT"},
    "balance, skipped": {
        "recalculation": "BALANCE",
        "early_effect": "SKIP_NEXT",
        "repayment": "EQUAL_PRINCIPAL",
        "penalty": {"kind": "PER_DAY", "ppm": 500},
    },
    "daily": {"recalculation": "DAILY_RATE", "rate_per": "DAY", "rate_ppm": 658}
    | {"day_count": "DAYS_365"},
    "daily, a year's rate": {"recalculation": "DAILY_RATE", "day_count": "DAYS_365"},
}


@pytest.mark.parametrize("kind", KINDS_SOLD)
def test_each_kind_goes_from_the_product_to_the_books_and_is_proved(
    world: World, kind: str
) -> None:
    """Sold, paid out, paid early, on the day, late, a payment taken back, accrued, paid off."""
    product = make_product(world.cast, world.direct, "REAL", terms=KINDS_SOLD[kind])
    loan = running(world, product_version=product)
    first, second, third = (row.due_date for row in loan.dues.order_by("number")[:3])
    repay(world, loan, first - timedelta(days=10), 60_00)
    repay(world, loan, first, 113_00)
    books.post_accrual(acting_staff=world.cast.accountant, book=world.book, through=second)
    earned_by_then = balance(world.book, "INTEREST_INCOME")
    assert earned_by_then < 0
    clean()
    wrong = repay(world, loan, third + timedelta(days=9), 150_00)
    services.reverse_repayment(
        acting_staff=world.cast.accountant,
        event=wrong,
        value_date=third + timedelta(days=10),
        reason="Of another",
    )
    loan.refresh_from_db()
    assert loan.next_due_date == second
    late = queries.loans_in_arrears(third + timedelta(days=9))
    assert [item.position.arrears_days for item in late] == [(third - second).days + 9]
    repay(world, loan, third + timedelta(days=12), 250_00)
    books.post_accrual(
        acting_staff=world.cast.accountant, book=world.book, through=third + timedelta(days=20)
    )
    clean()
    loan.refresh_from_db()
    on = third + timedelta(days=40)
    services.pay_off_loan(
        acting_staff=world.cast.accountant,
        loan=loan,
        value_date=on,
        units=payoff_on(state_as_of(loan, on), on).total,
    )
    books.post_accrual(
        acting_staff=world.cast.accountant, book=world.book, through=on + timedelta(days=30)
    )
    loan.refresh_from_db()
    assert (loan.state, loan.principal_units) == (LoanState.SETTLED, 0)
    assert balance(world.book, "INTEREST_DUE") == 0
    assert -balance(world.book, "INTEREST_INCOME") == loan.interest_paid_units > 0
    clean()


def test_the_form_offers_interest_by_the_balance_and_the_page_of_the_loan_tells_it(
    world: World,
) -> None:
    client = Client()
    client.force_login(world.cast.manager)
    page = client.get(reverse("lending:product_new")).content.decode()
    for code in ("BALANCE", "DAILY_RATE"):
        assert f'value="{code}"' in page
    product = make_product(world.cast, world.direct, "REAL", terms=KINDS_SOLD["daily"])
    loan = running(world, product_version=product)
    shown = client.get(reverse("lending:loan_detail", args=[loan.pk]))
    assert shown.status_code == 200
    assert client.get(reverse("lending:arrears")).status_code == 200
