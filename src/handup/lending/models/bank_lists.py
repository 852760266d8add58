"""A partner bank's list of its loans on a day, compared with ours; nothing is changed by it."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.lending.models.labels import Choices
from handup.lending.models.lenders import Lender
from handup.lending.models.loans import Loan
from handup.lending.rules.bank_list import ListState
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths

LIST_STATES: Choices = [
    (ListState.EQUAL.value, _("The same")),
    (ListState.DIFFERENT.value, _("Differs")),
    (ListState.UNKNOWN.value, _("Not known here")),
    (ListState.MISSING.value, _("Not in the list")),
    (ListState.FAULT.value, _("Cannot be read")),
]


class BankList(House):
    """One list as it came; the same list of the same day again changes nothing.

    columns: the bank's headings by our columns; form: how its CSV files are written. The next list
    of the bank begins with both.
    """

    CLASSES = classify(
        I="id recorded_at lender as_of_date file_name sha256 columns form brought_by brought_date"
        " rows_equal rows_different rows_unknown rows_missing rows_faulty"
    )
    SCOPE = ScopePaths(
        organisation="lender__organisation_id",
        programme="lender__programme_id",
    )
    VIEW = "lending.view_bank_list"

    lender = models.ForeignKey(
        Lender, models.PROTECT, related_name="bank_lists", verbose_name=_("lender")
    )
    as_of_date = models.DateField(_("as of"))
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64)
    columns = models.JSONField(default=dict)
    form = models.JSONField(default=dict)
    brought_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    brought_date = models.DateField(_("brought on"))
    rows_equal = models.PositiveIntegerField(_("the same"), default=0)
    rows_different = models.PositiveIntegerField(_("differ"), default=0)
    rows_unknown = models.PositiveIntegerField(_("not known here"), default=0)
    rows_missing = models.PositiveIntegerField(_("not in the list"), default=0)
    rows_faulty = models.PositiveIntegerField(_("cannot be read"), default=0)

    objects: ClassVar[ScopedManager["BankList"]] = ScopedManager()

    class Meta:
        ordering = ("-as_of_date", "-id")
        verbose_name = _("bank list")
        constraints = (
            models.UniqueConstraint(
                fields=("lender", "as_of_date", "sha256"), name="one_bank_list_a_day_and_content"
            ),
        )

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("lending:bank_list_detail", args=[self.pk])


class BankListLine(House):
    """One loan: what the bank says of it, and what is kept here of the same day. `row` is empty for
    a loan of ours that the list leaves out.
    """

    CLASSES = classify(
        I="id recorded_at bank_list row key loan state differing fault", P="theirs ours"
    )
    SCOPE = ScopePaths(
        organisation="bank_list__lender__organisation_id",
        programme="bank_list__lender__programme_id",
        person="loan__person_id",
        shared=("loan__enterprise__ownerships__person_id",),
    )
    VIEW = "lending.view_bank_list"

    bank_list = models.ForeignKey(BankList, models.PROTECT, related_name="lines")
    row = models.PositiveIntegerField(_("row"), null=True, blank=True)
    key = models.CharField(_("number there"), max_length=60, blank=True, default="")
    loan = models.ForeignKey(
        Loan, models.PROTECT, null=True, blank=True, related_name="bank_list_lines"
    )
    theirs = models.JSONField(_("there"), default=dict)
    ours = models.JSONField(_("here"), default=dict)
    state = models.CharField(_("state"), max_length=9, choices=LIST_STATES)
    differing = models.JSONField(_("what differs"), default=list)
    fault = models.CharField(_("fault"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["BankListLine"]] = ScopedManager()

    class Meta:
        ordering = ("bank_list", "id")
        verbose_name = _("row of a bank list")
        indexes = (models.Index(fields=("bank_list", "state"), name="bank_list_line_state"),)

    def __str__(self) -> str:
        return f"{self.bank_list_id} {self.key}"
