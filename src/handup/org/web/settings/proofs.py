"""What the program proved of itself, night by night."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org import verify
from handup.org.models import ProofOutcome, ProofReason, ProofRun
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.filters import Choice, DateRange
from handup.org.web.lists import EmptyState, ListPage
from handup.org.web.money import format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table

TONES = {
    ProofOutcome.HOLDS.value: Tone.GOOD,
    ProofOutcome.DIFFERS.value: Tone.BAD,
    ProofOutcome.FAILED.value: Tone.WARN,
}


class ProofList(ListPage):
    """Runs of all proofs, the newest first."""

    model = ProofRun
    permission = "org.view_proofs"
    title = _("Proofs")
    intro = _("Every night all that is stored is worked out anew and compared.")
    columns = (
        Column("recorded_at", _("When"), Kind.LINK, sort="pk", url_name="org:proof_detail"),
        Column("reason", _("Why")),
        Column("outcome", _("Outcome"), Kind.STATE, tones=TONES),
        Column("checks", _("Proofs"), Kind.NUMBER),
        Column("differences", _("Differences"), Kind.NUMBER),
    )
    filters = (
        Choice("outcome", _("Outcome"), ProofOutcome.choices),
        Choice("reason", _("Why"), ProofReason.choices),
        DateRange("day", _("Day"), "recorded_at__date"),
    )
    empty = EmptyState(
        _("Nothing was proved yet"), _("The first night after the start brings the first line.")
    )


class ProofPage(RecordPage):
    """One run: what differed, check by check."""

    model = ProofRun
    permission = "org.view_proofs"
    record: ProofRun

    def header(self) -> Header:
        """When, and what it came to."""
        run = self.record
        return Header(
            _("Proofs"),
            subtitle=str(run.get_reason_display()),
            state=State(run.get_outcome_display(), TONES[run.outcome]),
            crumbs=(Crumb(_("Proofs"), reverse("org:proof_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """When it ran and over how much."""
        run = self.record
        facts = (
            Fact(_("Begun"), run.started_at),
            Fact(_("Ended"), run.recorded_at),
            Fact(_("Proofs"), format_number(run.checks)),
            Fact(_("Differences"), format_number(run.differences)),
        )
        return (FactGroup(_("Run"), facts),)

    def tables(self) -> Sequence[Table]:
        """The first differences of each check."""
        titles = {check.code: check.title for check in verify.checks}
        columns = (
            Column("proof", _("Proof"), value=lambda row: titles.get(row["check"], row["check"])),
            Column("key", _("Where"), value=lambda row: row["key"]),
            Column("stored", _("Stored"), value=lambda row: row["stored"]),
            Column("computed", _("Worked out"), value=lambda row: row["computed"]),
        )
        empty = EmptyState(_("Nothing differs"))
        return (Table(_("What differs"), columns, self.record.found, empty),)
