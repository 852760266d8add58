"""Reads of restricted compartments: whose team one is on, what may be told, and how
many there are of each kind for who has to report it."""

from collections import Counter
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from handup.org.encryption import lookup_hash
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import may
from handup.org.scope import hidden_from
from handup.people.models import Compartment, SubjectRequest
from handup.people.models.protection import on_team
from handup.people.rules.codes import CompartmentKind
from handup.people.rules.requests import RequestKind, RequestState

ASKED = (RequestState.IDENTIFIED.value, RequestState.HELD.value, RequestState.APPROVED.value)


def kind_hash(kind: CompartmentKind) -> str:
    """The keyed hash by which compartments of a kind are found."""
    return lookup_hash(Compartment, "kind_hash", kind.value)


def open_of_hers(
    staff: StaffUser, person_id: UUID, kind: CompartmentKind | None = None
) -> QuerySet[Compartment, Compartment]:
    """Open compartments of a person of whose team this staff member is."""
    rows = Compartment._base_manager.filter(
        on_team(staff, "pk"), person_id=person_id, closed_date=None
    )
    return rows if kind is None else rows.filter(kind_hash=kind_hash(kind))


def tells_face_to_face(compartment: Compartment) -> bool:
    """Whether she asked what is held of her, and it is known that it is she."""
    asked = SubjectRequest._base_manager.filter(
        person_id=compartment.person_id, kind=RequestKind.ACCESS.value, state__in=ASKED
    )
    return asked.exists()


def lines_of(compartment: Compartment) -> QuerySet[AuditLine, AuditLine]:
    """Who did what in a case; the general trail leaves these lines out."""
    ids = {compartment.pk}
    for rows in (
        compartment.team.all(),
        compartment.notes.all(),
        compartment.actions.all(),
        compartment.documents.all(),
    ):
        ids.update(rows.values_list("pk", flat=True))
    found = AuditLine.objects.filter(object_id__in=[str(pk) for pk in ids])
    return found.select_related("staff").order_by("recorded_at", "id")


def count_by_kind(
    staff: StaffUser, programme_id: UUID, first: date, last: date
) -> dict[tuple[CompartmentKind, str], int]:
    """How many compartments of a programme were open in a period, by kind and sex, whoever is on
    their team: for one who may report them, as a table made safe. Who is hidden from her is left
    out. Raises nothing; counts nothing where she may not open compartments.
    """
    if not may(staff, "people.open_compartment"):
        return {}
    rows = Compartment._base_manager.filter(
        Q(closed_date=None) | Q(closed_date__gte=first),
        person__programme_id=programme_id,
        opened_date__lte=last,
    ).exclude(person_id__in=hidden_from(staff))
    sexes = dict(rows.values_list("pk", "person__sex"))
    found: Counter[tuple[CompartmentKind, str]] = Counter()
    for row in rows.only("id", "kind"):
        found[CompartmentKind(row.kind), sexes[row.pk]] += 1
    return dict(found)
