"""Premiums collected with loans: who insures which, and what was handed on to an insurer."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.lending.models.labels import METHODS
from handup.lending.models.lenders import Lender, of_lender
from handup.lending.models.loans import Loan
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class PremiumInsurer(House):
    """To whom the premiums of one fee of a lender's loans are owed; the newest word counts."""

    CLASSES = classify(I="id recorded_at lender fee_code organisation named_by")
    SCOPE = of_lender("lender")
    VIEW = "lending.view_premium"

    lender = models.ForeignKey(Lender, models.PROTECT, related_name="insurers")
    fee_code = models.CharField(_("fee"), max_length=40)
    organisation = models.ForeignKey(
        "projects.Organisation", models.PROTECT, related_name="+", verbose_name=_("insurer")
    )
    named_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["PremiumInsurer"]] = ScopedManager()

    class Meta:
        ordering = ("lender", "fee_code", "-recorded_at")

    def __str__(self) -> str:
        return f"{self.lender_id} {self.fee_code}"


class PremiumPayment(House):
    """Premiums due to an insurer, put together by one person and handed on by another; one that was
    wrong is taken back with a reason.
    """

    CLASSES = classify(
        I="id recorded_at lender insurer through_date currency units prepared_by prepared_date"
        " paid_by paid_date method reference taken_back_by taken_back_date",
        P="reason",
    )
    SCOPE = of_lender("lender")
    VIEW = "lending.view_premium"

    lender = models.ForeignKey(Lender, models.PROTECT, related_name="premium_payments")
    insurer = models.ForeignKey(
        "projects.Organisation", models.PROTECT, related_name="+", verbose_name=_("insurer")
    )
    through_date = models.DateField(_("of loans paid out until"))
    currency = models.CharField(_("currency"), max_length=3)
    units = models.BigIntegerField(_("amount"))
    prepared_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    prepared_date = models.DateField(_("put together on"))
    paid_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    paid_date = models.DateField(_("handed on on"), null=True, blank=True)
    method = models.CharField(_("how"), max_length=10, choices=METHODS, blank=True, default="")
    reference = models.CharField(_("reference"), max_length=60, blank=True, default="")
    taken_back_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_back_date = models.DateField(_("taken back on"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["PremiumPayment"]] = ScopedManager()

    class Meta:
        ordering = ("-prepared_date", "-id")
        constraints = (
            models.CheckConstraint(condition=Q(units__gt=0), name="premium_payment_above_zero"),
            models.UniqueConstraint(
                fields=("lender", "insurer"),
                condition=Q(paid_date=None, taken_back_date=None),
                name="one_premium_payment_waits",
            ),
        )

    def __str__(self) -> str:
        return f"{self.insurer_id} {self.through_date}"


class PremiumLine(House):
    """What of a payment to an insurer is of one loan and fee; below zero: it came back to a
    borrower after it was handed on.
    """

    CLASSES = classify(I="id recorded_at payment loan fee_code", P="units")
    SCOPE = ScopePaths(
        office="loan__office_id",
        programme="loan__programme_id",
        organisation="loan__lender__organisation_id",
        caseload="loan__officer_id",
        person="loan__person_id",
        shared=("loan__enterprise__ownerships__person_id",),
    )
    VIEW = "lending.view_premium"

    payment = models.ForeignKey(PremiumPayment, models.PROTECT, related_name="lines")
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="premium_lines")
    fee_code = models.CharField(_("fee"), max_length=40)
    units = models.BigIntegerField(_("amount"))

    objects: ClassVar[ScopedManager["PremiumLine"]] = ScopedManager()

    class Meta:
        ordering = ("payment", "loan", "fee_code")
        constraints = (
            models.UniqueConstraint(
                fields=("payment", "loan", "fee_code"), name="one_premium_line_a_fee"
            ),
        )

    def __str__(self) -> str:
        return f"{self.loan_id} {self.fee_code} {self.units}"
