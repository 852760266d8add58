"""Elections of several for several seats: called, counted on paper by two, a tie decided by a
second round and then the lot, the elected in their seats (groups_cooperatives.md K5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from handup.groups.errors import DuesInArrears, NoSuchOffice, NotAMember, TermLimit, TwoOffices
from handup.groups.models import BallotCount, Candidate, Election, Group, Member
from handup.groups.models.elections import ElectionState
from handup.groups.queries import constitution_on
from handup.groups.rules.constitution import completed
from handup.groups.rules.elections import (
    BESIDE,
    NO_TERMS,
    Outcome,
    Tally,
    decide,
    require_agreed,
    require_sound,
    stem_of,
)
from handup.groups.rules.voted import names_of
from handup.groups.services.assembly import stream_of
from handup.groups.services.facts import FactIn, Stream
from handup.groups.services.members import terms_in_a_row
from handup.groups.services.outside import require_come
from handup.groups.services.passing import require_present
from handup.groups.services.seats import give_places, take_seats
from handup.groups.standing import may_stand, seen_votes, votes_on
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require

ELECT = "groups.elect_officer"
ROUND_STATES = {ElectionState.OPEN.value: 1, ElectionState.SECOND_ROUND.value: 2}
"""Which round is counted in which state."""
COUNTING = tuple(ROUND_STATES)
GOING = (*COUNTING, ElectionState.LOT)
MOST_SEATS, MOST_STANDING = 25, 60


class NoSeats(Refusal):
    """Choose which seats are filled, each once, {most} at most."""


class TooFewStand(Refusal):
    """Name at least two who stand, each once, {most} at most. For one alone, record her
    election."""


class SeatHeld(Refusal):
    """Seat {seat} is held until {until}; it is not up yet."""


class SeatVotedOn(Refusal):
    """Another election for seat {seat} is going on. Finish or cancel it first."""


class NotCounting(Refusal):
    """No ballots are counted in this election now: it is {state}."""


class CountedBefore(Refusal):
    """The election was called, or last counted, on {day}; this was then or later."""


class SameCounter(Refusal):
    """Two different members count, neither of them somebody who stands."""


class NoLot(Refusal):
    """The lot decides nothing in this election now."""


class WrongLot(Refusal):
    """The lot is drawn among those who are tied: {seats} of them."""


class DecidedAlready(Refusal):
    """This election is decided. What was wrong is put right by another election."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The tally sheet of one counter: who counted, ballots, spoiled, votes by candidate id."""

    counter: Member
    ballots: int
    spoiled: int
    votes: Mapping[UUID, int]

    def read(self) -> Tally:
        """As the rule reads it."""
        votes = {str(pk): count for pk, count in self.votes.items()}
        return Tally(self.ballots, self.spoiled, votes)


def _checked_seats(group: Group, seats: Sequence[str], on: date) -> list[str]:
    if not 0 < len(seats) <= MOST_SEATS or len(set(seats)) < len(seats):
        raise NoSeats(field="seats", most=MOST_SEATS)
    named = names_of(completed(constitution_on(group, on).settings)["offices"])
    for seat in seats:
        if (named and seat not in named) or seat.startswith(NO_TERMS) or not 0 < len(seat) <= 30:
            raise NoSuchOffice(field="seats")
    _require_up(group, seats, on)
    for other in group.elections.filter(state__in=GOING):
        if taken := sorted(set(other.seats) & set(seats)):
            raise SeatVotedOn(field="seats", seat=_spoken(taken[0]))
    return list(seats)


def _require_up(group: Group, seats: Sequence[str], on: date) -> None:
    """Nobody is elected to these seats beyond the day, nor took one later. Raises SeatHeld."""
    held = group.office_terms.filter(office__in=seats, to_date=None)
    held = held.filter(Q(due_date__gt=on) | Q(from_date__gt=on))
    if (now := held.order_by("office").first()) is not None:
        until = now.due_date or now.from_date
        raise SeatHeld(field="seats", seat=_spoken(now.office), until=until)


def _spoken(seat: str) -> str:
    return seat.replace("_", " ").lower()


def _require_here(member: Member, group: Group, on: date, field: str) -> None:
    """Raises NotAMember."""
    gone = member.left_date is not None and member.left_date <= on
    if member.group_id != group.pk or gone or member.joined_date > on:
        raise NotAMember(field=field, member=member.member_no)


