"""What the three programmes do in markets: a dairy chain, prices, the vegetable study and who was
told of it, a policy issue that moves, promises of a ministry and a trade, technology asked for.

Constructed values throughout: no source prints a price, a promise or an answer of one person.
"""

from datetime import date, timedelta

from handup.demo.foundation import Ground
from handup.demo.grouping import GroupWorld
from handup.demo.people import Progress
from handup.groups.models.told import Way
from handup.groups.services.told import tell_groups
from handup.markets.models import Commodity, MarketPlace, Opportunity
from handup.markets.models.labels import (
    BaseUnit,
    Heard,
    PriceLevel,
    Stage,
    SupportKind,
    TrialKind,
)
from handup.markets.rules.policy import PolicyStage
from handup.markets.services import (
    FlowIn,
    add_actor,
    linkages,
    open_chain,
    prices,
    record_round,
    register_commodity,
    studies,
    technology,
)
from handup.org.rules.access import Role
from handup.plans.services import start_plan
from handup.projects.models import Document, DocumentType, Organisation
from handup.projects.models.labels import OrgKind
from handup.projects.services import add_document, add_standard_types, register_organisation

DAY = date(2005, 3, 7)
MILK = (
    (Stage.PRODUCTION, "Herders", 600_00, 410_00, 0),
    (Stage.COLLECTION, "Collectors", 750_00, 60_00, 200),
    (Stage.PROCESSING, "Dairy", 1_400_00, 380_00, 500),
    (Stage.RETAIL, "Shops", 1_800_00, 120_00, 300),
)
BROCCOLI = (1_200, 1_240, 1_280, 1_220, 1_300, 1_260)
STEPS = 3
SHOWN, TOOK_UP, BETTER, WORSE = 14, 12, 9, 3


def load_markets(grounds: dict[str, Ground], world: GroupWorld, progress: Progress) -> None:
    """Load the market work of the three programmes."""
    load_chain(grounds["ADRA-MN"])
    load_study(grounds["ADRA-MN"], world)
    progress(1)
    load_policy(grounds["IOM-AM"])
    progress(1)
    load_technology(grounds["IFAD-RW"])
    progress(1)


def organisation(ground: Ground, code: str, name: str, kind: OrgKind) -> Organisation:
    """Enter an institution of the demonstration."""
    return register_organisation(
        acting_staff=ground.cast[Role.MANAGER], code=code, name=name, kinds=[kind]
    )


def load_chain(ground: Ground) -> None:
    """Milk from herder to shop, asked twice."""
    manager, office = ground.cast[Role.MANAGER], ground.cast.offices["MN"]
    milk = register_commodity(acting_staff=manager, code="MILK", name="Milk", base_unit=BaseUnit.L)
    chain = open_chain(
        acting_staff=manager,
        programme=ground.programme,
        office=office,
        commodity=milk,
        code="MILK",
        title="Milk from herder to shop",
        women_role="Milk, make curd and butter, sell at the road.",
    )
    actors = [
        add_actor(acting_staff=manager, chain=chain, stage=stage, name=name)
        for stage, name, *_numbers in MILK
    ]
    for month, more in ((0, 0), (3, 40_00)):
        day = DAY + timedelta(days=30 * month)
        record_round(
            acting_staff=manager,
            chain=chain,
            taken_date=day,
            source="Demonstration: asked along the road",
            flows=[
                FlowIn(actor, price + more, cost, loss)
                for actor, (_stage, _name, price, cost, loss) in zip(actors, MILK, strict=True)
            ],
            today=day,
        )


def load_prices(ground: Ground, broccoli: Commodity) -> MarketPlace:
    """Six weeks of prices at the city's market; the last one is doubted."""
    manager, officer = ground.cast[Role.MANAGER], ground.cast[Role.FIELD_OFFICER]
    market = prices.open_market(
        acting_staff=manager,
        programme=ground.programme,
        office=ground.cast.offices["MN"],
        code="CITY",
        name="City vegetable market",
    )
    prices.assign_prices(
        acting_staff=manager,
        market=market,
        commodity=broccoli,
        collector=officer,
        every_days=7,
        from_date=DAY,
    )
    for week, price in enumerate((*BROCCOLI, 1_900)):
        day = DAY + timedelta(weeks=week)
        told = [100 * (price + step) for step in (0, -20, 20)]
        prices.record_price(
            acting_staff=officer,
            market=market,
            observed_date=day,
            price=prices.PriceIn(broccoli, PriceLevel.RETAIL, told),
            today=day,
        )
    prices.publish_prices(acting_staff=manager, market=market, on=DAY + timedelta(weeks=7))
    return market


def load_study(ground: Ground, world: GroupWorld) -> None:
    """The study that found broccoli and leafy greens, the two groups told, the business started."""
    manager, officer = ground.cast[Role.MANAGER], ground.cast[Role.FIELD_OFFICER]
    broccoli = register_commodity(
        acting_staff=manager, code="BROCCOLI", name="Broccoli", base_unit=BaseUnit.KG
    )
    load_prices(ground, broccoli)
    study = studies.start_study(
        acting_staff=manager,
        programme=ground.programme,
        office=ground.cast.offices["MN"],
        title="Vegetables the city buys",
        question="Which vegetables does the city buy that nobody near it grows?",
        method="Shops, restaurants and stalls asked in two weeks.",
        sample="24 buyers",
        started_date=DAY,
    )
    for statement in (
        "Broccoli comes frozen from abroad; nine of 24 buyers would take it fresh.",
        "Leafy greens sell out before noon from June to September.",
    ):
        studies.record_finding(acting_staff=manager, study=study, statement=statement)
    found: dict[str, Opportunity] = {}
    for product, commodity, season in (
        ("Broccoli", broccoli, "July to September"),
        ("Leafy greens", None, "June to September"),
    ):
        found[product] = studies.record_opportunity(
            acting_staff=manager,
            study=study,
            product=product,
            commodity=commodity,
            buyers="Shops and restaurants of the city",
            season=season,
            next_action="Tell the self-help groups before the seed is bought",
        )
    studies.finish_study(acting_staff=manager, study=study, finished_date=DAY + timedelta(days=21))
    told = DAY + timedelta(days=28)
    for opportunity in found.values():
        tell_groups(
            acting_staff=officer,
            groups=world.groups[:2],
            told_date=told,
            today=told,
            way=Way.MEETING,
            opportunity=opportunity,
        )
    _start(ground, world, found["Broccoli"], told)


