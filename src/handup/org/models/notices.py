"""Notices by e-mail: who of the staff wants them, where, and each that was written for her."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models.base import House
from handup.org.models.staff import StaffUser
from handup.org.models.webhooks import DeliveryState
from handup.org.scope import ScopedManager


class NoticeWish(House):
    """A staff user wants notices at an address, until she ends it; the end forgets it."""

    CLASSES = classify(I="id recorded_at staff ended_at", S="address")

    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="notice_wishes")
    address = EncryptedTextField(_("e-mail address"), blank=True, default="")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects: ClassVar[ScopedManager["NoticeWish"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("wish for notices")
        constraints = (
            models.UniqueConstraint(
                fields=("staff",), condition=models.Q(ended_at=None), name="notice_one_wish"
            ),
        )

    def __str__(self) -> str:
        return str(self.staff)


class MailNotice(House):
    """One notice for one staff user, tried again until it is taken or dead.

    kind: what it says. about: the id or day it is about, so that it is written once.
    """

    CLASSES = classify(I="id recorded_at wish kind about state why tries next_try_at sent_at")

    wish = models.ForeignKey(NoticeWish, models.PROTECT, related_name="notices")
    kind = models.CharField(_("what it says"), max_length=20)
    about = models.CharField(max_length=64)
    state = models.CharField(
        _("state"), max_length=8, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    why = models.CharField(_("what went wrong"), max_length=20, default="")
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(_("taken at"), null=True, blank=True)

    objects: ClassVar[ScopedManager["MailNotice"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        verbose_name = _("notice")
        constraints = (
            models.UniqueConstraint(fields=("wish", "kind", "about"), name="notice_written_once"),
        )
        indexes = (models.Index(fields=("state", "next_try_at"), name="notice_waiting"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
