"""Reads of tracer rounds: the counts that are published, of whom the reader may know."""

from handup.org.models import StaffUser
from handup.training.models import TracerResponse, TracerRound
from handup.training.rules.tracers import Answer, Report, TracerOutcome, report


def rows_of(round: TracerRound, staff: StaffUser) -> list[TracerResponse]:
    """The graduates of a round, those asked again after them, as far as the reader may see."""
    rows = TracerResponse.objects.visible_to(staff).filter(round=round)
    return list(
        rows.select_related("enrolment__person", "enrolment__cohort", "asked_by").order_by(
            "enrolment__person__sort_key", "enrolment_id", "back_check_of_id", "pk"
        )
    )


def report_of(rows: list[TracerResponse]) -> Report:
    """Count the rows of a round."""
    again = {
        row.back_check_of_id: TracerOutcome(row.outcome)
        for row in rows
        if row.back_check_of_id is not None and row.outcome
    }
    return report(
        Answer(TracerOutcome(row.outcome) if row.outcome else None, row.placed, again.get(row.pk))
        for row in rows
        if row.back_check_of_id is None
    )
