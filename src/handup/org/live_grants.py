"""How far a staff member reaches today: her live grants and the domains switched off, and whether
she keeps filters of lists, in one question that is compiled once, for it opens every request.
"""

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.utils import timezone

from handup.org.prepared import prepared
from handup.org.rules.access import SWITCHABLE, GrantFact, Role, ScopeKind

if TYPE_CHECKING:
    from handup.org.models import StaffUser

Reach = tuple[tuple[GrantFact, ...], frozenset[str], bool]


def reach_of(staff: "StaffUser") -> Reach:
    """Return the live grants of a staff member, the domains this installation has switched off, and
    whether she keeps filters; nothing of it for a closed account.
    """
    if not staff.is_active:
        return (), frozenset(), False
    rows = _live(staff.pk, timezone.localdate())
    on, keeps = next((row[-2:] for row in rows), (None, False))
    off = frozenset(SWITCHABLE) - frozenset(SWITCHABLE if on is None else on)
    return tuple(_fact(*row[:-2]) for row in rows), off, bool(keeps)


@prepared
def _live(staff_id: UUID, today: date) -> models.QuerySet[Any, Any]:
    """Grants in force, also those whose device is on a declared trip beyond their end."""
    domains = _rows("Setting").filter(key="domains").values("value")[:1]
    trips = _rows("Trip").filter(
        device__staff_id=models.OuterRef("staff_id"),
        device__state__in=("ENROLLED", "ACTIVE"),
        starts__lte=models.OuterRef("ends"),
        ends__gte=today,
        called_off_at=None,
    )
    kept = _rows("SavedFilter").filter(staff_id=models.OuterRef("staff_id"))
    in_force = models.Q(ends__gte=today) | models.Exists(trips.filter(starts__lte=today))
    return (
        _rows("Grant")
        .filter(in_force, staff_id=staff_id, starts__lte=today, ended_at=None)
        .values_list(
            "role",
            "scope",
            "starts",
            "ends",
            "office_id",
            "area__path",
            "programme_id",
            "organisation_id",
            models.Subquery(domains),
            models.Exists(kept),
        )
    )


def _rows(name: str) -> "models.Manager[Any]":
    manager: models.Manager[Any] = apps.get_model("org", name)._default_manager
    return manager


def _fact(
    role: str,
    scope: str,
    starts: date,
    ends: date,
    office_id: UUID | None,
    area_path: str | None,
    programme_id: UUID | None,
    organisation_id: UUID | None,
) -> GrantFact:
    """The grant as the pure rules see it, its area opened to everything below."""
    areas: frozenset[Any] = frozenset()
    if area_path is not None:
        below = _rows("Area").filter(path__startswith=area_path)
        areas = frozenset(below.values_list("id", flat=True))
    return GrantFact(
        role=Role(role),
        scope=ScopeKind(scope),
        starts=starts,
        ends=ends,
        office_id=office_id,
        area_ids=areas,
        programme_id=programme_id,
        organisation_id=organisation_id,
    )
