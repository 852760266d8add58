"""Weights of those who answered, for those who did not (surveys.md 4.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

LEAST_SAMPLED = 20
TRIM = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: stratum, code (sex and displacement), what was sampled and answered, weighted."""

    stratum: str
    code: str
    sampled: int
    sampled_weight: Fraction
    answered_weight: Fraction


@dataclass(frozen=True, slots=True)
class Factor:
    """The factor of the cells merged into one."""

    stratum: str
    codes: tuple[str, ...]
    sampled: int
    factor: Fraction | None


def widened(weight: Fraction, *, drawn: int, replacements: int) -> Fraction:
    """The weight of a case where so many were drawn and so many more taken in their places: the
    order of the draw is one, so that all of them are a larger draw of which each stands for less.
    """
    return weight * drawn / (drawn + replacements)


def factors(cells: Sequence[Cell], *, least: int = LEAST_SAMPLED) -> list[Factor]:
    """Sampled weight / answered weight per cell; small cells and cells nobody answered merge with
    the nearest by code inside their stratum.
    """
    found: list[Factor] = []
    for stratum in sorted({cell.stratum for cell in cells}):
        groups = [[cell] for cell in sorted(cells, key=lambda c: c.code) if cell.stratum == stratum]
        while len(groups) > 1:
            small = next((n for n, group in enumerate(groups) if _is_small(group, least)), None)
            if small is None:
                break
            other = small - 1 if small > 0 else small + 1
            first, last = sorted((small, other))
            groups[first : last + 1] = [groups[first] + groups[last]]
        found += [_factor(stratum, group) for group in groups]
    return found


def _is_small(group: Sequence[Cell], least: int) -> bool:
    nobody = sum((cell.answered_weight for cell in group), Fraction(0)) == 0
    return nobody or sum(cell.sampled for cell in group) < least


def _factor(stratum: str, group: Sequence[Cell]) -> Factor:
    answered = sum((cell.answered_weight for cell in group), Fraction(0))
    sampled = sum((cell.sampled_weight for cell in group), Fraction(0))
    return Factor(
        stratum,
        tuple(cell.code for cell in group),
        sum(cell.sampled for cell in group),
        sampled / answered if answered else None,
    )


def trimmed(weights: Sequence[Fraction], *, times: int = TRIM) -> tuple[list[Fraction], Fraction]:
    """Cut weights at so many times their median; return them and the share that was cut."""
    if not weights:
        return [], Fraction(0)
    most = times * median(weights)
    cut = sum(1 for weight in weights if weight > most)
    return [min(weight, most) for weight in weights], Fraction(cut, len(weights))


def kish(weights: Sequence[Fraction]) -> Fraction:
    """The size of an equally weighted sample that tells as much: (sum w)^2 / sum w^2."""
    return sum(weights, Fraction(0)) ** 2 / sum((w * w for w in weights), Fraction(0))
