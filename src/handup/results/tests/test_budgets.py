"""The books are told what a line of an approved budget holds, and of no other."""

from datetime import date

from handup.kernel.ids import new_id
from handup.ledger import budgets
from handup.ledger.budgets import Budgeted
from handup.org.models import Office, StaffUser
from handup.projects.models import Budget, BudgetLine
from handup.projects.tests.samples import make
from handup.results.budgets import approved_amount


def test_a_line_of_an_approved_budget_is_known_by_its_id(db: None) -> None:
    staff = StaffUser.objects.create_user("anahit", display_name="Anahit")
    samples = make(staff, Office.objects.create(code="M", name="Main"))
    line = next(row for row in samples if isinstance(row, BudgetLine))
    assert approved_amount in budgets.providers
    assert approved_amount(str(line.pk)) is None, "a draft binds nobody"
    Budget.objects.filter(pk=line.budget_id).update(
        state="APPROVED", approved_by=staff, approved_date=date(2026, 1, 1)
    )
    assert budgets.budgeted(str(line.pk)) == Budgeted(1, "USD")
    assert approved_amount(str(new_id())) is None
    assert approved_amount("TRAVEL") is None
