"""The board of the data protection officer: what waits for her, each figure open to its list; and
the register of processing, read from what the house really keeps.

She sees logs and registers, no content: nothing here names a person.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import retention, safety
from handup.org.classes import DataClass
from handup.org.models import (
    Device,
    Grant,
    Incident,
    ProofRun,
    ReadAction,
    RetentionListing,
    RetentionState,
    StaffUser,
)
from handup.org.reads import entries_for
from handup.org.services.access import to_review as grants_to_review
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.lists import Action, EmptyState
from handup.org.web.money import format_number
from handup.org.web.pages import FiguresPage, Header, Table, Tile
from handup.org.web.settings import devices, incidents
from handup.people.models import (
    BreakGlass,
    ConsentNotice,
    ImpactAssessment,
    SharingAgreement,
    SubjectRequest,
)
from handup.people.models import labels as lb
from handup.people.queries.impact import review_due
from handup.people.queries.requests import overdue
from handup.people.rules import requests as r
from handup.people.rules.codes import ConsentPurpose
from handup.people.rules.sharing import AgreementState
from handup.people.views.glass import waiting as glass_waiting
from handup.people.views.sharing import ending

VIEW = "desk.view_board"
EXPORT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the board: how many, how many of them late, where they are listed."""

    code: str
    label: "str | Promise"
    count: int
    late: int
    href: str
    how: "str | Promise"


def _grants(staff: StaffUser) -> Figure:
    rows = grants_to_review(Grant.objects.all(), timezone.localdate())
    return Figure(
        "GRANTS",
        _("Roles to review"),
        rows.count(),
        0,
        reverse("org:grant_list") + "?due=1",
        _("in force, and not reviewed for a quarter"),
    )


def _glass(staff: StaffUser) -> Figure:
    rows = glass_waiting(BreakGlass.objects.visible_to(staff))
    return Figure(
        "BREAK_GLASS",
        _("Emergency access to review"),
        rows.count(),
        rows.filter(review_by__lt=timezone.localdate()).count(),
        reverse("people:breakglass_list") + "?waiting=1",
        _("opened, and not yet looked at by another"),
    )


def _exports(staff: StaffUser) -> Figure:
    since = timezone.now() - timedelta(days=EXPORT_DAYS)
    rows = entries_for(staff)
    return Figure(
        "EXPORTS",
        _("Exports in 30 days"),
        rows.filter(action=ReadAction.EXPORT.value, at__gte=since).count(),
        0,
        reverse("org:read_list") + "?action=EXPORT",
        _("lists of persons taken out of the house"),
    )


def _retention(staff: StaffUser) -> Figure:
    rows = RetentionListing.objects.visible_to(staff).filter(state=RetentionState.DUE.value)
    return Figure(
        "RETENTION",
        _("Kept long enough"),
        rows.count(),
        0,
        reverse("org:retention_list") + "?state=DUE",
        _("kinds of record that are due and wait for approval"),
    )


def _devices(staff: StaffUser) -> Figure:
    rows = devices.unseen(Device.objects.visible_to(staff))
    return Figure(
        "DEVICES",
        _("Devices unseen"),
        rows.count(),
        0,
        reverse("org:device_list") + "?unseen=1",
        _t("in use, and silent for %(days)s days")
        % {"days": format_number(safety.value("protection.unseen_days"))},
    )


def _requests(staff: StaffUser) -> Figure:
    rows = SubjectRequest.objects.visible_to(staff).exclude(
        state__in=[state.value for state in r.ENDED]
    )
    return Figure(
        "REQUESTS",
        _("Requests about data"),
        rows.count(),
        overdue(rows).count(),
        reverse("people:subjectrequest_list") + "?open=1",
        _("asked by persons and not yet answered"),
    )


def _erasures(staff: StaffUser) -> Figure:
    rows = SubjectRequest.objects.visible_to(staff).filter(kind=r.RequestKind.ERASURE.value)
    rows = rows.exclude(state__in=[state.value for state in r.ENDED])
    return Figure(
        "ERASURES",
        _("Erasures waiting"),
        rows.count(),
        overdue(rows).count(),
        reverse("people:subjectrequest_list") + "?kind=ERASURE&open=1",
        _("asked, held, approved, or not yet proved"),
    )


