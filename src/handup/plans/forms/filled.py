"""What a form holds when it is opened: the parts of a plan as they stand."""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

from handup.kernel.money import WHOLE_BPS
from handup.org.web.money import as_decimal, currency_digits
from handup.plans.forms.parts import COSTS, MONEY, PRODUCTS, THINGS, USUAL_LINES
from handup.plans.models import FinanceAsk, HouseholdSheet, Plan
from handup.plans.rules.household import Section
from handup.plans.rules.inputs import THOUSAND
from handup.projects.rates import RATE_ONE


def shown(units: int | None, plan: Plan) -> str:
    """An amount as it is typed; empty for nothing."""
    return f"{as_decimal(units, plan.currency):f}" if units else ""


def typed(units: int | None, plan: Plan) -> str:
    """An amount as it is typed; nothing is 0, and only what nobody knows is empty."""
    return "" if units is None else f"{as_decimal(units, plan.currency):f}"


def household(plan: Plan) -> dict[str, Any]:
    """The household sheet, each line at the row that bears its name."""
    sheet: HouseholdSheet | None = HouseholdSheet.objects.filter(plan=plan).first()
    if sheet is None:
        return household(plan.repeats) if plan.repeats else {}
    initial: dict[str, Any] = {
        "told_date": sheet.told_date,
        "convention": sheet.convention,
        "miscellaneous": sheet.miscellaneous_bps // 100,
        "note": sheet.note,
    }
    taken: set[str] = set()
    for line in sheet.lines.all():
        labels = [str(label) for label in USUAL_LINES[Section(line.section)]]
        free = [
            place for place in range(len(labels)) if f"{line.section.lower()}_{place}" not in taken
        ]
        if not free:
            continue
        named = labels.index(line.name) if line.name in labels else free[0]
        prefix = f"{line.section.lower()}_{named if named in free else free[0]}"
        taken.add(prefix)
        initial[f"{prefix}_units"] = shown(line.units, plan)
        initial[f"{prefix}_span"] = line.span
        initial[f"{prefix}_evidence"] = line.evidence
    return initial


def costing(plan: Plan) -> dict[str, Any]:
    """The one-page costing; pieces are those of a normal month."""
    if plan.repeats and not (plan.products.exists() or plan.costs.exists() or plan.own_cash_units):
        plan = plan.repeats
    initial: dict[str, Any] = {name: shown(getattr(plan, name), plan) for name in MONEY}
    for place, item in enumerate(plan.investments.all()[:THINGS]):
        initial |= {
            f"thing_{place}_name": item.name,
            f"thing_{place}_cost": shown(item.cost_units, plan),
            f"thing_{place}_source": item.source,
            f"thing_{place}_life": item.life_months or None,
        }
    for place, line in enumerate(plan.products.all()[:PRODUCTS]):
        initial |= {
            f"product_{place}_name": line.name,
            f"product_{place}_price": shown(line.price_units, plan),
            f"product_{place}_material": shown(line.material_units, plan),
            f"product_{place}_labour": shown(line.labour_units, plan),
            f"product_{place}_pieces": _normal(line.quantities, plan.season_bps),
            f"product_{place}_credit": line.credit_share_bps // 100 or None,
        }
    for place, cost in enumerate(plan.costs.all()[:COSTS]):
        initial |= {
            f"cost_{place}_name": cost.name,
            f"cost_{place}_kind": cost.kind,
            f"cost_{place}_units": shown(cost.amounts[0] if cost.amounts else 0, plan),
        }
    return initial


def _normal(quantities: list[int], seasons: list[int]) -> Decimal | None:
    """Pieces in a normal month, read back from the first month that sells."""
    seasons = seasons or [WHOLE_BPS] * len(quantities)
    for pieces, season in zip(quantities, seasons, strict=False):
        if pieces and season:
            return Decimal(pieces) * WHOLE_BPS / season / THOUSAND
    return None


def finance(plan: Plan) -> dict[str, Any]:
    """The loan asked for."""
    ask: FinanceAsk | None = FinanceAsk.objects.filter(plan=plan).first()
    if ask is None:
        return finance(plan.repeats) if plan.repeats else {}
    return {
        "loan_units": shown(ask.loan_units, plan),
        "purpose": ask.purpose,
        "product_code": ask.product_code,
        "rate_percent": Decimal(ask.rate_bps) / 100,
        "instalments": ask.instalments,
        "grace_instalments": ask.grace_instalments,
        "method": ask.method,
        "repayment": ask.repayment,
        "fee_withheld_units": shown(ask.fee_withheld_units, plan),
        "multiple_units": shown(ask.multiple_units, plan),
        "most_units": shown(ask.most_units, plan),
        "most_grace": ask.most_grace,
        "shares": " ".join(format(Decimal(share) / 100, "f") for share in ask.shares_bps),
        **_foreign(ask, plan.currency),
    }


def _foreign(ask: FinanceAsk, own: str) -> dict[str, Any]:
    """A loan in another currency, told again as it was asked. What is kept in the plan's money is
    told back at the same rate, so that saving it again changes nothing.
    """
    numerator = ask.rate_numerator
    if not ask.currency or ask.foreign_units is None or numerator is None:
        return {}
    step = Fraction(numerator, RATE_ONE) * 10 ** currency_digits(own)
    step /= 10 ** currency_digits(ask.currency)

    def back(units: int) -> str:
        told = as_decimal(math.ceil(units / step - Fraction(1, 2)), ask.currency)
        return f"{told:f}" if units else ""

    return {
        "loan_units": as_decimal(ask.foreign_units, ask.currency),
        "fee_withheld_units": back(ask.fee_withheld_units),
        "most_units": back(ask.most_units),
        "loan_currency": ask.currency,
        "loan_rate": Decimal(numerator).scaleb(-10).normalize(),
        "rate_date": ask.rate_date,
        "rate_source": ask.rate_source,
    }
