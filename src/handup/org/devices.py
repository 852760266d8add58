"""The device makes the id and keeps it before sending: the same record twice changes nothing (style
rule 7).
"""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db import connection, models

from handup.kernel.errors import Refusal
from handup.org import statements
from handup.org.permissions import is_about_hidden, may
from handup.org.scope import ScopePaths

if TYPE_CHECKING:
    from handup.org.models import StaffUser

M = TypeVar("M", bound=models.Model)


class SameIdOtherContent(Refusal):
    """A record with this id is already stored with other content. Nothing was changed."""


def already_stored(
    model: type[M], id: UUID | None, asked_by: "StaffUser | None", /, **content: Any
) -> M | None:
    """Return the row of a device-made id when it holds this content; None when there is no such
    row.

    A service begins with it: `if (row := already_stored(Visit, id, acting_staff, person=person,
    visit_date=day)): return row`. Content is compared field by field; encrypted fields are opened
    for it. `asked_by` hears of it when it is hers, when she named what it belongs to or when she
    may see it: an id that she met by chance tells her nothing; None is a command of the house.
    Raises SameIdOtherContent.
    """
    if id is None:
        return None
    if none_stored(model, (id,)):
        return None
    row: M = model._base_manager.get(pk=id)
    for name, value in content.items():
        held = _comparable(row, name)
        given = value.pk if isinstance(value, models.Model) else value
        if held != given:
            raise SameIdOtherContent(field=name)
    if asked_by is not None and not _may_hear(asked_by, row, content):
        raise SameIdOtherContent(field="id")
    return row


def _may_hear(staff: "StaffUser", row: models.Model, content: Collection[str]) -> bool:
    """Whether it is hers, belongs to what she named, or may be seen by her."""
    paths: ScopePaths | None = getattr(row, "SCOPE", None)
    if paths is None or _is_own(row, staff):
        return True
    if is_about_hidden(staff, row):
        return False
    named = {name.removesuffix("_id") for name in content if _comparable(row, name) is not None}
    view: str = getattr(row, "VIEW", "")
    return bool(named & _steps(paths)) or view == "" or may(staff, view, row)


def _is_own(row: models.Model, staff: "StaffUser") -> bool:
    """Whether one who recorded it, or has to do with it, is she."""
    return any(
        isinstance(field, models.ForeignKey)
        and field.related_model is staff._meta.model
        and getattr(row, field.attname) == staff.pk
        for field in row._meta.concrete_fields
    )


def _steps(paths: ScopePaths) -> set[str]:
    """The fields by which a row belongs to a place or a person: the first step of each path."""
    ways = (paths.office, paths.area, paths.programme, paths.organisation, paths.person)
    first = {way.partition("__")[0].removesuffix("_id") for way in (*ways, *paths.shared) if way}
    return first if paths.other is None else first | _steps(paths.other)


def none_stored(model: type[models.Model], ids: Collection[UUID]) -> bool:
    """Tell by one plain look whether none of these ids is stored. Nearly always so, and the ORM's
    own question costs several times as much.
    """
    return look_for(model, ids)()


def look_for(model: type[models.Model], ids: Collection[UUID]) -> Callable[[], bool]:
    """Ask what `none_stored` does; what is returned tells the answer."""
    if not ids:
        return lambda: True
    native = connection.features.has_native_uuid_field
    sql = statements.select_where_in(model._meta.db_table, ("id",), "id", len(ids))
    told = [value if native else value.hex for value in ids]
    answer = statements.Answer(f"{sql} LIMIT 1", told)
    return lambda: not answer.rows()


def _comparable(row: models.Model, name: str) -> Any:
    field = row._meta.get_field(name)
    return (
        getattr(row, field.attname) if isinstance(field, models.ForeignKey) else getattr(row, name)
    )
