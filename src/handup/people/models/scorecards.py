"""Published scorecards, and what persons' answers to them came to; neither is ever changed."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.people.models.labels import CARD_STATUS, choices
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths


class Scorecard(House):
    """One version of a points card as data (people.md 4.4): items, points, table, cut-off."""

    CLASSES = classify(O="id recorded_at code version title content published_date published_by")
    VIEW = "people.view_scorecard"

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    content = models.JSONField(_("scorecard"))
    published_date = models.DateField(_("valid from"))
    published_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Scorecard"]] = ScopedManager()

    class Meta:
        ordering = ("code", "version")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="one_scorecard_per_version"),
        )

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class Assessment(House):
    """A person's answers on a day, by one version of a card, with the points of each.

    `result` keeps sum, likelihoods, points by item and what was missing.
    """

    CLASSES = classify(
        I="id recorded_at person scorecard assessed_date assessed_by status score targeted",
        P="answers result",
    )
    SCOPE = person_paths("person")
    VIEW = "people.view_assessment"

    person = models.ForeignKey(Person, models.PROTECT, related_name="assessments")
    scorecard = models.ForeignKey(Scorecard, models.PROTECT, related_name="assessments")
    assessed_date = models.DateField(_("assessed on"))
    status = models.CharField(_("result"), max_length=10, choices=choices(CARD_STATUS))
    score = models.PositiveSmallIntegerField(_("score"), null=True, blank=True)
    targeted = models.BooleanField(_("at or below the cut-off"), null=True, blank=True)
    answers = models.JSONField(_("answers"), default=dict)
    result = models.JSONField(_("how it came about"), default=dict)
    assessed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Assessment"]] = ScopedManager()

    class Meta:
        ordering = ("assessed_date", "id")

    def __str__(self) -> str:
        return str(self.scorecard)
