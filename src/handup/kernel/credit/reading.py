"""Terms as they are stored: a JSON object of the fields that differ, read back into `Terms`."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import date
from enum import StrEnum
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal

ALWAYS = frozenset({"currency", "digits", "rate_ppm", "instalments"})
_HINTS = get_type_hints(Terms)


class TermsNotReadable(Refusal):
    """The terms cannot be read: {reason}."""


def field_values(data: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of `Terms` from their JSON, each in its own type. Raises TermsNotReadable."""
    if unknown := sorted(set(data) - set(_HINTS)):
        raise TermsNotReadable(field="terms", reason=f"unknown {', '.join(unknown)}")
    found = {}
    for name, value in data.items():
        try:
            found[name] = typed(_HINTS[name], value)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise TermsNotReadable(field="terms", reason=f"{name}: {error}") from error
    return found


def typed(hint: Any, value: Any) -> Any:
    """One JSON value as the type of its field."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        if value is None:
            return None
        return typed(next(item for item in get_args(hint) if item is not type(None)), value)
    if origin is tuple:
        if isinstance(value, str):
            raise TypeError(f"{value!r} is not a list")
        inner = get_args(hint)
        if inner[-1] is Ellipsis:
            return tuple(typed(inner[0], item) for item in value)
        return tuple(typed(kind, item) for kind, item in zip(inner, value, strict=True))
    if isinstance(value, Mapping):
        hints = get_type_hints(hint)
        return hint(**{key: typed(hints[key], item) for key, item in value.items()})
    if hint is date:
        return date.fromisoformat(value)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(value)
    if hint is int and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(f"{value!r} is not a whole number")
    if hint is bool and not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    if hint is str and not isinstance(value, str):
        raise TypeError(f"{value!r} is not a text")
    return value


def terms_data(terms: Terms) -> dict[str, Any]:
    """The JSON of terms: what differs from the defaults; currency, rate and number always."""
    found: dict[str, Any] = {}
    for item in fields(Terms):
        value = getattr(terms, item.name)
        if item.name in ALWAYS or item.default is MISSING or value != item.default:
            found[item.name] = plain(value)
    return found


def plain(value: Any) -> Any:
    """A value of a field as JSON."""
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    return value
