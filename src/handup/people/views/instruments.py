"""Questionnaires: their versions, asking a person or a household, what was answered."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.kernel.errors import Faults, Refusal
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Choice, Column, DateRange, EmptyState, Kind, ListPage
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tone
from handup.people import choices_made
from handup.people.forms import instruments as f
from handup.people.models import Household, Instrument, InstrumentAnswer, Person
from handup.people.models import labels as lb
from handup.people.queries.instruments import instruments_on
from handup.people.rules.instruments import Instrument as Code
from handup.people.rules.wording import choices_of, items_of
from handup.people.services.choices_made import CannotBeChosen, change_choices
from handup.people.services.instruments import ask_instrument, publish_instrument
from handup.people.views.desk import OfPerson, today
from handup.people.views.homes import note_members
from handup.people.views.scorecards import placed

NEW = Action(_("Publish a questionnaire"), "people:instrument_new", "people.publish_instrument")
RESULTS: Mapping[str, Mapping[str, Any]] = {
    Code.WG_SS: {
        "YES": _("something is very difficult"),
        "NO": _("nothing is very difficult"),
        "UNKNOWN": _("not known"),
    },
    Code.HHS: {
        "LITTLE": _("little or no hunger"),
        "MODERATE": _("moderate hunger"),
        "SEVERE": _("severe hunger"),
    },
    Code.FCS: {
        "POOR": pgettext_lazy("food", "poor"),
        "BORDERLINE": pgettext_lazy("food", "borderline"),
        "ACCEPTABLE": pgettext_lazy("food", "acceptable"),
    },
    Code.RCSI: {
        "1": pgettext_lazy("coping", "little coping"),
        "2": pgettext_lazy("coping", "stressed"),
        "3+": pgettext_lazy("coping", "crisis or worse"),
    },
    Code.LCS_EN: {
        "1": pgettext_lazy("coping", "none"),
        "2": pgettext_lazy("coping", "stress"),
        "3": pgettext_lazy("coping", "crisis"),
        "4": pgettext_lazy("coping", "emergency"),
        "UNKNOWN": _("not known"),
    },
}
FLAGS = {"LOW": _("unusually low: look again"), "HIGH": _("unusually high: look again")}


def result_word(code: str, result: str | None) -> str:
    """What a result means, in words."""
    if result is None:
        return _t("not known")
    table = RESULTS.get(Code.LCS_EN if code == Code.LCS_FS else code, {})
    return str(table.get(result, result))


class InstrumentList(ListPage):
    """Every version of every questionnaire."""

    model = Instrument
    permission = "people.view_instrument"
    title = _("Questionnaires")
    columns = (
        Column("title", _("Title"), Kind.LINK, sort="title", url_name="people:instrument_detail"),
        Column("code", _("Instrument"), sort="code"),
        Column("version", _("Version"), Kind.NUMBER),
        Column("language", _("Language")),
        Column("published_date", _("Valid from"), Kind.DATE, sort="published_date"),
    )
    filters = (
        Choice("code", _("Instrument"), lb.choices(lb.INSTRUMENT)),
        DateRange("valid", _("Valid from"), "published_date"),
    )
    order = "-published_date"
    primary = NEW
    empty = EmptyState(
        _("No questionnaire yet"),
        _("Publish one with the wording of its publisher; its rules come with the program."),
        NEW,
    )


class InstrumentPage(RecordPage):
    """One version: its questions in order, and what may be answered."""

    model = Instrument
    permission = "people.view_instrument"
    related = ("published_by",)
    record: Instrument

    def header(self) -> Header:
        """Title and version."""
        row = self.record
        return Header(
            row.title,
            subtitle=_t("%(code)s, version %(version)s")
            % {"code": row.code, "version": row.version},
            crumbs=(Crumb(_("Questionnaires"), reverse("people:instrument_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """That the wording is not the program's to give."""
        if self.record.wording:
            return ()
        text = _t("The official wording is not loaded. Read it from the publisher's own form.")
        return [(Tone.INFO, text)]

    def facts(self) -> Sequence[FactGroup]:
        """Since when, by whom, about whom."""
        row = self.record
        person = row.structure["level"] == "PERSON"
        return [
            FactGroup(
                _("The questionnaire"),
                [
                    Fact(_("Asked about"), _("a person") if person else _("a household")),
                    Fact(_("Language"), row.language),
                    Fact(_("Valid from"), row.published_date),
                    Fact(_("Published by"), row.published_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The questions."""
        row = self.record
        lines = [
            {
                "item": f.item_word(row, item),
                "answers": " \u00b7 ".join(
                    f.answer_word(row, item, code) for code in choices_of(row.structure, item)
                ),
            }
            for item in items_of(row.structure)
        ]
        return [
            Table(
                _("Questions"),
                (
                    Column("item", _("Question"), value=lambda line: line["item"]),
                    Column("answers", _("Answers"), value=lambda line: line["answers"]),
                ),
                lines,
            )
        ]


class InstrumentNew(FormPage):
    """Publish the next version of a questionnaire."""

    form_class = f.InstrumentForm
    permission = "people.publish_instrument"
    title = _("Publish a questionnaire")
    intro = _("Items, order and limits are the published ones. A version is never changed.")
    verb = _("Publish")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"published_date": today()}

    def perform(self, values: dict[str, Any]) -> Instrument:
        """Publish it."""
        try:
            return publish_instrument(
                acting_staff=self.staff,
                code=values["instrument"],
                title=values["title"],
                language=values["language"],
                wording=f.InstrumentForm.texts(values["wording"]),
                classes=f.InstrumentForm.classes(values),
                published_date=values["published_date"],
                id=self.new_id,
            )
        except Faults as found:
            raise Faults(placed(found)) from found

    def success_url(self, result: Instrument) -> str:
        """The version's page."""
        return reverse("people:instrument_detail", args=[result.pk])


class AskInstrument(OfPerson):
    """Ask a person one questionnaire; the first one in use unless another is chosen."""

    form_class = f.AskForm
    permission = "people.ask_instrument"
    title = _("Ask a questionnaire")
    verb = _("Record answers")
    template = "people/ask.html"
    asked: Instrument | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find what is asked: what was named, or the first in use."""
        self.in_use = instruments_on(today()) if request.user.is_authenticated else []
        wanted = request.POST.get("instrument") or request.GET.get("instrument")
        self.asked = next(iter(self.in_use), None)
        if wanted:
            self.asked = Instrument.objects.filter(pk=_uuid(wanted)).first()
            if self.asked is None:
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def lead(self) -> Any:
        """Which questionnaire, or that there is none."""
        return self.asked or _("No questionnaire is published yet. A manager publishes one first.")

    def form_options(self) -> dict[str, Any]:
        """What is asked."""
        return {"asked": self.asked}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"asked_date": today(), "instrument": self.asked.pk if self.asked else None}

    def context(self) -> dict[str, Any]:
        """The other questionnaires in use."""
        return {"others": [row for row in self.in_use if row != self.asked]}

    def perform(self, values: dict[str, Any]) -> InstrumentAnswer:
        """Keep the answers."""
        assert self.asked is not None  # the form asks for one
        return ask_instrument(
            acting_staff=self.staff,
            instrument=self.asked,
            person=self.subject,
            answers=f.AskForm(asked=self.asked).answers(values),
            asked_date=values["asked_date"],
            id=self.new_id,
        )

    def success_url(self, result: InstrumentAnswer) -> str:
        """What the answers came to."""
        return reverse("people:instrumentanswer_detail", args=[result.pk])


class AskHousehold(FormPage):
    """Who answers for a household; her page of questions follows."""

    form_class = f.RespondentForm
    permission = "people.ask_instrument"
    title = _("Ask the household a questionnaire")
    verb = _("Go on")
    subject_model = Household
    subject: Household

    def form_options(self) -> dict[str, Any]:
        """Whose household it is; its members are named here."""
        note_members(self.request, self.subject)
        return {"household": self.subject, "staff": self.staff}

    def perform(self, values: dict[str, Any]) -> Person:
        """Nothing is kept yet: only who answers is chosen."""
        person: Person = values["person"]
        return person

    def success_url(self, result: Person) -> str:
        """Her questions."""
        return reverse("people:ask_instrument", args=[result.pk])


class AnswerPage(RecordPage):
    """What was answered on a day, what it came to, and what is missing."""

    model = InstrumentAnswer
    permission = "people.view_instrument_answers"
    related = ("instrument", "person", "household", "asked_by")
    person_path = "person_id"
    highest = "S"
    record: InstrumentAnswer

    def header(self) -> Header:
        """Whom it is about."""
        row = self.record
        back = reverse("people:person_detail", args=[row.person_id])
        return Header(
            row.instrument.title,
            subtitle=row.person.display_name,
            crumbs=(Crumb(row.person.display_name, back),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The result, with what makes it uncertain."""
        row = self.record
        told = row.outcome if isinstance(row.outcome, dict) else {}
        named = [f.item_word(row.instrument, item) for item in told.get("missing", ())]
        again = [f.item_word(row.instrument, item) for item in told.get("review", ())]
        flags = [str(FLAGS[flag]) for flag in told.get("flags", ())]
        return [
            FactGroup(
                _("What the answers came to"),
                [
                    Fact(_("Result"), result_word(row.instrument.code, told.get("result"))),
                    Fact(_("Score"), told.get("score")),
                    Fact(_("Look again"), ", ".join(flags)),
                    Fact(_("Not known"), ", ".join(named)),
                    Fact(_("Not among the answers"), ", ".join(again)),
                    Fact(_("Household"), row.household),
                    Fact(_("Asked on"), row.asked_date),
                    Fact(_("Asked by"), row.asked_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Each question with its answer."""
        row = self.record
        told = row.answers if isinstance(row.answers, dict) else {}
        lines = [
            {
                "item": f.item_word(row.instrument, item),
                "answer": f.answer_word(row.instrument, item, told.get(item)),
            }
            for item in items_of(row.instrument.structure)
        ]
        return [
            Table(
                _("Answers"),
                (
                    Column("item", _("Question"), value=lambda line: line["item"]),
                    Column("answer", _("Answer"), value=lambda line: line["answer"]),
                ),
                lines,
            )
        ]


class Choices(FormPage):
    """How people are asked, ranked and compared in this installation."""

    form_class = f.ChoicesForm
    permission = "people.choose"
    title = _("How people are asked and chosen")
    intro = _("What was decided before stays as it was.")
    verb = _("Save")

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        now = choices_made.made()
        return {name: now[key] for name, key in f.ChoicesForm.KEYS.items()}

    def perform(self, values: dict[str, Any]) -> Mapping[str, str | int]:
        """Keep what was changed."""
        keys = f.ChoicesForm.KEYS
        try:
            return change_choices(
                acting_staff=self.staff, values={keys[name]: values[name] for name in keys}
            )
        except CannotBeChosen as refusal:
            field = next((name for name, key in keys.items() if key == refusal.field), "")
            again: Refusal = CannotBeChosen(field=field, **refusal.places)
            raise again from refusal

    def success_url(self, result: Mapping[str, str | int]) -> str:
        """Here again."""
        return reverse("people:choices")

    def done_message(self, result: Mapping[str, str | int]) -> str:
        """That it holds."""
        return _t("This holds from now on.")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
