"""The pathway out of extreme poverty: criteria in versions, who is on it, checks, graduation
(rulings C20).
"""

from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.lending.models.labels import PROPOSAL_STATES, Choices
from handup.lending.rules.codes import EnrolmentState, ProposalState
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths

ENROLMENT_STATES: Choices = [
    (EnrolmentState.RUNNING.value, _("On the way")),
    (EnrolmentState.GRADUATED.value, _("Graduated")),
    (EnrolmentState.LEFT.value, _("Left")),
]


class Pathway(House):
    """One way out of extreme poverty that a programme offers; its criteria come in versions."""

    CLASSES = classify(I="id recorded_at programme name closed_date")
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "lending.view_pathway"

    programme = models.ForeignKey(
        "projects.Programme", models.PROTECT, related_name="pathways", verbose_name=_("programme")
    )
    name = models.CharField(_("name"), max_length=120)
    closed_date = models.DateField(_("takes nobody in since"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Pathway"]] = ScopedManager()

    class Meta:
        ordering = ("name", "id")
        constraints = (
            models.UniqueConstraint(fields=("programme", "name"), name="one_pathway_a_name"),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("lending:pathway_detail", args=[self.pk])


class PathwayVersion(House):
    """The criteria of a pathway from a day on, and how many of them must be met. Append-only: who
    is on the way is judged by the version she came in under.
    """

    CLASSES = classify(I="id recorded_at pathway number criteria needed from_date made_by")
    SCOPE = ScopePaths(programme="pathway__programme_id")
    VIEW = "lending.view_pathway"

    pathway = models.ForeignKey(Pathway, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    criteria = models.JSONField(_("criteria"), default=list)
    needed = models.PositiveIntegerField(_("criteria to be met"))
    from_date = models.DateField(_("for those who come in from"))
    made_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["PathwayVersion"]] = ScopedManager()

    class Meta:
        ordering = ("pathway", "-number")
        constraints = (
            models.UniqueConstraint(fields=("pathway", "number"), name="one_pathway_version"),
        )

    def __str__(self) -> str:
        return f"{self.pathway} {self.number}"


class PathwayEnrolment(House):
    """One person on a pathway: since when, by which criteria, and how it ended."""

    CLASSES = classify(
        I="id recorded_at code version programme office officer enrolled_date enrolled_by state"
        " ended_date ended_by",
        P="person end_reason",
    )
    SCOPE = ScopePaths(
        office="office_id",
        programme="programme_id",
        caseload="officer_id",
        person="person_id",
    )
    VIEW = "lending.view_enrolment"

    code = models.CharField(_("number"), max_length=20, unique=True)
    version = models.ForeignKey(PathwayVersion, models.PROTECT, related_name="enrolments")
    programme = models.ForeignKey(
        "projects.Programme", models.PROTECT, related_name="+", verbose_name=_("programme")
    )
    person = models.ForeignKey(
        "people.Person",
        models.PROTECT,
        related_name="pathway_enrolments",
        verbose_name=_("person"),
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )
    officer = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("officer")
    )
    enrolled_date = models.DateField(_("on the pathway since"))
    enrolled_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=ENROLMENT_STATES,
        default=EnrolmentState.RUNNING.value,
    )
    ended_date = models.DateField(_("ended on"), null=True, blank=True)
    ended_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["PathwayEnrolment"]] = ScopedManager()

    class Meta:
        ordering = ("-enrolled_date", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state=EnrolmentState.RUNNING.value, ended_date=None)
                | (
                    ~models.Q(state=EnrolmentState.RUNNING.value)
                    & models.Q(ended_date__isnull=False)
                ),
                name="enrolment_ended_on_a_day",
            ),
            models.UniqueConstraint(
                fields=("person", "programme"),
                condition=models.Q(state=EnrolmentState.RUNNING.value),
                name="one_running_pathway_in_a_programme",
            ),
        )
        indexes = (models.Index(fields=("person", "state"), name="enrolment_person_state"),)

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("lending:enrolment_detail", args=[self.pk])


THROUGH_ENROLMENT = ScopePaths(
    office="enrolment__office_id",
    programme="enrolment__programme_id",
    caseload="enrolment__officer_id",
    person="enrolment__person_id",
)


class PathwayCheck(House):
    """What somebody saw or asked at one visit, criterion by criterion. Append-only."""

    CLASSES = classify(
        I="id recorded_at enrolment check_date checked_by",
        P="findings note",
    )
    SCOPE = THROUGH_ENROLMENT
    VIEW = "lending.view_enrolment"

    enrolment = models.ForeignKey(PathwayEnrolment, models.PROTECT, related_name="checks")
    check_date = models.DateField(_("seen on"))
    checked_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("seen by")
    )
    findings: Any = models.JSONField(_("what was found"), default=dict)
    note = models.CharField(_("note"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["PathwayCheck"]] = ScopedManager()

    class Meta:
        ordering = ("-check_date", "-recorded_at", "-id")

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.check_date}"


class GraduationDecision(House):
    """Somebody proposes that a participant has graduated, another person decides; what each
    criterion came to on the day of the decision is kept with it.
    """

    CLASSES = classify(
        I="id recorded_at enrolment state proposed_date proposed_by decided_date decided_by",
        P="proposal_note reasons decision_reason",
    )
    SCOPE = THROUGH_ENROLMENT
    VIEW = "lending.view_enrolment"

    enrolment = models.ForeignKey(PathwayEnrolment, models.PROTECT, related_name="graduations")
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=PROPOSAL_STATES,
        default=ProposalState.PROPOSED.value,
    )
    proposed_date = models.DateField(_("proposed on"))
    proposed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    proposal_note = models.CharField(_("note"), max_length=300, blank=True, default="")
    reasons: Any = models.JSONField(_("criterion by criterion"), default=list)
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    decided_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    decision_reason = models.CharField(_("reason"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["GraduationDecision"]] = ScopedManager()

    class Meta:
        ordering = ("-proposed_date", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("enrolment",),
                condition=models.Q(state=ProposalState.PROPOSED.value),
                name="one_graduation_waits",
            ),
        )

    def __str__(self) -> str:
        return f"{self.enrolment_id} {self.proposed_date}"
