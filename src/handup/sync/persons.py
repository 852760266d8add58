"""What an officer's phone told of somebody and the office did not take: told to whoever asks for
her file, and gone when she is erased or takes her answers back.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from handup.org.web.money import format_day
from handup.people.queries.merging import all_ids
from handup.surveys.models import Case
from handup.sync.models import WorkFact, WorkState

INTERVIEWS = ("record_interview",)
KEPT = (WorkState.WAITING, WorkState.LEFT_OUT)
"""Where what was told is still kept beside the fact."""


OF_PERSONS = ("record_visit", "miss_visit", "register_household")
"""Facts that name persons by their ids."""


def _told_of(names: Sequence[str], keys: Iterable[UUID]) -> list[WorkFact]:
    words = {word for pk in keys for word in (pk.hex, str(pk))}
    if not words:
        return []
    rows = WorkFact._base_manager.filter(name__in=names, state__in=KEPT)
    return [
        row
        for row in rows.order_by("recorded_at", "id").iterator(chunk_size=200)
        if any(word in row.told.lower() for word in words)
    ]


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What phones told of a person and nobody took, as it came."""
    cases = Case._base_manager.filter(person_id=person_id).values_list("pk", flat=True)
    return {
        str(_("Answers recorded away and not taken")): _as_it_came(_told_of(INTERVIEWS, cases)),
        str(_("Visits and households recorded away and not taken")): _as_it_came(
            _told_of(OF_PERSONS, all_ids(person_id))
        ),
    }


def _as_it_came(rows: Iterable[WorkFact]) -> list[Mapping[str, str]]:
    return [
        {
            str(_("Received")): format_day(timezone.localdate(row.recorded_at)),
            str(_("As it came")): row.told,
        }
        for row in rows
    ]


def erase(person_id: UUID) -> None:
    """Blank what phones told of a person and nobody took: visits, households that name her."""
    _leave_out(_told_of(OF_PERSONS, all_ids(person_id)), str(_("The person was erased.")))


def blank(cases: Sequence[UUID]) -> int:
    """Blank what phones told of interviews of these cases and leave it out for good, so that nobody
    takes it again; how many there were."""
    return _leave_out(_told_of(INTERVIEWS, cases), str(_("The answers were erased or taken back.")))


def _leave_out(rows: Iterable[WorkFact], reason: str) -> int:
    keys = [row.pk for row in rows]
    WorkFact._base_manager.filter(pk__in=keys).update(
        told="", state=WorkState.LEFT_OUT, settled_at=timezone.now(), reason=reason
    )
    return len(keys)
