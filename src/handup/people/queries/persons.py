"""Find persons by number or by name in any script, and hint at whom a newcomer may already be."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from handup.kernel.crypto import BadPhone
from handup.kernel.names import normal_form, skeleton_of
from handup.org.encryption import lookup_hash
from handup.org.models import StaffUser
from handup.people.models import (
    CaseTeamMember,
    Compartment,
    Enquiry,
    Person,
    PersonDocument,
    PersonName,
)
from handup.people.rules.codes import CompartmentKind, EnquiryState
from handup.people.rules.names import prefix_end, search_form

MAX_HINTS = 10
FEW = 400


def hidden_person_ids(staff: StaffUser) -> QuerySet[Compartment, UUID]:
    """Return the ids of persons this staff member may not know of: compartment PERSON, not her
    team, or asked with a token, which no second factor opened."""
    of_hers = CaseTeamMember._base_manager.filter(
        compartment_id=OuterRef("pk"), staff=staff, left_date=None
    )
    rows = Compartment._base_manager.filter(kind=CompartmentKind.PERSON.value, closed_date=None)
    seen = rows if staff.by_token else rows.exclude(Exists(of_hers))
    return seen.values_list("person_id", flat=True)


def _prefix(column: str, text: str) -> Q:
    """Match a prefix as a range, which both databases answer from the index."""
    end = prefix_end(text)
    above = Q(**{f"{column}__gte": text})
    return above & Q(**{f"{column}__lt": end}) if end else above


def find_persons(rows: QuerySet[Person, Person], text: str) -> QuerySet[Person, Person]:
    """Narrow persons to those whose number or one of whose names begins like the words given.

    Any script finds every script: the words are compared in normal form; the last one may be
    unfinished.
    """
    words = [form for word in text.split()[:6] if (form := search_form(word))]
    if not words:
        return rows.none()
    names = PersonName._base_manager.all()
    for word in words:
        names = names.filter(_prefix("normal_first", word) | _prefix("normal_last", word))
    by_name = _of_names(names)
    if text.strip().isdecimal():
        return rows.filter(_prefix("registration_no", text.strip()) | by_name)
    return rows.filter(by_name)


def _of_names(names: QuerySet[PersonName, PersonName]) -> Q:
    """Reach persons from their names: by their ids when these are few, else name by name.

    Few ids are the fastest way to a rare name; for a common one the list stops after its first
    page, and asking each person in turn beats gathering all of them.
    """
    ids = set(names.values_list("person_id", flat=True)[: FEW + 1])
    if len(ids) <= FEW:
        return Q(pk__in=ids)
    return Q(Exists(names.filter(person_id=OuterRef("pk"))))


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """A person a newcomer may already be, and why: DOCUMENT, PHONE, NAME_AND_DATE,
    NAME_AND_YEAR."""

    person: Person
    reasons: tuple[str, ...]


def possible_duplicates(
    staff: StaffUser,
    *,
    names: Iterable[tuple[str, str]],
    birth_date: date | None,
    phone: str = "",
    numbers: Sequence[str] = (),
) -> tuple[PossibleDuplicate, ...]:
    """Hint at persons `staff` may see who share a document, a phone, or a name with the birth
    date."""
    keys = [(skeleton_of(normal_form(f)), skeleton_of(normal_form(last))) for f, last in names]
    wanted: dict[str, Q] = {}
    documents = [lookup_hash(PersonDocument, "number_hash", number) for number in numbers]
    if any(documents):
        held = PersonDocument._base_manager.filter(number_hash__in=documents)
        wanted["DOCUMENT"] = Q(pk__in=held.values("person_id"))
    try:
        phone_hash = lookup_hash(Person, "phone_hash", phone)
    except BadPhone:
        phone_hash = ""
    if phone_hash:
        wanted["PHONE"] = Q(phone_hash=phone_hash)
    if birth_date is not None:
        either, both = Q(pk__in=[]), Q(pk__in=[])
        for first, last in keys:
            either |= Q(key_first=first) if first else Q(pk__in=[])
            either |= Q(key_last=last) if last else Q(pk__in=[])
            both |= Q(key_first=first, key_last=last) if first and last else Q(pk__in=[])
        wanted["NAME_AND_DATE"] = Q(
            pk__in=PersonName._base_manager.filter(either).values("person_id"),
            birth_date=birth_date,
        )
        wanted["NAME_AND_YEAR"] = Q(
            pk__in=PersonName._base_manager.filter(both).values("person_id"),
            birth_date__year=birth_date.year,
        )
    found: dict[UUID, Person] = {}
    reasons: dict[UUID, list[str]] = {}
    visible: QuerySet[Person, Person] = Person.objects.visible_to(staff).filter(erased_date=None)
    for reason, match in wanted.items():
        for person in visible.filter(match)[:MAX_HINTS]:
            found[person.pk] = person
            reasons.setdefault(person.pk, []).append(reason)
    return tuple(
        PossibleDuplicate(person, tuple(reasons[pk])) for pk, person in list(found.items())
    )[:MAX_HINTS]


def open_enquiries(staff: StaffUser) -> QuerySet[Enquiry, Enquiry]:
    """Return open enquiries a staff member may see, the longest due first."""
    rows: QuerySet[Enquiry, Enquiry] = Enquiry.objects.visible_to(staff)
    return rows.filter(state=EnquiryState.OPEN.value).order_by("due_date", "id")
