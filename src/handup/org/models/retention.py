"""What has been kept long enough: one row a rule and listing, blanked when a person approves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models.base import House
from handup.org.models.staff import StaffUser


class RetentionState(models.TextChoices):
    """Where a listing stands."""

    DUE = "DUE", _("Due")
    BLANKED = "BLANKED", _("Blanked")
    LAPSED = "LAPSED", _("Nothing left to blank")


class RetentionListing(House):
    """What one rule found due on a day: how many records are older than the rule keeps them.

    rule: the code of org.retention. before_date: what is older is due. kept_days: for how long the
    rule kept it when it was listed; another number since, and nothing is blanked. found: how many
    records when it was last listed. blanked: how many were blanked when it was approved. Counts
    only: which records they were is not kept.
    """

    CLASSES = classify(
        I="id recorded_at rule before_date kept_days found state approved_by approved_date blanked"
    )
    VIEW = "org.view_retention"

    rule = models.CharField(_("what"), max_length=40)
    before_date = models.DateField(_("older than"))
    kept_days = models.PositiveIntegerField(default=0)
    found = models.PositiveBigIntegerField(_("records"))
    state = models.CharField(
        _("state"), max_length=8, choices=RetentionState.choices, default=RetentionState.DUE
    )
    approved_by = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    approved_date = models.DateField(_("approved on"), null=True, blank=True)
    blanked = models.PositiveBigIntegerField(_("blanked"), default=0)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("rule",), condition=models.Q(state="DUE"), name="retention_one_due_a_rule"
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule} {self.before_date}"
