"""Which impact assessments somebody has to look at: reviews that are near or past, drafts that wait
for a decision, measures that are not in place.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from handup.people.rules.impact import ImpactState

AHEAD = timedelta(days=30)


def review_due(rows: QuerySet[Any], on: date) -> QuerySet[Any]:
    """Decided ones whose next look is within 30 days or past, and has not begun."""
    begun = Q(following__state=ImpactState.DRAFT.value)
    due = rows.filter(state=ImpactState.DECIDED.value, review_date__lte=on + AHEAD)
    return due.exclude(begun)


def to_decide(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Drafts the data protection officer has advised on."""
    return rows.filter(state=ImpactState.DRAFT.value, advised_date__isnull=False)


def to_advise(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Drafts that name a risk and wait for advice."""
    drafts = rows.filter(state=ImpactState.DRAFT.value, advised_date=None)
    return drafts.filter(risks__isnull=False).distinct()


def measures_late(risks: QuerySet[Any], on: date) -> QuerySet[Any]:
    """Measures of decided assessments that were to be in place by a day and are not."""
    return risks.filter(
        assessment__state=ImpactState.DECIDED.value, done_date=None, due_date__lt=on
    ).exclude(measure="")
