"""The borrower withdraws within the days of her right: what she gives back, what is let go, how the
loan and the books end, and who is told that it is too late.
"""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.credit.codes import Component
from handup.kernel.credit.terms import BadTerms
from handup.kernel.ids import new_id
from handup.ledger import services as books
from handup.ledger.queries import balance
from handup.lending import queries, services
from handup.lending.errors import (
    AmountNotPositive,
    BackDated,
    BeforeDisbursement,
    CurrencyMismatch,
    NotRunning,
)
from handup.lending.models import EventEffect, Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState, Source
from handup.lending.rules.terms import read_terms
from handup.lending.services.payoff import payoff_of
from handup.lending.services.security import release_security
from handup.lending.services.withdrawal import (
    InterestPaidAhead,
    LessThanWithdrawal,
    MoreThanWithdrawal,
    NoWithdrawal,
    WithdrawalOver,
    may_withdraw_until,
    withdrawal_of,
)
from handup.lending.tests.cast import START, World, clean, make_product, repay, running, signed
from handup.lending.tests.changing import held, nothing_happened
from handup.lending.tests.test_api import post
from handup.lending.tests.test_back_dating import WHY, confirm, propose, strict
from handup.lending.tests.test_fee_table import DESK, with_fees
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_security import pledge
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.permissions import NotAllowed, OutOfSight

TENTH = START + timedelta(days=10)
"""Ten of the thirty-one days of the first period: 24.00 of interest come to 7.74."""
WHOLE = 1_207_74
TODAY = timezone.localdate()


def withdraw(world: World, loan: Loan, day: date = TENTH, units: int = WHOLE, **more: Any) -> Any:
    told = {"acting_staff": world.cast.manager, "loan": loan, **more}
    made = services.withdraw_loan(value_date=day, units=units, **told)
    loan.refresh_from_db()
    return made


def lately(world: World, days: int = 5, **changes: Any) -> Loan:
    """A loan paid out some days ago."""
    loan = signed(world, **changes)
    day = TODAY - timedelta(days=days)
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=day)
    loan.refresh_from_db()
    return loan


def test_she_gives_back_the_principal_and_the_interest_of_the_days(
    world: World, loan: Loan
) -> None:
    assert tuple(withdrawal_of(loan, TENTH)) == (1_200_00, 7_74, 0, 0)
    event = withdraw(world, loan)
    assert (event.kind, event.payload["payoff"]) == (EventKind.WITHDRAWN, [1_200_00, 7_74, 0, 0])
    assert (loan.state, loan.settled_date) == (LoanState.CANCELLED, TENTH)
    assert (loan.principal_units, loan.interest_paid_units, loan.next_due_date) == (0, 7_74, None)
    assert held(world, "LOANS", loan) == 0
    assert balance(world.book, "CASH") == WHOLE
    books.post_accrual(
        acting_staff=world.cast.accountant, book=world.book, through=date(2025, 2, 28)
    )
    assert balance(world.book, "INTEREST_INCOME") == -7_74
    before = TENTH - timedelta(days=1)
    assert {row.principal_units for row in queries.positions(before)} == {1_200_00}
    assert queries.positions(TENTH) == []
    clean()


def test_on_the_day_of_the_pay_out_it_costs_nothing(world: World, loan: Loan) -> None:
    withdraw(world, loan, START, 1_200_00)
    assert (loan.state, loan.interest_paid_units) == (LoanState.CANCELLED, 0)
    clean()


@pytest.mark.parametrize(
    ("terms", "interest"),
    [
        ({"payoff_interest": "TO_PERIOD_END", "early_fee_ppm": 10_000}, 7_74),
        # 288.00 over 365 days, ten of them
        ({"method": "FLAT", "flat_rebate": "NONE"}, 7_89),
        ({"recalculation": "NONE", "day_count": "DAYS_365"}, 7_89),
    ],
)
def test_the_right_is_the_same_whatever_paying_off_early_costs(
    world: World, terms: dict[str, Any], interest: int
) -> None:
    loan = running(
        world, product_version=make_product(world.cast, world.direct, "OTHER", terms=terms)
    )
    assert tuple(withdrawal_of(loan, TENTH)) == (1_200_00, interest, 0, 0)
    withdraw(world, loan, units=1_200_00 + interest)
    assert (loan.state, loan.fee_paid_units) == (LoanState.CANCELLED, 0)
    assert balance(world.book, "FEE_INCOME") == 0
    clean()


