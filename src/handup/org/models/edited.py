"""A list that was taken out, edited in a spreadsheet and loaded again: its changed cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models.base import House
from handup.org.models.staff import StaffUser
from handup.org.scope import ScopePaths

if TYPE_CHECKING:
    from handup.org.rules.access import GrantFact


class CellState(models.TextChoices):
    """What became of a changed cell."""

    OPEN = "OPEN", _("not looked at")
    TAKEN = "TAKEN", _("taken")
    REFUSED = "REFUSED", _("refused")


def _own(_grant: GrantFact, staff: StaffUser) -> Q:
    return Q(received_by=staff.pk)


def _of_own(_grant: GrantFact, staff: StaffUser) -> Q:
    return Q(edited__received_by=staff.pk)


class EditedList(House):
    """A list loaded again after it was edited: who loaded it, and how much of it was taken.

    The file is not kept, only the cells that differ (`EditedCell`), and these no longer than the
    review lasts. `faults` holds what of the file could not be read, with its cell.
    """

    CLASSES = classify(
        I="id recorded_at code name sha256 received_by ended_at fault_count taken_count"
        " refused_count",
        S="faults",
    )
    SCOPE = ScopePaths(caseload="received_by_id", linked=_own)
    VIEW = "org.load_edited_list"

    code = models.CharField(_("list"), max_length=40)
    name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("sum of the file"), max_length=64)
    received_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("loaded by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    fault_count = models.PositiveIntegerField(_("faults"), default=0)
    faults = EncryptedTextField(_("faults with their cells"), blank=True, default="")
    taken_count = models.PositiveIntegerField(_("changes taken"), default=0)
    refused_count = models.PositiveIntegerField(_("changes refused"), default=0)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("edited list")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("org:editedlist_detail", args=[self.pk])


class EditedCell(House):
    """One cell that was changed in an edited list: what stood there, what stands there now.

    `record` is the id of the row's record, `was` and `wanted` hold plain texts (a code, a day as
    ISO 8601, a number); `version` is the line of the record's history the file was made from.
    """

    CLASSES = classify(
        I="id recorded_at edited record row place column version state",
        S="was wanted reason",
    )
    SCOPE = ScopePaths(caseload="edited__received_by_id", linked=_of_own)
    VIEW = "org.load_edited_list"

    edited = models.ForeignKey(EditedList, models.PROTECT, related_name="cells")
    record = models.UUIDField(_("record"), db_index=True)
    row = models.PositiveIntegerField(_("row"))
    place = models.CharField(_("cell"), max_length=60)
    column = models.CharField(_("column"), max_length=60)
    version = models.BigIntegerField(_("version"))
    was = EncryptedTextField(_("before"), blank=True, default="")
    wanted = EncryptedTextField(_("in the file"), blank=True, default="")
    state = models.CharField(
        _("state"), max_length=7, choices=CellState.choices, default=CellState.OPEN.value
    )
    reason = EncryptedTextField(_("reason"), blank=True, default="")

    class Meta:
        ordering = ("row", "id")
        verbose_name = _("edited cell")

    def __str__(self) -> str:
        return self.place
