"""The API door of associations and cooperatives: dues, statutes and share accounts."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import Amount, found_group, found_member, found_one
from handup.groups.models import (
    DuesInvoice,
    DuesPayment,
    DuesTariff,
    Member,
    ShareMove,
    Statutes,
    SurplusLine,
    SurplusYear,
)
from handup.groups.models.dues import Place, WaiverReason
from handup.groups.services import cooperative, dues, shares, surplus, surplus_paid
from handup.groups.services.assembly import Votes
from handup.groups.standing import standings
from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest, Text

router = Router(tags=["groups"])
Count = Annotated[int, Field(ge=0, le=100_000)]


class VotesIn(Schema):
    """The count of an assembly."""

    on: date
    yes: Count
    no: Count = 0
    abstain: Count = 0

    def counted(self) -> Votes:
        """As the services take it."""
        return Votes(self.on, self.yes, self.no, self.abstain)


class StandingOut(Schema):
    """Where a member stands with her dues; amounts in smallest units."""

    member_id: UUID
    owed_units: int
    due_date: date | None
    days_overdue: int
    may_vote: bool
    may_be_dropped: bool


class TariffIn(Schema):
    """A tariff the assembly voted; dues in smallest units a year."""

    category: Annotated[Text, Field(min_length=1, max_length=20)]
    from_date: date
    units: Amount
    day_limit: int = Field(default=15, ge=1, le=31)
    drop_after_days: int = Field(default=90, ge=1, le=730)
    needed_to_vote: bool = True
    votes: VotesIn


class TariffOut(Schema):
    """A tariff."""

    id: UUID
    category: str
    from_date: date
    units: int


class UntilIn(Schema):
    """Up to which day dues are written down."""

    until: date


class InvoiceOut(Schema):
    """The dues of one member for one year."""

    id: UUID
    member_id: UUID
    due_date: date
    units: int
    paid_units: int
    waived_units: int


class PaymentIn(Schema):
    """Money for dues or shares, in smallest units."""

    units: Annotated[int, Field(gt=0, lt=2**53)]
    on: date
    place: Place = Place.BOX


class PaymentOut(Schema):
    """A payment of dues with its receipt number."""

    id: UUID
    member_id: UUID
    number: int
    paid_date: date
    units: int
    place: str
    is_reversed: bool


class WaiverIn(Schema):
    """Why what is left is waived."""

    reason: WaiverReason
    on: date


class OnIn(Schema):
    """On which day something is taken back."""

    on: date


Settings = Annotated[dict[str, int | bool | str | list[str]], Field(max_length=40)]


class RegistrationIn(Schema):
    """A group that becomes a cooperative: vote, registration, papers seen, statutes, and shares by
    member id."""

    votes: VotesIn
    registration_no: Text
    registration_date: date
    papers: list[Annotated[str, Field(max_length=20)]] = Field(max_length=10)
    settings: Settings
    shares: dict[UUID, Count] = Field(max_length=5_000)


class StatutesIn(Schema):
    """The next version of the statutes."""

    votes: VotesIn
    settings: Settings
    from_date: date


class StatutesOut(Schema):
    """One version of the statutes."""

    id: UUID
    version: int
    from_date: date
    settings: dict[str, int | bool | str | list[str] | None]


class SharesIn(Schema):
    """Shares subscribed or paid back."""

    shares: int = Field(ge=1, le=10**6)
    on: date
    place: Place = Place.BOX


class ShareMoveOut(Schema):
    """One movement on a share account."""

    id: UUID
    member_id: UUID
    kind: str
    moved_date: date
    shares: int
    units: int
    is_reversed: bool


@router.get("/groups/{uuid:group_id}/dues", response=list[StandingOut])
def list_standings(request: StaffRequest, group_id: UUID) -> list[StandingOut]:
    """Where each member stands with her dues today, for those who may see her."""
    group = found_group(request.auth_staff, group_id)
    seen = Member.objects.visible_to(request.auth_staff).filter(group=group, left_date=None)
    rows = standings(group, timezone.localdate(), seen.order_by("member_no"))
    persons = [row.member.person_id for row in rows if row.member.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return [
        StandingOut(
            member_id=row.pk,
            owed_units=row.owed_units,
            due_date=row.standing.due_date if row.standing else None,
            days_overdue=row.standing.days_overdue if row.standing else 0,
            may_vote=row.may_vote,
            may_be_dropped=row.standing.may_be_dropped if row.standing else False,
        )
        for row in rows
    ]


@router.post("/groups/{uuid:group_id}/dues/tariffs", response={201: TariffOut})
def vote_dues(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: TariffIn
) -> Status[DuesTariff]:
    """Keep a tariff the assembly voted."""
    row = dues.vote_dues(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        tariff=dues.Tariff(**told.dict(exclude={"votes"})),
        votes=told.votes.counted(),
        id=key,
    )
    return Status(201, row)


@router.post("/groups/{uuid:group_id}/dues/years", response={201: list[InvoiceOut]})
def invoice_dues(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: UntilIn
) -> Status[list[DuesInvoice]]:
    """Write down what falls due up to a day; sent twice, nothing is written twice."""
    staff = request.auth_staff
    group = found_group(staff, group_id)
    rows = dues.invoice_dues(acting_staff=staff, group=group, until=told.until)
    seen = DuesInvoice.objects.visible_to(staff).filter(pk__in=[row.pk for row in rows])
    return Status(201, list(seen))


@router.post("/members/{uuid:member_id}/dues/payments", response={201: PaymentOut})
def take_dues(
    request: StaffRequest, member_id: UUID, key: IdempotencyKey, told: PaymentIn
) -> Status[DuesPayment]:
    """Take a member's dues."""
    row = dues.take_dues(
        acting_staff=request.auth_staff,
        member=found_member(request.auth_staff, member_id),
        units=told.units,
        paid_date=told.on,
        place=told.place,
        id=key,
    )
    return Status(201, row)


