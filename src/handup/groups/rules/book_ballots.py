"""Ballots in the facts of a phone: an election called, counted by two counters, each alone, decided
by most votes, a second round or the lot; and a vote that two counted in secret
(groups_cooperatives.md K5, K10)."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from handup.groups.rules.book import SHOWN_DIFFERS, VOTING, Step
from handup.groups.rules.book_offices import may_stand, require_one_office, take_seats
from handup.groups.rules.elections import (
    DECIDED,
    LOT,
    OPEN,
    SECOND_ROUND,
    ElectionNow,
    Outcome,
    Tallies,
    Tally,
    decide,
    require_sound,
)
from handup.groups.rules.votes import Count
from handup.kernel.errors import Refusal

ROUNDS: Mapping[str, int] = MappingProxyType({OPEN: 1, SECOND_ROUND: 2})
"""Which round is counted in which state."""


def votes_there(step: Step) -> int:
    """The votes of the members who are here in person."""
    votes, marks = step.book.votes(step.sitting.held), step.sitting.marks
    return sum(votes.get(no, 1) for no, mark in marks.items() if mark in VOTING)


def votes_in_all(step: Step) -> int:
    """The votes of all members whom a phone is asked to mark."""
    on = step.sitting.held
    votes = step.book.votes(on)
    return sum(
        votes.get(no, 1)
        for no, place in step.book.members.items()
        if place.holds(on) and not place.hidden
    )


def _known_members(step: Step, numbers: Sequence[int], name: str) -> None:
    for number in numbers:
        if number not in step.book.members:
            step.stop("UNKNOWN_MEMBER", f"body.{name}", number)


def _call(step: Step) -> None:
    body, book = step.body, step.book
    if book.election(body["election_id"]) is not None:
        step.stop("BAD_ID", "body.election_id", body["election_id"])
    seats, standing = body["seats"], sorted(body["candidates"])
    if len(set(seats)) < len(seats):
        step.stop("BAD_CONTENT", "body.seats")
    _known_members(step, standing, "candidates")
    if len(standing) < 2 or len(set(standing)) < len(standing):
        step.stop("BAD_CONTENT", "body.candidates")
    places = (book.members[no] for no in standing)
    step.breach(all(place.holds(step.fact.happened_date) for place in places), "NOT_A_MEMBER")
    for number in standing:
        may_stand(step, seats, number)
    now = ElectionNow(tuple(seats), tuple(standing), tuple(standing), len(seats))
    book.elections[body["election_id"]] = now
    step.sitting.moved = True  # others name it: a meeting with it is not called off


def _counting(step: Step) -> ElectionNow | None:
    """The election a sheet is of, when these are counted in this round now; where the office has
    ended it or counted it meanwhile that is told, and nothing follows. Raises Stop."""
    body, election = step.body, _named(step)
    names = {line["member_no"] for line in body["votes"]}
    is_now = ROUNDS.get(election.state) == body["round"] and names == set(election.standing)
    step.breach(is_now, "ELECTION_OVER")
    return election if is_now else None


def _named(step: Step) -> ElectionNow:
    id = step.body["election_id"]
    election = step.book.election(id)
    if election is None:
        step.stop("BAD_CONTENT", "body.election_id", id)
    return election


def _tally_of(step: Step, election: ElectionNow) -> Tally:
    """What a sheet says, when it can be true. Raises Stop."""
    lines = step.body["votes"]
    votes = {str(line["member_no"]): line["votes"] for line in lines}
    if len(votes) < len(lines):
        step.stop("BAD_CONTENT", "body.votes")
    tally = Tally(step.body["ballots"], step.body["spoiled"], votes)
    try:
        require_sound(tally, standing=[*votes], seats=election.seats_open, there=tally.ballots)
    except Refusal:
        step.stop("PARTS_DO_NOT_SUM", "body.votes")
    return tally


def _tally(step: Step) -> None:
    """The sheet of one counter, of an election or of a vote in secret."""
    body = step.body
    _known_members(step, [body["counter"]], "counter")
    if ("election_id" in body) == ("resolution_id" in body):
        step.stop("BAD_CONTENT", "body.election_id")
    step.breach(body["ballots"] <= votes_there(step), "MORE_VOTES_THAN_PRESENT")
    if "resolution_id" in body:
        _keep(step, body["resolution_id"], _secret(step))
        return
    if not {"round", "votes"} <= body.keys():
        step.stop("BAD_CONTENT", "body.votes")
    election = _counting(step)
    if election is not None:
        step.breach(body["counter"] not in election.candidates, "COUNTER_STANDS")
        _keep(step, body["election_id"], _tally_of(step, election))


def _secret(step: Step) -> Tally:
    """What a counter found of a vote: yes, no, the rest blank. Raises Stop."""
    body = step.body
    if not {"yes", "no"} <= body.keys():
        step.stop("BAD_CONTENT", "body.yes")
    if body["yes"] + body["no"] + body["spoiled"] > body["ballots"]:
        step.stop("PARTS_DO_NOT_SUM", "body.yes", body["yes"])
    return Tally(body["ballots"], body["spoiled"], {"yes": body["yes"], "no": body["no"]})


def _keep(step: Step, id: str, tally: Tally) -> None:
    tallies = step.sitting.tallies.setdefault(id, Tallies())
    tallies.add(step.body["attempt"], step.body["counter"], tally)


def _agreed(step: Step, id: str, tally: Tally) -> None:
    """Two counters found this, each alone, at the attempt that stands. Raises Stop."""
    first, second = step.body["counters"]
    found = step.sitting.tallies.get(id, Tallies()).found
    if first == second or not found.get(first) == found.get(second) == tally:
        step.stop("TALLIES_DISAGREE", "body.counters")


def _ballot(step: Step) -> None:
    """The round that two counted alike."""
    body = step.body
    election = _counting(step)
    if election is None:
        return
    tally = _tally_of(step, election)
    _agreed(step, body["election_id"], tally)
    needed = step.settings["quorum_bps"] * votes_in_all(step)
    step.breach(tally.ballots > 0 and tally.ballots * 10_000 >= needed, "NO_QUORUM")
    votes = {str(no): tally.votes[str(no)] for no in election.standing}
    again = election.state == SECOND_ROUND
    _go_on(step, election.after(decide(votes, election.seats_open, again=again)))


def _lot(step: Step) -> None:
    """Whom the lot gave what is still open; where the office did so meanwhile that is told."""
    election, drawn = _named(step), step.body["drawn"]
    is_right = len(drawn) == len(set(drawn)) == election.seats_open
    is_now = election.state == LOT and is_right and set(drawn) <= set(election.standing)
    step.breach(is_now, "ELECTION_OVER")
    if is_now:
        _go_on(step, election.after(Outcome(tuple(map(str, drawn)))))


def _go_on(step: Step, election: ElectionNow) -> None:
    id, book = step.body["election_id"], step.book
    book.elections[id] = election
    step.sitting.moved = True
    step.sitting.tallies.pop(id, None)
    if election.state != DECIDED or not election.elected:
        return
    taken = dict(zip(election.seats, election.elected, strict=False))
    require_one_office(step, election.seats, taken)
    take_seats(book, election.seats, taken)


def _vote(step: Step) -> None:
    """A vote, whose majority counts for whatever names it; in an upper tier there are more votes
    than members."""
    body, book = step.body, step.book
    if body["resolution_id"] in book.voted:
        step.stop("BAD_ID", "body.resolution_id", body["resolution_id"])
    _agreed_vote(step)
    count = Count(body["yes"], body["no"], body["abstain"], _registered(step))
    book.voted[body["resolution_id"]] = (body["decision"], count)
    there = sum(mark in VOTING for mark in step.sitting.marks.values())
    fits = body["present"] <= there or body["present"] <= votes_there(step)
    step.breach(fits, "MORE_VOTES_THAN_PRESENT")


def _registered(step: Step) -> int:
    """How many votes there were in all: never fewer than those of the members a phone knows,
    whatever it says."""
    on, told = step.sitting.held, int(step.body["members"])
    known = sum(one.holds(on) and not one.hidden for one in step.book.members.values())
    if told >= known or told >= (there := votes_in_all(step)):
        return told
    step.flags.add(SHOWN_DIFFERS)
    return there


def _agreed_vote(step: Step) -> None:
    """A vote in secret was counted by two, each alone: both sheets say what it says. Raises
    Stop."""
    body = step.body
    if "counters" not in body:
        return
    found = step.sitting.tallies.get(body["resolution_id"], Tallies()).found
    sheet = found.get(body["counters"][0])
    said = {"yes": body["yes"], "no": body["no"]}
    if sheet is None or sheet.votes != said:
        step.stop("TALLIES_DISAGREE", "body.counters")
    _agreed(step, body["resolution_id"], sheet)


BALLOT_HANDLERS: Mapping[str, Callable[[Step], None]] = MappingProxyType(
    {
        "record_vote": _vote,
        "call_election": _call,
        "record_tally": _tally,
        "record_ballot": _ballot,
        "record_lot": _lot,
    }
)
