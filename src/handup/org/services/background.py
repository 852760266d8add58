"""What a person does about work in the background that failed for good."""

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit, jobs
from handup.org.jobs import JobRow
from handup.org.models import StaffUser
from handup.org.permissions import require

HANDLE = "org.handle_jobs"


class NotDead(Refusal):
    """This task has not failed for good: it waits, runs, or was begun again already."""


def begin_job_again(*, acting_staff: StaffUser, row: JobRow) -> None:
    """Let a task that failed for good begin anew. Raises NotAllowed, NotDead."""
    require(acting_staff, HANDLE)
    with transaction.atomic():
        if not jobs.is_dead(row) or not jobs.revive(row):
            raise NotDead
        audit.record(acting_staff, "org.begin_job_again", row, {"job": jobs.name_of(row)})


def give_up_job(*, acting_staff: StaffUser, row: JobRow) -> None:
    """Take a task that failed for good away; its matter stays. Raises NotAllowed, NotDead."""
    require(acting_staff, HANDLE)
    with transaction.atomic():
        if not jobs.is_dead(row):
            raise NotDead
        audit.record(acting_staff, "org.give_up_job", row, {"job": jobs.name_of(row)})
        if not jobs.give_up(row):
            raise NotDead
