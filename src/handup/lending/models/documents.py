"""The documents of an application: what was seen, by whom, on which day, and its file."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.lending.models.applications import THROUGH_APPLICATION, Application
from handup.org.classes import classify
from handup.org.models import House, StaffUser, StoredFile
from handup.org.scope import ScopedManager


class ApplicationDocument(House):
    """One document somebody saw for an application; one that was wrong is set aside with a reason,
    never taken away.
    """

    CLASSES = classify(
        I="id recorded_at application seen_date seen_by file set_aside_date set_aside_by",
        P="kind number set_aside_reason",
    )
    SCOPE = THROUGH_APPLICATION
    VIEW = "lending.view_application_document"

    application = models.ForeignKey(Application, models.PROTECT, related_name="documents")
    kind = models.CharField(_("what it is"), max_length=80)
    number = models.CharField(_("number on it"), max_length=60, blank=True, default="")
    seen_date = models.DateField(_("seen on"))
    seen_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("seen by")
    )
    file = models.ForeignKey(
        StoredFile, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("file")
    )
    set_aside_date = models.DateField(_("set aside on"), null=True, blank=True)
    set_aside_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    set_aside_reason = models.CharField(_("why set aside"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["ApplicationDocument"]] = ScopedManager()

    class Meta:
        ordering = ("application", "seen_date", "id")

    def __str__(self) -> str:
        return self.kind
