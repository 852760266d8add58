"""From the lines a caller hands in to lines ready to store: accounts, currencies, rates, funds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol
from uuid import UUID

from handup.ledger.chart import AccountFact, check_usable
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


class Resolved(NamedTuple):
    """An entry's lines with every look-up done; whether one stands on a memo account, takes from an
    account of money that has a limit, or belongs to a fund.
    """

    facts: list[LineFact]
    memo: bool
    takes_money: bool
    of_funds: bool


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

    def lines(self, entry: Incoming, head: Head) -> Resolved:
        """Look up what an entry's lines name."""
        branch = entry.branch or head.office_id
        base_currency = head.base_currency
        facts: list[LineFact] = []
        memo = foreign = takes_money = of_funds = False
        for no, line in enumerate(entry.lines, 1):
            currency = line.currency or base_currency
            account = _account(head, line, currency)
            units, fund = line.units, line.fund or UNRESTRICTED_ID
            memo = memo or account.type is AccountType.MEMO
            takes_money = takes_money or (units < 0 and account.limited)
            of_funds = of_funds or (fund is not UNRESTRICTED_ID and fund != UNRESTRICTED_ID)
            if account.fund_required and line.fund is None:
                raise FundRequired(account=account.code)
            base_units, rate = units, RATE_ONE
            if line.base_units is not None or currency != base_currency:
                base_units, rate = self._base(line, currency, head, entry.happened_date)
                foreign = foreign or (rate != RATE_ONE and line.base_units is None)
            kind, subject = line.subject or ("", None)
            facts.append(
                LineFact(
                    *(no, account.id, units, currency, base_units, rate, fund),
                    *(line.budget_line, line.branch or branch, kind, subject),
                )
            )
        if foreign:
            spread = spread_residue([(fact.units, fact.base_units, fact.fund_id) for fact in facts])
            facts = [
                fact._replace(base_units=base_units)
                for fact, base_units in zip(facts, spread, strict=True)
            ]
        return Resolved(facts, memo, takes_money, of_funds)

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


def _account(head: Head, line: LineIn, currency: str) -> AccountFact:
    """The account a line names. One named by its role is looked at once for a batch."""
    if line.account_id is not None:
        return head.chart().by_id[line.account_id]
    if not line.account_role:
        account = head.chart().of_code(line.account_code)
        check_usable(account, currency)
        return account
    key = (line.account_role, currency)
    known = head.usable.get(key)
    if known is None:
        known = head.usable[key] = head.chart().of_role(*key)
        check_usable(known, currency)
    return known


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
