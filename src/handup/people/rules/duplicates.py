"""What becomes of two records that may be one person: the states of a match, why it was decided,
when it comes back. Pure.

Source: people.md 4.7, 5.
"""

from collections.abc import Mapping
from enum import StrEnum


class MatchState(StrEnum):
    """Where a match stands; nothing is decided without a person."""

    OPEN = "OPEN"
    SAME = "SAME"
    DIFFERENT = "DIFFERENT"
    UNSURE = "UNSURE"


class ModelState(StrEnum):
    """Where a version of the weights stands."""

    PROPOSED = "PROPOSED"
    ADOPTED = "ADOPTED"
    REFUSED = "REFUSED"
    RETIRED = "RETIRED"


class MatchSource(StrEnum):
    """What found it: a newcomer at the desk, a file, or a check of the whole register."""

    NEWCOMER = "NEWCOMER"
    BATCH = "BATCH"
    REGISTER = "REGISTER"


class MatchReason(StrEnum):
    """Why two records were told to be one person or two."""

    DOCUMENT_SEEN = "DOCUMENT_SEEN"
    PERSON_ASKED = "PERSON_ASKED"
    RECORDS_COMPARED = "RECORDS_COMPARED"
    BOTH_MET = "BOTH_MET"
    FAMILY = "FAMILY"
    DOCUMENT_MISWRITTEN = "DOCUMENT_MISWRITTEN"
    TOO_LITTLE_KNOWN = "TOO_LITTLE_KNOWN"


REASONS: Mapping[MatchState, tuple[MatchReason, ...]] = {
    MatchState.OPEN: (),
    MatchState.SAME: (
        MatchReason.DOCUMENT_SEEN,
        MatchReason.PERSON_ASKED,
        MatchReason.RECORDS_COMPARED,
    ),
    MatchState.DIFFERENT: (
        MatchReason.BOTH_MET,
        MatchReason.FAMILY,
        MatchReason.PERSON_ASKED,
        MatchReason.DOCUMENT_SEEN,
        MatchReason.DOCUMENT_MISWRITTEN,
        MatchReason.RECORDS_COMPARED,
    ),
    MatchState.UNSURE: (MatchReason.TOO_LITTLE_KNOWN, MatchReason.PERSON_ASKED),
}
WAITING = frozenset((MatchState.OPEN, MatchState.UNSURE))


def allowed(state: MatchState, reason: MatchReason) -> bool:
    """Whether a reason can stand behind a decision."""
    return reason in REASONS[state]


def comes_back(state: MatchState, *, document_before: bool, document_now: bool) -> bool:
    """Whether a pair told to be two persons is asked again: only once a document became equal."""
    return state is MatchState.DIFFERENT and document_now and not document_before
