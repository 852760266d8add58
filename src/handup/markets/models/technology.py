"""Technology that answers a need entrepreneurs told: shown or tried, taken up, with what result."""

from dataclasses import replace
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.markets.models.labels import TRIAL_KIND, YES_NO, Heard, choices
from handup.markets.models.products import Commodity, market_paths
from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager
from handup.people.models import Person
from handup.projects.models import Organisation, Programme


class TechnologyNeed(House):
    """What entrepreneurs said they lack."""

    CLASSES = classify(
        O="id recorded_at programme office area commodity title told_by_whom told_date",
        I="recorded_by",
    )
    SCOPE = market_paths()
    VIEW = "markets.view_technology"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="technology_needs")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    commodity = models.ForeignKey(
        Commodity, models.PROTECT, null=True, blank=True, related_name="technology_needs"
    )
    title = models.CharField(_("what is lacking"), max_length=200)
    told_by_whom = models.CharField(_("told by how many, of which trade"), max_length=200)
    told_date = models.DateField(_("told on"))
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["TechnologyNeed"]] = ScopedManager()

    class Meta:
        ordering = ("-told_date", "-id")
        verbose_name = _("need of technology")

    def __str__(self) -> str:
        return self.title


class TechnologyTrial(House):
    """A technology that was shown or tried out because of a need: whose, at which cost."""

    CLASSES = classify(
        O="id recorded_at need technology kind supplier currency cost_units held_date place people"
        " women",
        I="held_by",
    )
    SCOPE = market_paths("need")
    VIEW = "markets.view_technology"

    need = models.ForeignKey(TechnologyNeed, models.PROTECT, related_name="trials")
    technology = models.CharField(_("technology"), max_length=160)
    kind = models.CharField(_("kind"), max_length=13, choices=choices(TRIAL_KIND))
    supplier = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="technology_trials"
    )
    currency = models.CharField(_("currency"), max_length=3)
    cost_units = models.BigIntegerField(_("what one costs"), null=True, blank=True)
    held_date = models.DateField(_("held on"))
    place = models.CharField(_("where"), max_length=160, blank=True, default="")
    people = models.PositiveIntegerField(_("people there"), null=True, blank=True)
    women = models.PositiveIntegerField(_("women among them"), null=True, blank=True)
    held_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["TechnologyTrial"]] = ScopedManager()

    class Meta:
        ordering = ("need", "held_date", "id")

    def __str__(self) -> str:
        return self.technology


class TechnologyAdoption(House):
    """Who took a technology up, at which cost, and what she said of the result when asked later."""

    CLASSES = classify(
        I="id recorded_at trial person organisation adopted_date currency cost_units asked_date"
        " better_quality higher_output wider_market recorded_by",
        P="in_her_words",
    )
    SCOPE = replace(market_paths("trial__need", known=False), person="person_id")
    VIEW = "markets.view_adoption"

    trial = models.ForeignKey(TechnologyTrial, models.PROTECT, related_name="adoptions")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="technology_adoptions"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="technology_adoptions"
    )
    adopted_date = models.DateField(_("taken up on"))
    currency = models.CharField(_("currency"), max_length=3)
    cost_units = models.BigIntegerField(_("what it cost her"), null=True, blank=True)
    asked_date = models.DateField(_("asked later on"), null=True, blank=True)
    better_quality = models.CharField(
        _("better quality"), max_length=7, choices=choices(YES_NO), default=Heard.UNKNOWN.value
    )
    higher_output = models.CharField(
        _("higher output"), max_length=7, choices=choices(YES_NO), default=Heard.UNKNOWN.value
    )
    wider_market = models.CharField(
        _("wider market"), max_length=7, choices=choices(YES_NO), default=Heard.UNKNOWN.value
    )
    in_her_words = models.CharField(_("in her words"), max_length=300, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["TechnologyAdoption"]] = ScopedManager()

    class Meta:
        ordering = ("trial", "adopted_date", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(person__isnull=False, organisation=None)
                | Q(person=None, organisation__isnull=False),
                name="technology_taken_up_by_one",
            ),
            models.UniqueConstraint(
                fields=("trial", "person"), name="technology_taken_up_once_by_a_person"
            ),
        )

    def __str__(self) -> str:
        return f"{self.trial} {self.adopted_date}"
