"""What a milk producer is paid: rate charts, the payslip with its floor, the gate check
(groups_cooperatives.md K6, K7). How a chart is kept is in `rate_chart`."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from handup.kernel.errors import Refusal
from handup.kernel.money import percent, round_to


class NotMeasured(Refusal):
    """The price needs the {what} of the milk, which was not measured."""


class NoPrice(Refusal):
    """The rate chart has no {what}."""


class Pricing(StrEnum):
    """By what milk is paid."""

    PER_LITRE = "PER_LITRE"
    FAT_POINTS = "FAT_POINTS"
    TWO_AXIS = "TWO_AXIS"
    GRID = "GRID"


class Measure(StrEnum):
    """What a premium is given for."""

    FAT = "FAT"
    SNF = "SNF"
    COLD = "COLD"


@dataclass(frozen=True, slots=True)
class GridStep:
    """A price per litre from a fat and a SNF percent on."""

    fat: Fraction
    snf: Fraction
    per_litre: Fraction


@dataclass(frozen=True, slots=True)
class Premium:
    """So much more (or less, below zero) a litre, from a percent of fat or SNF on, or up to a
    temperature."""

    measure: Measure
    bound: Fraction
    per_litre: Fraction


@dataclass(frozen=True, slots=True)
class RateChart:
    """Prices in smallest units and the dated constants for solids-not-fat (SNF); what the pricing
    does not use is None."""

    pricing: Pricing
    per_litre: Fraction | None = None
    per_fat_point: Fraction | None = None
    fat_per_kg: Fraction | None = None
    snf_per_kg: Fraction | None = None
    kg_per_litre: Fraction | None = None
    snf_lactometer: Fraction | None = None
    snf_fat: Fraction | None = None
    snf_constant: Fraction | None = None
    grid: tuple[GridStep, ...] = ()
    premiums: tuple[Premium, ...] = ()


@dataclass(frozen=True, slots=True)
class Can:
    """A delivery: litres, what was measured in percent, on the lactometer and in degrees Celsius,
    and whether it passed."""

    litres: Fraction
    passed: bool
    fat: Fraction | None = None
    lactometer: Fraction | None = None
    snf: Fraction | None = None
    celsius: Fraction | None = None


def snf_of(can: Can, chart: RateChart) -> Fraction | None:
    """SNF percent as measured, or from lactometer and fat by the chart, or unknown; exact."""
    if can.snf is not None:
        return can.snf
    a, b, c = chart.snf_lactometer, chart.snf_fat, chart.snf_constant
    if a is None or b is None or c is None or can.lactometer is None or can.fat is None:
        return None
    return a * can.lactometer + b * can.fat + c


@dataclass(frozen=True, slots=True)
class PricedCan:
    """A delivery with its SNF percent, what of it is paid for, and the amount."""

    snf: Fraction | None
    payable_litres: Fraction
    amount: int


def price_can(can: Can, chart: RateChart) -> PricedCan:
    """Price one delivery, rounded half up once; a rejected one pays nothing.

    Raises NotMeasured, NoPrice.
    """
    snf = snf_of(can, chart)
    if not can.passed:
        return PricedCan(snf, Fraction(0), 0)
    if chart.pricing is Pricing.PER_LITRE:
        exact = can.litres * _price(chart.per_litre, "price per litre")
    elif chart.pricing is Pricing.GRID:
        exact = can.litres * grid_price(chart, _measured(can.fat, "fat"), _measured(snf, "SNF"))
    elif chart.pricing is Pricing.FAT_POINTS:
        point = _price(chart.per_fat_point, "price per fat point")
        exact = can.litres * _measured(can.fat, "fat") * point
    else:
        kg = can.litres * _price(chart.kg_per_litre, "weight of a litre")
        fat = _measured(can.fat, "fat") * _price(chart.fat_per_kg, "price of fat")
        solids = _measured(snf, "SNF") * _price(chart.snf_per_kg, "price of SNF")
        exact = kg * (fat + solids) / 100
    exact += can.litres * sum(premiums_of(can, snf, chart), Fraction(0))
    return PricedCan(snf, can.litres, max(0, round_to(exact)))


def grid_price(chart: RateChart, fat: Fraction, snf: Fraction) -> Fraction:
    """The price per litre of the step at or below: first the highest step of fat reached, then
    within it the highest of SNF. Raises NoPrice below the lowest step."""
    rows = [step for step in chart.grid if step.fat <= fat]
    highest = max((step.fat for step in rows), default=None)
    cells = [step for step in rows if step.fat == highest and step.snf <= snf]
    if not cells:
        raise NoPrice(what="price this low")
    return max(cells, key=lambda step: step.snf).per_litre


def premiums_of(can: Can, snf: Fraction | None, chart: RateChart) -> list[Fraction]:
    """What a litre earns beside its price: of each measure the premium of the furthest bound it
    reached; what was not measured earns none."""
    found = []
    for measure, value in (
        (Measure.FAT, can.fat),
        (Measure.SNF, snf),
        (Measure.COLD, can.celsius),
    ):
        rows = [one for one in chart.premiums if one.measure is measure]
        if value is None or not rows:
            continue
        if measure is Measure.COLD:
            reached = [one for one in rows if value <= one.bound]
            best = min(reached, key=lambda one: one.bound, default=None)
        else:
            reached = [one for one in rows if one.bound <= value]
            best = max(reached, key=lambda one: one.bound, default=None)
        if best is not None:
            found.append(best.per_litre)
    return found


def _price(value: Fraction | None, what: str) -> Fraction:
    if value is None:
        raise NoPrice(what=what)
    return value


def _measured(value: Fraction | None, what: str) -> Fraction:
    if value is None:
        raise NotMeasured(what=what)
    return value


@dataclass(frozen=True, slots=True)
class Taken:
    """A deduction: what was taken, and what is carried to the next period, never dropped."""

    taken: int
    carried: int


@dataclass(frozen=True, slots=True)
class Payslip:
    """A period of one producer, in smallest units."""

    cans: tuple[PricedCan, ...]
    gross: int
    deductions: tuple[Taken, ...]

    @property
    def net(self) -> int:
        """What she takes home."""
        return self.gross - sum(deduction.taken for deduction in self.deductions)


def make_payslip(
    cans: Sequence[Can], chart: RateChart, *, deductions: Sequence[int], take_home: Fraction
) -> Payslip:
    """Price the deliveries and take deductions in their order, the last in part, as long as she
    keeps `take_home` (of 1) of the gross."""
    priced = tuple(price_can(can, chart) for can in cans)
    gross = sum(can.amount for can in priced)
    return Payslip(priced, gross, take_deductions(gross, deductions, take_home))


def take_deductions(
    gross: int, deductions: Sequence[int], take_home: Fraction
) -> tuple[Taken, ...]:
    """Take deductions of a gross in their order, the last in part, as long as `take_home` (of 1) of
    it is left."""
    room = max(0, gross - round_to(gross * take_home))
    taken = []
    for due in deductions:
        take = min(due, room)
        room -= take
        taken.append(Taken(take, due - take))
    return tuple(taken)


@dataclass(frozen=True, slots=True)
class GateCheck:
    """What arrived at the gate against what the points declared, rejected cans included."""

    declared: Fraction
    difference: Fraction
    tolerance: Fraction

    @property
    def percent(self) -> Fraction | None:
        """The difference in percent of the declared, exact; None when nothing was declared."""
        return percent(self.difference, self.declared)

    @property
    def is_within(self) -> bool:
        """Tell whether it is the cooperative's own shrinkage, or opens a case."""
        share = self.percent
        return self.difference == 0 if share is None else abs(share) <= self.tolerance


def check_gate(cans: Sequence[Can], gate_litres: Fraction, tolerance: Fraction) -> GateCheck:
    """Compare the gate with all declared litres; `tolerance` in percent."""
    declared = sum((can.litres for can in cans), Fraction(0))
    return GateCheck(declared, gate_litres - declared, tolerance)
