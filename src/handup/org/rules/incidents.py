"""What happens to personal data that went wrong, and by when it is told (protection.md 5). Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

NOTIFY_HOURS = 72
"""Hours from noticing to telling; a setting (unverified: keep configurable)."""


class IncidentKind(StrEnum):
    """What went wrong."""

    LOST_DEVICE = "LOST_DEVICE"
    BREAK_GLASS = "BREAK_GLASS"
    READ_LOG = "READ_LOG"
    DISCLOSED = "DISCLOSED"
    OTHER = "OTHER"


BY_HAND = (IncidentKind.DISCLOSED, IncidentKind.OTHER)
"""What nobody but a person notices; the rest is opened by what finds it."""


class IncidentState(StrEnum):
    """Where it stands."""

    OPEN = "OPEN"
    ASSESSED = "ASSESSED"
    NOTIFIED = "NOTIFIED"
    CLOSED = "CLOSED"


class Risk(StrEnum):
    """What may follow from it for the persons it touches."""

    NONE = "NONE"
    SOME = "SOME"
    HIGH = "HIGH"


def may_become(state: IncidentState, wanted: IncidentState, risk: Risk | None) -> bool:
    """Whether an incident may go on to a state: it is told before it is closed, unless nobody is
    at risk.
    """
    match wanted:
        case IncidentState.ASSESSED:
            return state is IncidentState.OPEN
        case IncidentState.NOTIFIED:
            return state is IncidentState.ASSESSED
        case IncidentState.CLOSED:
            harmless = state is IncidentState.ASSESSED and risk is Risk.NONE
            return state is IncidentState.NOTIFIED or harmless
        case _:
            return False


def notify_by(noticed_at: datetime, hours: int) -> datetime:
    """The end of the clock."""
    return noticed_at + timedelta(hours=hours)


def clock_runs(state: IncidentState, risk: Risk | None) -> bool:
    """Whether somebody still has to be told."""
    if state is IncidentState.ASSESSED:
        return risk is not Risk.NONE
    return state is IncidentState.OPEN
