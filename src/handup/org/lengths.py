"""Every text and number fits its column: what SQLite would store and PostgreSQL break at, both
refuse.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

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
    for name, most in limits(model):
        given = columns.get(name, ())
        if _all_fit(given, len, 0, most):
            continue
        for value in given:
            if isinstance(value, str) and len(value) > most:
                raise TextTooLong(field=name, length=len(value), most=most)
    for name, least, most in ranges(model):
        given = columns.get(name, ())
        if _all_fit(given, None, least, most):
            continue
        for value in given:
            if isinstance(value, int) and not least <= value <= most:
                raise NumberTooLarge(field=name, value=value, least=least, most=most)


def _all_fit(
    given: Collection[Any], measure: Callable[[Any], int] | None, least: int, most: int
) -> bool:
    """Whether a column of plain values surely fits, asked of all of them at once; False when one
    does not, or is no plain value.
    """
    if not given:
        return True
    try:
        sizes = [value for value in given if value is not None]
        if measure is not None:
            sizes = list(map(measure, sizes))
        return not sizes or (least <= min(sizes) and max(sizes) <= most)
    except TypeError:
        return False
