"""Wealth rankings: the neighbours of a village lay its households in piles, the first best off, the
last poorest (people.md 4.4).
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.households import Household
from handup.people.models.labels import RANKING_STATE, choices
from handup.people.rules.agreement import LEAST_PILES, MOST_PILES
from handup.people.rules.codes import RankingState
from handup.people.rules.ranking import RERANK_ABOVE
from handup.projects.models import Programme


class WealthRanking(House):
    """The ranking of one village for a programme: several groups of neighbours lay its households,
    each without the others.

    round: how often households are laid; from the second on those alone that are not ranked yet.
    rerank_above: how far apart rankings may lie, 0 to 100, as it was chosen when this one began.
    """

    CLASSES = classify(
        I="id recorded_at programme area office title state round rerank_above begun_date"
        " closed_date started_by"
    )
    SCOPE = ScopePaths(
        office="office_id", area="area_id", programme="programme_id", caseload="started_by_id"
    )
    VIEW = "people.view_ranking"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name=_("settlement"))
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    state = models.CharField(
        _("state"),
        max_length=6,
        choices=choices(RANKING_STATE),
        default=RankingState.OPEN.value,
    )
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    rerank_above = models.PositiveSmallIntegerField(
        _("laid again above a spread of"), default=RERANK_ABOVE
    )
    begun_date = models.DateField(_("begun on"))
    closed_date = models.DateField(_("ended on"), null=True, blank=True)
    started_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["WealthRanking"]] = ScopedManager()

    class Meta:
        ordering = ("-begun_date", "-id")
        verbose_name = _("wealth ranking")

    def __str__(self) -> str:
        return self.title


class RankingMeeting(House):
    """One group of neighbours at its meeting: who they are as a group, how many sat there, how many
    piles they made.
    """

    CLASSES = classify(
        I="id recorded_at ranking round group raters piles held_date recorded_by",
    )
    SCOPE = ScopePaths(
        office="ranking__office_id",
        area="ranking__area_id",
        programme="ranking__programme_id",
        caseload="ranking__started_by_id",
    )
    VIEW = "people.view_ranking"

    ranking = models.ForeignKey(WealthRanking, models.PROTECT, related_name="meetings")
    round = models.PositiveSmallIntegerField(_("round"))
    group = models.CharField(_("group"), max_length=80)
    raters = models.PositiveSmallIntegerField(_("how many sat there"))
    piles = models.PositiveSmallIntegerField(_("piles"))
    held_date = models.DateField(_("held on"))
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["RankingMeeting"]] = ScopedManager()

    class Meta:
        ordering = ("round", "held_date", "id")
        verbose_name = _("meeting of a wealth ranking")
        constraints = (
            models.UniqueConstraint(
                fields=("ranking", "round", "group"), name="one_ranking_of_a_group_a_round"
            ),
            models.CheckConstraint(
                condition=models.Q(piles__gte=LEAST_PILES, piles__lte=MOST_PILES),
                name="ranking_has_piles",
            ),
        )

    def __str__(self) -> str:
        return self.group


class RankedPile(House):
    """The pile a group laid a household in; 1 is best off, the highest poorest."""

    CLASSES = classify(I="id recorded_at meeting household", P="pile")
    SCOPE = ScopePaths(
        office="household__office_id",
        area="household__area_id",
        programme="household__programme_id",
        caseload="household__case_officer_id",
        shared=("household__memberships__person_id",),
    )
    VIEW = "people.view_ranking"

    meeting = models.ForeignKey(RankingMeeting, models.PROTECT, related_name="laid")
    household = models.ForeignKey(Household, models.PROTECT, related_name="piles")
    pile = models.PositiveSmallIntegerField(_("pile"))

    objects: ClassVar[ScopedManager["RankedPile"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("meeting", "household__code")
        verbose_name = _("pile of a household")
        constraints = (
            models.UniqueConstraint(
                fields=("meeting", "household"), name="one_pile_of_a_household_a_meeting"
            ),
            models.CheckConstraint(condition=models.Q(pile__gte=1), name="piles_begin_at_one"),
        )

    def __str__(self) -> str:
        return f"{self.household} {self.pile}"
