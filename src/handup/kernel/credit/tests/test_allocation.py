"""A payment settles what the terms say, nothing is lost, and arrival order does not matter."""

from datetime import date
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit.allocation import (
    Allocated,
    Amounts,
    Charge,
    Instalment,
    Payment,
    Piece,
    allocate,
)
from handup.kernel.credit.booking import Booked, Reversal, allocate_as_booked
from handup.kernel.credit.codes import (
    AdvanceTo,
    Component,
    Processing,
    RowKind,
    Strategy,
)
from handup.kernel.credit.terms import FIELD, FINERACT_ADVANCED, Allocation, matrix

ROWS = (
    Instalment(date(2026, 2, 15), 1_000, 100),
    Instalment(date(2026, 3, 15), 1_000, 50),
    Instalment(date(2026, 4, 15), 1_000, 20),
)
LATE_FEE = Charge(Component.PENALTY, date(2026, 2, 20), 30)


def pay(key: str, month: int, day: int, units: int, to: AdvanceTo | None = None) -> Payment:
    return Payment(key, date(2026, month, day), units, to or AdvanceTo.NEXT_INSTALMENT)


def parts(result: Allocated) -> dict[str, tuple[int, ...]]:
    return {split.key: (*split.parts, split.overpaid) for split in result.splits}


def test_a_late_repayment_pays_penalty_first_then_fee_interest_and_principal() -> None:
    charges = [LATE_FEE, Charge(Component.FEE, date(2026, 2, 20), 20)]
    result = allocate(FIELD, ROWS, charges, [pay("p", 2, 25, 200)])
    assert parts(result) == {"p": (0, 0, 100, 100, 0)}
    result = allocate(FIELD, ROWS, charges, [pay("p", 3, 20, 1_250)])
    assert result.splits[0].pieces == (
        Piece(1, Component.INTEREST, 100),
        Piece(1, Component.PRINCIPAL, 1_000),
        Piece(2, Component.PENALTY, 30),
        Piece(2, Component.FEE, 20),
        Piece(2, Component.INTEREST, 50),
        Piece(2, Component.PRINCIPAL, 50),
    )
    first, second, third = result.rows
    assert first.settled_date == date(2026, 3, 20)
    assert (first.paid_late, first.left) == (1_100, 0)
    assert second.paid == Amounts(30, 20, 50, 50)
    assert second.left == 950
    assert second.settled_date is None
    assert third.left == 1_020


def test_money_paid_ahead_goes_where_the_borrower_says() -> None:
    def principal_paid(to: AdvanceTo) -> list[int]:
        rows = allocate(FIELD, ROWS, [], [pay("p", 2, 1, 600, to)]).rows
        return [row.paid.total for row in rows]

    assert principal_paid(AdvanceTo.NEXT_INSTALMENT) == [600, 0, 0]
    assert principal_paid(AdvanceTo.LAST_INSTALMENT) == [0, 0, 600]
    assert principal_paid(AdvanceTo.SPREAD_EVENLY) == [200, 200, 200]
    rows = allocate(FIELD, ROWS, [], [pay("p", 2, 1, 2, AdvanceTo.SPREAD_EVENLY)]).rows
    assert [row.paid_early for row in rows] == [1, 1, 0]


def test_what_finds_no_row_is_overpaid() -> None:
    result = allocate(FIELD, ROWS, [], [pay("p", 5, 1, 3_500)])
    assert result.left == 0
    assert result.overpaid == 330
    assert sum(split.parts.total for split in result.splits) == 3_170


def test_a_charge_after_the_last_row_makes_a_row_of_its_own() -> None:
    charges = [
        Charge(Component.FEE, date(2026, 5, 10), 40),
        Charge(Component.PENALTY, date(2026, 5, 3), 5),
    ]
    result = allocate(FIELD, ROWS, charges, [pay("p", 6, 1, 3_215)])
    extra = result.rows[-1]
    assert (extra.kind, extra.due_date) == (RowKind.CHARGES, date(2026, 5, 10))
    assert extra.due == Amounts(5, 40, 0, 0)
    assert result.left == 0


def test_a_down_payment_row_takes_no_charge() -> None:
    rows = [Instalment(date(2026, 1, 15), 500, 0, kind=RowKind.DOWN_PAYMENT), *ROWS]
    charge = Charge(Component.FEE, date(2026, 1, 10), 7)
    result = allocate(FIELD, rows, [charge], [])
    assert [row.due.fee for row in result.rows] == [0, 7, 0, 0]


def test_a_payment_sees_only_the_charges_of_its_day() -> None:
    charge = Charge(Component.PENALTY, date(2026, 2, 15), 30, value_date=date(2026, 2, 10))
    before = allocate(FIELD, ROWS, [charge], [pay("p", 2, 9, 1_100)])
    assert before.splits[0].parts == Amounts(0, 0, 100, 1_000)
    after = allocate(FIELD, ROWS, [charge], [pay("p", 2, 10, 1_100)])
    assert after.splits[0].parts == Amounts(30, 0, 100, 970)


def test_arrival_in_any_order_gives_the_same_state() -> None:
    payments = [pay("a", 2, 15, 700), pay("b", 3, 1, 900), pay("c", 4, 20, 800)]
    charges = [LATE_FEE, Charge(Component.FEE, date(2026, 3, 31), 25)]
    expected = allocate(FIELD, ROWS, charges, payments)
    for order in permutations(payments):
        assert allocate(FIELD, ROWS, list(reversed(charges)), order) == expected


