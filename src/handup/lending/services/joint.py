"""Joint groups: formed, joined, closed; and the calls on guarantors and members when a loan is late
(lending.md 4.3). Who is called for how much is worked out in `calling.py`.
"""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.models import Group
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import AmountNotPositive, FutureDate
from handup.lending.models import (
    Application,
    CallPayment,
    Guarantor,
    JointGroup,
    JointMember,
    Loan,
    LoanEvent,
    SecurityCall,
)
from handup.lending.rules.codes import EventKind, LoanState, Method
from handup.lending.rules.expiry import OPEN
from handup.lending.rules.security import (
    CALL_DAYS,
    STOP_DAYS,
)
from handup.lending.services.applications import hold_to_joint
from handup.lending.services.calling import demand, open_units
from handup.lending.services.recovered import recovered_dates
from handup.lending.services.repayments import record_repayment
from handup.lending.services.rows import next_codes
from handup.lending.services.security import NOTHING_OWED, Word
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import Office, StaffUser
from handup.org.permissions import require
from handup.projects.models import Programme


class JointGroupClosed(Refusal):
    """The joint group {name} was closed on {date}."""


class InJointGroup(Refusal):
    """This loan already stands in the joint group {name}."""


class SignedBefore(Refusal):
    """Liability for each other is agreed before the loan is signed; {code} is past that."""


class OtherCurrency(Refusal):
    """The loans of this joint group are in {expected}, this one is in {given}."""


class JointGroupOwes(Refusal):
    """Loans of this joint group are still running: {codes}."""


class AgreedLater(Refusal):
    """{date} has not come yet; the member has to agree first."""


class NobodyToCall(Refusal):
    """Nobody is left who could be called for {code}."""


class CallWithdrawn(Refusal):
    """This call was withdrawn on {date}."""


class MoreThanCalled(Refusal):
    """Only {left} of what was called is still to be paid."""


class PayBefore(Refusal):
    """The day to pay by, {due}, is before the call."""


def form_joint_group(
    *,
    acting_staff: StaffUser,
    name: str,
    programme: Programme,
    formed_date: date,
    officer: StaffUser | None = None,
    office: Office | None = None,
    group: Group | None = None,
    call_days: int = CALL_DAYS,
    stop_days: int = STOP_DAYS,
    id: UUID | None = None,
) -> JointGroup:
    """Form a group of borrowers who answer for each other; `group`: the savings group or
    cooperative they come from, if any. Raises NotAllowed, OutOfSight.
    """
    told = {"name": name.strip(), "programme": programme}
    if (stored := already_stored(JointGroup, id, acting_staff, **told)) is not None:
        require(acting_staff, "lending.form_joint_group", stored)
        return stored
    row = JointGroup(
        id=id or new_id(),
        name=name.strip(),
        programme=programme,
        office=office or getattr(group, "office", None) or acting_staff.home_office,
        officer=officer or acting_staff,
        group=group,
        formed_date=formed_date,
        call_days=call_days,
        stop_days=stop_days,
        recorded_by=acting_staff,
    )
    require(acting_staff, "lending.form_joint_group", row)
    with transaction.atomic():
        row.code = next_codes("JOINT_GROUP", 1)[0]
        row.save(force_insert=True)
        require(acting_staff, "lending.form_joint_group", row)
        audit.record(acting_staff, "lending.form_joint_group", row)
    return row


def join_joint_group(
    *,
    acting_staff: StaffUser,
    joint_group: JointGroup,
    application: Application,
    word: Word,
    recorded_date: date,
    cap_units: int | None = None,
    id: UUID | None = None,
) -> JointMember:
    """Put a loan that is asked for into a joint group whose borrower agreed to answer for the
    others, up to a cap where one is written.

    Raises NotAllowed, OutOfSight, JointGroupClosed, InJointGroup, SignedBefore, OtherCurrency,
    AmountNotPositive, AgreedLater, StopRule (a member is late).
    """
    require(acting_staff, "lending.form_joint_group", joint_group)
    require(acting_staff, "lending.form_joint_group", application)
    content = {"joint_group": joint_group, "application": application}
    if (stored := already_stored(JointMember, id, acting_staff, **content)) is not None:
        return stored
    if cap_units is not None and cap_units <= 0:
        raise AmountNotPositive(field="cap_units")
    if word.agreed_date > recorded_date:
        raise AgreedLater(field="agreed_date", date=word.agreed_date)
    with transaction.atomic():
        group = JointGroup.objects.select_for_update(of=("self",)).get(pk=joint_group.pk)
        row = Application.objects.select_for_update(of=("self",)).get(pk=application.pk)
        _may_join(group, row)
        made = JointMember.objects.create(
            id=id or new_id(),
            joint_group=group,
            application=row,
            cap_units=cap_units,
            agreed_date=word.agreed_date,
            agreed_how=word.agreed_how.value,
            recorded_by=acting_staff,
        )
        hold_to_joint([row], {row.pk: recorded_date})
        audit.record(
            acting_staff,
            "lending.join_joint_group",
            made,
            {"joint_group": str(group.pk), "application": str(row.pk)},
        )
    return made


def _may_join(group: JointGroup, row: Application) -> None:
    if group.closed_date is not None:
        raise JointGroupClosed(name=group.name, date=group.closed_date)
    before = JointMember.objects.filter(application=row).select_related("joint_group").first()
    if before is not None:
        raise InJointGroup(field="application", name=before.joint_group.name)
    if row.state not in OPEN:
        raise SignedBefore(field="application", code=row.code)
    other = group.members.exclude(application__currency=row.currency).first()
    if other is not None:
        raise OtherCurrency(
            field="application", expected=other.application.currency, given=row.currency
        )


