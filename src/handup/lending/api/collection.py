"""Collection sheets through the API: what is due of whom, and closing what was collected."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Query, Schema, Status
from pydantic import Field

from handup.groups.models import Group
from handup.lending import services
from handup.lending.api import schemas
from handup.lending.api.access import maybe, router, seen
from handup.lending.api.earlier import EarlierOut
from handup.lending.api.terms import Strict
from handup.lending.collecting import Which, sheet_of
from handup.lending.models import (
    Collection,
    CollectionLine,
    EarlierRecord,
    Lender,
    Loan,
    StrayLine,
)
from handup.lending.nameless import named_only
from handup.lending.rules.codes import Source
from handup.lending.services.sheet_lines import COLLECT
from handup.lending.services.told_again import held_of
from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.permissions import require


class SheetLineOut(Schema):
    """One loan: due that day, late, to be saved with it, in smallest units."""

    loan_id: UUID
    code: str
    borrower: str
    officer_id: UUID
    centre: str
    due_units: int
    late_units: int
    savings_units: int
    total_units: int


class SheetOut(Schema):
    """One page of a sheet of one currency; the totals are of all its pages."""

    day: date
    data_date: date
    currency: str
    currencies: list[str]
    page: int
    pages: int
    lines: list[SheetLineOut]
    total_lines: int
    due_units: int
    late_units: int
    savings_units: int


class CollectedNew(Strict):
    """One loan of a collection: what was paid, or that nobody came. words: what the sheet says of
    whom; of somebody who is not on our lists, loan_id is left out.
    """

    loan_id: UUID | None = None
    words: schemas.Line = ""
    units: Annotated[int, Field(ge=0, le=10**15)] = 0
    absent: bool = False


class CollectionNew(Strict):
    """A collection to be closed: what was counted is the sum of its lines. data_date: when the
    sheet was made; compared: an old one was compared with what was paid since; late_reason: why
    only now, of a day too long ago for one person; till_lender_id: in whose till the cash of loans
    lies that the caller does not know, where the other lines leave it open.
    """

    held_date: schemas.Day
    counted_units: Annotated[int, Field(ge=0, le=10**15)]
    data_date: schemas.Day
    compared: bool = False
    late_reason: schemas.Reason = ""
    group_id: UUID | None = None
    till_lender_id: UUID | None = None
    lines: Annotated[list[CollectedNew], Field(min_length=1, max_length=500)]


class CollectionLineOut(Schema):
    """One line of a closed collection, with the payment it became; or the cash of nobody known,
    where the loan could take none.
    """

    loan_id: UUID
    units: int
    absent: bool
    event_id: UUID | None
    stray_id: UUID | None


class StrayLineOut(Schema):
    """One line of a loan the caller does not know: its cash lies on suspense."""

    loan_id: UUID | None
    words: str
    units: int
    absent: bool
    stray_id: UUID | None

    @staticmethod
    def resolve_loan_id(row: StrayLine) -> UUID | None:
        """As the sheet named it."""
        return row.named


class CollectionOut(Schema):
    """A closed collection, as far as the caller may see its loans; unknown: its lines of loans that
    whoever collected does not know, told to her and to who may see the loan. held_id: said when it
    is told, the lines that look recorded already and wait for another person; held_units: their
    money.
    """

    id: UUID
    held_date: date
    data_date: date
    currency: str
    collected_units: int
    lines: list[CollectionLineOut]
    unknown: list[StrayLineOut]
    held_id: UUID | None = None
    held_units: int = 0


def _told(request: StaffRequest, row: Collection) -> dict[str, object]:
    rows = CollectionLine.objects.visible_to(request.auth_staff).filter(collection=row)
    lines = list(rows.select_related("loan"))
    others = list(StrayLine.objects.visible_to(request.auth_staff).filter(collection=row))
    persons = [line.loan.person_id for line in lines if line.loan.person_id]
    reads.note(request, persons, action="LIST")
    return {
        "id": row.pk,
        "held_date": row.held_date,
        "data_date": row.data_date,
        "currency": row.currency,
        "collected_units": sum(line.units for line in lines) + sum(line.units for line in others),
        "lines": lines,
        "unknown": others,
    }


@router.get("/collection-sheet", response=SheetOut)
def show_collection_sheet(
    request: StaffRequest,
    day: schemas.Day,
    officer_id: UUID | None = None,
    group_id: UUID | None = None,
    area_id: UUID | None = None,
    currency: Annotated[str, Query("", max_length=3)] = "",
    page: Annotated[int, Query(1, ge=1, le=100_000)] = 1,
) -> dict[str, object]:
    """What should be collected on a day: of an officer, a centre (a group), a village (an area)."""
    require(request.auth_staff, COLLECT)
    loans = named_only(Loan.objects.visible_to(request.auth_staff), request.auth_staff)
    sheet = sheet_of(day, Which(officer_id, group_id, area_id, currency.upper()), loans)
    lines, totals = sheet.page(page), sheet.totals
    persons = [line.loan.person_id for line in lines if line.loan.person_id]
    reads.note(request, persons, action="LIST")
    return {
        "day": day,
        "data_date": timezone.localdate(),
        "currency": sheet.currency,
        "currencies": list(sheet.currencies),
        "page": page,
        "pages": len(sheet.pages),
        "total_lines": totals.lines,
        "due_units": totals.due_units,
        "late_units": totals.late_units,
        "savings_units": totals.savings_units,
        "lines": [
            {
                "loan_id": line.loan.pk,
                "code": line.loan.code,
                "borrower": str(line.loan.borrower),
                "officer_id": line.loan.officer_id,
                "centre": line.centre,
                "due_units": line.due_units,
                "late_units": line.late_units,
                "savings_units": line.savings_units,
                "total_units": line.total_units,
            }
            for line in lines
        ],
    }


@router.post("/collections", response={201: CollectionOut, 202: EarlierOut})
def record_collection(
    request: StaffRequest, key: IdempotencyKey, told: CollectionNew
) -> Status[dict[str, object]] | Status[EarlierRecord]:
    """Close a collection: all its payments are recorded, or none; the same key counts once. One of
    an earlier day is proposed, and another person confirms it as a whole; so is one with a line
    whose lines all look recorded already under another key (202). Where some of them do, those
    wait (held_id, held_units) and the others are recorded. Cash of a loan the caller does not know
    lies on suspense (unknown), whether there is such a loan or not.
    """
    require(request.auth_staff, COLLECT)
    if told.late_reason:
        return _proposed(request, key, told)
    row = services.report_collection(
        acting_staff=request.auth_staff,
        held_date=told.held_date,
        counted_units=told.counted_units,
        lines=_lines(told),
        data_date=told.data_date,
        compared=told.compared,
        sheet=services.SheetOf(group=maybe(Group, request, told.group_id)),
        till=maybe(Lender, request, told.till_lender_id),
        source=Source.API,
        id=key,
    )
    if isinstance(row, EarlierRecord):
        return Status(202, row)
    held = held_of(row)
    waits = {} if held is None else {"held_id": held.pk, "held_units": held.units}
    return Status(201, _told(request, row) | waits)


def _lines(told: CollectionNew) -> list[services.CollectedIn]:
    return [
        services.CollectedIn(line.loan_id, line.units, line.absent, line.words)
        for line in told.lines
    ]


def _proposed(request: StaffRequest, key: UUID, told: CollectionNew) -> Status[EarlierRecord]:
    row = services.propose_collection(
        acting_staff=request.auth_staff,
        lines=_lines(told),
        value_date=told.held_date,
        proposed_date=timezone.localdate(),
        reason=told.late_reason,
        id=key,
        counted_units=told.counted_units,
        data_date=told.data_date,
        compared=told.compared,
        group=maybe(Group, request, told.group_id),
        till=maybe(Lender, request, told.till_lender_id),
    )
    return Status(202, row)


@router.get("/collections/{uuid:collection_id}", response=CollectionOut)
def show_collection(request: StaffRequest, collection_id: UUID) -> dict[str, object]:
    """One closed collection."""
    require(request.auth_staff, "lending.view_collection")
    return _told(request, seen(Collection, request, collection_id))
