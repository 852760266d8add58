"""From the rows of a plan to the inputs of its rules, and from a result to what is frozen."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from handup.kernel.ahead import Ahead
from handup.kernel.credit import codes
from handup.kernel.money import decimal_text, decimal_text_or_none, round_to
from handup.org.web.money import currency_digits
from handup.plans.models import (
    ActionPoint,
    CostLine,
    FinanceAsk,
    HouseholdLine,
    HouseholdSheet,
    Plan,
    PlanAnswer,
    PlanVersion,
    ProductLine,
    Screening,
)
from handup.plans.models import Investment as Thing
from handup.plans.rules.evaluate import ENGINE_VERSION, PlanResult, WhatIfLine, evaluate
from handup.plans.rules.household import MonthConvention, Section, SheetLine, Span
from handup.plans.rules.inputs import (
    BadPlan,
    CostIn,
    CostKind,
    DrawingsFrom,
    Finance,
    HorizonTooShort,
    Investment,
    PlanInputs,
    ProductIn,
    Source,
    as_json,
    fingerprint_of,
)
from handup.plans.rules.parts import Topic

Frozen = dict[str, Any]


def inputs_of(plan: Plan) -> PlanInputs:
    """Gather everything a plan is worked out from. Raises BadPlan, HorizonTooShort."""
    sheet: HouseholdSheet | None = HouseholdSheet.objects.filter(plan=plan).first()
    inputs = inputs_from(
        plan,
        sheet,
        sheet.lines.all() if sheet else (),
        plan.investments.all(),
        plan.products.all(),
        plan.costs.all(),
        FinanceAsk.objects.filter(plan=plan).first(),
    )
    screening: Screening | None = Screening.objects.filter(plan=plan).first()
    words = words_of(screening, plan.answers.all(), plan.action_points.all())
    return replace(inputs, words=words, scenarios=tuple(row.told() for row in plan.scenarios.all()))


def words_of(
    screening: Screening | None,
    answers: Iterable[PlanAnswer] = (),
    points: Iterable[ActionPoint] = (),
) -> tuple[tuple[str, str], ...]:
    """What a plan says in words, as it is frozen: a code and its text, "?" for what nobody knows.

    SCREEN.WASTE is an answer of the screening, MEASURE.WASTE what will be done about it, TOPIC.x an
    answer of a part, STEP.n a step with who and until when.
    """
    said = []
    for item in screening.screened() if screening else ():
        said.append((f"SCREEN.{item.harm.value}", item.answer.value))
        if item.measure:
            said.append((f"MEASURE.{item.harm.value}", item.measure))
    told = {row.topic: "?" if row.is_unknown else row.answer for row in answers}
    said += [(f"TOPIC.{topic.value}", told[topic.value]) for topic in Topic if topic.value in told]
    said += [
        (f"STEP.{place}", f"{point.what} | {point.who} | {point.due_date:%Y-%m-%d}")
        for place, point in enumerate(points, 1)
    ]
    return tuple(said)


def inputs_from(
    plan: Plan,
    sheet: HouseholdSheet | None,
    lines: Iterable[HouseholdLine],
    investments: Iterable[Thing],
    products: Iterable[ProductLine],
    costs: Iterable[CostLine],
    ask: FinanceAsk | None,
) -> PlanInputs:
    """The inputs from the rows of a plan, stored or not. Raises BadPlan, HorizonTooShort."""
    convention = sheet.convention if sheet else MonthConvention.DAYS_28
    return PlanInputs(
        currency=plan.currency,
        digits=currency_digits(plan.currency),
        months=plan.horizon_months,
        own_cash_units=plan.own_cash_units,
        grant_units=plan.grant_units,
        opening_stock_units=plan.opening_stock_units,
        buffer_units=plan.buffer_units,
        capital_units=plan.capital_units,
        liabilities_units=plan.liabilities_units,
        convention=MonthConvention(convention),
        miscellaneous_bps=sheet.miscellaneous_bps if sheet else 0,
        capacity_bps=plan.capacity_bps,
        drawings_from=DrawingsFrom(plan.drawings_from),
        season_bps=tuple(plan.season_bps),
        sheet=tuple(
            SheetLine(Section(line.section), Span(line.span), line.units) for line in lines
        ),
        investments=tuple(_investment(item) for item in investments),
        products=tuple(_product(line) for line in products),
        costs=tuple(CostIn(line.name, CostKind(line.kind), tuple(line.amounts)) for line in costs),
        finance=_finance(ask),
    )


def _investment(item: Thing) -> Investment:
    return Investment(
        name=item.name,
        month=item.month,
        cost_units=item.cost_units,
        source=Source(item.source),
        life_months=item.life_months,
        salvage_units=item.salvage_units,
    )


def _product(line: ProductLine) -> ProductIn:
    return ProductIn(
        name=line.name,
        price_units=line.price_units,
        material_units=line.material_units,
        labour_units=line.labour_units,
        quantities=tuple(line.quantities),
        credit_share_bps=line.credit_share_bps,
        lag_months=line.lag_months,
        bad_debt_bps=line.bad_debt_bps,
    )


def _finance(ask: FinanceAsk | None) -> Finance | None:
    if ask is None:
        return None
    return Finance(
        loan_units=ask.loan_units,
        rate_bps=ask.rate_bps,
        instalments=ask.instalments,
        grace_instalments=ask.grace_instalments,
        method=codes.Method(ask.method),
        repayment=codes.Repayment(ask.repayment),
        fee_withheld_units=ask.fee_withheld_units,
        multiple_units=ask.multiple_units,
        least_units=ask.least_units,
        most_units=ask.most_units,
        most_grace=ask.most_grace,
        instalment_unit=ask.instalment_unit,
        shares_bps=tuple(ask.shares_bps),
    )


@dataclass(frozen=True, slots=True)
class FrozenPlan:
    """A plan worked out, as a version keeps it."""

    inputs: Frozen
    results: Frozen
    sha256: str


def frozen_of(inputs: PlanInputs) -> FrozenPlan:
    """Work a plan out and freeze it; the same inputs are worked out once."""
    told, results, sha256 = _once(inputs)
    return FrozenPlan(json.loads(told), json.loads(results), sha256)


def is_as_frozen(plan: Plan, version: PlanVersion) -> bool:
    """Whether the rows of a plan still say what a version says."""
    try:
        return frozen_of(inputs_of(plan)).sha256 == version.sha256
    except (BadPlan, HorizonTooShort):
        return False


def frozen_texts(inputs: PlanInputs) -> tuple[str, str, str]:
    """Inputs and results as JSON texts, which nobody can change by accident, and the
    fingerprint."""
    results = results_of(evaluate(inputs))
    told = as_json(inputs)
    return json.dumps(told), json.dumps(results), fingerprint_of(told, ENGINE_VERSION)


ahead = Ahead(frozen_texts)
_once = lru_cache(maxsize=1024)(ahead)


def results_of(result: PlanResult) -> Frozen:
    """A result as it is stored: whole units, and ratios as decimal texts."""
    cash, worth, cost = result.cash, result.worth, result.effective_cost
    return {
        "budget": None if result.budget is None else asdict(result.budget),
        "max_instalment": None if result.capacity is None else result.capacity.max_instalment,
        "max_loan": None if result.capacity is None else result.capacity.max_loan,
        "months": [_month(row) for row in cash.rows],
        "months_in_red": list(result.months_in_red),
        "lowest_cash": cash.lowest_cash,
        "lowest_month": cash.lowest_month,
        "plan_dscr": decimal_text_or_none(cash.plan_dscr, 4),
        "lowest_dscr": decimal_text_or_none(result.lowest_dscr, 4),
        "instalments": [
            {"month": number, "principal": row.principal, "interest": row.interest}
            for number, row in enumerate(result.loan_rows, 1)
        ],
        "working_capital": round_to(result.working_capital),
        "start_up_capital": round_to(result.start_up_capital),
        "own_share": decimal_text_or_none(result.own_share, 4),
        "gap": round_to(result.gap),
        "smallest_loan": result.smallest_loan,
        "shortest_grace": result.shortest_grace,
        "profit": round_to(result.profit),
        "break_even_sales": _sales(result.break_even.fixed),
        "break_even_with_depreciation": _sales(result.break_even.with_depreciation),
        "break_even_cash": _sales(result.break_even.cash),
        "npv": worth.npv,
        "irr_percent": _decimal(worth.irr_percent, 4),
        "payback_months": decimal_text_or_none(worth.payback_periods, 4),
        "loan_cost_month_percent": None if cost is None else decimal_text(cost[0], 4),
        "loan_cost_year_percent": None if cost is None else decimal_text(cost[1], 4),
        "capacity_percent": decimal_text_or_none(result.affordability.capacity, 2),
        "indebtedness_percent": decimal_text_or_none(result.affordability.indebtedness, 2),
        "concerns": [concern.value for concern in result.affordability.concerns],
        "what_ifs": [_what_if(line) for line in result.what_ifs],
    }


def _month(row: Any) -> Frozen:
    return {
        "month": row.month,
        "sales": round_to(row.sales),
        "cash_in": round_to(row.cash_in),
        "variable_costs": round_to(row.variable_costs),
        "operating_cash": round_to(row.operating_cash),
        "available_for_debt": round_to(row.available_for_debt),
        "instalment": row.debt_service,
        "dscr": decimal_text_or_none(row.dscr, 4),
        "closing_cash": round_to(row.closing_cash),
    }


def _what_if(line: WhatIfLine) -> Frozen:
    named = {"name": line.name} if line.name else {}
    return {
        **named,
        "code": line.code,
        "lowest_cash": line.lowest_cash,
        "lowest_month": line.lowest_month,
        "months_in_red": list(line.months_in_red),
        "plan_dscr": decimal_text_or_none(line.plan_dscr, 4),
        "closing_cash": round_to(line.closing_cash),
    }


def _sales(break_even: Any) -> int | None:
    return None if break_even is None else break_even.sales


def _decimal(figure: Decimal | None, decimals: int) -> str | None:
    return None if figure is None else decimal_text(Fraction(figure), decimals)
