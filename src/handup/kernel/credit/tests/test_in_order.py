"""Money served row by row comes out as the allocation of the field says it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit.allocation import ORDER, Instalment, Ledger, Payment
from handup.kernel.credit.in_order import Four, serve
from handup.kernel.credit.terms import FIELD

FIRST = date(2026, 1, 31)
amounts = st.integers(0, 50)
rows = st.lists(st.tuples(amounts, amounts, amounts, amounts), max_size=5)


def _ledger(opened: list[Four]) -> Ledger:
    return Ledger(
        FIELD,
        [
            Instalment(FIRST + timedelta(days=30 * number), principal, interest, fee, penalty)
            for number, (penalty, fee, interest, principal) in enumerate(opened)
        ],
    )


@given(rows, st.integers(1, 1000), st.integers(-40, 200))
def test_rows_are_served_as_the_allocation_of_the_field_serves_them(
    opened: list[Four], units: int, day: int
) -> None:
    split = _ledger(opened).pay(Payment("", FIRST + timedelta(days=day), units))
    served, left = serve(opened, units)
    got = {
        (number, component): part
        for number, parts in enumerate(served, 1)
        for component, part in zip(ORDER, parts, strict=True)
        if part
    }
    assert got == {(piece.row, piece.component): piece.units for piece in split.pieces}
    assert left == split.overpaid
    assert sum(map(sum, served)) + left == units


def test_no_money_and_no_rows_leave_everything_as_it_is() -> None:
    assert serve([], 5) == ([], 5)
    assert serve([(0, 0, 5, 10)], 0) == ([(0, 0, 0, 0)], 0)
