"""Trips of devices: days away from any network, in which no role of the holder ends."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.org.models import Device, Trip
from handup.org.services.devices import call_off_trip, declare_trip
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.settings.staff import NoQuestions


class TripForm(HouseForm):
    """From when until when."""

    starts = DayField(label=_("From"))
    ends = DayField(label=_("Until"), help_text=_("At most 60 days."))


class DeclareTrip(FormPage):
    """A device goes where there is no network."""

    form_class = TripForm
    permission = "org.declare_trip"
    subject_model = Device
    title = _("Declare a trip")
    intro = _("In these days no role of who holds the device ends or lapses.")
    verb = _("Declare it")

    def find_subject(self, pk: Any) -> Device | None:
        """Any device: the permission is the whole rule."""
        return Device.objects.filter(pk=pk).first()

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"starts": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Trip:
        """Declare it."""
        return declare_trip(acting_staff=self.staff, device=self.subject, id=self.new_id, **values)

    def success_url(self, result: Trip) -> str:
        """The device's page."""
        return reverse("org:device_detail", args=[result.device_id])


class CallOffTrip(FormPage):
    """It does not take place, or ended early."""

    form_class = NoQuestions
    permission = "org.declare_trip"
    subject_model = Trip
    title = _("Call this trip off?")
    verb = _("Call it off")

    def find_subject(self, pk: Any) -> Trip | None:
        """Any trip: the permission is the whole rule."""
        return Trip.objects.select_related("device").filter(pk=pk).first()

    def perform(self, values: dict[str, Any]) -> Trip:
        """Call it off."""
        return call_off_trip(acting_staff=self.staff, trip=self.subject)

    def success_url(self, result: Trip) -> str:
        """The device's page."""
        return reverse("org:device_detail", args=[result.device_id])
