"""What somebody said to an officer away from the office: that something is wrong, or good. It has
the code that the phone gave her, so that she can ask where it stands."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from handup.org.models import StaffUser
from handup.people.models import Person
from handup.people.rules import grievances as g
from handup.people.services.grievances import GrievanceIn, record_grievance
from handup.sync.errors import NotThatPerson
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_device_id
from handup.sync.services.work_people import known
from handup.sync.services.work_told import WorkTold, is_word

NAME = "record_grievance"
TEXT_MOST, CONTACT_MOST, LANGUAGE_MOST = 2000, 200, 10


def is_grievance(body: Mapping[str, Any]) -> bool:
    """Whether a body says what somebody said: `kind`, `text`, `tracking`, and where they are known
    `sensitivity`, `person`, `contact`, `language`."""
    tracking = body.get("tracking")
    return (
        body.get("kind") in list(g.GrievanceKind)
        and is_word(body.get("text"), most=TEXT_MOST)
        and isinstance(tracking, str)
        and len(tracking) == g.CODE_LENGTH
        and set(tracking) <= set(g.CODE_SIGNS)
        and ("sensitivity" not in body or body["sensitivity"] in list(g.Sensitivity))
        and ("person" not in body or is_device_id(body["person"]))
        and is_word(body.get("contact", ""), most=CONTACT_MOST, least=0)
        and is_word(body.get("language", ""), most=LANGUAGE_MOST, least=0)
    )


def _who(staff: StaffUser, body: Mapping[str, Any]) -> tuple[Person | None, str]:
    """Who said it, where the officer knows her, and how she is reached."""
    contact: str = body.get("contact", "")
    if "person" not in body:
        return None, contact
    try:
        return known(staff, body["person"]), contact
    except NotThatPerson:
        named = _("The phone of the officer calls her %(id)s.") % {"id": body["person"]}
        return None, f"{contact} {named}".strip()


def say(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Record it, and never let it wait for who said it: where the officer does not know her, or no
    longer, it is recorded without her, with what her record is called there."""
    body = told.body
    person, contact = _who(staff, body)
    made = record_grievance(
        acting_staff=staff,
        grievance=GrievanceIn(
            kind=g.GrievanceKind(body["kind"]),
            text=body["text"],
            received_date=told.happened_date,
            sensitivity=g.Sensitivity(body["sensitivity"]) if "sensitivity" in body else None,
            person=person,
            contact=contact,
            language=body.get("language", ""),
            tracking=body["tracking"],
            id=told.id,
        ),
    )
    # What only few may know stands in no list of the office, not even that somebody said it.
    row.office_id = None if made.grievance.sensitivity else made.grievance.office_id
    return WorkState.DONE
