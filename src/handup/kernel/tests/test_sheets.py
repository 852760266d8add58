"""Tables from the field: typed rows, and every fault at its cell before anything is written."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from handup.kernel import sheet_faults, sheets
from handup.kernel.sheets import CellKind, Column, CsvForm, Limits, SheetSpec

SPEC = SheetSpec(
    columns=(
        Column("name", ("Full name",), required=True, max_length=20),
        Column("born_date", ("Date of birth",), CellKind.DATE, lowest=date(1910, 1, 1)),
        Column("sex", (), CellKind.CHOICE, choices={"F": "FEMALE", "woman": "FEMALE", "M": "MALE"}),
        Column("children", (), CellKind.WHOLE, lowest=0, highest=20),
        Column("loan_units", ("Loan",), CellKind.AMOUNT, lowest=0),
        Column("card_no", ("Card",), unique=True),
        Column("consent", (), CellKind.YES_NO),
        Column("hectares", (), CellKind.DECIMAL),
    ),
    sheet="Persons",
)
HEAD = ["Full name", "date_of_birth", "SEX", "Children", "Loan", "Card", "consent", "hectares"]


def csv_of(*lines: str, spec: SheetSpec = SPEC, form: CsvForm | None = None) -> sheets.Reading:
    form = form or CsvForm()
    text = "\r\n".join((form.delimiter.join(HEAD), *lines))
    return sheets.read_csv(text.encode(form.encoding), spec, form)


def workbook(*rows: Sequence[object], merge: str = "", title: str = "Persons") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    if merge:
        sheet.merge_cells(merge)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def faults(reading: sheets.Reading) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in reading.faults]


def test_a_clean_row_becomes_typed_values() -> None:
    reading = csv_of("Alice Uwase,1990-02-28,f,2,1250.50,A1,yes,0.75")
    assert reading.faults == ()
    assert reading.rows[0].number == 2
    assert reading.rows[0].values == {
        "name": "Alice Uwase",
        "born_date": date(1990, 2, 28),
        "sex": "FEMALE",
        "children": 2,
        "loan_units": 125050,
        "card_no": "A1",
        "consent": True,
        "hectares": Decimal("0.75"),
    }


def test_every_fault_is_named_with_its_cell_and_the_good_rows_stay() -> None:
    reading = csv_of(
        ",1990-02-30,x,2.5,12.505,A1,perhaps,wide",
        "Bob,,M,21,-1,A2,no,",
        "",
        "Charlie,,M,3,5,A2,,",
        "A name far longer than twenty letters,1900-01-01,,,,,,",
        "Dora,,,,,A4,,",
    )
    assert faults(reading) == [
        ("A2", "VALUE_MISSING"),
        ("B2", "NOT_A_DAY"),
        ("C2", "NOT_A_CHOICE"),
        ("D2", "NOT_WHOLE"),
        ("E2", "NOT_AN_AMOUNT"),
        ("G2", "NOT_A_CHOICE"),
        ("H2", "NOT_A_NUMBER"),
        ("D3", "TOO_HIGH"),
        ("E3", "TOO_LOW"),
        ("F5", "VALUE_TWICE"),
        ("A6", "TOO_LONG"),
        ("B6", "TOO_LOW"),
    ]
    assert [row.values["name"] for row in reading.rows] == ["Dora"]
    assert reading.rows[0].number == 7
    amount = reading.faults[4]
    assert (amount.row, amount.column, amount.value) == (2, "loan_units", "12.505")
    assert "-0.01" in reading.faults[8].message or "-1.00" in reading.faults[8].message
    assert "row 3" in reading.faults[9].message


@pytest.mark.parametrize("number", ["1e99999999", "-1E-99999999", "0e99999999", "9" * 200])
def test_a_number_of_endless_digits_is_no_number(number: str) -> None:
    reading = csv_of(f"Alice,,,{number},,,,{number}")
    assert faults(reading) == [("D2", "NOT_A_NUMBER"), ("H2", "NOT_A_NUMBER")]


def test_a_workbook_s_number_beyond_all_numbers_is_no_number() -> None:
    content = workbook(HEAD, ["Alice", None, None, 2, None, None, None, 1.5])
    reading = sheets.read_workbook(sent_with(content, b"<v>1.5</v>", b"<v>1e999</v>"), SPEC)
    assert faults(reading) == [("Persons!H2", "NOT_A_NUMBER")]


def sent_with(content: bytes, old: bytes, new: bytes) -> bytes:
    """A workbook with something else written in its sheet."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w") as after:
        for name in before.namelist():
            after.writestr(name, before.read(name).replace(old, new))
    return stream.getvalue()


