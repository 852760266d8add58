"""What a mission of a funder or of supervision found, and what is done about it: an action with an
owner, a day and a state (rulings 29).
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models.knowledge import Document
from handup.projects.models.labels import MISSION_ACTION_STATE, choices
from handup.projects.models.programmes import Programme
from handup.projects.rules.missions import MissionActionState


class MissionAction(House):
    """One finding of a mission to a programme and the action agreed on it: whose it is, by when,
    and what came of it.
    """

    CLASSES = classify(
        I="id recorded_at programme mission mission_date document finding action owner due_date"
        " state ended_date result recorded_by"
    )
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "projects.view_mission_action"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="mission_actions")
    mission = models.CharField(_("mission"), max_length=120)
    mission_date = models.DateField(_("day of the mission"))
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("report")
    )
    finding = models.CharField(_("what was found"), max_length=500)
    action = models.CharField(_("what is to be done"), max_length=500)
    owner = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="mission_actions", verbose_name=_("who does it")
    )
    due_date = models.DateField(_("due on"))
    state = models.CharField(
        _("state"),
        max_length=7,
        choices=choices(MISSION_ACTION_STATE),
        default=MissionActionState.OPEN,
    )
    ended_date = models.DateField(_("ended on"), null=True, blank=True)
    result = models.CharField(_("what came of it"), max_length=500, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["MissionAction"]] = ScopedManager()

    class Meta:
        ordering = ("due_date", "id")
        verbose_name = _("action of a mission")
        constraints = (
            models.CheckConstraint(
                condition=Q(state=MissionActionState.OPEN, ended_date=None)
                | (~Q(state=MissionActionState.OPEN) & Q(ended_date__isnull=False)),
                name="ended_mission_action_has_its_day",
            ),
        )

    def __str__(self) -> str:
        return self.action

    def is_late(self, on: date) -> bool:
        """Tell whether it is still open after its day."""
        return self.state == MissionActionState.OPEN and on > self.due_date
