"""Pages of files for other systems: settings, the list, one file, and the acts that pass it on."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.org import reads
from handup.org.permissions import require
from handup.org.web.columns import Column, Kind
from handup.org.web.forms import FormPage
from handup.org.web.lists import Choice, EmptyState, ListPage, Search
from handup.org.web.money import format_day
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
from handup.projects.models import Programme
from handup.results import forms_exchange as f
from handup.results.iati_words import SEVERITIES, field_label, message_of
from handup.results.models import ExchangeFile, ExchangeProfile, Snapshot
from handup.results.models.exchange import EXCHANGE_KINDS, EXCHANGE_STATES
from handup.results.rules.adx import SpanOfTime
from handup.results.rules.iati.checking import Finding
from handup.results.rules.iati.pack import BLOCKING, Severity
from handup.results.rules.iati.states import ExchangeKind, ExchangeState
from handup.results.services.exchange import build_exchange, check_exchange, publish_exchange
from handup.results.services.exchange_profile import FIELDS, set_exchange_profile

PAGE = "results:exchange_detail"
TONES = {
    ExchangeState.BUILT.value: Tone.PLAIN,
    ExchangeState.CHECKED.value: Tone.INFO,
    ExchangeState.PUBLISHED.value: Tone.GOOD,
    ExchangeState.REPLACED.value: Tone.PLAIN,
}
WHY = {
    "FEW": _("stands for too few persons"),
    "ONE": _("one holder makes nearly all of it"),
    "PERIOD": _("counts days before the period of the file"),
    "TYPED": _("was typed by hand, and has no period"),
    "RATE": _("has no value, because an exchange rate is missing"),
    "NOWHERE": _("has a line without a known area, which is in the total alone"),
    "NO_YEAR": _("has a baseline without its year, which is left out; write the year"),
    "NO_PHASE": _("is not told: only phases are, and its records name none of them"),
    "OTHER_MEASURE": _("has no value of the kind this file tells it in"),
    "TOLD": _("only a few changed since it was told of this period"),
    "COUNTS": _("is estimated and not one count of another"),
    "NO_ADDRESS": _("public document without an address or without a category"),
}
ENDINGS = {
    ExchangeKind.IATI.value: ("xml", "application/xml"),
    ExchangeKind.ADX.value: ("xml", "application/xml"),
    ExchangeKind.CSV.value: ("csv", "text/csv"),
    ExchangeKind.TABLE.value: ("csv", "text/csv"),
}


class ExchangeList(ListPage):
    """Files for other systems, the newest first."""

    model = ExchangeFile
    permission = "results.view_exchange"
    title = _("Files for other systems")
    related = ("programme", "snapshot")
    columns = (
        Column("number", _("File"), Kind.LINK, value=str, url_name=PAGE),
        Column("programme.title", _("Programme"), sort="programme__title"),
        Column("snapshot.day", _("Counted up to"), Kind.DATE, sort="snapshot__day"),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("published_at", _("Published on"), Kind.DATE, sort="published_at"),
    )
    filters = (
        Search(("programme__title", "programme__code")),
        Choice("kind", _("Kind"), EXCHANGE_KINDS),
        Choice("state", _("State"), EXCHANGE_STATES),
    )
    order = "-recorded_at"
    empty = EmptyState(
        _("No file yet"),
        _("A file is built on the page of a frozen snapshot."),
        Action(_("Snapshots"), "results:snapshot_list", "results.view_snapshot"),
    )

    def rows(self) -> QuerySet[Any]:
        """Without the texts of the files."""
        return super().rows().defer("content", "figures", "findings")


class ProfileEdit(FormPage):
    """How a programme is told to other systems."""

    form_class = f.ProfileForm
    permission = "results.set_exchange"
    subject_model = Programme
    subject: Programme
    title = _("Settings for exchange")

    def initial(self) -> dict[str, Any]:
        """As it stands, or what can be known without asking."""
        row = ExchangeProfile.objects.filter(programme=self.subject).first()
        if row is None:
            return {
                "activity_code": self.subject.code,
                "language": "en",
                "flow": "10",
                "aid_type": "C01",
                "tied": "5",
            }
        return {name: getattr(row, name) for name in FIELDS}

    def perform(self, values: dict[str, Any]) -> ExchangeProfile:
        """Keep them."""
        return set_exchange_profile(acting_staff=self.staff, programme=self.subject, told=values)

    def success_url(self, result: ExchangeProfile) -> str:
        """The programme's snapshots and files."""
        return reverse("results:exchange_list")


class ExchangeNew(FormPage):
    """Build a file of a frozen snapshot."""

    form_class = f.BuildForm
    permission = "results.build_exchange"
    subject_model = Snapshot
    subject: Snapshot
    title = _("Build a file for another system")
    intro = _(
        "It holds counts and amounts of the frozen snapshot that stand for enough persons, and"
        " never anybody's record. It is checked, and another person publishes it."
    )
    verb = _("Build")

    def perform(self, values: dict[str, Any]) -> ExchangeFile:
        """Build it."""
        return build_exchange(
            acting_staff=self.staff,
            snapshot=self.subject,
            kind=ExchangeKind(values["kind"]),
            span=SpanOfTime(values["span"]),
            id=self.new_id,
        )

    def success_url(self, result: ExchangeFile) -> str:
        """The file."""
        return reverse(PAGE, args=[result.pk])


