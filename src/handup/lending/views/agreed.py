"""Agreed changes of a loan: proposed with what they would do in view, decided by another person."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.credit.codes import DueUnit, Method, Repayment
from handup.kernel.errors import Refusal
from handup.lending import services
from handup.lending.change_forms import (
    ChangeDecisionForm,
    ChangeForm,
    MoratoriumForm,
    RescheduleForm,
    RestructureForm,
)
from handup.lending.models import Loan, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState, ProposalState
from handup.lending.rules.preview import Preview
from handup.lending.services.agreed import KINDS, preview_done
from handup.lending.services.proposals import way_of
from handup.lending.views.previews import (
    asked_facts,
    preview_facts,
    preview_table,
    preview_tiles,
)
from handup.lending.views.steps import LoanForm
from handup.org.permissions import require
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Tone
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Task,
    TaskGroup,
    Tile,
)
from handup.org.web.refusals import message_of

PROPOSAL_TONES = {
    ProposalState.PROPOSED.value: Tone.INFO,
    ProposalState.APPROVED.value: Tone.GOOD,
    ProposalState.DECLINED.value: Tone.PLAIN,
}


def drawn(found: Preview, currency: str) -> dict[str, Any]:
    """A preview as the templates take it."""
    return {
        "preview": True,
        "tiles": preview_tiles(found, currency),
        "fact_groups": preview_facts(found, currency),
        "tables": [preview_table(found, currency)],
    }


class ShowsPreview(FormPage, ABC):
    """A form whose second page shows what the change would do before it is sent."""

    template = "lending/change.html"
    reads_back = True
    _preview: dict[str, Any] | None = None

    @abstractmethod
    def preview(self, values: dict[str, Any]) -> Preview | None:
        """What the answers would do; None when they do nothing. Raises what is refused."""

    @abstractmethod
    def currency(self) -> str:
        """The currency of the loan."""

    def _show(self, form: HouseForm, *, reading_back: bool = False) -> HttpResponse:
        if reading_back:
            try:
                found = self.preview(form.cleaned_data)
            except Refusal as refusal:
                form.refuse(refusal)
                return super()._show(form)
            self._preview = None if found is None else drawn(found, self.currency())
        return super()._show(form, reading_back=reading_back)

    def context(self) -> dict[str, Any]:
        """The preview, on the page that reads back."""
        return self._preview or {}


class ProposeChange(ShowsPreview, LoanForm):
    """Propose a change of one loan; somebody else decides."""

    form_class: ClassVar[type[ChangeForm]]
    permission = "lending.propose_change"
    verb = _("Propose the change")
    kind: ClassVar[EventKind]

    def currency(self) -> str:
        """That of the loan."""
        return str(self.subject.currency)

    @abstractmethod
    def asked(self, values: dict[str, Any]) -> dict[str, Any]:
        """The answers as the service takes them."""

    @abstractmethod
    def payload(self, values: dict[str, Any]) -> dict[str, Any]:
        """The answers as the proposal keeps them."""

    def preview(self, values: dict[str, Any]) -> Preview:
        """What they would do from the day named."""
        payload = self.payload(self.asked(values))
        return services.preview_of(self.subject, self.kind, payload, values["value_date"])

    @abstractmethod
    def propose(self, **told: Any) -> LoanProposal:
        """Call the service."""

    def perform(self, values: dict[str, Any]) -> LoanProposal:
        """Propose it."""
        return self.propose(
            acting_staff=self.staff,
            loan=self.subject,
            proposed_date=values["value_date"],
            reason=values["reason"],
            id=self.new_id,
            **self.asked(values),
        )

    def success_url(self, result: Any) -> str:
        """The proposal."""
        return reverse("lending:change_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The change is proposed; another person decides.")


class ProposeReschedule(ProposeChange):
    """Instalments on other days, with grace, more of them, or at another rate."""

    form_class = RescheduleForm
    title = _("Move instalments")
    intro = _("What is owed stays as it is; only when it is paid, or its rate, changes.")
    kind = EventKind.RESCHEDULED

    def initial(self) -> dict[str, Any]:
        """Today, from the next instalment on."""
        today = timezone.localdate()
        row = self.subject.dues.filter(
            replaced_at=None, to_date=None, settled_date=None, due_date__gte=today
        ).first()
        return {
            "value_date": today,
            "from_date": row.due_date if row else today,
            "principal_grace": 0,
            "extra_instalments": 0,
        }

    def asked(self, values: dict[str, Any]) -> dict[str, Any]:
        """As they are."""
        names = ("from_date", "shift_to", "principal_grace", "extra_instalments", "rate_ppm")
        return {name: values[name] for name in names}

    def payload(self, values: dict[str, Any]) -> dict[str, Any]:
        """Days as text."""
        return services.reschedule_payload(**values)

    def propose(self, **told: Any) -> LoanProposal:
        """Propose it."""
        return services.propose_reschedule(**told)


class ProposeRestructure(ProposeChange):
    """New terms for all that is owed."""

    form_class = RestructureForm
    title = _("Put the loan on new terms")
    intro = _(
        "All that is owed that day becomes a new schedule. The loan counts as restructured from"
        " then on, in every figure of the portfolio."
    )
    kind = EventKind.RESTRUCTURED

    def initial(self) -> dict[str, Any]:
        """Today, with as many instalments as are left."""
        left = self.subject.dues.filter(replaced_at=None, to_date=None, settled_date=None).count()
        return {
            "value_date": timezone.localdate(),
            "instalments": max(left, 1),
            "grace_principal": 0,
            "interest": Treatment.CAPITALISE.value,
            "fee": Treatment.CARRY.value,
            "penalty": Treatment.WAIVE.value,
        }

    def asked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Codes as the enumerations they are of; what is empty stays as it is."""
        return {
            "instalments": values["instalments"],
            "every": values["every"],
            "unit": DueUnit(values["unit"]) if values["unit"] else None,
            "first_due": values["first_due"],
            "rate_ppm": values["rate_ppm"],
            "method": Method(values["method"]) if values["method"] else None,
            "repayment": Repayment(values["repayment"]) if values["repayment"] else None,
            "grace_principal": values["grace_principal"],
            **{name: Treatment(values[name]) for name in ("interest", "fee", "penalty")},
        }

    def payload(self, values: dict[str, Any]) -> dict[str, Any]:
        """Codes as text."""
        return services.restructure_payload(**values)

    def propose(self, **told: Any) -> LoanProposal:
        """Propose it."""
        return services.propose_restructure(**told)


