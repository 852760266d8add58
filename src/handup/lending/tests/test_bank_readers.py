"""What banks send is read alike from every form; what is broken is refused or listed by place."""

import io
import re
import zipfile
from datetime import date
from typing import Any

import openpyxl
import pytest

from handup.kernel.errors import Refusal
from handup.kernel.sheet_faults import NotATable
from handup.lending.rules.banking import camt, files, mt940, statement, table
from handup.lending.rules.banking.statement import Statement
from handup.lending.tests.bankmade import DAY, IBAN, OTHER_IBAN, Move
from handup.lending.tests.bankmade import camt as camt_file
from handup.lending.tests.bankmade import mt940 as mt940_file

TODAY = date(2025, 3, 1)


def digits(currency: str) -> int:
    return 2


def read_camt(content: bytes) -> list[Statement]:
    return camt.read(content, digits=digits, today=TODAY)


def read_mt940(content: bytes, encoding: str = "utf-8") -> list[Statement]:
    return mt940.read(content, digits=digits, today=TODAY, encoding=encoding)


def codes(found: Statement) -> list[list[str]]:
    return [[each.code for each in entry.faults] for entry in found.entries]


@pytest.mark.parametrize("version", range(2, 9))
def test_every_version_of_camt_says_the_same(version: int) -> None:
    move = Move(113_47, "Loan L0000018", "B1", "E1", "Ann Alba", OTHER_IBAN)
    (found,) = read_camt(camt_file([move], version=version, opening=5_00))
    assert (found.kind, found.account, found.currency, found.number) == (
        "CAMT053", IBAN, "USD", "1",
    )  # fmt: skip
    assert (found.opening, found.closing, found.adds_up) == (5_00, 118_47, True)
    (entry,) = found.entries
    assert (entry.units, entry.book_date, entry.value_date) == (113_47, DAY, DAY)
    assert (entry.bank_reference, entry.end_to_end) == ("B1", "E1")
    assert (entry.name, entry.account, entry.text) == ("Ann Alba", OTHER_IBAN, "Loan L0000018")
    assert entry.place.startswith("Stmt[1]/Ntry[1] (line ")
    assert entry.faults == []


def test_a_notice_has_no_balances_and_what_is_not_booked_is_only_counted() -> None:
    moves = [Move(10_00, "x", "B1"), Move(20_00, "y", "B2", state="PDNG")]
    (found,) = read_camt(camt_file(moves, kind=54))
    assert (found.kind, found.adds_up, found.not_booked) == ("CAMT054", None, 1)
    assert [entry.units for entry in found.entries] == [10_00]


def test_a_bundle_becomes_one_line_a_payment_when_its_parts_add_up() -> None:
    parts = [Move(10_00, "L0000018", "P1"), Move(20_00, "L0000026", "P2")]
    (found,) = read_camt(camt_file([Move(30_00, "", "B1", parts=parts)]))
    assert [(e.units, e.bank_reference, e.batch, e.text) for e in found.entries] == [
        (10_00, "P1", "B1", "L0000018"),
        (20_00, "P2", "B1", "L0000026"),
    ]
    (odd,) = read_camt(camt_file([Move(31_00, "", "B1", parts=parts)]))
    assert codes(odd) == [["PARTS_DIFFER"]]
    assert odd.adds_up is True


def test_parts_that_repeat_the_bundles_number_get_their_own() -> None:
    parts = [Move(10_00, "a", "B1"), Move(20_00, "b", "B1")]
    (found,) = read_camt(camt_file([Move(30_00, "", "B1", parts=parts)]))
    assert [entry.bank_reference for entry in found.entries] == ["B1/1", "B1/2"]


def test_a_reversal_is_told_and_its_other_side_is_who_paid() -> None:
    (found,) = read_camt(camt_file([Move(-5_00, "back", "B2", name="Ann", reversal=True)]))
    (entry,) = found.entries
    assert (entry.units, entry.reversal, entry.name) == (-5_00, True, "Ann")


