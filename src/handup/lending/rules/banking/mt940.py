"""SWIFT MT940: statements in lines, as many banks still send them.

    :25: account  :28C: number  :60F: opening  :61: movement  :86: its words  :62F: closing

:86: is read in its three habits: numbered parts (`?20…`), words with a plus (`EREF+…SVWZ+…`) and
words between strokes (`/EREF/…/REMI/…`); anything else is plain text. What is wrong with a movement
is noted on it; a file without its closing balance was cut off and is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from handup.lending.rules.banking.statement import (
    LONGEST_TEXT,
    MOST_ENTRIES,
    BalanceNotReadable,
    Digits,
    Entry,
    FileTruncated,
    NoStatement,
    Statement,
    TooManyEntries,
    amount_fault,
    check_size,
    fault,
    judge,
    plain_account,
    plain_units,
    real_reference,
    text_of,
)

TAG = re.compile(r":(\d{2}[A-Z]?):(.*)", re.DOTALL)
BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})([\d,]+)")
MOVEMENT = re.compile(
    r"(?P<value>\d{6})(?P<book>\d{4})?(?P<mark>R?[CD])(?P<funds>[A-Z])?(?P<amount>[\d,]+)"
    r"(?P<type>[A-Z][A-Z0-9]{3})(?P<rest>.*)"
)
NUMBERED = re.compile(r"\d{3}(?P<sign>[^\w\s/:+])\d{2}")
PLUS_WORDS = ("EREF", "KREF", "MREF", "CRED", "DEBT", "SVWZ", "ABWA", "ABWE", "IBAN", "BIC")
PLUS = re.compile(rf"({'|'.join(PLUS_WORDS)})\+")
STROKE = re.compile(r"/(EREF|REMI|NAME|IBAN|ORDP|BENM|TRTP|CSID|MARF|RTRN|CNTP|ISDT|PREF|ADDR)/")


@dataclass(slots=True)
class _Field:
    tag: str
    text: str
    line: int


def read(
    content: bytes, *, digits: Digits, today: date, encoding: str = "utf-8"
) -> list[Statement]:
    """Every statement of a file.

    Raises FileTooLarge, FileNotReadable, NoStatement, FileTruncated, BalanceNotReadable,
    TooManyEntries.
    """
    check_size(len(content))
    text = text_of(content, encoding)
    reader = _Reader(digits, today)
    for found in _fields(text):
        reader.take(found)
    reader.end()
    if not reader.statements:
        raise NoStatement
    return reader.statements


def _fields(text: str) -> Iterator[_Field]:
    """The tagged fields, each with the lines that go on below it."""
    held: _Field | None = None
    for number, line in enumerate(text.splitlines(), 1):
        found = TAG.match(line)
        if found is None:
            if held is not None and line.strip() not in ("-", "-}") and not line.startswith("{"):
                held.text += f"\n{line}"
            continue
        if held is not None:
            yield held
        held = _Field(found[1], found[2], number)
    if held is not None:
        yield held


class _Reader:
    """Walks the fields of a file and builds its statements."""

    def __init__(self, digits: Digits, today: date) -> None:
        self.digits, self.today = digits, today
        self.statements: list[Statement] = []
        self.open: Statement | None = None
        self.entry: Entry | None = None
        self.count = 0

    def take(self, found: _Field) -> None:
        """Read one field."""
        if found.tag == "25":
            self.end()
            account = plain_account(found.text.split("\n")[0].rpartition("/")[2])
            self.open = Statement(kind="MT940", account=account, currency="")
            return
        statement = self.open
        if statement is None:
            return
        if found.tag in ("28", "28C"):
            statement.number = found.text.strip()[:35]
        elif found.tag in ("60F", "60M"):
            statement.opening, statement.opening_date = self.balance(found, statement)
        elif found.tag in ("62F", "62M"):
            statement.closing, statement.closing_date = self.balance(found, statement)
            self.entry = None
            self.statements.append(statement)
            self.open = None
        elif found.tag == "61":
            self.entry = self.movement(found, statement)
        elif found.tag == "86" and self.entry is not None:
            _words(self.entry, found.text)

    def end(self) -> None:
        """Refuse a statement that was not closed. Raises FileTruncated."""
        if self.open is not None:
            raise FileTruncated(missing=":62F:")

    def balance(self, found: _Field, statement: Statement) -> tuple[int, date]:
        """The units and day of a balance. Raises BalanceNotReadable."""
        told = BALANCE.match(found.text.strip())
        place = f":{found.tag}: (line {found.line})"
        if told is None:
            raise BalanceNotReadable(place=place)
        statement.currency = statement.currency or told[3]
        day = _day(told[2])
        units = plain_units(told[4].replace(",", "."), self.digits(told[3]))
        if day is None or units is None or told[3] != statement.currency:
            raise BalanceNotReadable(place=place)
        return (units if told[1] == "C" else -units), day

    def movement(self, found: _Field, statement: Statement) -> Entry:
        """One :61: as an entry."""
        self.count += 1
        if self.count > MOST_ENTRIES:
            raise TooManyEntries(most=MOST_ENTRIES)
        first, _line, more = found.text.partition("\n")
        row, place = len(statement.entries) + 1, f":61: (line {found.line})"
        entry = Entry(row, place, None, None, 0, statement.currency, text=more.strip())
        statement.entries.append(entry)
        told = MOVEMENT.match(first.strip())
        if told is None:
            entry.faults.append(fault("ROW_NOT_READABLE", place, row, ":61:", first))
            return entry
        value = _day(told["value"])
        if value is None:
            entry.faults.append(fault("DATE_NOT_READABLE", place, row, "date", told["value"]))
        entry.value_date = value
        entry.book_date = _book_day(told["book"], value)
        units = plain_units(told["amount"].replace(",", ".", 1), self.digits(statement.currency))
        if wrong := amount_fault(units):
            entry.faults.append(fault(wrong, place, row, "amount", told["amount"]))
        else:
            entry.units = (units or 0) * (1 if told["mark"] in ("C", "RD") else -1)
        entry.reversal = told["mark"].startswith("R")
        own, _strokes, bank = told["rest"].partition("//")
        entry.end_to_end = real_reference(own)
        entry.bank_reference = real_reference(bank)
        judge(entry, statement.currency, self.today)
        return entry


def _day(text: str) -> date | None:
    """YYMMDD; years from 80 on are of the last century."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:6])
    try:
        return date(year + (1900 if year >= 80 else 2000), month, day)
    except ValueError:
        return None


