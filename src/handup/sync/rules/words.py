"""The words of the inbox: what becomes of an upload, what is told about it, what makes it wrong
(groups_meeting.md 5 and 7)."""

from dataclasses import dataclass
from enum import StrEnum

MEETING = "MEETING"
"""The stream of a group's meetings, with one writer."""


class Outcome(StrEnum):
    """What became of the facts of one meeting in one packet."""

    STORED = "STORED"
    ALREADY_STORED = "ALREADY_STORED"
    HELD = "HELD"
    SET_ASIDE = "SET_ASIDE"
    REFUSED = "REFUSED"


class Flag(StrEnum):
    """What is told about an upload, in the order in which it is told."""

    SAME_GROUP_AND_DATE = "SAME_GROUP_AND_DATE"
    SAME_ID_OTHER_CONTENT = "SAME_ID_OTHER_CONTENT"
    BAD_SIGNATURE = "BAD_SIGNATURE"
    UNREADABLE = "UNREADABLE"
    PRACTICE_NOT_ACCEPTED = "PRACTICE_NOT_ACCEPTED"
    HANDED_OVER = "HANDED_OVER"
    INVALID_ROW = "INVALID_ROW"
    UNKNOWN_DEVICE = "UNKNOWN_DEVICE"
    DEVICE_REVOKED = "DEVICE_REVOKED"
    NOT_THE_RECORDER = "NOT_THE_RECORDER"
    CHAIN_FORK = "CHAIN_FORK"
    CHAIN_GAP = "CHAIN_GAP"
    TOTAL_CORRECTED = "TOTAL_CORRECTED"
    LATE = "LATE"
    SHOWN_DIFFERS = "SHOWN_DIFFERS"
    RULE_BREACH = "RULE_BREACH"
    OPENED_WITHOUT_KEYS = "OPENED_WITHOUT_KEYS"
    KEY_REVOKED_LATER = "KEY_REVOKED_LATER"
    CLOCK_DOUBTFUL = "CLOCK_DOUBTFUL"
    SERVER_FAULT = "SERVER_FAULT"


ORDER = {flag: place for place, flag in enumerate(Flag)}


def in_order(flags: "set[Flag] | frozenset[Flag]") -> tuple[Flag, ...]:
    """Flags once each, in the order in which they are told."""
    return tuple(sorted(flags, key=ORDER.__getitem__))


class RowFault(StrEnum):
    """Why a row cannot be posted."""

    BAD_ID = "BAD_ID"
    BAD_CONTENT = "BAD_CONTENT"
    UNKNOWN_FACT = "UNKNOWN_FACT"
    UNKNOWN_MEMBER = "UNKNOWN_MEMBER"
    UNKNOWN_CONSTITUTION = "UNKNOWN_CONSTITUTION"
    WRONG_CURRENCY = "WRONG_CURRENCY"
    PARTS_DO_NOT_SUM = "PARTS_DO_NOT_SUM"
    DOES_NOT_BALANCE = "DOES_NOT_BALANCE"
    MEETING_OPEN = "MEETING_OPEN"
    ALREADY_REVERSED = "ALREADY_REVERSED"
    TALLIES_DISAGREE = "TALLIES_DISAGREE"


def shown(value: object) -> str:
    """What stood there, short, in signs that every database keeps."""
    text = str(value)[:60].replace("\x00", "\ufffd")
    return text.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Bad:
    """One thing wrong with one fact: which fact, where in it, and what stood there."""

    code: str
    fact: str
    field: str = ""
    value: str = ""
