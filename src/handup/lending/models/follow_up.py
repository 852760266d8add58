"""What was said when a loan was late: contacts, promises to pay, the next step."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.lending.models.labels import CHANNELS, NEXT_STEPS, SPOKE_WITH
from handup.lending.models.loans import THROUGH_LOAN, Loan
from handup.lending.rules.follow_up import NextStep
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager


class ArrearsContact(House):
    """One talk about a late loan: who, how, what was promised and what comes next. Whether a
    promise was kept follows from the payments.
    """

    CLASSES = classify(
        I="id recorded_at loan contact_date channel spoke_with staff next_step next_date",
        P="promised_units promised_date",
        S="note",
    )
    SCOPE = THROUGH_LOAN
    VIEW = "lending.view_follow_up"

    loan = models.ForeignKey(Loan, models.PROTECT, related_name="contacts")
    contact_date = models.DateField(_("on"))
    channel = models.CharField(_("how"), max_length=8, choices=CHANNELS)
    spoke_with = models.CharField(_("spoke with"), max_length=10, choices=SPOKE_WITH)
    staff = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("who spoke")
    )
    note = EncryptedTextField(_("what was said"), blank=True, default="")
    promised_units = models.BigIntegerField(_("promised"), null=True, blank=True)
    promised_date = models.DateField(_("promised for"), null=True, blank=True)
    next_step = models.CharField(
        _("next step"), max_length=10, choices=NEXT_STEPS, default=NextStep.NONE.value
    )
    next_date = models.DateField(_("next step on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["ArrearsContact"]] = ScopedManager()

    class Meta:
        ordering = ("-contact_date", "-recorded_at")
        indexes = (
            models.Index(fields=("promised_date",), name="contact_promised_date"),
            models.Index(fields=("next_date",), name="contact_next_date"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(promised_units=None, promised_date=None)
                | Q(promised_units__gt=0, promised_date__isnull=False),
                name="contact_whole_promise",
            ),
        )

    def __str__(self) -> str:
        return f"{self.loan_id} {self.contact_date}"
