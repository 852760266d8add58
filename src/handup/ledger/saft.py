"""A book as a Standard Audit File for Tax (OECD SAF-T 2.0): header, accounts, journal.

Only what a journal has is written: no customers, suppliers, invoices or taxes. Beside the OECD's
rules, two that countries add are kept: an analysis type names one thing only, and every amount
carries its currency. The XML is written piece by piece.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from operator import itemgetter
from typing import IO, Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from django.utils.encoding import force_str
from lxml import etree

from handup.ledger.audit_span import Span
from handup.ledger.errors import NotInTwoDigits
from handup.ledger.labels import kind_label
from handup.ledger.models import Account, Fund, Remark
from handup.ledger.rules.journal import RATE_ONE
from handup.ledger.rules.words import AccountType
from handup.ledger.sql import as_date, as_hex, as_uuid, day, uid
from handup.ledger.statements import year_start
from handup.ledger.vouchers import numbered
from handup.org.web.export import NOT_IN_XML
from handup.org.web.money import as_decimal, currency_digits

SPACE = "urn:OECD:StandardAuditFile-Taxation/2.00"
CODE, SHORT, MIDDLE, WIDE, LONG = 9, 18, 35, 70, 256
"""The lengths of SAF-T's texts."""
DIGITS = 2
RATE_DIGITS = Decimal("0.00000001")
TYPES = {
    AccountType.ASSET: "Asset",
    AccountType.LIABILITY: "Liability",
    AccountType.EQUITY: "Liability",
    AccountType.INCOME: "Sale",
    AccountType.EXPENSE: "Expense",
    AccountType.MEMO: "Other",
}
LINE = (
    "e.id, e.seq, e.kind, e.entry_date, e.happened_date, e.recorded_at, e.source_kind, e.source_id,"
    " e.reverses_id, e.posted_by_id, l.no, l.account_id, l.units, l.currency, l.base_units, l.rate,"
    " l.fund_id, l.budget_line"
)


@dataclass(frozen=True, slots=True)
class Company:
    """What the file says of who keeps the book; whom to ask is part of it by the OECD's rules."""

    name: str
    registration_number: str
    city: str
    postal_code: str
    country: str
    first_name: str
    last_name: str
    telephone: str


def require_two_digits(span: Span) -> None:
    """Raises NotInTwoDigits: SAF-T has no third decimal, and nothing is rounded."""
    for currency in sorted({span.book.base_currency, *_currencies(span)}):
        if currency_digits(currency) > DIGITS:
            raise NotInTwoDigits(currency=currency)


def write_saft(into: IO[bytes], span: Span, company: Company, *, names: bool) -> None:
    """Write the file."""
    writer = _Writer(span, names=names)
    with etree.xmlfile(into, encoding="UTF-8") as file:
        file.write_declaration()
        with file.element(_tag("AuditFile"), nsmap={None: SPACE}):
            file.write(_header(span, company))
            file.write(writer.master_files())
            with file.element(_tag("GeneralLedgerEntries")):
                for part in writer.totals():
                    file.write(part)
                for domain in writer.domains():
                    with file.element(_tag("Journal")):
                        file.write(_leaf("JournalID", domain.upper(), SHORT))
                        file.write(_leaf("Description", f"Entries of {domain}", LONG))
                        file.write(_leaf("Type", "GL", CODE))
                        for transaction in writer.transactions(domain):
                            file.write(transaction)


def _header(span: Span, company: Company) -> Any:
    return _node(
        "Header",
        _leaf("AuditFileVersion", "2.00", CODE),
        _leaf("AuditFileCountry", company.country, 2),
        _leaf("AuditFileDateCreated", timezone.localdate().isoformat()),
        _leaf("SoftwareCompanyName", "Handup", WIDE),
        _leaf("SoftwareID", "Handup", LONG),
        _leaf("SoftwareVersion", _version(), SHORT),
        _node(
            "Company",
            _leaf("RegistrationNumber", company.registration_number, MIDDLE),
            _leaf("Name", company.name, WIDE),
            _node(
                "Address",
                _leaf("City", company.city, MIDDLE),
                _leaf("PostalCode", company.postal_code, SHORT),
                _leaf("Country", company.country, 2),
            ),
            _node(
                "Contact",
                _node(
                    "ContactPerson",
                    _leaf("FirstName", company.first_name, MIDDLE),
                    _leaf("LastName", company.last_name, WIDE),
                ),
                _leaf("Telephone", company.telephone, SHORT),
            ),
        ),
        _leaf("DefaultCurrencyCode", span.book.base_currency, 3),
        _node(
            "SelectionCriteria",
            _leaf("SelectionStartDate", span.since.isoformat()),
            _leaf("SelectionEndDate", span.on.isoformat()),
        ),
        _leaf(
            "HeaderComment",
            f"Book {span.book.code}; last entry {span.head_seq}, hash {span.head_hash}",
            LONG,
        ),
        _leaf("TaxAccountingBasis", "Accrual accounting", SHORT),
    )


