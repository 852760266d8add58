"""What a person attended: which of several records counts, minutes with make-ups, the absence
watch.

Source: training.md 4.1. Records come from several devices and papers in any order of upload; the
answer never depends on that order.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from handup.kernel.money import WHOLE_BPS


class Method(StrEnum):
    """How an attendance was taken."""

    SCAN = "SCAN"
    ROSTER = "ROSTER"
    MANUAL = "MANUAL"


class Mark(StrEnum):
    """PRESENT carries minutes; EXCUSED counts as absent for completion, not for the absence
    watch.
    """

    PRESENT = "PRESENT"
    ABSENT = "ABSENT"
    EXCUSED = "EXCUSED"


@dataclass(frozen=True, slots=True)
class Record:
    """One attendance record of one person in one session."""

    id: UUID
    recorded_at: datetime
    minutes: int
    mark: Mark = Mark.PRESENT
    corrects: UUID | None = None


@dataclass(frozen=True, slots=True)
class HeldSession:
    """A session that took place; a make-up names the session it makes good."""

    id: UUID
    minutes: int
    make_up_for: UUID | None = None


@dataclass(frozen=True, slots=True)
class Attended:
    """Minutes held and attended; attended never exceeds held."""

    held: int
    attended: int


def effective(records: Iterable[Record]) -> Record | None:
    """Return the record that counts: the latest correction, else the earliest record."""
    given = list(records)
    corrections = [record for record in given if record.corrects is not None]
    if corrections:
        return max(corrections, key=_when)
    return min(given, key=_when, default=None)


def disagreeing(records: Iterable[Record]) -> bool:
    """Tell whether uncorrected records of one person and session say different things: one task,
    nothing changed.
    """
    given = list(records)
    if any(record.corrects is not None for record in given):
        return False
    return len({(record.mark, record.minutes) for record in given}) > 1


def _when(record: Record) -> tuple[datetime, UUID]:
    return record.recorded_at, record.id


def minutes(sessions: Sequence[HeldSession], marks: Mapping[UUID, Record]) -> Attended:
    """Add up what one person attended of the cohort's held sessions.

    Each session is capped at its own length; a make-up adds up to the missed session's minutes and
    never raises what was held. Sessions before a late joiner count as held.
    """
    regular = {session.id: session.minutes for session in sessions if not session.make_up_for}
    total = dict.fromkeys(regular, 0)
    for session in sessions:
        target = session.make_up_for or session.id
        record = marks.get(session.id)
        if record is None or record.mark is not Mark.PRESENT or target not in total:
            continue
        got = min(max(record.minutes, 0), session.minutes)
        total[target] = min(regular[target], total[target] + got)
    return Attended(held=sum(regular.values()), attended=sum(total.values()))


def absence_alert(
    sessions: Sequence[HeldSession], marks: Mapping[UUID, Record], threshold_bps: int
) -> bool:
    """Tell whether somebody should ask after a person: two unexcused absences in a row, or below
    the threshold after at least three held sessions. `sessions` come in the order they were held.
    """
    regular = [session for session in sessions if not session.make_up_for]
    missed = [unexcused(marks.get(session.id)) for session in regular]
    if any(left and right for left, right in itertools.pairwise(missed)):
        return True
    if len(regular) < 3:
        return False
    sums = minutes(sessions, marks)
    return sums.attended * WHOLE_BPS < sums.held * threshold_bps


def unexcused(record: Record | None) -> bool:
    """Tell whether nobody explained that she was away; no record is no excuse."""
    if record is None:
        return True
    return record.mark is Mark.ABSENT or (record.mark is Mark.PRESENT and record.minutes == 0)
