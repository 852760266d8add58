"""The rows of a CSV file, as they are written, where a slip would else lose money without a word: a
quotation mark that is not closed takes the rows behind it into one cell, and a sign between cells
within an amount cuts it in two.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from handup.kernel.sheet_faults import NotATable


def csv_rows(text: str, *, delimiter: str, quote: str) -> Iterator[tuple[int, Sequence[object]]]:
    """Each row with its number. One with more cells than the heading, the first row that is not
    empty, keeps them: it is a fault. Raises NotATable with the row it cannot read.
    """
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote, strict=True
    )
    rows: list[list[str]] = []
    try:
        rows += reader
    except csv.Error as error:
        raise NotATable(reason=f"row {len(rows) + 1}: {error}") from None
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    heading = len(filled[0]) if filled else 0
    most = most_cells(map(len, filled[1:]), heading)
    for number, row in enumerate(rows, 1):
        yield number, row if is_too_wide(row, heading, most) else row[:heading]


def most_cells(widths: Iterable[int], heading: int) -> int:
    """How many cells a row may have: as the heading, and more where every row ends with the same
    empty ones.
    """
    return min((width for width in widths if width >= heading), default=heading)


def is_too_wide(cells: Sequence[str], heading: int, most: int) -> bool:
    """Whether a row has a cell nobody can say the column of."""
    return len(cells) > most or any(cell.strip() for cell in cells[heading:])
