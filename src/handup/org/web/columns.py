"""A list's columns: what each shows, how it is written, how it is exported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.functional import Promise

from handup.org.web import money

Label = str | Promise


class Kind(StrEnum):
    """How a cell is written."""

    TEXT = "text"
    LINK = "link"
    DATE = "date"
    INSTANT = "instant"
    NUMBER = "number"
    MONEY = "money"
    FIGURE = "figure"  # a figure already written out: a share, an amount with its own currency
    STATE = "state"
    TICK = "tick"


# A name or code of this many letters is not broken over lines.
SHORT = 20
# Where a text may be broken: one without is a code or a single word, and stays whole.
NARROW = re.compile(r"\s")
# Figures stand at the end of their column, days and figures are not broken over lines.
CSS = {Kind.NUMBER: "num", Kind.MONEY: "num", Kind.FIGURE: "num", Kind.DATE: "whole"}


class Tone(StrEnum):
    """What a state means for the reader; it also picks the shape beside the word."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    PLAIN = "plain"
    INFO = "info"


@dataclass(frozen=True)
class State:
    """A state as a word with a tone: `State(_("Late"), Tone.WARN)`."""

    label: Label
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Cell:
    """One cell, ready for the template."""

    kind: Kind
    text: str
    href: str = ""
    tone: str = ""
    label: str = ""

    @property
    def css(self) -> str:
        """How the cell stands in its column."""
        if len(self.text) <= SHORT and (self.kind is Kind.LINK or not NARROW.search(self.text)):
            return CSS.get(self.kind, "whole")
        return CSS.get(self.kind, "")


def read_path(row: object, path: str) -> Any:
    """Follow `a__b` or `a.b` through attributes, calling what can be called; None as soon as one is
    missing.
    """
    value: Any = row
    for part in path.replace("__", ".").split("."):
        if value is None:
            return None
        value = getattr(value, part)
        if callable(value):
            value = value()
    return value


@dataclass(frozen=True)
class Column:
    """One column of a list or table.

    `name` is an attribute path (`person__family_name`), `value` a function of the row that replaces
    it. `sort` is the database path the column sorts by (empty: not sortable). For `money`, the
    value is whole units and `currency` a path or a code. For `link`, `url_name` (with the row's id)
    or `href(row)`. For `state`, `tones` gives each stored code its tone; the word is the model's
    translated label. `shown=False` hides it until the reader picks it.
    """

    name: str
    label: Label
    kind: Kind | str = Kind.TEXT
    sort: str = ""
    value: Callable[[Any], Any] | None = None
    currency: str = "currency"
    url_name: str = ""
    href: Callable[[Any], str] | None = None
    tones: dict[str, Tone] | None = None
    shown: bool = True

    @property
    def css(self) -> str:
        """How its heading stands, as its cells do."""
        return CSS.get(Kind(self.kind), "")

    def raw(self, row: object) -> Any:
        """The value before it is written out."""
        if self.value is not None:
            return self.value(row)
        return read_path(row, self.name)

    def currency_of(self, row: object) -> str:
        """The currency of this row's amount: a three-letter code, or the path to one."""
        if len(self.currency) == 3 and self.currency.isupper():
            return self.currency
        return str(read_path(row, self.currency))

    def cell(self, row: object) -> Cell:
        """The cell of `row`, written in the active language."""
        kind = Kind(self.kind)
        value = self.raw(row)
        href = self._href(row)
        label = force_str(self.label)
        if isinstance(value, State):
            return Cell(Kind.STATE, force_str(value.label), href, value.tone.value, label)
        if value is None or value == "":
            return Cell(kind, "", "", "", label)
        tone = ""
        if kind is Kind.STATE:
            tone = (self.tones or {}).get(str(value), Tone.PLAIN).value
        return Cell(kind, self._text(row, kind, value), href, tone, label)

    def _href(self, row: object) -> str:
        if self.href is not None:
            return self.href(row)
        if self.url_name and isinstance(row, Model):
            return reverse(self.url_name, args=[row.pk])
        return ""

    def _text(self, row: object, kind: Kind, value: Any) -> str:
        if kind is Kind.MONEY:
            return money.format_money(int(value), self.currency_of(row))
        if kind is Kind.NUMBER:
            return money.format_number(value)
        if kind is Kind.INSTANT and isinstance(value, datetime):
            return money.format_instant(value)
        if kind is Kind.DATE and isinstance(value, date):
            return money.format_day(value)
        if kind is Kind.TICK:
            return "\u2713" if value else ""
        return self._display(row, value)

    def _display(self, row: object, value: Any) -> str:
        if self.value is None and "__" not in self.name:
            display = getattr(row, f"get_{self.name}_display", None)
            if display is not None:
                return force_str(display())
        return force_str(value)

    def headings(self) -> list[str]:
        """The headings of an export: money takes two columns, amount and currency."""
        label = force_str(self.label)
        return [label, f"{label} (ISO 4217)"] if Kind(self.kind) is Kind.MONEY else [label]

    def exported(self, row: object) -> list[Any]:
        """The values of an export: typed, so that a spreadsheet can add them up."""
        kind = Kind(self.kind)
        value = self.raw(row)
        if kind is Kind.MONEY:
            if value is None:
                return [None, None]
            currency = self.currency_of(row)
            return [money.as_decimal(int(value), currency), currency]
        if value is None:
            return [None]
        if kind in (Kind.DATE, Kind.INSTANT, Kind.NUMBER, Kind.TICK):
            return [value]
        return [self.cell(row).text]


def rows_of_cells(columns: Iterable[Column], rows: Iterable[object]) -> list[list[Cell]]:
    """Every row as its cells, in the order of the columns."""
    chosen = list(columns)
    return [[column.cell(row) for column in chosen] for row in rows]
