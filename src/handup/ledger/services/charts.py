"""A new version of a chart of accounts, from the first day of a month on."""

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Max

from handup.kernel.errors import Fault, Faults
from handup.ledger.chart_changes import Change, ChartChange, changes
from handup.ledger.errors import (
    AccountNotEmpty,
    ChartFault,
    EarlierPeriodOpen,
    NotAPeriodStart,
)
from handup.ledger.models import Account, AccountRole, Book, Entry
from handup.ledger.packs import PackAccount, chart_pack, pack_version
from handup.ledger.rules.words import BookKind
from handup.ledger.services.books import account_of, touch
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money


def load_chart(
    *, acting_staff: StaffUser, book: Book, pack: str, effective_from: date | None = None
) -> Book:
    """Load a version of a chart into a book from the first day of a month on: new accounts are
    added, known ones take its names and roles, those it no longer has are put out of use.

    Accounts move by entries, never by relabelling: one that goes out of use or loses a role holds
    nothing. Every month before that has entries must be closed for facts, so that no earlier day is
    posted by the new chart; a book without entries needs no day.
    Raises NotAPeriodStart, EarlierPeriodOpen, ChartFault, and Faults with each account in the way.
    """
    require(acting_staff, "ledger.load_chart", book)
    rows = chart_pack(pack, BookKind(book.kind))
    with transaction.atomic():
        book = Book.objects.select_for_update().get(pk=book.pk)
        if Entry.objects.filter(book=book).exists():
            _check_day(book, effective_from)
        found = changes(book, pack)
        _check_blocked(pack, found)
        _apply(book, rows, found, effective_from)
        book.chart_pack, book.chart_version = pack, pack_version(pack)
        touch(book, "chart_pack", "chart_version")
        facts: dict[str, str | int | None] = {
            "pack": pack,
            "version": book.chart_version,
            "changes": len(found),
            "from": effective_from.isoformat() if effective_from else None,
        }
        audit.record(acting_staff, "ledger.load_chart", book, facts)
    return book


def _check_day(book: Book, effective_from: date | None) -> None:
    if effective_from is None or effective_from.day != 1:
        raise NotAPeriodStart(field="effective_from")
    before = effective_from - timedelta(days=1)
    earlier = Entry.objects.filter(book=book, entry_date__lte=before).exists()
    if earlier and (book.locked_through is None or book.locked_through < before):
        raise EarlierPeriodOpen(field="effective_from")


def _check_blocked(pack: str, found: Sequence[ChartChange]) -> None:
    for item in found:
        if item.change is Change.ANOTHER_KIND:
            reason = f"{item.code} would become another kind of account"
            raise ChartFault(pack=pack, reason=reason)
    faults = []
    for item in found:
        if item.blocks:
            amount = ", ".join(format_money(units, currency) for units, currency in item.held)
            refusal = AccountNotEmpty(account=item.code, amount=amount)
            faults.append(Fault(refusal.code, refusal.said(), item.code))
    if faults:
        raise Faults(faults)


def _closed_from(account: Account, effective_from: date | None) -> date | None:
    """From when on an account has no lines: the day told, or the day after what emptied it."""
    last = account.lines.aggregate(day=Max("entry__entry_date"))["day"]
    if effective_from is None or last is None or last < effective_from:
        return effective_from
    after: date = last + timedelta(days=1)
    return after


def _apply(
    book: Book,
    rows: Sequence[PackAccount],
    found: Sequence[ChartChange],
    effective_from: date | None,
) -> None:
    known = {account.code: account for account in Account.objects.filter(book=book)}
    sums = {row.parent for row in rows}
    for row in rows:
        account = known.get(row.code)
        if account is None:
            account = account_of(book, row, row.code not in sums, 0)
            account.parent = known.get(row.parent)
            account.save(force_insert=True)
            known[row.code] = account
            continue
        account.names, account.active, account.closed_from = dict(row.names), True, None
        account.parent = known.get(row.parent)
        account.save(update_fields=["names", "active", "closed_from", "parent"])
    for item in found:
        if item.change is Change.OUT_OF_USE:
            account = known[item.code]
            account.active, account.closed_from = False, _closed_from(account, effective_from)
            account.save(update_fields=["active", "closed_from"])
    AccountRole.objects.filter(book=book).delete()
    AccountRole.objects.bulk_create(
        AccountRole(book=book, role=role, currency=row.currency, account=known[row.code])
        for row in rows
        for role in row.roles
    )