@router.post("/dues/{uuid:dues_id}/waiver", response={201: InvoiceOut})
def waive_dues(
    request: StaffRequest, dues_id: UUID, key: IdempotencyKey, told: WaiverIn
) -> Status[DuesInvoice]:
    """Waive what is left of a year's dues."""
    staff = request.auth_staff
    row = found_one(DuesInvoice.objects.visible_to(staff), dues_id)
    return Status(
        201, dues.waive_dues(acting_staff=staff, dues=row, reason=told.reason, on=told.on)
    )


@router.post("/dues/payments/{uuid:payment_id}/back", response={201: PaymentOut})
def take_back_dues(
    request: StaffRequest, payment_id: UUID, key: IdempotencyKey, told: OnIn
) -> Status[DuesPayment]:
    """Take a payment of dues back."""
    staff = request.auth_staff
    row = found_one(DuesPayment.objects.visible_to(staff), payment_id)
    return Status(201, dues.take_back_dues(acting_staff=staff, payment=row, on=told.on))


@router.post("/groups/{uuid:group_id}/cooperative", response={201: StatutesOut})
def become_cooperative(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: RegistrationIn
) -> Status[Statutes]:
    """Make a group a cooperative."""
    row = cooperative.become_cooperative(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        votes=told.votes.counted(),
        registration=cooperative.Registration(
            told.registration_no, told.registration_date, frozenset(told.papers)
        ),
        settings=told.settings,
        shares=told.shares,
        id=key,
    )
    return Status(201, row)


@router.post("/groups/{uuid:group_id}/statutes", response={201: StatutesOut})
def adopt_statutes(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: StatutesIn
) -> Status[Statutes]:
    """Adopt the next version of the statutes."""
    row = cooperative.adopt_statutes(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        votes=told.votes.counted(),
        settings=told.settings,
        from_date=told.from_date,
        id=key,
    )
    return Status(201, row)


@router.post("/members/{uuid:member_id}/shares", response={201: ShareMoveOut})
def subscribe_shares(
    request: StaffRequest, member_id: UUID, key: IdempotencyKey, told: SharesIn
) -> Status[ShareMove]:
    """Subscribe shares."""
    member = found_member(request.auth_staff, member_id)
    row = shares.subscribe_shares(
        acting_staff=request.auth_staff, member=member, shares=told.shares, on=told.on, id=key
    )
    return Status(201, row)


