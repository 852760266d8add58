"""Where a set of answers stands among those of its case: the only one, a second, an edit.

An edit names the id of what it changes; they form a chain whose newest counts. Whatever the order
of arrival, the chain is the same. Nothing here asks the database: who calls has locked the case,
and saves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from handup.surveys.models import Flag, Submission
from handup.surveys.rules.codes import FlagRule, SubmissionState

WAITS = "WAITS_FOR_EARLIER"
OTHER_CASE = "EDIT_OF_OTHER_CASE"
OF_SET_ASIDE = "EDIT_OF_SET_ASIDE"
AFTER_REFUSAL = "AFTER_REFUSAL"
PLACE = ("supersedes", "root_id", "faults", "fault_count", "state")
COUNTS = frozenset({SubmissionState.RECEIVED, SubmissionState.HELD, SubmissionState.ACCEPTED})
FAULTS_COUNTED = 32_767


@dataclass(slots=True)
class Placed:
    """What became of an arrival: a conflict changes nothing else; `newest` is what counts of its
    chain; `second`: another set of the case counts already; `changed` are stored rows to save.
    """

    newest: Submission
    conflict: bool = False
    second: bool = False
    changed: list[Submission] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)


def arrange(row: Submission, others: Sequence[Submission], *, elsewhere: bool) -> Placed:
    """Place an arrival among the stored rows of its case and set the states of its chain.

    `elsewhere`: what it changes belongs to another case, which it must not touch.
    """
    placed = Placed(row)
    live = [one for one in others if one.state != SubmissionState.CONFLICT]
    doubted = False
    if row.deprecated_id:
        earlier = next((one for one in live if one.instance_id == row.deprecated_id), None)
        if earlier is None:
            if any(one.instance_id == row.deprecated_id for one in others):
                return _conflict(row, live, placed)
            doubt(row, OTHER_CASE if elsewhere else WAITS, row.deprecated_id)
        elif any(one.supersedes_id == earlier.pk for one in live):
            return _conflict(row, live, placed)
        else:
            doubted = earlier.state == SubmissionState.SET_ASIDE and bool(earlier.decided_by_id)
            _join(earlier, row, live)
    _join_later(row, live, placed)
    _settle(row, live, placed, doubted=doubted)
    return placed


def doubt(row: Submission, kind: str, value: str) -> None:
    """Add a fault that concerns the answers as a whole, once."""
    if not _has(row, kind):
        row.faults = [*row.faults, {"path": "", "kind": kind, "value": value, "expected": ""}]
    row.fault_count = min(len(row.faults), FAULTS_COUNTED)


def _has(row: Submission, kind: str) -> bool:
    return any(one["kind"] == kind for one in row.faults)


def _clear(row: Submission) -> None:
    row.faults = [one for one in row.faults if one["kind"] != WAITS]
    row.fault_count = min(len(row.faults), FAULTS_COUNTED)


def _after(row: Submission, rows: Sequence[Submission]) -> Iterator[Submission]:
    """A row and the edits that follow it."""
    here: Submission | None = row
    while here is not None:
        yield here
        pk = here.pk
        here = next((one for one in rows if one.supersedes_id == pk), None)


def _top(row: Submission, rows: Sequence[Submission]) -> Submission:
    by_pk = {one.pk: one for one in rows}
    while row.supersedes_id in by_pk:
        row = by_pk[row.supersedes_id]
    return row


def _join(earlier: Submission, later: Submission, rows: Sequence[Submission]) -> None:
    later.supersedes = earlier
    for one in _after(later, rows):
        one.root_id = earlier.root_id


def _join_later(row: Submission, live: Sequence[Submission], placed: Placed) -> None:
    """Edits that arrived before what they change: the first goes on, others are conflicts."""
    waiting = _waiting_for(row, live)
    for one in waiting[1:]:
        placed.changed += _set_against(one, live)
    if waiting:
        _join(row, waiting[0], live)


def _waiting_for(row: Submission, live: Sequence[Submission]) -> list[Submission]:
    """Edits of a row that are joined to nothing, an accepted one first, then as they arrived."""
    return sorted(
        (
            one
            for one in live
            if one.deprecated_id == row.instance_id
            and one.supersedes_id is None
            and one.instance_id != row.root_id
        ),
        key=lambda one: (one.state != SubmissionState.ACCEPTED, one.received_at, str(one.pk)),
    )


def _set_against(row: Submission, live: Sequence[Submission]) -> list[Submission]:
    """Make a chain a conflict, unless something in it is accepted."""
    chain = list(_after(row, live))
    if any(one.state == SubmissionState.ACCEPTED for one in chain):
        return []
    for one in chain:
        one.state = SubmissionState.CONFLICT
    return chain


def _conflict(row: Submission, live: Sequence[Submission], placed: Placed) -> Placed:
    """The arrival is a conflict, and so are edits of it that came before."""
    placed.conflict = True
    for one in _waiting_for(row, live):
        placed.changed += _set_against(one, live)
    return placed


def _settle(row: Submission, live: Sequence[Submission], placed: Placed, *, doubted: bool) -> None:
    rows = [*live, row]
    chain = list(_after(_top(row, rows), rows))
    newest = placed.newest = chain[-1]
    waits = _has(chain[0], WAITS)
    for one in chain[1:]:
        _clear(one)
    before = chain[:-1]
    for one in before:
        if one.state != SubmissionState.ACCEPTED:
            one.state = SubmissionState.SET_ASIDE
    above = chain[: chain.index(row)]
    accepted = any(one.state == SubmissionState.ACCEPTED for one in before)
    if any(one.state == SubmissionState.ACCEPTED for one in above):
        placed.flags.append(Flag(submission=newest, rule=FlagRule.EDIT_AFTER_ACCEPTED))
    if newest.consented and (doubted or any(not one.consented for one in before)):
        doubt(newest, OF_SET_ASIDE, before[-1].instance_id)
    if waits and newest is not chain[0]:
        doubt(newest, WAITS, chain[0].deprecated_id)
    open_yet = newest is row or newest.state in {SubmissionState.RECEIVED, SubmissionState.HELD}
    if open_yet and newest.consented:
        held = bool(newest.faults) or accepted
        newest.state = SubmissionState.HELD if held else SubmissionState.RECEIVED
    if open_yet and not waits:
        placed.second = _is_second(chain, live)
        if placed.second and newest is not row:
            newest.state = SubmissionState.SET_ASIDE
            placed.flags.append(Flag(submission=newest, rule=FlagRule.SECOND_IN_ROUND))
    placed.changed += [one for one in chain if one is not row]


def _is_second(chain: Sequence[Submission], live: Sequence[Submission]) -> bool:
    """Whether a set of the case counts that is no state of this one; what waits does not yet."""
    own = {one.pk for one in chain}
    return any(
        one.state in COUNTS and one.pk not in own and not _has(_top(one, live), WAITS)
        for one in live
    )
