"""Loans under three roundings: parts, instalments, and the total."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit import codes
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.presets import preset
from handup.kernel.credit.schedule import Disbursement, NegativeRow, Schedule, build_schedule
from handup.kernel.credit.terms import BadTerms, Fee
from handup.kernel.money import Rounding, RoundingMode

START = date(2026, 1, 15)


def loan(units: int, name: str = "mifos-classic-flat", **fields: Any) -> Schedule:
    terms = preset(name, **{"currency": "XTS", "rate_ppm": 240_000, "instalments": 3, **fields})
    return build_schedule(terms, [Disbursement(START, units)], plan_due_dates(terms, START))


def test_the_last_instalment_takes_what_three_roundings_leave() -> None:
    result = loan(
        100_000, instalment_rounding=Rounding(100), total_rounding=Rounding(10, RoundingMode.FLOOR)
    )
    assert [row.due for row in result.rows] == [35_300, 35_300, 35_400]
    assert result.total_due == 106_000
    assert result.total_principal == 100_000
    assert [row.due_date.month for row in result.rows] == [2, 3, 4]


def test_a_fee_is_charged_in_full_in_every_instalment() -> None:
    fee = Fee("FEE", when=codes.FeeWhen.INSTALMENT, base=codes.FeeBase.PRINCIPAL, ppm=10_000)
    at_once = Fee("SIGNING", units=500)
    result = loan(100_000, fees=(fee, at_once))
    assert [row.fee for row in result.rows] == [1_000, 1_000, 1_000]
    assert result.total_due == 100_000 + result.total_interest + 3_000
    fixed = Fee("FEE", when=codes.FeeWhen.INSTALMENT, units=7)
    assert [row.fee for row in loan(100_000, fees=(fixed,)).rows] == [7, 7, 7]


def test_declining_kinds_keep_their_parts() -> None:
    equal = loan(90_000, "mifos-classic-principal")
    assert [row.principal for row in equal.rows] == [30_000] * 3
    annuity = loan(90_000, "mifos-classic-declining", grace_principal=1)
    assert annuity.rows[0].principal == 0
    assert annuity.rows[0].interest == 1_800
    assert [row.due for row in annuity.rows[1:]] == [46_354, 46_355]


def test_rounding_that_collects_too_much_is_refused() -> None:
    with pytest.raises(NegativeRow):
        loan(
            1_000,
            instalments=20,
            instalment_rounding=Rounding(100, RoundingMode.CEILING),
        )


@pytest.mark.parametrize(
    "fields",
    [
        {"day_count": codes.DayCount.DAYS_365},
        {"repayment": codes.Repayment.BULLET},
        {"grace_interest_free": 1},
        {"down_payment_ppm": 100_000},
    ],
)
def test_other_terms_do_not_go_with_three_roundings(fields: dict[str, Any]) -> None:
    with pytest.raises(BadTerms):
        loan(100_000, **fields)


def test_three_roundings_know_one_disbursement_and_all_due_dates() -> None:
    terms = preset("mifos-classic-flat", currency="XTS", rate_ppm=0, instalments=3)
    plan = plan_due_dates(terms, START)
    with pytest.raises(BadTerms):
        build_schedule(terms, [Disbursement(START, 1), Disbursement(START, 2)], plan)


@given(
    name=st.sampled_from(
        ["mifos-classic-flat", "mifos-classic-declining", "mifos-classic-principal"]
    ),
    units=st.integers(100_000, 10**9),
    count=st.integers(1, 40),
    rate=st.integers(0, 600_000),
    unit=st.sampled_from([1, 10, 100]),
    fee=st.integers(0, 5_000),
)
def test_principal_comes_back_and_the_total_is_rounded_once(
    name: str, units: int, count: int, rate: int, unit: int, fee: int
) -> None:
    charged = Fee("FEE", when=codes.FeeWhen.INSTALMENT, units=fee)
    try:
        result = loan(
            units,
            name,
            instalments=count,
            rate_ppm=rate,
            instalment_rounding=Rounding(unit),
            total_rounding=Rounding(unit),
            fees=(charged,),
        )
    except NegativeRow:
        return
    assert result.total_principal == units
    assert result.rows[-1].balance == 0
    assert result.total_due % unit == 0
    assert sum(row.fee for row in result.rows) == fee * count
