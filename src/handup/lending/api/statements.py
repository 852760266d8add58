"""Statements and payment orders through the API."""

from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import File, Status
from ninja.files import UploadedFile

from handup.lending import services
from handup.lending.api import bankschemas as schemas
from handup.lending.api.access import router, seen
from handup.lending.bank_shown import persons_of, without_hidden
from handup.lending.models import (
    BankAccount,
    BankStatement,
    LineMatch,
    Loan,
    LoanEvent,
    PaymentBatch,
    PaymentOrder,
    StatementLine,
)
from handup.lending.rules.banking.codes import ON_SUSPENSE, LineFate
from handup.lending.services.judging import perhaps_recorded_of
from handup.lending.uploads import bank_message
from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require


@router.get("/bank-accounts", response=PageOut[schemas.BankAccountOut])
def list_bank_accounts(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Our accounts at banks and mobile-money operators."""
    require(request.auth_staff, "lending.view_bank_account")
    items, following = page(BankAccount.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/statements", response=PageOut[schemas.StatementOut])
def list_statements(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Statements that came."""
    require(request.auth_staff, "lending.view_statement")
    items, following = page(BankStatement.objects.visible_to(request.auth_staff), after, limit)
    without_hidden(request.auth_staff, items)
    return {"items": items, "next": following}


@router.get("/statements/{uuid:statement_id}/lines", response=PageOut[schemas.LineOut])
def list_statement_lines(
    request: StaffRequest, statement_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The lines of a statement, each with its state and why."""
    statement = seen(BankStatement, request, statement_id)
    rows = StatementLine.objects.visible_to(request.auth_staff).filter(statement=statement)
    items, following = page(rows.select_related("loan"), after, limit)
    return {"items": _shown(request, items), "next": following}


@router.get("/suspense", response=PageOut[schemas.LineOut])
def list_suspense(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Lines that wait to be matched, with the loans they may belong to."""
    require(request.auth_staff, "lending.match_line")
    rows = StatementLine.objects.visible_to(request.auth_staff).filter(fate=LineFate.OPEN.value)
    items, following = page(rows.select_related("loan"), after, limit)
    return {"items": _shown(request, items), "next": following}


def _shown(request: StaffRequest, rows: list[StatementLine]) -> list[schemas.LineOut]:
    """The lines, those on suspense with the payments recorded by hand that may be the same money;
    whom they are about is noted.
    """
    _note(request, rows)
    found = perhaps_recorded_of(row for row in rows if row.fate in ON_SUSPENSE)
    ids = {pk for events in found.values() for pk in events}
    events = LoanEvent.objects.visible_to(request.auth_staff).in_bulk(list(ids)) if ids else {}
    shown = []
    for row in rows:
        told = schemas.LineOut.from_orm(row)
        told.recorded = [
            schemas.RecordedOut.from_orm(events[pk]) for pk in found.get(row.pk, ()) if pk in events
        ]
        shown.append(told)
    return shown


def _note(request: StaffRequest, rows: list[StatementLine]) -> None:
    """Whom the lines are about, also as candidates, into the read log."""
    loans = {row.loan_id for row in rows if row.loan_id is not None}
    loans |= {UUID(str(each["loan"])) for row in rows for each in row.candidates}
    persons = Loan.objects.filter(pk__in=loans, person__isnull=False)
    reads.note(
        request,
        persons=list(persons.values_list("person_id", flat=True)),
        action="LIST",
        highest="P",
    )


@router.post(
    "/bank-accounts/{uuid:account_id}/statement-checks",
    response={200: schemas.StatementCheckOut},
)
def check_statement(
    request: StaffRequest, account_id: UUID, key: IdempotencyKey, file: File[UploadedFile]
) -> dict[str, int]:
    """Say what would happen to a statement, writing nothing."""
    checked = services.check_statement(
        acting_staff=request.auth_staff,
        account=seen(BankAccount, request, account_id),
        file_name=file.name or "",
        content=bank_message(file),
    )
    return {
        "matched": checked.count(LineFate.MATCHED),
        "matched_units": checked.units(LineFate.MATCHED),
        "open": checked.count(LineFate.OPEN),
        "open_units": checked.units(LineFate.OPEN),
        "known": checked.count(LineFate.KNOWN),
        "faults": checked.count(LineFate.FAULT),
    }


@router.post(
    "/bank-accounts/{uuid:account_id}/statements", response={201: list[schemas.StatementOut]}
)
def import_statement(
    request: StaffRequest, account_id: UUID, key: IdempotencyKey, file: File[UploadedFile]
) -> Status[list[BankStatement]]:
    """Post what is certain and put the rest on suspense; the same file again changes nothing."""
    made = services.import_statement(
        acting_staff=request.auth_staff,
        account=seen(BankAccount, request, account_id),
        file_name=file.name or "",
        content=bank_message(file),
        id=key,
    )
    return Status(201, made)


@router.post("/statement-lines/{uuid:line_id}/matches", response={201: schemas.MatchOut})
def match_line(
    request: StaffRequest, line_id: UUID, key: IdempotencyKey, told: schemas.MatchNew
) -> Status[LineMatch]:
    """Say to which loans a line belongs."""
    parts = [services.PartIn(seen(Loan, request, part.loan_id), part.units) for part in told.parts]
    made = services.match_line(
        acting_staff=request.auth_staff,
        line=seen(StatementLine, request, line_id),
        parts=parts,
        on=timezone.localdate(),
        reason=told.reason,
        id=key,
    )
    return Status(201, made)


@router.post("/statement-lines/{uuid:line_id}/bookings", response={201: schemas.MatchOut})
def book_line(
    request: StaffRequest, line_id: UUID, key: IdempotencyKey, told: schemas.BookingNew
) -> Status[LineMatch]:
    """Say that a line is of no loan and where it belongs."""
    made = services.book_line(
        acting_staff=request.auth_staff,
        line=seen(StatementLine, request, line_id),
        role=told.role,
        on=timezone.localdate(),
        reason=told.reason,
        id=key,
    )
    return Status(201, made)


@router.post("/statement-lines/{uuid:line_id}/pairs", response={201: schemas.MatchOut})
def pair_line(
    request: StaffRequest, line_id: UUID, key: IdempotencyKey, told: schemas.PairNew
) -> Status[LineMatch]:
    """Say that a line is a payment somebody recorded by hand."""
    made = services.pair_with_recorded(
        acting_staff=request.auth_staff,
        line=seen(StatementLine, request, line_id),
        loan=seen(Loan, request, told.loan_id),
        on=timezone.localdate(),
        reason=told.reason,
        id=key,
    )
    return Status(201, made)


@router.post("/statement-lines/{uuid:line_id}/undoing", response={200: schemas.LineOut})
def undo_match(
    request: StaffRequest, line_id: UUID, key: IdempotencyKey, told: schemas.UndoNew
) -> StatementLine:
    """Take back what a line was matched to."""
    return services.undo_match(
        acting_staff=request.auth_staff,
        line=seen(StatementLine, request, line_id),
        on=timezone.localdate(),
        reason=told.reason,
    )


@router.post("/line-matches/{uuid:match_id}/decision", response={200: schemas.MatchOut})
def decide_match(
    request: StaffRequest, match_id: UUID, key: IdempotencyKey, told: schemas.DecisionNew
) -> LineMatch:
    """Agree, or not, to what another person said of a line."""
    service = services.confirm_match if told.agree else services.decline_match
    return service(
        acting_staff=request.auth_staff,
        match=seen(LineMatch, request, match_id),
        on=timezone.localdate(),
        reason=told.reason,
    )


@router.get("/payment-batches", response=PageOut[schemas.BatchOut])
def list_payment_batches(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Files of payment orders."""
    require(request.auth_staff, "lending.view_payment_batch")
    items, following = page(PaymentBatch.objects.visible_to(request.auth_staff), after, limit)
    without_hidden(request.auth_staff, items)
    return {"items": items, "next": following}


@router.get("/payment-batches/{uuid:batch_id}/orders", response=list[schemas.OrderOut])
def list_payment_orders(request: StaffRequest, batch_id: UUID) -> list[PaymentOrder]:
    """The payments of a file."""
    batch = seen(PaymentBatch, request, batch_id)
    orders = PaymentOrder.objects.visible_to(request.auth_staff).filter(batch=batch)
    rows = list(orders.select_related("loan").order_by("row"))
    reads.note(request, persons_of(rows), action="LIST", highest="P")
    return rows


@router.post("/bank-accounts/{uuid:account_id}/payment-batches", response={201: schemas.BatchOut})
def prepare_payments(
    request: StaffRequest, account_id: UUID, key: IdempotencyKey, told: schemas.PaymentsNew
) -> Status[PaymentBatch]:
    """Draft the orders that pay out signed loans."""
    made = services.prepare_payments(
        acting_staff=request.auth_staff,
        account=seen(BankAccount, request, account_id),
        loans=[seen(Loan, request, pk) for pk in dict.fromkeys(told.loan_ids)],
        execution_date=told.execution_date,
        on=timezone.localdate(),
        id=key,
    )
    return Status(201, made)


@router.post("/payment-batches/{uuid:batch_id}/check", response={200: schemas.BatchOut})
def check_payments(request: StaffRequest, batch_id: UUID, key: IdempotencyKey) -> PaymentBatch:
    """Look for all a bank would refuse."""
    batch = seen(PaymentBatch, request, batch_id)
    return services.check_payments(acting_staff=request.auth_staff, batch=batch)


@router.post("/payment-batches/{uuid:batch_id}/release", response={200: schemas.BatchOut})
def release_payments(
    request: StaffRequest, batch_id: UUID, key: IdempotencyKey, told: schemas.ReleaseNew
) -> PaymentBatch:
    """Let the money go, as another person than who prepared it."""
    return services.release_payments(
        acting_staff=request.auth_staff,
        batch=seen(PaymentBatch, request, batch_id),
        on=timezone.localdate(),
        reason=told.reason,
    )


@router.post("/payment-batches/{uuid:batch_id}/file", response={200: None})
def send_payments(request: StaffRequest, batch_id: UUID, key: IdempotencyKey) -> HttpResponse:
    """The file for the bank (pain.001); the first time it counts as sent."""
    batch = seen(PaymentBatch, request, batch_id)
    orders = PaymentOrder.objects.visible_to(request.auth_staff).filter(batch=batch)
    persons = orders.filter(loan__person__isnull=False)
    reads.note(
        request,
        persons=list(persons.values_list("loan__person_id", flat=True)),
        action="EXPORT",
        highest="S",
        purpose="pain.001",
    )
    content = services.send_payments(acting_staff=request.auth_staff, batch=batch)
    return HttpResponse(content, content_type="application/xml")


@router.post("/payment-answers", response={200: schemas.BatchOut})
def import_payment_status(
    request: StaffRequest, key: IdempotencyKey, file: File[UploadedFile]
) -> PaymentBatch:
    """Note what the bank answered (pain.002)."""
    batch = services.import_payment_status(
        acting_staff=request.auth_staff, content=bank_message(file), on=timezone.localdate()
    )
    without_hidden(request.auth_staff, [batch])
    return batch
