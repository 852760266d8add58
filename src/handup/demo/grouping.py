"""The group programme: cooperatives of the soums, groups inside them, families of the districts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from handup.demo.chance import number
from handup.demo.foundation import Ground
from handup.demo.people import Family, Progress, household_in, person_in, register_families
from handup.demo.profiles import GroupSize
from handup.groups import services as groups
from handup.groups.models import Group, Meeting, Member
from handup.groups.models.facts import Mark, MeetingKind
from handup.groups.models.group import GroupKind
from handup.groups.queries import money_now
from handup.groups.services import dues
from handup.groups.services.assembly import Votes
from handup.org.models import Area
from handup.org.rules.access import Role
from handup.people.services import publish_rule

SEED = "MN"
INCOME = 300_000_00
FORMED = date(2003, 4, 7)
FIRST_MEETING = date(2005, 1, 10)
RULE: dict[str, Any] = {
    "all": [{"fact": "age_years", "op": ">=", "value": 18, "reason": "UNDER_AGE"}]
}
SHARE = 2_000_00
DUES = 5_000_00
SETTINGS: dict[GroupKind, dict[str, Any]] = {
    GroupKind.SHG: {
        "share_value_units": SHARE,
        "charge_rate_bps": 200,
        "social_contribution_units": 200_00,
        "fine_late_units": 100_00,
    },
    GroupKind.COOP_PRIMARY: {"share_value_units": 10_000_00, "charge_rate_bps": 150},
    GroupKind.COOP_SECONDARY: {"share_value_units": 50_000_00, "charge_rate_bps": 100},
    GroupKind.ASSOCIATION: {"share_value_units": 5_000_00, "charge_rate_bps": 0},
}


@dataclass(slots=True)
class GroupWorld:
    """What the group programme made."""

    cooperatives: list[Group]
    groups: list[Group]
    others: list[Group]


def load_groups(ground: Ground, size: GroupSize, progress: Progress) -> GroupWorld:
    """Register everybody, form cooperatives and groups, hold their meetings."""
    publish_rule(
        acting_staff=ground.cast[Role.MANAGER],
        programme=ground.programme,
        title="Adults of poor families",
        tree=RULE,
        valid_from=date(2002, 1, 1),
    )
    soums = ground.below("SOUM")
    families = register_members(ground, size, soums, progress)
    world = GroupWorld([], [], [])
    by_area: dict[str, list[Family]] = {}
    for family in families:
        assert family.head.area is not None
        by_area.setdefault(family.head.area.code, []).append(family)
    for place, soum in enumerate(soums):
        here = by_area[soum.code]
        count = 2 if place < size.soums_with_two else 1
        for turn in range(count):
            members = here[turn * size.coop_members : (turn + 1) * size.coop_members]
            name = f"{soum} cooperative {turn + 1}" if count > 1 else f"{soum} cooperative"
            world.cooperatives.append(
                form(ground, GroupKind.COOP_PRIMARY, name, soum, members, FORMED)
            )
        progress(count)
    for place in range(size.groups):
        here = by_area[soums[place].code]
        own = here[count_of(size, place) * size.coop_members :]
        both = here[: size.in_both // size.groups]
        members = [*both, *own][: size.group_members]
        world.groups.append(
            form(
                ground,
                GroupKind.SHG,
                f"{soums[place]} self-help group",
                soums[place],
                members,
                FORMED,
            )
        )
    form_tiers(ground, size, world, families)
    hold_meetings(ground, size, world, progress)
    return world


def count_of(size: GroupSize, place: int) -> int:
    """Cooperatives of the soum at this place."""
    return 2 if place < size.soums_with_two else 1


def register_members(
    ground: Ground, size: GroupSize, soums: Sequence[Area], progress: Progress
) -> list[Family]:
    """Register the members of every soum and the families of the districts."""
    own = size.group_members - size.in_both // size.groups
    places: list[Area] = []
    for place, soum in enumerate(soums):
        extra = own if place < size.groups else 0
        places += [soum] * (count_of(size, place) * size.coop_members + extra)
    for district in ground.below("DISTRICT"):
        places += [district] * size.families_a_district
    households = []
    for place, area in enumerate(places):
        person = person_in(
            ground,
            code=f"{place + 1:04d}",
            seed=SEED,
            place=place,
            registered=FORMED - timedelta(days=30),
            area=area,
            with_status=False,
            women_of_100=60,
        )
        households.append(household_in(ground, person, seed=SEED, place=place, income=INCOME))
    return register_families(ground, households, decided=True, progress=progress)


def form(
    ground: Ground,
    kind: GroupKind,
    name: str,
    area: Area,
    members: Sequence[Family],
    formed: date,
) -> Group:
    """Register one group with its members and a chair."""
    officer = ground.cast[Role.FIELD_OFFICER]
    group = groups.register_group(
        acting_staff=officer,
        programme=ground.programme,
        group=groups.NewGroup(
            name=name,
            kind=kind,
            area=area,
            formed_date=formed,
            currency=ground.programme.currency,
            office=ground.cast.offices["MN"],
            officer=officer,
            settings=SETTINGS[kind],
        ),
    )
    if members:
        admitted = groups.admit_members(
            acting_staff=officer,
            group=group,
            members=[
                groups.NewMember(joined_date=formed, person=family.head) for family in members
            ],
        )
        groups.elect_officer(
            acting_staff=officer,
            group=group,
            office="CHAIRPERSON",
            member=admitted[0],
            from_date=formed,
        )
    return group


def form_tiers(
    ground: Ground, size: GroupSize, world: GroupWorld, families: Sequence[Family]
) -> None:
    """The secondary cooperative of eight cooperatives, and one business association."""
    officer = ground.cast[Role.FIELD_OFFICER]
    capital = ground.areas["MN-UB"]
    formed = FORMED + timedelta(days=400)
    union = form(ground, GroupKind.COOP_SECONDARY, "Union of cooperatives", capital, [], formed)
    groups.admit_members(
        acting_staff=officer,
        group=union,
        members=[
            groups.NewMember(joined_date=formed, member_group=group)
            for group in world.cooperatives[: size.secondary_members]
        ],
    )
    city = [
        family
        for family in families
        if family.head.area is not None and family.head.area.code.startswith("MN-UB-")
    ]
    association = form(
        ground, GroupKind.ASSOCIATION, "Business association", capital, city[:18], formed
    )
    take_dues(ground, association, formed)
    world.others += [union, association]


def take_dues(ground: Ground, association: Group, formed: date) -> None:
    """The dues the founders voted, and what was paid of the first year: all but every sixth."""
    officer, due = ground.cast[Role.FIELD_OFFICER], formed + timedelta(days=330)
    members = list(association.members.select_related("group").order_by("member_no"))
    dues.vote_dues(
        acting_staff=officer,
        group=association,
        tariff=dues.Tariff("MEMBER", formed, DUES),
        votes=Votes(formed, yes=len(members)),
    )
    dues.invoice_dues(acting_staff=officer, group=association, until=due + timedelta(days=60))
    for member in members:
        if member.member_no % 6:
            dues.take_dues(acting_staff=officer, member=member, units=DUES, paid_date=due)


def hold_meetings(ground: Ground, size: GroupSize, world: GroupWorld, progress: Progress) -> None:
    """Weekly meetings of the groups, one general meeting of each cooperative."""
    for group in world.groups:
        members = list(group.members.select_related("person").order_by("member_no"))
        for turn in range(size.meetings):
            hold_meeting(ground, group, members, turn)
        progress(size.meetings)
    for group in world.cooperatives:
        members = list(group.members.select_related("person").order_by("member_no"))
        meeting = opened(ground, group, FIRST_MEETING, MeetingKind.GENERAL)
        lines = [
            groups.MeetingLine(member, Mark.PRESENT, saved_units=10_000_00) for member in members
        ]
        record(ground, meeting, lines)
        close(ground, meeting)
        progress(1)


def opened(ground: Ground, group: Group, held: date, kind: MeetingKind) -> Meeting:
    """Open a meeting in the village hall."""
    return groups.open_meeting(
        acting_staff=ground.cast[Role.FIELD_OFFICER],
        group=group,
        held_date=held,
        place="Village hall",
        kind=kind,
    )


def record(ground: Ground, meeting: Meeting, lines: Sequence[groups.MeetingLine]) -> None:
    """Write the sheet."""
    groups.record_meeting_lines(
        acting_staff=ground.cast[Role.FIELD_OFFICER], meeting=meeting, lines=lines
    )


def close(ground: Ground, meeting: Meeting) -> None:
    """Count what the book says lies in the box, and close."""
    cash = money_now(meeting.group).cash
    groups.close_meeting(
        acting_staff=ground.cast[Role.FIELD_OFFICER],
        meeting=meeting,
        counts=tuple(groups.CashCount(fund, units) for fund, units in cash.items()),
        next_date=meeting.held_date + timedelta(days=7),
    )


def hold_meeting(ground: Ground, group: Group, members: Sequence[Member], turn: int) -> None:
    """One meeting: who came, savings, social money, a loan now and then, and its repayment."""
    held = FIRST_MEETING + timedelta(days=7 * turn)
    meeting = opened(ground, group, held, MeetingKind.ORDINARY)
    lines = []
    for place, member in enumerate(members):
        drawn = number(f"mark-{group.code}-{turn}", place, 20)
        mark = Mark.ABSENT if drawn == 0 else Mark.LATE if drawn == 1 else Mark.PRESENT
        there = mark is not Mark.ABSENT
        lines.append(
            groups.MeetingLine(
                member,
                mark,
                saved_units=SHARE if there else 0,
                social_units=200_00 if there else 0,
            )
        )
    record(ground, meeting, lines)
    if turn == 1:
        came = [line.member for line in lines if line.mark in {Mark.PRESENT, Mark.LATE}]
        groups.pay_out_loan(
            acting_staff=ground.cast[Role.FIELD_OFFICER],
            meeting=meeting,
            member=came[0],
            units=2 * SHARE,
            term_periods=2,
            yes=len(came) - 1,
            purpose="Buy feed for the cow",
        )
    close(ground, meeting)
