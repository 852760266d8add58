"""A form or list that comes back filled in, as a workbook or as CSV: whatever it holds, it is read
or refused.
"""

import struct
import zipfile
import zlib

from openpyxl.utils.exceptions import InvalidFileException

from handup.kernel.sheet_faults import NotAWorkbook
from handup.kernel.sheets import (
    USUAL_LIMITS,
    CsvForm,
    Limits,
    Reading,
    SheetSpec,
    read_csv,
    read_workbook,
)

DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError),
    *(InvalidFileException, LookupError, ValueError, SyntaxError),
)
"""What comes of a file that is cut off, locked, or no honest one: it shows while rows are read too,
not only when it is opened.
"""


def read_filled(content: bytes, spec: SheetSpec, limits: Limits = USUAL_LIMITS) -> Reading:
    """The rows of a form that comes back, whatever sign is between the columns of a CSV.

    Raises FileTooLarge, NotAWorkbook, WrongEncoding, TooManyRows, EmptyTable.
    """
    if content.startswith(b"PK"):
        return read_filled_workbook(content, spec, limits)
    heading = content.split(b"\n", 1)[0]
    delimiter = max(",", ";", "\t", key=lambda sign: heading.count(sign.encode()))
    try:
        return read_csv(content, spec, CsvForm(delimiter=delimiter), limits)
    except DAMAGED:
        raise NotAWorkbook() from None


def read_filled_workbook(content: bytes, spec: SheetSpec, limits: Limits = USUAL_LIMITS) -> Reading:
    """The rows of a workbook that comes back. Raises what `read_workbook` raises."""
    try:
        return read_workbook(content, spec, limits)
    except DAMAGED:
        raise NotAWorkbook() from None
