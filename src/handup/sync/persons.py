"""What an officer's phone told of an interview and the office did not take: told to whoever asks
for her file, and gone when she is erased or takes her answers back.
"""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from handup.org.web.money import format_day
from handup.surveys.models import Case
from handup.sync.models import WorkFact, WorkState

KEPT = (WorkState.WAITING, WorkState.LEFT_OUT)
"""Where what was told is still kept beside the fact."""


def _told_of(cases: Iterable[UUID]) -> list[WorkFact]:
    words = {word for pk in cases for word in (pk.hex, str(pk))}
    if not words:
        return []
    rows = WorkFact._base_manager.filter(name="record_interview", state__in=KEPT)
    return [
        row
        for row in rows.order_by("recorded_at", "id").iterator(chunk_size=200)
        if any(word in row.told.lower() for word in words)
    ]


def held(person_id: UUID) -> Mapping[str, list[Mapping[str, str]]]:
    """What phones told of interviews with a person and nobody took, as it came."""
    cases = Case._base_manager.filter(person_id=person_id).values_list("pk", flat=True)
    return {
        str(_("Answers recorded away and not taken")): [
            {
                str(_("Received")): format_day(timezone.localdate(row.recorded_at)),
                str(_("As it came")): row.told,
            }
            for row in _told_of(cases)
        ]
    }


def blank(cases: Sequence[UUID]) -> int:
    """Blank what phones told of interviews of these cases and leave it out for good, so that nobody
    takes it again; how many there were."""
    keys = [row.pk for row in _told_of(cases)]
    WorkFact._base_manager.filter(pk__in=keys).update(
        told="",
        state=WorkState.LEFT_OUT,
        settled_at=timezone.now(),
        reason=_("The answers were erased or taken back."),
    )
    return len(keys)
