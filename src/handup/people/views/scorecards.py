"""Scorecards: their versions, one version with its points and table, asking a person by one."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Faults
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Column, DateRange, EmptyState, Kind, ListPage, Search
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.people.forms import scorecards as f
from handup.people.models import Assessment, Scorecard
from handup.people.queries.scorecards import cards_on
from handup.people.services.scorecards import assess, card_of, publish_card, read_card, with_table
from handup.people.views.desk import OfPerson, today

NEW_CARD = Action(_("Publish a scorecard"), "people:scorecard_new", "people.publish_card")
MOST_FAULTS = 20


class ScorecardList(ListPage):
    """Every version of every card."""

    model = Scorecard
    permission = "people.view_scorecard"
    title = _("Scorecards")
    columns = (
        Column("title", _("Title"), Kind.LINK, sort="title", url_name="people:scorecard_detail"),
        Column("code", _("Code"), sort="code"),
        Column("version", _("Version"), Kind.NUMBER),
        Column("published_date", _("Valid from"), Kind.DATE, sort="published_date"),
    )
    filters = (Search(("title", "code")), DateRange("valid", _("Valid from"), "published_date"))
    order = "-published_date"
    primary = NEW_CARD
    empty = EmptyState(
        _("No scorecard yet"),
        _("A scorecard turns a few answers into points, so that all are judged alike."),
        NEW_CARD,
    )


class ScorecardPage(RecordPage):
    """One version: what it asks, what each answer is worth, what a score means."""

    model = Scorecard
    permission = "people.view_scorecard"
    related = ("published_by",)
    record: Scorecard

    def header(self) -> Header:
        """Title and version."""
        row = self.record
        return Header(
            row.title,
            subtitle=_t("%(code)s, version %(version)s")
            % {"code": row.code, "version": row.version},
            crumbs=(Crumb(_("Scorecards"), reverse("people:scorecard_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Cap, cut-off, where it comes from."""
        row, card = self.record, card_of(self.record)
        return [
            FactGroup(
                _("The scorecard"),
                [
                    Fact(_("Highest score"), card.cap),
                    Fact(_("Cut-off: targeted up to"), card.cutoff),
                    Fact(_("Valid from"), row.published_date),
                    Fact(_("Published by"), row.published_by),
                    Fact(_("Origin"), row.content.get("origin")),
                    Fact(_("Licence"), row.content.get("licence")),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The points of each answer, and the likelihoods by score."""
        content, card = self.record.content, card_of(self.record)
        points = [
            {
                "item": f.spoken(item),
                "points": " \u00b7 ".join(
                    f"{f.spoken(answer)}: {answer['points']}" for answer in item["answers"]
                ),
            }
            for item in content["items"]
        ]
        scores = [{"scores": line.scores, **line.likelihood} for line in card.lookup]
        lines = [
            Column(name, name, Kind.FIGURE, value=partial(_percent, line=name))
            for name in card.lines
        ]
        return [
            Table(
                _("Points"),
                (
                    Column("item", _("Question"), value=lambda row: row["item"]),
                    Column("points", _("Points of each answer"), value=lambda row: row["points"]),
                ),
                points,
            ),
            Table(
                _("How likely it is to live below each poverty line"),
                (Column("scores", _("Score"), value=lambda row: row["scores"]), *lines),
                scores,
            ),
        ]


class ScorecardNew(FormPage):
    """Publish a version from a file."""

    form_class = f.CardForm
    permission = "people.publish_card"
    title = _("Publish a scorecard")
    intro = _("A version is never changed. Obtain a published card and its table from its owner.")
    verb = _("Publish")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"published_date": today()}

    def perform(self, values: dict[str, Any]) -> Scorecard:
        """Publish it, with its table where that is a file of its own."""
        card = read_card(values["file"].read())
        try:
            if values.get("table"):
                card = with_table(card, values["table"].read(), shift=values["shift"])
            return publish_card(
                acting_staff=self.staff,
                title=values["title"],
                content=card,
                published_date=values["published_date"],
                id=self.new_id,
            )
        except Faults as found:
            raise Faults(placed(found)) from found

    def success_url(self, result: Scorecard) -> str:
        """The version's page."""
        return reverse("people:scorecard_detail", args=[result.pk])


def placed(found: Faults) -> list[Any]:
    """The first faults, each with its place in front of what is wrong."""
    return [
        type(fault)(fault.code, f"{fault.place}: {fault.message}", "", fault.row, fault.column)
        for fault in found.faults[:MOST_FAULTS]
    ]


class Assess(OfPerson):
    """Ask a person by a card; the newest one unless another is chosen."""

    form_class = f.AssessForm
    permission = "people.assess"
    title = _("Score by a scorecard")
    verb = _("Record answers")
    template = "people/assess.html"
    card: Scorecard | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the card: what was asked, or chosen, or the newest."""
        self.cards = cards_on(today()) if request.user.is_authenticated else []
        wanted = request.POST.get("card") or request.GET.get("card")
        self.card = next(iter(self.cards), None)
        if wanted:
            rows = Scorecard.objects.visible_to(self.staff)
            self.card = rows.filter(pk=_uuid(wanted)).first()
            if self.card is None:
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def lead(self) -> Any:
        """Which card, or that there is none."""
        return self.card or _("No scorecard is published yet. A manager publishes one first.")

    def form_options(self) -> dict[str, Any]:
        """The card whose questions are asked."""
        return {"card": self.card}

    def initial(self) -> dict[str, Any]:
        """Today, and the card the questions are of."""
        return {"assessed_date": today(), "card": self.card.pk if self.card else None}

    def context(self) -> dict[str, Any]:
        """The other cards in use."""
        return {"others": [row for row in self.cards if row != self.card]}

    def perform(self, values: dict[str, Any]) -> Assessment:
        """Score what was answered."""
        assert self.card is not None  # the form asks for one
        form = f.AssessForm(card=self.card)
        return assess(
            acting_staff=self.staff,
            person=self.subject,
            scorecard=self.card,
            answers=form.answers(values),
            assessed_date=values["assessed_date"],
            id=self.new_id,
        )

    def done_message(self, result: Assessment) -> str:
        """The score, or that something is missing."""
        if result.score is None:
            return _t("Recorded without a score: not everything is known.")
        return _t("Recorded: %(score)s points.") % {"score": result.score}


def _percent(row: Mapping[str, object], *, line: str) -> str:
    return f"{row[line]} %"


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
