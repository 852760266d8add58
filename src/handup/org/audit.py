"""The audit trail: one line per write, in the same transaction, codes and ids only."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.db import models
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from handup.kernel.ids import new_ids
from handup.org.bulk import insert_values
from handup.org.models import AuditLine
from handup.org.scope import hidden_from, ids_about

if TYPE_CHECKING:
    from handup.org.models import StaffUser

# Labels of models whose lines only their own pages show: a domain adds its restricted ones.
own_pages: set[str] = set()

Facts = Mapping[str, str | int | bool | None]


class Line(NamedTuple):
    """One line before it is stored: who did what to which record."""

    staff_id: UUID
    action: str
    object_type: str
    object_id: str
    facts: dict[str, str | int | bool | None]


def line(staff: "StaffUser", action: str, obj: models.Model, facts: Facts | None = None) -> Line:
    """Build, without storing, the line that says who did what to which record."""
    return Line(staff.pk, action, obj._meta.label_lower, str(obj.pk), dict(facts or {}))


def record(staff: "StaffUser", action: str, obj: models.Model, facts: Facts | None = None) -> None:
    """Store one line; called inside the transaction of the write it tells of. Never a name or a
    secret in facts.
    """
    record_many((line(staff, action, obj, facts),))


def record_many(lines: Iterable[Line]) -> None:
    """Store the lines of a batch in one prepared statement. Raises TextTooLong."""
    told = list(lines)
    if not told:
        return
    columns = [list(column) for column in zip(*told, strict=True)]
    values = dict(
        zip(("staff", "action", "object_type", "object_id", "facts"), columns, strict=True)
    )
    now = timezone.now()
    insert_values(
        AuditLine,
        {"id": new_ids(len(told)), "recorded_at": [now] * len(told), **values},
    )


def trail_for(staff: "StaffUser") -> models.QuerySet[AuditLine, AuditLine]:
    """The lines of the general trail, as one reader may see it: without those that only their own
    pages show, and without those about whoever is hidden from her.
    """
    return _open_to(AuditLine.objects.visible_to(staff), staff)


def lines_for_webhooks(staff: "StaffUser") -> models.QuerySet[AuditLine, AuditLine]:
    """The lines of the general trail whatever her roles, without those about whoever is hidden
    from her: what another program is told of.
    """
    return _open_to(AuditLine._base_manager.all(), staff)


def _open_to(
    lines: models.QuerySet[AuditLine, AuditLine], staff: "StaffUser"
) -> models.QuerySet[AuditLine, AuditLine]:
    rows = lines.exclude(object_type__in=sorted(own_pages))
    unseen = [str(pk) for pk in ids_about(hidden_from(staff))]
    if not unseen:
        return rows
    named = rows.exclude(object_id__in=unseen).annotate(
        whom=Cast(KT("facts__person"), models.TextField())
    )
    return named.filter(models.Q(whom=None) | ~models.Q(whom__in=unseen))
