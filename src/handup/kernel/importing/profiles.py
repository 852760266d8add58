"""What a kind of file looks like: its tables, their columns, how its CSV files are written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from handup.kernel.sheets import CellKind, Column, CsvForm


@dataclass(frozen=True, slots=True)
class TableSpec:
    """One table of a file: a sheet of a workbook or a CSV file of that name."""

    name: str
    columns: tuple[Column, ...]
    optional: bool = False
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """What a kind of file looks like. `own` is what the profile opens for itself."""

    code: str
    title: str
    taker: str
    tables: tuple[TableSpec, ...]
    form: CsvForm
    needs_programme: bool = False
    own: Mapping[str, Any] = field(default_factory=dict)

    def table(self, name: str) -> TableSpec:
        """The table of that name."""
        return next(table for table in self.tables if table.name == name)

    def matched(self, matches: Mapping[tuple[str, str], str]) -> "Profile":
        """The same profile with further headings: (table, column) to the heading it has."""
        return replace(
            self,
            tables=tuple(
                replace(
                    table,
                    columns=tuple(
                        replace(column, headings=(*column.headings, heading))
                        if (heading := matches.get((table.name, column.name)))
                        else column
                        for column in table.columns
                    ),
                )
                for table in self.tables
            ),
        )


def _column(told: Mapping[str, Any]) -> Column:
    return Column(
        **{
            **told,
            "headings": tuple(told.get("headings", ())),
            "kind": CellKind(told.get("kind", "TEXT")),
        }
    )


def read_profile(told: Mapping[str, Any]) -> Profile:
    """A profile as it is kept in a JSON file."""
    tables = tuple(
        TableSpec(
            name=table["name"],
            columns=tuple(_column(column) for column in table["columns"]),
            optional=table.get("optional", False),
            permissions=tuple(table.get("permissions", ())),
        )
        for table in told["tables"]
    )
    return Profile(
        code=told["code"],
        title=told["title"],
        taker=told["taker"],
        tables=tables,
        form=CsvForm(**told.get("form", {})),
        needs_programme=told.get("needs_programme", False),
        own=told.get("own", {}),
    )
