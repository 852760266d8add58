"""Pages of how a group rules itself: offices, rules with their vote, cycles, leaving."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import Group, Meeting, Member, Resolution
from handup.groups.queries import constitution_on
from handup.groups.tests.conftest import FIRST, FORMED
from handup.org.models import AuditLine, StaffUser

DAY = "2026-12-01"


@pytest.fixture
def browser(officer: StaffUser) -> Client:
    client = Client()
    client.force_login(officer)
    return client


def address(name: str, group: Group) -> str:
    return reverse(f"groups:{name}", args=[group.pk])


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def rules(**more: Any) -> dict[str, Any]:
    told = {
        "meeting_interval_days": "14",
        "quorum_bps": "60",
        "share_value_units": "5.00",
        "shares_max": "5",
        "social_contribution_units": "1.00",
        "loan_multiple_x100": "2.5",
        "loan_term_periods_max": "6",
        "charge_basis": "FLAT_PER_PERIOD",
        "charge_rate_bps": "8.5",
        "fine_late_units": "0.50",
        "fine_absent_units": "1",
        "effective_date": DAY,
        "yes": "4",
        "no": "0",
        "abstain": "0",
    }
    return told | more


def test_an_election_is_recorded_and_the_page_says_who_holds_the_office(
    browser: Client, group: Group, members: list[Member]
) -> None:
    new = address("office_new", group)
    assert "Member 1" in text_of(browser.get(new))
    for member in members[:2]:
        told = {"office": "TREASURER", "member": member.pk, "from_date": FORMED.isoformat()}
        assert browser.post(new, told).status_code == 302
    assert group.office_terms.get(to_date=None).member == members[1]
    shown = text_of(browser.get(reverse("groups:group_detail", args=[group.pk])))
    assert "treasurer" in shown
    assert AuditLine.objects.filter(action="groups.elect_officer").count() == 2


def test_rules_change_only_by_four_fifths_of_all_members(
    browser: Client, group: Group, members: list[Member], meeting: Meeting
) -> None:
    new = address("rules_new", group)
    assert 'value="5.00"' in text_of(browser.get(new))
    read = {"_read_back": "1"}
    refused = text_of(browser.post(new, rules(yes="3", no="1") | read))
    assert "4" in refused
    assert Resolution.objects.count() == 0
    assert group.constitutions.count() == 1
    early = browser.post(new, rules(effective_date=FIRST.isoformat()) | read)
    assert "from the next meeting on" in text_of(early)
    fixed = text_of(browser.post(new, rules(share_value_units="6.00") | read))
    assert "change only between cycles" in fixed
    assert Resolution.objects.count() == 0
    assert browser.post(new, rules() | read).status_code == 302
    adopted = constitution_on(group)
    vote = adopted.resolution
    assert vote is not None
    assert (adopted.version, vote.yes, vote.members) == (2, 4, 4)
    held = adopted.settings
    assert (held["charge_rate_bps"], held["loan_multiple_x100"], held["quorum_bps"]) == (
        850,
        250,
        6000,
    )
    assert (held["fine_late_units"], held["fine_absent_units"]) == (50, 100)
    assert held["loan_majority_bps"] == 7500
    shown = text_of(browser.get(reverse("groups:group_detail", args=[group.pk])))
    assert "4 of 4 in favour" in shown


def test_what_a_loan_costs_under_each_basis_is_shown_before_it_is_voted(
    browser: Client, group: Group, members: list[Member], meeting: Meeting
) -> None:
    new = address("rules_new", group)
    shown = text_of(browser.get(new))
    assert "A loan of XTS 50.00 over 3 periods at 10.00 % costs" in shown.replace("\xa0", " ")
    assert "5.00 counted once" in shown.replace("\xa0", " ")
    typed = rules(charge_rate_bps="8", loan_term_periods_max="4", charge_basis="DECLINING")
    back = text_of(browser.post(new, typed)).replace("\xa0", " ")
    assert "4 periods at 8.00 % costs: XTS 4.00 counted once" in back
    assert "XTS 16.00 counted each period on the whole" in back
    assert "XTS 10.00 counted each period on what is left" in back
    assert group.constitutions.count() == 1, "read back, not yet adopted"
    assert browser.post(new, typed | {"_read_back": "1"}).status_code == 302
    assert constitution_on(group).settings["charge_basis"] == "DECLINING"


def test_a_cycle_starts_only_when_none_is_open_and_the_button_says_so(
    browser: Client, group: Group, members: list[Member]
) -> None:
    page = reverse("groups:group_detail", args=[group.pk])
    assert address("cycle_new", group) not in text_of(browser.get(page))
    refused = browser.post(address("cycle_new", group), {"start_date": DAY})
    assert refused.status_code == 422
    assert group.cycles.count() == 1
    group.cycles.update(status="CLOSED")
    assert address("cycle_new", group) in text_of(browser.get(page))
    assert browser.post(address("cycle_new", group), {"start_date": DAY}).status_code == 302
    assert list(group.cycles.values_list("number", flat=True).order_by("number")) == [1, 2]


def test_a_member_leaves_with_a_reason_and_her_office_ends(
    browser: Client, group: Group, members: list[Member], officer: StaffUser
) -> None:
    browser.post(
        address("office_new", group),
        {"office": "SECRETARY", "member": members[0].pk, "from_date": FORMED.isoformat()},
    )
    told = {"member": members[0].pk, "left_date": FORMED.isoformat(), "reason": "MOVED"}
    read = text_of(browser.post(address("member_leave", group), told))
    assert "moved away" in read
    members[0].refresh_from_db()
    assert members[0].left_date is None
    browser.post(address("member_leave", group), told | {"_read_back": "1"})
    left = Member.objects.get(pk=members[0].pk)
    assert (left.left_date, left.left_reason) == (FORMED, "MOVED")
    assert not group.office_terms.filter(to_date=None).exists()


def test_staff_of_another_programme_reach_none_of_these(outsider: StaffUser, group: Group) -> None:
    client = Client()
    client.force_login(outsider)
    for name in ("office_new", "rules_new", "cycle_new", "member_leave"):
        assert client.get(address(name, group)).status_code == 404
