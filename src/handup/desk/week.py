"""What changed in a week, for the Monday page: each count is that of the list it opens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.views.groups import GroupList
from handup.lending.views.applications import ApplicationList
from handup.lending.views.loans import LoanList
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.lists import ListPage
from handup.org.web.money import format_number
from handup.people.views.grievances import GrievanceList
from handup.people.views.homes import EnterpriseList
from handup.people.views.outreach import EnquiryList
from handup.people.views.participation import ParticipationList
from handup.people.views.persons import PersonList
from handup.plans.views.lists import PlanList
from handup.surveys.views.lists import SubmissionList
from handup.training.views.lists import CertificateList, EnrolmentList


@dataclass(frozen=True, slots=True)
class Watched:
    """A list whose newcomers of a week are counted, by one of its ranges of days."""

    label: "str | Promise"
    page: type[ListPage]
    url_name: str
    days: str


WATCHED = (
    Watched(_("Enquiries"), EnquiryList, "people:enquiry_list", "asked"),
    Watched(_("Persons registered"), PersonList, "people:person_list", "registered"),
    Watched(_("Enterprises registered"), EnterpriseList, "people:enterprise_list", "registered"),
    Watched(
        _("Applications to take part"), ParticipationList, "people:participation_list", "applied"
    ),
    Watched(_("Courses completed"), EnrolmentList, "training:enrolment_list", "completed"),
    Watched(_("Certificates issued"), CertificateList, "training:certificate_list", "issued"),
    Watched(_("Business plans started"), PlanList, "plans:plan_list", "started"),
    Watched(_("Groups formed"), GroupList, "groups:group_list", "formed"),
    Watched(_("Loans asked for"), ApplicationList, "lending:application_list", "asked"),
    Watched(_("Loans paid out"), LoanList, "lending:loan_list", "paid_out"),
    Watched(_("Sets of answers"), SubmissionList, "surveys:submission_list", "answered"),
    Watched(_("Complaints and praise"), GrievanceList, "people:grievance_list", "received"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """How many came in a week, beside the week before, and where they stand."""

    label: "str | Promise"
    count: int
    before: int
    href: str

    @property
    def compared(self) -> str:
        """The week before, to be read out."""
        if self.count == self.before:
            return _now("as many as the week before")
        return _now("the week before: %(count)s") % {"count": format_number(self.before)}


def _week(watched: Watched, monday: date) -> dict[str, str]:
    """The parameters that narrow a list to the seven days before a Monday."""
    first, last = monday - timedelta(days=7), monday - timedelta(days=1)
    return {f"{watched.days}_from": first.isoformat(), f"{watched.days}_to": last.isoformat()}


def changes(request: HttpRequest, staff: StaffUser, monday: date) -> Sequence[Change]:
    """What came in the week before a Monday in every list the reader may open; where neither that
    week nor the one before brought anything, nothing is said.
    """
    found = []
    for watched in WATCHED:
        if not may(staff, watched.page.permission):
            continue
        week = _week(watched, monday)
        count = watched.page.counted(request, week)
        before = watched.page.counted(request, _week(watched, monday - timedelta(days=7)))
        if count or before:
            href = f"{reverse(watched.url_name)}?{urlencode(week)}"
            found.append(Change(watched.label, count, before, href))
    return found
