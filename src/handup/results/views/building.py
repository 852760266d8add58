"""The builder of figures: choose a fact, which rows, what is counted, how it is split; the figure
and its rows stand beside, and the same as lines of text. And those that were kept."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.kernel.dates import NotADate, parse_date
from handup.kernel.errors import Refusal
from handup.org.permissions import may
from handup.org.scope import hidden_from
from handup.org.web.columns import Label
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_day, format_money, format_number, format_percent
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tile,
)
from handup.org.web.refusals import message_of
from handup.projects.models import Programme
from handup.results import services
from handup.results.building import (
    FACT_WORDS,
    OP_WORDS,
    column_word,
    count_word,
    figure_of,
)
from handup.results.facts import Facts
from handup.results.models import BuiltIndicator
from handup.results.models.built import BUILT_STATES
from handup.results.report import conversion_json, reporting_day
from handup.results.rules.building import (
    ALONE,
    FACTS,
    MOST_SIGNS,
    WORDS,
    Built,
    How,
    amounts,
    as_code,
    asked_columns,
    checked,
    condition_of,
    read_code,
    splits,
    units,
    value_text,
    values_of,
)
from handup.results.rules.engine import Figure
from handup.results.rules.expressions import Asked, Op, Test
from handup.results.rules.fact_tables import Kind as ColumnKind
from handup.results.rules.states import BuiltState
from handup.results.services.building import ACTIVATE, BUILD
from handup.results.views.breakdowns import breakdown_table
from handup.results.views.currencies import conversion_tables
from handup.results.views.rows import name_rows, reached_rows
from handup.results.wording import no_value

PAGE = "results:built_detail"
BUILDER = "results:builder"
ROWS_BESIDE = 20
START = Built("service", How.EACH, "person")
TONES = {"DRAFT": Tone.WARN, "ACTIVE": Tone.GOOD, "RETIRED": Tone.PLAIN}


def day_of(request: HttpRequest, name: str) -> date | None:
    """A day of the address; None where it is left out or is none."""
    try:
        return parse_date(request.GET.get(name, ""), field=name)
    except NotADate:
        return None


class Counted:
    """A definition counted for one reader: the figure, or why it cannot be counted."""

    def __init__(
        self, built: Built, programme: Programme, staff: Any, days: tuple[Any, Any]
    ) -> None:
        self.built, self.staff = built, staff
        self.start: date | None = days[0]
        self.as_of: date = days[1] or reporting_day(programme) or timezone.localdate()
        self.facts = Facts(programme, self.as_of, hidden_from(staff))
        self.programme = programme
        self.why_not = ""
        self.figure: Figure | None = None
        try:
            self.figure = figure_of(built, self.facts, self.start)
        except Refusal as refusal:
            self.why_not = message_of(refusal)

    def tiles(self) -> list[Tile]:
        """The figure."""
        if self.figure is None:
            return []
        figure = self.figure
        title = str(FACT_WORDS[self.built.fact])
        if figure.has_gap:
            return [Tile(title, no_value(), how=count_word(self.built))]
        part = self._amount(figure.numerator)
        if figure.denominator is None:
            return [Tile(title, part, how=count_word(self.built))]
        text = figure.percent_text()
        of = gettext("%(part)s of %(whole)s") % {
            "part": part,
            "whole": self._amount(figure.denominator),
        }
        shown = gettext("not defined") if text is None else format_percent(text)
        return [Tile(title, shown, of=of, how=count_word(self.built))]

    def _amount(self, units: int) -> str:
        currency = self.figure.currency if self.figure else ""
        return format_money(units, currency) if currency else format_number(units)

    def tables(self, request: HttpRequest) -> list[Table]:
        """Its lines, and the first of its rows that this reader may open."""
        if self.figure is None:
            return []
        tables = conversion_tables(conversion_json(self.figure.conversion))
        tables += [breakdown_table(row) for row in self.figure.breakdowns]
        if may(self.staff, "results.open_rows", self.programme):
            tables.append(self._rows(request))
        return tables

    def _rows(self, request: HttpRequest) -> Table:
        assert self.figure is not None
        shown = reached_rows(self.figure.rows, self.staff)[:ROWS_BESIDE]
        title = gettext("Its first rows, of %(count)s") % {
            "count": format_number(len(self.figure.rows))
        }
        return Table(
            title,
            (
                Column("on", _("Date"), Kind.DATE, value=lambda row: row["on"]),
                Column("name", _("Record"), value=lambda row: row["name"]),
            ),
            name_rows(request, shown),
            EmptyState(_("No row you may open counts.")),
        )


class Builder(RecordPage):
    """Build a figure by choosing; nothing is kept until it is given a name."""

    model = Programme
    permission = BUILD
    template = "results/builder.html"

    def rows(self) -> Any:
        """The programmes her grants for it reach."""
        return Programme.objects.reached_with(self.staff, BUILD)

    def header(self) -> Header:
        """The programme, and the day it is counted up to."""
        return Header(
            _("Build a figure"),
            subtitle=f"{self.record.title} · {format_day(self.counted.as_of)}",
            crumbs=(Crumb(_("Figures of our own"), reverse("results:built_list")),),
        )

    @cached_property
    def _read(self) -> tuple[Built, str]:
        """What the address says, and what of it could not be read."""
        text = self.request.GET.get("code", "")
        try:
            built = read_code(text) if text.strip() else START
            return self._with_condition(built), ""
        except Refusal as refusal:
            return START, message_of(refusal)

    def _with_condition(self, built: Built) -> Built:
        """With the condition that was just chosen in the form."""
        asked = self.request.GET
        column = asked.get("column", "")
        if not column:
            return built
        word = asked.get("op", "")
        op = Op(word) if word in set(Op) else Op.IS
        test = condition_of(built.fact, column, op, asked.get("value", ""))
        if asked.get("side") == "those":
            return checked(replace(built, those=(*built.those, test)))
        return checked(replace(built, where=(*built.where, test)))

    @cached_property
    def counted(self) -> Counted:
        """The figure of the address."""
        days = (day_of(self.request, "since"), day_of(self.request, "as_of"))
        return Counted(self._read[0], self.record, self.staff, days)

    def notes(self) -> Sequence[tuple[Tone, Label]]:
        """What could not be read or counted."""
        said = (self._read[1], self.counted.why_not)
        return [(Tone.BAD, text) for text in said if text]

    def tiles(self) -> Sequence[Tile]:
        """The figure."""
        return self.counted.tiles()

    def tables(self) -> Sequence[Table]:
        """Lines and rows."""
        return self.counted.tables(self.request)

    def _href(self, built: Built) -> str:
        told = {"code": as_code(built)}
        for name in ("since", "as_of"):
            day = day_of(self.request, name)
            if day is not None:
                told[name] = day.isoformat()
        return f"?{urlencode(told)}"

    def _link(self, label: str, built: Built, *, now: bool = False) -> dict[str, Any]:
        return {"label": label, "href": self._href(built), "now": now}

    def context(self) -> dict[str, Any]:
        """Everything that can be chosen next."""
        built = self._read[0]
        columns = asked_columns(built.fact)
        return {
            "facts": [
                self._link(str(FACT_WORDS[fact]), Built(fact), now=fact == built.fact)
                for fact in FACTS
            ],
            "counts": self._counts(built),
            "conditions": self._conditions(built),
            "splits": [self._split(built, name) for name in splits(built.fact)],
            "columns": [(name, column_word(name)) for name in columns],
            "ops": [(op.value, OP_WORDS[op]) for op in WORDS],
            "values": self._values(built),
            "code": as_code(built),
            "since": self.counted.start,
            "as_of": self.counted.as_of,
            "keep": reverse("results:built_new", args=[self.record.pk])
            + "?"
            + urlencode({"code": as_code(built)}),
        }

    def _counts(self, built: Built) -> list[dict[str, Any]]:
        found = [replace(built, how=How.ROWS, of="")]
        found += [replace(built, how=How.EACH, of=unit) for unit in units(built.fact)]
        found += [replace(built, how=How.SUM, of=name) for name in amounts(built.fact)]
        return [
            self._link(count_word(one), one, now=(one.how, one.of) == (built.how, built.of))
            for one in found
        ]

    def _conditions(self, built: Built) -> list[dict[str, Any]]:
        """The conditions so far, each with the way to take it away."""
        found = []
        for side in ("where", "those"):
            tests: tuple[Test, ...] = getattr(built, side)
            for at, test in enumerate(tests):
                rest = (*tests[:at], *tests[at + 1 :])
                without = (
                    replace(built, where=rest) if side == "where" else replace(built, those=rest)
                )
                found.append(
                    {"side": side, "text": condition_word(test), "href": self._href(without)}
                )
        return found

    def _split(self, built: Built, name: str) -> dict[str, Any]:
        if name in built.split:
            rest = tuple(one for one in built.split if one != name)
            return self._link(column_word(name), replace(built, split=rest), now=True)
        return self._link(column_word(name), replace(built, split=(*built.split, name)))

    def _values(self, built: Built) -> list[str]:
        """What the texts of the fact hold, to choose from."""
        rows = self.counted.facts.table(built.fact, Asked(self.counted.as_of))
        names = [
            name for name, item in asked_columns(built.fact).items() if item.kind is ColumnKind.TEXT
        ]
        return sorted({value for name in names for value in values_of(rows, name)})[:200]


def condition_word(test: Test) -> str:
    """A condition in words."""
    told = f"{column_word(test.column)} {OP_WORDS[test.op]}"
    return told if test.op in ALONE else f"{told} {value_text(test.value)}"


class BuiltList(ListPage):
    """Figures a house built for itself."""

    model = BuiltIndicator
    permission = BUILD
    title = _("Figures of our own")
    related = ("programme", "built_by")
    columns = (
        Column("name", _("Figure"), Kind.LINK, sort="name", url_name=PAGE),
        Column("code", _("Code")),
        Column("programme.title", _("Programme"), sort="programme__title"),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("built_by.display_name", _("Built by")),
    )
    filters = (Search(("name", "programme__title")), Choice("state", _("State"), BUILT_STATES))
    order = "name"
    empty = EmptyState(
        _("No figure of our own yet"),
        _("Build one on the programme's page of results: choose a fact, and what is counted."),
        Action(_("Concrete benefits"), "results:programme_list", "results.view_figure"),
    )


class BuiltPage(RecordPage):
    """One figure that was kept: counted now, its definition, and its next step."""

    model = BuiltIndicator
    permission = BUILD
    related = ("programme", "built_by", "activated_by", "retired_by")
    record: BuiltIndicator

    @cached_property
    def counted(self) -> Counted:
        """It, counted up to the programme's reporting day or the day of the address."""
        days = (day_of(self.request, "since"), day_of(self.request, "as_of"))
        return Counted(read_code(self.record.definition), self.record.programme, self.staff, days)

    def header(self) -> Header:
        """Its name and what can be done with it."""
        row = self.record
        steps = []
        if row.state == BuiltState.DRAFT.value:
            steps.append(Action(_("Put it in use"), "results:built_activate", ACTIVATE, (row.pk,)))
        if row.state != BuiltState.RETIRED.value:
            steps.append(Action(_("Retire it"), "results:built_retire", ACTIVATE, (row.pk,)))
        return Header(
            row.name,
            subtitle=f"{row.programme.title} · {row.code} · {format_day(self.counted.as_of)}",
            state=State(row.get_state_display(), TONES[row.state]),
            primary=steps[0] if steps else None,
            actions=tuple(steps[1:]),
            crumbs=(Crumb(_("Figures of our own"), reverse("results:built_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Label]]:
        """Why it cannot be counted."""
        return [(Tone.BAD, self.counted.why_not)] if self.counted.why_not else []

    def tiles(self) -> Sequence[Tile]:
        """The figure."""
        return self.counted.tiles()

    def facts(self) -> Sequence[FactGroup]:
        """What it means, in words and as code."""
        row, built = self.record, self.counted.built
        where = "; ".join(condition_word(test) for test in built.where)
        those = "; ".join(condition_word(test) for test in built.those)
        lines = [Fact(gettext("As code"), line) for line in row.definition.splitlines()[:1]]
        lines += [Fact("", line) for line in row.definition.splitlines()[1:]]
        again = reverse(BUILDER, args=[row.programme_id])
        again += "?" + urlencode({"code": row.definition})
        return [
            FactGroup(
                _("What it means"),
                [
                    Fact(_("Fact"), FACT_WORDS[built.fact], href=again),
                    Fact(_("Counted"), count_word(built)),
                    Fact(_("Which rows"), where),
                    Fact(_("Which of them are the share"), those),
                    Fact(_("Split"), ", ".join(map(column_word, built.split))),
                    *lines,
                ],
            ),
            FactGroup(
                _("Who"),
                [
                    Fact(_("Built by"), row.built_by),
                    Fact(_("Put in use by"), row.activated_by),
                    Fact(_("Retired by"), row.retired_by),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """Lines and rows."""
        return self.counted.tables(self.request)


class NewForm(HouseForm):
    """A name for what was built, and its lines."""

    name = forms.CharField(label=_("Name"), max_length=160)
    definition = forms.CharField(
        label=_("Definition"), max_length=MOST_SIGNS, widget=forms.Textarea(attrs={"rows": 8})
    )


class BuiltNew(FormPage):
    """Keep what was built."""

    form_class = NewForm
    permission = BUILD
    title = _("Keep this figure")
    intro = _("Another person puts it in use. From then on it never changes.")
    verb = _("Keep it")
    subject_model = Programme
    subject: Programme

    def initial(self) -> dict[str, Any]:
        """The lines that came along."""
        return {"definition": self.request.GET.get("code", "")[:MOST_SIGNS]}

    def perform(self, values: dict[str, Any]) -> BuiltIndicator:
        """Keep it."""
        return services.build_indicator(
            acting_staff=self.staff, programme=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: BuiltIndicator) -> str:
        """Its page."""
        return reverse(PAGE, args=[result.pk])


class ReasonForm(HouseForm):
    """Why one person does both steps, where she is the only one."""

    reason = forms.CharField(label=_("Reason, if nobody else can do it"), required=False)


class OnBuilt(FormPage):
    """A step of a figure that was kept."""

    permission = ACTIVATE
    subject_model = BuiltIndicator
    subject: BuiltIndicator

    def success_url(self, result: BuiltIndicator) -> str:
        """Its page."""
        return reverse(PAGE, args=[self.subject.pk])


class BuiltActivate(OnBuilt):
    """Put a figure in use."""

    form_class = ReasonForm
    title = _("Put the figure in use")
    verb = _("Put it in use")

    def perform(self, values: dict[str, Any]) -> BuiltIndicator:
        """Put it in use."""
        return services.activate_indicator(
            acting_staff=self.staff, indicator=self.subject, **values
        )


class BuiltRetire(OnBuilt):
    """Retire a figure."""

    form_class = HouseForm
    title = _("Retire the figure")
    verb = _("Retire it")

    def perform(self, values: dict[str, Any]) -> BuiltIndicator:
        """Retire it."""
        return services.retire_indicator(acting_staff=self.staff, indicator=self.subject)
