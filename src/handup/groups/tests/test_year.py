"""The year of a cooperative: surplus by the statutes, refund by use, dividend with its cap, posted,
paid, taken back; every part sums back to the whole (groups_cooperatives.md K2 to K4)."""

from datetime import date
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.groups.errors import NotAMember
from handup.groups.models import (
    Group,
    Member,
    MemberUse,
    ShareMove,
    SurplusDraft,
    SurplusLine,
    SurplusYear,
)
from handup.groups.models.dues import Place
from handup.groups.models.group import GroupKind
from handup.groups.rules.dividend import Move
from handup.groups.rules.statutes import statutes_for
from handup.groups.rules.surplus import NoSurplus, NoUse
from handup.groups.rules.year import (
    Account,
    LineSurplusNeeded,
    NonMembersAboveRest,
    RateAboveRest,
    divide_year,
)
from handup.groups.services import (
    NewGroup,
    NewMember,
    admit_members,
    cooperative,
    register_group,
    shares,
    surplus,
    surplus_paid,
)
from handup.groups.services.assembly import NotCarried, Votes
from handup.groups.services.outside import TakenBackAlready
from handup.groups.tests.conftest import new_person, staff_with
from handup.groups.verify import CHECKS
from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance, balances_by_subject
from handup.ledger.rules.posting_rules import Part
from handup.ledger.services import Source, fact_lines, post_entry
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.standing import standing
from handup.projects.models import Programme

YEAR = timezone.localdate().year - 1
FORMED, ASSEMBLY = date(YEAR, 1, 5), date(YEAR + 1, 1, 1)
VOTED = {
    "share_price_units": 1_000,
    "dividend_bps": 1_000,
    "dividend_cap_bps": 1_000,
    "dividend_method": "BY_BALANCE",
    "withholding_tax_bps": 500,
    "refund_cash_bps": 5_000,
}


