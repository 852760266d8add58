"""The parts of a plan while it is being written: household sheet, things, products, costs, loan."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager
from handup.plans.models.labels import (
    CONVENTION,
    COST_KIND,
    EVIDENCE,
    METHOD,
    REPAYMENT,
    SECTION,
    SOURCE,
    SPAN,
    choices,
)
from handup.plans.models.plans import Plan, plan_paths
from handup.plans.rules.household import Evidence, MonthConvention
from handup.plans.rules.inputs import Source


class HouseholdSheet(House):
    """What a household earns and spends, with the convention by which it becomes a month."""

    CLASSES = classify(I="id recorded_at plan convention told_date", P="miscellaneous_bps note")
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.OneToOneField(Plan, models.PROTECT, related_name="household_sheet")
    convention = models.CharField(
        _("how a month is counted"),
        max_length=8,
        choices=choices(CONVENTION),
        default=MonthConvention.DAYS_28.value,
    )
    miscellaneous_bps = models.PositiveIntegerField(_("added for what was forgotten"), default=1000)
    told_date = models.DateField(_("told on"))
    note = models.TextField(_("note"), blank=True, default="")

    objects: ClassVar[ScopedManager["HouseholdSheet"]] = ScopedManager()

    def __str__(self) -> str:
        return str(self.plan)


class HouseholdLine(House):
    """One line of a household sheet: an amount for a day, a week, half a month or a month."""

    CLASSES = classify(I="id recorded_at sheet position", P="section span name units evidence")
    SCOPE = plan_paths("sheet__plan")
    VIEW = "plans.view_plan"

    sheet = models.ForeignKey(HouseholdSheet, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    section = models.CharField(_("section"), max_length=17, choices=choices(SECTION))
    name = models.CharField(_("what"), max_length=120, blank=True, default="")
    span = models.CharField(_("for"), max_length=10, choices=choices(SPAN))
    units = models.BigIntegerField(_("amount"))
    evidence = models.CharField(
        _("known how"), max_length=9, choices=choices(EVIDENCE), default=Evidence.TOLD.value
    )

    objects: ClassVar[ScopedManager["HouseholdLine"]] = ScopedManager()

    class Meta:
        ordering = ("sheet", "position")
        constraints = (
            models.CheckConstraint(condition=Q(units__gte=0), name="household_line_not_negative"),
        )

    def __str__(self) -> str:
        return self.name or str(self.get_section_display())


class Investment(House):
    """A thing the business needs: in which month, what it costs, how long it lasts, who pays."""

    CLASSES = classify(
        I="id recorded_at plan position",
        P="name month cost_units source life_months salvage_units",
    )
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="investments")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("thing"), max_length=120)
    month = models.PositiveSmallIntegerField(_("month (0 = before opening)"), default=0)
    cost_units = models.BigIntegerField(_("cost"))
    source = models.CharField(
        _("paid by"), max_length=7, choices=choices(SOURCE), default=Source.OWN.value
    )
    life_months = models.PositiveSmallIntegerField(_("lasts (months)"), default=0)
    salvage_units = models.BigIntegerField(_("worth at the end"), default=0)

    objects: ClassVar[ScopedManager["Investment"]] = ScopedManager()

    class Meta:
        ordering = ("plan", "position")
        constraints = (
            models.CheckConstraint(
                condition=Q(cost_units__gte=0, salvage_units__gte=0),
                name="investment_not_negative",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ProductLine(House):
    """A product or service: price, material and piece labour, and pieces in each month.

    Quantities are thousandths of a piece, so that 1.5 litres are 1500; shares are basis points.
    """

    CLASSES = classify(
        I="id recorded_at plan position",
        P="name unit price_units material_units labour_units quantities credit_share_bps"
        " lag_months bad_debt_bps",
    )
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="products")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("product"), max_length=120)
    unit = models.CharField(_("sold by"), max_length=30, blank=True, default="")
    price_units = models.BigIntegerField(_("price"))
    material_units = models.BigIntegerField(_("material in one"), default=0)
    labour_units = models.BigIntegerField(_("piece labour in one"), default=0)
    quantities = models.JSONField(_("thousandths sold each month"), default=list)
    credit_share_bps = models.PositiveIntegerField(_("share sold on credit"), default=0)
    lag_months = models.PositiveSmallIntegerField(_("paid after months"), default=1)
    bad_debt_bps = models.PositiveIntegerField(_("share never paid"), default=0)

    objects: ClassVar[ScopedManager["ProductLine"]] = ScopedManager()

    class Meta:
        ordering = ("plan", "position")

    def __str__(self) -> str:
        return self.name


class CostLine(House):
    """A monthly line of a plan: fixed cost, other income, existing debt, tax, or living costs."""

    CLASSES = classify(I="id recorded_at plan position", P="name kind amounts")
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="costs")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(_("what"), max_length=120)
    kind = models.CharField(_("kind"), max_length=12, choices=choices(COST_KIND))
    amounts = models.JSONField(_("amount each month"), default=list)

    objects: ClassVar[ScopedManager["CostLine"]] = ScopedManager()

    class Meta:
        ordering = ("plan", "position")

    def __str__(self) -> str:
        return self.name


class FinanceAsk(House):
    """The loan a plan asks for, with the terms of the product it is asked under, copied here.

    `rate_bps` is basis points a month (200 = 2 %); amounts are smallest units of the plan. A loan
    in another `currency` keeps what was asked in it (`foreign_units`) and the rate (times 10^10,
    main unit to main unit) with its day, by which it came to the plan's money. `shares_bps` are
    parts of the loan by month, one an instalment, where it is repaid so.
    """

    CLASSES = classify(
        I="id recorded_at plan product_code rate_bps instalments grace_instalments method repayment"
        " multiple_units least_units most_units most_grace instalment_unit shares_bps currency"
        " rate_numerator rate_date rate_source",
        P="foreign_units loan_units fee_withheld_units purpose",
    )
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.OneToOneField(Plan, models.PROTECT, related_name="finance_ask")
    product_code = models.CharField(_("loan product"), max_length=40, blank=True, default="")
    purpose = models.CharField(_("for what"), max_length=200, blank=True, default="")
    loan_units = models.BigIntegerField(_("loan asked for"))
    rate_bps = models.PositiveIntegerField(_("interest a month"))
    instalments = models.PositiveSmallIntegerField(_("monthly instalments"))
    grace_instalments = models.PositiveSmallIntegerField(_("of them interest only"), default=0)
    method = models.CharField(_("interest"), max_length=9, choices=choices(METHOD))
    repayment = models.CharField(_("repaid in"), max_length=20, choices=choices(REPAYMENT))
    fee_withheld_units = models.BigIntegerField(_("fee kept back"), default=0)
    multiple_units = models.BigIntegerField(_("loans in steps of"), default=1)
    least_units = models.BigIntegerField(_("smallest loan"), default=0)
    most_units = models.BigIntegerField(_("largest loan"), default=0)
    most_grace = models.PositiveSmallIntegerField(_("most months of grace"), default=0)
    instalment_unit = models.BigIntegerField(_("instalments in steps of"), default=1)
    shares_bps = models.JSONField(_("parts of the loan by month"), default=list, blank=True)
    currency = models.CharField(_("currency of the loan"), max_length=3, blank=True, default="")
    foreign_units = models.BigIntegerField(_("loan in its own currency"), null=True, blank=True)
    rate_numerator = models.BigIntegerField(_("rate x 10^10"), null=True, blank=True)
    rate_date = models.DateField(_("rate of"), null=True, blank=True)
    rate_source = models.CharField(_("source of the rate"), max_length=120, blank=True, default="")

    objects: ClassVar[ScopedManager["FinanceAsk"]] = ScopedManager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(loan_units__gt=0, fee_withheld_units__gte=0, instalments__gte=1),
                name="finance_asked_for_something",
            ),
            models.CheckConstraint(
                condition=Q(currency="", foreign_units=None, rate_numerator=None)
                | Q(
                    currency__gt="",
                    foreign_units__gt=0,
                    rate_numerator__gt=0,
                    rate_date__isnull=False,
                ),
                name="foreign_loan_has_rate_and_date",
            ),
        )

    def __str__(self) -> str:
        return str(self.plan)
