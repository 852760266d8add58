"""Form pages about courses: curricula, cohorts, sessions; each is one form and one service call."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org import reads
from handup.org.scope import hidden_from
from handup.org.web.forms import FormPage, HouseForm
from handup.people.models import Person
from handup.training import services
from handup.training.forms import courses as forms
from handup.training.models import (
    Cohort,
    Curriculum,
    Enrolment,
    Session,
)
from handup.training.queries import waiting_list
from handup.training.rules.states import EnrolmentState
from handup.training.services.applications import ApplicationIn
from handup.training.services.enrolments import EnrolmentIn


class StaffFormPage(FormPage):
    """A form page whose choices depend on the staff member."""

    def form_options(self) -> dict[str, Any]:
        """Tell the form who fills it in."""
        return {"staff": self.staff}


class ToCohort(FormPage):
    """A form page about a cohort that leads back to it."""

    subject_model = Cohort

    def success_url(self, result: Any) -> str:
        """Back to the cohort."""
        return reverse("training:cohort_detail", args=[self.subject.pk])


class NewCurriculum(FormPage):
    """Draft a version of a curriculum."""

    form_class = forms.CurriculumForm
    permission = "training.draft_curriculum"
    title = _("Draft a curriculum")
    verb = _("Save the draft")

    def perform(self, values: dict[str, Any]) -> Any:
        """Draft it."""
        return services.draft_curriculum(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To the curriculum."""
        return reverse("training:curriculum_detail", args=[result.pk])


class ToCurriculum(FormPage):
    """A form page about a curriculum that leads back to it."""

    subject_model = Curriculum

    def success_url(self, result: Any) -> str:
        """Back to the curriculum."""
        return reverse("training:curriculum_detail", args=[self.subject.pk])


class NewModule(ToCurriculum):
    """Add a module to a draft."""

    form_class = forms.ModuleForm
    permission = "training.draft_curriculum"
    title = _("Add a module")
    verb = _("Add the module")

    def perform(self, values: dict[str, Any]) -> Any:
        """Add it with its session plans."""
        return services.add_module(
            acting_staff=self.staff,
            curriculum=self.subject,
            title=values["title"],
            plans=[services.PlanIn(title, minutes) for title, minutes in values["plans"]],
            id=self.new_id,
        )


class SubmitCurriculum(ToCurriculum):
    """Hand a draft to review."""

    form_class = HouseForm
    permission = "training.submit_curriculum"
    title = _("Hand the draft to review")
    verb = _("Hand to review")

    def perform(self, values: dict[str, Any]) -> Any:
        """Submit it."""
        return services.submit_curriculum(acting_staff=self.staff, curriculum=self.subject)


class ApproveCurriculum(ToCurriculum):
    """Approve a reviewed version."""

    form_class = forms.DayForm
    permission = "training.approve_curriculum"
    title = _("Approve the curriculum")
    intro = _("An approved version never changes.")
    verb = _("Approve")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"day": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve it."""
        return services.approve_curriculum(
            acting_staff=self.staff,
            curriculum=self.subject,
            approved_date=values["day"],
            reason=values["reason"],
        )


class NewCourse(StaffFormPage):
    """Offer a course."""

    form_class = forms.CourseForm
    permission = "training.offer_course"
    title = _("Offer a course")
    verb = _("Offer the course")

    def perform(self, values: dict[str, Any]) -> Any:
        """Offer it; percent become hundredths of a percent."""
        values["threshold_bps"] = values.pop("threshold_percent") * 100
        values["pass_mark_bps"] = values.pop("pass_mark_percent") * 100
        return services.offer_course(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To the list of courses."""
        return reverse("training:course_list")


