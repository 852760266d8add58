"""What several roles of a book hold at once, by fund and subject: one statement for a whole box.

For one role see `queries.balance` and `queries.balances_by_subject`.
"""

# ruff: noqa: S608 (the statement is put together from constants of this file only)

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from handup.ledger.models import Book
from handup.ledger.sql import as_uuid, day, places, uid
from handup.org import statements


class Held(NamedTuple):
    """What one role holds for one fund and one subject; a line without a subject has ("", None)."""

    role: str
    fund: UUID
    subject_kind: str
    subject: UUID | None
    units: int


def balances_of_roles(
    book: Book, roles: Sequence[str], on: date | None = None, currency: str = ""
) -> list[Held]:
    """Everything some roles hold by fund and subject, from their lines in one statement; zeros are
    left out. For books of the size of a group.
    """
    entries = "" if on is None else " JOIN ledger_entry e ON e.id = l.entry_id"
    sql = (
        "SELECT r.role, l.fund_id, l.subject_kind, l.subject_id, SUM(l.units)"
        " FROM (SELECT DISTINCT role, account_id FROM ledger_accountrole"
        f" WHERE book_id = %s AND role IN ({places(roles)})) r"
        f" JOIN ledger_line l ON l.account_id = r.account_id{entries} WHERE l.currency = %s"
    )
    values = [uid(book.pk), *roles, currency or book.base_currency]
    if on is not None:
        sql, values = f"{sql} AND e.entry_date <= %s", [*values, day(on)]
    sql += " GROUP BY r.role, l.fund_id, l.subject_kind, l.subject_id HAVING SUM(l.units) <> 0"
    with statements.cursor() as cursor:
        cursor.execute(sql, values)
        return [
            Held(role, as_uuid(fund), kind, None if pk is None else as_uuid(pk), int(units))
            for role, fund, kind, pk, units in cursor.fetchall()
        ]
