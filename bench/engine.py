"""All indicators over a nation's facts in columns: a million persons, a million loans and twelve
million instalments on DuckDB, the growth from a hundred thousand, and the same on Spark.

The facts are made directly as a snapshot holds them. Figures are those of two processors and of at
most four gigabytes. The imports of the program stand inside the functions: this module is also
loaded before Django is set up.
"""

import resource
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from bench import Figure, benchmark, clock

MILLION = 1_000_000
SIZES = (100_000, 300_000, MILLION)
DAY = date(2025, 12, 31)
SINCE = date(2025, 1, 1)
SPLIT = ("sex", "age_band", "woman_head", "area1")
INSTALMENTS = 12
MEMORY = "3GB"
CHOICES: dict[str, tuple[str, ...]] = {
    "sex": ("F", "M", "F", "OTHER", ""),
    "age_band": ("15-24", "25-34", "35-59", "60+"),
    "woman_head": ("YES", "NO", ""),
    "low_income": ("YES", "NO"),
    "displacement": ("REFUGEE", "IDP", "HOST", ""),
    "disability": ("YES", "NO", ""),
    "area1": tuple(f"A{number}" for number in range(12)),
    "area2": tuple(f"A{number}" for number in range(120)),
    "kind": ("ADVICE", "PLAN", "SAVINGS", "LOANS", "TRAINING"),
    "key": (
        *("income_change", "life_change", "saves", "satisfied"),
        *("income_month", "aid_last_3_months", "plans_to_leave"),
    ),
    "value": ("BETTER", "MUCH_BETTER", "SAME", "WORSE", "YES", "4", "5"),
    "before": ("YES", "NO"),
    "after": ("NO", "YES"),
    "field": ("ADVISOR", "TRAINER", "APPRAISER"),
    "currency": ("USD",),
    "poverty_line": ("national",),
    "programme": ("P",),
}
WHOLES = {"month": "6", "weight": "100000", "level": "2", "share_ppm": "{i} * 7919 % 1000000"}
# Rows of each table for a million persons; the rest holds a tenth of them.
MANY = {
    "service": 3.0,
    "client": 1.0,
    "loan": 1.0,
    "disbursement": 1.0,
    "liable": 1.0,
    "due": float(INSTALMENTS),
    "split": float(INSTALMENTS),
    "enrolment": 0.5,
    "plan": 0.3,
    "membership": 0.5,
    "group_money": 1.0,
    "meeting_member": 1.0,
    "answer": 0.5,
    "check": 0.3,
}
LOAN_DAY = "DATE '2023-06-01' + CAST({loan} * 7919 % 900 AS INTEGER)"
PAID = "[12, 12, 12, 6, 4, 1, 8, 12][{loan} % 8 + 1]"
SPECIAL = {
    "due.loan": "{i} // 12",
    "due.number": "{i} % 12 + 1",
    "due.day": "CAST(({loan_day}) + to_months(CAST({i} % 12 + 1 AS INTEGER)) AS DATE)",
    "due.principal_units": "10000",
    "due.other_units": "600",
    "due.penalty_units": "0",
    "due.before_units": "0",
    "due.before_principal_units": "0",
    "due.from_day": "{loan_day}",
    "due.to_day": "CAST(NULL AS DATE)",
    "split.loan": "{i} // 12",
    "split.number": "CASE WHEN {i} % 12 < {paid} THEN {i} % 12 + 1 END",
    "split.day": "CAST(({loan_day}) + to_months(CAST({i} % 12 + 1 AS INTEGER)) AS DATE)"
    " + CAST({i} // 12 % 3 AS INTEGER)",
    "split.principal_units": "10000",
    "split.other_units": "600",
    "split.penalty_units": "0",
    "split.carried": "FALSE",
    "loan.day": LOAN_DAY.format(loan="{i}"),
    "loan.disbursed_units": "120000",
    "loan.tolerance_units": "0",
    "loan.opening_day": "CAST(NULL AS DATE)",
    "loan.written_off_day": "CASE WHEN {i} % 200 = 5 THEN DATE '2025-06-30' END",
    "loan.restructured_day": "CASE WHEN {i} % 50 = 4 THEN DATE '2025-03-31' END",
    "loan.settled_day": "CASE WHEN {i} % 8 IN (0, 1, 2, 7) THEN {loan_day} + 370 END",
    "loan.last_due_day": "CAST(({loan_day}) + to_months(12) AS DATE)",
    "write_off.loan": "{i} * 200 + 5",
    "liable.loan": "{i}",
    "disbursement.loan": "{i}",
    "answer.value": "['BETTER', 'SAME', 'YES', 'WORSE', '4'][{i} // 7 % 5 + 1]",
    "check.served_day": "DATE '2023-01-01'",
    "check.segment": "{i} * 31 % 4 + 1",
    "check.work_days": "{i} * 31 % 900",
    "delivery.value_units": "9000 + {i} % 1000",
    "delivery.offered_units": "10000",
    "delivery.market_units": "9500",
    "poverty.poor": "{i} * 7919 % 100000",
}
LOANS_OF = {"due": "{i} // 12", "split": "{i} // 12"}


