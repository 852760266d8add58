"""The register of qualified people: who is qualified for what, each step with its day, the evidence
and the observations it rests on.
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Organisation
from handup.training.models.cohorts import Cohort
from handup.training.models.labels import Labels, choices
from handup.training.rules.ladder import Field, Level, Proof

FIELD: Labels = {
    Field.TRAINER: _("trainer"),
    Field.ADVISOR: _("business adviser"),
    Field.APPRAISER: _("appraiser of loans"),
    Field.COOPERATIVE: _("staff of cooperatives"),
}
LEVEL: Labels = {
    Level.CANDIDATE: _("candidate"),
    Level.QUALIFIED: _("qualified"),
    Level.SENIOR: _("senior"),
    Level.MASTER: _("master"),
}
PROOF: Labels = {
    Proof.COURSE_COMPLETED: _("course completed"),
    Proof.ASSISTED: _("workshop assisted"),
    Proof.LED: _("course led"),
    Proof.PLAN_REVIEWED: _("plan reviewed by a senior"),
    Proof.APPRAISAL_COSIGNED: _("appraisal co-signed"),
    Proof.COOPERATIVE_SERVED: _("cooperative served"),
}


def under(step: str) -> ScopePaths:
    """The paths of what hangs on a qualification."""
    return ScopePaths(
        office=f"{step}office_id",
        organisation=f"{step}organisation_id",
        caseload=f"{step}staff_id",
    )


class Qualification(House):
    """One person qualified in one field, on a step of its ladder until a day."""

    CLASSES = classify(
        I="id recorded_at field level staff organisation office national granted_date valid_to"
        " active",
        P="name",
    )
    SCOPE = under("")
    VIEW = "training.view_qualification"

    field = models.CharField(_("field"), max_length=11, choices=choices(FIELD))
    level = models.CharField(_("level"), max_length=9, choices=choices(LEVEL), blank=True)
    staff = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="qualifications"
    )
    name = models.CharField(_("name"), max_length=120)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="qualified"
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="qualified"
    )
    national = models.BooleanField(_("national of the country"), null=True, blank=True)
    granted_date = models.DateField(_("granted on"), null=True, blank=True)
    valid_to = models.DateField(_("valid until"), null=True, blank=True, db_index=True)
    active = models.BooleanField(_("on the register"), default=True)

    objects: ClassVar[ScopedManager["Qualification"]] = ScopedManager()

    class Meta:
        ordering = ("field", "name", "id")
        verbose_name = _("qualification")
        constraints = (
            models.UniqueConstraint(
                fields=("field", "staff"), name="one_qualification_of_staff_in_a_field"
            ),
            models.CheckConstraint(
                condition=models.Q(level="")
                | models.Q(granted_date__isnull=False, valid_to__isnull=False),
                name="granted_level_has_its_days",
            ),
        )

    def __str__(self) -> str:
        return self.name


class QualificationStep(House):
    """One step granted, or a qualification made valid anew; the register shows the last."""

    CLASSES = classify(
        I="id recorded_at qualification level granted_date valid_to granted_by reason"
    )
    SCOPE = under("qualification__")
    VIEW = "training.view_qualification"

    qualification = models.ForeignKey(Qualification, models.PROTECT, related_name="steps")
    level = models.CharField(_("level"), max_length=9, choices=choices(LEVEL))
    granted_date = models.DateField(_("granted on"))
    valid_to = models.DateField(_("valid until"))
    granted_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    reason = models.CharField(_("on what ground"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["QualificationStep"]] = ScopedManager()

    class Meta:
        ordering = ("granted_date", "recorded_at", "id")
        verbose_name = _("step of a qualification")

    def __str__(self) -> str:
        return str(self.get_level_display())


class QualificationProof(House):
    """One piece of evidence: a course completed or led, a plan reviewed, an appraisal co-signed."""

    CLASSES = classify(
        I="id recorded_at qualification proof proof_date cohort reference recorded_by"
    )
    SCOPE = under("qualification__")
    VIEW = "training.view_qualification"

    qualification = models.ForeignKey(Qualification, models.PROTECT, related_name="proofs")
    proof = models.CharField(_("what it shows"), max_length=18, choices=choices(PROOF))
    proof_date = models.DateField(_("day"))
    cohort = models.ForeignKey(Cohort, models.PROTECT, null=True, blank=True, related_name="proofs")
    reference = models.CharField(_("where it can be read"), max_length=200)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["QualificationProof"]] = ScopedManager()

    class Meta:
        ordering = ("proof_date", "id")
        verbose_name = _("evidence of a qualification")
        constraints = (
            models.UniqueConstraint(
                fields=("qualification", "proof", "reference"),
                name="one_piece_of_evidence_counts_once",
            ),
        )

    def __str__(self) -> str:
        return self.reference


class Observation(House):
    """Somebody watched a holder at work and gave a score from 1.0 to 4.0, kept in tenths."""

    CLASSES = classify(
        I="id recorded_at qualification observed_date score_x10 observer recorded_by cohort",
        P="remarks",
    )
    SCOPE = under("qualification__")
    VIEW = "training.view_qualification"

    qualification = models.ForeignKey(Qualification, models.PROTECT, related_name="observations")
    observed_date = models.DateField(_("day"))
    cohort = models.ForeignKey(
        Cohort, models.PROTECT, null=True, blank=True, related_name="observations"
    )
    score_x10 = models.PositiveSmallIntegerField(_("score in tenths"))
    observer = models.ForeignKey(Qualification, models.PROTECT, related_name="observed")
    remarks = models.CharField(_("remarks"), max_length=500, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Observation"]] = ScopedManager()

    class Meta:
        ordering = ("observed_date", "id")
        verbose_name = _("observation")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(score_x10__gte=10, score_x10__lte=40),
                name="observation_scores_from_1_to_4",
            ),
            models.CheckConstraint(
                condition=~models.Q(observer=models.F("qualification")),
                name="nobody_observes_herself",
            ),
        )

    def __str__(self) -> str:
        return f"{self.observed_date} {self.score_x10}"
