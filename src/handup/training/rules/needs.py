"""How people are asked what they need to learn."""

from enum import StrEnum


class AskedBy(StrEnum):
    """How it was asked."""

    INTERVIEWS = "INTERVIEWS"
    MEETING = "MEETING"
    AT_WORK = "AT_WORK"
    BUYERS = "BUYERS"
