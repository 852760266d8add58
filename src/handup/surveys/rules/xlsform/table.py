"""A sheet whose headings are understood: its rows by column, and where each fault stands."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from handup.surveys.rules.xlsform.columns import Heading, heading, language_code
from handup.surveys.rules.xlsform.faults import SheetFault, SheetKind, gettext_noop
from handup.surveys.rules.xlsform.reading import Sheet, letter_of


@dataclass(frozen=True, slots=True)
class Row:
    """One row: plain cells by column, texts by column and language code."""

    number: int
    cells: dict[str, str]
    texts: dict[str, dict[str, str]]

    def get(self, column: str) -> str:
        """A cell without the spaces around it."""
        return self.cells.get(column, "").strip()


@dataclass(slots=True)
class Findings:
    """Where faults are gathered, each told the letter of its column."""

    letters: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: list[SheetFault] = field(default_factory=list)

    def add(
        self,
        sheet: str,
        row: int,
        column: str,
        kind: str,
        sentence: str,
        /,
        *,
        warning: bool = False,
        **parts: str,
    ) -> None:
        """Note one fault."""
        letter = self.letters.get((sheet, column), "")
        self.faults.append(
            SheetFault(
                sheet, row, column, letter, str(kind), sentence, tuple(parts.items()), warning
            )
        )


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a sheet and the languages its texts are written in, in their order."""

    name: str
    headings: tuple[Heading, ...]
    rows: tuple[Row, ...]
    languages: tuple[str, ...]

    def has(self, column: str) -> bool:
        """Whether the sheet has a column."""
        return any(one.name == column for one in self.headings)

    def columns(self) -> Iterator[str]:
        """The columns of the sheet."""
        yield from dict.fromkeys(one.name for one in self.headings)


def table_of(
    sheet: Sheet, *, translated: Collection[str], default_language: str, findings: Findings
) -> Table:
    """Understand a sheet; a column that stands twice is a fault."""
    headings = [heading(at, written) for at, written in sheet.headings.items()]
    seen: dict[tuple[str, str], Heading] = {}
    languages: dict[str, None] = {}
    for one in headings:
        findings.letters.setdefault((sheet.name, one.name), letter_of(one.column))
        key = (one.name, one.language)
        if key in seen:
            findings.letters[sheet.name, one.written] = letter_of(one.column)
            findings.add(
                sheet.name,
                1,
                one.written,
                SheetKind.COLUMN_TWICE,
                gettext_noop("The column {column} stands twice, here and in column {first}."),
                column=one.written,
                first=letter_of(seen[key].column),
            )
        else:
            seen[key] = one
        if one.name in translated:
            languages.setdefault(language_code(one.language) or default_language)
    rows = []
    for line in sheet.lines:
        cells: dict[str, str] = {}
        texts: dict[str, dict[str, str]] = {}
        for one in seen.values():
            value = line.cells.get(one.column, "")
            if value and one.name in translated:
                code = language_code(one.language) or default_language
                texts.setdefault(one.name, {}).setdefault(code, value.strip())
            elif value:
                cells[one.name] = value
        rows.append(Row(line.number, cells, texts))
    return Table(sheet.name, tuple(seen.values()), tuple(rows), tuple(languages))
