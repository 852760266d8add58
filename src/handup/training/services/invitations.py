"""Invitations nobody answered: they lapse, and the freed place invites the next."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction

from handup.org import audit
from handup.org.bulk import update_rows
from handup.org.models import StaffUser
from handup.training.models import Cohort, Enrolment
from handup.training.rules.states import SEATED, CohortState, EnrolmentState
from handup.training.rules.waiting import INVITATION_DAYS, order
from handup.training.services.common import require_each
from handup.training.services.enrolments import waiting_of

OPEN = (CohortState.PLANNED, CohortState.OPEN, CohortState.RUNNING)


def lapse_invitations(
    *, acting_staff: StaffUser, cohorts: Sequence[Cohort], on: date
) -> list[Enrolment]:
    """End the invitations that had no answer for a week; each freed place invites the next.

    Who did not answer waits on, behind all others (training.md 4.4). Nobody is invited to a course
    that has begun. Returns those whose invitation lapsed.
    """
    require_each(acting_staff, "training.invite_to_cohort", cohorts)
    return lapse(acting_staff, cohorts, on)


def lapse(staff: StaffUser | None, cohorts: Sequence[Cohort], on: date) -> list[Enrolment]:
    """Do what `lapse_invitations` does, for callers that have asked the permission, and every night
    for nobody.
    """
    ended: list[Enrolment] = []
    with transaction.atomic():
        ids = [cohort.pk for cohort in cohorts]
        open_ones = Cohort.objects.select_for_update().filter(pk__in=ids, state__in=OPEN)
        for cohort in open_ones.order_by("pk"):
            ended += _of_cohort(staff, cohort, on)
    return ended


def _of_cohort(staff: StaffUser | None, cohort: Cohort, on: date) -> list[Enrolment]:
    invited = cohort.enrolments.filter(
        state=EnrolmentState.INVITED, invited_date__lt=on - timedelta(days=INVITATION_DAYS)
    )
    ended: list[Enrolment] = list(invited)
    if not ended:
        return []
    for row in ended:
        row.state = EnrolmentState.WAITING
        row.reason_text = ""
    update_rows(Enrolment, ("state", "reason_text"), ended)
    following = _next(cohort, len(ended)) if on <= cohort.starts_date else []
    for row in following:
        row.state = EnrolmentState.INVITED
        row.invited_date = on
    update_rows(Enrolment, ("state", "invited_date"), following)
    if staff is not None:
        audit.record_many(audit.line(staff, "training.lapse_invitation", row) for row in ended)
        audit.record_many(audit.line(staff, "training.invite_to_cohort", row) for row in following)
    return ended


def _next(cohort: Cohort, freed: int) -> list[Enrolment]:
    """The first of the list who were never invited, as far as there are places."""
    taken = cohort.enrolments.filter(state__in=SEATED).count()
    room = max(0, min(freed, cohort.capacity - taken))
    queue = {row.pk: row for row in cohort.enrolments.filter(state=EnrolmentState.WAITING)}
    places = [place.waiting for place in order(waiting_of(row) for row in queue.values())]
    return [queue[one.enrolment_id] for one in places if not one.did_not_answer][:room]
