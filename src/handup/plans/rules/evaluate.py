"""`evaluate(PlanInputs) -> PlanResult`: the whole arithmetic of a plan, exact and frozen."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from handup.kernel.credit.schedule import Row
from handup.kernel.errors import Refusal
from handup.kernel.money import WHOLE_BPS, ratio, round_to
from handup.plans.rules import affordability as afford
from handup.plans.rules import cash_flow as flow
from handup.plans.rules import finance as loans
from handup.plans.rules import household, measures
from handup.plans.rules.inputs import (
    THOUSAND,
    CostKind,
    DrawingsFrom,
    Investment,
    PlanInputs,
    Source,
)

ENGINE_VERSION = "plans-1"


@dataclass(frozen=True, slots=True)
class WhatIfLine:
    """What one change of circumstances does."""

    code: str
    lowest_cash: int
    lowest_month: int
    months_in_red: tuple[int, ...]
    plan_dscr: Fraction | None
    closing_cash: Fraction
    name: str = ""


@dataclass(frozen=True, slots=True)
class BreakEvens:
    """Break-even sales in three forms; None where it is never reached, `why` says the code."""

    fixed: measures.BreakEven | None
    with_depreciation: measures.BreakEven | None
    cash: measures.BreakEven | None
    fixed_costs: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class PlanResult:
    """Everything a plan comes to. Amounts in smallest units, ratios exact."""

    budget: household.Budget | None
    capacity: household.Capacity | None
    cash: flow.CashFlow
    months_in_red: tuple[int, ...]
    loan_rows: tuple[Row, ...]
    working_capital: Fraction
    start_up_capital: Fraction
    own_share: Fraction | None
    gap: Fraction
    smallest_loan: int | None
    shortest_grace: int | None
    profit: Fraction
    break_even: BreakEvens
    worth: measures.Worth
    effective_cost: tuple[Fraction, Fraction] | None
    affordability: afford.Affordability
    what_ifs: tuple[WhatIfLine, ...]

    @property
    def lowest_dscr(self) -> Fraction | None:
        """The lowest cover of a month with an instalment."""
        return min((row.dscr for row in self.cash.rows if row.dscr is not None), default=None)


def evaluate(inputs: PlanInputs) -> PlanResult:
    """Work a plan out. The same inputs always give the same result."""
    budget = None
    if inputs.sheet:
        budget = household.household_budget(
            inputs.sheet, inputs.convention, inputs.miscellaneous_percent
        )
    products = _products(inputs)
    rows = () if inputs.finance is None else loans.loan_rows(inputs.finance)
    cash = _cash(inputs, rows)
    result = flow.cash_flow(inputs.months, products, cash)
    plain = without_loan(inputs, result)
    finance = inputs.finance
    working = _working_capital(inputs, result)
    needed = _at_start(inputs.investments) + inputs.opening_stock_units + working
    own = inputs.own_cash_units + _from(inputs, Source.IN_KIND) + inputs.grant_units
    return PlanResult(
        budget=budget,
        capacity=_capacity(inputs, budget),
        cash=result,
        months_in_red=result.months_below(inputs.buffer_units),
        loan_rows=rows,
        working_capital=working,
        start_up_capital=needed,
        own_share=ratio(own - inputs.grant_units, needed),
        gap=max(flow.NOTHING, needed - own),
        smallest_loan=None
        if finance is None
        else loans.smallest_loan(plain, finance, inputs.buffer_units),
        shortest_grace=None
        if finance is None
        else loans.shortest_grace(plain, finance, inputs.buffer_units),
        profit=_profit(inputs, result, rows, cash),
        break_even=_break_evens(inputs, result, cash),
        worth=_worth(inputs, result),
        effective_cost=None if finance is None else loans.effective_cost(finance, rows),
        affordability=_affordability(inputs, result),
        what_ifs=tuple(
            what_if_line(code, changed, inputs.buffer_units, name)
            for code, name, changed in changed_flows(inputs, products, cash)
        ),
    )


def _products(inputs: PlanInputs) -> list[flow.Product]:
    """The products; a plan without any sells what the household sheet says, by season."""
    if inputs.products:
        share = Fraction(*inputs.price_share) if inputs.price_share else Fraction(1)
        return [
            flow.Product(
                name=item.name,
                price=item.price_units * share,
                material=Fraction(item.material_units),
                labour=Fraction(item.labour_units),
                quantities=tuple(Fraction(pieces, THOUSAND) for pieces in item.quantities),
                credit_share=Fraction(item.credit_share_bps, WHOLE_BPS),
                lag_months=item.lag_months,
                bad_debt_share=Fraction(item.bad_debt_bps, WHOLE_BPS),
            )
            for item in inputs.products
        ]
    month = household.month_sums(inputs.sheet, inputs.convention)
    season = inputs.season_bps or (WHOLE_BPS,) * inputs.months
    return [
        flow.Product(
            name="",
            price=month[household.Section.SALES],
            material=month[household.Section.COST_OF_SALES],
            labour=flow.NOTHING,
            quantities=tuple(Fraction(bps, WHOLE_BPS) for bps in season),
        )
    ]


def _cash(inputs: PlanInputs, rows: tuple[Row, ...]) -> flow.Cash:
    signs = {CostKind.OTHER_INCOME: 1, CostKind.DEBT: -1, CostKind.TAX: -1}
    fixed: list[Fraction | int] = [_lines(inputs, CostKind.FIXED, m) for m in range(inputs.months)]
    other: list[Fraction | int] = [
        sum(sign * _lines(inputs, kind, m) for kind, sign in signs.items())
        for m in range(inputs.months)
    ]
    drawings: list[Fraction | int] = [
        _lines(inputs, CostKind.DRAWINGS, m) for m in range(inputs.months)
    ]
    if inputs.drawings_from is DrawingsFrom.SHEET and inputs.sheet:
        month = household.month_sums(inputs.sheet, inputs.convention)
        budget = household.household_budget(
            inputs.sheet, inputs.convention, inputs.miscellaneous_percent
        )
        spending = (
            month[household.Section.HOUSEHOLD_EXPENSE]
            + month[household.Section.OTHER_EXPENSE]
            + budget.miscellaneous
        )
        drawings = [spending] * inputs.months
        income = month[household.Section.OTHER_INCOME] - month[household.Section.DEBT_PAYMENT]
        other = [amount + income for amount in other]
        if not inputs.products:
            expenses = month[household.Section.BUSINESS_EXPENSE]
            fixed = [amount + expenses for amount in fixed]
    return flow.Cash(
        opening=_opening(inputs),
        fixed_costs=tuple(fixed),
        other=tuple(other),
        drawings=tuple(drawings),
        debt_service=loans.by_month(rows, inputs.months),
        investments=_investments(inputs),
    )


def _lines(inputs: PlanInputs, kind: CostKind, place: int) -> int:
    return sum(cost.units[place] for cost in inputs.costs if cost.kind is kind)


def _opening(inputs: PlanInputs) -> int:
    """Cash on the opening day: in-kind things are assets, not cash."""
    loan = 0
    if inputs.finance is not None:
        loan = inputs.finance.loan_units - inputs.finance.fee_withheld_units
    paid = sum(
        item.cost_units
        for item in inputs.investments
        if item.month == 0 and item.source is not Source.IN_KIND
    )
    return inputs.own_cash_units + inputs.grant_units + loan - paid - inputs.opening_stock_units


def _investments(inputs: PlanInputs) -> tuple[int, ...]:
    return tuple(
        sum(
            item.cost_units
            for item in inputs.investments
            if item.month == month and item.source is not Source.IN_KIND
        )
        for month in range(1, inputs.months + 1)
    )


def _at_start(investments: tuple[Investment, ...]) -> int:
    return sum(item.cost_units for item in investments if item.month == 0)


def _from(inputs: PlanInputs, source: Source) -> int:
    return sum(
        item.cost_units for item in inputs.investments if item.month == 0 and item.source is source
    )


def without_loan(inputs: PlanInputs, result: flow.CashFlow) -> list[Fraction]:
    """The closing cash of each month as if no loan came and none were paid back."""
    loan = 0
    if inputs.finance is not None:
        loan = inputs.finance.loan_units - inputs.finance.fee_withheld_units
    paid = 0
    plain: list[Fraction] = []
    for row in result.rows:
        paid += row.debt_service
        plain.append(row.closing_cash - loan + paid)
    return plain


def _working_capital(inputs: PlanInputs, result: flow.CashFlow) -> Fraction:
    """The deepest the business digs before it feeds itself, instalments left out."""
    running = lowest = flow.NOTHING
    for row, investment in zip(result.rows, _investments(inputs), strict=True):
        running += row.available_for_debt - investment
        lowest = min(lowest, running)
    return -lowest


def _depreciation(inputs: PlanInputs, months: int) -> Fraction:
    """Depreciation of all things from their month to month `months`."""
    return flow.total(
        Fraction(item.cost_units - item.salvage_units, item.life_months)
        * min(item.life_months, max(months - max(item.month - 1, 0), 0))
        for item in inputs.investments
        if item.life_months
    )


def _profit(
    inputs: PlanInputs, result: flow.CashFlow, rows: tuple[Row, ...], cash: flow.Cash
) -> Fraction:
    """Profit of the whole plan before drawings."""
    sales = flow.total(row.sales for row in result.rows)
    variable = flow.total(row.variable_costs for row in result.rows)
    interest = sum(row.interest for row in rows)
    at_once = sum(item.cost_units for item in inputs.investments if not item.life_months)
    fixed = flow.total(cash.fixed_costs)
    depreciation = _depreciation(inputs, inputs.months)
    return sales - variable - fixed - depreciation - interest - result.bad_debts - at_once


def _break_evens(inputs: PlanInputs, result: flow.CashFlow, cash: flow.Cash) -> BreakEvens:
    sales = round_to(flow.total(row.sales for row in result.rows))
    variable = round_to(flow.total(row.variable_costs for row in result.rows))
    fixed = flow.total(cash.fixed_costs)
    lived_on = flow.total(cash.drawings) + sum(cash.debt_service)

    why: set[str] = set()

    def form(costs: Fraction) -> measures.BreakEven | None:
        try:
            return measures.break_even(sales, variable, round_to(costs))
        except Refusal as refusal:
            why.add(refusal.code)
            return None

    return BreakEvens(
        form(fixed),
        form(fixed + _depreciation(inputs, inputs.months)),
        form(fixed + lived_on),
        round_to(fixed),
        *why,
    )


def _worth(inputs: PlanInputs, result: flow.CashFlow) -> measures.Worth:
    investments = _investments(inputs)
    flows = [Fraction(-_at_start(inputs.investments) - inputs.opening_stock_units)]
    flows += [
        row.available_for_debt - paid for row, paid in zip(result.rows, investments, strict=True)
    ]
    lasting = flow.total(item.cost_units for item in inputs.investments if item.life_months)
    book_value = lasting - _depreciation(inputs, inputs.months)
    flows[-1] += book_value + inputs.opening_stock_units + result.receivable_at_end
    rate = Fraction(0) if inputs.finance is None else Fraction(inputs.finance.rate_bps, 100)
    return measures.worth([round_to(amount) for amount in flows], rate)


def _capacity(inputs: PlanInputs, budget: household.Budget | None) -> household.Capacity | None:
    finance = inputs.finance
    if budget is None or finance is None or budget.net_cash <= 0:
        return None
    return household.repayment_capacity(
        budget.net_cash,
        inputs.capacity_percent,
        Fraction(finance.rate_bps, 100),
        finance.method,
        finance.instalments,
        finance.multiple_units,
    )


def _affordability(inputs: PlanInputs, result: flow.CashFlow) -> afford.Affordability:
    """Each month's own money against its instalment; capital is what they put in and own."""
    loan = 0 if inputs.finance is None else inputs.finance.loan_units
    months = [afford.MonthCash(f"{row.month:02}", row.available_for_debt, 0) for row in result.rows]
    due = [
        afford.MonthDue(f"{row.month:02}", row.debt_service)
        for row in result.rows
        if row.debt_service
    ]
    return afford.affordability(
        months,
        loan,
        "",
        due,
        capital=inputs.capital_units + inputs.own_cash_units + _from(inputs, Source.IN_KIND),
        liabilities=inputs.liabilities_units,
        limits=afford.Limits(
            Fraction(inputs.month_limit_percent),
            Fraction(inputs.min_capacity_percent),
            Fraction(inputs.max_indebtedness_percent),
        ),
    )


