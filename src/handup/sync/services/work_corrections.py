"""What is known of a person, corrected away from the office: one thing a fact, with what the phone
showed. What the office changed meanwhile waits for another person, who sees both.
"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.people.forms.fields import areas_for
from handup.people.models import Person
from handup.people.queries.merging import current_id
from handup.people.rules.codes import Corrected, CorrectionWhy, Sex
from handup.people.services import correct_one
from handup.sync.errors import NotThatPlace
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_day, is_device_id
from handup.sync.services.work_people import known
from handup.sync.services.work_told import WorkTold, is_word

NAME = "correct_person"
MOST = 120
YEAR = re.compile(r"(19|20)[0-9]{2}", re.ASCII)


def is_correction(body: Mapping[str, Any]) -> bool:
    """Whether a fact tells what is corrected, of whom, from what to what, and why."""
    field, old, new = body.get("field"), body.get("old"), body.get("new")
    return (
        is_device_id(body.get("person"))
        and isinstance(field, str)
        and field in list(Corrected)
        and (is_word(old, most=MOST, least=0) or (old is None and field == Corrected.PHONE))
        and is_word(new, most=MOST, least=0)
        and _fits(Corrected(field), str(new))
        and body.get("why") in list(CorrectionWhy)
    )


def _fits(field: Corrected, new: str) -> bool:
    if field is Corrected.SEX:
        return new in list(Sex)
    if field is Corrected.BIRTH:
        return not new or YEAR.fullmatch(new) is not None or is_day(new)
    return not new or field is not Corrected.AREA or is_device_id(new)


def is_seen(body: Mapping[str, Any], staff: StaffUser) -> bool:
    """Whether somebody sees whom a correction is about: nobody else can have looked at both."""
    rows = Person.objects.visible_to(staff).filter(erased_date=None)
    person = rows.filter(pk=current_id(UUID(body["person"]))).first()
    return person is not None and may(staff, "people.view_person", person)


def correct(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Correct it, once another person has seen it where the office changed it; nothing of whoever
    was erased since. Raises NotThatPerson, NotThatPlace, ChangedMeanwhile."""
    body = told.body
    person = known(staff, body["person"])
    if person.erased_date is not None:
        return WorkState.LEFT_OUT
    row.office_id = person.office_id
    field, area = Corrected(body["field"]), None
    if field is Corrected.AREA and body["new"]:
        area = areas_for(staff).filter(pk=body["new"]).first()
        if area is None:
            raise NotThatPlace
    correct_one(
        acting_staff=staff,
        person=person,
        field=field,
        old=body.get("old"),
        new=str(area.pk) if area else body["new"].strip(),
        why=CorrectionWhy(body["why"]),
        on=told.happened_date,
        told_at=told.recorded_at,
        area=area,
        is_looked_at=told.is_looked_at,
    )
    return WorkState.DONE