def _agreements(staff: StaffUser) -> Figure:
    rows = ending(SharingAgreement.objects.visible_to(staff))
    return Figure(
        "AGREEMENTS",
        _("Agreements ending"),
        rows.count(),
        rows.filter(last_date__lt=timezone.localdate()).count(),
        reverse("people:sharingagreement_list") + "?ending=1",
        _("within 30 days, or ended without proof of destruction"),
    )


def _impact(staff: StaffUser) -> Figure:
    rows = review_due(ImpactAssessment.objects.visible_to(staff), timezone.localdate())
    return Figure(
        "IMPACT",
        _("Impact assessments"),
        rows.count(),
        rows.filter(review_date__lt=timezone.localdate()).count(),
        reverse("people:impactassessment_list") + "?due=1",
        _("to look at again within 30 days"),
    )


def _incidents(staff: StaffUser) -> Figure:
    rows = Incident.objects.visible_to(staff)
    return Figure(
        "INCIDENTS",
        _("Incidents"),
        incidents.not_closed(rows).count(),
        incidents.late(rows).count(),
        reverse("org:incident_list") + "?open=1",
        _("noticed and not closed"),
    )


FIGURES: tuple[Callable[[StaffUser], Figure], ...] = (
    _incidents,
    _glass,
    _requests,
    _erasures,
    _grants,
    _retention,
    _agreements,
    _impact,
    _devices,
    _exports,
)


def figures(staff: StaffUser) -> list[Figure]:
    """Every figure of the board, the most harmful first."""
    return [figure(staff) for figure in FIGURES]


@dataclass(frozen=True, slots=True)
class ChainState:
    """How the read log stands: its entries, and whether the last proof found it whole (None: it
    was never proved).
    """

    entries: int
    whole: bool | None
    proved: Any


def chain_state(staff: StaffUser) -> ChainState:
    """Read it from the last run of all proofs; an open incident says that it is broken since. Only
    entries are counted that the reader may see.
    """
    run = ProofRun.objects.order_by("-pk").first()
    broken = incidents.not_closed(Incident.objects.filter(kind="READ_LOG")).exists()
    whole = None
    if run is not None:
        whole = not any(row["check"] == "READ_LOG" for row in run.found)
    if broken:
        whole = False
    return ChainState(entries_for(staff).count(), whole, run.recorded_at if run else None)


def _chain_tile(staff: StaffUser) -> Tile:
    state = chain_state(staff)
    words = {
        None: _("not yet proved"),
        True: _("whole"),
        False: _("broken"),
    }
    href = reverse("org:read_list")
    if state.whole is False:
        href = reverse("org:incident_list") + "?kind=READ_LOG"
    return Tile(
        _("Read log"),
        words[state.whole],
        how=_t("%(entries)s entries, proved every night")
        % {"entries": format_number(state.entries)},
        href=href,
        tone=Tone.BAD if state.whole is False else Tone.PLAIN,
    )


def _tile(figure: Figure) -> Tile:
    late = ""
    if figure.late:
        late = _t("%(late)s of them late") % {"late": format_number(figure.late)}
    tone = Tone.BAD if figure.late else Tone.WARN if figure.count else Tone.PLAIN
    value = format_number(figure.count)
    return Tile(figure.label, value, of=late, how=figure.how, href=figure.href, tone=tone)


class Board(FiguresPage):
    """One page of what waits; each figure opens to its list."""

    permission = VIEW
    title = _("Protection")
    intro = _("What waits for the data protection officer. Nothing here names a person.")

    def header(self) -> Header:
        """With the ways to what is set and told."""
        links = (
            Action(_("Register of processing"), "desk:processing", VIEW),
            Action(
                _("Who saw somebody restricted"),
                "org:restricted_read_list",
                "org.view_restricted_reads",
            ),
            Action(_("How long what is kept"), "org:retention_periods", "org.set_protection"),
            Action(_("Numbers of protection"), "org:safety_numbers", "org.set_protection"),
        )
        return Header(self.title, self.intro, actions=links)

    def tiles(self) -> Sequence[Tile]:
        """The figures, and how the read log stands."""
        return [*(_tile(figure) for figure in figures(self.staff)), _chain_tile(self.staff)]


