"""What the API of the bank channel takes and gives; every text and number is bounded."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.lending.api.schemas import Amount, Day, Reason
from handup.lending.api.terms import Strict
from handup.lending.models import PaymentOrder

Role = Annotated[str, Field(pattern="^[A-Z_]{1,40}$")]


class BankAccountOut(Schema):
    """An account of ours."""

    id: UUID
    code: str
    name: str
    kind: str
    currency: str
    number: str
    form: str
    active: bool


class StatementOut(Schema):
    """A statement and what became of its lines."""

    id: UUID
    account_id: UUID
    file_name: str
    sha256: str
    number: str
    from_date: date | None
    to_date: date | None
    opening_units: int | None
    closing_units: int | None
    gap_units: int | None
    lines_total: int
    lines_matched: int
    lines_open: int
    lines_known: int
    lines_faulty: int
    matched_units: int
    open_units: int


class FaultOut(Schema):
    """One fault of a line, with its place in the file."""

    code: str
    place: str
    column: str | None
    value: str | None


class CandidateOut(Schema):
    """A loan a line may belong to, with its points and why."""

    loan: UUID
    points: int
    reasons: list[tuple[str, int]]


class RecordedOut(Schema):
    """A payment recorded by hand that may be the money of a line."""

    id: UUID
    loan_id: UUID
    received_date: date
    received_units: int
    method: str
    reference: str
    recorded_by_id: UUID


class LineOut(Schema):
    """One line of a statement: what it says, its state and why. `recorded`: the payments recorded
    by hand beside which it is held until a second person says whether it is the same money.
    """

    id: UUID
    row: int
    place: str
    book_date: date | None
    value_date: date | None
    units: int
    currency: str
    bank_reference: str
    reversal: bool
    fate: str
    score: int
    reasons: list[tuple[str, int]]
    faults: list[FaultOut]
    loan_id: UUID | None
    event_id: UUID | None
    candidates: list[CandidateOut]
    recorded: list[RecordedOut] = []


class StatementCheckOut(Schema):
    """What would happen to a file."""

    matched: int
    matched_units: int
    open: int
    open_units: int
    known: int
    faults: int


class PartNew(Strict):
    """The part of a line that belongs to one loan."""

    loan_id: UUID
    units: Amount


Parts = Annotated[list[PartNew], Field(min_length=1, max_length=100)]


class MatchNew(Strict):
    """To which loans a line belongs."""

    parts: Parts
    reason: Reason = ""


class BookingNew(Strict):
    """Where a line belongs that is of no loan."""

    role: Role
    reason: Reason


class PairNew(Strict):
    """The loan a line was recorded for by hand."""

    loan_id: UUID
    reason: Reason = ""


class DecisionNew(Strict):
    """A second person's word."""

    agree: bool
    reason: Reason = ""


class UndoNew(Strict):
    """Why a match is undone."""

    reason: Reason


class MatchOut(Schema):
    """What was said of a line, and whether it is in force."""

    id: UUID
    line_id: UUID
    kind: str
    state: str
    role: str
    proposed_by_id: UUID
    decided_by_id: UUID | None


class PaymentsNew(Strict):
    """Which signed loans are paid out, and when."""

    loan_ids: Annotated[list[UUID], Field(min_length=1, max_length=1000)]
    execution_date: Day


class BatchOut(Schema):
    """A file of payment orders."""

    id: UUID
    account_id: UUID
    message_id: str
    version: str
    execution_date: date
    state: str
    orders_total: int
    total_units: int
    sha256: str
    answer_code: str
    answer_text: str


class OrderOut(Schema):
    """One payment order; who may see account numbers sees them on its page."""

    id: UUID
    loan_id: UUID
    row: int
    end_to_end: str
    units: int
    state: str
    answer_code: str
    answer_text: str
    fund_id: UUID

    @staticmethod
    def resolve_fund_id(order: PaymentOrder) -> UUID:
        """Out of which fund it is paid: the loan's."""
        return order.loan.fund_id or UNRESTRICTED_ID


class ReleaseNew(Strict):
    """Why one person does several steps, where that is so."""

    reason: Reason = ""


class BankFileOut(Schema):
    """A bank's file and what became of it."""

    id: UUID
    lender_id: UUID
    file_name: str
    sha256: str
    rows_total: int
    rows_posted: int
    rows_faulty: int
    posted_units: int


class BankLineOut(Schema):
    """One row: what it says, its state and fault."""

    row: int
    kind: str
    loan_id: UUID | None
    value_date: date | None
    units: int | None
    state: str
    fault_code: str
    fault_column: str
    fault_message: str


class CheckOut(Schema):
    """What would happen to a file."""

    ready: int
    ready_units: int
    faults: int
    already_posted: int