def _require_may_stand(group: Group, seats: Sequence[str], member: Member, on: date) -> None:
    """She is a member, owes no dues, has terms left and holds no other office. Raises NotAMember,
    DuesInArrears, TermLimit, TwoOffices."""
    number = member.member_no
    _require_here(member, group, on, "candidates")
    if not may_stand(member, on):
        raise DuesInArrears(field="candidates", member=number)
    settings = completed(constitution_on(group, on).settings)
    for stem in {stem_of(seat) for seat in seats}:
        served = terms_in_a_row(member, stem, on)
        if served >= int(settings["office_terms_max"]):
            raise TermLimit(field="candidates", member=number, terms=served)
    _require_one_office(group, seats, member, on, "candidates")


def _require_one_office(
    group: Group, seats: Sequence[str], member: Member, on: date, field: str
) -> None:
    """She holds no other office than these seats, where the group does not let her. Raises
    TwoOffices."""
    if completed(constitution_on(group, on).settings)["two_offices_allowed"]:
        return
    others = group.office_terms.filter(member=member, to_date=None).exclude(office__in=seats)
    if any(not name.startswith(BESIDE) for name in others.values_list("office", flat=True)):
        raise TwoOffices(field=field, member=member.member_no)


@transaction.atomic
def call_election(
    *,
    acting_staff: StaffUser,
    group: Group,
    seats: Sequence[str],
    candidates: Sequence[Member],
    on: date,
    id: UUID | None = None,
) -> Election:
    """Write down which seats are voted on and who stands. seats: offices of the group that nobody
    is elected to beyond that day. The same id with the same content returns it unchanged.

    Raises NoSeats, NoSuchOffice, SeatHeld, SeatVotedOn, TooFewStand, NotAMember, DuesInArrears,
    TermLimit, TwoOffices, InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, ELECT, group)
    stream = stream_of(group)
    told = {"group": group, "seats": list(seats), "called_date": on}
    standing = {member.pk: member for member in candidates}
    if (known := already_stored(Election, id, acting_staff, **told)) is not None:
        if set(known.candidates.values_list("member", flat=True)) != set(standing):
            raise SameIdOtherContent(field="candidates")
        return known
    require_come(on, "on")
    checked = _checked_seats(stream.group, seats, on)
    if not 2 <= len(candidates) <= MOST_STANDING or len(standing) < len(candidates):
        raise TooFewStand(field="candidates", most=MOST_STANDING)
    for member in candidates:
        _require_may_stand(stream.group, checked, member, on)
    pk = id or new_id()
    body: dict[str, Json] = {
        "election": str(pk),
        "seats": list(checked),
        "candidates": [str(one) for one in standing],
    }
    (fact,) = stream.append([FactIn("call_election", body, on)], acting_staff)
    row = Election.objects.create(id=pk, fact=fact, **told)
    Candidate.objects.bulk_create(
        Candidate(election=row, member=member) for member in standing.values()
    )
    audit.record(acting_staff, ELECT, row, {"seats": len(checked), "candidates": len(standing)})
    return row


def in_round(election: Election) -> list[Candidate]:
    """Who is voted on, or drawn, now, in the order of their numbers: all, or those still tied."""
    rows = election.candidates.select_related("member").order_by("member__member_no")
    if election.state == ElectionState.OPEN:
        return list(rows)
    outcome = decide({str(row.pk): row.votes_first or 0 for row in rows}, len(election.seats))
    if election.state == ElectionState.LOT:
        second = {str(row.pk): row.votes_second or 0 for row in rows}
        outcome = decide({pk: second[pk] for pk in outcome.tied}, outcome.seats_open, again=True)
    return [row for row in rows if str(row.pk) in outcome.tied]


def seats_open(election: Election) -> int:
    """How many seats nobody has yet."""
    return len(election.seats) - election.candidates.exclude(rank=None).count()


def _held(election: Election) -> tuple[Stream, Election]:
    stream = stream_of(election.group)
    stored = Election.objects.get(pk=election.pk)
    stored.group = stream.group
    return stream, stored


@transaction.atomic
def record_ballots(
    *,
    acting_staff: StaffUser,
    election: Election,
    on: date,
    first: Sheet,
    second: Sheet,
    id: UUID | None = None,
) -> Election:
    """Write down a round of secret ballots as two members counted them, each alone. Most votes
    win; a tie at the last seat goes to a second round among those who are tied, a second tie to the
    lot. The same id with the same counts changes nothing.

    Raises NotCounting, CountedBefore, SameCounter, NotAllOnTheSheet, BallotsOutOfRange,
    VotesOutOfRange, TalliesDisagree, NoQuorum, TooFewVotes, NotAMember, SeatHeld, TwoOffices,
    InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, ELECT, election)
    stream, stored = _held(election)
    if id is not None and (known := BallotCount.objects.filter(pk=id).first()) is not None:
        _require_same(known, stored, on, (first, second))
        return stored
    if stored.state not in COUNTING:
        raise NotCounting(state=stored.get_state_display())
    _require_day(stored, on)
    standing = in_round(stored)
    _require_all_here(stored, standing, on)
    seats, there = seats_open(stored), votes_on(stream.group, on)
    _require_counters(stored, (first.counter, second.counter), on)
    seen = seen_votes(acting_staff, stream.group, there, on)
    for number, sheet in enumerate((first, second), start=1):
        _require_sound(number, sheet, standing, seats, there, seen)
    require_agreed(first.read(), second.read())
    quorum = completed(constitution_on(stream.group, on).settings)["quorum_bps"]
    require_present(first.ballots, there=there, seen=seen, quorum_bps=quorum)
    number = 1 if stored.state == ElectionState.OPEN else 2
    _keep_count(acting_staff, stream, stored, number, on, (first, second), there, id)
    for row in standing:
        setattr(row, "votes_first" if number == 1 else "votes_second", first.votes[row.pk])
    Candidate.objects.bulk_update(standing, ("votes_first", "votes_second"))
    outcome = decide(first.read().votes, seats, again=number == 2)
    _settle(acting_staff, stream, stored, outcome, on)
    audit.record(acting_staff, ELECT, stored, {"round": number, "ballots": first.ballots})
    return stored


