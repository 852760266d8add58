"""What each role may do, asked by every service and page (declared in `org/declared.py`)."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import models

from handup.kernel.errors import Refusal
from handup.org.declared import by_knowing, declared, grants_for, is_reading, register, roles
from handup.org.rules.access import Place, reaches
from handup.org.scope import (
    ScopePaths,
    follow,
    grant_q,
    hidden_from,
    of_hidden_only,
    opened_to,
    place_of,
    unseen_by,
)

if TYPE_CHECKING:
    from handup.org.models import StaffUser

__all__ = [
    "NotAllowed",
    "OutOfSight",
    "by_knowing",
    "declared",
    "grants_for",
    "is_about_hidden",
    "may",
    "may_over",
    "register",
    "require",
    "require_all",
    "require_over",
    "roles",
]


class NotAllowed(Refusal):
    """Your role does not include this. Ask your manager for a grant that does."""


class OutOfSight(Refusal):
    """There is no such record."""


def may(staff: "StaffUser", code: str, obj: models.Model | None = None) -> bool:
    """Tell whether a staff member may do this, to this record when one is given."""
    grants = grants_for(staff, code)
    if not grants or obj is None:
        return bool(grants)
    paths: ScopePaths | None = getattr(obj, "SCOPE", None)
    if paths is None:
        return True
    if _is_hidden(staff, code, obj, paths) or _is_withheld(staff, obj, paths):
        return False
    reading = is_reading(code)
    if reading and _is_opened(staff, obj, paths):
        return True
    whole = [grant for grant in grants if not (reading and paths.narrows(grant, staff))]
    if not paths.many:
        place = place_of(obj, paths)
        if any(reaches(grant, place, staff.pk) for grant in whole):
            return True
        asks = paths.linked is not None or (reading and paths.known is not None)
        if not asks and len(whole) == len(grants):
            return False
    ways = (grant_q(paths, grant, staff, reading=reading) for grant in grants)
    parts = [part for part in ways if part is not None]
    return any(not part for part in parts) or any(
        type(obj)._base_manager.filter(part, pk=obj.pk).exists() for part in parts
    )


def _is_opened(staff: "StaffUser", obj: models.Model, paths: ScopePaths) -> bool:
    opened = opened_to(staff) if paths.persons else frozenset()
    return bool(opened) and any(follow(obj, path) in opened for path in paths.persons)


def _is_hidden(staff: "StaffUser", code: str, obj: models.Model, paths: ScopePaths) -> bool:
    hidden = unseen_by(staff, code) if paths.persons or paths.shares else frozenset()
    return _is_of(hidden, obj, paths)


def _is_of(hidden: frozenset[UUID], obj: models.Model, paths: ScopePaths) -> bool:
    """Whether a record is about a hidden person, or belongs to hidden persons alone."""
    if not hidden:
        return False
    if any(follow(obj, path) in hidden for path in paths.persons):
        return True
    return obj.pk in of_hidden_only(type(obj), paths, hidden)


def is_about_hidden(staff: "StaffUser", obj: models.Model) -> bool:
    """Tell whether a record is about somebody a staff member may not know of, opened in an
    emergency or not.
    """
    paths: ScopePaths | None = getattr(obj, "SCOPE", None)
    return paths is not None and _is_of(hidden_from(staff), obj, paths)


def _is_withheld(staff: "StaffUser", obj: models.Model, paths: ScopePaths) -> bool:
    if paths.withheld is None:
        return False
    return type(obj)._base_manager.filter(paths.withheld(staff), pk=obj.pk).exists()


def require(staff: "StaffUser", code: str, obj: models.Model | None = None) -> None:
    """Let a service go on only when its staff member may do this to this record.

    Raises NotAllowed when no role of hers carries the permission, OutOfSight when her grants do not
    reach the record (a door answers 404, so that nothing tells whether it exists).
    """
    if not grants_for(staff, code):
        raise NotAllowed
    if obj is not None and not may(staff, code, obj):
        raise OutOfSight


def require_over(
    staff: "StaffUser",
    code: str,
    *,
    programme: UUID | None = None,
    organisation: UUID | None = None,
) -> None:
    """Ask for a write on what belongs to no office: a grant over everything, over the programme or
    over the organisation it belongs to.

    Raises NotAllowed: what is written to may be known to her.
    """
    if not may_over(staff, code, programme=programme, organisation=organisation):
        raise NotAllowed


def may_over(
    staff: "StaffUser",
    code: str,
    *,
    programme: UUID | None = None,
    organisation: UUID | None = None,
) -> bool:
    """Tell what `require_over` asks; without a place only a grant over everything will do."""
    place = Place(programme_id=programme, organisation_id=organisation)
    return any(reaches(grant, place, staff.pk) for grant in grants_for(staff, code))


def require_all(staff: "StaffUser", code: str, objs: Iterable[models.Model]) -> None:
    """Ask for many records of one model what `require` asks for each, in a fixed number of
    statements where the model's scope needs no look-up of its own.

    Raises NotAllowed, OutOfSight.
    """
    grants = grants_for(staff, code)
    if not grants:
        raise NotAllowed
    rows = list(objs)
    paths: ScopePaths | None = getattr(rows[0], "SCOPE", None) if rows else None
    if paths is None:
        return
    alone = paths.linked is not None or paths.known is not None or paths.withheld is not None
    alone |= is_reading(code) and any(paths.narrows(grant, staff) for grant in grants)
    if paths.many or alone:
        for row in rows:
            require(staff, code, row)
        return
    for row in rows:
        place = place_of(row, paths)
        if not any(reaches(grant, place, staff.pk) for grant in grants):
            raise OutOfSight
    hidden = unseen_by(staff, code) if paths.persons or paths.shares else frozenset()
    if not hidden:
        return
    unseen = of_hidden_only(type(rows[0]), paths, hidden)
    if any(
        row.pk in unseen or any(follow(row, path) in hidden for path in paths.persons)
        for row in rows
    ):
        raise OutOfSight
