"""An application that nobody brings to a signature does not stay open for ever (lending.md 5)."""

from datetime import date

from handup.lending.rules.codes import ApplicationState

EXPIRES_AFTER_DAYS = 90
"""What a product says that says nothing else."""

OPEN = frozenset(
    {ApplicationState.SUBMITTED, ApplicationState.APPRAISED, ApplicationState.APPROVED}
)
"""Applications that wait for a step. One sent back waits for the borrower, and is asked anew."""

OPEN_STATES = sorted(state.value for state in OPEN)
"""The same, spelt as they are stored."""


def state_on(stored: str, expires_date: date, on: date) -> ApplicationState:
    """Where an application stands on a day: expired when it was open for longer than it may."""
    state = ApplicationState(stored)
    return ApplicationState.EXPIRED if state in OPEN and on > expires_date else state
