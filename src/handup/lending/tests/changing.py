"""What tests of a changed loan ask: its rows, its accounts, that a refusal left nothing behind."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.lending.models import Loan, LoanDue, LoanEvent, LoanProposal
from handup.lending.tests.cast import World

FEBRUARY, MARCH, MAY = date(2025, 2, 15), date(2025, 3, 1), date(2025, 5, 20)
INSTALMENT = 113_47


def held(world: World, role: str, loan: Loan) -> int:
    return balance(world.book, role, ("loan", loan.pk))


def rows(loan: Loan, **only: Any) -> list[tuple[int, date, int, int]]:
    """The rows in force: number, due date, principal, interest."""
    found = loan.dues.filter(replaced_at=None, to_date=None, **only).order_by("due_date", "number")
    return list(found.values_list("number", "due_date", "principal_units", "interest_units"))


def nothing_happened(loan: Loan, act: Callable[[], Any], *refused: type[Exception]) -> None:
    before = (
        LoanEvent.objects.count(),
        Entry.objects.count(),
        LoanDue.objects.filter(replaced_at=None).count(),
        LoanProposal.objects.count(),
    )
    with pytest.raises(refused):
        act()
    assert before == (
        LoanEvent.objects.count(),
        Entry.objects.count(),
        LoanDue.objects.filter(replaced_at=None).count(),
        LoanProposal.objects.count(),
    )
