"""A new loan that pays an old one off: no money changes hands for that part, and both keep their
history.

The new loan is asked for, decided and signed as any other. Who proposes names the two; who approves
pays the new one out, of which the payoff of the old one on that day is kept back.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.credit.early import payoff_on
from handup.kernel.credit.payoff import Payoff
from handup.lending.errors import (
    CurrencyMismatch,
    LaterEvents,
    LoanUnknown,
    NotAgreed,
    NotSameBorrower,
    OtherLenderOwed,
    RefinanceTooSmall,
)
from handup.lending.happened import events_of
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState, Method
from handup.lending.rules.events import PlannedRow
from handup.lending.rules.loan import fold
from handup.lending.rules.preview import Preview, Side, StillDue, rate_of, side_of
from handup.lending.rules.schedules import Planned, planned
from handup.lending.rules.terms import read_terms
from handup.lending.services import proposals
from handup.lending.services.agreed import check_running
from handup.lending.services.days import source_of
from handup.lending.services.happening import happen
from handup.lending.services.loans import DisbursementIn, PaysOff, disburse_loans
from handup.lending.services.orders import refuse_ordered
from handup.lending.services.proposals import Approved, Payload, Way
from handup.lending.services.store import Writer, state_as_of
from handup.lending.services.tranches import first_parts
from handup.org.models import StaffUser
from handup.org.web.money import format_money

STEP = "lending.refinance_loan"


@dataclass(frozen=True, slots=True)
class Refinancing:
    """What a new loan would do on a day: pay the old one off, and hand the rest to the borrower."""

    old: Loan
    new: Loan
    payoff: Payoff
    handed_units: int
    withheld_units: int
    preview: Preview

    @property
    def left_units(self) -> int:
        """What the borrower is handed."""
        return self.handed_units - self.payoff.total


def propose_refinance(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    into: Loan,
    proposed_date: date,
    reason: str,
    method: Method = Method.BANK,
    reference: str = "",
    id: UUID | None = None,
) -> LoanProposal:
    """Propose that a signed loan pays off a running one of the same borrower; whoever approves pays
    out the rest of it.

    Raises what proposals.propose_changes does, and NotChangeable, LoanUnknown, NotAgreed,
    NotSameBorrower, OtherLenderOwed, CurrencyMismatch, RefinanceTooSmall, LaterEvents,
    AlreadyOrdered (the old loan or the new one is on its way through a bank), FutureDate.
    """
    return proposals.propose_change(
        acting_staff=acting_staff,
        loan=loan,
        kind=EventKind.REFINANCED,
        proposed_date=proposed_date,
        reason=reason,
        payload={"into": str(into.pk), "method": method.value, "reference": reference},
        id=id,
    )


def may_refinance(loan: Loan, staff: StaffUser) -> QuerySet[Loan]:
    """The signed loans she may see that could pay a running one off."""
    rows = Loan.objects.visible_to(staff).filter(
        state=LoanState.AGREED,
        lender=loan.lender_id,
        currency=loan.currency,
        person=loan.person,
        enterprise=loan.enterprise,
        group=loan.group,
    )
    return rows.order_by("code")


def look_at(loan: Loan, payload: Payload, on: date) -> Refinancing:
    """What it would come to on a day. Raises what is refused."""
    check_running(loan, on)
    new = Loan.objects.select_related("lender").filter(pk=UUID(payload["into"])).first()
    if new is None:
        raise LoanUnknown(field="into", code=payload["into"])
    if loan.last_value_date is not None and loan.last_value_date > on:
        raise LaterEvents(field="value_date", code=loan.code, date=on, later=loan.last_value_date)
    refuse_ordered([DisbursementIn(loan.pk, on)])
    _check_pair(loan, new)
    state = state_as_of(loan, on)
    payoff = payoff_on(state, on)
    first = first_parts([new]).get(new.pk)
    terms = read_terms(new.terms)
    units = first.units if first is not None else new.approved_units
    plan = planned(terms, units, on, whole=new.approved_units)
    handed = plan.handed_units
    if payoff.total > handed:
        raise RefinanceTooSmall(
            field="into",
            needed=format_money(payoff.total, loan.currency),
            date=on,
            handed=format_money(handed, new.currency),
        )
    preview = Preview(on, side_of(state, on), _new_side(new, plan, on))
    return Refinancing(loan, new, payoff, handed, plan.taken.withheld_units, preview)


def _check_pair(old: Loan, new: Loan) -> None:
    if new.state != LoanState.AGREED:
        raise NotAgreed(field="into", code=new.code, state=new.get_state_display())
    same = ("person_id", "enterprise_id", "group_id")
    if any(getattr(old, name) != getattr(new, name) for name in same):
        raise NotSameBorrower(field="into", code=new.code)
    if new.lender_id != old.lender_id:
        raise OtherLenderOwed(code=old.code)
    if new.currency != old.currency:
        raise CurrencyMismatch(field="into", expected=old.currency, given=new.currency)


def _new_side(new: Loan, plan: Planned, on: date) -> Side:
    """The new loan as its borrower would see it on the day it is paid out."""
    rows = tuple(_still_due(row) for row in plan.rows)
    rate = rate_of(read_terms(new.terms), plan.handed_units, on, rows)
    return Side(rows, (0, 0, 0, plan.principal), plan.principal, 0, 0, rate)


def _still_due(row: PlannedRow) -> StillDue:
    return StillDue(row.number, row.due_date, (0, row.fee, row.interest, row.principal))


def _check(loan: Loan, payload: Payload, on: date) -> None:
    look_at(loan, payload, on)


def _carry_out(asked: Approved) -> LoanEvent:
    """Close the old loan, then pay the new one out, less what that took."""
    told: Payload = asked.payload
    found = look_at(asked.loan, told, asked.value_date)
    event, _state = happen(
        Writer(timezone.now()),
        asked.loan,
        EventKind.REFINANCED,
        asked.staff,
        asked.value_date,
        units=found.payoff.total,
        payload={"into": str(found.new.pk), "payoff": list(found.payoff)},
        id=asked.id,
        reason=asked.reason,
    )
    out = DisbursementIn(
        found.new.pk,
        asked.value_date,
        Method(told["method"]),
        told["reference"],
        source_of(asked.value_date, timezone.localdate()),
        reason=asked.reason,
        pays_off=PaysOff(asked.loan.pk, found.payoff.total),
    )
    disburse_loans([out], acting_staff=asked.staff, permission=STEP)
    return event


def _amount(loan: Loan, payload: Payload) -> int:
    """The money that leaves: at most the new loan."""
    units: Any = Loan.objects.filter(pk=UUID(payload["into"])).values_list("approved_units")
    return int(units[0][0]) if units else loan.principal_units


def refinance_done(proposal: LoanProposal) -> Preview:
    """What a refinancing did when it was approved; what it would do from its day while it waits.
    Raises what it refuses now.
    """
    loan, stored = proposal.loan, proposal.event
    if stored is None:
        return look_at(loan, proposal.payload, proposal.proposed_date).preview
    on = stored.value_date
    known = [event for event in events_of([loan.pk])[loan.pk] if event.seq < stored.seq]
    before = fold(known, on, terms=read_terms(loan.terms))
    new = Loan.objects.get(pk=UUID(proposal.payload["into"]))
    return Preview(on, side_of(before, on), side_of(state_as_of(new, on), on))


def _preview(loan: Loan, payload: Payload, on: date) -> Preview:
    return look_at(loan, payload, on).preview


WAY = Way(
    EventKind.REFINANCED,
    "lending.propose_change",
    STEP,
    _check,
    _carry_out,
    amount=_amount,
    releases_money=True,
    preview=_preview,
    done=refinance_done,
)
