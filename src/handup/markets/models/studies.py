"""Market studies: the question, what was found, the opportunities, and the businesses that were
started because of one.
"""

from dataclasses import replace
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.markets.models.labels import (
    OPPORTUNITY_STATE,
    STUDY_STATE,
    OpportunityState,
    StudyState,
    choices,
)
from handup.markets.models.products import Commodity, market_paths
from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager
from handup.people.models import Enterprise, Person
from handup.plans.models import Plan
from handup.projects.models import Document, Organisation, Programme


class Study(House):
    """One market study: what was asked, how, of how many."""

    CLASSES = classify(
        O="id recorded_at programme office area title question method sample started_date"
        " finished_date document state",
        I="led_by",
    )
    SCOPE = market_paths()
    VIEW = "markets.view_study"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="market_studies")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    question = models.TextField(_("question"))
    method = models.TextField(_("how it was asked"), blank=True, default="")
    sample = models.CharField(_("of whom, and how many"), max_length=300, blank=True, default="")
    started_date = models.DateField(_("started on"))
    finished_date = models.DateField(_("finished on"), null=True, blank=True)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="market_studies"
    )
    state = models.CharField(
        _("state"),
        max_length=7,
        choices=choices(STUDY_STATE),
        default=StudyState.RUNNING.value,
    )
    led_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Study"]] = ScopedManager()

    class Meta:
        ordering = ("-started_date", "-id")
        verbose_name = _("market study")

    def __str__(self) -> str:
        return self.title


class Finding(House):
    """One sentence a study found, and where that shows."""

    CLASSES = classify(O="id recorded_at study position statement evidence")
    SCOPE = market_paths("study")
    VIEW = "markets.view_study"

    study = models.ForeignKey(Study, models.PROTECT, related_name="findings")
    position = models.PositiveSmallIntegerField(_("order"))
    statement = models.TextField(_("what was found"))
    evidence = models.CharField(_("where it shows"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["Finding"]] = ScopedManager()

    class Meta:
        ordering = ("study", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("study", "position"), name="one_finding_at_a_place_of_a_study"
            ),
        )

    def __str__(self) -> str:
        return self.statement


class Opportunity(House):
    """A product somebody would buy: who, how much, at which price, when, on which terms."""

    CLASSES = classify(
        O="id recorded_at study commodity product buyers volume currency price_units price_per"
        " season requirements state",
        I="next_action owner due_date reason",
    )
    SCOPE = market_paths("study")
    VIEW = "markets.view_study"

    study = models.ForeignKey(Study, models.PROTECT, related_name="opportunities")
    commodity = models.ForeignKey(
        Commodity, models.PROTECT, null=True, blank=True, related_name="opportunities"
    )
    product = models.CharField(_("product"), max_length=120)
    buyers = models.CharField(_("who would buy"), max_length=300)
    volume = models.CharField(_("how much"), max_length=120, blank=True, default="")
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    price_units = models.BigIntegerField(_("at which price"), null=True, blank=True)
    price_per = models.CharField(_("for"), max_length=40, blank=True, default="")
    season = models.CharField(_("when"), max_length=120, blank=True, default="")
    requirements = models.TextField(_("what they ask for"), blank=True, default="")
    next_action = models.CharField(_("next step"), max_length=300)
    owner = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    due_date = models.DateField(_("by"), null=True, blank=True)
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=choices(OPPORTUNITY_STATE),
        default=OpportunityState.OPEN.value,
    )
    reason = models.CharField(_("why"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["Opportunity"]] = ScopedManager()

    class Meta:
        ordering = ("study", "id")
        verbose_name = _("opportunity")

    def __str__(self) -> str:
        return self.product


class OpportunityStart(House):
    """A business started because of an opportunity: of a person, of an enterprise, of a body."""

    CLASSES = classify(
        I="id recorded_at opportunity plan person enterprise organisation started_date told_by",
        P="remark",
    )
    SCOPE = replace(market_paths("opportunity__study", known=False), person="person_id")
    VIEW = "markets.view_start"

    opportunity = models.ForeignKey(Opportunity, models.PROTECT, related_name="starts")
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="opportunities"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="opportunities"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="opportunities"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="opportunities"
    )
    started_date = models.DateField(_("started on"))
    remark = models.CharField(_("remark"), max_length=300, blank=True, default="")
    told_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["OpportunityStart"]] = ScopedManager()

    class Meta:
        ordering = ("-started_date", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("opportunity", "plan"), name="a_plan_traced_once_to_an_opportunity"
            ),
            models.CheckConstraint(
                condition=Q(plan__isnull=False) | Q(organisation__isnull=False),
                name="a_start_is_somebodys",
            ),
        )

    def __str__(self) -> str:
        return f"{self.opportunity} {self.started_date}"
