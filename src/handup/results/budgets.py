"""What a budget line of an approved budget holds, for the books that spend on it."""

from uuid import UUID

from handup.ledger.budgets import Budgeted, spent_on
from handup.projects.models import Budget, BudgetLine
from handup.projects.rules.states import BudgetState


def spent_of(budget: Budget) -> dict[UUID, int]:
    """What the books spent on each line of a budget, by its id, in the currency of the line.

    A later version goes on where the one before it ended: what was spent on a line of its code in
    an earlier version counts. A line that no rate can tell is left out.
    """
    here = {line.code: line for line in budget.lines.all()}
    earlier = BudgetLine.objects.filter(
        budget__phase=budget.phase_id, budget__version__lte=budget.version, code__in=here
    )
    line_of = {str(pk): here[code] for pk, code in earlier.values_list("pk", "code")}
    spent = spent_on({key: line.currency for key, line in line_of.items()})
    found = {line.pk: 0 for line in here.values()}
    for key, line in line_of.items():
        if key in spent and line.pk in found:
            found[line.pk] += spent[key]
        else:
            found.pop(line.pk, None)
    return found


def approved_amount(budget_line: str) -> Budgeted | None:
    """The amount of a line of an approved budget, by its id; None for any other key."""
    try:
        pk = UUID(budget_line)
    except ValueError:
        return None
    line = BudgetLine.objects.filter(pk=pk, budget__state=BudgetState.APPROVED.value).first()
    return None if line is None else Budgeted(line.amount_units, line.currency)
