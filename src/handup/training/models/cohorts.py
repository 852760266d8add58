"""Who is taught together: cohort, trainers, sessions, enrolments, and the figures frozen at the
close."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models import Person
from handup.projects.models import BudgetLine, Organisation, Phase, Programme
from handup.training.models.curricula import Course, SessionPlan
from handup.training.models.labels import (
    COHORT_STATE,
    DROPOUT_REASON,
    ENROLMENT_STATE,
    SESSION_STATE,
    choices,
)
from handup.training.rules.states import CohortState, EnrolmentState, SessionState

COHORT_SCOPE = ScopePaths(
    office="cohort__office_id",
    area="cohort__area_id",
    programme="cohort__programme_id",
    organisation="cohort__provider_id",
    caseload="cohort__trainers__staff_id",
    many=True,
)
ENROLMENT_SCOPE = ScopePaths(
    office="enrolment__cohort__office_id",
    area="enrolment__cohort__area_id",
    programme="enrolment__cohort__programme_id",
    organisation="enrolment__cohort__provider_id",
    caseload="enrolment__cohort__trainers__staff_id",
    person="enrolment__person_id",
    many=True,
)


class Cohort(House):
    """One run of a course: where, by whom, for how many, paid from which budget line."""

    CLASSES = classify(
        I="id recorded_at code title course programme phase provider budget_line office area venue"
        " step_free childcare_room capacity starts_date ends_date state closed_date"
    )
    SCOPE = ScopePaths(
        office="office_id",
        area="area_id",
        programme="programme_id",
        organisation="provider_id",
        caseload="trainers__staff_id",
        many=True,
    )
    VIEW = "training.view_cohort"

    code = models.CharField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    course = models.ForeignKey(Course, models.PROTECT, related_name="cohorts")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="cohorts")
    phase = models.ForeignKey(Phase, models.PROTECT, null=True, blank=True, related_name="cohorts")
    provider = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cohorts",
        verbose_name=_("provider"),
    )
    budget_line = models.ForeignKey(
        BudgetLine, models.PROTECT, null=True, blank=True, related_name="cohorts"
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="cohorts"
    )
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="cohorts")
    venue = models.CharField(_("venue"), max_length=200, blank=True, default="")
    step_free = models.BooleanField(_("reachable without steps"), default=False)
    childcare_room = models.BooleanField(_("room for children"), default=False)
    capacity = models.PositiveSmallIntegerField(_("places"))
    starts_date = models.DateField(_("starts on"))
    ends_date = models.DateField(_("ends on"))
    state = models.CharField(
        _("state"), max_length=9, choices=choices(COHORT_STATE), default=CohortState.PLANNED
    )
    closed_date = models.DateField(_("closed on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Cohort"]] = ScopedManager()

    class Meta:
        ordering = ("-starts_date", "code")
        verbose_name = _("cohort")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "code"), name="one_cohort_per_code_in_a_programme"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_date__gte=models.F("starts_date")),
                name="cohort_ends_after_it_starts",
            ),
            models.CheckConstraint(condition=models.Q(capacity__gt=0), name="cohort_has_places"),
        )

    def __str__(self) -> str:
        return self.title or self.code

    @property
    def is_closed(self) -> bool:
        """Tell whether the figures stand."""
        return self.state in {CohortState.CLOSED, CohortState.CORRECTED}


class CohortTrainer(House):
    """Who teaches a cohort; a trainer of a provider may have no sign-in of her own."""

    CLASSES = classify(I="id recorded_at cohort staff name leads")
    SCOPE = COHORT_SCOPE
    VIEW = "training.view_cohort"

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="trainers")
    staff = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="cohorts_taught"
    )
    name = models.CharField(_("name"), max_length=120)
    leads = models.BooleanField(_("leads the cohort"), default=False)

    objects: ClassVar[ScopedManager["CohortTrainer"]] = ScopedManager()

    class Meta:
        ordering = ("-leads", "name")
        verbose_name = _("trainer")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "name"), name="one_row_per_trainer_of_a_cohort"
            ),
        )

    def __str__(self) -> str:
        return self.name


class Session(House):
    """One meeting of a cohort; only a held one counts, with the minutes it really lasted."""

    CLASSES = classify(
        I="id recorded_at cohort plan number title session_date minutes_planned minutes_held state"
        " cancel_reason room trainer make_up_for"
    )
    SCOPE = COHORT_SCOPE
    VIEW = "training.view_cohort"

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="sessions")
    plan = models.ForeignKey(
        SessionPlan, models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=200, blank=True, default="")
    session_date = models.DateField(_("date"))
    minutes_planned = models.PositiveSmallIntegerField(_("minutes planned"))
    minutes_held = models.PositiveSmallIntegerField(_("minutes held"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=choices(SESSION_STATE), default=SessionState.PLANNED
    )
    cancel_reason = models.CharField(
        _("why it was cancelled"), max_length=200, blank=True, default=""
    )
    room = models.CharField(_("room"), max_length=80, blank=True, default="")
    trainer = models.ForeignKey(
        CohortTrainer, models.PROTECT, null=True, blank=True, related_name="sessions"
    )
    make_up_for = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="make_ups",
        verbose_name=_("makes good the session"),
    )

    objects: ClassVar[ScopedManager["Session"]] = ScopedManager()

    class Meta:
        ordering = ("cohort", "number")
        verbose_name = _("session")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "number"), name="one_session_per_number_in_a_cohort"
            ),
            models.CheckConstraint(
                condition=models.Q(minutes_planned__gt=0), name="session_lasts_some_minutes"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=SessionState.HELD) | models.Q(minutes_held__gt=0),
                name="held_session_has_minutes",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=SessionState.CANCELLED) | ~models.Q(cancel_reason=""),
                name="cancelled_session_has_a_reason",
            ),
        )

    def __str__(self) -> str:
        return self.title or str(self.number)


class Enrolment(House):
    """One person's way through one cohort; each step keeps its date, so the funnel can be counted.

    `attended_minutes`, `held_minutes` and the final state are frozen when the cohort closes.
    """

    CLASSES = classify(
        I="id recorded_at cohort state open_day_date applied_date eligible_date invited_date"
        " told_date enrolled_date started_date completed_date ended_date walk_in exempted"
        " transferred_to attended_minutes held_minutes name_consent_date referral_source",
        P="person",
        S="targeting_score state_reason reason_text",
    )
    SCOPE = ScopePaths(
        office="cohort__office_id",
        area="cohort__area_id",
        programme="cohort__programme_id",
        organisation="cohort__provider_id",
        caseload="cohort__trainers__staff_id",
        person="person_id",
        many=True,
    )
    VIEW = "training.view_enrolment"

    person = models.ForeignKey(Person, models.PROTECT, related_name="enrolments")
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="enrolments")
    state = models.CharField(
        _("state"), max_length=13, choices=choices(ENROLMENT_STATE), default=EnrolmentState.APPLIED
    )
    referral_source = models.CharField(_("came through"), max_length=40, blank=True, default="")
    targeting_score = models.DecimalField(
        _("targeting score at application"), max_digits=6, decimal_places=2, null=True, blank=True
    )
    open_day_date = models.DateField(_("came to an open day on"), null=True, blank=True)
    applied_date = models.DateField(_("applied on"), null=True, blank=True)
    eligible_date = models.DateField(_("found eligible on"), null=True, blank=True)
    invited_date = models.DateField(_("invited on"), null=True, blank=True)
    told_date = models.DateField(_("told of the invitation on"), null=True, blank=True)
    enrolled_date = models.DateField(_("enrolled on"), null=True, blank=True)
    started_date = models.DateField(_("first attended on"), null=True, blank=True)
    completed_date = models.DateField(_("completed on"), null=True, blank=True, db_index=True)
    ended_date = models.DateField(_("ended on"), null=True, blank=True)
    state_reason = models.CharField(
        _("reason"), max_length=24, choices=choices(DROPOUT_REASON), blank=True, default=""
    )
    reason_text = EncryptedTextField(_("reason in words"), blank=True, default="")
    walk_in = models.BooleanField(_("walked in"), default=False)
    exempted = models.CharField(
        _("exempted from the prerequisite because"), max_length=300, blank=True, default=""
    )
    name_consent_date = models.DateField(
        _("agreed to have the name printed on"), null=True, blank=True
    )
    transferred_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="transferred_from"
    )
    attended_minutes = models.PositiveIntegerField(_("minutes attended"), null=True, blank=True)
    held_minutes = models.PositiveIntegerField(_("minutes held"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Enrolment"]] = ScopedManager()

    class Meta:
        ordering = ("cohort", "id")
        verbose_name = _("enrolment")
        constraints = (
            models.UniqueConstraint(
                fields=("person", "cohort"), name="one_enrolment_of_a_person_in_a_cohort"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=EnrolmentState.COMPLETED)
                | models.Q(completed_date__isnull=False),
                name="completed_enrolment_has_its_date",
            ),
            models.CheckConstraint(
                condition=models.Q(attended_minutes=None)
                | models.Q(attended_minutes__lte=models.F("held_minutes")),
                name="attended_at_most_what_was_held",
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort_id} {self.person_id}"


class CohortFigures(House):
    """The figures of a cohort as they stood at its close; a correction adds a row, never changes
    one."""

    CLASSES = classify(
        I="id recorded_at cohort revision closed_date closed_by reason held_minutes enrolled"
        " started completed dropped_out attended_minutes pairs gain_numerator gain_denominator"
        " unpaired_pre unpaired_post"
    )
    SCOPE = COHORT_SCOPE
    VIEW = "training.view_cohort"

    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="figures")
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    closed_date = models.DateField(_("closed on"))
    closed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason of the correction"), max_length=300, blank=True, default="")
    held_minutes = models.PositiveIntegerField(_("minutes held"))
    attended_minutes = models.PositiveBigIntegerField(_("minutes attended by all"))
    enrolled = models.PositiveIntegerField(_("ever enrolled"))
    started = models.PositiveIntegerField(_("started"))
    completed = models.PositiveIntegerField(_("completed"))
    dropped_out = models.PositiveIntegerField(_("dropped out"))
    pairs = models.PositiveIntegerField(_("test pairs"))
    gain_numerator = models.BigIntegerField(null=True, blank=True)
    gain_denominator = models.PositiveBigIntegerField(null=True, blank=True)
    unpaired_pre = models.PositiveIntegerField(_("only a first test"))
    unpaired_post = models.PositiveIntegerField(_("only a last test"))

    objects: ClassVar[ScopedManager["CohortFigures"]] = ScopedManager()

    class Meta:
        ordering = ("cohort", "revision")
        verbose_name = _("figures at the close")
        constraints = (
            models.UniqueConstraint(
                fields=("cohort", "revision"), name="one_row_of_figures_per_revision"
            ),
        )

    def __str__(self) -> str:
        return f"{self.cohort_id} {self.revision}"
