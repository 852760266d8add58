"""A partner bank's file: checked row by row, good rows posted, wrong rows listed, the same
file twice changes nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max, QuerySet, Value
from django.db.models.functions import Replace, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.kernel.errors import Fault
from handup.kernel.ids import new_id
from handup.lending.models import BankFile, BankLine, Lender, Loan, LoanEvent, LoanTranche
from handup.lending.rules.bankfile import Line, Profile, read
from handup.lending.rules.codes import EventKind, LineState, LoanState, Method, Source
from handup.lending.rules.eligibility import Stop
from handup.lending.services.limits import lock_lender, overdrawn
from handup.lending.services.loans import DisbursementIn, disburse_loans
from handup.lending.services.paying_parts import pay_out_tranche
from handup.lending.services.repayments import RepaymentIn, record_repayments
from handup.lending.services.rows import insert_rows
from handup.lending.services.tranches import parts_left
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.services.files import sums_of_sealed
from handup.org.web.money import currency_digits

IMPORT = "lending.import_bank_file"


@dataclass(frozen=True, slots=True)
class CheckedLine:
    """One row with what would become of it: posted, posted before, or its fault."""

    line: Line
    state: LineState
    loan: Loan | None = None
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A whole file before anything is written; `stored` when the same content was imported
    before.
    """

    lender: Lender
    file_name: str
    sha256: str
    lines: tuple[CheckedLine, ...]
    stored: BankFile | None = None

    def count(self, state: LineState) -> int:
        """How many rows are in a state."""
        return sum(1 for item in self.lines if item.state is state)

    @property
    def ready_units(self) -> int:
        """The money of the rows that would be posted."""
        return sum(item.line.units or 0 for item in self.lines if item.state is LineState.READY)


FAULTS = {
    "KIND_UNKNOWN": _("“%(value)s” is no kind of line this bank agreed on."),
    "DATE_NOT_READABLE": _("“%(value)s” is not a date of the agreed form."),
    "FUTURE_DATE": _("%(value)s has not come yet."),
    "AMOUNT_NOT_READABLE": _("“%(value)s” is not an amount."),
    "AMOUNT_NOT_POSITIVE": _("The amount must be above zero."),
    "AMOUNT_TOO_LARGE": _("“%(value)s” is more money than can be kept."),
    "LOAN_MISSING": _("The row names no loan."),
    "LOAN_TOO_LONG": _("No loan has a number this long."),
    "CHECK_DIGIT": _("%(value)s has a slip: its check digit does not fit."),
    "ROW_TOO_WIDE": _("This row has more cells than the heading: a cell may have been cut in two."),
    "REFERENCE_TWICE": _("Reference %(value)s stands twice in this file."),
    "REFERENCE_TOO_LONG": _("This reference is longer than the 60 characters a bank may use."),
    "LOAN_UNKNOWN": _("This lender has no loan %(value)s."),
    "CURRENCY_MISMATCH": _("The loan is in %(currency)s."),
    "LOAN_WRITTEN_OFF": _("This loan is written off."),
    "NOT_RUNNING": _("This loan is not paid out yet."),
    "BEFORE_DISBURSEMENT": _("The day is before the loan was paid out."),
    "NOT_AGREED": _("This loan is already paid out."),
    "AMOUNT_NOT_AGREED": _("The amount is not the one agreed."),
    "NOTHING_DUE_AFTER": _("Nothing of this loan is due after that day."),
    "BEFORE_AGREEMENT": _("The day is before the agreement was signed."),
    "LIMIT_FACILITY": _("The facility does not hold this much."),
    "LIMIT_GUARANTEE": _("The guarantee does not reach for this much."),
    "KEY_CONFLICT": _("This reference was posted before with other content."),
    "PERHAPS_POSTED": _(
        "Row %(row)s of the file %(file)s paid the same on the same day, and neither row has a"
        " reference. If this is another payment, add the bank's reference or balance."
    ),
}
"""What is said of a row that is not posted, by its code."""


