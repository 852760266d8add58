"""One record of each kind the addresses of `groups` name, for the tests that walk every address."""

from datetime import date

from django.db.models import Model

from handup.groups.models import DossierMember, Group, Meeting, Member, PaperSheet, PriceLine
from handup.groups.models.collection import Producer, Shift
from handup.groups.models.group import GroupKind
from handup.groups.models.kin import KinRelation
from handup.groups.models.payslips import DeductionKind
from handup.groups.models.sales import Measure
from handup.groups.models.scoring import Given
from handup.groups.services import (
    NewGroup,
    NewMember,
    admit_members,
    advocacy,
    bulk,
    collection,
    cooperative,
    deductions,
    delegates,
    deliveries,
    dossiers,
    dues,
    elections,
    firms,
    open_meeting,
    payslips,
    processing,
    register_group,
    sales,
    scoring,
    shares,
    surplus,
)
from handup.groups.services.advice import AdviceIn, record_advice_visit
from handup.groups.services.assembly import Votes
from handup.groups.services.kin import name_next_of_kin
from handup.groups.services.needs import NeedIn, record_needs
from handup.groups.tests.conftest import FORMED, new_person
from handup.kernel.ids import new_id
from handup.ledger.rules.posting_rules import Part
from handup.ledger.services import Source, fact_lines, post_entry
from handup.markets.models import PolicyIssue
from handup.org.models import Area, Office, StaffUser
from handup.people.models import Person
from handup.people.rules.codes import ConsentPurpose
from handup.projects.models import Organisation, Programme


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A programme with one savings group of two members."""
    programme = Programme.objects.create(code="WALK-G", title="Walk", currency="XTS")
    area = Area.objects.create(code="WALK-G", names={"en": "Village"}, level=2)
    group = register_group(
        acting_staff=staff,
        programme=programme,
        group=NewGroup(
            name="Morning star",
            kind=GroupKind.SAVINGS,
            area=area,
            formed_date=FORMED,
            currency="XTS",
            officer=staff,
            settings={"share_value_units": 500, "charge_rate_bps": 1000, "fine_late_units": 50},
        ),
    )
    persons = [new_person(number, programme, staff) for number in (9001, 9002)]
    members = admit_members(
        acting_staff=staff,
        group=group,
        members=[NewMember(person=person, joined_date=FORMED) for person in persons],
    )
    meeting = open_meeting(acting_staff=staff, group=group, held_date=FORMED)
    filled = scoring.assess_group(
        acting_staff=staff,
        group=group,
        card_code="TEN_POINTS",
        marks={1: scoring.MarkIn(Given.SCORED, 5)},
        people_count=2,
        on=FORMED,
    )
    mark = filled.marks.get(no=1)
    dispute = scoring.dispute_mark(acting_staff=staff, mark=mark, why="We met", on=FORMED)
    bank = Organisation.objects.create(code="WALK-G-BANK", name="Valley bank")
    dossier = dossiers.share_dossier(
        acting_staff=staff,
        group=group,
        recipient=bank,
        purpose=ConsentPurpose.SHARE_BANK,
        votes=Votes(FORMED, yes=2),
    )
    line = DossierMember.objects.create(
        dossier=dossier, member=members[0], saved_units=0, owed_units=0
    )
    return [
        programme,
        group,
        _wants_prices(staff, members[0]),
        *_on_paper(staff, meeting, members[0]),
        dossier,
        line,
        *(filled, mark, dispute),
        *mark.evidence.all(),
        *(*members, meeting, *persons),
        *_of_elections(staff, group, members),
        *_of_firms(staff, group, persons[0]),
        *_of_cooperatives(staff, programme, area),
    ]


def _wants_prices(staff: StaffUser, member: Member) -> Model:
    """A member who wants prices on her telephone."""
    return PriceLine.objects.create(
        member=member,
        language="en",
        agreed_date=FORMED,
        agreed_how="SIGNATURE",
        started_by=staff,
    )


def _of_elections(staff: StaffUser, group: Group, members: list[Member]) -> list[Model]:
    """The two members stand for a seat, and one of them speaks for the group in a federation."""
    election = elections.call_election(
        acting_staff=staff, group=group, seats=("CHAIRPERSON",), candidates=members, on=FORMED
    )
    federation = register_group(
        acting_staff=staff,
        programme=group.programme,
        group=NewGroup(
            name="Federation",
            kind=GroupKind.FEDERATION,
            area=group.area,
            formed_date=FORMED,
            currency="XTS",
            officer=staff,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    (sender,) = admit_members(
        acting_staff=staff, group=federation, members=[NewMember(FORMED, member_group=group)]
    )
    sent = delegates.elect_delegates(
        acting_staff=staff,
        sender=sender,
        members=members[:1],
        from_date=FORMED,
        until_date=date(2027, 1, 1),
    )
    return [election, *election.candidates.all(), federation, sender, *sent]


def _of_firms(staff: StaffUser, group: Group, person: Person) -> list[Model]:
    """An association with a firm for which somebody votes, and an issue it stands behind."""
    association = register_group(
        acting_staff=staff,
        programme=group.programme,
        group=NewGroup(
            name="Traders",
            kind=GroupKind.ASSOCIATION,
            area=group.area,
            formed_date=FORMED,
            currency="XTS",
            officer=staff,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    (member,) = admit_members(
        acting_staff=staff, group=association, members=[NewMember(FORMED, person)]
    )
    firm = firms.name_representative(
        acting_staff=staff, member=member, firm="Corner shop", name="Somebody", from_date=FORMED
    )
    issue = PolicyIssue.objects.create(
        programme=group.programme, title="Stall fee", ask="None", target="Council", owner=staff
    )
    behind = advocacy.take_up_issue(
        acting_staff=staff,
        group=association,
        issue=issue,
        position="No stall fee",
        votes=Votes(FORMED, yes=1),
    )
    return [association, member, firm, behind]


def _on_paper(staff: StaffUser, meeting: Meeting, member: Member) -> list[Model]:
    """The photographed sheet of the meeting, and a member's next of kin."""
    kin = name_next_of_kin(
        acting_staff=staff,
        member=member,
        name="Somebody",
        relation=KinRelation.CHILD,
        on=FORMED,
    )
    needs = record_needs(
        acting_staff=staff,
        programme=meeting.group.programme,
        area=meeting.group.area,
        held_date=FORMED,
        women=3,
        men=2,
        needs=[NeedIn("Water", 3, 1)],
    )
    sheet = PaperSheet.objects.create(meeting=meeting, transcribed_by=staff)
    advice = record_advice_visit(
        acting_staff=staff,
        group=meeting.group,
        visit_date=FORMED,
        women=3,
        men=2,
        advice=AdviceIn("Stock runs out", "Buy together"),
    )
    return [sheet, kin, needs, *needs.needs.all(), advice]


