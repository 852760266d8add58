"""Terms as they are kept: a JSON object of a preset's name and the fields that differ, read back
into `Terms`.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from enum import StrEnum
from functools import lru_cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from handup.kernel.credit.codes import (
    FeeTaken,
    FeeWhen,
    PenaltyKind,
    Recalculation,
    Repayment,
)
from handup.kernel.credit.terms import PRESETS, Fee, Terms, UnknownPreset
from handup.kernel.errors import Refusal
from handup.kernel.money import round_ratio

ALWAYS = frozenset({"currency", "digits", "rate_ppm", "instalments"})


class TermsNotReadable(Refusal):
    """The terms cannot be read: {reason}."""


class TermsNotOffered(Refusal):
    """These terms cannot be offered yet: {reason}."""


class TermsLastTooLarge(Refusal):
    """The last instalment, {last}, is more than twice the one before, {before}."""


def read_terms(data: Mapping[str, Any], **over: Any) -> Terms:
    """Build `Terms` from its JSON; `over` replaces fields (e.g. the instalments agreed).

    Raises TermsNotReadable, UnknownPreset, BadTerms.
    """
    return _read(json.dumps({**data, **over}, sort_keys=True))


@lru_cache(maxsize=512)
def _read(text: str) -> Terms:
    data: dict[str, Any] = json.loads(text)
    name = data.pop("preset", "handup-declining")
    if name not in PRESETS:
        raise UnknownPreset(name=name)
    hints = get_type_hints(Terms)
    if unknown := sorted(set(data) - set(hints)):
        raise TermsNotReadable(reason=f"unknown {', '.join(unknown)}")
    if missing := sorted({"currency", "rate_ppm"} - set(data) - set(PRESETS[name])):
        raise TermsNotReadable(reason=f"missing {', '.join(missing)}")
    try:
        given = {key: _value(hints[key], value) for key, value in data.items()}
        return Terms(**{**PRESETS[name], **given})
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise TermsNotReadable(field="terms", reason=str(error)) from error


def _value(hint: Any, value: Any) -> Any:
    """One JSON value as the type of its field."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        if value is None:
            return None
        return _value(next(item for item in get_args(hint) if item is not type(None)), value)
    if origin is tuple:
        inner = get_args(hint)
        if inner[-1] is Ellipsis:
            return tuple(_value(inner[0], item) for item in value)
        return tuple(_value(kind, item) for kind, item in zip(inner, value, strict=True))
    if isinstance(value, Mapping):
        hints = get_type_hints(hint)
        return hint(**{key: _value(hints[key], item) for key, item in value.items()})
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return hint(value)
    if hint is int and (isinstance(value, bool) or not isinstance(value, int)):
        raise TypeError(f"{value!r} is not a whole number")
    return value


def write_terms(terms: Terms) -> dict[str, Any]:
    """The JSON of resolved terms: what differs from the defaults, currency, rate and number
    always.
    """
    found: dict[str, Any] = {}
    for item in fields(Terms):
        value = getattr(terms, item.name)
        if item.name in ALWAYS or item.default is MISSING or value != item.default:
            found[item.name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    return value


def check_offered(terms: Terms) -> None:
    """Refuse what the engine does not calculate yet, so that no loan is made on it. Raises
    TermsNotOffered.
    """
    if terms.recalculation is not Recalculation.NONE:
        raise TermsNotOffered(field="terms", reason="interest follows the schedule only")
    if terms.penalty.kind is not PenaltyKind.NONE:
        raise TermsNotOffered(field="terms", reason="no penalty for lateness")
    if terms.tranches_max > 1:
        raise TermsNotOffered(field="terms", reason="one payment to the borrower")
    if terms.down_payment_ppm:
        raise TermsNotOffered(field="terms", reason="no down payment")
    for fee in terms.fees:
        if fee.when is not FeeWhen.DISBURSEMENT or fee.taken is not FeeTaken.WITHHELD:
            raise TermsNotOffered(
                field="terms", reason="fees are kept back when the loan is paid out"
            )


def check_last(terms: Terms, due: list[int]) -> None:
    """Refuse a product whose last instalment is more than twice the one before. Raises
    TermsLastTooLarge.
    """
    if terms.repayment in (
        Repayment.PRINCIPAL_SHARES,
        Repayment.PERCENT_OF_PRINCIPAL,
        Repayment.BULLET,
    ):
        return
    paying = [units for units in due if units]
    if len(paying) > 1 and paying[-1] > 2 * paying[-2]:
        raise TermsLastTooLarge(field="terms", last=paying[-1], before=paying[-2])


def withheld(terms: Terms, principal: int) -> list[tuple[Fee, int]]:
    """Fees kept back at disbursement with their amounts, each rounded once."""
    found = []
    for fee in terms.fees:
        units = fee.units + round_ratio(principal * fee.ppm, 1_000_000, terms.fee_rounding)
        if units:
            found.append((fee, units))
    return found
