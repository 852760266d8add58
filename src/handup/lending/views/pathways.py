"""Pathways out of extreme poverty: the list, one with its criteria and counts, opening and changing
one.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Pathway, PathwayEnrolment, PathwayVersion
from handup.lending.pathway_forms import (
    PathwayChangeForm,
    PathwayForm,
    shown_criteria,
    usual_criteria,
)
from handup.lending.pathway_words import FACTS, condition
from handup.lending.rules.codes import EnrolmentState
from handup.lending.rules.pathways import Criterion, read_criteria
from handup.lending.services import pathways
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.forms import FormPage
from handup.org.web.lists import EmptyState, ListPage, Search
from handup.org.web.money import format_number
from handup.org.web.pages import Action, Header, RecordPage, State, Table, Tile
from handup.projects.models import Programme

OPEN = Action(_("Open a pathway"), "lending:pathway_new", "lending.set_pathway")
TILES = (
    (EnrolmentState.RUNNING, _("On the way"), _("who came in and neither graduated nor left")),
    (EnrolmentState.GRADUATED, _("Graduated"), _("by the decision of a second person")),
    (EnrolmentState.LEFT, _("Left before"), _("with the reason written down")),
)


class PathwayList(ListPage):
    """Every pathway of the programmes the reader may see."""

    model = Pathway
    permission = "lending.view_pathway"
    title = _("Pathways out of extreme poverty")
    related = ("programme",)
    columns = (
        Column("name", _("Name"), Kind.LINK, sort="name", url_name="lending:pathway_detail"),
        Column("programme.title", _("Programme")),
        Column("closed_date", _("Takes nobody in since"), Kind.DATE, sort="closed_date"),
    )
    filters = (Search(("name",), label=_("Name")),)
    order = "name"
    primary = OPEN
    empty = EmptyState(
        _("No pathways yet"),
        _(
            "A pathway says when a household stands on its own feet: assets, food, savings, income,"
            " a plan."
        ),
        OPEN,
    )


class PathwayPage(RecordPage):
    """One pathway: how many stand where, its criteria, earlier versions."""

    model = Pathway
    permission = "lending.view_pathway"
    related = ("programme",)

    def header(self) -> Header:
        """Its name; taking somebody in is the next step."""
        row, key = self.record, (self.record.pk,)
        enrol = Action(
            _("Take somebody in"), "lending:enrolment_new", "lending.enrol_in_pathway", key
        )
        change = Action(
            _("Change the criteria"), "lending:pathway_change", "lending.set_pathway", key
        )
        closed = row.closed_date is not None
        return Header(
            row.name,
            str(row.programme),
            state=State(_("Closed"), Tone.PLAIN) if closed else State(_("Open"), Tone.GOOD),
            primary=None if closed else enrol,
            actions=(change,),
        )

    def tiles(self) -> Sequence[Tile]:
        """How many the reader may see stand where; each opens to them. None for who may see nobody
        on a pathway: no zero stands for what is not hers to know.
        """
        if not may(self.staff, "lending.view_enrolment"):
            return ()
        rows = PathwayEnrolment.objects.visible_to(self.staff).filter(version__pathway=self.record)
        counts = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
        address = reverse("lending:enrolment_list")
        return [
            Tile(
                label,
                format_number(counts.get(state.value, 0)),
                Tile.of_all(sum(counts.values())),
                how=how,
                href=f"{address}?pathway={self.record.pk}&state={state.value}",
            )
            for state, label, how in TILES
        ]

    def tables(self) -> Sequence[Table]:
        """The criteria in force, and the versions before."""
        versions = list(self.record.versions.select_related("made_by"))
        if not versions:
            return ()
        currency = self.record.programme.currency
        newest = versions[0]
        columns = (
            Column("label", _("What is asked")),
            Column("asked", _("When it is met"), value=lambda item: condition(item, currency)),
            Column("fact", _("Read from"), value=_read_from),
            Column("is_required", _("Must be met"), Kind.TICK),
        )
        title = _("Criteria in force; %(needed)s must be met") % {
            "needed": format_number(newest.needed)
        }
        return (
            Table(title, columns, read_criteria(newest.criteria)),
            Table(
                _("Versions"),
                (
                    Column("number", _("No."), Kind.NUMBER),
                    Column("from_date", _("For those who come in from"), Kind.DATE),
                    Column("count", _("Criteria"), Kind.NUMBER, value=_count),
                    Column("needed", _("Must be met"), Kind.NUMBER),
                    Column("made_by", _("Written by")),
                ),
                versions,
            ),
        )


def _read_from(item: Criterion) -> str:
    text = str(dict(FACTS)[item.fact.value])
    return f"{text} ({item.key})" if item.key else text


def _count(row: PathwayVersion) -> int:
    return len(row.criteria)


class OpenPathway(FormPage):
    """Open one, with the usual five criteria to begin with."""

    form_class = PathwayForm
    permission = "lending.set_pathway"
    title = _("Open a pathway")
    intro = _("Each criterion reads one fact; what is not known is never met.")
    verb = _("Open the pathway")

    def form_options(self) -> dict[str, Any]:
        """Programmes the reader may see."""
        return {"programmes": Programme.objects.visible_to(self.staff).order_by("title")}

    def initial(self) -> dict[str, Any]:
        """Today and the usual five."""
        return {"from_date": timezone.localdate(), **usual_criteria()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        return pathways.open_pathway(
            acting_staff=self.staff,
            programme=values["programme"],
            name=values["name"],
            criteria=values["criteria"],
            needed=values["needed"],
            from_date=values["from_date"],
            id=self.new_id,
        )


class ChangePathway(FormPage):
    """Other criteria for those who come in from a day on."""

    form_class = PathwayChangeForm
    permission = "lending.set_pathway"
    subject_model = Pathway
    title = _("Change the criteria")
    intro = _("Who is on the way is judged by the criteria she came in under.")
    verb = _("Keep these criteria")

    def form_options(self) -> dict[str, Any]:
        """Amounts in the programme's currency."""
        return {"currency": self.subject.programme.currency}

    def initial(self) -> dict[str, Any]:
        """What is in force."""
        last = self.subject.versions.order_by("-number").first()
        criteria = read_criteria(last.criteria)
        return {
            "from_date": timezone.localdate(),
            "closed_date": self.subject.closed_date,
            **shown_criteria(criteria, last.needed, self.subject.programme.currency),
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Add a version."""
        return pathways.change_pathway(
            acting_staff=self.staff,
            pathway=self.subject,
            criteria=values["criteria"],
            needed=values["needed"],
            from_date=values["from_date"],
            closed_date=values["closed_date"],
        )

    def success_url(self, result: Any) -> str:
        """The pathway's page."""
        return str(self.subject.get_absolute_url())