@router.post("/members/{uuid:member_id}/shares/payments", response={201: ShareMoveOut})
def pay_shares(
    request: StaffRequest, member_id: UUID, key: IdempotencyKey, told: PaymentIn
) -> Status[ShareMove]:
    """Take money for subscribed shares."""
    member = found_member(request.auth_staff, member_id)
    row = shares.pay_shares(acting_staff=request.auth_staff, member=member, id=key, **told.dict())
    return Status(201, row)


@router.post("/members/{uuid:member_id}/shares/redemptions", response={201: ShareMoveOut})
def redeem_shares(
    request: StaffRequest, member_id: UUID, key: IdempotencyKey, told: SharesIn
) -> Status[ShareMove]:
    """Pay whole shares back."""
    member = found_member(request.auth_staff, member_id)
    row = shares.redeem_shares(
        acting_staff=request.auth_staff, member=member, id=key, **told.dict()
    )
    return Status(201, row)


class UsesIn(Schema):
    """What members, by id, used of one line of service in a year, in its whole units."""

    year: int = Field(ge=1990, le=2100)
    line: Annotated[Text, Field(min_length=1, max_length=40)]
    uses: dict[UUID, Amount] = Field(max_length=5_000)


class RecordedOut(Schema):
    """How many were written down."""

    recorded: int


class SurplusIn(Schema):
    """A surplus the assembly divided; amounts in smallest units."""

    year: int = Field(ge=1990, le=2100)
    votes: VotesIn
    non_members: Amount = 0
    by_line: dict[Text, Amount] | None = Field(default=None, max_length=50)


class SurplusOut(Schema):
    """A divided surplus; its parts sum to net_units."""

    id: UUID
    year: int
    net_units: int
    reserve_units: int
    education_units: int
    dividend_units: int
    refund_units: int
    non_member_units: int
    is_reversed: bool


class SurplusLineOut(Schema):
    """What one member gets."""

    id: UUID
    member_id: UUID
    refund_units: int
    to_shares_units: int
    cash_units: int
    kept_units: int
    dividend_units: int
    tax_units: int
    paid_date: date | None


class PayoutIn(Schema):
    """When and from where a member is paid."""

    on: date
    place: Place = Place.BOX


@router.post("/groups/{uuid:group_id}/uses", response={201: RecordedOut})
def record_uses(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: UsesIn
) -> Status[RecordedOut]:
    """Write down what members used; sent twice, the same numbers hold."""
    staff = request.auth_staff
    rows = surplus.record_uses(
        acting_staff=staff, group=found_group(staff, group_id), **told.dict()
    )
    return Status(201, RecordedOut(recorded=len(rows)))


@router.post("/groups/{uuid:group_id}/surplus", response={201: SurplusOut})
def divide_surplus(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: SurplusIn
) -> Status[SurplusYear]:
    """Draw up the surplus of a year, write down the vote on it and post it, in one go."""
    staff = request.auth_staff
    row = surplus.divide_surplus(
        acting_staff=staff,
        group=found_group(staff, group_id),
        votes=told.votes.counted(),
        id=key,
        **told.dict(exclude={"votes"}),
    )
    return Status(201, row)


@router.get("/surplus/{uuid:year_id}/lines", response=list[SurplusLineOut])
def list_surplus_lines(request: StaffRequest, year_id: UUID) -> list[SurplusLine]:
    """What each member gets of a divided surplus, for those who may see her."""
    staff = request.auth_staff
    year = found_one(SurplusYear.objects.visible_to(staff), year_id)
    rows = SurplusLine.objects.visible_to(staff).filter(year=year)
    found = list(rows.select_related("member").order_by("member__member_no"))
    persons = [row.member.person_id for row in found if row.member.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return found


@router.post("/surplus/lines/{uuid:line_id}/payout", response={201: SurplusLineOut})
def pay_surplus(
    request: StaffRequest, line_id: UUID, key: IdempotencyKey, told: PayoutIn
) -> Status[SurplusLine]:
    """Pay out to a member what is hers."""
    staff = request.auth_staff
    rows = SurplusLine.objects.visible_to(staff).select_related("year__group__book")
    line = found_one(rows, line_id)
    return Status(201, surplus_paid.pay_surplus(acting_staff=staff, line=line, **told.dict()))
