"""Money lent between tiers stands in two books: matched, one-sided, different; borrowed by a vote,
paid back, taken back; on the page, on paper and over the API."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import Group, GroupFact, InternalLoan, Meeting, Member
from handup.groups.models.facts import Mark, MeetingStatus
from handup.groups.models.group import GroupKind
from handup.groups.rules.tiers import Match, Side, Way, pair_up
from handup.groups.services import (
    MeetingLine,
    NewGroup,
    NewMember,
    admit_members,
    debts,
    open_meeting,
    pay_out_loan,
    record_meeting_lines,
    register_group,
)
from handup.groups.services.assembly import NotCarried, Votes
from handup.groups.services.closing import entry_of
from handup.groups.services.facts import FactIn, Held
from handup.groups.services.outside import TakenBackAlready
from handup.groups.tests.conftest import FIRST, FORMED, close, save, staff_with
from handup.groups.tiers import tier_loans
from handup.groups.verify import CHECKS
from handup.kernel.ids import new_id
from handup.ledger.queries import balance
from handup.ledger.services import post_entries
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.standing import standing

CARRIED = Votes(FIRST, yes=4)
SIDE = Side("a", "", Way.LENT, "L", "B", 100, "XTS", FIRST)


@pytest.fixture(autouse=True)
def goes_on(group: Group) -> None:
    """The group shares nothing out: no share-out bounds what it borrows."""
    rules = group.constitutions.get()
    rules.settings["cycle_kind"] = "CONTINUING"
    rules.save()


def proofs_hold() -> None:
    assert [one for check in CHECKS for one in check.run()] == []


def test_sides_are_matched_by_the_fact_that_one_names_of_the_other() -> None:
    mirror = replace(SIDE, id="b", mirror_of="a")
    (pair,) = pair_up([SIDE], [mirror])
    assert (pair.match, pair.is_flagged(FIRST + timedelta(days=99))) == (Match.MATCHED, False)
    named_above = replace(SIDE, mirror_of="b")
    (pair,) = pair_up([named_above], [replace(SIDE, id="b")])
    assert pair.match is Match.MATCHED
    for other in (
        replace(mirror, units=99),
        replace(mirror, currency="USD"),
        replace(mirror, borrower="C"),
        replace(mirror, way=Way.REPAID),
    ):
        (pair,) = pair_up([SIDE], [other])
        assert (pair.match, pair.is_flagged(FIRST)) == (Match.DIFFERENT, True)


def test_one_side_is_looked_into_after_two_weeks_and_one_fact_matches_once() -> None:
    for lent, owed in (([SIDE], []), ([], [replace(SIDE, id="b", mirror_of="gone")])):
        (pair,) = pair_up(lent, owed)
        assert pair.match is Match.ONE_SIDED
        flags = [pair.is_flagged(FIRST + timedelta(days=days)) for days in (14, 15)]
        assert flags == [False, True]
    twice = [replace(SIDE, id=name, mirror_of="a") for name in ("b", "c")]
    pairs = pair_up([SIDE], twice)
    assert sorted(pair.match for pair in pairs) == ["MATCHED", "ONE_SIDED"]


@standing
def union(group: Group, members: list[Member], officer: StaffUser) -> Group:
    """A secondary cooperative of four groups, one of them with members, each with 100.00 in it."""
    assert members

    def made(name: str, kind: GroupKind) -> Group:
        return register_group(
            acting_staff=officer,
            programme=group.programme,
            group=NewGroup(
                name=name,
                kind=kind,
                area=group.area,
                formed_date=FORMED,
                currency="XTS",
                officer=officer,
                settings={"share_value_units": 500, "charge_rate_bps": 1000},
            ),
        )

    union = made("Union", GroupKind.COOP_SECONDARY)
    others = [made(f"Dairy {number}", GroupKind.COOP_PRIMARY) for number in range(3)]
    admitted = admit_members(
        acting_staff=officer,
        group=union,
        members=[NewMember(FORMED, member_group=one) for one in (group, *others)],
    )
    meeting = open_meeting(acting_staff=officer, group=union, held_date=FIRST)
    lines = [MeetingLine(member, Mark.PRESENT) for member in admitted]
    record_meeting_lines(acting_staff=officer, meeting=meeting, lines=lines)
    save(meeting, officer, dict.fromkeys(admitted, 10_000))
    pay_out_loan(
        acting_staff=officer,
        meeting=meeting,
        member=admitted[0],
        units=5_000,
        term_periods=1,
        yes=3,
    )
    close(meeting, officer, 35_000)
    return union


def test_a_loan_of_the_union_is_matched_with_the_debt_of_the_group(
    union: Group, group: Group, officer: StaffUser
) -> None:
    loan = InternalLoan.objects.get()
    assert [pair.match for pair in tier_loans(union)] == ["ONE_SIDED"]
    (open_side,) = debts.mirrors_open(group, Way.LENT)
    assert open_side.id == str(loan.fact_id)
    take = partial(
        debts.record_group_debt,
        acting_staff=officer,
        group=group,
        lender="Union",
        units=5_000,
        on=FIRST,
        votes=CARRIED,
    )
    refused: tuple[tuple[Any, dict[str, Any]], ...] = (
        (debts.NotItsMirror, {"mirror_of": new_id()}),
        (debts.LenderMissing, {"lender": "  "}),
        (debts.LenderMissing, {"units": 0}),
        (NotCarried, {"votes": Votes(FIRST, yes=1, no=3)}),
        (NotAllowed, {"acting_staff": staff_with("reader", Role.ME_READER)}),
    )
    for refusal, wrong in refused:
        with pytest.raises(refusal):
            take(**wrong)
    assert balance(group.book, "OUTSIDE_DEBT") == 0
    key = new_id()
    fact = take(mirror_of=loan.fact_id, id=key)
    assert take(mirror_of=loan.fact_id, id=key) == fact
    others: tuple[dict[str, Any], ...] = (
        {"units": 4_000},
        {"on": FIRST + timedelta(days=1)},
        {"votes": Votes(FIRST, yes=3, no=1)},
    )
    for other in others:
        with pytest.raises(SameIdOtherContent):
            take(mirror_of=loan.fact_id, id=key, **other)
    with pytest.raises(debts.NotItsMirror):
        take(mirror_of=loan.fact_id)
    for side in (union, group):
        assert [pair.match for pair in tier_loans(side)] == ["MATCHED"], "the same from both sides"
    assert (balance(group.book, "OUTSIDE_DEBT"), balance(group.book, "CASH")) == (-5_000, 5_000)
    proofs_hold()


def test_what_the_group_writes_otherwise_is_different_or_one_sided(
    union: Group, group: Group, officer: StaffUser
) -> None:
    supervisor = staff_with("super", Role.GROUP_SUPERVISOR, programme=group.programme_id)
    loan = InternalLoan.objects.get()
    take = partial(
        debts.record_group_debt, acting_staff=officer, group=group, on=FIRST, votes=CARRIED
    )
    wrong = take(lender="Union", units=4_000, mirror_of=loan.fact_id)
    assert [pair.match for pair in tier_loans(union)] == ["DIFFERENT"]
    assert tier_loans(union)[0].is_flagged(FIRST)
    back = partial(debts.take_back_debt, acting_staff=supervisor, fact=wrong, on=FIRST)
    back()
    with pytest.raises(TakenBackAlready):
        back()
    with pytest.raises(debts.NotADebt):
        debts.take_back_debt(acting_staff=supervisor, fact=loan.fact, on=FIRST)
    take(lender="A village bank", units=700)
    take(lender=" union ", units=5_000)
    assert sorted(pair.match for pair in tier_loans(union)) == ["ONE_SIDED", "ONE_SIDED"]
    assert {pair.known.units for pair in tier_loans(union)} == {5_000}, "the bank is no tier"
    repay = partial(
        debts.repay_group_debt, acting_staff=officer, group=group, lender="Union", on=FIRST
    )
    with pytest.raises(debts.MoreThanBorrowed) as more:
        repay(principal=5_001, interest=0)
    assert "50.00" in str(more.value), "5.00 of the bank is not this lender's"
    with pytest.raises(debts.MoreThanBorrowed):
        repay(lender="A VILLAGE  bank", principal=701, interest=0)
    with pytest.raises(debts.MoreThanBorrowed):
        repay(lender="Nobody", principal=1, interest=0)
    with pytest.raises(debts.LenderMissing):
        repay(principal=0, interest=0)
    repay(principal=500, interest=50)
    assert balance(group.book, "OUTSIDE_DEBT") == -5_200
    assert balance(group.book, "FINANCIAL_COST") == 50
    proofs_hold()


def test_tier_loans_on_their_page_on_paper_and_over_the_api(
    client: Client, union: Group, group: Group, officer: StaffUser, outsider: StaffUser
) -> None:
    client.force_login(officer)
    loan = InternalLoan.objects.get()
    page = reverse("groups:tier_loans", args=[union.pk])
    assert "look into it: only one side wrote it" in client.get(page).content.decode()
    form = client.get(reverse("groups:debt_new", args=[group.pk])).content.decode()
    assert str(loan.fact_id) in form
    day = FIRST.isoformat()
    told = {"lender": "Union", "units": "50", "on": day, "place": "BOX", "_read_back": "1"}
    told |= {"mirror_of": str(loan.fact_id), "_new_id": str(new_id())}
    told |= {"decided_date": day, "yes": "4", "no": "0", "abstain": "0"}
    sent = client.post(reverse("groups:debt_new", args=[group.pk]), told)
    assert sent.status_code == 302, sent.content.decode()[:3000]
    shown = client.get(page).content.decode()
    assert "both sides agree" in shown
    assert "Morning star" in shown
    pay = {"lender": "Union", "principal": "10", "interest": "1", "on": day, "place": "BOX"}
    pay |= {"_read_back": "1", "_new_id": str(new_id())}
    assert client.post(reverse("groups:debt_repay", args=[group.pk]), pay).status_code == 302
    paper = client.get(reverse("groups:tier_loans_paper", args=[union.pk]))
    assert paper.content.startswith(b"%PDF")
    rows = client.get(f"/api/v1/groups/groups/{union.pk}/tier-loans").json()
    assert {row["match"] for row in rows} == {"MATCHED", "ONE_SIDED"}

    def post(path: str, told: dict[str, Any]) -> Any:
        return client.post(
            f"/api/v1/groups/{path}",
            told,
            content_type="application/json",
            headers={"Idempotency-Key": str(new_id())},
        )

    debt = {"lender": "A bank", "units": 100, "on": day, "votes": {"on": day, "yes": 4}}
    made = post(f"groups/{group.pk}/debts", debt)
    assert (made.status_code, made.json()["name"]) == (201, "record_group_debt")
    paid = {"lender": "A bank", "principal": 100, "on": day}
    assert post(f"groups/{group.pk}/debts/payments", paid).status_code == 201
    assert post(f"debts/{made.json()['id']}/reversal", {"on": day}).status_code == 403
    client.force_login(outsider)
    assert client.get(page).status_code == 404
    assert GroupFact.objects.filter(name="repay_group_debt").count() == 2
    proofs_hold()


def test_the_newest_stands_first() -> None:
    late = replace(SIDE, on=date(2026, 1, 1))
    pairs = pair_up([SIDE, replace(late, id="x")], [])
    assert [pair.known.id for pair in pairs] == ["a", "x"], "the newest first"


def test_what_was_paid_back_under_another_name_leaves_room_to_pay_all_back(
    group: Group, meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    take = partial(debts.record_group_debt, acting_staff=officer, group=group, votes=CARRIED)
    for lender in ("Bank", "Shop"):
        take(lender=lender, units=2_000, on=FIRST)
    assert debts.owed_to_lender(group, " bank ") == 2_000
    paid = FactIn("repay_group_debt", {"lender": "The bank", "units": 1_200}, FIRST)
    held = Held.of(meeting)
    (fact,) = held.stream.append([paid], officer)
    post_entries([entry_of(meeting, fact)], acting_staff=officer)
    Meeting.objects.filter(pk=meeting.pk).update(status=MeetingStatus.CLOSED)
    owed = [debts.owed_to_lender(group, lender) for lender in ("Bank", "Shop", "Nobody")]
    assert owed == [2_000, 2_000, 0], "of whom it was nobody can tell"
    repay = partial(debts.repay_group_debt, acting_staff=officer, group=group, interest=0, on=FIRST)
    with pytest.raises(debts.MoreThanBorrowed):
        repay(lender="Shop", principal=2_001)
    repay(lender="Shop", principal=2_000)
    repay(lender="Bank", principal=800)
    assert balance(group.book, "OUTSIDE_DEBT") == 0


def test_what_was_borrowed_is_not_taken_back_under_what_was_paid_back(
    union: Group, group: Group, officer: StaffUser
) -> None:
    supervisor = staff_with("super", Role.GROUP_SUPERVISOR, programme=group.programme_id)
    take = partial(debts.record_group_debt, acting_staff=officer, group=group, votes=CARRIED)
    wrong = take(lender="Bank", units=2_000, on=FIRST)
    take(lender="Shop", units=3_000, on=FIRST)
    paid = debts.repay_group_debt(
        acting_staff=officer, group=group, lender="Bank", principal=1_000, interest=0, on=FIRST
    )
    with pytest.raises(debts.RepaidSince):
        debts.take_back_debt(acting_staff=supervisor, fact=wrong, on=FIRST)
    assert balance(group.book, "OUTSIDE_DEBT") == -4_000
    debts.take_back_debt(acting_staff=supervisor, fact=paid, on=FIRST)
    debts.take_back_debt(acting_staff=supervisor, fact=wrong, on=FIRST)
    assert balance(group.book, "OUTSIDE_DEBT") == -3_000
    proofs_hold()
