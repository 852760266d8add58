"""The API door of elections of several, of delegates, and of who votes for a firm."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import found_group, found_member, found_one
from handup.groups.models import BallotCount, Candidate, Delegate, Election, Member, Representative
from handup.groups.models.elections import ranked
from handup.groups.services import delegates, elections, firms
from handup.groups.standing import seen_count
from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest, Text
from handup.org.models import StaffUser
from handup.org.permissions import require

router = Router(tags=["groups"])
VIEW = "groups.view_member"
Seat = Annotated[str, Field(min_length=1, max_length=30, pattern=r"^[A-Z0-9_]+$")]
Count = Annotated[int, Field(ge=0, le=100_000)]


class ElectionIn(Schema):
    """Seats by the names of their offices, and the members who stand."""

    seats: Annotated[list[Seat], Field(min_length=1, max_length=25)]
    candidate_ids: Annotated[list[UUID], Field(min_length=2, max_length=60)]
    on: date


class CandidateOut(Schema):
    """A member who stands; `rank` is her place among those elected."""

    id: UUID
    member_id: UUID
    votes_first: int | None
    votes_second: int | None
    rank: int | None
    by_lot: bool


class CountOut(Schema):
    """The agreed count of a round."""

    round: int
    counted_date: date
    registered: int
    ballots: int
    spoiled: int

    @staticmethod
    def resolve_registered(row: BallotCount, context: dict[str, Any]) -> int:
        """The votes there were, as far as the reader may know of who has them."""
        return seen_count(context["request"].auth_staff, row)


class ElectionOut(Schema):
    """An election with its candidates and counts."""

    id: UUID
    group_id: UUID
    seats: list[str]
    called_date: date
    state: str
    decided_date: date | None
    candidates: list[CandidateOut]
    counts: list[CountOut]

    @staticmethod
    def resolve_candidates(row: Election) -> list[Candidate]:
        """Those elected first."""
        return list(ranked(row))

    @staticmethod
    def resolve_counts(row: Election) -> list[BallotCount]:
        """By round."""
        return list(row.counts.all())


class SheetIn(Schema):
    """The tally sheet of one counter: votes by the id of each candidate of the round."""

    counter_id: UUID
    ballots: Count
    spoiled: Count = 0
    votes: Annotated[dict[UUID, Count], Field(max_length=60)]


class BallotsIn(Schema):
    """A round as two members counted it, each alone."""

    on: date
    first: SheetIn
    second: SheetIn


class LotIn(Schema):
    """The candidates whom the lot chose."""

    drawn_ids: Annotated[list[UUID], Field(min_length=1, max_length=60)]
    on: date


class EndIn(Schema):
    """On which day it ended."""

    on: date


class DelegatesIn(Schema):
    """Whom a member group sends to the tier above, and until when."""

    member_ids: Annotated[list[UUID], Field(min_length=1, max_length=100)]
    from_date: date
    until_date: date


class DelegateOut(Schema):
    """A delegate."""

    id: UUID
    sender_id: UUID
    member_id: UUID
    from_date: date
    until_date: date
    to_date: date | None


def _election(staff: StaffUser, pk: UUID) -> Election:
    return found_one(Election.objects.visible_to(staff).select_related("group__book"), pk)


def _note(request: StaffRequest, rows: list[Election]) -> list[Election]:
    persons = Candidate.objects.filter(election__in=rows).exclude(member__person=None)
    told = list(persons.values_list("member__person_id", flat=True))
    reads.note(request, persons=told, action="LIST", highest="P")
    return rows


@router.get("/groups/{uuid:group_id}/elections", response=list[ElectionOut])
def list_elections(request: StaffRequest, group_id: UUID) -> list[Election]:
    """The elections of a group, the newest first."""
    require(request.auth_staff, VIEW)
    group = found_group(request.auth_staff, group_id)
    rows = Election.objects.visible_to(request.auth_staff).filter(group=group)
    return _note(request, list(rows.prefetch_related("counts")))


@router.post("/groups/{uuid:group_id}/elections", response={201: ElectionOut})
def call_election(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: ElectionIn
) -> Status[Election]:
    """Write down which seats are voted on and who stands."""
    staff = request.auth_staff
    row = elections.call_election(
        acting_staff=staff,
        group=found_group(staff, group_id),
        seats=told.seats,
        candidates=[found_member(staff, pk) for pk in told.candidate_ids],
        on=told.on,
        id=key,
    )
    return Status(201, row)


@router.post("/elections/{uuid:election_id}/ballots", response={201: ElectionOut})
def record_ballots(
    request: StaffRequest, election_id: UUID, key: IdempotencyKey, told: BallotsIn
) -> Status[Election]:
    """Write down a round of ballots as two counted them."""
    staff = request.auth_staff
    first, second = (
        elections.Sheet(
            found_member(staff, sheet.counter_id), sheet.ballots, sheet.spoiled, sheet.votes
        )
        for sheet in (told.first, told.second)
    )
    row = elections.record_ballots(
        acting_staff=staff,
        election=_election(staff, election_id),
        on=told.on,
        first=first,
        second=second,
        id=key,
    )
    return Status(201, row)


@router.post("/elections/{uuid:election_id}/lot", response={201: ElectionOut})
def record_lot(
    request: StaffRequest, election_id: UUID, key: IdempotencyKey, told: LotIn
) -> Status[Election]:
    """Write down whom the lot chose."""
    staff = request.auth_staff
    election = _election(staff, election_id)
    rows = Candidate.objects.filter(election=election)
    row = elections.record_lot(
        acting_staff=staff,
        election=election,
        drawn=[found_one(rows, pk) for pk in told.drawn_ids],
        on=told.on,
    )
    return Status(201, row)


@router.post("/elections/{uuid:election_id}/cancellation", response={201: ElectionOut})
def cancel_election(
    request: StaffRequest, election_id: UUID, key: IdempotencyKey, told: EndIn
) -> Status[Election]:
    """End an election that is not decided."""
    staff = request.auth_staff
    election = _election(staff, election_id)
    row = elections.cancel_election(acting_staff=staff, election=election, on=told.on)
    return Status(201, row)


@router.get("/groups/{uuid:group_id}/delegates", response=list[DelegateOut])
def list_delegates(request: StaffRequest, group_id: UUID) -> list[Delegate]:
    """The delegates in a tier, as far as the reader may see them."""
    require(request.auth_staff, VIEW)
    group = found_group(request.auth_staff, group_id)
    rows = Delegate.objects.visible_to(request.auth_staff).filter(group=group)
    found = list(rows.select_related("member"))
    persons = [row.member.person_id for row in found if row.member.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return found


@router.post("/members/{uuid:member_id}/delegates", response={201: list[DelegateOut]})
def elect_delegates(
    request: StaffRequest, member_id: UUID, key: IdempotencyKey, told: DelegatesIn
) -> Status[list[Delegate]]:
    """Write down whom a member group sends to the tier above."""
    staff = request.auth_staff
    members: list[Member] = [found_member(staff, pk) for pk in told.member_ids]
    rows = delegates.elect_delegates(
        acting_staff=staff,
        sender=found_member(staff, member_id),
        members=members,
        from_date=told.from_date,
        until_date=told.until_date,
    )
    return Status(201, rows)


class RepresentativeIn(Schema):
    """A member's firm, and who votes for it from a day on."""

    firm: Annotated[Text, Field(min_length=1, max_length=firms.MOST_SIGNS)]
    name: Annotated[Text, Field(min_length=1, max_length=firms.MOST_SIGNS)]
    from_date: date


class RepresentativeOut(Schema):
    """Since when and until when somebody votes for a firm."""

    id: UUID
    member_id: UUID
    from_date: date
    to_date: date | None


@router.post("/members/{uuid:member_id}/representative", response={201: RepresentativeOut})
def name_representative(
    request: StaffRequest, member_id: UUID, key: IdempotencyKey, told: RepresentativeIn
) -> Status[Representative]:
    """Write down who votes for a firm; who did so before ends that day."""
    staff = request.auth_staff
    member = found_member(staff, member_id)
    row = firms.name_representative(acting_staff=staff, member=member, id=key, **told.dict())
    return Status(201, row)


@router.post("/members/{uuid:member_id}/representative/end", response={201: RepresentativeOut})
def end_representative(
    request: StaffRequest, member_id: UUID, key: IdempotencyKey, told: EndIn
) -> Status[Representative]:
    """End that somebody votes for a firm; it has no vote until it names another."""
    staff = request.auth_staff
    row = firms.end_representative(
        acting_staff=staff, member=found_member(staff, member_id), on=told.on
    )
    return Status(201, row)
