"""Who a run takes, in which order (people.md 4.4, 4.6): score at or below the cut-off, highest
priority first, then the day of the application, then the id. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from handup.people.rules.codes import LegalStatusKind
from handup.people.rules.ranking import Candidate, in_order, pmt_priorities, points_priority


class RunKind(StrEnum):
    """By what a run scores."""

    POINTS = "POINTS"
    PMT = "PMT"


class Part(StrEnum):
    """Where a household of the validation sample lies (people.md 4.6)."""

    INCLUSION = "INCLUSION"
    UNDERCOVERAGE = "UNDERCOVERAGE"
    LEAKAGE = "LEAKAGE"
    EXCLUSION = "EXCLUSION"


PARTS: Mapping[tuple[bool, bool], Part] = {
    (True, True): Part.INCLUSION,
    (True, False): Part.UNDERCOVERAGE,
    (False, True): Part.LEAKAGE,
    (False, False): Part.EXCLUSION,
}
"""By poor and targeted."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody of the population of a run; `points` or `predicted` None where she has no score.

    `targeted` is what her own area's line said of a proxy means test.
    """

    id: UUID
    applied_date: date
    points: int | None = None
    predicted: Decimal | None = None
    targeted: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where she stands: whether she is taken, how urgent from 0 to 100, and her place from 1.

    Without a score nothing is known and she comes last.
    """

    targeted: bool | None
    priority: Fraction | None
    rank: int


def places(
    applicants: Sequence[Applicant], kind: RunKind, *, cutoff: int | None, cap: int | None
) -> dict[UUID, Place]:
    """Where everyone of a run stands. Points need the card's `cap` and a `cutoff`."""
    if kind is RunKind.PMT:
        priorities = pmt_priorities({one.id: one.predicted for one in applicants})
        taken = {one.id: one.targeted for one in applicants}
    else:
        assert cutoff is not None
        assert cap is not None
        priorities = {one.id: points_priority(one.points, cap) for one in applicants}
        taken = {one.id: None if one.points is None else one.points <= cutoff for one in applicants}
    order = in_order(Candidate(one.id, priorities[one.id], one.applied_date) for one in applicants)
    return {
        one.id: Place(taken[one.id], priorities[one.id], number)
        for number, one in enumerate(order, 1)
    }


def status_group(statuses: frozenset[str]) -> str:
    """The one legal status a person is compared under: the first of the list she has, NONE where
    she has none or belongs to the host community.
    """
    order = [kind.value for kind in LegalStatusKind if kind is not LegalStatusKind.HOST]
    return next((code for code in order if code in statuses), "NONE")
