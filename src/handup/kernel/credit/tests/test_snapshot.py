"""A loan's standing goes through JSON and comes back the same, whatever has happened to it."""

import json
from datetime import date, timedelta
from typing import Any

import pytest

from handup.kernel.credit.allocation import Charge
from handup.kernel.credit.changes import (
    Moratorium,
    Restructuring,
    Scope,
    apply_moratorium,
    apply_reschedule,
    apply_restructure,
)
from handup.kernel.credit.codes import (
    Component,
    EarlyEffect,
    FeeWhen,
    Method,
    PenaltyKind,
    RatePer,
    Recalculation,
)
from handup.kernel.credit.early import pay_early, payoff_on
from handup.kernel.credit.rescheduling import Request
from handup.kernel.credit.snapshot import standing_data, standing_of
from handup.kernel.credit.standing import Standing
from handup.kernel.credit.terms import FINERACT_ADVANCED, Fee, Penalty, Terms
from handup.kernel.credit.tests.loans import DUE, LENT, START, opened, pay, signed, terms

MARCH = date(2025, 3, 1)
LATE = Penalty(PenaltyKind.PER_DAY, ppm=700)
KINDS = {
    "schedule": terms(),
    "penalty": terms(penalty=LATE),
    "fees": terms(
        fees=(
            Fee("BOOK", when=FeeWhen.INSTALMENT, units=70),
            Fee("CALL", when=FeeWhen.OVERDUE, units=90),
        )
    ),
    "balance": terms(recalculation=Recalculation.BALANCE, tranches_max=3, penalty=LATE),
    "daily": terms(
        rate_ppm=658, rate_per=RatePer.DAY, recalculation=Recalculation.DAILY_RATE, penalty=LATE
    ),
    "tranches": terms(tranches_max=3, allocation=FINERACT_ADVANCED),
    "flat": terms(method=Method.FLAT),
}


def through_json(loan: Standing) -> Standing:
    return standing_of(Standing, json.loads(json.dumps(standing_data(loan))))


def seen(loan: Standing, day: date) -> list[Any]:
    """Everything a day shows of a loan."""
    shown = loan.seen_on(day)
    return [
        payoff_on(loan, day),
        (loan.disbursed, loan.capitalised, loan.overpaid, loan.refunded, loan.money_in),
        (loan.waived, loan.written_off, loan.written_off_parts, loan.recovered),
        [
            (row.number, row.due_date, row.due, row.open, row.early, row.late, row.settled_date)
            for row in shown.ledger.rows
        ],
        [(item.row.number, item.row.due, item.to_date) for item in loan.past],
    ]


def same(loan: Standing) -> None:
    """Both stand alike, and go on alike."""
    kept = through_json(loan)
    for day in (MARCH, DUE[3], DUE[5] + timedelta(days=50)):
        assert seen(kept, day) == seen(loan, day)
    for each in (loan, kept):
        if not each.stopped:
            pay(each, DUE[3], 150_000)
            each.charge(Charge(Component.FEE, DUE[4], 40, DUE[3]))
            pay(each, DUE[4], 10_000)
    assert seen(kept, DUE[5]) == seen(loan, DUE[5])
    assert standing_data(kept) == standing_data(loan)


def _nothing(_loan: Standing) -> None:
    return


def _late_money(loan: Standing) -> None:
    loan.charge(Charge(Component.PENALTY, DUE[0], 120, MARCH))
    pay(loan, DUE[0] + timedelta(days=9), 80_000)
    loan.waive(Component.INTEREST, MARCH, 500)


def _early(loan: Standing) -> None:
    pay_early(loan, "x", MARCH, 150_000, EarlyEffect.SKIP_NEXT)


def _rescheduled(loan: Standing) -> None:
    pay(loan, DUE[0], 50_000)
    apply_reschedule(loan, MARCH, Request(DUE[1], None, 1, 2, 120_000))


def _paused(loan: Standing) -> None:
    until = DUE[2] + timedelta(days=4)
    apply_moratorium(loan, MARCH, Moratorium(until, Scope.ALL, interest_runs=False))


def _restructured(loan: Standing) -> None:
    apply_restructure(loan, MARCH, Restructuring(terms(instalments=5)))


def _refunded(loan: Standing) -> None:
    pay(loan, MARCH, 2 * LENT)
    loan.refund(MARCH, 3 * LENT)


def _written_off(loan: Standing) -> None:
    loan.write_off(MARCH)
    loan.recover(900)


STORIES = [
    _nothing,
    _late_money,
    _early,
    _rescheduled,
    _paused,
    _restructured,
    _refunded,
    _written_off,
]


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__.strip("_"))
def test_a_kept_loan_goes_on_as_if_it_had_never_been_put_away(kind: str, story: Any) -> None:
    loan = opened(KINDS[kind])
    story(loan)
    same(loan)


@pytest.mark.parametrize("kind", ["balance", "tranches"])
def test_tranches_are_kept_with_the_pieces_of_their_period(kind: str) -> None:
    loan = opened(KINDS[kind])
    loan.disburse(MARCH, 90_000)
    kept = through_json(loan)
    for each in (loan, kept):
        each.disburse(MARCH + timedelta(days=5), 30_000)
    assert seen(kept, DUE[2]) == seen(loan, DUE[2])


def test_an_order_of_payment_of_its_own_is_kept() -> None:
    made = Standing(FINERACT_ADVANCED, terms())
    made.open(START, signed(terms()), LENT)
    kept = through_json(made)
    assert kept.allocation == FINERACT_ADVANCED
    assert pay(kept, DUE[0], 95_000) == pay(made, DUE[0], 95_000)


def test_a_kept_loan_is_small() -> None:
    made: Terms = KINDS["schedule"]
    assert len(json.dumps(standing_data(opened(made)))) < 1_500
