"""Two records of one person became one: what was moved, so that it can be taken back, and the id
that is valid as before (people.md 4.8)."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.duplicates import Match
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths


class MergeRecord(House):
    """One record of a person joined another: the ids of every row that moved, what else changed.

    `moved`: ids by table and column. `changes`: codes, days and ids of rows before and after.
    `made`: rows written for the merge. `picked`: which fields of the record that went were taken.
    `values`: her own fields before and after, encrypted. `looks`: what a person has to look at.
    """

    CLASSES = classify(
        I="id recorded_at survivor merged match merged_date merged_by moved changes made picked"
        " looks looked_by looked_date undone_date undone_by left_as_is",
        S="values",
    )
    SCOPE = ScopePaths(
        office="survivor__office_id",
        area="survivor__area_id",
        programme="survivor__programme_id",
        caseload="survivor__case_officer_id",
        person="survivor_id",
        other=ScopePaths(
            office="merged__office_id",
            area="merged__area_id",
            programme="merged__programme_id",
            caseload="merged__case_officer_id",
            person="merged_id",
        ),
    )
    VIEW = "people.view_merge"

    survivor = models.ForeignKey(
        Person, models.PROTECT, related_name="merges", verbose_name=_("record that stays")
    )
    merged = models.ForeignKey(
        Person, models.PROTECT, related_name="merged_by_record", verbose_name=_("record that goes")
    )
    match = models.ForeignKey(Match, models.PROTECT, related_name="merges")
    merged_date = models.DateField(_("merged on"))
    merged_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("merged by")
    )
    moved = models.JSONField(_("rows that moved"), default=dict)
    changes = models.JSONField(_("values that changed"), default=list)
    made = models.JSONField(default=dict)
    picked = models.JSONField(_("fields taken"), default=list)
    values = EncryptedTextField(_("her fields before and after"), blank=True, default="")
    looks = models.JSONField(_("to look at"), default=list)
    looked_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    looked_date = models.DateField(_("looked at on"), null=True, blank=True)
    undone_date = models.DateField(_("taken apart on"), null=True, blank=True)
    undone_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    left_as_is = models.JSONField(default=list)

    objects: ClassVar[ScopedManager["MergeRecord"]] = ScopedManager()

    class Meta:
        ordering = ("-merged_date", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("merged",),
                condition=models.Q(undone_date=None),
                name="one_merge_a_record",
            ),
            models.CheckConstraint(
                condition=~models.Q(survivor=models.F("merged")), name="merge_of_two_records"
            ),
        )

    def __str__(self) -> str:
        return f"{self.merged.registration_no} → {self.survivor.registration_no}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("people:merge_detail", args=[self.pk])


class Alias(House):
    """The id and number of a record that joined another: valid as before, for the one that
    stays."""

    CLASSES = classify(I="id recorded_at old person")
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    old = models.OneToOneField(Person, models.PROTECT, related_name="stood_for_by")
    person = models.ForeignKey(Person, models.PROTECT, related_name="aliases")

    objects: ClassVar[ScopedManager["Alias"]] = ScopedManager()

    def __str__(self) -> str:
        return f"{self.old.registration_no} → {self.person.registration_no}"