def _require_same(
    known: BallotCount, election: Election, on: date, sheets: tuple[Sheet, Sheet]
) -> None:
    one, other = sheets
    name = "votes_first" if known.round == 1 else "votes_second"
    rows = election.candidates.exclude(**{name: None}).values_list("pk", name)
    kept = (known.election_id, known.counted_date, known.ballots, known.spoiled, dict(rows))
    if kept != (election.pk, on, one.ballots, one.spoiled, dict(one.votes)):
        raise SameIdOtherContent(field="ballots_1")
    if one.read() != other.read():
        raise SameIdOtherContent(field="ballots_2")
    if (known.first_counter_id, known.second_counter_id) != (one.counter.pk, other.counter.pk):
        raise SameIdOtherContent(field="counter_1")


def _require_day(election: Election, on: date) -> None:
    require_come(on, "on")
    last = election.counts.order_by("-round").values_list("counted_date", flat=True).first()
    if on < (since := last or election.called_date):
        raise CountedBefore(field="on", day=since)


def _require_all_here(election: Election, standing: Sequence[Candidate], on: date) -> None:
    """Whoever can be elected is a member still, and the seats are up. Raises NotAMember,
    SeatHeld."""
    for row in standing:
        _require_here(row.member, election.group, on, "on")
    for row in election.candidates.exclude(rank=None).select_related("member"):
        _require_here(row.member, election.group, on, "on")
    _require_up(election.group, election.seats, on)


def _require_counters(election: Election, counters: Sequence[Member], on: date) -> None:
    standing = set(election.candidates.values_list("member", flat=True))
    if counters[0].pk == counters[1].pk or standing & {one.pk for one in counters}:
        raise SameCounter(field="counter_2")
    for number, one in enumerate(counters, start=1):
        _require_here(one, election.group, on, f"counter_{number}")


def _require_sound(
    number: int, sheet: Sheet, standing: Sequence[Candidate], seats: int, there: int, seen: int
) -> None:
    """A refusal names the field of this counter's sheet, and the votes she knows of."""
    names = [str(row.pk) for row in standing]
    try:
        require_sound(sheet.read(), standing=names, seats=seats, there=there, told=seen)
    except Refusal as refusal:
        refusal.field = f"{refusal.field}_{number}"
        raise


