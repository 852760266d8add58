"""Open and close restricted compartments; a compartment PERSON hides the whole person from
everyone else."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_changed
from handup.people.models import CaseTeamMember, Compartment, Person
from handup.people.rules.codes import CompartmentKind
from handup.people.services.store import change, insert


class CompartmentOpen(Refusal):
    """Such a compartment is open for this person already."""


class CompartmentClosed(Refusal):
    """This compartment is closed already."""


def open_compartment(
    *,
    acting_staff: StaffUser,
    person: Person,
    kind: CompartmentKind,
    team: Sequence[StaffUser],
    opened_date: date,
) -> Compartment:
    """Open a compartment for its team; the focal point who opens it belongs to the team. Raises
    CompartmentOpen."""
    require(acting_staff, "people.open_compartment", person)
    if Compartment._base_manager.filter(person=person, kind=kind.value, closed_date=None).exists():
        raise CompartmentOpen
    row = Compartment(
        person=person, kind=kind.value, opened_by=acting_staff, opened_date=opened_date
    )
    members = {staff.pk: staff for staff in (acting_staff, *team)}
    with transaction.atomic():
        insert([row], acting_staff)
        insert(
            [
                CaseTeamMember(compartment=row, staff=staff, joined_date=opened_date)
                for staff in members.values()
            ],
            acting_staff,
        )
        audit.record(acting_staff, "people.open_compartment", row)
    hidden_changed()
    return row


def close_compartment(
    *, acting_staff: StaffUser, compartment: Compartment, closed_date: date
) -> Compartment:
    """Close a compartment; a hidden person is visible again from then on. Raises
    CompartmentClosed."""
    require(acting_staff, "people.close_compartment", compartment)
    if compartment.closed_date is not None:
        raise CompartmentClosed
    with transaction.atomic():
        change(compartment, acting_staff, closed_date=closed_date)
        audit.record(acting_staff, "people.close_compartment", compartment)
    hidden_changed()
    return compartment
