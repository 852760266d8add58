"""What a statement says, whatever the form it came in: accounts, balances, entries, faults by
place.

A file is refused whole when it cannot be read or its balances contradict its entries; an entry that
is wrong is kept with its faults and never posted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from handup.kernel.errors import Fault, Refusal
from handup.kernel.sheet_faults import RowTooWide

MOST_BYTES = 60_000_000
MOST_ENTRIES = 200_000
MOST_UNITS = 10**15
MOST_YEARS = 30
"""How far a movement may lie behind: a year further away is a slip, no day to reckon with."""
LONGEST_REFERENCE = 60
LONGEST_TEXT = 500

Digits = Callable[[str], int]
"""How many decimals a currency has."""


class FileNotReadable(Refusal):
    """This file cannot be read as {encoding} text. Ask the bank which encoding it uses."""


class FileTooLarge(Refusal):
    """The file is larger than {most} MB. Ask the bank for shorter periods."""


class XmlBroken(Refusal):
    """The file is no readable XML: {reason}."""


class XmlForbidden(Refusal):
    """The file declares a document type or entities, which bank files never do. It is not read."""


class WrongSchema(Refusal):
    """This is none of the bank files read here: {found}."""


class NoStatement(Refusal):
    """The file holds no statement."""


class FileTruncated(Refusal):
    """The file ends too early: {missing} is missing. Ask the bank to send it again."""


class BalanceNotReadable(Refusal):
    """A balance of the statement cannot be read: {place}."""


class StatementUnbalanced(Refusal):
    """The statement {statement} does not add up: it opens with {opening}, its entries come to
    {entries}, it closes with {closing}. Nothing of it is stored.
    """


class TooManyEntries(Refusal):
    """The file holds more than {most} entries. Ask the bank for shorter periods."""


FAULTS = {
    "AMOUNT_NOT_READABLE": "“{}” is not an amount.",
    "AMOUNT_NOT_POSITIVE": "The amount must be above zero.",
    "AMOUNT_TOO_LARGE": "“{}” is more money than can be kept.",
    "DATE_NOT_READABLE": "“{}” is not a date of the agreed form.",
    "FUTURE_DATE": "{} has not come yet.",
    "CURRENCY_MISMATCH": "The account is in another currency than {}.",
    "SIGN_UNKNOWN": "“{}” says neither that money came nor that it went.",
    "REFERENCE_TWICE": "The bank's reference {} stands twice in this file.",
    "REFERENCE_TOO_LONG": "This reference is longer than 60 characters: {}",
    "PARTS_DIFFER": "The payments inside this entry do not add up to it.",
    "FORMULA_FOUND": "The cell holds a formula; save values only.",
    "ROW_NOT_READABLE": "This row cannot be read: {}",
    "ROW_TOO_WIDE": RowTooWide.template,
    "KEY_CONFLICT": "The bank's reference {} was stored before with another amount or day.",
}
"""What is said of an entry that is not posted, by its code; {} is what was written."""


def fault(code: str, place: str, row: int, column: str, value: str) -> Fault:
    """A fault with its place and words."""
    shown = value if len(value) <= 80 else f"{value[:77]}…"
    return Fault(code, FAULTS[code].format(shown), place, row, column, shown)


@dataclass(slots=True)
class Entry:
    """One booked movement; `units` is above zero for money that came.

    bank_reference: the bank's own number of it, which no other entry of the account has.
    other_reference: a number that helps to tell it from others of its day, and proves nothing by
    itself. batch: the bank's number of the entry it is part of.
    end_to_end: what the payer (or we, paying) wrote to be sent back. structured: a creditor
    reference. reversal: it takes an earlier entry back. balance: what the account held after it,
    where the bank says so.
    """

    row: int
    place: str
    book_date: date | None
    value_date: date | None
    units: int
    currency: str
    bank_reference: str = ""
    other_reference: str = ""
    batch: str = ""
    end_to_end: str = ""
    structured: str = ""
    text: str = ""
    name: str = ""
    account: str = ""
    reversal: bool = False
    balance: int | None = None
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Statement:
    """One statement of one account. A notice (camt.054) has no balances."""

    kind: str
    account: str
    currency: str
    number: str = ""
    opening: int | None = None
    closing: int | None = None
    opening_date: date | None = None
    closing_date: date | None = None
    entries: list[Entry] = field(default_factory=list)
    not_booked: int = 0

    @property
    def sum_units(self) -> int:
        """What its entries come to."""
        return sum(entry.units for entry in self.entries)

    @property
    def adds_up(self) -> bool | None:
        """Whether opening + entries = closing; None when that cannot be told."""
        if self.opening is None or self.closing is None:
            return None
        if any(UNCOUNTED & {each.code for each in entry.faults} for entry in self.entries):
            return None
        return self.opening + self.sum_units == self.closing


UNCOUNTED = {
    "AMOUNT_NOT_READABLE",
    "AMOUNT_TOO_LARGE",
    "CURRENCY_MISMATCH",
    "SIGN_UNKNOWN",
    "ROW_NOT_READABLE",
    "FORMULA_FOUND",
}
"""Faults of entries whose money is not known, so that the balances prove nothing."""


NO_REFERENCE = frozenset({"NOTPROVIDED", "NONREF", "NOREF", "NONE"})
"""What banks write where a number must stand and there is none."""


NO_WORD = frozenset({"N", "n"})
"""How each of them begins."""


def real_reference(text: str) -> str:
    """A number as it is written; empty for a word that stands for none."""
    plain = text.strip()
    if plain[:1] not in NO_WORD:
        return plain
    return "" if plain.upper().replace(" ", "") in NO_REFERENCE else plain


def check_size(size: int) -> None:
    """Refuse what is too large before it is read. Raises FileTooLarge."""
    if size > MOST_BYTES:
        raise FileTooLarge(most=MOST_BYTES // 1_000_000)


def text_of(content: bytes, encoding: str) -> str:
    """A file's text. A sign of number zero stands in no text and cannot be kept. Raises
    FileNotReadable.
    """
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise FileNotReadable(encoding=encoding) from error
    if "\x00" in text:
        raise FileNotReadable(encoding=encoding)
    return text


def plain_units(text: str, digits: int) -> int | None:
    """Smallest units of a plain number such as 1250.5; None when it is none, or too fine."""
    whole, point, part = text.partition(".")
    plainly = len(part) == digits and 0 < len(whole) <= 30 and text.isascii()
    if plainly and (whole + part).isdecimal():
        return int(whole + part)
    sign = 1
    if whole[:1] in "+-":
        sign = -1 if whole[:1] == "-" else 1
        whole = whole[1:]
    if not whole.isascii() or not part.isascii():
        return None
    if not (whole.isdecimal() or (not whole and part)) or (part and not part.isdecimal()):
        return None
    if point and not part and not whole:
        return None
    part = part.rstrip("0") if len(part) > digits else part
    if len(part) > digits or len(whole) > 30:
        return None
    return sign * int((whole or "0") + part.ljust(digits, "0"))


def amount_fault(units: int | None) -> str:
    """What is wrong with an amount that must be above zero; empty when nothing is."""
    if units is None:
        return "AMOUNT_NOT_READABLE"
    if units <= 0:
        return "AMOUNT_NOT_POSITIVE"
    return "AMOUNT_TOO_LARGE" if units > MOST_UNITS else ""


def judge(entry: Entry, currency: str, today: date) -> None:
    """Note the faults every form shares: currency, days, lengths."""

    if entry.currency != currency:
        _note(entry, "CURRENCY_MISMATCH", "currency", entry.currency)
    day = entry.book_date or entry.value_date
    if day is not None and day > today:
        _note(entry, "FUTURE_DATE", "date", day.isoformat())
    for told in (entry.book_date, entry.value_date):
        if told is not None and not -MOST_YEARS <= told.year - today.year <= 1:
            _note(entry, "DATE_NOT_READABLE", "date", told.isoformat())
            break
    if len(entry.bank_reference) > LONGEST_REFERENCE:
        _note(entry, "REFERENCE_TOO_LONG", "reference", entry.bank_reference)


def counts_from(value_date: date | None, book_date: date | None, today: date) -> date | None:
    """The day a movement counts from: its value date; the day it was booked while that has not come
    yet, as with money the bank settles on the next day.
    """
    if value_date is not None and value_date > today and book_date is not None:
        return book_date
    return value_date


def _note(entry: Entry, code: str, column: str, value: str) -> None:
    entry.faults.append(fault(code, entry.place, entry.row, column, value))


def note_twice(statements: Sequence[Statement]) -> None:
    """Mark the entries whose bank reference stands in the file before; the first stays good."""
    seen: set[tuple[str, bool, str]] = set()
    for statement in statements:
        for entry in statement.entries:
            if not entry.bank_reference:
                continue
            key = (statement.account, entry.reversal, entry.bank_reference)
            if key in seen:
                entry.faults.append(
                    fault(
                        "REFERENCE_TWICE",
                        entry.place,
                        entry.row,
                        "reference",
                        entry.bank_reference,
                    )
                )
            seen.add(key)


def plain_account(number: str) -> str:
    """An account number without the spaces and signs people write into it."""
    return "".join(sign for sign in number.upper() if sign.isalnum())
