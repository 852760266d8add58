"""Programmes and their phases, where they work and what they are related to."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import Area, House, StaffUser
from handup.org.rules.access import GrantFact, ScopeKind
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models.labels import (
    PHASE_STATUS,
    PRECISION,
    REACH,
    RELATION,
    choices,
)
from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.states import PhaseStatus


def works_inside(grant: GrantFact, staff: StaffUser) -> Q | None:
    """Know a programme from an office, area or caseload: who works inside reads it, no more."""
    if grant.scope in {ScopeKind.PROJECT, ScopeKind.ALL} or grant.organisation_id is not None:
        return None
    return Q(pk__isnull=False)


def open_to_readers(grant: GrantFact, staff: StaffUser) -> Q:
    """Know a programme's papers from every grant that reads them; they are written from its own."""
    return Q(pk__isnull=False)


class Programme(House):
    """One programme of funded work; its phases carry dates and status."""

    CLASSES = classify(
        O="id recorded_at code title objectives sector currency default_language external_ids terms"
        " summary"
    )
    SCOPE = ScopePaths(programme="id", known=works_inside)
    VIEW = "projects.view_programme"

    code = models.CharField(_("code"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=200)
    summary = models.TextField(_("in one paragraph"), blank=True, default="")
    objectives = models.TextField(_("objectives"), blank=True, default="")
    sector = models.CharField(_("sector"), max_length=120, blank=True, default="")
    terms = models.CharField(_("terms of financing"), max_length=200, blank=True, default="")
    currency = models.CharField(_("currency"), max_length=3)
    default_language = models.CharField(_("language"), max_length=10, default="en")
    external_ids = models.JSONField(_("ids given by others"), default=dict, blank=True)

    objects: ClassVar[ScopedManager["Programme"]] = ScopedManager()

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return self.title


class Phase(House):
    """One phase of a programme: status, approval, start and end as exactly as they are known."""

    CLASSES = classify(
        O="id recorded_at programme code title status approval_date start_date"
        " start_precision end_date"
        " end_precision external_ids remark"
    )
    SCOPE = ScopePaths(programme="programme_id", known=open_to_readers)
    VIEW = "projects.view_programme"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="phases")
    code = models.CharField(_("code"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=choices(PHASE_STATUS),
        default=PhaseStatus.PIPELINE.value,
    )
    approval_date = models.DateField(_("approved on"), null=True, blank=True)
    start_date = models.DateField(_("start"), null=True, blank=True)
    start_precision = models.CharField(
        _("start known to the"), max_length=5, choices=choices(PRECISION), default="DAY"
    )
    end_date = models.DateField(_("end"), null=True, blank=True)
    end_precision = models.CharField(
        _("end known to the"), max_length=5, choices=choices(PRECISION), default="DAY"
    )
    external_ids = models.JSONField(_("ids given by others"), default=dict, blank=True)
    remark = models.TextField(_("remark"), blank=True, default="")

    objects: ClassVar[ScopedManager["Phase"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "code"), name="one_phase_per_code_in_a_programme"
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def start(self) -> RoughDate | None:
        """The start with its precision."""
        return (
            RoughDate(self.start_date, Precision(self.start_precision)) if self.start_date else None
        )

    @property
    def end(self) -> RoughDate | None:
        """The end with its precision."""
        return RoughDate(self.end_date, Precision(self.end_precision)) if self.end_date else None


class RelatedProgramme(House):
    """What one programme is to another, which may be known here only by its name ("see also")."""

    CLASSES = classify(O="id recorded_at programme relation other other_title remark")
    VIEW = "projects.view_programme"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="related")
    relation = models.CharField(_("relation"), max_length=10, choices=choices(RELATION))
    other = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="related_from"
    )
    other_title = models.CharField(_("title"), max_length=200, blank=True, default="")
    remark = models.TextField(_("remark"), blank=True, default="")

    objects: ClassVar[ScopedManager["RelatedProgramme"]] = ScopedManager()

    def __str__(self) -> str:
        return self.other.title if self.other else self.other_title


class AreaLink(House):
    """A programme or phase works in an area, or serves people of it, from and to known days."""

    CLASSES = classify(O="id recorded_at programme phase area reach from_date to_date")
    VIEW = "projects.view_programme"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="area_links")
    phase = models.ForeignKey(
        Phase, models.PROTECT, null=True, blank=True, related_name="area_links"
    )
    area = models.ForeignKey(Area, models.PROTECT, related_name="programme_links")
    reach = models.CharField(_("reach"), max_length=12, choices=choices(REACH))
    from_date = models.DateField(_("from"), null=True, blank=True)
    to_date = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["AreaLink"]] = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("phase", "area", "reach"), name="one_link_per_phase_area_and_reach"
            ),
            models.UniqueConstraint(
                fields=("programme", "area", "reach"),
                condition=models.Q(phase=None),
                name="one_link_per_programme_area_and_reach",
            ),
        )

    def __str__(self) -> str:
        return str(self.area)
