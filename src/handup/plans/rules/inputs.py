"""Everything a plan is worked out from, as plain whole numbers that can be frozen and hashed."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from handup.kernel.chain import Json, digest
from handup.kernel.credit import codes
from handup.kernel.errors import Refusal
from handup.kernel.money import WHOLE_BPS
from handup.plans.rules.household import MonthConvention, Section, SheetLine, Span

THOUSAND = 1000


class HorizonTooShort(Refusal):
    """The loan runs to month {last}, the plan only to month {months}. Lengthen the plan."""


class BadPlan(Refusal):
    """This does not fit: {reason}."""


class Source(StrEnum):
    """Who pays for what is needed at the start."""

    OWN = "OWN"
    IN_KIND = "IN_KIND"
    GRANT = "GRANT"
    LOAN = "LOAN"


class CostKind(StrEnum):
    """What a monthly line of a plan is."""

    FIXED = "FIXED"
    OTHER_INCOME = "OTHER_INCOME"
    DEBT = "DEBT"
    TAX = "TAX"
    DRAWINGS = "DRAWINGS"


class DrawingsFrom(StrEnum):
    """Where the money the family lives on is written: the household sheet or monthly lines."""

    SHEET = "SHEET"
    LINES = "LINES"


@dataclass(frozen=True, slots=True)
class Investment:
    """A thing needed, its month (0 = before opening) and how long it lasts (0 = used at once)."""

    name: str
    month: int
    cost_units: int
    source: Source = Source.OWN
    life_months: int = 0
    salvage_units: int = 0


@dataclass(frozen=True, slots=True)
class ProductIn:
    """A product: smallest units a piece, thousandths of a piece a month, credit in basis points."""

    name: str
    price_units: int
    material_units: int
    labour_units: int
    quantities: tuple[int, ...]
    credit_share_bps: int = 0
    lag_months: int = 1
    bad_debt_bps: int = 0


@dataclass(frozen=True, slots=True)
class CostIn:
    """A monthly line: one amount a month."""

    name: str
    kind: CostKind
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finance:
    """The loan asked for, with the terms of the product it is asked under.

    `shares_bps` say how much of the loan falls into each month, where it is repaid so.
    """

    loan_units: int
    rate_bps: int
    instalments: int
    grace_instalments: int = 0
    method: codes.Method = codes.Method.DECLINING
    repayment: codes.Repayment = codes.Repayment.EQUAL_INSTALMENTS
    fee_withheld_units: int = 0
    multiple_units: int = 1
    least_units: int = 0
    most_units: int = 0
    most_grace: int = 0
    instalment_unit: int = 1
    shares_bps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnWhatIf:
    """A what-if of her own: what becomes of sales, prices and material (10 000 = as planned), how
    many months everything begins later, and a month without any sale (0 = none)."""

    name: str
    sales_bps: int = WHOLE_BPS
    price_bps: int = WHOLE_BPS
    material_bps: int = WHOLE_BPS
    months_late: int = 0
    lost_month: int = 0


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """The whole plan. Months count from 1; month 0 is before opening."""

    currency: str
    digits: int
    months: int
    own_cash_units: int = 0
    grant_units: int = 0
    opening_stock_units: int = 0
    buffer_units: int = 0
    capital_units: int = 0
    liabilities_units: int = 0
    convention: MonthConvention = MonthConvention.DAYS_28
    miscellaneous_bps: int = 1_000
    capacity_bps: int = 3_500
    month_limit_percent: int = 100
    min_capacity_percent: int = 100
    max_indebtedness_percent: int = 100
    drawings_from: DrawingsFrom = DrawingsFrom.SHEET
    season_bps: tuple[int, ...] = ()
    sheet: tuple[SheetLine, ...] = ()
    investments: tuple[Investment, ...] = ()
    products: tuple[ProductIn, ...] = ()
    costs: tuple[CostIn, ...] = ()
    finance: Finance | None = None
    scenarios: tuple[OwnWhatIf, ...] = ()
    price_share: tuple[int, ...] = ()
    """(accepted, claimed) sales: every price in that proportion; empty where the claim stands."""
    words: tuple[tuple[str, str], ...] = ()
    """What is said in words (code, text): frozen and hashed with the figures, not reckoned with."""

    def __post_init__(self) -> None:
        """Refuse what cannot be worked out. Raises BadPlan, HorizonTooShort."""
        if not 1 <= self.months <= 60:
            raise BadPlan(field="months", reason="a plan has 1 to 60 months")
        if self.season_bps and len(self.season_bps) != self.months:
            raise BadPlan(field="season_bps", reason="one season for each month")
        for product in self.products:
            _check_product(product, self.months)
        for cost in self.costs:
            if len(cost.units) != self.months:
                raise BadPlan(field="costs", reason=f"{cost.name} needs one amount a month")
        if not 2_000 <= self.capacity_bps <= 5_000:
            raise BadPlan(field="capacity_bps", reason="20 to 50 % may go into the instalment")
        if self.finance is not None:
            _check_finance(self.finance, self.months)
        for item in self.scenarios:
            check_scenario(item, self.months)

    @property
    def capacity_percent(self) -> Fraction:
        """The share of net cash that may go into an instalment, in percent."""
        return Fraction(self.capacity_bps, 100)

    @property
    def miscellaneous_percent(self) -> Fraction:
        """The share of spending added for what was forgotten, in percent."""
        return Fraction(self.miscellaneous_bps, 100)


def _check_product(product: ProductIn, months: int) -> None:
    if len(product.quantities) != months:
        raise BadPlan(field="quantities", reason=f"{product.name} needs one quantity a month")
    amounts = (product.price_units, product.material_units, product.labour_units)
    if min(*amounts, *product.quantities) < 0:
        raise BadPlan(field="products", reason=f"{product.name} has an amount below zero")
    if not (0 <= product.credit_share_bps <= WHOLE_BPS and 0 <= product.bad_debt_bps <= WHOLE_BPS):
        raise BadPlan(field="products", reason=f"{product.name} has a share above 100 %")


def _check_finance(finance: Finance, months: int) -> None:
    if finance.grace_instalments >= finance.instalments:
        raise BadPlan(field="grace_instalments", reason="grace leaves no instalment to pay")
    if finance.instalments > months:
        raise HorizonTooShort(field="months", last=finance.instalments, months=months)
    if finance.loan_units < 0 or finance.fee_withheld_units < 0:
        raise BadPlan(field="loan_units", reason="an amount is below zero")
    if not shares_fit(finance.repayment, finance.shares_bps, finance.instalments):
        raise BadPlan(field="shares_bps", reason="the parts of the loan do not make up the whole")


def shares_fit(repayment: codes.Repayment, shares_bps: Sequence[int], instalments: int) -> bool:
    """Whether the parts by month make up the loan, one a month; none where it is repaid
    otherwise.
    """
    if repayment is not codes.Repayment.PRINCIPAL_SHARES:
        return not shares_bps
    whole = sum(shares_bps) == WHOLE_BPS and min(shares_bps, default=-1) >= 0
    return whole and len(shares_bps) == instalments


def check_scenario(item: OwnWhatIf, months: int) -> None:
    """Refuse a what-if that cannot be. Raises BadPlan."""
    if min(item.sales_bps, item.price_bps, item.material_bps, item.months_late) < 0:
        raise BadPlan(field="scenarios", reason=f"{item.name} has a share below zero")
    if not 0 <= item.lost_month <= months or item.months_late > months:
        raise BadPlan(field="scenarios", reason=f"{item.name} names a month the plan has not")


def as_json(inputs: PlanInputs) -> dict[str, Json]:
    """The inputs as they are frozen: only texts, whole numbers and lists."""
    raw = asdict(inputs)
    raw["sheet"] = [[line.section, line.span, line.units] for line in inputs.sheet]
    for later in (
        "words",
        "scenarios",
        "price_share",
    ):  # as it was frozen before plans were asked for them
        if not raw[later]:
            del raw[later]
    if raw["finance"] is not None and not raw["finance"]["shares_bps"]:
        del raw["finance"]["shares_bps"]
    plain: dict[str, Json] = _plain(raw)
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def from_json(frozen: Mapping[str, Any]) -> PlanInputs:
    """The inputs back from their frozen form."""
    finance = frozen["finance"]
    return PlanInputs(
        **{
            **frozen,
            "convention": MonthConvention(frozen["convention"]),
            "drawings_from": DrawingsFrom(frozen["drawings_from"]),
            "season_bps": tuple(frozen["season_bps"]),
            "sheet": tuple(
                SheetLine(Section(section), Span(span), units)
                for section, span, units in frozen["sheet"]
            ),
            "investments": tuple(
                Investment(**{**item, "source": Source(item["source"])})
                for item in frozen["investments"]
            ),
            "products": tuple(
                ProductIn(**{**item, "quantities": tuple(item["quantities"])})
                for item in frozen["products"]
            ),
            "costs": tuple(
                CostIn(item["name"], CostKind(item["kind"]), tuple(item["units"]))
                for item in frozen["costs"]
            ),
            "finance": None if finance is None else _finance(finance),
            "price_share": tuple(frozen.get("price_share", ())),
            "scenarios": tuple(OwnWhatIf(**item) for item in frozen.get("scenarios", ())),
            "words": tuple((code, text) for code, text in frozen.get("words", ())),
        }
    )


def _finance(frozen: Mapping[str, Any]) -> Finance:
    return Finance(
        **{
            **frozen,
            "method": codes.Method(frozen["method"]),
            "repayment": codes.Repayment(frozen["repayment"]),
            "shares_bps": tuple(frozen.get("shares_bps", ())),
        }
    )


def fingerprint(inputs: PlanInputs, engine_version: str) -> str:
    """SHA-256 over the engine's version and the frozen inputs."""
    return fingerprint_of(as_json(inputs), engine_version)


def fingerprint_of(frozen: Json, engine_version: str) -> str:
    """The same of inputs that are frozen already."""
    return digest({"engine_version": engine_version, "inputs": frozen})
