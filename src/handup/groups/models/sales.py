"""Produce processed and sold: batches with what went in and came out, sales to buyers, what they
paid, and what spoiled in store."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.collection import Rejection
from handup.groups.models.dues import Place
from handup.groups.models.facts import GROUP_SCOPE, GroupFact
from handup.groups.models.group import Group
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Organisation


class Measure(models.TextChoices):
    """In what produce is measured."""

    LITRE = "LITRE", _("litres")
    KILO = "KILO", _("kilos")
    PIECE = "PIECE", _("pieces")


class ProcessingBatch(House):
    """Produce made into another: so much went in, so much came out, what it cost. Quantities in
    thousandths of the unit. Append-only but for the mark that it was taken back."""

    CLASSES = classify(
        I="id recorded_at group number made_date input_product input_measure input_milli product"
        " measure output_milli lost_milli input_units packaging_units other_units fact is_reversed"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="batches")
    number = models.PositiveIntegerField(_("number"))
    made_date = models.DateField(_("made on"))
    input_product = models.CharField(_("made of"), max_length=40)
    input_measure = models.CharField(_("measured in"), max_length=5, choices=Measure.choices)
    input_milli = models.PositiveBigIntegerField(_("went in, thousandths"))
    product = models.CharField(_("product"), max_length=40)
    measure = models.CharField(_("measured in"), max_length=5, choices=Measure.choices)
    output_milli = models.PositiveBigIntegerField(_("came out, thousandths"))
    lost_milli = models.PositiveBigIntegerField(_("lost of what went in, thousandths"), default=0)
    input_units = models.BigIntegerField(_("cost of what went in"))
    packaging_units = models.BigIntegerField(_("packaging"), default=0)
    other_units = models.BigIntegerField(_("other costs"), default=0)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["ProcessingBatch"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-made_date", "-number")
        constraints = (
            models.UniqueConstraint(fields=("group", "number"), name="batch_number_once"),
            models.CheckConstraint(
                condition=Q(
                    input_milli__gt=0,
                    output_milli__gt=0,
                    lost_milli__lt=F("input_milli"),
                    input_units__gte=0,
                    packaging_units__gte=0,
                    other_units__gte=0,
                ),
                name="a_batch_makes_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} · {self.product}"

    @property
    def cost_units(self) -> int:
        """All it cost."""
        return self.input_units + self.packaging_units + self.other_units


class ProduceSale(House):
    """What was brought to a buyer, how much of it he rejected, and what the rest comes to; from a
    batch also what that part of it cost. Append-only but for the mark that it was taken back."""

    CLASSES = classify(
        I="id recorded_at group number buyer batch product measure sold_date brought_milli"
        " rejected_milli reason price_x100 amount_units cost_units fact is_reversed"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="produce_sales")
    number = models.PositiveIntegerField(_("number"))
    buyer = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("buyer")
    )
    batch = models.ForeignKey(
        ProcessingBatch, models.PROTECT, null=True, blank=True, related_name="sales"
    )
    product = models.CharField(_("product"), max_length=40)
    measure = models.CharField(_("measured in"), max_length=5, choices=Measure.choices)
    sold_date = models.DateField(_("sold on"))
    brought_milli = models.PositiveBigIntegerField(_("brought, thousandths"))
    rejected_milli = models.PositiveBigIntegerField(_("rejected, thousandths"), default=0)
    reason = models.CharField(
        _("rejected because"), max_length=8, choices=Rejection.choices, blank=True, default=""
    )
    price_x100 = models.PositiveBigIntegerField(_("price of a unit, 1/100"))
    amount_units = models.BigIntegerField(_("amount"))
    cost_units = models.BigIntegerField(_("cost"), default=0)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["ProduceSale"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-sold_date", "-number")
        constraints = (
            models.UniqueConstraint(fields=("group", "number"), name="sale_number_once"),
            models.CheckConstraint(
                condition=Q(brought_milli__gt=0, rejected_milli__lte=F("brought_milli")),
                name="rejected_of_what_was_brought",
            ),
            models.CheckConstraint(
                condition=Q(rejected_milli=0, reason="")
                | (Q(rejected_milli__gt=0) & ~Q(reason="")),
                name="what_is_rejected_has_a_reason",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} · {self.product}"

    @property
    def taken_milli(self) -> int:
        """What the buyer took."""
        return self.brought_milli - self.rejected_milli


class SalePayment(House):
    """What a buyer paid for a sale. Append-only but for the mark that it was taken back."""

    CLASSES = classify(I="id recorded_at sale units paid_date place fact is_reversed")
    SCOPE = ScopePaths(
        office="sale__group__office_id",
        area="sale__group__area_id",
        programme="sale__group__programme_id",
        caseload="sale__group__officer_id",
    )
    VIEW = "groups.view_group"

    sale = models.ForeignKey(ProduceSale, models.PROTECT, related_name="payments")
    units = models.BigIntegerField(_("amount"))
    paid_date = models.DateField(_("paid on"))
    place = models.CharField(_("where"), max_length=6, choices=Place.choices)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["SalePayment"]] = ScopedManager()

    class Meta:
        ordering = ("sale", "-paid_date")
        constraints = (
            models.CheckConstraint(condition=Q(units__gt=0), name="a_sale_payment_is_something"),
        )

    def __str__(self) -> str:
        return f"{self.sale_id} {self.units}"


class StockLoss(House):
    """What spoiled of a batch in store, and what it had cost."""

    CLASSES = classify(
        I="id recorded_at batch quantity_milli cost_units lost_date fact is_reversed"
    )
    SCOPE = ScopePaths(
        office="batch__group__office_id",
        area="batch__group__area_id",
        programme="batch__group__programme_id",
        caseload="batch__group__officer_id",
    )
    VIEW = "groups.view_group"

    batch = models.ForeignKey(ProcessingBatch, models.PROTECT, related_name="losses")
    quantity_milli = models.PositiveBigIntegerField(_("spoiled, thousandths"))
    cost_units = models.BigIntegerField(_("cost"))
    lost_date = models.DateField(_("on"))
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["StockLoss"]] = ScopedManager()

    class Meta:
        ordering = ("batch", "-lost_date")

    def __str__(self) -> str:
        return f"{self.batch_id} {self.lost_date}"
