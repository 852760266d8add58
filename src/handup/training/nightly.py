"""What training does every night: look who is to be asked after, and let invitations lapse."""

from django.utils import timezone

from handup.org.jobs import job
from handup.training.models import Cohort
from handup.training.rules.states import EnrolmentState
from handup.training.services.followup import RUNNING, watch
from handup.training.services.invitations import OPEN, lapse

AT_ONCE = 50


@job
def watch_absences() -> None:
    """Hand out the tasks of the absence watch in every running cohort, and end those settled."""
    cohorts = list(Cohort.objects.filter(state__in=RUNNING).select_related("course").order_by("pk"))
    for start in range(0, len(cohorts), AT_ONCE):
        watch(None, cohorts[start : start + AT_ONCE], timezone.localdate())


@job
def let_invitations_lapse() -> None:
    """End the invitations nobody answered within a week and invite the next in their place."""
    cohorts = list(
        Cohort.objects.filter(state__in=OPEN, enrolments__state=EnrolmentState.INVITED)
        .distinct()
        .order_by("pk")
    )
    for start in range(0, len(cohorts), AT_ONCE):
        lapse(None, cohorts[start : start + AT_ONCE], timezone.localdate())