def close_joint_group(
    *, acting_staff: StaffUser, joint_group: JointGroup, closed_date: date
) -> JointGroup:
    """Close a joint group once none of its loans runs. Raises NotAllowed, OutOfSight,
    JointGroupClosed, JointGroupOwes.
    """
    require(acting_staff, "lending.form_joint_group", joint_group)
    with transaction.atomic():
        row = JointGroup.objects.select_for_update(of=("self",)).get(pk=joint_group.pk)
        if row.closed_date is not None:
            raise JointGroupClosed(name=row.name, date=row.closed_date)
        done = [LoanState.SETTLED.value, *(state.value for state in NOTHING_OWED)]
        open_loans = Loan.objects.filter(agreement__application__joint__joint_group=row)
        running = list(open_loans.exclude(state__in=done))
        recovered = recovered_dates(running)
        codes = [loan.code for loan in running if loan.pk not in recovered]
        if codes:
            raise JointGroupOwes(codes=", ".join(sorted(codes)))
        row.closed_date = closed_date
        row.save(update_fields=("closed_date",))
        audit.record(acting_staff, "lending.close_joint_group", row)
    return row


# --- calls ----------------------------------------------------------------------------------------


def call_security(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    called_date: date,
    due_date: date,
    reason: str = "",
    id: UUID | None = None,
) -> list[SecurityCall]:
    """Call guarantors, then the other members, for what is overdue; each at most to her cap. `id`
    is the first call's.

    Raises NotAllowed, OutOfSight, NotRunning, NotLateEnough, NobodyToCall, PayBefore,
    FutureDate.
    """
    require(acting_staff, "lending.call_security", loan)
    first = already_stored(SecurityCall, id, acting_staff, loan=loan, called_date=called_date)
    if first is not None:
        return list(SecurityCall.objects.filter(loan=loan, called_date=called_date))
    if called_date > timezone.localdate():
        raise FutureDate(field="called_date", date=called_date)
    if due_date < called_date:
        raise PayBefore(field="due_date", due=due_date)
    with transaction.atomic():
        locked = Loan.objects.select_for_update(of=("self",)).get(pk=loan.pk)
        wanted = demand(locked, called_date, acting_staff)
        pairs = [(row, None, units) for row, units in wanted.guarantors]
        parties: list[tuple[Guarantor | None, JointMember | None, int]] = [
            *pairs,
            *((None, row, units) for row, units in wanted.members),
        ]
        if not parties:
            raise NobodyToCall(code=locked.code)
        calls = [
            SecurityCall(
                id=(id if place == 0 and id is not None else new_id()),
                loan=locked,
                guarantor=guarantor,
                member=member,
                units=units,
                shortfall_units=wanted.shortfall_units,
                called_date=called_date,
                due_date=due_date,
                reason=reason.strip(),
                called_by=acting_staff,
            )
            for place, (guarantor, member, units) in enumerate(parties)
        ]
        SecurityCall.objects.bulk_create(calls)
        audit.record_many(
            audit.line(
                acting_staff,
                "lending.call_security",
                call,
                {"loan": str(loan.pk), "units": call.units},
            )
            for call in calls
        )
    return calls


def withdraw_call(
    *, acting_staff: StaffUser, call: SecurityCall, withdrawn_date: date
) -> SecurityCall:
    """Take a call back, as when the borrower paid after all. Raises NotAllowed, OutOfSight,
    CallWithdrawn.
    """
    require(acting_staff, "lending.call_security", call.loan)
    with transaction.atomic():
        row = SecurityCall.objects.select_for_update(of=("self",)).get(pk=call.pk)
        if row.withdrawn_date is not None:
            raise CallWithdrawn(date=row.withdrawn_date)
        row.withdrawn_date = withdrawn_date
        row.save(update_fields=("withdrawn_date",))
        audit.record(acting_staff, "lending.withdraw_call", row, {"loan": str(row.loan_id)})
    return row


def record_call_payment(
    *,
    acting_staff: StaffUser,
    call: SecurityCall,
    value_date: date,
    units: int,
    method: Method = Method.CASH,
    reference: str = "",
    id: UUID | None = None,
) -> LoanEvent:
    """Record what a guarantor or a member paid on a call: a payment of the loan, and her claim on
    the borrower.

    Raises NotAllowed, CallWithdrawn, MoreThanCalled and what a repayment refuses.
    """
    require(acting_staff, "lending.record_repayment", call.loan)
    kind = EventKind.GUARANTOR_PAID if call.guarantor_id else EventKind.MEMBER_PAID_FOR
    content = {"loan": call.loan, "value_date": value_date, "units": units, "kind": kind.value}
    also = {"method": method.value, "reference": reference}
    if (stored := already_stored(LoanEvent, id, acting_staff, **content, **also)) is not None:
        if not call.payments.filter(event=stored).exists():
            raise SameIdOtherContent(field="call")
        return stored
    with transaction.atomic():
        row = SecurityCall.objects.select_for_update(of=("self",)).get(pk=call.pk)
        if row.withdrawn_date is not None:
            raise CallWithdrawn(date=row.withdrawn_date)
        left = open_units(row)
        if units > left:
            raise MoreThanCalled(field="units", left=left)
        event = record_repayment(
            acting_staff=acting_staff,
            loan=row.loan,
            value_date=value_date,
            units=units,
            method=method,
            reference=reference,
            kind=kind,
            id=id,
        )
        CallPayment.objects.create(call=row, event=event)
    return event
