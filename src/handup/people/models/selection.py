"""A committee chooses from the list of a targeting run; who waits, who was passed over and why."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import OUTCOME, REASON, SELECTION_STATE, choices
from handup.people.models.targeting import TargetingRow, TargetingRun
from handup.people.rules.selection import Outcome, SelectionState


class Selection(House):
    """One sitting of a committee over the list of a run: places, quorum, members present, who
    proposed and who decided."""

    CLASSES = classify(
        I="id recorded_at run title held_date places quorum state proposed_by decided_by"
        " decided_date",
        P="members",
    )
    SCOPE = ScopePaths(programme="run__programme_id", caseload="proposed_by_id")
    VIEW = "people.view_targeting"

    run = models.ForeignKey(TargetingRun, models.PROTECT, related_name="selections")
    title = models.CharField(_("title"), max_length=200)
    held_date = models.DateField(_("held on"))
    places = models.PositiveSmallIntegerField(_("places"))
    quorum = models.PositiveSmallIntegerField(_("quorum"))
    members = models.JSONField(_("members present"), default=list)
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=choices(SELECTION_STATE),
        default=SelectionState.PROPOSED.value,
    )
    proposed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_date = models.DateField(_("decided on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Selection"]] = ScopedManager()

    class Meta:
        ordering = ("-held_date", "-id")

    def __str__(self) -> str:
        return self.title


class SelectionLine(House):
    """One person of the list, in the order of the run: taken, next, or passed over with a coded
    reason; `conflicts` are the numbers of the members who may not vote on her."""

    CLASSES = classify(I="id recorded_at selection row place outcome reason conflicts changed_by")
    SCOPE = ScopePaths(
        office="row__participation__office_id",
        area="row__participation__person__area_id",
        programme="row__participation__programme_id",
        caseload="row__participation__case_officer_id",
        person="row__person_id",
    )
    VIEW = "people.view_targeting"

    selection = models.ForeignKey(Selection, models.PROTECT, related_name="lines")
    row = models.ForeignKey(TargetingRow, models.PROTECT, related_name="selection_lines")
    place = models.PositiveIntegerField(_("place"))
    outcome = models.CharField(
        _("outcome"), max_length=11, choices=choices(OUTCOME), default=Outcome.NEXT.value
    )
    reason = models.CharField(
        _("reason"), max_length=40, choices=choices(REASON), blank=True, default=""
    )
    conflicts = models.JSONField(_("members who may not vote"), default=list, blank=True)
    changed_by = models.JSONField(_("who changed it"), default=list, blank=True)

    objects: ClassVar[ScopedManager["SelectionLine"]] = ScopedManager()

    class Meta:
        ordering = ("place",)
        constraints = (
            models.UniqueConstraint(fields=("selection", "row"), name="one_line_per_person"),
        )

    def __str__(self) -> str:
        return str(self.row.person)
