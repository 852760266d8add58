"""What the figures of a plan are shown as: facts with the reason where one is not defined, charts,
the costing of each product, the finance that fits, and the what-ifs beside the plan."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from handup.kernel.money import decimal_text, round_to
from handup.org.web.charts import Chart, Series
from handup.org.web.columns import Column, Label
from handup.org.web.money import currency_digits, format_money, format_number
from handup.org.web.pages import Fact, FactGroup, State, Table, Tone
from handup.plans.models import Plan
from handup.plans.rules.details import Changed, Details
from handup.plans.shown import Results, cover, reason, shown, what_if_name


def money(units: int | None, plan: Plan) -> str:
    """An amount in the plan's currency; a dash where it is not defined."""
    return "–" if units is None else format_money(units, plan.currency)


def percent_text(value: Fraction | None, decimals: int) -> str:
    """A share in percent; a dash where it is not defined."""
    return "–" if value is None else shown(decimal_text(value, decimals), decimals)


def worth(plan: Plan, results: Results, details: Details) -> FactGroup:
    """What the plan comes to; what is not defined says why."""

    def amount(label: Label, name: str) -> Fact:
        units = results[name]
        return Fact(label, reason(name, results) if units is None else money(units, plan))

    def number(label: Label, name: str, decimals: int) -> Fact:
        return Fact(label, reason(name, results) or shown(results[name], decimals))

    fixed = details.break_even.fixed
    below = [str(row["month"]) for row in results["months"] if _short(row)]
    return FactGroup(
        _("What it comes to"),
        [
            amount(_("Needed to start"), "start_up_capital"),
            amount(_("Of it missing"), "gap"),
            amount(_("Profit before living costs"), "profit"),
            amount(_("Breaks even at sales of"), "break_even_sales"),
            amount(_("Breaks even, wear and tear counted, at"), "break_even_with_depreciation"),
            amount(
                _("Breaks even in cash, living costs and instalments counted, at"),
                "break_even_cash",
            ),
            Fact(
                _("Sales may fall before it loses, percent"),
                reason("break_even_sales", results)
                if fixed is None
                else percent_text(fixed.margin_of_safety_percent, 2),
            ),
            number(_("Cover of the instalments"), "plan_dscr", 4),
            Fact(
                _("Months whose own money does not cover the instalment"),
                ", ".join(below) or _("none"),
            ),
            number(_("Paid back after months"), "payback_months", 1),
            amount(_("Worth today of all that comes and goes"), "npv"),
            number(_("Earns a month, percent"), "irr_percent", 4),
            number(_("Debts beside what they own, percent"), "indebtedness_percent", 2),
        ],
    )


def _short(row: Mapping[str, Any]) -> bool:
    return row["dscr"] is not None and row["available_for_debt"] < row["instalment"]


def _cell(plan: Plan, name: str, label: Label) -> Column:
    return Column(
        name,
        label,
        "money",
        value=lambda row: row[name] if isinstance(row, dict) else getattr(row, name),
        currency=plan.currency,
    )


def months(plan: Plan, results: Results) -> Table:
    """The months, red ones marked."""
    red = set(results["months_in_red"])
    return Table(
        _("Month by month"),
        (
            Column("month", _("Month"), "number", value=lambda row: row["month"]),
            _cell(plan, "cash_in", _("Comes in")),
            _cell(plan, "variable_costs", _("Materials and goods")),
            _cell(plan, "available_for_debt", _("Left for instalments")),
            _cell(plan, "instalment", _("Instalment")),
            Column("dscr", _("Cover"), value=lambda row: cover(row["dscr"])),
            _cell(plan, "closing_cash", _("Cash at the end")),
            Column(
                "red",
                _("Note"),
                "state",
                value=lambda row: State(_("in the red"), Tone.BAD) if row["month"] in red else None,
            ),
        ),
        results["months"],
    )


def what_ifs(plan: Plan, results: Results) -> Table:
    """The plan as it is, and below it each what-if."""
    base = {
        "code": "AS_PLANNED",
        "lowest_cash": results["lowest_cash"],
        "lowest_month": results["lowest_month"],
        "months_in_red": results["months_in_red"],
        "plan_dscr": results["plan_dscr"],
        "closing_cash": results["months"][-1]["closing_cash"],
    }
    return Table(
        _("What if …"),
        (
            Column(
                "code",
                _("Change"),
                value=lambda row: what_if_name(row["code"], row.get("name", "")),
            ),
            _cell(plan, "lowest_cash", _("Lowest cash")),
            Column("lowest_month", _("In month"), "number", value=lambda r: r["lowest_month"]),
            Column(
                "months_in_red",
                _("Months in the red"),
                value=lambda row: ", ".join(map(str, row["months_in_red"])) or _("none"),
            ),
            Column("plan_dscr", _("Cover"), value=lambda row: cover(row["plan_dscr"])),
            _cell(plan, "closing_cash", _("Cash at the end")),
        ),
        [base, *results["what_ifs"]],
    )


