"""How far one fund may settle what it owes another: no further than it owes and the other is owed,
and than its own money reaches (ledger.md 4.7).

It is asked twice: when it is typed, less all that waits for approval; and when it is approved, of
what is posted by then, as other entries may have used the money or settled the debt in between.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Sum

from handup.kernel.errors import Refusal
from handup.ledger.chart import chart_of
from handup.ledger.interfund import INTERFUND, FundOwes, between_funds
from handup.ledger.models import Account, Balance, Book, Draft, DraftLine, Fund
from handup.ledger.rules.words import DraftStatus
from handup.org.web.money import format_money


class NothingOwed(Refusal):
    """{fund} owes {owes} and {other} is owed {owed}, less what waits for approval: {amount} is
    more.
    """


class FundHasLess(Refusal):
    """{fund} has {free} in {account}: {amount} is more."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """A fund pays another out of its money in an account; units in smallest units."""

    debtor: Fund
    creditor: Fund
    account: UUID
    currency: str
    units: int


def settlement_of(draft: Draft, lines: Sequence[DraftLine]) -> Settlement:
    """What a draft that settles between funds says."""
    book = draft.book
    owed = chart_of(book.pk, book.code, book.chart_stamp).of_role(INTERFUND, lines[0].currency).id
    pays = next(line for line in lines if line.account_id == owed and line.units > 0)
    takes = next(line for line in lines if line.account_id == owed and line.units < 0)
    money = next(line for line in lines if line.account_id != owed)
    return Settlement(pays.fund, takes.fund, money.account_id, money.currency, pays.units)


def hold_to_funds(book: Book, told: Settlement, *, waiting: bool = True) -> None:
    """Refuse to settle more than is owed, or than the fund has. waiting: what waits for approval
    counts as if it were posted. Raises NothingOwed, FundHasLess.
    """
    _hold_to_debt(book, told, waiting=waiting)
    _hold_to_money(book, told, waiting=waiting)


def _hold_to_debt(book: Book, told: Settlement, *, waiting: bool) -> None:
    found = between_funds(book, waiting=waiting)
    known = {item.fund.pk: item for item in found if item.currency == told.currency}
    nothing = FundOwes(told.debtor, told.currency, 0, 0)
    owes = known.get(told.debtor.pk, nothing).owes_units
    owed = known.get(told.creditor.pk, nothing).owed_units
    if told.units > min(owes, owed):
        raise NothingOwed(
            field="units",
            fund=told.debtor.code,
            other=told.creditor.code,
            owes=format_money(owes, told.currency),
            owed=format_money(owed, told.currency),
            amount=format_money(told.units, told.currency),
        )


def _hold_to_money(book: Book, told: Settlement, *, waiting: bool) -> None:
    where = {"account": told.account, "fund": told.debtor, "currency": told.currency}
    held = Balance.objects.filter(**where)
    free = int(held.aggregate(n=Sum(F("debit_units") - F("credit_units")))["n"] or 0)
    if waiting:
        drafts = {"draft__book": book, "draft__status": DraftStatus.DRAFT, "units__lt": 0}
        waits = DraftLine.objects.filter(**where, **drafts)
        free += int(waits.aggregate(n=Sum("units"))["n"] or 0)
    if told.units > free:
        raise FundHasLess(
            field="units",
            fund=told.debtor.code,
            account=Account.objects.values_list("code", flat=True).get(pk=told.account),
            free=format_money(max(free, 0), told.currency),
            amount=format_money(told.units, told.currency),
        )
