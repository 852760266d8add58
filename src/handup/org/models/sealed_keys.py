"""Sealed copies of the keys: when each was made, who holds its shares, whether it was opened."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models.base import House
from handup.org.models.staff import StaffUser
from handup.org.scope import ScopedManager


class SealedKeys(House):
    """One sealed copy of the keys. What it holds opens with both shares only; neither is kept here.

    fingerprint: of the keys it holds, by which is seen whether they are still those of the house.
    proved_date: when both holders last opened it, so that it is known to work.
    """

    CLASSES = classify(
        I="id recorded_at code made_by made_date first_holder second_holder fingerprint proved_by"
        " proved_date"
    )
    VIEW = "org.view_sealed_keys"

    code = models.CharField(_("number"), max_length=12, unique=True)
    made_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    made_date = models.DateField(_("made on"))
    first_holder = models.CharField(_("first holder"), max_length=120)
    second_holder = models.CharField(_("second holder"), max_length=120)
    fingerprint = models.CharField(max_length=64)
    proved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proved_date = models.DateField(_("last opened on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["SealedKeys"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("sealed copy of the keys")

    def __str__(self) -> str:
        return self.code
