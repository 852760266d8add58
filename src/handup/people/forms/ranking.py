"""Forms of a wealth ranking: the village, how a group laid its households, a pile written anew."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, Question
from handup.people.forms.fields import PlaceFields, area_field, one_of, programme_field
from handup.people.models import Household, Person
from handup.people.models import labels as lb
from handup.people.rules.agreement import LEAST_PILES, MOST_PILES
from handup.people.services.ranking import MOST_RATERS

PILE = "pile_"
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class RankingForm(HouseForm, PlaceFields):
    """The village that is ranked."""

    title = forms.CharField(label=_("Title"), max_length=200)
    programme = programme_field()
    area = area_field(
        _("Village"), required=True, help_text=_("All households that live there are offered.")
    )
    begun_date = DayField(label=_("Begun on"))

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer her programmes and places."""
        super().__init__(*args, **options)
        self.fill_places(staff)


class MeetingForm(HouseForm):
    """How one group laid the households: a number each, empty for one it did not lay."""

    group = forms.CharField(
        label=_("Which group is it?"),
        max_length=80,
        help_text=_("Women of the upper street, for example. No names of persons."),
    )
    raters = forms.IntegerField(label=_("How many sat there?"), min_value=1, max_value=MOST_RATERS)
    piles = forms.IntegerField(
        label=_("How many piles did they make?"), min_value=LEAST_PILES, max_value=MOST_PILES
    )
    held_date = DayField(label=_("Held on"))

    def __init__(
        self,
        *args: Any,
        homes: Sequence[Household],
        heads: Mapping[UUID, Person],
        **options: Any,
    ) -> None:
        """Ask the pile of each household."""
        super().__init__(*args, **options)
        for home in homes:
            head = heads.get(home.pk)
            label = home.code if head is None else f"{home.code} · {head.display_name}"
            self.fields[f"{PILE}{home.pk}"] = forms.IntegerField(
                label=label,
                required=False,
                min_value=1,
                max_value=MOST_PILES,
                widget=forms.TextInput(
                    attrs={"class": "form-control", "inputmode": "numeric", "autocomplete": "off"}
                ),
            )

    @property
    def groups(self) -> list[tuple[Question | None, list[BoundField]]]:
        """The meeting, then the households."""
        own = tuple(name for name in self.fields if name.startswith(PILE))
        asked = (
            Question(_("The meeting"), ("group", "raters", "piles", "held_date")),
            Question(_("The pile of each household: 1 is the best off"), own),
        )
        return [(one, [self[name] for name in one.fields]) for one in asked]

    @staticmethod
    def named(posted: Mapping[str, Any]) -> set[UUID]:
        """The households whose pile is told in a form that was sent."""
        ids = (name.removeprefix(PILE) for name, told in posted.items() if told)
        return {UUID(text) for text in ids if UUID_TEXT.fullmatch(text)}

    @staticmethod
    def laid(values: Mapping[str, Any]) -> dict[UUID, int]:
        """The pile of each household that was laid."""
        return {
            UUID(name.removeprefix(PILE)): value
            for name, value in values.items()
            if name.startswith(PILE) and value is not None
        }


class PileForm(HouseForm):
    """A pile written anew."""

    pile = forms.IntegerField(label=_("Which pile is it?"), min_value=1, max_value=MOST_PILES)
    reason = one_of(lb.PILE_MISTAKE, _("Why?"), widget=forms.RadioSelect)


class AgainForm(HouseForm):
    """Nothing to say: the next round begins."""


class EndForm(HouseForm):
    """The day the ranking ended."""

    on = DayField(label=_("Ended on"))