def check_bank_file(
    *, acting_staff: StaffUser, lender: Lender, file_name: str, content: bytes
) -> CheckedFile:
    """Read a file and say what would happen, writing nothing.

    Raises NotAllowed, OutOfSight, ProfileUnknown, FileTooLarge, FileNotReadable, RowNotReadable,
    ColumnMissing, FileEmpty, FileTooLong.
    """
    require(acting_staff, IMPORT, BankFile(lender=lender))
    sums = sums_of_sealed(content)
    stored = BankFile.objects.filter(lender=lender, sha256__in=sums).first()
    lines = read(
        content,
        Profile.of(lender.bank_profile),
        digits=currency_digits(lender.currency),
        today=timezone.localdate(),
    )
    judged = _checked(lender, acting_staff, lines)
    return CheckedFile(lender, file_name, sums[0], judged, stored)


@dataclass(slots=True)
class _Seen:
    """What earlier rows of a file said of its loans, and the limit exceeded on each day, asked once
    a day. parts: of loans paid out in several, those not paid yet.
    """

    lender: Lender
    parts: Mapping[UUID, list[LoanTranche]]
    paid_out: dict[UUID, date] = field(default_factory=dict)
    stops: dict[date, Stop | None] = field(default_factory=dict)

    def stop_on(self, day: date) -> Stop | None:
        """The limit the lender's signed loans exceed on a day."""
        if day not in self.stops:
            self.stops[day] = overdrawn(self.lender, day)
        return self.stops[day]


def _checked(lender: Lender, staff: StaffUser, lines: Sequence[Line]) -> tuple[CheckedLine, ...]:
    loans = _loans(lender, staff, lines)
    posted = {
        row.entry_key: row
        for row in BankLine.objects.filter(
            file__lender=lender,
            entry_key__in=[line.key for line in lines],
            state=LineState.POSTED.value,
        ).select_related("file")
    }
    seen = _Seen(lender, parts_left(loans.values()))
    found = []
    for line in lines:
        loan = loans.get(line.loan_code)
        known = posted.get(line.key)
        if line.faults:
            first = line.faults[0]
            said = _row_fault(line, first.code, first.column or "", value=first.value)
            found.append(CheckedLine(line, LineState.FAULT, loan, said))
        elif known is not None and loan is not None:
            found.append(_known(line, loan, known))
        else:
            fault = _fault(line, loan, seen)
            state = LineState.FAULT if fault else LineState.READY
            found.append(CheckedLine(line, state, loan, fault))
    return tuple(found)


def loans_named(rows: QuerySet[Loan], names: Collection[str]) -> dict[str, Loan]:
    """Loans by our number, or by the lender's own; names in capitals, without spaces."""
    named = rows.annotate(name=Replace(Upper("external_reference"), Value(" "), Value("")))
    found = {loan.name: loan for loan in named.filter(name__in=names).exclude(name="")}
    return found | {loan.code: loan for loan in rows.filter(code__in=names)}


def _loans(lender: Lender, staff: StaffUser, lines: Sequence[Line]) -> Mapping[str, Loan]:
    """The lender's loans that she may post to, by our number or by the lender's own."""
    codes = {line.loan_code for line in lines if line.loan_code}
    rows = Loan.objects.reached_with(staff, IMPORT).filter(lender=lender)
    return loans_named(rows, codes)


def _known(line: Line, loan: Loan, known: BankLine) -> CheckedLine:
    same = (
        known.loan_id == loan.pk
        and known.units == line.units
        and known.value_date == line.value_date
        and known.kind == line.kind
    )
    if not same:
        return CheckedLine(line, LineState.FAULT, loan, _row_fault(line, "KEY_CONFLICT"))
    if line.proof:
        return CheckedLine(line, LineState.ALREADY_POSTED, loan)
    fault = _row_fault(line, "PERHAPS_POSTED", row=known.row, file=known.file.file_name)
    return CheckedLine(line, LineState.FAULT, loan, fault)


