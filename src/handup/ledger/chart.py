"""The chart of one book as posting needs it: read once per process and change of the chart."""

from dataclasses import dataclass
from uuid import UUID

from handup.ledger.errors import (
    AccountClosed,
    AccountNotLeaf,
    AccountUnknown,
    RoleMissing,
    WrongCurrency,
)
from handup.ledger.models import Account, AccountRole
from handup.ledger.rules.words import AccountType, CashKind

_CHARTS: dict[UUID, "Chart"] = {}
_KEEP = 2000
INTERBOOK = "INTERBOOK"


@dataclass(frozen=True, slots=True)
class AccountFact:
    """One account as the services see it."""

    id: UUID
    code: str
    type: AccountType
    leaf: bool
    active: bool
    currency: str
    cash_kind: CashKind
    overdraft_units: int | None
    fund_required: bool

    @property
    def limited(self) -> bool:
        """Whether it is money that cannot be paid out beyond a limit."""
        return self.cash_kind is not CashKind.NONE and self.overdraft_units is not None


@dataclass(frozen=True, slots=True)
class Chart:
    """Accounts by id, code and role."""

    book_code: str
    by_id: dict[UUID, AccountFact]
    by_code: dict[str, AccountFact]
    by_role: dict[tuple[str, str], AccountFact]
    between_books: frozenset[UUID]

    def of_role(self, role: str, currency: str) -> AccountFact:
        """The leaf of a role: the one kept in this currency, else the one for any. Raises
        RoleMissing.
        """
        account = self.by_role.get((role, currency)) or self.by_role.get((role, ""))
        if account is None:
            raise RoleMissing(book=self.book_code, role=role, currency=currency)
        return account

    def of_code(self, code: str) -> AccountFact:
        """The account of a code. Raises AccountUnknown."""
        account = self.by_code.get(code)
        if account is None:
            raise AccountUnknown(book=self.book_code, account=code)
        return account


def check_usable(account: AccountFact, currency: str) -> None:
    """Refuse a line on an account that only sums, is no longer in use or is kept in another
    currency (J3).
    """
    if not account.leaf:
        raise AccountNotLeaf(account=account.code)
    if not account.active:
        raise AccountClosed(account=account.code)
    if account.currency and account.currency != currency:
        raise WrongCurrency(account=account.code, expected=account.currency, currency=currency)


def chart_of(book_id: UUID, book_code: str, stamp: UUID) -> Chart:
    """The chart of a book. The stamp is new at each change, so what is kept here is never stale."""
    chart = _CHARTS.get(stamp)
    if chart is None:
        chart = _read(book_id, book_code)
        if len(_CHARTS) >= _KEEP:
            _CHARTS.clear()
        _CHARTS[stamp] = chart
    return chart


def _read(book_id: UUID, book_code: str) -> Chart:
    facts = {
        row.id: AccountFact(
            id=row.id,
            code=row.code,
            type=AccountType(row.type),
            leaf=row.leaf,
            active=row.active,
            currency=row.currency,
            cash_kind=CashKind(row.cash_kind),
            overdraft_units=row.overdraft_units,
            fund_required=row.fund_required,
        )
        for row in Account.objects.filter(book_id=book_id)
    }
    roles = list(
        AccountRole.objects.filter(book_id=book_id).values_list("role", "currency", "account")
    )
    return Chart(
        book_code=book_code,
        by_id=facts,
        by_code={fact.code: fact for fact in facts.values()},
        by_role={(role, currency): facts[account] for role, currency, account in roles},
        between_books=frozenset(account for role, _cur, account in roles if role == INTERBOOK),
    )
