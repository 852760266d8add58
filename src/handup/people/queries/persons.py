"""Find persons by number or by name in any script, and who may not know of whom."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from handup.org.encryption import lookup_hash
from handup.org.models import StaffUser
from handup.org.names_at_rest import name_key, sealing
from handup.org.prepared import prepared
from handup.people.models import (
    Alias,
    BreakGlass,
    CaseTeamMember,
    Compartment,
    Enquiry,
    Person,
    PersonName,
)
from handup.people.rules.codes import CompartmentKind, EnquiryState
from handup.people.rules.glass import GlassState
from handup.people.rules.names import prefix_end, search_form

FEW = 400


def _hiding() -> list[str]:
    """What says in a row that its compartment hides a person: under every key that may have been
    used.
    """
    return list(lookup_hash(Compartment, "kind_hash", CompartmentKind.PERSON.value).all)


def _hidden(hiding: list[str], staff: UUID | None) -> QuerySet[Compartment, Compartment]:
    """The open compartments that hide a person, without those whose team she is on."""
    rows = Compartment._base_manager.filter(kind_hash__in=hiding, closed_date=None)
    if staff is None:
        return rows.order_by()
    of_hers = CaseTeamMember._base_manager.filter(
        compartment__person_id=OuterRef("person_id"),
        compartment__kind_hash__in=hiding,
        compartment__closed_date=None,
        staff_id=staff,
        left_date=None,
    )
    return rows.exclude(Exists(of_hers)).order_by()


@prepared
def _exceptions(
    hiding: list[str], staff: UUID | None, now: datetime | None
) -> QuerySet[Any, tuple[UUID, datetime | None]]:
    """Whom she opened in an emergency with the moment it ends; who is hidden from her, and the ids
    that records of those persons had before they joined theirs: what only grows still names them.
    """
    never = Value(None, output_field=DateTimeField())
    hidden = _hidden(hiding, staff)
    joined = Alias._base_manager.filter(person_id__in=hidden.values("person_id")).order_by()
    parts: list[QuerySet[Any, Any]] = [
        hidden.values_list("person_id", never),
        joined.values_list("old_id", never),
    ]
    if staff is not None:
        opened = BreakGlass._base_manager.filter(
            staff_id=staff, ends_at__gt=now, state=GlassState.OPEN.value
        )
        parts.insert(0, opened.order_by().values_list("person_id", "ends_at"))
    return parts[0].union(*parts[1:], all=True)


def exceptions_of(staff: StaffUser) -> list[tuple[UUID, datetime | None]]:
    """What her scope does not say, for `scope.exceptions`, in one question that is compiled once.
    A token opens nobody, for it is no person at a screen, and is on no case team.
    """
    if staff.by_token:
        return _exceptions(_hiding(), None, None)
    return _exceptions(_hiding(), staff.pk, timezone.now())


def hidden_from_all() -> frozenset[UUID]:
    """Everybody who is hidden, with the ids their records had before they joined theirs: who hands
    a file over, or reads what is published, learns nothing of them, whoever she is."""
    hiding = lookup_hash(Compartment, "kind_hash", CompartmentKind.PERSON.value)
    rows = Compartment._base_manager.filter(kind_hash=hiding, closed_date=None)
    hidden = frozenset(rows.values_list("person_id", flat=True))
    if not hidden:
        return hidden
    old = Alias._base_manager.filter(person_id__in=hidden).values_list("old_id", flat=True)
    return hidden | frozenset(old)


def _prefix(column: str, text: str) -> Q:
    """Match a prefix as a range, which both databases answer from the index."""
    end = prefix_end(text)
    above = Q(**{f"{column}__gte": text})
    return above & Q(**{f"{column}__lt": end}) if end else above


def _found_by(column: str, form: str) -> Q:
    """Match what begins like a form; sealed names match as a whole only."""
    return Q(**{column: name_key(form)}) if sealing() else _prefix(column, form)


def _words_in(rows: Any, fields: Sequence[str], text: str) -> Any:
    """Rows with every word in one of the fields."""
    for word in text.split()[:8]:
        rows = rows.filter(reduce(or_, (Q(**{f"{one}__icontains": word}) for one in fields)))
    return rows


def by_name(path: str, fields: Sequence[str]) -> Callable[[Any, str], Any]:
    """The search of a list whose rows lie along `path` from a person: words in `fields`, as stored;
    where names are sealed, in those that hold no name, or whole names and numbers of persons.
    """

    def narrow(rows: Any, text: str) -> Any:
        if not sealing():
            return _words_in(rows, fields, text)
        found = find_persons(Person._base_manager.all(), text)
        plain = [field for field in fields if not field.startswith(f"{path}__")]
        others = _words_in(rows, plain, text) if plain else rows.none()
        return rows.filter(Q(**{f"{path}__in": found.values("pk")}) | Q(pk__in=others.values("pk")))

    return narrow


def called(titles: Iterable[str]) -> QuerySet[Person, Person]:
    """Persons who bear one of these whole names, first and family name in either order."""
    met = Q(pk__in=[])
    for title in titles:
        forms = [name_key(form) for word in title.split() if (form := search_form(word))]
        if len(forms) > 1:
            for first, last in ((forms[0], forms[-1]), (forms[-1], forms[0])):
                met |= Q(normal_first=first, normal_last=last)
    names = PersonName._base_manager.filter(met)
    return Person._base_manager.filter(pk__in=names.values("person"))


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
        names = names.filter(_found_by("normal_first", word) | _found_by("normal_last", word))
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
