"""Data protection impact assessments: what is done with whose data, what may happen to them, what
is done about it, what was decided, and when it is looked at again (rulings 32).
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import (
    IMPACT_DECISION,
    IMPACT_STATE,
    LIKELIHOOD,
    SEVERITY,
    choices,
)
from handup.people.rules import impact as i
from handup.projects.models import Programme


class ImpactAssessment(House):
    """One assessment of one version; without a programme it is about the whole house.

    what: what is done with which data of whom, and for what. necessity: why it cannot be done with
    less. asked: which persons or their speakers were asked and what they said, or why nobody could
    be. advice: what the data protection officer advises. consulted: what the authority answered,
    where a high risk is left. Decided, it is not changed any more: `previous` names the version
    this one takes the place of once it is decided too.
    """

    CLASSES = classify(
        I="id recorded_at code version title programme state what necessity asked advice consulted"
        " started_by started_date advised_by advised_date decision reason decided_by decided_date"
        " review_date previous"
    )
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "people.view_impact"

    code = models.CharField(_("number"), max_length=12)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title = models.CharField(_("what it is about"), max_length=200)
    programme = models.ForeignKey(
        Programme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("programme"),
    )
    state = models.CharField(
        _("state"), max_length=8, choices=choices(IMPACT_STATE), default=i.ImpactState.DRAFT.value
    )
    what = models.TextField(_("what is done"))
    necessity = models.TextField(_("why it is needed"))
    asked = models.TextField(_("who was asked"), blank=True, default="")
    advice = models.TextField(_("advice of the data protection officer"), blank=True, default="")
    consulted = models.TextField(_("answer of the authority"), blank=True, default="")
    started_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    started_date = models.DateField(_("started on"))
    advised_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    advised_date = models.DateField(_("advised on"), null=True, blank=True)
    decision = models.CharField(
        _("decision"), max_length=13, choices=choices(IMPACT_DECISION), blank=True, default=""
    )
    reason = models.TextField(_("reason"), blank=True, default="")
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    review_date = models.DateField(_("looked at again by"), null=True, blank=True)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="following"
    )

    objects: ClassVar[ScopedManager["ImpactAssessment"]] = ScopedManager()

    class Meta:
        ordering = ("-started_date", "-id")
        verbose_name = _("impact assessment")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="one_impact_of_a_version"),
            models.UniqueConstraint(
                fields=("code",),
                condition=models.Q(state=i.ImpactState.DRAFT.value),
                name="one_impact_draft_at_a_time",
            ),
        )
        indexes = (models.Index(fields=("state", "review_date"), name="impact_review"),)

    def __str__(self) -> str:
        return f"{self.code}-{self.version} {self.title}"


class ImpactRisk(House):
    """What may happen to persons, how much it weighs without and with its measure, who sees to the
    measure by when.
    """

    CLASSES = classify(
        I="id recorded_at assessment number risk likelihood severity measure owner due_date"
        " done_date left_likelihood left_severity"
    )
    SCOPE = ScopePaths(programme="assessment__programme_id")
    VIEW = "people.view_impact"

    assessment = models.ForeignKey(ImpactAssessment, models.PROTECT, related_name="risks")
    number = models.PositiveSmallIntegerField(_("number"))
    risk = models.CharField(_("what may happen to them"), max_length=500)
    likelihood = models.PositiveSmallIntegerField(_("how likely"), choices=LIKELIHOOD)
    severity = models.PositiveSmallIntegerField(_("how severe"), choices=SEVERITY)
    measure = models.CharField(_("what is done about it"), max_length=500, blank=True, default="")
    owner = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who sees to it"),
    )
    due_date = models.DateField(_("by when"), null=True, blank=True)
    done_date = models.DateField(_("in place since"), null=True, blank=True)
    left_likelihood = models.PositiveSmallIntegerField(_("how likely then"), choices=LIKELIHOOD)
    left_severity = models.PositiveSmallIntegerField(_("how severe then"), choices=SEVERITY)

    objects: ClassVar[ScopedManager["ImpactRisk"]] = ScopedManager()

    class Meta:
        ordering = ("assessment", "number")
        verbose_name = _("risk of an impact assessment")
        constraints = (
            models.UniqueConstraint(fields=("assessment", "number"), name="one_risk_of_a_number"),
            models.CheckConstraint(
                condition=models.Q(
                    likelihood__gte=i.GRADES[0],
                    likelihood__lte=i.GRADES[-1],
                    severity__gte=i.GRADES[0],
                    severity__lte=i.GRADES[-1],
                    left_likelihood__lte=models.F("likelihood"),
                    left_severity__lte=models.F("severity"),
                ),
                name="a_measure_only_lowers",
            ),
        )

    def __str__(self) -> str:
        return self.risk

    @property
    def told(self) -> i.Risk:
        """The risk as the rule reads it."""
        return i.Risk(
            self.likelihood,
            self.severity,
            self.left_likelihood,
            self.left_severity,
            measure=self.measure,
            done=self.done_date is not None,
            promised=self.owner_id is not None and self.due_date is not None,
        )
