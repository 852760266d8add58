"""The cash of an enterprise month by month, with credit sales and what-ifs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm
from typing import NamedTuple

from handup.kernel.money import ratio, round_to

FULL = Fraction(1)
NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Product:
    """What is made or sold: smallest units a piece, pieces a month, and how customers pay.

    `credit_share` of the sales is paid `lag_months` later, less `bad_debt_share` of it.
    """

    name: str
    price: Fraction
    material: Fraction
    labour: Fraction
    quantities: tuple[Fraction, ...]
    credit_share: Fraction = NOTHING
    lag_months: int = 1
    bad_debt_share: Fraction = NOTHING


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A change of circumstances: factors of 1, months of delay, a month without any sale."""

    sales: Fraction = FULL
    price: Fraction = FULL
    material: Fraction = FULL
    first_sale_months_late: int = 0
    lost_month: int | None = None


AS_PLANNED = WhatIf()
AVAILABLE, CLOSING = 4, 5


@dataclass(frozen=True, slots=True)
class Cash:
    """The monthly money of a plan besides its products, one amount a month."""

    opening: int
    fixed_costs: tuple[Fraction | int, ...]
    other: tuple[Fraction | int, ...]
    drawings: tuple[Fraction | int, ...]
    debt_service: tuple[int, ...]
    investments: tuple[int, ...] = ()
    finance_in: tuple[int, ...] = ()


class MonthRow(NamedTuple):
    """One month; amounts exact."""

    month: int
    sales: Fraction
    variable_costs: Fraction
    cash_in: Fraction
    operating_cash: Fraction
    available_for_debt: Fraction
    debt_service: int
    closing_cash: Fraction

    @property
    def dscr(self) -> Fraction | None:
        """Cash available for debt service over the instalment, None when nothing is due."""
        return ratio(self.available_for_debt, self.debt_service)


@dataclass(frozen=True)
class CashFlow:
    """All months of a plan and what they come to.

    Kept in whole numbers over one denominator, `scale`: of a what-if only the closing cash and what
    is available for debt are asked for, so the months are written out as fractions on first use.
    """

    scale: int
    months: tuple[tuple[int, ...], ...]
    """A month: sales, variable costs, cash in, operating cash, available for debt, closing cash."""
    debt_service: tuple[int, ...]
    receivable_at_end: Fraction
    bad_debts: Fraction = NOTHING

    @cached_property
    def rows(self) -> tuple[MonthRow, ...]:
        """The months one by one, exact."""
        scale = self.scale
        return tuple(
            MonthRow(
                month=place,
                sales=Fraction(month[0], scale),
                variable_costs=Fraction(month[1], scale),
                cash_in=Fraction(month[2], scale),
                operating_cash=Fraction(month[3], scale),
                available_for_debt=Fraction(month[AVAILABLE], scale),
                debt_service=debt,
                closing_cash=Fraction(month[CLOSING], scale),
            )
            for place, (month, debt) in enumerate(
                zip(self.months, self.debt_service, strict=True), 1
            )
        )

    @property
    def closing_cash(self) -> Fraction:
        """What is left after the last month."""
        return Fraction(self.months[-1][CLOSING], self.scale)

    @property
    def lowest_cash(self) -> int:
        """The lowest closing cash, rounded."""
        return round_to(Fraction(min(month[CLOSING] for month in self.months), self.scale))

    @property
    def lowest_month(self) -> int:
        """The first month with the lowest closing cash."""
        closing = [month[CLOSING] for month in self.months]
        return closing.index(min(closing)) + 1

    def months_below(self, buffer: int = 0) -> tuple[int, ...]:
        """The months in the red: closing cash below the buffer."""
        least = buffer * self.scale
        return tuple(place for place, month in enumerate(self.months, 1) if month[CLOSING] < least)

    @property
    def months_dscr_below_1(self) -> tuple[int, ...]:
        """Months whose own cash does not cover their instalment."""
        return tuple(row.month for row in self.rows if row.dscr is not None and row.dscr < 1)

    @property
    def plan_dscr(self) -> Fraction | None:
        """Σ available ÷ Σ instalments over all months, also those with nothing due."""
        return ratio(
            Fraction(sum(month[AVAILABLE] for month in self.months), self.scale),
            sum(self.debt_service),
        )


