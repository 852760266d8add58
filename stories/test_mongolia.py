"""Story `mongolia`: cooperatives of the soums, groups inside them, families of the districts.

Told here: a group saves, lends inside and closes with counted cash, on the web and on a phone
without network whose totals reach the branch as they are (1), milk delivered and paid by its grade,
feed bought together whose landed cost stands against the price of buying alone (3), the market
study that finds broccoli and leafy greens, the two groups told and the one business traced to it
(4), what milk earns whom, the dairy household that equal instalments break and instalments by the
season do not (5), the counts by area, a person in a cooperative and a group counts once (6), a
group that becomes a cooperative, and the cooperative's plan that passes the review of a second
person (2).
"""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from tests.hands import Hands, Stuck

from handup.groups.models import Group, GroupFact, GroupTold, Meeting, Member
from handup.groups.models.group import GroupKind
from handup.groups.queries import money_now
from handup.groups.services import (
    NewGroup,
    NewMember,
    admit_members,
    bulk,
    cooperative,
    deposits,
    register_groups,
)
from handup.groups.services.assembly import Votes
from handup.kernel.credit.codes import RatePer
from handup.kernel.credit.presets import preset
from handup.kernel.ids import new_id
from handup.kernel.money import decimal_text
from handup.ledger.queries import balance
from handup.lending.rules.schedules import planned_rows
from handup.markets.models import (
    Commodity,
    Opportunity,
    OpportunityStart,
    PriceObservation,
    ValueChain,
)
from handup.markets.queries import margins_of, rounds_that_count
from handup.markets.rules.contracts import Answer, Point
from handup.markets.services import contracts, deliveries
from handup.org.models import Area
from handup.org.verify import run_checks
from handup.plans.models import Plan
from handup.plans.rules.cash_flow import Cash, cash_flow
from handup.plans.rules.evaluate import evaluate
from handup.plans.rules.inputs import CostIn, CostKind, DrawingsFrom, Finance, PlanInputs
from handup.plans.rules.parts import Harm
from handup.projects.models.labels import OrgKind
from handup.projects.services import register_organisation
from handup.results.report import make_report
from handup.results.rules.engine import NOT_RECORDED
from handup.results.wording import line_names
from handup.sync.services import enrol_phone, offer_enrolment, receive_packets
from handup.sync.tests.phone import Key, Phone
from stories.conftest import browser, programme, staff

AS_OF = date(2005, 6, 30)
MILK = (-190, -320, 20, 240, 490, 890, 1_090, 900, 350, 270, -30, -160)  # thousands a month

pytestmark = pytest.mark.django_db


def groups_of(kind: str) -> list[Group]:
    rows = Group.objects.filter(programme=programme("ADRA-MN"), kind=kind)
    return list(rows.select_related("area__parent").order_by("name"))


def test_sixty_one_cooperatives_and_five_groups_in_thirty_seven_soums_of_six_aimags() -> None:
    cooperatives, groups = groups_of("COOP_PRIMARY"), groups_of("SHG")
    assert (len(cooperatives), len(groups)) == (61, 5)
    soums = {group.area for group in cooperatives}
    assert len(soums) == 37
    assert sorted(Counter(soum.parent for soum in soums).values(), reverse=True) == [
        7,
        6,
        6,
        6,
        6,
        6,
    ]
    assert Counter(Counter(group.area for group in cooperatives).values()) == {2: 24, 1: 13}
    members = {group: group.members.count() for group in (*cooperatives, *groups)}
    assert {members[group] for group in cooperatives} == {12}
    assert sum(members[group] for group in cooperatives) == 732
    assert [members[group] for group in groups] == [15] * 5
    seats = {group.area for group in groups}
    assert len(seats) == 5
    assert seats <= soums
    assert Area.objects.filter(parent__code="MN-UB").count() == 9


