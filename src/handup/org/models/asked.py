"""Grants asked for: somebody asks, another person gives or refuses (protection.md 5)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models.base import House
from handup.org.models.places import Area, Office
from handup.org.models.staff import Grant, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.scope import ScopedManager


class RequestState(models.TextChoices):
    """Where a request for a grant stands."""

    ASKED = "ASKED", _("asked")
    GIVEN = "GIVEN", _("given")
    REFUSED = "REFUSED", _("refused")


class GrantRequest(House):
    """A grant somebody asks for a colleague, or to stand in for one who is away (`acting_for`);
    another person answers.
    """

    CLASSES = classify(
        I="id recorded_at staff role scope office area programme_id organisation_id starts ends"
        " acting_for why asked_by state answer answered_by answered_at grant"
    )
    VIEW = "org.view_grant_requests"

    staff = models.ForeignKey(StaffUser, models.PROTECT, related_name="+", verbose_name=_("staff"))
    role = models.CharField(_("role"), max_length=30, choices=[(r.value, r.value) for r in Role])
    scope = models.CharField(
        _("scope"), max_length=10, choices=[(s.value, s.value) for s in ScopeKind]
    )
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    programme_id = models.UUIDField(_("programme"), null=True, blank=True)
    organisation_id = models.UUIDField(_("organisation"), null=True, blank=True)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("until"))
    acting_for = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    why = models.CharField(_("why it is needed"), max_length=300)
    asked_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=7, choices=RequestState.choices, default=RequestState.ASKED
    )
    answer = models.CharField(_("why it was refused"), max_length=300, default="")
    answered_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[ScopedManager["GrantRequest"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.role} {self.scope}"
