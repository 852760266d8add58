"""Facts that came too late for their own month: somebody looks at each, once (rulings 13)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.models import Entry, LateFactSeen
from handup.ledger.typed import check_been
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import ReasonNeeded
from handup.org.models import StaffUser
from handup.org.permissions import require

STEP = "ledger.acknowledge_late_fact"


class NotLate(Refusal):
    """This entry stands in the month of its fact."""


class SeenAlready(Refusal):
    """{name} looked at this late fact on {date}."""


def acknowledge_late_fact(
    *, acting_staff: StaffUser, entry: Entry, note: str, seen_date: date, id: UUID | None = None
) -> LateFactSeen:
    """Say that a late fact was looked at, and why it came late. The entry stays as it is.

    Raises NotAllowed, OutOfSight, NotLate, SeenAlready, ReasonNeeded (field `note`), AheadOfToday,
    SameIdOtherContent.
    """
    require(acting_staff, STEP, entry)
    note = note.strip()[:300]
    said = {"entry": entry, "note": note, "seen_date": seen_date}
    stored = already_stored(LateFactSeen, id, acting_staff, **said)
    if stored is not None:
        return stored
    if entry.entry_date <= entry.happened_date:
        raise NotLate
    if not note:
        raise ReasonNeeded(field="note")
    check_been(seen_date)
    with transaction.atomic():
        # Two who look at it at once wait for each other here; the second finds the first's word.
        Entry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
        if (stored := already_stored(LateFactSeen, id, acting_staff, **said)) is not None:
            return stored
        found = LateFactSeen.objects.select_related("seen_by").filter(entry=entry).first()
        if found is not None:
            raise SeenAlready(name=found.seen_by, date=found.seen_date)
        row: LateFactSeen = LateFactSeen.objects.create(
            id=id or new_id(),
            entry=entry,
            note=note,
            seen_by=acting_staff,
            seen_date=seen_date,
        )
        audit.record(acting_staff, STEP, row, {"entry": str(entry.pk)})
    return row
