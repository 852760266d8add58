"""One thing corrected that is known of a person, as a phone tells it: what it showed, what is to
stand there, and why. What the office changed meanwhile is not written over unseen.
"""

from datetime import date, datetime

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import Area, StaffUser
from handup.org.permissions import require
from handup.people.models import Person
from handup.people.rules import codes as c
from handup.people.services.known_persons import correct_person


class ChangedMeanwhile(Refusal):
    """The office wrote something else here meanwhile. Another person looks at both."""


def known_as_text(person: Person, field: c.Corrected) -> str:
    """What is written of a person now, as a phone shows it; empty where it is not known."""
    if field is c.Corrected.SEX:
        return str(person.sex)
    if field is c.Corrected.BIRTH:
        return _birth_as_text(person)
    if field is c.Corrected.AREA:
        return str(person.area_id or "")
    return str(person.phone if field is c.Corrected.PHONE else person.father_name)


def _birth_as_text(person: Person) -> str:
    if person.birth_date is None:
        return ""
    exact = person.birth_precision == c.BirthPrecision.DAY
    return person.birth_date.isoformat() if exact else f"{person.birth_date.year:04}"


def correct_one(
    *,
    acting_staff: StaffUser,
    person: Person,
    field: c.Corrected,
    old: str | None,
    new: str,
    why: c.CorrectionWhy,
    on: date,
    told_at: datetime,
    area: Area | None = None,
    is_looked_at: bool = False,
) -> Person:
    """Correct one thing; `old`: what stood there when it was told, None where that was not shown:
    then what stood there at `told_at` counts. `area`: the settlement `new` names. `is_looked_at`:
    another person saw both and takes this one.

    Raises ChangedMeanwhile and what `correct_person` raises.
    """
    require(acting_staff, "people.correct_person", person)
    with transaction.atomic():
        rows = Person.objects.select_for_update(of=("self",)).select_related("area")
        row: Person = rows.get(pk=person.pk)
        now = known_as_text(row, field)
        if now == new:
            return row
        seen = _number_at(row, told_at) if old is None else old
        if now != seen and not is_looked_at:
            raise ChangedMeanwhile(field=field.value.lower())
        birth, precision = row.birth_date, c.BirthPrecision(row.birth_precision)
        if field is c.Corrected.BIRTH:
            birth, precision = birth_of(new)
        stays = {
            name: known_as_text(row, name) for name in (c.Corrected.FATHER_NAME, c.Corrected.PHONE)
        } | {field: new}
        correct_person(
            acting_staff=acting_staff,
            person=row,
            sex=c.Sex(new if field is c.Corrected.SEX else row.sex),
            birth_date=birth,
            birth_precision=precision,
            father_name=stays[c.Corrected.FATHER_NAME],
            phone=stays[c.Corrected.PHONE],
            area=area if field is c.Corrected.AREA else row.area,
            on=on,
        )
        told = {"field": field.value, "why": why.value}
        audit.record(acting_staff, "people.correct_away", row, told)
    return row


def _number_at(person: Person, moment: datetime) -> str:
    """The telephone as it was written at a moment; that of today where nothing older is known."""
    was = (
        person.history.filter(history_date__lte=moment)
        .order_by("-history_date", "-history_id")
        .first()
    )
    if was is None or was.phone_hash == person.phone_hash:
        return str(person.phone)
    return str(was.phone)


def birth_of(text: str) -> tuple[date | None, c.BirthPrecision]:
    """A day, or only the year, as a phone writes it; nothing of an empty text."""
    if not text:
        return None, c.BirthPrecision.UNKNOWN
    if len(text) == len("1990"):
        return date(int(text), 1, 1), c.BirthPrecision.YEAR
    return date.fromisoformat(text), c.BirthPrecision.DAY
