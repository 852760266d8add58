"""What an entry is before it is stored, when it balances, and the text its hash is made from.

Units are whole smallest units, debit positive. A rate is a whole number divided by 10^10 between
amounts in the currencies' main units; `digits` of each currency turn it into smallest units.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import NamedTuple
from uuid import UUID

from handup.kernel.chain import Json
from handup.kernel.jsontext import writer
from handup.kernel.money import divide
from handup.ledger.errors import (
    AmountTooLarge,
    DayOutOfReach,
    DoesNotBalance,
    EmptyLine,
    TooFewLines,
)
from handup.ledger.rules.words import BY_THE_BOOKS

_write = writer(ensure_ascii=False, separators=(",", ":"))
RATE_ONE = 10**10
LIMIT = 2**53


class Source(NamedTuple):
    """The fact an entry tells of: it posts once per book and purpose."""

    domain: str
    kind: str
    id: UUID
    purpose: str = ""


class LineIn(NamedTuple):
    """One line as a caller hands it in: the account by role (automatic), by code (by hand) or by id
    (a reversal, also of an account no longer in use).

    units: debit positive, credit negative. currency empty: the book's own. fund None: unrestricted.
    subject: an opaque (kind, id) the balance can be asked for, e.g. ("loan", id). base_units and
    rate are given only where they are taken over (a reversal) or are the point (a revaluation).
    """

    units: int
    account_role: str = ""
    account_code: str = ""
    account_id: UUID | None = None
    currency: str = ""
    subject: tuple[str, UUID] | None = None
    fund: UUID | None = None
    budget_line: str = ""
    branch: UUID | None = None
    base_units: int | None = None
    rate: int | None = None


class LineFact(NamedTuple):
    """One line as it is stored, every look-up done."""

    no: int
    account_id: UUID
    units: int
    currency: str
    base_units: int
    rate: int
    fund_id: UUID
    budget_line: str
    branch_id: UUID | None
    subject_kind: str
    subject_id: UUID | None


class EntryFact(NamedTuple):
    """The header as it is hashed. Codes and ids only: a typed remark is never part of it."""

    id: UUID
    book_id: UUID
    seq: int
    kind: str
    entry_date: date
    happened_date: date
    source: Source
    reverses_id: UUID | None
    branch_id: UUID | None
    posted_by_id: UUID
    approved_by_id: UUID | None
    posted_at: datetime
    flags: str
    lines: tuple[LineFact, ...]


def check_lines(lines: Sequence[tuple[int, int, str, UUID]], kind: str) -> None:
    """Refuse lines (units, base_units, currency, fund) that are too few, empty or do not balance
    (J1, J2).
    """
    if len(lines) < 2:
        raise TooFewLines()
    _units, _base, one_currency, one_fund = lines[0]
    alike, total, base_total = True, 0, 0
    for units, base_units, currency, fund in lines:
        if units == 0 and (kind not in BY_THE_BOOKS or not base_units):
            raise EmptyLine()
        if not (-LIMIT < units < LIMIT and -LIMIT < base_units < LIMIT):
            raise AmountTooLarge(units=units)
        total += units
        base_total += base_units
        alike = alike and currency == one_currency and (fund is one_fund or fund == one_fund)
    if not alike or total or base_total:
        _check_each(lines)


def _check_each(lines: Sequence[tuple[int, int, str, UUID]]) -> None:
    """Refuse lines that do not balance in each currency and fund."""
    # Keyed by the fund's number: hashing a UUID costs more than all the rest of this.
    by_currency: dict[tuple[str, int], int] = defaultdict(int)
    by_fund: dict[int, int] = defaultdict(int)
    for units, base_units, currency, fund in lines:
        by_currency[currency, fund.int] += units
        by_fund[fund.int] += base_units
    for (currency, key), difference in by_currency.items():
        if difference:
            raise DoesNotBalance(currency=currency, fund=UUID(int=key), difference=difference)
    for key, difference in by_fund.items():
        if difference:
            raise DoesNotBalance(currency="base", fund=UUID(int=key), difference=difference)


def to_base(units: int, rate: int, digits: int, base_digits: int) -> int:
    """HALF_UP(units x rate) in the base currency's smallest units (ledger.md 4.2)."""
    return divide(units * rate * 10**base_digits, RATE_ONE * 10**digits)


def rate_between(units: int, base_units: int, digits: int, base_digits: int) -> int:
    """The rate that an amount told in both currencies stands at; RATE_ONE where there is none."""
    if not units or units * base_units <= 0:
        return RATE_ONE
    return base_units * RATE_ONE * 10**digits // (units * 10**base_digits) or 1


def spread_residue(amounts: Sequence[tuple[int, int, UUID]]) -> list[int]:
    """Return base units that balance per fund: the line with the most units takes what rounding
    left.

    amounts: (units, base_units, fund) per line. More than one base unit per line is no rounding:
    refused.
    """
    result = [base for _units, base, _fund in amounts]
    by_fund: dict[UUID, list[int]] = defaultdict(list)
    for place, (_units, _base, fund) in enumerate(amounts):
        by_fund[fund].append(place)
    for fund, places in by_fund.items():
        residue = sum(result[place] for place in places)
        if not residue:
            continue
        if abs(residue) > len(places):
            raise DoesNotBalance(currency="base", fund=fund, difference=residue)
        largest = max(places, key=lambda place: abs(amounts[place][0]))
        result[largest] -= residue
    return result


