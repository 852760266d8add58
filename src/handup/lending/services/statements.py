"""Statements of our accounts: checked first, then stored and posted in one transaction.

What belongs to a loan by its exact reference is posted as a repayment, what confirms a payment
order pays its loan out, what takes an earlier line back reverses it; the rest lies on suspense the
same day. The same file again, or an entry that came before, changes nothing.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.ids import new_id, new_ids
from handup.ledger.models import Entry, Line
from handup.lending.errors import BroughtForAnother, OtherAccount
from handup.lending.models import (
    BankAccount,
    BankStatement,
    LoanEvent,
    PaymentSplit,
    StatementLine,
)
from handup.lending.rules.banking import files
from handup.lending.rules.banking.codes import ON_SUSPENSE, Form, LineFate
from handup.lending.rules.banking.statement import Statement, StatementUnbalanced, plain_account
from handup.lending.services import statement_posting
from handup.lending.services.judging import Judged, JudgedStatement, judge_statements
from handup.lending.services.rows import insert_rows
from handup.lending.still_here import lines_here
from handup.org import audit
from handup.org.bulk import unsaved
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.services.files import sums_of_sealed
from handup.org.table_sizes import learn_sizes
from handup.org.web.money import currency_digits, format_money


@dataclass(frozen=True, slots=True)
class CheckedStatements:
    """A file before anything is written; `stored` when its content was imported before."""

    account: BankAccount
    file_name: str
    sha256: str
    statements: tuple[JudgedStatement, ...]
    stored: tuple[BankStatement, ...] = ()

    def count(self, *fates: LineFate) -> int:
        """How many lines of the file have one of these fates."""
        return sum(item.count(*fates) for item in self.statements)

    def units(self, *fates: LineFate) -> int:
        """What they come to."""
        return sum(item.units(*fates) for item in self.statements)


def check_statement(
    *, acting_staff: StaffUser, account: BankAccount, file_name: str, content: bytes
) -> CheckedStatements:
    """Read a file and say what would happen, writing nothing.

    Raises NotAllowed, OutOfSight, OtherAccount, StatementUnbalanced, BroughtForAnother and what the
    readers refuse (rules/banking).
    """
    require(acting_staff, "lending.import_statement", account)
    sums = sums_of_sealed(content)
    stored = tuple(BankStatement.objects.filter(account=account, sha256__in=sums).order_by("place"))
    found = files.read(
        content,
        Form(account.form),
        account.profile,
        account=account.number,
        currency=account.currency,
        digits=currency_digits,
        today=timezone.localdate(),
    )
    for statement in found:
        _hold(account, statement)
    judged = tuple(judge_statements(account, acting_staff, found))
    _refuse_paid_elsewhere(account, sums, judged)
    return CheckedStatements(account, file_name, sums[0], judged, stored)


def _hold(account: BankAccount, statement: Statement) -> None:
    """Refuse a statement of another account or one that does not add up."""
    ours = plain_account(account.number)
    if not _same_account(statement.account, ours, account.currency):
        raise OtherAccount(field="file", found=statement.account, expected=account.number)
    if statement.currency and statement.currency != account.currency:
        found = f"{statement.account} {statement.currency}"
        expected = f"{account.number} {account.currency}"
        raise OtherAccount(field="file", found=found, expected=expected)
    if statement.adds_up is False:
        raise StatementUnbalanced(
            field="file",
            statement=statement.number or "1",
            opening=format_money(statement.opening or 0, account.currency),
            entries=format_money(statement.sum_units, account.currency),
            closing=format_money(statement.closing or 0, account.currency),
        )


def _refuse_paid_elsewhere(
    account: BankAccount, sums: Sequence[str], judged: Sequence[JudgedStatement]
) -> None:
    """Refuse a file whose payments already stand at another account: a table does not say of which
    it is, so only its content tells. Raises BroughtForAnother.
    """
    brought = BankStatement.objects.filter(sha256__in=sums).exclude(account=account).order_by()
    lines = StatementLine.objects.filter(
        statement__in=brought, units__gt=0, fate=LineFate.MATCHED.value
    )
    pays = any(line.loan is not None for item in judged for line in item.lines)
    if pays and lines.exists():
        raise BroughtForAnother(field="file")


def _same_account(found: str, ours: str, currency: str) -> bool:
    """Whether a statement is of our account, whose currency banks also write behind it in :25:."""
    told = {found, found.removesuffix(currency)}
    return ours in told or any(_same_local(number, ours) for number in told)


def _same_local(found: str, ours: str) -> bool:
    """Whether one is the national number inside the other, as banks write it in :25:."""
    shorter, longer = sorted((found.lstrip("0"), ours), key=len)
    return len(shorter) >= 6 and longer.endswith(shorter)


def import_statement(
    *,
    acting_staff: StaffUser,
    account: BankAccount,
    file_name: str,
    content: bytes,
    id: UUID | None = None,
) -> list[BankStatement]:
    """Store and post a file in one transaction; return its statements.

    The account is locked first, so two files brought at once are judged one after the other. The
    same content again returns what is stored. Raises what check_statement raises and what the
    services it calls refuse (then nothing of the file is stored).
    """
    require(acting_staff, "lending.import_statement", account)
    with no_collector():
        return _import(acting_staff, account, file_name, content, id)


@transaction.atomic
def _import(
    staff: StaffUser, account: BankAccount, file_name: str, content: bytes, id: UUID | None
) -> list[BankStatement]:
    """What it made is dropped when it returns, before the collector is back and looks at it."""
    locked = BankAccount.objects.select_for_update().get(pk=account.pk)
    checked = check_statement(
        acting_staff=staff, account=locked, file_name=file_name, content=content
    )
    if checked.stored:
        return list(checked.stored)
    already_stored(BankStatement, id, staff, sha256=checked.sha256)
    made = [
        _store(checked, place, item, staff, id if place == 1 else None)
        for place, item in enumerate(checked.statements, 1)
    ]
    lines = sum(len(item.lines) for item in checked.statements)
    learn_sizes(lines, StatementLine, LoanEvent, PaymentSplit, Entry, Line)
    return made


@contextmanager
def no_collector() -> Iterator[None]:
    """Keep Python's collector of cycles away while a file's many rows are made: it looks at all of
    them again and again and finds nothing, at a third of the whole time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _store(
    checked: CheckedStatements, place: int, item: JudgedStatement, staff: StaffUser, id: UUID | None
) -> BankStatement:
    told = item.statement
    before = _before(checked.account, told)
    gap = None
    if before is not None and told.opening is not None and before.closing_units is not None:
        gap = told.opening - before.closing_units
    statement = BankStatement.objects.create(
        id=id or new_id(),
        account=checked.account,
        file_name=checked.file_name[:200],
        sha256=checked.sha256,
        place=place,
        kind=told.kind,
        number=told.number,
        from_date=told.opening_date,
        to_date=told.closing_date,
        opening_units=told.opening,
        closing_units=told.closing,
        gap_units=gap,
        imported_by=staff,
        imported_date=timezone.localdate(),
        lines_total=len(item.lines),
        lines_matched=item.count(LineFate.MATCHED),
        lines_open=item.count(LineFate.OPEN),
        lines_known=item.count(LineFate.KNOWN),
        lines_faulty=item.count(LineFate.FAULT),
        not_booked=told.not_booked,
        matched_units=item.units(LineFate.MATCHED),
        open_units=item.units(LineFate.OPEN),
    )
    rows = _rows(statement, item.lines)
    events = statement_posting.post(checked.account, item.lines, rows, staff)
    for line, row in zip(item.lines, rows, strict=True):
        row.event_id = events.get(line.place)
    insert_rows(rows)
    statement_posting.take_back(checked.account, item.lines, rows, staff)
    _close_gap(checked.account, statement)
    audit.record(
        staff,
        "lending.import_statement",
        statement,
        {
            "matched": statement.lines_matched,
            "open": statement.lines_open,
            "known": statement.lines_known,
            "faults": statement.lines_faulty,
        },
    )
    return statement


