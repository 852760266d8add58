"""How much a lender sets aside for losses, as data with a day from which it counts."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.lending.models.lenders import Lender
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager


class ProvisionTable(House):
    """Shares of outstanding principal by days late, from a day on; older tables stay.

    buckets: [[from days, to days or null, 1/100 of a percent], ...], see rules/provisioning.py.
    """

    CLASSES = classify(O="id recorded_at lender effective_date buckets", I="stated_by")
    VIEW = "lending.view_lender"

    lender = models.ForeignKey(Lender, models.PROTECT, related_name="provision_tables")
    effective_date = models.DateField(_("counts from"))
    buckets = models.JSONField(_("shares by days late"))
    stated_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ProvisionTable"]] = ScopedManager()

    class Meta:
        ordering = ("-effective_date", "-id")

    def __str__(self) -> str:
        return f"{self.lender_id} {self.effective_date}"


class RatioRecord(House):
    """A ratio as it was reported: its definition, both numbers, its cut-off; never changed.

    starts: the first day of the period for ratios of a period. parameter: days of a PAR.
    """

    CLASSES = classify(
        O="id recorded_at ratio parameter lender currency starts cut_off numerator denominator",
        I="recorded_by loans numerator_loans",
    )
    VIEW = "lending.view_lender"

    ratio = models.CharField(_("ratio"), max_length=20)
    parameter = models.PositiveIntegerField(null=True, blank=True)
    lender = models.ForeignKey(
        Lender, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("lender")
    )
    currency = models.CharField(_("currency"), max_length=3)
    starts = models.DateField(_("from"), null=True, blank=True)
    cut_off = models.DateField(_("as of"))
    numerator = models.BigIntegerField()
    denominator = models.BigIntegerField()
    numerator_loans = models.PositiveIntegerField(default=0)
    loans = models.PositiveIntegerField(default=0)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["RatioRecord"]] = ScopedManager()

    class Meta:
        ordering = ("-cut_off", "ratio", "parameter")
        indexes = (models.Index(fields=("ratio", "cut_off"), name="lending_ratio_cut_off"),)

    def __str__(self) -> str:
        return f"{self.ratio} {self.cut_off}"
