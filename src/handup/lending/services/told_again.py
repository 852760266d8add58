"""The same money told under two ids: typed at the desk and sent from the field, or sent from two
devices (lending.md 2.11: money recorded twice counts once).

A payment of the same loan, day and amount as one that is recorded is found before it is posted; one
told at the desk, in cash or through a bank, also where a statement brought it some days before or
after.
Whoever can be asked is asked; what was told all the same, or by a device nobody can ask, waits for
another person, who sees both. Of a sheet only the lines that look recorded wait: the cash of the
others is in the till and is posted, to suspense where she who collected knows no such loan.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import CurrencyMismatch
from handup.lending.models import Collection, EarlierRecord, Lender, Loan, LoanEvent
from handup.lending.rules.codes import EarlierKind, Method, Source
from handup.lending.services.alike import Recorded, recorded_already, strays_already
from handup.lending.services.collecting import EVERYONES, SheetOf, record_collection
from handup.lending.services.earlier import hold_again, sheet_of_payload, sheet_told
from handup.lending.services.repayments import RECORD, lock_loans, record_repayment
from handup.lending.services.sheet_lines import CollectedIn, check_units, part_lines
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_day, format_money

_ASKED = frozenset({Source.WEB})
"""Doors behind which somebody can be asked which of the two it is."""
_AGAIN = 0x1A6E_57C9_03B8_D42F
"""Makes of the id of a sheet the id of those of its lines that wait."""


class ToldAlready(Refusal):
    """{amount} for {code} on {date} is recorded already by {name}. If it is the same money, leave
    it out. If it is another payment, say why: a second person confirms it.
    """


def report_repayment(
    *,
    acting_staff: StaffUser,
    loan: Loan,
    value_date: date,
    units: int,
    method: Method = Method.CASH,
    reference: str = "",
    source: Source = Source.WEB,
    currency: str = "",
    recorded_at: datetime | None = None,
    separate: str = "",
    id: UUID | None = None,
    **told: Any,
) -> LoanEvent | EarlierRecord:
    """Record a repayment that somebody tells of, or hold it where it looks recorded already; told:
    what record_repayment is told besides. separate: why it is another payment all the same.

    Raises ToldAlready, CurrencyMismatch, and what record_repayment and hold_again do.
    """
    record: dict[str, Any] = {"units": units, "method": method, "reference": reference}
    record |= {"currency": currency, "recorded_at": recorded_at}
    require(acting_staff, RECORD, loan)
    with transaction.atomic():
        loans = lock_loans([loan.pk])
        if currency and currency != loan.currency:
            raise CurrencyMismatch(field="currency", expected=loan.currency, given=currency)
        found = []
        if not _known(LoanEvent, id):
            found = [
                row
                for row in recorded_already(value_date, [(loan.pk, units)], loans, stated=True)
                if not _other_receipt(row, reference, acting_staff, source)
            ]
        if not found and not _known(EarlierRecord, id):
            record |= {"value_date": value_date, "source": source, "id": id}
            return record_repayment(acting_staff=acting_staff, loan=loan, **record, **told)
        if recorded_at is not None:
            record["recorded_at"] = recorded_at.astimezone(UTC)
        held = {name: told[name] for name in ("payer", "advance_to") if told.get(name)}
        return hold_again(
            acting_staff=acting_staff,
            kind=EarlierKind.REPAID_AGAIN,
            value_date=value_date,
            told={"lines": [[str(loan.pk), units, False]], **record, **held},
            reason=_reason(found, value_date, separate, source),
            id=id,
        )


def _other_receipt(row: Recorded, reference: str, staff: StaffUser, source: Source) -> bool:
    """Whether one person wrote two receipts of different numbers at one door: two payments. Numbers
    of two pads or devices say nothing of one another.
    """
    made = row.record
    return (
        bool(reference and row.receipt and reference != row.receipt)
        and made.recorded_by_id == staff.pk
        and isinstance(made, LoanEvent)
        and made.source == source
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
    till: Lender | None = None,
    source: Source = Source.WEB,
    separate: str = "",
    id: UUID | None = None,
) -> Collection | EarlierRecord:
    """Close a collection that somebody tells of. Lines that look recorded already wait for another
    person (`held_of`), the others are recorded; a sheet of no other lines waits as a whole. What
    names no loan she knows goes to suspense (`part_lines`), in the till of that lender.
    separate: why it is other money all the same.

    Raises ToldAlready, CountDiffers, and what record_collection and hold_again do.
    """
    key, kept = id or new_id(), [line for line in lines if line.kept]
    told: dict[str, Any] = {"data_date": data_date, "compared": compared, "till": till}
    with transaction.atomic():
        here, unknown = part_lines(acting_staff, kept, key)
        waiting, found = _waiting(key, held_date, here, unknown)
        reason = _reason(found, held_date, separate, source) if waiting else None
        if found:
            check_units(counted_units, kept, found[0].currency)
        later = sum(line.units for line in waiting)
        whole = bool(waiting) and len(waiting) == len(kept)
        row: Collection | EarlierRecord | None = None
        if not whole:
            row = record_collection(
                acting_staff=acting_staff,
                held_date=held_date,
                counted_units=counted_units - later,
                lines=[line for line in here if line not in waiting],
                unknown=[line for line in unknown if line not in waiting],
                sheet=sheet,
                source=source,
                id=key,
                **told,
            )
        if waiting:
            told |= {"officer": sheet.officer, "group": sheet.group, "area": sheet.area}
            told["counted_units"] = counted_units if whole else later
            told |= sheet_told(here, unknown, only=waiting)
            held = hold_again(
                acting_staff=acting_staff,
                kind=EarlierKind.COLLECTION_AGAIN,
                value_date=held_date,
                told=told,
                reason=reason,
                id=key if whole else _held_id(key),
            )
            row = row or held
    assert row is not None
    return row


def _waiting(
    key: UUID, on: date, here: Sequence[CollectedIn], unknown: Sequence[CollectedIn]
) -> tuple[Sequence[CollectedIn], list[Recorded]]:
    """The lines of a sheet that wait, and what is recorded already of them; of a sheet that was
    told before, those that waited then.
    """
    kept = [*here, *unknown]
    if _known(EarlierRecord, key):
        return kept, []
    if _known(Collection, key):
        held = EarlierRecord._base_manager.filter(pk=_held_id(key))
        again = {line.loan for row in held for line in sheet_of_payload(row.payload)}
        return [line for line in kept if line.loan in again], []
    paid = [(line.loan, line.units) for line in here if line.units > 0 and line.loan is not None]
    found = recorded_already(on, paid, lock_loans(loan for loan, _units in paid))
    strays = strays_already(on, unknown)
    again = {*(row.told.pk for row in found if row.told is not None), *strays}
    return [line for line in kept if line.loan in again], [*found, *strays.values()]


def _held_id(key: UUID) -> UUID:
    return UUID(int=key.int ^ _AGAIN)


def held_of(collection: Collection) -> EarlierRecord | None:
    """The lines of a sheet that looked recorded already when it was told, and wait or waited."""
    found: EarlierRecord | None = EarlierRecord._base_manager.filter(
        pk=_held_id(collection.pk)
    ).first()
    return found


def _known(model: type[Model], id: UUID | None) -> bool:
    """Whether a record of this id is stored."""
    return id is not None and model._base_manager.filter(pk=id).exists()


def _reason(found: Sequence[Recorded], on: date, separate: str, source: Source) -> str | None:
    """Why it waits: what was said; None of what nobody could be asked about. Raises ToldAlready."""
    if separate.strip() or not found:
        return separate.strip() or None
    if source not in _ASKED:
        return None
    first = found[0]
    raise ToldAlready(
        field="separate",
        amount=format_money(first.units, first.currency),
        code=first.code,
        date=format_day(on),
        name=first.by,
    )
