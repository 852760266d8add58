"""Incidents: personal data lost, shown or looked at that should not have been (protection.md 5)."""

from datetime import datetime
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models.base import House
from handup.org.models.devices import Device
from handup.org.models.staff import StaffUser
from handup.org.rules.incidents import IncidentKind, IncidentState, Risk, clock_runs
from handup.org.scope import ScopedManager

KINDS = {
    IncidentKind.LOST_DEVICE: _("a device was lost"),
    IncidentKind.BREAK_GLASS: _("emergency access was misused"),
    IncidentKind.READ_LOG: _("the read log is broken"),
    IncidentKind.DISCLOSED: _("data were shown or sent to the wrong person"),
    IncidentKind.OTHER: _("something else"),
}
STATES = {
    IncidentState.OPEN: _("open"),
    IncidentState.ASSESSED: _("assessed"),
    IncidentState.NOTIFIED: _("told"),
    IncidentState.CLOSED: _("closed"),
}
RISKS = {
    Risk.NONE: _("none"),
    Risk.SOME: _("some"),
    Risk.HIGH: _("high: the persons are told too"),
}


class Incident(House):
    """Something that happened to personal data: noticed, assessed, told in time, closed.

    `persons` and `fields` are what is exposed, as ids and names of fields; `about` names the record
    that opened it (a device, an emergency access), so that it is opened once.
    """

    CLASSES = classify(
        I="id recorded_at code kind state noticed_at notify_by opened_by device about persons"
        " fields risk assessed_by assessed_at notified_by notified_at closed_by closed_at",
        S="what assessment told lesson",
    )
    VIEW = "org.view_incident"

    code = models.CharField(_("number"), max_length=12, unique=True)
    kind = models.CharField(_("what happened"), max_length=12, choices=list(KINDS.items()))
    state = models.CharField(
        _("state"), max_length=8, choices=list(STATES.items()), default=IncidentState.OPEN.value
    )
    noticed_at = models.DateTimeField(_("noticed"))
    notify_by = models.DateTimeField(_("to tell by"))
    opened_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    device = models.ForeignKey(Device, models.PROTECT, null=True, blank=True, related_name="+")
    about = models.CharField(max_length=80, blank=True, default="")
    what = EncryptedTextField(_("in words"), blank=True, default="")
    persons = models.JSONField(_("persons"), default=list, blank=True)
    fields = models.JSONField(_("what of them"), default=list, blank=True)
    risk = models.CharField(
        _("risk for them"), max_length=4, choices=list(RISKS.items()), blank=True, default=""
    )
    assessment = EncryptedTextField(_("assessment"), blank=True, default="")
    assessed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    assessed_at = models.DateTimeField(_("assessed"), null=True, blank=True)
    told = EncryptedTextField(_("who was told, and how"), blank=True, default="")
    notified_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    notified_at = models.DateTimeField(_("told"), null=True, blank=True)
    lesson = EncryptedTextField(_("what was done about it"), blank=True, default="")
    closed_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Incident"]] = ScopedManager()

    class Meta:
        ordering = ("-noticed_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "about"),
                condition=~models.Q(about="") & ~models.Q(state="CLOSED"),
                name="one_open_incident_about",
            ),
        )
        indexes = (models.Index(fields=("state", "notify_by"), name="incident_clock"),)

    def __str__(self) -> str:
        return self.code

    @property
    def risk_told(self) -> Risk | None:
        """The risk once it is assessed."""
        return Risk(self.risk) if self.risk else None

    def is_late(self, now: datetime) -> bool:
        """Whether its clock ran out before anybody was told."""
        return clock_runs(IncidentState(self.state), self.risk_told) and self.notify_by < now
