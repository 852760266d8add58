"""Tables about a figure of money in several currencies: what each comes to, and which rates were
used or are missing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from babel.numbers import format_decimal
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import decimal_text
from handup.org.web.lists import Column, Kind
from handup.org.web.money import current_locale, format_day, format_money
from handup.org.web.pages import Table
from handup.results.price_gaps import PriceGap

RATE_DECIMALS, OF_SMALL = 4, 8
"""Decimals of a rate, and of one below one."""


@dataclass(frozen=True, slots=True)
class Amount:
    """One currency of a figure: what was counted in it, and of what."""

    name: str
    counted: str
    whole: str


@dataclass(frozen=True, slots=True)
class Used:
    """The rates of one currency: of how many days, from when to when, between what."""

    currency: str
    count: int
    first: date
    last: date
    low: Fraction
    high: Fraction
    sources: str


def conversion_tables(told: Mapping[str, Any] | None) -> list[Table]:
    """The tables of a figure whose amounts are in other currencies than the programme's; none for
    one whose are not. `told`: as `report.conversion_json` tells it.
    """
    if not told:
        return []
    tables = [_amounts(told)]
    if told["rates"]:
        tables.append(_rates(told))
    if told["missing"]:
        tables.append(_missing(told))
    return tables


def price_gap_tables(gaps: Sequence[PriceGap]) -> list[Table]:
    """The months of a figure without a price index; none where none is missing."""
    columns = (Column("words", _("What is missing"), value=lambda gap: gap.words),)
    return [Table(_("Price indexes that are missing"), columns, gaps)] if gaps else []


def _amounts(told: Mapping[str, Any]) -> Table:
    rows = [
        Amount(
            one["currency"],
            format_money(one["numerator"], one["currency"]),
            "" if one["denominator"] is None else format_money(one["denominator"], one["currency"]),
        )
        for one in told["sums"]
    ]
    if told["numerator"] is not None:
        name = gettext("All in %(currency)s, each at the rate of its day") % told
        rows.append(Amount(name, format_money(told["numerator"], told["currency"]), ""))
    columns = [
        Column("name", _("Currency")),
        Column("counted", _("Amount"), Kind.FIGURE),
    ]
    if any(row.whole for row in rows):
        columns.append(Column("whole", _("Of"), Kind.FIGURE))
    return Table(_("In each currency"), tuple(columns), rows)


def _rates(told: Mapping[str, Any]) -> Table:
    held: dict[str, list[tuple[date, Fraction, str]]] = {}
    for currency, day, rate, source in told["rates"]:
        held.setdefault(currency, []).append((date.fromisoformat(day), Fraction(rate), source))
    rows = [
        Used(
            currency,
            len(used),
            min(day for day, _rate, _source in used),
            max(day for day, _rate, _source in used),
            min(rate for _day, rate, _source in used),
            max(rate for _day, rate, _source in used),
            "; ".join(sorted({source for _day, _rate, source in used})),
        )
        for currency, used in sorted(held.items())
    ]

    def between(row: Used) -> str:
        ends = dict.fromkeys(
            decimal_text(rate, RATE_DECIMALS if rate >= 1 else OF_SMALL)
            for rate in (row.low, row.high)
        )
        return " – ".join(
            format_decimal(Decimal(text), locale=current_locale(), decimal_quantization=False)
            for text in ends
        )

    def days(row: Used) -> str:
        ends = dict.fromkeys((row.first, row.last))
        return " – ".join(format_day(day) for day in ends)

    return Table(
        gettext("Rates used (for one %(currency)s)") % told,
        (
            Column("currency", _("Currency")),
            Column("count", _("Rates"), Kind.NUMBER),
            Column("days", _("Days"), value=days),
            Column("between", _("Rate"), value=between),
            Column("sources", _("Where they were read")),
        ),
        rows,
    )


def _missing(told: Mapping[str, Any]) -> Table:
    held: dict[str, list[date]] = {}
    for currency, day in told["missing"]:
        held.setdefault(currency, []).append(date.fromisoformat(day))

    def days(pair: tuple[str, Sequence[date]]) -> str:
        return " – ".join(format_day(day) for day in dict.fromkeys((pair[1][0], pair[1][-1])))

    return Table(
        _("Rates that are missing: add them among the exchange rates"),
        (
            Column("currency", _("Currency"), value=lambda pair: pair[0]),
            Column("days", _("Days"), value=days),
            Column("count", _("How many days"), Kind.NUMBER, value=lambda pair: len(pair[1])),
        ),
        sorted(held.items()),
    )
