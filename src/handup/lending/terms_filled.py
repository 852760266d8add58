"""What a form of terms holds that begins with terms there are already."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from handup.kernel.credit import codes
from handup.kernel.credit.presets import DEFAULT
from handup.kernel.credit.terms import Terms
from handup.lending.terms_forms import (
    ALLOCATIONS,
    AMOUNTS,
    CODES,
    FEES,
    LISTS,
    NUMBERS,
    PLACES,
    PPM,
    SHARES,
)
from handup.org.web.money import as_decimal


def initial_of(terms: Terms) -> dict[str, Any]:
    """What a form holds that begins with these terms."""
    usual = Terms(currency=terms.currency, digits=terms.digits, rate_ppm=0)

    def amount(units: int | None) -> str:
        return "" if units is None else str(as_decimal(units, terms.currency))

    def differs(name: str) -> bool:
        return bool(getattr(terms, name) != getattr(usual, name))

    found: dict[str, Any] = {
        "preset": DEFAULT,
        "rate_percent": Decimal(terms.rate_ppm) / (PPM * terms.rate_parts),
        "instalments": terms.instalments,
        **{name: getattr(terms, name) for name in (*CODES, *NUMBERS) if differs(name)},
        **{
            name: Decimal(getattr(terms, field)) / PPM
            for name, field in SHARES.items()
            if differs(field)
        },
        **{name: [str(item) for item in getattr(terms, name)] for name in LISTS},
        **{
            name: amount(getattr(terms, field))
            for name, field in AMOUNTS.items()
            if differs(field) or name == "smallest"
        },
        "shares": " ".join(f"{Decimal(share) / 100:f}" for share in terms.shares_bps),
    }
    if differs("off_day_moves_interest"):
        found["off_day_moves_interest"] = "yes"
    for place in PLACES:
        rounding = getattr(terms, f"{place}_rounding")
        if rounding is not None and differs(f"{place}_rounding"):
            found[f"{place}_unit"] = amount(rounding.unit)
            found[f"{place}_mode"] = rounding.mode.value
    for name, allocation in ALLOCATIONS.items():
        if terms.allocation == allocation and differs("allocation"):
            found["allocation"] = name
    return found | _fees_of(terms, amount) | _penalty_of(terms, amount)


def _fees_of(terms: Terms, amount: Callable[[int | None], str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for number, fee in enumerate(terms.fees[:FEES], 1):
        of = f"fee{number}_"
        found |= {
            f"{of}code": fee.code,
            f"{of}kind": fee.kind.value,
            f"{of}when": fee.when.value,
            f"{of}amount": amount(fee.units) if fee.units else "",
            f"{of}percent": Decimal(fee.ppm) / PPM if fee.ppm else None,
            f"{of}base": fee.base.value,
            f"{of}taken": fee.taken.value,
            f"{of}refundable": fee.refundable,
            f"{of}after_days": fee.after_days or None,
        }
    return found


def _penalty_of(terms: Terms, amount: Callable[[int | None], str]) -> dict[str, Any]:
    penalty = terms.penalty
    if penalty.kind is codes.PenaltyKind.NONE:
        return {}
    return {
        "penalty_kind": penalty.kind.value,
        "penalty_amount": amount(penalty.units) if penalty.units else "",
        "penalty_percent": Decimal(penalty.ppm) / PPM if penalty.ppm else None,
        "penalty_base": penalty.base.value,
        "penalty_free_days": penalty.free_days,
        "penalty_cap_percent": Decimal(penalty.cap_ppm) / PPM,
    }
