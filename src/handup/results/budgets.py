"""What a budget line of an approved budget holds, for the books that spend on it."""

from uuid import UUID

from handup.ledger.budgets import Budgeted
from handup.projects.models import BudgetLine
from handup.projects.rules.states import BudgetState


def approved_amount(budget_line: str) -> Budgeted | None:
    """The amount of a line of an approved budget, by its id; None for any other key."""
    try:
        pk = UUID(budget_line)
    except ValueError:
        return None
    line = BudgetLine.objects.filter(pk=pk, budget__state=BudgetState.APPROVED.value).first()
    return None if line is None else Budgeted(line.amount_units, line.currency)
