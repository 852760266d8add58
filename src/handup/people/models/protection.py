"""Restricted compartments and the teams that may know of them (protection.md 4.2)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import COMPARTMENT, choices
from handup.people.models.persons import Person


class Compartment(House):
    """Something only a case team may know of a person; kind PERSON hides the whole person."""

    CLASSES = classify(R="id recorded_at person kind opened_by opened_date closed_date")
    SCOPE = ScopePaths(programme="person__programme_id", person="person_id")
    VIEW = "people.view_compartment"

    person = models.ForeignKey(Person, models.PROTECT, related_name="compartments")
    kind = models.CharField(_("kind"), max_length=15, choices=choices(COMPARTMENT))
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    opened_date = models.DateField(_("opened on"))
    closed_date = models.DateField(_("closed on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Compartment"]] = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "kind"),
                condition=models.Q(closed_date=None),
                name="one_open_compartment_per_kind",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())


class CaseTeamMember(House):
    """A staff member who may know of a compartment, until she leaves its team."""

    CLASSES = classify(R="id recorded_at compartment staff joined_date left_date")
    SCOPE = ScopePaths(
        programme="compartment__person__programme_id", person="compartment__person_id"
    )
    VIEW = "people.view_compartment"

    compartment = models.ForeignKey(Compartment, models.PROTECT, related_name="team")
    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    joined_date = models.DateField(_("since"))
    left_date = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["CaseTeamMember"]] = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("compartment", "staff"),
                condition=models.Q(left_date=None),
                name="on_a_case_team_once",
            ),
        )

    def __str__(self) -> str:
        return str(self.staff)
