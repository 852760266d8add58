"""The board of running cohorts, the funnel, the queue of placements, the certificate as paper."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org import reads
from handup.org.permissions import require
from handup.org.scope import hidden_from
from handup.org.web.charts import Bar, Chart
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_money, format_number, format_percent
from handup.org.web.pages import (
    Fact,
    FactGroup,
    FiguresPage,
    Header,
    QueuePage,
    Table,
)
from handup.projects.models import Programme
from handup.training.badge import MEDIA_TYPE, badge, may_leave
from handup.training.forms.outcomes import VerifyForm
from handup.training.models import Certificate, Placement
from handup.training.models.labels import STEP
from handup.training.paper import certificate_pdf
from handup.training.queries import BoardLine, cohort_board, funnel_lines
from handup.training.rules.funnel import APPRENTICESHIP, JOURNEY, Line
from handup.training.rules.states import CourseType, PlacementState
from handup.training.views.lists import NEW_COHORT


class Board(FiguresPage):
    """Open and running cohorts: seats, waiting, sessions, who should be asked after."""

    permission = "training.view_cohort"
    title = _("Running cohorts")

    def header(self) -> Header:
        """The title and the way to a new cohort."""
        return Header(
            self.title,
            primary=NEW_COHORT,
            actions=(Action(_t("All cohorts"), "training:cohort_list", "training.view_cohort"),),
        )

    def tables(self) -> Sequence[Table]:
        """One line a cohort."""
        chosen = self.request.session.get("programme") or None
        rows = cohort_board(staff=self.staff, programme_id=UUID(str(chosen)) if chosen else None)
        columns = (
            Column("code", _("Cohort"), Kind.LINK, value=_name_of, href=_address_of),
            Column("cohort.course.title", _("Course")),
            Column("seats", _("Places taken"), value=_seats_of),
            Column("waiting", _("Waiting"), Kind.NUMBER),
            Column("sessions_held", _("Sessions held"), Kind.NUMBER),
            Column("sessions_planned", _("Sessions to come"), Kind.NUMBER),
            Column("alerts", _("To ask after"), Kind.NUMBER),
            Column("conflicts", _("Told in two ways"), Kind.NUMBER),
        )
        empty = EmptyState(
            _("No cohort is running"), _("Open one, enrol people, plan sessions."), NEW_COHORT
        )
        return [Table(_("Cohorts"), columns, rows, empty=empty)]


def _name_of(line: BoardLine) -> str:
    return str(line.cohort)


def _address_of(line: BoardLine) -> str:
    return reverse("training:cohort_detail", args=[line.cohort.pk])


def _seats_of(line: BoardLine) -> str:
    return f"{line.seats_taken} / {line.cohort.capacity}"


class FunnelPage(FiguresPage):
    """From the open day to a job: each step with its count, each share with its two counts."""

    permission = "training.view_cohort"
    title = _("From open day to job")
    intro = _("Each step counts persons who passed the step before it.")

    def charts(self) -> Sequence[Chart]:
        """Each funnel as bars, where anybody began it."""
        return [
            Chart(
                title=title,
                units=_("persons who passed the step before"),
                source=_("enrolments, attendance, tests and verified placements"),
                bars=[
                    Bar(STEP[line.step], line.count, format_number(line.count)) for line in lines
                ],
            )
            for title, lines in self.funnels
            if any(line.count for line in lines)
        ]

    def tables(self) -> Sequence[Table]:
        """The same with each share and its two counts."""
        if not self.funnels:
            empty = EmptyState(
                _("Nobody has applied for a course yet"), _("The steps are counted from then on.")
            )
            return [Table(self.title, (), (), empty)]
        return [_funnel(title, lines) for title, lines in self.funnels]

    @cached_property
    def funnels(self) -> list[tuple[str, Sequence[Line]]]:
        """The funnel of courses and of apprenticeships of each programme chosen."""
        rows = Programme.objects.visible_to(self.staff)
        chosen = self.request.session.get("programme")
        if chosen:
            rows = rows.filter(pk=chosen)
        today = timezone.localdate()
        others = [kind for kind in CourseType if kind is not CourseType.APPRENTICESHIP]
        hidden = hidden_from(self.staff)
        found: list[tuple[str, Sequence[Line]]] = []
        for programme in rows[:5]:
            courses = funnel_lines(
                programme_id=programme.pk,
                steps=JOURNEY,
                on=today,
                course_types=others,
                without=hidden,
            )
            trades = funnel_lines(
                programme_id=programme.pk,
                steps=APPRENTICESHIP,
                on=today,
                course_types=[CourseType.APPRENTICESHIP],
                without=hidden,
            )
            if any(line.count for line in courses):
                found.append((_t("{name}: courses").format(name=programme), courses))
            if any(line.count for line in trades):
                title = _t("{name}: apprenticeships").format(name=programme)
                found.append((title, trades))
        return found


def _funnel(title: str, lines: Sequence[Line]) -> Table:
    columns = (
        Column("step", _("Step"), value=lambda line: STEP[line.step]),
        Column("count", _("Persons"), Kind.NUMBER),
        Column("share", _("Of the step before"), Kind.FIGURE, value=_of_previous),
        Column("first", _("Of the first step"), Kind.FIGURE, value=_of_first),
    )
    return Table(title, columns, lines)


def _of_previous(line: Line) -> str:
    if line.previous is None:
        return ""
    if line.of_previous is None:
        return _t("not defined")
    return _share(line.of_previous, line.count, line.previous)


def _of_first(line: Line) -> str:
    if line.of_first is None:
        return _t("not defined")
    return _share(line.of_first, line.count, line.first)


def _share(percent: str, part: int, whole: int) -> str:
    """A share beside its two counts: "63.9% (1,319 / 2,064)"."""
    return f"{format_percent(percent)} ({format_number(part)} / {format_number(whole)})"


class PlacementQueue(QueuePage):
    """Placements told by others, one at a time, to be verified."""

    permission = "training.verify_placement"
    title = _("Placements to verify")
    empty = EmptyState(
        _("Nothing to verify"), _("A placement recorded by somebody else will stand here.")
    )

    def cases(self) -> Any:
        """What others claimed, the oldest first."""
        return (
            Placement.objects.visible_to(self.staff)
            .filter(state=PlacementState.CLAIMED)
            .exclude(claimed_by=self.staff)
            .select_related("enrolment__person", "enrolment__cohort__course", "claimed_by")
            .order_by("claimed_date", "id")
        )

    def header(self, case: Any) -> Header:
        """The graduate."""
        return Header(str(case.enrolment.person), subtitle=case.enrolment.cohort.course.title)

    def panels(self, case: Any) -> Sequence[FactGroup]:
        """What was told, and the course it follows."""
        reads.note(self.request, persons=[case.enrolment.person_id], action="VIEW", highest="S")
        income = (
            format_money(case.income_units, case.currency) if case.income_units is not None else ""
        )
        return [
            FactGroup(
                _("What was told"),
                [
                    Fact(_("Kind of work"), case.get_kind_display()),
                    Fact(_("Employer"), case.employer),
                    Fact(_("Since"), case.started_date),
                    Fact(_("Permanent"), _t("yes") if case.permanent else _t("no")),
                    Fact(_("Income a month"), income),
                ],
            ),
            FactGroup(
                _("Who told it"),
                [
                    Fact(_("Recorded by"), case.claimed_by),
                    Fact(_("Told on"), case.claimed_date),
                    Fact(_("Completed on"), case.enrolment.completed_date),
                ],
            ),
        ]

    def form(self, case: Any) -> VerifyForm:
        """The decision."""
        return VerifyForm(initial={"verified_date": timezone.localdate()})

    def decide_url(self, case: Any) -> str:
        """Where it is posted."""
        return reverse("training:placement_verify", args=[case.pk])


class CertificateBadge(View):
    """The certificate as Open Badge 3.0."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send it to who may see it, while it is valid; noted in the read log."""
        staff: Any = request.user
        require(staff, "training.view_certificate")
        row = (
            Certificate.objects.visible_to(staff)
            .select_related("enrolment__cohort__course", "signing_key")
            .filter(pk=pk)
            .first()
        )
        if row is None or not may_leave(row, timezone.localdate()):
            raise Http404
        reads.note(request, persons=[row.enrolment.person_id], action="EXPORT", highest="P")
        answer = HttpResponse(badge(row), content_type=MEDIA_TYPE)
        answer["Content-Disposition"] = f'attachment; filename="{row.serial}.jwt"'
        return answer


class CertificatePaper(View):
    """The certificate as PDF."""

    def get(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send it to who may see it; the print is noted in the read log."""
        staff: Any = request.user
        require(staff, "training.view_certificate")
        row = (
            Certificate.objects.visible_to(staff)
            .select_related("enrolment__cohort__course")
            .filter(pk=pk)
            .first()
        )
        if row is None:
            raise Http404
        reads.note(request, persons=[row.enrolment.person_id], action="PRINT", highest="P")
        answer = HttpResponse(certificate_pdf(row), content_type="application/pdf")
        answer["Content-Disposition"] = f'inline; filename="{row.serial}.pdf"'
        return answer
