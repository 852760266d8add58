"""Wealth rankings: the list, one village with its meetings and households, the steps."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import round_to
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.filters import Choice, Search
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, DateRange, EmptyState
from handup.org.web.money import format_day, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile
from handup.people.forms import ranking as f
from handup.people.models import Household, RankedPile, RankingMeeting, WealthRanking
from handup.people.models import labels as lb
from handup.people.queries import ranking as q
from handup.people.rules.codes import PileMistake, RankingState
from handup.people.rules.ranking import RankingStatus
from handup.people.services import ranking as s
from handup.people.views.chosen import ProgrammeListPage
from handup.people.views.desk import today

NEW = Action(_("Start a wealth ranking"), "people:wealthranking_new", s.START)
TONES = {"OPEN": Tone.WARN, "CLOSED": Tone.GOOD}
STATUS_TONES = {
    RankingStatus.RANKED: Tone.GOOD,
    RankingStatus.RERANK: Tone.BAD,
    RankingStatus.NEEDS_THIRD_RANKING: Tone.WARN,
}


def tenths(value: Fraction | None) -> str:
    """A figure from 0 to 100, half up to one decimal."""
    return "" if value is None else format_number(Decimal(round_to(value * 10)) / 10)


def hundredths(value: Fraction | Decimal | None) -> str:
    """A correlation, half away from zero to two decimals; "not defined" without one."""
    if value is None:
        return _t("not defined")
    return format_number(Decimal(round_to(Fraction(value) * 100)) / 100)


class RankingList(ProgrammeListPage):
    """The rankings of the villages the reader works in."""

    model = WealthRanking
    permission = s.VIEW
    title = _("Wealth rankings")
    intro = _("Neighbours lay the households of their village in piles, each group by itself.")
    related = ("programme", "area")
    columns = (
        Column(
            "title", _("Title"), Kind.LINK, sort="title", url_name="people:wealthranking_detail"
        ),
        Column("area", _("Village")),
        Column("programme", _("Programme")),
        Column("begun_date", _("Begun on"), Kind.DATE, sort="begun_date"),
        Column("state", _("State"), Kind.STATE, tones=TONES),
    )
    filters = (
        Search(("title", "area__code")),
        Choice("state", _("State"), lb.choices(lb.RANKING_STATE)),
        DateRange("begun", _("Begun on"), "begun_date"),
    )
    order = "-begun_date"
    primary = NEW
    empty = EmptyState(
        _("No wealth ranking yet"),
        _("Three groups or more rank the same village; it stands beside a scorecard."),
        NEW,
    )


def _piles_told(one: q.Standing) -> str:
    """Every pile of a household, those that count no more in brackets."""
    told = []
    for row in one.laid:
        text = f"{row.meeting.group}: {row.pile} / {row.meeting.piles}"
        told.append(text if row.meeting_id in one.standing else f"({text})")
    return " \u00b7 ".join(told)


class RankingPage(RecordPage):
    """One village: how far the groups agree, its meetings, its households."""

    model = WealthRanking
    permission = s.VIEW
    related = ("programme", "area", "started_by")
    record: WealthRanking

    @cached_property
    def found(self) -> list[q.Standing]:
        """The households laid so far, as far as the reader may see them."""
        return q.ranked_households(self.staff, self.record)

    def count(self, status: RankingStatus) -> int:
        """How many households stand so."""
        return sum(one.ranking.status is status for one in self.found)

    def header(self) -> Header:
        """The village and the next step."""
        row, pk = self.record, (self.record.pk,)
        steps: list[Action] = []
        if row.state == RankingState.OPEN.value:
            steps = [
                Action(
                    _("Record how a group ranked"), "people:ranking_meeting_new", s.RECORD, args=pk
                ),
                Action(
                    _("Lay again what lies far apart"), "people:ranking_again", s.START, args=pk
                ),
                Action(_("End the ranking"), "people:ranking_close", s.CLOSE, args=pk),
            ]
            if not self.count(RankingStatus.RERANK):
                del steps[1]
        return Header(
            row.title,
            subtitle=_t("%(village)s, since %(day)s")
            % {"village": row.area, "day": format_day(row.begun_date)},
            state=State(row.get_state_display(), TONES[row.state]),
            primary=steps[0] if steps else None,
            actions=tuple(steps[1:]),
            crumbs=(Crumb(_("Wealth rankings"), reverse("people:wealthranking_list")),),
        )

    def tiles(self) -> Sequence[Tile]:
        """How many stand how, and how far the groups agree."""
        number = len(self.found)
        return [
            Tile(
                lb.RANKING_STATUS[status],
                format_number(self.count(status)),
                of=Tile.of_all(number),
                tone=STATUS_TONES[status] if self.count(status) else Tone.PLAIN,
            )
            for status in RankingStatus
        ] + [
            Tile(
                _("How far the groups agree"),
                hundredths(q.agreement(self.found)),
                how=_("Intra-class correlation of the first round: 1 is full agreement, 0 none."),
            )
        ]

    def facts(self) -> Sequence[FactGroup]:
        """How it is ranked, and how it agrees with the scorecard."""
        row = self.record
        told = [
            Fact(_("Programme"), row.programme),
            Fact(_("Village"), row.area),
            Fact(_("Round"), row.round),
            Fact(
                _("Laid again above a spread of"),
                row.rerank_above,
                hint=_("How far the rankings of one household may lie apart, 0 to 100."),
            ),
            Fact(_("Started by"), row.started_by),
            Fact(_("Ended on"), row.closed_date),
        ]
        groups = [FactGroup(_("The ranking"), told)]
        beside = q.beside(self.found, self.scores)
        if beside is not None:
            own = [
                Fact(_("Scorecard"), beside.card),
                Fact(_("Households with both"), beside.households),
                Fact(_("Rank correlation"), hundredths(beside.correlation)),
            ]
            groups.append(FactGroup(_("Beside the scorecard"), own))
        return groups

    @cached_property
    def scores(self) -> dict[Any, Any]:
        """The scores of the households, for whoever reads scores."""
        return q.last_scores(self.staff, [one.household.pk for one in self.found])

    @cached_property
    def heads(self) -> dict[Any, Any]:
        """The heads of the households."""
        return q.named_heads(self.staff, [one.household.pk for one in self.found], on=today())

    def tables(self) -> Sequence[Table]:
        """The meetings, then the households, the poorest first."""
        row = self.record
        meetings = (
            Column("group", _("Group"), Kind.LINK, url_name="people:rankingmeeting_detail"),
            Column("round", _("Round"), Kind.NUMBER),
            Column("held_date", _("Held on"), Kind.DATE),
            Column("raters", _("How many sat there"), Kind.NUMBER),
            Column("piles", _("Piles"), Kind.NUMBER),
        )
        homes = (
            Column("household", _("Household"), Kind.LINK, value=self._name, href=_home),
            Column(
                "score",
                _("Rank, 0 to 100"),
                Kind.FIGURE,
                value=lambda one: tenths(one.ranking.score),
            ),
            Column(
                "spread", _("Spread"), Kind.FIGURE, value=lambda one: tenths(one.ranking.spread)
            ),
            Column(
                "status",
                _("Where it stands"),
                value=lambda one: lb.RANKING_STATUS[one.ranking.status],
            ),
            Column("points", _("Score by the card"), Kind.FIGURE, value=self._points),
            Column("laid", _("Piles, 1 the best off"), value=_piles_told),
        )
        poorest = sorted(
            self.found, key=lambda one: (-(one.ranking.score or 0), one.household.code)
        )
        return [
            Table(
                _("Meetings"), meetings, row.meetings.all(), EmptyState(_("No group has met yet"))
            ),
            Table(_("Households"), homes, poorest, EmptyState(_("No household is laid yet"))),
        ]

    def _name(self, one: q.Standing) -> str:
        head = self.heads.get(one.household.pk)
        return one.household.code if head is None else f"{one.household.code} \u00b7 {head}"

    def _points(self, one: q.Standing) -> str:
        row = self.scores.get(one.household.pk)
        return "" if row is None else format_number(row.score)

    def context(self) -> dict[str, Any]:
        """Whom it names goes into the read log."""
        reads.note(self.request, persons=[head.pk for head in self.heads.values()], action="LIST")
        return {}


def _home(one: q.Standing) -> str:
    return reverse("people:household_detail", args=[one.household.pk])


def rankings_of(staff: StaffUser, household: Household) -> list[Table]:
    """In which pile the neighbours laid a household, for whoever reads that."""
    rows = RankedPile.objects.visible_to(staff).filter(household=household)
    laid = list(rows.select_related("meeting__ranking").order_by("meeting__held_date", "id"))
    columns = (
        Column(
            "ranking",
            _("Wealth ranking"),
            Kind.LINK,
            value=lambda row: row.meeting.ranking,
            href=lambda row: reverse("people:wealthranking_detail", args=[row.meeting.ranking_id]),
        ),
        Column("group", _("Group"), value=lambda row: row.meeting.group),
        Column("held_date", _("Held on"), Kind.DATE, value=lambda row: row.meeting.held_date),
        Column(
            "pile", _("Pile, 1 the best off"), value=lambda row: f"{row.pile} / {row.meeting.piles}"
        ),
    )
    return [Table(_("Ranked by neighbours"), columns, laid)] if laid else []


class MeetingPage(RecordPage):
    """One meeting: the pile of each household, each corrected by its own line."""

    model = RankingMeeting
    permission = s.VIEW
    related = ("ranking", "recorded_by")
    record: RankingMeeting

    def header(self) -> Header:
        """Which group, of which village."""
        row = self.record
        back = reverse("people:wealthranking_detail", args=[row.ranking_id])
        return Header(
            row.group, subtitle=row.ranking.title, crumbs=(Crumb(str(row.ranking), back),)
        )

    def facts(self) -> Sequence[FactGroup]:
        """When, how many, how many piles."""
        row = self.record
        told = [
            Fact(_("Held on"), row.held_date),
            Fact(_("How many sat there"), row.raters),
            Fact(_("Piles"), row.piles),
            Fact(_("Round"), row.round),
            Fact(_("Recorded by"), row.recorded_by),
        ]
        return [FactGroup(_("The meeting"), told)]

    @cached_property
    def laid(self) -> QuerySet[RankedPile, RankedPile]:
        """The households the reader may see, the poorest first."""
        rows = RankedPile.objects.visible_to(self.staff).filter(meeting=self.record)
        return rows.select_related("household").order_by("-pile", "household__code")

    @cached_property
    def heads(self) -> dict[Any, Any]:
        """The heads of the households."""
        homes = list(self.laid.values_list("household_id", flat=True))
        return q.named_heads(self.staff, homes, on=today())

    def tables(self) -> Sequence[Table]:
        """The pile of each household."""
        open_ = self.record.ranking.state == RankingState.OPEN.value
        name = (
            Column("household", _("Household"), Kind.LINK, value=self._name, href=_correct)
            if open_
            else Column("household", _("Household"), value=self._name)
        )
        columns = (name, Column("pile", _("Pile, 1 the best off"), Kind.NUMBER))
        return [
            Table(_("Households"), columns, self.laid, EmptyState(_("No household is laid yet")))
        ]

    def _name(self, row: RankedPile) -> str:
        head = self.heads.get(row.household_id)
        return row.household.code if head is None else f"{row.household.code} \u00b7 {head}"

    def context(self) -> dict[str, Any]:
        """Whom it names goes into the read log."""
        reads.note(self.request, persons=[head.pk for head in self.heads.values()], action="LIST")
        return {}


def _correct(row: RankedPile) -> str:
    return reverse("people:ranked_pile", args=[row.pk])


class RankingNew(FormPage):
    """Begin the ranking of a village."""

    form_class = f.RankingForm
    permission = s.START
    title = _("Start a wealth ranking")
    intro = _("Three groups or more lay the households, each without hearing the others.")
    verb = _("Start it")

    def form_options(self) -> dict[str, Any]:
        """Her programmes."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"begun_date": today()}

    def perform(self, values: dict[str, Any]) -> WealthRanking:
        """Begin it."""
        return s.start_ranking(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: WealthRanking) -> str:
        """Its page."""
        return reverse("people:wealthranking_detail", args=[result.pk])


