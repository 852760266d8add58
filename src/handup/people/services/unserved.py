"""Persons served last so long ago that they are proposed for erasure (protection.md 4.6).

Nobody vanishes silently: each becomes a request in the data protection officer's queue, which two
persons approve and her records may hold, like any erasure (4.8). Last served is the latest dated
fact any domain holds of her or of what is hers; a table that says whose its rows are (`SCOPE`) is
asked without being named here.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org import audit, retention
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.retention import Rule
from handup.org.scope import ScopePaths
from handup.people import subject
from handup.people.models import Alias, Compartment, Participation, Person, SubjectRequest
from handup.people.queries.merging import STAYS
from handup.people.rules import requests as r
from handup.people.rules.codes import ParticipationState as P
from handup.people.services.registration import registration_numbers
from handup.people.services.requests import answer_days
from handup.people.services.store import insert

YEAR = 365
AT_ONCE = 500
"""So many are proposed by one approval: each is looked at by two."""
OPEN = tuple(state.value for state in (P.APPLIED, P.NEEDS_INFORMATION, P.ELIGIBLE, P.WAITING,
                                       P.ACTIVE, P.PAUSED))  # fmt: skip
NO_SERVICE = frozenset({"people.Person", "people.PersonDocument", "people.SubjectRequest"}) | {
    model._meta.label for model in STAYS
}
"""Tables whose days tell of no service: papers she showed, requests, what the register writes."""
NOT_DONE = ("due_", "valid_", "expires_", "next_", "last_due_", "planned_", "promised_",
            "acknowledge_", "resolve_")  # fmt: skip
"""Beginnings of the names of days by which something ends or is to be done. That it was done has a
day of its own; that it ran out is no service.
"""


def taking_part() -> Iterable[UUID]:
    """Who has asked to take part in a programme, or takes part, and has not left it."""
    return Participation._base_manager.filter(state__in=OPEN).values_list("person_id", flat=True)


def in_a_case() -> Iterable[UUID]:
    """Who has a restricted case that is open, or closed for less long than it is kept itself: what
    is done in one is sealed with its days. So nobody hidden is proposed, nor counted (4.2).
    """
    kept = retention.before(retention.rules["CLOSED_CASES"], timezone.localdate())
    rows = Compartment._base_manager.filter(Q(closed_date=None) | Q(closed_date__gte=kept))
    return rows.values_list("person_id", flat=True)


def dated() -> Iterator[tuple[type[models.Model], tuple[str, ...], tuple[str, ...]]]:
    """Every table that holds days of what was done with persons: its paths to them, its days."""
    for model in apps.get_models():
        scope = getattr(model, "SCOPE", None)
        if not isinstance(scope, ScopePaths) or model._meta.label in NO_SERVICE:
            continue
        paths = (*scope.persons, *scope.shares)
        days = tuple(
            field.name
            for field in model._meta.local_concrete_fields
            if isinstance(field, models.DateField)
            and field.name != "recorded_at"
            and not field.name.startswith(NOT_DONE)
        )
        if paths and days:
            yield model, paths, days


def unserved(before: date, on: date) -> list[UUID]:
    """Persons registered before a day of whom nothing is dated between it and today, whose service
    does not go on, and whose erasure nobody asked for within a year. In order of registration.

    Reads every table that holds days: never ask it inside a transaction that writes.
    """
    rows = _registered(before)
    left = set(rows.values_list("pk", flat=True))
    if not left:
        return []
    left.difference_update(_asked_for(on))
    now = dict(Alias._base_manager.values_list("old_id", "person_id"))
    for ask in subject.serving:
        left.difference_update(now.get(one, one) for one in ask())
    for model, paths, days in dated():
        since = Q()
        for day in days:
            since |= _between(model, day, before, on)
        for path in paths if left else ():
            met = model._base_manager.filter(since).exclude(**{path: None})
            found = met.order_by().values_list(path, flat=True).distinct()
            left.difference_update(now.get(one, one) for one in found)
    return [pk for pk in rows.order_by("registered_date", "pk").values_list("pk", flat=True)
            if pk in left]  # fmt: skip


def _registered(before: date) -> models.QuerySet[Person, Person]:
    """Persons registered before a day who are there."""
    return Person._base_manager.filter(
        registered_date__lt=before, erased_date=None, merged_date=None
    )


def _between(model: type[models.Model], day: str, first: date, last: date) -> Q:
    """Rows with this day in the span; a day to come is a plan, not a service."""
    path = f"{day}__date" if isinstance(model._meta.get_field(day), models.DateTimeField) else day
    return Q(**{f"{path}__gte": first, f"{path}__lte": last})


def _asked_for(on: date) -> Iterable[UUID]:
    """Whose erasure is being decided, or was refused within a year."""
    rows = SubjectRequest._base_manager.filter(kind=r.RequestKind.ERASURE.value)
    open_ones = ~Q(state__in=[state.value for state in r.ENDED])
    rows = rows.filter(open_ones | Q(received_date__gte=on - timedelta(days=YEAR)))
    return rows.exclude(person=None).values_list("person_id", flat=True)


def due(before: date) -> int:
    """How many."""
    return len(unserved(before, timezone.localdate()))


def choose(before: date, on: date) -> list[UUID]:
    """Whom one approval proposes: those registered longest ago."""
    return unserved(before, on)[:AT_ONCE]


def propose(staff: StaffUser, before: date, on: date, chosen: Collection[UUID]) -> int:
    """Ask for the erasure of those chosen in the name of who approves the listing; of how many.
    Whose erasure was asked for meanwhile, or who has a case since, is left out. Nothing of theirs
    is changed.
    """
    there = _registered(before).filter(pk__in=chosen).select_related("programme", "office")
    gone = {*_asked_for(on), *in_a_case()}
    persons = [one for one in there.order_by("registered_date", "pk") if one.pk not in gone]
    codes = registration_numbers(len(persons), SubjectRequest, "D")
    rows = [_request(one, code, staff, on) for one, code in zip(persons, codes, strict=True)]
    _name_handlers(rows, persons)
    insert(rows, staff)
    for row in rows:
        audit.record(staff, "people.record_subject_request", row, {"kind": row.kind, "rule": 1})
    return len(rows)


def _request(person: Person, code: str, staff: StaffUser, on: date) -> SubjectRequest:
    return SubjectRequest(
        code=code,
        kind=r.RequestKind.ERASURE.value,
        state=r.RequestState.IDENTIFIED.value,
        person=person,
        programme=person.programme,
        office=person.office,
        received_date=on,
        due_date=r.due_date(on, answer_days()),
        recorded_by=staff,
        by_rule=True,
    )


def _name_handlers(rows: Collection[SubjectRequest], persons: Iterable[Person]) -> None:
    """Who works with her answers, where that is somebody who is here and may; else nobody is named:
    whoever approves the proposal reads no content and answers none.
    """
    officers = {one.case_officer_id for one in persons} - {None}
    here = StaffUser.objects.filter(is_active=True).in_bulk(officers)
    for row in rows:
        officer = here.get(row.person.case_officer_id) if row.person is not None else None
        if officer is not None and may(officer, "people.answer_subject_request", row):
            row.handler = officer


RULE = Rule(
    "PARTICIPANTS",
    _("Persons not served any more"),
    _("Nothing yet: each becomes a request for erasure, which two persons approve."),
    5 * YEAR,
    due,
    None,
    YEAR,
    propose,
    choose,
)
