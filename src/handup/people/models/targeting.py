"""Proxy means tests, targeting runs and their validation samples; what is frozen never changes
(people.md 4.4, 4.6).
"""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.encryption import EncryptedJSONField
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.households import Household
from handup.people.models.labels import CARD_STATUS, PARTICIPATION, RUN_KIND, choices
from handup.people.models.participation import EligibilityRule, Participation
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths
from handup.people.models.scorecards import Scorecard
from handup.projects.models import Programme


class ProxyMeansTest(House):
    """One version of a proxy means test as data: coefficients, and a poverty line per area."""

    CLASSES = classify(O="id recorded_at code version title content published_date published_by")
    VIEW = "people.view_scorecard"

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=200)
    content = models.JSONField(_("proxy means test"))
    published_date = models.DateField(_("valid from"))
    published_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["ProxyMeansTest"]] = ScopedManager()

    class Meta:
        ordering = ("code", "version")
        constraints = (
            models.UniqueConstraint(fields=("code", "version"), name="one_test_per_version"),
        )

    def __str__(self) -> str:
        return f"{self.title} v{self.version}"


class MeansScore(House):
    """What a proxy means test predicted for the household of the person who answered.

    `facts` holds what was told of household and members, `result` the contribution of each term.
    """

    CLASSES = classify(
        I="id recorded_at test person household scored_date scored_by status predicted_units"
        " targeted",
        P="facts result",
    )
    SCOPE = person_paths("person")
    VIEW = "people.view_assessment"

    test = models.ForeignKey(ProxyMeansTest, models.PROTECT, related_name="scores")
    person = models.ForeignKey(Person, models.PROTECT, related_name="means_scores")
    household = models.ForeignKey(Household, models.PROTECT, related_name="means_scores")
    scored_date = models.DateField(_("asked on"))
    status = models.CharField(_("result"), max_length=10, choices=choices(CARD_STATUS))
    predicted_units = models.BigIntegerField(_("predicted"), null=True, blank=True)
    targeted = models.BooleanField(_("at or below the line"), null=True, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    result = models.JSONField(_("how it came about"), default=dict)
    scored_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["MeansScore"]] = ScopedManager()

    class Meta:
        ordering = ("scored_date", "id")

    def __str__(self) -> str:
        return str(self.test)


class TargetingRun(House):
    """One frozen run: which versions, which cut-off, as of which day; its rows are the population.

    A person without a score is in it too: not targeted, and named as such.
    """

    CLASSES = classify(
        O="kind scorecard test rule cutoff",
        I="id recorded_at programme title run_date run_by",
    )
    SCOPE = ScopePaths(programme="programme_id", caseload="run_by_id")
    VIEW = "people.view_targeting"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="targeting_runs")
    title = models.CharField(_("title"), max_length=200)
    run_date = models.DateField(_("as of"))
    kind = models.CharField(_("scored by"), max_length=6, choices=choices(RUN_KIND))
    scorecard = models.ForeignKey(
        Scorecard, models.PROTECT, null=True, blank=True, related_name="runs"
    )
    test = models.ForeignKey(
        ProxyMeansTest, models.PROTECT, null=True, blank=True, related_name="runs"
    )
    rule = models.ForeignKey(
        EligibilityRule, models.PROTECT, null=True, blank=True, related_name="runs"
    )
    cutoff = models.PositiveIntegerField(_("cut-off"), null=True, blank=True)
    run_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["TargetingRun"]] = ScopedManager()

    class Meta:
        ordering = ("-run_date", "-id")

    def __str__(self) -> str:
        return self.title


class TargetingRow(House):
    """One person of a run as she stood: state, score, priority, place, whether she is taken.

    `groups` (sex, status, great difficulty) is for comparing how well groups are reached; sealed.
    """

    CLASSES = classify(
        I="id recorded_at run person participation state applied_date score targeted priority_ppm"
        " rank source",
        S="groups",
    )
    SCOPE = ScopePaths(
        office="participation__office_id",
        area="participation__person__area_id",
        programme="participation__programme_id",
        caseload="participation__case_officer_id",
        person="person_id",
    )
    VIEW = "people.view_targeting"

    run = models.ForeignKey(TargetingRun, models.PROTECT, related_name="rows")
    person = models.ForeignKey(Person, models.PROTECT, related_name="targeting_rows")
    participation = models.ForeignKey(Participation, models.PROTECT, related_name="targeting_rows")
    state = models.CharField(_("state"), max_length=17, choices=choices(PARTICIPATION))
    applied_date = models.DateField(_("applied on"))
    score = models.BigIntegerField(_("score"), null=True, blank=True)
    targeted = models.BooleanField(_("taken"), null=True, blank=True)
    priority_ppm = models.PositiveIntegerField(_("priority"), null=True, blank=True)
    rank = models.PositiveIntegerField(_("place"))
    source = models.UUIDField(_("scored by"), null=True, blank=True)
    groups = EncryptedJSONField(_("groups compared"))

    objects: ClassVar[ScopedManager["TargetingRow"]] = ScopedManager()

    class Meta:
        ordering = ("rank",)
        constraints = (
            models.UniqueConstraint(fields=("run", "person"), name="one_row_per_person_and_run"),
            models.UniqueConstraint(fields=("run", "rank"), name="one_person_per_place"),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.rank}"


class SampleVisit(House):
    """What a visit of the validation sample found: poor or not, with the weight of the household.

    Visited again, the later finding counts; the earlier one stays.
    """

    CLASSES = classify(I="id recorded_at row visited_date weight_milli visited_by", P="poor")
    SCOPE = ScopePaths(
        office="row__participation__office_id",
        area="row__participation__person__area_id",
        programme="row__participation__programme_id",
        caseload="row__participation__case_officer_id",
        person="row__person_id",
    )
    VIEW = "people.view_targeting"

    row = models.ForeignKey(TargetingRow, models.PROTECT, related_name="visits")
    visited_date = models.DateField(_("visited on"))
    poor = models.BooleanField(_("poor"))
    weight_milli = models.PositiveIntegerField(_("weight"), default=1000)
    visited_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["SampleVisit"]] = ScopedManager()

    class Meta:
        ordering = ("visited_date", "id")

    def __str__(self) -> str:
        return f"{self.row} {self.visited_date}"
