"""Files as nobody would send them: sound ones with bytes changed, cut, doubled and put in; noise.

Whatever comes in by a file is read or refused by name; no reader fails at it. `make soak` tries
many more.
"""

import contextlib
import io
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handup.kernel.errors import Refusal
from handup.kernel.sheets import CellKind, Column, SheetSpec, read_csv, read_workbook
from handup.lending.rules.banking import camt, mt940
from handup.lending.tests import bankmade
from handup.org import images
from handup.org.rules.shapes import NotShapes, read_shapes
from handup.org.tests.test_shapes import feature, file_of
from handup.results.rules.iati.reading import read_iati, require_version
from handup.surveys.rules.form.filling import NotAnswers, parsed
from handup.surveys.rules.xlsform import checking, reading

TODAY = date(2025, 3, 1)
NAMED = (Refusal, NotShapes, NotAnswers)
PUT_IN = (
    b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"<", b">", b"&#0;", b"]]>", b'"', b"'", b"\r\n:", b"-",
    b",,", b"9" * 400, b"1e999", b"NaN", b"<!ENTITY a 'b'>", b"99999999", b"0000", b"{",
    "١٢".encode(), b"[" * 99,
)  # fmt: skip

changes = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 40),
        st.one_of(st.sampled_from(PUT_IN), st.binary(max_size=6), st.none()),
    ),
    min_size=1,
    max_size=4,
)


def changed(sound: bytes, how: list[tuple[float, int, bytes | None]]) -> bytes:
    """A file with pieces of it replaced by others; None: the piece stands there twice."""
    for where, length, put in how:
        at = int(where * len(sound))
        piece = sound[at : at + length]
        sound = sound[:at] + (2 * piece if put is None else put) + sound[at + length :]
    return sound


def book(cells: dict[str, list[list[object]]]) -> bytes:
    """A workbook with these sheets."""
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for title, rows in cells.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def changed_inside(sound: bytes, how: list[tuple[float, int, bytes | None]], which: int) -> bytes:
    """A workbook with one file within its archive changed, its sums right again."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(sound)) as old, zipfile.ZipFile(out, "w") as new:
        names = old.namelist()
        for number, name in enumerate(names):
            content = old.read(name)
            new.writestr(name, changed(content, how) if number == which % len(names) else content)
    return out.getvalue()


TABLE = SheetSpec(
    (
        Column("name", ("Name",)),
        Column("day", ("Day",), CellKind.DATE),
        Column("units", ("Amount",), CellKind.AMOUNT),
    )
)
TABLE_BOOK = book({"People": [["Name", "Day", "Amount"], ["Ann", "2025-02-03", 12.5], [7, 3, "x"]]})
FORM_BOOK = book(
    {
        "survey": [
            ["type", "name", "label", "relevant", "constraint"],
            ["integer", "age", "Age", "", ". < 120"],
            ["select_one yn", "fine", "Well?", "${age} > 17", ""],
            ["begin repeat", "child", "Child", "", ""],
            ["text", "called", "Name", "", ""],
            ["end repeat", "", "", "", ""],
        ],
        "choices": [["list_name", "name", "label"], ["yn", "y", "Yes"], ["yn", "n", "No"]],
        "settings": [["form_id", "version"], ["hostile", "1"]],
    }
)
MOVES = [
    bankmade.Move(113_47, "Loan L0000018", "B1", "E1", "Ann Alba", bankmade.OTHER_IBAN),
    bankmade.Move(-5_00, "Fee", "B2", reversal=True),
]
IATI = (
    b'<iati-activities version="2.03"><!-- told --><iati-activity default-currency="USD">'
    b"<iati-identifier>AA-AAA-1-X</iati-identifier><title><narrative>T</narrative></title>"
    b"</iati-activity></iati-activities>"
)
ANSWERS = (
    b'<data id="med" version="1"><age>7</age><meta><instanceID>uuid:1</instanceID></meta></data>'
)


def picture(form: str) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", (9, 7), (200, 90, 10)).save(out, form)
    return out.getvalue()


def digits(_currency: str) -> int:
    return 2


def read_form(content: bytes) -> object:
    return checking.check_sheets(reading.read(content))


def read_and_version(content: bytes) -> object:
    return require_version(read_iati(content))


READERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "camt": (
        lambda content: camt.read(content, digits=digits, today=TODAY),
        bankmade.camt(MOVES),
    ),
    "mt940": (
        lambda content: mt940.read(content, digits=digits, today=TODAY, encoding="utf-8"),
        bankmade.mt940(MOVES),
    ),
    "csv": (lambda content: read_csv(content, TABLE), b"Name,Day,Amount\nAnn,2025-02-03,12.50\n"),
    "workbook": (lambda content: read_workbook(content, TABLE), TABLE_BOOK),
    "questionnaire": (read_form, FORM_BOOK),
    "iati": (read_and_version, IATI),
    "answers": (parsed, ANSWERS),
    "shapes": (read_shapes, file_of(feature("A"), feature("B"))),
    "png": (lambda content: images.plain(content, "image/png"), picture("PNG")),
    "jpeg": (lambda content: images.plain(content, "image/jpeg"), picture("JPEG")),
}


@pytest.mark.parametrize("kind", READERS)
def test_a_sound_file_is_read(kind: str) -> None:
    """Else the changed ones would all be refused for the wrong reason."""
    read, sound = READERS[kind]
    assert read(sound) is not None


@pytest.mark.parametrize("kind", READERS)
@given(how=changes, noise=st.binary(max_size=60))
def test_a_changed_file_is_read_or_refused_by_name(
    kind: str, how: list[tuple[float, int, bytes | None]], noise: bytes
) -> None:
    read, sound = READERS[kind]
    for content in (changed(sound, how), noise):
        with contextlib.suppress(*NAMED):
            read(content)


@pytest.mark.parametrize("kind", ["workbook", "questionnaire"])
@given(how=changes, which=st.integers(0, 20))
def test_a_workbook_changed_inside_is_read_or_refused_by_name(
    kind: str, how: list[tuple[float, int, bytes | None]], which: int
) -> None:
    read, sound = READERS[kind]
    with contextlib.suppress(*NAMED):
        read(changed_inside(sound, how, which))


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30),
    st.sampled_from(
        ["=1+1", "integer", "select_one yn", "begin repeat", "${age", "${a} = ${b}", "or"]
    ),
    st.dates(date(1900, 3, 1), date(9999, 12, 31)),
)


@given(rows=st.lists(st.lists(CELLS, min_size=5, max_size=5), max_size=6))
def test_a_questionnaire_of_any_cells_is_checked(rows: list[list[object]]) -> None:
    heads: list[object] = ["type", "name", "label", "relevant", "constraint"]
    sheets: dict[str, list[list[object]]] = {
        "survey": [heads, *rows],
        "choices": [["list_name", "name", "label"], *[row[:3] for row in rows]],
    }
    with contextlib.suppress(*NAMED):
        read_form(book(sheets))