COLUMN_OF = {
    "LOAN_UNKNOWN": "loan",
    "CURRENCY_MISMATCH": "currency",
    "LOAN_WRITTEN_OFF": "loan",
    "NOT_RUNNING": "loan",
    "BEFORE_DISBURSEMENT": "date",
    "NOT_AGREED": "loan",
    "AMOUNT_NOT_AGREED": "amount",
    "BEFORE_AGREEMENT": "date",
    "NOTHING_DUE_AFTER": "date",
    "LIMIT_FACILITY": "amount",
    "LIMIT_GUARANTEE": "amount",
    "KEY_CONFLICT": "reference",
    "PERHAPS_POSTED": "reference",
}
"""The column a fault found against what is stored belongs to."""


def _row_fault(line: Line, code: str, column: str = "", **places: object) -> Fault:
    name = column or line.columns[COLUMN_OF[code]]
    value = line.raw.get(name, "")
    text = str(FAULTS[code] % {"value": value, **places})
    return Fault(code, text, f"row {line.row}", line.row, name, value)


def _fault(line: Line, loan: Loan | None, seen: _Seen) -> Fault | None:
    """What stops a readable row; a repayment may follow a disbursement of the same file."""
    if loan is None:
        return _row_fault(line, "LOAN_UNKNOWN", value=line.loan_code)
    if line.currency and line.currency != loan.currency:
        return _row_fault(line, "CURRENCY_MISMATCH", currency=loan.currency)
    assert line.value_date is not None
    if line.kind is EventKind.DISBURSED:
        return _disbursement_fault(line, loan, seen)
    if loan.state == LoanState.WRITTEN_OFF:
        return _row_fault(line, "LOAN_WRITTEN_OFF")
    disbursed = loan.takes_from or seen.paid_out.get(loan.pk)
    if disbursed is None:
        return _row_fault(line, "NOT_RUNNING")
    if line.value_date < disbursed:
        return _row_fault(line, "BEFORE_DISBURSEMENT")
    return None


def _disbursement_fault(line: Line, loan: Loan, seen: _Seen) -> Fault | None:
    """What stops a row that pays a loan out, or the part of it that comes next."""
    assert line.value_date is not None
    parts = seen.parts.get(loan.pk)
    begun = seen.paid_out.get(loan.pk) or loan.disbursed_date
    over = loan.state not in (LoanState.AGREED, LoanState.ACTIVE)
    if over or (begun and not parts) or parts == []:
        return _row_fault(line, "NOT_AGREED")
    if line.units != (parts[0].units if parts else loan.approved_units):
        return _row_fault(line, "AMOUNT_NOT_AGREED")
    if begun and line.value_date < begun:
        return _row_fault(line, "BEFORE_DISBURSEMENT")
    if line.value_date < loan.agreed_date:
        return _row_fault(line, "BEFORE_AGREEMENT")
    if begun and _nothing_due_after(loan, line.value_date):
        return _row_fault(line, "NOTHING_DUE_AFTER")
    stop = seen.stop_on(line.value_date)
    if stop is not None:
        return _row_fault(line, stop.value)
    seen.paid_out.setdefault(loan.pk, line.value_date)
    if parts:
        del parts[0]
    return None


def _nothing_due_after(loan: Loan, day: date) -> bool:
    """Whether a part paid on a day has no row left to be paid back in; a loan whose first part is
    of this very file has no rows yet.
    """
    last = loan.dues.filter(replaced_at=None, to_date=None).aggregate(Max("due_date"))
    return last["due_date__max"] is not None and day >= last["due_date__max"]


