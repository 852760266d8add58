"""What a partner bank sends: a file, its rows, and what became of each."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.lending.models.labels import EVENT_KINDS, LINE_STATES
from handup.lending.models.lenders import Lender
from handup.lending.models.loans import Loan, LoanEvent
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class BankFile(House):
    """One file as it came; the same content again is recognised by its hash and changes nothing."""

    CLASSES = classify(
        I="id recorded_at lender file_name sha256 imported_by imported_date rows_total rows_posted"
        " rows_faulty posted_units"
    )
    SCOPE = ScopePaths(
        organisation="lender__organisation_id",
        programme="lender__programme_id",
    )
    VIEW = "lending.view_bank_file"

    lender = models.ForeignKey(
        Lender, models.PROTECT, related_name="bank_files", verbose_name=_("lender")
    )
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    imported_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("imported by")
    )
    imported_date = models.DateField(_("imported on"))
    rows_total = models.PositiveIntegerField(_("rows"), default=0)
    rows_posted = models.PositiveIntegerField(_("posted"), default=0)
    rows_faulty = models.PositiveIntegerField(_("faults"), default=0)
    posted_units = models.BigIntegerField(_("amount posted"), default=0)

    objects: ClassVar[ScopedManager["BankFile"]] = ScopedManager()

    class Meta:
        ordering = ("-imported_date", "-id")
        constraints = (
            models.UniqueConstraint(fields=("lender", "sha256"), name="one_bank_file_a_content"),
        )

    def __str__(self) -> str:
        return self.file_name


class BankLine(House):
    """One row of a bank file: as read, the loan it names, and posted or the fault that
    stopped it.
    """

    CLASSES = classify(
        I="id recorded_at file row kind value_date entry_key state fault_code fault_column loan"
        " event",
        P="raw units reference fault_message",
    )
    SCOPE = ScopePaths(
        organisation="file__lender__organisation_id",
        programme="file__lender__programme_id",
        person="loan__person_id",
        shared=("loan__enterprise__ownerships__person_id",),
    )
    VIEW = "lending.view_bank_file"

    file = models.ForeignKey(BankFile, models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField(_("row"))
    raw = models.JSONField()
    kind = models.CharField(_("what"), max_length=20, choices=EVENT_KINDS, blank=True, default="")
    value_date = models.DateField(_("on"), null=True, blank=True)
    units = models.BigIntegerField(_("amount"), null=True, blank=True)
    reference = models.CharField(_("reference"), max_length=60, blank=True, default="")
    entry_key = models.CharField(max_length=200, blank=True, default="", db_index=True)
    loan = models.ForeignKey(Loan, models.PROTECT, null=True, blank=True, related_name="bank_lines")
    event = models.ForeignKey(
        LoanEvent, models.PROTECT, null=True, blank=True, related_name="bank_lines"
    )
    state = models.CharField(_("state"), max_length=14, choices=LINE_STATES)
    fault_code = models.CharField(max_length=60, blank=True, default="")
    fault_column = models.CharField(max_length=60, blank=True, default="")
    fault_message = models.CharField(_("fault"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["BankLine"]] = ScopedManager()

    class Meta:
        ordering = ("file", "row")
        constraints = (models.UniqueConstraint(fields=("file", "row"), name="one_line_a_row"),)

    def __str__(self) -> str:
        return f"{self.file_id} {self.row}"
