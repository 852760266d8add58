"""What finds two records of one person, and what was decided about them (people.md 4.7)."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import (
    MATCH_GUARD,
    MATCH_REASON,
    MATCH_SOURCE,
    MATCH_STATE,
    MATCH_VERDICT,
    choices,
)
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths
from handup.people.rules.duplicates import MatchState
from handup.people.rules.matching.decide import Guard


class MatchKey(House):
    """A value under which a person is found again, as a keyed number that tells nothing.

    Made of her names, birth date, settlement, telephone and documents; equal numbers meet.
    """

    CLASSES = classify(I="id recorded_at person", P="key")
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    person = models.ForeignKey(Person, models.PROTECT, related_name="match_keys")
    key = models.BigIntegerField()

    objects: ClassVar[ScopedManager["MatchKey"]] = ScopedManager()

    class Meta:
        indexes = (models.Index(fields=("key", "person"), name="match_key_person"),)

    def __str__(self) -> str:
        return str(self.key)


class NameAlias(House):
    """A spelling that means another name: Oganesyan is Hovhannisyan."""

    CLASSES = classify(O="id recorded_at spelling meant form target recorded_by recorded_date")
    VIEW = "people.view_alias"

    spelling = models.CharField(_("spelling"), max_length=120)
    meant = models.CharField(_("name it means"), max_length=120)
    form = models.CharField(max_length=120, unique=True, editable=False)
    target = models.CharField(max_length=120, db_index=True, editable=False)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    recorded_date = models.DateField(_("recorded on"))

    objects: ClassVar[ScopedManager["NameAlias"]] = ScopedManager()

    class Meta:
        ordering = ("spelling", "id")

    def __str__(self) -> str:
        return f"{self.spelling} → {self.meant}"


class Match(House):
    """Two records that may be one person: how sure, why, what was decided by whom.

    `parts` says how each field fits and what it weighs, in thousandths of a bit; it holds codes,
    never a value. A decision that needs a second person waits in the `proposed_` fields.
    """

    CLASSES = classify(
        I="id recorded_at first second verdict guard bits_milli chance_ppm parts model source"
        " state reason decided_by decided_date confirmed_by"
        " proposed_state proposed_reason proposed_by proposed_date"
    )
    SCOPE = ScopePaths(
        office="first__office_id",
        area="first__area_id",
        programme="first__programme_id",
        caseload="first__case_officer_id",
        person="first_id",
        other=ScopePaths(
            office="second__office_id",
            area="second__area_id",
            programme="second__programme_id",
            caseload="second__case_officer_id",
            person="second_id",
        ),
    )
    VIEW = "people.view_match"

    first = models.ForeignKey(Person, models.PROTECT, related_name="matches_as_first")
    second = models.ForeignKey(Person, models.PROTECT, related_name="matches_as_second")
    verdict = models.CharField(_("how sure"), max_length=17, choices=choices(MATCH_VERDICT))
    guard = models.CharField(
        max_length=14, choices=choices(MATCH_GUARD), blank=True, default=Guard.NOTHING.value
    )
    bits_milli = models.IntegerField(_("weight"))
    chance_ppm = models.PositiveIntegerField(_("chance"))
    parts = models.JSONField(_("weights"), default=list)
    model = models.CharField(_("model"), max_length=40)
    source = models.CharField(_("found by"), max_length=8, choices=choices(MATCH_SOURCE))
    state = models.CharField(
        _("state"), max_length=9, choices=choices(MATCH_STATE), default=MatchState.OPEN.value
    )
    reason = models.CharField(
        _("reason"), max_length=19, choices=choices(MATCH_REASON), blank=True, default=""
    )
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    confirmed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_state = models.CharField(
        max_length=9, choices=choices(MATCH_STATE), blank=True, default=""
    )
    proposed_reason = models.CharField(
        max_length=19, choices=choices(MATCH_REASON), blank=True, default=""
    )
    proposed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_date = models.DateField(null=True, blank=True)

    objects: ClassVar[ScopedManager["Match"]] = ScopedManager()

    class Meta:
        ordering = ("-chance_ppm", "id")
        indexes = (models.Index(fields=("state", "-chance_ppm", "id"), name="match_queue"),)
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="one_match_a_pair"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="match_in_order"
            ),
        )

    def __str__(self) -> str:
        return f"{self.first} = {self.second}?"

    def fitting(self, field: str) -> Any:
        """How one field fits, as a code; None when it was not compared."""
        return next((part["fitting"] for part in self.parts if part["field"] == field), None)
