"""Makes the copy in columns: each table leaves the database as text, DuckDB writes it as Parquet.

Loans get whole numbers instead of their ids; no person, name or number of a loan is copied, and no
loan whose interest follows the balance: the database is asked about these. Only
rows known now are (nothing that was replaced), and only events that stand.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import connection
from django.utils import timezone

from handup.lending.columns.place import Copy, engine, new_folder, put_in_use
from handup.org.snapshot import snapshot

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True, slots=True)
class Copied:
    """A table of the copy: where its rows come from and the columns with their types."""

    name: str
    source: str
    columns: dict[str, str]
    order: str = ""

    def select(self) -> str:
        """What the database is asked."""
        return f"SELECT {', '.join(self.columns)} FROM {self.source}"

    def types(self) -> str:
        """The types of its columns, as the reader of the text takes them."""
        pairs = (f"'{name.rpartition('.')[2]}': '{kind}'" for name, kind in self.columns.items())
        return "{" + ", ".join(pairs) + "}"


def _columns(**kinds: str) -> dict[str, str]:
    return {name: kind for kind, names in kinds.items() for name in names.split()}


LOAN = Copied(
    "loan",
    "lending_loan l LEFT JOIN lending_productversion v ON v.id = l.product_version_id"
    " WHERE l.disbursed_date IS NOT NULL AND NOT l.follows_balance",
    _columns(
        UUID="l.id l.programme_id l.lender_id l.office_id l.officer_id l.product_version_id"
        " v.product_id",
        VARCHAR="l.currency l.state",
        DATE="l.agreed_date l.opening_date l.disbursed_date l.settled_date l.last_value_date"
        " l.last_due_date l.restructured_date l.moved_date",
        BIGINT="l.disbursed_units l.capitalised_units l.principal_units l.written_off_units"
        " l.arrears_tolerance_units",
        BOOLEAN="l.changed l.restructured",
    ),
)
OTHERS = (
    Copied(
        "due",
        "lending_loandue WHERE replaced_at IS NULL",
        _columns(
            UUID="loan_id",
            INTEGER="number",
            DATE="due_date from_date to_date settled_date",
            BIGINT="principal_units interest_units fee_units penalty_units principal_paid_units",
        ),
        "due_date",
    ),
    Copied(
        "split",
        "lending_paymentsplit WHERE replaced_at IS NULL AND principal_units <> 0",
        _columns(UUID="loan_id", INTEGER="number", DATE="value_date", BIGINT="principal_units"),
        "value_date",
    ),
    Copied(
        "paid",
        "lending_paymentsplit WHERE replaced_at IS NULL AND number IS NOT NULL AND loan_id IN"
        " (SELECT id FROM lending_loan WHERE arrears_tolerance_units > 0)",
        _columns(
            UUID="loan_id",
            INTEGER="number",
            DATE="value_date",
            BIGINT="principal_units interest_units fee_units penalty_units",
        ),
        "value_date",
    ),
    Copied(
        "event",
        "lending_loanevent e WHERE kind IN ('DISBURSED', 'WRITTEN_OFF') AND NOT EXISTS"
        " (SELECT 1 FROM lending_loanevent x WHERE x.reverses_id = e.id)",
        _columns(UUID="loan_id", VARCHAR="kind", DATE="value_date", BIGINT="units"),
        "value_date",
    ),
    Copied(
        "pause",
        "lending_loanpause WHERE replaced_at IS NULL",
        _columns(UUID="loan_id", DATE="first_date last_date"),
        "first_date",
    ),
    Copied(
        "cure",
        "lending_loancure WHERE replaced_at IS NULL",
        _columns(UUID="loan_id", DATE="first_date last_date"),
        "first_date",
    ),
)
KEYS = "lender_id, office_id, officer_id, product_id"
HELD = frozenset(name.removeprefix("l.") for name in LOAN.columns) - {"id", "v.product_id"}
"""Columns of a loan a question to the copy may be narrowed by."""


def make_copy() -> Copy:
    """Copy the loans as they stand and answer from the copy from now on."""
    folder = new_folder()
    try:
        with snapshot():
            made_at = timezone.now()
            for table in (LOAN, *OTHERS):
                _write_text(table, folder / f"{table.name}.csv")
        with engine(folder) as opened:
            _number_loans(opened, folder)
            for table in OTHERS:
                _pack(opened, folder, table)
        for table in (LOAN, *OTHERS):
            (folder / f"{table.name}.csv").unlink()
        shutil.rmtree(folder / "spill", ignore_errors=True)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return put_in_use(folder, made_at)


def _write_text(table: Copied, path: Path) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            asked = f"COPY ({table.select()}) TO STDOUT (FORMAT csv)"
            with path.open("wb") as binary, cursor.cursor.copy(asked) as rows:
                for part in rows:
                    binary.write(part)
            return
        cursor.execute(table.select())
        with path.open("w", newline="", encoding="utf-8") as text:
            csv.writer(text, lineterminator="\n").writerows(cursor.cursor)


def _text(folder: Path, table: Copied) -> str:
    path = str(folder / f"{table.name}.csv").replace("'", "''")
    told = "auto_detect = false, header = false, delim = ',', quote = '\"'"
    return f"read_csv('{path}', {told}, columns = {table.types()})"


def _target(folder: Path, name: str) -> str:
    path = str(folder / f"{name}.parquet").replace("'", "''")
    return f"'{path}' (FORMAT parquet)"


def _number_loans(opened: "DuckDBPyConnection", folder: Path) -> None:
    """Loans of one lender, office, officer and product are of one kind."""
    opened.execute(
        "CREATE TEMP TABLE numbered AS"
        " SELECT CAST(row_number() OVER (ORDER BY id) AS INTEGER) AS loan,"
        f" CAST(dense_rank() OVER (ORDER BY {KEYS}) AS INTEGER) AS kind,"
        " CAST(year(disbursed_date) * 4 + (month(disbursed_date) - 1) // 3 AS INTEGER) AS quarter,"
        f" * FROM {_text(folder, LOAN)}"
    )
    opened.execute(
        f"COPY (SELECT DISTINCT kind, {KEYS} FROM numbered ORDER BY kind)"
        f" TO {_target(folder, 'kind')}"
    )
    opened.execute(
        "COPY (SELECT loan AS id, * EXCLUDE (loan, id, product_id) FROM numbered ORDER BY loan)"
        f" TO {_target(folder, 'loan')}"
    )


def _pack(opened: "DuckDBPyConnection", folder: Path, table: Copied) -> None:
    opened.execute(
        "COPY (SELECT n.loan AS loan_id, t.* EXCLUDE (loan_id)"
        f" FROM {_text(folder, table)} t JOIN numbered n ON n.id = t.loan_id"
        f" ORDER BY n.loan, t.{table.order}) TO {_target(folder, table.name)}"
    )
