"""The weights of a comparison as data: versioned, to JSON and back, `fixed-1` to start with. Pure.

Bits of each level, the best first. `top_m` is how often true pairs are equal: where it is given and
the share of the value in the register is known, an equal value weighs log2(top_m / share) instead.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from handup.kernel.errors import Refusal

LEAST_SHARE = 1e-6


class ModelUnusable(Refusal):
    """The duplicate check cannot run: its model has a fault in {place}."""


@dataclass(frozen=True, slots=True)
class Weights:
    """Bits of each level of a field; `most`: what no level may exceed when weights are proposed."""

    bits: tuple[float, ...]
    top_m: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One version of the weights; `duplicate_share` is the share of records expected twice."""

    version: str
    weights: Mapping[str, Weights] = field(hash=False)
    duplicate_share: float = 0.05
    least_share: float = LEAST_SHARE


FIXED_1 = Model(
    "fixed-1",
    {
        "first_name": Weights((6.1, 6.1, 2.3, -1.6, -6.5), top_m=0.82),
        "last_name": Weights((6.0, 5.9, 2.7, -3.5, -3.9), top_m=0.79),
        "father_name": Weights((5.4, 5.3, 3.3, -1.2, -5.5)),
        "birth_date": Weights((14.4, 5.2, 1.9, -0.7, -6.6)),
        "sex": Weights((1.0, -5.6)),
        "phone": Weights((7.0, -1.5), most=7.0),
        "settlement": Weights((6.2, -2.0), top_m=0.75),
        "document": Weights((19.9, -4.3)),
    },
)


def check_model(model: Model, levels: Mapping[str, int]) -> None:
    """Refuse a model that does not weigh exactly these fields by these numbers of levels.

    Raises ModelUnusable with the place.
    """
    wrong = sorted(set(levels) ^ set(model.weights))
    wrong += [
        code
        for code in levels
        if code not in wrong
        and (len(model.weights[code].bits) != levels[code] or not _sound(model.weights[code]))
    ]
    if not 0 < model.duplicate_share < 1:
        wrong.append("duplicate_share")
    if not 0 < model.least_share < 1:
        wrong.append("least_share")
    if wrong:
        raise ModelUnusable(place=", ".join(wrong))


def _sound(weights: Weights) -> bool:
    return all(-100 < bits < 100 for bits in weights.bits) and (
        weights.top_m is None or 0 < weights.top_m < 1
    )


def model_to_json(model: Model) -> dict[str, Any]:
    """Write a model as plain JSON values, to be stored with its version."""
    return {
        "version": model.version,
        "duplicate_share": model.duplicate_share,
        "least_share": model.least_share,
        "weights": {
            code: {"bits": list(item.bits), "top_m": item.top_m, "most": item.most}
            for code, item in model.weights.items()
        },
    }


def model_from_json(stored: Mapping[str, Any]) -> Model:
    """Read a model that `model_to_json` wrote. Raises ModelUnusable with the missing place."""
    try:
        weights = {
            code: Weights(tuple(item["bits"]), item.get("top_m"), item.get("most"))
            for code, item in stored["weights"].items()
        }
        return Model(stored["version"], weights, stored["duplicate_share"], stored["least_share"])
    except (KeyError, TypeError, AttributeError) as fault:
        raise ModelUnusable(place=str(fault)) from fault
