"""Files for SPSS, read back by a program that others wrote."""

import io
from datetime import UTC, date, datetime
from pathlib import Path

import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.surveys.rules import sav
from handup.surveys.rules.sav import Format, Measure, Variable

MADE = datetime(2026, 6, 30, 8, 5, 1, tzinfo=UTC)


def test_labels_missing_values_days_and_long_texts_come_back(tmp_path: Path) -> None:
    long = "".join(f"<{number}>" for number in range(150))
    variables = [
        Variable("id", "Id", Format.TEXT, width=20),
        Variable("income_of_the_household_last_month", "Доход", decimals=2),
        Variable(
            "sex", "Սեռ", values=[(1, "женщина"), (2, "мужчина"), (-8, "don't know")],
            missing=[-8], measure=Measure.NOMINAL,
        ),
        Variable("note", "Long", Format.TEXT, width=700),
        Variable("day", "Day", Format.DAY),
        Variable("at", "At", Format.INSTANT),
        Variable("after", "", values=[(0, "no"), (1, "yes")]),
    ]  # fmt: skip
    rows: list[list[sav.Value]] = [
        ["a", 1234.5, 1, long, date(2026, 6, 10), datetime(2026, 6, 10, 12, 30, 5, tzinfo=UTC), 1],
        ["бб", None, -8, "", None, None, 0],
    ]
    file = tmp_path / "answers.sav"
    with file.open("wb") as target:
        assert sav.write(target, variables, rows, count=2, title="Round", made=MADE) == 2
    frame, about = pyreadstat.read_sav(str(file), user_missing=True)
    assert about.file_encoding == "UTF-8"
    assert list(frame["id"]) == ["a", "бб"]
    assert list(frame["note"]) == [long, ""]
    assert frame["income_of_the_household_last_month"][0] == 1234.5
    assert frame["income_of_the_household_last_month"].isna()[1]
    assert frame["day"][0] == date(2026, 6, 10)
    assert str(frame["at"][0]) == "2026-06-10 12:30:05"
    assert about.column_names_to_labels["sex"] == "Սեռ"
    assert about.variable_value_labels["sex"] == {1: "женщина", 2: "мужчина", -8: "don't know"}
    assert about.missing_ranges["sex"] == [{"lo": -8, "hi": -8}]
    assert about.variable_measure["sex"] == "nominal"
    assert list(frame["after"]) == [1, 0], "what stands after a long text stands in its place"


@given(st.lists(st.text(max_size=70), max_size=12))
def test_names_are_names_for_spss_each_once(names: list[str]) -> None:
    found = sav.plain_names(names)
    assert len(found) == len(names)
    assert len({name.upper() for name in found}) == len(names)
    assert all(name[0].isalpha() and name.isascii() and len(name) <= 64 for name in found)
    assert not {name.upper() for name in found} & sav.RESERVED


@pytest.mark.parametrize("width", [1, 8, 9, 255, 256, 600, 2000])
def test_texts_of_any_length_come_back_and_no_letter_is_cut(tmp_path: Path, width: int) -> None:
    text = ("аб" * width).encode()[:width].decode("utf-8", "ignore")
    target = io.BytesIO()
    variables = [Variable("t", "T", Format.TEXT, width=width), Variable("n", "N")]
    sav.write(target, variables, [["аб" * width, 7]], count=1, made=MADE)
    file = tmp_path / "one.sav"
    file.write_bytes(target.getvalue())
    frame, _about = pyreadstat.read_sav(str(file))
    assert (frame["t"][0], frame["n"][0]) == (text, 7)