def _before(account: BankAccount, told: Statement) -> BankStatement | None:
    """The statement that ends where this one begins, or the last one before it."""
    if told.opening is None or told.opening_date is None:
        return None
    rows = BankStatement.objects.filter(account=account, closing_units__isnull=False)
    return rows.filter(to_date__lte=told.opening_date).order_by("-to_date", "-pk").first()


def _close_gap(account: BankAccount, statement: BankStatement) -> None:
    """A statement that was waited for: look at the next one's gap again."""
    if statement.to_date is None or statement.closing_units is None:
        return
    later = BankStatement.objects.filter(
        account=account, opening_units__isnull=False, from_date__gte=statement.to_date
    ).exclude(pk=statement.pk)
    following = later.order_by("from_date", "pk").first()
    if following is not None and following.opening_units is not None:
        gap = following.opening_units - statement.closing_units
        BankStatement.objects.filter(pk=following.pk).update(gap_units=gap)


def _rows(statement: BankStatement, lines: Sequence[Judged]) -> list[StatementLine]:
    now = timezone.now()
    ids = new_ids(len(lines))
    return [_row(statement, line, pk, now) for line, pk in zip(lines, ids, strict=True)]


def _row(statement: BankStatement, line: Judged, id: UUID, now: datetime) -> StatementLine:
    entry = line.entry
    kept = line.fate in (LineFate.OPEN, LineFate.FAULT)  # who paid is kept only to find the loan
    return unsaved(
        StatementLine,
        id=id,
        recorded_at=now,
        statement_id=statement.pk,
        account_id=statement.account_id,
        row=entry.row,
        place=entry.place[:120],
        book_date=entry.book_date,
        value_date=entry.value_date,
        units=entry.units,
        currency=entry.currency[:3],
        bank_reference=entry.bank_reference[:80],
        end_to_end=(entry.end_to_end or entry.structured)[:80],
        text=entry.text,
        name=entry.name,
        payer_account=entry.account if kept else "",
        batch=entry.batch[:80],
        entry_key="" if line.fate is LineFate.FAULT else line.key,
        reversal=entry.reversal,
        fate=line.fate.value,
        score=line.score,
        reasons=line.reasons,
        candidates=line.candidates,
        faults=[
            {"code": each.code, "place": each.place, "column": each.column, "value": each.value}
            for each in entry.faults
        ],
        loan_id=line.loan.pk if line.loan is not None else None,
        order_id=line.order.pk if line.order is not None else None,
        pair_id=line.pair.pk if line.pair is not None else None,
    )


SUSPENSE_DAYS = 30
"""After so many days money on suspense alarms (lending.md 4.4)."""


def overdue_suspense(staff: StaffUser, on: date) -> QuerySet[StatementLine]:
    """The lines she may see that have lain on suspense for more than thirty days, oldest first."""
    rows = lines_here(StatementLine.objects.visible_to(staff)).filter(
        fate__in=sorted(fate.value for fate in ON_SUSPENSE),
        book_date__lt=on - timedelta(days=SUSPENSE_DAYS),
    )
    return rows.select_related("account").order_by("book_date", "pk")
