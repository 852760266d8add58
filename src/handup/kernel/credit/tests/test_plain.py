"""The engine agrees with the words of the rules, worked out a second time, for any terms.

The second way is slow and shares nothing with the engine (`plain_schedule.py`,
`plain_allocation.py`); both read the same plain values, in which the shared vectors are written.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from handup.kernel.credit.adapters import ADAPTERS
from handup.kernel.credit.tests.plain_allocation import PARTS, PlainLedger, rescheduled
from handup.kernel.credit.tests.plain_schedule import (
    PlainSchedule,
    Refused,
    periods_on,
    three_places,
)
from handup.kernel.errors import Refusal

Case = Mapping[str, Any]
Draw = st.DrawFn

EDGES = [
    date(2023, 12, 31),
    date(2024, 1, 31),
    date(2024, 2, 29),
    date(2024, 12, 30),
    date(2024, 12, 31),
    date(2027, 8, 31),
    date(2028, 2, 29),
]
days = st.one_of(st.sampled_from(EDGES), st.dates(date(2023, 1, 1), date(2030, 12, 31)))
rates = st.one_of(
    st.sampled_from(["0", "7.0", "9.4822", "12", "18", "24", "36", "120"]),
    st.integers(1, 999_999).map(lambda ppm: f"{ppm // 10_000}.{ppm % 10_000:04d}"),
)
MODES = ["HALF_EVEN", "HALF_UP", "CEILING", "FLOOR"]


def _engine(kind: str, given: Case) -> object:
    try:
        return ADAPTERS[kind](given)
    except Refusal as refusal:
        return {"error": refusal.code}


def _plain(work: Callable[[Case], object], given: Case) -> object:
    try:
        return work(given)
    except Refused as refused:
        return {"error": str(refused)}


def _rounding(draw: Draw, units: list[int]) -> dict[str, Any]:
    return {"mode": draw(st.sampled_from(MODES)), "unit": draw(st.sampled_from(units))}


def _period(draw: Draw) -> dict[str, Any]:
    unit = draw(st.sampled_from(["MONTH", "MONTH", "WEEK", "DAY"]))
    every = [1, 7, 14, 30] if unit == "DAY" else [1, 1, 2, 3, 6]
    return {"unit": unit, "every": draw(st.sampled_from(every))}


def _due_dates(draw: Draw, start: date, count: int, period: Case) -> list[date]:
    """Regular days; sometimes moved by a day or two, as after holidays."""
    regular = [periods_on(start, number, period) for number in range(1, count + 1)]
    if draw(st.integers(0, 2)):
        return regular
    moved = [day + timedelta(days=draw(st.integers(0, 3))) for day in regular]
    return sorted(set(moved))


def _more_tranches(draw: Draw, start: date, due: list[date]) -> list[dict[str, Any]]:
    inside = st.integers(0, (due[-1] - start).days - 1).map(lambda n: start + timedelta(days=n))
    on_due = st.sampled_from(due[:-1])
    found = draw(st.lists(st.one_of(inside, on_due), min_size=1, max_size=3))
    amounts = st.integers(100, 200_000)
    return [{"date": day.isoformat(), "amount": draw(amounts)} for day in sorted(found)]


@st.composite
def schedules(draw: Draw) -> Case:
    """Any terms a schedule can be asked for."""
    method = draw(st.sampled_from(["DECLINING", "DECLINING", "FLAT"]))
    period, start = _period(draw), draw(days)
    counts = ["DAYS_365", "DAYS_360"]
    counts += {"MONTH": ["MONTHS_12"], "WEEK": ["WEEKS_52"], "DAY": []}[period["unit"]]
    kinds = ["EQUAL_INSTALMENTS"] * 4 + ["EQUAL_PRINCIPAL", "PERCENT_OF_PRINCIPAL"]
    if method == "DECLINING":
        counts.append("ACTUAL_ACTUAL")
        kinds.append("FIXED_INSTALMENT")
    repayment = draw(st.sampled_from(kinds))
    given_amount = repayment == "FIXED_INSTALMENT"
    count = draw(st.one_of(st.integers(1, 6), st.integers(1, 40)))
    due = [] if given_amount else _due_dates(draw, start, count, period)
    amount = draw(st.one_of(st.integers(100, 2_000), st.integers(10_000, 10**8)))
    handed = [{"date": start.isoformat(), "amount": amount}]
    annuity = draw(st.sampled_from(["FIRST_PERIOD_RATE", "EACH_PERIOD_RATE"]))
    equal = repayment == "EQUAL_INSTALMENTS" and method == "DECLINING"
    if equal and annuity == "EACH_PERIOD_RATE" and len(due) > 1 and draw(st.booleans()):
        handed += _more_tranches(draw, start, due)
    grace = dict.fromkeys(("principal", "interest_payment", "interest_free"), 0)
    if len(due) > 1 and draw(st.booleans()):
        grace = {name: draw(st.integers(0, len(due) - 1)) for name in grace}
    percent = st.sampled_from(["0.5", "5", "12.5", "33.3333"])
    return {
        "currency_digits": 2,
        "disbursements": handed,
        "first_period_from": start.isoformat(),
        "due_dates": [day.isoformat() for day in due],
        "period": period,
        "annual_rate_percent": draw(rates),
        "method": method,
        "day_count": draw(st.sampled_from(counts)),
        "repayment": repayment,
        "annuity": annuity,
        "smoothing": draw(st.sampled_from(["NONE", "ONCE"])),
        "instalment": amount // draw(st.integers(1, 40)) + 1 if given_amount else None,
        "principal_percent": draw(percent) if repayment == "PERCENT_OF_PRINCIPAL" else None,
        "interest_rounding": _rounding(draw, [1, 1, 10, 100]),
        "principal_rounding": _rounding(draw, [1, 1, 10, 100]),
        "instalment_rounding": _rounding(draw, [1, 1, 5, 50, 100]),
        "grace": grace,
        "down_payment_percent": draw(st.sampled_from([None, None, "25", "12.5", "0"])),
    }


@settings(max_examples=400, deadline=None)
@drawn(schedules())
def test_a_schedule_is_that_of_the_words(given: Case) -> None:
    plain = _plain(lambda asked: PlainSchedule(asked).answer(), given)
    assert _engine("lending.schedule", given) == plain


@st.composite
def equal_periods(draw: Draw) -> Case:
    """Any terms under three roundings."""
    count, period = draw(st.integers(1, 53)), draw(st.sampled_from(["MONTH", "WEEK"]))
    bases = ["NONE", "AMOUNT", "PERCENT_OF_PRINCIPAL", "PERCENT_OF_INTEREST", "PERCENT_OF_BOTH"]
    methods = ["FLAT", "DECLINING_EQUAL_INSTALMENTS", "DECLINING_EQUAL_PRINCIPAL"]
    basis, modes = draw(st.sampled_from(bases)), st.sampled_from(["CEILING", "FLOOR", "HALF_UP"])
    percent = draw(st.sampled_from(["1", "0.5", "2.25", "0.0125"]))
    return {
        "currency_digits": 2,
        "principal": draw(st.integers(1_000, 10**7)),
        "annual_rate_percent": draw(rates),
        "method": draw(st.sampled_from(methods)),
        "instalments": count,
        "period": period,
        "days_in_year": draw(st.sampled_from([360, 365])) if period == "WEEK" else None,
        "grace_principal": draw(st.one_of(st.just(0), st.integers(0, count - 1))),
        "fee": {
            "basis": basis,
            "amount": draw(st.integers(0, 1_000)) if basis == "AMOUNT" else None,
            "percent": percent if basis.startswith("PERCENT") else None,
        },
        "rounding": {
            "part_mode": draw(modes),
            "instalment_mode": draw(modes),
            "total_mode": draw(modes),
            "instalment_unit": draw(st.sampled_from([1, 1, 5, 50, 100])),
            "total_unit": draw(st.sampled_from([1, 5, 100])),
        },
    }


@settings(max_examples=200, deadline=None)
@drawn(equal_periods())
def test_three_roundings_are_those_of_the_words(given: Case) -> None:
    assert _engine("lending.rounded_schedule", given) == _plain(three_places, given)


def _row(draw: Draw, begin: date, end: date, most: int) -> dict[str, Any]:
    return {
        "due_date": end.isoformat(),
        "period_from": begin.isoformat(),
        "kind": "INSTALMENT",
        "principal": draw(st.integers(0, most)),
        "interest": draw(st.integers(0, most // 8)),
    }


@st.composite
def histories(draw: Draw) -> Case:
    """A schedule and what was booked on it, in any order of days."""
    start, month = draw(days), {"unit": "MONTH", "every": 1}
    bounds = [periods_on(start, number, month) for number in range(draw(st.integers(2, 6)))]
    rows = [_row(draw, *pair, 500) for pair in pairwise(bounds)]
    if draw(st.booleans()):
        down = {**_row(draw, start, start, 300), "kind": "DOWN_PAYMENT", "interest": 0}
        rows.insert(0, down)
    name = draw(st.sampled_from(["MATRIX", "MATRIX", "ONE_BY_ONE", "PRINCIPAL_FIRST_IN_ADVANCE"]))
    whens = ["PAST_DUE", "DUE", "IN_ADVANCE"]
    cells = [{"when": when, "component": part} for when in whens for part in PARTS]
    matrix = name == "MATRIX"
    processing = draw(st.sampled_from(["HORIZONTAL", "VERTICAL"]))
    return {
        "currency_digits": 2,
        "strategy": {
            "name": name,
            "processing": processing if matrix else None,
            "order": draw(st.permutations(cells)) if matrix else None,
            "components": None if matrix else draw(st.permutations(PARTS)),
        },
        "instalments": rows,
        "events": _events(draw, [row["due_date"] for row in rows], start),
    }


def _events(draw: Draw, due: list[str], start: date) -> list[dict[str, Any]]:
    near = st.integers(0, 220).map(lambda n: (start + timedelta(days=n)).isoformat())
    any_day = st.one_of(near, st.sampled_from(due))
    advance = st.sampled_from(["NEXT_INSTALMENT", "LAST_INSTALMENT", "SPREAD_EVENLY"])
    blank = dict.fromkeys(("payment", "date", "amount", "advance_to", "component", "due_date"))
    found: list[dict[str, Any]] = []
    live: list[str] = []
    for number in range(draw(st.integers(1, 8))):
        what = draw(st.sampled_from(["PAYMENT", "PAYMENT", "CHARGE", "REVERSE"]))
        event: dict[str, Any] = {**blank, "event": what, "amount": draw(st.integers(1, 700))}
        if what == "CHARGE":
            event["component"] = draw(st.sampled_from(["PENALTY", "FEE"]))
            event["due_date"] = draw(any_day)
        elif what == "REVERSE" and live:
            event["payment"] = live.pop(draw(st.integers(0, len(live) - 1)))
        else:
            name = f"P{number}"
            event |= {"event": "PAYMENT", "payment": name, "date": draw(any_day)}
            event["advance_to"] = draw(advance)
            live.append(name)
        found.append(event)
    return found


@settings(max_examples=400, deadline=None)
@drawn(histories())
def test_payments_settle_what_the_words_say(given: Case) -> None:
    plain = _plain(lambda asked: PlainLedger(asked).answer(), given)
    assert _engine("lending.allocation", given) == plain


@st.composite
def requests(draw: Draw) -> Case:
    """A schedule and a change that is asked of it."""
    period, start = _period(draw), draw(days)
    count = draw(st.integers(1, 12))
    bounds = [periods_on(start, number, period) for number in range(count + 1)]
    rows = [_row(draw, *pair, 9_000) for pair in pairwise(bounds)]
    asked = date.fromisoformat(draw(st.sampled_from(rows))["due_date"])
    asked += timedelta(days=draw(st.sampled_from([0, 0, -1, 4, 400])))
    moved = asked + timedelta(days=draw(st.sampled_from([0, 5, 31, 60, -4])))
    new_rate = draw(st.sampled_from([None, "0", "12", "18.5"]))
    return {
        "currency_digits": 2,
        "principal": sum(row["principal"] for row in rows),
        "period": period,
        "instalment_unit": draw(st.sampled_from([1, 1, 10, 100])),
        "instalments": rows,
        "request": {
            "from_due_date": asked.isoformat(),
            "shift_to": draw(st.sampled_from([None, moved.isoformat()])),
            "principal_grace": draw(st.sampled_from([0, 0, 1, 3])),
            "extra_instalments": draw(st.sampled_from([0, 0, 1, 4])),
            "new_annual_rate_percent": None if period["unit"] == "DAY" else new_rate,
        },
    }


@settings(max_examples=200, deadline=None)
@drawn(requests())
def test_a_reschedule_is_that_of_the_words(given: Case) -> None:
    assert _engine("lending.reschedule", given) == _plain(rescheduled, given)


def _tranches_of_a_day() -> dict[str, Any]:
    none = {"mode": "HALF_UP", "unit": 1}
    return {
        "currency_digits": 2,
        "disbursements": [
            {"date": "2026-04-21", "amount": 400},
            {"date": "2026-04-21", "amount": 600},
        ],
        "first_period_from": "2026-04-21",
        "due_dates": ["2026-05-21"],
        "period": {"unit": "MONTH", "every": 1},
        "annual_rate_percent": "0",
        "method": "DECLINING",
        "day_count": "MONTHS_12",
        "repayment": "EQUAL_INSTALMENTS",
        "annuity": "EACH_PERIOD_RATE",
        "smoothing": "NONE",
        "instalment": None,
        "principal_percent": None,
        "interest_rounding": none,
        "principal_rounding": none,
        "instalment_rounding": none,
        "grace": {"principal": 0, "interest_payment": 0, "interest_free": 0},
        "down_payment_percent": "25",
    }


def test_the_balance_after_a_down_payment_holds_all_that_was_paid_out_that_day() -> None:
    """400 and 600 on one day, a quarter of each paid down: 900, then 750 are left."""
    rows = PlainSchedule(_tranches_of_a_day()).answer()["rows"]
    assert [(row["principal"], row["balance"]) for row in rows] == [
        (100, 900),
        (150, 750),
        (750, 0),
    ]
    assert (
        _engine("lending.schedule", _tranches_of_a_day())
        == PlainSchedule(_tranches_of_a_day()).answer()
    )


@pytest.mark.parametrize("digits", [0, 2, 3])
def test_digits_of_a_currency_change_no_whole_units(digits: int) -> None:
    """Francs, drams and dinars: the engine counts smallest units and never divides by hundreds."""
    case = {**_tranches_of_a_day(), "annual_rate_percent": "23.9999", "currency_digits": digits}
    case["due_dates"] = [
        periods_on(date(2026, 4, 21), n, case["period"]).isoformat() for n in range(1, 261)
    ]
    case["disbursements"] = [{"date": "2026-04-21", "amount": 10**9 + 7}]
    assert _engine("lending.schedule", case) == PlainSchedule(case).answer()