def laughs(depth: int = 9) -> bytes:
    entities = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(depth)
    )
    return f"<!DOCTYPE x [{entities}]><Document>&l{depth - 1};</Document>".encode()


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (laughs(), statement.XmlForbidden),
        (b'<!DOCTYPE x SYSTEM "http://example.org/x.dtd"><x/>', statement.XmlForbidden),
        (
            b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>',
            statement.XmlForbidden,
        ),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x/>'.encode("utf-16"), statement.XmlForbidden),
        (b"<Document><Stmt></Document>", statement.XmlBroken),
        (b"", statement.XmlBroken),
        (b"not xml at all", statement.XmlBroken),
        (b'<?xml version="1.0" encoding="ARMSCII-8"?><Document/>', statement.XmlBroken),
        (camt_file([])[:-20], statement.XmlBroken),
        (b"<Document/>", statement.WrongSchema),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.09"/>',
         statement.WrongSchema),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>',
         statement.WrongSchema),
        (b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>',
         statement.WrongSchema),
        (
            b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
            b"<BkToCstmrStmt/></Document>",
            statement.NoStatement,
        ),
        (camt_file([]).replace(b"OPBD", b"XPCD"), statement.FileTruncated),
        (camt_file([]).replace(b'"USD">0.00', b'"USD">zero'), statement.BalanceNotReadable),
    ],
)  # fmt: skip
def test_xml_that_is_no_statement_is_refused_by_name(
    content: bytes, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        read_camt(content)


def test_what_is_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statement, "MOST_BYTES", 100)
    for read in (read_camt, read_mt940):
        with pytest.raises(statement.FileTooLarge):
            read(camt_file([]))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b'"USD">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>', b'"USD">ten</Amt><CdtDbtInd>CRDT'
         b"</CdtDbtInd><Sts>", "AMOUNT_NOT_READABLE"),
        (b'"USD">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>', b'"USD">0.00</Amt><CdtDbtInd>CRDT'
         b"</CdtDbtInd><Sts>", "AMOUNT_NOT_POSITIVE"),
        (b'"USD">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>', b'"USD">-10.00</Amt><CdtDbtInd>CRDT'
         b"</CdtDbtInd><Sts>", "AMOUNT_NOT_POSITIVE"),
        (b'"USD">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>', b'"USD">99999999999999999.00</Amt>'
         b"<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "AMOUNT_TOO_LARGE"),
        (b"<CdtDbtInd>CRDT</CdtDbtInd><Sts>", b"<CdtDbtInd>PLUS</CdtDbtInd><Sts>", "SIGN_UNKNOWN"),
        (b"<ValDt><Dt>2025-02-17", b"<ValDt><Dt>2025-02-30", "DATE_NOT_READABLE"),
    ],
)  # fmt: skip
def test_a_faulty_entry_of_camt_is_kept_with_its_place(old: bytes, new: bytes, code: str) -> None:
    content = camt_file([Move(10_00, "x", "B1"), Move(1_00, "y", "B2")])
    (found,) = read_camt(content.replace(old, new, 1))
    assert codes(found) == [[code], []]
    assert found.entries[0].faults[0].place.startswith("Stmt[1]/Ntry[1]")


def test_faults_every_form_shares_are_found() -> None:
    moves = [
        Move(1_00, "x", "B1", day=date(2025, 3, 2)),
        Move(1_00, "x", "B2", currency="EUR"),
        Move(1_00, "x", "R" * 61),
        Move(1_00, "x", "B3"),
        Move(1_00, "y", "B3"),
    ]
    found = files.read(
        camt_file(moves), files.Form.CAMT, {}, account=IBAN, currency="USD", digits=digits,
        today=TODAY,
    )  # fmt: skip
    assert codes(found[0]) == [
        ["FUTURE_DATE"], ["CURRENCY_MISMATCH"], ["REFERENCE_TOO_LONG"], [], ["REFERENCE_TWICE"],
    ]  # fmt: skip


def test_mt940_says_what_camt_says() -> None:
    move = Move(113_47, "Loan L0000018", "B1", "E1", "Ann Alba", OTHER_IBAN)
    (found,) = read_mt940(mt940_file([move], opening=5_00))
    assert (found.account, found.currency, found.number) == (IBAN, "USD", "00001/001")
    assert (found.opening, found.closing, found.adds_up) == (5_00, 118_47, True)
    (entry,) = found.entries
    assert (entry.units, entry.bank_reference, entry.end_to_end) == (113_47, "B1", "E1")
    assert (entry.name, entry.account, entry.text) == ("Ann Alba", OTHER_IBAN, "Loan L0000018")
    assert entry.place == ":61: (line 5)"


