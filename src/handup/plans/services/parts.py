"""Writing the parts of a plan: each saving replaces its part, and only while the plan is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.credit import codes
from handup.kernel.ids import new_id
from handup.ledger.typed import check_currency
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import currency_digits
from handup.plans.depth import deepen
from handup.plans.models import (
    CostLine,
    FinanceAsk,
    HouseholdLine,
    HouseholdSheet,
    Investment,
    Plan,
    ProductLine,
)
from handup.plans.refusals import (
    DrawingsTwice,
    LoanRateMissing,
    LoanRateNotNeeded,
    LoanRateToCome,
    NegativeAmount,
    SharesOfLoan,
)
from handup.plans.rules.household import Evidence, MonthConvention, Section, Span
from handup.plans.rules.inputs import CostKind, DrawingsFrom, Source, shares_fit
from handup.plans.rules.states import Kept
from handup.plans.services.beside import to_change
from handup.training.rules.costs import at_rate


@dataclass(frozen=True, slots=True)
class HouseholdLineIn:
    """A line of the household sheet, in smallest units."""

    section: Section
    span: Span
    units: int
    name: str = ""
    evidence: Evidence = Evidence.TOLD


@dataclass(frozen=True, slots=True)
class InvestmentIn:
    """A thing needed, in smallest units; month 0 is before opening."""

    name: str
    cost_units: int
    source: Source = Source.OWN
    month: int = 0
    life_months: int = 0
    salvage_units: int = 0


@dataclass(frozen=True, slots=True)
class ProductLineIn:
    """A product: amounts for one, thousandths of one sold in each month."""

    name: str
    price_units: int
    quantities: tuple[int, ...]
    material_units: int = 0
    labour_units: int = 0
    unit: str = ""
    credit_share_bps: int = 0
    lag_months: int = 1
    bad_debt_bps: int = 0


@dataclass(frozen=True, slots=True)
class CostLineIn:
    """A monthly line: one amount in smallest units for each month."""

    name: str
    kind: CostKind
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CostingIn:
    """The one-page costing: money at the start, seasons, things, products and monthly lines."""

    own_cash_units: int = 0
    grant_units: int = 0
    opening_stock_units: int = 0
    capital_units: int = 0
    liabilities_units: int = 0
    buffer_units: int = 0
    season_bps: tuple[int, ...] = ()
    drawings_from: DrawingsFrom = DrawingsFrom.SHEET
    investments: tuple[InvestmentIn, ...] = ()
    products: tuple[ProductLineIn, ...] = ()
    costs: tuple[CostLineIn, ...] = ()


@dataclass(frozen=True, slots=True)
class FinanceIn:
    """The loan asked for and the terms of its product; `rate_bps` is basis points a month.

    `currency`: of all its amounts, where it is not the plan's; then with the rate (times 10^10,
    main unit to main unit) and its day.
    """

    loan_units: int
    rate_bps: int
    instalments: int
    grace_instalments: int = 0
    method: codes.Method = codes.Method.DECLINING
    repayment: codes.Repayment = codes.Repayment.EQUAL_INSTALMENTS
    fee_withheld_units: int = 0
    multiple_units: int = 1
    least_units: int = 0
    most_units: int = 0
    most_grace: int = 0
    instalment_unit: int = 1
    product_code: str = ""
    purpose: str = ""
    shares_bps: tuple[int, ...] = ()
    currency: str = ""
    rate_numerator: int | None = None
    rate_date: date | None = None
    rate_source: str = ""


MONEY = (
    "own_cash_units",
    "grant_units",
    "opening_stock_units",
    "capital_units",
    "liabilities_units",
    "buffer_units",
)


def save_household_sheet(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    lines: Sequence[HouseholdLineIn],
    told_date: date,
    convention: MonthConvention = MonthConvention.DAYS_28,
    miscellaneous_bps: int = 1_000,
    note: str = "",
    based_on: int | None = None,
    key: UUID | None = None,
) -> HouseholdSheet:
    """Save the household sheet in place of the one before; `based_on` and `key` as in
    `beside.to_change`: the sheet may be that of a draft beside the plan.

    Raises NotInThisState once the plan is handed in, NegativeAmount.
    """
    require(acting_staff, "plans.save_household_sheet", plan)
    check_amounts(lines)
    with transaction.atomic():
        plan, is_new = to_change(acting_staff, plan, based_on, key, Kept.HOUSEHOLD)
        sheet: HouseholdSheet | None = HouseholdSheet.objects.filter(plan=plan).first()
        if sheet is not None and not is_new:
            return sheet
        sheet, _new = HouseholdSheet.objects.update_or_create(
            plan=plan,
            defaults={
                "convention": convention.value,
                "miscellaneous_bps": miscellaneous_bps,
                "told_date": told_date,
                "note": note,
            },
        )
        sheet.lines.all().delete()
        HouseholdLine.objects.bulk_create(line_rows(sheet, lines))
        audit.record(acting_staff, "plans.save_household_sheet", plan, {"lines": len(lines)})
    return sheet


def save_costing(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    costing: CostingIn,
    based_on: int | None = None,
    key: UUID | None = None,
) -> Plan:
    """Save the one-page costing in place of the one before; `based_on` and `key` as in
    `beside.to_change`. Returns the plan it stands in.

    Raises NotInThisState once the plan is handed in, NegativeAmount with the field, DrawingsTwice
    where living costs would be counted from the household sheet and from monthly lines.
    """
    require(acting_staff, "plans.save_costing", plan)
    check_amounts(costing=costing)
    with transaction.atomic():
        plan, is_new = to_change(acting_staff, plan, based_on, key, Kept.COSTING)
        if not is_new:
            return plan
        fill_money(plan, costing)
        plan.save(update_fields=[*MONEY, "season_bps", "drawings_from"])
        _replace_parts(plan, costing)
        audit.record(acting_staff, "plans.save_costing", plan)
    return plan


def _replace_parts(plan: Plan, costing: CostingIn) -> None:
    for rows in (plan.investments, plan.products, plan.costs):
        rows.all().delete()
    Investment.objects.bulk_create(investment_rows(plan, costing))
    ProductLine.objects.bulk_create(product_rows(plan, costing))
    CostLine.objects.bulk_create(cost_rows(plan, costing))


def line_rows(sheet: HouseholdSheet, lines: Sequence[HouseholdLineIn]) -> list[HouseholdLine]:
    """The rows of a household sheet, not yet stored."""
    return [
        HouseholdLine(
            sheet=sheet,
            position=place,
            section=line.section.value,
            span=line.span.value,
            name=line.name,
            units=line.units,
            evidence=line.evidence.value,
        )
        for place, line in enumerate(lines)
    ]


def investment_rows(plan: Plan, costing: CostingIn) -> list[Investment]:
    """The things of a plan, not yet stored."""
    return [
        Investment(
            plan=plan,
            position=place,
            name=item.name,
            month=item.month,
            cost_units=item.cost_units,
            source=item.source.value,
            life_months=item.life_months,
            salvage_units=item.salvage_units,
        )
        for place, item in enumerate(costing.investments)
    ]


def product_rows(plan: Plan, costing: CostingIn) -> list[ProductLine]:
    """The products of a plan, not yet stored."""
    return [
        ProductLine(
            plan=plan,
            position=place,
            name=item.name,
            unit=item.unit,
            price_units=item.price_units,
            material_units=item.material_units,
            labour_units=item.labour_units,
            quantities=list(item.quantities),
            credit_share_bps=item.credit_share_bps,
            lag_months=item.lag_months,
            bad_debt_bps=item.bad_debt_bps,
        )
        for place, item in enumerate(costing.products)
    ]


def cost_rows(plan: Plan, costing: CostingIn) -> list[CostLine]:
    """The monthly lines of a plan, not yet stored."""
    return [
        CostLine(
            plan=plan,
            position=place,
            name=item.name,
            kind=item.kind.value,
            amounts=list(item.amounts),
        )
        for place, item in enumerate(costing.costs)
    ]


def fill_money(plan: Plan, costing: CostingIn) -> None:
    """Put the money at the start, the seasons and where living costs come from into a plan."""
    for name in MONEY:
        setattr(plan, name, getattr(costing, name))
    plan.season_bps = list(costing.season_bps)
    plan.drawings_from = costing.drawings_from.value


def check_amounts(
    lines: Sequence[HouseholdLineIn] = (),
    costing: CostingIn | None = None,
    finance: FinanceIn | None = None,
) -> None:
    """Refuse amounts below zero, and living costs from two places, naming the field.

    Raises NegativeAmount, DrawingsTwice.
    """
    if any(line.units < 0 for line in lines):
        raise NegativeAmount(field="lines")
    if costing is not None:
        _check_costing(costing)
    if finance and finance.loan_units <= 0:
        raise NegativeAmount(field="loan_units")
    if finance and finance.fee_withheld_units < 0:
        raise NegativeAmount(field="fee_withheld_units")
    if finance:
        fit = shares_fit(finance.repayment, finance.shares_bps, finance.instalments)
        if not fit or (finance.shares_bps and finance.grace_instalments):
            raise SharesOfLoan(field="shares_bps", count=finance.instalments)


def _check_costing(costing: CostingIn) -> None:
    for name in MONEY:
        if getattr(costing, name) < 0:
            raise NegativeAmount(field=name)
    if costing.drawings_from is DrawingsFrom.SHEET:
        for cost in costing.costs:
            if cost.kind is CostKind.DRAWINGS:
                raise DrawingsTwice(field="costs", name=cost.name)


def ask_finance(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    finance: FinanceIn,
    based_on: int | None = None,
    key: UUID | None = None,
) -> FinanceAsk:
    """Say how much money the plan asks for and on which terms, in place of what it asked before;
    one that asks for much is a full one from now on. `based_on` and `key` as in `beside.to_change`.

    Raises NotInThisState once the plan is handed in, NegativeAmount, SharesOfLoan, LoanRateMissing.
    """
    require(acting_staff, "plans.ask_finance", plan)
    check_amounts(finance=finance)
    with transaction.atomic():
        plan, is_new = to_change(acting_staff, plan, based_on, key, Kept.FINANCE)
        ask: FinanceAsk | None = FinanceAsk.objects.filter(plan=plan).first()
        if ask is not None and not is_new:
            return ask
        ask = ask or FinanceAsk(id=new_id(), plan=plan)
        fill_ask(ask, plan, finance)
        ask.save()
        deepen(plan, timezone.localdate())
        audit.record(acting_staff, "plans.ask_finance", plan, {"loan_units": ask.loan_units})
    return ask


CONVERTED = ("loan_units", "fee_withheld_units", "least_units", "most_units")


def fill_ask(ask: FinanceAsk, plan: Plan, finance: FinanceIn) -> None:
    """Put what is asked into its row; a loan in another currency comes to the plan's money.

    Raises CurrencyUnknown, LoanRateMissing, LoanRateNotNeeded, LoanRateToCome.
    """
    for name in FinanceIn.__dataclass_fields__:
        setattr(ask, name, getattr(finance, name))
    ask.shares_bps = list(finance.shares_bps)
    ask.foreign_units = None
    if finance.currency in ("", plan.currency):
        if finance.rate_numerator is not None:
            raise LoanRateNotNeeded(field="rate_numerator")
        ask.currency, ask.rate_date, ask.rate_source = "", None, ""
        return
    check_currency(finance.currency, field="loan_currency")
    if not finance.rate_numerator or finance.rate_numerator < 0 or finance.rate_date is None:
        raise LoanRateMissing(field="rate_date" if finance.rate_numerator else "rate_numerator")
    if finance.rate_date > timezone.localdate():
        raise LoanRateToCome(field="rate_date")
    ask.foreign_units = finance.loan_units
    for name in CONVERTED:
        units = at_rate(
            getattr(finance, name),
            finance.rate_numerator,
            digits=currency_digits(finance.currency),
            into_digits=currency_digits(plan.currency),
        )
        setattr(ask, name, units)
    ask.multiple_units = ask.instalment_unit = 1
    if ask.loan_units <= 0:
        raise NegativeAmount(field="loan_units")
