"""One agreed change: what was asked, what it does or did, and the second person's word on it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Refusal
from handup.lending import services
from handup.lending.change_forms import ChangeDecisionForm
from handup.lending.models import LoanProposal
from handup.lending.rules.codes import ProposalState
from handup.lending.rules.preview import Preview
from handup.lending.services.proposals import effect_of, kinds_shown, preview_change, way_of
from handup.lending.views.agreed import ShowsPreview
from handup.lending.views.previews import (
    asked_facts,
    fund_facts,
    preview_facts,
    preview_table,
    preview_tiles,
)
from handup.org.permissions import require
from handup.org.web.lists import Action, Tone
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table, Tile
from handup.org.web.refusals import message_of

PROPOSAL_TONES = {
    ProposalState.PROPOSED.value: Tone.INFO,
    ProposalState.APPROVED.value: Tone.GOOD,
    ProposalState.DECLINED.value: Tone.PLAIN,
}


class ChangePage(RecordPage):
    """One proposed change: what was asked, what it does, who decided."""

    model = LoanProposal
    permission = "lending.view_borrower"
    related = (
        "loan__person",
        "loan__enterprise",
        "loan__group",
        "loan__lender",
        "proposed_by",
        "decided_by",
        "event",
    )
    person_path = "loan__person_id"

    _found: Preview | None = None
    _refused: str = ""

    def rows(self) -> Any:
        """Of the kinds shown here."""
        return super().rows().filter(kind__in=kinds_shown())

    def look(self) -> Preview | None:
        """What it did, or would do from the day it was proposed for."""
        if self._found is None and not self._refused:
            try:
                self._found = effect_of(self.record)
            except Refusal as refusal:
                self._refused = message_of(refusal)
        return self._found

    def header(self) -> Header:
        """What and of which loan; the decision."""
        row, pk = self.record, (self.record.pk,)
        decide = None
        if row.state == ProposalState.PROPOSED:
            decide = Action(_("Decide"), "lending:change_decide", way_of(row.kind).decide, pk)
        return Header(
            row.get_kind_display(),
            f"{row.loan.code} · {row.loan.borrower}",
            state=State(row.get_state_display(), PROPOSAL_TONES[row.state]),
            primary=decide,
            actions=(Action(_("Print for signature"), "lending:change_paper", args=pk),),
            crumbs=(Crumb(row.loan.code, reverse("lending:loan_detail", args=[row.loan_id])),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """Why it cannot be done any more."""
        if self.record.state == ProposalState.DECLINED:
            return []
        self.look()
        if not self._refused:
            return []
        text = _now("As the loan stands now, this cannot be approved: %(why)s")
        return [(Tone.WARN, text % {"why": self._refused})]

    def tiles(self) -> Sequence[Tile]:
        """What is still to be paid, then and now."""
        found = self.look()
        return [] if found is None else preview_tiles(found, self.record.loan.currency)

    def facts(self) -> Sequence[FactGroup]:
        """Who, when, what; what becomes of what is unpaid."""
        row, found = self.record, self.look()
        asked = [*asked_facts(row.kind, row.payload), *fund_facts([row])]
        groups = [
            FactGroup(
                _("Proposal"),
                [
                    Fact(_("Proposed by"), row.proposed_by),
                    Fact(_("Agreed on"), row.proposed_date),
                    Fact(_("Reason"), row.reason),
                    *self._decision(),
                ],
            ),
            FactGroup(_("What was agreed"), asked),
        ]
        return groups if found is None else [*groups, *preview_facts(found, row.loan.currency)]

    def _decision(self) -> list[Fact]:
        row = self.record
        if row.state == ProposalState.PROPOSED:
            return []
        counts = (
            Fact(_("Counts from"), row.event.value_date)
            if row.event
            else Fact(_("Decided on"), row.decided_date)
        )
        why = [Fact(_("Why it was decided so"), row.decided_reason)] if row.decided_reason else []
        return [Fact(_("Decided by"), row.decided_by), counts, *why]

    def tables(self) -> Sequence[Table]:
        """The schedules beside each other."""
        found = self.look()
        return [] if found is None else [preview_table(found, self.record.loan.currency)]


class DecideChange(ShowsPreview):
    """The second person's word, with what the change would do in view."""

    form_class = ChangeDecisionForm
    permission = "lending.view_borrower"
    subject_model = LoanProposal
    title = _("Decide on the change")
    verb = _("Decide")

    def find_subject(self, pk: UUID) -> Any:
        """A proposal of the kinds shown here, for whoever may decide it."""
        rows = LoanProposal.objects.visible_to(self.staff).select_related("loan")
        found = rows.filter(pk=pk, kind__in=kinds_shown()).first()
        if found is not None:
            require(self.staff, way_of(found.kind).decide, found.loan)
        return found

    def currency(self) -> str:
        """That of the loan."""
        return str(self.subject.loan.currency)

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"value_date": timezone.localdate(), "approve": "yes"}

    def context(self) -> dict[str, Any]:
        """What was asked; what it would do."""
        groups = [FactGroup(_("What was agreed"), asked_facts(self.subject.kind, self.payload()))]
        return {"asked": groups, **super().context()}

    def payload(self) -> dict[str, Any]:
        """What the proposal keeps."""
        return dict(self.subject.payload)

    def preview(self, values: dict[str, Any]) -> Preview | None:
        """What it would do from the day named; nothing when it is declined."""
        if values["approve"] != "yes":
            return None
        return preview_change(self.subject, values["value_date"])

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve or decline."""
        return services.decide_change(
            acting_staff=self.staff,
            proposal=self.subject,
            value_date=values["value_date"],
            approve=values["approve"] == "yes",
            reason=values["reason"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The proposal."""
        return reverse("lending:change_detail", args=[self.subject.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is done."""
        if result is None:
            return _now("The change is declined; the loan stays as it is.")
        return _now("The change is approved and counts from its day.")