class OnRanking(FormPage):
    """A step of one ranking."""

    subject_model = WealthRanking
    subject: WealthRanking

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse("people:wealthranking_detail", args=[self.subject.pk])


class MeetingNew(OnRanking):
    """Write down how one group laid the households."""

    form_class = f.MeetingForm
    permission = s.RECORD
    title = _("Record how a group ranked")
    intro = _("Leave the line of a household empty that the group did not lay.")
    verb = _("Record it")

    @cached_property
    def homes(self) -> list[Household]:
        """The households that may be laid now, and those the form named when it was opened."""
        named = f.MeetingForm.named(self.request.POST)
        return q.offered(self.staff, self.subject, s.RECORD, named)

    def lead(self) -> Any:
        """What to do, or why it cannot be done here."""
        if len(self.homes) > q.MOST:
            told = _t("More than %(most)s households live there: rank smaller parts of it.")
            return told % {"most": format_number(q.MOST)}
        if not self.homes:
            return _("There is no household to lay: register those of the village first.")
        return self.intro

    def form_options(self) -> dict[str, Any]:
        """The households and their heads, who are read here."""
        homes = self.homes[: q.MOST]
        heads = q.named_heads(self.staff, [home.pk for home in homes], on=today())
        reads.note(self.request, persons=[head.pk for head in heads.values()], action="LIST")
        return {"homes": homes, "heads": heads}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"held_date": today()}

    def perform(self, values: dict[str, Any]) -> RankingMeeting:
        """Write it down."""
        names = ("group", "raters", "piles", "held_date")
        told = s.MeetingIn(
            **{name: values[name] for name in names},
            laid=f.MeetingForm.laid(values),
            id=self.new_id,
        )
        return s.record_ranking_meeting(acting_staff=self.staff, ranking=self.subject, told=told)


