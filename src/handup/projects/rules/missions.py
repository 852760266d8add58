"""The states of an action a mission asked for."""

from enum import StrEnum


class MissionActionState(StrEnum):
    """Open until it is done, or dropped with the reason why."""

    OPEN = "OPEN"
    DONE = "DONE"
    DROPPED = "DROPPED"
