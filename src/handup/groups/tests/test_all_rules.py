"""Every rule of the constitution can be voted, is read out in words, and is kept to where money
moves (groups.md G1, G3)."""

import re
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.groups import services
from handup.groups.models import Fine, Group, InternalLoan, Meeting, Member, Resolution
from handup.groups.models.facts import Mark
from handup.groups.queries import constitution_on, money_now, saved_moves
from handup.groups.rules.constitution import RULES, completed, settings_for
from handup.groups.rules.loans import AboveLimit, FirstCycle, FundNotLendable, outside_room
from handup.groups.rules.voted import (
    USUAL_STEPS,
    VOTED,
    grant_of,
    is_names,
    is_steps,
    is_table,
    is_vote,
    is_weights,
    needed_for,
    weights_of,
)
from handup.groups.rules.votes import Count
from handup.groups.services import MeetingLine, open_meeting, pay_out_loan, record_meeting_lines
from handup.groups.services.assembly import NotCarried, Votes, carry, stream_of
from handup.groups.tests.conftest import FIRST, close, mark, save
from handup.groups.views.ruling import RulesForm
from handup.groups.views.setting_fields import STEP_FIELDS, asked, said
from handup.groups.views.voted_rules import MONEY_SETTINGS, WAY_SETTINGS, MoneyRulesForm, WaysForm
from handup.kernel.errors import Faults
from handup.kernel.ids import new_id
from handup.ledger.models import Line
from handup.ledger.services import EntryIn, Part, Source, fact_lines, post_entries
from handup.org.models import StaffUser

BASE = {"share_value_units": 500, "charge_rate_bps": 1000}
LATER = FIRST + timedelta(days=7)


def vote(group: Group, **voted: Any) -> None:
    """The rules of a group, as if these had been voted at the start."""
    version = group.constitutions.get()
    version.settings = settings_for(group.kind, {**version.settings, **voted})
    version.save()


def test_every_setting_is_asked_on_a_form_and_read_out_in_words() -> None:
    on_forms = {*MONEY_SETTINGS, *WAY_SETTINGS, *VOTED, "loan_majority_bps", "step_order"}
    assert on_forms == RULES.keys()
    for kind in ("SAVINGS", "SHG", "COOP_PRIMARY", "ASSOCIATION"):
        settings = settings_for(kind, BASE)
        for name in RULES:
            assert said(settings, name, "XTS") or settings[name] == ""


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (
            is_steps,
            [USUAL_STEPS],
            ["", "KEYS", USUAL_STEPS.replace("SAY_FUND LEND", "LEND SAY_FUND")],
        ),
        (
            is_vote,
            ["HALF_PLUS CAST SECRET", "5001 PRESENT"],
            ["5000 PRESENT", "7500", "x CAST y z"],
        ),
        (
            is_table,
            ["", "funeral = 100; birth = 5"],
            ["funeral", "a = 1; A = 2", "a = -1", "a=1e9"],
        ),
        (is_weights, ["", "1 = 10; 2 = 0"], ["1 = 0", "Anna = 3"]),
        (is_names, ["", "Chair, box keeper"], ["chair, Chair", "x" * 40]),
    ],
)
def test_what_is_written_is_checked(check: Any, good: list[str], bad: list[str]) -> None:
    assert all(check(text) for text in good)
    assert not any(check(text) for text in bad)


def test_an_older_version_says_nothing_that_refuses_anything() -> None:
    old = completed({"share_value_units": 500})
    assert (old["join_until_week"], old["members_max"], old["profit_by"]) == (156, 0, "SHARES")
    assert needed_for(old, "CONSTITUTION").votes_of(Count(0, 0, 0, 5)) == 4
    assert needed_for({**old, "loan_majority_bps": 7500}, "LOAN").votes_of(Count(3, 0, 1, 9)) == 3


def test_a_decision_needs_what_the_group_voted_for_it() -> None:
    settings = settings_for("SAVINGS", {**BASE, "vote_expense": "7500 REGISTERED SECRET"})
    count = Count(yes=3, no=1, abstain=2, registered=8)
    expense, election = (needed_for(settings, name) for name in ("EXPENSE", "ELECTION"))
    assert (expense.votes_of(count), expense.is_secret) == (6, True)
    assert (election.votes_of(count), election.is_passed(count, 5000)) == (3, True)
    assert needed_for(settings, "STATUTES") == needed_for(settings, "CONSTITUTION")
    assert needed_for(settings, "SHEARING") == needed_for(settings, "OTHER")


