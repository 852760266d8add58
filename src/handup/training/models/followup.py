"""Asking after participants: dated tasks, each attempt to reach somebody, drop-out cases."""

from collections.abc import Callable
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.training.models.cohorts import Enrolment, Session
from handup.training.models.labels import DROPOUT_REASON, Labels, choices
from handup.training.rules.followup import CaseState, ContactWay, FollowUpEnd, FollowUpKind
from handup.training.rules.states import DropoutReason

FOLLOW_UP_KIND: Labels = {
    FollowUpKind.ABSENCE: _("misses too much"),
    FollowUpKind.CONFLICT: _("told in two ways"),
}
FOLLOW_UP_END: Labels = {
    FollowUpEnd.BACK: _("comes again"),
    FollowUpEnd.EXPLAINED: _("explained, stays enrolled"),
    FollowUpEnd.LEAVING: _("became a drop-out case"),
    FollowUpEnd.CORRECTED: _("attendance corrected"),
    FollowUpEnd.OVER: _("no longer enrolled"),
}
CONTACT_WAY: Labels = {
    ContactWay.VISIT: _("visit"),
    ContactWay.PHONE: _("telephone"),
    ContactWay.MESSAGE: _("message"),
    ContactWay.FAMILY: _("through family or neighbours"),
}
CASE_STATE: Labels = {
    CaseState.OPEN: _("open"),
    CaseState.RETURNED: _("came back"),
    CaseState.LEFT: _("left the course"),
}


def reached(
    step: str, caseload: str, withheld: Callable[[StaffUser], models.Q] | None = None
) -> ScopePaths:
    """The paths of a table that hangs on an enrolment; a caseload is what is assigned to her."""
    return ScopePaths(
        office=f"{step}cohort__office_id",
        area=f"{step}cohort__area_id",
        programme=f"{step}cohort__programme_id",
        organisation=f"{step}cohort__provider_id",
        person=f"{step}person_id",
        caseload=caseload,
        withheld=withheld,
    )


def _about_safety(staff: StaffUser, case: str, enrolment: str) -> models.Q:
    """Rows whose case is about safety, but for those which the protection role reaches."""
    reached_here = Enrolment.objects.reached_with(staff, "training.view_safety_case")
    secret = models.Q(**{f"{case}reason": DropoutReason.SAFETY})
    return secret & ~models.Q(**{f"{enrolment}__in": reached_here})


def safe_cases(staff: StaffUser) -> models.Q:
    """Which drop-out cases are kept from a reader."""
    return _about_safety(staff, "", "follow_up__enrolment")


def safe_tasks(staff: StaffUser) -> models.Q:
    """Which tasks are kept from a reader: one that ended without its case would tell of it."""
    return _about_safety(staff, "case__", "enrolment")


def safe_contacts(staff: StaffUser) -> models.Q:
    """Which contacts are kept from a reader."""
    return _about_safety(staff, "follow_up__case__", "follow_up__enrolment")


class FollowUp(House):
    """One task of a named member of staff, by a day: ask after a person, or settle what was told
    in two ways.

    `missed` counts the unexcused absences it was opened for; only further ones open another.
    """

    CLASSES = classify(
        I="id recorded_at enrolment kind session assigned_to opened_date due_date missed end"
        " ended_date ended_by"
    )
    SCOPE = reached("enrolment__", "assigned_to_id", safe_tasks)
    VIEW = "training.view_follow_up"

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="follow_ups")
    kind = models.CharField(_("why"), max_length=8, choices=choices(FOLLOW_UP_KIND))
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="follow_ups"
    )
    assigned_to = models.ForeignKey(StaffUser, models.PROTECT, related_name="follow_ups")
    opened_date = models.DateField(_("since"))
    due_date = models.DateField(_("due on"), db_index=True)
    missed = models.PositiveSmallIntegerField(_("absences"), default=0)
    end = models.CharField(
        _("how it ended"), max_length=9, choices=choices(FOLLOW_UP_END), blank=True, default=""
    )
    ended_date = models.DateField(_("ended on"), null=True, blank=True)
    ended_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[ScopedManager["FollowUp"]] = ScopedManager()

    class Meta:
        ordering = ("due_date", "id")
        verbose_name = _("follow-up")
        constraints = (
            models.UniqueConstraint(
                fields=("enrolment",),
                condition=models.Q(kind=FollowUpKind.ABSENCE, end=""),
                name="one_open_absence_task_of_an_enrolment",
            ),
            models.UniqueConstraint(
                fields=("enrolment", "session"),
                condition=models.Q(kind=FollowUpKind.CONFLICT, end=""),
                name="one_open_conflict_task_of_a_session",
            ),
            models.CheckConstraint(
                condition=models.Q(end="") | models.Q(ended_date__isnull=False),
                name="ended_follow_up_has_its_date",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())


class ContactAttempt(House):
    """One attempt to reach a person who misses too much."""

    CLASSES = classify(I="id recorded_at follow_up contact_date way reached recorded_by", S="told")
    SCOPE = reached("follow_up__enrolment__", "follow_up__assigned_to_id", safe_contacts)
    VIEW = "training.view_follow_up"

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="contacts")
    contact_date = models.DateField(_("day"))
    way = models.CharField(_("how"), max_length=7, choices=choices(CONTACT_WAY))
    reached = models.BooleanField(_("reached"), default=False)
    told = EncryptedTextField(_("what was said"), blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ContactAttempt"]] = ScopedManager()

    class Meta:
        ordering = ("contact_date", "id")
        verbose_name = _("contact attempt")

    def __str__(self) -> str:
        return str(self.get_way_display())


class DropoutCase(House):
    """Somebody is about to leave a course: why, who asked after her, and whether she came back.

    A case about safety is seen by the protection role alone.
    """

    CLASSES = classify(
        I="id recorded_at follow_up opened_date opened_by state closed_date closed_by",
        S="reason reason_text",
    )
    SCOPE = reached("follow_up__enrolment__", "follow_up__assigned_to_id", safe_cases)
    VIEW = "training.view_dropout_case"

    follow_up = models.OneToOneField(FollowUp, models.PROTECT, related_name="case")
    opened_date = models.DateField(_("since"))
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=24, choices=choices(DROPOUT_REASON))
    reason_text = EncryptedTextField(_("in words"), blank=True, default="")
    state = models.CharField(
        _("state"), max_length=8, choices=choices(CASE_STATE), default=CaseState.OPEN
    )
    closed_date = models.DateField(_("closed on"), null=True, blank=True)
    closed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["DropoutCase"]] = ScopedManager()

    class Meta:
        ordering = ("-opened_date", "id")
        verbose_name = _("drop-out case")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state=CaseState.OPEN) | models.Q(closed_date__isnull=False),
                name="closed_dropout_case_has_its_date",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_state_display())
