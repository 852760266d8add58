"""Ballots of drawn meetings, for the test that holds the field app's book beside the server's: an
election called, counted by two, tied, drawn by lot, with mistakes in it."""

import random
from collections.abc import Iterator
from typing import Any

from handup.groups.rules.book import RecordedBook
from handup.groups.rules.elections import ElectionNow
from handup.kernel.ids import new_id

Fact = dict[str, Any]
SEATS = ("BOARD_1", "BOARD_2", "SECRETARY", "COUNTER_1")
"""As facts of elections are named in the pack of a phone."""


def known(seed: int) -> dict[str, ElectionNow]:
    """An election that the office called before."""
    draw = random.Random(seed)
    id = f"01890a5d-ac97-7000-8000-{seed:012d}"
    seats = tuple(draw.sample(SEATS, 2))
    return {id: ElectionNow(seats, (1, 2, 3), (1, 2, 3), 2)}


def calling(draw: random.Random) -> Fact:
    """An election called on the phone, now and then with somebody twice or unknown."""
    standing = draw.sample(range(1, 7), draw.randint(2, 4))
    odd = draw.random()
    more = [standing[0]] if odd < 0.1 else [9] if odd < 0.15 else []
    seats = draw.sample(SEATS, draw.randint(1, 2))
    return {
        "election_id": str(new_id()),
        "seats": seats * (1 + (odd > 0.95)),
        "candidates": standing + more,
    }


def _sheet(draw: random.Random, election: ElectionNow) -> Fact:
    """Ballots in a box, few enough that ties are common."""
    votes = {no: draw.randint(0, 2) for no in election.standing}
    most = max([*votes.values(), -(-sum(votes.values()) // max(1, election.seats_open))])
    spoiled = draw.randint(0, 1)
    lines = [{"member_no": no, "votes": count} for no, count in votes.items()]
    if draw.random() < 0.1:
        lines = lines[1:] or lines * 2
    ballots = max(0, most + spoiled - (draw.random() < 0.1))
    return {"ballots": ballots, "spoiled": min(spoiled, ballots), "votes": lines}


def voting(draw: random.Random, book: RecordedBook, election_id: str) -> Iterator[tuple[str, Fact]]:
    """A round of an election, counted by two, or the lot; then a vote in secret."""
    election = book.election(election_id)
    if election is None:
        return
    round = 2 if election.state == "SECOND_ROUND" else 1
    sheet, attempt = _sheet(draw, election), draw.randint(1, 2)
    told = {"election_id": election_id, "round": round if draw.random() < 0.95 else 3 - round}
    counters = draw.choice([[5, 6], [5, 6], [6, 4], [5, 5], [5, 8]])
    for place, counter in enumerate(counters):
        other = {"spoiled": 0} if place and draw.random() < 0.1 else {}
        yield "record_tally", {**told, **sheet, **other, "counter": counter, "attempt": attempt}
    seats = max(1, election.seats_open)
    yield "record_ballot", {**told, **sheet, "seats": seats, "counters": counters}
    tied = list(election.standing) or [1, 2]
    drawn = draw.sample(tied, min(len(tied), seats))
    yield "record_lot", {"election_id": election_id, "drawn": drawn}
    vote = str(new_id())
    yes, no = draw.randint(0, 2), draw.randint(0, 2)
    found = {"yes": yes, "no": no, "spoiled": 0, "ballots": yes + no - (draw.random() < 0.1)}
    for counter in counters:
        found = {**found, "ballots": max(0, found["ballots"])}
        told = {"resolution_id": vote, "counter": counter, "attempt": 1}
        yield "record_tally", {**told, **found}
    yield (
        "record_vote",
        {
            "resolution_id": vote,
            "decision": "ELECTION",
            "yes": yes,
            "no": no + (draw.random() < 0.1),
            "abstain": 0,
            "present": yes + no + 1,
            "members": 6,
            "secret": True,
            "counters": counters,
        },
    )


def shown(book: RecordedBook) -> Fact:
    """Every election and office of a book, as the field app writes them down."""
    return {
        "elections": {
            id: [one.state, list(one.elected), list(one.standing), one.seats_open]
            for id, one in sorted(book.elections.items())
        },
        "offices": dict(sorted(book.offices.items())),
    }
