"""Where herders are found by season, and where they are seen next; what was told before stays."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import Area, StaffUser
from handup.org.permissions import require
from handup.people.models import Person, SeasonPlace
from handup.people.rules.codes import Season
from handup.people.services.days import refuse_to_come
from handup.people.services.store import insert, refuse_erased

NAME_MOST = 120
YEAR = timedelta(days=366)


class NowhereNamed(Refusal):
    """Say where: the settlement, or what the place is called."""


class NameTooLong(Refusal):
    """The name of a place has at most {most} signs."""


class WhenSeen(Refusal):
    """Say about when she is seen there next: from the day it was told, and within a year."""


class DayTooFar(Refusal):
    """The day lies more than a year from the day it was told."""


@dataclass(frozen=True, slots=True)
class PlaceIn:
    """Where somebody is in a season, or is seen next; `about_date`: about when she comes there."""

    season: Season
    told_date: date
    area: Area | None = None
    place: str = ""
    about_date: date | None = None


def _check(told: PlaceIn) -> None:
    refuse_to_come("told_date", told.told_date)
    if told.area is None and not told.place:
        raise NowhereNamed(field="place")
    if len(told.place) > NAME_MOST:
        raise NameTooLong(field="place", most=NAME_MOST)
    about = told.about_date
    if told.season is Season.NEXT and (about is None or about < told.told_date):
        raise WhenSeen(field="about_date")
    if about is not None and abs(about - told.told_date) > YEAR:
        raise DayTooFar(field="about_date")


def record_place(
    *, acting_staff: StaffUser, person: Person, told: PlaceIn, id: UUID | None = None
) -> SeasonPlace:
    """Record where somebody is found; the last told of a season counts. Raises DayToCome,
    NowhereNamed, NameTooLong, WhenSeen, DayTooFar, PersonErased."""
    require(acting_staff, "people.record_place", person)
    place = " ".join(told.place.split())
    content = {
        "person_id": person.pk,
        "season": told.season.value,
        "area_id": told.area.pk if told.area else None,
        "place": place,
        "about_date": told.about_date,
    }
    if (known := already_stored(SeasonPlace, id, acting_staff, **content)) is not None:
        return known
    refuse_erased(person)
    _check(PlaceIn(told.season, told.told_date, told.area, place, told.about_date))
    row = SeasonPlace(**content, told_date=told.told_date, told_to=acting_staff)
    row.id = id or row.id
    with transaction.atomic():
        insert([row], acting_staff)
        audit.record(acting_staff, "people.record_place", person, {"season": told.season.value})
    return row
