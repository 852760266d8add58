"""How deep a plan goes: full as soon as the money asked from outside is above the house's limit."""

from datetime import date

from handup.ledger.errors import RateMissing, RateTooOld
from handup.ledger.rates import RateBook
from handup.ledger.rules.journal import RATE_ONE
from handup.org.models import Setting
from handup.org.models.records import RateKind
from handup.org.web.money import currency_digits
from handup.plans.models import FinanceAsk, Plan
from handup.plans.rules.states import Depth

FULL_ABOVE = "plans.full_above"
FULL_ABOVE_DOLLARS = 3_000
DOLLAR = "USD"
RATE_AGE_DAYS = 366  # it decides how much is asked of a person, not an amount


def full_above() -> int:
    """The money asked from outside, in whole US dollars, above which a plan is a full one."""
    row: Setting | None = Setting.objects.filter(key=FULL_ABOVE).first()
    return FULL_ABOVE_DOLLARS if row is None else int(row.value)


def asks_much(plan: Plan, on: date) -> bool:
    """Whether loan and grant together are above the limit; without a rate nobody can say so."""
    ask: FinanceAsk | None = FinanceAsk.objects.filter(plan=plan).first()
    units = plan.grant_units + (0 if ask is None else ask.loan_units)
    if not units:
        return False
    rate = RATE_ONE
    if plan.currency != DOLLAR:
        pair = (plan.currency, DOLLAR, on, RateKind.SPOT.value)
        try:
            rate = RateBook([pair]).rate(*pair, RATE_AGE_DAYS)
        except (RateMissing, RateTooOld):
            return False
    whole: int = 10 ** currency_digits(plan.currency)
    is_above: bool = units * rate > full_above() * whole * RATE_ONE
    return is_above


def deepen(plan: Plan, on: date) -> None:
    """Make a plan that asks for much a full one; what was chosen as full stays full."""
    if plan.depth != Depth.FULL and asks_much(plan, on):
        plan.depth = Depth.FULL.value
        plan.save(update_fields=["depth"])
