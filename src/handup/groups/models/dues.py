"""Dues of an association: the voted tariff, what each member owes for a year, what she paid."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import GROUP_SCOPE, GroupFact, Resolution
from handup.groups.models.group import Group, Member
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager, ScopePaths

OF_MEMBER = ScopePaths(
    office="group__office_id",
    area="group__area_id",
    programme="group__programme_id",
    caseload="group__officer_id",
    person="member__person_id",
)
"""Who may see what a group keeps of one member."""


class Place(models.TextChoices):
    """Where money of a group comes in or goes out."""

    BOX = "BOX", _("the box")
    BANK = "BANK", _("the bank")
    MOBILE = "MOBILE", _("the phone account")


class DuesTariff(House):
    """What members of one category owe a year from a day on, as the assembly voted it, and what
    being late means (groups_cooperatives.md K1, K9)."""

    CLASSES = classify(
        I="id recorded_at group category from_date units day_limit drop_after_days needed_to_vote"
        " resolution fact"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="dues_tariffs")
    category = models.CharField(_("category"), max_length=20)
    from_date = models.DateField(_("holds from"))
    units = models.BigIntegerField(_("dues a year"))
    day_limit = models.PositiveSmallIntegerField(_("joined by day of the month"), default=15)
    drop_after_days = models.PositiveSmallIntegerField(_("may be dropped after days"), default=90)
    needed_to_vote = models.BooleanField(_("votes only without arrears"), default=True)
    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="+")
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["DuesTariff"]] = ScopedManager()

    class Meta:
        ordering = ("group", "category", "-from_date")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "category", "from_date"), name="one_tariff_a_category_and_day"
            ),
            models.CheckConstraint(condition=Q(units__gte=0), name="dues_never_below_zero"),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.category} {self.from_date}"


class WaiverReason(models.TextChoices):
    """Why a member need not pay what is left of her dues."""

    HARDSHIP = "HARDSHIP", _("she cannot pay")
    SERVICE = "SERVICE", _("she works for the association")
    MISTAKE = "MISTAKE", _("charged by mistake")
    LEFT = "LEFT", _("she left")


class DuesInvoice(House):
    """The dues of one member for one year of hers: owed, paid and waived, the latter two as
    projections of the facts."""

    CLASSES = classify(
        I="id recorded_at group member tariff due_date units paid_units waived_units fact",
        P="waiver_reason",
    )
    SCOPE = OF_MEMBER
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="dues")
    member = models.ForeignKey(Member, models.PROTECT, related_name="dues")
    tariff = models.ForeignKey(DuesTariff, models.PROTECT, related_name="+")
    due_date = models.DateField(_("due on"))
    units = models.BigIntegerField(_("owed"))
    paid_units = models.BigIntegerField(_("paid"), default=0)
    waived_units = models.BigIntegerField(_("waived"), default=0)
    waiver_reason = models.CharField(
        _("why waived"), max_length=8, choices=WaiverReason.choices, blank=True, default=""
    )
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["DuesInvoice"]] = ScopedManager()

    class Meta:
        ordering = ("group", "member", "due_date")
        constraints = (
            models.UniqueConstraint(fields=("member", "due_date"), name="dues_of_a_year_once"),
            models.CheckConstraint(
                condition=Q(
                    paid_units__gte=0,
                    waived_units__gte=0,
                    units__gte=F("paid_units") + F("waived_units"),
                ),
                name="dues_paid_within_what_is_owed",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.due_date}"

    @property
    def left_units(self) -> int:
        """What is still to be paid."""
        return self.units - self.paid_units - self.waived_units


class DuesPayment(House):
    """Money a member brought for her dues, with its receipt number; the oldest year is paid
    first."""

    CLASSES = classify(
        I="id recorded_at group member number paid_date units place fact is_reversed"
    )
    SCOPE = OF_MEMBER
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="dues_payments")
    member = models.ForeignKey(Member, models.PROTECT, related_name="dues_payments")
    number = models.PositiveIntegerField(_("receipt number"))
    paid_date = models.DateField(_("paid on"))
    units = models.BigIntegerField(_("amount"))
    place = models.CharField(_("paid into"), max_length=6, choices=Place.choices)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["DuesPayment"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-number")
        constraints = (
            models.UniqueConstraint(fields=("group", "number"), name="dues_receipt_once"),
            models.CheckConstraint(condition=Q(units__gt=0), name="dues_payment_above_zero"),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.number}"
