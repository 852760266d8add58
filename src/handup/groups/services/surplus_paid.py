"""Paying to members what is theirs of a divided surplus, and taking such a payment back."""

from datetime import date

from django.db import transaction

from handup.groups.models import SurplusLine
from handup.groups.models.dues import Place
from handup.groups.services.assembly import stream_of
from handup.groups.services.outside import Moved, move_money, take_back
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require


class NothingToPay(Refusal):
    """Nothing is to be paid out to her, or it was paid already."""


@transaction.atomic
def pay_surplus(
    *, acting_staff: StaffUser, line: SurplusLine, on: date, place: Place = Place.BOX
) -> SurplusLine:
    """Pay out to a member what is hers of a divided surplus; paid before, on that day, nothing
    changes. Raises NothingToPay, InTheFuture, PhoneKeepsRecord, CashBelowZero."""
    group = line.year.group
    require(acting_staff, "groups.pay_surplus", group)
    stream = stream_of(group)
    stored = SurplusLine.objects.select_related("year", "member").get(pk=line.pk)
    if stored.paid_date == on:
        return stored
    if stored.paid_date or stored.year.is_reversed or not stored.due_units or on < _voted(stored):
        raise NothingToPay(field="on")
    body: dict[str, Json] = {
        "line": str(stored.pk),
        "member": str(stored.member_id),
        "units": stored.due_units,
        "place": place.value,
    }
    stored.paid_fact = move_money(
        acting_staff,
        stream,
        name="pay_surplus",
        body=body,
        on=on,
        moved=[Moved("AMOUNT", stored.due_units, debit=stored.member_id)],
        place=place,
    )
    stored.paid_date = on
    stored.save(update_fields=("paid_date", "paid_fact"))
    audit.record(acting_staff, "groups.pay_surplus", stored, {"units": stored.due_units})
    return stored


def _voted(line: SurplusLine) -> date:
    return line.year.fact.happened_date


@transaction.atomic
def take_back_payout(*, acting_staff: StaffUser, line: SurplusLine, on: date) -> SurplusLine:
    """Take a payment to a member back; it is owed to her again. Raises NothingToPay where nothing
    was paid, InTheFuture, PhoneKeepsRecord."""
    require(acting_staff, "groups.reverse_fact", line.year.group)
    stream = stream_of(line.year.group)
    stored = SurplusLine.objects.select_related("paid_fact").get(pk=line.pk)
    if stored.paid_fact is None:
        raise NothingToPay(field="on")
    take_back(acting_staff, stream, stored.paid_fact, on)
    stored.paid_fact, stored.paid_date = None, None
    stored.save(update_fields=("paid_date", "paid_fact"))
    audit.record(acting_staff, "groups.take_back_payout", stored, {"units": stored.due_units})
    return stored
