"""Persons served last so long ago that they are proposed for erasure (protection.md 4.6).

Nobody vanishes silently: each becomes a request in the data protection officer's queue, which two
persons approve and her records may hold, like any erasure (4.8). Last served is the latest dated
fact any domain holds of her or of what is hers; a table that says whose its rows are (`SCOPE`) is
asked without being named here.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org import audit
from handup.org.models import StaffUser
from handup.org.retention import Rule
from handup.org.scope import ScopePaths
from handup.people import subject
from handup.people.models import Alias, Participation, Person, SubjectRequest
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


def taking_part() -> Iterable[UUID]:
    """Who has asked to take part in a programme, or takes part, and has not left it."""
    return Participation._base_manager.filter(state__in=OPEN).values_list("person_id", flat=True)


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
            if isinstance(field, models.DateField) and field.name != "recorded_at"
        )
        if paths and days:
            yield model, paths, days


def unserved(before: date, on: date) -> list[UUID]:
    """Persons registered before a day of whom nothing is dated between it and today, whose service
    does not go on, and whose erasure nobody asked for within a year. In order of registration.
    """
    rows = Person._base_manager.filter(
        registered_date__lt=before, erased_date=None, merged_date=None
    )
    left = set(rows.values_list("pk", flat=True))
    if not left:
        return []
    left.difference_update(_asked_for(on))
    for ask in subject.serving:
        left.difference_update(ask())
    now = dict(Alias._base_manager.values_list("old_id", "person_id"))
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


def propose(staff: StaffUser, before: date, on: date) -> int:
    """Ask for their erasure in the name of who approves the listing; of how many, the longest
    registered first. Nothing of theirs is changed.
    """
    chosen = unserved(before, on)[:AT_ONCE]
    persons = Person._base_manager.in_bulk(chosen)
    codes = registration_numbers(len(chosen), SubjectRequest, "D")
    rows = [_request(persons[pk], code, staff, on) for pk, code in zip(chosen, codes, strict=True)]
    insert(rows, staff)
    for row in rows:
        audit.record(staff, "people.record_subject_request", row, {"kind": row.kind, "rule": 1})
    return len(rows)


def _request(person: Any, code: str, staff: StaffUser, on: date) -> SubjectRequest:
    return SubjectRequest(
        code=code,
        kind=r.RequestKind.ERASURE.value,
        state=r.RequestState.IDENTIFIED.value,
        person=person,
        programme_id=person.programme_id,
        office_id=person.office_id,
        handler_id=person.case_officer_id or staff.pk,
        received_date=on,
        due_date=r.due_date(on, answer_days()),
        recorded_by=staff,
        by_rule=True,
    )


RULE = Rule(
    "PARTICIPANTS",
    _("Persons not served any more"),
    _("Nothing yet: each becomes a request for erasure, which two persons approve."),
    5 * YEAR,
    due,
    None,
    YEAR,
    propose,
)