def _of_cooperatives(staff: StaffUser, programme: Programme, area: Area) -> list[Model]:
    """A cooperative whose member holds a share and owes dues of a year, of which she paid half."""
    group = register_group(
        acting_staff=staff,
        programme=programme,
        group=NewGroup(
            name="Dairy",
            kind=GroupKind.COOP_PRIMARY,
            area=area,
            formed_date=FORMED,
            currency="XTS",
            officer=staff,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    person = new_person(9003, programme, staff)
    (member,) = admit_members(
        acting_staff=staff, group=group, members=[NewMember(person=person, joined_date=FORMED)]
    )
    votes = Votes(FORMED, yes=1)
    cooperative.adopt_statutes(
        acting_staff=staff,
        group=group,
        votes=votes,
        settings={"share_price_units": 500},
        from_date=FORMED,
    )
    move = shares.subscribe_shares(acting_staff=staff, member=member, shares=1, on=FORMED)
    tariff = dues.Tariff("MEMBER", FORMED, 100)
    dues.vote_dues(acting_staff=staff, group=group, tariff=tariff, votes=votes)
    (owed,) = dues.invoice_dues(acting_staff=staff, group=group, until=date(2027, 1, 31))
    paid = dues.take_dues(acting_staff=staff, member=member, units=50, paid_date=FORMED)
    use = surplus.record_uses(
        acting_staff=staff, group=group, year=FORMED.year, line="Milk", uses={member.pk: 10}
    )
    bought = bulk.Offer("Feed", "bag", 100, 10, 120)
    order = bulk.open_bulk_order(acting_staff=staff, group=group, offer=bought, on=FORMED)
    line = bulk.order_bulk(acting_staff=staff, order=order, member=member, quantity=1, on=FORMED)
    return [
        *_of_collection(staff, group, member),
        group,
        member,
        move,
        owed,
        paid,
        person,
        order,
        line,
        *use,
        *_of_a_year(staff, programme, area),
    ]


def _of_collection(staff: StaffUser, group: Group, member: Member) -> list[Model]:
    """A point where the member brought milk once, more of which was declared than arrived."""
    point = collection.open_point(acting_staff=staff, group=group, name="Bridge", on=FORMED)
    producer = collection.register_producer(
        acting_staff=staff, group=group, member=member, from_date=FORMED
    )
    collection.publish_rate_chart(
        acting_staff=staff,
        group=group,
        from_date=FORMED,
        terms={"pricing": "PER_LITRE", "per_litre_x100": 4_000},
    )
    brought = deliveries.record_deliveries(
        acting_staff=staff,
        point=point,
        on=FORMED,
        shift=Shift.MORNING,
        cans=[deliveries.CanIn(producer, 10_000)],
    )
    gate = deliveries.record_gate(acting_staff=staff, point=point, volume_ml=9_000, on=FORMED)
    off = deductions.record_deduction(
        acting_staff=staff, producer=producer, kind=DeductionKind.CHARGES, units=10, on=FORMED
    )
    run = payslips.draft_payslips(acting_staff=staff, group=group, from_date=FORMED, to_date=FORMED)
    return [
        *(point, producer, *brought, gate, off, run),
        *run.slips.all(),
        *_of_sales(staff, group),
    ]


def _of_sales(staff: StaffUser, group: Group) -> list[Model]:
    """A batch of cheese, some of which spoiled, and a sale of it, partly paid."""
    buyer = Organisation.objects.create(code="WALK-G-SHOP", name="Corner shop")
    batch = processing.record_batch(
        acting_staff=staff,
        group=group,
        batch=processing.BatchIn("Milk", Measure.LITRE, 9_000, "Cheese", Measure.KILO, 1_000, 300),
        on=FORMED,
    )
    loss = processing.record_stock_loss(
        acting_staff=staff, batch=batch, quantity_milli=100, on=FORMED
    )
    sale = sales.sell_produce(
        acting_staff=staff,
        group=group,
        buyer=buyer,
        sale=sales.SaleIn(500, 100_000, batch=batch),
        on=FORMED,
    )
    paid = sales.take_sale_payment(acting_staff=staff, sale=sale, units=100, on=FORMED)
    return [batch, loss, sale, paid]


def _of_a_year(staff: StaffUser, programme: Programme, area: Area) -> list[Model]:
    """The surplus of a cooperative's year that is over, and what its one member gets of it."""
    formed = date(FORMED.year - 1, 1, 5)
    group = register_group(
        acting_staff=staff,
        programme=programme,
        group=NewGroup(
            name="Mill",
            kind=GroupKind.COOP_PRIMARY,
            area=area,
            formed_date=formed,
            currency="XTS",
            officer=staff,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    (member,) = admit_members(
        acting_staff=staff,
        group=group,
        members=[NewMember(person=new_person(9004, programme, staff), joined_date=formed)],
    )
    cooperative.adopt_statutes(
        acting_staff=staff,
        group=group,
        votes=Votes(formed, yes=1),
        settings={"share_price_units": 500},
        from_date=formed,
    )
    shares.subscribe_shares(acting_staff=staff, member=member, shares=1, on=formed)
    post_entry(
        acting_staff=staff,
        book=group.book,
        kind="INCOME_RECEIVED",
        source=Source("test", "income", new_id()),
        lines=fact_lines("INCOME_RECEIVED", {"AMOUNT": Part(10_000)}, currency="XTS"),
        happened_date=formed,
    )
    surplus.record_uses(
        acting_staff=staff, group=group, year=formed.year, line="Flour", uses={member.pk: 10}
    )
    producer = _brings_as_a_stranger(staff, group, programme, formed)
    votes = Votes(date(FORMED.year, 2, 1), yes=1)
    row = surplus.divide_surplus(
        acting_staff=staff, group=group, year=formed.year, votes=votes, non_members=100
    )
    return [row, row.draft, producer, *row.lines.all(), *row.gathered.all()]


def _brings_as_a_stranger(
    staff: StaffUser, group: Group, programme: Programme, on: date
) -> Producer:
    """Somebody who is no member and brought milk once: a refund gathers for her."""
    point = collection.open_point(acting_staff=staff, group=group, name="Gate", on=on)
    producer = collection.register_producer(
        acting_staff=staff, group=group, person=new_person(9005, programme, staff), from_date=on
    )
    collection.publish_rate_chart(
        acting_staff=staff,
        group=group,
        from_date=on,
        terms={"pricing": "PER_LITRE", "per_litre_x100": 4_000},
    )
    cans = [deliveries.CanIn(producer, 10_000)]
    deliveries.record_deliveries(
        acting_staff=staff, point=point, on=on, shift=Shift.MORNING, cans=cans
    )
    return producer
