"""Portfolios of other systems through the API."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import File, Form, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from handup.lending.api.access import maybe, note, router, seen
from handup.lending.api.schemas import Code, Day, Many, Name, Reason, Short
from handup.lending.api.terms import Strict
from handup.lending.models import Lender, OldBook, OldLoan
from handup.lending.rules.old_book import BUCKETS, DueDays, InterestBasis, Way
from handup.lending.services import old_book_signing as signing
from handup.lending.services import old_books as services
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.models import Office, StaffUser
from handup.org.permissions import OutOfSight, require
from handup.projects.models import Programme

PERMISSION = "lending.take_over_book"
Units = Annotated[int, Field(gt=-(2**50), lt=2**50)]
Bucket = Annotated[str, Field(pattern="^(" + "|".join(BUCKETS).replace("+", r"\+") + ")$")]
Heading = Annotated[str, Field(min_length=1, max_length=200, pattern="^[^\\x00]*$")]


class OldBookNew(Strict):
    """A portfolio to take over. terms: a preset's name and fields over it, as a product's."""

    code: Code
    name: Name
    lender_id: UUID
    programme_id: UUID
    office_id: UUID | None = None
    cutover_date: Day
    terms: dict[str, Any]
    due_days: DueDays = DueDays.BY_TERMS
    interest_basis: InterestBasis = InterestBasis.ACCRUED
    contra_role: Annotated[str, Field(pattern="^(CAPITAL|RETAINED|BORROWINGS|GRANT_DEFERRED)$")] = (
        "CAPITAL"
    )


class FaultOut(Schema):
    """One fault with its cell."""

    place: str
    code: str
    message: str


class OldBookOut(Schema):
    """A portfolio and where it stands."""

    id: UUID
    code: str
    name: str
    lender_id: UUID
    programme_id: UUID
    cutover_date: date
    state: str
    fault_count: int
    unknown: dict[str, list[str]]
    sample_size: int
    tried_date: date | None
    entry: UUID | None
    signed_date: date | None
    undone_date: date | None


class OldBookFaults(OldBookOut):
    """The same with the faults of its lists."""

    faults: list[FaultOut]

    @staticmethod
    def resolve_faults(book: OldBook) -> list[dict[str, str]]:
        """As far as they are kept."""
        return [
            {"place": fault.place, "code": fault.code, "message": fault.message}
            for fault in services.faults_of(book)
        ]


class OldLoanOut(Schema):
    """One loan of a portfolio, what a try showed, and the loan it became."""

    id: UUID
    key: str
    person_id: UUID | None
    group_id: UUID | None
    units: int
    disbursed_date: date
    proof: str
    differences: int
    first: dict[str, Any]
    reason: str
    way: str
    loan_id: UUID | None


class HeadingsNew(Strict):
    """Which heading stands for which column, by table."""

    matches: dict[Short, dict[Short, Heading]]


class TrialNew(Strict):
    """How many loans are tried; none: all."""

    sample: Annotated[int, Field(ge=1, le=100_000)] | None = 30


class WaysNew(Strict):
    """Whether loans with nothing to compare with come in by their terms."""

    unlisted_by_terms: bool = False


class WayNew(Strict):
    """How one loan comes in."""

    way: Way


class TotalsNew(Strict):
    """What the old trial balance says, in smallest units; ageing: principal by days late."""

    savings: Many = 0
    number: Annotated[int, Field(ge=0, le=10_000_000)]
    disbursed: Many
    principal: Many
    interest: Units
    fees: Units
    ageing: dict[Bucket, Many] = {}


class TotalsOut(Schema):
    """The totals of the loans that come in."""

    number: int
    disbursed: int
    principal: int
    interest: int
    fees: int
    savings: int
    ageing: dict[str, int]


class SignNew(Strict):
    """A signature; why, where one person gives both."""

    reason: Reason = ""


@router.get("/old-books", response=PageOut[OldBookOut])
def list_old_books(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Portfolios taken over, or on their way."""
    require(request.auth_staff, "lending.view_old_book")
    items, following = page(OldBook.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/old-books/{uuid:book_id}", response=OldBookFaults)
def show_old_book(request: StaffRequest, book_id: UUID) -> OldBook:
    """One portfolio with the faults of its lists."""
    return _book(request, book_id, "lending.view_old_book")


def _book(request: StaffRequest, book_id: UUID, permission: str = PERMISSION) -> OldBook:
    require(request.auth_staff, permission)
    return seen(OldBook, request, book_id)


@router.post("/old-books", response={201: OldBookOut})
def open_old_book(request: StaffRequest, key: IdempotencyKey, told: OldBookNew) -> Status[OldBook]:
    """Begin to take a portfolio over."""
    staff: StaffUser = request.auth_staff
    require(staff, PERMISSION)
    lender = Lender.objects.reached_with(staff, PERMISSION).filter(pk=told.lender_id).first()
    rows = Programme.objects.reached_with(staff, PERMISSION)
    programme = rows.filter(pk=told.programme_id).first()
    if lender is None or programme is None:
        raise OutOfSight
    made = services.open_old_book(
        acting_staff=staff,
        code=told.code,
        name=told.name,
        lender=lender,
        programme=programme,
        office=maybe(Office, request, told.office_id),
        terms=told.terms,
        cutover_date=told.cutover_date,
        due_days=told.due_days,
        interest_basis=told.interest_basis,
        contra_role=told.contra_role,
        on=timezone.localdate(),
        id=key,
    )
    return Status(201, made)


@router.post("/old-books/{uuid:book_id}/lists", response={200: OldBookFaults})
def receive_lists(
    request: StaffRequest,
    book_id: UUID,
    key: IdempotencyKey,
    loans: File[UploadedFile],
    schedules: Annotated[UploadedFile | None, File()] = None,
    payments: Annotated[UploadedFile | None, File()] = None,
    delimiter: Annotated[str, Form(max_length=1)] = ",",
    date_form: Annotated[str, Form(max_length=12)] = "%Y-%m-%d",
    decimal_sign: Annotated[str, Form(pattern="^[.,]$")] = ".",
) -> OldBook:
    """Take the lists, a workbook or zip or CSV files; all of them or nothing."""
    name, content = services.as_one({"loans": loans, "schedules": schedules, "payments": payments})
    return services.receive_lists(
        acting_staff=request.auth_staff,
        book=_book(request, book_id),
        name=name,
        content=content,
        form={"delimiter": delimiter, "date_form": date_form, "decimal_sign": decimal_sign},
    )


@router.post("/old-books/{uuid:book_id}/headings", response={200: OldBookFaults})
def match_headings(
    request: StaffRequest, book_id: UUID, key: IdempotencyKey, told: HeadingsNew
) -> OldBook:
    """Say which heading stands for which column, and read the lists again."""
    matches = {
        (table, column): heading
        for table, found in told.matches.items()
        for column, heading in found.items()
    }
    return services.match_headings(
        acting_staff=request.auth_staff, book=_book(request, book_id), matches=matches
    )


@router.post("/old-books/{uuid:book_id}/trials", response={200: OldBookOut})
def try_loans(request: StaffRequest, book_id: UUID, key: IdempotencyKey, told: TrialNew) -> OldBook:
    """Make schedules anew, replay the payments, and keep what differs."""
    return services.try_loans(
        acting_staff=request.auth_staff,
        book=_book(request, book_id),
        on=timezone.localdate(),
        sample=told.sample,
    )


@router.get("/old-books/{uuid:book_id}/loans", response=PageOut[OldLoanOut])
def list_old_loans(
    request: StaffRequest, book_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The loans of a portfolio with the first row that differs of each."""
    book = _book(request, book_id, "lending.view_old_book")
    rows = OldLoan.objects.visible_to(request.auth_staff).filter(book=book)
    items, following = page(rows, after, limit)
    note(request, items)
    return {"items": items, "next": following}


@router.post("/old-books/{uuid:book_id}/ways", response={200: OldBookOut})
def decide_ways(
    request: StaffRequest, book_id: UUID, key: IdempotencyKey, told: WaysNew
) -> OldBook:
    """Let equal loans come in by their terms, every other as it stands."""
    return services.decide_ways(
        acting_staff=request.auth_staff,
        book=_book(request, book_id),
        on=timezone.localdate(),
        unlisted_by_terms=told.unlisted_by_terms,
    )


@router.post("/old-loans/{uuid:loan_id}/way", response={200: OldLoanOut})
def choose_way(request: StaffRequest, loan_id: UUID, key: IdempotencyKey, told: WayNew) -> OldLoan:
    """Decide how one loan comes in."""
    require(request.auth_staff, PERMISSION)
    row = seen(OldLoan, request, loan_id)
    note(request, [row], "VIEW")
    return services.choose_way(acting_staff=request.auth_staff, old_loan=row, way=told.way)


@router.get("/old-books/{uuid:book_id}/totals", response=TotalsOut)
def show_totals(request: StaffRequest, book_id: UUID) -> dict[str, Any]:
    """The totals of the loans that come in."""
    return signing.totals_of(_book(request, book_id, "lending.view_old_book"))


@router.post("/old-books/{uuid:book_id}/totals", response={200: OldBookOut})
def state_controls(
    request: StaffRequest, book_id: UUID, key: IdempotencyKey, told: TotalsNew
) -> OldBook:
    """Write down what the old trial balance says."""
    return signing.state_controls(
        acting_staff=request.auth_staff, book=_book(request, book_id), controls=told.dict()
    )


@router.post("/old-books/{uuid:book_id}/proposal", response={200: OldBookOut})
def propose_old_book(request: StaffRequest, book_id: UUID, key: IdempotencyKey) -> OldBook:
    """Give the first signature."""
    return signing.propose_old_book(
        acting_staff=request.auth_staff,
        book=_book(request, book_id, "lending.sign_old_book"),
        proposed_date=timezone.localdate(),
    )


@router.post("/old-books/{uuid:book_id}/withdrawal", response={200: OldBookOut})
def withdraw_proposal(request: StaffRequest, book_id: UUID, key: IdempotencyKey) -> OldBook:
    """Take the first signature back."""
    return signing.withdraw_proposal(
        acting_staff=request.auth_staff,
        book=_book(request, book_id, "lending.sign_old_book"),
    )


@router.post("/old-books/{uuid:book_id}/signature", response={200: OldBookOut})
def sign_old_book(
    request: StaffRequest, book_id: UUID, key: IdempotencyKey, told: SignNew
) -> OldBook:
    """Give the second signature: the loans come in with one opening journal."""
    return signing.sign_old_book(
        acting_staff=request.auth_staff,
        book=_book(request, book_id, "lending.sign_old_book"),
        signed_date=timezone.localdate(),
        reason=told.reason,
    )


@router.post("/old-books/{uuid:book_id}/undoing", response={200: OldBookOut})
def undo_old_book(
    request: StaffRequest, book_id: UUID, key: IdempotencyKey, told: SignNew
) -> OldBook:
    """Take a portfolio back while nothing has happened to its loans."""
    return signing.undo_old_book(
        acting_staff=request.auth_staff,
        book=_book(request, book_id, "lending.undo_old_book"),
        undone_date=timezone.localdate(),
        reason=told.reason,
    )
