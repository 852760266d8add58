"""The device makes the id and keeps it before sending: the same record twice changes nothing (style
rule 7).
"""

from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from handup.kernel.errors import Refusal

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
    row: M | None = model._base_manager.filter(pk=id).first()
    if row is None:
        return None
    for name, value in content.items():
        held = _comparable(row, name)
        given = value.pk if isinstance(value, models.Model) else value
        if held != given:
            raise SameIdOtherContent(field=name)
    return row


def _comparable(row: models.Model, name: str) -> Any:
    field = row._meta.get_field(name)
    return (
        getattr(row, field.attname) if isinstance(field, models.ForeignKey) else getattr(row, name)
    )