@pytest.mark.parametrize(
    ("words", "text", "end_to_end", "name", "account"),
    [
        ("EREF+E9SVWZ+For L0000018IBAN+DE75512108001245126199ABWA+Ann", "For L0000018", "E9",
         "Ann", "DE75512108001245126199"),
        ("/EREF/E9//ORDP//NAME/Ann/REMI/USTD//For L0000018/", "For L0000018", "E9", "Ann", ""),
        ("020?00SALARY?20For L00?2100018?30BIC?311234567?32Ann?33Alba", "For L0000018", "",
         "Ann Alba", "1234567"),
        ("Payment of Ann\r\nfor L0000018", "Payment of Ann for L0000018", "", "", ""),
    ],
)  # fmt: skip
def test_the_habits_of_the_words_of_mt940(
    words: str, text: str, end_to_end: str, name: str, account: str
) -> None:
    content = mt940_file([Move(1_00, "x", "B1")]).decode()
    start, end = content.index(":86:"), content.index(":62F:")
    (found,) = read_mt940(f"{content[:start]}:86:{words}\r\n{content[end:]}".encode())
    (entry,) = found.entries
    assert (entry.text, entry.end_to_end, entry.name, entry.account) == (
        text, end_to_end, name, account,
    )  # fmt: skip


def test_debits_and_reversals_of_mt940_have_their_sign() -> None:
    moves = [Move(-5_00, "fee", "B1"), Move(-7_00, "back", "B2", reversal=True),
             Move(3_00, "back", "B3", reversal=True)]  # fmt: skip
    (found,) = read_mt940(mt940_file(moves, opening=20_00))
    assert [(e.units, e.reversal) for e in found.entries] == [
        (-5_00, False), (-7_00, True), (3_00, True),
    ]  # fmt: skip
    assert found.adds_up is True


def test_the_booking_day_of_mt940_lies_in_the_nearest_year() -> None:
    move = Move(1_00, "x", "B1", day=date(2025, 1, 2), value=date(2024, 12, 31))
    (found,) = read_mt940(mt940_file([move]))
    assert found.entries[0].book_date == date(2025, 1, 2)
    assert found.entries[0].value_date == date(2024, 12, 31)


@pytest.mark.parametrize("keep", [3, 4, 5])
def test_mt940_that_was_cut_off_is_refused(keep: int) -> None:
    lines = mt940_file([Move(1_00, "x", "B1")]).decode().split("\r\n")
    with pytest.raises(statement.FileTruncated):
        read_mt940("\r\n".join(lines[:keep]).encode())


def test_mt940_in_another_encoding_is_refused_or_read_as_agreed() -> None:
    content = mt940_file([Move(1_00, "x", "B1", name="Zoë")]).decode().encode("cp1252")
    with pytest.raises(statement.FileNotReadable):
        read_mt940(content)
    (found,) = read_mt940(content, "cp1252")
    assert found.entries[0].name == "Zoë"


def test_a_movement_of_mt940_nobody_can_read_is_listed() -> None:
    content = mt940_file([Move(1_00, "x", "B1"), Move(2_00, "y", "B2")]).decode()
    (found,) = read_mt940(content.replace(":61:2502170217C1,00", ":61:25C", 1).encode())
    assert codes(found) == [["ROW_NOT_READABLE"], []]
    assert found.adds_up is None


@pytest.mark.parametrize("content", [b"", b"hello"])
def test_what_is_no_mt940_is_refused(content: bytes) -> None:
    with pytest.raises(statement.NoStatement):
        read_mt940(content)


BANK: dict[str, Any] = {
    "delimiter": ";",
    "decimal": ",",
    "grouping": ".",
    "date_form": "%d.%m.%Y",
    "columns": {
        "date": "Booked", "amount": "Amount", "text": ["Purpose", "Note"], "name": "From",
        "reference": "Number", "balance": "Balance", "account": "Account",
    },
}  # fmt: skip
HEAD = "Booked;Amount;Purpose;Note;From;Number;Balance;Account\n"
MOBILE: dict[str, Any] = {
    "delimiter": ",",
    "date_form": "%Y-%m-%d %H:%M:%S",
    "grouping": ",",
    "sign": "TWO_COLUMNS",
    "words_booked": ["Completed"],
    "columns": {
        "date": "Completion Time", "paid_in": "Paid In", "paid_out": "Withdrawn",
        "reference": "Receipt No.", "text": ["Details", "A/C No."], "name": "Other Party Info",
        "state": "Transaction Status", "balance": "Balance",
    },
}  # fmt: skip


def read_csv(text: str, profile: dict[str, Any], encoding: str = "utf-8") -> Statement:
    found = table.read_csv(
        text.encode(encoding), table.TableProfile.of(profile), account=IBAN, currency="USD",
        digits=digits, today=TODAY,
    )  # fmt: skip
    return found[0]


