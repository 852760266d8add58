"""Tables of counts as they were published: safe by protection.md 4.9, and kept for good."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.results.models.frozen import Snapshot


class PublicTable(House):
    """One count by one or two dimensions, as everybody may read it; `basis` is what it was made of,
    for the proof of the next one.
    """

    CLASSES = classify(
        O="id recorded_at programme snapshot day code row_dimension column_dimension smallest"
        " table",
        I="basis published_by",
    )
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_figure"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="public_tables")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="public_tables")
    day = models.DateField(_("counted up to"))
    code = models.CharField(_("indicator"), max_length=20)
    row_dimension = models.CharField(_("rows"), max_length=40)
    column_dimension = models.CharField(_("columns"), max_length=40, blank=True, default="")
    smallest = models.PositiveSmallIntegerField(_("smallest count shown"))
    table = models.JSONField(default=dict)
    basis = models.JSONField(default=dict)
    published_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["PublicTable"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "-day", "code")
        verbose_name = _("public table")
        constraints = (
            models.UniqueConstraint(
                fields=("snapshot", "code", "row_dimension", "column_dimension"),
                name="table_published_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.day.isoformat()}"
