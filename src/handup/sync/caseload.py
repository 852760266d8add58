"""What an officer's own phone carries so that she registers persons and visits them where there is
no network: where they may belong, what is read to them first, whom she knows, whom she is to visit.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.org.models import Area, StaffUser
from handup.org.permissions import grants_for
from handup.org.phones import home_code
from handup.org.scope import without_opened
from handup.people.forms.fields import areas_for, programmes_for
from handup.people.models import ConsentNotice, Person, SeasonPlace
from handup.people.queries import last_told, places_told
from handup.people.rules.codes import Corrected
from handup.people.services import known_as_text
from handup.plans.models import Visit
from handup.plans.rules.states import VisitState

MOST_PERSONS, MOST_AREAS, MOST_VISITS, VISIT_DAYS_AHEAD = 500, 400, 200, 31
CASELOAD = ("plans.record_visit", "people.register_household")
"""What an officer does away from the office with persons she knows: for one of them she carries
their names."""


def registering_of(reader: StaffUser) -> dict[str, Any] | None:
    """The programmes and settlements a reader may name and the notices to read first, the latest in
    each language; None where she registers nobody."""
    if not grants_for(reader, "people.register_person"):
        return None
    areas, areas_left = areas_carried(reader)
    return {
        "programmes": [
            {"id": row.pk, "name": row.title} for row in programmes_for(reader)[:MOST_AREAS]
        ],
        "areas": [{"id": row.pk, "name": str(row)} for row in areas],
        "areas_left": areas_left,
        "home_code": home_code("0"),
        "notices": [
            {
                "id": row.pk,
                "language": row.language,
                "text": row.text,
                "purposes": row.purposes,
            }
            for row in _notices(reader)
        ],
        "households": bool(grants_for(reader, "people.register_household")),
    }


def areas_carried(reader: StaffUser) -> tuple[list[Area], int]:
    """Those around her own office where it has a place, else what she may name; and how many of
    them no phone carries."""
    rows = areas_for(reader)
    home = reader.home_office.area if reader.home_office_id and reader.home_office else None
    if home is not None:
        rows = rows.filter(path__startswith=home.path)
    found = list(rows[:MOST_AREAS])
    return found, rows.count() - len(found) if len(found) == MOST_AREAS else 0


def _notices(reader: StaffUser) -> Iterable[ConsentNotice]:
    rows = ConsentNotice.objects.visible_to(reader).filter(valid_from__lte=timezone.localdate())
    latest: dict[str, ConsentNotice] = {}
    for row in rows.order_by("-valid_from", "-id"):
        latest.setdefault(row.language, row)
    return latest.values()


def people_of(reader: StaffUser) -> tuple[dict[str, Any], list[UUID]]:
    """The planned `visits` that are hers, overdue first; `persons`, at most 500: whom she visits,
    then her own caseload; `persons_left`: how many of hers are not among them; and their ids."""
    visits = _visits(reader)
    known = {visit.person_id: visit.person for visit in visits}
    own, left = _own(reader, known, MOST_PERSONS - len(known))
    people = sorted([*known.values(), *own], key=lambda row: (row.sort_key, row.pk))
    told = {
        "persons": persons_told(reader, people),
        "persons_left": left,
        "visits": [
            {
                "visit_id": row.pk,
                "person_id": row.person_id,
                "kind": row.kind,
                "planned_date": row.planned_date,
            }
            for row in visits
        ],
    }
    return told, [row.pk for row in people]


def persons_told(reader: StaffUser, people: Sequence[Person]) -> list[dict[str, Any]]:
    """Persons as a phone carries them, each with what the reader may correct of her."""
    reached = Person.objects.reached_with(reader, "people.correct_person")
    mine = set(reached.filter(pk__in=[row.pk for row in people]).values_list("pk", flat=True))
    asked = [row.pk for row in people]
    found = places_told(without_opened(reader), asked, on=timezone.localdate())
    return [
        {
            "person_id": row.pk,
            "person_no": row.registration_no,
            "name": str(row),
            "village": str(row.area or ""),
            "known": _known(row) if row.pk in mine else None,
            "places": [_place(place) for place in last_told(found.get(row.pk, ()))],
        }
        for row in people
    ]


def _place(row: SeasonPlace) -> dict[str, Any]:
    """Where she is found in one season, or seen next."""
    return {
        "season": row.season,
        "area": str(row.area or ""),
        "place": row.place,
        "about_date": row.about_date,
        "told_date": row.told_date,
    }


def _known(person: Person) -> dict[str, str]:
    """What she may correct of a person, as it stands; a telephone is carried by no phone."""
    shown = (field for field in Corrected if field is not Corrected.PHONE)
    return {field.value.lower(): known_as_text(person, field) for field in shown}


def _visits(reader: StaffUser) -> list[Visit]:
    until = timezone.localdate() + timedelta(days=VISIT_DAYS_AHEAD)
    rows = (
        Visit.objects.visible_to(reader)
        .filter(visitor=reader, state=VisitState.PLANNED, planned_date__lte=until)
        .filter(person__in=Person.objects.reached_with(reader, "plans.record_visit"))
        .filter(person__erased_date=None)
        .select_related("person__area")
        .order_by("planned_date", "id")
    )
    return list(rows[:MOST_VISITS])


def _own(reader: StaffUser, besides: Collection[UUID], most: int) -> tuple[list[Person], int]:
    """Those of her own caseload besides some, at most so many, and how many more there are."""
    code = next((code for code in CASELOAD if grants_for(reader, code)), CASELOAD[0])
    rows = (
        Person.objects.reached_with(reader, code)
        .filter(case_officer=reader, erased_date=None)
        .exclude(pk__in=besides)
        .select_related("area")
        .order_by("sort_key", "id")
    )
    found = list(rows[:most])
    return found, rows.count() - len(found) if len(found) == most else 0
