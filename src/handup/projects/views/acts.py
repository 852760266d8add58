"""The forms of projects: each makes one service call."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org.web.forms import FormPage
from handup.projects import forms as f
from handup.projects import services
from handup.projects.models import (
    Budget,
    Document,
    Lesson,
    Phase,
    Programme,
    StatedFigure,
)
from handup.projects.models import labels as lb
from handup.projects.rules.states import LessonState, PhaseStatus


def today() -> Any:
    """The day of today in the institution's time zone."""
    return timezone.localdate()


class BudgetApprove(View):
    """One button approves a budget somebody else prepared."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Approve it."""
        staff: Any = request.user
        budget = Budget.objects.visible_to(staff).filter(pk=pk).first()
        if budget is None:
            raise Http404
        services.approve_budget(acting_staff=staff, budget=budget, approved_date=today())
        answer = HttpResponse(status=302)
        answer["Location"] = reverse("projects:budget_detail", args=[pk])
        return answer


class ProgrammeNew(FormPage):
    """Open a programme."""

    form_class = f.ProgrammeForm
    permission = "projects.open_programme"
    title = _("Open a programme")
    verb = _("Open the programme")

    def perform(self, values: dict[str, Any]) -> Programme:
        """Open it."""
        return services.open_programme(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Programme) -> str:
        """Its page."""
        return reverse("projects:programme_detail", args=[result.pk])


class OnProgramme(FormPage):
    """A form about one programme; it goes back to its page."""

    subject_model = Programme
    subject: Programme

    def form_options(self) -> dict[str, Any]:
        """Which programme."""
        return {"programme": self.subject}

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse("projects:programme_detail", args=[self.subject.pk])


class PhaseNew(OnProgramme):
    """Open a phase."""

    form_class = f.PhaseForm
    permission = "projects.open_phase"
    title = _("Open a phase")
    verb = _("Open the phase")

    def form_options(self) -> dict[str, Any]:
        """Nothing more."""
        return {}

    def perform(self, values: dict[str, Any]) -> Phase:
        """Open it."""
        return services.open_phase(
            acting_staff=self.staff,
            programme=self.subject,
            id=self.new_id,
            code=values["code"],
            title=values["title"],
            status=PhaseStatus(values["status"]),
            approval_date=values["approval_date"],
            start=f.rough(values, "start"),
            end=f.rough(values, "end"),
            remark=values["remark"],
        )


class PhaseStatusChange(FormPage):
    """Move a phase one step."""

    form_class = f.PhaseStatusForm
    permission = "projects.change_phase_status"
    title = _("Change the status")
    verb = _("Change")
    subject_model = Phase
    subject: Phase

    def form_options(self) -> dict[str, Any]:
        """Which phase."""
        return {"phase": self.subject}

    def perform(self, values: dict[str, Any]) -> Phase:
        """Move it."""
        return services.change_phase_status(
            acting_staff=self.staff, phase=self.subject, status=PhaseStatus(values["status"])
        )

    def success_url(self, result: Phase) -> str:
        """Its page."""
        return reverse("projects:phase_detail", args=[result.pk])


class PartnerNew(OnProgramme):
    """Name a partner."""

    form_class = f.PartnerForm
    permission = "projects.add_partner"
    title = _("Name a partner")
    verb = _("Add the partner")

    def perform(self, values: dict[str, Any]) -> Any:
        """Name it."""
        told = values | {"role": lb.PartnerRole(values["role"])}
        return services.add_partner(acting_staff=self.staff, programme=self.subject, **told)


class StatedFigureNew(OnProgramme):
    """Record a figure as printed."""

    form_class = f.StatedFigureForm
    permission = "projects.record_stated_figure"
    title = _("Record a printed figure")
    verb = _("Record")

    def perform(self, values: dict[str, Any]) -> StatedFigure:
        """Record it."""
        as_of = f.rough(values, "as_of")
        told = {k: v for k, v in values.items() if not k.startswith("as_of")}
        figure = services.StatedFigureIn(
            programme=self.subject,
            as_of=as_of,
            id=self.new_id,
            **(told | {"bound": lb.Bound(values["bound"])}),
        )
        return services.record_stated_figure(acting_staff=self.staff, figure=figure)


class DocumentNew(OnProgramme):
    """Add a document."""

    form_class = f.DocumentForm
    permission = "projects.add_document"
    title = _("Add a document")
    verb = _("Add the document")

    def perform(self, values: dict[str, Any]) -> Document:
        """Add it."""
        file = values["file"]
        return services.add_document(
            acting_staff=self.staff,
            programme=self.subject,
            id=self.new_id,
            type=values["type"],
            title=values["title"],
            language=values["language"],
            document_date=f.rough(values, "date"),
            phase=values["phase"],
            access=lb.Access(values["access"]),
            content=file.read() if file else None,
            filename=file.name if file else "",
            remark=values["remark"],
        )


class LessonNew(OnProgramme):
    """Propose a lesson."""

    form_class = f.LessonForm
    permission = "projects.propose_lesson"
    title = _("Propose a lesson")
    verb = _("Propose")

    def perform(self, values: dict[str, Any]) -> Lesson:
        """Propose it."""
        told = values | {"confidence": lb.Confidence(values["confidence"])}
        return services.propose_lesson(
            acting_staff=self.staff, programme=self.subject, id=self.new_id, **told
        )


class OnLesson(FormPage):
    """A form about one lesson; it goes back to its page."""

    subject_model = Lesson
    subject: Lesson

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse("projects:lesson_detail", args=[self.subject.pk])


class LessonDecide(OnLesson):
    """Accept it, leave it unapplied, or close its review."""

    form_class = f.LessonDecisionForm
    permission = "projects.decide_lesson"
    title = _("Decide on the lesson")
    verb = _("Decide")

    def form_options(self) -> dict[str, Any]:
        """Where it stands."""
        return {"state": self.subject.state}

    def perform(self, values: dict[str, Any]) -> Lesson:
        """Decide."""
        return services.decide_lesson(
            acting_staff=self.staff,
            lesson=self.subject,
            state=LessonState(values["state"]),
            reason=values["reason"],
        )


class LessonApply(OnLesson):
    """Record where it was applied."""

    form_class = f.ApplyLessonForm
    permission = "projects.apply_lesson"
    title = _("Record where the lesson was applied")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Which programme."""
        return {"programme": self.subject.programme}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"applied_date": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        told = values | {"target_kind": lb.TargetKind(values["target_kind"])}
        return services.apply_lesson(
            acting_staff=self.staff, lesson=self.subject, id=self.new_id, **told
        )