def test_the_secondary_cooperative_and_the_association_are_not_among_the_sixty_one() -> None:
    (union,) = groups_of("COOP_SECONDARY")
    assert union.members.filter(member_group__isnull=False).count() == 8
    assert len(groups_of("ASSOCIATION")) == 1
    report = make_report(programme("ADRA-MN"), AS_OF)
    by_kind = next(
        row for row in report.line("MED-GRP-01").figure.breakdowns if row.dimension == "group_type"
    )
    names = line_names("group_type", [line.code for line in by_kind.lines])
    lines = {names[line.code]: line.numerator for line in by_kind.lines}
    assert lines == {
        "cooperative": 61,
        "self-help group": 5,
        "secondary cooperative": 1,
        "business association": 1,
    }
    covered = report.line("MED-GRP-06")
    (kinds,) = [one for one in covered.figure.breakdowns if one.dimension == "group_type"]
    by_group = [line.numerator for line in kinds.lines if line.code != NOT_RECORDED]
    assert (covered.numerator, sum(by_group)) == (46, 37), "37 soums, and the nine districts"


def test_a_person_in_a_cooperative_and_a_group_counts_once() -> None:
    members = Member.objects.filter(
        group__programme=programme("ADRA-MN"), person__isnull=False
    ).values_list("person_id", flat=True)
    twice = [person for person, n in Counter(members).items() if n > 1]
    assert len(twice) == 10
    figure = make_report(programme("ADRA-MN"), AS_OF).line("MED-GRP-02")
    assert figure.numerator == len(set(members)) == len(members) - 10


def test_equal_instalments_break_the_dairy_household_and_seasonal_ones_never_do() -> None:
    loan = 2_400_000
    dairy = PlanInputs(
        currency="MNT",
        digits=0,
        months=12,
        own_cash_units=650_000 - loan,
        drawings_from=DrawingsFrom.LINES,
        costs=(CostIn("milk", CostKind.OTHER_INCOME, tuple(1_000 * one for one in MILK)),),
        finance=Finance(loan, 200, 12),
    )
    equal = evaluate(dairy)
    assert equal.months_in_red == (2, 3, 4, 5)
    assert equal.cash.lowest_cash == -520_829
    terms = preset(
        "handup-seasonal",
        currency="MNT",
        digits=0,
        rate_ppm=20_000,
        rate_per=RatePer.MONTH,
        instalments=12,
        day_count="MONTHS_12",
        shares_bps=(0, 0, 0, 0, 0, 2_500, 5_000, 2_000, 500, 0, 0, 0),
    )
    rows = planned_rows(terms, loan, date(2005, 1, 1))
    due = tuple(row.principal + row.interest for row in rows)
    flow = cash_flow(
        12,
        [],
        Cash(
            opening=650_000,
            fixed_costs=(0,) * 12,
            other=tuple(1_000 * one for one in MILK),
            drawings=(0,) * 12,
            debt_service=due,
        ),
    )
    assert (flow.lowest_cash, flow.lowest_month) == (16_000, 3)
    assert flow.months_below() == ()


def test_a_group_saves_lends_inside_and_closes_with_counted_cash() -> None:
    group = groups_of("SHG")[0]
    money = money_now(group)
    assert money.cash["LOAN"] > 0
    assert sum(money.savings.values()) == money.cash["LOAN"] + sum(money.principal.values())
    meetings = Meeting.objects.filter(group=group)
    assert meetings.count() == 3
    assert all(meeting.closing_code for meeting in meetings)
    page = browser("field.officer").get(f"/groups/{group.pk}/").content.decode()
    assert group.name in page


