"""One record of each kind the addresses of `markets` name, for the tests that walk every
address.
"""

from datetime import date

from django.db.models import Model

from handup.markets.models import CommodityUnit, OpportunityStart
from handup.markets.models.labels import PriceLevel
from handup.markets.services import prices, studies
from handup.markets.tests.ground import DAY, milk_chain, milk_round
from handup.org.models import Office, StaffUser
from handup.people.models import Person
from handup.plans.models import Plan
from handup.projects.models import Programme


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A chain with a round, a market with a doubted price, a study somebody started from."""
    programme = Programme.objects.create(code="WALK-M", title="Walk", currency="RWF")
    chain = milk_chain(staff, programme, office)
    unit = CommodityUnit.objects.create(commodity=chain.commodity, name="can", milli=20_000)
    market = prices.open_market(
        acting_staff=staff, programme=programme, office=office, code="M", name="Hill market"
    )
    duty = prices.assign_prices(
        acting_staff=staff,
        market=market,
        commodity=chain.commodity,
        collector=staff,
        every_days=7,
        from_date=DAY,
    )
    price = prices.record_price(
        acting_staff=staff,
        market=market,
        observed_date=DAY,
        price=prices.PriceIn(chain.commodity, PriceLevel.RETAIL, [600]),
        today=DAY,
    )
    started = _started(staff, programme, office)
    return [
        chain,
        milk_round(staff, chain),
        chain.commodity,
        unit,
        *chain.actors.all(),
        market,
        duty,
        price,
        *started,
    ]


def _started(staff: StaffUser, programme: Programme, office: Office) -> list[Model]:
    person = Person.objects.create(
        registration_no="100000033",
        display_name="Vera Gardener",
        sort_key="gardener vera",
        programme=programme,
        office=office,
        registered_date=DAY,
        registered_by=staff,
    )
    plan = Plan.objects.create(
        number="WALK-M",
        programme=programme,
        office=office,
        adviser=staff,
        person=person,
        title="Vegetables",
        currency="RWF",
        start_month=date(2026, 4, 1),
        started_date=DAY,
    )
    study = studies.start_study(
        acting_staff=staff,
        programme=programme,
        office=office,
        title="Vegetables in town",
        question="What would the town buy?",
        started_date=DAY,
    )
    finding = studies.record_finding(acting_staff=staff, study=study, statement="Broccoli")
    opportunity = studies.record_opportunity(
        acting_staff=staff,
        study=study,
        product="Broccoli",
        buyers="Two restaurants",
        next_action="Tell the groups",
    )
    start: OpportunityStart = studies.trace_start(
        acting_staff=staff, opportunity=opportunity, started_date=DAY, today=DAY, plan=plan
    )
    return [study, finding, opportunity, start, person]
