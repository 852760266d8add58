"""What is usual in a trade and area, and a version of a plan held against it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import Area, House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.plans.models.labels import BASIS, FINDING, MEASURE, choices
from handup.plans.models.plans import PlanVersion, plan_paths
from handup.projects.models import Programme


class Benchmark(House):
    """What visits of the last two years told of a trade in an area: P10, median and P90.

    Of MARKUP in basis points, of all else in smallest units of `currency` a month. Without an area
    it is of the whole programme. Made anew from the visits, never typed.
    """

    CLASSES = classify(
        O="id recorded_at programme trade area measure currency visits low middle high as_of_date"
    )
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "plans.view_benchmark"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="benchmarks")
    trade = models.CharField(_("trade"), max_length=120)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("area")
    )
    measure = models.CharField(_("what"), max_length=10, choices=choices(MEASURE))
    currency = models.CharField(_("currency"), max_length=3)
    visits = models.PositiveIntegerField(_("visits"))
    low = models.BigIntegerField(_("from"))
    middle = models.BigIntegerField(_("middle"))
    high = models.BigIntegerField(_("to"))
    as_of_date = models.DateField(_("worked out on"))

    objects: ClassVar[ScopedManager["Benchmark"]] = ScopedManager()

    class Meta:
        ordering = ("trade", "measure", "id")
        verbose_name = _("benchmark")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "trade", "area", "measure", "currency"),
                condition=Q(area__isnull=False),
                name="one_benchmark_per_trade_area_and_measure",
            ),
            models.UniqueConstraint(
                fields=("programme", "trade", "measure", "currency"),
                condition=Q(area=None),
                name="one_benchmark_per_trade_and_measure",
            ),
            models.CheckConstraint(
                condition=Q(low__lte=F("middle"), middle__lte=F("high")),
                name="a_benchmark_goes_upwards",
            ),
        )

    def __str__(self) -> str:
        return f"{self.trade}: {self.get_measure_display()}"


class CrossCheck(House):
    """One measure of a version of a plan beside the usual: what is claimed and what is reckoned
    with. Who reviews may let a claim stand, with the reason.
    """

    CLASSES = classify(
        I="id recorded_at version measure finding basis area visits overridden_by overridden_date",
        P="claimed low middle high adjusted override_reason",
    )
    SCOPE = plan_paths("version__plan")
    VIEW = "plans.view_plan"

    version = models.ForeignKey(PlanVersion, models.PROTECT, related_name="checks")
    measure = models.CharField(_("what"), max_length=10, choices=choices(MEASURE))
    finding = models.CharField(_("beside the usual"), max_length=12, choices=choices(FINDING))
    basis = models.CharField(_("usual where"), max_length=10, choices=choices(BASIS))
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    visits = models.PositiveIntegerField(_("visits"), default=0)
    claimed = models.BigIntegerField(_("claimed"), null=True, blank=True)
    low = models.BigIntegerField(_("from"), null=True, blank=True)
    middle = models.BigIntegerField(_("middle"), null=True, blank=True)
    high = models.BigIntegerField(_("to"), null=True, blank=True)
    adjusted = models.BigIntegerField(_("reckoned with"), null=True, blank=True)
    overridden_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    overridden_date = models.DateField(_("let stand on"), null=True, blank=True)
    override_reason = models.CharField(
        _("why the claim stands"), max_length=300, blank=True, default=""
    )

    objects: ClassVar[ScopedManager["CrossCheck"]] = ScopedManager()

    class Meta:
        ordering = ("version", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("version", "measure"), name="one_check_per_version_and_measure"
            ),
        )

    def __str__(self) -> str:
        return f"{self.version}: {self.get_measure_display()}"

    @property
    def is_adjusted(self) -> bool:
        """Whether something else than the claim is reckoned with."""
        return self.adjusted is not None and self.overridden_by_id is None
