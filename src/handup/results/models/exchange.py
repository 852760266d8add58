"""Exchange with other systems: how a programme is told there, what was sent, what came
(results.md 4.9, 4.10)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import House, StaffUser
from handup.org.scope import ScopedManager, ScopePaths
from handup.projects.models import Programme
from handup.results.models.frozen import Snapshot
from handup.results.rules.iati.states import ActivityState, ExchangeKind, ExchangeState

EXCHANGE_KINDS = [
    (ExchangeKind.IATI.value, "IATI"),
    (ExchangeKind.ADX.value, "ADX (DHIS2)"),
    (ExchangeKind.CSV.value, "CSV (DHIS2)"),
    (ExchangeKind.TABLE.value, "CSV (ActivityInfo)"),
]
EXCHANGE_STATES = [
    (ExchangeState.BUILT.value, _("built")),
    (ExchangeState.CHECKED.value, _("checked")),
    (ExchangeState.PUBLISHED.value, _("published")),
    (ExchangeState.REPLACED.value, _("replaced by a later one")),
]
ACTIVITY_STATES = [
    (ActivityState.TAKEN.value, _("taken over")),
    (ActivityState.HELD.value, _("held for its faults")),
]


class ExchangeProfile(House):
    """How a programme is told to other systems: who reports, its codes there, its shares of
    sectors.

    sectors, countries: lists of {code, share}, a share in percent as text. tags, markers: lists of
    {code, ...}. area_codes: an area's code here to the one there. names: a dimension to the name of
    its attribute there.
    """

    CLASSES = classify(
        O="id recorded_at programme organisation_ref organisation_name organisation_type"
        " activity_code phases_only language target_groups countries sectors tags markers scope"
        " collaboration flow aid_type tied humanitarian indicator_uri dataset org_unit area_codes"
        " names"
    )
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_exchange"

    programme = models.OneToOneField(
        Programme, models.PROTECT, related_name="exchange_profile", verbose_name=_("programme")
    )
    organisation_ref = models.CharField(_("identifier of who reports"), max_length=100)
    organisation_name = models.CharField(_("who reports"), max_length=200)
    organisation_type = models.CharField(_("kind of organisation"), max_length=3)
    activity_code = models.CharField(_("code of the programme there"), max_length=80)
    phases_only = models.BooleanField(_("phases only"), default=False)
    language = models.CharField(_("language of the texts"), max_length=5, default="en")
    target_groups = models.TextField(_("target groups"), blank=True, default="")
    countries = models.JSONField(_("countries"), default=list)
    sectors = models.JSONField(_("sectors"), default=list)
    tags = models.JSONField(_("tags"), default=list, blank=True)
    markers = models.JSONField(_("policy markers"), default=list, blank=True)
    scope = models.CharField(_("scope"), max_length=2, blank=True, default="")
    collaboration = models.CharField(_("collaboration"), max_length=2, blank=True, default="")
    flow = models.CharField(_("flow"), max_length=3, blank=True, default="10")
    aid_type = models.CharField(_("kind of aid"), max_length=5, blank=True, default="C01")
    tied = models.CharField(_("tied"), max_length=2, blank=True, default="5")
    humanitarian = models.BooleanField(_("humanitarian"), default=False)
    indicator_uri = models.URLField(_("where the indicators are explained"), blank=True, default="")
    dataset = models.CharField(_("data set"), max_length=60, blank=True, default="")
    org_unit = models.CharField(_("organisation unit"), max_length=60, blank=True, default="")
    area_codes = models.JSONField(_("areas"), default=dict, blank=True)
    names = models.JSONField(_("names of the dimensions"), default=dict, blank=True)

    objects: ClassVar[ScopedManager["ExchangeProfile"]] = ScopedManager()

    def __str__(self) -> str:
        return self.identifier

    @property
    def identifier(self) -> str:
        """The identifier of the programme's activity."""
        return f"{self.organisation_ref}-{self.activity_code}"


class ExchangeFile(House):
    """A file of one frozen snapshot for another system, with what its check found.

    figures: the counts it tells, so that the next one gives away nothing by the difference. notes:
    what was left out, and why.
    """

    CLASSES = classify(
        O="id recorded_at programme snapshot kind number state sha256 findings checked_on"
        " published_at",
        I="content figures notes built_by checked_by signed_warnings published_by place",
    )
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_exchange"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="exchange_files")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="exchange_files")
    kind = models.CharField(_("kind"), max_length=4, choices=EXCHANGE_KINDS)
    number = models.PositiveIntegerField(_("number"))
    state = models.CharField(
        _("state"),
        max_length=9,
        choices=EXCHANGE_STATES,
        default=ExchangeState.BUILT.value,
    )
    content = models.TextField()
    sha256 = models.CharField(_("checksum"), max_length=64)
    figures = models.JSONField(default=dict)
    notes = models.JSONField(_("left out"), default=list)
    findings = models.JSONField(_("what the check found"), default=list)
    checked_on = models.DateField(_("checked on"), null=True)
    built_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("built by")
    )
    checked_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, related_name="+", verbose_name=_("checked by")
    )
    signed_warnings = models.BooleanField(_("warnings signed for"), default=False)
    published_by = models.ForeignKey(
        StaffUser, models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published on"), null=True)
    place = models.CharField(_("published at"), max_length=500, blank=True, default="")

    objects: ClassVar[ScopedManager["ExchangeFile"]] = ScopedManager()

    class Meta:
        ordering = ("programme", "-recorded_at")
        constraints = (
            models.UniqueConstraint(
                fields=("programme", "kind", "number"), name="exchange_file_number_once"
            ),
            models.UniqueConstraint(
                fields=("programme", "kind"),
                condition=models.Q(state="PUBLISHED"),
                name="one_exchange_file_published",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class ImportedActivity(House):
    """An activity of an IATI file that came: as it stands there, and what became of it.

    rest: what of it is kept in the raw copy alone, by path. faults: why it is held.
    """

    CLASSES = classify(
        O="id recorded_at identifier programme state version updated sha256",
        I="title raw rest faults file_name imported_by",
    )
    SCOPE = ScopePaths(programme="programme_id", known=Programme.SCOPE.known)
    VIEW = "results.view_exchange"

    identifier = models.CharField(_("identifier"), max_length=300, unique=True)
    title = models.CharField(_("title"), max_length=300, blank=True, default="")
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, related_name="imported_activities"
    )
    state = models.CharField(_("state"), max_length=5, choices=ACTIVITY_STATES)
    version = models.CharField(_("version of the standard"), max_length=4)
    updated = models.CharField(_("last updated there"), max_length=40, blank=True, default="")
    raw = models.TextField()
    sha256 = models.CharField(_("checksum"), max_length=64)
    rest = models.JSONField(_("kept in the raw copy alone"), default=dict)
    faults = models.JSONField(_("faults"), default=list)
    file_name = models.CharField(_("file"), max_length=200, blank=True, default="")
    imported_by = models.ForeignKey(
        StaffUser, models.PROTECT, related_name="+", verbose_name=_("taken over by")
    )

    objects: ClassVar[ScopedManager["ImportedActivity"]] = ScopedManager()

    class Meta:
        ordering = ("identifier",)

    def __str__(self) -> str:
        return self.title or self.identifier
