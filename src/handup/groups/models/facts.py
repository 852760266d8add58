"""What happened in a group: append-only facts chained per stream, and the meetings they make."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.group import Constitution, Cycle, Group, Member
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths

GROUP_SCOPE = ScopePaths(
    office="group__office_id",
    area="group__area_id",
    programme="group__programme_id",
    caseload="group__officer_id",
)


class MeetingKind(models.TextChoices):
    """What a meeting is for."""

    ORDINARY = "ORDINARY", _("ordinary meeting")
    SHARE_OUT = "SHARE_OUT", _("share-out")
    GENERAL = "GENERAL", _("general assembly")
    BOARD = "BOARD", _("board meeting")


class MeetingStatus(models.TextChoices):
    """A meeting with money is closed, never cancelled."""

    OPEN = "OPEN", _("open")
    CLOSED = "CLOSED", _("closed")
    CANCELLED = "CANCELLED", _("cancelled")
    NOT_KEPT = "NOT_KEPT", _("another record was kept")


VOID = (MeetingStatus.CANCELLED, MeetingStatus.NOT_KEPT)
"""Meetings that count for nothing: no money of theirs stands in the book."""


class Meeting(House):
    """One meeting of a group; its money posts when it closes. `of_day` is above 1 only where key
    holders said that two records of a day are really two meetings."""

    CLASSES = classify(
        I="id recorded_at group cycle number kind held_date place status closed_at closing_code"
        " next_date of_day"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="meetings")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="meetings")
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(
        _("kind"), max_length=10, choices=MeetingKind.choices, default=MeetingKind.ORDINARY
    )
    held_date = models.DateField(_("held on"))
    place = models.CharField(_("place"), max_length=120, blank=True)
    status = models.CharField(
        _("state"), max_length=10, choices=MeetingStatus.choices, default=MeetingStatus.OPEN
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closing_code = models.CharField(_("closing code"), max_length=20, blank=True)
    next_date = models.DateField(_("next meeting"), null=True, blank=True)
    of_day = models.PositiveSmallIntegerField(default=1)

    objects: ClassVar[ScopedManager["Meeting"]] = ScopedManager()

    class Meta:
        ordering = ("-held_date", "-number")
        constraints = (
            models.UniqueConstraint(fields=("group", "number"), name="meeting_number_once"),
            models.UniqueConstraint(
                fields=("group", "held_date", "of_day"),
                condition=~Q(status__in=("CANCELLED", "NOT_KEPT")),
                name="one_meeting_a_day",
            ),
            models.UniqueConstraint(
                fields=("group",), condition=Q(status="OPEN"), name="one_open_meeting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.number}"


class GroupFact(House):
    """One event of a group: append-only, hash-chained in its stream, never edited
    (groups_meeting.md M2).

    A phone's fact keeps what the phone hashed in `told`; `body` says the same in the words of the
    house. An office's fact has no `told`.
    """

    CLASSES = classify(
        I="id recorded_at group meeting stream seq name happened_date received_at recorded_by"
        " device_id currency constitution_version body told content_hash prev_hash chain_hash"
        " reverses"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_fact"

    group = models.ForeignKey(Group, models.PROTECT, related_name="facts")
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="facts"
    )
    stream = models.CharField(max_length=60, default="OFFICE")
    seq = models.PositiveBigIntegerField()
    name = models.CharField(max_length=40)
    happened_date = models.DateField(_("happened on"))
    received_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    device_id = models.UUIDField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    constitution_version = models.PositiveIntegerField(default=0)
    body = models.JSONField()
    told = models.JSONField(null=True, blank=True)
    content_hash = models.CharField(max_length=64)
    prev_hash = models.CharField(max_length=64)
    chain_hash = models.CharField(max_length=64)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )

    objects: ClassVar[ScopedManager["GroupFact"]] = ScopedManager()

    class Meta:
        ordering = ("group", "stream", "seq")
        constraints = (
            models.UniqueConstraint(fields=("group", "stream", "seq"), name="fact_seq_once"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.seq}"


class Mark(models.TextChoices):
    """How a member was there."""

    PRESENT = "PRESENT", _("present")
    LATE = "LATE", _("late")
    EXCUSED = "EXCUSED", _("excused")
    ABSENT = "ABSENT", _("absent")
    REPRESENTED = "REPRESENTED", _("represented")


class MeetingAttendance(House):
    """A member's mark at a meeting; a projection of the facts."""

    CLASSES = classify(I="id recorded_at meeting member mark fact")
    SCOPE = ScopePaths(
        office="meeting__group__office_id",
        area="meeting__group__area_id",
        programme="meeting__group__programme_id",
        caseload="meeting__group__officer_id",
        person="member__person_id",
    )
    VIEW = "groups.view_member"

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendance")
    member = models.ForeignKey(Member, models.PROTECT, related_name="attendance")
    mark = models.CharField(_("mark"), max_length=11, choices=Mark.choices)
    fact = models.ForeignKey(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["MeetingAttendance"]] = ScopedManager()

    class Meta:
        ordering = ("meeting", "member")
        constraints = (
            models.UniqueConstraint(fields=("meeting", "member"), name="one_mark_a_meeting"),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.mark}"


class Resolution(House):
    """A counted decision of a group."""

    CLASSES = classify(
        I="id recorded_at group meeting constitution decision subject yes no abstain present"
        " members is_secret is_passed decided_date"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="resolutions")
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="resolutions"
    )
    constitution = models.ForeignKey(Constitution, models.PROTECT, null=True, related_name="+")
    decision = models.CharField(_("decision"), max_length=20)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    yes = models.PositiveIntegerField(_("yes"))
    no = models.PositiveIntegerField(_("no"), default=0)
    abstain = models.PositiveIntegerField(_("abstained"), default=0)
    present = models.PositiveIntegerField(_("present"))
    members = models.PositiveIntegerField(_("members"))
    is_secret = models.BooleanField(default=False)
    is_passed = models.BooleanField()
    decided_date = models.DateField(_("decided on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Resolution"]] = ScopedManager()

    class Meta:
        ordering = ("-recorded_at",)

    def __str__(self) -> str:
        return f"{self.decision} {self.yes}:{self.no}"
