"""Visits an apprenticeship calls for, the skills card and the log of days (training.md 4.8)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from handup.kernel.dates import add_months

FIRST_VISIT_DAYS = 14
BODIES = 2


class Body(StrEnum):
    """Who visits an apprentice in the workshop."""

    ASSOCIATION = "ASSOCIATION"
    PROVIDER = "PROVIDER"
    PARENTS = "PARENTS"
    PROGRAMME = "PROGRAMME"


class Picture(StrEnum):
    """What a skill is drawn as in the log, for who does not read."""

    HAMMER = "hammer"
    RULER = "ruler"
    BRUSH = "brush"
    SCISSORS = "scissors"
    NEEDLE = "needle-thread"
    TOOL = "tool"
    BOLT = "bolt"
    CAR = "car"
    COOKING = "tools-kitchen-2"
    PLANT = "plant"
    BUCKET = "bucket"
    WATER = "droplet"
    CUT = "cut"
    SHIRT = "shirt"
    PRICE = "tag"
    MONEY = "cash"
    CUSTOMER = "messages"
    SAFETY = "shield-check"


class Offer(StrEnum):
    """What a graduate is offered by itself."""

    MANAGEMENT_TRAINING = "MANAGEMENT_TRAINING"
    ASSOCIATION_SKILLS = "ASSOCIATION_SKILLS"
    CREDIT_REFERRAL = "CREDIT_REFERRAL"


class OfferState(StrEnum):
    """What she answered."""

    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit that was made."""

    on: date
    body: Body


@dataclass(frozen=True, slots=True)
class Calls:
    """What the agreement still calls for on a day: the next visit with its day, by another body
    where all so far came from one; none once the term is over.
    """

    due_date: date | None
    late_days: int
    first_in_time: bool | None
    bodies: frozenset[Body]
    another_body: bool


def calls_for(
    *, started: date, term_months: int, ended: date | None, visits: Iterable[Visited], on: date
) -> Calls:
    """Return the next visit of an apprenticeship: the first within 14 days of the start, then one
    a month after the last, until the term ends; at least two bodies visit. `first_in_time` is None
    while the first may still be made in time.
    """
    made = sorted((v for v in visits if v.on <= on), key=lambda v: v.on)
    first_due = started + timedelta(days=FIRST_VISIT_DAYS)
    until = min(ended or date.max, add_months(started, term_months))
    bodies = frozenset(v.body for v in made)
    in_time: bool | None = None
    if made:
        in_time = made[0].on <= first_due
    elif on > first_due:
        in_time = False
    due: date | None = first_due if not made else add_months(made[-1].on, 1)
    if due is not None and (due > until or ended is not None):
        due = None
    late = max(0, (on - due).days) if due is not None else 0
    another = due is not None and bool(made) and len(bodies) < BODIES
    return Calls(due, late, in_time, bodies, another)


def woman_is_offered(*, apprentice_is_woman: bool, visitor_is_woman: bool, offered: bool) -> bool:
    """Tell whether the rule is kept that a woman apprentice is offered a woman visitor."""
    return not apprentice_is_woman or visitor_is_woman or offered


@dataclass(frozen=True, slots=True)
class Judged:
    """A level of one skill as judged on a day, in the order of `recorded_at` and `id`."""

    skill: UUID
    level: int
    on: date
    recorded_at: datetime
    id: UUID


def card(judged: Iterable[Judged], until: date | None = None) -> dict[UUID, Judged]:
    """Return for each skill the level judged last; the order of upload does not matter."""
    found: dict[UUID, Judged] = {}
    for one in sorted(judged, key=lambda j: (j.on, j.recorded_at, j.id)):
        if until is None or one.on <= until:
            found[one.skill] = one
    return found


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the log as told once; a later telling with a reason corrects it."""

    on: date
    came: bool
    recorded_at: datetime
    id: UUID


def days_that_count(told: Iterable[Day]) -> dict[date, Day]:
    """Return for each day what was told last."""
    found: dict[date, Day] = {}
    for one in sorted(told, key=lambda d: (d.recorded_at, d.id)):
        found[one.on] = one
    return found


def log_counts(told: Iterable[Day]) -> tuple[int, int]:
    """Return on how many days the apprentice came, of how many days of the log."""
    days = days_that_count(told).values()
    return sum(day.came for day in days), len(days)


def final_levels(
    required: Sequence[UUID], given: Mapping[UUID, int]
) -> tuple[list[int], list[UUID]]:
    """Return the levels of the required skills in their order, and the skills without one."""
    missing = [skill for skill in required if skill not in given]
    return [given[skill] for skill in required if skill in given], missing