class ExchangePage(RecordPage):
    """One file: what its check found, what was left out, what comes next."""

    model = ExchangeFile
    permission = "results.view_exchange"
    related = ("programme", "snapshot", "built_by", "checked_by", "published_by")
    record: ExchangeFile

    def header(self) -> Header:
        """Its number and what comes next."""
        row = self.record
        return Header(
            f"{row.get_kind_display()} {row.number}",
            subtitle=f"{row.programme.title} · {format_day(row.snapshot.day)}",
            state=State(row.get_state_display(), TONES[row.state]),
            actions=self._actions(),
            crumbs=(
                Crumb(
                    gettext("Snapshot %(number)s") % {"number": row.snapshot.number},
                    reverse("results:snapshot_detail", args=[row.snapshot_id]),
                ),
            ),
        )

    def _actions(self) -> tuple[Action, ...]:
        row, args = self.record, (self.record.pk,)
        load = Action(_("Download"), "results:exchange_file", "results.view_exchange", args)
        profile = Action(
            _("Settings for exchange"),
            "results:exchange_profile",
            "results.set_exchange",
            (row.programme_id,),
        )
        if row.state == ExchangeState.BUILT:
            check = Action(_("Check"), "results:exchange_check", "results.check_exchange", args)
            return (check, load, profile)
        if row.state == ExchangeState.CHECKED:
            publish = Action(
                _("Publish"), "results:exchange_publish", "results.publish_exchange", args
            )
            return (publish, load, profile)
        return (load, profile)

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """Whether it was checked, and what that means."""
        row = self.record
        if row.state != ExchangeState.BUILT:
            return []
        if row.checked_on is None:
            return [(Tone.INFO, gettext("Not checked yet."))]
        if any(one["severity"] in BLOCKING for one in row.findings):
            return [(Tone.BAD, gettext("Mend what the check found, and build it again."))]
        return [(Tone.WARN, gettext("Somebody has to sign for the warnings."))]

    def facts(self) -> Sequence[FactGroup]:
        """Who did what with it."""
        row = self.record
        return [
            FactGroup(
                _("The file"),
                [
                    Fact(_("Built by"), row.built_by),
                    Fact(_("Checked by"), row.checked_by),
                    Fact(_("Checked on"), row.checked_on),
                    Fact(_("Published by"), row.published_by),
                    Fact(_("Published on"), row.published_at),
                    Fact(_("Address it stands at"), row.place),
                    Fact(_("Checksum"), row.sha256),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """What the check found, and what was left out."""
        row = self.record
        found = [_finding(one) for one in row.findings]
        return [
            Table(
                _("What the check found"),
                (
                    Column("weight", _("Weight"), value=lambda one: SEVERITIES[one.severity]),
                    Column("message", _("What is wrong"), value=message_of),
                    Column("field", _("Mend it in"), value=field_label),
                    Column("line", _("Line"), Kind.NUMBER),
                    Column("id", _("Rule")),
                ),
                found,
                empty=EmptyState(
                    _("Nothing was found") if row.checked_on else _("Not checked yet"), ""
                ),
            ),
            Table(
                _("Left out"),
                (
                    Column("what", _("What"), value=lambda one: one[0]),
                    Column("why", _("Why"), value=lambda one: WHY.get(one[1], one[1])),
                ),
                row.notes,
                empty=EmptyState(_("Nothing was left out"), ""),
            ),
        ]


def _finding(one: dict[str, Any]) -> Finding:
    return Finding(
        id=one["id"],
        severity=Severity(one["severity"]),
        message=one["message"],
        path=one["path"],
        line=one["line"],
        field=one["field"],
        value=one["value"],
    )


class OnFile(FormPage):
    """A form about one file; it goes back to its page."""

    subject_model = ExchangeFile
    subject: ExchangeFile

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse(PAGE, args=[self.subject.pk])


class ExchangeCheck(OnFile):
    """Check a file against the official rules."""

    form_class = f.CheckForm
    permission = "results.check_exchange"
    title = _("Check")
    verb = _("Check")

    def perform(self, values: dict[str, Any]) -> ExchangeFile:
        """Check it; what was found stands on its page."""
        return check_exchange(acting_staff=self.staff, file=self.subject, **values)


class ExchangePublish(OnFile):
    """Publish a file somebody else built."""

    form_class = f.PublishForm
    permission = "results.publish_exchange"
    title = _("Publish")
    intro = _("What was published before is marked as replaced. The file stays as it is.")
    verb = _("Publish")

    def perform(self, values: dict[str, Any]) -> ExchangeFile:
        """Publish it."""
        return publish_exchange(acting_staff=self.staff, file=self.subject, **values)


class ExchangeDownload(View):
    """The file itself."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it; it holds counts, never a person."""
        staff: Any = request.user
        require(staff, "results.view_exchange")
        rows = ExchangeFile.objects.visible_to(staff).select_related("programme")
        row = rows.filter(pk=kwargs["pk"]).first()
        if row is None:
            raise Http404
        reads.note(request, persons=[], action="EXPORT", highest="O")
        ending, kind = ENDINGS[row.kind]
        answer = HttpResponse(row.content.encode(), content_type=kind)
        name = f"{row.kind.lower()}-{row.number}.{ending}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
