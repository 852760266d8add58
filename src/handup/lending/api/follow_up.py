"""Talks about late loans and reminders through the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Query, Schema, Status

from handup.lending.api.access import note, router, seen
from handup.lending.api.schemas import Amount, Day
from handup.lending.api.terms import Strict
from handup.lending.models import ArrearsContact, Loan
from handup.lending.nameless import named_only
from handup.lending.rules.follow_up import Channel, NextStep, SpokeWith
from handup.lending.services import follow_up as services
from handup.lending.services.on_closed_days import moves_to, with_closed_days
from handup.lending.work_list import promises, reminders
from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    page,
)
from handup.org.permissions import require


class ContactNew(Strict):
    """One talk about a loan; a promise is an amount and a day."""

    contact_date: Day
    channel: Channel
    spoke_with: SpokeWith
    note: LongText = ""
    promised_units: Amount | None = None
    promised_date: Day | None = None
    next_step: NextStep = NextStep.NONE
    next_date: Day | None = None


class ContactOut(Schema):
    """One talk, with what became of its promise."""

    id: UUID
    contact_date: date
    channel: str
    spoke_with: str
    staff_id: UUID
    note: str
    promised_units: int | None
    promised_date: date | None
    promise_state: str | None = None
    promise_paid_units: int | None = None
    next_step: str
    next_date: date | None


class ReminderOut(Schema):
    """An instalment ahead."""

    loan_id: UUID
    loan_code: str
    due_date: date
    due_units: int
    late_units: int
    currency: str


@router.get("/loans/{uuid:loan_id}/contacts", response=list[ContactOut])
def list_contacts(request: StaffRequest, loan_id: UUID, as_of: Day) -> list[ArrearsContact]:
    """The talks about a loan, each promise as it stands on a day."""
    require(request.auth_staff, "lending.view_follow_up")
    loan = seen(Loan, request, loan_id)
    rows = list(ArrearsContact.objects.visible_to(request.auth_staff).filter(loan=loan))
    if loan.person_id is not None:
        reads.note(request, persons=[loan.person_id], highest="S")
    for line in promises(rows, as_of):
        told = {
            "promise_state": line.outcome.state.value,
            "promise_paid_units": line.outcome.paid_units,
        }
        for name, value in told.items():
            setattr(line.contact, name, value)
    return rows


@router.post("/loans/{uuid:loan_id}/contacts", response={201: ContactOut})
def record_contact(
    request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: ContactNew
) -> Status[ArrearsContact]:
    """Write down one talk about a loan."""
    loan = seen(Loan, request, loan_id)
    values = told.dict()
    units, due_date = values.pop("promised_units"), values.pop("promised_date")
    if (units is None) != (due_date is None):
        raise services.PromiseIncomplete(field="promised_date")
    made = services.record_contact(
        acting_staff=request.auth_staff,
        loan=loan,
        id=key,
        promise=services.PromiseIn(units, due_date) if units and due_date else None,
        **values,
    )
    return Status(201, made)


@router.get("/reminders", response=list[ReminderOut])
def list_reminders(
    request: StaffRequest, as_of: Day, days: Annotated[int, Query(7, ge=0, le=60)] = 7
) -> list[dict[str, object]]:
    """Loans with an instalment due within so many days; nothing is sent by itself."""
    require(request.auth_staff, "lending.view_borrower")
    staff = request.auth_staff
    found = reminders(as_of, named_only(Loan.objects.visible_to(staff), staff), None, days)
    note(request, [item.loan for item in found])
    return [
        {
            "loan_id": item.loan.pk,
            "loan_code": item.loan.code,
            "due_date": item.due_date,
            "due_units": item.due_units,
            "late_units": item.late_units,
            "currency": item.loan.currency,
        }
        for item in found
    ]


class OnClosedDayOut(Schema):
    """An instalment due on a day that was closed after its loan was signed."""

    loan_id: UUID
    loan_code: str
    due_date: date
    moves_to: date | None


@router.get("/on-closed-days", response=PageOut[OnClosedDayOut])
def list_on_closed_days(
    request: StaffRequest, as_of: Day, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Loans with an instalment on such a day that nobody proposed to move yet, each with its first;
    `moves_to` is the day it can move to, if its terms say one.
    """
    require(request.auth_staff, "lending.propose_change")
    staff = request.auth_staff
    loans = named_only(Loan.objects.visible_to(staff), staff)
    rows, following = page(with_closed_days(loans, as_of), after, limit)
    note(request, rows)
    to = moves_to(rows, {loan.pk: loan.closed_date for loan in rows})
    items = [
        {
            "loan_id": loan.pk,
            "loan_code": loan.code,
            "due_date": loan.closed_date,
            "moves_to": to[loan.pk],
        }
        for loan in rows
    ]
    return {"items": items, "next": following}
