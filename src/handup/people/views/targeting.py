"""Targeting runs: whom a run takes and why, and how well it reaches the poor."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import round_to
from handup.org.permissions import may
from handup.org.web.forms import FormPage
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Search,
)
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tile,
    Tone,
)
from handup.people.forms import targeting as f
from handup.people.models import (
    Assessment,
    MeansScore,
    SampleVisit,
    TargetingRow,
    TargetingRun,
)
from handup.people.models import labels as lb
from handup.people.models.labels import word_for
from handup.people.queries.ranking import last_ranking
from handup.people.queries.targeting import counts
from handup.people.rules.codes import Reason
from handup.people.rules.pmt import pmt_card
from handup.people.rules.targeting import PARTS, Part, RunKind
from handup.people.services.ranking import VIEW as RANKINGS
from handup.people.services.targeting import record_sample_visit, run_targeting
from handup.people.views.chosen import ProgrammeListPage
from handup.people.views.desk import today
from handup.people.views.participation import by_person
from handup.people.views.ranking import tenths

NEW = Action(_("Run the targeting"), "people:targetingrun_new", "people.run_targeting")
TAKEN = {True: _("taken"), False: _("not taken"), None: _("no score")}
TONES = {True: Tone.GOOD, False: Tone.BAD, None: Tone.WARN}


def shown_priority(row: TargetingRow) -> str:
    """A priority from 0 to 100, half up to one decimal."""
    if row.priority_ppm is None:
        return ""
    return format_number(Decimal(round_to(Fraction(row.priority_ppm, 1000))) / 10)


def shown_score(row: TargetingRow) -> str:
    """Points, or what was predicted."""
    if row.score is None:
        return ""
    if row.run.kind == RunKind.PMT and row.run.test is not None:
        return format_money(row.score, pmt_card(row.run.test.content).currency)
    return format_number(row.score)


def in_part(rows: QuerySet[TargetingRow, TargetingRow], code: str) -> Any:
    """Rows of one part of the validation sample, by the finding that counts."""
    wanted = next((key for key, part in PARTS.items() if part == code), None)
    found = {}
    visits = SampleVisit._base_manager.filter(row__in=rows.order_by()).select_related("row")
    for visit in visits.order_by("visited_date", "recorded_at", "id"):
        found[visit.row_id] = (visit.poor, bool(visit.row.targeted))
    return rows.filter(pk__in=[pk for pk, key in found.items() if key == wanted])


GROUPS: Mapping[str, Any] = {
    "sex": _("sex"),
    "status": _("legal status"),
    "disability": _("great difficulty in daily life"),
}
GROUP_WORDS: Mapping[str, Any] = {
    **{code.value: label for code, label in lb.SEX.items()},
    **{code.value: label for code, label in lb.LEGAL_STATUS.items()},
    "NONE": _("none"),
    "YES": _("yes"),
    "NO": _("no"),
}


OPENED = {"sex": lb.SEX, "status": lb.LEGAL_STATUS}
"""Whose poor are listed. How somebody answered about difficulties is secret: those are counted."""


def poor_groups(staff: Any) -> list[tuple[str, str]]:
    """Every group whose poor are listed, as "dimension:group"."""
    return [
        (f"{name}:{code}", f"{force_str(GROUPS[name])}: {force_str(GROUP_WORDS[code])}")
        for name, codes in OPENED.items()
        for code in ([*codes, "NONE"] if name == "status" else codes)
    ]


def poor_of(rows: QuerySet[TargetingRow, TargetingRow], code: str) -> Any:
    """The poor households of one group in the sample, taken or not: what its coverage is of."""
    name, _sign, group = code.partition(":")
    poor = [in_part(rows, part).values("pk") for part in (Part.INCLUSION, Part.UNDERCOVERAGE)]
    visited = rows.select_related(None).order_by()
    visited = visited.filter(Q(pk__in=poor[0]) | Q(pk__in=poor[1])).only("pk", "groups")
    told = {row.pk: row.groups for row in visited if isinstance(row.groups, dict)}
    return rows.filter(pk__in=[pk for pk, groups in told.items() if groups.get(name) == group])


class RunList(ProgrammeListPage):
    """Every run of the programmes the reader works for."""

    model = TargetingRun
    permission = "people.view_targeting"
    title = _("Targeting runs")
    related = ("programme", "run_by")
    columns = (
        Column("title", _("Title"), Kind.LINK, sort="title", url_name="people:targetingrun_detail"),
        Column("programme", _("Programme")),
        Column("kind", _("Scored by")),
        Column("run_date", _("As of"), Kind.DATE, sort="run_date"),
        Column("run_by", _("Run by")),
    )
    filters = (
        Search(("title",)),
        Choice("kind", _("Scored by"), lb.choices(lb.RUN_KIND)),
        DateRange("run", _("As of"), "run_date"),
    )
    order = "-run_date"
    primary = NEW
    empty = EmptyState(
        _("No run yet"), _("A run freezes whom a cut-off takes, so that it can be shown."), NEW
    )


class RunNew(FormPage):
    """Run the targeting of a programme."""

    form_class = f.RunForm
    permission = "people.run_targeting"
    title = _("Run the targeting")
    intro = _(
        "Everyone who has applied is put in order by her last score. A run is never changed, and"
        " moves nobody: the committee decides."
    )
    verb = _("Run")

    def form_options(self) -> dict[str, Any]:
        """Her programmes."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"run_date": today()}

    def perform(self, values: dict[str, Any]) -> TargetingRun:
        """Freeze it."""
        return run_targeting(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: TargetingRun) -> str:
        """Its page."""
        return reverse("people:targetingrun_detail", args=[result.pk])


