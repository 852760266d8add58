"""Changes of loans that wait for another person: one at a time, and each by its own address."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.charge_forms import DecisionForm
from handup.lending.models import LoanProposal
from handup.lending.models.labels import COMPONENTS, METHODS, PAYERS
from handup.lending.models.termlabels import ADVANCES, EARLY_EFFECTS
from handup.lending.rules.codes import EventKind
from handup.lending.savings_forms import GROUNDS
from handup.lending.services.alike import KINDS
from handup.lending.services.back_dating import ACTS, read_told
from handup.lending.services.proposals import waiting_proposals, way_of
from handup.lending.views.alike import alike_panels
from handup.lending.views.links import proposal_href
from handup.org import reads
from handup.org.permissions import require
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, EmptyState
from handup.org.web.money import format_money
from handup.org.web.pages import Fact, FactGroup, Header, QueuePage

Panels = Callable[[LoanProposal], Sequence[FactGroup]]


def _amount(row: LoanProposal) -> Fact:
    return Fact(_("Amount"), format_money(row.payload["units"], row.loan.currency))


def _waiver(row: LoanProposal) -> Sequence[FactGroup]:
    part = dict(COMPONENTS)[row.payload["component"]]
    return [FactGroup(_("What is asked"), [Fact(_("What is waived"), part), _amount(row)])]


def _refund(row: LoanProposal) -> Sequence[FactGroup]:
    how = dict(METHODS)[row.payload["method"]]
    return [
        FactGroup(
            _("What is asked"),
            [_amount(row), Fact(_("How"), how), Fact(_("Reference"), row.payload["reference"])],
        )
    ]


def _set_off(row: LoanProposal) -> Sequence[FactGroup]:
    ground = dict(GROUNDS)[row.payload["ground"]]
    told = row.payload["agreed_date"]
    agreed = None if told is None else date.fromisoformat(told)
    return [
        FactGroup(
            _("What is asked"),
            [
                _amount(row),
                Fact(_("On what ground"), ground),
                Fact(_("The saver agreed on"), agreed),
            ],
        )
    ]


def _of_an_earlier_day(row: LoanProposal) -> Sequence[FactGroup]:
    """What happened when, and how it was paid."""
    told = read_told(row.loan, row.payload)
    labels: dict[str, dict[Any, Any]] = {
        "method": dict(METHODS),
        "component": dict(COMPONENTS),
        "effect": dict(EARLY_EFFECTS),
        "advance_to": dict(ADVANCES),
        "payer": dict(PAYERS),
    }
    named = (
        ("part", _("Part")),
        ("insurer", _("Insurer")),
        ("received_date", _("Day it was received")),
        ("component", _("What is charged")),
        ("due_date", _("To be paid by")),
        ("effect", _("What becomes of the instalments to come")),
        ("advance_to", _("What is more than due goes to")),
        ("payer", _("Who brought it")),
        ("method", _("How")),
        ("reference", _("Reference")),
        ("reason", _("Reason")),
    )
    facts = [Fact(_("On"), told.get("value_date"))]
    if (event := told.pop("event", None)) is not None:
        href = reverse("lending:event_detail", args=[event.pk])
        amount = format_money(event.received_units, row.loan.currency)
        facts.append(Fact(_("What is reversed"), f"{event} · {amount}", href))
    if "units" in told:
        facts.append(_amount(row))
    facts += [
        Fact(label, labels[name][told[name]] if name in labels else told[name])
        for name, label in named
        if told.get(name)
    ]
    return [FactGroup(_("What happened on an earlier day"), facts)]


PANELS: dict[EventKind, Panels] = {
    EventKind.WAIVED: _waiver,
    EventKind.REFUNDED: _refund,
    EventKind.SAVINGS_SET_OFF: _set_off,
    **dict.fromkeys(ACTS, _of_an_earlier_day),
}
"""What is shown of a kind of change; the others have pages of their own (`agreed`)."""


def panels_of(row: LoanProposal, staff: Any) -> list[FactGroup]:
    """What is asked, beside the loan and who asked for it; of a payment, what is recorded already
    for that day and amount.
    """
    loan = row.loan
    asked = PANELS.get(EventKind(row.kind))
    return [
        *(asked(row) if asked is not None else ()),
        *_alike(row, staff),
        FactGroup(
            _("The loan"),
            [
                Fact(_("Loan"), loan.code, reverse("lending:loan_detail", args=[loan.pk])),
                Fact(_("Borrower"), loan.borrower),
                Fact(_("Outstanding"), format_money(loan.principal_units, loan.currency)),
                Fact(_("Reason"), row.reason),
                Fact(_("Proposed by"), row.proposed_by),
                Fact(_("Proposed on"), row.proposed_date),
            ],
        ),
    ]


def _alike(row: LoanProposal, staff: Any) -> list[FactGroup]:
    told = row.payload
    if row.kind not in KINDS or not {"units", "value_date"} <= told.keys():
        return []
    on = date.fromisoformat(told["value_date"])
    return alike_panels(on, [(row.loan_id, int(told["units"]))], staff, case=row)


class ProposalQueue(QueuePage):
    """What others proposed and the reader may decide."""

    permission = "lending.view_borrower"
    title = _("Changes of loans to decide")
    empty = EmptyState(
        _("Nothing waits for you"), _("What others propose for a loan will stand here.")
    )

    def cases(self) -> Any:
        """Of a kind she may decide, none of her own."""
        return waiting_proposals(self.staff)

    def header(self, case: LoanProposal) -> Header:
        """What, of which loan; what it would do, where that has a page."""
        kind = EventKind(case.kind)
        look = Action(_("Look at it and decide"), href=proposal_href(case))
        return Header(
            case.get_kind_display(), case.loan.code, primary=None if kind in PANELS else look
        )

    def panels(self, case: LoanProposal) -> Sequence[FactGroup]:
        """What is asked beside the loan."""
        if case.loan.person_id is not None:
            reads.note(self.request, persons=[case.loan.person_id], action="VIEW", highest="P")
        return panels_of(case, self.staff)

    def form(self, case: LoanProposal) -> DecisionForm | None:
        """Yes or no, of what needs no page of its own."""
        if EventKind(case.kind) not in PANELS:
            return None
        if EventKind(case.kind) in ACTS:
            return DecisionForm(initial={"approve": "yes"}, own_day=True)
        return DecisionForm(initial={"approve": "yes", "value_date": timezone.localdate()})

    def decide_url(self, case: LoanProposal) -> str:
        """Where it is posted."""
        return reverse("lending:proposal_decide", args=[case.pk])


class DecideProposal(FormPage):
    """Approve or decline one proposed change."""

    form_class = DecisionForm
    permission = ""
    subject_model = LoanProposal
    title = _("Decide on a change of a loan")
    verb = _("Decide")
    template = "lending/change_form.html"

    def find_subject(self, pk: Any) -> Any:
        """A change that is decided here, and that she may decide."""
        rows = LoanProposal.objects.visible_to(self.staff).filter(pk=pk, kind__in=PANELS)
        row = rows.select_related("loan__person", "proposed_by").first()
        if row is not None:
            require(self.staff, way_of(row.kind).decide, row.loan)
        return row

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"approve": "yes", "value_date": timezone.localdate()}

    def form_options(self) -> dict[str, Any]:
        """What happened on an earlier day counts from that day."""
        return {"own_day": EventKind(self.subject.kind) in ACTS}

    def context(self) -> dict[str, Any]:
        """What is asked."""
        if self.subject.loan.person_id is not None:
            persons = [self.subject.loan.person_id]
            reads.note(self.request, persons=persons, action="VIEW", highest="P")
        return {"says": panels_of(self.subject, self.staff)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve or decline."""
        return services.decide_change(
            acting_staff=self.staff,
            proposal=self.subject,
            value_date=values.get("value_date", timezone.localdate()),
            approve=values["approve"] == "yes",
            reason=values["reason"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The next one that waits, else the loan as it is now."""
        if waiting_proposals(self.staff):
            return reverse("lending:proposals_to_decide")
        return reverse("lending:loan_detail", args=[self.subject.loan_id])

    def done_message(self, result: Any) -> str:
        """Said when it is done."""
        if result is None:
            return _now("It is declined; nothing was changed.")
        return _now("It is approved, and the loan is changed.")
