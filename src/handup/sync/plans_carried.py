"""What an adviser's own phone carries so that plans are written where there is no network: her
plans in hand, the last plan of those who may make one again, for whom she may start one, and the
terms of loans. Nothing else of a plan leaves the office."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.credit.codes import (
    DueUnit,
    FeeBase,
    FeeTaken,
    FeeWhen,
    RatePer,
    Repayment,
)
from handup.kernel.credit.terms import MILLION, Terms
from handup.lending.models import ProductVersion
from handup.lending.rules.terms import read_terms
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.org.scope import without_opened
from handup.org.web.money import currency_digits
from handup.people.models import Enterprise, Ownership, Person
from handup.plans.models import FinanceAsk, HouseholdSheet, Plan, Screening
from handup.plans.rules.household import MonthConvention
from handup.plans.rules.states import OPEN_TO_CHANGE, PlanState
from handup.plans.services.whole import NEEDED
from handup.projects.models import Programme
from handup.sync.rules.plan_bounds import FINANCE, MONEY, REPAYMENTS

MOST_PLANS, MOST_EARLIER, MOST_TERMS, MOST_MONTHS = 40, 40, 30, 60
MOST_FOLLOWED = 300
WRITES, TELLS = "plans.save_costing", "plans.record_actual_month"

MADE_BEFORE = (PlanState.FINANCED, PlanState.READY, PlanState.EXPIRED, PlanState.NOT_FINANCED)
PARTS = ("investments", "products", "costs", "answers", "scenarios", "action_points")
ALONE = ("household_sheet__lines", "finance_ask", "screening")
READ: tuple[str, ...] = (*PARTS, *ALONE)
THING = ("name", "month", "cost_units", "source", "life_months", "salvage_units")
PRODUCT = (
    *("name", "unit", "price_units", "material_units", "labour_units", "quantities"),
    *("credit_share_bps", "lag_months", "bad_debt_bps"),
)
SCENARIO = ("name", "sales_bps", "price_bps", "material_bps", "months_late", "lost_month")


def planning_of(
    reader: StaffUser, persons: Sequence[UUID]
) -> tuple[dict[str, Any] | None, list[UUID]]:
    """Her plans and what starting one takes, None where she writes none; and whom it names.
    `persons`: whom the phone names anyway, so that plans may be started for them.
    """
    if not all(grants_for(reader, code) for code in ("plans.start_plan", *NEEDED)):
        return None, []
    open_ = list(_hers(reader).filter(state__in=OPEN_TO_CHANGE)[: MOST_PLANS + 1])
    busy = {plan.person_id for plan in open_}
    before = _hers(reader).filter(state__in=MADE_BEFORE).exclude(person__in=busy)
    earlier: dict[UUID | None, Plan] = {}
    for plan in before[: 4 * MOST_EARLIER]:  # the newest of each person
        earlier.setdefault(plan.person_id, plan)
    plans = [plan for plan in open_[:MOST_PLANS] if _is_for_phones(plan)]
    again = [plan for plan in earlier.values() if _is_for_phones(plan)][:MOST_EARLIER]
    owners = _owners(reader, persons)
    told = {
        "plans": [_plan(plan) for plan in plans],
        "plans_left": len(open_) - len(plans),
        "earlier": [_plan(plan) for plan in again],
        "owners": owners,
        "programmes": _programmes(reader, owners),
        "terms": _terms(reader),
        "convention": MonthConvention.DAYS_28.value,
        "advises": bool(grants_for(reader, "plans.advise_plan")),
    }
    return told, [plan.person_id for plan in (*plans, *again) if plan.person_id]


def followed_of(reader: StaffUser, persons: Sequence[UUID]) -> list[dict[str, Any]]:
    """The plans of these persons whose months she may tell, the newest of each person: planned
    sales and which months are told."""
    if not grants_for(reader, TELLS):
        return []
    rows = (
        Plan.objects.reached_with(reader, TELLS)
        .filter(person__in=persons, person__erased_date=None, state__in=MADE_BEFORE)
        .prefetch_related("versions", "actual_months")
        .order_by("-started_date", "-id")
    )
    found: dict[UUID | None, dict[str, Any]] = {}
    for plan in rows[:MOST_FOLLOWED]:
        versions = [version for version in plan.versions.all() if version.results]
        if versions and plan.person_id not in found:
            found[plan.person_id] = _followed(plan, versions[-1].results["months"])
    return list(found.values())


def _followed(plan: Plan, months: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "plan_id": plan.pk,
        "person_id": plan.person_id,
        "title": plan.title,
        "currency": plan.currency,
        "currency_digits": currency_digits(plan.currency),
        "start_month": plan.start_month,
        "sales": [row["sales"] for row in months],
        "told": sorted(row.month for row in plan.actual_months.all() if row.replaced_by_id is None),
    }


def _hers(reader: StaffUser) -> QuerySet[Plan]:
    """Plans of persons that she advises and may write, the newest first."""
    rows: QuerySet[Plan] = (
        Plan.objects.reached_with(reader, WRITES)
        .filter(adviser=reader, person__isnull=False, person__erased_date=None)
        .filter(horizon_months__lte=MOST_MONTHS)
        .filter(person__in=Person.objects.reached_with(reader, WRITES))
        .select_related("person")
        .prefetch_related(*READ)
        .order_by("-started_date", "-id")
    )
    return rows


def _is_for_phones(plan: Plan) -> bool:
    """Whether a phone works it out: a loan in the plan's money, repaid in a way phones know."""
    ask: FinanceAsk | None = getattr(plan, "finance_ask", None)
    return ask is None or (not ask.currency and ask.repayment in REPAYMENTS)


