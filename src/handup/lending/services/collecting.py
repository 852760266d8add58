"""Closing a collection: every payment of a sheet and who was absent, once the money counted is what
is written. Lines of loans that whoever collected does not know (`sheet_lines`) go to suspense.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.models import Group
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.errors import AmountNotPositive, LoanUnknown
from handup.lending.models import Collection, CollectionLine, Lender, Loan, StrayCash, StrayLine
from handup.lending.rules.codes import Method, Source
from handup.lending.rules.collection import (
    NothingCollected,
    OneCurrency,
    StaleSheet,
    days_old,
    is_stale,
)
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.repayments import RepaymentIn, lock_loans
from handup.lending.services.sheet_lines import CollectedIn, check_units, till_of
from handup.lending.services.stray import keep_stray, office_of
from handup.lending.services.taken_cash import Taken, record_cash
from handup.org import audit
from handup.org.bulk import insert_rows
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import Area, StaffUser
from handup.org.permissions import require_all

COLLECT = "lending.record_collection"
SEAT = (1 << 62) - 1
"""The random part of an id: a collection's id and a loan's make the id of that loan's payment."""


class LoanTwice(Refusal):
    """Loan {code} stands on the sheet twice."""


@dataclass(frozen=True, slots=True)
class SheetOf:
    """Whose sheet it was: an officer's, a centre's, a village's; none where it was everyone's."""

    officer: StaffUser | None = None
    group: Group | None = None
    area: Area | None = None


EVERYONES = SheetOf()


def record_collection(
    *,
    acting_staff: StaffUser,
    held_date: date,
    counted_units: int,
    lines: Sequence[CollectedIn],
    data_date: date,
    unknown: Sequence[CollectedIn] = (),
    till: Lender | None = None,
    compared: bool = False,
    sheet: SheetOf = EVERYONES,
    source: Source = Source.WEB,
    id: UUID | None = None,
    permission: str = COLLECT,
) -> Collection:
    """Close a collection: all its payments are recorded, or none. data_date: when the sheet was
    made; compared: an old one was compared with what was paid since. The same id twice counts once.
    Cash of a loan that ended since the sheet was made counts for the one it goes on in; where none
    does, it is cash of nobody known, as is that of `unknown` lines, whose loans are none that
    whoever collected knows; till: the lender whose till it lies in. permission: of the step this is
    part of.

    Raises NotAllowed, OutOfSight, LoanUnknown, LoanTwice, OneCurrency, AmountNotPositive,
    NothingCollected, CountDiffers, StaleSheet, SheetAhead, FutureDate, BackDated, TillUnclear,
    SameIdOtherContent and what a repayment refuses.
    """
    told = {
        "held_date": held_date,
        "counted_units": counted_units,
        "recorded_by": acting_staff,
        "data_date": data_date,
        "officer": sheet.officer,
        "group": sheet.group,
        "area": sheet.area,
    }
    kept = [line for line in lines if line.kept]
    strays = [line for line in unknown if line.kept]
    if (stored := _stored(acting_staff, id, told, [*kept, *strays])) is not None:
        return stored
    check_date(held_date, timezone.localdate(), evidenced=source in EVIDENCED)
    _check_sheet(held_date, data_date, [*lines, *unknown], compared=compared)
    if not kept and not strays:
        raise NothingCollected()
    with transaction.atomic():
        loans = _loans_of(kept, strays, acting_staff, permission)
        if (stored := _stored(acting_staff, id, told, [*kept, *strays])) is not None:
            return stored  # sent twice at once
        cash = any(line.units for line in strays)
        where = till_of(loans.values(), till, acting_staff) if cash or not loans else None
        row = _collection(loans, id or new_id(), acting_staff, sheet, where)
        check_units(counted_units, [*kept, *strays], row.currency)
        row.held_date, row.data_date, row.counted_units = held_date, data_date, counted_units
        taken = _paid(row, kept, loans, acting_staff, source, permission)
        row.save(force_insert=True)
        insert_rows([_line(row, line, taken) for line in kept])
        _keep_strays(row, strays, where, acting_staff)
        said = {"lines": len(kept) + len(strays), "paid": len(taken.events)}
        said["stray"] = len(taken.stray) + sum(bool(line.units) for line in strays)
        audit.record(acting_staff, COLLECT, row, said)
    return row


