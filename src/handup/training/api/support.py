"""The API door to support of participants: rules, what is drawn up, approved, refused, paid."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.ledger.models import Book, Fund
from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    page,
)
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.training import services
from handup.training.api.base import Code, Day, Reason, router, seen, seen_or_none
from handup.training.models import Course, Enrolment, Session, SupportPayment, SupportRule
from handup.training.rules.support import (
    SupportBack,
    SupportKind,
    SupportMethod,
    SupportRefusal,
    SupportUnit,
)

Money = Annotated[int, Field(ge=1, lt=2**53)]
Number = Annotated[int, Field(ge=1, le=1000)]


class RuleTold(Schema):
    """What a programme pays who attends, in smallest units of its currency."""

    kind: SupportKind
    unit: SupportUnit
    amount_units: Money
    most: Number = 1
    starts: Day
    ends: Day | None = None
    course_id: UUID | None = None


class RuleOut(Schema):
    """A rule of support."""

    id: UUID
    programme_id: UUID
    course_id: UUID | None
    kind: str
    unit: str
    amount_units: int
    most: int
    starts: date
    ends: date | None


class SupportLineTold(Schema):
    """One kind of support of one person; `id` is made by who sends it."""

    id: UUID
    rule_id: UUID
    enrolment_id: UUID
    quantity: Number = 1


class SupportTold(Schema):
    """What is due for a session."""

    items: Annotated[list[SupportLineTold], Field(min_length=1, max_length=500)]


class SupportOut(Schema):
    """Support of one person for one session."""

    id: UUID
    rule_id: UUID
    enrolment_id: UUID
    session_id: UUID
    kind: str
    quantity: int
    amount_units: int
    currency: str
    state: str
    paid_date: date | None
    receipt: str


class ApprovalTold(Schema):
    """The approval of a payment."""

    approved_date: Day
    reason: Reason = ""


class SupportRefusalTold(Schema):
    """Why it is not paid."""

    refused_date: Day
    refusal: SupportRefusal
    reason: Reason = ""


class PaymentTold(Schema):
    """How it was paid."""

    paid_date: Day
    method: SupportMethod
    receipt: Code
    book_id: UUID | None = None
    fund_id: UUID | None = None
    reason: Reason = ""


class TakenBackTold(Schema):
    """Why a payment is taken back."""

    taken_date: Day
    reason: SupportBack


@router.post("/programmes/{uuid:programme_id}/support-rules", response={201: RuleOut})
def set_support_rule(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: RuleTold
) -> Status[SupportRule]:
    """Say what a programme pays who attends."""
    values = told.dict()
    row = services.set_support_rule(
        acting_staff=request.auth_staff,
        programme=seen(Programme, request.auth_staff, programme_id),
        course=seen_or_none(Course, request.auth_staff, values.pop("course_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.get("/support-rules", response=PageOut[RuleOut])
def list_support_rules(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Rules of support the caller may see."""
    require(request.auth_staff, "training.view_support_rule")
    items, following = page(SupportRule.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/support-payments", response=PageOut[SupportOut])
def list_support_payments(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Support the caller may see, in every state."""
    require(request.auth_staff, "training.view_support")
    rows = SupportPayment.objects.visible_to(request.auth_staff).select_related("enrolment")
    items, following = page(rows, after, limit)
    persons = [row.enrolment.person_id for row in items]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.post("/sessions/{uuid:session_id}/support", response={201: list[SupportOut]})
def draw_up_support(
    request: StaffRequest, session_id: UUID, told: SupportTold
) -> Status[list[SupportPayment]]:
    """Draw up what is due for a session, all lines or none; the same ids twice are once."""
    staff = request.auth_staff
    session = seen(Session, staff, session_id)
    rules = {one.rule_id: seen(SupportRule, staff, one.rule_id) for one in told.items}
    rows = {one.enrolment_id: seen(Enrolment, staff, one.enrolment_id) for one in told.items}
    items = [
        services.SupportIn(
            rule=rules[one.rule_id],
            enrolment=rows[one.enrolment_id],
            session=session,
            quantity=one.quantity,
            id=one.id,
        )
        for one in told.items
    ]
    return Status(201, services.draw_up_support(acting_staff=staff, items=items))


@router.post("/support-payments/{uuid:payment_id}/approve", response=SupportOut)
def approve_support(request: StaffRequest, payment_id: UUID, told: ApprovalTold) -> SupportPayment:
    """Approve support, by another person than who drew it up."""
    row = seen(SupportPayment, request.auth_staff, payment_id)
    return services.approve_support(acting_staff=request.auth_staff, payments=[row], **told.dict())[
        0
    ]


@router.post("/support-payments/{uuid:payment_id}/refuse", response=SupportOut)
def refuse_support(
    request: StaffRequest, payment_id: UUID, told: SupportRefusalTold
) -> SupportPayment:
    """Refuse support, saying why."""
    row = seen(SupportPayment, request.auth_staff, payment_id)
    return services.refuse_support(acting_staff=request.auth_staff, payments=[row], **told.dict())[
        0
    ]


@router.post("/support-payments/{uuid:payment_id}/pay", response=SupportOut)
def pay_support(request: StaffRequest, payment_id: UUID, told: PaymentTold) -> SupportPayment:
    """Pay approved support against a receipt; posted in the programme's book."""
    values = told.dict()
    row = seen(SupportPayment, request.auth_staff, payment_id)
    return services.pay_support(
        acting_staff=request.auth_staff,
        payments=[row],
        book=seen_or_none(Book, request.auth_staff, values.pop("book_id")),
        fund=seen_or_none(Fund, request.auth_staff, values.pop("fund_id")),
        **values,
    )[0]


@router.post("/support-payments/{uuid:payment_id}/take-back", response=SupportOut)
def take_back_support(
    request: StaffRequest, payment_id: UUID, told: TakenBackTold
) -> SupportPayment:
    """Take back a payment that was wrong."""
    row = seen(SupportPayment, request.auth_staff, payment_id)
    return services.take_back_support(acting_staff=request.auth_staff, payment=row, **told.dict())
