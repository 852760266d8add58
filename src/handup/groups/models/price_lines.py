"""Prices by short message: who of a group wants them on her telephone, and what was sent to her
(projects_and_markets.md V2). No text is kept: each is written from the price when it is sent.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models.group import Member
from handup.markets.models import PriceObservation
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import CONSENT_METHOD, choices


def _of_member(path: str) -> ScopePaths:
    """What the scope of a member is, told from what points to her."""
    return ScopePaths(
        office=f"{path}__group__office_id",
        area=f"{path}__group__area_id",
        programme=f"{path}__group__programme_id",
        caseload=f"{path}__group__officer_id",
        person=f"{path}__person_id",
    )


class PriceLine(House):
    """A member's wish to be told of prices on her telephone, from one day until it is ended."""

    CLASSES = classify(
        I="id recorded_at member language agreed_date agreed_how started_by ended_at ended_by"
        " by_herself"
    )
    SCOPE = _of_member("member")
    VIEW = "groups.view_member"

    member = models.ForeignKey(Member, models.PROTECT, related_name="price_lines")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    agreed_date = models.DateField(_("she agreed on"))
    agreed_how = models.CharField(_("how"), max_length=9, choices=choices(CONSENT_METHOD))
    started_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey(StaffUser, models.PROTECT, null=True, blank=True, related_name="+")
    by_herself = models.BooleanField(_("ended by her own message"), default=False)

    objects: ClassVar[ScopedManager["PriceLine"]] = ScopedManager()

    class Meta:
        ordering = ("-agreed_date", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("member",), condition=Q(ended_at=None), name="price_line_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.agreed_date}"


class PriceMessageState(models.TextChoices):
    """Where a message stands."""

    WAITING = "WAITING", _("waiting")
    SENT = "SENT", _("sent")
    FAILED = "FAILED", _("not taken")
    DROPPED = "DROPPED", _("not sent")


class PriceMessage(House):
    """One price told on one telephone: sent once, or not sent and why."""

    CLASSES = classify(I="id recorded_at line price sent_by state tries next_try_at sent_at why")
    SCOPE = _of_member("line__member")
    VIEW = "groups.view_member"

    line = models.ForeignKey(PriceLine, models.PROTECT, related_name="messages")
    price = models.ForeignKey(PriceObservation, models.PROTECT, related_name="+")
    sent_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"),
        max_length=8,
        choices=PriceMessageState.choices,
        default=PriceMessageState.WAITING,
    )
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_try_at = models.DateTimeField(_("next try"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    why = models.CharField(_("why not"), max_length=20, blank=True, default="")

    objects: ClassVar[ScopedManager["PriceMessage"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("next_try_at",), condition=Q(state="WAITING"), name="price_message_waiting"
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=("line", "price"), name="price_message_once"),
        )

    def __str__(self) -> str:
        return f"{self.state}"