class NewCohort(StaffFormPage):
    """Open a cohort."""

    form_class = forms.CohortForm
    permission = "training.open_cohort"
    title = _("Open a cohort")
    verb = _("Open the cohort")

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        return services.open_cohort(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """To the cohort."""
        return reverse("training:cohort_detail", args=[result.pk])


class NewTrainer(ToCohort):
    """Name a trainer."""

    form_class = forms.TrainerForm
    permission = "training.name_trainer"
    title = _("Name a trainer")
    verb = _("Name the trainer")

    def form_options(self) -> dict[str, Any]:
        """Tell the form who fills it in."""
        return {"staff": self.staff}

    def perform(self, values: dict[str, Any]) -> Any:
        """Name her."""
        return services.name_trainer(acting_staff=self.staff, cohort=self.subject, **values)


class NewSession(ToCohort):
    """Plan a session."""

    form_class = forms.SessionForm
    permission = "training.schedule_session"
    title = _("Plan a session")
    verb = _("Plan the session")

    def form_options(self) -> dict[str, Any]:
        """Offer what belongs to the cohort."""
        return {"staff": self.staff, "cohort": self.subject}

    def perform(self, values: dict[str, Any]) -> Any:
        """Plan it."""
        return services.schedule_session(
            acting_staff=self.staff, cohort=self.subject, id=self.new_id, **values
        )


class ToRoster(FormPage):
    """A form page about a session that leads back to its roster."""

    subject_model = Session

    def subject_name(self) -> str:
        """Of which cohort it is, and which one."""
        return f"{self.subject.cohort} · {self.subject}"

    def success_url(self, result: Any) -> str:
        """Back to the roster."""
        return reverse("training:roster", args=[self.subject.pk])


class HoldSession(ToRoster):
    """Say that a session took place."""

    form_class = forms.HoldForm
    permission = "training.hold_session"
    title = _("The session took place")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """The minutes planned."""
        return {"minutes_held": self.subject.minutes_planned}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.hold_session(
            acting_staff=self.staff, session=self.subject, on=timezone.localdate(), **values
        )


class CancelSession(ToRoster):
    """Cancel a session."""

    form_class = forms.ReasonForm
    permission = "training.cancel_session"
    title = _("Cancel the session")
    verb = _("Cancel the session")

    def perform(self, values: dict[str, Any]) -> Any:
        """Cancel it."""
        return services.cancel_session(acting_staff=self.staff, session=self.subject, **values)


def ticked(request: HttpRequest) -> str:
    """The numbers of those a list ticked, one a line, as somebody would have written them; whom the
    reader may not see is left out.
    """
    asked = ids_in(request.GET.getlist("person"))
    staff: Any = request.user
    found = Person.objects.visible_to(staff).in_bulk(asked)
    return "\n".join(found[key].registration_no for key in dict.fromkeys(asked) if key in found)


def ids_in(told: Sequence[str]) -> list[UUID]:
    """What of an address are ids, at most 500."""
    found = []
    for text in told[:500]:
        with suppress(ValueError):
            found.append(UUID(text))
    return found


class EnrolInCohort(ToCohort):
    """Enrol people by registration number, or those a list ticked."""

    template = "training/enrol.html"

    form_class = forms.EnrolForm
    permission = "training.enrol_in_cohort"
    title = _("Enrol people")
    verb = _("Enrol")

    def form_options(self) -> dict[str, Any]:
        """Tell the form who fills it in."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today, whom a list ticked."""
        return {"enrolled_date": timezone.localdate(), "persons": ticked(self.request)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Enrol all of them or none."""
        persons = values.pop("persons")
        return services.enrol_persons(
            acting_staff=self.staff,
            items=[EnrolmentIn(cohort=self.subject, person=one, **values) for one in persons],
        )

    def done_message(self, result: Any) -> str:
        """How many."""
        count = len(result)
        return ngettext(
            "{count} person is on the roll.", "{count} people are on the roll.", count
        ).format(count=count)


class ApplyForCohort(ToCohort):
    """Record applications by registration number."""

    form_class = forms.ApplyForm
    permission = "training.record_application"
    title = _("Record applications")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Tell the form who fills it in."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today, whom a list ticked."""
        return {"applied_date": timezone.localdate(), "persons": ticked(self.request)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record all of them or none."""
        persons = values.pop("persons")
        return services.record_applications(
            acting_staff=self.staff,
            items=[ApplicationIn(cohort=self.subject, person=one, **values) for one in persons],
        )


class DecideApplications(ToCohort):
    """Find applicants eligible, who then wait for a place, or not, with the reason."""

    form_class = forms.DecideForm
    permission = "training.decide_application"
    title = _("Decide applications")
    intro = _("Who is eligible goes on the waiting list, the highest targeting score first.")
    verb = _("Decide")

    def form_options(self) -> dict[str, Any]:
        """Who applied, as far as she may see them."""
        rows = Enrolment.objects.visible_to(self.staff).filter(
            cohort=self.subject, state=EnrolmentState.APPLIED
        )
        found = list(rows.select_related("person", "cohort").order_by("person__sort_key", "pk"))
        persons = [row.person_id for row in found]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return {"applicants": found}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"decided_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Decide all that are ticked, or none."""
        return services.decide_application(acting_staff=self.staff, **values)

    def done_message(self, result: Any) -> str:
        """How many."""
        count = len(result)
        told = ngettext(
            "{count} application is decided.", "{count} applications are decided.", count
        )
        return told.format(count=count)


class InviteNext(ToCohort):
    """Invite the first of the waiting list as far as there are places."""

    form_class = forms.DayForm
    permission = "training.invite_to_cohort"
    title = _("Invite the next on the waiting list")
    verb = _("Invite")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"day": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Invite the first one."""
        queue = waiting_list(cohort=self.subject, without=hidden_from(self.staff))
        first = [row for _place, row in queue[:1]]
        return services.invite_to_cohort(
            acting_staff=self.staff,
            cohort=self.subject,
            enrolments=first,
            invited_date=values["day"],
        )


class NewTest(ToCohort):
    """Set a test."""

    form_class = forms.TestSetForm
    permission = "training.set_test"
    title = _("Set a test")
    verb = _("Set the test")

    def perform(self, values: dict[str, Any]) -> Any:
        """Set it."""
        return services.set_test(
            acting_staff=self.staff, cohort=self.subject, id=self.new_id, **values
        )


class NewPracticalTasks(ToCohort):
    """Set the four practical tasks."""

    form_class = forms.PracticalForm
    permission = "training.set_test"
    title = _("Set the four practical tasks")
    intro = _(
        "A cost price, a selling price, profit or loss, and the person's own loan request. Each"
        " task has five points. Print the paper from the page of the test."
    )
    verb = _("Set the tasks")

    def initial(self) -> dict[str, Any]:
        """The last day of the cohort."""
        return {"test_date": self.subject.ends_date}

    def perform(self, values: dict[str, Any]) -> Any:
        """Set them."""
        return services.set_practical_tasks(
            acting_staff=self.staff, cohort=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Any) -> str:
        """To the sheet of the test."""
        return reverse("training:test_sheet", args=[result.pk])


class CloseCohort(ToCohort):
    """Close a cohort."""

    form_class = forms.CloseForm
    permission = "training.close_cohort"
    title = _("Close the cohort")
    intro = _("Completion is computed for everybody and the figures stand from then on.")
    verb = _("Close the cohort")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"closed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Close it."""
        return services.close_cohort(acting_staff=self.staff, cohort=self.subject, **values)

    def done_message(self, result: Any) -> str:
        """What came out."""
        return _t("{completed} of {enrolled} completed the course.").format(
            completed=result.completed, enrolled=result.enrolled
        )


class CorrectCohort(ToCohort):
    """Open a closed cohort for a correction."""

    form_class = forms.ReasonForm
    permission = "training.correct_cohort"
    title = _("Correct a closed cohort")
    intro = _("The old figures are kept. Close it again when it is corrected.")
    verb = _("Open for correction")

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        return services.correct_cohort(acting_staff=self.staff, cohort=self.subject, **values)