class RankAgain(OnRanking):
    """Begin the next round."""

    form_class = f.AgainForm
    permission = s.START
    title = _("Lay again what lies far apart")
    intro = _("Three groups or more lay those households anew; their earlier piles count no more.")
    verb = _("Begin the next round")

    def perform(self, values: dict[str, Any]) -> WealthRanking:
        """Begin it."""
        return s.rank_again(acting_staff=self.staff, ranking=self.subject)


class CloseRanking(OnRanking):
    """End a ranking."""

    form_class = f.EndForm
    permission = s.CLOSE
    title = _("End the ranking")
    intro = _("Nothing is laid or corrected any more; the ranks stand beside the scorecards.")
    verb = _("End it")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": today()}

    def perform(self, values: dict[str, Any]) -> WealthRanking:
        """End it."""
        return s.close_ranking(acting_staff=self.staff, ranking=self.subject, on=values["on"])


class PileCorrect(FormPage):
    """Write a pile anew."""

    form_class = f.PileForm
    permission = s.RECORD
    subject_model = RankedPile
    subject: RankedPile
    title = _("Correct the pile of a household")
    verb = _("Correct it")

    def subject_name(self) -> str:
        """Which household it is."""
        return self.subject.household.code

    def lead(self) -> Any:
        """Which group laid it."""
        meeting = self.subject.meeting
        return _t("%(group)s made %(piles)s piles: 1 is the best off.") % {
            "group": meeting.group,
            "piles": format_number(meeting.piles),
        }

    def initial(self) -> dict[str, Any]:
        """As it is written down."""
        return {"pile": self.subject.pile}

    def perform(self, values: dict[str, Any]) -> RankedPile:
        """Correct it."""
        return s.correct_pile(
            acting_staff=self.staff,
            laid=self.subject,
            pile=values["pile"],
            reason=PileMistake(values["reason"]),
        )

    def success_url(self, result: RankedPile) -> str:
        """The meeting."""
        return reverse("people:rankingmeeting_detail", args=[self.subject.meeting_id])
