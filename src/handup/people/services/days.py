"""What is refused of the day of a step: one still to come, one before the step before it."""

from datetime import date

from django.utils import timezone

from handup.kernel.errors import Refusal


class StepBefore(Refusal):
    """{date} lies before the last step, of {last}."""


class DayToCome(Refusal):
    """{date} is still to come."""


def refuse_to_come(field: str, day: date) -> None:
    """Raise DayToCome for a day after today."""
    if day > timezone.localdate():
        raise DayToCome(field=field, date=day)