def _keep_count(
    staff: StaffUser,
    stream: Stream,
    election: Election,
    number: int,
    on: date,
    sheets: tuple[Sheet, Sheet],
    there: int,
    id: UUID | None,
) -> None:
    one = sheets[0]
    members = dict(election.candidates.values_list("pk", "member"))
    body: dict[str, Json] = {
        "election": str(election.pk),
        "round": number,
        "seats": seats_open(election),
        "ballots": one.ballots,
        "spoiled": one.spoiled,
        "votes": [{"member": str(members[pk]), "votes": count} for pk, count in one.votes.items()],
        "counters": [str(sheet.counter.pk) for sheet in sheets],
    }
    (fact,) = stream.append([FactIn("record_ballot", body, on)], staff)
    BallotCount.objects.create(
        id=id or new_id(),
        election=election,
        round=number,
        counted_date=on,
        registered=there,
        ballots=one.ballots,
        spoiled=one.spoiled,
        first_counter=sheets[0].counter,
        second_counter=sheets[1].counter,
        fact=fact,
    )


def _settle(
    staff: StaffUser, stream: Stream, election: Election, outcome: Outcome, on: date
) -> None:
    """Keep who is elected, and go on: to the second round, the lot, or the seats."""
    give_places(election, [UUID(pk) for pk in outcome.elected])
    if outcome.seats_open:
        was_open = election.state == ElectionState.OPEN
        election.state = ElectionState.SECOND_ROUND if was_open else ElectionState.LOT
        election.save(update_fields=("state",))
    else:
        _seat(staff, stream, election, on)


@transaction.atomic
def record_lot(
    *, acting_staff: StaffUser, election: Election, drawn: Sequence[Candidate], on: date
) -> Election:
    """Write down whom the lot gave the seats that are still open. The same again changes nothing.

    Raises NoLot, WrongLot, NotAMember, SeatHeld, TwoOffices, CountedBefore, InTheFuture.
    """
    require(acting_staff, ELECT, election)
    stream, stored = _held(election)
    chosen = list(dict.fromkeys(row.pk for row in drawn))
    if stored.state == ElectionState.DECIDED:
        lots = stored.candidates.filter(by_lot=True).values_list("pk", flat=True)
        if stored.decided_date == on and set(lots) == set(chosen):
            return stored
    if stored.state != ElectionState.LOT:
        raise NoLot
    _require_day(stored, on)
    tied, seats = {row.pk: row for row in in_round(stored)}, seats_open(stored)
    _require_all_here(stored, list(tied.values()), on)
    if len(chosen) != seats or not set(chosen) <= set(tied):
        raise WrongLot(field="drawn", seats=seats)
    body: dict[str, Json] = {
        "election": str(stored.pk),
        "tied": [str(row.member_id) for row in tied.values()],
        "drawn": [str(tied[pk].member_id) for pk in chosen],
    }
    stream.append([FactIn("record_lot", body, on)], acting_staff)
    give_places(stored, chosen, by_lot=True)
    _seat(acting_staff, stream, stored, on)
    audit.record(acting_staff, ELECT, stored, {"lot": len(chosen)})
    return stored


def _seat(staff: StaffUser, stream: Stream, election: Election, on: date) -> None:
    """Let those elected take the seats. Who took another office since the election was called is
    refused. Raises TwoOffices."""
    for row in election.candidates.exclude(rank=None).select_related("member"):
        _require_one_office(stream.group, election.seats, row.member, on, "on")
    stream.append(take_seats(stream.group, election, on), staff)


@transaction.atomic
def cancel_election(*, acting_staff: StaffUser, election: Election, on: date) -> Election:
    """End an election that is not decided. Cancelled before, nothing changes. Raises
    DecidedAlready, CountedBefore, InTheFuture."""
    require(acting_staff, ELECT, election)
    stream, stored = _held(election)
    if stored.state == ElectionState.CANCELLED:
        return stored
    if stored.state == ElectionState.DECIDED:
        raise DecidedAlready
    _require_day(stored, on)
    _cancel(stored, stream, acting_staff, on)
    return stored


def _cancel(election: Election, stream: Stream, staff: StaffUser, on: date) -> None:
    body: dict[str, Json] = {"election": str(election.pk)}
    stream.append([FactIn("cancel_election", body, on)], staff)
    election.state = ElectionState.CANCELLED
    election.save(update_fields=("state",))
    audit.record(staff, "groups.cancel_election", election)


def cancel_going(stream: Stream, *, acting_staff: StaffUser, on: date) -> None:
    """Cancel every election of a group that is not decided, for the group ends that day; the
    permission and the lock are the caller's."""
    for election in stream.group.elections.filter(state__in=GOING).order_by("called_date", "id"):
        _cancel(election, stream, acting_staff, on)
