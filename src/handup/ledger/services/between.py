"""Money between two books: both sides in one posting, joined by a pair (J10)."""

# ruff: noqa: S608 (the statement is put together from constants of this file only)

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from handup.ledger.errors import PairUnmatched
from handup.ledger.pairs import PAIR
from handup.ledger.sql import as_uuid, places, uid
from handup.org import statements
from handup.org.web.money import format_money

if TYPE_CHECKING:
    from handup.ledger.services.posting import Prepared

Sides = dict[tuple[UUID, str], dict[UUID, int]]
"""What each book holds of a pair and currency."""


def check(new: "Sequence[Prepared]") -> None:
    """Refuse lines between books whose other side is neither stored nor posted with them.

    Costs a look at the accounts of each line; one statement when there is such a line.
    """
    sides: Sides = defaultdict(lambda: defaultdict(int))
    for item in new:
        accounts = item.head.chart().between_books
        if not accounts:
            continue
        for line in item.lines:
            if line.account_id not in accounts:
                continue
            if line.subject_kind != PAIR or line.subject_id is None:
                raise _unmatched(None, line.currency, line.units)
            sides[line.subject_id, line.currency][item.head.id] += line.units
    if not sides:
        return
    for pair, currency, book, units in _stored({pair for pair, _currency in sides}):
        sides[pair, currency][book] += units
    for (pair, currency), held in sides.items():
        left = sum(held.values())
        if left or len(held) < 2:
            raise _unmatched(pair, currency, left or max(held.values()))


def _unmatched(pair: UUID | None, currency: str, units: int) -> PairUnmatched:
    return PairUnmatched(
        pair=pair or "\u2013", currency=currency, difference=format_money(units, currency)
    )


def _stored(pairs: set[UUID]) -> list[tuple[UUID, str, UUID, int]]:
    """What is stored of these pairs: pair, currency, book, units."""
    sql = (
        "SELECT l.subject_id, l.currency, e.book_id, SUM(l.units) FROM ledger_line l"
        " JOIN (SELECT DISTINCT account_id FROM ledger_accountrole WHERE role = 'INTERBOOK') r"
        " ON r.account_id = l.account_id"
        " JOIN ledger_entry e ON e.id = l.entry_id"
        f" WHERE l.subject_id IN ({places(pairs)}) AND l.subject_kind = 'pair'"
        " GROUP BY l.subject_id, l.currency, e.book_id"
    )
    with statements.cursor() as cursor:
        cursor.execute(sql, [uid(pair) for pair in pairs])
        return [
            (as_uuid(pair), currency, as_uuid(book), int(units))
            for pair, currency, book, units in cursor.fetchall()
        ]