class _Writer:
    """Reads the book and makes the elements; accounts and funds are read once."""

    def __init__(self, span: Span, *, names: bool) -> None:
        self.span, self.book, self.names = span, span.book, names
        self.base = span.book.base_currency
        self.accounts = {
            row.pk: row
            for row in Account.objects.filter(book=self.book, leaf=True).select_related("parent")
        }
        self.analysis = _analysis(span)
        self.periods: dict[date, tuple[int, int]] = {}

    # --- accounts and analysis --------------------------------------------------------------------

    def master_files(self) -> Any:
        """GeneralLedgerAccounts with their balances, and what lines can be told apart by."""
        before = self._balances("e.entry_date < %s", self.span.since)
        moved = self._balances("e.entry_date >= %s", self.span.since, until=self.span.on)
        accounts = (
            self._account(account, before[pk], before[pk] + moved[pk])
            for pk, account in self.accounts.items()
        )
        parts = [_node("GeneralLedgerAccounts", *accounts)]
        if self.analysis:
            entries = (
                _node(
                    "AnalysisTypeTableEntry",
                    _leaf("AnalysisType", told[0], CODE),
                    _leaf("AnalysisTypeDescription", told[2], LONG),
                    _leaf("AnalysisID", told[1], MIDDLE),
                    _leaf("AnalysisIDDescription", told[3], LONG),
                )
                for told in self.analysis.values()
            )
            parts.append(_node("AnalysisTypeTable", *entries))
        return _node("MasterFiles", *parts)

    def _balances(self, condition: str, since: date, until: date | None = None) -> Counter[UUID]:
        sql = (
            "SELECT l.account_id, SUM(l.base_units) FROM ledger_line l JOIN ledger_entry e"
            f" ON e.id = l.entry_id WHERE e.book_id = %s AND e.seq <= %s AND {condition}"
        )
        values = [uid(self.book.pk), self.span.head_seq, day(since)]
        if until is not None:
            sql += " AND e.entry_date <= %s"
            values.append(day(until))
        with connection.cursor() as cursor:
            cursor.execute(sql + " GROUP BY l.account_id", values)
            return Counter({as_uuid(pk): int(units) for pk, units in cursor.fetchall()})

    def _account(self, account: Account, opening: int, closing: int) -> Any:
        kind = AccountType(account.type)
        grouping = (
            [_leaf("GroupingCode", account.parent.code, MIDDLE)]
            if account.parent is not None
            else []
        )
        return _node(
            "Account",
            _leaf("AccountID", account.code, WIDE),
            _leaf("AccountDescription", account.name, LONG),
            _leaf("GroupingCategory", kind.value, MIDDLE),
            *grouping,
            _leaf("AccountType", TYPES[kind], SHORT),
            self._balance("Opening", opening),
            self._balance("Closing", closing),
        )

    def _balance(self, which: str, units: int) -> Any:
        side = "Credit" if units < 0 else "Debit"
        return _leaf(f"{which}{side}Balance", self._money(abs(units), self.base))

    # --- the journal ------------------------------------------------------------------------------

    def totals(self) -> Iterator[Any]:
        """How many entries, and what their debits and credits add up to."""
        where, values = self.span.where()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT COUNT(DISTINCT e.id),"
                " COALESCE(SUM(CASE WHEN l.base_units > 0 THEN l.base_units ELSE 0 END), 0),"
                " COALESCE(SUM(CASE WHEN l.base_units < 0 THEN -l.base_units ELSE 0 END), 0)"
                " FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id"
                f" WHERE {where}",
                values,
            )
            count, debit, credit = cursor.fetchone()
        yield _leaf("NumberOfEntries", str(count))
        yield _leaf("TotalDebit", self._money(int(debit), self.base))
        yield _leaf("TotalCredit", self._money(int(credit), self.base))

    def domains(self) -> list[str]:
        """Which parts of the program posted: one journal each."""
        where, values = self.span.where()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT DISTINCT e.source_domain FROM ledger_entry e WHERE {where} ORDER BY 1",
                values,
            )
            return [row[0] for row in cursor.fetchall()]

    def transactions(self, domain: str) -> Iterator[Any]:
        """The entries of one journal, each with its lines."""
        joins = "JOIN ledger_line l ON l.entry_id = e.id"
        select = f"{LINE}, ''"
        if self.names:
            joins += f" LEFT JOIN {Remark._meta.db_table} r ON r.entry_id = e.id"
            select = f"{LINE}, r.text"
        rows = replace(self.span, domain=domain).rows(select, joins, "e.seq, l.no")
        for _pk, lines in groupby(rows, itemgetter(0)):
            yield self._transaction(list(lines))

    def _transaction(self, rows: list[tuple[Any, ...]]) -> Any:
        _pk, seq, kind, posted, happened, recorded, source, source_id, reverses, who = rows[0][:10]
        posted, happened = as_date(posted), as_date(happened)
        period, year = self._period(posted)
        described = force_str(kind_label(kind))
        if rows[0][-1]:
            described = f"{described}: {rows[0][-1]}"
        how = "Reversal" if reverses else "Manual" if source == "draft" else "Automated"
        return _node(
            "Transaction",
            _leaf("TransactionID", numbered(self.book.code, year, seq), WIDE),
            _leaf("Period", str(period)),
            _leaf("PeriodYear", str(year)),
            _leaf("TransactionDate", happened.isoformat()),
            _leaf("SourceID", as_hex(who), MIDDLE),
            _leaf("TransactionType", how, SHORT),
            _leaf("Description", described, LONG),
            _leaf("SystemEntryDate", str(recorded)[:10]),
            _leaf("GLPostingDate", posted.isoformat()),
            _leaf("SystemID", str(seq), SHORT),
            *(self._line(as_hex(source_id), row[10:-1]) for row in rows),
        )

    def _line(self, source_id: str, row: tuple[Any, ...]) -> Any:
        no, account, units, currency, base_units, rate, fund, budget_line = row
        debit = (base_units or units) > 0
        amount = [
            _leaf("Amount", self._money(abs(base_units), self.base)),
            _leaf("CurrencyCode", currency, 3),
            _leaf("CurrencyAmount", self._money(abs(units), currency)),
        ]
        if currency != self.base:
            worth = (Decimal(rate) / RATE_ONE).quantize(RATE_DIGITS)
            amount.append(_leaf("ExchangeRate", f"{worth:f}"))
        keys = (as_hex(fund), budget_line)
        return _node(
            "Line",
            _leaf("RecordID", str(no), SHORT),
            _leaf("AccountID", self.accounts[as_uuid(account)].code, WIDE),
            *(
                _node(
                    "Analysis",
                    _leaf("AnalysisType", self.analysis[key][0], CODE),
                    _leaf("AnalysisID", self.analysis[key][1], MIDDLE),
                )
                for key in keys
                if key in self.analysis
            ),
            _leaf("SourceDocumentID", source_id, MIDDLE),
            _leaf("Description", self.accounts[as_uuid(account)].name, LONG),
            _node("DebitAmount" if debit else "CreditAmount", *amount),
        )

    def _period(self, on: date) -> tuple[int, int]:
        """The number of the month in the book's year, and the year."""
        if on not in self.periods:
            first = year_start(self.book, on)
            self.periods[on] = ((on.month - first.month) % 12 + 1, first.year)
        return self.periods[on]

    @staticmethod
    def _money(units: int, currency: str) -> str:
        return f"{as_decimal(units, currency):f}"


