"""A person takes part in a programme: its rule, its states, each move with date and coded
reason."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from handup.org.classes import classify
from handup.org.encryption import EncryptedJSONField
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.households import Household
from handup.people.models.labels import PARTICIPATION, choices
from handup.people.models.persons import Person
from handup.people.rules.codes import ParticipationState
from handup.projects.models import Phase, Programme


class EligibilityRule(House):
    """One version of a programme's rule: a tree of all, any, not and leaves (people.md 4.3);
    never changed."""

    CLASSES = classify(
        O="id recorded_at programme version title tree valid_from valid_to published_by"
        " appeal_route"
    )
    VIEW = "people.view_rule"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="eligibility_rules")
    version = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    tree = models.JSONField(_("rule"))
    appeal_route = models.CharField(_("how to appeal"), max_length=300, blank=True, default="")
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    published_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["EligibilityRule"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "version")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "version"), name="one_rule_per_version_in_a_programme"
            ),
        )

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class Participation(House):
    """One person in one programme: where she stands, why, and who works with her.

    `decision` keeps what the rule saw and said: version, facts, result, reasons, missing facts;
    `sealed_facts` those it saw of sealed answers.
    """

    CLASSES = classify(
        I="id recorded_at person programme phase household state reason applied_date decided_date"
        " rule office case_officer started_date ended_date",
        P="decision",
        S="sealed_facts",
    )
    SCOPE = ScopePaths(
        office="office_id",
        area="person__area_id",
        programme="programme_id",
        caseload="case_officer_id",
        person="person_id",
    )
    VIEW = "people.view_participation"

    person = models.ForeignKey(Person, models.PROTECT, related_name="participations")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="participations")
    phase = models.ForeignKey(
        Phase, models.PROTECT, null=True, blank=True, related_name="participations"
    )
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="participations"
    )
    state = models.CharField(
        _("state"),
        max_length=17,
        choices=choices(PARTICIPATION),
        default=ParticipationState.APPLIED.value,
    )
    reason = models.CharField(_("reason"), max_length=40, blank=True, default="")
    applied_date = models.DateField(_("applied on"))
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    rule = models.ForeignKey(
        EligibilityRule, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    decision = models.JSONField(_("decision"), default=dict, blank=True)
    sealed_facts = EncryptedJSONField(_("sealed facts of the decision"))
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    case_officer = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_date = models.DateField(_("takes part since"), null=True, blank=True)
    ended_date = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Participation"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("applied_date", "id")
        indexes = (
            models.Index(fields=("programme", "state", "applied_date"), name="participation_state"),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("person", "programme"),
                condition=~models.Q(state="MERGED"),
                name="one_participation_per_person_and_programme",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.programme.code}"


class ParticipationEvent(House):
    """One move of a participation: from where to where, on which day, with a coded reason."""

    CLASSES = classify(
        I="id recorded_at participation from_state to_state reason event_date recorded_by"
    )
    SCOPE = ScopePaths(
        office="participation__office_id",
        area="participation__person__area_id",
        programme="participation__programme_id",
        caseload="participation__case_officer_id",
        person="participation__person_id",
    )
    VIEW = "people.view_participation"

    participation = models.ForeignKey(Participation, models.PROTECT, related_name="events")
    from_state = models.CharField(max_length=17, choices=choices(PARTICIPATION), blank=True)
    to_state = models.CharField(max_length=17, choices=choices(PARTICIPATION))
    reason = models.CharField(max_length=40)
    event_date = models.DateField(_("date"))
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ParticipationEvent"]] = ScopedManager()

    class Meta:
        ordering = ("event_date", "id")

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"
