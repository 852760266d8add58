"""Amounts in several currencies: told in that of the programme, each at the rate of its own day, or
not at all; each currency beside it, with the rates."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.urls import reverse

from handup.lending.models import Loan
from handup.lending.tests.cast import running
from handup.org.models import ExchangeRate
from handup.org.web.money import format_money
from handup.projects.rates import RATE_ONE, DayRates, Found
from handup.results import services as s
from handup.results.definitions import definition
from handup.results.drift import drift_of
from handup.results.exchange.figures import Leaving, Told, leaving
from handup.results.exchange.periods import of_period, told_of_period
from handup.results.facts import Facts
from handup.results.models import FrozenFigure, FrozenRow
from handup.results.report import make_report, report_line
from handup.results.rules.adx import SpanOfTime, period_ending
from handup.results.rules.engine import FactRow, Rate, SumIn
from handup.results.rules.one_currency import in_one_currency
from handup.results.telling import shown_figure
from handup.results.tests.test_frozen import DAY, House, browser, figure
from handup.results.verify import rows_hold, snapshots_hold

LENT = date(2025, 2, 20)
CODE = "MED-FIN-01v"


def fact(units: int, currency: str, on: date = LENT, unit: str = "a") -> FactRow:
    return FactRow(unit, on, "loan", unit, units, currency)


def digits(currency: str) -> int:
    return {"JPY": 0}.get(currency, 2)


def test_each_amount_takes_the_rate_of_its_own_day_and_is_rounded_before_it_is_added() -> None:
    days = [LENT, LENT + timedelta(days=1)]
    rates = {days[0]: Fraction(400), days[1]: Fraction(500)}

    def rate_on(_currency: str, day: date) -> Found | None:
        return Found(rates[day], day, "bank") if day in rates else None

    rows = [fact(40_002, "AMD", days[0]), fact(50_003, "AMD", days[1]), fact(700, "USD", days[1])]
    found = in_one_currency(rows, None, "USD", rate_on, digits)
    assert [(row.amount, row.currency) for row in found.rows] == [
        (100, "USD"),
        (100, "USD"),
        (700, "USD"),
    ]
    assert found.told.numerator == 900
    assert found.told.sums == (SumIn("AMD", 90_005), SumIn("USD", 700))
    assert found.told.rates[0] == Rate("AMD", days[0], Fraction(400), "bank")
    # half a cent is rounded up; yen have no smaller unit
    half = in_one_currency([fact(200, "AMD")], None, "USD", rate_on, digits)
    assert half.told.numerator == 1
    yen = in_one_currency([fact(4, "JPY")], None, "USD", rate_on, digits)
    assert yen.told.numerator == 1


def test_a_missing_rate_is_named_and_nothing_is_added_up() -> None:
    def rate_on(currency: str, day: date) -> Found | None:
        return Found(Fraction(400), day, "bank") if currency == "AMD" else None

    found = in_one_currency([fact(400, "AMD"), fact(5, "XTS")], [], "USD", rate_on, digits)
    assert found.told.gaps == (("XTS", LENT),)
    assert found.told.numerator is None
    assert found.told.sums == (SumIn("AMD", 400, 0), SumIn("XTS", 5, 0))


@pytest.mark.django_db
def test_a_rate_counts_for_seven_days_and_the_straight_one_comes_first() -> None:
    def store(source: str, target: str, day: date, rate: int) -> None:
        ExchangeRate.objects.create(
            from_currency=source,
            to_currency=target,
            rate_date=day,
            numerator=rate,
            source="bank",
        )

    store("USD", "AMD", LENT, 400 * RATE_ONE)
    store("AMD", "USD", LENT + timedelta(days=7), RATE_ONE // 500)
    rates = DayRates("USD", {"AMD"}, LENT + timedelta(days=60))

    def on(days: int) -> Fraction | None:
        found = rates.on("AMD", LENT + timedelta(days=days))
        return found.rate if found else None

    assert [on(-1), on(0), on(7), on(8), on(15)] == [None, 400, 400, 500, None]
    assert rates.on("EUR", LENT) is None


@pytest.fixture
def two(db: None) -> House:
    """Two loans of 400.00, one of them in another currency than the programme's."""
    made = House()
    running(made.world, 400_00)
    made.lend("Second", LENT)
    Loan.objects.filter(disbursed_date=LENT).update(currency="AMD")
    return made


