"""A group, its members, its voted constitution, its cycles and who holds which office."""

from dataclasses import replace
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models import Person
from handup.projects.models import Organisation, Programme


class GroupKind(models.TextChoices):
    """The tiers a group can have; one engine serves them all."""

    SHG = "SHG", _("self-help group")
    SAVINGS = "SAVINGS", _("savings group")
    COOP_PRIMARY = "COOP_PRIMARY", _("cooperative")
    COOP_SECONDARY = "COOP_SECONDARY", _("secondary cooperative")
    FEDERATION = "FEDERATION", _("federation")
    ASSOCIATION = "ASSOCIATION", _("business association")


class GroupStatus(models.TextChoices):
    """How far a group has come."""

    FORMING = "FORMING", _("forming")
    ACTIVE = "ACTIVE", _("active")
    DORMANT = "DORMANT", _("dormant")
    GRADUATED = "GRADUATED", _("graduated")
    CLOSED = "CLOSED", _("closed")


class Group(House):
    """A self-help group, savings group, cooperative, federation or association with a book of its
    own."""

    CLASSES = classify(
        I="id recorded_at code name kind programme area office officer currency formed_date"
        " registration_no registration_date legal_body status book practice"
    )
    SCOPE = ScopePaths(
        office="office_id", area="area_id", programme="programme_id", caseload="officer_id"
    )
    VIEW = "groups.view_group"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=160)
    kind = models.CharField(_("kind"), max_length=15, choices=GroupKind.choices)
    programme = models.ForeignKey(
        Programme, models.PROTECT, related_name="groups", verbose_name=_("programme")
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("area"))
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )
    officer = models.ForeignKey(
        StaffUser,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("field officer"),
    )
    currency = models.CharField(_("currency"), max_length=3)
    formed_date = models.DateField(_("formed on"))
    registration_no = models.CharField(_("registration number"), max_length=60, blank=True)
    registration_date = models.DateField(_("registered on"), null=True, blank=True)
    legal_body = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    status = models.CharField(
        _("state"), max_length=10, choices=GroupStatus.choices, default=GroupStatus.FORMING
    )
    book = models.OneToOneField(Book, models.PROTECT, related_name="+")
    practice = models.BooleanField(_("practice group"), default=False)

    objects: ClassVar[ScopedManager["Group"]] = ScopedManager()

    class Meta:
        ordering = ("name", "id")
        indexes = (models.Index(fields=("programme", "kind"), name="group_programme_kind"),)

    def __str__(self) -> str:
        return self.name


class MemberStatus(models.TextChoices):
    """Where a member stands."""

    ACTIVE = "ACTIVE", _("active")
    SUSPENDED = "SUSPENDED", _("suspended")
    LEFT = "LEFT", _("left")
    LEFT_OWING = "LEFT_OWING", _("left, still owes")
    DIED = "DIED", _("died")


class LeaveReason(models.TextChoices):
    """Why a membership ended, as far as a group's immutable facts say it."""

    OWN_WISH = "OWN_WISH", _("by her own wish")
    MOVED = "MOVED", _("moved away")
    OTHER_GROUP = "OTHER_GROUP", _("joins another group")
    CANNOT_SAVE = "CANNOT_SAVE", _("cannot save any more")
    EXPELLED = "EXPELLED", _("expelled by a vote")
    DIED = "DIED", _("died")
    OTHER = "OTHER", _("another reason")


ORDINARY = "MEMBER"
"""The category of dues of whoever was put into no other."""


