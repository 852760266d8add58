"""From the lines a caller hands in to lines ready to store: accounts, currencies, rates, funds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol
from uuid import UUID

from handup.ledger.chart import AccountFact, Chart, check_usable
from handup.ledger.errors import FundClosed, FundNotAllowed, FundRequired
from handup.ledger.models import Book, Fund
from handup.ledger.rates import RateBook
from handup.ledger.rules.journal import RATE_ONE, LineFact, LineIn, spread_residue, to_base
from handup.ledger.rules.words import UNRESTRICTED_ID, AccountType, FundKind
from handup.ledger.services.heads import Head
from handup.org.web.money import currency_digits


class Incoming(Protocol):
    """What the resolver reads of an entry."""

    @property
    def book(self) -> Book: ...
    @property
    def lines(self) -> Sequence[LineIn]: ...
    @property
    def happened_date(self) -> date: ...
    @property
    def branch(self) -> UUID | None: ...


@dataclass(frozen=True, slots=True)
class FundFact:
    """A fund as posting must know it."""

    code: str
    kind: FundKind
    currency: str
    starts: date | None
    ends: date | None
    account_codes: frozenset[str]
    budget_lines: frozenset[str]
    active: bool


class Resolver:
    """Reads what a whole batch needs once: funds other than the unrestricted one, and rates of
    foreign currencies.
    """

    def __init__(self, batch: Sequence[tuple[Incoming, Head]]) -> None:
        fund_ids = {
            line.fund
            for entry, _head in batch
            for line in entry.lines
            if line.fund is not None and line.fund != UNRESTRICTED_ID
        }
        self.funds = _read_funds(fund_ids)
        self.rates = RateBook(
            (line.currency, head.base_currency, entry.happened_date, head.rate_kind)
            for entry, head in batch
            for line in entry.lines
            if line.currency and line.currency != head.base_currency and line.rate is None
        )

    def lines(self, entry: Incoming, head: Head) -> tuple[list[LineFact], bool]:
        """Return an entry's lines with every look-up done, and whether one stands on a memo
        account.
        """
        chart = head.chart()
        branch = entry.branch or head.office_id
        facts: list[LineFact] = []
        memo = False
        foreign = False
        for no, line in enumerate(entry.lines, 1):
            currency = line.currency or head.base_currency
            account = _account(chart, line, currency)
            memo = memo or account.type is AccountType.MEMO
            if account.fund_required and line.fund is None:
                raise FundRequired(account=account.code)
            base_units, rate = self._base(line, currency, head, entry.happened_date)
            foreign = foreign or (rate != RATE_ONE and line.base_units is None)
            facts.append(_fact(no, account, line, currency, base_units, rate, branch))
        if foreign:
            spread = spread_residue([(fact.units, fact.base_units, fact.fund_id) for fact in facts])
            facts = [
                _with_base(fact, base_units) for fact, base_units in zip(facts, spread, strict=True)
            ]
        return facts, memo

    def _base(self, line: LineIn, currency: str, head: Head, on: date) -> tuple[int, int]:
        if currency == head.base_currency:
            return (line.units if line.base_units is None else line.base_units), RATE_ONE
        rate = line.rate
        if rate is None:
            rate = self.rates.rate(
                currency, head.base_currency, on, head.rate_kind, head.max_rate_age_days
            )
        if line.base_units is not None:
            return line.base_units, rate
        return (
            to_base(
                line.units, rate, currency_digits(currency), currency_digits(head.base_currency)
            ),
            rate,
        )

    def check_funds(self, lines: Sequence[LineFact], head: Head, entry_date: date) -> None:
        """Refuse a line whose fund is not open that day or may not be used for it (J9)."""
        for line in lines:
            if line.fund_id == UNRESTRICTED_ID:
                continue
            fund = self.funds.get(line.fund_id)
            if fund is None:
                raise FundNotAllowed(fund=line.fund_id, what="this book")
            if (
                not fund.active
                or (fund.starts is not None and entry_date < fund.starts)
                or (fund.ends is not None and entry_date > fund.ends)
            ):
                raise FundClosed(fund=fund.code, date=entry_date)
            code = head.chart().by_id[line.account_id].code
            if fund.account_codes and code not in fund.account_codes:
                raise FundNotAllowed(fund=fund.code, what=code)
            if fund.currency and line.currency != fund.currency:
                raise FundNotAllowed(fund=fund.code, what=line.currency)
            if line.budget_line and fund.budget_lines and line.budget_line not in fund.budget_lines:
                raise FundNotAllowed(fund=fund.code, what=line.budget_line)


def _account(chart: Chart, line: LineIn, currency: str) -> AccountFact:
    if line.account_id is not None:
        return chart.by_id[line.account_id]
    if line.account_role:
        account = chart.of_role(line.account_role, currency)
    else:
        account = chart.of_code(line.account_code)
    check_usable(account, currency)
    return account


def _fact(
    no: int,
    account: AccountFact,
    line: LineIn,
    currency: str,
    base_units: int,
    rate: int,
    branch: UUID | None,
) -> LineFact:
    subject_kind, subject_id = line.subject or ("", None)
    return LineFact(
        no=no,
        account_id=account.id,
        units=line.units,
        currency=currency,
        base_units=base_units,
        rate=rate,
        fund_id=line.fund or UNRESTRICTED_ID,
        budget_line=line.budget_line,
        branch_id=line.branch or branch,
        subject_kind=subject_kind,
        subject_id=subject_id,
    )


def _with_base(fact: LineFact, base_units: int) -> LineFact:
    return LineFact(
        no=fact.no,
        account_id=fact.account_id,
        units=fact.units,
        currency=fact.currency,
        base_units=base_units,
        rate=fact.rate,
        fund_id=fact.fund_id,
        budget_line=fact.budget_line,
        branch_id=fact.branch_id,
        subject_kind=fact.subject_kind,
        subject_id=fact.subject_id,
    )


def _read_funds(fund_ids: set[UUID]) -> dict[UUID, FundFact]:
    if not fund_ids:
        return {}
    return {
        row.pk: FundFact(
            code=row.code,
            kind=FundKind(row.kind),
            currency=row.currency,
            starts=row.starts,
            ends=row.ends,
            account_codes=frozenset(row.account_codes),
            budget_lines=frozenset(row.budget_lines),
            active=row.active,
        )
        for row in Fund.objects.filter(pk__in=fund_ids)
    }
