"""What may be wrong with a questionnaire in a spreadsheet, with sheet, row, column and sentence."""

from dataclasses import dataclass
from enum import StrEnum


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the catalogues of the languages; a door translates it."""
    return sentence


class SheetKind(StrEnum):
    """The kinds of faults of a spreadsheet; those of an expression come beside them."""

    SHEET_MISSING = "SHEET_MISSING"
    UNSUPPORTED_SHEET = "UNSUPPORTED_SHEET"
    COLUMN_MISSING = "COLUMN_MISSING"
    COLUMN_TWICE = "COLUMN_TWICE"
    UNSUPPORTED_COLUMN = "UNSUPPORTED_COLUMN"
    UNKNOWN_COLUMN = "UNKNOWN_COLUMN"
    UNSUPPORTED_SETTING = "UNSUPPORTED_SETTING"
    UNSUPPORTED_TYPE = "UNSUPPORTED_TYPE"
    UNKNOWN_TYPE = "UNKNOWN_TYPE"
    EXTERNAL_FILE = "EXTERNAL_FILE"
    TYPE_MISSING = "TYPE_MISSING"
    NAME_MISSING = "NAME_MISSING"
    BAD_NAME = "BAD_NAME"
    DUPLICATE_NAME = "DUPLICATE_NAME"
    LABEL_MISSING = "LABEL_MISSING"
    NOT_CLOSED = "NOT_CLOSED"
    NOT_OPENED = "NOT_OPENED"
    EMPTY_GROUP = "EMPTY_GROUP"
    LIST_MISSING = "LIST_MISSING"
    DUPLICATE_CHOICE = "DUPLICATE_CHOICE"
    CALCULATION_MISSING = "CALCULATION_MISSING"
    EMPTY_EXPRESSION = "EMPTY_EXPRESSION"
    BAD_PARAMETER = "BAD_PARAMETER"
    CIRCULAR = "CIRCULAR"
    UNFINISHED_LANGUAGE = "UNFINISHED_LANGUAGE"
    UNKNOWN_APPEARANCE = "UNKNOWN_APPEARANCE"
    TOO_MANY = "TOO_MANY"
    NO_QUESTIONS = "NO_QUESTIONS"
    EMPTY_SUM = "EMPTY_SUM"
    COMPILER = "COMPILER"


@dataclass(frozen=True, slots=True)
class SheetFault:
    """One fault. `column` is the heading, `letter` the column as the spreadsheet shows it; a
    warning does not stop the questionnaire.
    """

    sheet: str
    row: int
    column: str
    letter: str
    kind: str
    sentence: str
    parts: tuple[tuple[str, str], ...] = ()
    warning: bool = False

    def text(self) -> str:
        """The sentence in English with its parts."""
        return self.sentence.format(**dict(self.parts))

    @property
    def cell(self) -> str:
        """The cell as the spreadsheet names it, or the row where no column is meant."""
        return f"{self.letter}{self.row}" if self.row else ""
