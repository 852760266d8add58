"""The life of a plan and of a visit, and which step may follow which."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from handup.kernel.dates import add_months

READY_MONTHS = 6


class Depth(StrEnum):
    """How much of a plan is written: the light one has the household sheet and one page."""

    LIGHT = "LIGHT"
    FULL = "FULL"


class PlanState(StrEnum):
    """Where a plan stands."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    RETURNED = "RETURNED"
    ADVISED = "ADVISED"
    REVIEWED = "REVIEWED"
    READY = "READY"
    FINANCED = "FINANCED"
    NOT_FINANCED = "NOT_FINANCED"
    EXPIRED = "EXPIRED"
    SET_ASIDE = "SET_ASIDE"


OPEN_TO_CHANGE = frozenset({PlanState.DRAFT, PlanState.RETURNED})

NEXT: Mapping[PlanState, frozenset[PlanState]] = {
    PlanState.DRAFT: frozenset({PlanState.SUBMITTED, PlanState.SET_ASIDE}),
    PlanState.SUBMITTED: frozenset({PlanState.RETURNED, PlanState.ADVISED}),
    PlanState.RETURNED: frozenset({PlanState.DRAFT, PlanState.SUBMITTED, PlanState.SET_ASIDE}),
    PlanState.ADVISED: frozenset({PlanState.RETURNED, PlanState.REVIEWED, PlanState.READY}),
    PlanState.REVIEWED: frozenset({PlanState.RETURNED, PlanState.READY}),
    PlanState.READY: frozenset(
        {PlanState.RETURNED, PlanState.FINANCED, PlanState.NOT_FINANCED, PlanState.EXPIRED}
    ),
    PlanState.EXPIRED: frozenset(
        {PlanState.READY, PlanState.RETURNED, PlanState.FINANCED, PlanState.NOT_FINANCED}
    ),
    PlanState.FINANCED: frozenset(),
    PlanState.NOT_FINANCED: frozenset({PlanState.RETURNED}),
    PlanState.SET_ASIDE: frozenset(),
}


def may_follow(state: PlanState, wanted: PlanState) -> bool:
    """True when a plan in `state` may go to `wanted`."""
    return wanted in NEXT[state]


def ready_until(ready_date: date) -> date:
    """The last day on which a ready plan counts; then its prices must be confirmed."""
    return add_months(ready_date, READY_MONTHS)


class Kept(StrEnum):
    """What may have changed since the plan before."""

    HOUSEHOLD = "HOUSEHOLD"
    COSTING = "COSTING"
    FINANCE = "FINANCE"
    WORDS = "WORDS"
    SCREENING = "SCREENING"


class SignedBy(StrEnum):
    """How the participant agreed to the plan."""

    SIGNATURE = "SIGNATURE"
    MARK = "MARK"
    PAPER = "PAPER"


class VisitKind(StrEnum):
    """Why somebody goes there."""

    ADVICE = "ADVICE"
    PLAN = "PLAN"
    HOME_CHECK = "HOME_CHECK"
    BUSINESS_CHECK = "BUSINESS_CHECK"
    LOAN_USE = "LOAN_USE"
    COACHING = "COACHING"
    ARREARS = "ARREARS"
    BACK_CHECK = "BACK_CHECK"


class VisitState(StrEnum):
    """What became of a visit."""

    PLANNED = "PLANNED"
    DONE = "DONE"
    MISSED = "MISSED"
    CANCELLED = "CANCELLED"


ON_TIME_DAYS = 7


def on_time(planned_date: date | None, visit_date: date) -> bool:
    """True when a visit was made within a week of its day; one nobody planned is on time."""
    return planned_date is None or abs((visit_date - planned_date).days) <= ON_TIME_DAYS