@dataclass(frozen=True, slots=True)
class Kept:
    """How many kinds of record of a domain hold personal fields, by class."""

    domain: str
    records: int
    personal: int
    secret: int
    restricted: int


def kept_by_domain() -> list[Kept]:
    """What each domain keeps of persons, counted over the fields of its tables."""
    found = []
    for config in apps.get_app_configs():
        if not config.name.startswith("handup."):
            continue
        records, counts = 0, dict.fromkeys((DataClass.P, DataClass.S, DataClass.R), 0)
        for model in config.get_models():
            classes = [klass for klass in getattr(model, "CLASSES", {}).values() if klass in counts]
            records += bool(classes)
            for klass in classes:
                counts[klass] += 1
        if records:
            found.append(Kept(config.label, records, *counts.values()))
    return sorted(found, key=lambda row: row.domain)


class Processing(FiguresPage):
    """The register of processing: why, what, given to whom, kept how long."""

    permission = VIEW
    title = _("Register of processing")
    intro = _("Why personal data are kept, what is kept, who is given what, and how long it stays.")

    def tables(self) -> Sequence[Table]:
        """Purposes, records, recipients, periods."""
        return [self._purposes(), self._records(), self._recipients(), self._periods()]

    def _purposes(self) -> Table:
        rows = ConsentNotice.objects.filter(valid_from__lte=timezone.localdate())
        columns = (
            Column("version", _("Notice")),
            Column("language", _("Language")),
            Column("purposes", _("Purposes"), value=purposes_of),
            Column("data", _("What is kept"), value=lambda row: ", ".join(row.data_categories)),
            Column("valid_from", _("Since"), Kind.DATE),
        )
        empty = EmptyState(_("No notice is published yet"))
        return Table(
            _("Purposes, as persons are told"), columns, rows.order_by("-valid_from"), empty
        )

    def _records(self) -> Table:
        columns = (
            Column("domain", _("Part"), value=lambda row: row.domain),
            Column("records", _("Kinds of record"), Kind.NUMBER),
            Column("personal", _("Personal fields"), Kind.NUMBER),
            Column("secret", _("Secret fields"), Kind.NUMBER),
            Column("restricted", _("Restricted fields"), Kind.NUMBER),
        )
        return Table(_("What is kept, by part of the program"), columns, kept_by_domain())

    def _recipients(self) -> Table:
        rows = SharingAgreement.objects.visible_to(self.staff).select_related("recipient")
        columns = (
            Column("code", _("Agreement"), Kind.LINK, url_name="people:sharingagreement_detail"),
            Column("recipient", _("Recipient")),
            Column("purpose", _("Purpose")),
            Column("legal_basis", _("Legal basis")),
            Column("last_date", _("Until"), Kind.DATE),
        )
        ended = (AgreementState.ENDED.value, AgreementState.DESTRUCTION_PROVEN.value)
        empty = EmptyState(_("Nobody is given anything"))
        return Table(_("Who is given data"), columns, rows.exclude(state__in=ended), empty)

    def _periods(self) -> Table:
        columns = (
            Column("title", _("What"), value=lambda row: row.title),
            Column("says", _("What is blanked"), value=lambda row: row.says),
            Column("days", _("Days"), Kind.NUMBER, value=retention.days_of),
        )
        rows = sorted(retention.rules.values(), key=lambda rule: str(rule.title))
        return Table(_("How long what is kept"), columns, rows)


def purposes_of(notice: ConsentNotice) -> str:
    """The purposes of a notice, in words."""
    return ", ".join(str(lb.CONSENT_PURPOSE[ConsentPurpose(code)]) for code in notice.purposes)
