"""How rows of the house come to be: built from named values, or loaded from the database, without
a call for each column.

Django's own constructor asks a descriptor for every column of every row, 10 to 20 microseconds a
row; a list page makes a hundred rows and an import a hundred thousand. Here the columns of a model
are looked at once. Whatever is not plain (a property, an unknown name, somebody who listens
to the signals of construction) goes Django's way.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from inspect import getattr_static
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, models
from django.db.models.base import ModelState
from django.db.models.fields.files import FileDescriptor
from django.db.models.fields.related_descriptors import ForeignKeyDeferredAttribute
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import post_init, pre_init
from django.utils import timezone

from handup.org.encryption import SealedAttribute

M = TypeVar("M", bound=models.Model)
PLAIN = (DeferredAttribute, ForeignKeyDeferredAttribute, FileDescriptor, SealedAttribute)
"""Attributes that keep a value in the row's own dictionary and do nothing else."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key: its column, the column it points at, what it points at, and for one that at
    most one row has, who keeps that row at hand.
    """

    column: str
    target: str
    model: type[models.Model]
    back: Any = None


@dataclass(frozen=True, slots=True)
class Making:
    """What the rows of a model are made of: plain values, makers of values, foreign keys."""

    defaults: Mapping[str, Any]
    makers: tuple[tuple[str, Callable[[], Any]], ...]
    columns: frozenset[str]
    relations: Mapping[str, Relation]


def _now() -> datetime:
    return datetime.now(UTC)


@lru_cache(maxsize=1024)
def _of(model: type[models.Model]) -> Making | None:
    """How rows of a model are made; None for one whose rows only Django can make."""
    meta = model._meta
    fields: list[Any] = list(meta.concrete_fields)
    if meta.abstract or meta.parents:
        return None
    if any(type(getattr_static(model, field.attname)) not in PLAIN for field in fields):
        return None
    made = [f for f in fields if callable(f.default) or f.has_db_default()]
    return Making(
        defaults={field.attname: field.get_default() for field in fields if field not in made},
        makers=tuple(
            (field.attname, _now if field.default is timezone.now else field.get_default)
            for field in made
        ),
        columns=frozenset(field.attname for field in fields),
        relations={
            field.name: Relation(
                field.attname,
                field.target_field.attname,
                field.remote_field.model,
                None if field.remote_field.multiple else field.remote_field,
            )
            for field in fields
            if isinstance(field, models.ForeignKey)
        },
    )


def make(row: models.Model, given: Mapping[str, Any]) -> bool:
    """Fill a new row from named values, as `Model(**given)` would; False when Django has to."""
    making = _of(type(row))
    if making is None or pre_init.receivers or post_init.receivers:
        return False
    told: dict[str, Any] = {}
    related: dict[str, Any] = {}
    back: list[tuple[Any, models.Model]] = []
    for name, value in given.items():
        if name in making.columns:
            told[name] = value
            continue
        relation = making.relations.get(name)
        if relation is None or not (value is None or isinstance(value, relation.model)):
            return False
        told[relation.column] = None if value is None else getattr(value, relation.target)
        related[name] = value
        if relation.back is not None and value is not None:
            back.append((relation.back, value))
    if len(told) != len(given):
        return False
    state = ModelState()
    held = row.__dict__
    held["_state"] = state
    held.update(making.defaults)
    for name, maker in making.makers:
        if name not in told:
            held[name] = maker()
    held.update(told)
    if related:
        _relate(state, related)
        for of, value in back:
            of.set_cached_value(value, row)
    return True


def _relate(state: ModelState, related: dict[str, Any]) -> None:
    state.fields_cache = related
    for value in related.values():
        if value is not None:
            state.db = DEFAULT_DB_ALIAS
            if value._state.db is None:
                value._state.db = DEFAULT_DB_ALIAS


def load(model: type[M], db: str | None, names: Iterable[str], values: Iterable[Any]) -> M | None:
    """Make a row of what the database returned, its other columns to be read when they are asked
    for; None when Django has to.
    """
    if _of(model) is None or pre_init.receivers or post_init.receivers:
        return None
    row = model.__new__(model)
    state = row._state = ModelState()
    state.adding, state.db = False, db
    row.__dict__.update(zip(names, values, strict=True))
    return row
