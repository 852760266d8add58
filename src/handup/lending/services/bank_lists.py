"""A partner bank's list of its loans, compared with ours loan by loan: what differs is kept beside
the row, and nothing of a loan changes.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Fault, Faults
from handup.kernel.ids import new_id
from handup.kernel.importing.reading import Line, Source, read_source
from handup.kernel.sheet_faults import ColumnMissing
from handup.lending.errors import FutureDate
from handup.lending.models import BankList, BankListLine, Lender, Loan
from handup.lending.queries import positions
from handup.lending.rules.bank_list import COUNTS, TABLE, ListState, differing, profile, told_of
from handup.lending.services.bank import loans_named
from handup.lending.services.rows import in_chunks, insert_rows
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.services.files import sums_of_sealed
from handup.org.web.money import currency_digits

COMPARE = "lending.compare_bank_list"
NOTHING: Mapping[str, int] = {"principal": 0, "overdue": 0, "days_late": 0}


def form_of(lender: Lender) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """How the bank wrote its last list: its headings by our columns, and its CSV form."""
    last = BankList.objects.filter(lender=lender).order_by("-id").first()
    return ({}, {}) if last is None else (last.columns, last.form)


def compare_bank_list(
    *,
    acting_staff: StaffUser,
    lender: Lender,
    as_of: date,
    file_name: str,
    content: bytes,
    columns: Mapping[str, str] | None = None,
    form: Mapping[str, str] | None = None,
    id: UUID | None = None,
) -> BankList:
    """Compare a list (CSV or XLSX) with what is kept here of the same day, and keep what differs.

    columns: the bank's headings by our columns, form: how its CSV files are written; None takes
    those of its last list. The same content of the same day returns the stored list.

    Raises NotAllowed, OutOfSight, FutureDate, SameIdOtherContent, Faults when its table or none of
    its rows can be read, and what a file is refused for.
    """
    require(acting_staff, COMPARE, BankList(lender=lender))
    if as_of > timezone.localdate():
        raise FutureDate(field="as_of", date=as_of)
    sha256, *others = sums = sums_of_sealed(content)
    rows = BankList.objects.filter(lender=lender, as_of_date=as_of)
    if others and (taken_over := rows.filter(sha256__in=others).first()) is not None:
        return taken_over
    already_stored(BankList, id, acting_staff, sha256=sha256, as_of_date=as_of)
    stored = rows.filter(sha256__in=sums).first()
    if stored is not None:
        return stored
    last_columns, last_form = form_of(lender)
    headings = dict(last_columns if columns is None else columns)
    written = dict(last_form if form is None else form)
    how = profile(currency_digits(lender.currency), headings, written)
    source = read_source(content, file_name, how)
    _require_table(source, columns or {})
    with transaction.atomic():
        found = BankList(
            id=id or new_id(),
            lender=lender,
            as_of_date=as_of,
            file_name=file_name.replace("\x00", "")[-200:],
            sha256=sha256,
            columns=headings,
            form=written,
            brought_by=acting_staff,
            brought_date=timezone.localdate(),
        )
        lines = [*_compared(found, source.lines.get(TABLE, [])), *_faulty(found, source)]
        counts = Counter(line.state for line in lines)
        for state, name in COUNTS.items():
            setattr(found, name, counts[state.value])
        found.save(force_insert=True)
        for piece in in_chunks(lines):
            insert_rows(piece)
        audit.record(acting_staff, COMPARE, found, {"differ": found.rows_different})
    return found


def _require_table(source: Source, named: Mapping[str, str]) -> None:
    """Refuse a file of which nothing, or not what was named, can be read: kept, it could never be
    brought again with the right headings. Of rows one fault of each kind is told. Raises Faults.
    """
    lines = source.lines.get(TABLE, [])
    whole = [fault for fault in source.faults if fault.code == ColumnMissing.code]
    if not lines:
        kinds: dict[tuple[str, str | None], Fault] = {}
        for fault in source.faults:
            kinds.setdefault((fault.code, fault.column), fault)
        whole = whole or list(kinds.values())
    else:
        absent = [name for name in named if named[name] and name not in lines[0].letters]
        for heading in (named[name] for name in absent):
            missing = ColumnMissing(column=heading)
            whole.append(Fault(missing.code, str(missing), TABLE, column=heading))
    if whole:
        raise Faults(whole, field="file")


def _compared(made: BankList, lines: Iterable[Line]) -> list[BankListLine]:
    """Every readable row beside the loan it names, then every loan of ours that no row names."""
    rows = list(lines)
    ours = figures_on(made.lender, made.as_of_date)
    loans = _loans(made.lender, {_plain(line.text("loan")) for line in rows})
    seen: set[UUID] = set()
    found = []
    for line in rows:
        loan, theirs = loans.get(_plain(line.text("loan"))), told_of(line)
        row = BankListLine(
            id=new_id(), bank_list=made, row=line.number, key=line.text("loan")[:60], theirs=theirs
        )
        if loan is None:
            row.state = ListState.UNKNOWN.value
        else:
            seen.add(loan.pk)
            row.loan, row.ours = loan, dict(ours.get(loan.pk, NOTHING))
            row.differing = differing(theirs, row.ours)
            row.state = (ListState.DIFFERENT if row.differing else ListState.EQUAL).value
        found.append(row)
    left_out = Loan.objects.in_bulk([pk for pk in ours if pk not in seen])
    for loan in sorted(left_out.values(), key=lambda each: each.code):
        missing = ListState.MISSING.value
        key = (loan.external_reference or loan.code)[:60]
        found.append(
            BankListLine(
                id=new_id(), bank_list=made, key=key, loan=loan, ours=ours[loan.pk], state=missing
            )
        )
    return found


def figures_on(lender: Lender, on: date) -> dict[UUID, dict[str, int]]:
    """What is kept here of every loan of a lender that owes anything at the end of a day."""
    return {
        item.loan_id: {
            "principal": item.principal_units,
            "overdue": item.overdue_units,
            "days_late": item.arrears_days,
        }
        for item in positions(on, Loan.objects.filter(lender=lender))
    }


def _plain(code: str) -> str:
    return code.replace(" ", "").upper()


def _loans(lender: Lender, names: Collection[str]) -> dict[str, Loan]:
    """The lender's loans that a list names, whoever may see them."""
    found: dict[str, Loan] = {}
    for piece in in_chunks(sorted(names)):
        found |= loans_named(Loan.objects.filter(lender=lender), piece)
    return found


def _faulty(made: BankList, source: Source) -> list[BankListLine]:
    """Every row that cannot be read, with why."""
    faults: dict[int, list[Fault]] = {}
    for fault in source.faults:
        faults.setdefault(fault.row or 0, []).append(fault)
    return [
        BankListLine(
            id=new_id(),
            bank_list=made,
            row=row or None,
            state=ListState.FAULT.value,
            fault=" ".join(f"{fault.place}: {fault.message}" for fault in found)[:300],
        )
        for row, found in sorted(faults.items())
    ]