class Member(House):
    """A person, or a group of a lower tier, in a group; a member number is never used again."""

    CLASSES = classify(
        I="id recorded_at group member_no member_group joined_date left_date status dues_category",
        P="person left_reason",
        S="left_reason_text",
    )
    SCOPE = ScopePaths(
        office="group__office_id",
        area="group__area_id",
        programme="group__programme_id",
        caseload="group__officer_id",
        person="person_id",
    )
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="members")
    member_no = models.PositiveIntegerField(_("member number"))
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="memberships_in_groups"
    )
    member_group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="memberships"
    )
    joined_date = models.DateField(_("joined on"))
    left_date = models.DateField(_("left on"), null=True, blank=True)
    status = models.CharField(
        _("state"), max_length=10, choices=MemberStatus.choices, default=MemberStatus.ACTIVE
    )
    left_reason = models.CharField(
        _("why she left"), max_length=12, choices=LeaveReason.choices, blank=True, default=""
    )
    left_reason_text = EncryptedTextField(_("in her words"), blank=True, default="")
    dues_category = models.CharField(_("pays dues as"), max_length=20, default=ORDINARY)

    objects: ClassVar[ScopedManager["Member"]] = ScopedManager()

    class Meta:
        ordering = ("group", "member_no")
        constraints = (
            models.UniqueConstraint(fields=("group", "member_no"), name="member_no_once"),
            models.UniqueConstraint(
                fields=("group", "person"),
                condition=Q(left_date=None),
                name="one_open_membership_a_person",
            ),
            models.UniqueConstraint(
                fields=("group", "member_group"),
                condition=Q(left_date=None),
                name="one_open_membership_a_group",
            ),
            models.CheckConstraint(
                condition=Q(person=None, member_group__isnull=False)
                | Q(person__isnull=False, member_group=None),
                name="member_is_person_or_group",
            ),
            models.CheckConstraint(
                condition=Q(left_date=None) | Q(left_date__gte=F("joined_date")),
                name="member_leaves_after_joining",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_no} · {self.shown_name}"

    @property
    def shown_name(self) -> str:
        """The person's name, or the member group's; of who was erased only that she was one."""
        if self.person is not None and self.person.erased_date is not None:
            return gettext("former member")
        return str(self.person or self.member_group)


class Constitution(House):
    """One voted version of a group's rules; it takes effect from the meeting after its vote."""

    CLASSES = classify(I="id recorded_at group version settings effective_date resolution")
    SCOPE = ScopePaths(
        office="group__office_id",
        area="group__area_id",
        programme="group__programme_id",
        caseload="group__officer_id",
    )
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="constitutions")
    version = models.PositiveIntegerField(_("version"))
    settings = models.JSONField(_("settings"))
    effective_date = models.DateField(_("takes effect on"))
    resolution = models.ForeignKey(
        "groups.Resolution", models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["Constitution"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-version")
        constraints = (
            models.UniqueConstraint(fields=("group", "version"), name="constitution_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.version}"


class CycleStatus(models.TextChoices):
    """A cycle is open, closing (no new loans) or closed for ever."""

    OPEN = "OPEN", _("open")
    CLOSING = "CLOSING", _("closing")
    CLOSED = "CLOSED", _("closed")


class Cycle(House):
    """A stretch of saving and lending that ends with a share-out, or goes on."""

    CLASSES = classify(I="id recorded_at group number start_date planned_end_date status")
    SCOPE = Constitution.SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="cycles")
    number = models.PositiveIntegerField(_("number"))
    start_date = models.DateField(_("from"))
    planned_end_date = models.DateField(_("planned end"), null=True, blank=True)
    status = models.CharField(
        _("state"), max_length=7, choices=CycleStatus.choices, default=CycleStatus.OPEN
    )

    objects: ClassVar[ScopedManager["Cycle"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-number")
        constraints = (
            models.UniqueConstraint(fields=("group", "number"), name="cycle_number_once"),
            models.UniqueConstraint(
                fields=("group",), condition=~Q(status="CLOSED"), name="one_open_cycle"
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.number}"


class OfficeTerm(House):
    """A member holds an office of her group for a time: elected until `due_date` (none: for as long
    as the group likes), she held it until `to_date`."""

    CLASSES = classify(I="id recorded_at group office member from_date due_date to_date")
    SCOPE = replace(Constitution.SCOPE, person="member__person_id")
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="office_terms")
    office = models.CharField(_("office"), max_length=30)
    member = models.ForeignKey(Member, models.PROTECT, related_name="office_terms")
    from_date = models.DateField(_("from"))
    due_date = models.DateField(_("elected until"), null=True, blank=True)
    to_date = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["OfficeTerm"]] = ScopedManager()

    class Meta:
        ordering = ("group", "office", "-from_date")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "office"), condition=Q(to_date=None), name="one_holder_an_office"
            ),
        )

    def __str__(self) -> str:
        return f"{self.office} {self.member_id}"
