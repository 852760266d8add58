"""The votes of a committee, each on the last appraisal."""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.lending.errors import AlreadyVoted, NotAppraised
from handup.lending.models import Application, Vote
from handup.lending.rules.codes import ApplicationState, Outcome
from handup.lending.services.decisions import appraisals_of, lock_waiting, votes_of
from handup.lending.services.security import refuse_tied
from handup.lending.services.steps import hold_in_time, hold_to_day, standing
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require


def cast_vote(
    *,
    acting_staff: StaffUser,
    application: Application,
    choice: Outcome,
    voted_date: date,
    reason: str = "",
    id: UUID | None = None,
) -> Vote:
    """Vote as a member of the committee on the last appraisal; neither the advisor nor the officer
    who keeps the application nor any appraiser votes.

    Raises NotAllowed, OutOfSight, NotWaitingForThis, NotAppraised, SamePerson, ReasonNeeded,
    FutureDate, BeforeItsStep, ApplicationExpired, AlreadyVoted.
    """
    require(acting_staff, "lending.cast_vote", application)
    told = {"application": application, "choice": choice.value, "voted_date": voted_date}
    stored = already_stored(Vote, id, acting_staff, **told, member=acting_staff)
    if stored is not None:
        return stored
    with transaction.atomic():
        lock_waiting([application], ApplicationState.APPRAISED)
        refuse_tied(acting_staff, [application])
        appraisals = appraisals_of([application]).get(application.pk)
        if not appraisals:
            raise NotAppraised(code=application.code)
        require_other_person(
            acting_staff,
            application.advisor_id,
            application.officer_id,
            *(each.appraiser_id for each in appraisals),
            step="lending.cast_vote",
            amount=application.asked_units,
            reason=reason,
            obj=application,
        )
        hold_to_day(voted_date, "voted_date", appraisals[-1].appraised_date)
        hold_in_time([(application, voted_date)])
        cast = votes_of([application]).get(application.pk, [])
        if any(vote.member_id == acting_staff.pk for vote in standing(cast, appraisals)):
            raise AlreadyVoted()
        vote = Vote.objects.create(
            id=id or new_id(),
            application=application,
            appraisal=appraisals[-1],
            member=acting_staff,
            choice=choice.value,
            voted_date=voted_date,
            reason=reason,
        )
        audit.record(acting_staff, "lending.cast_vote", application, {"choice": choice.value})
    return vote
