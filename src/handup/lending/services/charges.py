"""What is asked of a loan by hand and let go of again: charges, waivers, and money handed back.

A waiver and a refund take two persons (`proposals`). Waiving interest posts nothing by itself: what
is waived is earned no more, and the next accrual takes it back. Penalties are income when paid.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.credit.allocation import PLACE
from handup.kernel.credit.codes import Component
from handup.lending.errors import (
    AmountNotPositive,
    BeforeDisbursement,
    DueBeforeCharge,
    LoanUnknown,
    MoreThanOverpaid,
    MoreThanUnpaid,
    NotChargeable,
    NotRunning,
    NotWaivable,
)
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import EventKind, LoanState, Method, Source
from handup.lending.services import proposals
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.happening import happen
from handup.lending.services.proposals import Approved, Payload, Way
from handup.lending.services.repayments import lock_loans
from handup.lending.services.rows import in_chunks
from handup.lending.services.same import stored_event
from handup.lending.services.store import Writer, state_as_of
from handup.org import audit
from handup.org.duties import ReasonNeeded
from handup.org.models import StaffUser
from handup.org.permissions import require_all
from handup.org.web.money import format_money

CHARGE = "lending.charge_loan"
CHARGEABLE = (Component.FEE, Component.PENALTY)
WAIVABLE = (Component.PENALTY, Component.FEE, Component.INTEREST)


@dataclass(frozen=True, slots=True)
class ChargeIn:
    """A fee or penalty asked of a loan by hand from value_date on, to be paid by due_date."""

    loan: UUID
    value_date: date
    due_date: date
    component: Component
    units: int
    reason: str
    id: UUID | None = None
    source: Source = Source.WEB


def charge_loan(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    due_date: date,
    component: Component,
    units: int,
    reason: str,
    id: UUID | None = None,
    source: Source = Source.WEB,
    permission: str = CHARGE,
) -> LoanEvent:
    """Charge one loan: the batch form with one. See charge_loans."""
    item = ChargeIn(loan.pk, value_date, due_date, component, units, reason, id, source)
    return charge_loans([item], acting_staff=acting_staff, permission=permission)[0]


def charge_loans(
    items: Sequence[ChargeIn], *, acting_staff: StaffUser, permission: str = CHARGE
) -> list[LoanEvent]:
    """Ask fees or penalties of running loans by hand; a fee is due in the books from that day. At
    most 500 in one transaction. permission: of the step this is part of.

    Raises NotAllowed, OutOfSight, LoanUnknown, NotRunning, AmountNotPositive, NotChargeable,
    DueBeforeCharge, ReasonNeeded, FutureDate, BackDated, BeforeDisbursement, SameIdOtherContent.
    """
    made: list[LoanEvent] = []
    for chunk in in_chunks(items):
        with transaction.atomic():
            loans = lock_loans(item.loan for item in chunk)
            require_all(acting_staff, permission, loans.values())
            writer = Writer(timezone.now())
            for item in chunk:
                if item.loan not in loans:
                    raise LoanUnknown(field="loan", code=item.loan)
                made.append(_charge(writer, item, loans[item.loan], acting_staff))
    return made


def _charge(writer: Writer, item: ChargeIn, loan: Loan, staff: StaffUser) -> LoanEvent:
    stored = stored_event(
        staff,
        item.id,
        {"component": item.component.value, "due_date": item.due_date.isoformat()},
        loan=loan.pk,
        kind=EventKind.CHARGED.value,
        value_date=item.value_date,
        units=item.units,
        reason=item.reason.strip(),
    )
    if stored is not None:
        return stored
    if item.units <= 0:
        raise AmountNotPositive(field="units")
    if item.component not in CHARGEABLE:
        raise NotChargeable(field="component")
    if item.due_date < item.value_date:
        raise DueBeforeCharge(field="due_date", due=item.due_date, date=item.value_date)
    if not item.reason.strip():
        raise ReasonNeeded(field="reason")
    check_date(item.value_date, timezone.localdate(), evidenced=item.source in EVIDENCED)
    _check_running(loan, item.value_date)
    event, _state = happen(
        writer,
        loan,
        EventKind.CHARGED,
        staff,
        item.value_date,
        units=item.units,
        payload={"component": item.component.value, "due_date": item.due_date.isoformat()},
        id=item.id,
        reason=item.reason.strip(),
        source=item.source,
    )
    audit.record(staff, CHARGE, event, {"loan": str(loan.pk)})
    return event


def _check_running(loan: Loan, on: date) -> None:
    if loan.state != LoanState.ACTIVE or loan.disbursed_date is None:
        raise NotRunning(code=loan.code, state=loan.get_state_display())
    if on < loan.disbursed_date:
        raise BeforeDisbursement(field="value_date", date=on, disbursed=loan.disbursed_date)


# --- waivers --------------------------------------------------------------------------------------


def unpaid_of(loan: Loan, component: Component, on: date) -> int:
    """What of one part is unpaid at the end of a day, due or not, with penalties up to that day."""
    place = PLACE[component]
    return sum(row.open[place] for row in state_as_of(loan, on).ledger.rows)


def propose_waiver(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    component: Component,
    units: int,
    proposed_date: date,
    reason: str,
    id: UUID | None = None,
) -> LoanProposal:
    """Propose to let go of unpaid interest, fees or penalties; another person decides.

    Raises what proposals.propose_changes does, and NotRunning, AmountNotPositive, NotWaivable,
    MoreThanUnpaid.
    """
    return proposals.propose_change(
        acting_staff=acting_staff,
        loan=loan,
        kind=EventKind.WAIVED,
        proposed_date=proposed_date,
        reason=reason,
        payload={"component": component.value, "units": units},
        id=id,
    )


def _check_waiver(loan: Loan, payload: Payload, on: date) -> None:
    component, units = _component(payload), payload["units"]
    if component not in WAIVABLE:
        raise NotWaivable(field="component")
    if units <= 0:
        raise AmountNotPositive(field="units")
    _check_running(loan, on)
    left = unpaid_of(loan, component, on)
    if units > left:
        raise MoreThanUnpaid(field="units", left=format_money(left, loan.currency))


def _component(payload: Payload) -> Component | None:
    try:
        return Component(payload["component"])
    except ValueError:
        return None


def _waive(asked: Approved) -> LoanEvent:
    event, _state = happen(
        Writer(timezone.now()),
        asked.loan,
        EventKind.WAIVED,
        asked.staff,
        asked.value_date,
        units=asked.payload["units"],
        payload={"component": asked.payload["component"]},
        id=asked.id,
        reason=asked.reason,
    )
    return event


# --- money handed back ----------------------------------------------------------------------------


def propose_refund(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    units: int,
    proposed_date: date,
    reason: str,
    method: Method = Method.CASH,
    reference: str = "",
    id: UUID | None = None,
) -> LoanProposal:
    """Propose to hand overpaid money back; whoever approves hands it out.

    Raises what proposals.propose_changes does, and AmountNotPositive, MoreThanOverpaid.
    """
    return proposals.propose_change(
        acting_staff=acting_staff,
        loan=loan,
        kind=EventKind.REFUNDED,
        proposed_date=proposed_date,
        reason=reason,
        payload={"units": units, "method": method.value, "reference": reference},
        id=id,
    )


def _check_refund(loan: Loan, payload: Payload, on: date) -> None:
    units: int = payload["units"]
    if units <= 0:
        raise AmountNotPositive(field="units")
    left = min(state_as_of(loan, on).overpaid, loan.overpaid_units)
    if units > left:
        raise MoreThanOverpaid(field="units", left=format_money(left, loan.currency))


def _refund(asked: Approved) -> LoanEvent:
    told: Mapping[str, Any] = asked.payload
    event, _state = happen(
        Writer(timezone.now()),
        asked.loan,
        EventKind.REFUNDED,
        asked.staff,
        asked.value_date,
        units=told["units"],
        id=asked.id,
        reason=asked.reason,
        method=told["method"],
        reference=told["reference"],
    )
    return event


WAYS = (
    Way(
        EventKind.WAIVED,
        "lending.propose_waiver",
        "lending.waive_charge",
        _check_waiver,
        _waive,
    ),
    Way(
        EventKind.REFUNDED,
        "lending.propose_refund",
        "lending.refund_overpayment",
        _check_refund,
        _refund,
        releases_money=True,
    ),
)
