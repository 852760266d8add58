"""Incidents: what went wrong with personal data, whom it touches, who was told, by when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.models import Incident, StaffUser
from handup.org.models.incidents import KINDS, RISKS
from handup.org.permissions import may
from handup.org.rules.incidents import (
    BY_HAND,
    IncidentKind,
    IncidentState,
    Risk,
    clock_runs,
    may_become,
)
from handup.org.services.incidents import (
    HANDLE,
    assess_incident,
    close_incident,
    record_notification,
    report_incident,
)
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.filters import Choice, Tick
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import EmptyState, ListPage
from handup.org.web.money import format_instant, format_number
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    Moment,
    RecordPage,
    Table,
)

TONES = {
    IncidentState.OPEN.value: Tone.BAD,
    IncidentState.ASSESSED.value: Tone.WARN,
    IncidentState.NOTIFIED.value: Tone.INFO,
    IncidentState.CLOSED.value: Tone.PLAIN,
}
REPORT = Action(_("Report an incident"), "org:incident_new", "org.report_incident")
STEPS = (
    (IncidentState.ASSESSED, _("Assess it"), "org:incident_assess"),
    (IncidentState.NOTIFIED, _("Record who was told"), "org:incident_notify"),
    (IncidentState.CLOSED, _("Close it"), "org:incident_close"),
)
# reader, ids -> the table of those persons she may see, and their ids for the read log; added by
# the domain that keeps persons.
persons_of: list[Callable[[StaffUser, Sequence[str]], tuple[Table, Sequence[UUID]]]] = []


def late(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those whose clock ran out before anybody was told."""
    open_ones = rows.filter(notify_by__lt=timezone.now())
    assessed = open_ones.filter(state=IncidentState.ASSESSED.value).exclude(risk=Risk.NONE.value)
    return open_ones.filter(state=IncidentState.OPEN.value) | assessed


