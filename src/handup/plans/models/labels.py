"""The words people read for the codes of plans."""

from collections.abc import Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.kernel.credit.codes import Method, Repayment
from handup.plans.rules.affordability import Concern
from handup.plans.rules.benchmarks import Basis, Finding, Measure
from handup.plans.rules.household import Evidence, MonthConvention, Section, Span
from handup.plans.rules.inputs import CostKind, DrawingsFrom, Source
from handup.plans.rules.states import Depth, Kept, PlanState, SignedBy, VisitKind, VisitState

Labels = Mapping[StrEnum, Promise]


def choices(labels: Labels) -> list[tuple[str, Promise]]:
    """Turn labels into a Django field's choices."""
    return [(code.value, label) for code, label in labels.items()]


DEPTH: Labels = {
    Depth.LIGHT: _("light: household sheet and one page"),
    Depth.FULL: _("full: all parts"),
}
PLAN_STATE: Labels = {
    PlanState.DRAFT: pgettext_lazy("plan", "being written"),
    PlanState.SUBMITTED: pgettext_lazy("plan", "handed in"),
    PlanState.RETURNED: pgettext_lazy("plan", "returned with comments"),
    PlanState.ADVISED: pgettext_lazy("plan", "advised"),
    PlanState.REVIEWED: pgettext_lazy("plan", "reviewed, points open"),
    PlanState.READY: pgettext_lazy("plan", "ready"),
    PlanState.FINANCED: pgettext_lazy("plan", "financed"),
    PlanState.NOT_FINANCED: pgettext_lazy("plan", "not financed"),
    PlanState.EXPIRED: pgettext_lazy("plan", "prices to be confirmed"),
    PlanState.SET_ASIDE: pgettext_lazy("plan", "set aside for another draft"),
}
SECTION: Labels = {
    Section.SALES: _("sales"),
    Section.COST_OF_SALES: _("goods and materials bought"),
    Section.BUSINESS_EXPENSE: _("running costs of the business"),
    Section.OTHER_INCOME: _("other income of the household"),
    Section.HOUSEHOLD_EXPENSE: _("spending of the household"),
    Section.OTHER_EXPENSE: _("school, health and other spending"),
    Section.DEBT_PAYMENT: _("instalments of existing debts"),
}
SPAN: Labels = {
    Span.DAY: _("a day"),
    Span.WEEK: _("a week"),
    Span.HALF_MONTH: _("half a month"),
    Span.MONTH: _("a month"),
}
EVIDENCE: Labels = {
    Evidence.SEEN: _("seen by the adviser"),
    Evidence.TOLD: _("told"),
    Evidence.ESTIMATED: _("estimated"),
}
CONVENTION: Labels = {
    MonthConvention.DAYS_28: _("28 days or 4 weeks make a month"),
    MonthConvention.CALENDAR: _("by the calendar"),
    MonthConvention.PRUDENT: _("28 days for the business, the calendar for spending"),
}
SOURCE: Labels = {
    Source.OWN: _("own money"),
    Source.IN_KIND: _("already there"),
    Source.GRANT: _("grant"),
    Source.LOAN: _("loan"),
}
COST_KIND: Labels = {
    CostKind.FIXED: _("fixed cost"),
    CostKind.OTHER_INCOME: _("other income"),
    CostKind.DEBT: _("existing debt"),
    CostKind.TAX: _("tax"),
    CostKind.DRAWINGS: _("taken for living"),
}
DRAWINGS_FROM: Labels = {
    DrawingsFrom.SHEET: _("the household sheet"),
    DrawingsFrom.LINES: _("monthly lines of this plan"),
}
SIGNED_BY: Labels = {
    SignedBy.SIGNATURE: _("signature"),
    SignedBy.MARK: _("mark or fingerprint with a witness"),
    SignedBy.PAPER: _("signed paper, photographed"),
}
METHOD: Labels = {
    Method.DECLINING: _("on what is still owed"),
    Method.FLAT: _("on the first amount to the end"),
}
REPAYMENT: Labels = {
    Repayment.EQUAL_INSTALMENTS: _("equal instalments"),
    Repayment.EQUAL_PRINCIPAL: _("equal parts of the loan, less interest each month"),
    Repayment.PRINCIPAL_SHARES: _("other parts of the loan each month"),
}
VISIT_KIND: Labels = {
    VisitKind.ADVICE: _("advice"),
    VisitKind.PLAN: _("making the plan"),
    VisitKind.HOME_CHECK: _("visit to the home"),
    VisitKind.BUSINESS_CHECK: _("visit to the business"),
    VisitKind.LOAN_USE: _("check of what the loan was used for"),
    VisitKind.COACHING: _("coaching"),
    VisitKind.ARREARS: _("visit because of arrears"),
    VisitKind.BACK_CHECK: _("back-check by another person"),
}
VISIT_STATE: Labels = {
    VisitState.PLANNED: pgettext_lazy("visit", "planned"),
    VisitState.DONE: pgettext_lazy("visit", "done"),
    VisitState.MISSED: pgettext_lazy("visit", "missed"),
    VisitState.CANCELLED: pgettext_lazy("visit", "cancelled"),
}
CONCERN: Labels = {
    Concern.CUMULATIVE_NOT_POSITIVE: _("In a month there is no money before the instalment."),
    Concern.MONTH_ABOVE_LIMIT: _("In a month the instalment takes more than the limit."),
    Concern.CAPACITY_TOO_LOW: _("All months together do not cover the instalments."),
    Concern.TOO_INDEBTED: _("The debts are too high beside what they own."),
}
WHAT_IF: Mapping[str, Promise] = {
    "QUANTITY_MINUS_10": _("sells a tenth less"),
    "QUANTITY_MINUS_20": _("sells a fifth less"),
    "PRICE_MINUS_10": _("prices fall by a tenth"),
    "MATERIAL_PLUS_10": _("material costs a tenth more"),
    "FIRST_SALE_LATE": _("the first sale comes a month later"),
    "BEST_MONTH_LOST": _("the best month is lost"),
    "RATE_PLUS_50_BPS": _("the loan costs half a percent more a month"),
}
MEASURE: Labels = {
    Measure.MARKUP: _("mark-up on what is bought"),
    Measure.STOCK: _("stock"),
    Measure.INCOME: _("income from the business in a month"),
    Measure.SPENDING: _("spending of the household in a month"),
    Measure.NET_INCOME: _("left of that income in a month"),
}
FINDING: Labels = {
    Finding.IN_RANGE: pgettext_lazy("beside the usual", "as usual"),
    Finding.ABOVE_RANGE: pgettext_lazy("beside the usual", "above the usual"),
    Finding.BELOW_RANGE: pgettext_lazy("beside the usual", "below the usual"),
    Finding.NO_PURCHASES: pgettext_lazy("beside the usual", "nothing is bought"),
    Finding.NO_BENCHMARK: pgettext_lazy("beside the usual", "not known yet what is usual"),
}
BASIS: Labels = {
    Basis.AREA: _("visits in this area"),
    Basis.WIDER_AREA: _("visits in a wider area"),
    Basis.DEFAULT: _("set for the trade, before any visits"),
    Basis.NONE: _("not known yet"),
}
KEPT: Labels = {
    Kept.HOUSEHOLD: _("what the household earns and spends"),
    Kept.COSTING: _("things, products and monthly costs"),
    Kept.FINANCE: _("the terms of the loan"),
    Kept.WORDS: _("what the plan says in words"),
    Kept.SCREENING: _("harm to people and nature"),
}
