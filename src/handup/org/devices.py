"""The device makes the id and keeps it before sending: the same record twice changes nothing (style
rule 7).
"""

from collections.abc import Collection
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models

from handup.kernel.errors import Refusal
from handup.org import statements

M = TypeVar("M", bound=models.Model)


class SameIdOtherContent(Refusal):
    """A record with this id is already stored with other content. Nothing was changed."""


def already_stored(model: type[M], id: UUID | None, **content: Any) -> M | None:
    """Return the row of a device-made id when it holds this content; None when there is no such
    row.

    A service begins with it: `if (row := already_stored(Visit, id, person=person, visit_date=day)):
    return row`. Content is compared field by field; encrypted fields are opened for it. Raises
    SameIdOtherContent.
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
    return row


def none_stored(model: type[models.Model], ids: Collection[UUID]) -> bool:
    """Tell by one plain look whether none of these ids is stored. Nearly always so, and the ORM's
    own question costs several times as much.
    """
    if not ids:
        return True
    native = connection.features.has_native_uuid_field
    sql = statements.select_where_in(model._meta.db_table, ("id",), "id", len(ids))
    with statements.cursor() as cursor:
        cursor.execute(
            f"{sql} LIMIT 1",
            [value if native else value.hex for value in ids],
        )
        return cursor.fetchone() is None


def _comparable(row: models.Model, name: str) -> Any:
    field = row._meta.get_field(name)
    return (
        getattr(row, field.attname) if isinstance(field, models.ForeignKey) else getattr(row, name)
    )
