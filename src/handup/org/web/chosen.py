"""What an address asks of a list: filters, order, columns, and the key of words looked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest

from handup.org.web import words
from handup.org.web.columns import Column
from handup.org.web.filters import Filter, Params, Search

OF_EVERY_LIST = ("sort", "columns", "totals")


class Chosen:
    """What the address asks of a list, read once and checked."""

    def __init__(
        self, request: HttpRequest, columns: Sequence[Column], filters: Sequence[Filter], order: str
    ) -> None:
        """Read the address of `request`. Raises WordsInTheAddress, WordsEnded."""
        self.offered, self.order = columns, order
        self.searches = tuple(n for f in filters if isinstance(f, Search) for n in f.names)
        self.filter_names = tuple(n for f in filters if not isinstance(f, Search) for n in f.names)
        told = {k: v for k, v in request.GET.items() if isinstance(v, str)}
        self.params = Params(told | words.asked(request, self.searches))
        if picked := request.GET.getlist("column"):
            self.params["columns"] = ",".join(str(name) for name in picked)
            del self.params["column"]

    @property
    def harmless(self) -> tuple[str, ...]:
        """The parameters that may stand in an address."""
        return (*OF_EVERY_LIST, *self.filter_names)

    @cached_property
    def columns(self) -> list[Column]:
        """The columns the reader picked, in their own order; the page's own without a pick."""
        picked = self.params.get("columns", "").split(",")
        found = [c for c in self.offered if c.name in picked]
        return found or [c for c in self.offered if c.shown]

    @cached_property
    def sort(self) -> str:
        """The sort path asked for, when a column offers it."""
        asked = self.params.get("sort", "")
        offered = {c.sort for c in self.offered if c.sort}
        return asked if asked.lstrip("-") in offered else self.order

    def address(self, *, drop: Iterable[str] = (), **changes: str) -> str:
        """This list's address with some parameters changed; an empty value removes one."""
        gone = {"after", "before", "export", *self.searches, *drop}
        kept = {k: v for k, v in self.params.items() if k not in gone and v}
        kept.update(changes)
        return "?" + urlencode({k: v for k, v in kept.items() if v})
