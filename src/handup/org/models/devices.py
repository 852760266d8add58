"""Devices and tokens: how programs and telephones sign in, and the sessions of those who sit at a
browser.
"""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models.base import House
from handup.org.models.staff import StaffUser


class DeviceState(models.TextChoices):
    """Where a device stands; a lost one is answered "send sealed work, then wipe"."""

    ENROLLED = "ENROLLED", _("enrolled")
    ACTIVE = "ACTIVE", _("in use")
    LOST = "LOST", _("lost")
    RETIRED = "RETIRED", _("retired")
    WIPED = "WIPED", _("wiped")


class Device(House):
    """A telephone or laptop that works without a network for one staff user."""

    CLASSES = classify(I="id recorded_at staff label state enrolled_by last_seen_at ended_at")
    VIEW = "org.view_staff"

    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="devices")
    label = models.CharField(_("label"), max_length=80)
    state = models.CharField(
        _("state"), max_length=8, choices=DeviceState.choices, default=DeviceState.ENROLLED
    )
    enrolled_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    last_seen_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("label",)

    def __str__(self) -> str:
        return self.label


class Trip(House):
    """Days a device is away from any network: no grant of its holder ends in the middle of them
    (rulings 17).
    """

    CLASSES = classify(I="id recorded_at device starts ends declared_by called_off_at")
    VIEW = "org.view_staff"

    device = models.ForeignKey(Device, models.PROTECT, related_name="trips")
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    declared_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    called_off_at = models.DateTimeField(_("called off"), null=True, blank=True)

    class Meta:
        ordering = ("-starts",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends__gte=models.F("starts")), name="trip_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return f"{self.device} {self.starts}"


class ApiToken(House):
    """A key to the programme interface for one device or integration; only its hash is kept.

    It acts as `staff`, within her grants, and only in the domains of `scopes` ("people",
    "groups:read"; "*" is all).
    """

    CLASSES = classify(
        I="id recorded_at staff device label key_hash scopes expires_at revoked_at last_used_at"
        " given_by"
    )
    VIEW = "org.view_staff"

    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="tokens")
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="tokens")
    label = models.CharField(_("what it is for"), max_length=80)
    key_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(_("what it may reach"), default=list)
    expires_at = models.DateTimeField(_("ends"))
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    given_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("label",)

    def __str__(self) -> str:
        return self.label

    def is_live(self, now: datetime) -> bool:
        """Tell whether it opens anything at that instant."""
        return self.revoked_at is None and now < self.expires_at

    def reaches(self, domain: str, *, writes: bool) -> bool:
        """Tell whether one of its scopes names this domain, for writing when asked."""
        allowed = {domain, "*"} if writes else {domain, f"{domain}:read", "*", "*:read"}
        return bool(allowed & set(self.scopes))


class StaffSession(House):
    """One browser a staff user is signed in with; she sees the list and may end any of them."""

    CLASSES = classify(I="id recorded_at staff key browser address last_seen_at")

    staff = models.ForeignKey(StaffUser, models.CASCADE, related_name="sessions")
    key = models.CharField(max_length=40, unique=True)
    browser = models.CharField(_("browser"), max_length=80, default="")
    address = models.CharField(_("address"), max_length=45, default="")
    last_seen_at = models.DateTimeField(_("last used"))

    class Meta:
        ordering = ("-last_seen_at",)

    def __str__(self) -> str:
        return self.browser