def test_a_banks_own_table_is_read_by_its_profile() -> None:
    found = read_csv(
        "Statement of account\n;;\n" + HEAD
        + "17.02.2025;1.113,47;Loan L0000018;thanks;Ann;B1;1.200,00;DE75 5121\n"
        + "18.02.2025;-200,00;fee;;;B2;1.000,00;\n",
        BANK,
    )  # fmt: skip
    assert (found.opening, found.closing, found.adds_up) == (86_53, 1_000_00, True)
    first, second = found.entries
    assert (first.units, first.text, first.account, first.row) == (
        1_113_47, "Loan L0000018 thanks", "DE755121", 4,
    )  # fmt: skip
    assert (second.units, second.book_date) == (-200_00, date(2025, 2, 18))


def test_a_table_sorted_the_newest_first_adds_up_too() -> None:
    found = read_csv(
        HEAD + "18.02.2025;-2,00;fee;;;B2;8,00;\n17.02.2025;10,00;in;;;B1;10,00;\n", BANK
    )
    assert (found.opening, found.closing) == (0, 8_00)


def test_a_mobile_money_table_tells_in_and_out_by_columns() -> None:
    found = read_csv(
        "Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance,"
        "Other Party Info,A/C No.\n"
        "AB1,2025-02-17 10:11:12,Pay bill,Completed,\"1,113.47\",,\"1,113.47\",0788 - Ann,"
        "L0000018\n"
        "AB2,2025-02-17 10:12:12,Charge,Completed,,-13.47,1100.00,,\n"
        "AB3,2025-02-17 10:13:12,Pay bill,Failed,5.00,,1100.00,,\n",
        MOBILE,
    )  # fmt: skip
    assert [(e.units, e.bank_reference) for e in found.entries] == [(1_113_47, "AB1"),
                                                                    (-13_47, "AB2")]  # fmt: skip
    assert found.entries[0].text == "Pay bill L0000018"
    assert found.not_booked == 1


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("30.02.2025;1,00;x;;;B1;;", "DATE_NOT_READABLE", "Booked"),
        ("17.02.2025;one;x;;;B1;;", "AMOUNT_NOT_READABLE", "Amount"),
        ("17.02.2025;1,001;x;;;B1;;", "AMOUNT_NOT_READABLE", "Amount"),
        ("17.02.2025;0,00;x;;;B1;;", "AMOUNT_NOT_POSITIVE", "Amount"),
        ("17.02.2025;;x;;;B1;;", "AMOUNT_NOT_READABLE", "Amount"),
        (f"17.02.2025;{'9' * 20},00;x;;;B1;;", "AMOUNT_TOO_LARGE", "Amount"),
        ("17.02.2026;1,00;x;;;B1;;", "FUTURE_DATE", "date"),
    ],
)
def test_a_faulty_row_of_a_table_names_its_cell(row: str, code: str, column: str) -> None:
    found = read_csv(f"{HEAD}{row}\n17.02.2025;1,00;y;;;B2;;\n", BANK)
    assert codes(found) == [[code], []]
    fault = found.entries[0].faults[0]
    assert (fault.row, fault.column) == (2, column)


def test_signs_by_word_and_turned_signs() -> None:
    by_word = {**BANK, "sign": "WORD", "columns": {**BANK["columns"], "direction": "Note"}}
    found = read_csv(
        f"{HEAD}17.02.2025;5,00;x;CR;;B1;;\n17.02.2025;5,00;x;DR;;B2;;\n17.02.2025;5,00;x;?;;B3;;\n",
        by_word,
    )
    assert [entry.units for entry in found.entries] == [5_00, -5_00, 0]
    assert codes(found)[2] == ["SIGN_UNKNOWN"]
    turned = read_csv(f"{HEAD}17.02.2025;-5,00;x;;;B1;;\n", {**BANK, "sign": "MINUS_IN"})
    assert turned.entries[0].units == 5_00


def test_a_sign_that_no_text_has_is_refused() -> None:
    """PostgreSQL keeps none, so the whole file broke there."""
    with pytest.raises(statement.FileNotReadable):
        read_csv(HEAD + "17.02.2025;1,00;x\x00y;;;B1;;\n", BANK)
    with pytest.raises(statement.FileNotReadable):
        read_mt940(mt940_file([Move(1_00, "x\x00y", "B1")]))
    with pytest.raises(statement.FileNotReadable):
        read_mt940(b"\x00\x01")


def test_a_table_without_its_columns_or_of_another_encoding_is_refused() -> None:
    with pytest.raises(table.ColumnMissing):
        read_csv("a;b\n1;2\n", BANK)
    with pytest.raises(statement.FileNotReadable):
        read_csv(HEAD + "17.02.2025;1,00;Zoë;;;B1;;\n", BANK, "utf-16")
    with pytest.raises(statement.NoStatement):
        read_csv(HEAD, BANK)


