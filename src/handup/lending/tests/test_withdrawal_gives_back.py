"""What a borrower who withdraws gets back: the fees her terms call refundable, from what she hands
over and in the books; and the plan behind her loan is free again.
"""

from functools import partial
from typing import Any

import pytest
from django.test import Client

from handup.kernel.ids import new_id
from handup.lending.models import EventEffect, Loan, LoanEvent
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.given_back import NOTHING_BACK, given_back
from handup.lending.rules.terms import read_terms
from handup.lending.services.reversals import reverse_repayment
from handup.lending.services.withdrawal import (
    LessThanWithdrawal,
    MoreThanWithdrawal,
    fees_back,
    withdrawal_of,
)
from handup.lending.tests.cast import START, TERMS, World, clean, repay, running
from handup.lending.tests.changing import nothing_happened
from handup.lending.tests.plans import ready_plan
from handup.lending.tests.test_fee_table import COVER, DESK, FILE, STAMP, held, with_fees
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_withdrawal import TENTH, WHOLE, withdraw
from handup.org.devices import SameIdOtherContent
from handup.plans.rules.states import PlanState

BACK = {"refundable": True}


def test_refundable_fees_are_taken_off_and_go_back_out_of_the_books(world: World) -> None:
    """1,230.00 owed with 30.00 added; 12.00 kept back for the insurer; 6.00 paid on the day."""
    loan = with_fees(world, {**STAMP, **BACK}, {**COVER, **BACK}, {**FILE, **BACK})
    repay(world, loan, START, 6_00)
    loan.refresh_from_db()
    assert tuple(fees_back(loan, TENTH)) == (36_00, 12_00)
    whole = withdrawal_of(loan, TENTH).total
    asked, pk = whole - 48_00, new_id()
    for units, why in ((whole, MoreThanWithdrawal), (asked - 1, LessThanWithdrawal)):
        nothing_happened(loan, partial(withdraw, world, loan, units=units), why)
    cash = held(world, "CASH")
    event = withdraw(world, loan, units=asked, id=pk)
    assert (event.units, event.received_units, event.payload["given_back"]) == (
        *(whole, asked),
        [36_00, 12_00],
    )
    assert held(world, "CASH") == cash + asked
    assert (held(world, "LOANS"), held(world, "INSURANCE_PAYABLE")) == (0, 0)
    effects = EventEffect.objects.filter(event=event, replaced_at=None)
    assert dict(effects.values_list("what", "units")) == {"FEE_BACK": 36_00, "PREMIUM_BACK": 12_00}
    assert loan.state == LoanState.CANCELLED
    assert withdraw(world, loan, units=asked, id=pk) == event
    with pytest.raises(SameIdOtherContent):
        withdraw(world, loan, units=whole, id=pk)
    clean()
    reverse_repayment(
        acting_staff=world.cast.accountant, event=event, reason="Wrong loan", value_date=TENTH
    )
    assert (held(world, "CASH"), held(world, "INSURANCE_PAYABLE")) == (cash, -12_00)
    clean()


def test_fees_that_are_not_refundable_or_not_paid_stay(world: World) -> None:
    loan = with_fees(world, STAMP, COVER, {**DESK, **BACK})
    assert fees_back(loan, TENTH) == NOTHING_BACK
    repay(world, loan, START, 6_70)
    loan.refresh_from_db()
    assert tuple(fees_back(loan, TENTH)) == (70, 0)


def test_a_row_gives_back_no_more_than_was_paid_of_it() -> None:
    terms = read_terms({**TERMS, "fees": [{**DESK, **BACK}]})
    assert given_back(terms, {}, 1_200_00, START, ()) == NOTHING_BACK
    without = read_terms(TERMS)
    taken = {"withheld": [{"code": "Desk", "units": 5}]}
    assert given_back(without, taken, 1_200_00, START, ()) == NOTHING_BACK


def test_the_plan_behind_a_withdrawn_loan_is_ready_again_and_financed_when_that_was_wrong(
    world: World,
) -> None:
    plan = ready_plan(world)
    loan = running(world)
    plan.refresh_from_db()
    assert plan.state == PlanState.FINANCED
    event = withdraw(world, loan, units=WHOLE)
    plan.refresh_from_db()
    assert (plan.state, plan.decided_date) == (PlanState.READY, None)
    clean()
    reverse_repayment(
        acting_staff=world.cast.accountant, event=event, reason="Wrong loan", value_date=TENTH
    )
    plan.refresh_from_db()
    assert plan.state == PlanState.FINANCED
    clean()


def test_the_page_and_the_papers_say_what_comes_back(client: Client, world: World) -> None:
    loan = with_fees(world, {**COVER, **BACK})
    paper = at(client, world.cast.officer, "agreement_paper", loan.pk).content.decode()
    assert "these are given back then: Cover" in paper
    form = at(client, world.cast.manager, "withdraw_loan", loan.pk, day=TENTH.isoformat())
    shown = form.content.decode()
    assert "12.00" in shown
    assert "1,195.74" in shown
    told: dict[str, Any] = {
        "value_date": TENTH.isoformat(),
        "units": "1195.74",
        "method": "CASH",
    }
    assert do(client, world.cast.manager, "withdraw_loan", loan.pk, **told).status_code == 302
    event = LoanEvent.objects.get(kind=EventKind.WITHDRAWN)
    receipt = at(client, world.cast.manager, "receipt_paper", event.pk).content.decode()
    assert "1,195.74" in receipt
    assert Loan.objects.get(pk=loan.pk).state == LoanState.CANCELLED