def test_fees_that_are_not_paid_are_let_go(world: World) -> None:
    loan = with_fees(world, DESK)
    services.charge_loan(
        acting_staff=world.cast.accountant,
        loan=loan,
        component=Component.FEE,
        units=5_00,
        value_date=START + timedelta(days=2),
        due_date=START + timedelta(days=2),
        reason="Visit",
    )
    assert tuple(withdrawal_of(loan, TENTH)) == (1_200_00, 7_74, 0, 0)
    event = withdraw(world, loan)
    assert (loan.state, loan.fee_paid_units) == (LoanState.CANCELLED, 0)
    (effect,) = EventEffect.objects.filter(event=event, replaced_at=None)
    assert (effect.what, effect.component, effect.units) == ("WAIVED", "FEE", 6_20)
    books.post_fees(acting_staff=world.cast.accountant, book=world.book, through=date(2025, 3, 31))
    assert (balance(world.book, "FEES_DUE"), balance(world.book, "FEE_INCOME")) == (0, 0)
    clean()


def test_money_that_paid_interest_to_come_is_taken_back_first(world: World, loan: Loan) -> None:
    """200.00 after five days paid 46.21 of interest of two periods; 7.74 are earned."""
    early = repay(world, loan, START + timedelta(days=5), 200_00)
    nothing_happened(loan, lambda: withdraw(world, loan, units=1_046_21), InterestPaidAhead)
    with pytest.raises(InterestPaidAhead, match=r"38\.47"):
        withdrawal_of(loan, TENTH)
    services.reverse_repayment(
        acting_staff=world.cast.accountant, event=early, reason="Withdraws", value_date=TENTH
    )
    withdraw(world, loan)
    assert (loan.state, loan.interest_paid_units) == (LoanState.CANCELLED, 7_74)
    clean()


def test_what_was_paid_when_it_was_due_counts(world: World) -> None:
    weeks = {"unit": "WEEK", "day_count": "WEEKS_52"}
    product = make_product(world.cast, world.direct, "WEEKS", terms=weeks)
    loan = running(world, product_version=product)
    first = loan.dues.get(number=1)
    repay(world, loan, first.due_date, first.due_units)
    parts = withdrawal_of(loan, TENTH)
    assert parts.principal == 1_200_00 - first.principal_units
    assert 0 < parts.interest < first.interest_units
    withdraw(world, loan, units=parts.total)
    assert loan.state == LoanState.CANCELLED
    clean()


def test_penalties_of_a_row_already_late_are_let_go(world: World) -> None:
    """A week's instalment is late since four days, at 0.5 % a day."""
    penalty = {"kind": "PER_DAY", "base": "OVERDUE_ALL", "ppm": 5_000, "free_days": 0}
    weeks = {"unit": "WEEK", "day_count": "WEEKS_52", "penalty": penalty}
    product = make_product(world.cast, world.direct, "WEEKS", terms=weeks)
    loan = running(world, product_version=product)
    day = START + timedelta(days=11)
    parts = withdrawal_of(loan, day)
    assert parts.penalty == 0 < payoff_of(loan, day).penalty
    event = withdraw(world, loan, day, parts.total)
    assert (loan.state, loan.penalty_paid_units) == (LoanState.CANCELLED, 0)
    effects = EventEffect.objects.filter(event=event, replaced_at=None)
    assert list(effects.values_list("what", "component")) == [("WAIVED", "PENALTY")]
    clean()


def test_after_the_days_it_is_too_late_and_nothing_happens(world: World, loan: Loan) -> None:
    last = START + timedelta(days=14)
    assert may_withdraw_until(loan) == last
    assert withdrawal_of(loan, last).principal == 1_200_00

    def late() -> Any:
        return withdraw(world, loan, last + timedelta(days=1), 1_300_00)

    nothing_happened(loan, late, WithdrawalOver)
    with pytest.raises(WithdrawalOver, match="until 2025-01-29"):
        late()


