"""The parts of a loan through the API."""

from uuid import UUID

from ninja import Status

from handup.lending import services
from handup.lending.api import schemas
from handup.lending.api.access import note, router, seen
from handup.lending.models import Loan, LoanEvent, LoanTranche
from handup.lending.nameless import READ_NAMES
from handup.lending.rules.codes import Source
from handup.lending.services.tranches import standing_of
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.permissions import may, require


@router.get("/loans/{uuid:loan_id}/tranches", response=list[schemas.TrancheOut])
def list_tranches(request: StaffRequest, loan_id: UUID) -> list[schemas.TrancheOut]:
    """The parts of a loan with what paid each; no conditions where who borrows stays unnamed."""
    loan = seen(Loan, request, loan_id)
    require(request.auth_staff, "lending.view_loan", loan)
    note(request, [loan], "VIEW")
    named = may(request.auth_staff, READ_NAMES, loan)
    return [
        schemas.TrancheOut(
            id=item.tranche.pk,
            number=item.tranche.number,
            units=item.tranche.units,
            planned_date=item.tranche.planned_date,
            condition=item.tranche.condition if named else "",
            met_date=item.tranche.met_date,
            event_id=item.event.pk if item.event is not None else None,
        )
        for item in standing_of(loan)
    ]


@router.post("/loans/{uuid:loan_id}/tranches", response={201: schemas.EventOut})
def pay_out_tranche(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: schemas.DisbursementNew
) -> Status[LoanEvent]:
    """Pay out the next part."""
    loan = seen(Loan, request, loan_id)
    event = services.pay_out_tranche(
        acting_staff=request.auth_staff, loan=loan, id=key, source=Source.API, **told.dict()
    )
    return Status(201, event)


@router.post("/tranches/{uuid:tranche_id}/met", response=schemas.IdOut)
def meet_tranche(
    request: StaffRequest, tranche_id: UUID, key: IdempotencyKey, told: schemas.TrancheMet
) -> LoanTranche:
    """Say that what a part waits for is there."""
    tranche = seen(LoanTranche, request, tranche_id)
    return services.meet_tranche(acting_staff=request.auth_staff, tranche=tranche, **told.dict())
