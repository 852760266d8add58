"""Loans that move to another lender: totals of both compared, proposed and decided together."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.kernel.errors import Refusal
from handup.lending import services
from handup.lending.change_forms import ChangeDecisionForm, TransferForm
from handup.lending.errors import LoanUnknown, NoLoans
from handup.lending.models import Lender, Loan, LoanProposal
from handup.lending.rules.codes import LoanState, Method, ProposalState
from handup.lending.services.moratoria import counts_of
from handup.lending.services.transfers import (
    Controls,
    controls_of,
    hold_to_controls,
    together,
    transfers_of,
)
from handup.lending.views.agreed_change import PROPOSAL_TONES
from handup.lending.views.previews import fund_facts
from handup.org import reads
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Column, Kind
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, FiguresPage, Header, Table, Tile

LABELS: Mapping[str, str | Promise] = {
    "loans": _("Loans"),
    "disbursed_units": _("Lent in all"),
    "principal_units": _("Principal owed"),
    "interest_units": _("Interest owed"),
    "fee_units": _("Fees owed"),
}


def control_tiles(found: Controls, currency: str) -> list[Tile]:
    """Each total."""
    tiles = []
    for item in fields(Controls):
        units = getattr(found, item.name)
        text = format_number(units) if item.name == "loans" else format_money(units, currency)
        tiles.append(Tile(LABELS[item.name], text))
    return tiles


class ProposeTransfers(FormPage):
    """Say which loans move, to whom, and what the other side states it takes over."""

    form_class = TransferForm
    permission = "lending.propose_change"
    subject_model = Lender
    title = _("Move loans to another lender")
    intro = _(
        "Both lenders' totals of one day have to agree. The loans are taken off the old lender's"
        " book and put on the new one's; another person approves."
    )
    verb = _("Propose the move")
    reads_back = True
    template = "lending/change.html"

    _ours: Controls | None = None

    def form_options(self) -> dict[str, Any]:
        """The other lenders of the currency."""
        rows = Lender.objects.visible_to(self.staff).filter(currency=self.subject.currency)
        others = rows.exclude(pk=self.subject.pk)
        return {
            "lenders": [(str(row.pk), row.name) for row in others],
            "currency": self.subject.currency,
        }

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"value_date": timezone.localdate()}

    def loans(self, values: dict[str, Any]) -> list[Loan]:
        """Those named, or all that run. Raises LoanUnknown, NoLoans, TooManyTogether."""
        rows = Loan.objects.visible_to(self.staff).filter(
            lender=self.subject, state=LoanState.ACTIVE, moved_date=None
        )
        named = values["loans"]
        if not named:
            found = together(rows)
            if not found:
                raise NoLoans(field="loans")
            return found
        by_code = {loan.code: loan for loan in together(rows.filter(code__in=named))}
        for code in named:
            if code not in by_code:
                raise LoanUnknown(field="loans", code=code)
        return list(by_code.values())

    @staticmethod
    def stated(values: dict[str, Any]) -> Controls:
        """What the other lender says."""
        return Controls(
            values["total_loans"],
            values["disbursed_units"],
            values["principal_units"],
            values["interest_units"],
            values["fee_units"],
        )

    def _show(self, form: HouseForm, *, reading_back: bool = False) -> HttpResponse:
        if reading_back:
            values = form.cleaned_data
            try:
                ours = controls_of(self.loans(values), values["value_date"])
                hold_to_controls(self.stated(values), ours, self.subject.currency)
            except Refusal as refusal:
                form.refuse(refusal)
                return super()._show(form)
            self._ours = ours
        return super()._show(form, reading_back=reading_back)

    def context(self) -> dict[str, Any]:
        """The totals both agree on."""
        if self._ours is None:
            return {}
        return {"preview": True, "tiles": control_tiles(self._ours, self.subject.currency)}

    def perform(self, values: dict[str, Any]) -> UUID:
        """Propose them."""
        return services.propose_transfers(
            acting_staff=self.staff,
            loans=self.loans(values),
            to=Lender.objects.get(pk=values["to"]),
            proposed_date=values["value_date"],
            reason=values["reason"],
            controls=self.stated(values),
            goes_on=values["goes_on"] == "yes",
            method=Method(values["method"]),
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The batch."""
        return reverse("lending:transfer_batch", args=[result])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        return _now("The move is proposed; another person decides.")