def not_closed(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Those somebody still works on."""
    return rows.exclude(state=IncidentState.CLOSED.value)


class IncidentList(ListPage):
    """The register of incidents."""

    model = Incident
    permission = "org.view_incident"
    title = _("Incidents")
    intro = _("What went wrong with personal data. Each has a clock within which it is told.")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="org:incident_detail"),
        Column("kind", _("What happened"), sort="kind"),
        Column("noticed_at", _("Noticed"), Kind.INSTANT, sort="noticed_at"),
        Column("notify_by", _("To tell by"), Kind.INSTANT, sort="notify_by"),
        Column("persons", _("Persons"), Kind.NUMBER, value=lambda row: len(row.persons)),
        Column("state", _("State"), Kind.STATE, tones=TONES),
    )
    filters = (
        Choice("kind", _("What happened"), list(KINDS.items())),
        Choice("state", _("State"), Incident._meta.get_field("state").choices or ()),
        Tick("open", _("only those not closed"), not_closed),
        Tick("late", _("only those told too late"), late),
    )
    order = "-noticed_at"
    primary = REPORT
    empty = EmptyState(_("No incidents"), _("A lost device opens one by itself."), REPORT)


class IncidentPage(RecordPage):
    """One incident with its clock and its next step."""

    model = Incident
    permission = "org.view_incident"
    related = ("device", "opened_by", "assessed_by", "notified_by", "closed_by")
    record: Incident

    def header(self) -> Header:
        """What happened, where it stands, the next step."""
        row, state = self.record, IncidentState(self.record.state)
        steps = [
            Action(label, name, HANDLE, args=(row.pk,))
            for wanted, label, name in STEPS
            if may_become(state, wanted, row.risk_told)
        ]
        return Header(
            _now("Incident %(code)s") % {"code": row.code},
            subtitle=row.get_kind_display(),
            state=State(row.get_state_display(), TONES[row.state]),
            primary=steps[0] if steps else None,
            actions=tuple(steps[1:]),
            crumbs=(Crumb(_("Incidents"), reverse("org:incident_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """How long there still is to tell."""
        row, now = self.record, timezone.now()
        when = {"when": format_instant(row.notify_by)}
        if row.is_late(now):
            return [(Tone.BAD, _now("It was to be told by %(when)s.") % when)]
        if clock_runs(IncidentState(row.state), row.risk_told):
            return [(Tone.WARN, _now("It is to be told by %(when)s.") % when)]
        return []

    def facts(self) -> Sequence[FactGroup]:
        """What happened; the words of it for who handles incidents."""
        row = self.record
        device = reverse("org:device_detail", args=[row.device_id]) if row.device_id else ""
        may_open = bool(device) and may(self.staff, "org.view_staff")
        facts = [
            Fact(_("What happened"), row.get_kind_display()),
            Fact(_("Noticed"), row.noticed_at),
            Fact(_("To tell by"), row.notify_by),
            Fact(_("Reported by"), row.opened_by or _("the program itself")),
            Fact(_("Device"), row.device, device if may_open else ""),
            Fact(_("Persons it touches"), format_number(len(row.persons))),
            Fact(_("What of them"), ", ".join(row.fields)),
            Fact(_("Risk for them"), row.get_risk_display()),
        ]
        if not may(self.staff, HANDLE):
            return [FactGroup(_("Incident"), facts)]
        words = [
            Fact(_("What was reported"), row.what),
            Fact(_("Assessment"), row.assessment),
            Fact(_("Who was told, and how"), row.told),
            Fact(_("What was done about it"), row.lesson),
        ]
        return [FactGroup(_("Incident"), facts), FactGroup(_("In words"), words)]

    def timeline(self) -> Sequence[Moment]:
        """Its steps."""
        row = self.record
        steps = (
            (row.noticed_at, _("Noticed"), row.opened_by or ""),
            (row.assessed_at, _("Assessed"), row.assessed_by),
            (row.notified_at, _("Told"), row.notified_by),
            (row.closed_at, _("Closed"), row.closed_by),
        )
        return [Moment(at, title, str(who)) for at, title, who in steps if at is not None]

    def tables(self) -> Sequence[Table]:
        """The persons it touches, as far as the reader may see them."""
        found = []
        for tell in persons_of if self.record.persons else ():
            table, ids = tell(self.staff, self.record.persons)
            if ids:
                reads.note(self.request, persons=ids, action="LIST", highest="P")
                found.append(table)
        return found


class ReportForm(HouseForm):
    """What went wrong."""

    kind = forms.ChoiceField(
        label=_("What happened?"), choices=[(code.value, KINDS[code]) for code in BY_HAND]
    )
    what = forms.CharField(
        label=_("In your words"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What, when, whose data, who may have seen them."),
    )
    noticed_at = forms.DateTimeField(
        label=_("When was it noticed?"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
    )


class ReportIncident(FormPage):
    """Whoever works here reports."""

    form_class = ReportForm
    permission = "org.report_incident"
    title = _("Report an incident")
    intro = _("Report at once, even when you are not sure. A lost device is reported on its page.")
    verb = _("Report it")

    def initial(self) -> dict[str, Any]:
        """Noticed now."""
        return {"noticed_at": timezone.localtime().replace(second=0, microsecond=0)}

    def perform(self, values: dict[str, Any]) -> Incident:
        """Report it."""
        kind = IncidentKind(values.pop("kind"))
        return report_incident(acting_staff=self.staff, kind=kind, id=self.new_id, **values)

    def success_url(self, result: Incident) -> str:
        """Its page for who may see it, else the first page."""
        if may(self.staff, "org.view_incident"):
            return reverse("org:incident_detail", args=[result.pk])
        return "/"

    def done_message(self, result: Incident) -> str:
        """What happens now."""
        text = _now("Reported as %(code)s. The data protection officer sees it at once.")
        return text % {"code": result.code}


class OnIncident(FormPage):
    """A step of one incident."""

    permission = HANDLE
    subject_model = Incident

    def success_url(self, result: Incident) -> str:
        """The incident."""
        return reverse("org:incident_detail", args=[result.pk])


def _words(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=4000, widget=forms.Textarea(attrs={"rows": 5}))


class AssessForm(HouseForm):
    """What may follow from it."""

    risk = forms.ChoiceField(
        label=_("Risk for the persons"),
        choices=[(code.value, word) for code, word in RISKS.items()],
        widget=forms.RadioSelect,
    )
    assessment = _words(_("What may follow for them, and why"))


class AssessIncident(OnIncident):
    """Assess it."""

    form_class = AssessForm
    title = _("Assess this incident")
    verb = _("Save the assessment")

    def perform(self, values: dict[str, Any]) -> Incident:
        """Assess it."""
        values["risk"] = Risk(values["risk"])
        return assess_incident(acting_staff=self.staff, incident=self.subject, **values)


class ToldForm(HouseForm):
    """Who was told."""

    told = _words(_("Who was told, how, and what"))


class NotifyIncident(OnIncident):
    """Record who was told."""

    form_class = ToldForm
    title = _("Who was told?")
    intro = _("The authority, the programme's partners, and the persons where the risk is high.")
    verb = _("Record it")

    def perform(self, values: dict[str, Any]) -> Incident:
        """Record it."""
        return record_notification(acting_staff=self.staff, incident=self.subject, **values)


class LessonForm(HouseForm):
    """What was done."""

    lesson = _words(_("What was done, so that it does not happen again"))


class CloseIncident(OnIncident):
    """Close it."""

    form_class = LessonForm
    title = _("Close this incident")
    verb = _("Close it")

    def perform(self, values: dict[str, Any]) -> Incident:
        """Close it."""
        return close_incident(acting_staff=self.staff, incident=self.subject, **values)
