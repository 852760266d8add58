"""Proxy means tests: their versions, asking a household by one, how a prediction came about."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Faults
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Column, DateRange, EmptyState, Kind, ListPage, Search
from handup.org.web.money import format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.people.forms import targeting as f
from handup.people.models import Household, MeansScore, Person, ProxyMeansTest
from handup.people.queries.households import households_of
from handup.people.rules.pmt import Term, pmt_card
from handup.people.rules.pmt_table import read_test
from handup.people.services.means import members_on, next_version, publish_test, score_household
from handup.people.views.desk import OfPerson, today
from handup.people.views.scorecards import placed

NEW = Action(_("Publish a proxy means test"), "people:proxymeanstest_new", "people.publish_card")


def _word(name: str) -> str:
    return name.replace("_", " ").capitalize()


def term_word(term: Term) -> str:
    """What a term of the sum looks at."""
    word = _word(term.fact)
    if term.equals is not None:
        word = f"{word}: {term.equals}"
    if term.where is not None:
        word = f"{word} ({term.where.fact} {term.where.op} {term.where.value})"
    return word


class MeansList(ListPage):
    """Every version of every test."""

    model = ProxyMeansTest
    permission = "people.view_scorecard"
    title = _("Proxy means tests")
    columns = (
        Column(
            "title", _("Title"), Kind.LINK, sort="title", url_name="people:proxymeanstest_detail"
        ),
        Column("code", _("Code"), sort="code"),
        Column("version", _("Version"), Kind.NUMBER),
        Column("published_date", _("Valid from"), Kind.DATE, sort="published_date"),
    )
    filters = (Search(("title", "code")), DateRange("valid", _("Valid from"), "published_date"))
    order = "-published_date"
    primary = NEW
    empty = EmptyState(
        _("No proxy means test yet"),
        _("It predicts what a household spends from what can be seen."),
        NEW,
    )


class MeansPage(RecordPage):
    """One version: its coefficients and lines."""

    model = ProxyMeansTest
    permission = "people.view_scorecard"
    related = ("published_by",)
    record: ProxyMeansTest

    def header(self) -> Header:
        """Title and version."""
        row = self.record
        return Header(
            row.title,
            subtitle=_t("%(code)s, version %(version)s")
            % {"code": row.code, "version": row.version},
            crumbs=(Crumb(_("Proxy means tests"), reverse("people:proxymeanstest_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Constant, currency, since when."""
        row, card = self.record, pmt_card(self.record.content)
        predicts = _("the logarithm of spending") if card.log else _("spending")
        return [
            FactGroup(
                _("The test"),
                [
                    Fact(_("What the sum predicts"), predicts),
                    Fact(_("Constant"), format(card.constant, "f")),
                    Fact(_("Currency"), card.currency),
                    Fact(_("Valid from"), row.published_date),
                    Fact(_("Published by"), row.published_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Terms and lines."""
        card = pmt_card(self.record.content)
        return [
            Table(
                _("Terms of the sum"),
                (
                    Column("fact", _("What is looked at"), value=term_word),
                    Column("use", _("Taken as"), value=lambda term: term.use.value),
                    Column(
                        "coefficient",
                        _("Coefficient"),
                        Kind.FIGURE,
                        value=lambda term: format(term.coefficient, "f"),
                    ),
                ),
                card.terms,
            ),
            Table(
                _("Poverty lines"),
                (
                    Column("area", _("Area"), value=lambda line: line[0]),
                    Column(
                        "line",
                        _("A head and month"),
                        Kind.FIGURE,
                        value=lambda line: format_money(int(line[1]), card.currency),
                    ),
                ),
                list(card.lines.items()),
            ),
        ]


class MeansNew(FormPage):
    """Publish a version from two tables."""

    form_class = f.MeansTestForm
    permission = "people.publish_card"
    title = _("Publish a proxy means test")
    intro = _("A version is never changed; the next one of the same code is numbered by itself.")
    verb = _("Publish")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"published_date": today()}

    def perform(self, values: dict[str, Any]) -> ProxyMeansTest:
        """Read both tables and publish."""
        try:
            content = read_test(
                values["terms"].read(),
                values["lines"].read(),
                code=values["code"],
                version=next_version(values["code"]),
                predicts=values["predicts"],
                constant=values["constant"],
                currency=values["currency"],
            )
            return publish_test(
                acting_staff=self.staff,
                title=values["title"],
                content=content,
                published_date=values["published_date"],
                id=self.new_id,
            )
        except Faults as found:
            raise Faults(placed(found)) from found

    def success_url(self, result: ProxyMeansTest) -> str:
        """The version's page."""
        return reverse("people:proxymeanstest_detail", args=[result.pk])


class ScoreNew(OfPerson):
    """Ask a household by a test; the newest one unless another is chosen."""

    form_class = f.MeansForm
    permission = "people.assess"
    title = _("Score the household by a proxy means test")
    verb = _("Record answers")
    test: ProxyMeansTest | None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Find the test: what was named, or the newest that holds."""
        wanted = request.POST.get("test") or request.GET.get("test")
        rows = ProxyMeansTest.objects.filter(published_date__lte=today())
        self.test = rows.order_by("-published_date", "-version").first()
        if wanted:
            self.test = rows.filter(pk=_uuid(wanted)).first()
            if self.test is None:
                raise Http404
        return super().dispatch(request, *args, **kwargs)

    def lead(self) -> Any:
        """Which test, or that there is none."""
        return self.test or _("No proxy means test is published yet. A manager publishes one.")

    def form_options(self) -> dict[str, Any]:
        """What is asked, of whom."""
        home = households_of([self.subject.pk], on=today()).get(self.subject.pk)
        found = Household._base_manager.filter(pk=home).first() if home else None
        seen = Person.objects.visible_to(self.staff)
        known = set(seen.filter(memberships__household=found).values_list("pk", flat=True))
        present = members_on(found, today()) if found else []
        return {"asked": self.test, "present": [r for r in present if r.person_id in known]}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"scored_date": today(), "test": self.test.pk if self.test else None}

    def perform(self, values: dict[str, Any]) -> MeansScore:
        """Predict."""
        assert self.test is not None  # the form asks for one
        form = f.MeansForm(**self.form_options())
        try:
            return score_household(
                acting_staff=self.staff,
                person=self.subject,
                test=self.test,
                facts=form.facts(values),
                members=form.members(values),
                scored_date=values["scored_date"],
                id=self.new_id,
            )
        except Faults as found:
            named = [
                type(t)(t.code, t.message, f"fact_{t.place}", t.row, t.column) for t in found.faults
            ]
            raise Faults(named) from found

    def success_url(self, result: MeansScore) -> str:
        """How it came about."""
        return reverse("people:meansscore_detail", args=[result.pk])


class ScorePage(RecordPage):
    """One prediction, with what each term contributed."""

    model = MeansScore
    permission = "people.view_assessment"
    related = ("test", "person", "household", "scored_by")
    person_path = "person_id"
    record: MeansScore

    def header(self) -> Header:
        """Whose household, by which test."""
        row = self.record
        back = reverse("people:person_detail", args=[row.person_id])
        return Header(
            str(row.test),
            subtitle=row.person.display_name,
            crumbs=(Crumb(row.person.display_name, back),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The prediction against the line."""
        row, card = self.record, pmt_card(self.record.test.content)
        told = row.facts.get("household", {})
        line = card.lines.get(str(told.get("area")))
        units = row.predicted_units
        words = {True: _("yes"), False: _("no"), None: _("not known")}
        return [
            FactGroup(
                _("The prediction"),
                [
                    Fact(
                        _("Predicted a head and month"),
                        None if units is None else format_money(units, card.currency),
                    ),
                    Fact(
                        _("Poverty line of the area"),
                        None if line is None else format_money(int(line), card.currency),
                    ),
                    Fact(_("At or below the line"), words[row.targeted]),
                    Fact(_("Not known"), ", ".join(map(_word, row.result.get("missing", ())))),
                    Fact(_("Household"), row.household),
                    Fact(_("Asked on"), row.scored_date),
                    Fact(_("Asked by"), row.scored_by),
                ],
            ),
            FactGroup(
                _("What was told"), [Fact(_word(name), value) for name, value in told.items()]
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """What each term contributed."""
        parts = self.record.result.get("terms", ())
        terms = pmt_card(self.record.test.content).terms
        lines = [
            {"term": term_word(term), "part": part["contribution"]}
            for term, part in zip(terms, parts, strict=False)
        ]
        first = {"term": _t("Constant"), "part": self.record.result.get("constant", "")}
        return [
            Table(
                _("How it came about"),
                (
                    Column("term", _("What is looked at"), value=lambda line: line["term"]),
                    Column("part", _("Adds"), Kind.FIGURE, value=lambda line: line["part"]),
                ),
                [first, *lines],
            )
        ]


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
