"""The read log: who saw which persons, in a chain of hashes nobody can mend (protection.md 4.3)."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.kernel.chain import GENESIS
from handup.org.classes import classify
from handup.org.models.base import House
from handup.org.models.staff import StaffUser


class Door(models.TextChoices):
    """Which way the reader came."""

    WEB = "WEB", _("web page")
    API = "API", _("programme interface")
    SYNC = "SYNC", _("field device")
    JOB = "JOB", _("background job")
    COMMAND = "COMMAND", _("command line")


class ReadAction(models.TextChoices):
    """What kind of reading it was; of several in one request the last named here is kept."""

    LIST = "LIST", _("list")
    VIEW = "VIEW", _("record")
    SEARCH = "SEARCH", _("search")
    REVEAL = "REVEAL", _("secret shown")
    PRINT = "PRINT", _("printed")
    EXPORT = "EXPORT", _("exported")
    DENIED = "DENIED", _("denied")
    BREAK_GLASS = "BREAK_GLASS", _("emergency access")


class ReadEntry(House):
    """One request that showed persons, or was denied; ids only, never a name or a value."""

    CLASSES = classify(
        I="id recorded_at number at staff roles door action persons highest purpose search_hash"
        " request_id clock_back previous hash"
    )
    VIEW = "org.view_reads"

    number = models.PositiveBigIntegerField(_("number"), unique=True)
    at = models.DateTimeField(_("when"))
    staff = models.ForeignKey(StaffUser, models.PROTECT, null=True, related_name="+")
    roles = models.JSONField(_("roles"), default=list)
    door = models.CharField(_("door"), max_length=10, choices=Door.choices)
    action = models.CharField(_("action"), max_length=12, choices=ReadAction.choices)
    persons = models.JSONField(_("persons"), default=list)
    highest = models.CharField(_("highest class"), max_length=1)
    purpose = models.CharField(_("purpose"), max_length=200, default="")
    search_hash = models.CharField(max_length=64, default="")
    request_id = models.CharField(max_length=40, default="")
    clock_back = models.BooleanField(_("clock went back"), default=False)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ("-number",)
        indexes = (models.Index(fields=("staff", "-number"), name="read_by_staff"),)

    def __str__(self) -> str:
        return f"{self.number} {self.action}"

    def content(self) -> dict[str, Any]:
        """Return what the hash is made over."""
        return {
            "n": self.number,
            "at": self.at.isoformat(timespec="milliseconds"),
            "staff": str(self.staff_id or ""),
            "roles": list(self.roles),
            "door": self.door,
            "action": self.action,
            "persons": list(self.persons),
            "highest": self.highest,
            "purpose": self.purpose,
            "search": self.search_hash,
            "request": self.request_id,
            "clock_back": self.clock_back,
        }


class ChainHead(House):
    """The end of a chain: its row is locked while the next entry is written.

    cut_number, cut_hash: the last entry that was taken away because it was kept long enough, and
    its hash; what remains follows it. cut_signature: the house's own, so that nobody who reaches
    the database alone can say that more was taken away.
    """

    CLASSES = classify(
        I="id recorded_at name number hash at signed_number signed_on cut_number cut_hash"
        " cut_date cut_signature"
    )

    name = models.CharField(max_length=20, unique=True)
    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)
    at = models.DateTimeField(null=True)
    signed_number = models.PositiveBigIntegerField(default=0)
    signed_on = models.DateField(null=True)
    cut_number = models.PositiveBigIntegerField(default=0)
    cut_hash = models.CharField(max_length=64, default=GENESIS)
    cut_date = models.DateField(null=True)
    cut_signature = models.CharField(max_length=100, blank=True, default="")

    def __str__(self) -> str:
        return f"{self.name} {self.number}"
