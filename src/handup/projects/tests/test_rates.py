"""The rate of a budget line: of its day, else within seven days before, else refused; by rule."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.org.models import ExchangeRate, Setting, StaffUser
from handup.projects import rates
from handup.projects.models import Budget, Phase
from handup.projects.rates import MonthNotOver, NoRateThen, RateRule, rate_for
from handup.projects.rules.pairs import as_kept
from handup.projects.services import BudgetLineIn, prepare_budget

ON = date(2026, 3, 2)
LINE = BudgetLineIn(
    code="C1", title="Training", currency="RWF", amount_units=1_000_000, rate_date=ON
)


def told(on: date, rate: int, pair: tuple[str, str] = ("USD", "RWF"), kind: str = "SPOT") -> None:
    """A rate in the register."""
    ExchangeRate.objects.create(
        from_currency=pair[0],
        to_currency=pair[1],
        rate_date=on,
        kind=kind,
        numerator=rate * 10**10,
        source="Central bank",
    )


def prepared(accountant: StaffUser, phase: Phase, line: BudgetLineIn, **more: Any) -> Budget:
    return prepare_budget(
        acting_staff=accountant, phase=phase, reporting_currency="USD", lines=[line], **more
    )


def test_the_rate_of_the_day_counts_before_an_older_one(
    accountant: StaffUser, phase: Phase
) -> None:
    told(ON - timedelta(days=1), 1_400)
    told(ON, 1_250)
    told(ON + timedelta(days=1), 1_300)
    row = prepared(accountant, phase, LINE).lines.get()
    assert row.reporting_units == 800_00
    assert (row.rate_date, row.rate_source) == (ON, "Central bank")
    ExchangeRate.objects.filter(rate_date=ON).delete()
    row.refresh_from_db()
    assert row.reporting_units == 800_00  # the register changes nothing that stands


def test_seven_days_before_still_count_and_eight_do_not(db: None) -> None:
    told(ON - timedelta(days=7), 1_250)
    found = rate_for("USD", "RWF", ON)
    assert (found.rate, found.rate_date) == (Fraction(1_250), ON - timedelta(days=7))
    with pytest.raises(NoRateThen, match="USD/RWF"):
        rate_for("USD", "RWF", ON + timedelta(days=1))


def test_a_rate_told_the_other_way_round_counts_where_there_is_no_other(db: None) -> None:
    told(ON, 2, ("EUR", "USD"))
    assert rate_for("USD", "EUR", ON).rate == Fraction(1, 2)
    told(ON, 3, ("USD", "EUR"))
    assert rate_for("USD", "EUR", ON).rate == 3


def test_the_institution_s_rule_says_which_rate_counts(db: None) -> None:
    told(date(2026, 3, 1), 1_000)
    told(date(2026, 3, 31), 1_100)
    told(date(2026, 3, 15), 1_500, kind="DONOR")
    Setting.objects.create(key=rates.RULE_KEY, value="MONTHLY_AVERAGE")
    assert rate_for("USD", "RWF", ON).rate == 1_050
    told(date(2026, 3, 31), 1_070, kind="MONTH")
    assert rate_for("USD", "RWF", ON).rate == 1_070
    Setting.objects.update(value="FUNDER_RATE")
    assert rate_for("USD", "RWF", ON).rate == 1_500
    with pytest.raises(NoRateThen):
        rate_for("USD", "RWF", date(2026, 4, 1))
    Setting.objects.update(value="nonsense")
    assert rates.rule_in_force() is RateRule.DAY


def test_the_average_of_a_month_that_still_runs_is_not_used(
    accountant: StaffUser, phase: Phase
) -> None:
    today = timezone.localdate()
    told(today, 1_250)
    Setting.objects.create(key=rates.RULE_KEY, value="MONTHLY_AVERAGE")
    with pytest.raises(MonthNotOver, match=today.isoformat()):
        rate_for("USD", "RWF", today)
    with pytest.raises(Faults) as caught:
        prepared(accountant, phase, replace(LINE, rate_date=today))
    assert [fault.code for fault in caught.value.faults] == ["MONTH_NOT_OVER"]
    told(today, 1_200, kind="MONTH")  # who publishes the rate of the month has said it
    assert rate_for("USD", "RWF", today).rate == 1_200


def test_the_average_of_rates_told_the_other_way_round_is_turned_once(db: None) -> None:
    told(date(2026, 3, 1), 2, ("RWF", "USD"))
    told(date(2026, 3, 31), 4, ("RWF", "USD"))
    assert rate_for("USD", "RWF", ON, RateRule.MONTHLY_AVERAGE).rate == Fraction(1, 3)


def test_a_line_keeps_the_rate_its_amount_was_worked_out_with(
    accountant: StaffUser, phase: Phase
) -> None:
    """Told as 425.50 francs for a euro: ten digits of 1 / 425.50 would be 33 francs off."""
    ExchangeRate.objects.create(
        from_currency="EUR",
        to_currency="RWF",
        rate_date=ON,
        kind="SPOT",
        numerator=4_255 * 10**9,
        source="Central bank",
    )
    line = replace(LINE, currency="EUR", amount_units=5_000_000_00)
    row = prepare_budget(
        acting_staff=accountant, phase=phase, reporting_currency="RWF", lines=[line]
    ).lines.get()
    assert row.reporting_units == 2_127_500_000
    assert row.rate == Fraction(2, 851)
    assert Fraction(row.amount_units, 100) / row.rate == row.reporting_units


@pytest.mark.parametrize(
    ("rate", "kept"),
    [
        (Fraction(851, 2), (4_255_000_000_000, 10**10)),
        (Fraction(2, 851), (2, 851)),
        (Fraction(1, 10**10), (1, 10**10)),
        (Fraction(10**30, 3 * 10**30 + 1), (3_333_333_333, 10**10)),
    ],
)
def test_a_rate_is_kept_as_it_was_told(rate: Fraction, kept: tuple[int, int]) -> None:
    assert as_kept(rate) == kept


def test_a_line_without_a_rate_in_the_register_is_refused_with_its_line(
    accountant: StaffUser, phase: Phase
) -> None:
    with pytest.raises(Faults) as caught:
        prepared(accountant, phase, LINE)
    (fault,) = caught.value.faults
    assert (fault.code, fault.row, fault.column) == ("NO_RATE_THEN", 1, "rate")
    assert not Budget.objects.exists()


def test_a_rate_far_from_the_register_is_asked_again(accountant: StaffUser, phase: Phase) -> None:
    told(ON - timedelta(days=30), 1_000)
    near = replace(LINE, rate=Fraction(1_100), rate_source="Bank")
    assert prepared(accountant, phase, near).lines.get().rate_numerator
    far = replace(LINE, rate=Fraction(1_101), rate_source="Bank")
    with pytest.raises(Faults) as caught:
        prepared(accountant, phase, far, reason="Revised")
    assert [fault.code for fault in caught.value.faults] == ["RATE_FAR_FROM_REGISTER"]
    kept = prepared(accountant, phase, far, reason="Revised", rates_confirmed=True)
    assert kept.version == 2


def test_the_page_takes_the_register_s_rate_and_asks(accountant: StaffUser, phase: Phase) -> None:
    told(ON, 1_250)
    client = Client()
    client.force_login(accountant)
    page = reverse("projects:budget_new", args=[phase.pk])
    asked = {"reporting_currency": "USD", "_new_id": str(new_id())}
    lines = "C1;Training;1 000 000;;2026;RWF;;2026-03-02"
    assert client.post(page, asked | {"lines": lines}).status_code == 302
    assert Budget.objects.get().lines.get().reporting_units == 800_00
    far = "C1;Training;1 000 000;;2026;RWF;1 000;2026-03-02;Newspaper"
    asked |= {"_new_id": str(new_id()), "lines": far, "reason": "Again"}
    answer = client.post(page, asked)
    assert answer.status_code == 422
    assert "20 % away" in answer.content.decode()
    assert client.post(page, asked | {"rates_confirmed": "on"}).status_code == 302


@pytest.mark.parametrize("rule", ["DAY", "MONTHLY_AVERAGE"])
@pytest.mark.parametrize(
    "cells",
    [
        ";0001-01-03", "5;0001-01-03;Bank", ";9999-12-31", "5000000000;2026-03-02;Bank",
        "0.00000000001;2026-03-02;Bank", "1e-5000;2026-03-02;Bank", "0;2026-03-02;Bank",
    ],
)  # fmt: skip
def test_a_day_or_a_rate_nobody_means_is_refused_in_words(
    accountant: StaffUser, phase: Phase, cells: str, rule: str
) -> None:
    Setting.objects.create(key=rates.RULE_KEY, value=rule)
    told(ON, 1_250)
    client = Client()
    client.force_login(accountant)
    asked = {
        "reporting_currency": "USD", "_new_id": str(new_id()),
        "lines": f"C1;Training;1 000;;2026;RWF;{cells}",
    }  # fmt: skip
    answer = client.post(reverse("projects:budget_new", args=[phase.pk]), asked)
    assert answer.status_code == 422
    assert not Budget.objects.exists()


def test_a_rate_too_small_to_be_kept_is_refused(accountant: StaffUser, phase: Phase) -> None:
    tiny = replace(LINE, rate=Fraction(1, 10**12), rate_source="Bank")
    with pytest.raises(Faults) as caught:
        prepared(accountant, phase, tiny, rates_confirmed=True)
    assert [fault.code for fault in caught.value.faults] == ["RATE_NOT_ABOVE_ZERO"]