def import_bank_file(
    *,
    acting_staff: StaffUser,
    lender: Lender,
    file_name: str,
    content: bytes,
    id: UUID | None = None,
) -> BankFile:
    """Import a file in one transaction: good rows are posted, wrong rows are kept with their fault,
    not posted.

    The lender is locked first, so two files brought at once are checked one after the other. The
    same content again returns the stored file. Raises what check_bank_file raises and what the two
    services it calls refuse (then nothing of the file is stored).
    """
    require(acting_staff, IMPORT, BankFile(lender=lender))
    with transaction.atomic():
        checked = check_bank_file(
            acting_staff=acting_staff,
            lender=lock_lender(lender.pk),
            file_name=file_name,
            content=content,
        )
        if checked.stored is not None:
            return checked.stored
        already_stored(BankFile, id, acting_staff, sha256=checked.sha256)
        events = _post(checked, acting_staff)
        ready = [item for item in checked.lines if item.state is LineState.READY]
        file = BankFile.objects.create(
            id=id or new_id(),
            lender=lender,
            file_name=file_name[:200],
            sha256=checked.sha256,
            imported_by=acting_staff,
            imported_date=timezone.localdate(),
            rows_total=len(checked.lines),
            rows_posted=len(ready),
            rows_faulty=checked.count(LineState.FAULT),
            posted_units=checked.ready_units,
        )
        insert_rows([_bank_line(file, item, events.get(item.line.row)) for item in checked.lines])
        audit.record(
            acting_staff,
            "lending.import_bank_file",
            file,
            {"posted": file.rows_posted, "faults": file.rows_faulty},
        )
    return file


def _post(checked: CheckedFile, staff: StaffUser) -> dict[int, LoanEvent]:
    """Post the ready rows, disbursements first; return the event of each row."""
    ready = [item for item in checked.lines if item.state is LineState.READY]
    out, later = _firsts(item for item in ready if item.line.kind is EventKind.DISBURSED)
    back = [item for item in ready if item.line.kind is not EventKind.DISBURSED]
    events: dict[int, LoanEvent] = {}
    made = disburse_loans(
        [
            DisbursementIn(
                _pk(item),
                _day(item),
                Method.BANK,
                item.line.reference,
                Source.BANK_FILE,
                already_happened=True,
            )
            for item in out
        ],
        acting_staff=staff,
        by_statement=True,
    )
    events.update({item.line.row: event for item, event in zip(out, made, strict=True)})
    for item in later:
        assert item.loan is not None
        events[item.line.row] = pay_out_tranche(
            acting_staff=staff,
            loan=item.loan,
            value_date=_day(item),
            reference=item.line.reference,
            source=Source.BANK_FILE,
            by_statement=True,
        )
    paid = record_repayments(
        [
            RepaymentIn(
                loan=_pk(item),
                value_date=_day(item),
                units=item.line.units or 0,
                method=Method.BANK,
                reference=item.line.reference,
                kind=item.line.kind or EventKind.REPAID,
                source=Source.BANK_FILE,
            )
            for item in back
        ],
        acting_staff=staff,
        by_statement=True,
    )
    events.update({item.line.row: event for item, event in zip(back, paid, strict=True)})
    return events


def _firsts(items: Iterable[CheckedLine]) -> tuple[list[CheckedLine], list[CheckedLine]]:
    """Rows that pay a loan out, or its first part; and those of later parts, in their order."""
    firsts: dict[UUID, CheckedLine] = {}
    later = []
    for item in items:
        assert item.loan is not None
        if item.loan.state == LoanState.AGREED and item.loan.pk not in firsts:
            firsts[item.loan.pk] = item
        else:
            later.append(item)
    return list(firsts.values()), later


def _pk(item: CheckedLine) -> UUID:
    assert item.loan is not None
    return item.loan.pk


def _day(item: CheckedLine) -> date:
    assert item.line.value_date is not None
    return item.line.value_date


def _bank_line(file: BankFile, item: CheckedLine, event: LoanEvent | None) -> BankLine:
    line = item.line
    state = LineState.POSTED if item.state is LineState.READY else item.state
    return BankLine(
        id=new_id(),
        file=file,
        row=line.row,
        raw=dict(line.raw),
        kind=line.kind.value if line.kind else "",
        value_date=line.value_date,
        units=line.units,
        reference=line.reference if not line.faults else line.reference[:60],
        entry_key=line.key if not line.faults else "",
        loan=item.loan,
        event_id=event.pk if event is not None else None,
        state=state.value,
        fault_code=item.fault.code if item.fault else "",
        fault_column=(item.fault.column or "")[:60] if item.fault else "",
        fault_message=item.fault.message[:300] if item.fault else "",
    )
