"""A plan, who it is of, where it stands; and its frozen versions."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models import Enterprise, Person
from handup.plans.models.labels import DEPTH, DRAWINGS_FROM, PLAN_STATE, SIGNED_BY, choices
from handup.plans.rules.inputs import DrawingsFrom
from handup.plans.rules.states import OPEN_TO_CHANGE, Depth, PlanState
from handup.projects.models import Organisation, Programme


def plan_paths(plan: str = "") -> ScopePaths:
    """Return the paths of a table whose rows belong to a plan; "" for the plan itself."""
    step = f"{plan}__" if plan else ""
    return ScopePaths(
        office=f"{step}office_id",
        area=f"{step}person__area_id",
        programme=f"{step}programme_id",
        caseload=f"{step}adviser_id",
        person=f"{step}person_id",
    )


class Plan(House):
    """A business plan of a person with an enterprise, or of an organisation.

    Amounts are smallest units of `currency`. Months count from `start_month`, the first day of
    month 1. What is here and in its parts may be changed while it is being written; what was
    handed in is frozen in its versions. `edition` counts how often its parts were saved: who saved
    another edition than the one that stands has her draft kept `beside` it: `kept_by` whom,
    `kept_from` which edition, and with which parts of hers.
    """

    CLASSES = classify(
        I="id recorded_at number programme office adviser person enterprise organisation repeats"
        " depth state currency start_month horizon_months started_date submitted_date advised_by"
        " advised_date signed_by reviewed_by reviewed_date first_ready_date ready_date decided_date"
        " drawings_from beside edition edition_key kept_by kept_from kept_parts",
        P="title idea own_cash_units grant_units opening_stock_units capital_units"
        " liabilities_units buffer_units capacity_bps season_bps statement comment open_points"
        " witness",
    )
    SCOPE = plan_paths()
    VIEW = "plans.view_plan"

    number = models.CharField(_("number"), max_length=12, unique=True)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="plans")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    adviser = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="plans_advised", verbose_name=_("adviser")
    )
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="plans")
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="plans"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="plans"
    )
    repeats = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="repeated_by",
        verbose_name=_("made again from"),
    )
    beside = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="drafts_beside",
        verbose_name=_("kept beside"),
    )
    edition = models.PositiveIntegerField(_("times saved"), default=0)
    edition_key = models.UUIDField(null=True, blank=True)
    kept_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    kept_from = models.PositiveIntegerField(null=True, blank=True)
    kept_parts = models.JSONField(default=list, blank=True)
    title = models.CharField(_("what the business is"), max_length=200)
    idea = models.TextField(_("the idea, and who benefits"), blank=True, default="")
    depth = models.CharField(
        _("depth"), max_length=5, choices=choices(DEPTH), default=Depth.LIGHT.value
    )
    state = models.CharField(
        _("state"), max_length=12, choices=choices(PLAN_STATE), default=PlanState.DRAFT.value
    )
    currency = models.CharField(_("currency"), max_length=3)
    start_month = models.DateField(_("first month"))
    horizon_months = models.PositiveSmallIntegerField(_("months"), default=12)
    own_cash_units = models.BigIntegerField(_("own cash put in"), default=0)
    grant_units = models.BigIntegerField(_("grant"), default=0)
    opening_stock_units = models.BigIntegerField(_("stock bought for opening"), default=0)
    capital_units = models.BigIntegerField(_("worth of what they already own"), default=0)
    liabilities_units = models.BigIntegerField(_("debts now"), default=0)
    buffer_units = models.BigIntegerField(_("cash that must stay"), default=0)
    capacity_bps = models.PositiveIntegerField(_("share for the instalment"), default=3_500)
    season_bps = models.JSONField(_("seasons"), default=list, blank=True)
    drawings_from = models.CharField(
        _("living costs from"),
        max_length=5,
        choices=choices(DRAWINGS_FROM),
        default=DrawingsFrom.SHEET.value,
    )
    started_date = models.DateField(_("started on"))
    submitted_date = models.DateField(_("handed in on"), null=True, blank=True)
    comment = models.TextField(_("comment of the reader"), blank=True, default="")
    advised_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    advised_date = models.DateField(_("advised on"), null=True, blank=True)
    statement = models.TextField(_("statement of the adviser"), blank=True, default="")
    signed_by = models.CharField(
        _("agreed by"), max_length=9, choices=choices(SIGNED_BY), blank=True, default=""
    )
    witness = models.CharField(
        _("witness of the mark"), max_length=120, blank=True, default="", db_default=""
    )
    reviewed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reviewed_date = models.DateField(_("reviewed on"), null=True, blank=True)
    open_points = models.TextField(_("points still open"), blank=True, default="")
    first_ready_date = models.DateField(_("first ready on"), null=True, blank=True)
    ready_date = models.DateField(_("ready on"), null=True, blank=True)
    decided_date = models.DateField(_("financed or not on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Plan"]] = ScopedManager()

    class Meta:
        ordering = ("-started_date", "-id")
        indexes = (
            models.Index(fields=("programme", "state"), name="plan_in_programme"),
            models.Index(fields=("-started_date", "-id"), name="plan_newest"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(person__isnull=False, organisation=None)
                | Q(person=None, organisation__isnull=False),
                name="plan_of_a_person_or_an_organisation",
            ),
            models.CheckConstraint(
                condition=Q(horizon_months__gte=1, horizon_months__lte=60),
                name="plan_of_1_to_60_months",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return PlanState(self.state) in OPEN_TO_CHANGE


class PlanVersion(House):
    """A plan as it was handed in: inputs, results and their fingerprint; never changed, only
    blanked when its person is erased.

    adjusted: the results with what is reckoned with in place of what is claimed and not taken;
    empty where every claim stands. It follows from the inputs and the checks.
    """

    CLASSES = classify(
        I="id recorded_at plan number engine_version sha256 supersedes frozen_by frozen_date",
        P="inputs results adjusted",
    )
    SCOPE = plan_paths("plan")
    VIEW = "plans.view_plan"

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    engine_version = models.CharField(_("engine"), max_length=20)
    inputs = models.JSONField(_("inputs"))
    results = models.JSONField(_("results"))
    adjusted = models.JSONField(_("results reckoned with"), default=dict, blank=True)
    sha256 = models.CharField(_("fingerprint"), max_length=64)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    frozen_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    frozen_date = models.DateField(_("on"))

    objects: ClassVar[ScopedManager["PlanVersion"]] = ScopedManager()

    class Meta:
        ordering = ("plan", "number")
        constraints = (
            models.UniqueConstraint(fields=("plan", "number"), name="one_plan_version_per_number"),
        )

    def __str__(self) -> str:
        return f"{self.plan} v{self.number}"
