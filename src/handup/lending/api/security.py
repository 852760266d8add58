"""Guarantors, collateral, joint groups and calls through the API."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.lending.api.access import maybe, router, seen
from handup.lending.api.schemas import Amount, Day, IdOut, Line, MoneyIn, Name, Reason, Short
from handup.lending.api.terms import Strict
from handup.lending.models import (
    Application,
    Collateral,
    DeclaredTie,
    Guarantor,
    JointGroup,
    JointMember,
    Loan,
    LoanEvent,
    SecurityCall,
)
from handup.lending.rules.security import CallOrder, CollateralKind, TieKind
from handup.lending.services import joint
from handup.lending.services import security as services
from handup.lending.services.security import Word
from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.people.models import Person
from handup.people.rules.codes import ConsentMethod
from handup.projects.models import Organisation, Programme

Bps = Annotated[int, Field(ge=0, le=10_000)]
Days = Annotated[int, Field(ge=0, le=3650)]


class WordNew(Strict):
    """That somebody agreed."""

    agreed_date: Day
    agreed_how: ConsentMethod
    reference: Short = ""

    def word(self) -> Word:
        """As the service takes it."""
        return Word(
            agreed_date=self.agreed_date, agreed_how=self.agreed_how, reference=self.reference
        )


class GuarantorNew(WordNew):
    """Who answers for a loan: a person or an organisation, an amount or a share."""

    recorded_date: Day
    person_id: UUID | None = None
    organisation_id: UUID | None = None
    cap_units: Amount | None = None
    share_bps: Bps | None = None
    order: CallOrder = CallOrder.IN_ORDER


class GuarantorOut(Schema):
    """A guarantor as recorded."""

    id: UUID
    person_id: UUID | None
    organisation_id: UUID | None
    cap_units: int | None
    share_bps: int | None
    place: int
    order: str
    agreed_date: date
    agreed_how: str
    released_date: date | None


class CollateralNew(WordNew):
    """What is pledged."""

    recorded_date: Day
    kind: CollateralKind
    description: Line
    value_units: Amount
    valued_date: Day
    haircut_bps: Bps = 0
    owner_id: UUID | None = None
    owner_name: Annotated[str, Field(max_length=160, pattern="^[^\\x00]*$")] = ""


class ValueNew(Strict):
    """A pledge valued anew."""

    value_units: Amount
    valued_date: Day
    haircut_bps: Bps
    recorded_date: Day


class CollateralOut(Schema):
    """A pledge as recorded."""

    id: UUID
    kind: str
    description: str
    value_units: int
    valued_date: date
    haircut_bps: int
    owner_id: UUID | None
    owner_name: str
    agreed_date: date
    released_date: date | None


class SecurityOut(Schema):
    """What stands behind an application or its loan."""

    guarantors: list[GuarantorOut]
    collateral: list[CollateralOut]
    joint_group_id: UUID | None


class ReleaseNew(Strict):
    """When and why something is given back."""

    released_date: Day
    reason: Reason = ""


class TieNew(Strict):
    """Who keeps out, and why."""

    member_id: UUID
    kind: TieKind
    declared_date: Day
    note: Line = ""


class JointGroupNew(Strict):
    """Borrowers who answer for each other."""

    name: Name
    programme_id: UUID
    formed_date: Day
    call_days: Days = 30
    stop_days: Days = 30


class JointGroupOut(Schema):
    """A joint group."""

    id: UUID
    code: str
    name: str
    programme_id: UUID
    formed_date: date
    call_days: int
    stop_days: int
    closed_date: date | None


class MemberNew(WordNew):
    """One more loan in a joint group."""

    recorded_date: Day
    application_id: UUID
    cap_units: Amount | None = None


class CallNew(Strict):
    """A call on who answers for a late loan."""

    called_date: Day
    due_date: Day
    reason: Reason = ""


class CallOut(Schema):
    """A call, and what was paid on it."""

    id: UUID
    guarantor_id: UUID | None
    member_id: UUID | None
    units: int
    shortfall_units: int
    called_date: date
    due_date: date
    withdrawn_date: date | None


@router.get("/applications/{uuid:application_id}/security", response=SecurityOut)
def show_security(request: StaffRequest, application_id: UUID) -> dict[str, object]:
    """What stands behind an application, as far as the caller may see it."""
    staff = request.auth_staff
    require(staff, "lending.view_security")
    row = seen(Application, request, application_id)
    guarantors = list(Guarantor.objects.visible_to(staff).filter(application=row))
    pledges = list(Collateral.objects.visible_to(staff).filter(application=row))
    persons = [row.person_id, *(g.person_id for g in guarantors), *(c.owner_id for c in pledges)]
    reads.note(request, persons=[pk for pk in persons if pk is not None])
    member = JointMember.objects.visible_to(staff).filter(application=row).first()
    return {
        "guarantors": guarantors,
        "collateral": pledges,
        "joint_group_id": None if member is None else member.joint_group_id,
    }


@router.get("/loans/{uuid:loan_id}/security", response=SecurityOut)
def show_loan_security(request: StaffRequest, loan_id: UUID) -> dict[str, object]:
    """What stands behind a loan, as far as the caller may see it."""
    staff = request.auth_staff
    require(staff, "lending.view_security")
    loan = seen(Loan, request, loan_id)
    rows = services.behind_loan(loan)
    guarantors = list(Guarantor.objects.visible_to(staff).filter(rows))
    pledges = list(Collateral.objects.visible_to(staff).filter(rows))
    persons = [loan.person_id, *(g.person_id for g in guarantors), *(c.owner_id for c in pledges)]
    reads.note(request, persons=[pk for pk in persons if pk is not None])
    member = JointMember.objects.visible_to(staff).filter(application__agreement__loan=loan)
    return {
        "guarantors": guarantors,
        "collateral": pledges,
        "joint_group_id": member.values_list("joint_group_id", flat=True).first(),
    }


@router.post("/applications/{uuid:application_id}/guarantors", response={201: GuarantorOut})
def record_guarantor(
    request: StaffRequest, application_id: UUID, key: IdempotencyKey, told: GuarantorNew
) -> Status[Guarantor]:
    """Record who answers for a loan, with her word."""
    row = seen(Application, request, application_id)
    return Status(201, _guarantor(request, key, told, application=row))


@router.post("/loans/{uuid:loan_id}/guarantors", response={201: GuarantorOut})
def record_loan_guarantor(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: GuarantorNew
) -> Status[Guarantor]:
    """Record who answers for a loan that runs, also one of an old book."""
    return Status(201, _guarantor(request, key, told, loan=seen(Loan, request, loan_id)))


def _guarantor(request: StaffRequest, key: UUID, told: GuarantorNew, **anchor: Any) -> Guarantor:
    return services.record_guarantor(
        acting_staff=request.auth_staff,
        word=told.word(),
        recorded_date=told.recorded_date,
        person=maybe(Person, request, told.person_id),
        organisation=maybe(Organisation, request, told.organisation_id),
        cap_units=told.cap_units,
        share_bps=told.share_bps,
        order=told.order,
        id=key,
        **anchor,
    )


@router.post("/applications/{uuid:application_id}/collateral", response={201: CollateralOut})
def record_collateral(
    request: StaffRequest, application_id: UUID, key: IdempotencyKey, told: CollateralNew
) -> Status[Collateral]:
    """Take a pledge whose owner agreed."""
    row = seen(Application, request, application_id)
    return Status(201, _collateral(request, key, told, application=row))


@router.post("/loans/{uuid:loan_id}/collateral", response={201: CollateralOut})
def record_loan_collateral(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: CollateralNew
) -> Status[Collateral]:
    """Take a pledge for a loan that runs, also one of an old book."""
    return Status(201, _collateral(request, key, told, loan=seen(Loan, request, loan_id)))


def _collateral(request: StaffRequest, key: UUID, told: CollateralNew, **anchor: Any) -> Collateral:
    return services.record_collateral(
        acting_staff=request.auth_staff,
        word=told.word(),
        recorded_date=told.recorded_date,
        kind=told.kind,
        description=told.description,
        value_units=told.value_units,
        valued_date=told.valued_date,
        haircut_bps=told.haircut_bps,
        owner=maybe(Person, request, told.owner_id),
        owner_name=told.owner_name,
        id=key,
        **anchor,
    )


@router.post("/applications/{uuid:application_id}/ties", response={201: IdOut})
def declare_tie(
    request: StaffRequest, application_id: UUID, key: IdempotencyKey, told: TieNew
) -> Status[DeclaredTie]:
    """Say that somebody of ours is tied to who asks."""
    row = seen(Application, request, application_id)
    member = StaffUser.objects.filter(pk=told.member_id).first()
    if member is None:
        raise OutOfSight
    made = services.declare_tie(
        acting_staff=request.auth_staff,
        application=row,
        member=member,
        kind=told.kind,
        declared_date=told.declared_date,
        note=told.note,
        id=key,
    )
    return Status(201, made)


@router.post("/guarantors/{uuid:guarantor_id}/release", response={201: GuarantorOut})
def release_guarantor(
    request: StaffRequest, guarantor_id: UUID, key: IdempotencyKey, told: ReleaseNew
) -> Status[object]:
    """Let a guarantor go."""
    row = seen(Guarantor, request, guarantor_id)
    made = services.release_security(acting_staff=request.auth_staff, item=row, **told.dict())
    return Status(201, made)


@router.post("/collateral/{uuid:collateral_id}/release", response={201: CollateralOut})
def release_collateral(
    request: StaffRequest, collateral_id: UUID, key: IdempotencyKey, told: ReleaseNew
) -> Status[object]:
    """Give a pledge back."""
    row = seen(Collateral, request, collateral_id)
    made = services.release_security(acting_staff=request.auth_staff, item=row, **told.dict())
    return Status(201, made)


@router.post("/collateral/{uuid:collateral_id}/value", response={201: CollateralOut})
def value_collateral(
    request: StaffRequest, collateral_id: UUID, key: IdempotencyKey, told: ValueNew
) -> Status[Collateral]:
    """Value a pledge anew."""
    row = seen(Collateral, request, collateral_id)
    made = services.value_collateral(acting_staff=request.auth_staff, collateral=row, **told.dict())
    return Status(201, made)


@router.get("/joint-groups", response=PageOut[JointGroupOut])
def list_joint_groups(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Joint groups the caller may see."""
    require(request.auth_staff, "lending.view_security")
    items, following = page(JointGroup.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/joint-groups", response={201: JointGroupOut})
def form_joint_group(
    request: StaffRequest, key: IdempotencyKey, told: JointGroupNew
) -> Status[JointGroup]:
    """Form a group of borrowers who answer for each other."""
    require(request.auth_staff, "lending.form_joint_group")
    made = joint.form_joint_group(
        acting_staff=request.auth_staff,
        programme=seen(Programme, request, told.programme_id),
        name=told.name,
        formed_date=told.formed_date,
        call_days=told.call_days,
        stop_days=told.stop_days,
        id=key,
    )
    return Status(201, made)


@router.post("/joint-groups/{uuid:joint_group_id}/members", response={201: IdOut})
def join_joint_group(
    request: StaffRequest, joint_group_id: UUID, key: IdempotencyKey, told: MemberNew
) -> Status[JointMember]:
    """Put a loan that is asked for into a joint group."""
    made = joint.join_joint_group(
        acting_staff=request.auth_staff,
        joint_group=seen(JointGroup, request, joint_group_id),
        application=seen(Application, request, told.application_id),
        word=told.word(),
        recorded_date=told.recorded_date,
        cap_units=told.cap_units,
        id=key,
    )
    return Status(201, made)


@router.post("/loans/{uuid:loan_id}/calls", response={201: list[CallOut]})
def call_security(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: CallNew
) -> Status[list[SecurityCall]]:
    """Call guarantors, then the other members, for what is overdue."""
    loan = seen(Loan, request, loan_id)
    made = joint.call_security(acting_staff=request.auth_staff, loan=loan, id=key, **told.dict())
    return Status(201, made)


@router.post("/calls/{uuid:call_id}/payments", response={201: IdOut})
def record_call_payment(
    request: StaffRequest, call_id: UUID, key: IdempotencyKey, told: MoneyIn
) -> Status[LoanEvent]:
    """Record what was paid on a call."""
    row = seen(SecurityCall, request, call_id)
    made = joint.record_call_payment(
        acting_staff=request.auth_staff, call=row, id=key, **told.dict()
    )
    return Status(201, made)
