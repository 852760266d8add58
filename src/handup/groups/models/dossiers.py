"""What left the house of a group: a dossier by a recorded resolution, and whose lines were in it by
her consent."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import GROUP_SCOPE, GroupFact, Resolution
from handup.groups.models.group import Group, Member
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import CONSENT_PURPOSE, choices
from handup.projects.models import Organisation


class GroupDossier(House):
    """A dossier that was sent: to whom, for which purpose, by which vote, and its figures as they
    were that day (in smallest units and counts)."""

    CLASSES = classify(I="id recorded_at group recipient purpose sent_date figures resolution fact")
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="dossiers")
    recipient = models.ForeignKey(
        Organisation, models.PROTECT, related_name="+", verbose_name=_("recipient")
    )
    purpose = models.CharField(_("purpose"), max_length=15, choices=choices(CONSENT_PURPOSE))
    sent_date = models.DateField(_("sent on"))
    figures = models.JSONField(_("figures"))
    resolution = models.OneToOneField(Resolution, models.PROTECT, related_name="+")
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["GroupDossier"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-sent_date", "-recorded_at")

    def __str__(self) -> str:
        return f"{self.group} {self.sent_date}"


class DossierMember(House):
    """A member whose own line was in a dossier, as she agreed."""

    CLASSES = classify(I="id recorded_at dossier member saved_units owed_units")
    SCOPE = ScopePaths(
        office="dossier__group__office_id",
        area="dossier__group__area_id",
        programme="dossier__group__programme_id",
        caseload="dossier__group__officer_id",
        person="member__person_id",
    )
    VIEW = "groups.view_member"

    dossier = models.ForeignKey(GroupDossier, models.PROTECT, related_name="lines")
    member = models.ForeignKey(Member, models.PROTECT, related_name="dossier_lines")
    saved_units = models.BigIntegerField(_("saved"))
    owed_units = models.BigIntegerField(_("owed"))

    objects: ClassVar[ScopedManager["DossierMember"]] = ScopedManager()

    class Meta:
        ordering = ("dossier", "member")
        constraints = (
            models.UniqueConstraint(fields=("dossier", "member"), name="once_in_a_dossier"),
        )

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.member_id}"
