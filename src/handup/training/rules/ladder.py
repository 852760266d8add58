"""Who is qualified to train, to advise, to appraise and to serve cooperatives: what each step of
the ladder asks for, and when a qualification has lapsed (training.md 4.9).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from handup.kernel.dates import add_months

VALID_MONTHS = 24
ACTIVE_MONTHS = 12
SCORE_X10 = range(10, 41)
GOOD_X10 = 30


class Field(StrEnum):
    """What somebody is qualified for."""

    TRAINER = "TRAINER"
    ADVISOR = "ADVISOR"
    APPRAISER = "APPRAISER"
    COOPERATIVE = "COOPERATIVE"


class Level(StrEnum):
    """A step of the ladder."""

    CANDIDATE = "CANDIDATE"
    QUALIFIED = "QUALIFIED"
    SENIOR = "SENIOR"
    MASTER = "MASTER"


class Proof(StrEnum):
    """What a piece of evidence shows."""

    COURSE_COMPLETED = "COURSE_COMPLETED"
    ASSISTED = "ASSISTED"
    LED = "LED"
    PLAN_REVIEWED = "PLAN_REVIEWED"
    APPRAISAL_COSIGNED = "APPRAISAL_COSIGNED"
    COOPERATIVE_SERVED = "COOPERATIVE_SERVED"


@dataclass(frozen=True, slots=True)
class Step:
    """What a level asks for: pieces of evidence by kind, and so many good observations, the latest
    of them; a master is appointed by the quality body, with its reason.
    """

    level: Level
    proofs: Mapping[Proof, int]
    observed: int = 0
    appointed: bool = False


@dataclass(frozen=True, slots=True)
class Lack:
    """What is still missing for a level: evidence of a kind, or good observations."""

    proof: Proof | None
    have: int
    need: int


# Empretec counts six workshops assisted; the other numbers are unverified and stand in the setting
# training.ladder.
LADDERS: Mapping[Field, Sequence[Step]] = {
    Field.TRAINER: (
        Step(Level.CANDIDATE, {Proof.COURSE_COMPLETED: 1}),
        Step(Level.QUALIFIED, {Proof.ASSISTED: 6}, observed=2),
        Step(Level.SENIOR, {Proof.LED: 12}, observed=2),
        Step(Level.MASTER, {}, appointed=True),
    ),
    Field.ADVISOR: (
        Step(Level.CANDIDATE, {Proof.COURSE_COMPLETED: 1}),
        Step(Level.QUALIFIED, {Proof.PLAN_REVIEWED: 5}),
        Step(Level.MASTER, {}, appointed=True),
    ),
    Field.APPRAISER: (
        Step(Level.CANDIDATE, {}),
        Step(Level.QUALIFIED, {Proof.APPRAISAL_COSIGNED: 10}),
        Step(Level.MASTER, {}, appointed=True),
    ),
    Field.COOPERATIVE: (
        Step(Level.CANDIDATE, {Proof.COURSE_COMPLETED: 1}),
        Step(Level.QUALIFIED, {Proof.COOPERATIVE_SERVED: 3}, observed=1),
        Step(Level.SENIOR, {Proof.COOPERATIVE_SERVED: 12}, observed=2),
        Step(Level.MASTER, {}, appointed=True),
    ),
}


def with_counts(
    ladders: Mapping[Field, Sequence[Step]], told: Mapping[str, Mapping[str, Mapping[str, int]]]
) -> dict[Field, list[Step]]:
    """Return the ladders with an installation's own numbers: {"TRAINER": {"QUALIFIED": {"ASSISTED":
    4, "observed": 3}}}; a number not told keeps its default.
    """
    found: dict[Field, list[Step]] = {}
    for field, steps in ladders.items():
        for step in steps:
            own = told.get(field.value, {}).get(step.level.value, {})
            proofs = {proof: int(own.get(proof.value, n)) for proof, n in step.proofs.items()}
            observed = int(own.get("observed", step.observed))
            made = Step(step.level, proofs, observed, step.appointed)
            found.setdefault(field, []).append(made)
    return found


def step_after(steps: Sequence[Step], level: Level | None) -> Step | None:
    """Return the next step of a ladder; the first for who has none, None on the last."""
    if level is None:
        return steps[0]
    levels = [step.level for step in steps]
    place = levels.index(level) + 1
    return steps[place] if place < len(steps) else None


def lacks(step: Step, proofs: Mapping[Proof, int], scores_x10: Sequence[int]) -> list[Lack]:
    """Return what is missing for a step; `scores_x10` are the observations, the latest last, in
    tenths from 10 to 40. The latest ones must all be good.
    """
    found = [
        Lack(proof, proofs.get(proof, 0), need)
        for proof, need in step.proofs.items()
        if proofs.get(proof, 0) < need
    ]
    latest = scores_x10[-step.observed :] if step.observed else ()
    good = sum(score >= GOOD_X10 for score in latest)
    if good < step.observed:
        found.append(Lack(None, good, step.observed))
    return found


def valid_until(granted: date, months: int = VALID_MONTHS) -> date:
    """Return the last day of a qualification granted on a day."""
    return add_months(granted, months)


def lapsed(valid_to: date, on: date) -> bool:
    """Tell whether a qualification has lapsed: its holder then acts only under co-signature."""
    return on > valid_to


@dataclass(frozen=True, slots=True)
class Holder:
    """One qualified person as the figures count her; `national` is None where nobody asked."""

    level: Level
    valid_to: date
    national: bool | None
    active: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of a register: each share with its two counts."""

    qualified: int
    active: int
    asked: int
    nationals: int
    lapsed: int


def count(holders: Iterable[Holder], on: date) -> Counts:
    """Count who is qualified (above candidate, not lapsed), how many of them worked in the last
    twelve months, and how many of those asked are nationals.
    """
    above = [one for one in holders if one.level is not Level.CANDIDATE]
    now = [one for one in above if not lapsed(one.valid_to, on)]
    asked = [one for one in now if one.national is not None]
    return Counts(
        len(now),
        sum(one.active for one in now),
        len(asked),
        sum(bool(one.national) for one in asked),
        len(above) - len(now),
    )


def active_since(on: date) -> date:
    """Return the first day that counts for the active rate."""
    return add_months(on, -ACTIVE_MONTHS)


def is_active(days: Collection[date], on: date) -> bool:
    """Tell whether any day of work lies within the last twelve months."""
    return any(active_since(on) < day <= on for day in days)
