"""Files of payment orders that pay loans out through a bank, and what the bank answered."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.lending.models.accounts import BankAccount
from handup.lending.models.banklabels import BATCH_STATES, ORDER_STATES, PAIN_VERSIONS
from handup.lending.models.loans import Loan, LoanEvent
from handup.lending.models.tranches import LoanTranche
from handup.lending.rules.banking.codes import LIVE_ORDERS, BatchState, OrderState
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.names_at_rest import NameField
from handup.org.scope import ScopedManager, ScopePaths, hidden_from, leave_out


def _withheld_batches(staff: StaffUser) -> models.Q:
    """Files that pay nobody but persons hidden from a reader."""
    hidden = hidden_from(staff)
    if not hidden:
        return models.Q(pk__in=())
    orders = PaymentOrder._base_manager.all()
    seen = leave_out(orders, hidden)
    hers = orders.exclude(pk__in=seen.values("pk"))
    return models.Q(pk__in=hers.values("batch")) & ~models.Q(pk__in=seen.values("batch"))


class PaymentBatch(House):
    """One file of payment orders: from draft to what the bank says of it."""

    CLASSES = classify(
        I="id recorded_at account message_id version execution_date state orders_total"
        " prepared_by prepared_date checked_by released_by released_at released_date sha256"
        " answer_code answer_text",
        P="total_units",
    )
    SCOPE = ScopePaths(
        organisation="account__organisation_id",
        programme="account__programme_id",
        withheld=_withheld_batches,
    )
    VIEW = "lending.view_payment_batch"

    account = models.ForeignKey(
        BankAccount, models.PROTECT, related_name="payment_batches", verbose_name=_("account")
    )
    message_id = models.CharField(_("message"), max_length=35, unique=True)
    version = models.CharField(_("form"), max_length=12, choices=PAIN_VERSIONS)
    execution_date = models.DateField(_("to be paid on"))
    state = models.CharField(
        _("state"), max_length=10, choices=BATCH_STATES, default=BatchState.DRAFT
    )
    orders_total = models.PositiveIntegerField(_("payments"), default=0)
    total_units = models.BigIntegerField(_("total"), default=0)
    prepared_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("prepared by")
    )
    prepared_date = models.DateField(_("prepared on"))
    checked_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    released_date = models.DateField(_("released on"), null=True, blank=True)
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    sha256 = models.CharField(_("fingerprint of the file"), max_length=64, blank=True, default="")
    answer_code = models.CharField(_("answer"), max_length=10, blank=True, default="")
    answer_text = models.CharField(_("answer in words"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["PaymentBatch"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.message_id


class PaymentOrder(House):
    """One payment of a batch; its id becomes the id of the loan's disbursement event. tranche: the
    part it pays of a loan paid out in parts.
    """

    CLASSES = classify(
        I="id recorded_at batch loan tranche row end_to_end state creditor_bic answer_code"
        " answer_text event",
        P="units creditor_name",
        S="creditor_account",
    )
    SCOPE = ScopePaths(
        organisation="batch__account__organisation_id",
        programme="batch__account__programme_id",
        person="loan__person_id",
        shared=("loan__enterprise__ownerships__person_id",),
    )
    VIEW = "lending.view_payment_batch"

    batch = models.ForeignKey(PaymentBatch, models.PROTECT, related_name="orders")
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="payment_orders")
    tranche = models.ForeignKey(
        LoanTranche, models.PROTECT, null=True, blank=True, related_name="payment_orders"
    )
    row = models.PositiveIntegerField(_("number"))
    end_to_end = models.CharField(_("number of the payment"), max_length=35, unique=True)
    units = models.BigIntegerField(_("amount"))
    creditor_name = NameField(_("to"), most=140)
    creditor_account = EncryptedTextField(_("account"))
    creditor_bic = models.CharField(_("BIC"), max_length=11, blank=True, default="")
    state = models.CharField(
        _("state"), max_length=10, choices=ORDER_STATES, default=OrderState.WAITING
    )
    answer_code = models.CharField(_("answer"), max_length=10, blank=True, default="")
    answer_text = models.CharField(_("answer in words"), max_length=300, blank=True, default="")
    event = models.ForeignKey(
        LoanEvent, models.PROTECT, null=True, blank=True, related_name="payment_orders"
    )

    objects: ClassVar[ScopedManager["PaymentOrder"]] = ScopedManager()

    class Meta:
        ordering = ("batch", "row")
        constraints = (
            models.UniqueConstraint(
                fields=("loan",),
                condition=models.Q(state__in=sorted(state.value for state in LIVE_ORDERS)),
                name="one_live_order_a_loan",
            ),
            models.CheckConstraint(
                condition=models.Q(units__gt=0), name="payment_order_above_zero"
            ),
        )

    def __str__(self) -> str:
        return self.end_to_end
