"""Households, who belonged to them when, what was told of them, and the line below which income
is low."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import (
    HOUSEHOLD_ROLE,
    KINSHIP,
    STATUS_SOURCE,
    choices,
)
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths
from handup.people.rules.codes import HouseholdRole, Kinship, StatusSource
from handup.projects.models import Programme


class Household(House):
    """People who live and eat together; its members and its head are dated."""

    CLASSES = classify(
        I="id recorded_at code registered_date registered_by programme office case_officer",
        P="area",
        S="address",
    )
    SCOPE = ScopePaths(
        office="office_id",
        area="area_id",
        programme="programme_id",
        caseload="case_officer_id",
        shared=("memberships__person_id",),
    )
    VIEW = "people.view_person"

    code = models.CharField(_("household number"), max_length=12, unique=True)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("settlement")
    )
    address = EncryptedTextField(_("exact place"), blank=True, default="")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="+"
    )
    case_officer = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    registered_date = models.DateField(_("registered on"))
    registered_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Household"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.code


class Membership(House):
    """A person belongs to a household from one day to another, as head, member or collector."""

    CLASSES = classify(I="id recorded_at household person role relation from_date to_date")
    SCOPE = person_paths("person")
    VIEW = "people.view_person"

    household = models.ForeignKey(Household, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships")
    role = models.CharField(
        _("role"), max_length=9, choices=choices(HOUSEHOLD_ROLE), default=HouseholdRole.MEMBER.value
    )
    relation = models.CharField(
        _("relation to the head"),
        max_length=14,
        choices=choices(KINSHIP),
        default=Kinship.NOT_KNOWN.value,
    )
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Membership"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("from_date", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("household",),
                condition=models.Q(role="HEAD", to_date=None),
                name="one_present_head_per_household",
            ),
            models.CheckConstraint(
                condition=models.Q(to_date=None) | models.Q(to_date__gte=models.F("from_date")),
                name="membership_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.role}"


class HouseholdFact(House):
    """What was told of a household on one day: how many live there, what they live on in a
    month."""

    CLASSES = classify(
        I="id recorded_at household fact_date source told_to",
        P="adults children monthly_income_units currency",
    )
    SCOPE = ScopePaths(
        office="household__office_id",
        area="household__area_id",
        programme="household__programme_id",
        caseload="household__case_officer_id",
        shared=("household__memberships__person_id",),
    )
    VIEW = "people.view_person"

    household = models.ForeignKey(Household, models.PROTECT, related_name="facts")
    fact_date = models.DateField(_("told on"))
    adults = models.PositiveSmallIntegerField(_("adults"), null=True, blank=True)
    children = models.PositiveSmallIntegerField(_("children under 18"), null=True, blank=True)
    monthly_income_units = models.BigIntegerField(_("income a month"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    source = models.CharField(
        _("source"),
        max_length=9,
        choices=choices(STATUS_SOURCE),
        default=StatusSource.TOLD.value,
    )
    told_to = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["HouseholdFact"]] = ScopedManager()

    class Meta:
        ordering = ("fact_date", "id")

    def __str__(self) -> str:
        return f"{self.household} {self.fact_date}"


class PovertyLine(House):
    """Income a head and month at or below which a programme calls income low, from a known day."""

    CLASSES = classify(O="id recorded_at programme from_date per_head_units currency source")
    VIEW = "people.view_rule"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="poverty_lines")
    from_date = models.DateField(_("from"))
    per_head_units = models.BigIntegerField(_("a head and month"))
    currency = models.CharField(_("currency"), max_length=3)
    source = models.CharField(_("source"), max_length=200)

    objects: ClassVar[ScopedManager["PovertyLine"]] = ScopedManager()

    class Meta:
        ordering = ("from_date",)
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "from_date"), name="one_poverty_line_per_day"
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme.code} {self.from_date}"
