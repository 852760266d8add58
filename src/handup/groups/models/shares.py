"""What a cooperative adds to a group: the statutes it voted, the share account of a member."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.dues import OF_MEMBER, Place
from handup.groups.models.facts import GROUP_SCOPE, GroupFact, Resolution
from handup.groups.models.group import Group, Member
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager


class Statutes(House):
    """One voted version of a cooperative's statutes: price of a share, table of the surplus,
    dividend, refund and payslips (groups_cooperatives.md K1); it holds from a day on."""

    CLASSES = classify(I="id recorded_at group version from_date settings resolution fact")
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="statutes")
    version = models.PositiveIntegerField(_("version"))
    from_date = models.DateField(_("holds from"))
    settings: Any = models.JSONField(_("settings"))
    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="+")
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Statutes"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-version")
        constraints = (
            models.UniqueConstraint(fields=("group", "version"), name="statutes_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.version}"


class ShareKind(models.TextChoices):
    """What happens on a share account."""

    SUBSCRIBED = "SUBSCRIBED", _("subscribed")
    PAID = "PAID", _("paid in")
    FROM_SAVINGS = "FROM_SAVINGS", _("out of her savings")
    FROM_SURPLUS = "FROM_SURPLUS", _("out of the surplus")
    REDEEMED = "REDEEMED", _("paid back")


class ShareMove(House):
    """One movement on a member's share account: shares she subscribed or gave back, money paid in
    for them or paid back; append-only but for the mark that it was taken back."""

    CLASSES = classify(
        I="id recorded_at group member kind moved_date shares units place fact is_reversed"
    )
    SCOPE = OF_MEMBER
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="share_moves")
    member = models.ForeignKey(Member, models.PROTECT, related_name="share_moves")
    kind = models.CharField(_("what"), max_length=12, choices=ShareKind.choices)
    moved_date = models.DateField(_("on"))
    shares = models.IntegerField(_("shares"), default=0)
    units = models.BigIntegerField(_("paid"), default=0)
    place = models.CharField(
        _("where"), max_length=6, choices=Place.choices, blank=True, default=""
    )
    fact = models.ForeignKey(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["ShareMove"]] = ScopedManager()

    class Meta:
        ordering = ("group", "member", "moved_date", "recorded_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=~Q(shares=0, units=0), name="a_share_move_moves_something"
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind} {self.moved_date}"
