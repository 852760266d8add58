"""The yearly rate with and without the savings asked beside a loan, by hand and as printed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit.apr import AprMethod, Flow, NoRate, apr
from handup.kernel.credit.presets import preset
from handup.kernel.credit.savings import before_loan
from handup.lending.rules.offer import Asked, Offer, asks_savings, offer_of, saved_flows
from handup.lending.tests.cast import World, make_product, signed
from handup.lending.tests.test_api import post

START = date(2026, 1, 15)
UNITS = 1_200_00


def offered(**told: Any) -> Offer:
    terms = preset("handup-declining", currency="USD", rate_ppm=240_000, instalments=12, **told)
    return offer_of(Asked(terms, UNITS, START))


def test_savings_are_paid_before_and_with_each_instalment_and_come_back_at_the_end() -> None:
    offer = offered(savings_ppm=100_000, savings_instalment_units=5_00)
    flows = saved_flows(offer.terms, UNITS, offer.rows, START)
    assert flows[START] == 120_00
    assert flows[date(2026, 2, 15)] == 5_00
    assert flows[date(2027, 1, 15)] == 5_00 - 180_00
    assert sum(flows.values()) == 0
    assert before_loan(preset("handup-flat", currency="USD", rate_ppm=1, savings_ppm=1), 1) == 1


def test_the_rate_with_savings_is_that_of_all_she_pays_and_gets() -> None:
    offer = offered(savings_ppm=100_000, savings_instalment_units=5_00)
    flows = [Flow(START, -1_080_00)]
    flows += [Flow(row.due_date, row.principal + row.interest + 5_00) for row in offer.rows]
    flows.append(Flow(offer.rows[-1].due_date, -180_00))
    by_hand = apr(AprMethod.EU_2008_48, flows, decimals=4).percent
    assert offer.apr_with_savings_ppm == int(by_hand * Decimal(10_000))
    assert offer.apr_ppm is not None
    assert offer.apr_with_savings_ppm > offer.apr_ppm
    plain = offered()
    assert (plain.apr_with_savings_ppm, asks_savings(plain.terms)) == (None, False)
    assert plain.apr_ppm == offer.apr_ppm, "the rate without savings knows none"


def test_a_loan_that_costs_nothing_costs_nothing_with_savings() -> None:
    free = preset("handup-interest-free", currency="USD", rate_ppm=0, savings_ppm=200_000)
    assert offer_of(Asked(free, UNITS, START)).apr_with_savings_ppm == 0


def test_savings_that_leave_her_nothing_have_no_rate() -> None:
    assert offered(savings_ppm=1_000_000).apr_with_savings_ppm is None


@given(st.integers(0, 400_000), st.integers(0, 200_00), st.integers(10_000, 600_000))
def test_savings_never_make_a_loan_cheaper(before: int, each: int, rate: int) -> None:
    terms = preset(
        "handup-declining",
        currency="USD",
        rate_ppm=rate,
        savings_ppm=before,
        savings_instalment_units=each,
    )
    offer = offer_of(Asked(terms, UNITS, START))
    found = offer.apr_with_savings_ppm
    if not before and not each:
        assert found is None
    else:
        assert found is not None
        assert offer.apr_ppm is not None
        assert found >= offer.apr_ppm


def test_money_that_comes_back_last_has_the_rate_above_zero() -> None:
    flows = [Flow(START, -900), Flow(date(2027, 1, 15), 1_250), Flow(date(2028, 1, 15), -200)]
    found = apr(AprMethod.XIRR_365, flows, decimals=2).percent
    growth = 1 + float(found) / 100
    assert abs(-900 + 1_250 / growth - 200 / growth**2) < 0.1
    with pytest.raises(NoRate):
        apr(AprMethod.XIRR_365, flows[::2], decimals=2)


def test_offer_paper_and_api_print_both_rates(client: Client, world: World) -> None:
    asked = {"savings_instalment_units": 5_00, "savings_holder": "BANK"}
    told: dict[str, Any] = {"currency": "USD", "rate_ppm": 240_000, "instalments": 12}
    told |= {"units": UNITS, "start_date": "2026-01-15", "terms": asked}
    made = post(client, world.cast.manager, "/offers", **told).json()
    offer = offered(savings_instalment_units=5_00)
    assert made["apr_with_savings_ppm"] == offer.apr_with_savings_ppm
    assert made["apr_ppm"] == offer.apr_ppm
    version = make_product(world.cast, world.direct, "EACH", terms=asked)
    client.force_login(world.cast.manager)
    page = client.get(reverse("lending:product_detail", args=[version.pk])).content.decode()
    assert "The same with the savings that are asked (EU)" in page
    plain = reverse("lending:product_detail", args=[world.product.pk])
    assert "savings that are asked (EU)" not in client.get(plain).content.decode()
    loan = signed(world, product_version=version)
    agreement = reverse("lending:agreement_paper", args=[loan.pk])
    assert "savings that are asked (EU)" in client.get(agreement).content.decode()
