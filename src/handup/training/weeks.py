"""What a member of staff has to do by a day: visits to apprentices, refreshers, graduates to ask,
people to ask after, and what a higher domain adds; overdue first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.kernel.dates import add_months
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.scope import without_opened
from handup.training.apprentice_queries import visits_due
from handup.training.models import FollowUp, TracerResponse
from handup.training.refresher_queries import refreshers_open
from handup.training.rules.tracers import window

DAYS_AHEAD = 6
Label = str | Promise


@dataclass(frozen=True, slots=True)
class Due:
    """One thing to do: by when, of what kind, about whom, where it is done; `closes` is the last
    day on which it can be done.
    """

    due_date: date
    kind: Label
    person_id: UUID
    name: str
    about: str
    url: str
    closes: date | None = None

    def late_days(self, on: date) -> int:
        """How many days it is overdue, 0 when it is not."""
        return max((on - self.due_date).days, 0)


# What is due for a member of staff up to a day, today given first; a higher domain adds its own.
Source = Callable[[StaffUser, date, date], list[Due]]
sources: list[tuple[str, Source]] = []


def week_of(staff: StaffUser, on: date, days_ahead: int = DAYS_AHEAD) -> list[Due]:
    """All that is due by the end of the week for whom this reader may see, without whom she opened
    in an emergency; the most overdue first.
    """
    reader = without_opened(staff)
    until = on + timedelta(days=days_ahead)
    found: list[Due] = []
    for permission, source in (*OWN, *sources):
        if may(staff, permission):
            found += source(reader, on, until)
    return sorted(found, key=lambda one: (one.due_date, str(one.kind), one.name, one.url))


def _visits(staff: StaffUser, on: date, until: date) -> list[Due]:
    found = []
    for line in visits_due(staff, on):
        due = line.calls.due_date
        if due is not None and due <= until:
            person = line.agreement.enrolment.person
            href = reverse("training:apprentice_visit", args=[line.agreement.pk])
            about = str(line.agreement.workshop)
            found.append(Due(due, _("Visit to an apprentice"), person.pk, str(person), about, href))
    return found


def _refreshers(staff: StaffUser, on: date, until: date) -> list[Due]:
    return [
        Due(
            line.refresher.due_date,
            _("Refresher"),
            line.enrolment.person_id,
            str(line.enrolment.person),
            line.enrolment.cohort.course.title,
            reverse("training:enrolment_detail", args=[line.enrolment.pk]),
            line.refresher.closes,
        )
        for line in refreshers_open(staff, on)
        if line.refresher.due_date <= until
    ]


def _tracers(staff: StaffUser, on: date, until: date) -> list[Due]:
    """Graduates of open rounds within their window; who asked first does not ask again."""
    rows = TracerResponse.objects.visible_to(staff).filter(outcome="")
    rows = rows.exclude(back_check_of__asked_by=staff)
    found = []
    for row in rows.select_related("round", "enrolment__person", "enrolment__cohort__course"):
        completed = row.enrolment.completed_date
        if completed is None:
            continue
        due = add_months(completed, row.round.month)
        _first, last = window(completed, row.round.month)
        if due <= until and on <= last:
            person = row.enrolment.person
            href = reverse("training:tracer_answer", args=[row.pk])
            about = row.enrolment.cohort.course.title
            found.append(Due(due, _("Graduate to ask"), person.pk, str(person), about, href, last))
    return found


def _follow_ups(staff: StaffUser, on: date, until: date) -> list[Due]:
    rows = FollowUp.objects.visible_to(staff).filter(assigned_to=staff, end="", due_date__lte=until)
    return [
        Due(
            row.due_date,
            _("Somebody to ask after"),
            row.enrolment.person_id,
            str(row.enrolment.person),
            str(row.enrolment.cohort),
            reverse("training:follow_up_detail", args=[row.pk]),
        )
        for row in rows.select_related("enrolment__person", "enrolment__cohort")
    ]


OWN: tuple[tuple[str, Source], ...] = (
    ("training.record_apprentice_visit", _visits),
    ("training.view_enrolment", _refreshers),
    ("training.record_tracer", _tracers),
    ("training.follow_up", _follow_ups),
)
