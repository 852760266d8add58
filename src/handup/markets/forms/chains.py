"""The forms of products and value chains."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from handup.markets.forms.fields import PercentField, Placed, count, offer, one_of, text
from handup.markets.models import ChainActor, ChainRound, Commodity, ValueChain
from handup.markets.models import labels as lb
from handup.markets.services import FlowIn
from handup.org.models import Area
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question, dress
from handup.org.web.money import as_decimal
from handup.people.forms.fields import area_field, office_field, programme_field


class CommodityForm(HouseForm):
    """A product."""

    name = forms.CharField(label=_("Product"), max_length=120)
    code = forms.CharField(
        label=_("Code"), max_length=40, help_text=_("Short, and never changed: MILK.")
    )
    base_unit = one_of(lb.BASE_UNIT, _("Measured in"), initial=lb.BaseUnit.KG.value)


class UnitForm(HouseForm):
    """A unit a product is sold in."""

    name = forms.CharField(
        label=_("Unit"), max_length=60, help_text=_("As people say it: sack, basket, 20 l can.")
    )
    holds = forms.DecimalField(
        label=_("How much it holds"),
        max_digits=10,
        decimal_places=3,
        min_value=0,
        required=False,
        help_text=_("Left open, its prices are kept but not compared."),
    )

    def __init__(self, *args: Any, commodity: Commodity, **options: Any) -> None:
        """Say in which unit it is told how much it holds."""
        super().__init__(*args, **options)
        unit = commodity.get_base_unit_display()
        self.fields["holds"].label = _("How much it holds (%(unit)s)") % {"unit": unit}


class ChainForm(Placed):
    """A value chain to open."""

    programme = programme_field()
    office = office_field()
    area = area_field(_("Area"))
    commodity: Any = forms.ModelChoiceField(Commodity.objects.none(), label=_("Product"))
    title = forms.CharField(label=_("Title"), max_length=200)
    code = forms.CharField(label=_("Code"), max_length=40)
    currency = forms.CharField(
        label=_("Currency"),
        max_length=3,
        required=False,
        help_text=_("Left open: the programme's."),
    )
    per_quantity = forms.IntegerField(
        label=_("All prices are for so many units"),
        min_value=1,
        max_value=100_000,
        initial=1,
        help_text=_("1 for a price per kg, 100 for a price per 100 kg."),
    )
    summary = text(_("In one paragraph"))
    women_role = text(_("What women do in it"))
    youth_role = text(_("What young people do in it"))
    questions = (
        Question(_("Which chain is it?"), ("commodity", "title", "code", "summary")),
        Question(_("Where does it belong?"), ("programme", "office", "area")),
        Question(_("How are prices told?"), ("currency", "per_quantity")),
        Question(_("Who works in it?"), ("women_role", "youth_role")),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer the products."""
        super().__init__(*args, **options)
        offer(self, "commodity", Commodity.objects.filter(active=True))


class ActorForm(HouseForm):
    """An actor of a chain."""

    name = forms.CharField(label=_("Who they are"), max_length=120)
    stage = one_of(lb.STAGE, _("What they do"))
    position = forms.IntegerField(
        label=_("Place in the chain"),
        min_value=1,
        max_value=99,
        required=False,
        help_text=_("Left open: after the last."),
    )
    area = area_field(_("Area"))
    people = count(_("How many"))
    women = count(_("Women among them"))
    youth = count(_("Young people among them"))
    constraint = text(_("What holds them back"))
    intervention = text(_("What is done about it"))
    questions = (
        Question(_("Who handles the goods?"), ("name", "stage", "position", "area")),
        Question(_("How many are they?"), ("people", "women", "youth")),
        Question(_("What would help?"), ("constraint", "intervention")),
    )

    def __init__(self, *args: Any, areas: Any, **options: Any) -> None:
        """Offer the areas in force."""
        super().__init__(*args, **options)
        offer(self, "area", areas)


class RoundForm(HouseForm):
    """Prices and costs of every actor on one day."""

    taken_date = DayField(label=_("Day"))
    source = forms.CharField(
        label=_("Where do the figures come from?"),
        max_length=300,
        help_text=_("For example: 12 farmers and 3 collectors asked at the market."),
    )
    remark = text(_("Remark"), 1_000)

    def __init__(self, *args: Any, chain: ValueChain, **options: Any) -> None:
        """Ask the same of every actor, in the order of the goods."""
        super().__init__(*args, **options)
        self.actors: Sequence[ChainActor] = list(chain.actors.order_by("position"))
        unit = {"unit": chain.unit_words}
        for actor in self.actors:
            asked: dict[str, forms.Field] = {
                "price": MoneyField(
                    label=_("Sells for, per %(unit)s") % unit,
                    currency=chain.currency,
                    least_units=0,
                ),
                "cost": MoneyField(
                    label=_("Own costs, per %(unit)s sold") % unit,
                    currency=chain.currency,
                    least_units=0,
                    required=False,
                ),
                "loss": PercentField(
                    label=_("Lost of what was bought, in percent"), required=False
                ),
                "volume": count(_("Sold in the season")),
            }
            for name, field in asked.items():
                dress(field)
                self.fields[f"{name}_{actor.position}"] = field

    @property
    def groups(self) -> list[tuple[Question | None, list[BoundField]]]:
        """The day first, then one question an actor."""
        head = (None, [self["taken_date"], self["source"], self["remark"]])
        return [
            head,
            *(
                (
                    Question(actor.name, ()),
                    [
                        self[f"{name}_{actor.position}"]
                        for name in ("price", "cost", "loss", "volume")
                    ],
                )
                for actor in self.actors
            ),
        ]


def flows_of(chain: ValueChain, told: Mapping[str, Any]) -> list[FlowIn]:
    """What a form told of each actor, for the service."""
    return [
        FlowIn(
            actor,
            told[f"price_{actor.position}"],
            told[f"cost_{actor.position}"] or 0,
            told[f"loss_{actor.position}"],
            told[f"volume_{actor.position}"],
        )
        for actor in chain.actors.order_by("position")
    ]


def filled(row: ChainRound) -> dict[str, Any]:
    """What a form holds that corrects a round: what the round says now."""
    told: dict[str, Any] = {
        "taken_date": row.taken_date,
        "source": row.source,
        "remark": row.remark,
    }
    for flow in row.flows.select_related("actor"):
        place, currency = flow.actor.position, row.chain.currency
        told |= {
            f"price_{place}": as_decimal(flow.price_units, currency),
            f"cost_{place}": as_decimal(flow.own_cost_units, currency),
            f"loss_{place}": Decimal(flow.loss_bps) / 100,
            f"volume_{place}": flow.volume,
        }
    return told


def areas_in_force() -> Any:
    """The areas that may be named."""
    return Area.objects.filter(valid_to=None).order_by("path")
