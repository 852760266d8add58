"""Prices: told, doubted, looked at by another person, published, over time."""

import json
from datetime import date, timedelta
from fractions import Fraction

import pytest
from django.test import Client
from django.urls import reverse

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.markets.models import Commodity, MarketPlace, PriceObservation
from handup.markets.models.labels import Availability, BaseUnit, PriceLevel
from handup.markets.queries import prices as queries
from handup.markets.rules.prices import Limits
from handup.markets.services import name_unit, register_commodity
from handup.markets.services import prices as services
from handup.markets.services.chains import DayAhead
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, Office, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.projects.models import Programme

DAY = date(2026, 3, 2)


@pytest.fixture
def broccoli(officer: StaffUser) -> Commodity:
    return register_commodity(
        acting_staff=officer, code="BROCCOLI", name="Broccoli", base_unit=BaseUnit.KG
    )


@pytest.fixture
def market(officer: StaffUser, programme: Programme, office: Office) -> MarketPlace:
    return services.open_market(
        acting_staff=officer, programme=programme, office=office, code="HILL", name="Hill market"
    )


def tell(
    staff: StaffUser, market: MarketPlace, of: Commodity, price: int, days: int = 0
) -> PriceObservation:
    return services.record_price(
        acting_staff=staff,
        market=market,
        observed_date=DAY + timedelta(days=days),
        price=services.PriceIn(of, PriceLevel.RETAIL, [price, price + 10, price - 10]),
        today=DAY + timedelta(days=400),
    )


def test_a_doubted_price_waits_for_another_person_and_counts_for_nothing_until_then(
    officer: StaffUser,
    other_officer: StaffUser,
    field_officer: StaffUser,
    market: MarketPlace,
    broccoli: Commodity,
) -> None:
    for week, price in enumerate((600, 620, 640, 610)):
        assert tell(field_officer, market, broccoli, price, week * 7).state == "RECORDED"
    doubted = tell(officer, market, broccoli, 900, 28)
    assert (doubted.state, doubted.flags) == ("FLAGGED", ["JUMP"])
    assert tell(field_officer, market, broccoli, 800, 29).state == "RECORDED"
    published = services.publish_prices(
        acting_staff=officer, market=market, on=DAY + timedelta(days=30)
    )
    assert doubted.pk not in {row.pk for row in published}
    assert len(published) == 5
    on = DAY + timedelta(days=30)
    with pytest.raises(SamePerson):
        services.confirm_price(acting_staff=officer, price=doubted, on=on, reason="I saw it")
    with pytest.raises(services.PriceReasonMissing):
        services.confirm_price(acting_staff=other_officer, price=doubted, on=on, reason=" ")
    doubted.refresh_from_db()
    assert doubted.state == "FLAGGED"
    held = services.confirm_price(
        acting_staff=other_officer, price=doubted, on=on, reason="The road is closed"
    )
    assert (held.state, held.decided_by) == ("CONFIRMED", other_officer)
    with pytest.raises(services.PriceNotWaiting):
        services.reject_price(acting_staff=other_officer, price=doubted, on=on, reason="no")
    (board,) = queries.board_of(market, since=DAY)
    assert board.price == 800
    assert AuditLine.objects.filter(action="markets.publish_prices").count() == 5


def test_a_price_of_an_unknown_unit_is_kept_and_not_compared(
    officer: StaffUser, market: MarketPlace, broccoli: Commodity
) -> None:
    sack = name_unit(acting_staff=officer, commodity=broccoli, name="sack", milli=20_000)
    heap = name_unit(acting_staff=officer, commodity=broccoli, name="heap")
    told = [
        services.PriceIn(broccoli, PriceLevel.RETAIL, [12_000, 12_400, 12_800], sack),
        services.PriceIn(broccoli, PriceLevel.RETAIL, [300, 300, 300], heap),
        services.PriceIn(broccoli, PriceLevel.RETAIL, [50, 50, 50], unit_told="handful"),
        services.PriceIn(broccoli, PriceLevel.RETAIL, [], availability=Availability.NONE),
    ]
    rows = services.record_prices(
        acting_staff=officer, market=market, observed_date=DAY, prices=told, today=DAY
    )
    assert [row.price for row in rows] == [620, None, None, None]
    assert [row.flags for row in rows] == [[], ["UNKNOWN_UNIT"], ["UNKNOWN_UNIT"], []]
    assert [row.unit_words for row in rows] == ["sack", "heap", "handful", "kg"]


