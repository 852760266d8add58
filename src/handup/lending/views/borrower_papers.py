"""Printed for the borrower in her language: an offer before she signs, a statement of her loan."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Application, Decision, Loan
from handup.lending.rules.codes import ApplicationState, EventKind
from handup.lending.rules.events import RECEIVED_KINDS
from handup.lending.rules.loan import FEE, INTEREST, PENALTY, PRINCIPAL
from handup.lending.rules.offer import Asked, Offer, offer_of
from handup.lending.rules.penalty_example import LateCost, late_cost
from handup.lending.rules.terms import read_terms
from handup.lending.services.store import state_as_of
from handup.lending.views.spoken import BorrowerPaper
from handup.lending.views.terms import cost_facts, offer_facts, offer_table, term_facts
from handup.org.calendar import Calendar
from handup.org.web.columns import Column, Kind
from handup.org.web.money import format_money
from handup.org.web.pages import Fact, FactGroup, Header, Table

_OUT = (EventKind.DISBURSED.value, EventKind.REFUNDED.value)


def late_facts(cost: LateCost | None, currency: str) -> Sequence[Fact]:
    """What being late costs, in an example."""
    if cost is None:
        return ()
    told = _now(
        "An instalment of %(instalment)s paid %(days)s days late costs %(amount)s more."
    ) % {
        "instalment": format_money(cost.instalment_units, currency),
        "days": cost.days,
        "amount": format_money(cost.units, currency),
    }
    return (Fact(_("For example"), told),)


class OfferPaper(BorrowerPaper):
    """What is offered after the decision, before anything is signed, A4: cost, yearly rates, each
    instalment if it were paid out on the day of printing.
    """

    model = Application
    permission = "lending.view_application"
    related = ("person", "enterprise", "group", "product_version__product__lender")
    person_path = "person_id"

    def rows(self) -> Any:
        """Approved, not signed yet, and still open."""
        found = super().rows().filter(state=ApplicationState.APPROVED.value)
        return found.exclude(expires_date__lt=timezone.localdate())

    @cached_property
    def decision(self) -> Decision:
        """The decision it rests on."""
        last: Decision = self.record.decisions.order_by("recorded_at", "id").last()
        return last

    @cached_property
    def offer(self) -> Offer:
        """Worked out for today, on the working days of her office."""
        row, today = self.record, timezone.localdate()
        terms = read_terms(row.product_version.terms, instalments=self.decision.instalments)
        closed = Calendar.of({row.office_id}, first=today).closed(row.office_id)
        units = self.decision.approved_units
        assert units is not None
        return offer_of(Asked(terms, units, today, closed))

    def header(self) -> Header:
        """Of which application."""
        return Header(_now("Offer of a loan, %(code)s") % {"code": self.record.code})

    def facts(self) -> Sequence[FactGroup]:
        """Between whom, how much, at what cost, until when."""
        row, offer = self.record, self.offer
        cost = late_cost(offer.terms, offer.rows, offer.units, offer.start)
        return [
            FactGroup(
                _("Between"),
                [
                    Fact(_("Lender"), row.product_version.product.lender),
                    Fact(_("Borrower"), row.borrower),
                    Fact(_("Amount lent"), format_money(offer.units, row.currency)),
                    Fact(_("Printed on"), offer.start),
                    Fact(_("Open until"), row.expires_date),
                ],
            ),
            offer_facts(offer),
            FactGroup(_("Terms"), list(term_facts(offer.terms))),
            FactGroup(
                _("Fees and what else it costs"),
                [*cost_facts(offer.terms), *late_facts(cost, row.currency)],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """Each instalment."""
        return [offer_table(self.offer)]


class Moved(NamedTuple):
    """One thing that happened: money out, money in and what it was used for, in smallest units."""

    on: date
    what: str
    out: int
    come: int
    principal: int
    interest: int
    fee: int
    penalty: int


class StatementPaper(BorrowerPaper):
    """All that was paid and what is left, A4, as of today or the day asked for."""

    model = Loan
    permission = "lending.view_borrower"
    related = ("person", "enterprise", "group", "lender", "agreement")
    person_path = "person_id"

    @cached_property
    def on(self) -> date:
        """The day it is of, none to come."""
        try:
            asked = date.fromisoformat(self.request.GET.get("as_of", ""))
        except ValueError:
            asked = timezone.localdate()
        return min(asked, timezone.localdate())

    @cached_property
    def state(self) -> Any:
        """The loan as of that day."""
        return state_as_of(self.record, self.on)

    def header(self) -> Header:
        """Of which loan."""
        return Header(_now("Statement of loan %(code)s") % {"code": self.record.code})

    def facts(self) -> Sequence[FactGroup]:
        """Who owes whom what, and what comes next."""
        loan, state = self.record, self.state

        def money(units: int) -> str:
            return format_money(units, loan.currency)

        nearest = next((row for row in state.ledger.rows if row.left), None)
        return [
            FactGroup(
                _("Loan"),
                [
                    Fact(_("Borrower"), loan.borrower),
                    Fact(_("Lender"), loan.lender),
                    Fact(_("As of"), self.on),
                    Fact(_("Principal owed"), money(state.principal)),
                    Fact(_("Late"), money(sum(state.overdue(self.on)))),
                    Fact(_("Paid too much"), money(state.overpaid) if state.overpaid else None),
                    Fact(_("Due next"), nearest.due_date if nearest else None),
                    Fact(_("To be paid then"), money(nearest.left) if nearest else None),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Money out and in by day, and what it was used for."""
        currency = self.record.currency
        money: dict[str, Any] = {"kind": Kind.MONEY, "currency": currency}
        columns = (
            Column("on", _("Day"), Kind.DATE),
            Column("what", _("What")),
            Column("out", _("Handed out"), **money),
            Column("come", _("Paid"), **money),
            Column("principal", _("Principal"), **money),
            Column("interest", _("Interest"), **money),
            Column("fee", _("Fees"), **money),
            Column("penalty", _("Penalties"), **money),
        )
        return [Table(_("What happened"), columns, self._moves())]

    def _moves(self) -> list[Moved]:
        """What stands of the loan on that day, in order."""
        events = self.record.events.filter(
            value_date__lte=self.on, reversed_by=None, kind__in=(*_OUT, *RECEIVED_KINDS)
        )
        order = (PRINCIPAL, INTEREST, FEE, PENALTY)
        parts: dict[Any, list[int]] = {}
        for split in self.state.splits:
            sums = parts.setdefault(split.event_id, [0, 0, 0, 0])
            for at, place in enumerate(order):
                sums[at] += split.parts[place]
        return [
            Moved(
                event.value_date,
                event.get_kind_display(),
                event.units if event.kind in _OUT else 0,
                0 if event.kind in _OUT else event.received_units,
                *parts.get(event.pk, (0, 0, 0, 0)),
            )
            for event in events.order_by("value_date", "seq")
        ]
