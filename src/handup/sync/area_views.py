"""Which area a device takes along, chosen at the office."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area, Device
from handup.org.web.forms import FormPage, HouseForm
from handup.people.forms.fields import areas_for
from handup.sync import services
from handup.sync.models import AreaChoice
from handup.sync.queries import area_chosen


class AreaForm(HouseForm):
    """One of the areas its holder may name, or none."""

    area = forms.ModelChoiceField(
        label=_("Area"), queryset=Area.objects.none(), required=False, empty_label=_("none")
    )

    def __init__(self, *args: Any, device: Device, **options: Any) -> None:
        """Offer what its holder may name."""
        super().__init__(*args, **options)
        field = self.fields["area"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = areas_for(device.staff)


class ChooseArea(FormPage):
    """Choose the area a device takes along."""

    form_class = AreaForm
    permission = "sync.choose_area"
    subject_model = Device
    subject: Device
    title = _("Choose the area it takes along")
    intro = _(
        "At its next contact the device takes it along in the place of the one it has. Its holder"
        " sees of it what she may see."
    )
    verb = _("Choose it")

    def find_subject(self, pk: Any) -> Device | None:
        """Any device: the permission is the whole rule, and the service refuses a group's phone."""
        return Device.objects.select_related("staff").filter(pk=pk).first()

    def form_options(self) -> dict[str, Any]:
        """Whose device it is."""
        return {"device": self.subject}

    def initial(self) -> dict[str, Any]:
        """What was chosen last."""
        chosen = area_chosen(self.subject)
        return {"area": chosen and chosen.area_id}

    def perform(self, values: dict[str, Any]) -> AreaChoice:
        """Choose it."""
        return services.choose_area(acting_staff=self.staff, device=self.subject, **values)

    def success_url(self, result: AreaChoice) -> str:
        """The device's page."""
        return reverse("org:device_detail", args=[result.device_id])