def moratorium_asked(values: dict[str, Any]) -> dict[str, Any]:
    """The answers about a moratorium as the service takes them."""
    return {
        "begins": values["begins"],
        "until": values["until"],
        "scope": Scope(values["scope"]),
        "interest_runs": values["interest_runs"] == "yes",
        "ageing_runs": values["ageing_runs"] == "yes",
    }


class ProposeMoratorium(ProposeChange):
    """No instalments for a time."""

    form_class = MoratoriumForm
    title = _("Pause the loan")
    intro = _("Instalments of these days move behind them by whole periods.")
    kind = EventKind.MORATORIUM

    def initial(self) -> dict[str, Any]:
        """From today."""
        today = timezone.localdate()
        return {"value_date": today, "begins": today}

    def asked(self, values: dict[str, Any]) -> dict[str, Any]:
        """Yes and no as they are meant."""
        return moratorium_asked(values)

    def payload(self, values: dict[str, Any]) -> dict[str, Any]:
        """Days as text."""
        return services.moratorium_payload(**values)

    def propose(self, **told: Any) -> LoanProposal:
        """Propose it."""
        return services.propose_moratorium(**told)


class ChooseChange(RecordPage):
    """What can be agreed about a running loan, each with what it is for."""

    model = Loan
    permission = "lending.propose_change"
    related = ("person", "enterprise", "group")
    person_path = "person_id"
    template = "lending/change_choice.html"

    def rows(self) -> Any:
        """Running loans."""
        return super().rows().filter(state=LoanState.ACTIVE)

    def header(self) -> Header:
        """The loan."""
        loan = self.record
        return Header(
            _("Agree a change"),
            f"{loan.code} · {loan.borrower}",
            crumbs=(Crumb(loan.code, reverse("lending:loan_detail", args=[loan.pk])),),
        )

    def context(self) -> dict[str, Any]:
        """Name, address and meaning of each."""
        pages = (
            ("propose_reschedule", ProposeReschedule),
            ("propose_restructure", ProposeRestructure),
            ("propose_moratorium", ProposeMoratorium),
        )
        tasks = [
            Task(page.title, page.intro, reverse(f"lending:{name}", args=[self.record.pk]))
            for name, page in pages
        ]
        return {"groups": [TaskGroup(_("What is to change?"), tasks)]}


class ChangePage(RecordPage):
    """One proposed change: what was asked, what it does, who decided."""

    model = LoanProposal
    permission = "lending.view_loan"
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
        return super().rows().filter(kind__in=[kind.value for kind in KINDS])

    def look(self) -> Preview | None:
        """What it did, or would do from the day it was proposed for."""
        if self._found is None and not self._refused:
            try:
                self._found = preview_done(self.record)
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
        groups = [
            FactGroup(
                _("Proposal"),
                [
                    Fact(_("Proposed by"), row.proposed_by),
                    Fact(_("Agreed on"), row.proposed_date),
                    Fact(_("Reason"), row.reason),
                    Fact(_("Decided by"), row.decided_by),
                    Fact(_("Counts from"), row.event.value_date if row.event else None),
                    Fact(_("Decided on"), None if row.event else row.decided_date),
                    Fact(_("Why it was decided so"), row.decided_reason),
                ],
            ),
            FactGroup(_("What was agreed"), asked_facts(row.kind, row.payload)),
        ]
        return groups if found is None else [*groups, *preview_facts(found, row.loan.currency)]

    def tables(self) -> Sequence[Table]:
        """The schedules beside each other."""
        found = self.look()
        return [] if found is None else [preview_table(found, self.record.loan.currency)]


class DecideChange(ShowsPreview):
    """The second person's word, with what the change would do in view."""

    form_class = ChangeDecisionForm
    permission = "lending.view_loan"
    subject_model = LoanProposal
    title = _("Decide on the change")
    verb = _("Decide")

    def find_subject(self, pk: UUID) -> Any:
        """A proposal of the kinds shown here, for whoever may decide it."""
        rows = LoanProposal.objects.visible_to(self.staff).select_related("loan")
        found = rows.filter(pk=pk, kind__in=[kind.value for kind in KINDS]).first()
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
        kind, day = EventKind(self.subject.kind), values["value_date"]
        found: Preview = services.preview_of(self.subject.loan, kind, self.payload(), day)
        return found

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
