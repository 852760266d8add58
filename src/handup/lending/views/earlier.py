"""What happened on an earlier day and is of no single loan: one at a time, for another person."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.charge_forms import DecisionForm
from handup.lending.models import EarlierRecord, Loan
from handup.lending.models.labels import METHODS
from handup.lending.nameless import named_only
from handup.lending.rules.codes import ProposalState
from handup.lending.services.days import CONFIRM
from handup.lending.services.earlier import grant_of, persons_of, waiting_earlier
from handup.lending.services.sheet_lines import read_unknown
from handup.lending.views.alike import alike_panels
from handup.org import reads
from handup.org.permissions import require
from handup.org.web.forms import FormPage
from handup.org.web.lists import EmptyState
from handup.org.web.money import format_money
from handup.org.web.pages import Fact, FactGroup, Header, QueuePage


def panels_of(row: EarlierRecord, staff: Any) -> list[FactGroup]:
    """What happened when, of what, and who says so."""
    told = row.payload
    amount = format_money(row.units, row.currency)
    facts = [Fact(_("On"), row.value_date), Fact(_("Amount"), amount)]
    if row.account is not None:
        href = reverse("lending:savings_detail", args=[row.account_id])
        facts += [
            Fact(_("Savings account"), row.account.code, href),
            Fact(_("Saver"), row.account.borrower),
        ]
    if row.call is not None:
        href = reverse("lending:guarantee_call", args=[row.call_id])
        facts += [
            Fact(_("Call for loan"), row.call.loan.code, href),
            Fact(_("Borrower"), row.call.loan.borrower),
        ]
    if "data_date" in told:
        facts.append(Fact(_("The sheet was made on"), date.fromisoformat(told["data_date"])))
    if "method" in told:
        facts.append(Fact(_("How"), dict(METHODS)[told["method"]]))
    grant = grant_of(row)
    if grant is not None:
        href = reverse("lending:grant_detail", args=[grant.pk])
        facts += [Fact(_("Grant"), grant.code, href), Fact(_("Receipt"), told.get("receipt", ""))]
    facts += [
        Fact(_("Reference"), told.get("reference", "")),
        Fact(_("Reason"), told.get("reason", "")),
    ]
    groups = [FactGroup(_("What happened on an earlier day"), facts)]
    if "lines" in told:
        groups += [_lines(row, staff), *_alike(row, staff)]
    groups.append(
        FactGroup(
            _("Who says so"),
            [
                Fact(_("Why"), row.why),
                Fact(_("Proposed by"), row.proposed_by),
                Fact(_("Proposed on"), row.proposed_date),
            ],
        )
    )
    return groups


def _lines(row: EarlierRecord, staff: Any) -> FactGroup:
    """Each line of a sheet, of loans she may see by name."""
    told = {loan: (units, absent) for loan, units, absent in row.payload["lines"]}
    loans = named_only(Loan.objects.visible_to(staff), staff).filter(pk__in=told)
    facts = []
    for loan in loans.select_related("person", "enterprise", "group").order_by("code"):
        units, absent = told[str(loan.pk)]
        text = format_money(units, row.currency) if units else ""
        if absent:
            text = " · ".join(part for part in (text, _now("absent")) if part)
        facts.append(Fact(f"{loan.code} {loan.borrower}", text))
    facts += [
        Fact(_("Of a loan on no list"), format_money(line.units, row.currency))
        for line in read_unknown(row.payload.get("unknown", ()))
        if line.units
    ]
    return FactGroup(_("Lines"), facts)


def _alike(row: EarlierRecord, staff: Any) -> list[FactGroup]:
    """What is recorded already for the same loans, day and amounts."""
    told = [(UUID(loan), units) for loan, units, _absent in row.payload["lines"] if units]
    return alike_panels(row.value_date, told, staff, case=row)


class EarlierQueue(QueuePage):
    """What others said of earlier days and the reader may confirm."""

    permission = CONFIRM
    title = _("Earlier days, and what looks recorded already")
    empty = EmptyState(
        _("Nothing waits for you"),
        _("Savings, guarantees and collections of days long past will stand here."),
    )

    def cases(self) -> Any:
        """None of her own."""
        return waiting_earlier(self.staff)

    def header(self, case: EarlierRecord) -> Header:
        """What it is."""
        return Header(case.get_kind_display(), format_money(case.units, case.currency))

    def panels(self, case: EarlierRecord) -> Sequence[FactGroup]:
        """What happened, and who says so."""
        reads.note(self.request, persons=persons_of(case), action="VIEW", highest="P")
        return panels_of(case, self.staff)

    def form(self, case: EarlierRecord) -> DecisionForm:
        """Yes or no."""
        return DecisionForm(initial={"approve": "yes"}, own_day=True)

    def decide_url(self, case: EarlierRecord) -> str:
        """Where it is posted."""
        return reverse("lending:earlier_decide", args=[case.pk])


class DecideEarlier(FormPage):
    """Confirm or decline what another person said of an earlier day."""

    form_class = DecisionForm
    permission = CONFIRM
    subject_model = EarlierRecord
    title = _("Decide on an earlier day")
    verb = _("Decide")
    template = "lending/change_form.html"

    def find_subject(self, pk: Any) -> Any:
        """One that she may confirm."""
        rows = EarlierRecord.objects.visible_to(self.staff).filter(pk=pk)
        related = ("proposed_by", "account__person", "call__loan__person")
        row = rows.select_related(*related).first()
        if row is not None:
            require(self.staff, CONFIRM, row)
        return row

    def initial(self) -> dict[str, Any]:
        """Yes."""
        return {"approve": "yes"}

    def form_options(self) -> dict[str, Any]:
        """It counts from its own day."""
        return {"own_day": True}

    def context(self) -> dict[str, Any]:
        """What happened."""
        persons = persons_of(self.subject)
        reads.note(self.request, persons=persons, action="VIEW", highest="P")
        return {"says": panels_of(self.subject, self.staff)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Confirm or decline."""
        return services.decide_earlier(
            acting_staff=self.staff,
            record=self.subject,
            decided_date=timezone.localdate(),
            approve=values["approve"] == "yes",
            reason=values["reason"],
        )

    def success_url(self, result: Any) -> str:
        """The next one, or that nothing waits."""
        return reverse("lending:earlier_to_confirm")

    def done_message(self, result: Any) -> str:
        """Said when it is done."""
        if result.state == ProposalState.DECLINED:
            return _now("It is declined; nothing was changed.")
        return _now("It is confirmed and recorded on its own day.")
