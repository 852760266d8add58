"""From the shared calculation vectors to the rules of cooperatives and associations and back.
Computes nothing."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from handup.groups.rules import dividend as earned
from handup.groups.rules import grading as cards
from handup.groups.rules import milk
from handup.groups.rules import surplus as yearly
from handup.groups.rules.dues import standing_on
from handup.kernel.money import decimal_text, decimal_text_or_none

Case = Mapping[str, Any]


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def surplus(given: Case) -> Case:
    """`groups.surplus`."""
    rows = [
        yearly.SurplusRow(
            fund=line["fund"],
            percent=Fraction(line["percent"]),
            least=_fraction(line["min_percent"]),
            most=_fraction(line["max_percent"]),
            least_first_years=_fraction(line["min_percent_first_years"]),
            first_years=line["first_years"],
        )
        for line in given["lines"]
    ]
    result = yearly.allocate_surplus(given["net_surplus"], given["year"], rows)
    return {
        "lines": [
            {"fund": row.fund, "amount": amount}
            for row, amount in zip(rows, result.amounts, strict=True)
        ],
        "remaining": result.remaining,
    }


def patronage(given: Case) -> Case:
    """`groups.patronage`."""
    members = given["members"]
    result = yearly.refund_by_use(
        net_surplus=given["net_surplus"],
        from_non_members=given["from_non_members"],
        cash_share=Fraction(given["cash_percent"]) / 100,
        patrons=[
            yearly.Patron(Fraction(member["use"]), member["unpaid_share_capital"])
            for member in members
        ],
    )
    return {
        "pool": result.pool,
        "rate_per_unit": decimal_text(result.rate, 6),
        "members": [
            {
                "member": member["member"],
                "refund": line.refund,
                "to_share_capital": line.to_shares,
                "cash": line.cash,
                "kept_for_member": line.kept,
            }
            for member, line in zip(members, result.refunds, strict=True)
        ],
    }


def dues(given: Case) -> Case:
    """`groups.dues`."""
    standing = standing_on(
        date.fromisoformat(given["today"]),
        joined=date.fromisoformat(given["joined_date"]),
        day_limit=given["day_limit"],
        years_paid=given["yearly_dues_paid"],
        drop_after_days=given["drop_after_days"],
    )
    return {
        "due_date": standing.due_date.isoformat(),
        "days_overdue": standing.days_overdue,
        "may_vote": standing.may_vote,
        "may_be_dropped": standing.may_be_dropped,
    }


def grading(given: Case) -> Case:
    """`groups.grading`."""
    graded = cards.grade_card(
        [
            cards.Criterion(
                Fraction(item["max_points"]), _fraction(item["points"]), cards.Mark(item["status"])
            )
            for item in given["criteria"]
        ],
        [
            cards.Band(
                band["grade"],
                Fraction(band["from"]),
                Fraction(band["to"]),
                band["from_included"],
                band["to_included"],
            )
            for band in given["bands"]
        ],
        rounding=cards.CardRounding(given["rounding"]),
        eligible_from=Fraction(given["eligible_from"]),
    )
    return {
        "points": decimal_text(graded.points, 2),
        "max_points": decimal_text(graded.most, 2),
        "percent": decimal_text(graded.percent, 2),
        "grade": graded.grade,
        "eligible": graded.is_eligible,
    }


def dividend(given: Case) -> Case:
    """`groups.dividend`."""
    members = given["members"]
    moves = [
        [
            earned.Move(date.fromisoformat(move["date"]), move["change"])
            for move in member["movements"]
        ]
        for member in members
    ]
    terms = earned.Terms(
        method=earned.Method(given["method"]),
        period=earned.Period(
            date.fromisoformat(given["period_from"]), date.fromisoformat(given["period_to"])
        ),
        share_price=given["share_price"],
        min_months=given["min_months"],
        tax=Fraction(given["tax_percent"]) / 100,
    )
    if given["rate_percent"] is None:
        cap = given["cap_percent"]
        result = earned.from_pool(
            given["available"], moves, terms, cap=None if cap is None else Fraction(cap) / 100
        )
    else:
        result = earned.at_rate(Fraction(given["rate_percent"]) / 100, moves, terms)
    return {
        "pool": result.pool,
        "not_distributed": result.not_distributed,
        "members": [
            {
                "member": member["member"],
                "weight": line.weight,
                "amount": line.amount,
                "tax": line.tax,
                "net": line.net,
            }
            for member, line in zip(members, result.earnings, strict=True)
        ],
    }


def milk_pay(given: Case) -> Case:
    """`groups.milk_pay`."""
    told = given["chart"]
    chart = milk.RateChart(
        pricing=milk.Pricing(told["pricing"]),
        per_litre=_fraction(told["price_per_litre"]),
        per_fat_point=_fraction(told["price_per_fat_point"]),
        fat_per_kg=_fraction(told["fat_price_per_kg"]),
        snf_per_kg=_fraction(told["snf_price_per_kg"]),
        kg_per_litre=_fraction(told["kg_per_litre"]),
        snf_lactometer=_fraction(told["snf_lactometer"]),
        snf_fat=_fraction(told["snf_fat"]),
        snf_constant=_fraction(told["snf_constant"]),
    )
    cans = [
        milk.Can(
            litres=Fraction(line["litres"]),
            passed=line["test"] == "PASS",
            fat=_fraction(line["fat_percent"]),
            lactometer=_fraction(line["lactometer"]),
            snf=_fraction(line["snf_percent"]),
        )
        for line in given["lines"]
    ]
    slip = milk.make_payslip(
        cans,
        chart,
        deductions=[deduction["due"] for deduction in given["deductions"]],
        take_home=Fraction(given["take_home_percent"]) / 100,
    )
    return {
        "lines": [
            {
                "snf_percent": decimal_text_or_none(can.snf, 2),
                "payable_litres": decimal_text(can.payable_litres, 2),
                "amount": can.amount,
            }
            for can in slip.cans
        ],
        "gross": slip.gross,
        "deductions": [
            {"kind": deduction["kind"], "taken": line.taken, "carried": line.carried}
            for deduction, line in zip(given["deductions"], slip.deductions, strict=True)
        ],
        "net": slip.net,
        "gate": _gate(given["gate"], cans),
    }


def _gate(told: Case | None, cans: list[milk.Can]) -> Case | None:
    if told is None:
        return None
    gate = milk.check_gate(cans, Fraction(told["litres"]), Fraction(told["tolerance_percent"]))
    return {
        "declared_litres": decimal_text(gate.declared, 2),
        "difference_litres": decimal_text(gate.difference, 2),
        "difference_percent": decimal_text_or_none(gate.percent, 2),
        "status": "WITHIN_TOLERANCE" if gate.is_within else "OUT_OF_TOLERANCE",
    }


ADAPTERS: Mapping[str, Callable[[Case], object]] = {
    "groups.surplus": surplus,
    "groups.patronage": patronage,
    "groups.dues": dues,
    "groups.grading": grading,
    "groups.dividend": dividend,
    "groups.milk_pay": milk_pay,
}
