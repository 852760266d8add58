"""Buying together: an order of one item, and what each member orders, pays in and gets."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import GROUP_SCOPE, GroupFact, Resolution
from handup.groups.models.group import Group, Member
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager, ScopePaths


class BulkState(models.TextChoices):
    """How far a bulk order is."""

    OPEN = "OPEN", _("open for orders")
    LOCKED = "LOCKED", _("voted, deposits in")
    ORDERED = "ORDERED", _("ordered")
    RECEIVED = "RECEIVED", _("received")
    SETTLED = "SETTLED", _("handed out")
    CANCELLED = "CANCELLED", _("cancelled")


class Missing(models.TextChoices):
    """What a member wants where less comes than she ordered."""

    REFUND = "REFUND", _("her money back")
    BACK_ORDER = "BACK_ORDER", _("the rest with the next order")


class BulkOrder(House):
    """An item the members buy together: its price and freight, the price of buying alone, what came
    and what it cost."""

    CLASSES = classify(
        I="id recorded_at group item unit price_units freight_units single_price_units"
        " deposit_bps voted_price_units voted_freight_units freight_reason state opened_date"
        " received_quantity cost_units stock_quantity stock_units rounding_units paid_units"
        " borne_units follows resolution fact"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="bulk_orders")
    item = models.CharField(_("item"), max_length=80)
    unit = models.CharField(_("unit"), max_length=20)
    price_units = models.BigIntegerField(_("price of a unit"))
    freight_units = models.BigIntegerField(_("freight"), default=0)
    single_price_units = models.BigIntegerField(_("price of a unit bought alone"))
    deposit_bps = models.PositiveIntegerField(_("paid in first, of ten thousand"), default=10_000)
    voted_price_units = models.BigIntegerField(_("price voted"), null=True, blank=True)
    voted_freight_units = models.BigIntegerField(_("freight voted"), null=True, blank=True)
    freight_reason = models.CharField(_("why the freight is above"), max_length=200, blank=True)
    state = models.CharField(
        _("state"), max_length=9, choices=BulkState.choices, default=BulkState.OPEN
    )
    opened_date = models.DateField(_("opened on"))
    received_quantity = models.PositiveBigIntegerField(_("received"), default=0)
    cost_units = models.BigIntegerField(_("cost with freight"), default=0)
    stock_quantity = models.PositiveBigIntegerField(_("to the store"), default=0)
    stock_units = models.BigIntegerField(_("cost of what went to the store"), default=0)
    rounding_units = models.BigIntegerField(_("left over, borne by the group"), default=0)
    paid_units = models.BigIntegerField(_("paid to the supplier"), default=0)
    borne_units = models.BigIntegerField(_("paid by the group itself"), default=0)
    follows = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="followed_by"
    )
    resolution = models.ForeignKey(
        Resolution, models.PROTECT, null=True, blank=True, related_name="+"
    )
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["BulkOrder"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-opened_date", "-recorded_at")
        constraints = (
            models.CheckConstraint(
                condition=Q(price_units__gt=0, freight_units__gte=0, single_price_units__gte=0),
                name="a_bulk_order_has_a_price",
            ),
            models.CheckConstraint(
                condition=Q(paid_units__gte=0, paid_units__lte=models.F("cost_units")),
                name="a_supplier_gets_no_more_than_the_cost",
            ),
            models.CheckConstraint(
                condition=Q(borne_units__gte=0, borne_units__lte=models.F("paid_units")),
                name="a_group_bears_no_more_than_is_paid",
            ),
            models.CheckConstraint(
                condition=Q(deposit_bps__lte=10_000), name="a_deposit_is_a_part_of_the_price"
            ),
        )

    def __str__(self) -> str:
        return f"{self.item} {self.opened_date}"


class BulkLine(House):
    """What one member orders, what lies here for it of her money, what she got and what it cost
    her."""

    CLASSES = classify(
        I="id recorded_at order member quantity if_missing deposit_units received_quantity"
        " charge_units"
    )
    SCOPE = ScopePaths(
        office="order__group__office_id",
        area="order__group__area_id",
        programme="order__group__programme_id",
        caseload="order__group__officer_id",
        person="member__person_id",
    )
    VIEW = "groups.view_member"

    order = models.ForeignKey(BulkOrder, models.PROTECT, related_name="lines")
    member = models.ForeignKey(Member, models.PROTECT, related_name="bulk_lines")
    quantity = models.PositiveBigIntegerField(_("ordered"))
    if_missing = models.CharField(
        _("if less comes"), max_length=10, choices=Missing.choices, default=Missing.REFUND
    )
    deposit_units = models.BigIntegerField(_("paid in"), default=0)
    received_quantity = models.PositiveBigIntegerField(_("received"), default=0)
    charge_units = models.BigIntegerField(_("charged"), default=0)

    objects: ClassVar[ScopedManager["BulkLine"]] = ScopedManager()

    class Meta:
        ordering = ("order", "member")
        constraints = (
            models.UniqueConstraint(fields=("order", "member"), name="one_bulk_line_a_member"),
            models.CheckConstraint(
                condition=Q(deposit_units__gte=0, charge_units__gte=0),
                name="deposits_and_charges_from_nothing",
            ),
        )

    def __str__(self) -> str:
        return f"{self.order_id} {self.member_id}"

    @property
    def open_units(self) -> int:
        """What is still hers (above nothing) or still to be paid (below)."""
        return self.deposit_units - self.charge_units
