"""Money for payslips: paid to each producer, or to all at once, and taken back
(groups_cooperatives.md K7)."""

from datetime import date

from django.db import transaction
from django.db.models import F

from handup.groups.models import Payslip, PayslipRun
from handup.groups.models.dues import Place
from handup.groups.models.payslips import RunState
from handup.groups.services.assembly import stream_of
from handup.groups.services.facts import Stream
from handup.groups.services.outside import PRODUCER, Moved, move_money, take_back
from handup.groups.services.payslips import see_whether_paid
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require

PAY = "groups.pay_payslips"


class NotApproved(Refusal):
    """These payslips are {state}; only approved ones are paid."""


class NothingToPay(Refusal):
    """Nothing is to be paid on this payslip, or it was paid already."""


class PaidBeforeApproved(Refusal):
    """They were approved on {day}; nothing is paid before."""


def _pay(staff: StaffUser, stream: Stream, slip: Payslip, on: date, place: Place) -> None:
    """Pay one payslip; the caller has locked the group and asked the permission."""
    body: dict[str, Json] = {
        "slip": str(slip.pk),
        "producer": str(slip.producer_id),
        "units": slip.net_units,
        "place": place.value,
    }
    moved = Moved("AMOUNT", slip.net_units, debit=slip.producer_id, kinds=(PRODUCER, PRODUCER))
    slip.paid_fact = move_money(
        staff, stream, name="pay_payslip", body=body, on=on, moved=[moved], place=place
    )
    slip.paid_date = on
    slip.save(update_fields=("paid_date", "paid_fact"))
    audit.record(staff, PAY, slip, {"units": slip.net_units})


def _require_approved(run: PayslipRun, on: date) -> None:
    if run.state not in (RunState.APPROVED, RunState.PAID) or run.fact is None:
        raise NotApproved(state=run.get_state_display())
    if on < run.fact.happened_date:
        raise PaidBeforeApproved(field="on", day=run.fact.happened_date)


@transaction.atomic
def pay_payslip(
    *, acting_staff: StaffUser, slip: Payslip, on: date, place: Place = Place.BOX
) -> Payslip:
    """Pay a producer what she takes home; paid before on that day and place, nothing changes.

    Raises NotApproved, PaidBeforeApproved, NothingToPay, InTheFuture, PhoneKeepsRecord,
    CashBelowZero.
    """
    require(acting_staff, PAY, slip.run.group)
    stream = stream_of(slip.run.group)
    stored = Payslip.objects.select_related("run__fact", "producer", "paid_fact").get(pk=slip.pk)
    _require_approved(stored.run, on)
    if stored.paid_fact is not None and stored.paid_date == on:
        if stored.paid_fact.body["place"] != place.value:
            raise NothingToPay
        return stored
    if stored.paid_date is not None or not stored.net_units:
        raise NothingToPay
    _pay(acting_staff, stream, stored, on, place)
    see_whether_paid(stored.run)
    return stored


@transaction.atomic
def pay_all(
    *, acting_staff: StaffUser, run: PayslipRun, on: date, place: Place = Place.BOX
) -> PayslipRun:
    """Pay everybody of a period who was not paid yet; all of them or, where the money does not
    reach, nobody. Raises what `pay_payslip` raises."""
    require(acting_staff, PAY, run.group)
    stream = stream_of(run.group)
    stored = PayslipRun.objects.select_related("fact", "group").get(pk=run.pk)
    _require_approved(stored, on)
    slips = stored.slips.filter(paid_date=None, gross_units__gt=F("taken_units"))
    for slip in slips.order_by("producer__number"):
        _pay(acting_staff, stream, slip, on, place)
    see_whether_paid(stored)
    return stored


@transaction.atomic
def take_back_payment(*, acting_staff: StaffUser, slip: Payslip, on: date) -> Payslip:
    """Take a payment back: it is owed to the producer again. Raises NothingToPay where nothing was
    paid, TakenBackBefore, InTheFuture, PhoneKeepsRecord."""
    require(acting_staff, "groups.reverse_fact", slip.run.group)
    stream = stream_of(slip.run.group)
    stored = Payslip.objects.select_related("run", "paid_fact").get(pk=slip.pk)
    if stored.paid_fact is None:
        raise NothingToPay
    take_back(acting_staff, stream, stored.paid_fact, on)
    stored.paid_fact, stored.paid_date = None, None
    stored.save(update_fields=("paid_date", "paid_fact"))
    see_whether_paid(stored.run)
    audit.record(acting_staff, "groups.take_back_payslips", stored, {"units": stored.net_units})
    return stored
