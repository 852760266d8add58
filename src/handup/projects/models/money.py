"""Money promised and planned: funding agreements, budgets and their lines, each amount with its
rate."""

from fractions import Fraction
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models.labels import BUDGET_STATE, FUNDING_KIND, choices
from handup.projects.models.organisations import Organisation
from handup.projects.models.programmes import Phase, Programme
from handup.projects.rules.pairs import RATE_SCALE
from handup.projects.rules.states import BudgetState


class FundingAgreement(House):
    """Who gives how much, as grant or loan, on which terms; without an amount when none is
    known."""

    CLASSES = classify(
        I="id recorded_at programme phase funder kind terms amount_units currency signed_date"
        " conditions reference"
    )
    SCOPE = ScopePaths(programme="programme_id", organisation="funder_id")
    VIEW = "projects.view_budget"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="funding")
    phase = models.ForeignKey(Phase, models.PROTECT, null=True, blank=True, related_name="funding")
    funder = models.ForeignKey(Organisation, models.PROTECT, related_name="funding_given")
    kind = models.CharField(_("kind"), max_length=5, choices=choices(FUNDING_KIND))
    terms = models.CharField(_("terms"), max_length=200, blank=True, default="")
    amount_units = models.BigIntegerField(_("amount"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    signed_date = models.DateField(_("signed on"), null=True, blank=True)
    conditions = models.TextField(_("conditions"), blank=True, default="")
    reference = models.CharField(_("reference"), max_length=80, blank=True, default="")

    objects: ClassVar[ScopedManager["FundingAgreement"]] = ScopedManager()

    def __str__(self) -> str:
        return f"{self.funder} {self.reference}".strip()


class Budget(House):
    """One version of a phase's budget: prepared by one person, approved by another, later
    replaced."""

    CLASSES = classify(
        I="id recorded_at programme phase version state reporting_currency reason prepared_by"
        " approved_by approved_date"
    )
    SCOPE = ScopePaths(
        programme="programme_id", organisation="programme__funding__funder_id", many=True
    )
    VIEW = "projects.view_budget"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="budgets")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="budgets")
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    state = models.CharField(
        _("state"), max_length=8, choices=choices(BUDGET_STATE), default=BudgetState.DRAFT.value
    )
    reporting_currency = models.CharField(_("reporting currency"), max_length=3)
    reason = models.TextField(_("reason of the revision"), blank=True, default="")
    prepared_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_date = models.DateField(_("approved on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Budget"]] = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("phase", "version"), name="one_budget_per_version"),
        )

    def __str__(self) -> str:
        return f"{self.phase} v{self.version}"


class BudgetLine(House):
    """Component > sub-component > line: amount, its printed step, and the rate it was converted at.

    `rate_numerator` / `rate_denominator` = units of `currency` per unit of `reporting_currency`,
    exactly as it was told, whichever way round; both amounts are in whole smallest units, both
    steps say how exactly the amounts were printed. A pair that does not agree is flagged.
    """

    CLASSES = classify(
        I="id recorded_at budget parent code title year currency amount_units step_units"
        " reporting_units reporting_step_units rate_numerator rate_denominator rate_date"
        " rate_source pair_agrees implied_rate"
    )
    SCOPE = ScopePaths(
        programme="budget__programme_id",
        organisation="budget__programme__funding__funder_id",
        many=True,
    )
    VIEW = "projects.view_budget"

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="lines")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children"
    )
    code = models.CharField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    amount_units = models.BigIntegerField(_("amount"))
    step_units = models.BigIntegerField(_("printed to"), default=1)
    reporting_units = models.BigIntegerField(_("reporting amount"))
    reporting_step_units = models.BigIntegerField(_("reporting amount printed to"), default=1)
    rate_numerator = models.BigIntegerField(_("rate, above the line"), null=True, blank=True)
    rate_denominator = models.BigIntegerField(_("rate, below the line"), default=RATE_SCALE)
    rate_date = models.DateField(_("rate of"), null=True, blank=True)
    rate_source = models.CharField(_("source of the rate"), max_length=200, blank=True, default="")
    pair_agrees = models.BooleanField(_("amounts agree at the rate"), default=True)
    implied_rate = models.CharField(_("implied rate"), max_length=40, blank=True, default="")

    objects: ClassVar[ScopedManager["BudgetLine"]] = ScopedManager()

    class Meta:
        ordering = ("code",)
        constraints = (
            models.UniqueConstraint(
                fields=("budget", "code"), name="one_line_per_code_in_a_budget"
            ),
            models.CheckConstraint(
                condition=models.Q(rate_numerator=None)
                | (
                    models.Q(rate_numerator__gt=0, rate_denominator__gt=0)
                    & models.Q(rate_date__isnull=False)
                    & ~models.Q(rate_source="")
                ),
                name="rate_has_date_and_source",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def rate(self) -> Fraction | None:
        """The rate as an exact number; None when both amounts are in one currency."""
        if self.rate_numerator is None:
            return None
        return Fraction(self.rate_numerator, self.rate_denominator)
