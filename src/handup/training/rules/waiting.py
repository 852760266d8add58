"""Who is invited next, and why (training.md 4.4)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

INVITATION_DAYS = 7


@dataclass(frozen=True, slots=True)
class Waiting:
    """One person on the waiting list; an unknown score stands last, and behind everybody stands who
    let an invitation lapse.
    """

    enrolment_id: UUID
    person_id: UUID
    score: Decimal | None
    applied_date: date
    did_not_answer: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the list with the reason shown beside it."""

    number: int
    waiting: Waiting
    tied_on_score: bool


def order(people: Iterable[Waiting]) -> list[Place]:
    """Order by targeting score (highest first), then application date, then person id; who let an
    invitation lapse comes after all who had none.
    """
    rows = sorted(
        people,
        key=lambda w: (
            w.did_not_answer,
            w.score is None,
            -(w.score or Decimal(0)),
            w.applied_date,
            w.person_id,
        ),
    )
    return [Place(i + 1, w, i > 0 and _tied(rows[i - 1], w)) for i, w in enumerate(rows)]


def _tied(before: Waiting, then: Waiting) -> bool:
    return before.score == then.score and before.did_not_answer == then.did_not_answer


def out_of_order(waiting: Sequence[Waiting], chosen: Iterable[UUID]) -> list[Waiting]:
    """Return those passed over when `chosen` enrolments are invited; each needs a reason and a
    second person.
    """
    picked = set(chosen)
    places = [place.waiting for place in order(waiting)]
    last = max((i for i, w in enumerate(places) if w.enrolment_id in picked), default=-1)
    return [w for w in places[: last + 1] if w.enrolment_id not in picked]


def last_day(told_date: date | None, days: int = INVITATION_DAYS) -> date | None:
    """Return the last day to answer an invitation; none where nobody has told her yet."""
    return None if told_date is None else told_date + timedelta(days=days)
