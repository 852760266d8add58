"""The rows of a loan as its terms make them, before anything of it has happened."""

from datetime import date
from functools import lru_cache

from handup.kernel.credit.codes import RowKind
from handup.kernel.credit.dates import DuePlan, plan_due_dates
from handup.kernel.credit.schedule import Disbursement, Schedule, build_schedule
from handup.kernel.credit.terms import Terms
from handup.lending.rules.loan import PlannedRow


@lru_cache(maxsize=2048)
def planned_rows(terms: Terms, units: int, start: date) -> tuple[PlannedRow, ...]:
    """The schedule of a loan paid out on a day: looked at when it is asked for, appraised, signed
    and paid out, and worked out once.
    """
    plan = plan_due_dates(terms, start)
    return rows_of(build_schedule(terms, [Disbursement(start, units)], plan), plan)


def rows_of(schedule: Schedule, plan: DuePlan | None = None) -> tuple[PlannedRow, ...]:
    """Engine rows as the fold keeps them; a plan says where interest periods end on days off."""
    ends = iter(() if plan is None else plan.bounds[1:])
    return tuple(
        PlannedRow(
            row.n,
            row.due_date,
            row.principal,
            row.interest,
            row.fee,
            kind=row.kind,
            ends=next(ends, None) if row.kind is RowKind.INSTALMENT else None,
        )
        for row in schedule.rows
    )
