"""The cast of the groups' tests: a field officer, an outsider, a savings group of four members."""

from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone

from handup.groups.models import Group, Meeting, Member
from handup.groups.models.facts import Mark
from handup.groups.models.group import GroupKind
from handup.groups.services import (
    CashCount,
    MeetingLine,
    NewGroup,
    NewMember,
    admit_members,
    close_meeting,
    open_meeting,
    record_meeting_lines,
    register_group,
)
from handup.org.models import Area, Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests import standing as shared
from handup.org.tests.standing import standing
from handup.people.models import Person
from handup.projects.models import Programme

_django_db_helper = shared.helper


FORMED = date(2026, 1, 5)
FIRST = date(2026, 1, 12)


def staff_with(username: str, *roles: Role, programme: UUID | None = None) -> StaffUser:
    """A staff user with grants over everything, or over one programme."""
    staff = StaffUser.objects.create_user(username, display_name=username.title())
    today = timezone.localdate()
    for role in roles:
        Grant.objects.create(
            staff=staff,
            role=role,
            scope=ScopeKind.PROJECT if programme else ScopeKind.ALL,
            programme_id=programme,
            starts=today - timedelta(days=1),
            ends=today + timedelta(days=90),
        )
    return staff


@standing
def programme(db: None) -> Programme:
    """A programme in test currency."""
    return Programme.objects.create(code="TEST", title="Test programme", currency="XTS")


@standing
def other_programme(db: None) -> Programme:
    """Another programme, whose staff must not see the first."""
    return Programme.objects.create(code="OTHER", title="Other programme", currency="XTS")


@standing
def officer(programme: Programme) -> StaffUser:
    """A field officer of the programme."""
    return staff_with("officer", Role.FIELD_OFFICER, programme=programme.pk)


@standing
def outsider(other_programme: Programme) -> StaffUser:
    """A field officer of another programme."""
    return staff_with("outsider", Role.FIELD_OFFICER, programme=other_programme.pk)


@standing
def area(db: None) -> Area:
    """A village."""
    return Area.objects.create(code="V1", names={"en": "Village"}, level=2)


def new_person(number: int, programme: Programme, staff: StaffUser) -> Person:
    """A registered person with a number for a name."""
    return Person.objects.create(
        registration_no=f"REG{number:06d}",
        display_name=f"Member {number}",
        sort_key=f"member {number}",
        programme=programme,
        registered_date=FORMED,
        registered_by=staff,
    )


@standing
def group(programme: Programme, officer: StaffUser, area: Area) -> Group:
    """A savings group: share 5.00, charge 10 % a period, social contribution free."""
    return register_group(
        acting_staff=officer,
        programme=programme,
        group=NewGroup(
            name="Morning star",
            kind=GroupKind.SAVINGS,
            area=area,
            formed_date=FORMED,
            currency="XTS",
            officer=officer,
            settings={
                "share_value_units": 500,
                "charge_rate_bps": 1000,
                "fine_late_units": 50,
            },
        ),
    )


@standing
def members(group: Group, officer: StaffUser) -> list[Member]:
    """Four members from the first day."""
    return admit_members(
        acting_staff=officer,
        group=group,
        members=[
            NewMember(person=new_person(number, group.programme, officer), joined_date=FORMED)
            for number in range(1, 5)
        ],
    )


@standing
def meeting(group: Group, members: list[Member], officer: StaffUser) -> Meeting:
    """The first meeting, everybody marked present."""
    opened = open_meeting(acting_staff=officer, group=group, held_date=FIRST)
    record_meeting_lines(
        acting_staff=officer,
        meeting=opened,
        lines=[MeetingLine(member, Mark.PRESENT) for member in members],
    )
    return opened


def save(meeting: Meeting, officer: StaffUser, amounts: dict[Member, int]) -> None:
    record_meeting_lines(
        acting_staff=officer,
        meeting=meeting,
        lines=[MeetingLine(member, saved_units=units) for member, units in amounts.items()],
    )


def close(meeting: Meeting, officer: StaffUser, loan: int, social: int = 0) -> Meeting:
    return close_meeting(
        acting_staff=officer,
        meeting=meeting,
        counts=(CashCount("LOAN", loan), CashCount("SOCIAL", social)),
    )


def mark(meeting: Meeting, officer: StaffUser, marks: dict[Member, Mark]) -> None:
    record_meeting_lines(
        acting_staff=officer,
        meeting=meeting,
        lines=[MeetingLine(member, given) for member, given in marks.items()],
    )