def test_a_meeting_without_network_reaches_the_branch_as_it_was_written() -> None:
    """The phone writes, chains and signs; the office types nothing."""
    officer, old = staff("field.officer"), groups_of("SHG")[0]
    settings = {"share_value_units": 500_00, "charge_rate_bps": 1_000}
    new = NewGroup("Told by phone", GroupKind.SHG, old.area, date(2005, 1, 3), "MNT", settings)
    (group,) = register_groups(acting_staff=officer, programme=programme("ADRA-MN"), groups=[new])
    people = Member.objects.filter(group=old, person__isnull=False).select_related("person")[:4]
    joined = [NewMember(person=one.person, joined_date=date(2005, 1, 3)) for one in people]
    admit_members(acting_staff=officer, group=group, members=joined)
    _row, code = offer_enrolment(
        acting_staff=officer, group=group, holder=officer, label="Blue phone"
    )
    key = Key()
    done = enrol_phone(code=code, public_key=key.public)
    phone = Phone(str(group.pk), str(done.device.pk), "MNT", key)
    phone.open(date(2005, 3, 7))
    phone.roll((1, 2, 3, 4))
    for member_no, shares in ((1, 4), (2, 2), (3, 1), (4, 1)):
        phone.save(member_no, shares, 500_00)
    lent = {"loan_id": str(new_id()), "member_no": 1, "units": 900_00, "periods": 2}
    phone.write("pay_out_loan", **lent, due_date="2005-05-07")
    phone.close(3_100_00)
    assert not Meeting.objects.filter(group=group).exists()
    parcels = phone.packets((5, 9))
    for _sent in ("once", "and again, as no answer came"):
        receive_packets(parcels, acting_staff=officer)
        assert GroupFact.objects.filter(group=group, stream="MEETING").count() == len(phone.facts)
    meeting = Meeting.objects.get(group=group)
    assert meeting.closing_code
    money = money_now(group)
    assert (money.cash["LOAN"], sum(money.savings.values())) == (3_100_00, 4_000_00)
    assert sum(money.principal.values()) == 900_00
    Hands("officer", client=browser("field.officer")).open(f"/groups/{group.pk}/").says("MNT 3,100")
    assert [one.check.code for one in run_checks() if not one.holds] == []


def becomes_cooperative(group: Group, day: date) -> Group:
    """The members vote and are registered; vote, price of a share and day are constructed (C)."""
    before, price = money_now(group), 1_000_00
    members = list(group.members.order_by("member_no"))
    cooperative.become_cooperative(
        acting_staff=staff("field.officer"),
        group=group,
        votes=Votes(day, yes=len(members)),
        registration=cooperative.Registration("MN-C 62", day, frozenset(cooperative.PAPERS)),
        settings={"share_price_units": price},
        shares={m.pk: 1 for m in members if before.savings.get(str(m.pk), 0) >= price},
    )
    group.refresh_from_db()
    return group


def test_a_group_without_collateral_becomes_a_cooperative() -> None:
    group = groups_of("SHG")[1]
    before = money_now(group)
    group = becomes_cooperative(group, date(2005, 4, 18))
    assert (group.kind, group.registration_no) == ("COOP_PRIMARY", "MN-C 62")
    after = money_now(group)
    assert after.cash == before.cash
    capital = -balance(group.book, "SHARE_CAPITAL")
    assert capital == sum(before.savings.values()) - sum(after.savings.values()) > 0
    reader = Hands("officer", client=browser("field.officer"))
    reader.open(reverse("groups:shares", args=[group.pk])).says("Share capital")
    assert [one.check.code for one in run_checks() if not one.holds] == []


