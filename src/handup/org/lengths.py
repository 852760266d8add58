"""Every text fits its column: what SQLite would store and PostgreSQL break at, both refuse."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django.db import models

from handup.kernel.errors import Refusal


class TextTooLong(Refusal):
    """This text has {length} characters; at most {most} can be kept here."""


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


def refuse_too_long(rows: Iterable[models.Model]) -> None:
    """Raise TextTooLong at the first text that is longer than its column."""
    for row in rows:
        held = row.__dict__
        for name, most in limits(type(row)):
            refuse_longer(name, held.get(name), most)


def refuse_longer_values(model: type[models.Model], values: Mapping[str, Any]) -> None:
    """Raise TextTooLong when one of the values to be set is longer than its column."""
    for name, most in limits(model):
        refuse_longer(name, values.get(name), most)


def refuse_longer(name: str, value: object, most: int) -> None:
    """Raise TextTooLong for one value; what is no text is left to its column."""
    if isinstance(value, str) and len(value) > most:
        raise TextTooLong(field=name, length=len(value), most=most)
