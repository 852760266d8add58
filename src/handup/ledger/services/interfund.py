"""Settling what one fund owes another: its money goes over within one account of the book, typed by
one person and posted by another (ledger.md 4.7).
"""

from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.ledger.chart import chart_of
from handup.ledger.errors import EmptyLine
from handup.ledger.interfund import INTERFUND
from handup.ledger.models import Book, Draft, Fund
from handup.ledger.rules.words import CashKind
from handup.ledger.services import heads
from handup.ledger.services.drafts import DraftLineIn, draft_entry
from handup.ledger.services.fund_debts import Settlement, hold_to_funds
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require


class FundsTheSame(Refusal):
    """Choose two different funds."""


class NoMoneyAccount(Refusal):
    """{account} holds no money: choose a bank account or a till."""


def settle_between_funds(
    *,
    acting_staff: StaffUser,
    book: Book,
    debtor: Fund,
    creditor: Fund,
    account_code: str,
    units: int,
    happened_date: date,
    remark: str,
    currency: str = "",
    id: UUID | None = None,
) -> Draft:
    """Keep for approval that a fund pays what it owes another out of its money in an account.

    units in smallest units of currency (empty: the book's). The draft is approved or declined as
    any other (approve_draft), by another person, when debt and money are looked at again. Raises
    FundsTheSame, EmptyLine, NothingOwed, NoMoneyAccount, FundHasLess and what draft_entry refuses.
    """
    require(acting_staff, "ledger.draft_entry", book)
    currency = currency or book.base_currency
    chart = chart_of(book.pk, book.code, book.chart_stamp)
    account, owed = chart.of_code(account_code), chart.of_role(INTERFUND, currency)
    lines = [
        DraftLineIn(code, sign * units, currency, fund.pk)
        for fund, sign in ((debtor, 1), (creditor, -1))
        for code, sign in ((account.code, -sign), (owed.code, sign))
    ]
    if debtor.pk == creditor.pk:
        raise FundsTheSame(field="creditor")
    if units <= 0:
        raise EmptyLine(field="units")
    with transaction.atomic():
        heads.lock([book.pk])
        if already_stored(Draft, id, acting_staff, book=book, happened_date=happened_date) is None:
            if account.cash_kind is CashKind.NONE:
                raise NoMoneyAccount(field="account_code", account=account.code)
            hold_to_funds(book, Settlement(debtor, creditor, account.id, currency, units))
        return draft_entry(
            acting_staff=acting_staff,
            book=book,
            happened_date=happened_date,
            remark=remark,
            lines=lines,
            between_funds=True,
            id=id,
        )
