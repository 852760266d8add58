"""What somebody often asks of a list, kept under a name of her own."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models.base import House
from handup.org.models.staff import StaffUser
from handup.org.scope import ScopePaths

if TYPE_CHECKING:
    from handup.org.rules.access import GrantFact


def _own(_grant: GrantFact, staff: StaffUser) -> Q:
    return Q(staff=staff.pk)


class SavedFilter(House):
    """A list's filters under a name; nobody but who kept it sees it. `params` is what the address
    of the list tells: filters, order and columns, but no words that were searched for.
    """

    CLASSES = classify(I="id recorded_at staff path name params")
    SCOPE = ScopePaths(caseload="staff_id", linked=_own, narrowed=_own)
    VIEW = "org.keep_filters"

    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="saved_filters")
    path = models.CharField(_("list"), max_length=200)
    name = models.CharField(_("name"), max_length=40)
    params = models.JSONField(_("what is asked"), default=dict)

    class Meta:
        ordering = ("-id",)
        verbose_name = _("saved filter")
        constraints = (
            models.UniqueConstraint(fields=("staff", "path", "name"), name="saved_filter_one_name"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        """The list as it is asked."""
        return f"{self.path}?{urlencode(self.params)}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("org:filter_detail", args=[self.pk])