def _book_day(text: str | None, value: date | None) -> date | None:
    """MMDD of the booking, in the year that lies nearest to the value date."""
    if text is None or value is None:
        return value
    found = []
    for year in (value.year - 1, value.year, value.year + 1):
        try:
            found.append(date(year, int(text[:2]), int(text[2:])))
        except ValueError:
            continue
    return min(found, key=lambda day: abs((day - value).days), default=value)


def _words(entry: Entry, text: str) -> None:
    """Put what :86: says into the entry."""
    flat = text.replace("\n", "")
    numbered = NUMBERED.match(flat)
    if numbered is not None:
        _numbered(entry, flat[3:], numbered["sign"])
    elif STROKE.search(flat):
        _stroked(entry, flat)
    elif PLUS.search(flat):
        _plus(entry, flat)
    else:
        entry.text = f"{entry.text} {' '.join(text.split())}".strip()[:LONGEST_TEXT]


def _numbered(entry: Entry, text: str, sign: str) -> None:
    """`?00booking text?20…?31account?32name`."""
    parts: dict[int, str] = {}
    for piece in text.split(sign)[1:]:
        if piece[:2].isdecimal():
            parts[int(piece[:2])] = piece[2:]
    told = "".join(parts.get(code, "") for code in (*range(20, 30), *range(60, 64)))
    entry.account = plain_account(parts.get(31, ""))[:34]
    entry.name = " ".join(parts[code].strip() for code in (32, 33) if code in parts)[:140]
    if PLUS.search(told):
        _plus(entry, told)
    else:
        entry.text = (told.strip() or parts.get(0, "").strip() or entry.text)[:LONGEST_TEXT]


def _plus(entry: Entry, text: str) -> None:
    """`EREF+…SVWZ+…`; what stands before the first word is text too."""
    pieces = PLUS.split(text)
    words = dict(zip(pieces[1::2], pieces[2::2], strict=False))
    _take(entry, words.get("EREF", ""), words.get("SVWZ", "") or pieces[0])
    entry.account = plain_account(words.get("IBAN", ""))[:34] or entry.account
    entry.name = (words.get("ABWA", "").strip() or entry.name)[:140]


def _stroked(entry: Entry, text: str) -> None:
    """`/EREF/…/ORDP//NAME/…/REMI/…`."""
    pieces = STROKE.split(text)
    words: dict[str, str] = {}
    for word, told in zip(pieces[1::2], pieces[2::2], strict=False):
        words.setdefault(word, told.strip("/ "))
    remittance = re.sub(r"^(USTD|STRD)?/+", "", words.get("REMI", "").strip())
    _take(entry, words.get("EREF", ""), remittance)
    entry.account = plain_account(words.get("IBAN", ""))[:34] or entry.account
    entry.name = (words.get("NAME", "").strip() or entry.name)[:140]
    entry.reversal = entry.reversal or "RTRN" in words


def _take(entry: Entry, end_to_end: str, text: str) -> None:
    entry.end_to_end = real_reference(end_to_end) or entry.end_to_end
    entry.text = (text.strip() or entry.text)[:LONGEST_TEXT]
