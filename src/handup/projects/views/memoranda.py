"""Pages of what was signed with partners: the list, one with what each side owes, its acts."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table, Tile
from handup.projects import memorandum_forms as f
from handup.projects import services
from handup.projects.models import Memorandum, Obligation
from handup.projects.models import labels as lb
from handup.projects.rules.duties import MemorandumKind, ObligationKind
from handup.projects.views.acts import OnProgramme, today

PAGE = "projects:memorandum_detail"


def in_force(row: Memorandum) -> State:
    """Whether it holds today."""
    if row.holds_on(today()):
        return State(_t("in force"), Tone.GOOD)
    if row.signed_date > today():
        return State(_t("from a later day"), Tone.INFO)
    return State(_t("ended"), Tone.PLAIN)


def owed_state(row: Obligation) -> State:
    """Whether it was done, and in time; or is owed no longer."""
    if not row.is_owed:
        return State(_t("no longer owed"), Tone.PLAIN)
    late = row.is_late(today())
    if row.done_date is None:
        return State(_t("late"), Tone.BAD) if late else State(_t("open"), Tone.INFO)
    return State(_t("done late"), Tone.WARN) if late else State(_t("done"), Tone.GOOD)


def who_owes(row: Obligation) -> str:
    """The partner, or we."""
    return _t("we") if row.party is None else str(row.party)


def paper_href(row: Any) -> str:
    """Where its paper is."""
    if row.document_id is None:
        return ""
    return reverse("projects:document_detail", args=[row.document_id])


def memorandum_columns() -> tuple[Column, ...]:
    """What a table of them says of each."""
    return (
        Column("title", _("Memorandum"), Kind.LINK, sort="title", url_name=PAGE),
        Column("organisation", _("Partner")),
        Column("kind", _("Kind")),
        Column("signed_date", _("Signed on"), Kind.DATE, sort="signed_date"),
        Column("last_date", _("Until"), Kind.DATE),
        Column("state", _("State"), Kind.STATE, value=in_force),
    )


class MemorandumList(ListPage):
    """What was signed with partners."""

    model = Memorandum
    permission = "projects.view_memorandum"
    title = _("Memoranda and contracts")
    related = ("organisation", "programme")
    columns = (*memorandum_columns(), Column("programme", _("Programme"), shown=False))
    filters = (
        Search(("title", "organisation__name", "reference")),
        Choice("kind", _("Kind"), lb.choices(lb.MEMORANDUM_KIND)),
    )
    order = "-signed_date"
    empty = EmptyState(
        _("No memorandum yet"),
        _("What was signed with a partner is recorded on the page of the programme."),
    )


class MemorandumNew(OnProgramme):
    """Record what was signed with a partner."""

    form_class = f.MemorandumForm
    permission = "projects.record_memorandum"
    title = _("Record a memorandum")
    verb = _("Record")

    def perform(self, values: dict[str, Any]) -> Memorandum:
        """Record it."""
        told = values | {"kind": MemorandumKind(values["kind"]), "id": self.new_id}
        return services.record_memorandum(
            acting_staff=self.staff,
            programme=self.subject,
            memorandum=services.MemorandumIn(**told),
        )

    def success_url(self, result: Memorandum) -> str:
        """Its page."""
        return reverse(PAGE, args=[result.pk])


class MemorandumPage(RecordPage):
    """What was signed with a partner, and what each side owes by when."""

    model = Memorandum
    permission = "projects.view_memorandum"
    related = ("organisation", "programme", "document", "recorded_by")
    record: Memorandum

    def header(self) -> Header:
        """Its title, and what can be added."""
        row = self.record
        more = Action(
            _("Record what is owed"),
            "projects:obligation_new",
            "projects.record_memorandum",
            args=(row.pk,),
        )
        end = Action(
            _("End it"), "projects:memorandum_end", "projects.end_memorandum", args=(row.pk,)
        )
        going_on = row.ended_date is None
        return Header(
            row.title,
            subtitle=str(row.organisation),
            state=in_force(row),
            primary=more if going_on else None,
            actions=(end,) if going_on else (),
            crumbs=(
                Crumb(
                    row.programme.title,
                    reverse("projects:programme_detail", args=[row.programme_id]),
                ),
            ),
        )

    def tiles(self) -> Sequence[Tile]:
        """How much of what was owed was done."""
        rows = [row for row in self.record.obligations.all() if row.is_owed]
        if not rows:
            return []
        on = today()
        done = [row for row in rows if row.done_date]
        late = [row for row in rows if not row.done_date and row.is_late(on)]
        return [
            Tile(_t("Done"), format_number(len(done)), of=Tile.of_all(len(rows))),
            Tile(_t("Late now"), format_number(len(late)), tone=Tone.BAD if late else Tone.GOOD),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Who, what, from when until when."""
        row = self.record
        return [
            FactGroup(
                _("The memorandum"),
                [
                    Fact(_("Partner"), row.organisation),
                    Fact(_("Kind"), row.get_kind_display()),
                    Fact(_("Reference"), row.reference),
                    Fact(_("Signed on"), row.signed_date),
                    Fact(_("Until"), row.last_date),
                    Fact(_("Ended on"), row.ended_date),
                    Fact(_("Why it ended"), row.end_reason),
                    Fact(_("Document"), row.document, href=paper_href(row)),
                    Fact(_("Remark"), row.remark),
                    Fact(_("Recorded by"), row.recorded_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """What each side owes, the next first."""
        return [
            Table(
                _("What each side owes"),
                (
                    Column("what", _("What is owed"), href=meet_href),
                    Column("party", _("Who owes it"), value=who_owes),
                    Column("kind", _("Kind")),
                    Column("amount_units", _("Amount"), Kind.MONEY),
                    Column("due_date", _("Due on"), Kind.DATE),
                    Column("done_date", _("Done on"), Kind.DATE),
                    Column("state", _("State"), Kind.STATE, value=owed_state),
                    Column("result", _("What came of it")),
                    Column("document", _("Paper"), Kind.LINK, href=paper_href),
                ),
                self.record.obligations.select_related("party", "document"),
                EmptyState(_("Nothing is owed yet")),
            )
        ]


def meet_href(row: Obligation) -> str:
    """Where it is recorded as done, as long as it is owed and not done."""
    if row.done_date or not row.is_owed:
        return ""
    return reverse("projects:obligation_meet", args=[row.pk])


class ObligationNew(FormPage):
    """Record what one side owes."""

    form_class = f.ObligationForm
    permission = "projects.record_memorandum"
    title = _("Record what is owed")
    verb = _("Record")
    subject_model = Memorandum
    subject: Memorandum

    def form_options(self) -> dict[str, Any]:
        """The partner who signed."""
        return {"partner": self.subject.organisation}

    def initial(self) -> dict[str, Any]:
        """The programme's currency."""
        return {"currency": self.subject.programme.currency}

    def perform(self, values: dict[str, Any]) -> list[Obligation]:
        """Record it."""
        told = values | {"kind": ObligationKind(values["kind"]), "id": self.new_id}
        return services.record_obligation(
            acting_staff=self.staff,
            memorandum=self.subject,
            obligation=services.ObligationIn(**told),
        )

    def success_url(self, result: list[Obligation]) -> str:
        """The page of the memorandum."""
        return reverse(PAGE, args=[self.subject.pk])


class ObligationMeet(FormPage):
    """Record that what was owed was done."""

    form_class = f.MeetForm
    permission = "projects.meet_obligation"
    title = _("It was done")
    verb = _("Record")
    subject_model = Obligation
    subject: Obligation

    def form_options(self) -> dict[str, Any]:
        """The programme's documents."""
        return {"programme": self.subject.memorandum.programme}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"done_date": today()}

    def perform(self, values: dict[str, Any]) -> Obligation:
        """Record it."""
        return services.meet_obligation(
            acting_staff=self.staff, obligation=self.subject, today=today(), **values
        )

    def success_url(self, result: Obligation) -> str:
        """The page of the memorandum."""
        return reverse(PAGE, args=[result.memorandum_id])


class MemorandumEnd(FormPage):
    """End a memorandum before its last day."""

    form_class = f.EndForm
    permission = "projects.end_memorandum"
    title = _("End the memorandum")
    verb = _("End it")
    subject_model = Memorandum
    subject: Memorandum

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"ended_date": today()}

    def perform(self, values: dict[str, Any]) -> Memorandum:
        """End it."""
        return services.end_memorandum(
            acting_staff=self.staff, memorandum=self.subject, today=today(), **values
        )

    def success_url(self, result: Memorandum) -> str:
        """Its page."""
        return reverse(PAGE, args=[result.pk])
