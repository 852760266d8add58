"""The API door of a surplus on its way: drawn up, voted by the assembly, posted, or dropped."""

from datetime import date
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_cooperative import SurplusOut, VotesIn
from handup.groups.api_found import Amount, found_group, found_one
from handup.groups.models import GatheredRefund, Producer, SurplusDraft, SurplusYear
from handup.groups.services import gathered, surplus
from handup.groups.services.gathered import GivenTo
from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest, Text
from handup.org.models import StaffUser
from handup.org.permissions import require

router = Router(tags=["groups"])


class DraftIn(Schema):
    """A surplus to draw up; amounts in smallest units."""

    year: int = Field(ge=1990, le=2100)
    non_members: Amount = 0
    by_line: dict[Text, Amount] | None = Field(default=None, max_length=50)


class DraftOut(Schema):
    """A surplus as it was drawn up; its parts sum to net_units. `state`: DRAFT, VOTED, POSTED or
    DROPPED; is_old: the books say something else by now."""

    id: UUID
    year: int
    net_units: int
    reserve_units: int
    education_units: int
    dividend_units: int
    refund_units: int
    non_member_units: int
    state: str
    year_posted_id: UUID | None
    is_old: bool

    @staticmethod
    def resolve_is_old(draft: SurplusDraft) -> bool:
        """Asked only of what is still on its way."""
        return draft.state in surplus.LIVE and not surplus.is_as_drawn(draft)


def _found(staff: StaffUser, pk: UUID) -> SurplusDraft:
    return found_one(SurplusDraft.objects.visible_to(staff).select_related("group__book"), pk)


@router.get("/groups/{uuid:group_id}/surplus/drafts", response=list[DraftOut])
def list_surplus_drafts(request: StaffRequest, group_id: UUID) -> list[SurplusDraft]:
    """What was drawn up of a group, the newest year first."""
    staff = request.auth_staff
    group = found_group(staff, group_id)
    require(staff, "groups.view_member", group)
    return list(group.surplus_drafts.select_related("group__book"))


@router.post("/groups/{uuid:group_id}/surplus/drafts", response={201: DraftOut})
def draw_up_surplus(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: DraftIn
) -> Status[SurplusDraft]:
    """Draw up the surplus of a year for the assembly."""
    staff = request.auth_staff
    row = surplus.draw_up_surplus(
        acting_staff=staff, group=found_group(staff, group_id), id=key, **told.dict()
    )
    return Status(201, row)


@router.post("/surplus/drafts/{uuid:draft_id}/vote", response={201: DraftOut})
def vote_surplus(
    request: StaffRequest, draft_id: UUID, key: IdempotencyKey, told: VotesIn
) -> Status[SurplusDraft]:
    """Write down that the assembly voted for a draft; told again, nothing changes."""
    staff = request.auth_staff
    draft = _found(staff, draft_id)
    return Status(201, surplus.vote_surplus(acting_staff=staff, draft=draft, votes=told.counted()))


@router.post("/surplus/drafts/{uuid:draft_id}/post", response={201: SurplusOut})
def post_surplus(request: StaffRequest, draft_id: UUID, key: IdempotencyKey) -> Status[SurplusYear]:
    """Post a voted surplus; posted before, the year it became comes back."""
    staff = request.auth_staff
    draft = _found(staff, draft_id)
    return Status(201, surplus.post_surplus(acting_staff=staff, draft=draft, id=key))


@router.post("/surplus/drafts/{uuid:draft_id}/drop", response={201: DraftOut})
def drop_surplus_draft(
    request: StaffRequest, draft_id: UUID, key: IdempotencyKey
) -> Status[SurplusDraft]:
    """Drop a draft that is not posted."""
    staff = request.auth_staff
    draft = _found(staff, draft_id)
    return Status(201, surplus.drop_surplus_draft(acting_staff=staff, draft=draft))


class GatheredOut(Schema):
    """A refund that gathers for somebody who is no member, in smallest units; `state`: HELD, SHARES
    or GIVEN_UP."""

    id: UUID
    year: int
    producer_id: UUID
    units: int
    state: str
    settled_date: date | None

    @staticmethod
    def resolve_year(row: GatheredRefund) -> int:
        """The year it is of."""
        return int(row.year.year)


class JoinIn(Schema):
    """The day she joins."""

    on: date


class JoinedOut(Schema):
    """The member she became."""

    member_id: UUID
    member_no: int


class GiveUpIn(Schema):
    """When, and where what she does not want goes."""

    on: date
    to: GivenTo = GivenTo.RESERVE


def _producer(staff: StaffUser, pk: UUID) -> Producer:
    return found_one(Producer.objects.visible_to(staff).select_related("group__book"), pk)


def _of_producer(producer: Producer) -> list[GatheredRefund]:
    rows = producer.gathered.filter(year__is_reversed=False)
    return list(rows.select_related("year").order_by("year__year"))


@router.get("/groups/{uuid:group_id}/gathered", response=list[GatheredOut])
def list_gathered(request: StaffRequest, group_id: UUID) -> list[GatheredRefund]:
    """What gathers for those who are no members, as far as one may see them."""
    staff = request.auth_staff
    group = found_group(staff, group_id)
    rows = GatheredRefund.objects.visible_to(staff).filter(
        year__group=group, year__is_reversed=False
    )
    found = list(rows.select_related("year", "producer").order_by("year__year", "producer__number"))
    persons = [row.producer.person_id for row in found if row.producer.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return found


@router.post("/producers/{uuid:producer_id}/join", response={201: JoinedOut})
def join_with_refunds(
    request: StaffRequest, producer_id: UUID, key: IdempotencyKey, told: JoinIn
) -> Status[JoinedOut]:
    """Let somebody join with what gathered for her."""
    staff = request.auth_staff
    producer = _producer(staff, producer_id)
    member = gathered.join_with_refunds(acting_staff=staff, producer=producer, on=told.on)
    return Status(201, JoinedOut(member_id=member.pk, member_no=member.member_no))


@router.post("/producers/{uuid:producer_id}/give-up", response={201: list[GatheredOut]})
def give_up_refunds(
    request: StaffRequest, producer_id: UUID, key: IdempotencyKey, told: GiveUpIn
) -> Status[list[GatheredRefund]]:
    """Put what gathered for somebody into the reserve or to education."""
    staff = request.auth_staff
    producer = _producer(staff, producer_id)
    done = gathered.give_up_refunds(acting_staff=staff, producer=producer, on=told.on, to=told.to)
    return Status(201, _of_producer(done))
