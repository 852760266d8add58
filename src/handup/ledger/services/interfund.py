"""Settling what one fund owes another: its money goes over within one account of the book, typed by
one person and posted by another (ledger.md 4.7).
"""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F, Sum

from handup.kernel.errors import Refusal
from handup.ledger.chart import chart_of
from handup.ledger.errors import EmptyLine
from handup.ledger.interfund import INTERFUND, FundOwes, between_funds
from handup.ledger.models import Balance, Book, Draft, DraftLine, Fund
from handup.ledger.rules.words import CashKind, DraftStatus
from handup.ledger.services import heads
from handup.ledger.services.drafts import DraftLineIn, draft_entry
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money


class FundsTheSame(Refusal):
    """Choose two different funds."""


class NothingOwed(Refusal):
    """{fund} owes {owes} and {other} is owed {owed}, less what waits for approval: {amount} is
    more.
    """


class FundHasLess(Refusal):
    """{fund} has {free} in {account}: {amount} is more."""


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
    any other (approve_draft), by another person. Raises FundsTheSame, EmptyLine, NothingOwed,
    NoMoneyAccount, FundHasLess and what draft_entry refuses.
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
        if already_stored(Draft, id, book=book, happened_date=happened_date) is None:
            _hold_to_debt(book, debtor, creditor, currency, units)
            if account.cash_kind is CashKind.NONE:
                raise NoMoneyAccount(field="account_code", account=account.code)
            _hold_to_money(book, debtor, account.id, account.code, currency, units)
        return draft_entry(
            acting_staff=acting_staff,
            book=book,
            happened_date=happened_date,
            remark=remark,
            lines=lines,
            id=id,
        )


def _hold_to_debt(book: Book, debtor: Fund, creditor: Fund, currency: str, units: int) -> None:
    known = {item.fund.pk: item for item in between_funds(book) if item.currency == currency}
    nothing = FundOwes(debtor, currency, 0, 0)
    owes = known.get(debtor.pk, nothing).owes_units
    owed = known.get(creditor.pk, nothing).owed_units
    if units > min(owes, owed):
        raise NothingOwed(
            field="units",
            fund=debtor.code,
            other=creditor.code,
            owes=format_money(owes, currency),
            owed=format_money(owed, currency),
            amount=format_money(units, currency),
        )


def _hold_to_money(
    book: Book, fund: Fund, account: UUID, code: str, currency: str, units: int
) -> None:
    held = Balance.objects.filter(account=account, fund=fund, currency=currency)
    has = held.aggregate(n=Sum(F("debit_units") - F("credit_units")))["n"] or 0
    waits = DraftLine.objects.filter(
        draft__book=book,
        draft__status=DraftStatus.DRAFT,
        account=account,
        fund=fund,
        currency=currency,
        units__lt=0,
    )
    free = int(has) + int(waits.aggregate(n=Sum("units"))["n"] or 0)
    if units > free:
        raise FundHasLess(
            field="units",
            fund=fund.code,
            account=code,
            free=format_money(max(free, 0), currency),
            amount=format_money(units, currency),
        )
