"""Rounds, the cases drawn for them, and how each case was looked for."""

from fractions import Fraction
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models import Enterprise, Household, Person
from handup.projects.models import Phase, Programme
from handup.surveys.models.labels import (
    OUTCOME,
    ROUND_KIND,
    ROUND_STATE,
    SAMPLE_PLAN,
    SUBJECT_KIND,
    WAY,
    choices,
)
from handup.surveys.models.questionnaires import Questionnaire
from handup.surveys.rules.codes import RoundState, SamplePlan, SubjectKind


class Round(House):
    """One time a questionnaire is asked; the seed is stored before the draw."""

    CLASSES = classify(
        I="id recorded_at questionnaire programme phase name kind opens_date closes_date plan"
        " sample_size cluster_count seed eligible_count drawn_at state locked_at planned_by limits"
        " looked_at quality locked_by reopened_at reopen_reason anchor anchor_days"
    )
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "surveys.view_round"

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="rounds")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="survey_rounds")
    phase = models.ForeignKey(
        Phase, models.PROTECT, null=True, blank=True, related_name="survey_rounds"
    )
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=9, choices=choices(ROUND_KIND))
    # A day in the life of each subject her case is due so many days after; empty: the window.
    anchor = models.CharField(_("counted from"), max_length=40, blank=True, default="")
    anchor_days = models.PositiveSmallIntegerField(_("days after it"), null=True, blank=True)
    opens_date = models.DateField(_("from"))
    closes_date = models.DateField(_("until"))
    plan = models.CharField(
        _("who is asked"), max_length=10, choices=choices(SAMPLE_PLAN), default=SamplePlan.CENSUS
    )
    sample_size = models.PositiveIntegerField(_("size of the sample"), null=True, blank=True)
    cluster_count = models.PositiveIntegerField(_("clusters drawn"), null=True, blank=True)
    seed = models.CharField(_("seed of the draw"), max_length=80)
    eligible_count = models.PositiveIntegerField(_("eligible"), null=True, blank=True)
    drawn_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=7, choices=choices(ROUND_STATE), default=RoundState.PLANNED
    )
    locked_at = models.DateTimeField(null=True, blank=True)
    planned_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    locked_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    reopened_at = models.DateTimeField(_("opened again"), null=True, blank=True)
    reopen_reason = models.CharField(
        _("why it was opened again"), max_length=300, blank=True, default=""
    )
    limits = models.JSONField(_("limits of data quality"), default=dict, blank=True)
    looked_at = models.DateTimeField(_("looked over"), null=True, blank=True)
    quality = models.JSONField(default=dict, blank=True)

    objects: ClassVar[ScopedManager["Round"]] = ScopedManager()

    class Meta:
        ordering = ("-opens_date", "id")
        verbose_name = _("round")
        constraints = (
            models.UniqueConstraint(
                fields=("questionnaire", "programme", "name"),
                name="one_round_per_name_in_a_programme",
            ),
            models.CheckConstraint(
                condition=models.Q(closes_date__gte=models.F("opens_date")),
                name="round_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=models.Q(anchor="", anchor_days=None)
                | ~models.Q(anchor="") & models.Q(anchor_days__isnull=False),
                name="anchor_of_a_round_with_its_days",
            ),
        )

    def __str__(self) -> str:
        return self.name


# The kinds whose tables stand at or below this domain: a case points to them.
OWN_KINDS = (
    SubjectKind.PERSON.value,
    SubjectKind.HOUSEHOLD.value,
    SubjectKind.ENTERPRISE.value,
)


