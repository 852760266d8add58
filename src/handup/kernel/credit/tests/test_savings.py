"""Compulsory savings: their place in a payment."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit.codes import SavingsPosition
from handup.kernel.credit.savings import share
from handup.kernel.credit.terms import Terms


def terms(**changed: Any) -> Terms:
    return Terms(**{"currency": "USD", "rate_ppm": 0, **changed})


@pytest.mark.parametrize(
    ("position", "units", "expected"),
    [
        (SavingsPosition.AFTER_DUE, 900, (0, 900)),
        (SavingsPosition.AFTER_DUE, 1_050, (50, 1_000)),
        (SavingsPosition.AFTER_DUE, 1_500, (200, 1_300)),
        (SavingsPosition.BEFORE_DUE, 150, (150, 0)),
        (SavingsPosition.BEFORE_DUE, 900, (200, 700)),
        (SavingsPosition.BEFORE_DUE, 1_500, (200, 1_300)),
    ],
)
def test_savings_take_their_place_in_a_payment(
    position: SavingsPosition, units: int, expected: tuple[int, int]
) -> None:
    of = terms(savings_position=position)
    assert share(of, units, due=1_000, savings_due=200) == expected


amounts = st.integers(0, 10**9)


@given(st.sampled_from(SavingsPosition), amounts, amounts, amounts)
def test_nothing_of_a_payment_is_lost(
    position: SavingsPosition, units: int, due: int, savings_due: int
) -> None:
    found = share(terms(savings_position=position), units, due=due, savings_due=savings_due)
    assert sum(found) == units
    assert 0 <= found.savings <= savings_due
    assert found.loan >= 0
