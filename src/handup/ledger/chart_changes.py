"""What a new version of a chart would change in a book, account by account, before it is loaded."""

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import F, Sum

from handup.ledger.models import Account, AccountRole, Balance, Book
from handup.ledger.packs import PackAccount, chart_pack, name_among
from handup.ledger.rules.words import BookKind


class Change(StrEnum):
    """What happens to an account."""

    ADDED = "ADDED"
    RENAMED = "RENAMED"
    ROLES = "ROLES"
    OUT_OF_USE = "OUT_OF_USE"
    IN_USE_AGAIN = "IN_USE_AGAIN"
    ANOTHER_KIND = "ANOTHER_KIND"


@dataclass(frozen=True, slots=True)
class ChartChange:
    """One change: what was, what will be; what the account holds where that stands in the way."""

    code: str
    change: Change
    before: str
    after: str
    account: UUID | None = None
    held: tuple[tuple[int, str], ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether the chart cannot be loaded while it stands: accounts move by entries."""
        return self.change is Change.ANOTHER_KIND or bool(self.held)


def changes(book: Book, pack: str) -> list[ChartChange]:
    """Everything a chart would change in a book, by code. Raises ChartFault."""
    rows = {row.code: row for row in chart_pack(pack, BookKind(book.kind))}
    sums = {row.parent for row in rows.values()}
    known = {account.code: account for account in Account.objects.filter(book=book)}
    roles = _roles(book)
    held = _held(book)
    found: list[ChartChange] = []
    for code in sorted({*rows, *known}):
        row, account = rows.get(code), known.get(code)
        if row is not None and account is None:
            found.append(ChartChange(code, Change.ADDED, "", _named(row)))
        elif account is not None and row is None:
            if account.active:
                amounts = held.get(account.pk, ())
                found.append(
                    ChartChange(code, Change.OUT_OF_USE, account.name, "", account.pk, amounts)
                )
        elif row is not None and account is not None:
            found += _of_both(
                account, row, roles.get(account.pk, set()), row.code not in sums, held
            )
    return found


def _named(row: PackAccount) -> str:
    return name_among(dict(row.names), row.code)


def _of_both(
    account: Account,
    row: PackAccount,
    roles: set[str],
    leaf: bool,
    held: dict[UUID, tuple[tuple[int, str], ...]],
) -> list[ChartChange]:
    """What becomes of an account that stays."""
    pk, code = account.pk, account.code
    if account.type != row.type or account.leaf != leaf:
        return [ChartChange(code, Change.ANOTHER_KIND, account.type, row.type.value, pk)]
    found = []
    if account.names != dict(row.names):
        found.append(ChartChange(code, Change.RENAMED, account.name, _named(row), pk))
    wanted = set(row.roles)
    if roles != wanted:
        # What an account holds for a role does not follow the role: it is moved by an entry.
        amounts = held.get(pk, ()) if roles - wanted else ()
        told = (" ".join(sorted(roles)), " ".join(sorted(wanted)))
        found.append(ChartChange(code, Change.ROLES, *told, pk, amounts))
    if not account.active:
        found.append(ChartChange(code, Change.IN_USE_AGAIN, account.name, _named(row), pk))
    return found


def _roles(book: Book) -> dict[UUID, set[str]]:
    found: dict[UUID, set[str]] = defaultdict(set)
    for account, role in AccountRole.objects.filter(book=book).values_list("account", "role"):
        found[account].add(role)
    return found


def _held(book: Book) -> dict[UUID, tuple[tuple[int, str], ...]]:
    """What each account holds, by currency; nothing for those at zero."""
    rows = (
        Balance.objects.filter(book=book)
        .order_by("account", "currency")
        .values_list("account", "currency")
        .annotate(total=Sum(F("debit_units") - F("credit_units")))
    )
    found: dict[UUID, tuple[tuple[int, str], ...]] = {}
    for account, currency, total in rows:
        if total:
            found[account] = (*found.get(account, ()), (int(total), currency))
    return found
