"""Loans as they are shown to who may read them but not who borrows: a code stands for the person or
her enterprise, a search finds numbers only, and what was written about them in free words is left
out. A group is shown by its name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from handup.lending.models import Loan
from handup.org.models import StaffUser
from handup.org.permissions import grants_for, may
from handup.org.web.filters import Params, Rows, Search
from handup.people.pseudonyms import code_of

READ_LOANS = "lending.view_loan"
READ_NAMES = "lending.view_borrower"
"""Who borrows, by name: what every page, paper and file needs that names a borrower."""

M = TypeVar("M", bound=Model)


def reads_all_names(staff: StaffUser) -> bool:
    """Whether she may know the borrower of every loan she may read."""
    return len(grants_for(staff, READ_NAMES)) == len(grants_for(staff, READ_LOANS))


def named_only(rows: QuerySet[M], staff: StaffUser) -> QuerySet[M]:
    """Those of the loans, or of what hangs on loans, whose borrower she may know by name."""
    if reads_all_names(staff):
        return rows
    manager: Any = rows.model._default_manager
    return rows.filter(pk__in=manager.reached_with(staff, READ_NAMES).order_by().values("pk"))


def hide_names(staff: StaffUser, loans: Iterable[Loan]) -> None:
    """Give the loans whose borrower she may not know by name the code they are shown by."""
    if reads_all_names(staff):
        return
    for loan in loans:
        whose = loan.person_id or loan.enterprise_id
        if whose is not None and not may(staff, READ_NAMES, loan):
            loan.shown_as = code_of(whose)


def shown(loan: Loan) -> str:
    """Who borrows, as it is shown to the reader the loan was made ready for."""
    return loan.shown_as or str(loan.borrower)


@dataclass(frozen=True)
class BorrowerSearch(Search):
    """Numbers and names; numbers alone for who may not read every name."""

    numbers: tuple[str, ...] = ()

    def narrow(self, rows: Rows, params: Params, staff: Any) -> Rows:
        """By number or name, as far as she may ask."""
        if reads_all_names(staff):
            return super().narrow(rows, params, staff)
        return Search(self.numbers, self.label, self.name).narrow(rows, params, staff)
