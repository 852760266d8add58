"""One record of each kind the addresses of `groups` name, for the tests that walk every address."""

from django.db.models import Model

from handup.groups.models.group import GroupKind
from handup.groups.services import NewGroup, NewMember, admit_members, open_meeting, register_group
from handup.groups.tests.conftest import FORMED, new_person
from handup.org.models import Area, Office, StaffUser
from handup.projects.models import Programme


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
    return [programme, group, *members, meeting, *persons]
