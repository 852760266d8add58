"""What is printed for the borrower, in her language: the agreement, the schedule, the receipt."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.apr import AprMethod
from handup.kernel.credit.schedule import Disbursement
from handup.lending.models import Loan, LoanAgreement, LoanEvent
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import RECEIVED_KINDS
from handup.lending.rules.loan import rows_from_json
from handup.lending.rules.offer import asks_savings, rate_ppm, rate_with_savings
from handup.lending.rules.penalty_example import LateCost, late_cost
from handup.lending.rules.terms import read_terms, taken_at
from handup.lending.services.store import state_as_of
from handup.lending.views.behind_loan import named_in_agreement
from handup.lending.views.borrower_papers import late_facts
from handup.lending.views.loan_tables import schedule_table
from handup.lending.views.savings import saved_facts
from handup.lending.views.spoken import BorrowerPaper
from handup.lending.views.terms import cost_facts, percent, saved_rate, term_facts
from handup.lending.views.tranches import planned_table
from handup.org import reads
from handup.org.web.columns import Column, Kind
from handup.org.web.money import format_money
from handup.org.web.pages import Fact, FactGroup, Header, Table


def saving_rate(signed: LoanAgreement, handed_units: int) -> int | None:
    """The yearly rate with compulsory savings; None where the day of paying out was not kept."""
    terms, rows = read_terms(signed.terms), rows_from_json(signed.schedule)
    if signed.start_date is None or not asks_savings(terms):
        return None
    parts = signed.loan.tranches.filter(number__gt=1)
    later = [Disbursement(part.planned_date, part.units) for part in parts]
    handed, principal = handed_units - sum(part.units for part in later), signed.loan.approved_units
    return rate_with_savings(
        terms, handed, signed.start_date, rows, principal=principal, later=later
    )


def us_rate(signed: LoanAgreement, handed_units: int) -> int | None:
    """The yearly rate as Regulation Z has it; None where the day of paying out was not kept."""
    if signed.start_date is None or signed.loan.tranches.exists():
        return None
    rows = rows_from_json(signed.schedule)
    method = AprMethod.US_ACTUARIAL
    return rate_ppm(read_terms(signed.terms), handed_units, signed.start_date, rows, method)


class SchedulePaper(BorrowerPaper):
    """The schedule as it stands, A4."""

    model = Loan
    permission = "lending.view_borrower"
    related = ("person", "enterprise", "group", "lender", "agreement")
    person_path = "person_id"

    def header(self) -> Header:
        """Loan and borrower."""
        return Header(_now("Schedule of loan %(code)s") % {"code": self.record.code})

    def facts(self) -> Sequence[FactGroup]:
        """Who owes whom what."""
        loan = self.record
        return [
            FactGroup(
                _("Loan"),
                [
                    Fact(_("Borrower"), loan.borrower),
                    Fact(_("Lender"), loan.lender),
                    Fact(_("Lent"), format_money(loan.approved_units, loan.currency)),
                    Fact(_("Printed on"), timezone.localdate()),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Rows with what is paid."""
        state = state_as_of(self.record, timezone.localdate())
        return [schedule_table(state, self.record.currency)]


