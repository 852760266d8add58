"""Elections of several for several seats, and the delegates a group of members sends upwards
(groups_cooperatives.md K5)."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.facts import GROUP_SCOPE, GroupFact
from handup.groups.models.group import Group, Member, OfficeTerm
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths, hidden_from


def _of_the_hidden(path: str) -> Callable[[StaffUser], Q]:
    """Elections in which somebody stands or counted whom a reader may not know of: the votes of the
    others would tell hers. They are kept from her whole."""

    def withheld(staff: StaffUser) -> Q:
        hidden = hidden_from(staff)
        if not hidden:
            return Q(**{f"{path}__in": ()})
        stands = Candidate._base_manager.filter(member__person__in=hidden)
        counted = BallotCount._base_manager.filter(
            Q(first_counter__person__in=hidden) | Q(second_counter__person__in=hidden)
        )
        return Q(**{f"{path}__in": stands.values("election")}) | Q(
            **{f"{path}__in": counted.values("election")}
        )

    return withheld


class ElectionState(models.TextChoices):
    """How far an election is."""

    OPEN = "OPEN", _("open")
    SECOND_ROUND = "SECOND_ROUND", _("tied: a second round")
    LOT = "LOT", _("tied again: the lot decides")
    DECIDED = "DECIDED", _("decided")
    CANCELLED = "CANCELLED", _("cancelled")


class Election(House):
    """Several members stand for one or more seats. `seats`: the names of the seats, in the order in
    which those with most votes take them."""

    CLASSES = classify(I="id recorded_at group seats called_date state decided_date fact")
    SCOPE = replace(GROUP_SCOPE, withheld=_of_the_hidden("pk"))
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="elections")
    seats = models.JSONField(_("seats"))
    called_date = models.DateField(_("called on"))
    state = models.CharField(
        _("state"), max_length=12, choices=ElectionState.choices, default=ElectionState.OPEN
    )
    decided_date = models.DateField(_("decided on"), null=True, blank=True)
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Election"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-called_date", "-recorded_at")

    def __str__(self) -> str:
        return f"{self.group} {self.called_date}"


class Candidate(House):
    """A member who stands, with her votes of each round; `rank` is her place among those elected,
    from 1, `by_lot` whether the lot gave it to her."""

    CLASSES = classify(I="id recorded_at election member votes_first votes_second rank by_lot term")
    SCOPE = ScopePaths(
        office="election__group__office_id",
        area="election__group__area_id",
        programme="election__group__programme_id",
        caseload="election__group__officer_id",
        person="member__person_id",
    )
    VIEW = "groups.view_member"

    election = models.ForeignKey(Election, models.PROTECT, related_name="candidates")
    member = models.ForeignKey(Member, models.PROTECT, related_name="candidacies")
    votes_first = models.PositiveIntegerField(_("votes"), null=True, blank=True)
    votes_second = models.PositiveIntegerField(
        _("votes of the second round"), null=True, blank=True
    )
    rank = models.PositiveSmallIntegerField(_("place"), null=True, blank=True)
    by_lot = models.BooleanField(_("by lot"), default=False)
    term = models.OneToOneField(OfficeTerm, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[ScopedManager["Candidate"]] = ScopedManager()

    class Meta:
        ordering = ("election", F("rank").asc(nulls_last=True), "member__member_no")
        constraints = (
            models.UniqueConstraint(fields=("election", "member"), name="stands_once"),
            models.UniqueConstraint(
                fields=("election", "rank"), condition=Q(rank__isnull=False), name="one_a_place"
            ),
        )

    def __str__(self) -> str:
        return str(self.member)


def ranked(election: Election) -> "models.QuerySet[Candidate]":
    """Who stands, those elected first, the others by their numbers."""
    rows = Candidate.objects.filter(election=election)
    return rows.order_by(F("rank").asc(nulls_last=True), "member__member_no")


class BallotCount(House):
    """The agreed count of one round: how many had a vote, the ballots, the spoiled ones, and who
    counted. Append-only."""

    CLASSES = classify(
        I="id recorded_at election round counted_date registered ballots spoiled first_counter"
        " second_counter fact"
    )
    SCOPE = replace(Candidate.SCOPE, person="", withheld=_of_the_hidden("election"))
    VIEW = "groups.view_member"

    election = models.ForeignKey(Election, models.PROTECT, related_name="counts")
    round = models.PositiveSmallIntegerField(_("round"))
    counted_date = models.DateField(_("counted on"))
    registered = models.PositiveIntegerField(_("votes there are"))
    ballots = models.PositiveIntegerField(_("ballots"))
    spoiled = models.PositiveIntegerField(_("spoiled"))
    first_counter = models.ForeignKey(Member, models.PROTECT, related_name="+")
    second_counter = models.ForeignKey(Member, models.PROTECT, related_name="+")
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["BallotCount"]] = ScopedManager()

    class Meta:
        ordering = ("election", "round")
        constraints = (
            models.UniqueConstraint(fields=("election", "round"), name="one_count_a_round"),
            models.CheckConstraint(
                condition=Q(spoiled__lte=F("ballots"), ballots__lte=F("registered")),
                name="ballots_of_those_with_a_vote",
            ),
            models.CheckConstraint(
                condition=~Q(first_counter=F("second_counter")), name="two_count_the_ballots"
            ),
        )

    def __str__(self) -> str:
        return f"{self.election_id} {self.round}"


class Delegate(House):
    """A member of a group who speaks and votes for it in the tier above for a time. `sender`: the
    membership of her group there."""

    CLASSES = classify(I="id recorded_at group sender member from_date until_date to_date fact")
    SCOPE = replace(GROUP_SCOPE, person="member__person_id")
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="delegates")
    sender = models.ForeignKey(Member, models.PROTECT, related_name="delegates")
    member = models.ForeignKey(Member, models.PROTECT, related_name="delegations")
    from_date = models.DateField(_("from"))
    until_date = models.DateField(_("elected until"))
    to_date = models.DateField(_("ended on"), null=True, blank=True)
    fact = models.ForeignKey(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Delegate"]] = ScopedManager()

    class Meta:
        ordering = ("group", "sender", "-from_date", "member__member_no")
        constraints = (
            models.UniqueConstraint(
                fields=("sender", "member"),
                condition=Q(to_date=None),
                name="delegate_once_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return str(self.member)
