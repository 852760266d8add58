"""Assessments of a group by a scorecard: a mark a criterion, the entries that speak for it, and
what the group disputes."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import GROUP_SCOPE, GroupFact
from handup.groups.models.group import Group
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class GroupAssessment(House):
    """One card filled with a group on a day. `card` keeps the bands it was graded by; points are
    those of the marks as they stand, disputes answered."""

    CLASSES = classify(
        I="id recorded_at group card_code card_version card assessed_date people_count points"
        " most_points grade is_eligible assessed_by fact"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="assessments")
    card_code = models.CharField(_("card"), max_length=20)
    card_version = models.PositiveIntegerField(_("version"))
    card = models.JSONField()
    assessed_date = models.DateField(_("assessed on"))
    people_count = models.PositiveSmallIntegerField(_("people who took part"))
    points = models.PositiveIntegerField(_("points"))
    most_points = models.PositiveIntegerField(_("of"))
    grade = models.CharField(_("grade"), max_length=20)
    is_eligible = models.BooleanField(_("eligible"))
    assessed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["GroupAssessment"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-assessed_date", "-recorded_at")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "card_code", "assessed_date"), name="one_assessment_a_card_and_day"
            ),
            models.CheckConstraint(
                condition=Q(points__lte=F("most_points"), most_points__gt=0),
                name="no_more_than_all_points",
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.assessed_date}"


class Given(models.TextChoices):
    """What became of a criterion."""

    SCORED = "SCORED", _("scored")
    UNANSWERED = "UNANSWERED", _("not answered")
    NOT_APPLICABLE = "NOT_APPLICABLE", _("does not apply")


OF_ASSESSMENT = ScopePaths(
    office="assessment__group__office_id",
    area="assessment__group__area_id",
    programme="assessment__group__programme_id",
    caseload="assessment__group__officer_id",
)


class AssessmentMark(House):
    """What one criterion got, with the entries of the group that speak for it."""

    CLASSES = classify(I="id recorded_at assessment no section text most_points given points")
    SCOPE = OF_ASSESSMENT
    VIEW = "groups.view_group"

    assessment = models.ForeignKey(GroupAssessment, models.PROTECT, related_name="marks")
    no = models.PositiveSmallIntegerField(_("no."))
    section = models.CharField(_("part"), max_length=80)
    text = models.CharField(_("criterion"), max_length=200)
    most_points = models.PositiveSmallIntegerField(_("of"))
    given = models.CharField(_("answered"), max_length=14, choices=Given.choices)
    points = models.PositiveSmallIntegerField(_("points"), default=0)

    objects: ClassVar[ScopedManager["AssessmentMark"]] = ScopedManager()

    class Meta:
        ordering = ("assessment", "no")
        constraints = (
            models.UniqueConstraint(fields=("assessment", "no"), name="one_mark_a_criterion"),
            models.CheckConstraint(
                condition=Q(points__lte=F("most_points")), name="a_mark_within_its_points"
            ),
        )

    def __str__(self) -> str:
        return f"{self.no} {self.text}"


class MarkEvidence(House):
    """An entry of the group that speaks for a mark."""

    CLASSES = classify(I="id recorded_at mark fact")
    SCOPE = ScopePaths(
        office="mark__assessment__group__office_id",
        area="mark__assessment__group__area_id",
        programme="mark__assessment__group__programme_id",
        caseload="mark__assessment__group__officer_id",
    )
    VIEW = "groups.view_group"

    mark = models.ForeignKey(AssessmentMark, models.PROTECT, related_name="evidence")
    fact = models.ForeignKey(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["MarkEvidence"]] = ScopedManager()

    class Meta:
        ordering = ("mark", "fact")
        constraints = (
            models.UniqueConstraint(fields=("mark", "fact"), name="an_entry_speaks_once"),
        )

    def __str__(self) -> str:
        return f"{self.mark_id} {self.fact_id}"


class DisputeState(models.TextChoices):
    """What became of a dispute."""

    OPEN = "OPEN", _("not answered yet")
    STANDS = "STANDS", _("the mark stands")
    CHANGED = "CHANGED", _("the mark was changed")


class MarkDispute(House):
    """The group says that a mark is wrong, and what somebody else than the assessor answered."""

    CLASSES = classify(
        I="id recorded_at mark disputed_date why state answered_date answer points_before"
        " answered_by fact"
    )
    SCOPE = MarkEvidence.SCOPE
    VIEW = "groups.view_group"

    mark = models.ForeignKey(AssessmentMark, models.PROTECT, related_name="disputes")
    disputed_date = models.DateField(_("disputed on"))
    why = models.CharField(_("why"), max_length=500)
    state = models.CharField(
        _("state"), max_length=7, choices=DisputeState.choices, default=DisputeState.OPEN
    )
    answered_date = models.DateField(_("answered on"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    points_before = models.PositiveSmallIntegerField(_("points before"))
    answered_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["MarkDispute"]] = ScopedManager()

    class Meta:
        ordering = ("mark", "-disputed_date", "-recorded_at")
        constraints = (
            models.UniqueConstraint(
                fields=("mark",), condition=Q(state="OPEN"), name="one_open_dispute_a_mark"
            ),
        )

    def __str__(self) -> str:
        return f"{self.mark_id} {self.disputed_date}"
