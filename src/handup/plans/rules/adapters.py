"""From the shared calculation vectors to the rules of a plan and back. Computes nothing."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

from handup.kernel.credit.codes import Method
from handup.kernel.money import decimal_text, decimal_text_or_none, round_to
from handup.plans.rules import affordability as afford
from handup.plans.rules import cash_flow as flow
from handup.plans.rules import household, measures

Case = Mapping[str, Any]


def household_budget(given: Case) -> Case:
    """`plans.household_budget`."""
    lines = [
        household.SheetLine(
            household.Section(item["section"]), household.Span(item["period"]), item["amount"]
        )
        for item in given["items"]
    ]
    convention = household.MonthConvention(given["month"])
    percent = Fraction(given["miscellaneous_percent"])
    return asdict(household.household_budget(lines, convention, percent))


def repayment_capacity(given: Case) -> Case:
    """`plans.repayment_capacity`."""
    return asdict(
        household.repayment_capacity(
            given["net_cash"],
            Fraction(given["capacity_percent"]),
            Fraction(given["rate_percent"]),
            Method(given["method"]),
            given["instalments"],
            given["loan_unit"],
        )
    )


def affordability(given: Case) -> Case:
    """`plans.affordability`."""
    result = afford.affordability(
        [afford.MonthCash(**month) for month in given["months"]],
        given["loan"],
        given["loan_month"],
        [afford.MonthDue(item["month"], item["amount"]) for item in given["instalments"]],
        capital=given["capital"],
        liabilities=given["liabilities"],
        limits=afford.Limits(**{name: Fraction(text) for name, text in given["limits"].items()}),
        count_loan_as_income=given["count_loan_as_income"],
    )
    return {
        "months": [
            {
                "month": test.month,
                "cumulative": test.cumulative,
                "due": test.due,
                "left": test.left,
                "percent_of_cumulative": decimal_text_or_none(test.share, 1),
            }
            for test in result.months
        ],
        "capacity_percent": decimal_text_or_none(result.capacity, 2),
        "indebtedness_percent": decimal_text_or_none(result.indebtedness, 2),
        "flags": [concern.value for concern in result.concerns],
    }


def _product(given: Case) -> flow.Product:
    return flow.Product(
        name=given["product"],
        price=Fraction(given["price"]),
        material=Fraction(given["material"]),
        labour=Fraction(given["labour"]),
        quantities=tuple(Fraction(quantity) for quantity in given["quantities"]),
        credit_share=Fraction(given["credit_percent"]) / 100,
    )


def cash_flow(given: Case) -> Case:
    """`plans.cash_flow`."""
    names = ("fixed_costs", "other", "drawings", "debt_service")
    keys = ("fixed_costs", "other_cash", "drawings", "debt_service")
    amounts = {name: tuple(given[key]) for name, key in zip(names, keys, strict=True)}
    result = flow.cash_flow(
        given["months"],
        [_product(item) for item in given["products"]],
        flow.Cash(opening=given["opening_cash"], **amounts),
        flow.WhatIf(
            sales=Fraction(given["what_if"]["sales_percent"]) / 100,
            material=Fraction(given["what_if"]["material_percent"]) / 100,
            first_sale_months_late=given["what_if"]["first_sale_months_late"],
        ),
    )
    return {
        "rows": [
            {
                "month": row.month,
                "sales": round_to(row.sales),
                "cash_in": round_to(row.cash_in),
                "operating_cash": round_to(row.operating_cash),
                "available_for_debt": round_to(row.available_for_debt),
                "debt_service": row.debt_service,
                "dscr": decimal_text_or_none(row.dscr, 4),
                "closing_cash": round_to(row.closing_cash),
            }
            for row in result.rows
        ],
        "lowest_cash": result.lowest_cash,
        "lowest_month": result.lowest_month,
        "months_below_zero": list(result.months_below()),
        "months_dscr_below_1": list(result.months_dscr_below_1),
        "plan_dscr": decimal_text_or_none(result.plan_dscr, 4),
        "receivable_at_end": round_to(result.receivable_at_end),
    }


def break_even(given: Case) -> Case:
    """`plans.break_even`."""
    names = ("sales", "variable_costs", "fixed_costs", "price", "variable_per_unit")
    result = measures.break_even(*(given[name] for name in names))
    return {
        "contribution_percent": decimal_text(result.contribution_percent, 4),
        "break_even_sales": result.sales,
        "break_even_units": result.units,
        "margin_of_safety_percent": decimal_text(result.margin_of_safety_percent, 2),
        "reached": result.reached,
    }


def npv_irr(given: Case) -> Case:
    """`plans.npv_irr`."""
    result = measures.worth(given["flows"], Fraction(given["rate_percent"]))
    irr = None if result.irr_percent is None else Fraction(result.irr_percent)
    return {
        "npv": result.npv,
        "irr_percent": decimal_text_or_none(irr, 4),
        "irr_defined": result.irr_percent is not None,
        "payback_periods": decimal_text_or_none(result.payback_periods, 4),
    }


def price_check(given: Case) -> Case:
    """`plans.price_check`."""
    names = ("area_percent_from", "area_percent_to", "used_percent")
    result = measures.price_check(
        given["sales"], given["purchases"], *(Fraction(given[name]) for name in names)
    )
    return {
        "markup_percent": decimal_text(result.markup_percent, 1),
        "margin_percent": decimal_text_or_none(result.margin_percent, 1),
        "flag": result.flag.value,
        "sales_accepted": result.sales_accepted,
    }


def chain_margins(given: Case) -> Case:
    """`plans.chain_margins`."""
    names = ("price", "own_cost", "loss_percent")
    actors = [
        measures.Actor(item["actor"], *(Fraction(item[name]) for name in names))
        for item in given["actors"]
    ]
    return {
        "actors": [
            {
                "actor": item.name,
                "buying_cost": decimal_text(item.buying_cost, 2),
                "net_margin": decimal_text(item.net_margin, 2),
                "net_margin_percent": decimal_text_or_none(item.net_margin_percent, 1),
                "marketing_margin": decimal_text(item.marketing_margin, 2),
                "share_of_final_percent": decimal_text_or_none(item.share_of_final_percent, 1),
            }
            for item in measures.chain_margins(actors)
        ]
    }


ADAPTERS: Mapping[str, Callable[[Case], object]] = {
    "plans.affordability": affordability,
    "plans.break_even": break_even,
    "plans.cash_flow": cash_flow,
    "plans.chain_margins": chain_margins,
    "plans.household_budget": household_budget,
    "plans.npv_irr": npv_irr,
    "plans.price_check": price_check,
    "plans.repayment_capacity": repayment_capacity,
}
