"""How the rows of this domain are reached: by the person's own office, area, programme, case
officer."""

from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from handup.org.rules.access import GrantFact, ScopeKind
from handup.org.scope import ScopePaths

if TYPE_CHECKING:
    from handup.org.models import StaffUser


def by_participation(grant: GrantFact, staff: "StaffUser") -> Q | None:
    """Reach a person who takes part in a second programme, office or caseload."""
    match grant.scope:
        case ScopeKind.PROJECT:
            own = Q(programme_id=grant.programme_id)
        case ScopeKind.OFFICE:
            own = Q(office_id=grant.office_id)
        case ScopeKind.CASELOAD:
            own = Q(case_officer_id=staff.pk)
        case _:
            return None
    rows = apps.get_model("people", "Participation")._base_manager
    return Q(Exists(rows.filter(own, person_id=OuterRef("pk"))))


def person_paths(person: str = "") -> ScopePaths:
    """Return the paths of a table whose rows belong to a person; "" for the person herself."""
    step = f"{person}__" if person else ""
    return ScopePaths(
        office=f"{step}office_id",
        area=f"{step}area_id",
        programme=f"{step}programme_id",
        caseload=f"{step}case_officer_id",
        person=f"{person}_id" if person else "id",
        linked=None if person else by_participation,
        gone="" if person else "merged_date",
    )
