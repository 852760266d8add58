"""Jobs: vacancies, who was proposed for one, who was placed, who is still there."""

from dataclasses import replace
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.markets.models.labels import (
    JOB_KIND,
    MATCH_STATE,
    VACANCY_STATE,
    MatchState,
    VacancyState,
    choices,
)
from handup.markets.models.products import market_paths
from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager
from handup.people.models import Person
from handup.projects.models import Organisation, Programme


class Vacancy(House):
    """Places of work an employer offers."""

    CLASSES = classify(
        I="id recorded_at programme office area employer employer_name title job_kind places"
        " permanent currency wage_units wage_per requirements opened_date closes_date state"
        " opened_by"
    )
    SCOPE = market_paths(known=False)
    VIEW = "markets.view_vacancy"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="vacancies")
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    employer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="vacancies"
    )
    employer_name = models.CharField(_("employer"), max_length=160, blank=True, default="")
    title = models.CharField(_("work"), max_length=160)
    job_kind = models.CharField(_("kind of work"), max_length=10, choices=choices(JOB_KIND))
    places = models.PositiveSmallIntegerField(_("places"), default=1)
    permanent = models.BooleanField(_("permanent"), default=False)
    currency = models.CharField(_("currency"), max_length=3)
    wage_units = models.BigIntegerField(_("wage"), null=True, blank=True)
    wage_per = models.CharField(_("for"), max_length=40, blank=True, default="")
    requirements = models.CharField(_("what is asked for"), max_length=300, blank=True, default="")
    opened_date = models.DateField(_("told on"))
    closes_date = models.DateField(_("open until"), null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=6, choices=choices(VACANCY_STATE), default=VacancyState.OPEN.value
    )
    opened_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["Vacancy"]] = ScopedManager()

    class Meta:
        ordering = ("-opened_date", "-id")
        verbose_name = _("vacancy")
        constraints = (
            models.CheckConstraint(condition=Q(places__gte=1), name="vacancy_of_a_place"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def employer_words(self) -> str:
        """Who offers it."""
        return str(self.employer) if self.employer is not None else self.employer_name


class JobMatch(House):
    """A person proposed for a vacancy, and what came of it."""

    CLASSES = classify(I="id recorded_at vacancy person matched_date matched_by state", P="reason")
    SCOPE = replace(market_paths("vacancy", known=False), person="person_id")
    VIEW = "markets.view_match"

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="matches")
    person = models.ForeignKey(Person, models.PROTECT, related_name="job_matches")
    matched_date = models.DateField(_("proposed on"))
    matched_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    state = models.CharField(
        _("state"), max_length=8, choices=choices(MATCH_STATE), default=MatchState.PROPOSED.value
    )
    reason = models.CharField(_("why not"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["JobMatch"]] = ScopedManager()

    class Meta:
        ordering = ("-matched_date", "-id")
        constraints = (
            models.UniqueConstraint(fields=("vacancy", "person"), name="proposed_once_for_a_place"),
        )

    def __str__(self) -> str:
        return f"{self.person}, {self.vacancy}"


class JobPlacement(House):
    """Somebody who began a job: since when, and until when where it ended."""

    CLASSES = classify(
        I="id recorded_at match person started_date ended_date placed_by", P="end_reason"
    )
    SCOPE = replace(market_paths("match__vacancy", known=False), person="person_id")
    VIEW = "markets.view_match"

    match = models.OneToOneField(JobMatch, models.PROTECT, related_name="placement")
    person = models.ForeignKey(Person, models.PROTECT, related_name="job_placements")
    started_date = models.DateField(_("began on"))
    ended_date = models.DateField(_("ended on"), null=True, blank=True)
    end_reason = models.CharField(_("why it ended"), max_length=300, blank=True, default="")
    placed_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["JobPlacement"]] = ScopedManager()

    class Meta:
        ordering = ("-started_date", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(ended_date=None) | Q(ended_date__gte=models.F("started_date")),
                name="job_ends_after_it_began",
            ),
        )

    def __str__(self) -> str:
        return f"{self.match}"


class JobCheck(House):
    """A look at a placement 6 or 12 months after its first day: is she still there?"""

    CLASSES = classify(
        I="id recorded_at placement month checked_date checked_by still_there other_job",
        P="remark",
    )
    SCOPE = replace(
        market_paths("placement__match__vacancy", known=False), person="placement__person_id"
    )
    VIEW = "markets.view_match"

    placement = models.ForeignKey(JobPlacement, models.PROTECT, related_name="checks")
    month = models.PositiveSmallIntegerField(_("months after the first day"))
    checked_date = models.DateField(_("looked at on"))
    checked_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    still_there = models.BooleanField(_("still there"))
    other_job = models.BooleanField(_("in another job"), default=False)
    remark = models.CharField(_("remark"), max_length=300, blank=True, default="")

    objects: ClassVar[ScopedManager["JobCheck"]] = ScopedManager()

    class Meta:
        ordering = ("placement", "month")
        constraints = (
            models.UniqueConstraint(
                fields=("placement", "month"), name="one_look_at_a_job_a_month_mark"
            ),
            models.CheckConstraint(condition=Q(month__in=(6, 12)), name="look_at_6_or_12_months"),
        )

    def __str__(self) -> str:
        return f"{self.placement} +{self.month}"


class JobTarget(House):
    """Which share of its jobs a programme aims at for one kind; the newest counts."""

    CLASSES = classify(O="id recorded_at programme job_kind share_bps", I="set_by")
    SCOPE = replace(market_paths(known=True), office="", area="")
    VIEW = "markets.view_vacancy"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="job_targets")
    job_kind = models.CharField(_("kind of work"), max_length=10, choices=choices(JOB_KIND))
    share_bps = models.PositiveIntegerField(_("share aimed at"))
    set_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")

    objects: ClassVar[ScopedManager["JobTarget"]] = ScopedManager()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                condition=Q(share_bps__lte=10_000), name="job_share_at_most_all"
            ),
        )

    def __str__(self) -> str:
        return f"{self.programme}: {self.job_kind}"
