"""Referring a person to somebody else: the states, and how long one waits for an answer (people.md
section 5). Pure.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from handup.org.rules.access import Role

NO_ANSWER_DAYS = 14
"""Days to wait for an answer; a setting."""
PRIORITY_SETTERS = frozenset(
    {Role.TARGETING_OFFICER, Role.FIELD_OFFICER, Role.OUTREACH, Role.FOCAL_POINT, Role.MANAGER}
)
"""Who may say that a person comes first: at least three kinds, so that it reveals none of them."""


class ReferralState(StrEnum):
    """Where a referral stands."""

    DRAFT = "DRAFT"
    SENT = "SENT"
    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    DONE = "DONE"
    REJECTED = "REJECTED"
    REVOKED = "REVOKED"
    NO_ANSWER = "NO_ANSWER"


S = ReferralState
MOVES: Mapping[ReferralState, frozenset[ReferralState]] = {
    S.DRAFT: frozenset({S.SENT, S.REVOKED}),
    S.SENT: frozenset({S.RECEIVED, S.ACCEPTED, S.REJECTED, S.REVOKED, S.NO_ANSWER}),
    S.RECEIVED: frozenset({S.ACCEPTED, S.REJECTED, S.REVOKED, S.NO_ANSWER}),
    S.NO_ANSWER: frozenset({S.RECEIVED, S.ACCEPTED, S.REJECTED, S.REVOKED}),
    S.ACCEPTED: frozenset({S.DONE, S.REVOKED}),
    S.DONE: frozenset(),
    S.REJECTED: frozenset(),
    S.REVOKED: frozenset(),
}
WITH_REASON = frozenset({S.REJECTED, S.REVOKED})
WAITING = frozenset({S.SENT, S.RECEIVED})
OPEN = frozenset({S.DRAFT, *WAITING, S.NO_ANSWER})


def answer_due(sent: date, days: int = NO_ANSWER_DAYS) -> date:
    """By when an answer is expected."""
    return sent + timedelta(days=days)
