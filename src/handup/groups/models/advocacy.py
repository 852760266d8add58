"""Issues of policy that a group stands behind by its vote (groups_cooperatives.md K10)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import GROUP_SCOPE, GroupFact, Resolution
from handup.groups.models.group import Group
from handup.markets.models import PolicyIssue
from handup.org.classes import classify
from handup.org.models import House
from handup.org.scope import ScopedManager


class GroupIssue(House):
    """A group stands behind an issue: what it asks for, and by which vote."""

    CLASSES = classify(
        I="id recorded_at group issue position since_date resolution fact is_reversed"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="issues")
    issue = models.ForeignKey(PolicyIssue, models.PROTECT, related_name="groups_behind")
    position = models.CharField(_("what the group asks for"), max_length=300)
    since_date = models.DateField(_("since"))
    resolution = models.OneToOneField(Resolution, models.PROTECT, related_name="+")
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["GroupIssue"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-since_date")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "issue"),
                condition=models.Q(is_reversed=False),
                name="group_behind_issue_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.issue_id}"
