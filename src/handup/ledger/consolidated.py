"""Statements of several books read as one, and of a book told in another currency (ledger.md 4.8).

Every account is converted and stands in one row with those of the same code and roles. What stands
between two books inside cancels; what does not is listed, never hidden. Groups' own books are
members' own money: beside the statement, never in it. What rounding and conversion leave stands in
a row of its own, so that every statement ties.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from handup.ledger.cash_flow import cash_flow
from handup.ledger.conversion import Converter, Rates
from handup.ledger.models import Account, AccountRole, Book
from handup.ledger.models.books import ACCOUNT_TYPE_LABELS, CASH_CLASS_LABELS
from handup.ledger.pairs import Between, PairLine, between
from handup.ledger.reports import (
    Asked,
    Beside,
    Kind,
    Report,
    ReportColumn,
    ReportRow,
    Section,
    columns_of,
    row_sum,
    trial_amounts,
)
from handup.ledger.rules.conversion import ConvertBy
from handup.ledger.rules.words import AccountType, CashClass
from handup.ledger.side_by_side import Figure, Figures, Key, Sorted, Table, Together
from handup.ledger.statements import StatementRow, balance_sheet, income_statement, trial_balance
from handup.org.web.money import format_day


@dataclass(frozen=True, slots=True)
class Whole:
    """Books read as one in a currency."""

    name: str
    currency: str
    books: tuple[Book, ...]
    by: ConvertBy = ConvertBy.CLOSING

    @property
    def months_from(self) -> Book:
        """The book whose year and funds the columns follow."""
        return self.books[0]


def report_of(kind: Kind, whole: Whole, asked: Asked) -> Report:
    """A statement of the whole. Raises RateMissing, RateTooOld."""
    return _Maker(kind, whole, asked).make()


class _Maker:
    """Makes one statement: figures of each book and column, then rows, then what is left over."""

    def __init__(self, kind: Kind, whole: Whole, asked: Asked) -> None:
        self.kind, self.whole, self.asked = kind, whole, asked
        by = whole.by if kind in {Kind.INCOME, Kind.CASH} else ConvertBy.CLOSING
        self.rates = Rates(whole.currency, by)
        self.roles: dict[UUID, tuple[str, ...]] = _roles(whole.books)
        # Each book ties in its own currency before anything is converted.
        self.ties = True

    def make(self) -> Report:
        """The statement."""
        columns = columns_of(self.whole.months_from, self.asked)
        if self.kind is Kind.BALANCE:
            columns = _days(columns, self.asked)
        makers: dict[Kind, Callable[[Sequence[ReportColumn]], Report]] = {
            Kind.INCOME: self._income,
            Kind.BALANCE: self._balance,
            Kind.CASH: self._cash,
            Kind.TRIAL: self._trial,
        }
        made = makers[self.kind](columns)
        last = columns[-1].on if self.kind is Kind.BALANCE else self.asked.on
        found = self._between(last)
        return replace(
            made,
            whose=self.whole.name,
            currency=self.whole.currency,
            books=self.whole.books,
            rates=self.rates.used,
            unmatched=found.unmatched if len(self.whole.books) > 1 else (),
        )

    # --- what a book comes to ---------------------------------------------------------------------

    def _converter(self, book: Book, by: ConvertBy | None = None) -> Converter:
        source = self.asked.only.currency or book.base_currency
        return self.rates.of(source, book.rate_kind, book.max_rate_age_days, by)

    def _figure(self, section: str, account: Account, amounts: tuple[int, ...]) -> Figure:
        key = (section, account.code, self.roles.get(account.pk, ()))
        return Figure(key, account, amounts)

    def _moved(
        self, book: Book, column: ReportColumn, rows_of: Callable[[date, date], Sorted]
    ) -> list[Figure]:
        """What a period moved, each part of it at its own rate."""
        converter = self._converter(book)
        sums: dict[Key, list[int]] = defaultdict(lambda: [0])
        accounts: dict[Key, Account] = {}
        for since, on in converter.slices(column.since, column.on):
            for section, rows in rows_of(since, on):
                for row in rows:
                    figure = self._figure(section, row.account, ())
                    accounts[figure.key] = row.account
                    sums[figure.key][0] += converter.units(row.base_units, since, on)
        return [Figure(key, accounts[key], tuple(held)) for key, held in sums.items()]

    def _income_of(self, book: Book, column: ReportColumn) -> Figures:
        def rows_of(since: date, on: date) -> Sorted:
            made = income_statement(book, since, on, column.only, self.asked.by)
            return (
                (AccountType.INCOME.value, made.income),
                (AccountType.EXPENSE.value, made.expenses),
            )

        return Figures(self._moved(book, column, rows_of))

    def _balance_of(self, book: Book, column: ReportColumn) -> Figures:
        made = balance_sheet(book, column.on, column.only, self.asked.by)
        self.ties = self.ties and made.total_assets == made.total_claims
        converter = self._converter(book)

        def told(units: int) -> int:
            return converter.units(units, column.on, column.on)

        parts = (
            (AccountType.ASSET, made.assets),
            (AccountType.LIABILITY, made.debts),
            (AccountType.EQUITY, made.own_funds),
        )
        rows = [
            self._figure(kind.value, row.account, (told(row.base_units),))
            for kind, found in parts
            for row in found
        ]
        return Figures(rows, (told(made.result),))

    def _cash_of(self, book: Book, column: ReportColumn) -> Figures:
        def rows_of(since: date, on: date) -> Sorted:
            made = cash_flow(book, since, on, column.only, self.asked.by)
            return tuple(
                (kind.value, [StatementRow(row.account, row.net) for row in rows if row.net])
                for kind, rows in made.rows.items()
            )

        whole = cash_flow(book, column.since, column.on, column.only, self.asked.by)
        self.ties = self.ties and whole.opening + whole.net == whole.closing
        closing = self._converter(book, ConvertBy.CLOSING)
        one_rate = self.rates.by is ConvertBy.CLOSING
        before = column.on if one_rate else column.since - timedelta(days=1)
        return Figures(
            self._moved(book, column, rows_of),
            (
                closing.units(whole.opening, before, before),
                closing.units(whole.closing, column.on, column.on),
            ),
        )

    # --- statements -------------------------------------------------------------------------------

    def _table(
        self, columns: Sequence[ReportColumn], of: Callable[[Book, ReportColumn], Figures]
    ) -> Table:
        """The figures side by side: each book, what cancels, together; or together by column."""
        books = self.whole.books
        if self.asked.beside is Beside.BOOKS and len(books) > 1:
            column = columns[-1]
            parts = [of(book, column) for book in books]
            gone = self._cancelled(column)
            heads = [replace(column, label=book.name) for book in books]
            heads += [replace(column, label=_("Cancelled")), replace(column, label=_("Together"))]
            return Table.of_books(heads, parts, gone)
        wholes = [
            Together([of(book, column) for book in books], self._cancelled(column))
            for column in columns
        ]
        return Table.of_columns(columns, wholes)

    def _between(self, on: date, only: ReportColumn | None = None) -> Between:
        cut = only.only if only is not None else self.asked.only
        return between(self.whole.books, on, cut, self.asked.by)

    def _cancelled(self, column: ReportColumn) -> list[Figure]:
        """What the matched pairs take off, account by account."""
        if len(self.whole.books) < 2 or self.kind not in {Kind.BALANCE, Kind.CASH}:
            return []
        lines = self._between(column.on, column).matched
        return self._figures_of(lines, column)

    def _figures_of(self, lines: Iterable[PairLine], column: ReportColumn) -> list[Figure]:
        books = {book.pk: book for book in self.whole.books}
        accounts = Account.objects.in_bulk({line.account for line in lines})
        sums: dict[UUID, int] = defaultdict(int)
        for line in lines:
            account = accounts[line.account]
            converter = self._converter(books[line.book])
            base = line.units if column.only.currency else line.base_units
            if self.kind is Kind.BALANCE:
                sums[account.pk] -= converter.units(base, column.on, column.on)
            elif line.on >= column.since:
                since, on = next(
                    part for part in converter.slices(column.since, column.on) if line.on <= part[1]
                )
                sums[account.pk] += converter.units(base, since, on)
        return [
            self._figure(self._section(accounts[pk]), accounts[pk], (units,))
            for pk, units in sums.items()
            if units
        ]

    def _section(self, account: Account) -> str:
        return account.type if self.kind is Kind.BALANCE else account.cash_class

    def _income(self, columns: Sequence[ReportColumn]) -> Report:
        table = self._table(columns, self._income_of)
        income = table.section(AccountType.INCOME.value, ACCOUNT_TYPE_LABELS[AccountType.INCOME])
        costs = table.section(AccountType.EXPENSE.value, ACCOUNT_TYPE_LABELS[AccountType.EXPENSE])
        sums = [row_sum(part.rows, "", table.width).amounts for part in (income, costs)]
        result = ReportRow(
            _("Result"), tuple((a or 0) - (b or 0) for a, b in zip(*sums, strict=True))
        )
        sections = (
            _with_total(income, _("All income"), table.width),
            _with_total(costs, _("All expenses"), table.width),
        )
        return self._report(table, sections, (result,), holds=True)

    def _balance(self, columns: Sequence[ReportColumn]) -> Report:
        table = self._table(columns, self._balance_of)
        assets = table.section(AccountType.ASSET.value, ACCOUNT_TYPE_LABELS[AccountType.ASSET])
        debts = table.section(
            AccountType.LIABILITY.value, ACCOUNT_TYPE_LABELS[AccountType.LIABILITY]
        )
        own = table.section(AccountType.EQUITY.value, ACCOUNT_TYPE_LABELS[AccountType.EQUITY])
        result = ReportRow(_("Result not yet closed"), table.beside(0))
        rows = [*own.rows, result] if any(result.amounts) else list(own.rows)
        left = _difference(
            row_sum(assets.rows, "", table.width),
            row_sum((*debts.rows, *rows), "", table.width),
        )
        if any(left):
            rows.append(ReportRow(_("Rounding and conversion"), left))
        sections = (
            _with_total(assets, _("All assets"), table.width),
            _with_total(debts, _("All debts"), table.width),
            _with_total(Section(own.label, tuple(rows)), _("All own funds"), table.width),
        )
        claims = row_sum((*debts.rows, *rows), _("Debts and own funds"), table.width)
        holds = claims.amounts == row_sum(assets.rows, "", table.width).amounts
        return self._report(table, sections, (claims,), holds=holds and self._tied(left))

    def _tied(self, left: Sequence[int]) -> bool:
        """Every book ties by itself, and nothing is left over unless currencies were converted."""
        told = {self._converter(book).needed for book in self.whole.books}
        return self.ties and (True in told or not any(left))

    def _cash(self, columns: Sequence[ReportColumn]) -> Report:
        table = self._table(columns, self._cash_of)
        sections = [
            _with_total(found, _("Together"), table.width)
            for kind in CashClass
            if (found := table.section(kind.value, CASH_CLASS_LABELS[kind])).rows
        ]
        moved = row_sum(
            (row for section in sections for row in section.rows), "", table.width
        ).amounts
        opening, closing = table.beside(0), table.beside(1)
        left = tuple(
            last - first - (net or 0)
            for first, net, last in zip(opening, moved, closing, strict=True)
        )
        if any(left):
            row = ReportRow(_("Rounding and conversion"), left)
            sections.append(Section(_("Conversion"), (row,), replace(row, label=_("Together"))))
        net = tuple(last - first for first, last in zip(opening, closing, strict=True))
        rows = (
            ReportRow(_("All movements"), net),
            ReportRow(_("Money at the start"), opening),
            ReportRow(_("Money at the end"), closing),
        )
        return self._report(table, tuple(sections), rows, holds=self._tied(left))

    def _trial(self, columns: Sequence[ReportColumn]) -> Report:
        column = columns[-1]
        sums: dict[Key, list[int]] = {}
        accounts: dict[Key, Account] = {}
        gone = self._pairs_by_account(column)
        for book in self.whole.books:
            converter = self._converter(book)
            made = trial_balance(book, column.on, column.since, column.only, self.asked.by)
            _first, debit, credit, last = _sums(
                trial_amounts(row, column.only) for row in made.rows
            )
            self.ties = self.ties and debit == credit and not last
            for row in (*made.rows, *made.memo):
                taken = gone.pop(row.account.pk, (0, 0, 0))
                told = trial_amounts(row, column.only)[:3]
                key = self._figure(row.account.type, row.account, ()).key
                accounts.setdefault(key, row.account)
                held = sums.setdefault(key, [0, 0, 0])
                for place, (units, off) in enumerate(zip(told, taken, strict=True)):
                    held[place] += converter.units(units - off, column.on, column.on)
        heads = tuple(
            replace(column, label=label)
            for label in (_("Opening"), _("Debit"), _("Credit"), _("Closing"))
        )
        table = Table(list(heads), {}, {}, [])
        for key, (opening, debit, credit) in sums.items():
            if opening or debit or credit:
                closing = opening + debit - credit
                table.add(key, accounts[key], (opening, debit, credit, closing))
        return self._trial_report(table)

    def _trial_report(self, table: Table) -> Report:
        sections = [
            _with_total(found, _("Together"), table.width)
            for kind in AccountType
            if (found := table.section(kind.value, ACCOUNT_TYPE_LABELS[kind])).rows
        ]
        plain = [
            row
            for kind in AccountType
            if kind is not AccountType.MEMO
            for row in table.section(kind.value, "").rows
        ]
        opening, debit, credit, _closing = (units or 0 for units in row_sum(plain, "", 4).amounts)
        off = (-opening, max(0, credit - debit), max(0, debit - credit))
        left = (*off, off[0] + off[1] - off[2])
        if any(left):
            row = ReportRow(_("Rounding and conversion"), left)
            plain.append(row)
            sections.append(Section(_("Conversion"), (row,), replace(row, label=_("Together"))))
        closing_row = row_sum(plain, _("All accounts"), 4)
        return self._report(table, tuple(sections), (closing_row,), holds=self._tied(left))

    def _pairs_by_account(self, column: ReportColumn) -> dict[UUID, tuple[int, int, int]]:
        """Opening, debit and credit of the matched pairs, in each book's own currency."""
        if len(self.whole.books) < 2:
            return {}
        found: dict[UUID, list[int]] = defaultdict(lambda: [0, 0, 0])
        for line in self._between(column.on, column).matched:
            held = found[line.account]
            units = line.units if column.only.currency else line.base_units
            if line.on < column.since:
                held[0] += units
            else:
                held[1 if units > 0 else 2] += abs(units)
        return {pk: (held[0], held[1], held[2]) for pk, held in found.items()}

    def _report(
        self,
        table: Table,
        sections: tuple[Section, ...],
        closing: tuple[ReportRow, ...],
        *,
        holds: bool,
    ) -> Report:
        return Report(
            self.kind,
            self.whole.months_from,
            self.asked,
            tuple(table.columns),
            sections,
            closing,
            holds,
            self.whole.currency,
            self.whole.name,
        )


def _sums(rows: Iterable[tuple[int, int, int, int]]) -> tuple[int, ...]:
    found = [0, 0, 0, 0]
    for row in rows:
        for place, units in enumerate(row):
            found[place] += units
    return tuple(found)


def _with_total(section: Section, label: str, width: int) -> Section:
    return replace(section, total=row_sum(section.rows, label, width))


def _difference(left: ReportRow, right: ReportRow) -> tuple[int, ...]:
    return tuple((a or 0) - (b or 0) for a, b in zip(left.amounts, right.amounts, strict=True))


def _days(columns: Sequence[ReportColumn], asked: Asked) -> tuple[ReportColumn, ...]:
    """The columns of a balance sheet are named by their day."""
    named = tuple(
        column if asked.beside is Beside.FUNDS else replace(column, label=format_day(column.on))
        for column in columns
    )
    return named[:-1] if asked.beside is Beside.MONTHS and len(named) > 1 else named


def _roles(books: Sequence[Book]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = AccountRole.objects.filter(book__in=[book.pk for book in books]).order_by("role")
    for account, role in rows.values_list("account", "role"):
        found[account].append(role)
    return {account: tuple(dict.fromkeys(roles)) for account, roles in found.items()}
