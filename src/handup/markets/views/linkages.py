"""Pages of linkages and their commitments, and of help to associations."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.markets.forms import linkages as f
from handup.markets.models import AssociationSupport, Commitment, Linkage
from handup.markets.models import labels as lb
from handup.markets.services import linkages as services
from handup.markets.views.acts import NewPage, OnPage, today
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table, Tile
from handup.projects.queries import as_read_by

NEW = Action(_("Record a linkage"), "markets:linkage_new", "markets.record_linkage")
PAGE = "markets:linkage_detail"


class LinkageList(ListPage):
    """What public and private bodies agreed to do together."""

    model = Linkage
    permission = "markets.view_linkage"
    title = _("Linkages")
    related = ("public_party", "private_party", "programme")
    columns = (
        Column("title", _("Linkage"), Kind.LINK, sort="title", url_name=PAGE),
        Column("public_party", _("Public side")),
        Column("private_party", _("Private side")),
        Column("started_date", _("Agreed on"), Kind.DATE, sort="started_date"),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (Search(("title", "public_party__name", "private_party__name")),)
    order = "-started_date"
    primary = NEW
    empty = EmptyState(
        _("No linkage yet"),
        _("A ministry and a trade that promise each other something: each promise has its day."),
        NEW,
    )


class RecordLinkage(NewPage):
    """Record what a public and a private body agreed."""

    form_class = f.LinkageForm
    permission = "markets.record_linkage"
    title = _("Record a linkage")
    verb = _("Record")
    page = PAGE

    def perform(self, values: dict[str, Any]) -> Linkage:
        """Record it."""
        return services.record_linkage(acting_staff=self.staff, id=self.new_id, **values)


def kept_state(row: Commitment) -> State:
    """Whether a promise was kept, and in time."""
    late = row.is_late(today())
    if row.done_date is None:
        return State(_t("late"), Tone.BAD) if late else State(_t("open"), Tone.INFO)
    return State(_t("kept late"), Tone.WARN) if late else State(_t("kept"), Tone.GOOD)


class LinkagePage(RecordPage):
    """A linkage with what each side promised."""

    model = Linkage
    permission = "markets.view_linkage"
    related = ("public_party", "private_party", "programme", "document", "area")
    record: Linkage

    def header(self) -> Header:
        """Its title, and a further promise."""
        row = self.record
        return Header(
            row.title,
            subtitle=f"{row.public_party} – {row.private_party}",
            primary=Action(
                _("Record a promise"),
                "markets:commitment_new",
                "markets.record_linkage",
                args=(row.pk,),
            ),
            crumbs=(Crumb(_("Linkages"), reverse("markets:linkage_list")),),
        )

    def tiles(self) -> Sequence[Tile]:
        """How many promises were kept."""
        rows = list(self.record.commitments.all())
        if not rows:
            return []
        done = [row for row in rows if row.done_date]
        on = today()
        in_time = [row for row in done if not row.is_late(on)]
        overdue = [row for row in rows if not row.done_date and row.is_late(on)]
        return [
            Tile(_t("Promises kept"), format_number(len(done)), of=Tile.of_all(len(rows))),
            Tile(_t("Kept in time"), format_number(len(in_time)), of=Tile.of_all(len(rows))),
            Tile(
                _t("Late now"),
                format_number(len(overdue)),
                tone=Tone.BAD if overdue else Tone.GOOD,
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Who, since when."""
        row = self.record
        return [
            FactGroup(
                _("The linkage"),
                [
                    Fact(_("Public side"), row.public_party),
                    Fact(_("Private side"), row.private_party),
                    Fact(_("Agreed on"), row.started_date),
                    Fact(_("Document"), as_read_by(self.staff, row.document)),
                    Fact(_("Programme"), row.programme),
                    Fact(_("Area"), row.area),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Every promise."""
        return [
            Table(
                _("Promises"),
                (
                    Column("what", _("What was promised"), href=keep_href),
                    Column("party", _("Which side")),
                    Column("due_date", _("By"), Kind.DATE),
                    Column("done_date", _("Done on"), Kind.DATE),
                    Column("state", _("State"), Kind.STATE, value=kept_state),
                    Column("result", _("What came of it")),
                ),
                self.record.commitments.select_related("party"),
                EmptyState(_("No promise yet")),
            )
        ]


def keep_href(row: Commitment) -> str:
    """Where it is recorded as kept, as long as it is not."""
    return "" if row.done_date else reverse("markets:commitment_keep", args=[row.pk])


class RecordCommitment(OnPage):
    """Record what one side promised."""

    form_class = f.CommitmentForm
    permission = "markets.record_linkage"
    title = _("Record a promise")
    verb = _("Record")
    subject_model = Linkage
    subject: Linkage
    page = PAGE

    def form_options(self) -> dict[str, Any]:
        """The two sides."""
        return {"linkage": self.subject}

    def perform(self, values: dict[str, Any]) -> Commitment:
        """Record it."""
        return services.record_commitment(
            acting_staff=self.staff, linkage=self.subject, id=self.new_id, **values
        )


class KeepCommitment(OnPage):
    """Record that a promise was kept."""

    form_class = f.KeptForm
    permission = "markets.record_linkage"
    title = _("A promise was kept")
    verb = _("Record")
    subject_model = Commitment
    subject: Commitment
    page = PAGE
    owner = "linkage_id"

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"done_date": today()}

    def perform(self, values: dict[str, Any]) -> Commitment:
        """Record it."""
        return services.keep_commitment(
            acting_staff=self.staff, commitment=self.subject, today=today(), **values
        )


NEW_SUPPORT = Action(
    _("Record help to an association"), "markets:support_new", "markets.record_support"
)


class SupportList(ListPage):
    """What associations were helped with."""

    model = AssociationSupport
    permission = "markets.view_support"
    title = _("Help to associations")
    related = ("association", "programme", "given_by")
    columns = (
        Column("association", _("Association")),
        Column("support_date", _("Day"), Kind.DATE, sort="support_date"),
        Column("kind", _("Kind of help")),
        Column("what", _("What was done")),
        Column("people", _("People there"), Kind.NUMBER),
        Column("women", _("Women"), Kind.NUMBER),
        Column("result", _("What came of it")),
        Column("given_by", _("Given by"), shown=False),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (
        Search(("association__name", "what")),
        Choice("kind", _("Kind of help"), lb.choices(lb.SUPPORT_KIND)),
    )
    order = "-support_date"
    primary = NEW_SUPPORT
    empty = EmptyState(
        _("No help recorded yet"),
        _("Registration, advice, meetings: what came of each."),
        NEW_SUPPORT,
    )


class RecordSupport(NewPage):
    """Record what an association was helped with."""

    form_class = f.SupportForm
    permission = "markets.record_support"
    title = _("Record help to an association")
    verb = _("Record")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"support_date": today()}

    def perform(self, values: dict[str, Any]) -> AssociationSupport:
        """Record it."""
        told = values | {"kind": lb.SupportKind(values["kind"])}
        return services.record_support(
            acting_staff=self.staff, today=today(), id=self.new_id, **told
        )

    def success_url(self, result: AssociationSupport) -> str:
        """All of it."""
        return reverse("markets:support_list")