@pytest.mark.parametrize(
    "profile",
    [
        {"colour": "red", "columns": {"date": "a", "amount": "b"}},
        {"columns": {"date": "a"}},
        {"sign": "SIDEWAYS", "columns": {"date": "a", "amount": "b"}},
        {"sign": "TWO_COLUMNS", "columns": {"date": "a", "amount": "b"}},
    ],
)
def test_a_profile_that_cannot_work_is_refused(profile: dict[str, Any]) -> None:
    with pytest.raises(table.ProfileUnknown):
        table.TableProfile.of(profile)


def workbook(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def moved(content: bytes, row: int) -> bytes:
    """A workbook whose second row says that it is another."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for item in source.infolist():
            data = source.read(item)
            if item.filename.endswith("sheet1.xml"):
                data = data.replace(b'<row r="2">', b'<row r="%d">' % row)
                data = re.sub(rb'r="([A-Z])2"', rb'r="\g<1>%d"' % row, data)
                data = data.replace(b'ref="A1:B2"', b'ref="A1:XFD%d"' % row)
            target.writestr(item.filename, data)
    return out.getvalue()


def test_a_workbook_with_a_row_far_below_does_not_halt_the_reader() -> None:
    content = workbook([["Booked", "Amount"], ["17/02/2025", "5.00"]])
    told: dict[str, Any] = {
        "account": IBAN, "currency": "USD", "digits": digits, "today": TODAY
    }  # fmt: skip
    bank = table.TableProfile.of(
        {"columns": {"date": "Booked", "amount": "Amount"}, "date_form": "%d/%m/%Y"}
    )
    (found,) = table.read_xlsx(moved(content, 5_000), bank, **told)
    assert [(entry.row, entry.units) for entry in found.entries] == [(5_000, 5_00)]
    with pytest.raises(statement.TooManyEntries):
        table.read_xlsx(moved(content, 10**9), bank, **told)


def test_a_workbook_is_read_like_its_table() -> None:
    content = workbook(
        [
            ["Booked", "Amount", "Purpose", "Note", "From", "Number", "Balance", "Account"],
            [date(2025, 2, 17), 113.47, "Loan L0000018", None, "Ann", "B1", None, None],
            [date(2025, 2, 17), "=1+1", "x", None, "", "B2", None, None],
        ]
    )
    (found,) = table.read_xlsx(
        content, table.TableProfile.of(BANK | {"grouping": ""}), account=IBAN, currency="USD",
        digits=digits, today=TODAY,
    )  # fmt: skip
    assert (found.entries[0].units, found.entries[0].book_date) == (113_47, DAY)
    assert codes(found) == [[], ["FORMULA_FOUND"]]
    with pytest.raises(table.NotAWorkbook):
        table.read_xlsx(
            b"PK no", table.TableProfile.of(BANK), account=IBAN, currency="USD", digits=digits,
            today=TODAY,
        )  # fmt: skip


def test_a_quotation_mark_left_open_hides_no_line() -> None:
    rows = "".join(f"1{n}.02.2025;5,00;Loan {n};;;B{n};;\n" for n in range(1, 6))
    with pytest.raises(NotATable):
        read_csv(HEAD + rows.replace("Loan 2", '"Loan 2'), BANK)
    with pytest.raises(NotATable):
        read_csv(HEAD + rows.replace("Loan 2", '"Loan 2').replace("Loan 4", '"Loan 4"'), BANK)
    assert len(read_csv(HEAD + rows.replace("Loan 2", '"Loan; 2"'), BANK).entries) == 5


def test_an_amount_cut_at_the_sign_between_cells_is_a_fault_of_its_row() -> None:
    comma = {**BANK, "delimiter": ","}
    head = HEAD.replace(";", ",")
    cut, whole = "17.02.2025,1,200,x,,,B1,,\n", "17.02.2025,5,y,,,B2,,\n"
    found = read_csv(head + cut + whole, comma)
    assert codes(found) == [["ROW_TOO_WIDE"], []]
    assert found.entries[1].units == 5_00
    ending = read_csv(head + whole.replace("\n", ",\n") * 2, comma)
    assert codes(ending)[0] == [], "a bank that ends each row with its sign is read"
    assert codes(read_csv(head + cut.replace(",,\n", ",,DE75\n"), comma)) == [["ROW_TOO_WIDE"]]
