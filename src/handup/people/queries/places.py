"""Where herders are found: what each of them told, or anybody she lives with."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from handup.org.models import StaffUser
from handup.people.models import Membership, Person, SeasonPlace
from handup.people.queries.households import chunks, holds_on, households_of


def places_told(
    reader: StaffUser, person_ids: Collection[UUID], *, on: date
) -> dict[UUID, list[SeasonPlace]]:
    """By person what she or whoever lives with her on a day told of their places, the last told
    first; of those alone whom the reader may see. Who told nothing is absent."""
    home_of = households_of(person_ids, on=on)
    living: dict[UUID, set[UUID]] = defaultdict(set)
    for homes in chunks(set(home_of.values())):
        rows = Membership._base_manager.filter(holds_on(on), household_id__in=homes)
        for home, person in rows.values_list("household_id", "person_id"):
            living[home].add(person)
    circle = {
        person: living[home_of[person]] | {person} if person in home_of else {person}
        for person in person_ids
    }
    told = _told(reader, {one for circles in circle.values() for one in circles})
    found = {
        person: sorted(
            (row for one in others for row in told.get(one, ())),
            key=lambda row: (row.told_date, row.recorded_at, row.pk),
            reverse=True,
        )
        for person, others in circle.items()
        if person in told
    }
    return {person: rows for person, rows in found.items() if rows}


def _told(reader: StaffUser, person_ids: Iterable[UUID]) -> dict[UUID, list[SeasonPlace]]:
    """What each of these persons told, of those whom the reader may see."""
    found: dict[UUID, list[SeasonPlace]] = {}
    for piece in chunks(person_ids):
        seen = Person.objects.visible_to(reader).filter(pk__in=piece)
        found |= {pk: [] for pk in seen.values_list("pk", flat=True)}
        rows = SeasonPlace._base_manager.filter(person__in=seen)
        for row in rows.select_related("area", "person", "told_to"):
            found[row.person_id].append(row)
    return found


def last_told(rows: Iterable[SeasonPlace]) -> list[SeasonPlace]:
    """Of each season the first of these rows."""
    found: dict[str, SeasonPlace] = {}
    for row in rows:
        found.setdefault(row.season, row)
    return list(found.values())