def test_the_days_are_the_products_own(world: World) -> None:
    none = make_product(world.cast, world.direct, "NONE", terms={"withdrawal_days": 0})
    loan = running(world, product_version=none)
    assert may_withdraw_until(loan) is None
    nothing_happened(loan, lambda: withdraw(world, loan), NoWithdrawal)
    month = make_product(world.cast, world.direct, "MONTH", terms={"withdrawal_days": 30})
    other = running(world, product_version=month)
    assert may_withdraw_until(other) == START + timedelta(days=30)
    assert withdrawal_of(other, START + timedelta(days=30)).interest == 23_23
    with pytest.raises(BadTerms):
        read_terms({**other.terms, "withdrawal_days": 366})


def test_another_amount_another_person_and_a_second_time_are_refused(
    world: World, loan: Loan
) -> None:
    cast = world.cast

    def refused(*why: type[Exception], **told: Any) -> None:
        nothing_happened(loan, lambda: withdraw(world, loan, **told), *why)

    refused(LessThanWithdrawal, units=WHOLE - 1)
    refused(MoreThanWithdrawal, units=WHOLE + 1)
    refused(AmountNotPositive, units=0)
    refused(CurrencyMismatch, currency="EUR")
    refused(BeforeDisbursement, day=START - timedelta(days=1))
    refused(NotAllowed, acting_staff=cast.committee)
    refused(OutOfSight, NotAllowed, acting_staff=cast.outsider)
    key = new_id()
    event = withdraw(world, loan, id=key)
    assert withdraw(world, loan, id=key) == event
    refused(SameIdOtherContent, id=key, units=WHOLE - 1)
    refused(NotRunning)
    assert LoanEvent.objects.filter(kind=EventKind.WITHDRAWN).count() == 1


def test_a_loan_not_paid_out_is_cancelled_instead(world: World) -> None:
    loan = signed(world)
    assert may_withdraw_until(loan) is None
    nothing_happened(loan, lambda: withdraw(world, loan), NotRunning)


def test_taken_back_the_loan_runs_again(world: World, loan: Loan) -> None:
    event = withdraw(world, loan)
    services.reverse_repayment(
        acting_staff=world.cast.accountant, event=event, reason="Other loan", value_date=TENTH
    )
    loan.refresh_from_db()
    assert (loan.state, loan.principal_units) == (LoanState.ACTIVE, 1_200_00)
    assert held(world, "LOANS", loan) == 1_200_00
    assert balance(world.book, "CASH") == 0
    clean()


def test_a_withdrawal_of_an_early_day_takes_two_persons(world: World, loan: Loan) -> None:
    strict()
    cast = world.cast
    for who in (cast.cashier, cast.accountant, cast.manager):
        nothing_happened(loan, partial(withdraw, world, loan, acting_staff=who), BackDated)
    made = propose(world, loan, kind=EventKind.WITHDRAWN, value_date=TENTH, told={"units": WHOLE})
    nothing_happened(loan, lambda: confirm(world, made, acting_staff=cast.accountant), SamePerson)
    event = confirm(world, made)
    assert event is not None
    assert (event.kind, event.value_date, event.source) == (
        EventKind.WITHDRAWN,
        TENTH,
        Source.BACK_DATED,
    )
    loan.refresh_from_db()
    assert (loan.state, loan.settled_date) == (LoanState.CANCELLED, TENTH)
    clean()


def test_what_stood_behind_it_is_free(world: World) -> None:
    loan = signed(world)
    assert loan.agreement is not None
    pledged = pledge(world, loan.agreement.application)
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    withdraw(world, loan)
    release_security(acting_staff=world.cast.officer, item=pledged, released_date=TENTH)
    pledged.refresh_from_db()
    assert pledged.released_date == TENTH


# --- doors ----------------------------------------------------------------------------------------


