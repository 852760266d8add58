"""What is saved of one payment after another, and which savings are taken first."""

from datetime import date
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit.codes import SavingsPosition
from handup.kernel.credit.savings import Owed, Saving, taken
from handup.kernel.credit.terms import Terms

JANUARY, FEBRUARY, MARCH = (date(2026, month, 15) for month in (1, 2, 3))
ROWS = (Owed(JANUARY, 500), Owed(FEBRUARY, 1_000), Owed(MARCH, 1_000))
amounts = st.integers(0, 10**9)


def terms(**changed: Any) -> Terms:
    return Terms(**{"currency": "USD", "rate_ppm": 0, **changed})


def test_what_is_due_is_paid_before_anything_is_saved_and_the_next_instalment_saves_too() -> None:
    saving = Saving(terms(), ROWS, each=100)
    assert saving.share(400, JANUARY) == 0
    assert saving.share(250, JANUARY) == 100, "the rest pays the loan ahead"
    assert saving.share(1_050, FEBRUARY) == 100
    assert (saving.saved, saving.paid) == (200, 1_500)


def test_what_would_be_saved_whole_pays_the_loan() -> None:
    saving = Saving(terms(), ROWS, each=100)
    assert saving.share(500, JANUARY) == 0
    assert saving.share(60, JANUARY) == 0
    assert saving.paid == 560


def test_rows_due_when_the_loan_was_paid_out_ask_for_no_savings() -> None:
    before = terms(savings_position=SavingsPosition.BEFORE_DUE)
    assert Saving(before, ROWS, each=100, paid_out=JANUARY).share(500, JANUARY) == 0
    assert Saving(before, ROWS, each=100).share(500, JANUARY) == 100
    assert Saving(before, ROWS, each=100, saved=70).share(500, JANUARY) == 30


@given(
    st.sampled_from(SavingsPosition),
    st.lists(st.tuples(amounts, st.sampled_from([JANUARY, FEBRUARY, MARCH])), max_size=5),
    st.integers(0, 10**6),
)
def test_of_several_payments_nothing_is_lost_and_no_more_saved_than_asked(
    position: SavingsPosition, payments: list[tuple[int, date]], each: int
) -> None:
    saving = Saving(terms(savings_position=position), ROWS, each)
    shares = [saving.share(units, on) for units, on in payments]
    assert all(0 <= part <= units for part, (units, _on) in zip(shares, payments, strict=True))
    assert saving.saved == sum(shares) <= each * len(ROWS)
    assert saving.saved + saving.paid == sum(units for units, _on in payments)


def test_savings_behind_no_loan_are_taken_first() -> None:
    one, other = UUID(int=1), UUID(int=2)
    free = {other: 50, one: 40, None: 30}
    assert taken(free, 100) == [(None, 30), (one, 40), (other, 30)]
    assert taken({None: -5, one: 10}, 4) == [(one, 4)]
    assert taken(free, 0) == []
