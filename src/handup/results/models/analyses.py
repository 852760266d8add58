"""Outcomes of studies: what is compared with what, written down before fieldwork, and what it
showed (results.md 3, 4.6, 5)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.results.models.frozen import Snapshot
from handup.results.rules.states import AnalysisState, Clusters, DesignKind, Level, OutcomeKind
from handup.surveys.models import Round

DESIGNS = [
    (DesignKind.NONE.value, _("no comparison group")),
    (DesignKind.COMPARISON.value, _("a chosen comparison group")),
    (DesignKind.RANDOMISED.value, _("groups drawn by lot")),
]
OUTCOME_KINDS = [
    (OutcomeKind.AMOUNT.value, _("a number or an amount")),
    (OutcomeKind.SHARE.value, _("something that is so or not")),
    (OutcomeKind.LASTS.value, _("how many enterprises are still open")),
]
CLUSTERS = [
    (Clusters.UNIT.value, _("each unit stands alone")),
    (Clusters.CLUSTER.value, _("the clusters of the draw")),
    (Clusters.AREA.value, _("the areas they live in")),
]
ANALYSIS_STATES = [
    (AnalysisState.DRAFT.value, _("draft")),
    (AnalysisState.FIXED.value, _("fixed before fieldwork")),
    (AnalysisState.DONE.value, _("done")),
]
LEVELS = [
    (Level.DESCRIPTIVE.value, _("describes")),
    (Level.CHANGE.value, _("shows a change")),
    (Level.COMPARED.value, _("shows a difference from others")),
    (Level.CAUSAL.value, _("shows an effect")),
]


class Analysis(House):
    """One outcome over one or two rounds: its plan, when it was fixed, and what it showed."""

    CLASSES = classify(
        O="id recorded_at programme code title outcome_key kind yes_values is_primary design"
        " clusters hypothesis first_round last_round arm_key arm_values unit price_first price_last"
        " price_source months state seed fixed_at done_at level told",
        I="planned_by fixed_by done_by",
    )
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="analyses")
    code = models.CharField(_("code"), max_length=20)
    title = models.CharField(_("outcome"), max_length=200)
    outcome_key = models.CharField(_("question"), max_length=80)
    kind = models.CharField(_("kind of answer"), max_length=6, choices=OUTCOME_KINDS)
    yes_values = models.JSONField(_("answers that count"), default=list)
    is_primary = models.BooleanField(_("primary outcome"), default=False)
    design = models.CharField(_("design"), max_length=10, choices=DESIGNS)
    clusters = models.CharField(
        _("clusters"), max_length=7, choices=CLUSTERS, default=Clusters.UNIT.value
    )
    hypothesis = models.CharField(_("what is expected"), max_length=500)
    first_round = models.ForeignKey(
        Round, models.PROTECT, null=True, related_name="+", verbose_name=_("first round")
    )
    last_round = models.ForeignKey(
        Round, models.PROTECT, related_name="+", verbose_name=_("last round")
    )
    arm_key = models.CharField(_("question of the group"), max_length=80, blank=True, default="")
    arm_values = models.JSONField(_("who took part"), default=list)
    unit = models.CharField(_("unit"), max_length=40, blank=True, default="")
    price_first = models.CharField(_("price index, first"), max_length=20, blank=True, default="")
    price_last = models.CharField(_("price index, last"), max_length=20, blank=True, default="")
    price_source = models.CharField(
        _("source of the price index"), max_length=200, blank=True, default=""
    )
    months = models.PositiveSmallIntegerField(
        _("months after they were first served"), null=True, blank=True
    )
    state = models.CharField(
        _("state"), max_length=5, choices=ANALYSIS_STATES, default=AnalysisState.DRAFT.value
    )
    seed = models.PositiveIntegerField(_("seed of the drawing"))
    planned_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    fixed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    fixed_at = models.DateTimeField(_("fixed on"), null=True)
    done_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(_("worked out on"), null=True)
    level = models.CharField(
        _("what it shows"), max_length=11, choices=LEVELS, blank=True, default=""
    )
    told = models.JSONField(default=dict)

    objects: ClassVar[ScopedManager["Analysis"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "-is_primary", "code")
        verbose_name = _("analysis")
        constraints = (
            models.UniqueConstraint(fields=("programme", "code"), name="analysis_code_once"),
            models.CheckConstraint(
                condition=models.Q(state="DONE", done_at__isnull=False)
                | (~models.Q(state="DONE") & models.Q(done_at=None)),
                name="analysis_done_with_day",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="FIXED") | models.Q(fixed_at__isnull=False),
                name="analysis_fixed_with_day",
            ),
        )

    def __str__(self) -> str:
        return self.title


class FrozenEstimate(House):
    """What an analysis showed, as a snapshot keeps it for reports."""

    CLASSES = classify(O="id recorded_at snapshot code title unit level told may_leave")
    SCOPE = ScopePaths(programme="snapshot__programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="estimates")
    code = models.CharField(_("code"), max_length=20)
    title = models.CharField(_("outcome"), max_length=200)
    unit = models.CharField(_("unit"), max_length=40, blank=True, default="")
    level = models.CharField(_("what it shows"), max_length=11, choices=LEVELS)
    told = models.JSONField(default=dict)
    may_leave = models.BooleanField(_("stands for enough persons to be told"))

    objects: ClassVar[ScopedManager["FrozenEstimate"]] = ScopedManager()

    class Meta:
        ordering = ("snapshot", "code")
        constraints = (
            models.UniqueConstraint(fields=("snapshot", "code"), name="estimate_frozen_once"),
        )

    def __str__(self) -> str:
        return self.code
