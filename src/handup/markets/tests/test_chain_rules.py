"""Margins along a chain: the worked table, what is lost on the way, two days compared."""

from fractions import Fraction

import pytest

from handup.kernel.money import decimal_text
from handup.markets.rules.chains import Flow, along, compare
from handup.plans.rules.measures import LossOf100Percent

FARM_TO_SHOP = (
    Flow("1", "Producer", 600, 410),
    Flow("2", "Collector", 750, 60, 200),
    Flow("3", "Processor", 1_400, 380, 500),
    Flow("4", "Retailer", 1_800, 120, 300),
)


def test_the_worked_table_from_farm_to_shop() -> None:
    """projects_and_markets.md 8: the producer gets 33.3 % of the final price."""
    chain = along(FARM_TO_SHOP)
    net = [decimal_text(link.margin.net_margin, 2) for link in chain.links]
    assert net == ["190.00", "77.76", "230.53", "236.70"]
    assert chain.first_share is not None
    assert decimal_text(chain.first_share, 1) == "33.3"
    assert chain.final_price == 1_800
    assert chain.losers == ()


def test_what_is_lost_on_the_way_multiplies() -> None:
    assert (
        along(FARM_TO_SHOP).lost_percent
        == (1 - Fraction(98, 100) * Fraction(95, 100) * Fraction(97, 100)) * 100
    )
    assert decimal_text(along(FARM_TO_SHOP).lost_percent, 1) == "9.7"


def test_shares_of_the_final_price_add_up_to_all_of_it() -> None:
    shares = [link.margin.share_of_final_percent for link in along(FARM_TO_SHOP).links]
    assert sum(share for share in shares if share is not None) == 100


def test_an_actor_who_spends_more_than_she_takes_is_named() -> None:
    chain = along((Flow("1", "Grower", 90, 98), Flow("2", "Trader", 130, 12, 600)))
    assert [link.flow.name for link in chain.losers] == ["Grower"]


def test_a_chain_that_loses_everything_has_no_margins() -> None:
    with pytest.raises(LossOf100Percent):
        along((Flow("1", "Grower", 100, 60), Flow("2", "Trader", 150, 5, 10_000)))


def test_a_chain_without_actors_says_nothing() -> None:
    empty = along(())
    assert empty.first_share is None
    assert empty.final_price == 0
    assert empty.lost_percent == 0


def test_a_price_of_nothing_has_no_percentages() -> None:
    given = along((Flow("1", "Grower", 0, 10),))
    assert given.first_share is None
    assert given.links[0].margin.net_margin_percent is None


def test_two_days_are_compared_actor_by_actor_and_those_who_left_come_last() -> None:
    before = along(FARM_TO_SHOP)
    after = along(
        (Flow("1", "Producer", 660, 410), FARM_TO_SHOP[3], Flow("5", "Exporter", 2_000, 1))
    )
    steps = compare(before, after)
    assert [step.name for step in steps] == [
        "Producer",
        "Retailer",
        "Exporter",
        "Collector",
        "Processor",
    ]
    producer, _retailer, exporter, collector, _processor = steps
    assert producer.price_change_percent == 10
    assert producer.net_change == 60
    assert producer.share_change == Fraction(660, 2_000) * 100 - Fraction(600, 1_800) * 100
    assert (exporter.price_change_percent, exporter.net_change, exporter.share_change) == (
        None,
        None,
        None,
    )
    assert (collector.after, collector.price_change_percent) == (None, None)
