"""One record of each kind the addresses of `markets` name, for the tests that walk every
address.
"""

from datetime import date, timedelta

from django.db.models import Model

from handup.markets.models import Commodity, CommodityUnit, OpportunityStart
from handup.markets.models.labels import JobKind, PriceLevel, TrialKind
from handup.markets.rules.contracts import Answer, Point
from handup.markets.services import (
    contracts,
    deliveries,
    jobs,
    linkages,
    prices,
    studies,
    technology,
)
from handup.markets.tests.ground import DAY, milk_chain, milk_round
from handup.org.models import Office, StaffUser
from handup.people.models import Person
from handup.plans.models import Plan
from handup.projects.models import Organisation, Programme


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
        *_agreed(staff, programme, office, chain.commodity),
        *_worked(staff, programme, office),
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


def _agreed(
    staff: StaffUser, programme: Programme, office: Office, commodity: Commodity
) -> list[Model]:
    """A contract with a delivery, a linkage with a promise, a policy issue."""
    seller = Organisation.objects.create(code="WALK-COOP", name="Hill cooperative")
    buyer = Organisation.objects.create(code="WALK-BUY", name="Town dairy")
    terms = contracts.Terms(
        quantity=2_000, place="Hill store", starts=DAY, ends=DAY + timedelta(days=90)
    )
    contract = contracts.offer_contract(
        acting_staff=staff,
        programme=programme,
        office=office,
        code="WALK",
        seller=seller,
        buyer=buyer,
        commodity=commodity,
        terms=terms,
        grades={"A": 600},
    )
    contracts.check_contract(
        acting_staff=staff,
        contract=contract,
        answers={point.value: Answer(clear=True) for point in Point},
        on=DAY,
    )
    signed = contracts.sign_contract(
        acting_staff=staff, contract=contract, signed_by="Vera", signed_date=DAY, today=DAY
    )
    delivery = deliveries.record_delivery(
        acting_staff=staff,
        contract=signed,
        grade=signed.grades.get(),
        delivered_date=DAY,
        delivered=500,
        today=DAY,
    )
    linkage = linkages.record_linkage(
        acting_staff=staff,
        programme=programme,
        office=office,
        title="Cold room",
        public_party=buyer,
        private_party=seller,
        started_date=DAY,
    )
    promise = linkages.record_commitment(
        acting_staff=staff, linkage=linkage, party=buyer, what="Give the land", due_date=DAY
    )
    issue = linkages.open_issue(
        acting_staff=staff,
        programme=programme,
        office=office,
        title="Permit",
        ask="One a year",
        target="The council",
    )
    return [contract, delivery, linkage, promise, issue]


def _worked(staff: StaffUser, programme: Programme, office: Office) -> list[Model]:
    """A vacancy somebody began, a technology she took up."""
    person = Person.objects.get(registration_no="100000033")
    vacancy = jobs.open_vacancy(
        acting_staff=staff,
        programme=programme,
        office=office,
        title="Cheese maker",
        job_kind=JobKind.PROCESSING,
        employer_name="Town dairy",
        opened_date=DAY,
        places=2,
    )
    match = jobs.propose_person(
        acting_staff=staff, vacancy=vacancy, person=person, matched_date=DAY
    )
    job = jobs.place_person(acting_staff=staff, match=match, started_date=DAY, today=DAY)
    need = technology.record_need(
        acting_staff=staff,
        programme=programme,
        office=office,
        title="Milk spoils",
        told_by_whom="14 dairy women",
        told_date=DAY,
    )
    trial = technology.record_trial(
        acting_staff=staff,
        need=need,
        technology="Cooler",
        kind=TrialKind.DEMONSTRATION,
        held_date=DAY,
        today=DAY,
    )
    adoption = technology.record_adoption(
        acting_staff=staff, trial=trial, adopted_date=DAY, today=DAY, person=person
    )
    return [vacancy, match, job, need, trial, adoption]
