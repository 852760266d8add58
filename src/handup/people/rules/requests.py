"""What a person may ask about her own data: kinds, states, the days in which she is answered
(protection.md 4.7, 4.8). Pure.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

ANSWER_DAYS = 30
"""Days to answer in; a setting (unverified: keep configurable)."""


class RequestKind(StrEnum):
    """What is asked."""

    ACCESS = "ACCESS"
    RECTIFICATION = "RECTIFICATION"
    OBJECTION = "OBJECTION"
    ERASURE = "ERASURE"
    AUTHORITY = "AUTHORITY"


class RequestState(StrEnum):
    """Where it stands; HELD to CERTIFIED are of erasures only."""

    ASKED = "ASKED"
    IDENTIFIED = "IDENTIFIED"
    HELD = "HELD"
    APPROVED = "APPROVED"
    DONE = "DONE"
    CERTIFIED = "CERTIFIED"
    ANSWERED = "ANSWERED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class IdentityCheck(StrEnum):
    """How it was made sure that she is who she says."""

    KNOWN = "KNOWN"
    DOCUMENT = "DOCUMENT"
    CARD = "CARD"
    QUESTIONS = "QUESTIONS"
    MANDATE = "MANDATE"


class HoldReason(StrEnum):
    """Why a person cannot be erased yet."""

    LOAN = "LOAN"
    SAVINGS = "SAVINGS"
    COMPLAINT = "COMPLAINT"
    COURT = "COURT"
    LAW = "LAW"


BY_HAND = (HoldReason.COURT, HoldReason.LAW)
"""Holds that no record shows: somebody says them."""

S = RequestState
ENDED = frozenset({S.CERTIFIED, S.ANSWERED, S.REFUSED, S.WITHDRAWN})
_ENDS = {S.REFUSED, S.WITHDRAWN}
_ERASURE: dict[RequestState, frozenset[RequestState]] = {
    S.ASKED: frozenset({S.IDENTIFIED, *_ENDS}),
    S.IDENTIFIED: frozenset({S.HELD, S.APPROVED, *_ENDS}),
    S.HELD: frozenset({S.HELD, S.IDENTIFIED, S.APPROVED, *_ENDS}),
    S.APPROVED: frozenset({S.HELD, S.DONE, *_ENDS}),
    S.DONE: frozenset({S.CERTIFIED}),
}
_OTHERS: dict[RequestState, frozenset[RequestState]] = {
    S.ASKED: frozenset({S.IDENTIFIED, *_ENDS}),
    S.IDENTIFIED: frozenset({S.ANSWERED, *_ENDS}),
}


def may_become(kind: RequestKind, state: RequestState, wanted: RequestState) -> bool:
    """Whether a request of a kind may go from one state to another."""
    moves = _ERASURE if kind is RequestKind.ERASURE else _OTHERS
    return wanted in moves.get(state, frozenset())


def first_state(kind: RequestKind) -> RequestState:
    """Where a request begins: what an authority asks is refused unless the law says otherwise."""
    return S.REFUSED if kind is RequestKind.AUTHORITY else S.ASKED


def due_date(received: date, days: int = ANSWER_DAYS) -> date:
    """By when it is answered."""
    return received + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Hold:
    """What keeps a person from being erased, and until when where that is known."""

    reason: HoldReason
    until: date | None = None


def last_day(holds: tuple[Hold, ...]) -> date | None:
    """The day until which holds last; None while one of them has no end yet."""
    days = [hold.until for hold in holds]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None