def _plan(plan: Plan) -> dict[str, Any]:
    ask: FinanceAsk | None = getattr(plan, "finance_ask", None)
    screening: Screening | None = getattr(plan, "screening", None)
    return {
        "plan_id": plan.pk,
        "number": plan.number,
        "person_id": plan.person_id,
        "name": str(plan.person),
        "state": plan.state,
        "comment": plan.comment if plan.state == PlanState.RETURNED else "",
        "depth": plan.depth,
        "edition": plan.edition,
        "is_beside": plan.beside_id is not None,
        "title": plan.title,
        "idea": plan.idea,
        "currency": plan.currency,
        "currency_digits": currency_digits(plan.currency),
        "start_month": plan.start_month,
        "months": plan.horizon_months,
        "capacity_bps": plan.capacity_bps,
        "sheet": _sheet(getattr(plan, "household_sheet", None)),
        "costing": {
            **{name: getattr(plan, name) for name in MONEY},
            "season_bps": plan.season_bps,
            "drawings_from": plan.drawings_from,
            "things": [_fields(row, THING) for row in plan.investments.all()],
            "products": [_fields(row, PRODUCT) for row in plan.products.all()],
            "costs": [_fields(row, ("name", "kind", "amounts")) for row in plan.costs.all()],
        },
        "finance": None if ask is None else _fields(ask, ASKED),
        "screening": {} if screening is None else screening.answers,
        "words": {row.topic: row.answer for row in plan.answers.all()},
        "steps": [
            _fields(row, ("what", "who", "due_date"))
            for row in plan.action_points.all()
            if row.done_date is None
        ],
        "scenarios": [_fields(row, SCENARIO) for row in plan.scenarios.all()],
    }


ASKED = (*FINANCE, "method", "repayment", "product_code", "purpose")


def _sheet(sheet: HouseholdSheet | None) -> dict[str, Any] | None:
    if sheet is None:
        return None
    line = ("section", "span", "units", "name", "evidence")
    return {
        "convention": sheet.convention,
        "miscellaneous_bps": sheet.miscellaneous_bps,
        "note": sheet.note,
        "lines": [_fields(row, line) for row in sheet.lines.all()],
    }


