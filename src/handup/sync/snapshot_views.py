"""How long phones keep what they carry of others: the list by area, and one area's number."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.models import Area
from handup.org.web.columns import Column, Kind
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, EmptyState, ListPage, Search
from handup.sync import services
from handup.sync.models import SnapshotLife
from handup.sync.services.snapshots import areas_to_set
from handup.sync.snapshot_life import LIFE

SET = Action(_("Set it for an area"), "sync:snapshot_set", "sync.set_snapshot_life")


class SnapshotLives(ListPage):
    """Areas with a number of their own."""

    model = SnapshotLife
    permission = "sync.set_snapshot_life"
    title = _("How long phones keep names")
    columns = (
        Column("area", _("Area")),
        Column("days", _("Days"), Kind.NUMBER, sort="days"),
        Column("set_by", _("Set by")),
        Column("recorded_at", _("Since"), Kind.DATE, sort="recorded_at"),
    )
    filters = (Search(("area__code",)),)
    order = "days"
    related = ("area", "set_by")
    primary = SET
    empty = EmptyState(
        _("The same everywhere"),
        _("Set more days for areas from which nobody reaches a network for weeks."),
        SET,
    )


class LifeForm(HouseForm):
    """An area and its days."""

    area = forms.ModelChoiceField(label=_("Area"), queryset=Area.objects.none())
    days = forms.IntegerField(
        label=_("Days"), min_value=LIFE.least, max_value=LIFE.most, initial=LIFE.default
    )

    def __init__(self, *args: Any, areas: list[Area], **options: Any) -> None:
        """Offer these areas."""
        super().__init__(*args, **options)
        field = self.fields["area"]
        assert isinstance(field, forms.ModelChoiceField)
        kept = Area.objects.filter(pk__in=[area.pk for area in areas])
        field.queryset = kept.order_by("path")


class SetSnapshotLife(FormPage):
    """Say it for one area, for the first time or anew."""

    form_class = LifeForm
    permission = "sync.set_snapshot_life"
    title = _("How long phones of an area keep names")
    intro = _(
        "It counts for everybody whose office lies in the area. What was recorded on a phone and a"
        " group's own book stay, however old."
    )
    verb = _("Set it")

    def form_options(self) -> dict[str, Any]:
        """The areas that are hers."""
        return {"areas": areas_to_set(self.staff)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Set it."""
        return services.set_snapshot_life(
            acting_staff=self.staff, area=values["area"], days=values["days"]
        )

    def success_url(self, result: Any) -> str:
        """The list."""
        return reverse("sync:snapshot_list")
