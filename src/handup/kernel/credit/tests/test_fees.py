"""The fee table: shares and amounts, rounded once, and what every instalment carries."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from handup.kernel.credit.codes import (
    DueUnit,
    FeeBase,
    FeeKind,
    FeeTaken,
    FeeWhen,
    RowKind,
)
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.fees import (
    at_disbursement,
    exact_fee,
    instalment_fees,
    overdue_fees,
    rounded_fee,
    taken,
)
from handup.kernel.credit.schedule import Disbursement, NegativeRow, build_schedule
from handup.kernel.credit.terms import Fee, Terms
from handup.kernel.money import Rounding, RoundingMode

START = date(2026, 1, 15)


def terms(*fees: Fee, **changed: Any) -> Terms:
    return Terms(**{"currency": "USD", "rate_ppm": 240_000, "fees": fees, **changed})


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (FeeBase.FIXED, 50 + 1_000),
        (FeeBase.PRINCIPAL, 50 + 1_000),
        (FeeBase.INTEREST, 50 + 120),
        (FeeBase.PRINCIPAL_AND_INTEREST, 50 + 1_120),
    ],
)
def test_a_fee_is_an_amount_and_a_share_of_its_base(base: FeeBase, expected: int) -> None:
    fee = Fee("A", base=base, units=50, ppm=10_000)
    assert exact_fee(fee, 100_000, 12_000) == expected


def test_a_fee_is_rounded_once() -> None:
    fee = Fee("A", base=FeeBase.PRINCIPAL, ppm=333)
    assert exact_fee(fee, 10_001, 0) == Fraction(3_330_333, 1_000_000)
    of = terms(fee, fee_rounding=Rounding(5, RoundingMode.CEILING))
    assert rounded_fee(of, fee, 10_001) == 5


def test_fees_at_disbursement_are_withheld_paid_or_added() -> None:
    of = terms(
        Fee("FILE", units=500, taken=FeeTaken.WITHHELD),
        Fee("CARE", FeeKind.INSURANCE, base=FeeBase.PRINCIPAL, ppm=10_000, taken=FeeTaken.CASH),
        Fee("KIT", units=70, taken=FeeTaken.CAPITALISED),
        Fee("BOOK", units=9, when=FeeWhen.INSTALMENT),
        Fee("TINY", base=FeeBase.PRINCIPAL, ppm=1),
    )
    found = at_disbursement(of, 100_000)
    assert [(item.fee.code, item.units) for item in found] == [
        ("FILE", 500),
        ("CARE", 1_000),
        ("KIT", 70),
    ]
    assert taken(found, FeeTaken.WITHHELD) == 500
    assert taken(found, FeeTaken.CASH) == 1_000
    assert taken(found, FeeTaken.CAPITALISED) == 70


def test_the_last_instalment_makes_the_fees_add_up() -> None:
    of = terms(Fee("A", when=FeeWhen.INSTALMENT, base=FeeBase.PRINCIPAL, ppm=1_234))
    assert instalment_fees(of, 9_995, 0, 3) == [12, 12, 13]


def test_every_instalment_carries_its_fee_a_down_payment_none() -> None:
    of = terms(
        Fee("A", when=FeeWhen.INSTALMENT, units=25),
        down_payment_ppm=100_000,
        instalments=3,
    )
    handed = [Disbursement(START, 90_000)]
    rows = build_schedule(of, handed, plan_due_dates(of, START)).rows
    assert [(row.kind, row.fee) for row in rows] == [
        (RowKind.DOWN_PAYMENT, 0),
        (RowKind.INSTALMENT, 25),
        (RowKind.INSTALMENT, 25),
        (RowKind.INSTALMENT, 25),
    ]
    assert rows[1].due == rows[1].principal + rows[1].interest + 25


def test_a_fee_that_rounding_would_take_below_zero_is_refused() -> None:
    of = terms(
        Fee("A", when=FeeWhen.INSTALMENT, units=6),
        fee_rounding=Rounding(10, RoundingMode.CEILING),
        unit=DueUnit.WEEK,
        instalments=12,
    )
    with pytest.raises(NegativeRow):
        build_schedule(of, [Disbursement(START, 90_000)], plan_due_dates(of, START))


def test_a_late_row_is_charged_as_a_share_of_what_is_unpaid() -> None:
    of = terms(
        Fee("CALL", when=FeeWhen.OVERDUE, units=30),
        Fee("LATE", FeeKind.PENALTY, FeeWhen.OVERDUE, FeeBase.PRINCIPAL_AND_INTEREST, ppm=20_000),
        Fee("FILE", units=500, taken=FeeTaken.WITHHELD),
    )
    assert overdue_fees(of, 9_000, 1_000) == (30, 200)
    assert overdue_fees(terms(), 9_000, 1_000) == (0, 0)
