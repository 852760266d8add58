"""Contracts between a producers' body and a buyer: terms, grades, deliveries, notes of defaults."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handup.markets.models.labels import (
    CONTRACT_STATE,
    NOTE_KIND,
    PRICE_KIND,
    PRICE_LEVEL,
    PriceKind,
    choices,
)
from handup.markets.models.prices import MarketPlace
from handup.markets.models.products import Commodity, market_paths
from handup.markets.rules.contracts import ContractState
from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager
from handup.projects.models import Organisation, Programme


class SupplyContract(House):
    """What producers sell to a buyer: how much, of which grades, at which price, paid when.

    Quantities are base units of the commodity, prices smallest units for one of them. The
    programme's officer is a witness; the producers' representative signs.
    """

    CLASSES = classify(
        I="id recorded_at programme office area code seller buyer commodity purpose place quantity"
        " schedule starts ends price_kind market level premium_units floor_units ceiling_units"
        " currency inputs advance_units advance_cap_bps payment_days excuses dispute_route"
        " third_parties state checklist checked_by checked_date signed_date witness reason",
        P="signed_by",
    )
    SCOPE = market_paths(known=False)
    VIEW = "markets.view_contract"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="supply_contracts")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(_("number"), max_length=40)
    seller = models.ForeignKey(Organisation, models.PROTECT, related_name="sales")
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="purchases")
    commodity = models.ForeignKey(Commodity, models.PROTECT, related_name="contracts")
    purpose = models.CharField(_("purpose"), max_length=300, blank=True, default="")
    place = models.CharField(_("handed over at"), max_length=200)
    quantity = models.PositiveBigIntegerField(_("how much"))
    schedule = models.CharField(_("when"), max_length=300, blank=True, default="")
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    price_kind = models.CharField(
        _("price"), max_length=6, choices=choices(PRICE_KIND), default=PriceKind.FIXED.value
    )
    market = models.ForeignKey(
        MarketPlace, models.PROTECT, null=True, blank=True, related_name="contracts"
    )
    level = models.CharField(
        _("follows the price"), max_length=9, choices=choices(PRICE_LEVEL), blank=True, default=""
    )
    premium_units = models.BigIntegerField(_("premium"), default=0)
    floor_units = models.BigIntegerField(_("never below"), null=True, blank=True)
    ceiling_units = models.BigIntegerField(_("never above"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    inputs = models.CharField(_("inputs the buyer gives"), max_length=300, blank=True, default="")
    advance_units = models.BigIntegerField(_("advance"), default=0)
    advance_cap_bps = models.PositiveIntegerField(_("kept back at most"), default=3_000)
    payment_days = models.PositiveSmallIntegerField(_("paid within days"), default=0)
    excuses = models.CharField(_("what excuses"), max_length=300, blank=True, default="")
    dispute_route = models.CharField(
        _("who settles a dispute"), max_length=300, blank=True, default=""
    )
    third_parties = models.CharField(
        _("who else has a part"), max_length=300, blank=True, default=""
    )
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=choices(CONTRACT_STATE),
        default=ContractState.OFFER.value,
    )
    checklist = models.JSONField(_("points looked at"), default=dict, blank=True)
    checked_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    checked_date = models.DateField(_("looked at on"), null=True, blank=True)
    signed_by = models.CharField(
        _("signed for the producers by"), max_length=120, blank=True, default=""
    )
    signed_date = models.DateField(_("signed on"), null=True, blank=True)
    witness = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(_("why"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["SupplyContract"]] = ScopedManager()

    class Meta:
        ordering = ("-starts", "-id")
        verbose_name = _("contract")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "code"), name="one_contract_per_number_in_a_programme"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, advance_units__gte=0, advance_cap_bps__lte=10_000),
                name="contract_of_something",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.commodity}"

    @property
    def unit(self) -> str:
        """The base unit of its quantities."""
        return str(self.commodity.get_base_unit_display())


class ContractGrade(House):
    """A grade of the goods and its price for one base unit."""

    CLASSES = classify(I="id recorded_at contract name price_units")
    SCOPE = market_paths("contract", known=False)
    VIEW = "markets.view_contract"

    contract = models.ForeignKey(SupplyContract, models.PROTECT, related_name="grades")
    name = models.CharField(_("grade"), max_length=40)
    price_units = models.BigIntegerField(_("price"))

    objects: ClassVar[ScopedManager["ContractGrade"]] = ScopedManager()

    class Meta:
        ordering = ("contract", "-price_units", "name")
        constraints = (
            models.UniqueConstraint(fields=("contract", "name"), name="one_grade_of_a_name"),
            models.CheckConstraint(condition=Q(price_units__gt=0), name="grade_price_above_zero"),
        )

    def __str__(self) -> str:
        return self.name


class Delivery(House):
    """Goods handed over under a contract, what was refused of them, what is paid for them when."""

    CLASSES = classify(
        I="id recorded_at contract delivered_date planned_date grade delivered rejected"
        " reject_reason price_units value_units deduction_units pay_due_date paid_date paid_units"
        " reason slip recorded_by",
        P="given_by taken_by",
    )
    SCOPE = market_paths("contract", known=False)
    VIEW = "markets.view_contract"

    contract = models.ForeignKey(SupplyContract, models.PROTECT, related_name="deliveries")
    delivered_date = models.DateField(_("handed over on"))
    planned_date = models.DateField(_("was planned for"), null=True, blank=True)
    grade = models.ForeignKey(ContractGrade, models.PROTECT, related_name="deliveries")
    delivered = models.PositiveBigIntegerField(_("handed over"))
    rejected = models.PositiveBigIntegerField(_("refused"), default=0)
    reject_reason = models.CharField(_("why refused"), max_length=300, blank=True, default="")
    price_units = models.BigIntegerField(_("price"))
    value_units = models.BigIntegerField(_("value"))
    deduction_units = models.BigIntegerField(_("kept back for the advance"), default=0)
    pay_due_date = models.DateField(_("to be paid by"))
    paid_date = models.DateField(_("paid on"), null=True, blank=True)
    paid_units = models.BigIntegerField(_("paid"), null=True, blank=True)
    reason = models.CharField(_("why more than agreed"), max_length=300, blank=True, default="")
    slip = models.CharField(
        _("number of the paper slip"), max_length=40, blank=True, default="", db_default=""
    )
    given_by = models.CharField(
        _("handed over by"), max_length=120, blank=True, default="", db_default=""
    )
    taken_by = models.CharField(
        _("taken over by"), max_length=120, blank=True, default="", db_default=""
    )
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Delivery"]] = ScopedManager()

    class Meta:
        ordering = ("contract", "delivered_date", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(rejected__lte=F("delivered")), name="not_more_refused_than_delivered"
            ),
            models.CheckConstraint(
                condition=Q(deduction_units__gte=0, deduction_units__lte=F("value_units")),
                name="deduction_within_the_value",
            ),
            models.UniqueConstraint(
                fields=("contract", "slip"),
                condition=~Q(slip=""),
                name="one_delivery_of_a_slip",
            ),
        )

    def __str__(self) -> str:
        return f"{self.contract} {self.delivered_date}"

    @property
    def payable_units(self) -> int:
        """What is to be paid."""
        return self.value_units - self.deduction_units

    @property
    def days_late(self) -> int:
        """How many days after the plan it came; 0 for in time or without a plan."""
        if self.planned_date is None:
            return 0
        return max(0, (self.delivered_date - self.planned_date).days)


class ContractNote(House):
    """A default that was seen: what it was, and what each side said. Append-only."""

    CLASSES = classify(
        I="id recorded_at contract kind seen_date noted_by", P="producers_say buyer_says"
    )
    SCOPE = market_paths("contract", known=False)
    VIEW = "markets.view_contract"

    contract = models.ForeignKey(SupplyContract, models.PROTECT, related_name="notes")
    kind = models.CharField(_("what happened"), max_length=12, choices=choices(NOTE_KIND))
    seen_date = models.DateField(_("on"))
    producers_say = models.TextField(_("what the producers say"), blank=True, default="")
    buyer_says = models.TextField(_("what the buyer says"), blank=True, default="")
    noted_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ContractNote"]] = ScopedManager()

    class Meta:
        ordering = ("contract", "seen_date", "id")

    def __str__(self) -> str:
        return f"{self.contract} {self.seen_date}"
