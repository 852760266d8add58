"""What became of graduates: rounds of asking, each graduate's answer, answers asked again."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.training.models.cohorts import ENROLMENT_SCOPE, Enrolment
from handup.training.models.labels import Labels, choices
from handup.training.rules.tracers import MONTHS, TracerOutcome

TRACER_OUTCOME: Labels = {
    TracerOutcome.WAGE: _("paid job"),
    TracerOutcome.OWN_BUSINESS: _("own business"),
    TracerOutcome.FAMILY: _("family business"),
    TracerOutcome.STUDY: _("further study"),
    TracerOutcome.NO_WORK: _("no work"),
}


class TracerRound(House):
    """One round of asking graduates so many months after completion; `due` were due, of whom all or
    a sample drawn with `seed` are asked.
    """

    CLASSES = classify(
        I="id recorded_at programme month opened_date seed due threshold_units currency opened_by"
    )
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "training.view_tracer"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="tracer_rounds")
    month = models.PositiveSmallIntegerField(
        _("months after completion"), choices=[(month, str(month)) for month in MONTHS]
    )
    opened_date = models.DateField(_("opened on"))
    seed = models.PositiveIntegerField(_("seed of the sample"))
    due = models.PositiveIntegerField(_("graduates due"))
    threshold_units = models.BigIntegerField(_("least income a month"))
    currency = models.CharField(_("currency"), max_length=3)
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["TracerRound"]] = ScopedManager()

    class Meta:
        ordering = ("-opened_date", "id")
        verbose_name = _("tracer round")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(threshold_units__gte=0), name="tracer_threshold_not_below_zero"
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme.code} {self.month} {self.opened_date}"


class TracerResponse(House):
    """One graduate of a round: empty until she is asked. A row that names another in
    `back_check_of` is the same question put again by another person.
    """

    CLASSES = classify(
        I="id recorded_at round enrolment back_check_of asked_date asked_by outcome started_date"
        " permanent placed",
        S="income_units",
    )
    SCOPE = ENROLMENT_SCOPE
    VIEW = "training.view_tracer"

    round = models.ForeignKey(TracerRound, models.PROTECT, related_name="responses")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="tracer_responses")
    back_check_of = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="back_check"
    )
    asked_date = models.DateField(_("asked on"), null=True, blank=True)
    asked_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(
        _("what she does"), max_length=12, choices=choices(TRACER_OUTCOME), blank=True, default=""
    )
    started_date = models.DateField(_("since"), null=True, blank=True)
    income_units = models.BigIntegerField(_("income a month"), null=True, blank=True)
    permanent = models.BooleanField(_("permanent"), default=False)
    placed = models.BooleanField(_("placed"), default=False)

    objects: ClassVar[ScopedManager["TracerResponse"]] = ScopedManager()

    class Meta:
        ordering = ("round", "id")
        verbose_name = _("tracer answer")
        constraints = (
            models.UniqueConstraint(
                fields=("round", "enrolment"),
                condition=models.Q(back_check_of=None),
                name="one_tracer_answer_of_an_enrolment_in_a_round",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", asked_date=None, asked_by=None)
                | (
                    ~models.Q(outcome="")
                    & models.Q(asked_date__isnull=False, asked_by__isnull=False)
                ),
                name="tracer_answer_says_when_and_who_asked",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_outcome_display())