@dataclass(frozen=True, slots=True)
class _Line:
    """A product in whole numbers over one denominator: pieces a month, and amounts of one piece."""

    pieces: tuple[int, ...]
    price: int
    cost: int
    now: int
    later: int
    bad: int
    lag: int
    denominator: int


def _line(product: Product, months: int, what_if: WhatIf) -> _Line:
    price = product.price * what_if.price
    later = price * product.credit_share * (1 - product.bad_debt_share)
    amounts = (
        price,
        product.material * what_if.material + product.labour,
        price * (1 - product.credit_share),
        later,
        price * product.credit_share * product.bad_debt_share,
    )
    pieces = [_quantity(product, month, what_if) for month in range(1, months + 1)]
    whole = lcm(*(amount.denominator for amount in amounts))
    parts = lcm(*(count.denominator for count in pieces))
    price_, cost, now, later_, bad = (_over(amount, whole) for amount in amounts)
    return _Line(
        tuple(_over(count, parts) for count in pieces),
        price_,
        cost,
        now,
        later_,
        bad,
        product.lag_months,
        whole * parts,
    )


def _over(x: Fraction | int, denominator: int) -> int:
    """The numerator of x over a denominator that its own divides."""
    return x.numerator * (denominator // x.denominator)


def _quantity(product: Product, month: int, what_if: WhatIf) -> Fraction:
    place = month - 1 - what_if.first_sale_months_late
    if place < 0 or place >= len(product.quantities) or month == what_if.lost_month:
        return NOTHING
    return product.quantities[place] * what_if.sales


def cash_flow(
    months: int, products: Sequence[Product], cash: Cash, what_if: WhatIf = AS_PLANNED
) -> CashFlow:
    """Months 1 to `months`. Exact; figures are rounded where they are shown."""
    lines = [_line(product, months, what_if) for product in products]
    monthly = (*cash.fixed_costs, *cash.other, *cash.drawings)
    scale = lcm(*(line.denominator for line in lines), *(x.denominator for x in monthly))
    closing = cash.opening * scale
    rows: list[tuple[int, ...]] = []
    receivable = bad = 0
    for place in range(months):
        sales = variable = cash_in = 0
        for line in lines:
            step, pieces = scale // line.denominator, line.pieces[place]
            sales += pieces * line.price * step
            variable += pieces * line.cost * step
            cash_in += pieces * line.now * step
            bad += pieces * line.bad * step
            if place >= line.lag:
                cash_in += line.pieces[place - line.lag] * line.later * step
            if place + line.lag >= months:
                receivable += pieces * line.later * step
        operating = (
            cash_in
            - variable
            - _over(cash.fixed_costs[place], scale)
            + _over(cash.other[place], scale)
        )
        available = operating - _over(cash.drawings[place], scale)
        debt = cash.debt_service[place]
        moved = _at(cash.finance_in, place) - _at(cash.investments, place) - debt
        closing += available + moved * scale
        rows.append((sales, variable, cash_in, operating, available, closing))
    return CashFlow(
        scale=scale,
        months=tuple(rows),
        debt_service=tuple(cash.debt_service[:months]),
        receivable_at_end=Fraction(receivable, scale),
        bad_debts=Fraction(bad, scale),
    )


def _at(amounts: Sequence[int], place: int) -> int:
    return amounts[place] if place < len(amounts) else 0


def total(amounts: Iterable[Fraction | int]) -> Fraction:
    """An exact sum."""
    return NOTHING + sum(amounts)


def best_month(months: int, products: Sequence[Product]) -> int:
    """The first month with the highest planned sales."""
    sales = [
        total(_quantity(product, month, AS_PLANNED) * product.price for product in products)
        for month in range(1, months + 1)
    ]
    return sales.index(max(sales)) + 1
