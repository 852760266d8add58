"""The statements of a book: trial balance, income statement, balance sheet, of any days.

Year-end closings are left out of the income statement, so that a closed year can still be read.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from handup.ledger.models import Account, Book
from handup.ledger.rules.words import CLOSING, AccountType
from handup.ledger.sums import EVERYTHING, By, Only, Sums, SumsBy, line_sums, sums_of


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account in one currency: opening, debit, credit and closing, units and base."""

    account: Account
    currency: str
    opening: int
    debit: int
    credit: int
    closing: int
    opening_base: int
    debit_base: int
    credit_base: int
    closing_base: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The trial balance of a book; memo accounts stand apart and balance by themselves."""

    book: Book
    since: date | None
    on: date
    rows: tuple[TrialRow, ...]
    memo: tuple[TrialRow, ...]

    @property
    def debit_base(self) -> int:
        """All debits of the period in the book's currency."""
        return sum(row.debit_base for row in self.rows)

    @property
    def credit_base(self) -> int:
        """All credits of the period in the book's currency."""
        return sum(row.credit_base for row in self.rows)

    @property
    def closing_base(self) -> int:
        """Zero, when the book balances."""
        return sum(row.closing_base for row in self.rows)


def trial_balance(
    book: Book,
    on: date,
    since: date | None = None,
    only: Only = EVERYTHING,
    by: By = By.POSTED,
) -> TrialBalance:
    """Opening, debit, credit and closing of every account that moved or holds something.

    since None: from the first day, with an opening of zero.
    """
    before = sums_of(book, None, since - timedelta(days=1), only, by) if since else {}
    moved = sums_of(book, since, on, only, by)
    accounts = {account.pk: account for account in Account.objects.filter(book=book)}
    rows: list[TrialRow] = []
    nothing = Sums()
    for account_id, currency in {**before, **moved}:
        opening = before.get((account_id, currency), nothing)
        period = moved.get((account_id, currency), nothing)
        if not (opening.net or opening.net_base or period.debit or period.credit) and not (
            period.debit_base or period.credit_base
        ):
            continue
        rows.append(
            TrialRow(
                account=accounts[account_id],
                currency=currency,
                opening=opening.net,
                debit=period.debit,
                credit=period.credit,
                closing=opening.net + period.net,
                opening_base=opening.net_base,
                debit_base=period.debit_base,
                credit_base=period.credit_base,
                closing_base=opening.net_base + period.net_base,
            )
        )
    rows.sort(key=lambda row: (row.account.code, row.currency))
    return TrialBalance(
        book=book,
        since=since,
        on=on,
        rows=tuple(row for row in rows if row.account.type != AccountType.MEMO),
        memo=tuple(row for row in rows if row.account.type == AccountType.MEMO),
    )


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One account of a statement, in the book's currency, as a reader expects its sign."""

    account: Account
    base_units: int


@dataclass(frozen=True, slots=True)
class IncomeStatement:
    """Income less expenses of a period, year-end closings left out."""

    income: tuple[StatementRow, ...]
    expenses: tuple[StatementRow, ...]

    @property
    def result(self) -> int:
        """What is left, in base units; negative is a loss."""
        return _total(self.income) - _total(self.expenses)


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """What a book has and owes at the end of a day; the result not yet closed stands apart."""

    assets: tuple[StatementRow, ...]
    debts: tuple[StatementRow, ...]
    own_funds: tuple[StatementRow, ...]
    result: int

    @property
    def total_assets(self) -> int:
        """Everything the book has, losses expected on loans taken off."""
        return _total(self.assets)

    @property
    def total_claims(self) -> int:
        """Debts, own funds and the result: equal to the assets."""
        return _total(self.debts) + _total(self.own_funds) + self.result


def _total(rows: Iterable[StatementRow]) -> int:
    return sum(row.base_units for row in rows)


def _by_account(sums: SumsBy, only: Only) -> dict[UUID, int]:
    totals: dict[UUID, int] = defaultdict(int)
    for (account, _currency), part in sums.items():
        totals[account] += only.told(part)
    return totals


def _statement_rows(
    accounts: Sequence[Account], totals: dict[UUID, int], kind: AccountType, sign: int
) -> tuple[StatementRow, ...]:
    return tuple(
        StatementRow(account, sign * totals[account.pk])
        for account in accounts
        if account.type == kind and totals.get(account.pk)
    )


def income_statement(
    book: Book, since: date, on: date, only: Only = EVERYTHING, by: By = By.POSTED
) -> IncomeStatement:
    """Income and expenses between two days."""
    sums = sums_of(book, since, on, only, by)
    for account, currency, *amounts in line_sums(book, since, on, only, kind=CLOSING, by=by):
        debit, credit, debit_base, credit_base = (int(amount) for amount in amounts)
        sums[account, currency].add(-debit, -credit, -debit_base, -credit_base)
    totals = _by_account(sums, only)
    accounts = list(Account.objects.filter(book=book))
    return IncomeStatement(
        income=_statement_rows(accounts, totals, AccountType.INCOME, -1),
        expenses=_statement_rows(accounts, totals, AccountType.EXPENSE, 1),
    )


def balance_sheet(
    book: Book, on: date, only: Only = EVERYTHING, by: By = By.POSTED
) -> BalanceSheet:
    """Assets, debts, own funds and the result at the end of a day."""
    totals = _by_account(sums_of(book, None, on, only, by), only)
    accounts = list(Account.objects.filter(book=book))
    result = sum(
        -totals.get(account.pk, 0)
        for account in accounts
        if account.type in {AccountType.INCOME, AccountType.EXPENSE}
    )
    return BalanceSheet(
        assets=_statement_rows(accounts, totals, AccountType.ASSET, 1),
        debts=_statement_rows(accounts, totals, AccountType.LIABILITY, -1),
        own_funds=_statement_rows(accounts, totals, AccountType.EQUITY, -1),
        result=result,
    )


def year_start(book: Book, on: date) -> date:
    """The first day of the book's fiscal year a day lies in."""
    first = date(on.year, book.fiscal_year_start, 1)
    return first if first <= on else date(on.year - 1, book.fiscal_year_start, 1)
