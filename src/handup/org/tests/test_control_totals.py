"""The totals of a copy hold every column of money, and are compared as far as the copy has them."""

from pathlib import Path

import pytest

from handup.org.control_totals import SQLITE, Totals, differing, taken, write
from handup.org.sqlite import sqlite3


@pytest.fixture
def house() -> sqlite3.Connection:
    """Two payments, of which one column of money is called nothing but units."""
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE paid (units INTEGER, fee_units INTEGER, year INTEGER)")
    made.execute("INSERT INTO paid VALUES (12000, 150, 2026), (8000, NULL, 2026)")
    return made


def test_a_column_called_units_is_added_up_too(house: sqlite3.Connection, tmp_path: Path) -> None:
    told = taken(house.execute, SQLITE)
    assert told == {"paid": {"rows": "2", "units": "20000", "fee_units": "150"}}
    write(tmp_path, told)
    assert differing(tmp_path, told) == []
    house.execute("UPDATE paid SET units = units - 1 WHERE units = 8000")
    assert differing(tmp_path, taken(house.execute, SQLITE)) == [
        "paid.units: 20000 copied, 19999 brought back"
    ]


def test_a_copy_from_before_has_its_own_totals_compared(
    house: sqlite3.Connection, tmp_path: Path
) -> None:
    before: Totals = {"paid": {"rows": "2", "fee_units": "150"}, "gone": {"rows": "1"}}
    write(tmp_path, before)
    house.execute("CREATE TABLE more (n INTEGER)")
    assert differing(tmp_path, taken(house.execute, SQLITE)) == [
        "gone.rows: 1 copied, - brought back",
        "more.rows: - copied, 0 brought back",
    ]
