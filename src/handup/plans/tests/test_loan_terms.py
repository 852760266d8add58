"""The loan of a plan: other parts of it each month, and a loan in other money than the plan's."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.credit.codes import Repayment
from handup.ledger.errors import CurrencyUnknown
from handup.org.models import StaffUser
from handup.plans.forms import filled
from handup.plans.freezing import frozen_of
from handup.plans.models import FinanceAsk, Plan
from handup.plans.refusals import (
    LoanRateMissing,
    LoanRateNotNeeded,
    LoanRateToCome,
    SharesOfLoan,
)
from handup.plans.rules.evaluate import evaluate
from handup.plans.rules.inputs import as_json, from_json
from handup.plans.services import FinanceIn, RepeatIn, ask_finance, repeat_plan
from handup.plans.tests.conftest import DAY, FINANCE
from handup.plans.tests.test_doors import signed_in, url
from handup.plans.tests.test_plan_rules import DAIRY


@pytest.fixture
def desk(adviser: StaffUser) -> Client:
    return signed_in(adviser)


SHARES = (0, 1000, 1000, 2000, 2500, 3500)
SEASONAL = (0, 0, 0, 500, 1500, 2500, 2500, 1500, 1000, 500, 0, 0)
RATE_DAY = date(2026, 3, 2)


def by_month(**more: Any) -> FinanceIn:
    told: dict[str, Any] = {"repayment": Repayment.PRINCIPAL_SHARES, "shares_bps": SHARES}
    return replace(FINANCE, **(told | more))


def in_dollars(**more: Any) -> FinanceIn:
    told: dict[str, Any] = {
        "loan_units": 1_500_00,
        "currency": "USD",
        "rate_numerator": 402_500_000_000,  # 40.25
        "rate_date": RATE_DAY,
        "rate_source": "National bank",
    }
    return replace(FINANCE, **(told | more))


def test_parts_by_the_season_carry_a_dairy_household_over_the_winter() -> None:
    """Equal instalments break it in months 2 to 5; nothing is repaid then by these parts."""
    assert DAIRY.finance is not None
    finance = replace(DAIRY.finance, repayment=Repayment.PRINCIPAL_SHARES, shares_bps=SEASONAL)
    result = evaluate(replace(DAIRY, finance=finance))
    assert [row.principal for row in result.loan_rows] == [share * 240 for share in SEASONAL]
    assert sum(row.principal for row in result.loan_rows) == 2_400_000
    assert result.loan_rows[0].due == 48_000
    assert result.loan_rows[3].due == 120_000 + 48_000
    assert result.loan_rows[4].interest == 45_600
    assert evaluate(DAIRY).months_in_red == (2, 3, 4, 5)
    assert result.cash.lowest_cash > evaluate(DAIRY).cash.lowest_cash


def test_a_plan_frozen_before_parts_were_asked_for_keeps_its_fingerprint() -> None:
    told = as_json(DAIRY)
    finance_told = told["finance"]
    assert isinstance(finance_told, dict)
    assert "shares_bps" not in finance_told
    assert from_json(told) == DAIRY
    assert DAIRY.finance is not None
    finance = replace(DAIRY.finance, repayment=Repayment.PRINCIPAL_SHARES, shares_bps=SEASONAL)
    other = replace(DAIRY, finance=finance)
    assert from_json(as_json(other)) == other
    assert frozen_of(other).sha256 != frozen_of(DAIRY).sha256


@pytest.mark.parametrize(
    "wrong",
    [
        {"shares_bps": (5000, 5000)},
        {"shares_bps": (0, 1000, 1000, 2000, 2500, 3400)},
        {"shares_bps": (-1, 1001, 1000, 2000, 2500, 3500)},
        {"shares_bps": ()},
        {"grace_instalments": 1},
        {"repayment": Repayment.EQUAL_PRINCIPAL},
    ],
)
def test_parts_that_do_not_make_up_the_loan_are_refused(
    wrong: dict[str, Any], plan: Plan, adviser: StaffUser
) -> None:
    with pytest.raises(SharesOfLoan):
        ask_finance(acting_staff=adviser, plan=plan, finance=by_month(**wrong))
    assert not FinanceAsk.objects.exists()


def test_a_loan_in_other_money_comes_to_the_plans_at_its_rate_and_day(
    plan: Plan, adviser: StaffUser
) -> None:
    ask = ask_finance(acting_staff=adviser, plan=plan, finance=in_dollars(most_units=2_000_00))
    assert (ask.loan_units, ask.foreign_units) == (60_375_00, 1_500_00)
    assert (ask.most_units, ask.multiple_units) == (80_500_00, 1)
    ask = ask_finance(acting_staff=adviser, plan=plan, finance=FINANCE)
    assert (ask.currency, ask.foreign_units, ask.rate_numerator) == ("", None, None)
    assert ask.loan_units == FINANCE.loan_units


def test_a_loan_in_other_money_is_refused_without_rate_and_day(
    plan: Plan, adviser: StaffUser
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    cases: list[tuple[type[Exception], FinanceIn]] = [
        (LoanRateMissing, in_dollars(rate_numerator=None)),
        (LoanRateMissing, in_dollars(rate_date=None)),
        (LoanRateToCome, in_dollars(rate_date=tomorrow)),
        (CurrencyUnknown, in_dollars(currency="QQQ")),
        (LoanRateNotNeeded, in_dollars(currency="XTS")),
        (LoanRateNotNeeded, in_dollars(currency="")),
    ]
    for refusal, finance in cases:
        with pytest.raises(refusal):
            ask_finance(acting_staff=adviser, plan=plan, finance=finance)
    assert not FinanceAsk.objects.exists()


def test_both_are_asked_on_the_form_and_shown_again(desk: Client, plan: Plan) -> None:
    given = {
        "loan_units": "1500",
        "purpose": "an oven",
        "product_code": "",
        "rate_percent": "2",
        "instalments": "6",
        "grace_instalments": "0",
        "method": "DECLINING",
        "repayment": "PRINCIPAL_SHARES",
        "shares": "0 10 10 20 25 35",
        "most_grace": "0",
        "loan_currency": "USD",
        "loan_rate": "40.25",
        "rate_date": RATE_DAY.isoformat(),
        "fee_withheld_units": "7.31",
        "most_units": "2000",
    }
    page = url("ask_finance", plan.pk)
    for wrong in (
        {"shares": "0 10 10 20 25 x"},
        {"shares": "50 50"},
        {"loan_rate": ""},
        {"loan_currency": "QQQ"},
    ):
        assert desk.post(page, given | wrong).status_code == 422
    assert desk.post(page, given).status_code == 302
    ask = FinanceAsk.objects.get(plan=plan)
    assert (ask.loan_units, ask.shares_bps) == (60_375_00, list(SHARES))
    shown = desk.get(page).content.decode()
    assert 'value="1500.00"' in shown
    assert 'value="40.25"' in shown
    assert 'value="7.31"' in shown
    assert 'value="2000.00"' in shown
    assert "1,500.00" in desk.get(url("plan_detail", plan.pk)).content.decode()


@pytest.mark.parametrize("numerator", [402_500_000_000, 12_345_678, 9_999_999_999])
def test_a_fee_told_back_in_the_money_of_the_loan_comes_to_the_same(
    numerator: int, plan: Plan, adviser: StaffUser
) -> None:
    told = in_dollars(loan_units=150_000_000, fee_withheld_units=731_07, rate_numerator=numerator)
    ask = ask_finance(acting_staff=adviser, plan=plan, finance=told)
    fee = ask.fee_withheld_units
    assert fee > 0
    back = int(Decimal(filled.finance(plan)["fee_withheld_units"]).scaleb(2))
    again = replace(told, fee_withheld_units=back)
    assert ask_finance(acting_staff=adviser, plan=plan, finance=again).fee_withheld_units == fee


def test_a_plan_made_again_with_another_loan_forgets_the_other_money(
    plan: Plan, adviser: StaffUser
) -> None:
    ask_finance(acting_staff=adviser, plan=plan, finance=in_dollars())
    told = RepeatIn(
        started_date=DAY, start_month=DAY.replace(day=1), changed=(), loan_units=45_000_00
    )
    again = repeat_plan(acting_staff=adviser, plan=plan, told=told)
    ask = FinanceAsk.objects.get(plan=again)
    assert (ask.loan_units, ask.currency, ask.foreign_units) == (45_000_00, "", None)
    assert FinanceAsk.objects.get(plan=plan).foreign_units == 1_500_00