def rate(day: date = LENT) -> None:
    ExchangeRate.objects.create(
        from_currency="USD",
        to_currency="AMD",
        rate_date=day,
        numerator=400 * RATE_ONE,
        source="central bank",
    )


def test_without_a_rate_there_is_no_value_and_the_gap_is_named(two: House) -> None:
    line = report_line(definition(CODE), Facts(two.programme, DAY))
    assert (line.value, line.as_json()["numerator"]) == (None, None)
    assert line.as_json()["conversion"]["missing"] == [["AMD", LENT.isoformat()]]
    snapshot = two.snapshot()
    frozen = figure(snapshot, CODE)
    assert (shown_figure(frozen), frozen.may_leave, frozen.value) == (
        "no value: a rate is missing",
        False,
        "",
    )
    client = browser(two.officer)
    page = client.get(reverse("results:figure", args=[two.programme.pk, CODE, DAY.isoformat()]))
    text = page.content.decode()
    assert "no value: a rate is missing" in text
    assert "Rates that are missing" in text
    assert client.get(reverse("results:frozen_detail", args=[frozen.pk])).status_code == 200
    file = client.get(reverse("results:snapshot_file", args=[snapshot.pk, "csv"])).content.decode()
    assert next(row for row in file.splitlines() if CODE in row).endswith(",,,,,,")
    two.passed(snapshot)
    snapshot.refresh_from_db()
    assert (CODE, "RATE") in leaving(snapshot).left_out


def test_with_a_rate_it_is_told_in_the_programmes_currency_and_frozen_with_it(two: House) -> None:
    rate(LENT - timedelta(days=3))
    line = make_report(two.programme, DAY).line(CODE)
    assert (line.numerator, line.currency, line.value) == (401_00, "USD", "401.00")
    assert sum(part.numerator for part in line.figure.breakdowns[0].lines) == 401_00
    snapshot = two.frozen()
    frozen = figure(snapshot, CODE)
    assert frozen.conversion["sums"] == [
        {"currency": "AMD", "numerator": 400_00, "denominator": None},
        {"currency": "USD", "numerator": 400_00, "denominator": None},
    ]
    assert frozen.conversion["rates"] == [
        ["AMD", (LENT - timedelta(days=3)).isoformat(), "400", "central bank"]
    ]
    assert sorted(frozen.rows.values_list("amount", "currency")) == [(1_00, "USD"), (400_00, "USD")]
    assert [*snapshots_hold(), *rows_hold()] == []
    page = browser(two.officer).get(reverse("results:frozen_detail", args=[frozen.pk]))
    text = page.content.decode()
    assert "In each currency" in text
    assert "central bank" in text
    assert drift_of(frozen).holds
    # the rate that was used is part of what the checksum says
    frozen.conversion["rates"][0][2] = "401"
    frozen.save(update_fields=["conversion"])
    assert len(list(snapshots_hold())) == 1


def test_amounts_in_one_other_currency_stay_in_it_with_the_programmes_beside_it(two: House) -> None:
    Loan.objects.update(currency="AMD")
    rate(LENT)
    for day in Loan.objects.values_list("disbursed_date", flat=True):
        if day is not None and day != LENT:
            rate(day)
    line = report_line(definition(CODE), Facts(two.programme, DAY))
    assert (line.numerator, line.currency) == (800_00, "AMD")
    told = line.as_json()["conversion"]
    assert (told["currency"], told["numerator"]) == ("USD", 2_00)
    share = report_line(definition("MED-FIN-05b"), Facts(two.programme, DAY))
    assert share.figure.conversion is None
    assert share.value is not None


