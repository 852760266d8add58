"""A phase's logframe: its rows, the indicators of each, and their targets with every revision
(results.md 3, 4.3)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import BudgetLine, Phase, Programme
from handup.results.models.frozen import Snapshot
from handup.results.rules.logframe import MOST_SIGNS, Assumption, RowLevel

ROW_LEVELS = [
    (RowLevel.GOAL.value, _("goal")),
    (RowLevel.OUTCOME.value, _("outcome")),
    (RowLevel.OUTPUT.value, _("output")),
    (RowLevel.ACTIVITY.value, _("activity")),
]
ASSUMPTION_STATES = [
    (Assumption.HOLDS.value, _("holds")),
    (Assumption.AT_RISK.value, _("at risk")),
    (Assumption.FAILED.value, _("failed")),
]


class LogframeRow(House):
    """One row of a logframe: what is to be reached, how it is verified, what it relies on."""

    CLASSES = classify(
        O="id recorded_at phase level parent position statement means assumption assumption_state"
        " reviewed_date budget_line",
        I="reviewed_by removed_at",
    )
    SCOPE = ScopePaths(programme="phase__programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    phase = models.ForeignKey(Phase, models.PROTECT, related_name="logframe_rows")
    level = models.CharField(_("level"), max_length=8, choices=ROW_LEVELS)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", verbose_name=_("belongs to")
    )
    position = models.PositiveSmallIntegerField(_("order"))
    statement = models.CharField(_("what is to be reached"), max_length=500)
    means = models.CharField(_("means of verification"), max_length=500, blank=True, default="")
    assumption = models.CharField(_("assumption"), max_length=500, blank=True, default="")
    assumption_state = models.CharField(
        _("does it hold?"), max_length=7, choices=ASSUMPTION_STATES, default=Assumption.HOLDS.value
    )
    reviewed_date = models.DateField(_("reviewed on"), null=True)
    reviewed_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    budget_line = models.ForeignKey(
        BudgetLine, models.PROTECT, null=True, related_name="+", verbose_name=_("budget line")
    )
    removed_at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager["LogframeRow"]] = ScopedManager()

    class Meta:
        ordering = ("phase", "position", "id")
        verbose_name = _("row of a logframe")

    def __str__(self) -> str:
        return self.statement


class RowIndicator(House):
    """An indicator of a row, with where it stood before, or why nobody knows."""

    CLASSES = classify(
        O="id recorded_at row code position baseline baseline_year baseline_reason removed_at"
    )
    SCOPE = ScopePaths(programme="row__phase__programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    row = models.ForeignKey(LogframeRow, models.PROTECT, related_name="indicators")
    code = models.CharField(_("indicator"), max_length=20)
    position = models.PositiveSmallIntegerField(_("order"))
    baseline = models.CharField(_("baseline"), max_length=MOST_SIGNS, blank=True, default="")
    baseline_year = models.PositiveSmallIntegerField(_("year of the baseline"), null=True)
    baseline_reason = models.CharField(
        _("why there is none"), max_length=300, blank=True, default=""
    )
    removed_at = models.DateTimeField(null=True)

    objects: ClassVar[ScopedManager["RowIndicator"]] = ScopedManager()

    class Meta:
        ordering = ("row", "position", "id")
        verbose_name = _("indicator of a row")
        constraints = (
            models.UniqueConstraint(
                fields=("row", "code"),
                condition=models.Q(removed_at=None),
                name="indicator_once_in_a_row",
            ),
        )

    def __str__(self) -> str:
        return self.code


class Target(House):
    """A target of an indicator for the end of a period; a revision is a row of its own."""

    CLASSES = classify(
        O="id recorded_at indicator period_end line value revision reason", I="set_by"
    )
    SCOPE = ScopePaths(programme="indicator__row__phase__programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    indicator = models.ForeignKey(RowIndicator, models.PROTECT, related_name="targets")
    period_end = models.DateField(_("by the end of"))
    line = models.CharField(_("line"), max_length=80, blank=True, default="")
    value = models.CharField(_("target"), max_length=MOST_SIGNS)
    revision = models.PositiveSmallIntegerField(_("revision"))
    reason = models.CharField(_("why it was changed"), max_length=300, blank=True, default="")
    set_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Target"]] = ScopedManager()

    class Meta:
        ordering = ("indicator", "period_end", "line", "revision")
        verbose_name = _("target")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "period_end", "line", "revision"), name="target_revised_once"
            ),
            models.CheckConstraint(
                condition=models.Q(revision=1) | ~models.Q(reason=""),
                name="target_revised_with_reason",
            ),
        )

    def __str__(self) -> str:
        return self.value


class FrozenTarget(House):
    """What a logframe promised of an indicator when a snapshot was frozen: its baseline, its
    target, and how far the frozen figure was.
    """

    CLASSES = classify(
        O="id recorded_at snapshot indicator position phase_code level statement code baseline"
        " baseline_year baseline_reason target period_end achieved"
    )
    SCOPE = ScopePaths(programme="snapshot__programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="targets")
    indicator = models.ForeignKey(RowIndicator, models.PROTECT, related_name="frozen")
    position = models.PositiveIntegerField(_("order"))
    phase_code = models.CharField(_("phase"), max_length=40)
    level = models.CharField(_("level"), max_length=8, choices=ROW_LEVELS)
    statement = models.CharField(_("what is to be reached"), max_length=500)
    code = models.CharField(_("indicator"), max_length=20)
    baseline = models.CharField(_("baseline"), max_length=MOST_SIGNS, blank=True, default="")
    baseline_year = models.PositiveSmallIntegerField(_("year of the baseline"), null=True)
    baseline_reason = models.CharField(
        _("why there is none"), max_length=300, blank=True, default=""
    )
    target = models.CharField(_("target"), max_length=MOST_SIGNS, blank=True, default="")
    period_end = models.DateField(_("by the end of"), null=True)
    achieved = models.CharField(_("achieved, in per cent"), max_length=60, blank=True, default="")

    objects: ClassVar[ScopedManager["FrozenTarget"]] = ScopedManager()

    class Meta:
        ordering = ("snapshot", "position")
        verbose_name = _("target of a snapshot")
        constraints = (
            models.UniqueConstraint(fields=("snapshot", "indicator"), name="target_frozen_once"),
        )

    def __str__(self) -> str:
        return self.code