class RunPage(RecordPage):
    """One run: versions, cut-off, how many, and the list by its own page."""

    model = TargetingRun
    permission = "people.view_targeting"
    related = ("programme", "scorecard", "test", "rule", "run_by")
    record: TargetingRun

    def header(self) -> Header:
        """Title and day."""
        row = self.record
        return Header(
            row.title,
            subtitle=_t("%(programme)s, as of %(day)s")
            % {"programme": row.programme.title, "day": format_day(row.run_date)},
            primary=Action(
                _("How well it reaches the poor"),
                "people:accuracy",
                "people.view_targeting",
                args=(row.pk,),
            ),
            actions=(
                Action(
                    _("Propose a selection"),
                    "people:selection_new",
                    "people.propose_selection",
                    args=(row.pk,),
                ),
            ),
            crumbs=(Crumb(_("Targeting runs"), reverse("people:targetingrun_list")),),
        )

    def tiles(self) -> Sequence[Tile]:
        """How many; each figure opens to its rows."""
        run, found = self.record, counts(self.staff, self.record)
        rows = f"{reverse('people:targetingrow_list')}?run={run.pk}"
        return [
            Tile(_("In the run"), format_number(found.persons), href=rows),
            Tile(
                _("Taken"),
                format_number(found.targeted),
                of=Tile.of_all(found.persons),
                how=_("Their score is at or below the cut-off."),
                href=f"{rows}&taken=yes",
            ),
            Tile(
                _("Without a score"),
                format_number(found.persons - found.scored),
                of=Tile.of_all(found.persons),
                how=_("Nobody asked them by this version, or something was not known."),
                href=f"{rows}&taken=unknown",
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Which versions, which cut-off, by whom."""
        row = self.record
        return [
            FactGroup(
                _("How it was run"),
                [
                    Fact(_("Scored by"), row.scorecard or row.test),
                    Fact(
                        _("Taken up to"),
                        _("the poverty line of the area") if row.cutoff is None else row.cutoff,
                    ),
                    Fact(_("Rule of the programme then"), row.rule),
                    Fact(_("As of"), row.run_date),
                    Fact(_("Run by"), row.run_by),
                ],
            )
        ]


def _taken(rows: QuerySet[Any], code: str) -> Any:
    return rows.filter(targeted={"yes": True, "no": False}.get(code))


class RowList(ListPage):
    """Whom a run takes, in order."""

    model = TargetingRow
    permission = "people.view_targeting"
    title = _("Whom a run takes")
    related = ("person", "run", "run__test")
    columns = (
        Column(
            "person",
            _("Name"),
            Kind.LINK,
            value=lambda row: str(row.person),
            url_name="people:targetingrow_detail",
        ),
        Column("run", _("Run")),
        Column("taken", _("Taken"), value=lambda row: TAKEN[row.targeted]),
        Column("score", _("Score"), Kind.FIGURE, value=shown_score),
        Column("priority", _("Priority"), Kind.FIGURE, value=shown_priority),
        Column("applied_date", _("Applied on"), Kind.DATE),
        Column("state", _("State then")),
    )
    filters = (
        Search(using=by_person, label=_("Name or number, in any letters")),
        Choice(
            "run",
            _("Run"),
            lambda staff: [(r.pk, r.title) for r in TargetingRun.objects.visible_to(staff)[:100]],
            field="run_id",
        ),
        Choice(
            "taken",
            _("Taken"),
            [("yes", _("taken")), ("no", _("not taken")), ("unknown", _("no score"))],
            using=_taken,
        ),
        Choice("part", _("In the sample"), lb.choices(lb.SAMPLE_PART), using=in_part),
        Choice("poor_of", _("Poor in the sample"), poor_groups, using=poor_of),
    )
    order = "rank"
    empty = EmptyState(_("Nobody"), _("No run has anybody the filters name."))
    person_path = "person_id"


class RowPage(RecordPage):
    """One person in a run: taken or not, why, and what she is told."""

    model = TargetingRow
    permission = "people.view_targeting"
    related = ("person", "run__scorecard", "run__test", "run__rule", "participation")
    person_path = "person_id"
    record: TargetingRow

    def header(self) -> Header:
        """Who, and whether she is taken."""
        row = self.record
        visit = Action(
            _("Record a visit of the sample"),
            "people:sample_visit_new",
            "people.record_sample_visit",
            args=(row.pk,),
        )
        back = reverse("people:targetingrun_detail", args=[row.run_id])
        return Header(
            row.person.display_name,
            subtitle=row.run.title,
            state=State(TAKEN[row.targeted], TONES[row.targeted]),
            actions=(visit,),
            crumbs=(
                Crumb(_("Targeting runs"), reverse("people:targetingrun_list")),
                Crumb(row.run.title, back),
            ),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What she is told: the reason, and how to appeal."""
        row = self.record
        if row.targeted:
            return ()
        if row.targeted is None:
            return [(Tone.WARN, _t("She has no score. Ask her what is missing, then run again."))]
        appeal = row.run.rule.appeal_route if row.run.rule else ""
        told = _t("Tell her why: %(reasons)s. %(appeal)s") % {
            "reasons": word_for(Reason.ABOVE_CUTOFF.value),
            "appeal": appeal or _t("She may appeal at the office of the programme."),
        }
        return [(Tone.INFO, told.strip())]

    def facts(self) -> Sequence[FactGroup]:
        """Score, limit, priority, in plain words."""
        row = self.record
        cutoff = row.run.cutoff
        return [
            FactGroup(
                _("Why"),
                [
                    Fact(_("Score"), shown_score(row)),
                    Fact(
                        _("Taken up to"),
                        _("the poverty line of the area") if cutoff is None else cutoff,
                    ),
                    Fact(
                        _("Priority, 0 to 100"),
                        shown_priority(row),
                        hint=_("Highest first; equal ones by the day of the application."),
                    ),
                    Fact(
                        _("Ranked by neighbours, 0 to 100"),
                        self._ranked(),
                        hint=_("The last wealth ranking that had ended; 100 is the poorest."),
                    ),
                    Fact(_("Applied on"), row.applied_date),
                    Fact(_("State then"), row.get_state_display()),
                    Fact(
                        _("Her participation"),
                        row.participation.get_state_display(),
                        reverse("people:participation_detail", args=[row.participation_id]),
                    ),
                ],
            )
        ]

    def _ranked(self) -> str:
        """What her neighbours said, beside the score."""
        run, person = self.record.run, self.record.person_id
        if not may(self.staff, RANKINGS):
            return ""
        found = last_ranking(self.staff, run.programme_id, [person], on=run.run_date)
        return tenths(found.get(person))

    def tables(self) -> Sequence[Table]:
        """The points, or what each term added; the visits of the sample."""
        row = self.record
        return [
            Table(
                _("How the score came about"),
                (
                    Column("item", _("What was asked"), value=lambda line: line[0]),
                    Column("points", _("Adds"), Kind.FIGURE, value=lambda line: line[1]),
                ),
                _parts(row),
            ),
            Table(
                _("Visits of the validation sample"),
                (
                    Column("visited_date", _("Visited on"), Kind.DATE),
                    Column("poor", _("Poor"), value=lambda v: _("yes") if v.poor else _("no")),
                    Column("visited_by", _("Visited by")),
                ),
                row.visits.select_related("visited_by"),
            ),
        ]


def _parts(row: TargetingRow) -> list[tuple[str, str]]:
    """What made up the score of a row, as it was recorded when she was asked."""
    if row.source is None:
        return []
    if row.run.kind == RunKind.PMT:
        scored = MeansScore._base_manager.filter(pk=row.source).first()
        told = scored.result.get("terms", ()) if scored else ()
        return [(part["fact"].replace("_", " "), part["contribution"]) for part in told]
    found = Assessment._base_manager.filter(pk=row.source).select_related("scorecard").first()
    points = found.result.get("points", {}) if found else {}
    items = found.scorecard.content["items"] if found else ()
    words = {item["code"]: item.get("text") or item["code"].replace("_", " ") for item in items}
    return [(words.get(code, code), str(value)) for code, value in points.items()]


class VisitNew(FormPage):
    """Record what a visit of the validation sample found."""

    form_class = f.VisitForm
    permission = "people.record_sample_visit"
    title = _("Record a visit of the validation sample")
    verb = _("Record")
    subject_model = TargetingRow
    person_path = "person_id"
    subject: TargetingRow

    def subject_name(self) -> str:
        """Whom it is about."""
        return str(self.subject.person)

    def initial(self) -> dict[str, Any]:
        """Today, each household counting once."""
        return {"visited_date": today(), "weight": 1}

    def perform(self, values: dict[str, Any]) -> SampleVisit:
        """Keep it."""
        return record_sample_visit(
            acting_staff=self.staff,
            row=self.subject,
            visited_date=values["visited_date"],
            poor=values["poor"] == "1",
            weight_milli=int(values["weight"] * 1000),
            id=self.new_id,
        )

    def success_url(self, result: SampleVisit) -> str:
        """Her row."""
        return reverse("people:targetingrow_detail", args=[self.subject.pk])