def product_table(plan: Plan, details: Details) -> Table:
    """What each product leaves; mark-up and margin are two numbers with two names."""
    return Table(
        _("What each product leaves"),
        (
            Column("name", _("Product")),
            _cell(plan, "price", _("Price")),
            _cell(plan, "cost", _("Material and piece labour")),
            _cell(plan, "contribution", _("Leaves")),
            Column(
                "share",
                _("Leaves, percent of the price"),
                value=lambda row: percent_text(row.contribution_percent, 2),
            ),
            Column(
                "markup",
                _("Mark-up on what is bought, percent"),
                value=lambda row: percent_text(row.markup_percent, 1),
            ),
            Column(
                "margin",
                _("Margin on the price, percent"),
                value=lambda row: percent_text(row.margin_percent, 1),
            ),
            Column(
                "pieces",
                _("Pieces that alone carry the fixed costs"),
                value=lambda row: (
                    _("never")
                    if row.break_even_pieces is None
                    else format_number(row.break_even_pieces)
                ),
            ),
        ),
        details.products,
    )


def fit_table(plan: Plan, details: Details) -> Table:
    """Which loan and which grace fits, with the lowest cash and the interest of each."""
    return Table(
        _("Which loan fits"),
        (
            _cell(plan, "loan_units", _("Loan")),
            Column("grace", _("Months of grace"), "number"),
            _cell(plan, "lowest_cash", _("Lowest cash")),
            Column("lowest_month", _("In month"), "number"),
            _cell(plan, "interest", _("Interest in all")),
            Column(
                "fits",
                _("Fits"),
                "state",
                value=lambda row: (
                    State(_("fits"), Tone.GOOD)
                    if row.fits
                    else State(_("a month runs dry"), Tone.BAD)
                ),
            ),
        ),
        details.fit,
    )


def worst(details: Details) -> Changed | None:
    """The what-if that digs deepest."""
    return min(details.changed, key=lambda item: min(item.closing), default=None)


def cash_chart(plan: Plan, results: Results, details: Details) -> Chart:
    """Cash at the end of each month as planned, and in the what-if that digs deepest."""
    red = results["months_in_red"]
    title = (
        _("The cash does not last in month %(m)s.") % {"m": ", ".join(map(str, red))}
        if red
        else _("The cash lasts in every month.")
    )
    lines = [Series(_("as planned"), _main(details.closing, plan))]
    deepest = worst(details)
    if deepest is not None:
        name = what_if_name(deepest.code, deepest.name)
        lines.append(Series(_("if %(change)s") % {"change": name}, _main(deepest.closing, plan)))
    return Chart(
        title=title,
        units=_("Cash at the end of the month, %(currency)s") % {"currency": plan.currency},
        source=_source(plan),
        points=[str(row["month"]) for row in results["months"]],
        series=lines,
    )


def cover_chart(plan: Plan, results: Results) -> Chart:
    """What a month leaves for instalments beside the instalment."""
    rows = results["months"]
    due = [row for row in rows if row["instalment"]]
    short = sum(_short(row) for row in due)
    title = _("In %(n)d of %(all)d months with an instalment the month's own money covers it.") % {
        "n": len(due) - short,
        "all": len(due),
    }
    return Chart(
        title=title,
        units=_("A month, %(currency)s") % {"currency": plan.currency},
        source=_source(plan),
        points=[str(row["month"]) for row in rows],
        series=[
            Series(_("left for instalments"), _main([r["available_for_debt"] for r in rows], plan)),
            Series(_("instalment"), _main([r["instalment"] for r in rows], plan)),
        ],
    )


def _main(units: Sequence[int], plan: Plan) -> list[int]:
    """Amounts in whole main units, as fine as a line can show."""
    main = 10 ** currency_digits(plan.currency)
    return [round_to(Fraction(amount, main)) for amount in units]


def _source(plan: Plan) -> str:
    return _("business plan %(number)s") % {"number": plan.number}
