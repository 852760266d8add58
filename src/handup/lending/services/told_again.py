"""The same money told under two ids: typed at the desk and sent from the field, or sent from two
devices (lending.md 2.11: money recorded twice counts once).

A payment of the same loan, day and amount as one that is recorded is found before it is posted; one
that came through a bank as well where a statement brought it some days before or after.
Whoever can be asked is asked; what was told all the same, or by a device nobody can ask, waits for
another person, who sees both. Two receipts of different numbers are two payments.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model, Q

from handup.kernel.errors import Refusal
from handup.lending.models import Collection, EarlierRecord, Loan, LoanEvent
from handup.lending.rules.codes import EarlierKind, EventKind, Method, Source
from handup.lending.services.collecting import (
    COLLECT,
    EVERYONES,
    CollectedIn,
    SheetOf,
    record_collection,
)
from handup.lending.services.earlier import hold_again
from handup.lending.services.judging import BY_HAND
from handup.lending.services.repayments import RECORD, lock_loans, record_repayment
from handup.org.models import StaffUser
from handup.org.permissions import require, require_all
from handup.org.web.money import format_day, format_money

_ASKED = frozenset({Source.WEB})
"""Doors behind which somebody can be asked which of the two it is."""
_KINDS = (EventKind.REPAID.value, EventKind.RECOVERED.value)
_THROUGH_A_BANK = frozenset({Method.BANK, Method.MOBILE})


class ToldAlready(Refusal):
    """{amount} for {code} on {date} is recorded already by {name}. If it is the same money, leave
    it out. If it is another payment, say why: a second person confirms it.
    """


def recorded_already(
    on: date, told: Sequence[tuple[UUID, int]], reference: str = "", method: Method = Method.CASH
) -> list[LoanEvent]:
    """Payments that are recorded for the same loan, day and amount (loan, units), but those with a
    receipt of another number. Of one through a bank also what a statement brought within BY_HAND
    days: its reference is the bank's own.
    """
    wanted = set(told)
    rows = LoanEvent.objects.filter(
        loan__in={loan for loan, _units in wanted}, kind__in=_KINDS, reversed_by=None
    )
    same_day = Q(value_date=on)
    if method in _THROUGH_A_BANK:
        same_day |= Q(
            source=Source.BANK_FILE.value,
            value_date__range=(_within(on, -BY_HAND), _within(on, BY_HAND)),
        )
    return [
        event
        for event in rows.filter(same_day).select_related("loan", "recorded_by").order_by("id")
        if (event.loan_id, event.received_units) in wanted
        and _may_be_the_same(event, reference, method)
    ]


def _within(on: date, step: timedelta) -> date:
    """A day some days off, as far as there are days."""
    try:
        return on + step
    except OverflowError:
        return on


def _may_be_the_same(event: LoanEvent, reference: str, method: Method) -> bool:
    """Whether no receipt tells the two apart."""
    if event.source == Source.BANK_FILE and method in _THROUGH_A_BANK:
        return True
    return not reference or not event.reference or event.reference == reference


def report_repayment(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    units: int,
    method: Method = Method.CASH,
    reference: str = "",
    source: Source = Source.WEB,
    separate: str = "",
    id: UUID | None = None,
    **told: Any,
) -> LoanEvent | EarlierRecord:
    """Record a repayment that somebody tells of, or hold it where it looks recorded already; told:
    what record_repayment is told besides. separate: why it is another payment all the same.

    Raises ToldAlready, and what record_repayment and hold_again do.
    """
    record: dict[str, Any] = {"value_date": value_date, "units": units, "method": method}
    record["reference"] = reference
    require(acting_staff, RECORD, loan)
    with transaction.atomic():
        lock_loans([loan.pk])
        found = []
        if not _known(LoanEvent, id):
            found = recorded_already(value_date, [(loan.pk, units)], reference, method)
        if not found and not _known(EarlierRecord, id):
            return record_repayment(
                acting_staff=acting_staff, loan=loan, source=source, id=id, **record, **told
            )
        held = {name: told[name] for name in ("payer", "advance_to") if told.get(name)}
        return hold_again(
            acting_staff=acting_staff,
            kind=EarlierKind.REPAID_AGAIN,
            value_date=value_date,
            told={
                "units": units,
                "lines": [[str(loan.pk), units, False]],
                "method": method,
                "reference": reference,
                **held,
            },
            reason=_reason(found, separate, source),
            id=id,
        )


def report_collection(
    *,
    acting_staff: StaffUser,
    held_date: date,
    counted_units: int,
    lines: Sequence[CollectedIn],
    data_date: date,
    compared: bool = False,
    sheet: SheetOf = EVERYONES,
    source: Source = Source.WEB,
    separate: str = "",
    id: UUID | None = None,
) -> Collection | EarlierRecord:
    """Close a collection that somebody tells of, or hold all of it where a line looks recorded
    already. separate: why it is other money all the same.

    Raises ToldAlready, and what record_collection and hold_again do.
    """
    require(acting_staff, COLLECT)
    paid = [(line.loan, line.units) for line in lines if line.units > 0]
    with transaction.atomic():
        require_all(acting_staff, COLLECT, lock_loans(loan for loan, _units in paid).values())
        found = []
        if not _known(Collection, id):
            found = recorded_already(held_date, paid)
        if not found and not _known(EarlierRecord, id):
            return record_collection(
                acting_staff=acting_staff,
                held_date=held_date,
                counted_units=counted_units,
                lines=lines,
                data_date=data_date,
                compared=compared,
                sheet=sheet,
                source=source,
                id=id,
            )
        kept = [[str(line.loan), line.units, line.absent] for line in lines if line.kept]
        return hold_again(
            acting_staff=acting_staff,
            kind=EarlierKind.COLLECTION_AGAIN,
            value_date=held_date,
            told={
                "counted_units": counted_units,
                "lines": kept,
                "data_date": data_date,
                "compared": compared,
                "officer": sheet.officer,
                "group": sheet.group,
                "area": sheet.area,
            },
            reason=_reason(found, separate, source),
            id=id,
        )


def _known(model: type[Model], id: UUID | None) -> bool:
    """Whether a record of this id is stored."""
    return id is not None and model._base_manager.filter(pk=id).exists()


def _reason(found: Sequence[LoanEvent], separate: str, source: Source) -> str:
    """Why it waits: what was said, or what it looks like. Raises ToldAlready."""
    if separate.strip() or not found:
        return separate.strip()
    event = found[0]
    alike = ToldAlready(
        field="separate",
        amount=format_money(event.received_units, event.loan.currency),
        code=event.loan.code,
        date=format_day(event.value_date),
        name=event.recorded_by,
    )
    if source in _ASKED:
        raise alike
    return str(alike)[:300]