def test_another_countrys_csv_is_declared_not_guessed() -> None:
    form = CsvForm(delimiter=";", encoding="cp1250", date_form="%d.%m.%Y", decimal_sign=",")
    reading = csv_of("Žofie;28.02.1990;F;1;1250,5;A1;no;0,5", form=form)
    assert reading.faults == ()
    values = reading.rows[0].values
    assert values["name"] == "Žofie"
    assert values["loan_units"] == 125050
    assert values["born_date"] == date(1990, 2, 28)
    wrong = csv_of("Žofie;1990-02-28;;;;;;", form=form)
    assert wrong.faults[0].message.endswith("DD.MM.YYYY.")


def test_a_wrong_encoding_or_size_is_refused_as_a_whole() -> None:
    with pytest.raises(sheet_faults.WrongEncoding):
        sheets.read_csv(b"name\n\xff\xfe", SPEC)
    with pytest.raises(sheet_faults.WrongEncoding):
        sheets.read_csv(b"name\n", SPEC, CsvForm(encoding="no-such-code"))
    with pytest.raises(sheet_faults.FileTooLarge):
        sheets.read_csv(b"name\n" * 10, SPEC, limits=Limits(bytes_most=20))
    with pytest.raises(sheet_faults.TooManyRows):
        sheets.read_csv(b"name\na\nb\nc\n", SPEC, limits=Limits(rows_most=2))
    with pytest.raises(sheet_faults.EmptyTable):
        sheets.read_csv(b"\n \n", SPEC)


def test_missing_repeated_and_unknown_columns_are_told() -> None:
    reading = sheets.read_csv(b"Card,card_no,Village,\na,,x,\n", SPEC)
    assert faults(reading) == [("B1", "COLUMN_TWICE"), ("1", "COLUMN_MISSING")]
    assert reading.unknown_headings == ("Village",)
    twice = sheets.read_csv(b"Name,full_name\nAlice,Bob\n", SPEC)
    assert faults(twice) == [("B1", "COLUMN_TWICE")]
    assert twice.rows[0].values["name"] == "Alice"


def test_a_workbook_is_read_by_the_name_of_its_sheet() -> None:
    content = workbook(
        [None],
        HEAD,
        ["Alice", date(1990, 2, 28), "woman", 2, 1250.5, 7.0, True, 0.1],
        ["Bob", "1991-03-01", "M", 2.5, 10.001, "A1", "maybe", 3],
    )
    reading = sheets.read_workbook(content, SPEC)
    assert reading.rows[0].values == {
        "name": "Alice",
        "born_date": date(1990, 2, 28),
        "sex": "FEMALE",
        "children": 2,
        "loan_units": 125050,
        "card_no": "7",
        "consent": True,
        "hectares": Decimal("0.1"),
    }
    assert faults(reading) == [
        ("Persons!D4", "NOT_WHOLE"),
        ("Persons!E4", "NOT_AN_AMOUNT"),
        ("Persons!G4", "NOT_A_CHOICE"),
    ]
    with pytest.raises(sheet_faults.SheetMissing) as refused:
        sheets.read_workbook(workbook(HEAD, title="Other"), SPEC)
    assert "Other" in str(refused.value)


def test_formulas_and_merged_cells_are_faults() -> None:
    content = workbook(HEAD, ["Alice", None, "F", "=1+1"], ["Bob"], merge="A2:A3")
    reading = sheets.read_workbook(content, SPEC)
    assert ("Persons!A2:A3", "MERGED_CELLS") in faults(reading)
    assert ("Persons!D2", "FORMULA_FOUND") in faults(reading)


