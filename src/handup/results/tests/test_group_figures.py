"""The figures by which groups are compared, as rules and on a group's page."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from handup.groups.models import Group, InternalLoan, Meeting, Member
from handup.groups.models.facts import Mark
from handup.groups.models.group import GroupKind
from handup.groups.services import (
    MeetingLine,
    NewGroup,
    NewMember,
    admit_members,
    open_meeting,
    pay_out_loan,
    record_meeting_lines,
    register_group,
)
from handup.groups.tests.conftest import FIRST, close, mark, save, staff_with
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.scope import hidden_changed
from handup.people.models import Compartment
from handup.results.gathering import Source
from handup.results.group_page import group_figures
from handup.results.rules.expressions import Row
from handup.results.rules.group_figures import GroupIndicator, measure


@pytest.mark.parametrize(
    ("indicator", "inputs", "expected"),
    [
        ("ATTENDANCE", {"members": 10, "attended": [1, 9, 8, 10, 10]}, (37, 40, "92.5")),
        ("ATTENDANCE", {"members": 10, "attended": [9]}, (9, 10, "90.0")),
        ("ATTENDANCE", {"members": 10, "attended": []}, (0, 0, None)),
        (
            "AVERAGE_SAVINGS",
            {"savings_in_cash": 4, "savings_lent_out": 1, "members": 2},
            (5, 2, "3"),
        ),
        (
            "RETURN_ON_SAVINGS_YEAR",
            {"net_profit": -1, "savings": 1000, "weeks": 104},
            (-52, 104_000, "-0.1"),
        ),
        ("PORTFOLIO_AT_RISK", {"part": 1, "whole": 8}, (1, 8, "12.50")),
        ("RETENTION", {"part": 1, "whole": 8}, (1, 8, "12.5")),
        (
            "TOTAL_ASSETS",
            {"loan_fund_cash": 1, "loans_outstanding": 2, "social_fund": 3},
            (6, None, "6"),
        ),
    ],
)
def test_a_figure_keeps_what_it_was_made_of(
    indicator: str, inputs: dict[str, Any], expected: tuple[int, int | None, str | None]
) -> None:
    made = measure(GroupIndicator(indicator), inputs)
    assert (made.numerator, made.denominator, made.text) == expected


def spaced(text: str) -> str:
    return text.replace("\xa0", " ")


def figures_of(staff: StaffUser, group: Group) -> dict[str, tuple[str, str]]:
    day = FIRST + timedelta(days=130)
    return {
        figure.indicator.value: (spaced(figure.value), spaced(figure.made_of))
        for figure in group_figures(staff, group, day)
    }


@pytest.fixture
def two_meetings(meeting: Meeting, members: list[Member], officer: StaffUser) -> Group:
    """All save 25.00 and one borrows 60.00; a week later one is away and one sends her money."""
    save(meeting, officer, dict.fromkeys(members, 2500))
    pay_out_loan(
        acting_staff=officer,
        meeting=meeting,
        member=members[0],
        units=6000,
        term_periods=1,
        yes=3,
    )
    close(meeting, officer, loan=4000)
    second = open_meeting(
        acting_staff=officer, group=meeting.group, held_date=FIRST + timedelta(days=7)
    )
    marks = (Mark.PRESENT, Mark.LATE, Mark.ABSENT, Mark.EXCUSED)
    record_meeting_lines(
        acting_staff=officer,
        meeting=second,
        lines=[MeetingLine(*pair) for pair in zip(members, marks, strict=True)],
    )
    close(second, officer, loan=4000)
    return meeting.group


def test_a_group_is_measured_from_its_meetings_loans_and_books(
    two_meetings: Group, officer: StaffUser
) -> None:
    assert figures_of(officer, two_meetings) == {
        "ATTENDANCE": ("75.0%", "6 / 8"),
        "MEMBERS_WITH_LOAN": ("25.0%", "1 / 4"),
        "TOTAL_ASSETS": ("XTS 100.00", ""),
        "AVERAGE_SAVINGS": ("XTS 25.00", "XTS 100.00 / 4"),
        "FUND_UTILISATION": ("60.0%", "XTS 60.00 / XTS 100.00"),
        "RETURN_ON_SAVINGS_YEAR": ("0.0%", ""),
        "PORTFOLIO_AT_RISK": ("100.00%", "XTS 60.00 / XTS 60.00"),
        "LOANS_WRITTEN_OFF": ("0.0%", "0 / 1"),
        "RETENTION": ("100.0%", "4 / 4"),
    }


def test_a_hidden_member_is_in_no_figure(
    two_meetings: Group, members: list[Member], officer: StaffUser
) -> None:
    person = members[0].person
    assert person is not None
    hidden = Compartment.objects.create(
        person=person, kind="PERSON", opened_by=officer, opened_date=FIRST
    )
    hidden_changed()
    figures = figures_of(StaffUser.objects.get(pk=officer.pk), two_meetings)
    hidden.delete()
    hidden_changed()
    assert figures["MEMBERS_WITH_LOAN"] == ("0.0%", "0 / 3")
    assert figures["ATTENDANCE"] == ("66.7%", "4 / 6")
    assert figures["PORTFOLIO_AT_RISK"][0] == "–"


def test_the_money_of_a_group_names_no_hidden_member(
    two_meetings: Group, members: list[Member], officer: StaffUser
) -> None:
    person = members[0].person
    assert person is not None
    lent = set(InternalLoan._base_manager.filter(member=members[0]).values_list("pk", flat=True))
    hers = {str(members[0].pk), *map(str, lent)}
    day = FIRST + timedelta(days=130)

    def rows(without: set[UUID]) -> list[Row]:
        return Source(two_meetings.programme, day, without).table("group_money")

    before, after = rows(set()), rows({person.pk})
    assert lent
    assert hers <= {row["record"] for row in before}
    assert not hers & {row["record"] for row in after}
    assert [row["units"] for row in before] == [row["units"] for row in after], "sums stay"


def test_money_between_two_tiers_is_counted_once(
    two_meetings: Group, members: list[Member], officer: StaffUser
) -> None:
    """The group carries 30.00 of what its members saved to its union, and borrows 20.00 there."""
    union = register_group(
        acting_staff=officer,
        programme=two_meetings.programme,
        group=NewGroup(
            name="Union",
            kind=GroupKind.FEDERATION,
            area=two_meetings.area,
            formed_date=FIRST,
            currency="XTS",
            officer=officer,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )
    joined = [NewMember(FIRST, one.person) for one in members[:3]]
    joined.append(NewMember(FIRST, member_group=two_meetings))
    own, *others, tier = admit_members(acting_staff=officer, group=union, members=joined)
    meeting = open_meeting(acting_staff=officer, group=union, held_date=FIRST)
    mark(meeting, officer, dict.fromkeys((own, *others, tier), Mark.PRESENT))
    save(meeting, officer, {tier: 3000, own: 500})
    pay_out_loan(
        acting_staff=officer, meeting=meeting, member=tier, units=2000, term_periods=1, yes=3
    )
    close(meeting, officer, loan=1500)

    def sums() -> dict[tuple[object, object], int]:
        found: dict[tuple[object, object], int] = {}
        rows = Source(union.programme, FIRST + timedelta(days=130)).table("group_money")
        for row in rows:
            key = row["grp"], row["kind"]
            found[key] = found.get(key, 0) + int(str(row["units"]))
        return found

    lower, upper = str(two_meetings.pk), str(union.pk)
    once = {(lower, "SAVINGS"): 10_000, (lower, "LOANS"): 6000, (upper, "SAVINGS"): 500}
    assert sums() == once
    Group.objects.filter(pk=two_meetings.pk).update(practice=True)
    assert sums() == {(upper, "SAVINGS"): 3500, (upper, "LOANS"): 2000}, "counted nowhere else"


def test_whoever_left_counts_on_neither_side(
    two_meetings: Group, members: list[Member], officer: StaffUser
) -> None:
    gone = [member.pk for member in members[1:]]
    Member._base_manager.filter(pk__in=gone).update(left_date=FIRST + timedelta(days=20))
    figures = figures_of(officer, two_meetings)
    assert figures["ATTENDANCE"] == ("100.0%", "2 / 2")
    assert figures["AVERAGE_SAVINGS"] == ("XTS 25.00", "XTS 25.00 / 1")


def test_the_page_of_a_group_shows_them_to_whoever_may_see_figures(
    two_meetings: Group, officer: StaffUser
) -> None:
    address = reverse("groups:group_detail", args=[two_meetings.pk])
    texts = {}
    for staff in (officer, staff_with("admin", Role.ADMINISTRATOR)):
        client = Client()
        client.force_login(staff)
        texts[staff.username] = client.get(address).content.decode()
    assert "How the group is doing" in texts["officer"]
    assert "6 / 8" in texts["officer"]
    assert "How the group is doing" not in texts["admin"]
