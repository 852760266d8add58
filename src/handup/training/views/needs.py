"""Pages of needs assessments: what people want to learn, before a course is planned."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    EmptyState,
    Kind,
    ListPage,
    Search,
)
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.projects.models import Programme
from handup.training import services
from handup.training.forms.needs import NeedsForm
from handup.training.models import NeedsAssessment, NeedTopic
from handup.training.models.labels import choices
from handup.training.models.needs import ASKED_BY
from handup.training.views.courses import StaffFormPage
from handup.training.views.qualifications import share

PAGE = "training:needs_detail"
NEW = Action(
    _("Record a needs assessment"),
    "training:needs_new",
    "training.record_needs_assessment",
    icon="plus",
)


class NeedsList(ListPage):
    """What people were asked."""

    model = NeedsAssessment
    permission = "training.view_needs_assessment"
    title = _("What people need to learn")
    related = ("programme", "area")
    columns = (
        Column("asked_date", _("Asked on"), Kind.DATE, sort="asked_date"),
        Column("findings", _("What was found"), Kind.LINK, url_name=PAGE),
        Column("programme", _("Programme")),
        Column("area", _("Area"), value=lambda row: str(row.area or "")),
        Column("women", _("Women asked"), Kind.NUMBER),
        Column("men", _("Men asked"), Kind.NUMBER),
    )
    filters = (
        Search(("findings",), label=_("What was found")),
        Choice("asked_by", _("How it was asked"), choices(ASKED_BY)),
    )
    order = "-asked_date"
    primary = NEW
    empty = EmptyState(
        _("Nobody was asked yet"), _("Ask what people need before a course is planned."), NEW
    )


class NeedsPage(RecordPage):
    """One assessment: whom, how, what they want, which course answers it."""

    model = NeedsAssessment
    permission = "training.view_needs_assessment"
    related = ("programme", "area", "office", "recorded_by")
    record: NeedsAssessment

    def header(self) -> Header:
        """Where and when."""
        row = self.record
        return Header(
            str(row.programme),
            subtitle=row.get_asked_by_display(),
            crumbs=(Crumb(_("What people need to learn"), reverse("training:needs_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Whom was asked, what was found."""
        row = self.record
        return [
            FactGroup(
                _("Who was asked"),
                [
                    Fact(_("Asked on"), row.asked_date),
                    Fact(_("Women asked"), row.women),
                    Fact(_("Men asked"), row.men),
                    Fact(_("Area"), row.area),
                    Fact(_("Office"), row.office),
                    Fact(_("What was found"), row.findings),
                    Fact(_("Recorded by"), row.recorded_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """One line a topic, most wanted first."""
        asked = self.record.women + self.record.men
        columns = (
            Column("topic", _("Topic")),
            Column(
                "wanted",
                _("Want it, of all asked"),
                Kind.FIGURE,
                value=lambda row: share(row.wanted, asked),
            ),
            Column("course", _("Course that answers it"), value=_course),
        )
        return [Table(_("What they want"), columns, self.record.topics.select_related("course"))]


def _course(row: NeedTopic) -> str:
    return str(row.course or "")


class NewNeeds(StaffFormPage):
    """Record a needs assessment."""

    form_class = NeedsForm
    permission = "training.record_needs_assessment"
    title = _("Record a needs assessment")
    intro = _("Counts and topics only; name nobody.")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today, in her programme."""
        first = Programme.objects.visible_to(self.staff).order_by("code").first()
        found: dict[str, Any] = {"asked_date": timezone.localdate()}
        return found if first is None else found | {"programme": first.pk}

    def perform(self, values: dict[str, Any]) -> NeedsAssessment:
        """Record it."""
        return services.record_needs_assessment(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: NeedsAssessment) -> str:
        """Its page."""
        return reverse(PAGE, args=[result.pk])