def _fields(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _owners(reader: StaffUser, persons: Sequence[UUID]) -> list[dict[str, Any]]:
    """Those of the persons for whom she may start a plan: their programme and businesses."""
    rows = Person.objects.reached_with(reader, "plans.start_plan").filter(pk__in=persons)
    found = rows.exclude(programme=None).values_list("pk", "programme_id").order_by("pk")
    owned: dict[UUID, list[dict[str, Any]]] = {}
    seen = Enterprise.objects.visible_to(without_opened(reader)).values("pk")
    owning = Ownership.objects.filter(
        person__in=[pk for pk, _of in found], enterprise__in=seen, to_date=None
    )
    for row in owning.select_related("enterprise").order_by("enterprise__code"):
        owned.setdefault(row.person_id, []).append(
            {"id": row.enterprise_id, "name": str(row.enterprise)}
        )
    return [
        {"person_id": pk, "programme_id": programme, "enterprises": owned.get(pk, [])}
        for pk, programme in found
    ]


def _programmes(reader: StaffUser, owners: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The money in which plans of those programmes are written, and of those she registers in."""
    named = {one["programme_id"] for one in owners}
    hers = Programme.objects.reached_with(reader, "plans.start_plan").values_list("pk", flat=True)
    rows = Programme.objects.filter(pk__in=named | set(hers[:MOST_PLANS])).order_by("code")
    return [
        {"id": row.pk, "currency": row.currency, "currency_digits": currency_digits(row.currency)}
        for row in rows
    ]


def _terms(reader: StaffUser) -> list[dict[str, Any]]:
    """The terms of the products in force that a plan can be asked under, by name."""
    rows = ProductVersion.objects.visible_to(reader).filter(
        approved_by__isnull=False, effective_date__lte=timezone.localdate(), product__active=True
    )
    offered: dict[UUID, ProductVersion] = {}
    for row in rows.select_related("product").order_by("effective_date", "number"):
        offered[row.product_id] = row
    in_order = sorted(offered.values(), key=lambda row: (row.product.name, row.pk))
    told = [_offered(row.product.code, row.product.name, read_terms(row.terms)) for row in in_order]
    return [one for one in told if one is not None][:MOST_TERMS]


def _offered(code: str, name: str, terms: Terms) -> dict[str, Any] | None:
    """The terms as a plan asks them; None of a loan that falls due otherwise than each month."""
    monthly = terms.unit is DueUnit.MONTH and terms.every == 1
    if not monthly or terms.repayment not in REPAYMENTS or terms.instalments > MOST_MONTHS:
        return None
    rate_bps = month_bps(terms)
    if rate_bps is None:
        return None
    units, ppm = withheld(terms)
    return {
        "code": code,
        "name": name,
        "currency": terms.currency,
        "rate_bps": rate_bps,
        "instalments": terms.instalments,
        "grace_instalments": min(terms.grace_principal, terms.instalments - 1),
        "method": terms.method.value,
        "repayment": Repayment(terms.repayment).value,
        "multiple_units": terms.principal_multiple_units,
        "least_units": terms.principal_min_units,
        "most_units": terms.principal_max_units or 0,
        "instalment_unit": terms.instalment_rounding.unit,
        "fee_units": units,
        "fee_ppm": ppm,
    }


def month_bps(terms: Terms) -> int | None:
    """The interest a month in basis points, rounded up: a plan never makes a loan look cheaper than
    it is. None of a rate a day."""
    if terms.rate_per is RatePer.DAY:
        return None
    ppm_of_one = MILLION // 10_000 * (12 if terms.rate_per is RatePer.YEAR else 1)
    return -(-terms.rate_ppm // ppm_of_one)


def withheld(terms: Terms) -> tuple[int, int]:
    """What is kept back when the loan is paid out: units, and parts per million of the loan."""
    kept = [
        fee
        for fee in terms.fees
        if fee.when is FeeWhen.DISBURSEMENT and fee.taken is FeeTaken.WITHHELD
    ]
    fixed = sum(fee.units for fee in kept if fee.base is FeeBase.FIXED)
    shares = sum(fee.ppm for fee in kept if fee.base is FeeBase.PRINCIPAL)
    return fixed, shares
