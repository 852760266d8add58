"""Webhooks: another program that is told of events, and each telling of one event."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models.base import House
from handup.org.models.staff import StaffUser
from handup.org.scope import ScopedManager


class Webhook(House):
    """Another program that is told of events until a day: ids of records, never what is in them.

    acts: codes of the events. looked_until: what was written before it was looked at for events.
    kept_by: who took it over, and why, when the account of whoever began it was closed.
    """

    CLASSES = classify(
        I="id recorded_at label host acts reason ends made_by ended_at ended_by looked_until"
        " kept_by kept_why",
        S="address secret",
    )
    VIEW = "org.view_webhooks"

    label = models.CharField(_("which program"), max_length=80)
    address = EncryptedTextField(_("address"))
    host = models.CharField(_("computer"), max_length=255)
    secret = EncryptedTextField(_("secret"))
    acts = models.JSONField(_("events"), default=list)
    reason = models.CharField(_("what for"), max_length=300)
    ends = models.DateField(_("last day"))
    made_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    looked_until = models.DateTimeField(default=timezone.now)
    kept_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    kept_why = models.CharField(_("why taken over"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["Webhook"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("webhook")

    def __str__(self) -> str:
        return self.label

    @property
    def keeper(self) -> StaffUser:
        """Who answers for it now."""
        return self.kept_by or self.made_by


class DeliveryState(models.TextChoices):
    """Where the telling of one event stands."""

    WAITING = "WAITING", _("waits")
    SENT = "SENT", _("taken")
    DEAD = "DEAD", _("failed for good")
    DROPPED = "DROPPED", _("not sent")


class WebhookDelivery(House):
    """One event told to one webhook, tried again until it is taken or dead.

    line: the line of the trail it tells of. why: the code of what went wrong last.
    """

    CLASSES = classify(
        I="id recorded_at webhook line act object_type object_id happened_at state why tries"
        " next_try_at sent_at"
    )
    VIEW = "org.view_webhooks"

    webhook = models.ForeignKey(Webhook, models.PROTECT, related_name="deliveries")
    line = models.UUIDField()
    act = models.CharField(_("event"), max_length=80)
    object_type = models.CharField(max_length=80)
    object_id = models.CharField(max_length=64)
    happened_at = models.DateTimeField(_("when"))
    state = models.CharField(
        _("state"), max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    why = models.CharField(_("what went wrong"), max_length=20, default="")
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(_("taken at"), null=True, blank=True)

    objects: ClassVar[ScopedManager["WebhookDelivery"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("telling of an event")
        constraints = (
            models.UniqueConstraint(fields=("webhook", "line"), name="webhook_told_once"),
        )
        indexes = (models.Index(fields=("state", "next_try_at"), name="webhook_waiting"),)

    def __str__(self) -> str:
        return f"{self.act} {self.state}"
