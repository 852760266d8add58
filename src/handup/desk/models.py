"""What the import centre keeps: batches, which source row became which record, matched columns."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.desk.rules.imports import BatchState
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser, StoredFile
from handup.org.scope import ScopePaths
from handup.projects.models import Programme

BATCH_STATES = (
    (BatchState.FAULTY.value, _("has faults")),
    (BatchState.CHECKED.value, _("checked, not imported")),
    (BatchState.IMPORTED.value, _("imported")),
)


class ImportBatch(House):
    """One file that was handed over: what was found in it, what its import would do or did."""

    CLASSES = classify(
        I="id recorded_at profile programme name sha256 file state counts fault_count unknown"
        " received_by imported_by imported_at",
        S="faults",
    )
    SCOPE = ScopePaths(programme="programme_id", caseload="received_by_id")
    VIEW = "desk.view_import"

    profile = models.CharField(_("profile"), max_length=40)
    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="import_batches",
        verbose_name=_("programme"),
    )
    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("SHA-256 of the file"), max_length=64, db_index=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("file")
    )
    state = models.CharField(
        _("state"), max_length=8, choices=BATCH_STATES, default=BatchState.FAULTY.value
    )
    counts = models.JSONField(_("rows by table and outcome"), default=dict)
    fault_count = models.PositiveIntegerField(_("faults"), default=0)
    faults = EncryptedTextField(_("faults with their cells"), blank=True, default="")
    unknown = models.JSONField(_("columns not known"), default=dict)
    received_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    imported_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    imported_at = models.DateTimeField(_("imported at"), null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("import batch")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("desk:importbatch_detail", args=[self.pk])


class ImportKey(House):
    """Which record a row of a source became, so that the same row again changes nothing."""

    CLASSES = classify(I="id recorded_at batch source table record", P="key digest")
    SCOPE = ScopePaths(programme="batch__programme_id", caseload="batch__received_by_id")
    VIEW = "desk.view_import"

    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="keys")
    source = models.CharField(_("source"), max_length=100)
    table = models.CharField(_("table"), max_length=40)
    key = models.CharField(_("key in the source"), max_length=200)
    digest = models.CharField(_("keyed digest of the row"), max_length=64)
    record = models.UUIDField(_("record"))

    class Meta:
        verbose_name = _("import key")
        constraints = (
            models.UniqueConstraint(
                fields=("source", "table", "key"), name="one_record_per_source_row"
            ),
        )

    def __str__(self) -> str:
        return f"{self.table} {self.key}"


class ColumnMatch(House):
    """A heading of somebody's file that stands for a column of a profile."""

    CLASSES = classify(O="id recorded_at profile table column heading")

    profile = models.CharField(_("profile"), max_length=40)
    table = models.CharField(_("table"), max_length=40)
    column = models.CharField(_("column"), max_length=60)
    heading = models.CharField(_("heading"), max_length=200)

    class Meta:
        verbose_name = _("column match")
        constraints = (
            models.UniqueConstraint(
                fields=("profile", "table", "column"), name="one_heading_per_column"
            ),
        )

    def __str__(self) -> str:
        return f"{self.heading} = {self.column}"
