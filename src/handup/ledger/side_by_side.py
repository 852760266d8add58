"""Figures of several books side by side: one row for accounts of the same code and roles, a column
a book or a period.
"""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from handup.ledger.models import Account
from handup.ledger.reports import ReportColumn, ReportRow, Section
from handup.ledger.statements import StatementRow

Sorted = Sequence[tuple[str, Sequence[StatementRow]]]
"""Rows of a book by the section they stand in."""

Key = tuple[str, str, tuple[str, ...]]
"""Where an amount stands: its section, the account's code, what the rules call the account."""


class Figure(NamedTuple):
    """What one account comes to in one book: its amounts in the currency of the whole."""

    key: Key
    account: Account
    amounts: tuple[int, ...]


class Figures(NamedTuple):
    """A book's figures for some days, with what stands beside the accounts."""

    rows: list[Figure]
    extra: tuple[int, ...] = ()


class Together(NamedTuple):
    """All books of one column, and what cancels between them."""

    parts: list[Figures]
    gone: list[Figure]


class Table:
    """Rows by key, a column each; the account a row opens in each column where there is one."""

    def __init__(
        self,
        columns: list[ReportColumn],
        amounts: dict[Key, list[int]],
        opens: dict[Key, list[UUID | None]],
        extras: list[tuple[int, ...]],
    ) -> None:
        self.columns, self.amounts, self.opens, self.extras = columns, amounts, opens, extras
        self.named: dict[Key, Account] = {}
        self.several: set[Key] = set()

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self.columns)

    def put(self, place: int, figure: Figure, *, opens: bool) -> None:
        """Add a figure to a column."""
        held = self.amounts.setdefault(figure.key, [0] * self.width)
        held[place] += figure.amounts[0]
        known = self.named.setdefault(figure.key, figure.account)
        if known.pk != figure.account.pk:
            self.several.add(figure.key)
        if opens:
            self.opens.setdefault(figure.key, [None] * self.width)[place] = figure.account.pk

    def add(self, key: Key, account: Account, amounts: tuple[int, ...]) -> None:
        """Add a whole row."""
        self.amounts[key], self.named[key] = list(amounts), account

    @classmethod
    def of_books(
        cls, columns: list[ReportColumn], parts: list[Figures], gone: list[Figure]
    ) -> "Table":
        """A column a book, what cancels, together."""
        made = cls(columns, {}, {}, [])
        last = len(parts) + 1
        for place, part in enumerate(parts):
            for figure in part.rows:
                made.put(place, figure, opens=True)
                made.put(last, figure, opens=False)
        for figure in gone:
            made.put(len(parts), figure, opens=False)
            made.put(last, figure, opens=False)
        extras = [part.extra for part in parts]
        nothing = tuple(0 for _amount in extras[0])
        made.extras = [*extras, nothing, tuple(sum(found) for found in zip(*extras, strict=True))]
        return made

    @classmethod
    def of_columns(cls, columns: Sequence[ReportColumn], wholes: list[Together]) -> "Table":
        """All books together, a column a period or fund."""
        made = cls(list(columns), {}, {}, [])
        for place, whole in enumerate(wholes):
            alone = len(whole.parts) == 1
            for part in whole.parts:
                for figure in part.rows:
                    made.put(place, figure, opens=alone)
            for figure in whole.gone:
                made.put(place, figure, opens=False)
            extras = [part.extra for part in whole.parts]
            made.extras.append(tuple(sum(found) for found in zip(*extras, strict=True)))
        return made

    def beside(self, place: int) -> tuple[int, ...]:
        """What stands beside the accounts, by column."""
        return tuple(extra[place] for extra in self.extras)

    def section(self, name: str, label: object) -> Section:
        """The rows of a section in the order of the chart; rows of nothing are left out."""
        rows = [
            ReportRow(
                self.named[key].name,
                tuple(amounts),
                key[1],
                None if key in self.several else self.named[key].pk,
                opens=tuple(self.opens.get(key, ())),
            )
            for key, amounts in sorted(self.amounts.items(), key=lambda item: item[0][1:])
            if key[0] == name and any(amounts)
        ]
        return Section(str(label), tuple(rows))
