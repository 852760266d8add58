"""Which groups were told of an opportunity or a price, and what is refused to be told."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import Group, GroupTold
from handup.groups.models.told import Way
from handup.groups.services import told
from handup.groups.tests.conftest import staff_with
from handup.markets.models.labels import BaseUnit, OpportunityState, PriceLevel
from handup.markets.services import prices, register_commodity, studies
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.standing import standing

DAY = date(2026, 3, 2)


@standing
def manager(db: None) -> StaffUser:
    return staff_with("market manager", Role.MANAGER)


def test_groups_are_told_once_of_an_opportunity_and_their_pages_show_it(
    client: Client, manager: StaffUser, group: Group
) -> None:
    study = studies.start_study(
        acting_staff=manager,
        programme=group.programme,
        title="Vegetables in town",
        question="What would the town buy?",
        started_date=DAY,
    )
    row = studies.record_opportunity(
        acting_staff=manager,
        study=study,
        product="Broccoli",
        buyers="Two restaurants",
        next_action="Tell the groups",
    )
    tell = partial(
        told.tell_groups,
        acting_staff=manager,
        groups=[group],
        told_date=DAY,
        today=DAY,
        way=Way.MEETING,
        opportunity=row,
    )
    assert len(tell()) == 1
    assert tell() == []
    client.force_login(manager)
    page = client.get(reverse("markets:opportunity_detail", args=[row.pk])).content.decode()
    assert group.name in page
    own = client.get(reverse("groups:group_detail", args=[group.pk])).content.decode()
    assert "Broccoli" in own
    assert client.get(reverse("groups:told_opportunity", args=[row.pk])).status_code == 200
    for refusal, wrong in (
        (told.NoGroupChosen, partial(tell, groups=[])),
        (told.ToldAhead, partial(tell, told_date=DAY + timedelta(days=1))),
        (told.ToldOfNothing, partial(tell, opportunity=None)),
        (NotAllowed, partial(tell, acting_staff=staff_with("reader", Role.ME_READER))),
    ):
        with pytest.raises(refusal):
            wrong()
    studies.follow_opportunity(
        acting_staff=manager, opportunity=row, state=OpportunityState.DROPPED, reason="no road"
    )
    with pytest.raises(told.DroppedAlready):
        tell()
    assert GroupTold.objects.count() == 1


def test_only_a_published_price_that_is_not_old_is_told(manager: StaffUser, group: Group) -> None:
    milk = register_commodity(acting_staff=manager, code="MILK", name="Milk", base_unit=BaseUnit.L)
    market = prices.open_market(
        acting_staff=manager, programme=group.programme, code="M", name="Hill market"
    )
    price = prices.record_price(
        acting_staff=manager,
        market=market,
        observed_date=DAY,
        price=prices.PriceIn(milk, PriceLevel.RETAIL, [600, 610, 620]),
        today=DAY,
    )
    tell = partial(
        told.tell_groups,
        acting_staff=manager,
        groups=[group],
        told_date=DAY + timedelta(days=30),
        today=DAY + timedelta(days=60),
        way=Way.SMS,
    )
    with pytest.raises(told.NotPublished):
        tell(price=price)
    (price,) = prices.publish_prices(acting_staff=manager, market=market, on=DAY)
    with pytest.raises(told.PriceIsOld):
        tell(price=price, told_date=DAY + timedelta(days=31))
    (row,) = tell(price=price)
    assert (row.way, row.price_id) == ("SMS", price.pk)