def test_what_is_no_workbook_or_unpacks_too_far_is_refused() -> None:
    with pytest.raises(sheet_faults.NotAWorkbook):
        sheets.read_workbook(b"name,sex\n", SPEC)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("hello.txt", "no workbook")
    with pytest.raises(sheet_faults.NotAWorkbook):
        sheets.read_workbook(stream.getvalue(), SPEC)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 5_000_000)
    assert len(bomb.getvalue()) < 10_000
    with pytest.raises(sheet_faults.FileTooLarge):
        sheets.read_workbook(bomb.getvalue(), SPEC, Limits(unpacked_most=1_000_000))


def test_a_row_numbered_beyond_what_a_workbook_holds_is_refused() -> None:
    content = workbook(HEAD, ["Ann"])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            data = source.read(item)
            if item.filename.endswith("sheet1.xml"):
                data = data.replace(b'<row r="2">', b'<row r="1000000000">')
                data = data.replace(b'"A2"', b'"A1000000000"')
                data = data.replace(b":H2", b":XFD1000000000")
            target.writestr(item.filename, data)
    with pytest.raises(sheet_faults.TooManyRows):
        sheets.read_workbook(out.getvalue(), SPEC)


def test_a_fault_never_hides_the_faults_after_it() -> None:
    lines = [f"Person {n},2026-13-01,F,1,1,C{n},yes,1" for n in range(50)]
    assert len(csv_of(*lines).faults) == 50


def test_the_heading_of_a_bank_book_in_another_form(tmp_path: Path) -> None:
    spec = SheetSpec(
        columns=(
            Column("loan_id", kind=CellKind.WHOLE, required=True, unique=True),
            Column("granted_date", ("date",), CellKind.DATE, required=True),
            Column("amount", kind=CellKind.AMOUNT, digits=0, required=True),
        )
    )
    form = CsvForm(delimiter=";", date_form="%y%m%d")
    content = b'"loan_id";"date";"amount"\n5314;930705;96396\n'
    row = sheets.read_csv(content, spec, form).rows[0]
    assert row.values == {"loan_id": 5314, "granted_date": date(1993, 7, 5), "amount": 96396}


def test_a_quotation_mark_left_open_swallows_no_row() -> None:
    rows = 'Alice,,,1\n"Bob,,,2\nCarine,,,3\nDative,,,4\n'
    head = "name,born_date,sex,children\n"
    with pytest.raises(sheet_faults.NotATable) as open_to_the_end:
        sheets.read_csv((head + rows).encode(), SPEC)
    assert "row 3" in str(open_to_the_end.value)
    closed_later = rows.replace("Dative", '"Dative"')
    with pytest.raises(sheet_faults.NotATable):
        sheets.read_csv((head + closed_later).encode(), SPEC)
    meant = sheets.read_csv((head + 'Alice,,,1\n"Bob ""B"" Kaneza",,,2\n').encode(), SPEC)
    assert [row.values["name"] for row in meant.rows] == ["Alice", 'Bob "B" Kaneza']


def test_an_amount_cut_at_its_comma_is_a_fault_of_its_row() -> None:
    rows = b"name,Loan,card\nAlice,1250.50,\nCarine,1,250,\nDative,5,,\n"
    reading = sheets.read_csv(rows, SPEC)
    assert faults(reading) == [("D3", "ROW_TOO_WIDE"), ("D4", "ROW_TOO_WIDE")]
    assert [row.values["loan_units"] for row in reading.rows] == [125050]
    ending = sheets.read_csv(b"name,Loan\nAlice,5,\nBob,6,\n", SPEC)
    assert ending.faults == (), "a program that ends each row with its sign is read"
    beside = workbook(["name", "Loan"], ["Alice", 5, None, "called on Monday"])
    assert sheets.read_workbook(beside, SPEC).faults == (), "a word beside it is no cell of it"
