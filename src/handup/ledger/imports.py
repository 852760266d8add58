"""Entries that come as the rows of a table: opening balances, a journal kept elsewhere.

The table is read by whoever knows files (the import centre); here its rows become entries, and
every fault is told with its row and column, none hidden behind another. Nothing is written.

A journal's entries balance by themselves. An opening balance is one entry: where money of other
currencies stands against the book's own, FX_POSITION joins the two (ledger.md 4.2).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.ledger.budgets import check_spending
from handup.ledger.chart import AccountFact, Chart, chart_of, check_usable
from handup.ledger.errors import (
    AlreadyOpened,
    AmountBelowZero,
    AmountTooFine,
    AmountTooLarge,
    BranchUnknown,
    CurrencyUnknown,
    DaysDiffer,
    DebitOrCredit,
    FundUnknown,
    NothingToImport,
    PeriodClosed,
)
from handup.ledger.labels import spoken
from handup.ledger.models import Book, Draft, Entry, Fund
from handup.ledger.rates import RateBook
from handup.ledger.rules.journal import (
    LIMIT,
    LineIn,
    Source,
    check_reach,
    posting_date,
    rate_between,
    to_base,
)
from handup.ledger.rules.tables import EntryRead, LineRead, RowFault, RowIn, TableRead
from handup.ledger.rules.words import (
    MANUAL,
    OPENING,
    UNRESTRICTED_ID,
    AccountType,
    DraftStatus,
)
from handup.ledger.services.posting import EntryIn, refusals_of
from handup.ledger.typed import check_come
from handup.org.models import Office
from handup.org.web.money import CURRENCIES, currency_digits

FX = "FX_POSITION"


def read_rows(
    book: Book, rows: Iterable[RowIn], kind: str, partial: Collection[str] = ()
) -> TableRead:
    """The entries of a table for a book; kind: OPENING (one entry) or MANUAL (a journal).

    partial: entries of which not every row is here, so that they are not judged as a whole.
    """
    return _Reader(book, list(rows), kind, frozenset(partial)).read()


class _Reader:
    """Reads one table with everything it needs looked up once."""

    def __init__(self, book: Book, rows: list[RowIn], kind: str, partial: frozenset[str]) -> None:
        # Read again: the object in hand may be older than the last posting.
        self.book = Book.objects.get(pk=book.pk)
        self.rows, self.kind, self.partial = rows, kind, partial
        self.chart: Chart = chart_of(self.book.pk, self.book.code, self.book.chart_stamp)
        self.funds = {fund.code: fund.pk for fund in Fund.objects.all()}
        self.branches: dict[str, UUID] = dict(Office.objects.values_list("code", "pk"))
        base = self.book.base_currency
        self.rates = RateBook(
            (row.currency, base, row.on, self.book.rate_kind)
            for row in rows
            if row.currency not in {"", base} and row.base is None
        )
        self.out = TableRead()

    def read(self) -> TableRead:
        """Rows first, then each entry as a whole, then all of them against the book."""
        if not self.rows:
            self.out.faults.append(RowFault(1, None, NothingToImport()))
            return self.out
        by_entry: dict[str, list[RowIn]] = defaultdict(list)
        for row in self.rows:
            by_entry[row.entry].append(row)
        if self.kind == OPENING:
            self._check_opening()
        for key, rows in by_entry.items():
            entry = self._entry(key, rows)
            if entry is not None:
                self.out.entries.append(entry)
        self.out.entries.sort(key=lambda entry: entry.happened_date)
        self._check_posting()
        self._check_budgets()
        self.out.faults.sort(key=lambda fault: fault.number)
        return self.out

    def _fault(self, row: RowIn, column: str | None, refusal: Refusal) -> None:
        self.out.faults.append(RowFault(row.number, column, refusal))

    def _check_opening(self) -> None:
        """One opening balance a book, on a day that is not closed."""
        posted = Entry.objects.filter(book=self.book, kind=OPENING, reversal=None)
        waiting = Draft.objects.filter(book=self.book, kind=OPENING, status=DraftStatus.DRAFT)
        first = self.rows[0]
        if posted.exists() or waiting.exists():
            self._fault(first, None, AlreadyOpened(book=self.book.name))
        for day in sorted({row.on for row in self.rows}):
            row = next(row for row in self.rows if row.on == day)
            free = posting_date(day, self.book.locked_through)
            if free != day:
                self._fault(row, "day", PeriodClosed(date=day, post_date=free))

    # --- one entry ------------------------------------------------------------------------------

    def _entry(self, key: str, rows: Sequence[RowIn]) -> EntryRead | None:
        before = len(self.out.faults)
        first = rows[0]
        for row in rows:
            if row.on != first.on:
                self._fault(row, "day", DaysDiffer(entry=key))
        try:
            check_reach(first.on, self.book.first_month, self.book.last_month)
            check_come(first.on)
        except Refusal as refusal:
            self._fault(first, "day", refusal)
        branch = self._branch(first)
        lines = [line for row in rows if (line := self._line(row)) is not None]
        if len(self.out.faults) > before or key in self.partial:
            return None
        entry = EntryRead(key, self.kind, first.on, branch, _remark(key, rows), first.number, lines)
        if self.kind == OPENING:
            try:
                entry.lines += self._positions(entry)
            except Refusal as refusal:
                self._fault(first, "currency", refusal)
                return None
        return entry

    def _branch(self, row: RowIn) -> UUID | None:
        if not row.branch:
            return self.book.office_id
        found = self.branches.get(row.branch)
        if found is None:
            self._fault(row, "branch", BranchUnknown(branch=row.branch))
        return found

    def _line(self, row: RowIn) -> LineRead | None:
        """One line; each cell that is wrong is a fault of its own."""
        before = len(self.out.faults)
        base = self.book.base_currency
        currency = row.currency or base
        if currency not in CURRENCIES:
            self._fault(row, "currency", CurrencyUnknown(currency=currency))
            return None
        account = self._account(row, currency)
        units = self._units(row, currency)
        fund = self.funds.get(row.fund) if row.fund else UNRESTRICTED_ID
        if fund is None:
            self._fault(row, "fund", FundUnknown(fund=row.fund))
        worth = self._base(row, currency, units)
        fixed = currency != base and (row.base is not None or self.kind == OPENING)
        if len(self.out.faults) > before or account is None or fund is None:
            return None
        return LineRead(
            account.id,
            account.code,
            account.type,
            units,
            currency,
            worth,
            fixed,
            fund,
            row.budget_line,
            row.number,
        )

    def _account(self, row: RowIn, currency: str) -> AccountFact | None:
        try:
            account = self.chart.of_code(row.account)
            check_usable(account, currency)
        except Refusal as refusal:
            self._fault(row, "account", refusal)
            return None
        return account

    def _units(self, row: RowIn, currency: str) -> int:
        told = [(name, getattr(row, name)) for name in ("debit", "credit")]
        given = [(name, amount) for name, amount in told if amount]
        if len(given) != 1:
            self._fault(row, "debit", DebitOrCredit())
            return 0
        name, amount = given[0]
        units = self._scaled(row, name, amount, currency)
        return units if name == "debit" else -units

    def _scaled(self, row: RowIn, column: str, amount: Decimal, currency: str) -> int:
        digits = currency_digits(currency)
        scaled = amount.scaleb(digits)
        if amount < 0:
            self._fault(row, column, AmountBelowZero())
        elif scaled != scaled.to_integral_value():
            self._fault(row, column, AmountTooFine(currency=currency, digits=digits))
        elif scaled >= LIMIT:
            self._fault(row, column, AmountTooLarge(units=int(scaled)))
        else:
            return int(scaled)
        return 0

    def _base(self, row: RowIn, currency: str, units: int) -> int:
        """What a line comes to in the book's currency: as told, else by the day's rate."""
        base = self.book.base_currency
        if currency == base:
            return units
        if row.base is not None:
            told = self._scaled(row, "base", row.base, base)
            return told if units > 0 else -told
        book = self.book
        try:
            rate = self.rates.rate(currency, base, row.on, book.rate_kind, book.max_rate_age_days)
        except Refusal as refusal:
            self._fault(row, "currency", refusal)
            return 0
        return to_base(units, rate, currency_digits(currency), currency_digits(base))

    def _positions(self, entry: EntryRead) -> list[LineRead]:
        """FX_POSITION against what stands in other currencies. Raises RoleMissing."""
        base = self.book.base_currency
        sums: dict[tuple[str, UUID], list[int]] = defaultdict(lambda: [0, 0])
        for line in entry.lines:
            if line.currency != base:
                held = sums[line.currency, line.fund]
                held[0] += line.units
                held[1] += line.worth
        added: list[LineRead] = []
        for (currency, fund), (units, base_units) in sorted(sums.items(), key=str):
            if not units:
                continue
            for kept, amount, worth in (
                (currency, -units, -base_units),
                (base, base_units, base_units),
            ):
                account = self.chart.of_role(FX, kept)
                added.append(
                    LineRead(
                        account.id,
                        account.code,
                        account.type,
                        amount,
                        kept,
                        worth,
                        kept != base,
                        fund,
                        "",
                        entry.number,
                    )
                )
        return [line for line in added if line.units]

    # --- all of them ----------------------------------------------------------------------------

    def _check_posting(self) -> None:
        """What the journal itself would refuse, entry by entry."""
        entries = self.out.entries
        with transaction.atomic():
            found = refusals_of([entry_in(self.book, entry) for entry in entries])
        for place, refusal in found:
            told = spoken(refusal, self.book.base_currency)
            self.out.faults.append(RowFault(entries[place].number, None, told))

    def _check_budgets(self) -> None:
        spent: dict[tuple[UUID, str, str], list[LineRead]] = defaultdict(list)
        for entry in self.out.entries:
            for line in entry.lines:
                if line.budget_line and line.account_type is AccountType.EXPENSE:
                    spent[line.fund, line.budget_line, line.currency].append(line)
        for key, lines in spent.items():
            last = self.out.entries[-1].happened_date  # in order of their days
            try:
                check_spending([(*key, sum(line.units for line in lines))], last)
            except Refusal as refusal:
                self.out.faults.append(RowFault(lines[0].number, "budget_line", refusal))


def _remark(key: str, rows: Sequence[RowIn]) -> str:
    """What the entry is for, in the words of its first line that has some, after its number."""
    text = next((row.text for row in rows if row.text), "")
    return " ".join(part for part in (key, text) if part)[:400] or "\u2013"


def entry_in(book: Book, entry: EntryRead) -> EntryIn:
    """The entry as posting takes it."""
    digits = currency_digits(book.base_currency)
    return EntryIn(
        book=book,
        kind=entry.kind if entry.kind == OPENING else MANUAL,
        source=Source("ledger", "table", book.pk, entry.key[:40]),
        lines=[
            LineIn(
                units=line.units,
                account_code=line.account_code,
                currency=line.currency,
                fund=line.fund,
                budget_line=line.budget_line,
                base_units=line.base_units,
                rate=rate_between(line.units, line.worth, currency_digits(line.currency), digits)
                if line.fixed
                else None,
            )
            for line in entry.lines
        ],
        happened_date=entry.happened_date,
        branch=entry.branch,
    )
