"""What the import centre keeps: batches, which source row became which record, matched columns."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.desk.rules.imports import BatchState, RejectReason
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser, StoredFile
from handup.org.scope import ScopePaths
from handup.people.models.labels import (
    MATCH_GUARD,
    MATCH_REASON,
    MATCH_STATE,
    MATCH_VERDICT,
    choices,
)
from handup.people.rules.duplicates import MatchState
from handup.projects.models import Programme

BATCH_STATES = (
    (BatchState.RECEIVED.value, _("has faults")),
    (BatchState.VALIDATED.value, _("without faults, nobody compared")),
    (BatchState.CHECKED.value, _("checked, not taken over")),
    (BatchState.ADJUDICATING.value, _("somebody may be registered twice")),
    (BatchState.TAKEN_OVER.value, _("taken over")),
    (BatchState.REJECTED.value, _("rejected")),
)
REJECT_REASONS = (
    (RejectReason.FAULTS.value, _("too many faults")),
    (RejectReason.WRONG_FILE.value, _("the wrong file")),
    (RejectReason.KNOWN_ALREADY.value, _("these people are registered already")),
    (RejectReason.NO_CONSENT.value, _("they did not agree to be registered")),
    (RejectReason.OTHER.value, _("another reason")),
)


class ImportBatch(House):
    """One file that was handed over: what was found in it, what its import would do or did."""

    CLASSES = classify(
        I="id recorded_at profile programme name sha256 file state counts fault_count unknown"
        " received_by imported_by imported_at rejected_by rejected_at reject_reason without_key",
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
    sha256 = models.CharField(_("sum of the file"), max_length=64, db_index=True)
    file = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("file")
    )
    state = models.CharField(
        _("state"), max_length=12, choices=BATCH_STATES, default=BatchState.RECEIVED.value
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
    without_key = models.PositiveIntegerField(_("persons with nothing to compare by"), default=0)
    rejected_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    rejected_at = models.DateTimeField(_("rejected at"), null=True, blank=True)
    reject_reason = models.CharField(
        _("reason"), max_length=13, choices=REJECT_REASONS, blank=True, default=""
    )

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


class ImportPair(House):
    """A row of a file that may be somebody registered, or another row: how sure, what was decided.

    `record` is the person, empty where both are rows. `shown` holds what stands in the rows, for
    whoever decides, and is blanked with the decision's use.
    """

    CLASSES = classify(
        I="id recorded_at batch record verdict guard bits_milli chance_ppm parts model state reason"
        " decided_by decided_date",
        P="key other_key",
        S="shown",
    )
    SCOPE = ScopePaths(programme="batch__programme_id", caseload="batch__received_by_id")
    VIEW = "desk.view_pair"

    batch = models.ForeignKey(ImportBatch, models.PROTECT, related_name="pairs")
    key = models.CharField(_("row"), max_length=200)
    other_key = models.CharField(_("other row"), max_length=200, blank=True, default="")
    record = models.UUIDField(_("person"), null=True, blank=True)
    verdict = models.CharField(_("how sure"), max_length=17, choices=choices(MATCH_VERDICT))
    guard = models.CharField(max_length=14, choices=choices(MATCH_GUARD), blank=True, default="")
    bits_milli = models.IntegerField(_("weight"))
    chance_ppm = models.PositiveIntegerField(_("chance"))
    parts = models.JSONField(_("weights"), default=list)
    model = models.CharField(_("model"), max_length=40)
    shown = EncryptedTextField(_("what stands in the rows"), blank=True, default="")
    state = models.CharField(
        _("state"), max_length=9, choices=choices(MATCH_STATE), default=MatchState.OPEN.value
    )
    reason = models.CharField(
        _("reason"), max_length=19, choices=choices(MATCH_REASON), blank=True, default=""
    )
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_date = models.DateField(_("decided on"), null=True, blank=True)

    class Meta:
        ordering = ("-chance_ppm", "id")
        verbose_name = _("pair in a file")

    def __str__(self) -> str:
        return f"{self.key} = {self.other_key}?" if self.other_key else f"{self.key}?"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("desk:importpair_detail", args=[self.pk])


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


class CaseCountTold(House):
    """What was told of the restricted cases of one programme in one year that is over, as a table
    made safe (protection.md 4.2, 4.9 rule 6). Told once, it stays: a case that is opened late, or
    taken away after its time, changes it no more, so that nobody learns of one by comparing.

    table: outcome, total, and the groups of kinds and sexes with their shown counts; a hidden cell
    is null. The counts that are hidden are not in it.
    """

    CLASSES = classify(I="id recorded_at programme year smallest table told_by")
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "people.open_compartment"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField(_("year"))
    smallest = models.PositiveSmallIntegerField(_("smallest count told"))
    table = models.JSONField(default=dict)
    told_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("programme", "-year")
        constraints = (
            models.UniqueConstraint(fields=("programme", "year"), name="cases_told_once_a_year"),
        )

    def __str__(self) -> str:
        return f"{self.programme_id} {self.year}"