def _keep_strays(
    row: Collection, strays: Sequence[CollectedIn], till: Lender | None, staff: StaffUser
) -> None:
    """The cash of loans nobody knows is in the till and on suspense; their lines say no more than
    the sheet did.
    """
    cash: list[StrayCash] = []
    lines: list[StrayLine] = []
    for place, line in enumerate(strays, 1):
        stray = None
        if line.units and till is not None:
            stray = StrayCash(
                id=new_id(),
                lender=till,
                office_id=row.office_id,
                programme_id=till.programme_id,
                currency=row.currency,
                units=line.units,
                received_date=row.held_date,
                recorded_by=staff,
            )
            cash.append(stray)
        lines.append(
            StrayLine(
                collection=row,
                place=place,
                named=line.loan,
                words=line.words.strip()[:200],
                units=line.units,
                absent=line.absent,
                stray=stray,
            )
        )
    keep_stray(cash, staff)
    insert_rows(lines)


def _loans_of(
    kept: Sequence[CollectedIn], strays: Sequence[CollectedIn], staff: StaffUser, permission: str
) -> dict[UUID, Loan]:
    """The loans of a sheet, locked. Raises LoanUnknown, LoanTwice, OutOfSight."""
    loans = lock_loans(line.loan for line in kept if line.loan is not None)
    for line in kept:
        if line.loan not in loans:
            raise LoanUnknown(field="loan", code=line.loan)
    require_all(staff, permission, loans.values())
    for loan, times in Counter(line.loan for line in (*kept, *strays)).items():
        if times > 1 and loan is not None:
            raise LoanTwice(field="loan", code=loans[loan].code if loan in loans else loan)
    return dict(loans)


def _line(row: Collection, line: CollectedIn, taken: Taken) -> CollectionLine:
    loan = line.loan
    assert loan is not None
    return CollectionLine(
        collection=row,
        loan_id=loan,
        units=line.units,
        absent=line.absent,
        event=taken.events.get(loan),
        stray=taken.stray.get(loan),
    )


def _stored(
    staff: StaffUser, id: UUID | None, told: Mapping[str, Any], kept: Sequence[CollectedIn]
) -> Collection | None:
    """The collection of this id with the same lines. Raises SameIdOtherContent."""
    row = already_stored(Collection, id, staff, **told)
    if row is None:
        return None
    lines = CollectionLine._base_manager.filter(collection=row)
    others = StrayLine._base_manager.filter(collection=row)
    held: Counter[tuple[UUID | None, int, bool]] = Counter()
    held.update(lines.values_list("loan_id", "units", "absent"))
    held.update(others.values_list("named", "units", "absent"))
    if held != Counter((line.loan, line.units, line.absent) for line in kept):
        raise SameIdOtherContent(field="lines")
    return row


def _check_sheet(
    held_date: date, data_date: date, lines: Sequence[CollectedIn], *, compared: bool
) -> None:
    if is_stale(data_date, held_date) and not compared:
        days = days_old(data_date, held_date)
        raise StaleSheet(field="data_date", date=data_date, days=days)
    if any(line.units < 0 for line in lines):
        raise AmountNotPositive(field="counted")


def _collection(
    loans: Mapping[UUID, Loan], id: UUID, staff: StaffUser, sheet: SheetOf, till: Lender | None
) -> Collection:
    """A collection of one currency; its office and programme where all its loans share one. till:
    where the cash of loans nobody knows lies.

    Raises OneCurrency.
    """
    currency = till.currency if till is not None else next(iter(loans.values())).currency
    for loan in loans.values():
        if loan.currency != currency:
            raise OneCurrency(code=loan.code, currency=loan.currency)
    offices = {loan.office_id for loan in loans.values()}
    programmes = {loan.programme_id for loan in loans.values()}
    programme = programmes.pop() if len(programmes) == 1 else None
    if till is not None and not loans:
        programme = till.programme_id
    return Collection(
        id=id,
        currency=currency,
        officer=sheet.officer,
        group=sheet.group,
        area=sheet.area,
        office_id=offices.pop() if len(offices) == 1 else office_of(staff),
        programme_id=programme,
        recorded_by=staff,
    )


def _paid(
    row: Collection,
    lines: Sequence[CollectedIn],
    loans: Mapping[UUID, Loan],
    staff: StaffUser,
    source: Source,
    permission: str,
) -> Taken:
    """The payments of a collection by the loan they were taken for, each with an id of its own that
    is always the same.
    """
    items = [
        RepaymentIn(
            loan=line.loan,
            value_date=row.held_date,
            units=line.units,
            method=Method.CASH,
            source=source,
            id=UUID(int=row.pk.int ^ (line.loan.int & SEAT)),
        )
        for line in lines
        if line.units and line.loan is not None
    ]
    return record_cash(items, loans, staff, permission)
