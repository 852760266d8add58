"""Pages of products and the units they are sold in."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.markets import services
from handup.markets.forms import chains as f
from handup.markets.models import Commodity, CommodityUnit
from handup.markets.models import labels as lb
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.money import format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table

NEW_COMMODITY = Action(_("Enter a product"), "markets:commodity_new", "markets.register_commodity")


class CommodityList(ListPage):
    """The products that are bought and sold."""

    model = Commodity
    permission = "markets.view_commodity"
    title = _("Products")
    columns = (
        Column("name", _("Product"), Kind.LINK, sort="name", url_name="markets:commodity_detail"),
        Column("code", _("Code"), sort="code"),
        Column("base_unit", _("Measured in")),
    )
    filters = (Search(("name", "code")),)
    order = "name"
    primary = NEW_COMMODITY
    empty = EmptyState(
        _("No product yet"),
        _("Enter what people here make, buy and sell: milk, broccoli, honey."),
        NEW_COMMODITY,
    )


class CommodityNew(FormPage):
    """Enter a product."""

    form_class = f.CommodityForm
    permission = "markets.register_commodity"
    title = _("Enter a product")
    verb = _("Enter")

    def perform(self, values: dict[str, Any]) -> Commodity:
        """Enter it."""
        told = values | {"base_unit": lb.BaseUnit(values["base_unit"])}
        return services.register_commodity(acting_staff=self.staff, id=self.new_id, **told)

    def success_url(self, result: Commodity) -> str:
        """Its page."""
        return reverse("markets:commodity_detail", args=[result.pk])


class CommodityPage(RecordPage):
    """A product with the units it is sold in."""

    model = Commodity
    permission = "markets.view_commodity"
    record: Commodity

    def header(self) -> Header:
        """Its name, and a further unit."""
        return Header(
            self.record.name,
            primary=Action(
                _("Name a unit"),
                "markets:unit_new",
                "markets.register_commodity",
                args=(self.record.pk,),
            ),
            crumbs=(Crumb(_("Products"), reverse("markets:commodity_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Code and measure."""
        row = self.record
        return [
            FactGroup(
                _("The product"),
                [
                    Fact(_("Code"), row.code),
                    Fact(_("Measured in"), row.get_base_unit_display()),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Its units."""
        unit = str(self.record.get_base_unit_display())
        return [
            Table(
                _("Units it is sold in"),
                (
                    Column("name", _("Unit")),
                    Column("milli", _("Holds"), value=lambda row: held_by(row, unit)),
                ),
                self.record.units.all(),
                EmptyState(_("No unit yet"), _("Prices are then told in the base unit.")),
            )
        ]


def held_by(row: CommodityUnit, unit: str) -> str:
    """How much a unit holds, in words."""
    if row.milli is None:
        return str(_("nobody has weighed it"))
    return f"{format_number(row.milli / 1_000)} {unit}"


class UnitNew(FormPage):
    """Name a unit a product is sold in."""

    form_class = f.UnitForm
    permission = "markets.register_commodity"
    title = _("Name a unit")
    verb = _("Name it")
    subject_model = Commodity
    subject: Commodity

    def form_options(self) -> dict[str, Any]:
        """Of which product."""
        return {"commodity": self.subject}

    def perform(self, values: dict[str, Any]) -> CommodityUnit:
        """Name it."""
        holds = values["holds"]
        return services.name_unit(
            acting_staff=self.staff,
            commodity=self.subject,
            name=values["name"],
            milli=None if holds is None else int(holds * 1_000),
            id=self.new_id,
        )

    def success_url(self, result: CommodityUnit) -> str:
        """The product."""
        return reverse("markets:commodity_detail", args=[self.subject.pk])
