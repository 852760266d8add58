"""Where somebody who moves with her animals is found, season by season, and where she is seen
next."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import Area, House, StaffUser
from handup.org.scope import ScopedManager
from handup.people.models.labels import SEASON, choices
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths


class SeasonPlace(House):
    """Where a herder is found in one season, or seen next, as it was told on a day: the last told
    counts, for her and whom she lives with."""

    CLASSES = classify(
        I="id recorded_at person told_date told_to", P="season area place about_date"
    )
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="places")
    season = models.CharField(_("when"), max_length=6, choices=choices(SEASON))
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("settlement")
    )
    place = EncryptedTextField(_("what the place is called"), blank=True, default="")
    about_date = models.DateField(_("about the day"), null=True, blank=True)
    told_date = models.DateField(_("told on"))
    told_to = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["SeasonPlace"]] = ScopedManager()

    class Meta:
        ordering = ("-told_date", "-id")
        verbose_name = _("place of a season")
        verbose_name_plural = _("places by season")

    def __str__(self) -> str:
        return str(self.get_season_display())