def test_a_price_is_refused_as_long_as_something_is_wrong_with_it(
    officer: StaffUser,
    outsider: StaffUser,
    market: MarketPlace,
    broccoli: Commodity,
) -> None:
    milk = register_commodity(acting_staff=officer, code="MILK", name="Milk", base_unit=BaseUnit.L)
    can = name_unit(acting_staff=officer, commodity=milk, name="can", milli=20_000)
    retail = PriceLevel.RETAIL
    cases: list[tuple[type[Refusal], StaffUser, services.PriceIn, date]] = [
        (services.QuoteMissing, officer, services.PriceIn(broccoli, retail, []), DAY),
        (services.QuoteNotAboveZero, officer, services.PriceIn(broccoli, retail, [5, 0]), DAY),
        (services.TooManyQuotes, officer, services.PriceIn(broccoli, retail, [5] * 51), DAY),
        (
            services.UnitOfAnotherProduct,
            officer,
            services.PriceIn(broccoli, retail, [5], can),
            DAY,
        ),
        (DayAhead, officer, services.PriceIn(broccoli, retail, [5]), DAY + timedelta(days=1)),
        (OutOfSight, outsider, services.PriceIn(broccoli, retail, [5]), DAY),
    ]
    for refusal, staff, price, day in cases:
        with pytest.raises(refusal):
            services.record_price(
                acting_staff=staff, market=market, observed_date=day, price=price, today=DAY
            )
    assert not PriceObservation.objects.exists()


def test_limits_are_data_of_a_product_before_those_of_all(
    officer: StaffUser, market: MarketPlace, broccoli: Commodity, programme: Programme
) -> None:
    assert services.limits_for(programme.pk, broccoli) == Limits()
    wide = Limits(ln_milli=1_000, least_quotes=1)
    services.set_price_rule(
        acting_staff=officer, programme=programme, limits=wide, commodity=broccoli
    )
    services.set_price_rule(
        acting_staff=officer, programme=programme, limits=Limits(least_quotes=5)
    )
    assert services.limits_for(programme.pk, broccoli) == wide
    tell(officer, market, broccoli, 600)
    assert tell(officer, market, broccoli, 900, 7).state == "RECORDED"
    with pytest.raises(services.LimitOutOfRange):
        services.set_price_rule(
            acting_staff=officer, programme=programme, limits=Limits(look_back=0)
        )


def test_months_are_medians_and_real_in_money_of_the_newest_index(
    officer: StaffUser, market: MarketPlace, broccoli: Commodity
) -> None:
    for price, days in ((600, 0), (640, 7), (700, 31)):
        tell(officer, market, broccoli, price, days)
    for month, index in ((date(2026, 3, 1), 100_000), (date(2026, 4, 1), 105_000)):
        services.record_price_index(
            acting_staff=officer, currency="RWF", month=month, index_milli=index, source="office"
        )
    rows = queries.monthly(officer, commodity=broccoli, level="RETAIL", since=DAY)
    assert [(row.month, row.price, row.real, row.told) for row in rows] == [
        (date(2026, 3, 1), Fraction(620), Fraction(651), 2),
        (date(2026, 4, 1), Fraction(700), Fraction(700), 1),
    ]
    with pytest.raises(services.IndexTaken):
        services.record_price_index(
            acting_staff=officer, currency="rwf", month=DAY, index_milli=1, source="x"
        )


def test_the_same_id_brings_the_same_price_and_no_other(
    officer: StaffUser, market: MarketPlace, broccoli: Commodity
) -> None:
    key = new_id()

    def told(*quotes: int) -> PriceObservation:
        price = services.PriceIn(broccoli, PriceLevel.RETAIL, quotes, id=key)
        return services.record_price(
            acting_staff=officer, market=market, observed_date=DAY, price=price, today=DAY
        )

    assert told(600, 610, 620) == told(600, 610, 620)
    with pytest.raises(SameIdOtherContent):
        told(600, 610, 630)
    assert PriceObservation.objects.count() == 1


def test_a_price_index_counts_for_every_programme_and_is_written_by_who_reaches_all(
    client: Client, office: Office
) -> None:
    own = staff_with("one", Role.ME_OFFICER, scope=ScopeKind.OFFICE, office_id=office.pk)
    with pytest.raises(NotAllowed):
        services.record_price_index(
            acting_staff=own, currency="RWF", month=DAY, index_milli=1, source="x"
        )
    client.force_login(own)
    assert "Record a price index" not in client.get(reverse("markets:index_list")).content.decode()
    assert client.get(reverse("markets:index_new")).status_code == 403


