"""Whom a group pays when a member dies: her next of kin, as she named them (groups.md G6)."""

from dataclasses import replace
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.groups.models.group import Member
from handup.org.classes import classify
from handup.org.encryption import EncryptedTextField
from handup.org.models import House
from handup.org.scope import ScopedManager, ScopePaths


class KinRelation(models.TextChoices):
    """What the next of kin is to the member."""

    SPOUSE = "SPOUSE", _("husband or wife")
    CHILD = "CHILD", _("son or daughter")
    PARENT = "PARENT", _("mother or father")
    SIBLING = "SIBLING", _("brother or sister")
    OTHER = "OTHER", _("somebody else")


class NextOfKin(House):
    """Who gets what is hers when a member dies, from the day she said so until she names another;
    name and telephone are sealed, and blank once she is forgotten."""

    CLASSES = classify(
        I="id recorded_at member named_date ended_date", P="relation", S="name phone"
    )
    SCOPE = replace(
        ScopePaths(
            office="member__group__office_id",
            area="member__group__area_id",
            programme="member__group__programme_id",
            caseload="member__group__officer_id",
        ),
        person="member__person_id",
    )
    VIEW = "groups.view_kin"

    member = models.ForeignKey(Member, models.PROTECT, related_name="kin")
    name = EncryptedTextField(_("name"), blank=True)
    relation = models.CharField(
        _("what she or he is to her"), max_length=7, choices=KinRelation.choices, blank=True
    )
    phone = EncryptedTextField(_("telephone"), blank=True, default="")
    named_date = models.DateField(_("named on"))
    ended_date = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["NextOfKin"]] = ScopedManager()

    class Meta:
        ordering = ("member", "-named_date", "-recorded_at")
        constraints = (
            models.UniqueConstraint(
                fields=("member",),
                condition=models.Q(ended_date=None),
                name="one_next_of_kin_a_member",
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.named_date}"