@standing
def coop(programme: Programme, officer: StaffUser, area: Area) -> Group:
    """Three members; 20.00, 10.00 and nothing paid for two shares, two and one; income 1,000.00."""
    group = register_group(
        acting_staff=officer,
        programme=programme,
        group=NewGroup(
            name="Dairy",
            kind=GroupKind.COOP_PRIMARY,
            area=area,
            formed_date=FORMED,
            currency="XTS",
            officer=officer,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    people = [new_person(number, programme, officer) for number in (301, 302, 303)]
    members = admit_members(
        acting_staff=officer,
        group=group,
        members=[NewMember(person=person, joined_date=FORMED) for person in people],
    )
    cooperative.adopt_statutes(
        acting_staff=officer,
        group=group,
        votes=Votes(FORMED, yes=3),
        settings=VOTED,
        from_date=FORMED,
    )
    for member, count, paid in zip(members, (2, 2, 1), (2_000, 1_000, 0), strict=True):
        shares.subscribe_shares(acting_staff=officer, member=member, shares=count, on=FORMED)
        if paid:
            shares.pay_shares(
                acting_staff=officer, member=member, units=paid, on=FORMED, place=Place.BANK
            )
    post_entry(
        acting_staff=officer,
        book=group.book,
        kind="INCOME_RECEIVED",
        source=Source("test", "income", new_id()),
        lines=fact_lines("INCOME_RECEIVED", {"AMOUNT": Part(100_000)}, currency="XTS"),
        happened_date=date(YEAR, 6, 1),
    )
    return Group.objects.select_related("book").get(pk=group.pk)


def members_of(group: Group) -> list[Member]:
    return list(group.members.select_related("group").order_by("member_no"))


def use(group: Group, officer: StaffUser) -> None:
    amounts = zip(members_of(group), (100, 50, 50), strict=True)
    surplus.record_uses(
        acting_staff=officer,
        group=group,
        year=YEAR,
        line="Milk",
        uses={member.pk: units for member, units in amounts},
    )


def test_a_surplus_is_divided_posted_paid_and_taken_back(coop: Group, officer: StaffUser) -> None:
    """1,000.00: a tenth each to reserve and education; of 800.00 a tenth for the dividend, but at
    most a tenth of the 30.00 paid; the rest by use, shares not yet paid first, half in cash."""
    use(coop, officer)
    divide = partial(surplus.divide_surplus, acting_staff=officer, group=coop, year=YEAR)
    key = new_id()
    row = divide(votes=Votes(ASSEMBLY, yes=2, no=1), id=key)
    assert divide(votes=Votes(ASSEMBLY, yes=2, no=1), id=key) == row
    with pytest.raises(SameIdOtherContent):
        divide(votes=Votes(ASSEMBLY, yes=3), id=key)
    with pytest.raises(surplus.DividedAlready):
        divide(votes=Votes(ASSEMBLY, yes=3))
    parts = (row.net_units, row.reserve_units, row.education_units)
    assert parts == (100_000, 10_000, 10_000)
    assert (row.dividend_units, row.refund_units) == (300, 79_700)
    lines = list(row.lines.order_by("member__member_no"))
    got = [(one.refund_units, one.to_shares_units, one.cash_units, one.kept_units) for one in lines]
    assert got == [
        (39_850, 0, 19_925, 19_925),
        (19_925, 1_000, 9_463, 9_462),
        (19_925, 1_000, 9_463, 9_462),
    ]
    assert [(one.dividend_units, one.tax_units) for one in lines] == [(200, 10), (100, 5), (0, 0)]
    one, two, three = members_of(coop)
    book = coop.book
    due = {one.pk: -20_115, two.pk: -9_558, three.pk: -9_463}
    assert balances_by_subject(book, "MEMBERS_DUE", "member") == due
    assert balance(book, "FUND_BALANCE") == -20_000
    assert balance(book, "PAYABLE") == -15
    assert shares.share_account(two) == (2, 2_000)
    with pytest.raises(surplus.DividedAlready):
        use(coop, officer)
    pay = partial(surplus_paid.pay_surplus, acting_staff=officer, on=ASSEMBLY, place=Place.BANK)
    assert pay(line=lines[0]) == pay(line=lines[0])
    assert balance(book, "BANK") == 103_000 - 20_115
    assert Entry.objects.filter(book=book, kind="DUE_PAID").count() == 1
    supervisor = staff_with("supervisor", Role.GROUP_SUPERVISOR)
    back = partial(surplus.take_back_surplus, acting_staff=supervisor, year=row, on=ASSEMBLY)
    with pytest.raises(surplus.PaidOutAlready):
        back()
    with pytest.raises(NotAllowed):
        surplus_paid.take_back_payout(acting_staff=officer, line=lines[0], on=ASSEMBLY)
    for check in CHECKS:
        assert list(check.run()) == [], check.code
    undo = partial(surplus_paid.take_back_payout, acting_staff=supervisor, on=ASSEMBLY)
    undo(line=lines[0])
    with pytest.raises(surplus_paid.NothingToPay):
        undo(line=lines[0])
    assert back().is_reversed
    with pytest.raises(TakenBackAlready):
        back()
    with pytest.raises(surplus_paid.NothingToPay):
        pay(line=lines[1])
    assert (balance(book, "RETAINED"), balance(book, "BANK")) == (0, 103_000)
    assert shares.share_account(two) == (2, 1_000)
    assert divide(votes=Votes(ASSEMBLY, yes=3)).pk != row.pk
    for check in CHECKS:
        assert list(check.run()) == [], check.code
    SurplusLine.objects.filter(pk=lines[2].pk).update(dividend_units=1)
    assert [check.code for check in CHECKS if list(check.run())] == ["GROUP_SURPLUS"]


def test_a_dividend_at_a_rate_is_paid_on_shares_within_the_cap_and_what_remains(
    coop: Group, officer: StaffUser
) -> None:
    adopt = partial(
        cooperative.adopt_statutes, acting_staff=officer, group=coop, votes=Votes(FORMED, yes=3)
    )
    at_five = {"dividend_from": "RATE", "dividend_rate_bps": 500}
    for wrong, code in (
        ({**at_five, "dividend_method": "EQUAL"}, "RATE_BY_HEADS"),
        ({**at_five, "dividend_rate_bps": 1_001}, "CAP_EXCEEDED"),
        ({**at_five, "dividend_from": "LOTTERY"}, "SETTING_OUT_OF_RANGE"),
    ):
        with pytest.raises(Faults) as refused:
            adopt(settings=wrong, from_date=date(YEAR, 2, 1))
        assert [fault.code for fault in refused.value.faults] == [code]
    row = adopt(settings=at_five, from_date=date(YEAR, 2, 1))
    assert row.settings["deduction_order"] == ["INPUTS", "LOAN", "CHARGES"]
    uses = {member.pk: 10 for member in coop.members.all()}
    surplus.record_uses(acting_staff=officer, group=coop, year=YEAR, line="Milk", uses=uses)
    _members, divided = surplus.rehearse(coop, YEAR)
    assert (divided.dividend, [one.dividend for one in divided.members]) == (150, [100, 50, 0])
    assert divided.reserve + divided.education + divided.dividend + divided.refund == 100_000
    told = {**row.settings, "dividend_rate_bps": 10_000, "dividend_cap_bps": 10_000}
    rich = [Account((Move(FORMED, 90_000),), 0, {"Milk": 1})]
    with pytest.raises(RateAboveRest):
        divide_year(100_000, year=YEAR, registered_year=YEAR, settings=told, accounts=rich)


def test_a_surplus_that_cannot_be_divided_is_named_and_nothing_is_kept(
    coop: Group, officer: StaffUser
) -> None:
    divide = partial(surplus.divide_surplus, acting_staff=officer, group=coop, year=YEAR)
    carried = Votes(ASSEMBLY, yes=3)
    with pytest.raises(NoUse):
        divide(votes=carried)
    with pytest.raises(surplus.UseBelowZero):
        surplus.record_uses(
            acting_staff=officer,
            group=coop,
            year=YEAR,
            line="Milk",
            uses={members_of(coop)[0].pk: -1},
        )
    with pytest.raises(NotAMember):
        surplus.record_uses(
            acting_staff=officer, group=coop, year=YEAR - 1, line="Milk", uses={new_id(): 1}
        )
    assert not MemberUse.objects.exists()
    use(coop, officer)
    refused: tuple[tuple[Any, dict[str, Any]], ...] = (
        (NotCarried, {"votes": Votes(ASSEMBLY, yes=1, no=2)}),
        (surplus.YearNotOver, {"votes": Votes(date(YEAR, 12, 31), yes=3)}),
        (NonMembersAboveRest, {"votes": carried, "non_members": 79_701}),
        (NotAllowed, {"votes": carried, "acting_staff": staff_with("r", Role.ME_READER)}),
        (shares.NoStatutes, {"votes": carried, "year": YEAR - 1}),
    )
    for refusal, wrong in refused:
        with pytest.raises(refusal):
            divide(**wrong)
    assert not SurplusYear.objects.exists()
    assert not ShareMove.objects.filter(kind="FROM_SURPLUS").exists()
    row = divide(votes=carried, non_members=700)
    assert (row.refund_units, row.non_member_units) == (79_000, 700)
    assert balance(coop.book, "FUND_BALANCE") == -20_700


def test_lines_of_service_need_their_surplus_and_losses_are_not_divided() -> None:
    told = statutes_for(VOTED)
    both = [Account((), 0, {"Milk": 3, "Feed": 1}), Account((), 0, {"Milk": 1, "Feed": 0})]
    rule = partial(divide_year, year=YEAR, registered_year=YEAR, settings=told, accounts=both)
    with pytest.raises(NoSurplus):
        rule(0)
    with pytest.raises(LineSurplusNeeded):
        rule(1_000)
    year = rule(1_000, by_line={"Milk": 3, "Feed": 1})
    # 800 to refund: Feed 200 all to the first, Milk 600 by 3 to 1
    assert [one.refund for one in year.members] == [650, 150]


@settings(max_examples=60, deadline=None)
@given(
    net=st.integers(1, 10**9),
    reserve=st.integers(0, 5_000),
    education=st.integers(0, 5_000),
    dividend=st.integers(0, 10_000),
    cap=st.integers(0, 10_000),
    cash=st.integers(0, 10_000),
    members=st.lists(
        st.tuples(st.integers(0, 10**6), st.integers(0, 10**4), st.integers(1, 10**5)),
        min_size=1,
        max_size=8,
    ),
)
def test_every_part_sums_back_to_the_whole(
    net: int,
    reserve: int,
    education: int,
    dividend: int,
    cap: int,
    cash: int,
    members: list[tuple[int, int, int]],
) -> None:
    told = statutes_for(
        VOTED
        | {
            "reserve_bps": reserve,
            "education_bps": education,
            "dividend_bps": dividend,
            "dividend_cap_bps": cap,
            "refund_cash_bps": cash,
        }
    )
    accounts = [
        Account((Move(date(YEAR, 3, 1), paid),), unpaid, {"Milk": used})
        for paid, unpaid, used in members
    ]
    year = divide_year(net, year=YEAR, registered_year=YEAR, settings=told, accounts=accounts)
    assert year.reserve + year.education + year.dividend + year.refund == net
    assert sum(one.refund for one in year.members) == year.refund
    assert sum(one.dividend for one in year.members) == year.dividend
    for one, account in zip(year.members, accounts, strict=True):
        assert one.refund == one.to_shares + one.cash + one.kept
        assert 0 <= one.to_shares <= account.unpaid
        assert min(one.cash, one.kept, one.tax, one.dividend - one.tax) >= 0


def test_a_year_on_its_pages_and_over_the_api(
    client: Client, coop: Group, officer: StaffUser
) -> None:
    client.force_login(officer)
    of = partial(reverse, args=[coop.pk])
    assert "cannot be divided yet" in client.get(of("groups:surplus")).content.decode()
    told = {f"use_{member.pk}": "50" for member in members_of(coop)}
    client.post(of("groups:uses_new"), told | {"year": str(YEAR), "line": "Milk"})
    page = client.get(of("groups:surplus")).content.decode()
    assert f"Working of {YEAR}" in page
    vote = {"decided_date": ASSEMBLY.isoformat(), "yes": "3", "no": "0", "abstain": "0"}
    read = {"_read_back": "1", "_new_id": str(new_id())}
    older = {"year": YEAR - 1, "quantity": 5, "fact": coop.facts.first()}
    for line in ("Milk", "Feed"):
        coop.uses.create(member=members_of(coop)[0], line=line, **older)
    first = client.post(of("groups:surplus_new"), read | {"year": str(YEAR - 1)})
    assert "Surplus from Feed" in first.content.decode(), "the lines of the year that is told"
    assert not SurplusDraft.objects.exists()
    made = read | {"year": str(YEAR)}
    assert client.post(of("groups:surplus_new"), made).status_code == 302
    draft = SurplusDraft.objects.get()
    for step, filled, next_step in (("vote", read | vote, "post"), ("post", read, None)):
        page = reverse(f"groups:surplus_{step}", args=[draft.pk])
        assert page in client.get(of("groups:surplus")).content.decode()
        assert "800.00" not in client.get(page).content.decode()  # 797.00 is the refund
        assert "797.00" in client.get(page).content.decode()
        assert client.post(page, filled).status_code == 302
        if next_step:
            assert not SurplusYear.objects.exists()
    owed = SurplusLine.objects.order_by("member__member_no")[0]
    pay = {"on": ASSEMBLY.isoformat(), "place": "BANK", "_read_back": "1"}
    client.post(reverse("groups:surplus_pay", args=[owed.pk]), pay)
    owed.refresh_from_db()
    assert owed.paid_date == ASSEMBLY
    paper = client.get(reverse("groups:surplus_statement", args=[owed.pk]))
    assert paper.content.startswith(b"%PDF")
    rows = client.get(f"/api/v1/groups/surplus/{owed.year_id}/lines").json()
    assert sum(row["refund_units"] for row in rows) == 79_700
    sent = client.post(
        f"/api/v1/groups/surplus/lines/{rows[1]['id']}/payout",
        {"on": ASSEMBLY.isoformat(), "place": "BANK"},
        content_type="application/json",
        headers={"Idempotency-Key": str(new_id())},
    )
    assert (sent.status_code, sent.json()["paid_date"]) == (201, ASSEMBLY.isoformat())
    shown = client.get(of("groups:surplus")).content.decode()
    assert "Pay out" in shown
    assert "Take back" not in shown


def test_a_draft_is_voted_as_it_is_and_posted_once(coop: Group, officer: StaffUser) -> None:
    """Nothing is posted before the vote; what was not carried leaves the draft; a book that moved
    since makes it old; a dropped one gives its place to a new one."""
    use(coop, officer)
    draw = partial(surplus.draw_up_surplus, acting_staff=officer, group=coop, year=YEAR)
    vote = partial(surplus.vote_surplus, acting_staff=officer)
    post = partial(surplus.post_surplus, acting_staff=officer)
    key = new_id()
    draft = draw(id=key)
    assert draw(id=key) == draft
    assert (draft.net_units, draft.refund_units, draft.state) == (100_000, 79_700, "DRAFT")
    with pytest.raises(surplus.DrawnUpAlready):
        draw()
    with pytest.raises(surplus.NotSoFar):
        post(draft=draft)
    with pytest.raises(NotCarried):
        vote(draft=draft, votes=Votes(ASSEMBLY, yes=1, no=2))
    with pytest.raises(NotAllowed):
        vote(
            draft=draft, votes=Votes(ASSEMBLY, yes=3), acting_staff=staff_with("r", Role.ME_READER)
        )
    assert not coop.resolutions.filter(decision="SURPLUS").exists()
    carried = Votes(ASSEMBLY, yes=3)
    assert vote(draft=draft, votes=carried).state == "VOTED"
    assert vote(draft=draft, votes=carried).state == "VOTED"
    with pytest.raises(surplus.NotSoFar):
        vote(draft=draft, votes=Votes(ASSEMBLY, yes=2))
    post_entry(
        acting_staff=officer,
        book=coop.book,
        kind="INCOME_RECEIVED",
        source=Source("test", "income", new_id()),
        lines=fact_lines("INCOME_RECEIVED", {"AMOUNT": Part(500)}, currency="XTS"),
        happened_date=date(YEAR, 7, 1),
    )
    with pytest.raises(surplus.DraftIsOld):
        post(draft=draft)
    assert not SurplusYear.objects.exists()
    assert surplus.drop_surplus_draft(acting_staff=officer, draft=draft).state == "DROPPED"
    newer = draw()
    assert newer.net_units == 100_500
    vote(draft=newer, votes=carried)
    row = post(draft=newer)
    assert (post(draft=newer), row.net_units, row.draft.state) == (row, 100_500, "POSTED")
    with pytest.raises(surplus.NotSoFar):
        vote(draft=draft, votes=carried)
    with pytest.raises(surplus.NotSoFar):
        surplus.drop_surplus_draft(acting_staff=officer, draft=newer)
    with pytest.raises(surplus.DividedAlready):
        draw()
    for check in CHECKS:
        assert list(check.run()) == [], check.code
    supervisor = staff_with("supervisor", Role.GROUP_SUPERVISOR)
    surplus.take_back_surplus(acting_staff=supervisor, year=row, on=ASSEMBLY)
    again = vote(draft=draw(), votes=carried)
    with pytest.raises(SameIdOtherContent):
        post(draft=again, id=row.pk)
    assert post(draft=again, id=new_id()).net_units == 100_500


def test_a_draft_over_the_api(client: Client, coop: Group, officer: StaffUser) -> None:
    use(coop, officer)
    client.force_login(officer)
    api = "/api/v1/groups"
    send = partial(
        client.post, content_type="application/json", headers={"Idempotency-Key": str(new_id())}
    )
    drafts = f"{api}/groups/{coop.pk}/surplus/drafts"
    made = send(drafts, {"year": YEAR}).json()
    assert (made["state"], made["is_old"]) == ("DRAFT", False)
    of = f"{api}/surplus/drafts/{made['id']}"
    assert send(f"{of}/post").status_code == 422
    voted = send(f"{of}/vote", {"on": ASSEMBLY.isoformat(), "yes": 3}).json()
    assert voted["state"] == "VOTED"
    posted = send(f"{of}/post")
    assert (posted.status_code, posted.json()["refund_units"]) == (201, 79_700)
    assert [row["state"] for row in client.get(drafts).json()] == ["POSTED"]
    assert send(f"{of}/drop").status_code == 422
