"""Products, the units people sell them in, and the way a grant reaches what belongs to markets."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.markets.models.labels import BASE_UNIT, choices
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models.programmes import works_inside

MILLI = 1_000


def market_paths(step: str = "", *, known: bool = True) -> ScopePaths:
    """Return the paths of a table whose rows hang on something of a programme, an office and an
    area; what the market says is known to whoever works inside, and written from its own place.
    """
    way = f"{step}__" if step else ""
    return ScopePaths(
        programme=f"{way}programme_id",
        office=f"{way}office_id",
        area=f"{way}area_id",
        known=works_inside if known else None,
    )


class Commodity(House):
    """A product that is bought and sold: milk, broccoli, honey; measured in one base unit."""

    CLASSES = classify(O="id recorded_at code name base_unit active")
    VIEW = "markets.view_commodity"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    base_unit = models.CharField(_("measured in"), max_length=5, choices=choices(BASE_UNIT))
    active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[ScopedManager["Commodity"]] = ScopedManager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class CommodityUnit(House):
    """A unit people sell a product in (a basket, a sack) and how much it holds.

    `milli` is thousandths of the base unit: a 50 kg sack holds 50 000. None: nobody has weighed it,
    so its prices are kept but cannot be compared.
    """

    CLASSES = classify(O="id recorded_at commodity name milli")
    VIEW = "markets.view_commodity"

    commodity = models.ForeignKey(Commodity, models.PROTECT, related_name="units")
    name = models.CharField(_("unit"), max_length=60)
    milli = models.PositiveBigIntegerField(_("thousandths of the base unit"), null=True, blank=True)

    objects: ClassVar[ScopedManager["CommodityUnit"]] = ScopedManager()

    class Meta:
        ordering = ("commodity", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("commodity", "name"), name="one_unit_of_a_name_for_a_commodity"
            ),
            models.CheckConstraint(
                condition=models.Q(milli=None) | models.Q(milli__gt=0),
                name="commodity_unit_holds_something",
            ),
        )

    def __str__(self) -> str:
        return self.name
