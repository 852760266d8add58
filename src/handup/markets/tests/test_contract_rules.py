"""Contracts, policy moves and jobs: the worked table of the specification and its edges."""

from datetime import date
from fractions import Fraction

import pytest

from handup.kernel.money import decimal_text
from handup.markets.rules.contracts import (
    Answer,
    Delivered,
    Point,
    deduction,
    is_too_much,
    kept,
    linked_price,
    payment_delay,
    unanswered,
)
from handup.markets.rules.jobs import Placed, balance, stayed
from handup.markets.rules.policy import is_one_step, moves, needs_official_source

DUE = date(2026, 3, 10)


def test_the_worked_contract() -> None:
    """projects_and_markets.md 8: 2 000 kg, three deliveries, an advance of 300 000."""
    rows = [Delivered(500, 20, 600), Delivered(480, 0, 540), Delivered(700, 35, 600)]
    told = kept(2_000, rows)
    assert told.accepted == 1_625
    percents = (told.fulfilment_percent, told.rejection_percent, told.average_price)
    assert [decimal_text(p, n) for p, n in zip(percents, (1, 1, 2), strict=True) if p] == [
        "81.3",
        "3.3",
        "582.28",
    ]
    left, kept_back = 300_000, []
    for row in rows:
        kept_back.append(deduction(row.value, left, 3_000))
        left -= kept_back[-1]
    assert kept_back == [86_400, 77_760, 119_700]
    assert left == 16_140
    assert deduction(400_000, left, 3_000) == 16_140
    captured = told.captured_percent(Fraction(600))
    assert captured is not None
    assert decimal_text(captured, 1) == "97.0"


def test_nothing_delivered_has_no_percentages() -> None:
    told = kept(2_000, [])
    assert (told.rejection_percent, told.average_price) == (None, None)
    assert told.captured_percent(Fraction(600)) is None
    assert payment_delay([]) is None


def test_late_payments_weigh_by_value() -> None:
    rows = [
        Delivered(100, 0, 10, DUE, date(2026, 3, 20)),
        Delivered(300, 0, 10, DUE, date(2026, 3, 8)),
        Delivered(900, 0, 10, DUE),
    ]
    assert payment_delay(rows) == 1


@pytest.mark.parametrize(
    ("market", "price"), [(500, 550), (900, 800), (100, 300), (Fraction(999, 2), 550)]
)
def test_a_price_that_follows_a_market_stays_between_floor_and_ceiling(
    market: Fraction | int, price: int
) -> None:
    assert linked_price(Fraction(market), 50, 300, 800) == price


def test_a_discount_larger_than_the_market_leaves_a_price_of_nothing() -> None:
    assert linked_price(Fraction(30), -50, None, None) == 0
    assert deduction(0, 300_000, 3_000) == 0


def test_over_a_tenth_more_than_agreed_is_too_much() -> None:
    assert not is_too_much(2_000, 1_500, 700)
    assert is_too_much(2_000, 1_500, 701)


def test_a_point_that_is_not_clear_needs_a_note() -> None:
    told = {point.value: Answer(clear=True) for point in Point}
    assert unanswered(told) == ()
    told["PRICE"] = Answer(clear=False)
    del told["DISPUTE"]
    assert unanswered(told) == (Point.PRICE, Point.DISPUTE)
    assert unanswered(told | {"PRICE": Answer(clear=False, note="see annex")}) == (Point.DISPUTE,)


def test_policy_moves_one_step_and_adoption_is_counted_forward_alone() -> None:
    assert [is_one_step(3, to) for to in (2, 3, 4, 5)] == [True, False, True, False]
    assert [needs_official_source(stage) for stage in (5, 6, 7)] == [False, True, True]
    told = moves([(1, 2), (5, 6), (6, 5), (7, 6)])
    assert (told.forward, told.back, told.adopted) == (2, 2, 1)


def test_who_stayed_is_counted_of_those_whose_day_has_come() -> None:
    rows = [
        Placed(date(2025, 1, 31), ((6, True), (12, False))),
        Placed(date(2025, 3, 1), ((6, True),)),
        Placed(date(2025, 9, 2)),
    ]
    six, twelve = stayed(rows, on=date(2026, 3, 1))
    assert (six.due, six.looked, six.still) == (2, 2, 2)
    assert (twelve.due, twelve.looked, twelve.still) == (2, 1, 0)


def test_jobs_divide_by_kind_beside_the_share_aimed_at() -> None:
    farm, processing = balance(
        ["FARM", "PROCESSING"], ["FARM"] * 3 + ["PROCESSING"], {"FARM": 8_000}
    )
    assert (farm.jobs, farm.all_jobs, farm.reached) == (3, 4, False)
    assert (processing.jobs, processing.reached) == (1, None)
    assert balance(["FARM"], [], {"FARM": 1})[0].reached is None
