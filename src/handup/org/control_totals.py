"""Control totals: how many rows each table has and what each column of whole units comes to, taken
when a copy is made and compared when it is brought back.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

FILE = "TOTALS.json"
UNITS = "_units"
Totals = dict[str, dict[str, str]]
"""By table: "rows" and each column of units, written out so that no number is too large."""
Ask = Callable[[str], Iterable[tuple[Any, ...]]]
"""Runs a statement and gives its rows."""

SQLITE = """
SELECT m.name, p.name FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS p
WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.sql NOT LIKE 'CREATE VIRTUAL%'
ORDER BY 1, p.cid
"""
POSTGRESQL = """
SELECT c.table_name, c.column_name FROM information_schema.columns AS c
JOIN information_schema.tables AS t USING (table_schema, table_name)
WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE'
ORDER BY 1, c.ordinal_position
"""


def _name(text: str) -> str:
    """A name as a statement takes it."""
    return '"{}"'.format(text.replace('"', '""'))


def taken(ask: Ask, columns: str) -> Totals:
    """The totals of a database; columns: SQLITE or POSTGRESQL."""
    tables: dict[str, list[str]] = {}
    for table, column in list(ask(columns)):
        held = tables.setdefault(table, [])
        if f"_{column}".endswith(UNITS):
            held.append(column)
    found: Totals = {}
    for table, units in tables.items():
        sums = "".join(f", CAST(COALESCE(SUM({_name(one)}), 0) AS TEXT)" for one in units)
        words = ["SELECT CAST(COUNT(*) AS TEXT)", sums, "FROM", _name(table)]
        (row,) = list(ask(" ".join(words)))
        found[table] = dict(zip(("rows", *units), (str(one) for one in row), strict=True))
    return found


def write(folder: Path, totals: Totals) -> None:
    """Keep them beside a copy."""
    (folder / FILE).write_text(json.dumps(totals, indent=1, sort_keys=True) + "\n")


def differing(folder: Path, now: Totals) -> list[str]:
    """Where what came back is not what was copied, one text a difference; nothing where all is.
    A copy from before there were totals, or sums of a column, has none to compare.
    """
    file = folder / FILE
    if not file.is_file():
        return []
    then: Totals = json.loads(file.read_text())
    told = []
    for table in sorted(set(then) | set(now)):
        before, after = then.get(table, {}), now.get(table, {})
        told += [
            f"{table}.{key}: {before.get(key, '-')} copied, {after.get(key, '-')} brought back"
            for key in sorted(before or after)
            if before.get(key) != after.get(key)
        ]
    return told
