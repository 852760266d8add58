"""Pages of courses on learning platforms elsewhere, and of the results they tell."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.org import reads
from handup.org.permissions import may
from handup.org.services.files import FileTooLarge
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.money import format_share
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.training import services
from handup.training.forms.fields import StaffForm
from handup.training.models import Cohort, Course, CourseLink, PlatformResult
from handup.training.platform_file import LIMITS, WHOLE_BPS
from handup.training.views.courses import StaffFormPage

PAGE = "training:course_link_detail"
MOST = 500
NEW = Action(_("Link a course"), "training:course_link_new", "training.link_course", icon="plus")


class LinkList(ListPage):
    """Where courses are taken elsewhere."""

    model = CourseLink
    permission = "training.view_curriculum"
    title = _("Courses on learning platforms")
    related = ("course",)
    columns = (
        Column("title", _("What is taken there"), Kind.LINK, sort="title", url_name=PAGE),
        Column("course.title", _("Course")),
        Column("address", _("Address")),
        Column("ended_date", _("No longer used from"), Kind.DATE),
    )
    filters = (Search(("title", "address"), label=_("Title or address")),)
    order = "title"
    primary = NEW
    empty = EmptyState(
        _("No course is linked yet"),
        _("Link a course to the page where its participants take it."),
        NEW,
    )


class LinkPage(RecordPage):
    """One link: the address, and what the platform said of whom the reader may see."""

    model = CourseLink
    permission = "training.view_curriculum"
    related = ("course", "linked_by")
    record: CourseLink

    def header(self) -> Header:
        """What is taken, of which course."""
        row = self.record
        bring = Action(
            _("Bring in results"),
            "training:platform_results",
            "training.take_platform_results",
            args=(row.pk,),
        )
        end = Action(
            _("End the link"), "training:course_link_end", "training.link_course", args=(row.pk,)
        )
        used = row.ended_date is None
        return Header(
            row.title,
            subtitle=row.course.title,
            primary=bring if used else None,
            actions=(end,) if used else (),
            crumbs=(
                Crumb(_("Courses on learning platforms"), reverse("training:course_link_list")),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The address, and since when."""
        row = self.record
        return [
            FactGroup(
                _("Where it is taken"),
                [
                    Fact(_("Address"), row.address),
                    Fact(_("Linked by"), row.linked_by),
                    Fact(_("Linked at"), row.recorded_at),
                    Fact(_("No longer used from"), row.ended_date),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The results, the latest first."""
        if not may(self.staff, "training.view_enrolment"):
            return []
        rows = PlatformResult.objects.visible_to(self.staff).filter(link=self.record)
        columns = (
            Column("enrolment.person", _("Participant"), Kind.LINK, href=_enrolment),
            Column("enrolment.cohort.code", _("Cohort")),
            Column("completed_date", _("Completed there on"), Kind.DATE),
            Column("score", _("Result"), Kind.FIGURE, value=_score),
        )
        empty = EmptyState(_("No results yet"), _("Bring in the file of the platform."))
        shown = list(rows.select_related("enrolment__person", "enrolment__cohort")[:MOST])
        persons = [row.enrolment.person_id for row in shown]
        if persons:
            reads.note(self.request, persons=persons, action="LIST", highest="S")
        return [Table(_("What the platform says"), columns, shown, empty)]


def _enrolment(row: PlatformResult) -> str:
    return reverse("training:enrolment_detail", args=[row.enrolment_id])


def _score(row: PlatformResult) -> str:
    return "" if row.score_bps is None else format_share(row.score_bps, WHOLE_BPS)


class LinkForm(StaffForm):
    """Which course, what of it, where."""

    course: Any = forms.ModelChoiceField(Course.objects.none(), label=_("Course"))
    title = forms.CharField(label=_("What is taken there"), max_length=200)
    address = forms.URLField(
        label=_("Address"),
        max_length=500,
        assume_scheme="https",
        help_text=_("For example: https://learn.example.org/course/12"),
    )


class NewLink(StaffFormPage):
    """Link a course to a platform."""

    form_class = LinkForm
    permission = "training.link_course"
    title = _("Link a course to a learning platform")
    intro = _("Participants open the address; their results come back by file.")
    verb = _("Link the course")

    def perform(self, values: dict[str, Any]) -> CourseLink:
        """Link it."""
        return services.link_course(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: CourseLink) -> str:
        """Its page."""
        return reverse(PAGE, args=[result.pk])


class ToLink(FormPage):
    """A form about a link that leads back to it."""

    subject_model = CourseLink
    subject: CourseLink

    def success_url(self, result: Any) -> str:
        """Back to the link."""
        return reverse(PAGE, args=[self.subject.pk])


class EndLink(ToLink):
    """Take no more results from a platform."""

    form_class = HouseForm
    permission = "training.link_course"
    title = _("End the link")
    intro = _("Results that were kept stay.")
    verb = _("End it")

    def perform(self, values: dict[str, Any]) -> CourseLink:
        """End it."""
        return services.end_course_link(acting_staff=self.staff, link=self.subject)


class ResultsForm(StaffForm):
    """The cohort, and the file of the platform."""

    cohort: Any = forms.ModelChoiceField(Cohort.objects.none(), label=_("Cohort"))
    file = forms.FileField(
        label=_("The file of the platform"),
        help_text=_("A workbook or CSV with the columns Number, Completed on, Result in percent."),
        max_length=200,
    )

    def clean_file(self) -> Any:
        """Refuse by its size before it is in memory."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > LIMITS.bytes_most:
            raise forms.ValidationError(str(FileTooLarge(megabytes=LIMITS.bytes_most // 1_000_000)))
        return file


class BringResults(ToLink):
    """Bring in the results of a cohort: all of them, or each fault with its cell."""

    form_class = ResultsForm
    permission = "training.take_platform_results"
    title = _("Bring in results of the platform")
    intro = _("The number is that of the participant's card. With any fault nothing is kept.")
    verb = _("Bring them in")

    def form_options(self) -> dict[str, Any]:
        """Tell the form who fills it in."""
        return {"staff": self.staff}

    def perform(self, values: dict[str, Any]) -> list[PlatformResult]:
        """Keep them."""
        return services.take_platform_results(
            acting_staff=self.staff,
            link=self.subject,
            cohort=values["cohort"],
            content=values["file"].read(),
        )

    def done_message(self, result: list[PlatformResult]) -> str:
        """How many were new."""
        count = len(result)
        text = ngettext("%(count)s result is new.", "%(count)s results are new.", count)
        return text % {"count": count}
