"""The rows of a loan as its terms make them, before anything of it has happened."""

from datetime import date

from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.schedule import Disbursement, Schedule, build_schedule
from handup.kernel.credit.terms import Terms
from handup.lending.rules.loan import PlannedRow


def planned_rows(terms: Terms, units: int, start: date) -> tuple[PlannedRow, ...]:
    """The schedule of a loan paid out on a day."""
    schedule = build_schedule(terms, [Disbursement(start, units)], plan_due_dates(terms, start))
    return rows_of(schedule)


def rows_of(schedule: Schedule) -> tuple[PlannedRow, ...]:
    """Engine rows as the fold keeps them."""
    return tuple(
        PlannedRow(row.n, row.due_date, row.principal, row.interest) for row in schedule.rows
    )
