"""A borrower's line: short messages about her loans to her own telephone, because she wants them
(rulings 38). No text is kept: each is written from the facts when it is sent.
"""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending.models.loans import Loan, LoanEvent
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager
from handup.people.models.labels import CONSENT_METHOD, choices
from handup.people.models.scope import person_paths


class BorrowerLine(House):
    """A person's wish to be told of her loans on her telephone, from one day until it is ended."""

    CLASSES = classify(
        I="id recorded_at person language agreed_date agreed_how started_by ended_at ended_by"
        " by_herself"
    )
    SCOPE = person_paths("person")
    VIEW = "lending.view_line"

    person = models.ForeignKey("people.Person", models.PROTECT, related_name="borrower_lines")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    agreed_date = models.DateField(_("she agreed on"))
    agreed_how = models.CharField(_("how"), max_length=9, choices=choices(CONSENT_METHOD))
    started_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    by_herself = models.BooleanField(_("ended by her own message"), default=False)

    objects: ClassVar[ScopedManager["BorrowerLine"]] = ScopedManager()

    class Meta:
        ordering = ("-agreed_date", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("person",), condition=Q(ended_at=None), name="line_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agreed_date}"


class MessageKind(models.TextChoices):
    """What a message tells."""

    RECEIPT = "RECEIPT", _("receipt")
    DUE = "DUE", _("reminder")
    BALANCE = "BALANCE", _("balance asked for")


class MessageState(models.TextChoices):
    """Where a message stands."""

    WAITING = "WAITING", _("waiting")
    SENT = "SENT", _("sent")
    FAILED = "FAILED", _("not taken")
    DROPPED = "DROPPED", _("not sent")


class LineMessage(House):
    """One message of a line: a receipt of one payment, a reminder of one due day, or a balance."""

    CLASSES = classify(
        I="id recorded_at line loan kind event due_date state tries next_try_at sent_at why"
    )
    SCOPE = person_paths("line__person")
    VIEW = "lending.view_line"

    line = models.ForeignKey(BorrowerLine, models.PROTECT, related_name="messages")
    loan = models.ForeignKey(Loan, models.PROTECT, related_name="+")
    kind = models.CharField(_("what"), max_length=8, choices=MessageKind.choices)
    event = models.ForeignKey(LoanEvent, models.PROTECT, null=True, blank=True, related_name="+")
    due_date = models.DateField(_("due on"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=MessageState.choices, default=MessageState.WAITING
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    why = models.CharField(_("why not"), max_length=20, blank=True, default="")

    objects: ClassVar[ScopedManager["LineMessage"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("next_try_at",), condition=Q(state="WAITING"), name="message_waiting"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("line", "event"), condition=Q(kind="RECEIPT"), name="message_one_receipt"
            ),
            models.UniqueConstraint(
                fields=("line", "loan", "due_date"),
                condition=Q(kind="DUE"),
                name="message_one_reminder",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def day(self) -> date:
        """The day it was written down."""
        return timezone.localdate(self.recorded_at)
