"""Versions of the weights two records are compared by, proposed and adopted (people.md 4.7)."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.people.rules.duplicates import ModelState

MODEL_STATES = (
    (ModelState.PROPOSED.value, _("proposed")),
    (ModelState.ADOPTED.value, _("adopted")),
    (ModelState.REFUSED.value, _("not adopted")),
    (ModelState.RETIRED.value, _("not in use any more")),
)


class MatchModel(House):
    """Weights estimated from the register itself: a proposal until another person adopts it.

    `content` is the model as `rules.matching.model` writes it; the one adopted last is in use, and
    `fixed-1` where none is. Every match names the version it was weighed by.
    """

    CLASSES = classify(
        O="id recorded_at version content records candidates rounds settled state proposed_by"
        " proposed_date decided_by decided_at"
    )
    VIEW = "people.view_match_model"

    version = models.CharField(_("version"), max_length=40, unique=True)
    content = models.JSONField(_("weights"))
    records = models.PositiveIntegerField(_("records"))
    candidates = models.PositiveIntegerField(_("pairs compared"))
    rounds = models.PositiveSmallIntegerField(_("rounds"))
    settled = models.BooleanField(_("settled"))
    state = models.CharField(
        _("state"), max_length=8, choices=MODEL_STATES, default=ModelState.PROPOSED.value
    )
    proposed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    proposed_date = models.DateField(_("proposed on"))
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    objects: ClassVar[ScopedManager["MatchModel"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.version

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("people:matchmodel_detail", args=[self.pk])
