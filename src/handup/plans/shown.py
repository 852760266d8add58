"""How the figures of a plan are said, on a page and on paper, and why one is not there."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from handup.org.web.money import format_day, format_money, format_number
from handup.plans.models import FinanceAsk
from handup.plans.models.labels import WHAT_IF

Results = Mapping[str, Any]


def shown(value: str | None, decimals: int, rounding: str = ROUND_HALF_UP) -> str:
    """A computed decimal as people read it; a dash where it is not defined."""
    if value is None:
        return "–"
    return format_number(Decimal(value).quantize(Decimal(10) ** -decimals, rounding))


def cover(value: str | None) -> str:
    """How often cash covers the instalments, rounded down: what falls short never looks enough."""
    return shown(value, 2, ROUND_FLOOR)


def reason(name: str, results: Results) -> str:
    """Why a figure is not defined, in words; empty when it is."""
    if results.get(name) is not None:
        return ""
    if name.startswith("break_even"):
        nothing = not any(row["sales"] for row in results["months"])
        return (
            _("not defined: nothing is sold")
            if nothing
            else _("never breaks even: what is sold does not cover its own costs")
        )
    return {
        "payback_months": _("not defined: it is not paid back within the plan"),
        "irr_percent": _("not defined: the money does not turn from out to in exactly once"),
        "plan_dscr": _("not defined: no instalment falls due"),
        "indebtedness_percent": _("not defined: nothing is owned against it"),
        "capacity_percent": _("not defined: no instalment falls due"),
        "max_instalment": _("not defined: nothing is left of a month, or there is no sheet"),
        "loan_cost_year_percent": _("not defined: nothing is borrowed"),
        "smallest_loan": _("none: no loan of this product keeps every month above its limit"),
        "shortest_grace": _("none: no grace of this product keeps every month above its limit"),
    }.get(name, _("not defined"))


def what_if_name(code: str, name: str = "") -> str:
    """What a what-if is called: its own name, or the usual one."""
    if code == "AS_PLANNED":
        return _("as planned")
    return name or str(WHAT_IF[code])


def foreign_words(ask: FinanceAsk) -> str:
    """A loan in other money: how much, at which rate, of which day; nothing for the plan's own."""
    if ask.foreign_units is None or ask.rate_numerator is None or ask.rate_date is None:
        return ""
    told = _("%(loan)s at %(rate)s of %(day)s %(source)s") % {
        "loan": format_money(ask.foreign_units, ask.currency),
        "rate": format(Decimal(ask.rate_numerator).scaleb(-10).normalize(), "f"),
        "day": format_day(ask.rate_date),
        "source": ask.rate_source,
    }
    return told.strip()