class TransferBatch(FiguresPage):
    """The loans of one move: from whom to whom, their totals, each loan and where it went."""

    permission = "lending.view_borrower"
    title = _("Loans that move to another lender")
    template = "lending/moratorium.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Of the loans the reader may see; without one there is no such batch."""
        self.batch: UUID = kwargs["pk"]
        self.staff = request.user
        if not self.proposals:
            raise Http404
        return super().get(request, *args, **kwargs)

    @cached_property
    def proposals(self) -> list[LoanProposal]:
        """All of them, by the number of the loan."""
        rows = transfers_of(self.batch, self.staff)
        related = ("loan__person", "loan__enterprise", "loan__group", "loan__lender", "event")
        return list(rows.select_related(*related, "proposed_by").order_by("loan__code"))

    @property
    def first(self) -> LoanProposal:
        """One of them, for what all have in common."""
        return self.proposals[0]

    def header(self) -> Header:
        """The decision, while they wait."""
        decide = None
        if counts_of(transfers_of(self.batch, self.staff)).get(ProposalState.PROPOSED.value):
            decide = Action(
                _("Decide"), "lending:transfer_decide", "lending.transfer_loan", (self.batch,)
            )
        lender = self.first.loan.lender
        crumb = Crumb(lender.name, reverse("lending:lender_detail", args=[lender.pk]))
        return Header(self.title, self.first.reason, primary=decide, crumbs=(crumb,))

    def tiles(self) -> Sequence[Tile]:
        """The totals both lenders agreed on."""
        total = sum((Controls(*row.payload["owed"]) for row in self.proposals), Controls())
        return control_tiles(total, self.first.loan.currency)

    def context(self) -> dict[str, Any]:
        """From whom to whom, when, what becomes of them."""
        row, told = self.first, self.first.payload
        to = Lender.objects.get(pk=UUID(told["to"]))
        goes_on = _("They go on here, under the other lender")
        leaves = _("They leave; we keep their history")
        return {
            "fact_groups": [
                FactGroup(
                    _("What was agreed"),
                    [
                        Fact(_("From"), row.loan.lender),
                        Fact(_("To"), to),
                        Fact(_("As of"), row.proposed_date),
                        Fact(_("Afterwards"), goes_on if told["goes_on"] else leaves),
                        *fund_facts(self.proposals),
                        Fact(_("Proposed by"), row.proposed_by),
                    ],
                )
            ]
        }

    def tables(self) -> Sequence[Table]:
        """Each loan."""
        persons = [row.loan.person_id for row in self.proposals if row.loan.person_id is not None]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        codes = dict(
            Loan.objects.filter(pk__in=[pk for row in self.proposals if (pk := _into(row))])
            .order_by()
            .values_list("pk", "code")
        )

        def under(row: LoanProposal) -> str:
            pk = _into(row)
            return codes.get(UUID(pk), "") if pk else ""

        def money(place: int) -> Any:
            return lambda row: row.payload["owed"][place]

        currency = self.first.loan.currency
        columns = (
            Column(
                "loan.code",
                _("Number"),
                Kind.LINK,
                href=lambda row: reverse("lending:loan_detail", args=[row.loan_id]),
            ),
            Column("borrower", _("Borrower"), value=lambda row: str(row.loan.borrower)),
            *(
                Column(name, LABELS[name], Kind.MONEY, value=money(place), currency=currency)
                for place, name in enumerate(("principal_units", "interest_units", "fee_units"), 2)
            ),
            Column("state", _("State"), Kind.STATE, tones=PROPOSAL_TONES),
            Column(
                "into",
                _("Goes on as"),
                Kind.LINK,
                value=under,
                href=lambda row: (
                    reverse("lending:loan_detail", args=[_into(row)]) if _into(row) else ""
                ),
            ),
        )
        return [Table(_("Loans"), columns, self.proposals)]


def _into(row: LoanProposal) -> str:
    return str(row.event.payload.get("into", "")) if row.event is not None else ""


class DecideTransfer(FormPage):
    """The second person's word on the whole batch."""

    form_class = ChangeDecisionForm
    permission = "lending.transfer_loan"
    subject_model = LoanProposal
    title = _("Decide on the move")
    verb = _("Decide")
    reads_back = True

    def find_subject(self, pk: UUID) -> Any:
        """One that waits, of those she may see."""
        self.batch = pk
        rows = transfers_of(pk, self.staff).filter(state=ProposalState.PROPOSED)
        return rows.select_related("loan").first()

    def initial(self) -> dict[str, Any]:
        """The day the totals are of."""
        return {"value_date": self.subject.proposed_date, "approve": "yes"}

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve or decline."""
        return services.transfer_loans(
            acting_staff=self.staff,
            batch=self.batch,
            value_date=values["value_date"],
            approve=values["approve"] == "yes",
            reason=values["reason"],
        )

    def success_url(self, result: Any) -> str:
        """The batch."""
        return reverse("lending:transfer_batch", args=[self.batch])

    def done_message(self, result: Any) -> str:
        """How many moved."""
        moved = sum(1 for event in result if event is not None)
        if not moved:
            return _now("The move is declined; the loans stay where they are.")
        return ngettext("%(n)s loan moved.", "%(n)s loans moved.", moved) % {
            "n": format_number(moved)
        }
