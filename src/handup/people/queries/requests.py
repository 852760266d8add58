"""Requests about data that are late."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from handup.people.rules.requests import ENDED


def overdue(rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
    """Those somebody asked that were to be answered by now. Nobody waits for an answer to what the
    rule of retention proposes.
    """
    late = rows.filter(due_date__lt=timezone.localdate(), by_rule=False)
    return late.exclude(state__in=[state.value for state in ENDED])
