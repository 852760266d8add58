"""Paid off and paid early: each told with its figures, in the loan and in the books."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from handup.kernel.credit.codes import EarlyEffect
from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.lending import queries, services
from handup.lending.errors import (
    AmountNotPositive,
    CurrencyMismatch,
    FutureDate,
    LessThanPayoff,
    NotRunning,
    PastDueFirst,
    QuoteExpired,
    QuoteOfAnother,
    QuoteUntilPast,
    WouldPayOff,
)
from handup.lending.models import EventEffect, Loan, LoanEvent, PayoffQuote
from handup.lending.rules.codes import LoanState
from handup.lending.services import EarlyIn, PayoffIn
from handup.lending.services.payoff import payoff_of
from handup.lending.tests.cast import World, clean, make_product, repay, running
from handup.lending.tests.changing import FEBRUARY, INSTALMENT, MARCH, held, nothing_happened, rows
from handup.org.devices import SameIdOtherContent
from handup.org.permissions import NotAllowed, OutOfSight

# --- paying off -----------------------------------------------------------------------------------


def test_a_loan_is_paid_off_by_its_quote_to_the_day(world: World, loan: Loan) -> None:
    repay(world, loan, FEBRUARY, INSTALMENT)
    quote = services.quote_payoff(
        acting_staff=world.cast.officer, loan=loan, quoted_date=FEBRUARY, valid_date=MARCH
    )
    # 1,200.00 - 89.47; 14 of 28 days of 1,110.53 at 2 % a month
    assert (quote.principal_units, quote.interest_units) == (1_110_53, 11_11)
    assert quote.total_units == 1_121_64
    event = services.pay_off_loan(
        acting_staff=world.cast.accountant,
        loan=loan,
        value_date=MARCH,
        units=quote.total_units,
        quote=quote,
    )
    loan.refresh_from_db()
    assert (loan.state, loan.settled_date) == (LoanState.SETTLED, MARCH)
    assert (loan.principal_units, loan.interest_paid_units) == (0, 24_00 + 11_11)
    assert event.payload["quote"] == str(quote.pk)
    assert held(world, "LOANS", loan) == 0
    assert balance(world.book, "CASH") == INSTALMENT + 1_121_64
    (old,) = loan.dues.filter(replaced_at=None, to_date=MARCH, number=2)
    assert (old.principal_units, old.interest_units) == (91_26, 22_21)
    assert {item.principal_units for item in queries.positions(MARCH - timedelta(days=1))} == {
        1_110_53
    }
    assert queries.positions(MARCH) == []
    clean()


def test_interest_runs_to_the_end_of_the_period_where_the_terms_say_so(world: World) -> None:
    product = make_product(
        world.cast,
        world.direct,
        "WHOLE",
        terms={"payoff_interest": "TO_PERIOD_END", "early_fee_ppm": 10_000},
    )
    loan = running(world, product_version=product)
    repay(world, loan, FEBRUARY, INSTALMENT)
    parts = payoff_of(loan, MARCH)
    # the whole period's 22.21, and 1 % of what is left
    assert tuple(parts) == (1_110_53, 22_21, 11_11, 0)
    services.pay_off_loan(
        acting_staff=world.cast.accountant, loan=loan, value_date=MARCH, units=parts.total
    )
    loan.refresh_from_db()
    assert (loan.state, loan.fee_paid_units) == (LoanState.SETTLED, 11_11)
    assert -balance(world.book, "FEE_INCOME") == 11_11
    assert held(world, "FEES_DUE", loan) == 0
    (effect,) = EventEffect.objects.filter(loan=loan)
    assert (effect.what, effect.component, effect.units) == ("CHARGED", "FEE", 11_11)
    clean()


def test_more_than_the_payoff_is_overpaid_and_less_is_refused(world: World, loan: Loan) -> None:
    whole = payoff_of(loan, MARCH).total

    def pay(**told: Any) -> LoanEvent:
        values: dict[str, Any] = {
            "acting_staff": world.cast.accountant,
            "loan": loan,
            "value_date": MARCH,
            "units": whole,
        }
        return services.pay_off_loan(**{**values, **told})

    nothing_happened(loan, lambda: pay(units=whole - 1), LessThanPayoff)
    nothing_happened(loan, lambda: pay(units=0), AmountNotPositive)
    nothing_happened(loan, lambda: pay(currency="EUR"), CurrencyMismatch)
    tomorrow = timezone.localdate() + timedelta(days=1)
    nothing_happened(loan, lambda: pay(value_date=tomorrow), FutureDate)
    nothing_happened(loan, lambda: pay(acting_staff=world.cast.clerk), NotAllowed, OutOfSight)
    nothing_happened(loan, lambda: pay(acting_staff=world.cast.outsider), OutOfSight, NotAllowed)
    key = new_id()
    event = pay(units=whole + 5_00, id=key)
    loan.refresh_from_db()
    assert loan.overpaid_units == 5_00
    assert -held(world, "BORROWER_CREDIT", loan) == 5_00
    assert pay(units=whole + 5_00, id=key) == event
    nothing_happened(loan, lambda: pay(units=whole, id=key), SameIdOtherContent)
    nothing_happened(loan, pay, NotRunning)
    clean()


def test_a_quote_holds_until_its_day_and_for_its_loan(world: World, loan: Loan) -> None:
    other = running(world)
    quote = services.quote_payoff(
        acting_staff=world.cast.officer, loan=loan, quoted_date=FEBRUARY, valid_date=MARCH
    )
    later = MARCH + timedelta(days=3)

    def pay(which: Loan, on: date) -> Any:
        return services.pay_off_loan(
            acting_staff=world.cast.accountant,
            loan=which,
            value_date=on,
            units=2_000_00,
            quote=quote,
        )

    nothing_happened(loan, lambda: pay(loan, later), QuoteExpired)
    nothing_happened(loan, lambda: pay(other, MARCH), QuoteOfAnother)
    pay(loan, MARCH - timedelta(days=2))
    told: dict[str, Any] = {"acting_staff": world.cast.officer, "loan": other, "quoted_date": MARCH}
    with pytest.raises(QuoteUntilPast):
        services.quote_payoff(**told, valid_date=FEBRUARY)
    with pytest.raises(NotRunning):
        services.quote_payoff(**{**told, "loan": Loan.objects.get(pk=loan.pk)}, valid_date=MARCH)
    key = new_id()
    first = services.quote_payoff(**told, valid_date=MARCH, id=key)
    assert services.quote_payoff(**told, valid_date=MARCH, id=key) == first
    assert PayoffQuote.objects.count() == 2


def test_a_list_of_loans_is_paid_off_whole_or_not_at_all(world: World, loan: Loan) -> None:
    other = running(world)
    whole = payoff_of(loan, MARCH).total
    items = [PayoffIn(loan.pk, MARCH, whole), PayoffIn(other.pk, MARCH, whole - 1)]
    nothing_happened(
        loan,
        lambda: services.pay_off_loans(items, acting_staff=world.cast.accountant),
        LessThanPayoff,
    )
    items = [PayoffIn(loan.pk, MARCH, whole), PayoffIn(other.pk, MARCH, whole)]
    services.pay_off_loans(items, acting_staff=world.cast.accountant)
    assert set(Loan.objects.values_list("state", flat=True)) == {LoanState.SETTLED}
    clean()


# --- paying early ---------------------------------------------------------------------------------


def test_money_paid_early_ends_the_loan_sooner_or_lowers_the_instalment(world: World) -> None:
    shorter, lower = running(world), running(world)
    for loan, effect in ((shorter, None), (lower, EarlyEffect.REDUCE_INSTALMENT)):
        repay(world, loan, FEBRUARY, INSTALMENT)
        services.record_early_repayment(
            acting_staff=world.cast.accountant,
            loan=loan,
            value_date=FEBRUARY,
            units=500_00,
            effect=effect,
        )
        loan.refresh_from_db()
        assert loan.principal_units == 1_110_53 - 500_00
        assert held(world, "LOANS", loan) == 610_53
    left = [row for row in rows(shorter) if row[2] and row[1] > FEBRUARY]
    assert sum(row[2] for row in left) == 610_53
    assert len([row for row in left if row[2] + row[3]]) == 6
    equal = [row for row in rows(lower) if row[1] > FEBRUARY]
    assert len(equal) == 11
    assert {principal + interest for _n, _day, principal, interest in equal[:-1]} == {62_38}
    before = FEBRUARY - timedelta(days=1)
    only = Loan.objects.filter(pk=lower.pk)
    assert [item.principal_units for item in queries.positions(before, only)] == [1_200_00]
    assert loan.dues.filter(replaced_at=None, to_date=FEBRUARY).exists()
    clean()


def test_paying_early_waits_until_nothing_is_past_due(world: World, loan: Loan) -> None:
    def early(**told: Any) -> LoanEvent:
        values: dict[str, Any] = {
            "acting_staff": world.cast.accountant,
            "loan": loan,
            "value_date": MARCH,
            "units": 300_00,
        }
        return services.record_early_repayment(**{**values, **told})

    nothing_happened(loan, early, PastDueFirst)
    repay(world, loan, FEBRUARY, INSTALMENT)
    nothing_happened(loan, lambda: early(units=5_000_00), WouldPayOff)
    nothing_happened(loan, lambda: early(units=-1), AmountNotPositive)
    nothing_happened(loan, lambda: early(acting_staff=world.cast.advisor), NotAllowed)
    key = new_id()
    event = early(id=key)
    assert early(id=key) == event
    items = [EarlyIn(loan.pk, MARCH, 10_00), EarlyIn(loan.pk, MARCH, 20_00)]
    services.record_early_repayments(items, acting_staff=world.cast.accountant)
    loan.refresh_from_db()
    assert loan.principal_units == 1_110_53 - 330_00
    clean()


def test_a_payment_that_arrives_late_moves_what_was_settled_early(world: World, loan: Loan) -> None:
    """The early repayment came first; the instalment of February was handed in a month later."""
    early = date(2025, 2, 10)
    services.record_early_repayment(
        acting_staff=world.cast.accountant, loan=loan, value_date=early, units=300_00
    )
    repay(world, loan, date(2025, 2, 5), 50_00)
    loan.refresh_from_db()
    assert loan.principal_units == 1_200_00 - 350_00 + loan.interest_paid_units
    assert held(world, "LOANS", loan) == loan.principal_units
    clean()
