"""Compulsory savings of borrowers: an account a saver and lender, and each movement on it.

They are the saver's own, lie at the bank, and are never lent. What a savings group holds is in its
own book, not here.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.lending.models.applications import of_who_asks
from handup.lending.models.borrower import BorrowerMixin
from handup.lending.models.labels import METHODS_KEPT, Choices
from handup.lending.models.lenders import Lender
from handup.lending.models.loans import Loan, LoanEvent
from handup.lending.rules.codes import SavingsMoveKind
from handup.org.classes import classify
from handup.org.models import House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths

MOVE_KINDS: Choices = [
    (SavingsMoveKind.PAID_IN.value, _("Paid in")),
    (SavingsMoveKind.SAVED.value, _("Saved with an instalment")),
    (SavingsMoveKind.BOUND.value, _("Put behind a loan")),
    (SavingsMoveKind.TAKEN_OVER.value, _("Taken over from the older book")),
    (SavingsMoveKind.SET_OFF.value, _("Set off against the loan")),
    (SavingsMoveKind.PAID_OUT.value, _("Paid out")),
    (SavingsMoveKind.REVERSED.value, _("Taken back")),
]


class SavingsAccount(BorrowerMixin, House):
    """What one saver keeps at one lender beside her loans."""

    CLASSES = classify(
        I="id recorded_at code lender programme office officer currency opened_date opened_by"
        " moved_date",
        P="person enterprise group",
    )
    SCOPE = ScopePaths(
        office="office_id",
        programme="programme_id",
        organisation="lender__organisation_id",
        caseload="officer_id",
        person="person_id",
        shared=("enterprise__ownerships__person_id",),
        narrowed=of_who_asks(),
    )
    VIEW = "lending.view_savings"

    code = models.CharField(_("number"), max_length=20, unique=True)
    lender = models.ForeignKey(
        Lender, models.PROTECT, related_name="savings_accounts", verbose_name=_("lender")
    )
    programme = models.ForeignKey(
        "projects.Programme", models.PROTECT, related_name="savings_accounts"
    )
    office = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("office")
    )
    officer = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("loan officer")
    )
    currency = models.CharField(_("currency"), max_length=3)
    opened_date = models.DateField(_("opened on"))
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    moved_date = models.DateField(_("handed over on"), null=True, blank=True, editable=False)

    objects: ClassVar[ScopedManager["SavingsAccount"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("savings account")
        constraints = (
            models.CheckConstraint(
                condition=Q(person__isnull=False, enterprise__isnull=True, group__isnull=True)
                | Q(person__isnull=True, enterprise__isnull=False, group__isnull=True)
                | Q(person__isnull=True, enterprise__isnull=True, group__isnull=False),
                name="savings_of_one_saver",
            ),
            *(
                models.UniqueConstraint(
                    fields=("lender", who, "currency"),
                    condition=Q(**{f"{who}__isnull": False}),
                    name=f"one_savings_account_a_{who}",
                )
                for who in ("person", "enterprise", "group")
            ),
        )

    def __str__(self) -> str:
        return self.code

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("lending:savings_detail", args=[self.pk])


class SavingsMove(House):
    """One movement: units above zero for what came in. `loan` is the loan it stands behind, none
    when it stands behind no loan; what moves from one to the other is two rows. Append-only.
    """

    CLASSES = classify(
        I="id recorded_at account kind loan event value_date method recorded_by agreed_date"
        " reverses",
        P="units reference reason",
    )
    SCOPE = ScopePaths(
        office="account__office_id",
        programme="account__programme_id",
        organisation="account__lender__organisation_id",
        caseload="account__officer_id",
        person="account__person_id",
        shared=("account__enterprise__ownerships__person_id",),
        narrowed=of_who_asks("account__"),
    )
    VIEW = "lending.view_savings"

    account = models.ForeignKey(SavingsAccount, models.PROTECT, related_name="moves")
    kind = models.CharField(_("what"), max_length=10, choices=MOVE_KINDS)
    loan = models.ForeignKey(
        Loan, models.PROTECT, null=True, blank=True, related_name="savings", verbose_name=_("loan")
    )
    event = models.ForeignKey(
        LoanEvent, models.PROTECT, null=True, blank=True, related_name="savings"
    )
    units = models.BigIntegerField(_("amount"))
    value_date = models.DateField(_("on"))
    method = models.CharField(
        _("method"), max_length=10, choices=METHODS_KEPT, blank=True, default=""
    )
    reference = models.CharField(_("reference"), max_length=60, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    agreed_date = models.DateField(_("the saver agreed on"), null=True, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )

    objects: ClassVar[ScopedManager["SavingsMove"]] = ScopedManager()

    class Meta:
        ordering = ("value_date", "id")
        verbose_name = _("movement of savings")
        constraints = (models.CheckConstraint(condition=~Q(units=0), name="savings_move_not_zero"),)
        indexes = (models.Index(fields=("account", "value_date"), name="savings_move_date"),)

    def __str__(self) -> str:
        return f"{self.account_id} {self.value_date}"