def test_who_asks_is_due_by_when_it_was_last_asked(
    officer: StaffUser, field_officer: StaffUser, market: MarketPlace, broccoli: Commodity
) -> None:
    services.assign_prices(
        acting_staff=officer,
        market=market,
        commodity=broccoli,
        collector=field_officer,
        every_days=7,
        from_date=DAY,
    )
    on = DAY + timedelta(days=3)
    (duty,) = queries.live_duties(officer, on=on)
    assert queries.due_date(duty) == DAY
    tell(field_officer, market, broccoli, 600, 2)
    (duty,) = queries.live_duties(officer, on=on)
    assert queries.due_date(duty) == DAY + timedelta(days=9)
    assert not queries.live_duties(officer, on=DAY - timedelta(days=1)).exists()


def test_a_price_goes_the_way_of_its_pages(
    client: Client,
    officer: StaffUser,
    other_officer: StaffUser,
    market: MarketPlace,
    broccoli: Commodity,
) -> None:
    client.force_login(officer)
    told = {
        "observed_date": "2026-03-02",
        "commodity": str(broccoli.pk),
        "level": "RETAIL",
        "availability": "GOOD",
        "quotes": "600\n620",
        "_new_id": str(new_id()),
    }
    client.post(reverse("markets:price_new", args=[market.pk]), told)
    row = PriceObservation.objects.get()
    assert (row.quotes, row.flags) == ([600, 620], ["FEW_QUOTES"])
    page = reverse("markets:price_detail", args=[row.pk])
    assert "too few were asked" in client.get(page).content.decode()
    client.force_login(other_officer)
    client.post(reverse("markets:price_confirm", args=[row.pk]), {"reason": "Only two sell it"})
    client.post(reverse("markets:price_publish", args=[market.pk]))
    board = client.get(reverse("markets:price_board", args=[market.pk])).content.decode()
    row.refresh_from_db()
    assert row.state == "PUBLISHED"
    assert "Prices at Hill market" in board
    for name in (
        "market_list",
        "price_list",
        "price_series",
        "duty_list",
        "rule_list",
        "index_list",
    ):
        assert client.get(reverse(f"markets:{name}")).status_code == 200, name
    assert (
        "610.00" in client.get(reverse("markets:market_detail", args=[market.pk])).content.decode()
    )
    export = client.get(reverse("markets:price_list"), {"export": "csv"})
    assert "Broccoli" in export.getvalue().decode()
    series = client.get(reverse("markets:price_series")).content.decode()
    assert "Broccoli" in series


def test_old_prices_are_drawn_over_the_two_years_that_end_with_the_newest(
    client: Client, officer: StaffUser, market: MarketPlace, broccoli: Commodity
) -> None:
    day = date(2005, 4, 18)
    for units, told in ((500, date(2002, 1, 7)), (600, date(2005, 3, 7)), (640, day)):
        services.record_price(
            acting_staff=officer,
            market=market,
            observed_date=told,
            price=services.PriceIn(broccoli, PriceLevel.RETAIL, (units, units, units)),
            today=day,
        )
    client.force_login(officer)
    page = client.get(reverse("markets:price_series")).content.decode()
    assert "Mar 2005" in page
    assert "Apr 2005" in page
    assert "Jan 2002" not in page


def test_a_price_goes_in_over_the_api_once(
    client: Client, officer: StaffUser, market: MarketPlace, broccoli: Commodity
) -> None:
    client.force_login(officer)
    key = str(new_id())
    told = {
        "observed_date": "2026-03-02",
        "commodity_id": str(broccoli.pk),
        "level": "RETAIL",
        "quotes": [600, 620, 640],
    }
    for _ in range(2):
        sent = client.post(
            f"/api/v1/markets/markets/{market.pk}/prices",
            json.dumps(told),
            content_type="application/json",
            headers={"Idempotency-Key": key},
        )
        assert sent.status_code == 201, sent.content
        assert sent.json()["price_milli"] == 620_000
    months = client.get(
        f"/api/v1/markets/commodities/{broccoli.pk}/months", {"since": "2026-01-01"}
    ).json()
    assert months == [
        {
            "month": "2026-03-01",
            "market_id": str(market.pk),
            "price": "620.00",
            "real": None,
            "told": 1,
        }
    ]
