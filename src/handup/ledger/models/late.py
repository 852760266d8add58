"""That somebody looked at a fact that came too late for its own month."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.ledger.models.journal import Entry
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopePaths


class LateFactSeen(House):
    """An entry that stands in a later month than its fact, looked at by a person who says why it
    came late, or what was told to whom.
    """

    CLASSES = classify(I="id recorded_at entry note seen_by seen_date")
    SCOPE = ScopePaths(
        office="entry__branch_id",
        programme="entry__book__programme_id",
        organisation="entry__book__organisation_id",
    )
    VIEW = "ledger.view_entry"

    entry = models.OneToOneField(Entry, models.PROTECT, related_name="late_seen")
    note = models.CharField(_("why it came late"), max_length=300)
    seen_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("looked at by")
    )
    seen_date = models.DateField(_("looked at on"))

    class Meta:
        ordering = ("-seen_date", "-id")

    def __str__(self) -> str:
        return f"{self.entry} {self.seen_date}"
