"""Public and private side together: linkages with their commitments, policy issues with their
moves, and what associations are helped with.
"""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.markets.models.labels import (
    CLAIM,
    ISSUE_STATE,
    POLICY_STAGE,
    SUPPORT_KIND,
    Claim,
    IssueState,
    choices,
)
from handup.markets.models.products import market_paths
from handup.markets.rules.policy import PolicyStage
from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager
from handup.projects.models import Document, Organisation, Programme

STAGES = [(stage.value, word) for stage, word in POLICY_STAGE.items()]


class Linkage(House):
    """A public and a private body that agreed to do something together."""

    CLASSES = classify(
        O="id recorded_at programme office area title public_party private_party document"
        " started_date ended_date"
    )
    SCOPE = market_paths()
    VIEW = "markets.view_linkage"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="linkages")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(_("title"), max_length=200)
    public_party = models.ForeignKey(Organisation, models.PROTECT, related_name="public_linkages")
    private_party = models.ForeignKey(Organisation, models.PROTECT, related_name="private_linkages")
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="linkages"
    )
    started_date = models.DateField(_("agreed on"))
    ended_date = models.DateField(_("ended on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Linkage"]] = ScopedManager()

    class Meta:
        ordering = ("-started_date", "-id")
        verbose_name = _("linkage")

    def __str__(self) -> str:
        return self.title


class Commitment(House):
    """What one side of a linkage said it would do, by when; what came of it."""

    CLASSES = classify(
        O="id recorded_at linkage party what due_date done_date result", I="recorded_by"
    )
    SCOPE = market_paths("linkage")
    VIEW = "markets.view_linkage"

    linkage = models.ForeignKey(Linkage, models.PROTECT, related_name="commitments")
    party = models.ForeignKey(Organisation, models.PROTECT, related_name="commitments")
    what = models.CharField(_("what was promised"), max_length=300)
    due_date = models.DateField(_("by"))
    done_date = models.DateField(_("done on"), null=True, blank=True)
    result = models.CharField(_("what came of it"), max_length=300, blank=True, default="")
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Commitment"]] = ScopedManager()

    class Meta:
        ordering = ("linkage", "due_date", "id")

    def __str__(self) -> str:
        return self.what

    def is_late(self, on: date) -> bool:
        """Whether it was not done by its day."""
        return (self.done_date or on) > self.due_date


class PolicyIssue(House):
    """A rule that holds enterprises back: what is asked of whom, and how far that came."""

    CLASSES = classify(
        O="id recorded_at programme office area title ask target stage state claim claim_argument"
        " association",
        I="owner",
    )
    SCOPE = market_paths()
    VIEW = "markets.view_policy"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="policy_issues")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    title = models.CharField(_("the issue"), max_length=200)
    ask = models.TextField(_("what is asked"))
    target = models.CharField(_("of whom"), max_length=200)
    stage = models.PositiveSmallIntegerField(
        _("stage"), choices=STAGES, default=PolicyStage.IDENTIFIED.value
    )
    state = models.CharField(
        _("state"), max_length=6, choices=choices(ISSUE_STATE), default=IssueState.ACTIVE.value
    )
    claim = models.CharField(
        _("part the programme had"), max_length=19, choices=choices(CLAIM), default=Claim.NONE.value
    )
    claim_argument = models.TextField(_("why that can be said"), blank=True, default="")
    association = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="policy_issues"
    )
    owner = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["PolicyIssue"]] = ScopedManager()

    class Meta:
        ordering = ("-stage", "title")
        verbose_name = _("policy issue")
        constraints = (
            models.CheckConstraint(
                condition=Q(stage__gte=1, stage__lte=7), name="policy_stage_of_seven"
            ),
        )

    def __str__(self) -> str:
        return self.title


class PolicyEvent(House):
    """Something that happened to an issue on a day: a move, or only a note. Append-only."""

    CLASSES = classify(
        O="id recorded_at issue event_date before after note document official", I="recorded_by"
    )
    SCOPE = market_paths("issue")
    VIEW = "markets.view_policy"

    issue = models.ForeignKey(PolicyIssue, models.PROTECT, related_name="events")
    event_date = models.DateField(_("day"))
    before = models.PositiveSmallIntegerField(_("from stage"), choices=STAGES)
    after = models.PositiveSmallIntegerField(_("to stage"), choices=STAGES)
    note = models.CharField(_("what happened"), max_length=300)
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="policy_events"
    )
    official = models.BooleanField(_("official source"), default=False)
    recorded_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["PolicyEvent"]] = ScopedManager()

    class Meta:
        ordering = ("issue", "event_date", "id")

    def __str__(self) -> str:
        return f"{self.issue} {self.event_date}"


class AssociationSupport(House):
    """What an association was helped with on a day, and what came of it."""

    CLASSES = classify(
        O="id recorded_at programme office area association kind support_date what people women"
        " result",
        I="given_by",
    )
    SCOPE = market_paths()
    VIEW = "markets.view_support"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="association_support")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    association = models.ForeignKey(Organisation, models.PROTECT, related_name="support")
    kind = models.CharField(_("kind of help"), max_length=12, choices=choices(SUPPORT_KIND))
    support_date = models.DateField(_("day"))
    what = models.CharField(_("what was done"), max_length=300)
    people = models.PositiveIntegerField(_("people there"), null=True, blank=True)
    women = models.PositiveIntegerField(_("women among them"), null=True, blank=True)
    result = models.CharField(_("what came of it"), max_length=300, blank=True, default="")
    given_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["AssociationSupport"]] = ScopedManager()

    class Meta:
        ordering = ("-support_date", "-id")
        verbose_name = _("help to an association")

    def __str__(self) -> str:
        return f"{self.association} {self.support_date}"
