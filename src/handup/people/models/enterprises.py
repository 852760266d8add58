"""Enterprises and who owns how much of them since when."""

from typing import ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from handup.kernel.money import WHOLE_BPS
from handup.org.classes import classify
from handup.org.models import Area, House, Office, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.people.models.labels import FORMALITY, JOB_KIND, choices
from handup.people.models.persons import Person
from handup.people.models.scope import person_paths
from handup.people.rules.codes import Formality
from handup.projects.models import Programme


class Enterprise(House):
    """A business: its trade, its start as exactly as known, its workers, what kind of jobs it
    gives."""

    CLASSES = classify(
        I="id recorded_at code trade trade_code start_date start_precision formality job_kind"
        " workers_family workers_paid workers_women programme office case_officer registered_date"
        " registered_by closed_date",
        P="name area",
    )
    SCOPE = ScopePaths(
        office="office_id",
        area="area_id",
        programme="programme_id",
        caseload="case_officer_id",
        shared=("ownerships__person_id",),
    )
    VIEW = "people.view_enterprise"

    code = models.CharField(_("number"), max_length=12, unique=True)
    name = models.CharField(_("name"), max_length=160, blank=True, default="")
    trade = models.CharField(_("trade"), max_length=120)
    trade_code = models.CharField(_("code of the trade"), max_length=20, blank=True, default="")
    start_date = models.DateField(_("started"), null=True, blank=True)
    start_precision = models.CharField(
        _("start known to the"),
        max_length=5,
        choices=[("DAY", _("day")), ("MONTH", _("month")), ("YEAR", _("year"))],
        default="DAY",
    )
    formality = models.CharField(
        _("registration"),
        max_length=10,
        choices=choices(FORMALITY),
        default=Formality.NOT_KNOWN.value,
    )
    job_kind = models.CharField(
        _("kind of work"), max_length=10, choices=choices(JOB_KIND), blank=True, default=""
    )
    workers_family = models.PositiveIntegerField(_("family members working"), default=0)
    workers_paid = models.PositiveIntegerField(_("paid workers"), default=0)
    workers_women = models.PositiveIntegerField(_("women among them"), default=0)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("settlement")
    )
    office = models.ForeignKey(Office, models.PROTECT, null=True, blank=True, related_name="+")
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="enterprises"
    )
    case_officer = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, blank=True, related_name="+"
    )
    registered_date = models.DateField(_("registered on"))
    registered_by = models.ForeignKey(StaffUser, models.PROTECT, related_name="+")
    closed_date = models.DateField(_("closed on"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Enterprise"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("code",)
        indexes = (models.Index(fields=("programme", "code"), name="enterprise_in_programme"),)

    def __str__(self) -> str:
        return self.name or f"{self.trade} {self.code}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("people:enterprise_detail", args=[self.pk])


class Ownership(House):
    """A person's share of an enterprise in basis points (10 000 = the whole), from one day to
    another."""

    CLASSES = classify(I="id recorded_at enterprise person share_bps from_date to_date")
    SCOPE = person_paths("person")
    VIEW = "people.view_enterprise"

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="ownerships")
    person = models.ForeignKey(Person, models.PROTECT, related_name="ownerships")
    share_bps = models.PositiveIntegerField(_("share"), default=WHOLE_BPS)
    from_date = models.DateField(_("from"))
    to_date = models.DateField(_("until"), null=True, blank=True)

    objects: ClassVar[ScopedManager["Ownership"]] = ScopedManager()
    history = HistoricalRecords()

    class Meta:
        ordering = ("from_date", "id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(share_bps__gte=1, share_bps__lte=WHOLE_BPS),
                name="share_between_nothing_and_all",
            ),
            models.CheckConstraint(
                condition=models.Q(to_date=None) | models.Q(to_date__gte=models.F("from_date")),
                name="ownership_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person} {self.share_bps}"
