"""Invitations: a freed place invites the next of the waiting list, somebody tells her, and what
nobody answers lapses.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q

from handup.org import audit
from handup.org.bulk import update_rows
from handup.org.models import StaffUser
from handup.training.models import Cohort, Enrolment
from handup.training.rules.states import SEATED, CohortState, EnrolmentState
from handup.training.rules.waiting import INVITATION_DAYS, order
from handup.training.services.applications import queue_of, waiting_of
from handup.training.services.common import not_before, not_to_come, require_each
from handup.training.services.places import as_stored, hold, not_known_of, taken
from handup.training.services.refusals import NotInvited

OPEN = (CohortState.PLANNED, CohortState.OPEN, CohortState.RUNNING)


def tell_invited(
    *, acting_staff: StaffUser, enrolments: Sequence[Enrolment], told_date: date
) -> list[Enrolment]:
    """Record that persons invited by a freed place were told; their week to answer begins.

    Who was told before keeps that day. Raises NotInvited, DateBefore, AfterToday,
    CohortClosed.
    """
    require_each(acting_staff, "training.tell_invited", enrolments)
    not_to_come(told_date, field="told_date")
    with transaction.atomic():
        hold(row.cohort for row in enrolments)
        as_stored(enrolments)
        fresh = [row for row in enrolments if row.told_date is None]
        for row in fresh:
            if row.state != EnrolmentState.INVITED:
                raise NotInvited(field="told_date", person=row.person)
            not_before(told_date, row.invited_date, field="told_date")
            row.told_date = told_date
        update_rows(Enrolment, ("told_date",), fresh)
        audit.record_many(audit.line(acting_staff, "training.tell_invited", row) for row in fresh)
    return list(enrolments)


def lapse_invitations(
    *, acting_staff: StaffUser, cohorts: Sequence[Cohort], on: date
) -> list[Enrolment]:
    """End the invitations that had no answer for a week; each freed place invites the next.

    The week begins when she is told: an invitation nobody passed on stands until the course
    begins. Who did not answer waits on, behind all others (training.md 4.4). Nobody is invited to
    a course that has begun, and no erased person. Returns those whose invitation lapsed.
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
    unanswered = Q(told_date__lt=on - timedelta(days=INVITATION_DAYS))
    if on > cohort.starts_date:
        unanswered |= Q(told_date=None)
    invited = cohort.enrolments.filter(unanswered, state=EnrolmentState.INVITED)
    ended: list[Enrolment] = list(invited)
    if not ended:
        return []
    for row in ended:
        row.state = EnrolmentState.WAITING
    update_rows(Enrolment, ("state",), ended)
    if staff is not None:
        audit.record_many(audit.line(staff, "training.lapse_invitation", row) for row in ended)
    invite_following(staff, cohort, len(ended), on)
    return ended


def invite_following(
    staff: StaffUser | None, cohort: Cohort, freed: int, on: date
) -> list[Enrolment]:
    """Invite the first of the list who let no invitation pass into places that became free, as far
    as there are places and the course has not begun; the cohort is held. They are to be told.
    """
    if on > cohort.starts_date:
        return []
    following = _following(staff, cohort, freed)
    for row in following:
        row.state, row.invited_date, row.told_date = EnrolmentState.INVITED, on, None
    update_rows(Enrolment, ("state", "invited_date", "told_date"), following)
    if staff is not None:
        audit.record_many(audit.line(staff, "training.invite_to_cohort", row) for row in following)
    return following


def _following(staff: StaffUser | None, cohort: Cohort, freed: int) -> list[Enrolment]:
    """The first of the list, as many as this staff user counts places for. Somebody she may not
    know of is invited into a place that is truly free, and takes none of those she counts.
    """
    hidden = not_known_of(staff)
    known = max(0, min(freed, cohort.capacity - taken(cohort, staff)))
    free = max(0, min(freed, cohort.capacity - cohort.enrolments.filter(state__in=SEATED).count()))
    queue = {row.pk: row for row in queue_of(cohort)}
    following: list[Enrolment] = []
    for place in order(waiting_of(row) for row in queue.values()):
        row = queue[place.waiting.enrolment_id]
        if place.waiting.did_not_answer or (free if row.person_id in hidden else known) <= 0:
            continue
        following.append(row)
        free -= 1
        known -= row.person_id not in hidden
    return following