def _start(ground: Ground, world: GroupWorld, opportunity: Opportunity, told: date) -> None:
    """One member of a group that was told starts to grow it, with a plan."""
    adviser = ground.cast[Role.ADVISOR]
    member = world.groups[0].members.filter(person__isnull=False).order_by("member_no").first()
    assert member is not None
    assert member.person is not None
    plan = start_plan(
        acting_staff=adviser,
        programme=ground.programme,
        person=member.person,
        office=ground.cast.offices["MN"],
        title="Broccoli for the city",
        currency=ground.programme.currency,
        start_month=date(2005, 5, 1),
        started_date=told + timedelta(days=7),
    )
    started = date(2005, 5, 16)
    studies.trace_start(
        acting_staff=adviser,
        opportunity=opportunity,
        plan=plan,
        started_date=started,
        today=started,
    )


def paper(ground: Ground, title: str) -> Document:
    """A policy brief of the programme's library, of which only the title is held."""
    manager = ground.cast[Role.MANAGER]
    add_standard_types(acting_staff=manager)
    kind = DocumentType.objects.get(code="POLICY_BRIEF")
    return add_document(
        acting_staff=manager,
        programme=ground.programme,
        type=kind,
        title=title,
        language="en",
        remark="Demonstration: only its title is held.",
    )


def load_policy(ground: Ground) -> None:
    """An association formed with help, and its issue that moved one stage with a document."""
    manager = ground.cast[Role.MANAGER]
    association = organisation(
        ground, "AM-TRADERS", "Association of small traders (demonstration)", OrgKind.ASSOCIATION
    )
    linkages.record_support(
        acting_staff=manager,
        programme=ground.programme,
        association=association,
        kind=SupportKind.REGISTRATION,
        support_date=DAY,
        what="Statutes and registration",
        people=23,
        women=14,
        result="Registered",
        today=DAY,
    )
    issue = linkages.open_issue(
        acting_staff=manager,
        programme=ground.programme,
        title="Simplified tax for enterprises without employees",
        ask="One payment a quarter instead of monthly returns",
        target="Ministry of Industry and Economic Development",
        association=association,
    )
    linkages.record_policy_event(
        acting_staff=manager,
        issue=issue,
        event_date=DAY + timedelta(days=30),
        note="Forty traders told what their returns cost them",
        after=PolicyStage.EVIDENCE,
        document=paper(ground, "What monthly returns cost a small trader"),
        today=DAY + timedelta(days=30),
    )


def load_technology(ground: Ground) -> None:
    """What tailors and carpenters lacked, who took it up, and what they said of it."""
    manager = ground.cast[Role.MANAGER]
    trade = organisation(
        ground, "RW-TRADES", "Federation of trades (demonstration)", OrgKind.ASSOCIATION
    )
    need = technology.record_need(
        acting_staff=manager,
        programme=ground.programme,
        title="Planks warp because they are sawn wet",
        told_by_whom="14 carpenters of two provinces",
        told_date=DAY,
    )
    trial = technology.record_trial(
        acting_staff=manager,
        need=need,
        technology="Drying shed of local brick",
        kind=TrialKind.DEMONSTRATION,
        held_date=DAY,
        supplier=trade,
        cost_units=85_000,
        people=SHOWN,
        women=3,
        today=DAY,
    )
    asked = DAY + timedelta(days=180)
    for place in range(TOOK_UP):
        body = organisation(
            ground,
            f"RW-SHOP-{place + 1:02d}",
            f"Workshop {place + 1:02d} (demonstration)",
            OrgKind.OTHER,
        )
        row = technology.record_adoption(
            acting_staff=manager, trial=trial, adopted_date=DAY, organisation=body, today=DAY
        )
        technology.record_result(
            acting_staff=manager,
            adoption=row,
            asked_date=asked,
            today=asked,
            better_quality=Heard.YES if place < BETTER else Heard.NO,
        )
    load_promises(ground, trade)


def load_promises(ground: Ground, trade: Organisation) -> None:
    """What the ministry and the trade promised each other; one promise is kept."""
    manager = ground.cast[Role.MANAGER]
    linkage = linkages.record_linkage(
        acting_staff=manager,
        programme=ground.programme,
        title="School furniture from the trades",
        public_party=ground.organisations["MINICOM"],
        private_party=trade,
        started_date=DAY,
    )
    for party, what, days in (
        (linkage.public_party, "Publish the orders of the schools", 30),
        (linkage.private_party, "Train forty joiners to the norm", 90),
    ):
        due = DAY + timedelta(days=days)
        promise = linkages.record_commitment(
            acting_staff=manager, linkage=linkage, party=party, what=what, due_date=due
        )
        if party is linkage.public_party:
            linkages.keep_commitment(
                acting_staff=manager,
                commitment=promise,
                done_date=due,
                result="Orders of 12 schools published",
                today=due,
            )
