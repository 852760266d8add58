"""Figures that stay as they were: a snapshot, its figures, and the rows behind each of them
(results.md 4.4)."""

from typing import ClassVar

from django.core.validators import MinLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.results.rules.states import FigureState, SnapshotState

SNAPSHOT_STATES = [
    (SnapshotState.OPEN.value, _("being checked")),
    (SnapshotState.FROZEN.value, _("frozen")),
]
FIGURE_STATES = [
    (FigureState.DRAFT.value, _("draft")),
    (FigureState.CHECKED.value, _("checked")),
    (FigureState.APPROVED.value, _("approved")),
    (FigureState.FROZEN.value, _("frozen")),
]


class Snapshot(House):
    """A programme's figures of one day, computed once, checked, approved and frozen."""

    CLASSES = classify(
        O="id recorded_at programme number day state sha256 computed_at frozen_at program_version"
        " supersedes",
        I="computed_by frozen_by reason",
    )
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="snapshots")
    number = models.PositiveIntegerField(_("number"))
    day = models.DateField(_("counted up to"))
    state = models.CharField(
        _("state"), max_length=8, choices=SNAPSHOT_STATES, default=SnapshotState.OPEN.value
    )
    computed_at = models.DateTimeField(_("computed on"))
    computed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    frozen_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    frozen_at = models.DateTimeField(_("frozen on"), null=True)
    sha256 = models.CharField(_("checksum"), max_length=64, blank=True, default="")
    program_version = models.CharField(_("version of the program"), max_length=20)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    reason = models.CharField(_("why it was computed again"), max_length=500, blank=True)

    objects: ClassVar[ScopedManager["Snapshot"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "-number")
        constraints = (
            models.UniqueConstraint(fields=("programme", "number"), name="snapshot_number_once"),
            models.CheckConstraint(
                condition=models.Q(state="OPEN", sha256="", frozen_at=None)
                | (models.Q(state="FROZEN", frozen_at__isnull=False) & ~models.Q(sha256="")),
                name="snapshot_frozen_with_sum",
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme} {self.number}"


class FrozenFigure(House):
    """One figure of a snapshot with both counts, its interval, its lines, and who passed it."""

    CLASSES = classify(
        O="id recorded_at snapshot code definition state numerator denominator currency value"
        " low high lines periods conversion variants may_leave",
        I="note checked_by approved_by sent_back_reason",
    )
    SCOPE = ScopePaths(programme="snapshot__programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="figures")
    code = models.CharField(_("indicator"), max_length=20)
    definition = models.CharField(
        _("definition"), max_length=64, validators=[MinLengthValidator(64)]
    )
    state = models.CharField(
        _("state"), max_length=8, choices=FIGURE_STATES, default=FigureState.DRAFT.value
    )
    numerator = models.BigIntegerField(_("count"))
    denominator = models.BigIntegerField(_("of"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    value = models.CharField(_("value"), max_length=40, blank=True)
    low = models.CharField(_("from"), max_length=12, blank=True)
    high = models.CharField(_("to"), max_length=12, blank=True)
    lines = models.JSONField(_("lines"), default=dict)
    periods = models.JSONField(_("by period"), default=dict)
    conversion = models.JSONField(_("in each currency"), default=dict)
    variants = models.JSONField(_("with other parameters"), default=dict)
    may_leave = models.BooleanField(_("stands for enough persons to be told"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    checked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    sent_back_reason = models.CharField(_("why it was sent back"), max_length=500, blank=True)

    objects: ClassVar[ScopedManager["FrozenFigure"]] = ScopedManager()

    class Meta:
        ordering = ("snapshot", "code")
        constraints = (
            models.UniqueConstraint(fields=("snapshot", "code"), name="figure_frozen_once"),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def has_gap(self) -> bool:
        """Whether it has no value, because amounts of several currencies lack a rate."""
        told = self.conversion
        return bool(told) and len(told["sums"]) > 1 and bool(told["missing"])


class FrozenRow(House):
    """One row behind a frozen figure: what it counted, which record it opens. Of a person who was
    erased only the digest is left, so that the checksum holds still.
    """

    CLASSES = classify(
        O="id recorded_at figure is_base phase digest",
        P="unit holder kind record on amount currency salt",
    )
    SCOPE = ScopePaths(programme="figure__snapshot__programme_id")
    VIEW = "results.view_snapshot"

    figure = models.ForeignKey(FrozenFigure, models.PROTECT, related_name="rows")
    is_base = models.BooleanField(_("of what it is counted of"))
    unit = models.CharField(max_length=40, blank=True)
    holder = models.CharField(max_length=40, blank=True, db_index=True)
    kind = models.CharField(max_length=12, blank=True)
    record = models.CharField(max_length=40, blank=True, db_index=True)
    on = models.DateField(null=True)
    amount = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    phase = models.CharField(max_length=40, blank=True, default="")
    salt = models.CharField(max_length=32, blank=True)
    digest = models.CharField(max_length=64)

    objects: ClassVar[ScopedManager["FrozenRow"]] = ScopedManager()

    class Meta:
        ordering = ("figure", "is_base", "on", "id")

    def __str__(self) -> str:
        return self.digest[:12]
