"""Prices asked on an officer's own phone: carried as duties, stored once, doubted as any other."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from handup.markets.models import Commodity, MarketPlace, PriceObservation
from handup.markets.models.labels import BaseUnit
from handup.markets.services import name_unit, register_commodity
from handup.markets.services.prices import assign_prices, open_market
from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role
from handup.projects.models import Programme
from handup.sync import services
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import told
from handup.sync.work_queries import work_of
from handup.training.tests.conftest import member_of_staff

DAY = "2026-03-02"


@pytest.fixture
def boss(db: None) -> StaffUser:
    """Who opens markets and says who asks."""
    return member_of_staff("boss", Role.MANAGER)


@pytest.fixture
def out(db: None) -> StaffUser:
    """A field officer who asks for prices."""
    return member_of_staff("out", Role.FIELD_OFFICER)


@pytest.fixture
def maize(boss: StaffUser) -> Commodity:
    return register_commodity(acting_staff=boss, code="MAIZE", name="Maize", base_unit=BaseUnit.KG)


@pytest.fixture
def market(boss: StaffUser, programme: Programme, office: Office) -> MarketPlace:
    return open_market(
        acting_staff=boss, programme=programme, office=office, code="HILL", name="Hill market"
    )


def asked(market: MarketPlace, of: Commodity, *quotes: int, **more: Any) -> dict[str, Any]:
    body = {"market": str(market.pk), "commodity": str(of.pk), "level": "RETAIL"}
    return told("record_price", body | {"quotes": list(quotes)} | more, DAY)


def test_the_phone_carries_what_its_holder_asks_and_by_when(
    boss: StaffUser, out: StaffUser, maize: Commodity, market: MarketPlace
) -> None:
    today = timezone.localdate()
    assign_prices(
        acting_staff=boss,
        market=market,
        commodity=maize,
        collector=out,
        every_days=7,
        from_date=today - timedelta(days=3),
    )
    sack = name_unit(acting_staff=boss, commodity=maize, name="sack of 50", milli=50_000)
    (one,) = work_of(out)[0]["prices"]
    assert (one["market"], one["product"], one["currency"]) == ("Hill market", "Maize", "AMD")
    assert [unit["id"] for unit in one["units"]] == [sack.pk]
    assert one["due_date"] == today - timedelta(days=3)
    device = own_phone(out).device
    fact = asked(market, maize, 300, 320, 310) | {"happened_date": str(today)}
    assert states(services.receive_work([fact], acting_staff=out, device=device)) == ["DONE"]
    (one,) = work_of(out)[0]["prices"]
    assert one["due_date"] == today + timedelta(days=7)
    assert work_of(boss)[0]["prices"] == []


def test_a_price_is_stored_once_and_what_does_not_fit_waits(
    boss: StaffUser, out: StaffUser, maize: Commodity, market: MarketPlace
) -> None:
    sack = name_unit(acting_staff=boss, commodity=maize, name="sack of 50", milli=50_000)
    beans = register_commodity(acting_staff=boss, code="BEANS", name="Beans", base_unit=BaseUnit.KG)
    device = own_phone(out).device
    good = asked(market, maize, 15_000, unit=str(sack.pk))
    none = asked(market, beans, availability="NONE")
    facts = [
        good,
        none,
        asked(market, beans, 100, unit=str(sack.pk)),
        asked(market, beans),
        asked(market, maize, 0),
        asked(market, maize, 10**14),
        asked(market, maize, 5, level="MOON"),
        good,
    ]
    answers = services.receive_work(facts, acting_staff=out, device=device)
    waits, refused = "WAITING", "REFUSED"
    expected = ["DONE", "DONE", waits, waits, refused, refused, refused, "DONE"]
    assert states(answers) == expected
    first, second = PriceObservation.objects.order_by("commodity__code", "recorded_at")
    assert {str(first.pk), str(second.pk)} == {good["id"], none["id"]}
    assert second.quotes == [15_000]
    assert second.observed_date.isoformat() == DAY