def test_the_plan_of_the_cooperative_passes_the_review_of_a_second_person() -> None:
    """The plan hangs on the cooperative's legal body; all its figures are constructed (C)."""
    day, ours = date(2005, 4, 18), programme("ADRA-MN")
    group = becomes_cooperative(groups_of("SHG")[1], day)
    body = register_organisation(
        acting_staff=staff("manager"),
        code="MN-C-62",
        name=group.name,
        kinds=[OrgKind.COOPERATIVE],
        registration_no=group.registration_no,
    )
    adviser = Hands("adviser", client=browser("advisor"))

    def send(step: str, told: dict[str, object]) -> Any:
        answer = adviser.client.post(
            f"/api/v1/plans/plans{step}",
            told,
            content_type="application/json",
            headers={"Idempotency-Key": str(new_id())},
        )
        assert answer.status_code in {200, 201}, answer.content
        return answer.json()

    whose = {"programme_id": str(ours.pk), "organisation_id": str(body.pk), "currency": "MNT"}
    days = {"start_month": "2005-05-01", "started_date": "2005-04-20"}
    plan = send("", {**whose, **days, "title": "A tank to cool milk"})["id"]
    milk = {"name": "milk", "price_units": 650_00, "material_units": 600_00}
    cost = {"name": "power and driver", "kind": "FIXED", "amounts": [25_000_00] * 12}
    monthly = {"products": [{**milk, "quantities": [1_200_000] * 12}], "costs": [cost]}
    send(f"/{plan}/costing", {"drawings_from": "LINES", "own_cash_units": 50_000_00, **monthly})
    tank = {"purpose": "a tank", "loan_units": 240_000_00, "rate_bps": 200, "instalments": 12}
    send(f"/{plan}/finance", tank)
    about = f"/plans/{plan}"
    harms = {harm.lower(): "NO" for harm in Harm}
    adviser.open(f"{about}/screening/").fill(**harms, screened_date="2005-04-22")
    send(f"/{plan}/submit", {"on": "2005-04-25"})
    advice = {"statement": "The tank pays for itself.", "signed_by": "SIGNATURE"}
    adviser.open(f"{about}/advise/").fill(**advice, advised_date="2005-04-25")
    with pytest.raises(Stuck, match="Another person has to take this step"):
        adviser.open(f"{about}/review/").fill(reviewed_date="2005-04-26")
    second = Hands("manager", client=browser("manager"))
    second.open(f"{about}/review/").fill(reviewed_date="2005-04-28")
    row = Plan.objects.get(pk=plan)
    assert (row.state, row.ready_date) == ("READY", date(2005, 4, 28))
    assert (row.organisation, row.reviewed_by_id) == (body, staff("manager").pk)
    results = row.versions.get().results
    assert results["months"][0]["sales"] == 1_200 * 650_00
    assert results["months_in_red"] == []
    second.open(f"{about}/").says(group.name, "A tank to cool milk")


def test_milk_is_delivered_and_paid_by_its_grade() -> None:
    """Prices, quantities and the advance are constructed (C): no source prints them."""
    officer, manager = staff("group.supervisor"), staff("manager")
    day = date(2005, 4, 4)
    seller, buyer = (
        register_organisation(acting_staff=manager, code=code, name=name, kinds=[kind])
        for code, name, kind in (
            ("HERD", "Herders of the soum", OrgKind.COOPERATIVE),
            ("DAIRY", "Dairy", OrgKind.BUYER),
        )
    )
    row = contracts.offer_contract(
        acting_staff=officer,
        programme=programme("ADRA-MN"),
        office=ValueChain.objects.get(code="MILK").office,
        code="MILK-1",
        seller=seller,
        buyer=buyer,
        commodity=Commodity.objects.get(code="MILK"),
        terms=contracts.Terms(
            quantity=1_000,
            place="Cooling tank",
            starts=day,
            ends=day + timedelta(days=60),
            payment_days=10,
        ),
        grades={"A": 600_00, "B": 540_00},
    )
    clear = {point.value: Answer(clear=True) for point in Point}
    row = contracts.check_contract(acting_staff=manager, contract=row, answers=clear, on=day)
    row = contracts.sign_contract(
        acting_staff=manager, contract=row, signed_by="Head", signed_date=day, today=day
    )
    grades = {grade.name: grade for grade in row.grades.all()}
    paid = []
    for grade, delivered, sour in (("A", 300, 0), ("B", 200, 20)):
        one = deliveries.record_delivery(
            acting_staff=officer,
            contract=row,
            grade=grades[grade],
            delivered_date=day,
            delivered=delivered,
            rejected=sour,
            reject_reason="sour" if sour else "",
            today=day,
        )
        deliveries.pay_delivery(
            acting_staff=officer,
            delivery=one,
            paid_date=day + timedelta(days=7),
            paid_units=one.value_units,
            today=day + timedelta(days=7),
        )
        paid.append(one.value_units)
    assert paid == [300 * 600_00, 180 * 540_00]
    reader = Hands("manager", client=browser("manager"))
    reader.open(reverse("markets:contract_detail", args=[row.pk])).says("MNT 180,000", "MNT 97,200")


