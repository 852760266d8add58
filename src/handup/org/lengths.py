"""Every text and number fits its column: what SQLite would store and PostgreSQL break at, both
refuse.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import models
from django.db.backends.base.operations import BaseDatabaseOperations

from handup.kernel.errors import Refusal


class TextTooLong(Refusal):
    """This text has {length} characters; at most {most} can be kept here."""


class NumberTooLarge(Refusal):
    """{value} cannot be kept here; numbers from {least} to {most} can."""


@lru_cache(maxsize=512)
def limits(model: type[models.Model]) -> tuple[tuple[str, int], ...]:
    """Each plain text column of a model and how many characters it holds; sealed ones have none."""
    return tuple(
        (field.attname, field.max_length)
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField)
        and field.max_length
        and type(field).__module__.startswith("django.")
    )


@lru_cache(maxsize=512)
def ranges(model: type[models.Model]) -> tuple[tuple[str, int, int], ...]:
    """Each whole-number column of a model with the least and the most it holds."""
    held = BaseDatabaseOperations.integer_field_ranges
    return tuple(
        (field.attname, *held[field.get_internal_type()])
        for field in model._meta.concrete_fields
        if isinstance(field, models.IntegerField)
    )


def refuse_unfit(rows: Iterable[models.Model]) -> None:
    """Raise TextTooLong or NumberTooLarge at the first value that does not fit its column."""
    by_model: dict[type[models.Model], list[dict[str, Any]]] = {}
    for row in rows:
        by_model.setdefault(type(row), []).append(row.__dict__)
    for model, held in by_model.items():
        names = [item[0] for item in limits(model)] + [item[0] for item in ranges(model)]
        refuse_unfit_columns(model, {name: [row.get(name) for row in held] for name in names})


def refuse_unfit_values(model: type[models.Model], values: Mapping[str, Any]) -> None:
    """Raise TextTooLong or NumberTooLarge when one of the values does not fit its column."""
    refuse_unfit_columns(model, {name: (value,) for name, value in values.items()})


def refuse_unfit_columns(model: type[models.Model], columns: Mapping[str, Collection[Any]]) -> None:
    """Raise TextTooLong or NumberTooLarge when a value of a batch does not fit its column."""
    refuse_beyond(bounds_of(model, tuple(columns)), list(columns.values()))


class Bounds(NamedTuple):
    """What some columns of a model hold at most, each with its place among them."""

    texts: tuple[tuple[int, str, int], ...]
    numbers: tuple[tuple[int, str, int, int], ...]


@lru_cache(maxsize=1024)
def bounds_of(model: type[models.Model], attributes: tuple[str, ...]) -> Bounds:
    """Look once at what the named columns hold."""
    places = {name: place for place, name in enumerate(attributes)}
    return Bounds(
        tuple((places[name], name, most) for name, most in limits(model) if name in places),
        tuple(
            (places[name], name, least, most)
            for name, least, most in ranges(model)
            if name in places
        ),
    )


def refuse_beyond(bounds: Bounds, columns: Sequence[Collection[Any]]) -> None:
    """Raise TextTooLong or NumberTooLarge when a value does not fit its column; the values of a
    column are looked at together, and one by one only where they do not surely fit.
    """
    for place, name, most in bounds.texts:
        given = columns[place]
        try:
            if not given or max(map(len, given)) <= most:
                continue
        except TypeError:  # a value is missing, or no plain one
            pass
        for value in given:
            if isinstance(value, str) and len(value) > most:
                raise TextTooLong(field=name, length=len(value), most=most)
    for place, name, least, most in bounds.numbers:
        given = columns[place]
        try:
            if not given or (least <= min(given) and max(given) <= most):
                continue
        except TypeError:
            pass
        for value in given:
            if isinstance(value, int) and not least <= value <= most:
                raise NumberTooLarge(field=name, value=value, least=least, most=most)
