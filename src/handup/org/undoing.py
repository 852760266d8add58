"""Undo: for some minutes whoever has just written something may take it back with one press.

Nothing is deleted: the act is taken back by the service that reverses it, with the rights, the
proofs and the line in the trail of that service. A domain says in its `apps.py` how:

    undoing.offer("lending.record_repayment", Way(LoanEvent, "lending.reverse_repayment", …))

An act without a reversal is not offered, and whoever may not reverse it sees no button.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _now

from handup.kernel.errors import Refusal
from handup.org.models import AuditLine
from handup.org.permissions import may

if TYPE_CHECKING:
    from handup.org.models import StaffUser

WITHIN = timedelta(minutes=10)


class UndoTooLate(Refusal):
    """More than {minutes} minutes have gone by. Take it back on its own page."""


@dataclass(frozen=True, slots=True)
class Way:
    """How an act is taken back: the model of what it wrote, the permission its reversal asks for,
    the page to go on from, and the service. `back(staff, row, reason)` raises what that service
    does; `about` gives the record the permission is asked of, `is_back` tells what is reversed
    already."""

    model: Any
    permission: str
    page: Callable[[Any], str]
    back: Callable[["StaffUser", Any, str], object]
    about: Callable[[Any], Any] = lambda row: row
    is_back: Callable[[Any], bool] = lambda row: False


ways: dict[str, Way] = {}
"""How each act is taken back, by its code in the trail."""


def offer(act: str, way: Way) -> None:
    """Let an act be undone."""
    ways[act] = way


def written_since(staff: "StaffUser", mark: UUID) -> AuditLine | None:
    """What she has just written, after `mark` (an id made before), if she may undo it: the only
    such act, as of many at once each has a page of its own. None for anything else.
    """
    found = list(AuditLine.objects.filter(pk__gt=mark, staff=staff, action__in=list(ways))[:2])
    return found[0] if len(found) == 1 and row_of(staff, found[0]) is not None else None


def row_of(staff: "StaffUser", line: AuditLine) -> Any:
    """The record an act of hers wrote, if she still may take it back; else None."""
    way = ways.get(line.action)
    if way is None or line.staff_id != staff.pk:
        return None
    row = way.model.objects.filter(pk=line.object_id).first()
    if row is None or way.is_back(row) or not may(staff, way.permission, way.about(row)):
        return None
    return row


def page_of(line: AuditLine) -> str:
    """The page of what an act was about."""
    way = ways[line.action]
    return way.page(way.model.objects.get(pk=line.object_id))


def is_in_time(line: AuditLine) -> bool:
    """Whether it was written some minutes ago at the most; a clock that went back ends it too."""
    return timedelta(0) <= timezone.now() - line.recorded_at <= WITHIN


def undo(*, acting_staff: "StaffUser", line: AuditLine) -> object:
    """Take back what she has just written herself, by the service that reverses it. Twice changes
    nothing more.

    Raises UndoTooLate and what that service refuses.
    """
    if not is_in_time(line):
        raise UndoTooLate(minutes=int(WITHIN.total_seconds()) // 60)
    row = row_of(acting_staff, line)
    if row is None:
        return None
    return ways[line.action].back(acting_staff, row, _now("Undone at once by whoever wrote it."))