def write_facts(folder: Path, persons: int) -> int:
    """Write the facts of a nation of so many persons as a snapshot holds them; how many rows."""
    import duckdb

    from handup.results.rules.fact_tables import STORED

    folder.mkdir()
    total = 0
    with duckdb.connect(":memory:") as made:
        for table in STORED:
            rows = int(MANY.get(table.name, 0.1) * persons)
            total += rows
            cells = ", ".join(
                f"{_cell(table.name, column, persons)} AS {column.name}"
                for column in table.columns.values()
            )
            made.execute(
                f"COPY (SELECT {cells} FROM range({rows}) t(i))"
                f" TO '{folder}/{table.name}.parquet' (FORMAT parquet, COMPRESSION zstd)"
            )
        made.execute(
            f"COPY (SELECT CAST(i AS BIGINT) AS person FROM range({persons // 2}) t(i))"
            f" TO '{folder}/keyed.parquet' (FORMAT parquet)"
        )
    return total


def _cell(table: str, column: Any, persons: int) -> str:
    """One column of a made table, worked out from the number of its row alone."""
    loan = LOANS_OF.get(table, "{i}").format(i="i")
    told = SPECIAL.get(f"{table}.{column.name}")
    if told is not None:
        day = LOAN_DAY.format(loan=loan)
        told = told.format(i="i", loan_day=day, paid=PAID.format(loan=loan))
    else:
        told = _plain(column, persons)
    types = {"KEY": "BIGINT", "WHOLE": "BIGINT", "DAY": "DATE", "FLAG": "BOOLEAN"}
    return f"CAST({told} AS {types.get(column.kind.value, 'VARCHAR')})"


def _plain(column: Any, persons: int) -> str:
    kind, name = column.kind.value, column.name
    if name in ("record", "seq"):
        return "i"
    if name == "received":
        return "0"
    if name in WHOLES:
        return WHOLES[name].format(i="i")
    if kind == "KEY":
        of = {"person": persons, "household": persons // 4, "grp": max(persons // 20, 1)}
        return f"i * 7919 % {of.get(name, max(persons // 10, 1))}"
    if kind == "DAY":
        day = "DATE '2024-01-01' + CAST(i * 31 % 730 AS INTEGER)"
        if name in ("day", "served_day"):
            return day
        return f"CASE WHEN i % 3 > 0 THEN {day} + CAST(i % 200 AS INTEGER) END"
    if kind == "WHOLE":
        return "i * 31 % 900"
    if kind == "FLAG":
        return "i % 5 > 0" if name != "closed" else "i % 9 = 0"
    if kind == "SET":
        return "CASE WHEN i % 3 = 0 THEN '|REFUGEE|WOMAN_HEAD|' ELSE '|' END"
    codes = CHOICES.get(name, tuple(f"{name[:1].upper()}{number}" for number in range(6)))
    listed = ", ".join(f"'{code}'" for code in codes)
    return f"[{listed}][i * 13 % {len(codes)} + 1]"


@benchmark("sqlite")
def on_duckdb() -> Iterator[Figure]:
    """All indicators of the catalogue, totals and lines, over three sizes of a nation."""
    from handup.results.columns import duck
    from handup.results.columns.asking import ask
    from handup.results.rules.declared import DECLARED
    from handup.results.rules.expressions import Asked

    asked = Asked(DAY, SINCE)
    with tempfile.TemporaryDirectory(prefix="handup-nation-") as name:
        for persons in SIZES:
            folder = Path(name) / str(persons)
            rows = write_facts(folder, persons)
            for title, split in (("totals", ()), ("with lines by four", SPLIT)):
                opened = duck.opened([folder], memory=MEMORY, threads=2)
                with opened as (lake, fetch), clock() as measured:
                    found = ask(lake, fetch, DECLARED, asked, split)
                assert sum(one.only.numerator != 0 for one in found.values()) > 45
                told = f"all indicators on DuckDB, {title}"
                yield Figure(told, measured.seconds, "s", persons)
                yield Figure(told, measured.processor, "s processor", persons)
            yield Figure("rows of facts", rows, "rows", persons)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            yield Figure("memory at the most, DuckDB", peak, "MB", persons)


@benchmark("sqlite")
def on_spark() -> Iterator[Figure]:
    """The same on a cluster of a master and two workers; the figures must be DuckDB's."""
    from handup.results.columns import cluster, duck, spark
    from handup.results.columns.asking import ask
    from handup.results.rules.declared import DECLARED
    from handup.results.rules.expressions import Asked

    asked = Asked(DAY, SINCE)
    with (
        tempfile.TemporaryDirectory(prefix="handup-nation-") as name,
        cluster.running(memory="3g") as started,
    ):
        place = (started.address, started.secret, started.environment)
        for persons in (SIZES[0], SIZES[-1]):
            folder = Path(name) / str(persons)
            write_facts(folder, persons)
            with duck.opened([folder], memory=MEMORY, threads=2) as (lake, fetch):
                ours = ask(lake, fetch, DECLARED, asked, ())
            opened = spark.opened([folder], *place, memory="2g", partitions=8)
            with opened as (lake, fetch), clock() as measured:
                theirs = ask(lake, fetch, DECLARED, asked, (), at_once=spark.AT_ONCE)
            assert theirs == ours
            yield Figure("all indicators on Spark, totals", measured.seconds, "s", persons)
