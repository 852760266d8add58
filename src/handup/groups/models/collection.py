"""Collecting milk and other produce: the points, the producers, dated rate charts, each delivery
and what the gate of the plant counted."""

from dataclasses import replace
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import GROUP_SCOPE, GroupFact
from handup.groups.models.group import Group, Member
from handup.groups.rules.milk import Pricing
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models import Person

PRICINGS = {
    Pricing.PER_LITRE: _("by volume"),
    Pricing.FAT_POINTS: _("by fat"),
    Pricing.TWO_AXIS: _("by weight of fat and solids"),
    Pricing.GRID: _("by a table of fat and solids"),
}


class CollectionPoint(House):
    """A place where produce is taken in; with a collector named, it is only his."""

    CLASSES = classify(I="id recorded_at group name collector ended_date fact")
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="points")
    name = models.CharField(_("name"), max_length=80)
    collector = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_date = models.DateField(_("closed on"), null=True, blank=True)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["CollectionPoint"]] = ScopedManager()

    class Meta:
        ordering = ("group", "name")
        constraints = (
            models.UniqueConstraint(fields=("group", "name"), name="one_point_of_a_name"),
        )

    def __str__(self) -> str:
        return self.name


class Producer(House):
    """Whoever delivers to a group: a member, or a person who is none; a producer number is never
    used again. `person` is the member's own, so that whom a case team hides stays hidden."""

    CLASSES = classify(I="id recorded_at group number member from_date ended_date fact", P="person")
    SCOPE = replace(GROUP_SCOPE, person="person_id")
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="producers")
    number = models.PositiveIntegerField(_("producer number"))
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="producer_numbers"
    )
    person = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    from_date = models.DateField(_("delivers since"))
    ended_date = models.DateField(_("gave the number up on"), null=True, blank=True)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Producer"]] = ScopedManager()

    class Meta:
        ordering = ("group", "number")
        constraints = (
            models.UniqueConstraint(fields=("group", "number"), name="producer_number_once"),
            models.UniqueConstraint(
                fields=("group", "person"),
                condition=Q(person__isnull=False, ended_date=None),
                name="one_producer_a_person",
            ),
            models.UniqueConstraint(
                fields=("member",),
                condition=Q(member__isnull=False, ended_date=None),
                name="one_producer_a_member",
            ),
            models.CheckConstraint(
                condition=Q(member__isnull=False) | Q(person__isnull=False),
                name="a_producer_is_a_member_or_a_person",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} · {self.shown_name}"

    @property
    def shown_name(self) -> str:
        """The person's name, or the member group's; of who was erased only that she was one."""
        if self.person is None:
            return str(self.member.member_group) if self.member else ""
        if self.person.erased_date is not None:
            return gettext("former producer")
        return str(self.person)


class RateChart(House):
    """What a delivery is paid from a day on, in the whole numbers of `rules.rate_chart`."""

    CLASSES = classify(I="id recorded_at group from_date pricing terms fact")
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="rate_charts")
    from_date = models.DateField(_("holds from"))
    pricing = models.CharField(
        _("paid"), max_length=10, choices=[(code.value, word) for code, word in PRICINGS.items()]
    )
    terms: Any = models.JSONField()
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["RateChart"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-from_date")
        constraints = (
            models.UniqueConstraint(fields=("group", "from_date"), name="one_rate_chart_a_day"),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.from_date}"


class Shift(models.TextChoices):
    """When in the day it was brought."""

    MORNING = "MORNING", _("morning")
    EVENING = "EVENING", _("evening")


class Rejection(models.TextChoices):
    """Why a can is not taken."""

    SOUR = "SOUR", _("sour")
    WATERED = "WATERED", _("watered")
    DIRTY = "DIRTY", _("dirty")
    WARM = "WARM", _("too warm")
    MEDICINE = "MEDICINE", _("medicine in it")
    OTHER = "OTHER", _("another reason")


OF_PRODUCER = ScopePaths(
    office="group__office_id",
    area="group__area_id",
    programme="group__programme_id",
    caseload="group__officer_id",
    person="producer__person_id",
)
"""Who may see what a group keeps of one producer."""


class Delivery(House):
    """What a producer brought to a point, with its tests, its chart and its amount; a rejected can
    has its volume, its reason and no amount. Append-only but for the mark that it was taken back
    and the payslip that pays it."""

    CLASSES = classify(
        I="id recorded_at group point producer delivered_date shift volume_ml fat_bps clr_x100"
        " snf_bps temp_c10 reason chart amount_units payslip fact is_reversed"
    )
    SCOPE = OF_PRODUCER
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="deliveries")
    point = models.ForeignKey(CollectionPoint, models.PROTECT, related_name="deliveries")
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="deliveries")
    delivered_date = models.DateField(_("on"))
    shift = models.CharField(_("shift"), max_length=7, choices=Shift.choices)
    volume_ml = models.PositiveBigIntegerField(_("volume, ml"))
    fat_bps = models.PositiveSmallIntegerField(_("fat, 1/100 %"), null=True, blank=True)
    clr_x100 = models.PositiveSmallIntegerField(_("lactometer, 1/100"), null=True, blank=True)
    snf_bps = models.PositiveSmallIntegerField(_("solids, 1/100 %"), null=True, blank=True)
    temp_c10 = models.SmallIntegerField(_("temperature, 1/10 °C"), null=True, blank=True)
    reason = models.CharField(
        _("rejected because"), max_length=8, choices=Rejection.choices, blank=True, default=""
    )
    chart = models.ForeignKey(RateChart, models.PROTECT, related_name="deliveries")
    amount_units = models.BigIntegerField(_("amount"))
    payslip = models.ForeignKey(
        "groups.Payslip", models.PROTECT, null=True, blank=True, related_name="deliveries"
    )
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["Delivery"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-delivered_date", "-recorded_at")
        indexes = (
            models.Index(fields=("point", "delivered_date"), name="delivery_point_day"),
            models.Index(fields=("producer", "delivered_date"), name="delivery_producer_day"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(volume_ml__gt=0, amount_units__gte=0), name="a_delivery_has_a_volume"
            ),
            models.CheckConstraint(
                condition=Q(reason="") | Q(amount_units=0), name="a_rejected_can_pays_nothing"
            ),
        )

    def __str__(self) -> str:
        return f"{self.producer_id} {self.delivered_date}"

    @property
    def is_payable(self) -> bool:
        """Its quality passed."""
        return not self.reason


class GateState(models.TextChoices):
    """Whether what arrived fits what was declared."""

    WITHIN_TOLERANCE = "WITHIN_TOLERANCE", _("within the tolerance")
    OUT_OF_TOLERANCE = "OUT_OF_TOLERANCE", _("outside the tolerance: look into it")
    EXPLAINED = "EXPLAINED", _("outside the tolerance, explained")


class Finding(models.TextChoices):
    """Why what arrived differs from what was declared."""

    SPILLED = "SPILLED", _("spilled or spoiled on the way")
    SAMPLES = "SAMPLES", _("taken as samples")
    MEASURE = "MEASURE", _("a measure was wrong")
    WRITTEN = "WRITTEN", _("written down wrongly")
    MISSING = "MISSING", _("missing; nobody knows why")


class GateEntry(House):
    """What arrived at the gate of a point's cans of one day, against all that was declared,
    rejected cans included; outside the tolerance it is a case until it is explained. Declared
    litres and state are projections of the facts."""

    CLASSES = classify(
        I="id recorded_at group point arrived_date volume_ml declared_ml tolerance_bps state"
        " finding fact is_reversed"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="gate_entries")
    point = models.ForeignKey(CollectionPoint, models.PROTECT, related_name="gate_entries")
    arrived_date = models.DateField(_("on"))
    volume_ml = models.PositiveBigIntegerField(_("arrived, ml"))
    declared_ml = models.PositiveBigIntegerField(_("declared, ml"))
    tolerance_bps = models.PositiveSmallIntegerField(_("tolerance, 1/100 %"))
    state = models.CharField(_("state"), max_length=16, choices=GateState.choices)
    finding = models.CharField(
        _("what was found"), max_length=8, choices=Finding.choices, blank=True, default=""
    )
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["GateEntry"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-arrived_date", "point")
        constraints = (
            models.UniqueConstraint(
                fields=("point", "arrived_date"),
                condition=Q(is_reversed=False),
                name="one_gate_entry_a_point_and_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.point_id} {self.arrived_date}"