def parts_of_flow(inputs: PlanInputs) -> tuple[list[flow.Product], flow.Cash]:
    """The products and the monthly money a plan's cash flow is made of."""
    rows = () if inputs.finance is None else loans.loan_rows(inputs.finance)
    return _products(inputs), _cash(inputs, rows)


def changed_flows(
    inputs: PlanInputs, products: list[flow.Product], cash: flow.Cash
) -> Iterator[tuple[str, str, flow.CashFlow]]:
    """The usual what-ifs and her own, each with its code, name and cash flow; fixed costs,
    drawings, opening stock and instalments stay unless named.
    """
    best = flow.best_month(inputs.months, products)
    changes = {
        "QUANTITY_MINUS_10": flow.WhatIf(sales=Fraction(9, 10)),
        "QUANTITY_MINUS_20": flow.WhatIf(sales=Fraction(8, 10)),
        "PRICE_MINUS_10": flow.WhatIf(price=Fraction(9, 10)),
        "MATERIAL_PLUS_10": flow.WhatIf(material=Fraction(11, 10)),
        "FIRST_SALE_LATE": flow.WhatIf(first_sale_months_late=1),
        "BEST_MONTH_LOST": flow.WhatIf(lost_month=best),
    }
    for code, change in changes.items():
        yield code, "", flow.cash_flow(inputs.months, products, cash, change)
    if inputs.finance is not None and inputs.finance.loan_units:
        dearer = replace(inputs.finance, rate_bps=inputs.finance.rate_bps + 50)
        due = loans.by_month(loans.loan_rows(dearer), inputs.months)
        at_rate = flow.cash_flow(inputs.months, products, replace(cash, debt_service=due))
        yield "RATE_PLUS_50_BPS", "", at_rate
    for place, item in enumerate(inputs.scenarios, 1):
        own = flow.WhatIf(
            sales=Fraction(item.sales_bps, WHOLE_BPS),
            price=Fraction(item.price_bps, WHOLE_BPS),
            material=Fraction(item.material_bps, WHOLE_BPS),
            first_sale_months_late=item.months_late,
            lost_month=item.lost_month or None,
        )
        yield f"OWN_{place}", item.name, flow.cash_flow(inputs.months, products, cash, own)


def what_if_line(code: str, result: flow.CashFlow, buffer: int, name: str = "") -> WhatIfLine:
    """What a changed cash flow comes to, or the one that was planned."""
    return WhatIfLine(
        code,
        result.lowest_cash,
        result.lowest_month,
        result.months_below(buffer),
        result.plan_dscr,
        result.closing_cash,
        name,
    )
