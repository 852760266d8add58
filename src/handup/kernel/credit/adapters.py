"""From the shared calculation vectors to the credit engine and back. Computes nothing."""

from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from handup.kernel.credit import codes
from handup.kernel.credit.dates import DuePlan
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import Terms
from handup.kernel.money import Rounding, RoundingMode

Case = Mapping[str, Any]


def _ppm(percent: str | None) -> int:
    return int(Fraction(percent or 0) * 10_000)


def _rounding(given: Case) -> Rounding:
    return Rounding(given["unit"], RoundingMode(given["mode"]))


def schedule(given: Case) -> Case:
    """`lending.schedule`."""
    due_dates = [date.fromisoformat(day) for day in given["due_dates"]]
    terms = Terms(
        currency="XXX",
        digits=given["currency_digits"],
        rate_ppm=_ppm(given["annual_rate_percent"]),
        instalments=len(due_dates) or 1,
        every=given["period"]["every"],
        unit=codes.DueUnit(given["period"]["unit"]),
        method=codes.Method(given["method"]),
        repayment=codes.Repayment(given["repayment"]),
        principal_ppm=_ppm(given["principal_percent"]),
        fixed_units=given["instalment"] or 0,
        day_count=codes.DayCount(given["day_count"]),
        annuity=codes.Annuity(given["annuity"]),
        smoothing=codes.Smoothing(given["smoothing"]),
        interest_rounding=_rounding(given["interest_rounding"]),
        principal_rounding=_rounding(given["principal_rounding"]),
        instalment_rounding=_rounding(given["instalment_rounding"]),
        grace_principal=given["grace"]["principal"],
        grace_interest_payment=given["grace"]["interest_payment"],
        grace_interest_free=given["grace"]["interest_free"],
        down_payment_ppm=_ppm(given["down_payment_percent"]),
    )
    handed = [
        Disbursement(date.fromisoformat(item["date"]), item["amount"])
        for item in given["disbursements"]
    ]
    plan = DuePlan.of(date.fromisoformat(given["first_period_from"]), due_dates)
    result = build_schedule(terms, handed, plan)
    return {
        "rows": [
            {
                "n": row.n,
                "kind": row.kind,
                "due_date": row.due_date.isoformat(),
                "principal": row.principal,
                "interest": row.interest,
                "due": row.due,
                "balance": row.balance,
            }
            for row in result.rows
        ],
        "total_interest": result.total_interest,
        "total_due": result.total_due,
    }


ADAPTERS: Mapping[str, Callable[[Case], object]] = {"lending.schedule": schedule}
