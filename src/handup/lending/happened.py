"""What happened to loans, read back as the fold takes it."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from handup.lending.models import LoanEvent
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import Event, payload_fields
from handup.org.plain import rows_where


def event_of(row: LoanEvent) -> Event:
    """A stored event as the fold sees it."""
    return Event(
        id=row.id,
        kind=EventKind(row.kind),
        value_date=row.value_date,
        recorded_at=row.recorded_at,
        received_at=row.received_at,
        units=row.units,
        reverses=row.reverses_id,
        seq=row.seq,
        **payload_fields(EventKind(row.kind), row.payload),
    )


def events_of(loan_ids: Iterable[UUID]) -> dict[UUID, list[Event]]:
    """All events of some loans."""
    found: dict[UUID, list[Event]] = defaultdict(list)
    for row in rows_where(LoanEvent, "loan_id", list(loan_ids)):
        found[row.loan_id].append(event_of(row))
    return found
