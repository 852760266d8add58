"""Institutions into the one register; where a programme works and who pays for it."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area
from handup.org.web.forms import FormPage
from handup.projects import forms as f
from handup.projects import services
from handup.projects.models import AreaLink, FundingAgreement, Organisation
from handup.projects.models import labels as lb
from handup.projects.views.acts import OnProgramme


class OrganisationNew(FormPage):
    """Enter an institution: a funder, a bank, a provider, or one's own."""

    form_class = f.OrganisationForm
    permission = "projects.register_organisation"
    title = _("Enter an organisation")
    intro = _("Each institution stands here once, whatever it does for whom: your own too.")
    verb = _("Enter")

    def form_options(self) -> dict[str, Any]:
        """The areas in force."""
        return {"areas": Area.objects.filter(valid_to=None)}

    def perform(self, values: dict[str, Any]) -> Organisation:
        """Enter it."""
        told = values | {"kinds": [lb.OrgKind(kind) for kind in values["kinds"]]}
        return services.register_organisation(acting_staff=self.staff, id=self.new_id, **told)

    def success_url(self, result: Organisation) -> str:
        """The register."""
        return reverse("projects:organisation_list")


class AreaNew(OnProgramme):
    """Say where a programme works or whom it serves."""

    form_class = f.AreaLinkForm
    permission = "projects.add_area"
    title = _("Add an area")
    verb = _("Add the area")

    def form_options(self) -> dict[str, Any]:
        """The programme's phases, the areas in force."""
        return {"programme": self.subject, "areas": Area.objects.filter(valid_to=None)}

    def perform(self, values: dict[str, Any]) -> AreaLink:
        """Add it."""
        told = values | {"reach": lb.Reach(values["reach"])}
        return services.add_area(acting_staff=self.staff, programme=self.subject, **told)


class FundingNew(OnProgramme):
    """Record who pays, how much, on which terms."""

    form_class = f.FundingForm
    permission = "projects.record_funding"
    title = _("Record financing")
    intro = _("An amount nobody named stays open; it is never guessed.")
    verb = _("Record the financing")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """The programme's currency."""
        return {"currency": self.subject.currency}

    def perform(self, values: dict[str, Any]) -> FundingAgreement:
        """Record it."""
        funder = values.pop("organisation")
        told = values | {"kind": lb.FundingKind(values["kind"]), "funder": funder}
        return services.record_funding(
            acting_staff=self.staff, programme=self.subject, id=self.new_id, **told
        )
