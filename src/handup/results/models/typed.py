"""Values that no record gives and somebody types, each with its evidence (results.md 4.1, 5)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser, StoredFile
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.results.models.frozen import Snapshot
from handup.results.rules.logframe import MOST_SIGNS
from handup.results.rules.states import FigureState

TYPED_STATES = [
    (FigureState.DRAFT.value, _("draft")),
    (FigureState.CHECKED.value, _("checked")),
    (FigureState.APPROVED.value, _("approved")),
]


class TypedValue(House):
    """One value of an indicator by the end of a period, typed by hand; of a share both counts."""

    CLASSES = classify(
        O="id recorded_at programme code period_end numerator denominator value state supersedes",
        I="note reason typed_by checked_by approved_by sent_back_reason",
    )
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="typed_values")
    code = models.CharField(_("indicator"), max_length=20)
    period_end = models.DateField(_("counted up to"))
    numerator = models.BigIntegerField(_("count"), null=True)
    denominator = models.BigIntegerField(_("of"), null=True)
    value = models.CharField(_("value"), max_length=MOST_SIGNS)
    state = models.CharField(
        _("state"), max_length=8, choices=TYPED_STATES, default=FigureState.DRAFT.value
    )
    note = models.CharField(_("note"), max_length=500, blank=True, default="")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    reason = models.CharField(_("why it was typed again"), max_length=300, blank=True, default="")
    typed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    checked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    approved_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    sent_back_reason = models.CharField(
        _("why it was sent back"), max_length=500, blank=True, default=""
    )

    objects: ClassVar[ScopedManager["TypedValue"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "code", "-period_end", "-id")
        verbose_name = _("typed value")

    def __str__(self) -> str:
        return f"{self.code} {self.period_end.isoformat()}"


class Evidence(House):
    """A file that shows a typed value."""

    CLASSES = classify(I="id recorded_at value file note added_by")
    SCOPE = ScopePaths(programme="value__programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    value = models.ForeignKey(TypedValue, models.PROTECT, related_name="evidence")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    note = models.CharField(_("what it shows"), max_length=300, blank=True, default="")
    added_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Evidence"]] = ScopedManager()

    class Meta:
        ordering = ("value", "id")
        verbose_name = _("evidence")

    def __str__(self) -> str:
        return str(self.pk)


class FrozenTyped(House):
    """A typed value as a snapshot keeps it: what was approved by its day of an indicator that the
    programme does not compute.
    """

    CLASSES = classify(
        O="id recorded_at snapshot typed code period_end numerator denominator value may_leave"
    )
    SCOPE = ScopePaths(programme="snapshot__programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_snapshot"

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="typed")
    typed = models.ForeignKey(TypedValue, models.PROTECT, related_name="frozen")
    code = models.CharField(_("indicator"), max_length=20)
    period_end = models.DateField(_("counted up to"))
    numerator = models.BigIntegerField(_("count"), null=True)
    denominator = models.BigIntegerField(_("of"), null=True)
    value = models.CharField(_("value"), max_length=MOST_SIGNS)
    may_leave = models.BooleanField(_("stands for enough persons to be told"))

    objects: ClassVar[ScopedManager["FrozenTyped"]] = ScopedManager()

    class Meta:
        ordering = ("snapshot", "code")
        constraints = (
            models.UniqueConstraint(fields=("snapshot", "code"), name="typed_frozen_once"),
        )

    def __str__(self) -> str:
        return self.code
