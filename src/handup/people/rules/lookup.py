"""The table of a points card: which likelihoods belong to which scores (people.md 4.4).

The ranges tile 0 to the cap: no score without a line, none with two. A published file is read as
CSV: a column `score` ("7" or "5-9") and one column of percents for each poverty line. A file that
runs from 1 to one above the cap is refused with the offer to shift it. Pure.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from handup.kernel import sheet_faults
from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.sheet_faults import NotWhole, TooHigh, WrongEncoding
from handup.kernel.sheets import CellKind, Column, CsvForm, Reading, SheetRow, SheetSpec, read_csv

SCORE = "score"
HIGHEST_PERCENT = 100
_RANGE = re.compile(r"(\d{1,5})(?:\s*[-\u2013]\s*(\d{1,5}))?", re.ASCII)


class ScoresMissing(Refusal):
    """No line of the table covers the scores {first} to {last}."""


class ScoresTwice(Refusal):
    """Two lines of the table cover the scores {first} to {last}."""


class RangeBackwards(Refusal):
    """{column}: {value} runs backwards."""


class LinesDiffer(Refusal):
    """Each line of the table needs a likelihood for the same poverty lines: {lines}."""


class TableFromOne(Refusal):
    """The table runs from 1 to {last} instead of 0 to {cap}. Import it shifted by one, if its
    publisher counts so.
    """


class TableNotFromOne(Refusal):
    """Only a table that runs from 1 to {last} can be shifted."""


class NotATable(Refusal):
    """The file cannot be read as a table of scores."""


class NoPovertyLine(Refusal):
    """The table has no column with likelihoods."""


@dataclass(frozen=True, slots=True)
class LookupLine:
    """Scores from `first` to `last` with the likelihood in percent below each poverty line.

    `place` and `row` say where the line stands in what was read.
    """

    first: int
    last: int
    likelihood: Mapping[str, Decimal]
    place: str = ""
    row: int | None = None

    @property
    def scores(self) -> str:
        """The scores as they are shown: "7" or "5–9"."""
        return str(self.first) if self.first == self.last else f"{self.first}\u2013{self.last}"

    @property
    def content(self) -> tuple[int, int, Mapping[str, Decimal]]:
        """What the line says, wherever it stood."""
        return self.first, self.last, self.likelihood


def tile_faults(lines: Sequence[LookupLine], cap: int) -> list[Fault]:
    """List every hole, overlap and line outside 0 to the cap, each at the line it shows at."""
    found: list[Fault] = []
    ordered = sorted(lines, key=lambda line: line.first)
    names = list(ordered[0].likelihood) if ordered else []
    expected = 0
    for line in ordered:
        if set(line.likelihood) != set(names):
            found.append(_fault(LinesDiffer(lines=", ".join(names)), line, "likelihood"))
        if line.first > expected:
            found.append(_fault(ScoresMissing(first=expected, last=line.first - 1), line, SCORE))
        elif line.first < expected:
            last = min(line.last, expected - 1)
            found.append(_fault(ScoresTwice(first=line.first, last=last), line, SCORE))
        if line.last > cap:
            refusal = TooHigh(column=SCORE, value=line.last, highest=cap)
            found.append(_fault(refusal, line, SCORE, str(line.last)))
        expected = max(expected, line.last + 1)
    if expected <= cap:
        last_line = ordered[-1] if ordered else LookupLine(0, 0, {})
        found.append(_fault(ScoresMissing(first=expected, last=cap), last_line, SCORE))
    return found


def _fault(refusal: Refusal, line: LookupLine, column: str, value: str | None = None) -> Fault:
    return Fault(refusal.code, refusal.said(), line.place, line.row, column, value)


def runs_from_one(lines: Sequence[LookupLine], cap: int) -> bool:
    """Whether the lines tile 1 to cap + 1, as one published table does."""
    if any(line.first < 1 for line in lines):
        return False
    return not tile_faults([_shifted(line) for line in lines], cap)


def _shifted(line: LookupLine) -> LookupLine:
    return replace(line, first=line.first - 1, last=line.last - 1)


def read_lookup(content: bytes, *, cap: int, shift: bool = False) -> tuple[LookupLine, ...]:
    """The table of a CSV file, in the order of its scores.

    Raises Faults with row and field of each; TABLE_FROM_ONE among them offers `shift`. Also
    NotATable, WrongEncoding, EmptyTable, FileTooLarge, TooManyRows.
    """
    try:
        names, reading = _read(content)
    except (csv.Error, sheet_faults.NotATable):
        raise NotATable() from None
    faults = list(reading.faults)
    if not names:
        faults.append(Fault(NoPovertyLine.code, str(NoPovertyLine()), row=1))
    if faults:  # where a line cannot be read its hole would be told beside it
        raise Faults([*faults, *_score_faults(reading)])
    lines = [_line(row, names, reading) for row in reading.rows]
    wrong = [item for item in lines if isinstance(item, Fault)]
    if wrong:
        raise Faults(wrong)
    return _tiled([item for item in lines if isinstance(item, LookupLine)], cap, shift)


def _read(content: bytes) -> tuple[list[str], Reading]:
    """The poverty lines the heading names, and the rows."""
    form = CsvForm()
    names = _headings(content, form)
    columns = [Column(SCORE, required=True)]
    columns += [
        Column(name, kind=CellKind.DECIMAL, required=True, lowest=0, highest=HIGHEST_PERCENT)
        for name in names
    ]
    return names, read_csv(content, SheetSpec(tuple(columns)), form)


def _tiled(lines: list[LookupLine], cap: int, shift: bool) -> tuple[LookupLine, ...]:
    """The lines in order, shifted where that was chosen. Raises Faults."""
    one_based = runs_from_one(lines, cap)
    first = lines[0] if lines else LookupLine(0, 0, {})
    if one_based and not shift:
        raise Faults([_fault(TableFromOne(last=cap + 1, cap=cap), first, SCORE)])
    if shift and not one_based:
        raise Faults([_fault(TableNotFromOne(last=cap + 1), first, SCORE)])
    if shift:
        lines = [_shifted(line) for line in lines]
    faults = tile_faults(lines, cap)
    if faults:
        raise Faults(faults)
    return tuple(sorted(lines, key=lambda line: line.first))


def _headings(content: bytes, form: CsvForm) -> list[str]:
    """The headings of the first filled row but the score's; an empty file has none."""
    try:
        text = content.decode(form.encoding)
    except UnicodeDecodeError:
        raise WrongEncoding(encoding=form.encoding) from None
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=form.delimiter):
        cells = [cell.strip() for cell in row]
        if any(cells):
            score = Column(SCORE)
            named = [cell for cell in cells if cell and not score.is_headed(cell)]
            return list(dict.fromkeys(named))
    return []


def _score_faults(reading: Reading) -> Iterator[Fault]:
    for row in reading.rows:
        item = _line(row, (), reading)
        if isinstance(item, Fault):
            yield item


def _line(row: SheetRow, names: Sequence[str], reading: Reading) -> LookupLine | Fault:
    """One row as a line, or what is wrong with its score."""
    place = f"{reading.letters.get(SCORE, '')}{row.number}"
    text = str(row.values[SCORE]).strip()
    match = _RANGE.fullmatch(text)
    if match is None:
        refusal: Refusal = NotWhole(column=SCORE, value=text[:60])
        return Fault(refusal.code, refusal.said(), place, row.number, SCORE, text[:60])
    first = int(match[1])
    last = int(match[2] or match[1])
    if last < first:
        refusal = RangeBackwards(column=SCORE, value=text)
        return Fault(refusal.code, refusal.said(), place, row.number, SCORE, text)
    likelihood = {}
    for name in names:
        value = row.values[name]
        assert isinstance(value, Decimal)
        likelihood[name] = value
    return LookupLine(first, last, likelihood, place, row.number)
