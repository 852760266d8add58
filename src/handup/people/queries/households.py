"""Who belongs to which household, and who owns which enterprise, on a day."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from handup.people.models import Membership, Ownership
from handup.people.rules.codes import HouseholdRole

CHUNK = 500


def holds_on(on: date) -> Q:
    """Return the filter of rows dated from_date to to_date that hold on a day, both ends
    included."""
    return Q(from_date__lte=on) & (Q(to_date=None) | Q(to_date__gte=on))


def chunks(ids: Iterable[UUID]) -> Iterable[Sequence[UUID]]:
    """Cut ids into pieces a statement can carry."""
    listed = list(ids)
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]


def households_of(person_ids: Iterable[UUID], *, on: date) -> dict[UUID, UUID]:
    """Map persons to the household they belong to on a day; the latest joined where there are two.

    A person without household is absent: whoever counts households counts her as one of her own.
    """
    found: dict[UUID, UUID] = {}
    for piece in chunks(person_ids):
        rows = Membership._base_manager.filter(holds_on(on), person_id__in=piece)
        found.update(rows.order_by("from_date", "id").values_list("person_id", "household_id"))
    return found


def household_members_on(household_id: UUID, *, on: date) -> QuerySet[Membership, Membership]:
    """Return the members of one household on a day, the head first."""
    rows = Membership._base_manager.filter(holds_on(on), household_id=household_id)
    return rows.select_related("person").order_by("role", "from_date", "id")


def heads_on(household_ids: Iterable[UUID], *, on: date) -> dict[UUID, UUID]:
    """Map households to the person who heads them on a day."""
    found: dict[UUID, UUID] = {}
    for piece in chunks(household_ids):
        rows = Membership._base_manager.filter(
            holds_on(on), household_id__in=piece, role=HouseholdRole.HEAD.value
        )
        found.update(rows.values_list("household_id", "person_id"))
    return found


def owners_on(enterprise_id: UUID, *, on: date) -> QuerySet[Ownership, Ownership]:
    """Return who owns an enterprise on a day, the largest share first."""
    rows = Ownership._base_manager.filter(holds_on(on), enterprise_id=enterprise_id)
    return rows.select_related("person").order_by("-share_bps", "id")
