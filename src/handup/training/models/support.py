"""Support of participants: what a programme pays for a session attended, and each payment."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.training.models.cohorts import ENROLMENT_SCOPE, Enrolment, Session
from handup.training.models.curricula import Course
from handup.training.models.labels import choices
from handup.training.models.support_labels import (
    SUPPORT_BACK,
    SUPPORT_KIND,
    SUPPORT_METHOD,
    SUPPORT_REFUSAL,
    SUPPORT_STATE,
    SUPPORT_UNIT,
)
from handup.training.rules.support import SupportState


class SupportRule(House):
    """What a programme pays who attends: so much for each session, day, child or kilometre.

    Of all courses of the programme, or of one; from a day, until a day. In the programme's
    currency.
    """

    CLASSES = classify(
        I="id recorded_at programme course kind unit amount_units most starts ends set_by"
    )
    SCOPE = ScopePaths(programme="programme_id")
    VIEW = "training.view_support_rule"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="support_rules")
    course = models.ForeignKey(
        Course, models.PROTECT, null=True, blank=True, related_name="support_rules"
    )
    kind = models.CharField(_("kind"), max_length=9, choices=choices(SUPPORT_KIND))
    unit = models.CharField(_("for each"), max_length=7, choices=choices(SUPPORT_UNIT))
    amount_units = models.BigIntegerField(_("amount"))
    most = models.PositiveSmallIntegerField(_("at most"), default=1)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"), null=True, blank=True)
    set_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["SupportRule"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "kind", "starts", "id")
        verbose_name = _("rule of support")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(amount_units__gt=0, most__gt=0), name="support_is_some_money"
            ),
            models.CheckConstraint(
                condition=models.Q(ends=None) | models.Q(ends__gte=models.F("starts")),
                name="support_rule_ends_after_it_starts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} / {self.get_unit_display()}"


class SupportPayment(House):
    """Support of one person for one session: drawn up, approved by another, paid by a third.

    `payment` is the fact the entry in the books tells of; a payment taken back gets a new one.
    """

    CLASSES = classify(
        I="id recorded_at rule enrolment session kind quantity currency state drawn_by"
        " approved_by approved_date refusal paid_by paid_date method receipt book fund payment"
        " back_reason",
        P="amount_units",
    )
    SCOPE = ENROLMENT_SCOPE
    VIEW = "training.view_support"

    rule = models.ForeignKey(SupportRule, models.PROTECT, related_name="payments")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="support_payments")
    session = models.ForeignKey(Session, models.PROTECT, related_name="support_payments")
    kind = models.CharField(_("kind"), max_length=9, choices=choices(SUPPORT_KIND))
    quantity = models.PositiveSmallIntegerField(_("number"), default=1)
    amount_units = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=8, choices=choices(SUPPORT_STATE), default=SupportState.DUE
    )
    drawn_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_date = models.DateField(_("decided on"), null=True, blank=True)
    refusal = models.CharField(
        _("why not"), max_length=15, choices=choices(SUPPORT_REFUSAL), blank=True, default=""
    )
    paid_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    paid_date = models.DateField(_("paid on"), null=True, blank=True)
    method = models.CharField(
        _("paid"), max_length=4, choices=choices(SUPPORT_METHOD), blank=True, default=""
    )
    receipt = models.CharField(_("receipt"), max_length=48, blank=True, default="")
    book = models.ForeignKey(
        "ledger.Book", models.PROTECT, null=True, blank=True, related_name="support_payments"
    )
    fund = models.ForeignKey(
        "ledger.Fund", models.PROTECT, null=True, blank=True, related_name="support_payments"
    )
    back_reason = models.CharField(
        _("why it was taken back"),
        max_length=15,
        choices=choices(SUPPORT_BACK),
        blank=True,
        default="",
    )
    payment = models.UUIDField(null=True, blank=True, unique=True)

    objects: ClassVar[ScopedManager["SupportPayment"]] = ScopedManager()

    class Meta:
        ordering = ("session", "kind", "id")
        verbose_name = _("support payment")
        constraints = (
            models.UniqueConstraint(
                fields=("enrolment", "kind", "session"),
                condition=~models.Q(state=SupportState.REFUSED),
                name="support_once_for_person_kind_and_session",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_units__gt=0, quantity__gt=0),
                name="support_payment_is_some_money",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=SupportState.PAID)
                | (
                    models.Q(paid_date__isnull=False, payment__isnull=False)
                    & ~models.Q(receipt="")
                    & ~models.Q(method="")
                ),
                name="paid_support_has_day_and_receipt",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=SupportState.REFUSED) | ~models.Q(refusal=""),
                name="refused_support_says_why",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())
