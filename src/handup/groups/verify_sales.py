"""Proofs over what groups processed and sold: the book against batches, sales and payments."""

from collections import defaultdict
from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, ProcessingBatch, ProduceSale, SalePayment
from handup.groups.services.processing import BATCH, stock_of
from handup.groups.services.sales import BUYER
from handup.ledger.queries import balances_by_subject
from handup.org.verify import Check, Difference


def buyers_match() -> Iterator[Difference]:
    """What buyers owe a group is what they took less what they paid, by buyer."""
    for group in Group.objects.filter(pk__in=ProduceSale.objects.values("group")):
        owed: dict[UUID, int] = defaultdict(int)
        rows = group.produce_sales.filter(is_reversed=False).order_by().values_list("buyer")
        for buyer, units in rows.annotate(units=Sum("amount_units")):
            owed[buyer] += int(units)
        paid = SalePayment.objects.filter(sale__group=group, is_reversed=False).order_by()
        for buyer, units in paid.values_list("sale__buyer").annotate(all=Sum("units")):
            owed[buyer] -= int(units)
        booked = balances_by_subject(group.book, "RECEIVABLE", BUYER)
        for buyer in sorted({*owed, *booked}):
            if owed.get(buyer, 0) != booked.get(buyer, 0):
                shown, should = str(owed.get(buyer, 0)), str(booked.get(buyer, 0))
                yield Difference(f"{group.code} {buyer}", shown, should)


def stock_matches() -> Iterator[Difference]:
    """What is in store of a batch had cost what its book says, and is not less than nothing."""
    for group in Group.objects.filter(pk__in=ProcessingBatch.objects.values("group")):
        booked = balances_by_subject(group.book, "STOCK", BATCH)
        for batch in group.batches.all():
            left = stock_of(batch)
            if left.units != booked.get(batch.pk, 0) or left.milli < 0:
                shown = f"{left.milli} {left.units}"
                yield Difference(f"{group.code} {batch}", shown, str(booked.get(batch.pk, 0)))


def sales_are_told() -> Iterator[Difference]:
    """Each sale and payment is what its fact says, and is taken back when the fact was."""
    sales = ProduceSale.objects.select_related("fact", "fact__reversed_by")
    for sale in sales.iterator(2000):
        told = (sale.fact.body["units"], sale.fact.body["cost"], hasattr(sale.fact, "reversed_by"))
        if (sale.amount_units, sale.cost_units, sale.is_reversed) != told:
            yield Difference(f"sale {sale.pk}", str(sale.amount_units), str(told[0]))
    paid = SalePayment.objects.filter(~Q(is_reversed=False) | Q(fact__reversed_by__isnull=False))
    for row in paid.select_related("fact", "fact__reversed_by"):
        if not (row.is_reversed and hasattr(row.fact, "reversed_by")):
            yield Difference(f"payment {row.pk}", str(row.is_reversed), "as its fact")


CHECKS = (
    Check(
        "GROUP_BUYERS", _("Buyers owe what they took and did not pay"), buyers_match, proves="V9"
    ),
    Check("GROUP_STOCK", _("Goods in store are what batches left"), stock_matches, proves="V9"),
    Check("GROUP_SALES", _("Sales are what their facts say"), sales_are_told),
)
