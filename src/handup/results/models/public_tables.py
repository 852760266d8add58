"""Tables of counts as they were published: safe by protection.md 4.9, and kept for good."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.results.models.frozen import Snapshot

COUNTED, YES, NO = "counted", "YES", "NO"
"""The columns of a share: who is counted, of whom it is counted, and who is not."""


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

    @property
    def is_share(self) -> bool:
        """Whether it tells of how many it is so, of how many."""
        return bool(self.column_dimension == COUNTED)

    @property
    def counts(self) -> tuple[int, int | None]:
        """What it tells in all: a count, or of a share both of its counts."""
        total = int(self.table["total"])
        if not self.is_share:
            return total, None
        return int(self.table["column_totals"][self.table["columns"].index([YES])]), total
