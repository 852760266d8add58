"""What lies behind the headline figures of a plan: costing of each product, break-even with its
reason, the finance that fits, and the cash of each what-if month by month."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from handup.kernel.errors import Refusal
from handup.kernel.money import RoundingMode, percent, round_to
from handup.plans.rules import evaluate as engine
from handup.plans.rules import finance as loans
from handup.plans.rules.cash_flow import MonthRow
from handup.plans.rules.inputs import Finance, PlanInputs


@dataclass(frozen=True, slots=True)
class ProductCosting:
    """One product: what one leaves, and how many pieces alone would carry the fixed costs.

    `markup_percent` is sales over purchases; `margin_percent` is of the price: two numbers that
    never share a label. None where nothing is bought, or nothing asked for it.
    """

    name: str
    price: int
    cost: int
    contribution: int
    contribution_percent: Fraction | None
    markup_percent: Fraction | None
    margin_percent: Fraction | None
    break_even_pieces: int | None


@dataclass(frozen=True, slots=True)
class FitLine:
    """A loan with its months of grace: the lowest cash it leaves, and all the interest it costs."""

    loan_units: int
    grace: int
    lowest_cash: int
    lowest_month: int
    interest: int
    fits: bool


@dataclass(frozen=True, slots=True)
class Changed:
    """A what-if month by month: cash at the end of each month, rounded."""

    code: str
    name: str
    closing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Details:
    """All of it; amounts in smallest units, ratios exact."""

    products: tuple[ProductCosting, ...]
    break_even: engine.BreakEvens
    fit: tuple[FitLine, ...]
    planned: engine.WhatIfLine
    closing: tuple[int, ...]
    changed: tuple[Changed, ...]


def details(inputs: PlanInputs) -> Details:
    """Work out what stands behind the figures of a plan."""
    result = engine.evaluate(inputs)
    products, cash = engine.parts_of_flow(inputs)
    return Details(
        products=tuple(_costing(inputs, result.break_even.fixed_costs)),
        break_even=result.break_even,
        fit=tuple(_fit(inputs, result)),
        planned=engine.what_if_line("AS_PLANNED", result.cash, inputs.buffer_units),
        closing=_closing(result.cash.rows),
        changed=tuple(
            Changed(code, name, _closing(flow.rows))
            for code, name, flow in engine.changed_flows(inputs, products, cash)
        ),
    )


def _closing(rows: tuple[MonthRow, ...]) -> tuple[int, ...]:
    return tuple(round_to(row.closing_cash) for row in rows)


def _costing(inputs: PlanInputs, fixed_costs: int) -> Iterator[ProductCosting]:
    for item in inputs.products:
        cost = item.material_units + item.labour_units
        left = item.price_units - cost
        yield ProductCosting(
            name=item.name,
            price=item.price_units,
            cost=cost,
            contribution=left,
            contribution_percent=percent(left, item.price_units),
            markup_percent=percent(item.price_units - item.material_units, item.material_units),
            margin_percent=percent(item.price_units - item.material_units, item.price_units),
            break_even_pieces=round_to(Fraction(fixed_costs, left), 1, RoundingMode.CEILING)
            if left > 0
            else None,
        )


def _fit(inputs: PlanInputs, result: engine.PlanResult) -> Iterator[FitLine]:
    """The smallest loan that fits as asked, then the asked loan with each grace of the product."""
    finance = inputs.finance
    if finance is None or not finance.loan_units:
        return
    plain = engine.without_loan(inputs, result.cash)
    asked = [replace(finance, grace_instalments=grace) for grace in _graces(finance)]
    if result.smallest_loan is not None and result.smallest_loan != finance.loan_units:
        asked.insert(0, replace(finance, loan_units=result.smallest_loan))
    for terms in asked:
        try:
            rows = loans.loan_rows(terms)
        except Refusal:
            continue
        closing = loans.closings(plain, terms, rows)
        lowest = min(closing)
        yield FitLine(
            loan_units=terms.loan_units,
            grace=terms.grace_instalments,
            lowest_cash=round_to(lowest),
            lowest_month=closing.index(lowest) + 1,
            interest=sum(row.interest for row in rows),
            fits=lowest >= inputs.buffer_units,
        )


def _graces(finance: Finance) -> list[int]:
    most = min(finance.most_grace, finance.instalments - 1)
    return sorted({finance.grace_instalments, *range(most + 1)})
