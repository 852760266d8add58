"""How a rate chart for milk is kept: whole numbers only, checked as one (groups_cooperatives.md
section 3, K6).

Prices are in hundredths of the smallest unit, constants and gravity in 1/10 000, percent of fat and
solids-not-fat in hundredths of a percent, temperatures in tenths of a degree Celsius.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from handup.groups.rules.milk import Can, GridStep, Measure, Premium, Pricing, RateChart
from handup.kernel.errors import Fault, Faults, Refusal

PRICE, CONSTANT, PERCENT, DEGREE = 100, 10_000, 100, 10
FIELDS: Mapping[str, tuple[str, int]] = {
    "per_litre_x100": ("per_litre", PRICE),
    "per_fat_point_x100": ("per_fat_point", PRICE),
    "fat_per_kg_x100": ("fat_per_kg", PRICE),
    "snf_per_kg_x100": ("snf_per_kg", PRICE),
    "kg_per_litre_x10000": ("kg_per_litre", CONSTANT),
    "snf_lactometer_x10000": ("snf_lactometer", CONSTANT),
    "snf_fat_x10000": ("snf_fat", CONSTANT),
    "snf_constant_x10000": ("snf_constant", CONSTANT),
}
"""How each number is kept, what it is in the rule, and what a kept one is divided by."""
NEEDED: Mapping[Pricing, tuple[str, ...]] = {
    Pricing.PER_LITRE: ("per_litre_x100",),
    Pricing.FAT_POINTS: ("per_fat_point_x100",),
    Pricing.TWO_AXIS: ("fat_per_kg_x100", "snf_per_kg_x100", "kg_per_litre_x10000"),
    Pricing.GRID: ("grid",),
}
CONSTANTS = ("snf_lactometer_x10000", "snf_fat_x10000", "snf_constant_x10000")
MOST, CONSTANT_MOST = 10**12, 10 * CONSTANT
"""The dearest price, and the largest constant or gravity: 10."""
FAT_MOST, SNF_MOST, CLR_MOST = 1500, 2000, 6000
COLDEST, WARMEST = -50, 450
VOLUME_MOST = 10**8
"""What a test can show: fat 0 to 15 %, -5 to 45 degrees, solids 0 to 20 %, lactometer 0 to 60."""


class TestOutOfRange(Refusal):
    """{what} must be between {least} and {most}."""


def chart_from(terms: Mapping[str, Any]) -> RateChart:
    """The chart as the rule reads it, of terms that `checked` passed."""
    numbers = {
        name: Fraction(terms[kept], divisor)
        for kept, (name, divisor) in FIELDS.items()
        if kept in terms
    }
    return RateChart(
        Pricing(terms["pricing"]),
        **numbers,
        grid=tuple(
            GridStep(
                Fraction(step["fat_bps"], PERCENT),
                Fraction(step["snf_bps"], PERCENT),
                Fraction(step["per_litre_x100"], PRICE),
            )
            for step in terms.get("grid", ())
        ),
        premiums=tuple(
            Premium(
                Measure(one["of"]),
                Fraction(one["bound"], DEGREE if one["of"] == Measure.COLD else PERCENT),
                Fraction(one["per_litre_x100"], PRICE),
            )
            for one in terms.get("premiums", ())
        ),
    )


def checked(told: Mapping[str, Any]) -> dict[str, Any]:
    """The terms of a chart without what is empty. Raises Faults naming all that is missing, unknown
    or out of range."""
    terms = {name: value for name, value in told.items() if value not in (None, [], "")}
    known = {"pricing", "grid", "premiums", *FIELDS}
    faults = [
        Fault("UNKNOWN_SETTING", f"A rate chart has no {name}.", place=name)
        for name in sorted(set(terms) - known)
    ]
    if str(terms.get("pricing")) not in set(Pricing):
        faults.append(Fault("NO_PRICING", "Say by what milk is paid.", place="pricing"))
        raise Faults(faults)
    faults += [
        Fault("NO_PRICE", "Milk paid like this needs it.", place=name)
        for name in NEEDED[Pricing(terms["pricing"])]
        if name not in terms
    ]
    given = [name for name in CONSTANTS if name in terms]
    if given and len(given) < len(CONSTANTS):
        told_all = "The solids need all three constants, or none."
        faults.append(Fault("NO_PRICE", told_all, place="snf_lactometer_x10000"))
    faults += [
        _out(name, terms[name])
        for name in FIELDS
        if name in terms and not _is_whole(terms[name], 0, _most(name))
    ]
    faults += _wrong_steps(terms.get("grid", ()))
    faults += _wrong_premiums(terms.get("premiums", ()))
    if faults:
        raise Faults(faults)
    return terms


def _most(name: str) -> int:
    return CONSTANT_MOST if FIELDS[name][1] == CONSTANT else MOST


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _out(place: str, value: object) -> Fault:
    shown = str(value)[:80]
    told = f"{shown} is outside what a rate chart holds."
    return Fault("SETTING_OUT_OF_RANGE", told, place=place, value=shown)


def _wrong_steps(steps: Any) -> list[Fault]:
    """Faults of the grid: no rows, out of range, or one step twice."""
    if not isinstance(steps, list | tuple):
        return [_out("grid", steps)]
    faults, met = [], set()
    for row, step in enumerate(steps, start=1):
        fits = (
            isinstance(step, Mapping)
            and set(step) == {"fat_bps", "snf_bps", "per_litre_x100"}
            and _is_whole(step["fat_bps"], 0, FAT_MOST)
            and _is_whole(step["snf_bps"], 0, SNF_MOST)
            and _is_whole(step["per_litre_x100"], 0, MOST)
        )
        if not fits:
            faults.append(_out("grid", step))
        elif (key := (step["fat_bps"], step["snf_bps"])) in met:
            faults.append(Fault("STEP_TWICE", "This step is there twice.", place="grid", row=row))
        else:
            met.add(key)
    return faults


def _wrong_premiums(rows: Any) -> list[Fault]:
    """Faults of premiums and deductions a litre."""
    if not isinstance(rows, list | tuple):
        return [_out("premiums", rows)]
    faults, met = [], set()
    for row, one in enumerate(rows, start=1):
        fits = (
            isinstance(one, Mapping)
            and set(one) == {"of", "bound", "per_litre_x100"}
            and str(one["of"]) in set(Measure)
            and _is_whole(one["bound"], COLDEST, SNF_MOST)
            and _is_whole(one["per_litre_x100"], -MOST, MOST)
        )
        if not fits:
            faults.append(_out("premiums", one))
        elif (key := (one["of"], one["bound"])) in met:
            told = "This premium is there twice."
            faults.append(Fault("STEP_TWICE", told, place="premiums", row=row))
        else:
            met.add(key)
    return faults


def can_of(
    *,
    volume_ml: int,
    passed: bool,
    fat_bps: int | None,
    clr_x100: int | None,
    snf_bps: int | None,
    temp_c10: int | None,
) -> Can:
    """A can as the rule reads it. Raises TestOutOfRange naming the first that cannot be."""
    for field, what, value, least, most, divisor in (
        ("volume_ml", "The volume in litres", volume_ml, 1, VOLUME_MOST, 1000),
        ("fat_bps", "Fat in percent", fat_bps, 0, FAT_MOST, PERCENT),
        ("clr_x100", "The lactometer", clr_x100, 0, CLR_MOST, PERCENT),
        ("snf_bps", "SNF in percent", snf_bps, 0, SNF_MOST, PERCENT),
        ("temp_c10", "The temperature", temp_c10, COLDEST, WARMEST, DEGREE),
    ):
        if value is not None and not least <= value <= most:
            raise TestOutOfRange(
                field=field, what=what, least=_plain(least, divisor), most=_plain(most, divisor)
            )
    return Can(
        litres=Fraction(volume_ml, 1000),
        passed=passed,
        fat=_part(fat_bps, PERCENT),
        lactometer=_part(clr_x100, PERCENT),
        snf=_part(snf_bps, PERCENT),
        celsius=_part(temp_c10, DEGREE),
    )


def _part(value: int | None, divisor: int) -> Fraction | None:
    return None if value is None else Fraction(value, divisor)


def _plain(value: int, divisor: int) -> str:
    return str(Decimal(value) / Decimal(divisor))