def test_booking_order_changes_earlier_splits_only_by_a_replay() -> None:
    late_charge = Charge(Component.PENALTY, date(2026, 3, 10), 30)
    booked: list[Booked] = [pay("a", 2, 15, 1_100), late_charge, pay("b", 3, 15, 1_080)]
    result = allocate_as_booked(FIELD, ROWS, booked)
    assert parts(result)["a"] == (0, 0, 100, 1_000, 0)
    assert parts(result)["b"] == (30, 0, 50, 1_000, 0)
    early = Charge(Component.PENALTY, date(2026, 2, 10), 30)
    replayed = allocate_as_booked(FIELD, ROWS, [pay("a", 2, 15, 1_100), early])
    assert parts(replayed)["a"] == (30, 0, 100, 970, 0)


def test_a_reversed_payment_is_as_if_it_never_came() -> None:
    with_it: list[Booked] = [pay("a", 2, 15, 500), pay("b", 2, 16, 700), Reversal("a")]
    without = allocate_as_booked(FIELD, ROWS, [pay("b", 2, 16, 700)])
    assert allocate_as_booked(FIELD, ROWS, with_it) == without


def test_vertical_processing_clears_one_component_over_all_rows() -> None:
    vertical = matrix(Component.INTEREST, Component.PRINCIPAL, processing=Processing.VERTICAL)
    result = allocate(vertical, ROWS, [], [pay("p", 3, 20, 400)])
    assert [row.paid.interest for row in result.rows] == [100, 50, 0]
    assert [row.paid.principal for row in result.rows] == [250, 0, 0]


def test_other_systems_orders_are_data() -> None:
    principal_first = allocate(FINERACT_ADVANCED, ROWS, [], [pay("p", 2, 15, 1_050)])
    assert principal_first.splits[0].parts == Amounts(0, 0, 50, 1_000)
    order = (Component.PRINCIPAL, Component.INTEREST, Component.PENALTY, Component.FEE)
    ahead = Allocation(Strategy.PRINCIPAL_FIRST_IN_ADVANCE, components=order)
    result = allocate(ahead, ROWS, [], [pay("p", 2, 1, 1_050)])
    assert result.splits[0].parts == Amounts(0, 0, 50, 1_000)
    one_by_one = Allocation(
        Strategy.ONE_BY_ONE, components=(Component.INTEREST, Component.PRINCIPAL)
    )
    assert parts(allocate(one_by_one, ROWS, [], [pay("p", 1, 20, 150)])) == {
        "p": (0, 0, 100, 50, 0)
    }


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Charge], list[Payment]]:
    days = st.dates(date(2026, 1, 15), date(2026, 6, 30))
    charges = draw(
        st.lists(
            st.builds(
                Charge,
                st.sampled_from([Component.PENALTY, Component.FEE]),
                days,
                st.integers(1, 500),
                st.none() | days,
            ),
            max_size=4,
        )
    )
    made = draw(
        st.lists(
            st.tuples(days, st.integers(1, 2_500), st.sampled_from(AdvanceTo)),
            max_size=5,
            unique_by=lambda item: item[0],
        )
    )
    payments = [Payment(f"p{n}", *item) for n, item in enumerate(made)]
    return charges, payments


allocations = st.sampled_from(
    [
        FIELD,
        FINERACT_ADVANCED,
        matrix(Component.INTEREST, Component.PRINCIPAL, Component.FEE, Component.PENALTY),
        matrix(*Component, processing=Processing.VERTICAL),
        Allocation(Strategy.ONE_BY_ONE, components=tuple(Component)),
        Allocation(Strategy.PRINCIPAL_FIRST_IN_ADVANCE, components=tuple(Component)),
    ]
)


@given(story=stories(), allocation=allocations)
def test_all_money_is_somewhere_and_no_part_is_paid_twice(
    story: tuple[list[Charge], list[Payment]], allocation: Allocation
) -> None:
    charges, payments = story
    result = allocate(allocation, ROWS, charges, payments)
    money = sum(payment.units for payment in payments)
    assert sum(split.parts.total for split in result.splits) + result.overpaid == money
    paid = [sum(row.paid[part] for row in result.rows) for part in range(4)]
    assert paid == [sum(split.parts[part] for split in result.splits) for part in range(4)]
    for row in result.rows:
        assert all(0 <= paid <= due for paid, due in zip(row.paid, row.due, strict=True))
        assert row.paid_early + row.paid_late <= row.paid.total
        assert (row.settled_date is None) == (row.left > 0 or not row.due.total)
    for split in result.splits:
        assert sum(piece.units for piece in split.pieces) == split.parts.total


@given(story=stories(), data=st.data())
def test_any_order_of_arrival_gives_the_same_state(
    story: tuple[list[Charge], list[Payment]], data: st.DataObject
) -> None:
    charges, payments = story
    expected = allocate(FIELD, ROWS, charges, payments)
    shuffled = allocate(
        FIELD, ROWS, data.draw(st.permutations(charges)), data.draw(st.permutations(payments))
    )
    assert shuffled == expected


@given(story=stories())
def test_the_quick_way_equals_the_matrix_cell_by_cell(
    story: tuple[list[Charge], list[Payment]],
) -> None:
    charges, payments = story
    plain = [payment._replace(advance_to=AdvanceTo.NEXT_INSTALMENT) for payment in payments]
    vertical_of_one = Allocation(
        Strategy.MATRIX, Processing.HORIZONTAL, (*FIELD.cells, FIELD.cells[-1])
    )
    assert (
        allocate(vertical_of_one, ROWS, charges, plain).rows
        == allocate(FIELD, ROWS, charges, plain).rows
    )
