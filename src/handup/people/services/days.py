"""What is refused of the day of a step: one still to come, one before the step before it."""

from handup.kernel.errors import Refusal


class StepBefore(Refusal):
    """{date} lies before the last step, of {last}."""


class DayToCome(Refusal):
    """{date} is still to come."""
