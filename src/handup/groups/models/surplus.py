"""The year of a cooperative: what its members used of it, and how its surplus was divided."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from handup.groups.models.collection import Producer
from handup.groups.models.dues import OF_MEMBER
from handup.groups.models.facts import GROUP_SCOPE, GroupFact, Resolution
from handup.groups.models.group import Group, Member
from handup.groups.models.shares import Statutes
from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths


class MemberUse(House):
    """A member's business with her cooperative on one line of service in one year, in the unit of
    that line: litres, bags, hours."""

    CLASSES = classify(I="id recorded_at group member year line quantity fact")
    SCOPE = OF_MEMBER
    VIEW = "groups.view_member"

    group = models.ForeignKey(Group, models.PROTECT, related_name="uses")
    member = models.ForeignKey(Member, models.PROTECT, related_name="uses")
    year = models.PositiveSmallIntegerField(_("year"))
    line = models.CharField(_("line of service"), max_length=40)
    quantity = models.PositiveBigIntegerField(_("used"))
    fact = models.ForeignKey(GroupFact, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["MemberUse"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-year", "line", "member")
        constraints = (
            models.UniqueConstraint(
                fields=("member", "year", "line"), name="one_use_a_member_year_and_line"
            ),
        )

    def __str__(self) -> str:
        return f"{self.member_id} {self.line} {self.year}"


class SurplusYear(House):
    """How the surplus of a year was divided by a vote: funds, dividend on shares, refund by use;
    the parts sum to the whole."""

    CLASSES = classify(
        I="id recorded_at group year net_units reserve_units education_units dividend_units"
        " refund_units non_member_units statutes resolution fact is_reversed"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="surplus_years")
    year = models.PositiveSmallIntegerField(_("year"))
    net_units = models.BigIntegerField(_("surplus"))
    reserve_units = models.BigIntegerField(_("to the reserve"))
    education_units = models.BigIntegerField(_("to education"))
    dividend_units = models.BigIntegerField(_("dividend on shares"))
    refund_units = models.BigIntegerField(_("refund by use"))
    non_member_units = models.BigIntegerField(_("from others than members"), default=0)
    statutes = models.ForeignKey(Statutes, models.PROTECT, related_name="+")
    resolution = models.ForeignKey(Resolution, models.PROTECT, related_name="+")
    fact = models.OneToOneField(GroupFact, models.PROTECT, related_name="+")
    is_reversed = models.BooleanField(_("taken back"), default=False)

    objects: ClassVar[ScopedManager["SurplusYear"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-year")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "year"),
                condition=Q(is_reversed=False),
                name="a_surplus_is_divided_once",
            ),
            models.CheckConstraint(
                condition=Q(
                    net_units=F("reserve_units")
                    + F("education_units")
                    + F("dividend_units")
                    + F("refund_units")
                    + F("non_member_units")
                ),
                name="the_parts_of_a_surplus_are_the_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.year}"


class DraftState(models.TextChoices):
    """How far the surplus of a year has come, before it is posted and after."""

    DRAFT = "DRAFT", _("drawn up")
    VOTED = "VOTED", _("voted by the assembly")
    POSTED = "POSTED", _("posted")
    DROPPED = "DROPPED", _("dropped")


class SurplusDraft(House):
    """The surplus of a year as it was drawn up for the assembly: its parts, and in `lines` what
    each member gets. The assembly votes on it as it is, and it is posted as it was voted.

    lines: one object a member with member, refund, to_shares, cash, dividend, tax in smallest
    units; gathered: one with producer and units for each who is no member. year_posted: the divided
    year it became.
    """

    CLASSES = classify(
        I="id recorded_at group year net_units reserve_units education_units dividend_units"
        " refund_units non_member_units by_line lines gathered state drawn_by resolution"
        " year_posted"
    )
    SCOPE = GROUP_SCOPE
    VIEW = "groups.view_group"

    group = models.ForeignKey(Group, models.PROTECT, related_name="surplus_drafts")
    year = models.PositiveSmallIntegerField(_("year"))
    net_units = models.BigIntegerField(_("surplus"))
    reserve_units = models.BigIntegerField(_("to the reserve"))
    education_units = models.BigIntegerField(_("to education"))
    dividend_units = models.BigIntegerField(_("dividend on shares"))
    refund_units = models.BigIntegerField(_("refund by use"))
    non_member_units = models.BigIntegerField(_("from others than members"), default=0)
    by_line = models.JSONField(default=dict)
    lines = models.JSONField(default=list)
    gathered = models.JSONField(default=list)
    state = models.CharField(
        _("state"), max_length=7, choices=DraftState.choices, default=DraftState.DRAFT
    )
    drawn_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("drawn up by")
    )
    resolution = models.ForeignKey(
        Resolution, models.PROTECT, null=True, blank=True, related_name="+"
    )
    year_posted = models.OneToOneField(
        SurplusYear, models.PROTECT, null=True, blank=True, related_name="draft"
    )

    objects: ClassVar[ScopedManager["SurplusDraft"]] = ScopedManager()

    class Meta:
        ordering = ("group", "-year", "-recorded_at")
        constraints = (
            models.UniqueConstraint(
                fields=("group", "year"),
                condition=Q(state__in=("DRAFT", "VOTED")),
                name="one_draft_of_a_surplus",
            ),
        )

    def __str__(self) -> str:
        return f"{self.group} {self.year}"


class SurplusLine(House):
    """What one member gets of a year's surplus: her refund, part of it for shares not yet paid, in
    cash or kept in her name, and her dividend after tax."""

    CLASSES = classify(
        I="id recorded_at year member refund_units to_shares_units cash_units kept_units"
        " dividend_units tax_units paid_date paid_fact"
    )
    SCOPE = ScopePaths(
        office="year__group__office_id",
        area="year__group__area_id",
        programme="year__group__programme_id",
        caseload="year__group__officer_id",
        person="member__person_id",
    )
    VIEW = "groups.view_member"

    year = models.ForeignKey(SurplusYear, models.PROTECT, related_name="lines")
    member = models.ForeignKey(Member, models.PROTECT, related_name="surplus_lines")
    refund_units = models.BigIntegerField(_("refund"))
    to_shares_units = models.BigIntegerField(_("for shares not yet paid"))
    cash_units = models.BigIntegerField(_("refund in cash"))
    kept_units = models.BigIntegerField(_("kept in her name"))
    dividend_units = models.BigIntegerField(_("dividend"))
    tax_units = models.BigIntegerField(_("tax"))
    paid_date = models.DateField(_("paid out on"), null=True, blank=True)
    paid_fact = models.OneToOneField(
        GroupFact, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["SurplusLine"]] = ScopedManager()

    class Meta:
        ordering = ("year", "member")
        constraints = (
            models.UniqueConstraint(fields=("year", "member"), name="one_surplus_line_a_member"),
            models.CheckConstraint(
                condition=Q(refund_units=F("to_shares_units") + F("cash_units") + F("kept_units")),
                name="a_refund_is_its_parts",
            ),
        )

    def __str__(self) -> str:
        return f"{self.year_id} {self.member_id}"

    @property
    def due_units(self) -> int:
        """What is paid out to her: refund in cash and dividend after tax."""
        return self.cash_units + self.dividend_units - self.tax_units


class GatheredState(models.TextChoices):
    """What became of a refund that gathers for somebody who is no member."""

    HELD = "HELD", _("gathers")
    SHARES = "SHARES", _("paid for her shares")
    GIVEN_UP = "GIVEN_UP", _("given up")


class GatheredRefund(House):
    """What somebody who is no member got of a year's surplus by what she delivered; it gathers in
    her name until she may join (groups_cooperatives.md K3)."""

    CLASSES = classify(I="id recorded_at year producer units state settled_date settled_fact")
    SCOPE = ScopePaths(
        office="year__group__office_id",
        area="year__group__area_id",
        programme="year__group__programme_id",
        caseload="year__group__officer_id",
        person="producer__person_id",
    )
    VIEW = "groups.view_member"

    year = models.ForeignKey(SurplusYear, models.PROTECT, related_name="gathered")
    producer = models.ForeignKey(Producer, models.PROTECT, related_name="gathered")
    units = models.BigIntegerField(_("refund"))
    state = models.CharField(
        _("state"), max_length=8, choices=GatheredState.choices, default=GatheredState.HELD
    )
    settled_date = models.DateField(_("settled on"), null=True, blank=True)
    settled_fact = models.ForeignKey(
        GroupFact, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects: ClassVar[ScopedManager["GatheredRefund"]] = ScopedManager()

    class Meta:
        ordering = ("year", "producer__number")
        constraints = (
            models.UniqueConstraint(fields=("year", "producer"), name="one_gathered_a_producer"),
            models.CheckConstraint(condition=Q(units__gt=0), name="a_gathered_refund_is_something"),
        )

    def __str__(self) -> str:
        return f"{self.year_id} {self.producer_id}"
