"""Where a phone and the office came to something else for the same plan, to be looked at."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org.web.columns import Column, Kind
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import EmptyState, ListPage, Search, Tick
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tone,
)
from handup.people.queries.persons import by_name
from handup.plans import services
from handup.plans.models import PlanDifference

SHOWN = 40


def _state(row: PlanDifference) -> str:
    return _now("looked at") if row.settled_date else _now("nobody looked yet")


class DifferenceList(ListPage):
    """Plans for which a phone came to something else, the newest first."""

    model = PlanDifference
    permission = "plans.view_plan"
    title = _("The phone and the office differ")
    related = ("version__plan__person", "told_by")
    columns = (
        Column("version.plan.number", _("Plan"), Kind.LINK, value=str, url_name="plans:difference"),
        Column("owner", _("Whose"), value=lambda row: str(row.version.plan.person or "")),
        Column("figures", _("Figures that differ"), Kind.FIGURE, sort="figures"),
        Column("told_by.display_name", _("Worked out by")),
        Column("recorded_at", _("Received"), Kind.INSTANT, sort="recorded_at"),
        Column("state", _("State"), value=_state),
    )
    filters = (
        Search(
            label=_("Number or name"),
            using=by_name(
                "version__plan__person",
                ("version__plan__number", "version__plan__person__display_name"),
            ),
        ),
        Tick("open", _("only those nobody looked at"), lambda rows: rows.filter(settled_date=None)),
    )
    order = "-recorded_at"
    empty = EmptyState(
        _("None"), _("Every plan from a phone came to the same here, to the smallest unit.")
    )
    person_path = "version__plan__person_id"


class DifferencePage(RecordPage):
    """One version: which figures differ, and what was found out."""

    model = PlanDifference
    permission = "plans.view_plan"
    related = ("version__plan__person", "told_by", "settled_by")
    person_path = "version__plan__person_id"
    record: PlanDifference

    def header(self) -> Header:
        """The plan; while nobody looked, that is to be done."""
        row = self.record
        settle = Action(
            _now("Say what was found"),
            "plans:settle_difference",
            "plans.settle_difference",
            args=(row.pk,),
        )
        plan = Action(
            _now("The plan"), "plans:plan_detail", "plans.view_plan", args=(row.version.plan_id,)
        )
        return Header(
            str(row.version),
            subtitle=str(row.version.plan.person or row.version.plan.organisation),
            state=State(_state(row), Tone.GOOD if row.settled_date else Tone.BAD),
            primary=None if row.settled_date else settle,
            actions=(plan,),
            crumbs=(
                Crumb(_now("The phone and the office differ"), reverse("plans:difference_list")),
            ),
        )

    def facts(self) -> list[FactGroup]:
        """Who worked it out, and what was found."""
        row = self.record
        return [
            FactGroup(
                _now("What happened"),
                [
                    Fact(_now("Worked out on a phone by"), str(row.told_by)),
                    Fact(_now("Engine of the phone"), row.engine_version),
                    Fact(_now("Engine of the office"), row.version.engine_version),
                    Fact(_now("Received"), row.recorded_at),
                    Fact(_now("Figures that differ"), row.figures),
                    Fact(_now("What counts"), _now("What the office works out.")),
                    Fact(_now("Looked at by"), row.settled_by),
                    Fact(_now("Looked at on"), row.settled_date),
                    Fact(_now("What was found"), row.note),
                ],
            )
        ]

    def tables(self) -> list[Table]:
        """The figures side by side, the first of them."""
        rows = [_Line(*line) for line in self.record.found[:SHOWN]]
        columns = (
            Column("name", _("Figure")),
            Column("phone", _("On the phone"), Kind.FIGURE),
            Column("office", _("At the office"), Kind.FIGURE),
        )
        return [Table(_now("What differs"), columns, rows)] if rows else []


class _Line:
    """One figure; a dash where one side has none."""

    def __init__(self, name: str, phone: str, office: str) -> None:
        self.name, self.phone, self.office = name, phone or "–", office or "–"


class NoteForm(HouseForm):
    """What was found out."""

    note = forms.CharField(
        label=_("What was found out, and what is done about it?"), max_length=300
    )


class SettleDifference(FormPage):
    """Somebody else than who wrote the plan says what was found."""

    form_class = NoteForm
    permission = "plans.settle_difference"
    subject_model = PlanDifference
    subject: PlanDifference
    title = _("Say what was found")
    intro = _("What the office worked out counts. Tell whoever looks after the program, too.")
    verb = _("Write it down")

    def perform(self, values: dict[str, Any]) -> PlanDifference:
        """Say it."""
        return services.settle_difference(
            acting_staff=self.staff, difference=self.subject, note=values["note"]
        )

    def success_url(self, result: PlanDifference) -> str:
        """The difference as it stands now."""
        return reverse("plans:difference", args=[result.pk])
