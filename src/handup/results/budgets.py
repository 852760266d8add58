"""What a budget line of an approved budget holds, for the books that spend on it."""

from datetime import date
from uuid import UUID

from handup.ledger.budgets import Budgeted, spent_on
from handup.projects.models import Budget, BudgetLine
from handup.projects.rules.states import BudgetState


def spent_of(budget: Budget, until: date | None = None) -> dict[UUID, int | None]:
    """What the books spent on each line of a budget, by its id, in the currency of the line; None
    where no rate can tell it. `until`: the last day that counts; None for all.

    A later version goes on where the one before it ended: what was spent on a line of its code in
    an earlier version counts. What was spent on a code this version no longer has is told by the
    newest line that had it.
    """
    named = {line.code: line for line in budget.lines.all()}
    former = BudgetLine.objects.filter(
        budget__phase=budget.phase_id, budget__version__lt=budget.version
    ).order_by("-budget__version")
    line_of = {str(line.pk): line for line in named.values()}
    for line in former:
        line_of[str(line.pk)] = named.setdefault(line.code, line)
    spent = spent_on({key: line.currency for key, line in line_of.items()}, until)
    found: dict[UUID, int | None] = {line.pk: 0 for line in named.values()}
    for key, line in line_of.items():
        before, more = found[line.pk], spent.get(key)
        found[line.pk] = None if before is None or more is None else before + more
    return found


def approved_amount(budget_line: str) -> Budgeted | None:
    """The amount of a line of an approved budget, by its id; None for any other key."""
    try:
        pk = UUID(budget_line)
    except ValueError:
        return None
    line = BudgetLine.objects.filter(pk=pk, budget__state=BudgetState.APPROVED.value).first()
    return None if line is None else Budgeted(line.amount_units, line.currency)
