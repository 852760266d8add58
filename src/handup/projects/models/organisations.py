"""The one register of institutions, and who is whose partner since when."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from handup.org.classes import classify
from handup.org.models import Area, House
from handup.org.scope import ScopedManager
from handup.projects.models.labels import ORG_KIND, PARTNER_ROLE, choices
from handup.projects.models.programmes import Phase, Programme


class Organisation(House):
    """Funder, partner, provider, bank, buyer, ministry, legal body of a cooperative."""

    CLASSES = classify(
        O="id recorded_at code name short_name country_code area registration_no"
        " external_ids active"
    )
    VIEW = "projects.view_organisation"

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    short_name = models.CharField(_("short name"), max_length=60, blank=True, default="")
    country_code = models.CharField(_("country code"), max_length=2, blank=True, default="")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    registration_no = models.CharField(
        _("registration number"), max_length=60, blank=True, default=""
    )
    external_ids = models.JSONField(_("ids given by others"), default=dict, blank=True)
    active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[ScopedManager["Organisation"]] = ScopedManager()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.short_name or self.name


class OrganisationKind(House):
    """What an institution is; it may be several things."""

    CLASSES = classify(O="id recorded_at organisation kind")
    VIEW = "projects.view_organisation"

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="kinds")
    kind = models.CharField(_("kind"), max_length=20, choices=choices(ORG_KIND))

    objects: ClassVar[ScopedManager["OrganisationKind"]] = ScopedManager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "kind"), name="kind_named_once"),
        )

    def __str__(self) -> str:
        return str(self.get_kind_display())


class Partner(House):
    """What an institution does in a programme, from and to known days."""

    CLASSES = classify(
        O="id recorded_at programme phase organisation role from_date to_date remark"
    )
    VIEW = "projects.view_programme"

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="partners")
    phase = models.ForeignKey(Phase, models.PROTECT, null=True, blank=True, related_name="partners")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="partnerships")
    role = models.CharField(_("role"), max_length=12, choices=choices(PARTNER_ROLE))
    from_date = models.DateField(_("from"), null=True, blank=True)
    to_date = models.DateField(_("until"), null=True, blank=True)
    remark = models.TextField(_("remark"), blank=True, default="")

    objects: ClassVar[ScopedManager["Partner"]] = ScopedManager()

    class Meta:
        ordering = ("role", "organisation__name")
        constraints = (
            models.UniqueConstraint(
                fields=("phase", "organisation", "role"), name="one_phase_partner_row_per_role"
            ),
            models.UniqueConstraint(
                fields=("programme", "organisation", "role"),
                condition=models.Q(phase=None),
                name="one_programme_partner_row_per_role",
            ),
        )

    def __str__(self) -> str:
        return str(self.organisation)
