"""The API door of `groups`: the same services the web calls."""

from datetime import date
from uuid import UUID

from django.db import models
from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups import (
    api_advice,
    api_advocacy,
    api_collection,
    api_cooperative,
    api_elections,
    api_needs,
    api_payslips,
    api_price_lines,
    api_rules,
    api_sales,
    api_scoring,
    api_settling,
    api_statements,
    api_surplus,
    api_tiers,
    api_trained,
    services,
)
from handup.groups.api_found import Amount, found_group, found_one
from handup.groups.models import Group, GroupFact, InternalLoan, Meeting, Member
from handup.groups.models.facts import Mark, MeetingKind
from handup.groups.models.group import GroupKind
from handup.groups.queries import money_now
from handup.org import reads
from handup.org.interface import (
    After,
    Currency,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.models import Area, StaffUser
from handup.org.permissions import OutOfSight
from handup.people.models import Person
from handup.people.queries.merging import current_id
from handup.projects.models import Programme

router = Router(tags=["groups"])
router.add_router("", api_cooperative.router)
router.add_router("", api_collection.router)
router.add_router("", api_payslips.router)
router.add_router("", api_tiers.router)
router.add_router("", api_elections.router)
router.add_router("", api_advocacy.router)
router.add_router("", api_rules.router)
router.add_router("", api_needs.router)
router.add_router("", api_advice.router)
router.add_router("", api_price_lines.router)
router.add_router("", api_scoring.router)
router.add_router("", api_sales.router)
router.add_router("", api_settling.router)
router.add_router("", api_statements.router)
router.add_router("", api_surplus.router)
router.add_router("", api_trained.router)


class GroupOut(Schema):
    """A group as its readers see it."""

    id: UUID
    code: str
    name: str
    kind: str
    status: str
    currency: str
    formed_date: date
    area_id: UUID
    programme_id: UUID


class MemberOut(Schema):
    """A member: number, person or group, dates."""

    id: UUID
    member_no: int
    person_id: UUID | None
    member_group_id: UUID | None
    joined_date: date
    left_date: date | None
    status: str


class MeetingOut(Schema):
    """A meeting and its closing code."""

    id: UUID
    number: int
    held_date: date
    status: str
    closing_code: str


class MoneyOut(Schema):
    """A group's money now, in smallest units."""

    cash: dict[str, int]
    savings: dict[str, int]
    principal: dict[str, int]


class GroupIn(Schema):
    """A new group; `settings` holds what it voted (names and units of its constitution)."""

    programme_id: UUID
    name: Text
    kind: GroupKind
    area_id: UUID
    currency: Currency
    formed_date: date
    settings: dict[str, int | bool | str] = Field(max_length=90)


class MemberIn(Schema):
    """A person or a group of a lower tier who joins."""

    person_id: UUID | None = None
    member_group_id: UUID | None = None
    joined_date: date


class MeetingIn(Schema):
    """A meeting that begins."""

    held_date: date
    place: Text = ""
    kind: MeetingKind = MeetingKind.ORDINARY


class LineIn(Schema):
    """One member's line; amounts in smallest units."""

    member_id: UUID
    mark: Mark | None = None
    saved_units: Amount = 0
    social_units: Amount = 0
    fine_units: Amount = 0
    repaid_units: Amount = 0


class SheetIn(Schema):
    """The lines of a meeting's sheet."""

    lines: list[LineIn] = Field(max_length=500)


class SheetOut(Schema):
    """How many facts were recorded; 0 when the same sheet was sent before."""

    recorded: int


class LoanIn(Schema):
    """A loan the meeting voted."""

    member_id: UUID
    units: Amount
    term_periods: int = Field(ge=1, le=36)
    yes: int = Field(ge=0, le=100_000)
    no: int = Field(default=0, ge=0, le=100_000)
    abstain: int = Field(default=1, ge=1, le=100_000)
    purpose: Text = ""
    fund: str = Field(default="LOAN", pattern="^(LOAN|SOCIAL)$")


class LoanOut(Schema):
    """A loan inside a group."""

    id: UUID
    member_id: UUID
    principal_units: int
    paid_out_date: date
    due_date: date
    status: str
    fund: str


class CountIn(Schema):
    """Cash counted in one fund."""

    fund: str = Field(pattern="^(LOAN|SOCIAL)$")
    counted_units: Amount
    reason: Text = ""


class ClosingIn(Schema):
    """The counted box and the next date."""

    counts: list[CountIn] = Field(max_length=2)
    next_date: date | None = None


def _members(staff: StaffUser, group: Group) -> models.QuerySet[Member]:
    return Member.objects.visible_to(staff).filter(group=group)


def _meeting(staff: StaffUser, pk: UUID) -> Meeting:
    return found_one(Meeting.objects.visible_to(staff).select_related("group", "group__book"), pk)


@router.get("/groups", response=PageOut[GroupOut])
def list_groups(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Groups she may see."""
    items, following = page(Group.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/groups/{uuid:group_id}", response=GroupOut)
def show_group(request: StaffRequest, group_id: UUID) -> Group:
    """One group."""
    return found_group(request.auth_staff, group_id)


@router.get("/groups/{uuid:group_id}/members", response=PageOut[MemberOut])
def list_members(
    request: StaffRequest, group_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Members of a group, for those who may see them."""
    group = found_group(request.auth_staff, group_id)
    rows = Member.objects.visible_to(request.auth_staff).filter(group=group)
    items, following = page(rows, after, limit)
    persons = [member.person_id for member in items if member.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.get("/groups/{uuid:group_id}/money", response=MoneyOut)
def show_money(request: StaffRequest, group_id: UUID) -> MoneyOut:
    """What lies in the box, what members saved, what is lent: from the book and the open
    meeting."""
    group = found_group(request.auth_staff, group_id)
    members = Member.objects.visible_to(request.auth_staff).filter(group=group)
    seen = {str(pk) for pk in members.values_list("pk", flat=True)}
    loans = InternalLoan.objects.visible_to(request.auth_staff).filter(group=group)
    lent = {str(pk) for pk in loans.values_list("pk", flat=True)}
    state = money_now(group)
    return MoneyOut(
        cash=state.cash,
        savings={key: units for key, units in state.savings.items() if key in seen},
        principal={key: units for key, units in state.principal.items() if key in lent},
    )


@router.post("/groups", response={201: GroupOut})
def register_group(request: StaffRequest, key: IdempotencyKey, told: GroupIn) -> Status[Group]:
    """Register a group with its first constitution and its own book."""
    staff = request.auth_staff
    programme = found_one(Programme.objects.visible_to(staff), told.programme_id)
    group = services.register_group(
        acting_staff=staff,
        programme=programme,
        group=services.NewGroup(
            id=key,
            name=told.name,
            kind=told.kind,
            area=found_one(Area.objects.all(), told.area_id),
            formed_date=told.formed_date,
            currency=told.currency,
            officer=staff,
            office=staff.home_office,
            settings=told.settings,
        ),
    )
    return Status(201, group)


@router.post("/groups/{uuid:group_id}/members", response={201: MemberOut})
def admit_member(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: MemberIn
) -> Status[Member]:
    """Admit a person or a group as a member."""
    staff = request.auth_staff
    group = found_group(staff, group_id)
    new = services.NewMember(
        id=key,
        joined_date=told.joined_date,
        person=found_one(
            Person.objects.visible_to(staff), told.person_id and current_id(told.person_id)
        )
        if told.person_id or not told.member_group_id
        else None,
        member_group=found_one(Group.objects.visible_to(staff), told.member_group_id)
        if told.member_group_id and not told.person_id
        else None,
    )
    (member,) = services.admit_members(acting_staff=staff, group=group, members=[new])
    return Status(201, member)


@router.post("/groups/{uuid:group_id}/meetings", response={201: MeetingOut})
def open_meeting(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: MeetingIn
) -> Status[Meeting]:
    """Open a meeting."""
    group = found_group(request.auth_staff, group_id)
    meeting = services.open_meeting(
        acting_staff=request.auth_staff, group=group, id=key, **told.dict()
    )
    return Status(201, meeting)


@router.get("/meetings/{uuid:meeting_id}", response=MeetingOut)
def show_meeting(request: StaffRequest, meeting_id: UUID) -> Meeting:
    """One meeting."""
    return _meeting(request.auth_staff, meeting_id)


@router.post("/meetings/{uuid:meeting_id}/lines", response={201: SheetOut})
def record_lines(
    request: StaffRequest, meeting_id: UUID, key: IdempotencyKey, told: SheetIn
) -> Status[SheetOut]:
    """Record who came and what each paid in."""
    meeting = _meeting(request.auth_staff, meeting_id)
    members = {
        member.pk: member
        for member in _members(request.auth_staff, meeting.group).select_related(
            "person", "member_group"
        )
    }
    lines = []
    for line in told.lines:
        if line.member_id not in members:
            raise OutOfSight
        amounts = line.dict(exclude={"member_id", "mark"})
        lines.append(services.MeetingLine(members[line.member_id], line.mark, **amounts))
    facts: list[GroupFact] = services.record_meeting_lines(
        acting_staff=request.auth_staff, meeting=meeting, lines=lines, id=key
    )
    return Status(201, SheetOut(recorded=len(facts)))


@router.post("/meetings/{uuid:meeting_id}/loans", response={201: LoanOut})
def pay_out_loan(
    request: StaffRequest, meeting_id: UUID, key: IdempotencyKey, told: LoanIn
) -> Status[InternalLoan]:
    """Pay out a voted loan from the box."""
    meeting = _meeting(request.auth_staff, meeting_id)
    member = found_one(_members(request.auth_staff, meeting.group), told.member_id)
    loan = services.pay_out_loan(
        acting_staff=request.auth_staff,
        meeting=meeting,
        member=member,
        id=key,
        **told.dict(exclude={"member_id"}),
    )
    return Status(201, loan)


@router.post("/meetings/{uuid:meeting_id}/close", response={201: MeetingOut})
def close_meeting(
    request: StaffRequest, meeting_id: UUID, key: IdempotencyKey, told: ClosingIn
) -> Status[Meeting]:
    """Close a meeting whose box was counted; its money posts."""
    meeting = services.close_meeting(
        acting_staff=request.auth_staff,
        meeting=_meeting(request.auth_staff, meeting_id),
        counts=tuple(services.CashCount(**count.dict()) for count in told.counts),
        next_date=told.next_date,
        id=key,
    )
    return Status(201, meeting)
