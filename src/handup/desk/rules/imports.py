"""The words of the import centre, and what becomes of rows told to be one person. Pure.

Source: people.md 5 (the states of a batch; taken over by another person), PE8.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum


class BatchState(StrEnum):
    """Where a batch of imported records stands.

    RECEIVED: it has faults. VALIDATED: none, but nobody in it can be compared with anybody.
    CHECKED: nobody in it waits for a decision. ADJUDICATING: somebody may be registered twice.
    """

    RECEIVED = "RECEIVED"
    VALIDATED = "VALIDATED"
    CHECKED = "CHECKED"
    ADJUDICATING = "ADJUDICATING"
    TAKEN_OVER = "TAKEN_OVER"
    REJECTED = "REJECTED"


READY = frozenset((BatchState.VALIDATED, BatchState.CHECKED))
ENDED = frozenset((BatchState.TAKEN_OVER, BatchState.REJECTED))


class RejectReason(StrEnum):
    """Why a batch is not taken over."""

    FAULTS = "FAULTS"
    WRONG_FILE = "WRONG_FILE"
    KNOWN_ALREADY = "KNOWN_ALREADY"
    NO_CONSENT = "NO_CONSENT"
    OTHER = "OTHER"


class Verdict(StrEnum):
    """What happens to one row."""

    NEW = "NEW"
    JOINED = "JOINED"
    UNCHANGED = "UNCHANGED"
    DIFFERENT = "DIFFERENT"
    REFUSED = "REFUSED"


def joined(rows: Iterable[tuple[str, str, str]]) -> Mapping[str, tuple[str, str]]:
    """Where each row goes that was told to be somebody else: (row, another row, record) in; by row,
    (first row, record) out, one of them empty.

    Rows that are one person through each other go the same way: to the record where there is one,
    the smallest id of several, else to the row that comes first in order.
    """
    parent: dict[str, str] = {}
    record: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            key = parent[key]
        return key

    for row, other, held in rows:
        one, two = root(row), root(other or row)
        first, second = sorted((one, two))
        parent[second] = first
        known = [found for found in (record.get(one), record.get(two), held) if found]
        if known:
            record[first] = min(known)
    ways = {key: (root(key), record.get(root(key), "")) for key in parent}
    return {
        key: ("" if held else first, held)
        for key, (first, held) in ways.items()
        if held or first != key
    }
