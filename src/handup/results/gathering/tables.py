"""Every fact table by name, gathered once for each source."""

from collections.abc import Callable, Iterator
from datetime import date

from handup.results.gathering import (
    answers,
    groups,
    house,
    lending,
    people,
    productivity,
    served,
    training,
)
from handup.results.gathering.base import DERIVED, STORED, Derive, Source
from handup.results.rules.expressions import Asked, Row

STORED.update(
    (function.__name__, function)
    for function in (
        served.service,
        people.client,
        people.pathway,
        people.poverty,
        training.enrolment,
        training.graduate,
        training.module,
        training.visit,
        training.plan,
        training.qualification,
        lending.loan,
        lending.disbursement,
        lending.due,
        lending.split,
        lending.pause,
        lending.cure,
        lending.run,
        lending.loan_end,
        lending.write_off,
        lending.liable,
        groups.group_service,
        groups.membership,
        groups.change_member,
        groups.group_money,
        groups.meeting_member,
        groups.cash_count,
        groups.cash_meeting,
        groups.assessment,
        groups.presence,
        answers.answer,
        answers.paired,
        answers.enterprise,
        answers.check,
        productivity.work_month,
        productivity.delivery,
        house.product,
        house.policy_move,
        house.promise,
        house.lender_year,
        house.readiness,
        house.cost,
    )
)


def _over(table: str, function: Callable[[list[Row], Asked], Iterator[Row]]) -> Derive:
    """A table made of another one's rows by the day, as known then."""

    def derive(source: Source, asked: Asked) -> Iterator[Row]:
        rows = [
            row
            for row in source.table(table)
            if isinstance(row["day"], date)
            and row["day"] <= asked.cut_off
            and (asked.known_at is None or int(str(row["received"])) <= asked.known_at)
        ]
        return function(rows, asked)

    return derive


DERIVED.update(
    {
        "position": lending.position,
        "borrower": lending.borrower,
        "ending": lending.ending,
        "fallen_due": lending.fallen_due,
        "first_due": lending.first_due,
        "loss": lending.loss,
        "month_end": lending.month_end,
        "covered": _over("presence", groups.covered),
        "saver": _over("meeting_member", groups.last_meetings),
        "life": _over("check", answers.lives),
        "segment_move": _over("check", answers.segment_moves),
        "job_change": _over("check", answers.job_changes),
    }
)
