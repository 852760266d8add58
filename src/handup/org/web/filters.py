"""A list's filters, written as plain sentences and kept in the address.

Each filter reads its own parameters, narrows the rows, and can say in words what it does, so that
a reader (and a screen reader) knows what she sees. A value that cannot be understood is ignored,
never guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, Protocol

from django.db.models import Q, QuerySet
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from handup.org.web.columns import Label
from handup.org.web.money import format_day

Rows = QuerySet[Any]
SEARCH = gettext_lazy("Search")


class Params(dict[str, str]):
    """The parameters of one request, with a memory so that a filter's choices are read once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Keep `values` with an empty memory."""
        super().__init__(values)
        self.memory: dict[str, tuple[tuple[str, str], ...]] = {}


@dataclass(frozen=True)
class Control:
    """One input of the filter form, ready for the template."""

    name: str
    label: str
    kind: str  # search, select, date, tick
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()


class Filter(Protocol):
    """What a list needs of a filter."""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters it reads from the address."""

    def controls(self, params: Params, staff: Any) -> list[Control]:
        """Its inputs, holding what was asked."""

    def narrow(self, rows: Rows, params: Params, staff: Any) -> Rows:
        """The rows it leaves."""

    def sentence(self, params: Params, staff: Any) -> str:
        """What it does now, in words; empty when it does nothing."""


@dataclass(frozen=True)
class Search:
    """Words looked for in `fields` (contains, any case), or through `using(rows, text)` for
    encrypted fields.
    """

    fields: tuple[str, ...] = ()
    label: Label = SEARCH
    name: str = "q"
    using: Callable[[Rows, str], Rows] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters it reads from the address."""
        return (self.name,)

    def controls(self, params: Params, staff: Any) -> list[Control]:
        """One search box."""
        return [Control(self.name, force_str(self.label), "search", params.get(self.name, ""))]

    def narrow(self, rows: Rows, params: Params, staff: Any) -> Rows:
        """Every word must be found in one of the fields."""
        text = params.get(self.name, "").strip()[:200]
        if not text:
            return rows
        if self.using is not None:
            return self.using(rows, text)
        for word in text.split()[:8]:
            rows = rows.filter(reduce(or_, (Q(**{f"{f}__icontains": word}) for f in self.fields)))
        return rows

    def sentence(self, params: Params, staff: Any) -> str:
        """“with …”."""
        text = params.get(self.name, "").strip()
        return _("with \u201c%(text)s\u201d") % {"text": text} if text else ""


def whole_number(text: str, most: int) -> int:
    """A place in a list as the address tells it: 0 when it is no number, `most` at most."""
    if not text.isascii() or not text.isdigit():
        return 0
    return min(int(text), most) if len(text) <= len(str(most)) else most


Choices = Iterable[tuple[Any, Any]]


@dataclass(frozen=True)
class Choice:
    """One of a closed list. `choices` is a list of pairs or a function of the staff user; `field`
    the path filtered.
    """

    name: str
    label: Label
    choices: Choices | Callable[[Any], Choices] = field(default_factory=tuple)
    field: str = ""
    using: Callable[[Rows, str], Rows] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters it reads from the address."""
        return (self.name,)

    def _pairs(self, params: Params, staff: Any) -> tuple[tuple[str, str], ...]:
        if self.name not in params.memory:
            found = self.choices(staff) if callable(self.choices) else self.choices
            params.memory[self.name] = tuple((str(c), force_str(label)) for c, label in found)
        return params.memory[self.name]

    def controls(self, params: Params, staff: Any) -> list[Control]:
        """One drop-down with “all” first."""
        options = (("", _("all")), *self._pairs(params, staff))
        value = params.get(self.name, "")
        return [Control(self.name, force_str(self.label), "select", value, options)]

    def narrow(self, rows: Rows, params: Params, staff: Any) -> Rows:
        """Only rows with the chosen code; an unknown code is no filter."""
        code = params.get(self.name, "")
        if not code or code not in dict(self._pairs(params, staff)):
            return rows
        if self.using is not None:
            return self.using(rows, code)
        return rows.filter(**{self.field or self.name: code})

    def sentence(self, params: Params, staff: Any) -> str:
        """“State: late”."""
        label = dict(self._pairs(params, staff)).get(params.get(self.name, ""))
        return f"{force_str(self.label)}: {label}" if label else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class DateRange:
    """Days from … to …, both included; either may be open."""

    name: str
    label: Label
    field: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters it reads from the address."""
        return (f"{self.name}_from", f"{self.name}_to")

    def controls(self, params: Params, staff: Any) -> list[Control]:
        """Two date inputs."""
        first, last = self.names
        label = force_str(self.label)
        return [
            Control(first, _("%(what)s from") % {"what": label}, "date", params.get(first, "")),
            Control(last, _("%(what)s to") % {"what": label}, "date", params.get(last, "")),
        ]

    def narrow(self, rows: Rows, params: Params, staff: Any) -> Rows:
        """Rows whose day lies in the range."""
        path = self.field or self.name
        first, last = (_day(params.get(name, "")) for name in self.names)
        if first:
            rows = rows.filter(**{f"{path}__gte": first})
        if last:
            rows = rows.filter(**{f"{path}__lte": last})
        return rows

    def sentence(self, params: Params, staff: Any) -> str:
        """“Registered from 1 May 2026 to 31 May 2026”."""
        first, last = (_day(params.get(name, "")) for name in self.names)
        what = force_str(self.label)
        if first and last:
            return _("%(what)s from %(first)s to %(last)s") % {
                "what": what,
                "first": format_day(first),
                "last": format_day(last),
            }
        if first:
            return _("%(what)s from %(first)s") % {"what": what, "first": format_day(first)}
        if last:
            return _("%(what)s to %(last)s") % {"what": what, "last": format_day(last)}
        return ""


@dataclass(frozen=True)
class Tick:
    """A yes-or-no filter: `Tick("late", _("only late ones"), Q(arrears_days__gt=0))`."""

    name: str
    label: Label
    condition: Q | Callable[[Rows], Rows]

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters it reads from the address."""
        return (self.name,)

    def controls(self, params: Params, staff: Any) -> list[Control]:
        """One tick box."""
        value = "1" if params.get(self.name) == "1" else ""
        return [Control(self.name, force_str(self.label), "tick", value)]

    def narrow(self, rows: Rows, params: Params, staff: Any) -> Rows:
        """The rows the condition keeps, when ticked."""
        if params.get(self.name) != "1":
            return rows
        if isinstance(self.condition, Q):
            return rows.filter(self.condition)
        return self.condition(rows)

    def sentence(self, params: Params, staff: Any) -> str:
        """The label itself, when ticked."""
        return force_str(self.label) if params.get(self.name) == "1" else ""
