"""Paging by key: the next page starts after the last row shown, so page 2 000 costs what page 2
costs.

A mark in the address holds the sort value and the id of the row the page starts after (or ends
before); of a value that tells of somebody, the id alone, for addresses lie in histories and logs.
Rows are ordered by one column and then by id, so that no row is shown twice or lost while others
write.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist, FieldError, ValidationError
from django.db.models import F, Model, Q, QuerySet

from handup.org.classes import ORDER, DataClass
from handup.org.web.columns import read_path


@dataclass(frozen=True)
class Page:
    """One page of rows and the marks to its neighbours (empty where there is none)."""

    rows: list[Any]
    before: str
    after: str


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if value is None or isinstance(value, int | float | str):
        return value
    return str(value)


def is_open(model: type[Model], path: str) -> bool:
    """Whether what a list is sorted by may stand in an address: no more than internal at every step
    of the path, and not the one name of its record. What a query works out may not.
    """
    if path == "pk":
        return True
    current: Any = model
    for part in path.split("__"):
        try:
            field = current._meta.get_field(part)
        except FieldDoesNotExist:
            return False
        klass = getattr(current, "CLASSES", {}).get(field.name, DataClass.P)
        if ORDER.index(klass) > ORDER.index(DataClass.I) or field.unique:
            return False
        current = field.related_model
    return True


def make_mark(row: Any, path: str, *, whole: bool) -> str:
    """The mark of `row` under the sort `path`; only a whole one holds the value."""
    value = row.pk if path == "pk" else read_path(row, path)
    told = [_plain(value), str(row.pk)] if whole else [str(row.pk)]
    text = json.dumps(told, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_mark(mark: str) -> tuple[list[Any], str] | None:
    """What a mark tells of the sort value (at most one) and its id; None when it is not one of ours
    (then the first page is shown).
    """
    try:
        padded = mark + "=" * (-len(mark) % 4)
        *told, key = json.loads(base64.urlsafe_b64decode(padded.encode()))
        UUID(key)
    except (ValueError, TypeError, RecursionError, binascii.Error):
        return None
    return (told, key) if len(told) < 2 else None


def _place_of(rows: QuerySet[Any], path: str, mark: str, *, whole: bool) -> tuple[Any, str] | None:
    """The sort value and id a mark leads to; None where it leads nowhere any more."""
    read = read_mark(mark)
    if read is None:
        return None
    told, key = read
    if not whole or not told:
        told = list(rows.filter(pk=key).order_by().values_list(path, flat=True)[:1])
    return (told[0], key) if told else None


def may_be_null(model: type[Model], path: str) -> bool:
    """Whether the sort path can be empty; an annotation counts as such."""
    current: Any = model
    nullable = False
    for part in path.split("__"):
        if part == "pk":
            return nullable
        try:
            found = current._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        nullable = nullable or bool(found.null)
        current = found.related_model
    return nullable


def _beyond(path: str, value: Any, key: str, *, rising: bool, nullable: bool) -> Q:
    """The rows that come after (value, key) in this order; empty values always stand last."""
    sign = "gt" if rising else "lt"
    if path == "pk":
        return Q(**{f"pk__{sign}": key})
    if value is None:
        return Q(**{f"{path}__isnull": True, f"pk__{sign}": key})
    # `a >= v and (a > v or id > k)`: an index on the column can start at v.
    inside = Q(**{f"{path}__{sign}e": value}) & (
        Q(**{f"{path}__{sign}": value}) | Q(**{f"pk__{sign}": key})
    )
    return inside | Q(**{f"{path}__isnull": True}) if nullable else inside


def _before(path: str, value: Any, key: str, *, rising: bool) -> Q:
    """The rows that come before (value, key)."""
    sign = "lt" if rising else "gt"
    if path == "pk":
        return Q(**{f"pk__{sign}": key})
    if value is None:
        return Q(**{f"{path}__isnull": False}) | Q(**{f"{path}__isnull": True, f"pk__{sign}": key})
    return Q(**{f"{path}__{sign}e": value}) & (
        Q(**{f"{path}__{sign}": value}) | Q(**{f"pk__{sign}": key})
    )


def ordered(rows: QuerySet[Any], sort: str, *, backwards: bool = False) -> QuerySet[Any]:
    """`rows` in the order of `sort` ("name" or "-name"; "pk": as they were made), then by id."""
    rising = not sort.startswith("-")
    path = sort.lstrip("-")
    up = rising != backwards
    if path == "pk":
        return rows.order_by("pk" if up else "-pk")
    if not may_be_null(rows.model, path):
        return rows.order_by(path if up else f"-{path}", "pk" if up else "-pk")
    # Empty values stand last; read backwards they come first.
    nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
    first = F(path).asc(**nulls) if up else F(path).desc(**nulls)
    return rows.order_by(first, "pk" if up else "-pk")


def page_of(
    rows: QuerySet[Any],
    sort: str,
    *,
    size: int,
    after: str = "",
    before: str = "",
    inside: bool = False,
) -> Page:
    """The page of `size` rows that starts after, or ends before, a mark; the first page without
    one. `inside`: for marks that stand in no address, which always hold the value.

    A mark that does not fit the sort (an old bookmark) shows the first page.
    """
    path, rising = sort.lstrip("-"), not sort.startswith("-")
    nullable = path != "pk" and may_be_null(rows.model, path)
    whole = inside or is_open(rows.model, path)
    mark: tuple[Any, str] | None = None
    chosen = rows
    if asked := after or before:
        try:
            mark = _place_of(rows, path, asked, whole=whole)
        except (FieldError, ValidationError, ValueError, TypeError):
            mark = None
    backwards = bool(before and not after and mark)
    if mark:
        value, key = mark
        try:
            if backwards:
                chosen = rows.filter(_before(path, value, key, rising=rising))
            else:
                chosen = rows.filter(_beyond(path, value, key, rising=rising, nullable=nullable))
        except (FieldError, ValidationError, ValueError, TypeError):
            mark, backwards, chosen = None, False, rows
    found = list(ordered(chosen, sort, backwards=backwards)[: size + 1])
    more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()
    has_before = more if backwards else bool(mark)
    has_after = bool(mark) if backwards else more
    return Page(
        rows=found,
        before=make_mark(found[0], path, whole=whole) if found and has_before else "",
        after=make_mark(found[-1], path, whole=whole) if found and has_after else "",
    )
