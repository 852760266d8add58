"""What holds the steps from asking to signing together: no step on a day to come or before the step
it follows, votes that stand only for the appraisal they were cast on.
"""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from handup.lending.errors import ApplicationExpired, BeforeItsStep, FutureDate
from handup.lending.models import Application, Appraisal, Vote


def hold_to_day(on: date, field: str, *before: date) -> None:
    """Refuse a day to come, and one before the steps this one follows. Raises FutureDate,
    BeforeItsStep.
    """
    if on > timezone.localdate():
        raise FutureDate(field=field, date=on)
    last = max(before, default=on)
    if on < last:
        raise BeforeItsStep(field=field, date=on, before=last)


def hold_in_time(row: Application, on: date) -> None:
    """Refuse a step on an application that had expired by that day. Raises ApplicationExpired."""
    if on > row.expires_date:
        raise ApplicationExpired(code=row.code, date=row.expires_date)


def hold_step(row: Application, on: date, field: str, *before: date) -> None:
    """Refuse a step of an application on a wrong day, or when it had expired. Raises FutureDate,
    BeforeItsStep, ApplicationExpired.
    """
    hold_to_day(on, field, *before)
    hold_in_time(row, on)


def standing(votes: Iterable[Vote], appraisals: Iterable[Appraisal]) -> list[Vote]:
    """The votes cast on the last of these appraisals: what was voted on an earlier one is void. One
    kept before votes named their appraisal stands when it is the younger of the two.
    """
    last = max(appraisals, key=lambda row: (row.recorded_at, row.pk), default=None)
    if last is None:
        return []
    return [
        vote
        for vote in votes
        if vote.appraisal_id == last.pk
        or (vote.appraisal_id is None and vote.recorded_at >= last.recorded_at)
    ]
