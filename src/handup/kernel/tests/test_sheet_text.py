"""What is written so that no program runs it as a formula reads back as it was meant."""

import csv
import io

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.sheet_text import RUNS_AS_FORMULA, meant_text, safe_text
from handup.kernel.sheets import Column, SheetSpec, read_csv, read_workbook

NOTE = SheetSpec(columns=(Column("key"), Column("note", max_length=100)))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.builds(
    lambda marks, sign, rest: "'" * marks + sign + rest,
    st.integers(0, 3),
    st.sampled_from(RUNS_AS_FORMULA),
    st.text("1+=-'@ab ", max_size=8),
)


@given(texts)
def test_a_cell_stands_for_one_text_and_never_runs(text: str) -> None:
    cell = safe_text(text)
    assert not cell.startswith(RUNS_AS_FORMULA)
    assert meant_text(cell) == text


@given(texts)
def test_a_table_of_ours_reads_back_as_it_was(text: str) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["key", "note"], ["1", safe_text(text.strip())]])
    (row,) = read_csv(stream.getvalue().encode(), NOTE).rows
    assert row.values["note"] == (text.strip() or None)


def test_a_workbook_of_ours_reads_back_as_it_was() -> None:
    told = ["=1+1", "'=1+1", "''-x", "'plain", "+374 99", "@home", "O'Neill"]
    book = openpyxl.Workbook()
    for line in (["key", "note"], *(["1", safe_text(text)] for text in told)):
        book.active.append(line)
    stream = io.BytesIO()
    book.save(stream)
    reading = read_workbook(stream.getvalue(), NOTE)
    assert [row.values["note"] for row in reading.rows] == told
