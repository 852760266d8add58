"""In how many weeks a training pays itself back: told only where an outcome was compared with
others who did not take part, and clearly (training.md 4.6).
"""

from collections.abc import Collection
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from handup.kernel.money import decimal_text
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.scope import hidden_from
from handup.org.web.money import currency_digits, format_money
from handup.org.web.pages import Fact
from handup.results.models import Analysis
from handup.results.rules.states import AnalysisState, Level, OutcomeKind
from handup.results.services.analyses import is_stale
from handup.results.told import is_clear, main_of
from handup.training.queries import cost_basis, training_cost
from handup.training.rules.costs import payback_weeks

COMPARED = (Level.COMPARED.value, Level.CAUSAL.value)
WEEKS_A_MONTH = Fraction(52, 12)


def extra_units(row: Analysis) -> int | None:
    """What those who took part had more than the others, in smallest units of the programme's
    currency for the time the question asks about; None where that may not be said.

    Only an amount in that currency, worked out and not out of date, beside a comparison group, with
    an interval that leaves nothing out, and above nothing.
    """
    done = row.state == AnalysisState.DONE and not is_stale(row)
    of_money = row.kind == OutcomeKind.AMOUNT and row.unit == row.programme.currency
    main = main_of(row.told)
    if not (done and of_money and row.level in COMPARED) or main is None or not is_clear(main):
        return None
    value = Decimal(main["value"]).scaleb(currency_digits(row.unit))
    units = int(value.to_integral_value(ROUND_HALF_UP))
    return units if units > 0 else None


def cost_units(row: Analysis, without: Collection[UUID]) -> int | None:
    """What training cost for each participant by the end of the last round; None without a cost."""
    found = training_cost(
        programme_id=row.programme_id,
        on=min(row.last_round.closes_date, timezone.localdate()),
        currency=row.programme.currency,
        basis=cost_basis(),
        without=without,
    )
    return None if found.not_converted else found.units.per_participant


def payback_facts(row: Analysis, staff: StaffUser) -> list[Fact]:
    """The payback as the page of an outcome shows it; nothing where it may not be told."""
    extra = extra_units(row)
    if extra is None or not may(staff, "training.view_cost", row.programme):
        return []
    cost = cost_units(row, hidden_from(staff))
    weeks = payback_weeks(cost, extra) if cost else None
    if weeks is None or cost is None:
        return []
    made = f"{format_money(cost, row.unit)} / {format_money(extra, row.unit)}"
    says = _("{weeks} weeks where the question asks about a week, {months} where about a month")
    told = says.format(weeks=decimal_text(weeks, 1), months=decimal_text(weeks * WEEKS_A_MONTH, 1))
    return [Fact(_("The cost of training for each participant is back in"), f"{told} ({made})")]
