"""The audit trail: one line per write, in the same transaction, codes and ids only."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from django.db import models

from handup.org.bulk import insert_rows
from handup.org.models import AuditLine

if TYPE_CHECKING:
    from handup.org.models import StaffUser

Facts = Mapping[str, str | int | bool | None]


def line(
    staff: "StaffUser", action: str, obj: models.Model, facts: Facts | None = None
) -> AuditLine:
    """Build, without storing, the line that says who did what to which record."""
    return AuditLine(
        staff_id=staff.pk,
        action=action,
        object_type=obj._meta.label_lower,
        object_id=str(obj.pk),
        facts=dict(facts or {}),
    )


def record(staff: "StaffUser", action: str, obj: models.Model, facts: Facts | None = None) -> None:
    """Store one line; called inside the transaction of the write it tells of. Never a name or a
    secret in facts.
    """
    line(staff, action, obj, facts).save(force_insert=True)


def record_many(lines: Iterable[AuditLine]) -> None:
    """Store the lines of a batch in one prepared statement."""
    insert_rows(list(lines))