def _analysis(span: Span) -> dict[str, tuple[str, str, str, str]]:
    """Funds and budget lines the lines name: type and id as short as SAF-T wants them, in words."""
    where, values = span.where()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT l.fund_id, l.budget_line FROM ledger_entry e"
            f" JOIN ledger_line l ON l.entry_id = e.id WHERE {where}",
            values,
        )
        pairs = cursor.fetchall()
    funds = Fund.objects.filter(pk__in={as_uuid(fund) for fund, _line in pairs}).order_by("code")
    found = {
        fund.pk.hex: (f"F{place}", f"FUND-{place}", "Fund", f"{fund.code} {fund.name}")
        for place, fund in enumerate(funds, 1)
    }
    lines = sorted({line for _fund, line in pairs if line})
    found |= {
        line: (f"B{place}", f"BUDGET-{place}", "Budget line", line)
        for place, line in enumerate(lines, 1)
    }
    return found


def _currencies(span: Span) -> list[str]:
    where, values = span.where()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT l.currency FROM ledger_entry e"
            f" JOIN ledger_line l ON l.entry_id = e.id WHERE {where}",
            values,
        )
        return [row[0] for row in cursor.fetchall()]


def _version() -> str:
    try:
        return version("handup")
    except PackageNotFoundError:
        return "from its source"


def _tag(name: str) -> str:
    return f"{{{SPACE}}}{name}"


def _node(name: str, *parts: Any) -> Any:
    node = etree.Element(_tag(name), nsmap={None: SPACE})
    node.extend(parts)
    return node


def _leaf(name: str, text: str, most: int = LONG) -> Any:
    leaf = etree.Element(_tag(name), nsmap={None: SPACE})
    leaf.text = re.sub(r"\s+", " ", NOT_IN_XML.sub("", text)).strip()[:most].strip()
    return leaf
