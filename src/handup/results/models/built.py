"""Figures a house built for itself: their definition as lines of text."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.results.rules.building import MOST_SIGNS
from handup.results.rules.states import BuiltState

BUILT_STATES = [
    (BuiltState.DRAFT.value, _("draft")),
    (BuiltState.ACTIVE.value, _("in use")),
    (BuiltState.RETIRED.value, _("retired")),
]


class BuiltIndicator(House):
    """A figure somebody built of the facts of a programme: name, definition, and who put it in use.
    Once in use it never changes; a better one is built anew.
    """

    CLASSES = classify(
        O="id recorded_at programme number name definition state",
        I="built_by activated_by retired_by",
    )
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.build_indicator"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="built_indicators")
    number = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=160)
    definition = models.TextField(_("definition"), max_length=MOST_SIGNS)
    state = models.CharField(
        _("state"), max_length=7, choices=BUILT_STATES, default=BuiltState.DRAFT.value
    )
    built_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    activated_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    retired_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[ScopedManager["BuiltIndicator"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "-number")
        verbose_name = _("figure of our own")
        constraints = (
            models.UniqueConstraint(fields=("programme", "number"), name="built_number_once"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def code(self) -> str:
        """What it is called beside those of the catalogue."""
        return f"OWN-{self.number}"
