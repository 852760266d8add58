"""Photos for those who visit a programme."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser, StoredFile
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models import Person
from handup.people.queries.consents import persons_consenting
from handup.people.rules.codes import ConsentPurpose
from handup.projects.models import Programme


def _not_agreed(_staff: StaffUser) -> models.Q:
    """The photos of who agrees no more: their files are kept from everybody."""
    agree = persons_consenting(ConsentPurpose.PHOTO_STORY, on=timezone.localdate())
    return models.Q(person__isnull=False) & ~models.Q(person__in=agree)


class VisitPhoto(House):
    """A photo of a programme's work, and the one person who can be recognised on it; on a photo
    without a person nobody can.
    """

    CLASSES = classify(I="id recorded_at programme taken_date file added_by", P="caption person")
    SCOPE = ScopePaths(programme="programme_id", person="person_id", sealed=_not_agreed)
    VIEW = "results.make_visit_pack"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="visit_photos")
    caption = models.CharField(_("what it shows"), max_length=200)
    taken_date = models.DateField(_("taken on"))
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="visit_photos"
    )
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    added_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["VisitPhoto"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "-taken_date", "id")
        verbose_name = _("photo for visitors")

    def __str__(self) -> str:
        return self.caption