def test_a_share_of_two_currencies_adds_both_sides_at_their_rates(two: House) -> None:
    rate(DAY)
    line = report_line(definition("MED-FIN-05b"), Facts(two.programme, DAY))
    told = line.figure.conversion
    assert told is not None
    of = {one.currency: one.denominator for one in told.sums}
    assert line.denominator == (of["USD"] or 0) + round((of["AMD"] or 0) / 400)
    assert line.currency == "USD"


def test_choosing_keeps_what_a_programme_of_one_currency_says(two: House) -> None:
    Loan.objects.update(currency="USD")
    s.choose_indicators(acting_staff=two.world.cast.manager, programme=two.programme, codes=(CODE,))
    line = make_report(two.programme, DAY).line(CODE)
    assert (line.numerator, line.figure.conversion) == (800_00, None)


def test_a_period_in_another_currency_than_all_time_is_left_out_of_a_file(two: House) -> None:
    snapshot = two.snapshot()
    period = period_ending(snapshot.day, SpanOfTime.MONTH)
    held = {"numerator": 40_000, "denominator": 10, "currency": "AMD", "value": "40.00"}
    frozen = FrozenFigure.objects.create(
        snapshot=snapshot,
        code="MED-PRD-01",
        definition="",
        numerator=40_100,
        denominator=20,
        currency="USD",
        periods={period.adx: {**held, "lines": {}, "may_leave": True}},
        may_leave=True,
    )
    FrozenRow.objects.create(figure=frozen, is_base=False, on=LENT, digest="1")
    one = Told("MED-PRD-01", 40_100, 20, "USD", "", "", {})
    assert one.value == "20.05", "an amount for each day, no percentage"
    leaves = Leaving((one,), ())
    found = of_period(snapshot, leaves, period)
    assert (found.told, found.left_out) == ((), (("MED-PRD-01", "OTHER_MEASURE"),))
    # a report names the currency beside it
    told = told_of_period(snapshot, leaves, "MED-PRD-01", period)
    assert told is not None
    assert (told.currency, told.numerator) == ("AMD", 40_100)
    assert told.of_span.numerator == 40_000
    frozen.periods[period.adx]["currency"] = "USD"
    frozen.save(update_fields=["periods"])
    [same] = of_period(snapshot, leaves, period).told
    assert (same.currency, same.of_span.value) == ("USD", "40.00")


def test_what_somebody_built_has_no_value_without_a_rate(two: House) -> None:
    code = "count sum of units of disbursement"
    address = reverse("results:builder", args=[two.programme.pk])
    asked = {"code": code, "as_of": DAY.isoformat()}
    client = browser(two.officer)
    text = client.get(address, asked).content.decode()
    assert "no value: a rate is missing" in text
    assert "Rates that are missing" in text
    row = s.build_indicator(
        acting_staff=two.officer, programme=two.programme, name="Lent", definition=code
    )
    figure_at = f"/api/v1/results/built-indicators/{row.pk}/figure"
    told = client.get(figure_at, {"as_of": DAY.isoformat()}).json()
    assert (told["numerator"], told["conversion"]["missing"]) == (None, [["AMD", "2025-02-20"]])
    rate()
    assert client.get(figure_at, {"as_of": DAY.isoformat()}).json()["numerator"] == 401_00


def test_the_lines_of_a_frozen_amount_are_money_and_a_small_rate_is_no_zero(two: House) -> None:
    Loan.objects.filter(currency="AMD").update(currency="JPY")
    ExchangeRate.objects.create(
        from_currency="USD",
        to_currency="JPY",
        rate_date=LENT,
        numerator=RATE_ONE // 40_000,
        source="central bank",
    )
    frozen = figure(two.snapshot(), CODE)
    assert frozen.lines
    page = browser(two.officer).get(reverse("results:frozen_detail", args=[frozen.pk]))
    text = page.content.decode()
    assert ">0.000025" in text.replace("\n", "").replace(" ", "")
    for breakdown in frozen.lines.values():
        for line in breakdown["lines"]:
            assert format_money(line["numerator"], "USD") in text