def test_weights_need_numbers_and_grants_have_a_most() -> None:
    with pytest.raises(Faults) as refused:
        settings_for("SAVINGS", {**BASE, "profit_by": "VOTED_WEIGHTS"})
    assert [fault.place for fault in refused.value.faults] == ["profit_weights"]
    voted = settings_for("SAVINGS", {**BASE, "profit_weights": "2 = 5; 1=10"})
    assert weights_of(voted) == {1: 10, 2: 5}
    table = {"social_grants": "Funeral = 900"}
    assert [grant_of(table, event) for event in ("  FUNERAL ", "birth")] == [900, 0]
    assert grant_of({}, "funeral") is None


def test_an_assembly_counts_by_the_voted_majority_and_keeps_that_it_was_secret(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    vote(group, vote_share_data="10000 REGISTERED SECRET")
    decide = partial(carry, officer, stream_of(group), decision="SHARE_DATA")
    with pytest.raises(NotCarried) as refused:
        decide(votes=Votes(FIRST, yes=3))
    assert refused.value.places["needed"] == 4
    assert not Resolution.objects.exists()
    assert decide(votes=Votes(FIRST, yes=4)).is_secret


def test_outside_debt_waits_for_its_cycle_and_stays_within_the_last_share_out() -> None:
    settings = settings_for("SAVINGS", {**BASE, "outside_debt_from_cycle": 3})
    room = partial(outside_room, settings, last_share_out=900, owed=300)
    for cycle in (1, 2):
        with pytest.raises(FirstCycle):
            room(cycle=cycle)
    assert room(cycle=3) == 600
    assert room(cycle=3, owed=1_000) == 0
    free = settings | {"outside_debt_cap": "NONE", "outside_debt_from_cycle": 1}
    assert outside_room(free, cycle=2, last_share_out=None, owed=0) is None
    with pytest.raises(FirstCycle):
        outside_room(free, cycle=1, last_share_out=None, owed=0)
    assert outside_room(settings_for("SHG", BASE), cycle=1, last_share_out=None, owed=0) is None


def owe_outside(group: Group, staff: StaffUser, units: int) -> None:
    """The group borrowed outside, outside any meeting."""
    kind = "OUTSIDE_DEBT_RECEIVED"
    lines = fact_lines(kind, {"AMOUNT": Part(units)}, money_role="BANK", currency="XTS")
    source = Source("groups", "record_group_debt", new_id())
    entry = EntryIn(book=group.book, kind=kind, source=source, lines=lines, happened_date=FIRST)
    post_entries([entry], acting_staff=staff)


def test_a_member_borrows_by_the_other_multiple_while_the_group_owes_outside(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    save(meeting, officer, dict.fromkeys(members, 2_500))
    vote(meeting.group, loan_multiple_x100=100, loan_multiple_outside_x100=300)
    lend = partial(
        pay_out_loan,
        acting_staff=officer,
        meeting=meeting,
        member=members[0],
        term_periods=1,
        yes=3,
    )
    with pytest.raises(AboveLimit):
        lend(units=2_501)
    owe_outside(meeting.group, officer, 100)
    assert lend(units=7_500).principal_units == 7_500


def test_the_social_fund_is_lent_from_its_own_box_and_paid_back_into_it(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    lines = [MeetingLine(one, saved_units=500, social_units=300) for one in members]
    record_meeting_lines(acting_staff=officer, meeting=meeting, lines=lines)
    lend = partial(
        pay_out_loan,
        acting_staff=officer,
        meeting=meeting,
        member=members[0],
        units=1_000,
        term_periods=1,
        yes=3,
        fund="SOCIAL",
        id=new_id(),
    )
    with pytest.raises(FundNotLendable):
        lend()
    vote(meeting.group, social_lendable=True)
    with pytest.raises(AboveLimit):
        lend(units=1_201)
    loan = lend()
    assert lend() == loan
    assert money_now(meeting.group).cash == {"LOAN": 2_000, "SOCIAL": 200}
    mark(meeting, officer, {})
    close(meeting, officer, 2_000, 200)
    later = open_meeting(acting_staff=officer, group=meeting.group, held_date=LATER)
    mark(later, officer, dict.fromkeys(members, Mark.PRESENT))
    back = MeetingLine(members[0], repaid_units=1_000)
    record_meeting_lines(acting_staff=officer, meeting=later, lines=[back])
    close(later, officer, 2_000, 1_200)
    assert InternalLoan.objects.get(pk=loan.pk).status == "REPAID"
    of_social = Line.objects.filter(entry__kind="MEMBER_LOAN_REPAID")
    assert set(of_social.values_list("fund__code", flat=True)) == {"GROUP-SOCIAL"}


def test_fines_go_to_the_fund_and_a_payment_clears_first_what_the_group_voted(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    vote(
        meeting.group,
        fine_fund="SOCIAL",
        repayment_order="PRINCIPAL_FIRST",
        charge_basis="FLAT_ONCE",
    )
    mark(meeting, officer, {members[1]: Mark.LATE})
    save(meeting, officer, dict.fromkeys(members, 500))
    pay_out_loan(
        acting_staff=officer,
        meeting=meeting,
        member=members[0],
        units=1_000,
        term_periods=1,
        yes=3,
    )
    lines = [MeetingLine(members[1], fine_units=50), MeetingLine(members[0], repaid_units=1_000)]
    record_meeting_lines(acting_staff=officer, meeting=meeting, lines=lines)
    paid = meeting.facts.get(name="record_repayment").body
    assert (paid["principal"], paid["charge"]) == (1_000, 0)
    assert Fine.objects.get(kind="LATE").paid_units == 50
    assert money_now(meeting.group).cash == {"LOAN": 2_000, "SOCIAL": 50}
    close(meeting, officer, 2_000, 50)
    assert money_now(meeting.group).cash == {"LOAN": 2_000, "SOCIAL": 50}


def test_what_was_saved_and_paid_out_is_read_day_by_day_from_book_and_open_meeting(
    meeting: Meeting, members: list[Member], officer: StaffUser
) -> None:
    group, numbers = meeting.group, {one.pk: one.member_no for one in members}
    save(meeting, officer, {members[0]: 500, members[1]: 1_000})
    told = [(1, FIRST, 500), (2, FIRST, 1_000)]
    assert sorted(saved_moves(group, numbers)) == told
    mark(meeting, officer, {})
    close(meeting, officer, 1_500)
    assert sorted(saved_moves(group, numbers)) == told, "posted, they are told once"
    later = open_meeting(acting_staff=officer, group=group, held_date=LATER)
    mark(later, officer, {members[0]: Mark.PRESENT})
    save(later, officer, {members[0]: 500})
    assert sorted(saved_moves(group, numbers)) == sorted([*told, (1, LATER, 500)])


def _posted(form: Any, group: Group, **more: str) -> dict[str, Any]:
    held = completed(constitution_on(group).settings)
    names = form.names if form is MoneyRulesForm else (*form.names, "loan_majority_bps", *VOTED)
    told = {name: value for name, value in asked(held, names, "XTS").items() if value is not False}
    if form is WaysForm:
        steps = [step for step in held["step_order"].split() if step in STEP_FIELDS]
        told |= {STEP_FIELDS[step]: str(place) for place, step in enumerate(steps, 1)}
    day = date(2026, 2, 9).isoformat()
    return told | {"effective_date": day, "yes": "4", "no": "0", "abstain": "0"} | more


def test_rules_about_money_and_ways_are_voted_on_their_pages_and_read_out(
    client: Client, group: Group, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    client.force_login(officer)
    money, ways, page = (
        reverse(f"groups:{name}", args=[group.pk])
        for name in ("rules_money", "rules_ways", "rules")
    )
    assert client.get(money).status_code == client.get(ways).status_code == 200
    told = _posted(MoneyRulesForm, group, social_grants="Funeral = 12.50", fine_fund="SOCIAL")
    read_back = client.post(money, told).content.decode()
    assert constitution_on(group).version == 1
    assert "Funeral" in read_back
    assert client.post(money, told | {"_read_back": "1"}).status_code == 302
    held = constitution_on(group).settings
    assert (held["social_grants"], held["fine_fund"]) == ("Funeral = 1250", "SOCIAL")
    assert held["fine_late_units"] == 50
    wrong = _posted(WaysForm, group, step_lend="1", step_say_fund="9", step_business="8")
    assert client.post(ways, wrong | {"_read_back": "1"}).status_code == 422
    twice = _posted(WaysForm, group, step_minutes="2")
    assert "the same place" in client.post(ways, twice).content.decode()
    right = _posted(
        WaysForm,
        group,
        step_minutes="2",
        step_social="1",
        vote_expense_share="6667",
        vote_expense_of="REGISTERED SECRET",
        offices="Chairperson, box keeper",
    )
    assert client.post(ways, right | {"_read_back": "1"}).status_code == 302
    held = constitution_on(group).settings
    assert held["step_order"].split()[3:5] == ["SOCIAL", "MINUTES"]
    assert held["vote_expense"] == "6667 REGISTERED SECRET"
    shown = client.get(page).content.decode()
    assert "two thirds of all members, in secret" in shown
    assert "XTS&nbsp;12.50" in shown or "XTS\xa012.50" in shown or "XTS 12.50" in shown
    offered = client.get(reverse("groups:office_new", args=[group.pk])).content.decode()
    assert "box keeper" in offered
    assert "treasurer" not in offered
    client.force_login(outsider)
    assert client.get(page).status_code == client.get(money).status_code == 404


def test_rules_are_adopted_once_and_take_nothing_back_that_was_adopted_since(
    client: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    client.force_login(officer)
    money = reverse("groups:rules_money", args=[group.pk])
    shown = client.get(money).content.decode()
    assert re.search(r'<input type="hidden" name="version" value="2"', shown)
    sent = {"version": "2", "_read_back": "1"}
    first = _posted(MoneyRulesForm, group, fine_fund="SOCIAL") | sent
    old = _posted(MoneyRulesForm, group, leave_pay="AT_CYCLE_END") | sent
    for _press in range(2):
        once = client.post(money, first | {"_new_id": "01890a5d-ac96-7000-8000-0000000000aa"})
        assert once.status_code == 302
    assert group.constitutions.count() == 2
    late = client.post(money, old | {"_new_id": str(new_id())})
    assert late.status_code == 422
    held = constitution_on(group)
    assert (held.version, held.settings["fine_fund"]) == (2, "SOCIAL")
    new = reverse("groups:rules_new", args=[group.pk])
    names = {*RulesForm.base_fields, "share_value_units"}
    told = {name: value for name, value in _posted(MoneyRulesForm, group).items() if name in names}
    ways = {"meeting_interval_days": "7", "quorum_bps": "50", "shares_max": "5"}
    again = told | ways | {"_read_back": "1", "_new_id": str(new_id()), "yes": "4"}
    opened = client.get(new).content.decode()
    assert re.search(r'<input type="hidden" name="version" value="3"', opened)
    late = client.post(new, again | {"version": "2", "_new_id": str(new_id())})
    assert late.status_code == 422
    assert group.constitutions.count() == 2
    again |= {"version": "3"}
    for _press in range(2):
        assert client.post(new, again).status_code == 302
    assert group.constitutions.count() == Resolution.objects.count() + 1 == 3


def test_the_rules_page_tells_what_holds_today_and_what_comes(
    client: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    client.force_login(officer)
    services.change_rules(
        acting_staff=officer,
        group=group,
        version=2,
        settings={"fine_fund": "SOCIAL"},
        effective_date=timezone.localdate() + timedelta(days=9),
        yes=4,
        no=0,
        abstain=0,
    )
    shown = client.get(reverse("groups:rules", args=[group.pk])).content.decode()
    assert "Version 2 holds from" in shown
    assert "Where fines go" in shown
    assert re.search(r"Where fines go.{0,60}loan fund", shown, re.DOTALL)


def test_the_rules_are_read_and_changed_over_the_api(
    client: Client, group: Group, members: list[Member], officer: StaffUser, outsider: StaffUser
) -> None:
    address = f"/api/v1/groups/groups/{group.pk}/constitutions"
    client.force_login(officer)
    (first,) = client.get(address).json()["items"]
    assert (first["version"], first["settings"]["profit_by"]) == (1, "SHARES")
    told = {
        "version": 2,
        "settings": {"vote_expense": "7500 PRESENT"},
        "effective_date": "2026-02-09",
        "yes": 4,
    }
    send = partial(client.post, address, content_type="application/json")
    assert send({**told, "yes": 3}).status_code == 422
    assert send({**told, "settings": {"vote_expense": "some"}}).status_code == 422
    assert group.constitutions.count() == 1
    answer = send(told)
    assert (answer.status_code, answer.json()["settings"]["vote_expense"]) == (201, "7500 PRESENT")
    assert send(told).status_code in {409, 422}, "a version is adopted once"
    client.force_login(outsider)
    assert send(told).status_code == 404
