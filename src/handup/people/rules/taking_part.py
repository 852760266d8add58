"""The states of a person's taking part and the moves between them (people.md section 5). Pure."""

from handup.people.rules.codes import ParticipationState as S

UNDECIDED = frozenset({S.APPLIED, S.NEEDS_INFORMATION})
SERVED = frozenset({S.ACTIVE, S.PAUSED})
ENDED = frozenset({S.GRADUATED, S.EXITED, S.MERGED})

MOVES: dict[S, frozenset[S]] = {
    S.APPLIED: frozenset({S.NEEDS_INFORMATION, S.ELIGIBLE, S.NOT_ELIGIBLE, S.EXITED}),
    S.NEEDS_INFORMATION: frozenset({S.NEEDS_INFORMATION, S.ELIGIBLE, S.NOT_ELIGIBLE, S.EXITED}),
    S.ELIGIBLE: frozenset({S.WAITING, S.ACTIVE, S.EXITED}),
    S.NOT_ELIGIBLE: frozenset({S.APPLIED}),
    S.WAITING: frozenset({S.ACTIVE, S.EXITED}),
    S.ACTIVE: frozenset({S.PAUSED, S.GRADUATED, S.EXITED}),
    S.PAUSED: frozenset({S.ACTIVE, S.GRADUATED, S.EXITED}),
    S.GRADUATED: frozenset(),
    S.EXITED: frozenset({S.APPLIED}),
    S.MERGED: frozenset(),
}


def may_move(before: S, after: S) -> bool:
    """Tell whether a participation in one state may go to the other."""
    return after in MOVES[before]
