"""Where herders are found by season: told by a person, or by somebody of a household."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from handup.people.forms.places import HomePlaceForm, PlaceForm
from handup.people.models import SeasonPlace
from handup.people.rules.codes import Season
from handup.people.services import PlaceIn, record_place
from handup.people.views.desk import OfPerson, today
from handup.people.views.homes import OfHousehold, note_members


def told_in(values: dict[str, Any]) -> PlaceIn:
    """What a form told, for the service."""
    return PlaceIn(Season(values.pop("season")), **values)


class PlaceNew(OfPerson):
    """Record where she is found."""

    form_class = PlaceForm
    permission = "people.record_place"
    title = _("Record where she is found")
    intro = _("The last told of each season counts, for her and whom she lives with.")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """The settlements the reader may name."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Told today."""
        return {"told_date": today()}

    def perform(self, values: dict[str, Any]) -> SeasonPlace:
        """Record it."""
        return record_place(
            acting_staff=self.staff, person=self.subject, told=told_in(values), id=self.new_id
        )


class HomePlaceNew(OfHousehold):
    """Record where those of a household are found."""

    form_class = HomePlaceForm
    permission = "people.record_place"
    title = _("Record where they are found")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Whose household it is; its members are named here."""
        note_members(self.request, self.subject)
        return {"staff": self.staff, "household": self.subject}

    def initial(self) -> dict[str, Any]:
        """Told today, by whoever heads it."""
        head = self.subject.memberships.filter(to_date=None, role="HEAD").first()
        return {"told_date": today(), "person": head and head.person_id}

    def perform(self, values: dict[str, Any]) -> SeasonPlace:
        """Record it."""
        person = values.pop("person")
        return record_place(
            acting_staff=self.staff, person=person, told=told_in(values), id=self.new_id
        )
