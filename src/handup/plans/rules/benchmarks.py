"""What businesses of a trade usually tell at visits, and a plan held against it.

A range is P10 to P90 of what visits told, its ends belong to it; the middle is the median. What
lies above the usual mark-up, or is spent below the usual, is reckoned with the middle instead: the
claim and what it is adjusted to are both kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from handup.kernel.money import WHOLE_BPS, round_to
from handup.plans.rules.actuals import MonthTold
from handup.plans.rules.household import Section, SheetLine, Span, month_sums
from handup.plans.rules.inputs import THOUSAND, CostIn, CostKind, DrawingsFrom, PlanInputs
from handup.plans.rules.measures import NoPurchases, RangeFlag, price_check

FEWEST_VISITS = 10
FEWEST_BUSINESSES = 5
MONTHS_BACK = 24
LIMIT = 2**53
"""What no figure of a plan reaches: above it a number is a slip of the pen."""


class Measure(StrEnum):
    """What is held against the usual. MARKUP is basis points, all others smallest units a month."""

    MARKUP = "MARKUP"
    STOCK = "STOCK"
    INCOME = "INCOME"
    SPENDING = "SPENDING"
    NET_INCOME = "NET_INCOME"


class Basis(StrEnum):
    """Where the usual comes from."""

    AREA = "AREA"
    WIDER_AREA = "WIDER_AREA"
    DEFAULT = "DEFAULT"
    NONE = "NONE"


class Finding(StrEnum):
    """What the comparison came to."""

    IN_RANGE = "IN_RANGE"
    ABOVE_RANGE = "ABOVE_RANGE"
    BELOW_RANGE = "BELOW_RANGE"
    NO_PURCHASES = "NO_PURCHASES"
    NO_BENCHMARK = "NO_BENCHMARK"


class Usual(NamedTuple):
    """The usual range with its middle, and from how many visits (0 for what was set)."""

    low: int
    middle: int
    high: int
    visits: int = 0


GROCERY = ("4711", "472", "4781")
RETAIL = ("47",)
FOOD = ("56", "10", "11")


def usual_markup(trade_code: str) -> Usual | None:
    """The mark-up of a trade before any visits, in basis points; None where none is known.

    trade_code: of the International Standard Industrial Classification, revision 4: food shops and
    stalls 15 %, other retail 25 %, eating houses and the making of food and drink 50 %.
    """
    for codes, percent in ((GROCERY, 15), (RETAIL, 25), (FOOD, 50)):
        if trade_code.startswith(codes):
            return Usual(percent * 100, percent * 100, percent * 100)
    return None


def observed(months: Sequence[MonthTold]) -> dict[Measure, int]:
    """What the months told at one visit say of each measure, the mean of those that are known."""
    found: dict[Measure, int] = {}
    both = [m for m in months if m.sales is not None and m.materials]
    if both:
        sales = sum(month.sales or 0 for month in both)
        bought = sum(month.materials or 0 for month in both)
        markup = round_to(Fraction((sales - bought) * WHOLE_BPS, bought))
        if abs(markup) < LIMIT:  # a slip of the pen: no business sells at such a price
            found[Measure.MARKUP] = markup
    told = {
        Measure.STOCK: [m.stock for m in months],
        Measure.INCOME: [m.profit for m in months],
        Measure.SPENDING: [m.drawings for m in months],
        Measure.NET_INCOME: [
            None if m.profit is None or m.drawings is None else m.profit - m.drawings
            for m in months
        ],
    }
    for measure, values in told.items():
        known = [value for value in values if value is not None]
        if known:
            found[measure] = round_to(Fraction(sum(known), len(known)))
    return found


def quantile(ordered: Sequence[int], share: Fraction) -> int:
    """The value below which that share lies, between neighbours in proportion, half up."""
    place = share * (len(ordered) - 1)
    below = int(place)
    after = min(below + 1, len(ordered) - 1)
    return round_to(ordered[below] + (place - below) * (ordered[after] - ordered[below]))


def usual_of(values: Sequence[int], businesses: int, most_of_one: int = 1) -> Usual | None:
    """P10, median and P90; None from fewer than ten visits, from so few businesses that one of them
    could be told from it, or where one business tells more than half (`most_of_one` visits).
    """
    if len(values) < FEWEST_VISITS or businesses < FEWEST_BUSINESSES:
        return None
    if 2 * most_of_one > len(values):
        return None
    ordered = sorted(values)
    low, middle, high = (quantile(ordered, Fraction(tenths, 10)) for tenths in (1, 5, 9))
    return Usual(low, middle, high, len(values))


@dataclass(frozen=True, slots=True)
class Checked:
    """One measure of a plan beside the usual: what is claimed, and what is reckoned with.

    adjusted: the amount of a month that replaces the claim where it is not taken: sales for the
    mark-up, living costs for the spending; None where the claim stands. claimed_sales and purchases
    are those of the mark-up.
    """

    measure: Measure
    finding: Finding
    basis: Basis
    claimed: int | None
    usual: Usual | None = None
    adjusted: int | None = None


def check(inputs: PlanInputs, usual: Mapping[Measure, tuple[Basis, Usual]]) -> tuple[Checked, ...]:
    """Hold a plan against the usual, measure by measure; what the plan does not say is left out."""
    found = []
    for measure, claimed in _claims(inputs).items():
        basis, known = usual.get(measure, (Basis.NONE, None))
        if measure is Measure.MARKUP:
            if any(_trade(inputs)):
                found.append(_markup(inputs, basis, known))
        elif claimed is not None:
            found.append(_one(measure, claimed, basis, known))
    return tuple(found)


def _one(measure: Measure, claimed: int, basis: Basis, usual: Usual | None) -> Checked:
    if usual is None:
        return Checked(measure, Finding.NO_BENCHMARK, Basis.NONE, claimed)
    finding = Finding.IN_RANGE
    if claimed > usual.high:
        finding = Finding.ABOVE_RANGE
    elif claimed < usual.low:
        finding = Finding.BELOW_RANGE
    cheap = measure is Measure.SPENDING and finding is Finding.BELOW_RANGE
    return Checked(measure, finding, basis, claimed, usual, usual.middle if cheap else None)


def _markup(inputs: PlanInputs, basis: Basis, usual: Usual | None) -> Checked:
    sales, bought = _trade(inputs)
    try:
        low, middle, high = (
            (Fraction(bps, 100) for bps in usual[:3]) if usual else (Fraction(0),) * 3
        )
        found = price_check(sales, bought, low, high, middle)
    except NoPurchases:
        return Checked(Measure.MARKUP, Finding.NO_PURCHASES, basis, None, usual)
    claimed = round_to(found.markup_percent * 100)
    if usual is None:
        return Checked(Measure.MARKUP, Finding.NO_BENCHMARK, Basis.NONE, claimed)
    cut = found.flag is RangeFlag.ABOVE_RANGE
    adjusted = found.sales_accepted if cut else None
    return Checked(Measure.MARKUP, Finding(found.flag.value), basis, claimed, usual, adjusted)


def _trade(inputs: PlanInputs) -> tuple[int, int]:
    """Sales and purchases: of a month by the household sheet, else of all months by product."""
    month = month_sums(inputs.sheet, inputs.convention)
    sales, bought = month[Section.SALES], month[Section.COST_OF_SALES]
    if not sales and not bought:
        for item in inputs.products:
            pieces = Fraction(sum(item.quantities), THOUSAND)
            sales += item.price_units * pieces
            bought += item.material_units * pieces
    return round_to(sales), round_to(bought)


def _claims(inputs: PlanInputs) -> dict[Measure, int | None]:
    """What a plan claims of each measure, a month; None where it says nothing."""
    month = month_sums(inputs.sheet, inputs.convention)
    spending = living_costs(inputs)
    trades = bool(month[Section.SALES] or month[Section.COST_OF_SALES])
    income = None
    if trades:
        income = month[Section.SALES] - month[Section.COST_OF_SALES]
        income -= month[Section.BUSINESS_EXPENSE]
    net = None if income is None or spending is None else income - spending
    return {
        Measure.MARKUP: None,
        Measure.STOCK: inputs.opening_stock_units or None,
        Measure.INCOME: None if income is None else round_to(income),
        Measure.SPENDING: None if spending is None else round_to(spending),
        Measure.NET_INCOME: None if net is None else round_to(net),
    }


def living_costs(inputs: PlanInputs) -> Fraction | None:
    """What the household spends in a month, as told; None where the plan does not say it."""
    if inputs.drawings_from is DrawingsFrom.SHEET:
        month = month_sums(inputs.sheet, inputs.convention)
        told = month[Section.HOUSEHOLD_EXPENSE] + month[Section.OTHER_EXPENSE]
        return told or None
    lines = [sum(cost.units) for cost in inputs.costs if cost.kind is CostKind.DRAWINGS]
    return Fraction(sum(lines), inputs.months) if lines else None


def adjust(inputs: PlanInputs, checks: Sequence[Checked]) -> PlanInputs:
    """The plan with what is reckoned with in place of what is claimed; the same plan where every
    claim stands.
    """
    for item in checks:
        if item.adjusted is None:
            continue
        if item.measure is Measure.MARKUP:
            inputs = _with_sales(inputs, item.adjusted)
        elif item.measure is Measure.SPENDING:
            inputs = _with_spending(inputs, item.adjusted)
    return inputs


def _with_sales(inputs: PlanInputs, accepted: int) -> PlanInputs:
    """Fewer sales: one line on the household sheet, and every price in the same proportion."""
    claimed, _bought = _trade(inputs)
    others = tuple(line for line in inputs.sheet if line.section is not Section.SALES)
    sheet = inputs.sheet
    if len(others) < len(sheet):
        sheet = (SheetLine(Section.SALES, Span.MONTH, accepted), *others)
    share = (accepted, claimed) if inputs.products else ()
    return replace(inputs, sheet=sheet, price_share=share)


def _with_spending(inputs: PlanInputs, usual: int) -> PlanInputs:
    """Higher living costs: a line that makes up what is missing."""
    missing = usual - round_to(living_costs(inputs) or Fraction(0))
    if inputs.drawings_from is DrawingsFrom.SHEET:
        line = SheetLine(Section.HOUSEHOLD_EXPENSE, Span.MONTH, missing)
        return replace(inputs, sheet=(*inputs.sheet, line))
    more = CostIn("", CostKind.DRAWINGS, (missing,) * inputs.months)
    return replace(inputs, costs=(*inputs.costs, more))
