"""Value chains: who handles the goods in which order, and what a round of asking found."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.markets.models.labels import STAGE, choices
from handup.markets.models.products import Commodity, market_paths
from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager
from handup.projects.models import Programme


class ValueChain(House):
    """The way of one product from who makes it to who uses it.

    Every price and cost of the chain is for the same quantity: `per_quantity` base units.
    """

    CLASSES = classify(
        O="id recorded_at programme office area commodity code title currency per_quantity summary"
        " women_role youth_role"
    )
    SCOPE = market_paths()
    VIEW = "markets.view_chain"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="value_chains")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    commodity = models.ForeignKey(Commodity, models.PROTECT, related_name="chains")
    code = models.CharField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    currency = models.CharField(_("currency"), max_length=3)
    per_quantity = models.PositiveIntegerField(_("prices are for so many"), default=1)
    summary = models.TextField(_("in one paragraph"), blank=True, default="")
    women_role = models.TextField(_("what women do in it"), blank=True, default="")
    youth_role = models.TextField(_("what young people do in it"), blank=True, default="")

    objects: ClassVar[ScopedManager["ValueChain"]] = ScopedManager()

    class Meta:
        ordering = ("title",)
        verbose_name = _("value chain")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "code"), name="one_chain_per_code_in_a_programme"
            ),
            models.CheckConstraint(
                condition=Q(per_quantity__gte=1), name="chain_prices_are_for_something"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def unit_words(self) -> str:
        """What its prices are for: "kg", "100 kg"."""
        unit = self.commodity.get_base_unit_display()
        return str(unit) if self.per_quantity == 1 else f"{self.per_quantity} {unit}"


class ChainActor(House):
    """A kind of people or firms at one place of a chain: the farmers, the collectors, the shops."""

    CLASSES = classify(
        O="id recorded_at chain position stage name area people women youth constraint intervention"
    )
    SCOPE = market_paths("chain")
    VIEW = "markets.view_chain"

    chain = models.ForeignKey(ValueChain, models.PROTECT, related_name="actors")
    position = models.PositiveSmallIntegerField(_("place in the chain"))
    stage = models.CharField(_("what they do"), max_length=10, choices=choices(STAGE))
    name = models.CharField(_("who they are"), max_length=120)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    people = models.PositiveIntegerField(_("how many"), null=True, blank=True)
    women = models.PositiveIntegerField(_("women among them"), null=True, blank=True)
    youth = models.PositiveIntegerField(_("young people among them"), null=True, blank=True)
    constraint = models.TextField(_("what holds them back"), blank=True, default="")
    intervention = models.TextField(_("what is done about it"), blank=True, default="")

    objects: ClassVar[ScopedManager["ChainActor"]] = ScopedManager()

    class Meta:
        ordering = ("chain", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("chain", "position"), name="one_actor_at_a_place_of_a_chain"
            ),
        )

    def __str__(self) -> str:
        return self.name


class ChainRound(House):
    """One time the actors of a chain were asked for prices and costs. A wrong one stays and is
    replaced by another.
    """

    CLASSES = classify(O="id recorded_at chain taken_date source remark replaces", I="taken_by")
    SCOPE = market_paths("chain")
    VIEW = "markets.view_chain"

    chain = models.ForeignKey(ValueChain, models.PROTECT, related_name="rounds")
    taken_date = models.DateField(_("day"))
    source = models.CharField(_("where the figures come from"), max_length=300)
    remark = models.TextField(_("remark"), blank=True, default="")
    taken_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    objects: ClassVar[ScopedManager["ChainRound"]] = ScopedManager()

    class Meta:
        ordering = ("chain", "-taken_date", "-id")

    def __str__(self) -> str:
        return f"{self.chain} {self.taken_date}"


class ChainFlow(House):
    """What one actor told in a round: its selling price, what it spends itself, what it loses."""

    CLASSES = classify(
        O="id recorded_at round actor price_units own_cost_units loss_bps volume remark"
    )
    SCOPE = market_paths("round__chain")
    VIEW = "markets.view_chain"

    round = models.ForeignKey(ChainRound, models.PROTECT, related_name="flows")
    actor = models.ForeignKey(ChainActor, models.PROTECT, related_name="flows")
    price_units = models.BigIntegerField(_("sells for"))
    own_cost_units = models.BigIntegerField(_("own costs"), default=0)
    loss_bps = models.PositiveIntegerField(_("lost of the goods"), default=0)
    volume = models.PositiveBigIntegerField(_("sold in the season"), null=True, blank=True)
    remark = models.CharField(_("remark"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["ChainFlow"]] = ScopedManager()

    class Meta:
        ordering = ("round", "actor__position")
        constraints = (
            models.UniqueConstraint(fields=("round", "actor"), name="one_flow_of_an_actor_a_round"),
            models.CheckConstraint(
                condition=Q(price_units__gte=0, own_cost_units__gte=0),
                name="chain_prices_and_costs_not_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(loss_bps__lt=10_000), name="chain_actor_loses_less_than_all"
            ),
        )

    def __str__(self) -> str:
        return f"{self.actor}: {self.price_units}"