def test_the_page_offers_it_while_it_lasts_and_records_it(client: Client, world: World) -> None:
    loan, late = lately(world), lately(world, 15)
    address = reverse("lending:withdraw_loan", args=[loan.pk])
    page = at(client, world.cast.manager, "loan_detail", loan.pk).content.decode()
    assert address in page
    assert "The borrower may withdraw until" in page
    page = at(client, world.cast.manager, "loan_detail", late.pk).content.decode()
    assert reverse("lending:withdraw_loan", args=[late.pk]) not in page
    assert "The borrower may withdraw until" not in page
    page = at(client, world.cast.manager, "withdraw_loan", late.pk).content.decode()
    assert "could be withdrawn from until" in page
    form = at(client, world.cast.manager, "withdraw_loan", loan.pk).content.decode()
    parts = withdrawal_of(loan, TODAY)
    typed = f"{parts.total // 100}.{parts.total % 100:02}"
    assert f'value="{typed}"' in form
    day = TODAY.isoformat()
    told = {"value_date": day, "units": typed, "method": "CASH"}
    answer = do(client, world.cast.manager, "withdraw_loan", loan.pk, **told)
    event = LoanEvent.objects.get(kind=EventKind.WITHDRAWN)
    assert answer["Location"] == reverse("lending:event_detail", args=[event.pk])
    loan.refresh_from_db()
    assert loan.state == LoanState.CANCELLED
    assert at(client, world.cast.manager, "receipt_paper", event.pk).status_code == 200


def test_the_page_of_an_early_day_waits_for_another_person(
    client: Client, world: World, loan: Loan
) -> None:
    strict()
    told = {"value_date": TENTH.isoformat(), "units": "1207.74", "method": "CASH"}
    cast = world.cast
    refused = do(client, cast.accountant, "withdraw_loan", loan.pk, **told)
    assert "more than 7 days ago" in refused.context["form"].errors["value_date"][0]
    done = do(client, cast.accountant, "withdraw_loan", loan.pk, **told, late_reason=WHY)
    assert done["Location"] == reverse("lending:loan_detail", args=[loan.pk])
    made = LoanProposal.objects.get(kind=EventKind.WITHDRAWN)
    queue = at(client, cast.manager, "proposals_to_decide").content.decode()
    assert "1,207.74" in queue
    do(client, cast.manager, "proposal_decide", made.pk, approve="yes", reason="")
    loan.refresh_from_db()
    assert loan.state == LoanState.CANCELLED


@pytest.mark.parametrize("days", [0, 1, 20])
def test_the_agreement_says_how_long(client: Client, world: World, days: int) -> None:
    product = make_product(world.cast, world.direct, "DAYS", terms={"withdrawal_days": days})
    loan = signed(world, product_version=product)
    paper = at(client, world.cast.officer, "agreement_paper", loan.pk).content.decode()
    assert ("The borrower may withdraw from the loan until" in paper) is bool(days)
    assert (f"until {days} day" in paper) is bool(days)


def test_it_comes_through_the_api(client: Client, world: World) -> None:
    loan = lately(world)
    parts = withdrawal_of(loan, TODAY)
    day = TODAY.isoformat()

    def send(units: int, **more: Any) -> Any:
        path = f"/loans/{loan.pk}/withdrawal"
        return post(client, world.cast.manager, path, units=units, value_date=day, **more)

    assert send(parts.total - 1).status_code == 422
    for name, said in (
        ("payer", "GUARANTOR"),
        ("advance_to", "PREPAYMENT"),
        ("recorded_at", "2026-01-01T10:00:00Z"),
    ):
        refused = send(parts.total, **{name: said})
        assert (refused.status_code, name in refused.content.decode()) == (422, True)
    assert send(parts.total, currency="EUR").json()["code"] == "CURRENCY_MISMATCH"
    assert not LoanEvent.objects.filter(kind=EventKind.WITHDRAWN).exists()
    answer = send(parts.total)
    assert answer.status_code == 201, answer.content
    loan.refresh_from_db()
    assert loan.state == LoanState.CANCELLED
