"""The API door of payslips: deductions, periods drafted, approved and paid."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import found_group, found_member, found_one
from handup.groups.models import Deduction, InternalLoan, Payslip, PayslipRun, Producer
from handup.groups.models.dues import Place
from handup.groups.models.payslips import DeductionKind
from handup.groups.services import deductions, paying, payslips
from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.models import StaffUser

router = Router(tags=["groups"])


class DeductionIn(Schema):
    """What is taken off a producer's payslips, in smallest units; `loan_id` where it repays one."""

    kind: DeductionKind
    units: Annotated[int, Field(gt=0, lt=2**53)]
    on: date
    loan_id: UUID | None = None


class DeductionOut(Schema):
    """A deduction and what was taken of it so far."""

    id: UUID
    producer_id: UUID
    kind: str
    from_date: date
    units: int
    taken_units: int
    is_reversed: bool


class PeriodIn(Schema):
    """The days of a period."""

    from_date: date
    to_date: date


class RunOut(Schema):
    """The payslips of a period."""

    id: UUID
    number: int
    from_date: date
    to_date: date
    state: str
    floor_bps: int
    deduction_order: str


class SlipOut(Schema):
    """A payslip: volumes in ml, amounts in smallest units."""

    id: UUID
    producer_id: UUID
    volume_ml: int
    rejected_ml: int
    gross_units: int
    taken_units: int
    net_units: int
    paid_date: date | None


class ApprovalIn(Schema):
    """Which officer approved, and when."""

    member_id: UUID
    on: date


class PayIn(Schema):
    """When and from where it is paid."""

    on: date
    place: Place = Place.BOX


class BackIn(Schema):
    """On which day something is taken back."""

    on: date


def _run(staff: StaffUser, pk: UUID) -> PayslipRun:
    return found_one(PayslipRun.objects.visible_to(staff).select_related("group__book"), pk)


def _slip(staff: StaffUser, pk: UUID) -> Payslip:
    return found_one(Payslip.objects.visible_to(staff).select_related("run__group__book"), pk)


@router.post("/producers/{uuid:producer_id}/deductions", response={201: DeductionOut})
def record_deduction(
    request: StaffRequest, producer_id: UUID, key: IdempotencyKey, told: DeductionIn
) -> Status[Deduction]:
    """Write down what is taken off a producer's payslips."""
    staff = request.auth_staff
    rows = Producer.objects.visible_to(staff).select_related("group__book", "member")
    producer = found_one(rows, producer_id)
    loans = InternalLoan.objects.visible_to(staff).filter(group=producer.group)
    row = deductions.record_deduction(
        acting_staff=staff,
        producer=producer,
        kind=told.kind,
        units=told.units,
        on=told.on,
        loan=found_one(loans, told.loan_id) if told.loan_id else None,
        id=key,
    )
    return Status(201, row)


@router.post("/deductions/{uuid:deduction_id}/reversal", response=DeductionOut)
def take_back_deduction(
    request: StaffRequest, deduction_id: UUID, key: IdempotencyKey, told: BackIn
) -> Deduction:
    """Take a deduction back of which nothing was taken yet."""
    staff = request.auth_staff
    rows = Deduction.objects.visible_to(staff).select_related("group")
    return deductions.take_back_deduction(
        acting_staff=staff, deduction=found_one(rows, deduction_id), on=told.on
    )


@router.get("/groups/{uuid:group_id}/payslips", response=list[RunOut])
def list_runs(request: StaffRequest, group_id: UUID) -> list[PayslipRun]:
    """The periods of a group, the newest first."""
    return list(found_group(request.auth_staff, group_id).payslip_runs.all())


@router.post("/groups/{uuid:group_id}/payslips", response={201: RunOut})
def draft_payslips(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: PeriodIn
) -> Status[PayslipRun]:
    """Draft the payslips of a period."""
    row = payslips.draft_payslips(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        from_date=told.from_date,
        to_date=told.to_date,
        id=key,
    )
    return Status(201, row)


@router.get("/payslips/{uuid:run_id}/slips", response=list[SlipOut])
def list_slips(request: StaffRequest, run_id: UUID) -> list[Payslip]:
    """The payslips of a period whose producers the reader may see."""
    run = _run(request.auth_staff, run_id)
    rows = list(
        Payslip.objects.visible_to(request.auth_staff)
        .filter(run=run)
        .select_related("producer")
        .order_by("producer__number")
    )
    persons = [row.producer.person_id for row in rows if row.producer.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return rows


@router.post("/payslips/{uuid:run_id}/approvals", response={201: RunOut})
def approve_payslips(
    request: StaffRequest, run_id: UUID, key: IdempotencyKey, told: ApprovalIn
) -> Status[PayslipRun]:
    """Record that an officer approved; the second one posts."""
    staff = request.auth_staff
    row = payslips.approve_payslips(
        acting_staff=staff,
        run=_run(staff, run_id),
        member=found_member(staff, told.member_id),
        on=told.on,
    )
    return Status(201, row)


@router.post("/payslips/{uuid:run_id}/drop", response=RunOut)
def drop_payslips(request: StaffRequest, run_id: UUID, key: IdempotencyKey) -> PayslipRun:
    """Drop a draft."""
    run = _run(request.auth_staff, run_id)
    return payslips.drop_payslips(acting_staff=request.auth_staff, run=run)


@router.post("/payslips/{uuid:run_id}/reversal", response=RunOut)
def take_back_payslips(
    request: StaffRequest, run_id: UUID, key: IdempotencyKey, told: BackIn
) -> PayslipRun:
    """Take approved payslips back while nobody was paid."""
    run = _run(request.auth_staff, run_id)
    return payslips.take_back_payslips(acting_staff=request.auth_staff, run=run, on=told.on)


@router.post("/payslips/{uuid:run_id}/payments", response=RunOut)
def pay_all(request: StaffRequest, run_id: UUID, key: IdempotencyKey, told: PayIn) -> PayslipRun:
    """Pay everybody of a period who was not paid yet."""
    run = _run(request.auth_staff, run_id)
    return paying.pay_all(acting_staff=request.auth_staff, run=run, on=told.on, place=told.place)


@router.post("/slips/{uuid:slip_id}/payment", response=SlipOut)
def pay_payslip(request: StaffRequest, slip_id: UUID, key: IdempotencyKey, told: PayIn) -> Payslip:
    """Pay a producer."""
    slip = _slip(request.auth_staff, slip_id)
    return paying.pay_payslip(
        acting_staff=request.auth_staff, slip=slip, on=told.on, place=told.place
    )


@router.post("/slips/{uuid:slip_id}/reversal", response=SlipOut)
def take_back_payment(
    request: StaffRequest, slip_id: UUID, key: IdempotencyKey, told: BackIn
) -> Payslip:
    """Take a payment back."""
    slip = _slip(request.auth_staff, slip_id)
    return paying.take_back_payment(acting_staff=request.auth_staff, slip=slip, on=told.on)
