"""What a run is told by the domain that knows its subjects: one SELECT that gives every subject its
target. The books never compute a loan.

    runs.register(Provider(RunKind.ACCRUAL, "loan", "loan_product", "1", accrual_targets))

The SELECT has one row a subject: subject_id, branch_id, product_id, fund_id, currency, basis_units,
rate_bps, stopped, target_units (never below zero). A subject it leaves out keeps its target.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from handup.ledger.models import Book, Run, RunTotal
from handup.ledger.rules.words import RunKind
from handup.ledger.sql import as_uuid, day, day_literal, uid, uid_literal


@dataclass(frozen=True, slots=True)
class Statement:
    """A SELECT and its values; `rules` is what it was made from, for the digest of the run."""

    sql: str
    values: list[Any]
    rules: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """Where the targets of one kind of run come from.

    targets(book, through): None when the book has nothing of the kind. product_kind names what
    product_id is, for the lines.
    """

    kind: RunKind
    subject_kind: str
    product_kind: str
    engine_version: str
    targets: Callable[[Book, date], Statement | None]


providers: list[Provider] = []


def register(*added: Provider) -> None:
    """Add providers; those of the same kind and subject are there when Django sets up twice."""
    known = {(item.kind, item.subject_kind) for item in providers}
    providers.extend(item for item in added if (item.kind, item.subject_kind) not in known)


def provider_of(kind: RunKind) -> Provider | None:
    """The provider of a kind of run, None where no domain has one."""
    return next((item for item in providers if item.kind is kind), None)


def last_run(book: Book, kind: RunKind, through: date | None = None) -> Run | None:
    """The newest run of a kind up to a day: the latest day, then the latest made."""
    found = Run.objects.filter(book=book, kind=kind)
    if through is not None:
        found = found.filter(through__lte=through)
    newest: Run | None = found.order_by("-through", "-no").first()
    return newest


def stored_before(column: str, subject: str, book: Book, kind: RunKind, through: date) -> str:
    """A subquery: what the last run up to a day stored for a subject, in one column."""
    return (
        f"(SELECT k.{column} FROM ledger_rundetail k WHERE k.subject_id = {subject}"  # noqa: S608 (names of this house's own statements)
        f" AND k.kind = '{kind.value}' AND k.through <= {day_literal(through)}"
        f" AND k.book_id = {uid_literal(book.pk)}"
        " ORDER BY k.through DESC, k.run_no DESC LIMIT 1)"
    )


class Group(NamedTuple):
    """What one entry of a run is about."""

    branch: UUID | None
    product: UUID | None
    fund: UUID
    currency: str


def group_of(branch: Any, product: Any, fund: Any, currency: str) -> Group:
    """A group as read back from a statement."""
    return Group(
        None if branch is None else as_uuid(branch),
        None if product is None else as_uuid(product),
        as_uuid(fund),
        currency,
    )


def totals_of(run: Run | None) -> dict[Group, int]:
    """The targets of a run by group; of no run, none."""
    if run is None:
        return {}
    return {
        Group(total.branch_id, total.product_id, total.fund_id, total.currency): total.target_units
        for total in RunTotal.objects.filter(run=run)
    }


def allowance_held(book: Book, through: date, last_seq: int | None = None) -> dict[Group, int]:
    """What ALLOWANCE holds at the end of a day by group, credit positive; last_seq: as the journal
    stood at that entry.
    """
    sql = (
        "SELECT l.branch_id, l.fund_id, l.currency, -SUM(l.units) FROM"
        " (SELECT DISTINCT account_id FROM ledger_accountrole"
        " WHERE book_id = %s AND role = 'ALLOWANCE') r"
        " JOIN ledger_line l ON l.account_id = r.account_id"
        " JOIN ledger_entry e ON e.id = l.entry_id WHERE e.entry_date <= %s AND e.seq <= %s"
        " GROUP BY l.branch_id, l.fund_id, l.currency HAVING SUM(l.units) <> 0"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [uid(book.pk), day(through), last_seq or 2**62])
        return {
            group_of(branch, None, fund, currency): int(units)
            for branch, fund, currency, units in cursor.fetchall()
        }
