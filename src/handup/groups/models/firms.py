"""Who votes for a firm that is a member of an association (groups_cooperatives.md K9)."""

from dataclasses import replace
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import GroupFact
from handup.groups.models.group import Member
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House
from handup.org.scope import ScopedManager, ScopePaths


class Representative(House):
    """Who speaks and votes for a firm in its association, from a day until it names somebody else.
    A member who ever named one is a firm, and without one it has no vote. Both names are sealed,
    and blank once the member is forgotten."""

    CLASSES = classify(I="id recorded_at member from_date to_date fact", P="firm name")
    SCOPE = replace(
        ScopePaths(
            office="member__group__office_id",
            area="member__group__area_id",
            programme="member__group__programme_id",
            caseload="member__group__officer_id",
        ),
        person="member__person_id",
    )
    VIEW = "groups.view_member"

    member = models.ForeignKey(Member, models.PROTECT, related_name="representatives")
    firm = EncryptedTextField(_("firm"), blank=True)
    name = EncryptedTextField(_("votes for the firm"), blank=True)
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("until"), null=True, blank=True)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Representative"]] = ScopedManager()

    class Meta:
        ordering = ("member", "-from_date", "-recorded_at")
        constraints = (
            models.UniqueConstraint(
                fields=("member",),
                condition=models.Q(to_date=None),
                name="one_representative_a_firm",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.from_date}"
