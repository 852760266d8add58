"""What can be wrong with a table from the field: as a whole, in its heading, in one cell."""

from handup.kernel.errors import Refusal


class FileTooLarge(Refusal):
    """The file is larger than {most} MB. Split it."""


class TooManyRows(Refusal):
    """The table has more than {most} rows. Split it."""


class NotAWorkbook(Refusal):
    """The file cannot be read as a workbook (.xlsx)."""


class NotATable(Refusal):
    """The file cannot be read as a table: {reason}."""


class RowTooWide(Refusal):
    """This row has more cells than the heading: a cell may have been cut in two."""


class WrongEncoding(Refusal):
    """The file is not written in {encoding}. Save it as CSV UTF-8."""


class SheetMissing(Refusal):
    """The workbook has no sheet called {sheet}. It has: {found}."""


class EmptyTable(Refusal):
    """The table has no heading row."""


class ColumnMissing(Refusal):
    """The column {column} is missing."""


class ColumnTwice(Refusal):
    """The column {column} stands twice in the heading."""


class ValueMissing(Refusal):
    """{column} is empty."""


class FormulaFound(Refusal):
    """{column} holds a formula. Paste it as a value."""


class MergedCells(Refusal):
    """The cells {cells} are merged. Undo it and fill every cell."""


class NotWhole(Refusal):
    """{column}: {value} is not a whole number."""


class NotANumber(Refusal):
    """{column}: {value} is not a number."""


class NotAnAmount(Refusal):
    """{column}: {value} is not an amount with at most {digits} decimals."""


class NotADay(Refusal):
    """{column}: {value} is not a date written as {form}."""


class NotAChoice(Refusal):
    """{column}: {value} is not one of {choices}."""


class TooLow(Refusal):
    """{column}: {value} is below {lowest}."""


class TooHigh(Refusal):
    """{column}: {value} is above {highest}."""


class TooLong(Refusal):
    """{column} is longer than {most} letters."""


class ValueTwice(Refusal):
    """{column}: {value} stands in row {first} too."""
