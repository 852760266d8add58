"""What is added to a known person and corrected of her: names, documents, what was written."""

from datetime import date

from django.db import transaction

from handup.org import audit
from handup.org.encryption import lookup_hash
from handup.org.models import Area, StaffUser
from handup.org.permissions import require
from handup.people.models import Person, PersonDocument, PersonName
from handup.people.numbers import on_other_number
from handup.people.rules import codes as c
from handup.people.rules.names import written
from handup.people.services.duplicates import possible_duplicates_of
from handup.people.services.match_keys import keep_keys
from handup.people.services.registration import (
    NameIn,
    NameMissing,
    PaperIn,
    facts_refused,
    name_row,
    paper_faults,
    paper_row,
)
from handup.people.services.store import change, insert, refuse_any, refuse_erased


def add_name(*, acting_staff: StaffUser, person: Person, name: NameIn) -> PersonName:
    """Record another name of a known person; every name takes part in search and duplicate
    hints."""
    require(acting_staff, "people.correct_person", person)
    refuse_erased(person)
    if not written(name.first_name):
        raise NameMissing(field="first_name")
    row = name_row(person, name)
    with transaction.atomic():
        insert([row], acting_staff)
        keep_keys([person.pk])
        audit.record(acting_staff, "people.add_name", row, {"person": str(person.pk)})
    return row


def correct_person(
    *,
    acting_staff: StaffUser,
    person: Person,
    sex: c.Sex,
    birth_date: date | None,
    birth_precision: c.BirthPrecision,
    father_name: str,
    phone: str,
    area: Area | None,
    on: date,
) -> Person:
    """Correct what was written of a person; the history keeps the former values. What she agreed to
    for another telephone ends.

    Raises BirthDateInFuture, TooOld, BadPhone, PersonErased. `on` is the day of the correction. A
    birth that stays as it is written is not asked again: she grows older than anybody was then.
    """
    require(acting_staff, "people.correct_person", person)
    refuse_erased(person)
    told = birth_date, birth_precision.value
    stays = told == (person.birth_date, person.birth_precision)
    faults = facts_refused(
        on=on,
        birth_date=None if stays else birth_date,
        precision=birth_precision,
        phone=phone,
    )
    refuse_any(faults)
    known = birth_date is not None
    number = lookup_hash(Person, "phone_hash", phone)
    is_other = bool(person.phone_hash) and person.phone_hash not in number.all
    with transaction.atomic():
        change(
            person,
            acting_staff,
            sex=sex.value,
            birth_date=birth_date,
            birth_precision=(birth_precision if known else c.BirthPrecision.UNKNOWN).value,
            father_name=written(father_name),
            phone=phone,
            phone_hash=number,
            area=area,
        )
        for ends in on_other_number if is_other else ():
            ends(person, acting_staff)
        keep_keys([person.pk])
        audit.record(acting_staff, "people.correct_person", person)
    return person


def record_document(
    *, acting_staff: StaffUser, person: Person, paper: PaperIn, seen_date: date
) -> PersonDocument:
    """Record a document a person shows. A number used before raises nothing here."""
    require(acting_staff, "people.record_document", person)
    refuse_erased(person)
    refuse_any(paper_faults(paper))
    row = paper_row(person, paper, seen_date, acting_staff)
    with transaction.atomic():
        insert([row], acting_staff)
        keep_keys([person.pk])
        audit.record(acting_staff, "people.record_document", row, {"person": str(person.pk)})
        # A number used before is no error: the pair waits for the adjudicator, and one with a
        # hidden person for her team alone.
        possible_duplicates_of(acting_staff, person)
    return row
