"""Registers the receiving house holds already: a row of the package that is the same by its code is
not written again, and whatever points to it points to the row that is here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps

from handup.kernel.errors import Refusal
from handup.projects.carrying.gather import Table, keys_of
from handup.projects.movers import Match, Mover

Row = dict[str, Any]


class MeansAnother(Refusal):
    """{what} {code} is not the same in both houses: {told}. Correct it in one of them first."""


@dataclass(slots=True)
class Known:
    """Which row of this house each row of a register in the package is.

    ids: by table, the id here by the id in the package. held: the rows that were here before.
    """

    named: dict[Table, dict[str, Table]] = field(default_factory=dict)
    ids: dict[Table, dict[Any, Any]] = field(default_factory=dict)
    held: dict[Table, set[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, movers: Iterable[Mover]) -> "Known":
        """Nothing is known yet but which tables are registers and which columns name their rows."""
        told = list(movers)
        named = {
            apps.get_model(label): {name: apps.get_model(table) for name, table in columns.items()}
            for mover in told
            for label, columns in mover.named.items()
        }
        return cls(named, {apps.get_model(match.table): {} for match in matches(told)})

    def settled(self) -> dict[Table, set[Any]]:
        """The rows of each register that are, from now on, also the programme's."""
        return {model: set(ids.values()) for model, ids in self.ids.items()}

    def point(self, model: Table, row: Row) -> Row:
        """A row whose keys point to the rows of this house."""
        columns: dict[str, Any] = {key.attname: key.related_model for key in keys_of(model)}
        columns |= self.named.get(model, {})
        for column, table in columns.items():
            row[column] = self.ids.get(table, {}).get(row[column], row[column])
        return row

    def take(self, match: Match, rows: Sequence[Row]) -> list[Row]:
        """Put the rows of a register beside those that are here; return those that are new.

        Raises MeansAnother.
        """
        model = apps.get_model(match.table)
        here = _held(model, match)
        ids = self.ids.setdefault(model, {})
        for row in rows:
            there = here.get(_code(match, self.point(model, row)))
            ids[row["id"]] = row["id"] if there is None else there["id"]
        fresh: list[Row] = []
        for row in rows:
            there = here.get(_code(match, self.point(model, row)))
            if there is None:
                self._refuse_more(model, match, row)
                fresh.append(row)
            else:
                _refuse_other(model, match, there, row)
        taken = {row["id"] for row in here.values()} & set(ids.values())
        for row in here.values():
            if row["id"] not in taken:
                self._refuse_more(model, match, row)
        self.held[model] = taken
        return fresh

    def _refuse_more(self, model: Table, match: Match, row: Row) -> None:
        """Refuse a row only one house has, under a row that both have."""
        if not match.whole:
            return
        parent: Any = next(key for key in keys_of(model) if key.attname == match.whole)
        if row[match.whole] in self.held.get(parent.related_model, ()):
            above = parent.related_model._base_manager.get(pk=row[match.whole])
            raise MeansAnother(what=_name(parent.related_model), code=above, told=_name(model))


def matches(movers: Iterable[Mover]) -> list[Match]:
    """Every register both houses may hold, what it points to before it."""
    return [match for mover in movers for match in mover.matched]


def _held(model: Table, match: Match) -> dict[tuple[Any, ...], Row]:
    """The rows that are here, by what they are known by."""
    columns = tuple(dict.fromkeys(("id", *match.by, *match.same, match.whole or "id")))
    rows = model._base_manager.order_by().values(*columns)
    return {_code(match, row): row for row in rows.iterator()}


def _code(match: Match, row: Row) -> tuple[Any, ...]:
    return tuple(row[column] for column in match.by)


def _plain(value: Any) -> Any:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def _refuse_other(model: Table, match: Match, here: Row, theirs: Row) -> None:
    """Refuse one code for two things: what both say must be alike."""
    for column in match.same:
        ours, other = _plain(here[column]), _plain(theirs[column])
        if ours == other or "" in (ours, other):
            continue
        told = _name(model, column)
        if not column.endswith("_id"):
            told = f"{told}: {here[column]} \u2260 {theirs[column]}"
        code = " ".join(str(here[name]) for name in match.by if not name.endswith("_id"))
        raise MeansAnother(what=_name(model), code=code, told=told)


def _name(model: Table, column: str = "") -> str:
    """What a table or one of its columns is called."""
    if not column:
        return str(model._meta.verbose_name)
    keys = {key.attname: key for key in keys_of(model)}
    named: Any = keys.get(column) or model._meta.get_field(column)
    return str(named.verbose_name)
