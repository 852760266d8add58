"""What holds the steps from asking to signing together: no step on a day to come or before the step
it follows, votes that stand only for the appraisal they were cast on.
"""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from handup.lending.errors import ApplicationExpired, BeforeItsStep, FutureDate
from handup.lending.models import Application, Appraisal, Vote
from handup.lending.rules.codes import Source
from handup.lending.services.days import EVIDENCED, earliest_day


def hold_to_day(on: date, field: str, *before: date) -> None:
    """Refuse a day to come, and one before the steps this one follows. Raises FutureDate,
    BeforeItsStep.
    """
    if on > timezone.localdate():
        raise FutureDate(field=field, date=on)
    last = max(before, default=on)
    if on < last:
        raise BeforeItsStep(field=field, date=on, before=last)


def hold_in_time(steps: Iterable[tuple[Application, date]], source: Source = Source.WEB) -> None:
    """Refuse steps on applications that had expired by their day, and those recorded since then of
    a day too long ago for one person. Raises ApplicationExpired.
    """
    today = timezone.localdate()
    expired: list[tuple[Application, date]] = []
    for row, on in steps:
        if on > row.expires_date:
            raise ApplicationExpired(code=row.code, date=row.expires_date)
        if row.expires_date < today and source not in EVIDENCED:
            expired.append((row, on))
    earliest = earliest_day(today, [on for _row, on in expired])
    for row, on in expired:
        if on < earliest:
            raise ApplicationExpired(code=row.code, date=row.expires_date)


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
