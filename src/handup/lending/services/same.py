"""An event sent again with the same id: it is the one that is stored, or it is refused loudly."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from handup.lending.models import LoanEvent
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser


def stored_event(
    staff: StaffUser, id: UUID | None, told: Mapping[str, object], **content: Any
) -> LoanEvent | None:
    """The event of this id with this content, and what was told of it in its payload; None when
    there is none. What was left open (None) is not compared. Raises SameIdOtherContent.
    """
    given = {name: value for name, value in content.items() if value is not None}
    event = already_stored(LoanEvent, id, staff, **given)
    if event is None:
        return None
    for name, value in told.items():
        if value is not None and event.payload.get(name) != value:
            raise SameIdOtherContent(field=name)
    return event
