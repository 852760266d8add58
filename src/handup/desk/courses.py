"""The work of training, on the desk: courses under way, people to ask after, support to approve and
to pay, jobs to verify.
"""

from datetime import date

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.columns import Tone
from handup.org.web.money import format_day, format_number
from handup.org.web.pages import Action, Task
from handup.training.apprentice_queries import overdue, visits_due
from handup.training.models import (
    Cohort,
    Enrolment,
    FollowUp,
    Placement,
    Session,
    SupportPayment,
)
from handup.training.rules.states import CohortState, EnrolmentState, PlacementState
from handup.training.rules.support import SupportState
from handup.training.rules.waiting import last_day
from handup.training.services.invitations import OPEN

MOST = 6
"""One more than are shown, to know whether there are more."""


def under_way(staff: StaffUser, today: date) -> list[Task]:
    """Courses that are open or running, the one that ends first before the others."""
    rows = Cohort.objects.visible_to(staff).filter(
        state__in=(CohortState.OPEN, CohortState.RUNNING)
    )
    return [
        Task(
            str(row),
            row.get_state_display(),
            reverse("training:cohort_detail", args=[row.pk]),
            tone=Tone.WARN if row.ends_date < today else Tone.PLAIN,
            due=row.ends_date,
        )
        for row in rows.order_by("ends_date")[:MOST]
    ]


def to_ask_after(staff: StaffUser, today: date) -> list[Task]:
    """Whom she herself is to ask after, the most overdue first."""
    rows = FollowUp.objects.visible_to(staff).filter(assigned_to=staff, end="")
    return [
        Task(
            str(row.enrolment.person),
            f"{row.get_kind_display()} · {row.enrolment.cohort}",
            reverse("training:follow_up_detail", args=[row.pk]),
            tone=Tone.WARN if row.due_date < today else Tone.PLAIN,
            due=row.due_date,
            person=row.enrolment.person_id,
        )
        for row in rows.select_related("enrolment__person", "enrolment__cohort").order_by(
            "due_date", "pk"
        )[:MOST]
    ]


def to_tell(staff: StaffUser, today: date) -> list[Task]:
    """Whom a freed place invited and nobody has told, the longest untold first."""
    rows = Enrolment.objects.visible_to(staff).filter(
        state=EnrolmentState.INVITED, told_date=None, cohort__state__in=OPEN
    )
    return [
        Task(
            str(row.person),
            _t("invited to {cohort}, not told yet").format(cohort=row.cohort),
            reverse("training:cohort_detail", args=[row.cohort_id]),
            Action(
                _t("Tell the invited"),
                "training:cohort_tell",
                "training.tell_invited",
                args=(row.cohort_id,),
            ),
            Tone.WARN,
            due=last_day(row.invited_date),
            person=row.person_id,
        )
        for row in rows.select_related("person", "cohort").order_by("invited_date", "pk")[:MOST]
    ]


def visits_overdue(staff: StaffUser, today: date) -> list[Task]:
    """Apprentices whose visit is overdue, the longest first."""
    return [
        Task(
            str(line.agreement.enrolment.person),
            str(line.agreement.workshop),
            reverse("training:agreement_detail", args=[line.agreement.pk]),
            Action(
                _t("Record a visit"),
                "training:apprentice_visit",
                "training.record_apprentice_visit",
                args=(line.agreement.pk,),
            ),
            Tone.WARN,
            due=line.calls.due_date,
            person=line.agreement.enrolment.person_id,
        )
        for line in overdue(visits_due(staff, today))[:MOST]
    ]


def support_to_approve(staff: StaffUser, today: date) -> list[Task]:
    """Sessions whose support somebody else drew up."""
    return _sessions(staff, SupportState.DUE)


def support_to_pay(staff: StaffUser, today: date) -> list[Task]:
    """Sessions whose support others drew up and approved."""
    return _sessions(staff, SupportState.APPROVED)


def _sessions(staff: StaffUser, state: SupportState) -> list[Task]:
    rows = SupportPayment.objects.visible_to(staff).filter(state=state).exclude(drawn_by=staff)
    if state is SupportState.APPROVED:
        rows = rows.exclude(approved_by=staff)
    counts = dict(rows.order_by().values_list("session_id").annotate(n=Count("pk")))
    sessions = Session.objects.filter(pk__in=counts).select_related("cohort")
    return [
        Task(
            str(row.cohort),
            _t("{count} persons and kinds, session of {day}").format(
                count=format_number(counts[row.pk]), day=format_day(row.session_date)
            ),
            reverse("training:session_support", args=[row.pk]),
            due=row.session_date,
        )
        for row in sessions.order_by("session_date", "pk")[:MOST]
    ]


def to_verify(staff: StaffUser, today: date) -> list[Task]:
    """Jobs that somebody else recorded."""
    rows = Placement.objects.visible_to(staff).filter(state=PlacementState.CLAIMED)
    return [
        Task(
            str(row.enrolment.person),
            row.employer,
            reverse("training:placement_queue"),
            due=row.claimed_date,
            person=row.enrolment.person_id,
        )
        for row in rows.exclude(claimed_by=staff)
        .select_related("enrolment__person")
        .order_by("claimed_date")[:MOST]
    ]


TO_ASK_AFTER = (
    "training.follow_up",
    _("People to ask after"),
    to_ask_after,
    "training:follow_up_list",
)
TO_TELL = ("training.tell_invited", _("Invited, to be told"), to_tell, "training:cohort_list")
TO_VISIT = (
    "training.record_apprentice_visit",
    _("Apprentices to visit"),
    visits_overdue,
    "training:visits_due",
)
"""Queues of today: who may end it, what it is called, its tasks, where all of them are."""
