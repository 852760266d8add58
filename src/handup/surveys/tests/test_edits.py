"""Edits, second sets and conflicts of one case: the same in every order of arrival."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from handup.surveys.models import Flag, Submission
from handup.surveys.rules.codes import FlagRule, SubmissionState
from handup.surveys.services.edits import OF_SET_ASIDE, OTHER_CASE, WAITS, arrange

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
CONFLICT, RECEIVED, HELD = (
    SubmissionState.CONFLICT, SubmissionState.RECEIVED, SubmissionState.HELD,
)  # fmt: skip
ASIDE, ACCEPTED = SubmissionState.SET_ASIDE, SubmissionState.ACCEPTED


def row(name: str, edits: str = "", *, consented: bool = True) -> Submission:
    """A set of answers that arrives."""
    made = Submission(
        instance_id=name, root_id=name, deprecated_id=edits, consented=consented,
        state=RECEIVED if consented else ASIDE,
    )  # fmt: skip
    made.faults = []
    return made


def arrived(
    rows: Sequence[Submission], *, elsewhere: bool = False
) -> tuple[dict[str, Submission], list[Flag]]:
    """Let rows arrive one after the other, as the service stores them."""
    stored: list[Submission] = []
    flags: list[Flag] = []
    for minute, one in enumerate(rows):
        one.received_at = NOON + timedelta(minutes=minute)
        placed = arrange(one, stored, elsewhere=elsewhere)
        if placed.conflict:
            one.state = CONFLICT
        elif placed.second and placed.newest is one:
            one.state = ASIDE
        flags += placed.flags
        stored.append(one)
        assert [each.pk for each in placed.changed if each.pk == one.pk] == []
    return {one.instance_id: one for one in rows}, flags


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_chain_of_two_edits_is_the_same_in_every_order(order: tuple[int, ...]) -> None:
    rows = [row("a"), row("b", "a"), row("c", "b")]
    found, flags = arrived([rows[place] for place in order])
    assert [found[name].state for name in "abc"] == [ASIDE, ASIDE, RECEIVED]
    assert [found[name].root_id for name in "abc"] == ["a", "a", "a"]
    assert (found["b"].supersedes, found["c"].supersedes) == (found["a"], found["b"])
    assert [one.faults for one in rows] == [[], [], []]
    assert flags == []


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_one_set_of_a_case_counts_and_others_are_second(order: tuple[int, ...]) -> None:
    rows = [row("a"), row("b", "a"), row("c", "b"), row("x")]
    found, _flags = arrived([rows[place] for place in order])
    assert sorted(found[name].state for name in "cx") == [RECEIVED, ASIDE]
    assert [found[name].state for name in "ab"] == [ASIDE, ASIDE]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_of_two_edits_of_one_state_one_counts_and_one_is_a_conflict(order: tuple[int, ...]) -> None:
    rows = [row("a"), row("b", "a"), row("c", "a"), row("d", "c")]
    found, _flags = arrived([rows[place] for place in order])
    states = [found[name].state for name in "abcd"]
    assert states in ([ASIDE, RECEIVED, CONFLICT, CONFLICT], [ASIDE, CONFLICT, ASIDE, RECEIVED])
    live = [one for one in rows if one.state != CONFLICT]
    assert {one.root_id for one in live} == {"a"}


def test_an_edit_waits_and_one_of_another_case_touches_nothing() -> None:
    found, _flags = arrived([row("b", "a"), row("c", "b")])
    assert (found["b"].state, found["c"].state) == (ASIDE, HELD)
    assert [one["kind"] for one in found["c"].faults] == [WAITS]
    stranger = row("s", "elsewhere")
    found, _flags = arrived([row("own"), stranger], elsewhere=True)
    assert (found["own"].state, stranger.state) == (RECEIVED, ASIDE)  # a second set of its case
    assert (stranger.supersedes, stranger.root_id) == (None, "s")
    found, _flags = arrived([row("s", "elsewhere")], elsewhere=True)
    assert (found["s"].state, found["s"].faults[0]["kind"]) == (HELD, OTHER_CASE)
    ring, _flags = arrived([row("p", "r"), row("q", "p"), row("r", "q")])
    assert {one.root_id for one in ring.values()} == {"p"}


def test_what_was_decided_is_not_undone_by_an_edit() -> None:
    first, edit = row("a"), row("b", "a")
    first.state = ACCEPTED
    first.received_at = NOON
    placed = arrange(edit, [first], elsewhere=False)
    assert (first.state, edit.state) == (ACCEPTED, HELD)
    assert [one.rule for one in placed.flags] == [FlagRule.EDIT_AFTER_ACCEPTED]
    for refusal in (row("a", consented=False), row("a")):
        refusal.state, refusal.decided_by_id = ASIDE, UUID(int=1)
        again = row("b", "a")
        arrange(again, [refusal], elsewhere=False)
        assert (again.state, again.faults[0]["kind"]) == (HELD, OF_SET_ASIDE)
    no, _flags = arrived([row("a"), row("b", "a", consented=False)])
    assert (no["a"].state, no["b"].state) == (ASIDE, ASIDE)
