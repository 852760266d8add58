"""Closing a cohort: completion is computed for everybody and the figures are frozen."""

from datetime import date

from django.db import transaction
from django.db.models import Max

from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.training.facts import CohortFacts, of_cohort
from handup.training.models import Cohort, CohortFigures, Enrolment, Session
from handup.training.rules.gain import gain
from handup.training.rules.states import (
    CohortState,
    EnrolmentState,
    PassRule,
    SessionState,
    TestKind,
)
from handup.training.services.certificates import activate_sealed, withdraw_unearned
from handup.training.services.common import not_before, not_to_come
from handup.training.services.followup import end_tasks_of
from handup.training.services.places import hold
from handup.training.services.refusals import (
    CohortClosed,
    NotInThisState,
    ReasonMissing,
    SessionsOpen,
    SessionWithoutRecords,
    TestsOpen,
)


def close_cohort(
    *, acting_staff: StaffUser, cohort: Cohort, closed_date: date, reason: str = ""
) -> CohortFigures:
    """Close a cohort: every session held with records or cancelled, every test entered or
    missed. Certificates printed ahead become valid for those who completed.

    Closing again after a correction needs the reason; the figures become a further revision, and a
    certificate they no longer bear out is revoked with it.
    Raises SessionsOpen, SessionWithoutRecords, TestsOpen, CohortClosed, DateBefore,
    AfterToday.
    """
    require(acting_staff, "training.close_cohort", cohort)
    if cohort.is_closed:
        raise CohortClosed
    not_to_come(closed_date, field="closed_date")
    with transaction.atomic():
        hold([cohort])  # what is being recorded comes before, or is refused
        _refuse_unfinished(cohort, closed_date)
        facts = of_cohort(cohort)
        _refuse_missing(cohort, facts)
        again = cohort.figures.exists()
        if again and not reason.strip():
            raise ReasonMissing(field="reason")
        figures = _freeze(acting_staff, cohort, facts, closed_date, reason.strip())
        cohort.state = CohortState.CORRECTED if again else CohortState.CLOSED
        cohort.closed_date = closed_date
        cohort.save(update_fields=("state", "closed_date"))
        activate_sealed(acting_staff, cohort)
        if again:
            withdraw_unearned(acting_staff, cohort, reason.strip(), closed_date)
        end_tasks_of(acting_staff, cohort, closed_date)
        audit.record(
            acting_staff, "training.close_cohort", cohort, {"completed": figures.completed}
        )
    return figures


def correct_cohort(*, acting_staff: StaffUser, cohort: Cohort, reason: str) -> Cohort:
    """Open a closed cohort's records for a correction; the old figures are kept.

    The cohort runs again until it is closed a second time, which writes the next revision.
    """
    require(acting_staff, "training.correct_cohort", cohort)
    if not cohort.is_closed:
        raise NotInThisState(state=cohort.get_state_display())
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        cohort.state = CohortState.RUNNING
        cohort.save(update_fields=("state",))
        audit.record(acting_staff, "training.correct_cohort", cohort)
    return cohort


def _refuse_unfinished(cohort: Cohort, closed_date: date) -> None:
    planned = cohort.sessions.filter(state=SessionState.PLANNED).count()
    if planned:
        raise SessionsOpen(count=planned)
    last = cohort.sessions.filter(state=SessionState.HELD).aggregate(day=Max("session_date"))
    not_before(closed_date, last["day"], field="closed_date")
    empty: Session | None = (
        cohort.sessions.filter(state=SessionState.HELD, attendances=None).order_by("number").first()
    )
    if empty is not None:
        raise SessionWithoutRecords(session=empty.number)


def _refuse_missing(cohort: Cohort, facts: CohortFacts) -> None:
    """Everybody still on the roll needs a result, or "missed", in each post-test of the course."""
    if cohort.course.pass_rule != PassRule.TEST:
        return
    tests = list(cohort.tests.filter(kind=TestKind.POST))
    on_roll = [row for row in facts.enrolments if row.state == EnrolmentState.ENROLLED]
    missing = sum((test.pk, row.pk) not in facts.answered for test in tests for row in on_roll)
    if missing or not tests:
        raise TestsOpen(count=missing or len(on_roll))


DECIDED = {EnrolmentState.ENROLLED, EnrolmentState.COMPLETED, EnrolmentState.NOT_COMPLETED}


def _freeze(
    staff: StaffUser, cohort: Cohort, facts: CohortFacts, closed_date: date, reason: str
) -> CohortFigures:
    for row in facts.enrolments:
        sums = facts.attended(row.pk)
        row.attended_minutes, row.held_minutes = sums.attended, sums.held
        if row.state in DECIDED:
            _decide(row, facts, closed_date)
    Enrolment.objects.bulk_update(
        facts.enrolments,
        ("attended_minutes", "held_minutes", "state", "completed_date", "ended_date"),
        batch_size=80,
    )
    found = gain([facts.sittings.get(row.pk, []) for row in facts.enrolments])
    latest: int = cohort.figures.aggregate(last=Max("revision"))["last"] or 0
    figures: CohortFigures = CohortFigures.objects.create(
        cohort=cohort,
        revision=latest + 1,
        closed_date=closed_date,
        closed_by=staff,
        reason=reason,
        held_minutes=sum(s.minutes for s in facts.sessions if not s.make_up_for),
        attended_minutes=sum(row.attended_minutes or 0 for row in facts.enrolments),
        enrolled=len(facts.enrolments),
        started=sum(row.started_date is not None for row in facts.enrolments),
        completed=sum(row.state == EnrolmentState.COMPLETED for row in facts.enrolments),
        dropped_out=sum(row.state == EnrolmentState.DROPPED_OUT for row in facts.enrolments),
        pairs=found.pairs,
        gain_numerator=None if found.points is None else found.points.numerator,
        gain_denominator=None if found.points is None else found.points.denominator,
        unpaired_pre=found.unpaired_pre,
        unpaired_post=found.unpaired_post,
    )
    return figures


def _decide(row: Enrolment, facts: CohortFacts, closed_date: date) -> None:
    """Give one enrolment its final state; a first completion keeps its date through corrections."""
    if facts.outcome(row.pk).completed:
        row.state = EnrolmentState.COMPLETED
        row.completed_date = row.completed_date or closed_date
    else:
        row.state = EnrolmentState.NOT_COMPLETED
        row.completed_date = None
    row.ended_date = row.ended_date or closed_date
