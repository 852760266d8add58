"""Elections that a group's phone called or counted: what its facts leave in the house once their
meeting is closed, and how the book of its facts finds an election (groups_cooperatives.md K5).

The phone wrote down what two counters found, each alone, so the result stands. Where the office
counted or cancelled the election meanwhile, that stands and the phone's count is only told.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from handup.groups.models import BallotCount, Candidate, Election, Group, GroupFact
from handup.groups.models.elections import ElectionState
from handup.groups.rules.elections import ElectionNow, decide
from handup.groups.services.elections import ROUND_STATES, in_round, seats_open
from handup.groups.services.seats import give_places, take_seats
from handup.groups.standing import votes_of_members, votes_on
from handup.kernel.chain import Json
from handup.kernel.ids import new_id


def election_now(group: Group, numbers: Mapping[UUID, int]) -> Callable[[str], ElectionNow | None]:
    """How the facts of a group's phone find an election by its id. numbers: of each member, by her
    id."""

    def found(id: str) -> ElectionNow | None:
        row = Election._base_manager.filter(group=group, pk=id).first()
        return None if row is None else now_of(row, numbers)

    return found


def now_of(row: Election, numbers: Mapping[UUID, int]) -> ElectionNow:
    """An election as the book of its facts has it."""
    rows = list(row.candidates.order_by("member__member_no").values_list("member", flat=True))
    elected = row.candidates.exclude(rank=None).order_by("rank").values_list("member", flat=True)
    is_going = row.state in (*ROUND_STATES, ElectionState.LOT)
    standing = [numbers[one.member_id] for one in in_round(row)] if is_going else []
    return ElectionNow(
        seats=tuple(row.seats),
        candidates=tuple(numbers[pk] for pk in rows),
        standing=tuple(standing),
        seats_open=seats_open(row) if is_going else 0,
        state=row.state,
        elected=tuple(numbers[pk] for pk in elected),
    )


def votes_by_number(
    group: Group, numbers: Mapping[UUID, int]
) -> Callable[[date], Mapping[int, int]]:
    """How many votes each member of a group has on a day, by her number; read once a day."""
    read: dict[date, Mapping[int, int]] = {}

    def votes(on: date) -> Mapping[int, int]:
        if on not in read:
            counted = votes_of_members(group, on)
            read[on] = {number: counted.get(pk, 0) for pk, number in numbers.items()}
        return read[on]

    return votes


def ballots_in_house(
    name: str, body: Mapping[str, Any], ids: Mapping[int, UUID]
) -> dict[str, Json]:
    """What a fact of an election says of members, by their ids; empty for any other fact."""
    if name == "call_election":
        return {"candidates": [str(ids[no]) for no in sorted(body["candidates"])]}
    if name == "record_lot":
        return {"drawn": [str(ids[no]) for no in body["drawn"]]}
    if name not in {"record_tally", "record_ballot"} or "votes" not in body:
        return {}
    votes: list[Json] = [
        {"member": str(ids[line["member_no"]]), "votes": line["votes"]} for line in body["votes"]
    ]
    told: dict[str, Json] = {"votes": votes}
    if name == "record_ballot":
        told["counters"] = [str(ids[no]) for no in body["counters"]]
    return told


def hold_elections(group: Group, facts: Iterable[GroupFact]) -> None:
    """Write what these facts of a closed meeting say of elections, in their order."""
    for fact in facts:
        held = HELD.get(fact.name)
        if held is not None:
            held(group, fact)


def _called(group: Group, fact: GroupFact) -> None:
    row = Election.objects.create(
        id=UUID(fact.body["election"]),
        group=group,
        seats=list(fact.body["seats"]),
        called_date=fact.happened_date,
        fact=fact,
    )
    Candidate.objects.bulk_create(
        Candidate(election=row, member_id=UUID(member)) for member in fact.body["candidates"]
    )


def _counted(group: Group, fact: GroupFact) -> None:
    body, on = fact.body, fact.happened_date
    row = Election._base_manager.get(pk=body["election"])
    is_now = ROUND_STATES.get(row.state) == body["round"]
    standing = in_round(row) if is_now else []
    votes = {UUID(line["member"]): line["votes"] for line in body["votes"]}
    if not is_now or {one.member_id for one in standing} != set(votes):
        return
    seats = seats_open(row)
    BallotCount.objects.create(
        id=new_id(),
        election=row,
        round=body["round"],
        counted_date=on,
        registered=max(votes_on(group, on), body["ballots"]),
        ballots=body["ballots"],
        spoiled=body["spoiled"],
        first_counter_id=UUID(body["counters"][0]),
        second_counter_id=UUID(body["counters"][1]),
        fact=fact,
    )
    column = "votes_first" if body["round"] == 1 else "votes_second"
    for one in standing:
        setattr(one, column, votes[one.member_id])
    Candidate.objects.bulk_update(standing, (column,))
    told = {str(one.pk): votes[one.member_id] for one in standing}
    outcome = decide(told, seats, again=body["round"] == 2)
    give_places(row, [UUID(pk) for pk in outcome.elected])
    if not outcome.seats_open:
        take_seats(group, row, on)
        return
    was_open = row.state == ElectionState.OPEN
    row.state = ElectionState.SECOND_ROUND if was_open else ElectionState.LOT
    row.save(update_fields=("state",))


def _drawn(group: Group, fact: GroupFact) -> None:
    row = Election._base_manager.get(pk=fact.body["election"])
    if row.state != ElectionState.LOT:
        return
    tied = {one.member_id: one.pk for one in in_round(row)}
    drawn = [UUID(member) for member in fact.body["drawn"]]
    if len(drawn) == seats_open(row) and set(drawn) <= set(tied):
        give_places(row, [tied[member] for member in drawn], by_lot=True)
        take_seats(group, row, fact.happened_date)


HELD: Mapping[str, Callable[[Group, GroupFact], None]] = {
    "call_election": _called,
    "record_ballot": _counted,
    "record_lot": _drawn,
}