class Case(House):
    """One subject to be asked in one round; its chance of being drawn is probability_numerator /
    probability_denominator."""

    CLASSES = classify(
        I="id recorded_at round subject_kind subject_id person household enterprise interviewer"
        " office area stratum cluster probability_numerator probability_denominator due_date"
        " outcome outcome_date replaces replace_reason subject_name"
    )
    SCOPE = ScopePaths(
        office="office_id",
        area="area_id",
        programme="round__programme_id",
        caseload="interviewer_id",
        person="person_id",
        shared=("household__memberships__person_id", "enterprise__ownerships__person_id"),
    )
    VIEW = "surveys.view_case"

    round = models.ForeignKey(Round, models.PROTECT, related_name="cases")
    subject_kind = models.CharField(max_length=10, choices=choices(SUBJECT_KIND))
    subject_id = models.UUIDField(editable=False)
    # What a subject of a domain above is called, as the case knows no table of it.
    subject_name = models.CharField(_("name"), max_length=160, blank=True, default="")
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="survey_cases"
    )
    household = models.ForeignKey(
        Household, models.PROTECT, null=True, blank=True, related_name="survey_cases"
    )
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="survey_cases"
    )
    interviewer = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="survey_cases",
        verbose_name=_("interviewer"),
    )
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    stratum = models.CharField(_("stratum"), max_length=80, blank=True, default="")
    cluster = models.CharField(_("cluster"), max_length=80, blank=True, default="")
    probability_numerator = models.PositiveBigIntegerField(default=1)
    probability_denominator = models.PositiveBigIntegerField(default=1)
    due_date = models.DateField(_("due"), null=True, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=12, choices=choices(OUTCOME), blank=True, default=""
    )
    outcome_date = models.DateField(_("on"), null=True, blank=True)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    replace_reason = models.CharField(_("why"), max_length=200, blank=True, default="")

    objects: ClassVar[ScopedManager["Case"]] = ScopedManager()

    class Meta:
        ordering = ("round", "id")
        verbose_name = _("case")
        constraints = (
            models.UniqueConstraint(
                fields=("round", "subject_id"), name="one_case_of_a_subject_in_a_round"
            ),
            models.CheckConstraint(
                condition=models.Q(probability_numerator__gte=1)
                & models.Q(probability_numerator__lte=models.F("probability_denominator")),
                name="chance_between_nothing_and_one",
            ),
            models.CheckConstraint(
                condition=models.Q(person__isnull=False, household=None, enterprise=None)
                | models.Q(person=None, household__isnull=False, enterprise=None)
                | models.Q(person=None, household=None, enterprise__isnull=False)
                | models.Q(person=None, household=None, enterprise=None)
                & ~models.Q(subject_kind__in=OWN_KINDS),
                name="case_has_one_subject",
            ),
        )

    def __str__(self) -> str:
        return str(self.subject)

    @property
    def subject(self) -> Person | Household | Enterprise | str:
        """Who is asked; of a kind that a domain above knows, the name."""
        return self.person or self.household or self.enterprise or self.subject_name

    @property
    def person_key(self) -> UUID | None:
        """The person the case is about, for the read log."""
        return self.person_id

    @property
    def weight(self) -> Fraction:
        """How many eligible this case stands for."""
        return Fraction(self.probability_denominator, self.probability_numerator)


class ContactAttempt(House):
    """One try to reach the subject of a case."""

    CLASSES = classify(I="id recorded_at case attempt_date way result recorded_by")
    SCOPE = ScopePaths(
        office="case__office_id",
        area="case__area_id",
        programme="case__round__programme_id",
        caseload="case__interviewer_id",
        person="case__person_id",
        shared=(
            "case__household__memberships__person_id",
            "case__enterprise__ownerships__person_id",
        ),
    )
    VIEW = "surveys.view_case"

    case = models.ForeignKey(Case, models.PROTECT, related_name="attempts")
    attempt_date = models.DateField(_("date"))
    way = models.CharField(_("how"), max_length=5, choices=choices(WAY))
    result = models.CharField(_("result"), max_length=200, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ContactAttempt"]] = ScopedManager()

    class Meta:
        ordering = ("case", "attempt_date", "id")
        verbose_name = _("contact attempt")

    def __str__(self) -> str:
        return f"{self.attempt_date} {self.way}"