def test_feed_bought_together_costs_less_landed_than_alone() -> None:
    """Item, prices, freight and quantities are constructed (C): no source prints them."""
    officer, group, day = staff("field.officer"), groups_of("COOP_PRIMARY")[0], date(2005, 5, 2)
    offer = bulk.Offer("Bran", "bag", 4_000_00, 3_400_00, 4_500_00)
    row = bulk.open_bulk_order(acting_staff=officer, group=group, offer=offer, on=day)
    for member, bags in zip(group.members.order_by("member_no")[:3], (10, 4, 6), strict=True):
        line = bulk.order_bulk(
            acting_staff=officer, order=row, member=member, quantity=bags, on=day
        )
        deposits.pay_deposit(acting_staff=officer, line=line, units=bags * 4_200_00, on=day)
    votes = Votes(day, yes=group.members.count())
    row = bulk.lock_bulk(acting_staff=officer, order=row, votes=votes)
    price = {"price_units": 4_000_00, "freight_units": 3_400_00}
    row = bulk.place_bulk(acting_staff=officer, order=row, on=day, **price)
    row = bulk.receive_bulk(
        acting_staff=officer, order=row, on=day, quantity=17, freight_units=3_400_00
    )
    row = bulk.settle_bulk(acting_staff=officer, order=row, on=day)
    lines = list(row.lines.order_by("member__member_no"))
    assert [line.received_quantity for line in lines] == [9, 3, 5]
    assert [line.charge_units for line in lines] == [9 * 4_200_00, 3 * 4_200_00, 5 * 4_200_00]
    deposits.pay_supplier(acting_staff=officer, order=row, units=row.cost_units, on=day)
    reader = Hands("officer", client=browser("field.officer"))
    reader.open(reverse("groups:bulk_order", args=[row.pk])).says("MNT 4,200", "MNT 4,500")
    assert [one.check.code for one in run_checks() if not one.holds] == []


def test_a_study_finds_broccoli_and_leafy_greens_and_two_groups_are_told() -> None:
    found = list(Opportunity.objects.filter(study__programme=programme("ADRA-MN")))
    assert {row.product for row in found} == {"Broccoli", "Leafy greens"}
    for row in found:
        told = GroupTold.objects.filter(opportunity=row).select_related("group")
        assert {one.group for one in told} < set(groups_of("SHG"))
        assert told.count() == 2
    page = browser("manager").get(f"/markets/opportunities/{found[0].pk}/").content.decode()
    for group in {one.group for one in GroupTold.objects.filter(opportunity=found[0])}:
        assert group.name in page


def test_one_business_started_is_traced_to_the_study() -> None:
    (start,) = OpportunityStart.objects.filter(opportunity__study__programme=programme("ADRA-MN"))
    assert start.opportunity.product == "Broccoli"
    assert start.opportunity.state == "TAKEN_UP"
    told = GroupTold.objects.filter(opportunity=start.opportunity)
    members = Member.objects.filter(group__in=told.values("group"), person=start.person_id)
    assert members.exists()
    leafy = Opportunity.objects.get(product="Leafy greens")
    assert (leafy.state, leafy.starts.count()) == ("OPEN", 0)


def test_milk_earns_the_herder_a_third_of_what_the_shop_takes() -> None:
    chain = ValueChain.objects.get(programme=programme("ADRA-MN"), code="MILK")
    newest, first = margins_of(list(rounds_that_count(chain)))
    shares = [one.along.first_share for one in (first, newest)]
    assert [decimal_text(share, 1) for share in shares if share is not None] == ["33.3", "34.8"]
    assert [decimal_text(link.margin.net_margin / 100, 2) for link in first.along.links] == [
        "190.00",
        "77.76",
        "230.53",
        "236.70",
    ]


def test_a_price_far_from_the_ones_before_it_waits_and_is_not_published() -> None:
    rows = PriceObservation.objects.filter(market__programme=programme("ADRA-MN"))
    assert rows.filter(state="PUBLISHED").count() == 6
    (doubted,) = rows.filter(state="FLAGGED")
    assert doubted.flags == ["JUMP"]
    assert doubted.price == 1_900_00
