"""Where a herder is found by season, or seen next, told on an officer's own phone."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone

from handup.org.models import StaffUser
from handup.people.forms.fields import areas_for
from handup.people.rules.codes import Season
from handup.people.services import PlaceIn, record_place
from handup.people.services.places import NAME_MOST
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_day, is_device_id
from handup.sync.services.work_people import known, place_named
from handup.sync.services.work_told import WorkTold, is_word

NAME = "record_place"


def is_place(body: Mapping[str, Any]) -> bool:
    """Whether a fact tells where somebody is found, and in which season."""
    area, about, place = body.get("area"), body.get("about_date"), body.get("place", "")
    return (
        is_device_id(body.get("person"))
        and body.get("season") in list(Season)
        and (area is None or is_device_id(area))
        and (about is None or is_day(about))
        and is_word(place, most=NAME_MOST, least=0)
        and (area is not None or bool(place.strip()))
    )


def _told_on(told: WorkTold, row: WorkFact) -> date:
    """The day it was told: the phone's, but where its clock was off or says a day to come. Then it
    is the day on which it came, and no later than the day it speaks of."""
    came = timezone.localdate(row.recorded_at)
    if not told.clock_off and told.happened_date <= came:
        return told.happened_date
    about = told.body.get("about_date")
    return min(came, date.fromisoformat(about)) if about else came


def record(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Record it; nothing of whoever was erased since. Raises NotThatPerson, NotThatPlace and what
    `record_place` raises."""
    body = told.body
    person = known(staff, body["person"])
    if person.erased_date is not None:
        return WorkState.LEFT_OUT
    row.office_id = person.office_id
    about = body.get("about_date")
    record_place(
        acting_staff=staff,
        person=person,
        told=PlaceIn(
            season=Season(body["season"]),
            told_date=_told_on(told, row),
            area=place_named(areas_for(staff), body.get("area")),
            place=body.get("place", ""),
            about_date=date.fromisoformat(about) if about else None,
        ),
        id=told.id,
    )
    return WorkState.DONE
