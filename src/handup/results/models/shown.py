"""Which figures a programme shows, in which order, under which heading; and what was told of them
outside the house."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme


class ProgrammeIndicator(House):
    """One figure on a programme's page of concrete benefits."""

    CLASSES = classify(O="id recorded_at programme code position headline")
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_figure"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="shown_indicators")
    code = models.CharField(_("indicator"), max_length=20)
    position = models.PositiveSmallIntegerField(_("order"))
    headline = models.BooleanField(_("shown large"), default=True)

    objects: ClassVar[ScopedManager["ProgrammeIndicator"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "position")
        constraints = (
            models.UniqueConstraint(fields=("programme", "code"), name="indicator_shown_once"),
        )

    def __str__(self) -> str:
        return self.code


class ReleasedFigure(House):
    """One figure of a programme as it left the house for a day; answered like this ever after."""

    CLASSES = classify(O="id recorded_at programme day code of_day numerator denominator currency")
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_figure"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="released_figures")
    day = models.DateField(_("published for"))
    code = models.CharField(_("indicator"), max_length=20)
    of_day = models.DateField(_("counted up to"))
    numerator = models.BigIntegerField(_("count"), null=True)
    denominator = models.BigIntegerField(_("of"), null=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")

    objects: ClassVar[ScopedManager["ReleasedFigure"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "day", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "day", "code"), name="figure_released_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.day.isoformat()}"
