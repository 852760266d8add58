"""The way to a page, read from its address: the nearest list above it and the record it is about.

`/lending/loans/<id>/repayment/` lies under the loan's own page, and that under the list of loans.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.views import View

from handup.org.web.columns import Label
from handup.org.web.links import view_at
from handup.org.web.lists import ListPage


@dataclass(frozen=True)
class Crumb:
    """One step of the way to a page."""

    label: Label
    href: str


def way_to(path: str, name: Label) -> tuple[Crumb, ...]:
    """The list and the record page above `path`; `name` is what the record is called."""
    found: dict[type, Crumb] = {}
    for above, view in _above(path):
        if issubclass(view, ListPage):
            found = {ListPage: Crumb(view.title, above)}
        elif name and _is_id(above):
            found[View] = Crumb(name, above)
    return tuple(found.values())


def _above(path: str) -> Iterator[tuple[str, type]]:
    """Every address above `path` that opens a page, from the top."""
    parts = path.strip("/").split("/")
    for length in range(1, len(parts)):
        above = "/" + "/".join(parts[:length]) + "/"
        if (view := view_at(above)) is not None:
            yield above, view


def _is_id(path: str) -> bool:
    try:
        UUID(path.strip("/").rsplit("/", 1)[-1])
    except ValueError:
        return False
    return True