class AgreementPaper(BorrowerPaper):
    """The agreement as signed, A4: terms, yearly rate, cost, schedule."""

    model = Loan
    permission = "lending.view_borrower"
    related = ("person", "enterprise", "group", "lender", "agreement")
    person_path = "person_id"
    template = "lending/agreement.html"

    def rows(self) -> Any:
        """Loans that have an agreement."""
        return super().rows().filter(agreement__isnull=False)

    def header(self) -> Header:
        """Loan."""
        return Header(_now("Loan agreement %(code)s") % {"code": self.record.code})

    def context(self) -> dict[str, Any]:
        """For how many days the borrower may withdraw."""
        terms = read_terms(self.record.agreement.terms)
        back = ", ".join(fee.code for fee in terms.fees if fee.refundable)
        days = terms.withdrawal_days
        return {**super().context(), "withdrawal_days": days, "fees_back": back}

    def facts(self) -> Sequence[FactGroup]:
        """Everything the law and fairness ask to be printed."""
        loan, signed = self.record, self.record.agreement
        terms = read_terms(signed.terms)
        named = named_in_agreement(self.staff, loan)
        reads.note(self.request, persons=named.persons)
        kept = taken_at(terms, loan.approved_units)
        handed = loan.approved_units - kept.withheld_units

        def money(units: int) -> str:
            return format_money(units, loan.currency)

        return [
            FactGroup(
                _("Between"),
                [Fact(_("Lender"), loan.lender), Fact(_("Borrower"), loan.borrower)],
            ),
            FactGroup(
                _("Cost of the loan"),
                [
                    Fact(_("Amount lent"), money(loan.approved_units)),
                    *([Fact(_("Handed to the borrower"), money(handed))] if kept.withheld else ()),
                    Fact(_("Yearly percentage rate (EU)"), percent(signed.apr_ppm)),
                    *saved_rate(terms, saving_rate(signed, handed)),
                    Fact(_("Annual percentage rate (US)"), percent(us_rate(signed, handed))),
                    Fact(
                        _("The same loan with interest on the whole amount would cost"),
                        percent(signed.flat_apr_ppm),
                    ),
                    Fact(_("Total to be paid"), money(signed.total_payable_units)),
                    Fact(_("Total cost"), money(signed.total_cost_units)),
                    Fact(_("Signed on"), signed.signed_date),
                ],
            ),
            FactGroup(_("Terms"), list(term_facts(terms))),
            FactGroup(
                _("Fees and what else it costs"),
                [*cost_facts(terms), *late_facts(self._late_cost(signed), loan.currency)],
            ),
            *named.groups,
        ]

    def _late_cost(self, signed: LoanAgreement) -> LateCost | None:
        """What being late with the first instalment costs; None where the day of paying out was
        not kept.
        """
        if signed.start_date is None:
            return None
        rows = rows_from_json(signed.schedule)
        units = self.record.approved_units
        return late_cost(read_terms(signed.terms), rows, units, signed.start_date)

    def tables(self) -> Sequence[Table]:
        """The first schedule."""
        currency = self.record.currency
        columns = (
            Column("number", _("No."), Kind.NUMBER),
            Column("due_date", _("Due"), Kind.DATE),
            Column("principal", _("Principal"), Kind.MONEY, currency=currency),
            Column("interest", _("Interest"), Kind.MONEY, currency=currency),
            Column("fee", _("Fees"), Kind.MONEY, currency=currency),
            Column(
                "due",
                _("To be paid"),
                Kind.MONEY,
                value=lambda row: row.principal + row.interest + row.fee,
                currency=currency,
            ),
        )
        return [
            *planned_table(self.record),
            Table(_("Schedule"), columns, rows_from_json(self.record.agreement.schedule)),
        ]


def _given_back(event: LoanEvent) -> list[Fact]:
    """The fees that came back with a withdrawal."""
    units = sum(event.payload.get("given_back", ()))
    if not units:
        return []
    return [Fact(_("Fees given back"), format_money(-units, event.loan.currency))]


class ReceiptPaper(BorrowerPaper):
    """The receipt of one payment, A6."""

    model = LoanEvent
    permission = "lending.view_borrower"
    related = (
        "loan__person",
        "loan__enterprise",
        "loan__group",
        "loan__agreement",
        "recorded_by",
    )
    person_path = "loan__person_id"
    paper = "a6"

    def rows(self) -> Any:
        """Money that came in."""
        kinds = [*RECEIVED_KINDS, EventKind.RECOVERED.value]
        return super().rows().filter(kind__in=kinds)

    def header(self) -> Header:
        """Receipt and amount."""
        event = self.record
        return Header(_("Receipt"), format_money(event.received_units, event.loan.currency))

    def facts(self) -> Sequence[FactGroup]:
        """Who paid what for which loan, and where it went."""
        event, loan = self.record, self.record.loan
        splits = list(event.splits.filter(replaced_at=None))

        def money(name: str) -> str:
            return format_money(sum(getattr(row, name) for row in splits), loan.currency)

        return [
            FactGroup(
                _("Payment"),
                [
                    Fact(_("Loan"), loan.code),
                    Fact(_("Borrower"), loan.borrower),
                    Fact(_("Paid on"), event.value_date),
                    Fact(_("How"), event.get_method_display()),
                    Fact(_("Reference"), event.reference),
                    Fact(_("Received by"), event.recorded_by),
                ],
            ),
            FactGroup(
                _("Used for"),
                [
                    Fact(_("Principal"), money("principal_units")),
                    Fact(_("Interest"), money("interest_units")),
                    Fact(_("Fees"), money("fee_units")),
                    Fact(_("Penalties"), money("penalty_units")),
                    Fact(_("More than owed"), money("overpaid_units")),
                    *_given_back(event),
                    *saved_facts(event),
                ],
            ),
        ]

    def context(self) -> dict[str, Any]:
        """The event's own number proves the receipt."""
        return {"code": str(self.record.pk)}
