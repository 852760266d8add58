"""The named list of what can be found, and who may find it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise

from handup.org.models import StaffUser


@dataclass(frozen=True, slots=True)
class Text:
    """What of a record is looked through."""

    title: str
    body: str
    dated: date | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One kind of record that can be found. `visible` gives the rows a reader may see, `text` what
    is looked through (None: this one cannot be found), `label` the kind of one row in words.
    """

    kind: str
    title: Promise
    permission: str
    url_name: str
    rows: Callable[[], QuerySet[Any, Any]]
    visible: Callable[[StaffUser], QuerySet[Any, Any]]
    text: Callable[[Any], Text | None]
    label: Callable[[Any], str]


sources: dict[str, Source] = {}


def register(source: Source) -> None:
    """Add a kind of record; one that is there already is replaced."""
    sources[source.kind] = source
