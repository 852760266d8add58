"""A loan through the API, with a code for who borrows where the caller may not know it."""

from datetime import date
from uuid import UUID

from ninja import Schema

from handup.lending.models import Loan


class LoanOut(Schema):
    """A loan as its readers see it."""

    id: UUID
    code: str
    programme_id: UUID
    lender_id: UUID
    fund_id: UUID
    person_id: UUID | None
    enterprise_id: UUID | None
    group_id: UUID | None
    borrower_code: str = ""
    currency: str
    state: str
    stated_status: str
    agreed_date: date
    disbursed_date: date | None
    last_due_date: date | None
    next_due_date: date | None
    settled_date: date | None
    approved_units: int
    disbursed_units: int
    principal_units: int
    principal_paid_units: int
    interest_paid_units: int
    overpaid_units: int
    written_off_units: int
    recovered_units: int

    @staticmethod
    def resolve_person_id(loan: Loan) -> UUID | None:
        """Nobody, to who may not know who borrows."""
        return None if loan.shown_as else loan.person_id

    @staticmethod
    def resolve_enterprise_id(loan: Loan) -> UUID | None:
        """None, to who may not know who borrows."""
        return None if loan.shown_as else loan.enterprise_id

    @staticmethod
    def resolve_borrower_code(loan: Loan) -> str:
        """The code that stands for who borrows, to who may not know it."""
        return loan.shown_as
