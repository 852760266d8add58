"""What accounts hold at a month's end, and which banks nobody has set against their statement."""

from datetime import date
from uuid import UUID

from django.db.models import F, Sum

from handup.ledger.models import AccountRole, Balance, Book, Reconciliation
from handup.ledger.rules.words import BookKind, CashKind

Holding = tuple[UUID, str, str]
"""An account, its code, and a currency."""


def held(book: Book, on: date, role: str) -> dict[Holding, int]:
    """What accounts of a role, or of a kind of money, hold at a month's end, from the balances."""
    rows = Balance.objects.filter(book=book, month__lte=on)
    rows = (
        rows.filter(account__cash_kind=CashKind(role))
        if role in set(CashKind)
        else rows.filter(
            account__in=AccountRole.objects.filter(book=book, role=role).values("account")
        )
    )
    sums = (
        rows.order_by("account__code")
        .values_list("account", "account__code", "currency")
        .annotate(total=Sum(F("debit_units") - F("credit_units")))
    )
    return {(pk, code, currency): int(total) for pk, code, currency, total in sums if total}


def banks_not_set(book: Book, on: date) -> dict[Holding, int]:
    """Bank accounts with money that nobody set against the bank's statement of a month's end or
    later; groups prove their money as they meet.
    """
    if book.kind == BookKind.GROUP:
        return {}
    done = set(
        Reconciliation.objects.filter(account__book=book, through__gte=on).values_list(
            "account", "currency"
        )
    )
    return {
        key: units for key, units in held(book, on, "BANK").items() if (key[0], key[2]) not in done
    }
