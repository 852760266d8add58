"""Pages of technology: needs, what was shown or tried, who took it up, what came of it."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.markets.forms import jobs as f
from handup.markets.models import TechnologyAdoption, TechnologyNeed, TechnologyTrial
from handup.markets.models import labels as lb
from handup.markets.services import technology as services
from handup.markets.views.acts import NewPage, OnPage, today
from handup.markets.views.jobs import person_of
from handup.org import reads
from handup.org.permissions import may
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.money import format_number, format_share
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile

NEW = Action(_("Record a need"), "markets:need_new", "markets.record_need")
PAGE = "markets:need_detail"
TRIAL = "markets:trial_detail"
QUESTIONS = (
    ("better_quality", _("Better quality")),
    ("higher_output", _("Higher output")),
    ("wider_market", _("Wider market")),
)


class NeedList(ListPage):
    """What entrepreneurs said they lack."""

    model = TechnologyNeed
    permission = "markets.view_technology"
    title = _("Technology needed")
    related = ("commodity", "area", "programme")
    columns = (
        Column("title", _("What is lacking"), Kind.LINK, sort="title", url_name=PAGE),
        Column("told_by_whom", _("Told by")),
        Column("told_date", _("Told on"), Kind.DATE, sort="told_date"),
        Column("commodity", _("Product")),
        Column("area", _("Area")),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (Search(("title", "told_by_whom")),)
    order = "-told_date"
    primary = NEW
    empty = EmptyState(
        _("No need yet"),
        _("Technology answers what entrepreneurs say they lack: begin with that."),
        NEW,
    )


class RecordNeed(NewPage):
    """Record what entrepreneurs lack."""

    form_class = f.NeedForm
    permission = "markets.record_need"
    title = _("Record a need")
    verb = _("Record")
    page = PAGE

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"told_date": today()}

    def perform(self, values: dict[str, Any]) -> TechnologyNeed:
        """Record it."""
        return services.record_need(acting_staff=self.staff, id=self.new_id, **values)


class NeedPage(RecordPage):
    """A need with the technologies shown or tried because of it."""

    model = TechnologyNeed
    permission = "markets.view_technology"
    related = ("commodity", "area", "programme", "recorded_by")
    record: TechnologyNeed

    def header(self) -> Header:
        """What is lacking."""
        row = self.record
        return Header(
            row.title,
            subtitle=row.told_by_whom,
            primary=Action(
                _("Record what was shown or tried"),
                "markets:trial_new",
                "markets.record_need",
                args=(row.pk,),
            ),
            crumbs=(Crumb(_("Technology needed"), reverse("markets:need_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Who told it."""
        row = self.record
        return [
            FactGroup(
                _("The need"),
                [
                    Fact(_("Told by"), row.told_by_whom),
                    Fact(_("Told on"), row.told_date),
                    Fact(_("Product"), row.commodity),
                    Fact(_("Area"), row.area),
                    Fact(_("Programme"), row.programme),
                    Fact(_("Recorded by"), row.recorded_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """What was shown or tried."""
        return [
            Table(
                _("Shown or tried"),
                (
                    Column("technology", _("Technology"), Kind.LINK, url_name=TRIAL),
                    Column("kind", _("Kind")),
                    Column("held_date", _("Held on"), Kind.DATE),
                    Column("supplier", _("Supplier")),
                    Column("cost_units", _("What one costs"), Kind.MONEY),
                    Column("people", _("People there"), Kind.NUMBER),
                    Column("women", _("Women"), Kind.NUMBER),
                ),
                self.record.trials.select_related("supplier"),
                EmptyState(_("Nothing yet")),
            )
        ]


class RecordTrial(OnPage):
    """Record that a technology was shown or tried out."""

    form_class = f.TrialForm
    permission = "markets.record_need"
    title = _("Record what was shown or tried")
    verb = _("Record")
    subject_model = TechnologyNeed
    subject: TechnologyNeed
    page = PAGE

    def form_options(self) -> dict[str, Any]:
        """In which currency."""
        return {"currency": self.subject.programme.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"held_date": today()}

    def perform(self, values: dict[str, Any]) -> TechnologyTrial:
        """Record it."""
        told = values | {"kind": lb.TrialKind(values["kind"])}
        return services.record_trial(
            acting_staff=self.staff, need=self.subject, today=today(), id=self.new_id, **told
        )


class TrialPage(RecordPage):
    """A technology that was shown or tried: who took it up, and with what result."""

    model = TechnologyTrial
    permission = "markets.view_technology"
    related = ("need", "supplier", "held_by")
    record: TechnologyTrial

    def header(self) -> Header:
        """Which technology; who took it up."""
        row = self.record
        return Header(
            row.technology,
            subtitle=row.need.title,
            primary=Action(
                _("Record who took it up"),
                "markets:adoption_new",
                "markets.record_adoption",
                args=(row.pk,),
            ),
            crumbs=(
                Crumb(_("Technology needed"), reverse("markets:need_list")),
                Crumb(row.need.title, reverse(PAGE, args=[row.need_id])),
            ),
        )

    def tiles(self) -> Sequence[Tile]:
        """Who took it up of those who were there, and what they say of it."""
        if not may(self.staff, "markets.view_adoption"):
            return []
        rows = list(self._adoptions())
        found = [Tile(_t("Took it up"), format_number(len(rows)), of=self._there())]
        for name, words in QUESTIONS:
            answers = [getattr(row, name) for row in rows]
            yes = answers.count(lb.Heard.YES.value)
            asked = yes + answers.count(lb.Heard.NO.value)
            if asked:
                found.append(
                    Tile(
                        words,
                        format_share(yes, asked),
                        of=f"{format_number(yes)} {Tile.of_all(asked)}",
                        how=_t("Of those who were asked and answered."),
                    )
                )
        return found

    def _there(self) -> str:
        return "" if self.record.people is None else Tile.of_all(self.record.people)

    def _adoptions(self) -> Any:
        rows = TechnologyAdoption.objects.visible_to(self.staff).filter(trial=self.record)
        return rows.select_related("person", "organisation")

    def facts(self) -> Sequence[FactGroup]:
        """Whose, where, at which cost."""
        row = self.record
        return [
            FactGroup(
                _("Shown or tried"),
                [
                    Fact(_("Kind"), row.get_kind_display()),
                    Fact(_("Held on"), row.held_date),
                    Fact(_("Where"), row.place),
                    Fact(_("Supplier"), row.supplier),
                    Fact(_("People there"), row.people),
                    Fact(_("Women among them"), row.women),
                    Fact(_("Held by"), row.held_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Who took it up, as far as the reader may see them."""
        if not may(self.staff, "markets.view_adoption"):
            return []
        rows = list(self._adoptions())
        reads.note(
            self.request, persons=[row.person_id for row in rows if row.person_id], highest="P"
        )
        return [
            Table(
                _("Who took it up"),
                (
                    Column("who", _("Who"), value=who, href=result_href),
                    Column("adopted_date", _("Taken up on"), Kind.DATE),
                    Column("cost_units", _("What it cost"), Kind.MONEY),
                    Column("asked_date", _("Asked on"), Kind.DATE),
                    *(Column(name, words) for name, words in QUESTIONS),
                    Column("in_her_words", _("In her words")),
                ),
                rows,
                EmptyState(_("Nobody yet")),
            )
        ]


def who(row: TechnologyAdoption) -> str:
    """Who took it up."""
    return str(row.person or row.organisation)


def result_href(row: TechnologyAdoption) -> str:
    """Where what came of it is recorded."""
    return reverse("markets:adoption_result", args=[row.pk])


class RecordAdoption(OnPage):
    """Record who took a technology up."""

    form_class = f.AdoptionForm
    permission = "markets.record_adoption"
    title = _("Record who took it up")
    verb = _("Record")
    subject_model = TechnologyTrial
    subject: TechnologyTrial
    page = TRIAL

    def form_options(self) -> dict[str, Any]:
        """In which currency."""
        return {"currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"adopted_date": today()}

    def perform(self, values: dict[str, Any]) -> TechnologyAdoption:
        """Record it."""
        number = values.pop("registration_no")
        return services.record_adoption(
            acting_staff=self.staff,
            trial=self.subject,
            person=person_of(self.staff, number) if number.strip() else None,
            today=today(),
            id=self.new_id,
            **values,
        )


class RecordResult(OnPage):
    """Record what came of a technology somebody took up."""

    form_class = f.ResultForm
    permission = "markets.record_adoption"
    title = _("What came of it?")
    verb = _("Record")
    subject_model = TechnologyAdoption
    subject: TechnologyAdoption
    page = TRIAL
    owner = "trial_id"
    person_path = "person_id"

    def initial(self) -> dict[str, Any]:
        """Today, and what was answered before."""
        row = self.subject
        return {
            "asked_date": today(),
            "better_quality": row.better_quality,
            "higher_output": row.higher_output,
            "wider_market": row.wider_market,
            "in_her_words": row.in_her_words,
        }

    def perform(self, values: dict[str, Any]) -> TechnologyAdoption:
        """Record it."""
        heard = {name: lb.Heard(values[name]) for name, _words in QUESTIONS}
        return services.record_result(
            acting_staff=self.staff, adoption=self.subject, today=today(), **(values | heard)
        )
