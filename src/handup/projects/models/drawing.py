"""What a programme asks of a funder's money, and its procurement plan: what it is to buy, how,
when, and what came of it (rulings 30).
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models.labels import Labels, choices
from handup.projects.models.money import FundingAgreement
from handup.projects.models.organisations import Organisation
from handup.projects.models.programmes import Programme
from handup.projects.rules.drawing import (
    PurchaseKind,
    PurchaseMethod,
    PurchaseState,
    WithdrawalState,
)

WITHDRAWAL_STATE: Labels = {
    WithdrawalState.ASKED: _("asked"),
    WithdrawalState.PAID: _("paid"),
    WithdrawalState.REFUSED: _("refused"),
}
PURCHASE_KIND: Labels = {
    PurchaseKind.GOODS: _("goods"),
    PurchaseKind.WORKS: _("works"),
    PurchaseKind.SERVICES: _("services"),
}
PURCHASE_METHOD: Labels = {
    PurchaseMethod.OPEN: _("open tender"),
    PurchaseMethod.LIMITED: _("tender among some"),
    PurchaseMethod.SHOPPING: _("three quotes"),
    PurchaseMethod.DIRECT: _("from one supplier, without others asked"),
    PurchaseMethod.COMMUNITY: _("by the community itself"),
}
PURCHASE_STATE: Labels = {
    PurchaseState.PLANNED: _("planned"),
    PurchaseState.OPENED: _("suppliers are asked"),
    PurchaseState.SIGNED: _("contract signed"),
    PurchaseState.DELIVERED: _("delivered"),
    PurchaseState.CANCELLED: _("cancelled"),
}


class Withdrawal(House):
    """One request for money under a funding agreement, in its currency, and what was paid."""

    CLASSES = classify(
        I="id recorded_at funding number asked_units currency asked_date state paid_units"
        " ended_date reason recorded_by"
    )
    SCOPE = ScopePaths(programme="funding__programme_id", organisation="funding__funder_id")
    VIEW = "projects.view_budget"

    funding = models.ForeignKey(FundingAgreement, models.PROTECT, related_name="withdrawals")
    number = models.CharField(_("number of the request"), max_length=40)
    asked_units = models.BigIntegerField(_("asked"))
    currency = models.CharField(_("currency"), max_length=3)
    asked_date = models.DateField(_("asked on"))
    state = models.CharField(
        _("state"), max_length=7, choices=choices(WITHDRAWAL_STATE), default=WithdrawalState.ASKED
    )
    paid_units = models.BigIntegerField(_("paid"), null=True, blank=True)
    ended_date = models.DateField(_("paid or refused on"), null=True, blank=True)
    reason = models.CharField(_("why"), max_length=300, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Withdrawal"]] = ScopedManager()

    class Meta:
        ordering = ("-asked_date", "id")
        verbose_name = _("withdrawal")
        constraints = (
            models.UniqueConstraint(
                fields=("funding", "number"), name="withdrawal_number_once_an_agreement"
            ),
            models.CheckConstraint(
                condition=Q(asked_units__gt=0), name="withdrawal_asks_some_money"
            ),
            models.CheckConstraint(
                condition=Q(state="ASKED", paid_units=None, ended_date=None)
                | Q(state="PAID", paid_units__gt=0, ended_date__isnull=False)
                | Q(state="REFUSED", paid_units=None, ended_date__isnull=False),
                name="withdrawal_paid_with_amount_and_day",
            ),
        )

    def __str__(self) -> str:
        return self.number


class Purchase(House):
    """One line of a programme's procurement plan: what, how, until when, and with whom it ended."""

    CLASSES = classify(
        I="id recorded_at programme number what kind method planned_units currency planned_date"
        " state state_date supplier signed_units reason recorded_by"
    )
    SCOPE = ScopePaths(
        programme="programme_id", organisation="programme__funding__funder_id", many=True
    )
    VIEW = "projects.view_budget"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="purchases")
    number = models.CharField(_("number"), max_length=40)
    what = models.CharField(_("what is bought"), max_length=200)
    kind = models.CharField(_("kind"), max_length=8, choices=choices(PURCHASE_KIND))
    method = models.CharField(_("how"), max_length=9, choices=choices(PURCHASE_METHOD))
    planned_units = models.BigIntegerField(_("planned amount"))
    currency = models.CharField(_("currency"), max_length=3)
    planned_date = models.DateField(_("contract planned for"))
    state = models.CharField(
        _("state"), max_length=9, choices=choices(PURCHASE_STATE), default=PurchaseState.PLANNED
    )
    state_date = models.DateField(_("since"), null=True, blank=True)
    supplier = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="supplied"
    )
    signed_units = models.BigIntegerField(_("amount of the contract"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Purchase"]] = ScopedManager()

    class Meta:
        ordering = ("planned_date", "number", "id")
        verbose_name = _("purchase")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "number"), name="purchase_number_once_a_programme"
            ),
            models.CheckConstraint(
                condition=Q(planned_units__gt=0), name="purchase_is_planned_for_some_money"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["SIGNED", "DELIVERED"])
                | Q(supplier__isnull=False, signed_units__gt=0),
                name="signed_purchase_has_supplier_and_amount",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.what}"

    def is_late(self, on: date) -> bool:
        """Whether its contract should be signed by now and is not."""
        open_states = (PurchaseState.PLANNED, PurchaseState.OPENED)
        return self.state in open_states and on > self.planned_date
