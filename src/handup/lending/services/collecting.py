"""Closing a collection: every payment of a sheet and who was absent, once the money counted is what
is written.
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
from handup.lending.models import Collection, CollectionLine, Loan
from handup.lending.rules.codes import Method, Source
from handup.lending.rules.collection import (
    NothingCollected,
    OneCurrency,
    StaleSheet,
    check_count,
    days_old,
    is_stale,
)
from handup.lending.services.days import EVIDENCED, check_date
from handup.lending.services.repayments import RepaymentIn, lock_loans
from handup.lending.services.taken_cash import Taken, record_cash
from handup.org import audit
from handup.org.bulk import insert_rows
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import Area, StaffUser
from handup.org.permissions import require_all
from handup.org.web.money import format_money

COLLECT = "lending.record_collection"
SEAT = (1 << 62) - 1
"""The random part of an id: a collection's id and a loan's make the id of that loan's payment."""


class LoanTwice(Refusal):
    """Loan {code} stands on the sheet twice."""


@dataclass(frozen=True, slots=True)
class CollectedIn:
    """One loan of a collection: what was paid in smallest units, or that nobody came."""

    loan: UUID
    units: int = 0
    absent: bool = False

    @property
    def kept(self) -> bool:
        """Whether it says anything."""
        return bool(self.units or self.absent)


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
    compared: bool = False,
    sheet: SheetOf = EVERYONES,
    source: Source = Source.WEB,
    id: UUID | None = None,
    permission: str = COLLECT,
) -> Collection:
    """Close a collection: all its payments are recorded, or none. data_date: when the sheet was
    made; compared: an old one was compared with what was paid since. The same id twice counts once.
    Cash of a loan that ended since the sheet was made counts for the one it goes on in; where none
    does, it is cash of nobody known. permission: of the step this is part of.

    Raises NotAllowed, OutOfSight, LoanUnknown, LoanTwice, OneCurrency, AmountNotPositive,
    NothingCollected, CountDiffers, StaleSheet, SheetAhead, FutureDate, BackDated,
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
    if (stored := _stored(id, told, kept)) is not None:
        return stored
    check_date(held_date, timezone.localdate(), evidenced=source in EVIDENCED)
    _check_sheet(held_date, data_date, lines, compared=compared)
    if not kept:
        raise NothingCollected()
    with transaction.atomic():
        loans = _loans_of(kept, acting_staff, permission)
        if (stored := _stored(id, told, kept)) is not None:  # sent twice at once
            return stored
        row = _collection(loans, id or new_id(), acting_staff, sheet)
        check_count(
            counted_units,
            (line.units for line in kept),
            sum(line.absent for line in kept),
            say=lambda units: format_money(units, row.currency),
        )
        row.held_date, row.data_date, row.counted_units = held_date, data_date, counted_units
        taken = _paid(row, kept, loans, acting_staff, source, permission)
        row.save(force_insert=True)
        insert_rows([_line(row, line, taken) for line in kept])
        said = {"lines": len(kept), "paid": len(taken.events), "stray": len(taken.stray)}
        audit.record(acting_staff, COLLECT, row, said)
    return row


def _loans_of(kept: Sequence[CollectedIn], staff: StaffUser, permission: str) -> dict[UUID, Loan]:
    """The loans of a sheet, locked. Raises LoanUnknown, LoanTwice, OutOfSight."""
    loans = lock_loans(line.loan for line in kept)
    for line in kept:
        if line.loan not in loans:
            raise LoanUnknown(field="loan", code=line.loan)
    require_all(staff, permission, loans.values())
    for loan, times in Counter(line.loan for line in kept).items():
        if times > 1:
            raise LoanTwice(field="loan", code=loans[loan].code)
    return dict(loans)


def _line(row: Collection, line: CollectedIn, taken: Taken) -> CollectionLine:
    return CollectionLine(
        collection=row,
        loan_id=line.loan,
        units=line.units,
        absent=line.absent,
        event=taken.events.get(line.loan),
        stray=taken.stray.get(line.loan),
    )


def _stored(
    id: UUID | None, told: Mapping[str, Any], kept: Sequence[CollectedIn]
) -> Collection | None:
    """The collection of this id with the same lines. Raises SameIdOtherContent."""
    row = already_stored(Collection, id, **told)
    if row is None:
        return None
    lines = CollectionLine._base_manager.filter(collection=row)
    held = Counter(lines.values_list("loan_id", "units", "absent"))
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
    loans: Mapping[UUID, Loan], id: UUID, staff: StaffUser, sheet: SheetOf
) -> Collection:
    """A collection of one currency; its office and programme where all its loans share one.

    Raises OneCurrency.
    """
    first = next(iter(loans.values()))
    for loan in loans.values():
        if loan.currency != first.currency:
            raise OneCurrency(code=loan.code, currency=loan.currency)
    offices = {loan.office_id for loan in loans.values()}
    programmes = {loan.programme_id for loan in loans.values()}
    return Collection(
        id=id,
        currency=first.currency,
        officer=sheet.officer,
        group=sheet.group,
        area=sheet.area,
        office_id=first.office_id if len(offices) == 1 else staff.home_office_id,
        programme_id=first.programme_id if len(programmes) == 1 else None,
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
        if line.units
    ]
    return record_cash(items, loans, staff, permission)