FIRST_YEAR, LAST_YEAR = 1950, 2150
MOST_YEARS_APART = 50


def is_in_reach(on: date, *others: date | None) -> bool:
    """Tell whether a day opens no hundreds of empty months between it and the others."""
    known = [on, *(month for month in others if month is not None)]
    apart = max(known).year - min(known).year
    return FIRST_YEAR <= on.year <= LAST_YEAR and apart <= MOST_YEARS_APART


def check_reach(on: date, first_month: date | None, last_month: date | None) -> None:
    """Refuse a day that would open hundreds of empty months: a year typed wrongly."""
    if not is_in_reach(on, first_month, last_month):
        raise DayOutOfReach(field="happened_date", date=on)


def posting_date(happened: date, locked_through: date | None) -> date:
    """The day a fact is posted on: its own, or the first day after the closed periods (ledger.md
    4.4).
    """
    if locked_through is None or happened > locked_through:
        return happened
    return date.fromordinal(locked_through.toordinal() + 1)


def _canonical(value: Sequence[Json]) -> bytes:
    """As kernel.chain.canonical, for lists of texts and whole numbers below 2^53 only: no object's
    names to put in order, so the plain writer gives the same bytes several times faster.
    """
    return _write(value).encode()


def content_hash(value: Sequence[Json]) -> str:
    """SHA-256 of a list's canonical form."""
    return hashlib.sha256(_canonical(value)).hexdigest()


def chain_hash(prev_hash: str, value: Sequence[Json]) -> str:
    """SHA-256(prev_hash and the list's canonical form), as kernel.chain.link."""
    return _linked(prev_hash, _canonical(value))


def _linked(prev_hash: str, told: bytes) -> str:
    return hashlib.sha256(bytes.fromhex(prev_hash) + told).hexdigest()


_word = lru_cache(maxsize=512)(quoted)
"""A code as JSON writes it: the same few come again with every line."""
_day = lru_cache(maxsize=512)(date.isoformat)


def text_of(value: UUID | None) -> str:
    """An id as it stands in a hashed text: 32 hexadecimal digits, empty for none."""
    return "" if value is None else value.hex


@lru_cache(maxsize=64)
def instant_text(value: datetime) -> str:
    """An instant as it stands in a hashed text: UTC with microseconds."""
    return f"{value.isoformat(timespec='microseconds')[:26]}Z"


def line_texts(lines: Iterable[LineFact]) -> tuple[str, str]:
    """The lines as they are hashed: what makes two postings of one fact the same (without numbers
    and rates), and what stands in the chain.

    Written out by hand: three lines as lists for an encoder cost four times as much.
    """
    same: list[str] = []
    chained: list[str] = []
    for no, account_id, units, currency, base, rate, fund, budget, branch, kind, pk in lines:
        account = account_id.hex
        money = f"{units:d},{_word(currency)}"
        rest = (
            f'"{fund.hex}",{_word(budget)},"{"" if branch is None else branch.hex}",'
            f'{_word(kind)},"{"" if pk is None else pk.hex}"'
        )
        same.append(f'["{account}",{money},{rest},{0 if units else base:d}]')
        chained.append(f'[{no:d},"{account}",{money},{base:d},{rate:d},{rest}]')
    return f"[{','.join(same)}]", f"[{','.join(chained)}]"


def content_digest(kind: str, happened: date, same: str) -> str:
    """What tells a fact from another: kind, day and lines as `line_texts` writes them."""
    told = f'[{_word(kind)},"{_day(happened)}",{same}]'
    return hashlib.sha256(told.encode()).hexdigest()


def entry_text(entry: EntryFact, content: str, chained: str) -> str:
    """The entry and its lines, as `line_texts` writes them, as they are hashed into the chain."""
    source = entry.source
    return (
        f'["{entry.id.hex}","{entry.book_id.hex}",{entry.seq:d},{_word(entry.kind)},'
        f'"{_day(entry.entry_date)}","{_day(entry.happened_date)}",'
        f"{_word(source.domain)},{_word(source.kind)},"
        f'"{source.id.hex}",{_word(source.purpose)},'
        f'"{text_of(entry.reverses_id)}","{text_of(entry.branch_id)}","{entry.posted_by_id.hex}",'
        f'"{text_of(entry.approved_by_id)}","{instant_text(entry.posted_at)}",'
        f'{_word(entry.flags)},"{content}",{chained}]'
    )


def entry_hash(prev_hash: str, entry: EntryFact, content: str, chained: str) -> str:
    """The entry's own hash, in the chain after the entry of `prev_hash`."""
    return _linked(prev_hash, entry_text(entry, content, chained).encode())
