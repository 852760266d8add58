"""Find persons by number or by name in any script, and who may not know of whom."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from handup.org.encryption import lookup_hash
from handup.org.models import StaffUser
from handup.people.models import (
    Alias,
    CaseTeamMember,
    Compartment,
    Enquiry,
    Person,
    PersonName,
)
from handup.people.rules.codes import CompartmentKind, EnquiryState
from handup.people.rules.names import prefix_end, search_form

FEW = 400


def hidden_person_ids(staff: StaffUser) -> QuerySet[Compartment, UUID]:
    """Return the ids of persons this staff member may not know of: compartment PERSON, and she on
    the team of none of hers that hides her (a merge can bring a second), or asked with a token,
    which no second factor opened."""
    hiding = lookup_hash(Compartment, "kind_hash", CompartmentKind.PERSON.value)
    rows = Compartment._base_manager.filter(kind_hash=hiding, closed_date=None)
    of_hers = CaseTeamMember._base_manager.filter(
        compartment__person_id=OuterRef("person_id"),
        compartment__kind_hash=hiding,
        compartment__closed_date=None,
        staff=staff,
        left_date=None,
    )
    seen = rows if staff.by_token else rows.exclude(Exists(of_hers))
    return seen.values_list("person_id", flat=True)


def hidden_old_ids(staff: StaffUser) -> QuerySet[Alias, UUID]:
    """Return the ids that records of those persons had before they joined theirs: what only grows
    still names them."""
    rows = Alias._base_manager.filter(person_id__in=hidden_person_ids(staff))
    return rows.values_list("old_id", flat=True)


def _prefix(column: str, text: str) -> Q:
    """Match a prefix as a range, which both databases answer from the index."""
    end = prefix_end(text)
    above = Q(**{f"{column}__gte": text})
    return above & Q(**{f"{column}__lt": end}) if end else above


def find_persons(rows: QuerySet[Person, Person], text: str) -> QuerySet[Person, Person]:
    """Narrow persons to those whose number or one of whose names begins like the words given.

    A number that a record had before it joined another one finds the one that stays.

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
        number = text.strip()
        joined = Alias._base_manager.filter(_prefix("old__registration_no", number))
        by_number = _prefix("registration_no", number) | Q(pk__in=joined.values("person"))
        return rows.filter(by_number | by_name)
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


def open_enquiries(staff: StaffUser) -> QuerySet[Enquiry, Enquiry]:
    """Return open enquiries a staff member may see, the longest due first."""
    rows: QuerySet[Enquiry, Enquiry] = Enquiry.objects.visible_to(staff)
    return rows.filter(state=EnquiryState.OPEN.value).order_by("due_date", "id")
