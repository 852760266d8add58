"""The portfolio of a past day by the copy in columns: over 100,000 loans of the database, and over
a million loans with twelve million instalments, whose copy is made directly.

The imports of the program stand inside the functions: this module is also loaded before Django is
set up.
"""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from typing import Any

from bench import Figure, benchmark, clock, fastest, with_database
from bench.books import DAY, LOANS, portfolio

MILLION = 1_000_000
INSTALMENTS = 12
YEARS = (date(2024, 1, 31), date(2025, 1, 31), DAY)


@benchmark()
def from_the_database() -> Iterator[Figure]:
    """100,000 loans copied, then asked; the figures must be those of the database."""
    from django.conf import settings

    from handup.lending import figures
    from handup.lending.columns.copying import make_copy

    portfolio(spread=720)
    days = {day: figures.cube(day) for day in YEARS}
    settings.COLUMNS = True
    with clock(with_database) as measured:
        made = make_copy()
    yield Figure("copy of 100,000 loans", measured.seconds, "s", LOANS)
    yield Figure("copy of 100,000 loans", measured.processor, "s processor", LOANS)
    size = sum(path.stat().st_size for path in made.folder.iterdir())
    yield Figure("copy of 100,000 loans", size / 2**20, "MB", LOANS)
    for day, asked in days.items():
        found = fastest(partial(figures.cube, day))
        copied = figures.cube(day)
        assert copied.copied_at == made.made_at
        assert sorted(copied.groups, key=str) == sorted(asked.groups, key=str), day
        yield Figure(f"portfolio of {day} from the copy", found.seconds, "s", LOANS)
        yield Figure(f"portfolio of {day} from the copy", found.processor, "s processor", LOANS)


@benchmark("sqlite")
def a_million_loans() -> Iterator[Figure]:
    """PAR, ageing, cohorts and concentration of a million loans with twelve million instalments."""
    from django.conf import settings

    from handup.lending import figures
    from handup.lending.columns.place import engine, new_folder, put_in_use

    folder = new_folder()
    with engine(folder) as opened:
        _write(opened, str(folder))
    settings.COLUMNS = True
    made = put_in_use(folder, datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    yield Figure("copy of a million loans", size / 2**20, "MB", MILLION)
    for day in YEARS:
        found = fastest(partial(figures.cube, day))
        cube = figures.cube(day)
        assert cube.copied_at == made.made_at
        owing = cube.standing().loans
        yield Figure(f"portfolio of {day}, a million loans", found.seconds, "s", owing)
        yield Figure(f"portfolio of {day}, a million loans", found.processor, "s processor", owing)


_PAID = "[6, 6, 6, 6, 12, 6, 4, 1]"  # instalments paid, by the kind of loan, as in bench.books
_LOANS = f"""
CREATE TEMP TABLE lent AS
SELECT CAST(n AS INTEGER) AS id, n % 8 AS kind, {_PAID}[n % 8 + 1] AS paid,
  DATE '2025-01-15' - CAST(n * 7 % 720 AS INTEGER) AS day, CAST(120000 + n % 997 AS BIGINT) AS units
FROM range(1, {MILLION} + 1) t(n)
"""
_ROWS = f"""
CREATE TEMP TABLE rows AS
SELECT id AS loan_id, CAST(i AS INTEGER) AS number, kind, i <= paid AS settled,
  CAST(day + to_months(CAST(i AS INTEGER)) AS DATE) AS due_date, day AS from_date,
  units // {INSTALMENTS} + CASE WHEN i = {INSTALMENTS} THEN units % {INSTALMENTS} ELSE 0 END
    AS principal_units, CAST(2400 - 180 * i AS BIGINT) AS interest_units
FROM lent, range(1, {INSTALMENTS} + 1) r(i)
"""
_PARTS = {
    "due": """SELECT loan_id, number, due_date, from_date, CAST(NULL AS DATE) AS to_date,
  CASE WHEN settled THEN due_date + CAST(kind % 2 AS INTEGER) END AS settled_date,
  principal_units, interest_units, CAST(0 AS BIGINT) AS fee_units,
  CAST(0 AS BIGINT) AS penalty_units,
  CASE WHEN settled THEN principal_units ELSE 0 END AS principal_paid_units
  FROM rows ORDER BY loan_id, number""",
    "split": """SELECT loan_id, number, due_date + CAST(kind % 2 AS INTEGER) AS value_date,
  principal_units FROM rows WHERE settled ORDER BY loan_id, number""",
    "event": """SELECT id AS loan_id, 'DISBURSED' AS kind, day AS value_date, units FROM lent
  ORDER BY id""",
    "kind": "SELECT DISTINCT {kind} AS kind, {ids} FROM lent l ORDER BY kind",
    "loan": """SELECT l.id, {kind} AS kind,
  CAST(year(l.day) * 4 + (month(l.day) - 1) // 3 AS INTEGER) AS quarter,
  CAST(NULL AS UUID) AS programme_id, {ids}, CAST(NULL AS UUID) AS product_version_id,
  'USD' AS currency, 'ACTIVE' AS state, l.day AS agreed_date, CAST(NULL AS DATE) AS opening_date,
  l.day AS disbursed_date, CASE WHEN r.left = 0 THEN r.last END AS settled_date,
  COALESCE(r.last, l.day) AS last_value_date, r.due AS last_due_date,
  CAST(NULL AS DATE) AS restructured_date, CAST(NULL AS DATE) AS moved_date,
  l.units AS disbursed_units,
  CAST(0 AS BIGINT) AS capitalised_units, r.left AS principal_units,
  CAST(0 AS BIGINT) AS written_off_units, CAST(0 AS BIGINT) AS arrears_tolerance_units,
  FALSE AS changed, FALSE AS restructured
  FROM lent l JOIN (SELECT loan_id, MAX(due_date) AS due,
    MAX(CASE WHEN settled THEN due_date + CAST(kind % 2 AS INTEGER) END) AS last,
    CAST(SUM(CASE WHEN settled THEN 0 ELSE principal_units END) AS BIGINT) AS left
    FROM rows GROUP BY loan_id) r ON r.loan_id = l.id ORDER BY l.id""",
}


def _id(letter: str, kinds: int) -> str:
    number = f"lpad(CAST(l.id % {kinds} AS VARCHAR), 12, '0')"
    return f"CAST('{letter * 8}-0000-7000-8000-' || {number} AS UUID)"


def _write(opened: Any, folder: str) -> None:
    opened.execute(_LOANS)
    opened.execute(_ROWS)
    keys = (("lender", "a", 3), ("office", "b", 20), ("officer", "c", 60), ("product", "d", 5))
    told = {
        "kind": "CAST(l.id % 60 AS INTEGER)",
        "ids": ", ".join(f"{_id(letter, kinds)} AS {name}_id" for name, letter, kinds in keys),
    }
    for name, select in (_PARTS | _without_rows()).items():
        opened.execute(f"COPY ({select.format(**told)}) TO '{folder}/{name}.parquet'")


def _without_rows() -> dict[str, str]:
    """The tables of a copy that stay empty here: nobody had a pause, and no row is tolerated."""
    from handup.lending.columns.copying import OTHERS

    return {
        table.name: "SELECT "
        + ", ".join(
            f"CAST(NULL AS {'INTEGER' if name == 'loan_id' else kind}) AS {name}"
            for name, kind in table.columns.items()
        )
        + " WHERE FALSE"
        for table in OTHERS
        if table.name not in _PARTS
    }
