"""Forms of collecting produce: points, producers, rate charts, the pad of the day, the gate, and
taking back what was written down wrongly."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.groups.models import CollectionPoint, Delivery, GateEntry, Member, Producer
from handup.groups.models.collection import Finding, Rejection, Shift
from handup.groups.services import collection, deliveries
from handup.groups.views.collection import day_asked, note_producers, producers_seen
from handup.groups.views.dues import DayForm
from handup.groups.views.ruling import OfGroup, offer
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.forms import DayField, FormPage, HouseForm, dress
from handup.org.web.money import format_money
from handup.people.models import Person
from handup.people.queries.merging import by_number


class OfCollection(OfGroup):
    """A form about the collection of a group; it goes back to its page."""

    permission = collection.KEEP

    def initial(self) -> dict[str, Any]:
        """Today."""
        today = timezone.localdate()
        return {"on": today, "from_date": today}

    def success_url(self, result: Any) -> str:
        """The page of the collection."""
        return reverse("groups:collection", args=[self.subject.pk])


class PointForm(HouseForm):
    """What the point is called, and whose it is."""

    name = forms.CharField(label=_("Name of the point"), max_length=80)
    collector = forms.ModelChoiceField(
        label=_("Collector"),
        queryset=StaffUser.objects.none(),
        required=False,
        help_text=_("Left empty, whoever may collect takes produce in here."),
    )
    on = DayField(label=_("Opened on"))

    def __init__(self, *args: Any, collectors: Any, **options: Any) -> None:
        """Offer who may collect."""
        super().__init__(*args, **options)
        offer(self, "collector", collectors)


class OpenPoint(OfCollection):
    """Open a point."""

    form_class = PointForm
    title = _("Open a point")
    verb = _("Open it")

    def form_options(self) -> dict[str, Any]:
        """Those with a grant that lets them collect at this group."""
        rows = StaffUser.objects.filter(is_active=True, grants__isnull=False).distinct()
        able = [one.pk for one in rows if may(one, deliveries.COLLECT, self.subject)]
        return {"collectors": StaffUser.objects.filter(pk__in=able).order_by("display_name")}

    def perform(self, values: dict[str, Any]) -> Any:
        """Open it."""
        return collection.open_point(
            acting_staff=self.staff, group=self.subject, id=self.new_id, **values
        )


class ProducerForm(HouseForm):
    """A member, or somebody else by her registration number."""

    member = forms.ModelChoiceField(
        label=_("Member"), queryset=Member.objects.none(), required=False
    )
    registration_no = forms.CharField(
        label=_("Registration number of somebody who is no member"), max_length=12, required=False
    )
    from_date = DayField(label=_("Delivers since"))

    def __init__(self, *args: Any, members: Any, staff: Any, **options: Any) -> None:
        """Offer the members."""
        super().__init__(*args, **options)
        offer(self, "member", members)
        self.staff = staff

    def clean(self) -> dict[str, Any]:
        """Find the person among those this staff member may see; one of the two is needed."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        number = str(told.pop("registration_no", "")).strip()
        person = by_number(Person.objects.visible_to(self.staff), number) if number else None
        if number and person is None:
            self.add_error("registration_no", _("Nobody is registered under this number."))
        elif person is None and told.get("member") is None:
            self.add_error("member", _("Choose a member, or write a registration number."))
        told["person"] = None if told.get("member") else person
        return told


class RegisterProducer(OfCollection):
    """Give somebody a producer number."""

    form_class = ProducerForm
    title = _("Register a producer")
    intro = _("A member of the group, or somebody who is registered and no member.")
    verb = _("Register")

    def form_options(self) -> dict[str, Any]:
        """Members of today."""
        return {"members": self.members(), "staff": self.staff}

    def perform(self, values: dict[str, Any]) -> Any:
        """Register her."""
        return collection.register_producer(
            acting_staff=self.staff,
            group=self.subject,
            member=values.get("member"),
            person=values["person"],
            from_date=values["from_date"],
            id=self.new_id,
        )


CELLS: Mapping[str, tuple[Any, int, int]] = {
    "volume_ml": (_("Litres"), 3, 1000),
    "fat_bps": (_("Fat, percent"), 2, 100),
    "clr_x100": (_("Lactometer"), 2, 100),
    "temp_c10": (_("°C"), 1, 10),
}
"""What is written of a can: its word, decimals, and how often a kept unit goes into one."""


class PadForm(HouseForm):
    """A line a producer: litres, tests, and why it was rejected."""

    on = DayField(label=_("Day"))
    shift = forms.ChoiceField(label=_("Shift"), choices=Shift.choices)

    def __init__(self, *args: Any, producers: list[Producer], **options: Any) -> None:
        """A row for each producer."""
        super().__init__(*args, **options)
        self.producers = producers
        for row in producers:
            for name, (label, places, _units) in CELLS.items():
                field = forms.DecimalField(
                    label=label, required=False, max_digits=8, decimal_places=places
                )
                dress(field)
                field.widget.attrs.update(
                    {"class": "cell", "inputmode": "decimal", "aria-label": f"{label}, {row}"}
                )
                if name == "volume_ml":
                    field.widget.attrs["data-sum"] = "sum-volume"
                self.fields[f"{name}_{row.pk}"] = field
            self.fields[f"reason_{row.pk}"] = forms.ChoiceField(
                label=_("Rejected because"),
                choices=[("", _("taken")), *Rejection.choices],
                required=False,
                widget=forms.Select(
                    attrs={"class": "cell", "aria-label": f"{_('Rejected because')}, {row}"}
                ),
            )

    @property
    def lines(self) -> list[tuple[Producer, list[Any]]]:
        """The producers with their inputs, by number."""
        return [
            (row, [self[f"{name}_{row.pk}"] for name in (*CELLS, "reason")])
            for row in self.producers
        ]


class AtPoint(FormPage):
    """A form about one point; it goes back to its page."""

    subject_model: ClassVar[Any] = CollectionPoint
    subject: Any
    permission = deliveries.COLLECT

    def success_url(self, result: Any) -> str:
        """The point."""
        return reverse("groups:point", args=[self.subject.pk])


class Pad(AtPoint):
    """The pad of a day and shift: a line a producer, nothing else needed."""

    form_class = PadForm
    title = _("Pad of the day")
    intro = _("Write only who came. What a can earns is said when the pad is kept.")
    verb = _("Keep the pad")
    template = "groups/pad.html"

    def _producers(self) -> list[Producer]:
        rows = producers_seen(self.staff, self.subject.group, delivering=True)
        note_producers(self.request, rows)
        return rows

    def form_options(self) -> dict[str, Any]:
        """The producers the reader may see."""
        return {"producers": self._producers()}

    def initial(self) -> dict[str, Any]:
        """The day asked for, and the shift by the clock."""
        now = timezone.localtime()
        shift = Shift.MORNING if now.hour < 13 else Shift.EVENING
        return {"on": day_asked(self.request.GET.get("on")), "shift": shift.value}

    def context(self) -> dict[str, Any]:
        """Whose pad it is, and its heads."""
        heads = [label for label, _places, _units in CELLS.values()]
        return {"point": self.subject, "heads": [*heads, _("Rejected because")]}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep the lines that say something. The id of a line is made of that of the pad, so that a
        pad sent twice is kept once."""
        cans = []
        for row in self._producers():
            told = {
                name: None if (value := values[f"{name}_{row.pk}"]) is None else int(value * units)
                for name, (_label, _places, units) in CELLS.items()
            }
            reason = values[f"reason_{row.pk}"]
            volume = told.pop("volume_ml")
            if volume is None and not reason and not any(v is not None for v in told.values()):
                continue
            cans.append(
                deliveries.CanIn(
                    row,
                    volume or 0,
                    **told,
                    reason=Rejection(reason) if reason else None,
                    id=deliveries.id_of_line(self.new_id, row),
                )
            )
        return deliveries.record_deliveries(
            acting_staff=self.staff,
            point=self.subject,
            on=values["on"],
            shift=Shift(values["shift"]),
            cans=cans,
        )

    def done_message(self, result: Any) -> str:
        """How much was kept, and what it comes to."""
        taken = sum(row.amount_units for row in result)
        return ngettext(
            "%(n)s delivery is kept: %(units)s.",
            "%(n)s deliveries are kept: %(units)s.",
            len(result),
        ) % {"n": len(result), "units": format_money(taken, self.subject.group.currency)}


class GateForm(HouseForm):
    """What arrived of a day."""

    on = DayField(label=_("Day of the deliveries"))
    litres = forms.DecimalField(
        label=_("Litres at the gate"), min_value=0, max_digits=9, decimal_places=3
    )


class RecordGate(AtPoint):
    """Write down what arrived at the gate."""

    form_class = GateForm
    title = _("Write down the gate")
    intro = _("It is compared with all that was declared that day, rejected cans included.")
    verb = _("Write down")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> GateEntry:
        """Write it down."""
        return deliveries.record_gate(
            acting_staff=self.staff,
            point=self.subject,
            volume_ml=int(values["litres"] * 1000),
            on=values["on"],
            id=self.new_id,
        )

    def done_message(self, result: GateEntry) -> str:
        """What it comes to."""
        return str(result.get_state_display())


class FindingForm(DayForm):
    """What was found."""

    finding = forms.ChoiceField(label=_("What was found?"), choices=Finding.choices)


class OfGate(FormPage):
    """A form about one gate entry; it goes back to its point."""

    subject_model: ClassVar[Any] = GateEntry
    subject: Any

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def success_url(self, result: Any) -> str:
        """The point."""
        return reverse("groups:point", args=[self.subject.point_id])


class ExplainGate(OfGate):
    """Close the case of a gate entry outside the tolerance."""

    form_class = FindingForm
    permission = collection.KEEP
    title = _("Explain the difference at the gate")
    verb = _("Keep what was found")

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return deliveries.explain_gate(
            acting_staff=self.staff,
            entry=self.subject,
            finding=Finding(values["finding"]),
            on=values["on"],
        )


class TakeBackGate(OfGate):
    """Take a gate entry back."""

    form_class = DayForm
    permission = "groups.reverse_fact"
    title = _("Take a gate entry back")
    verb = _("Take back")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return deliveries.take_back_gate(acting_staff=self.staff, entry=self.subject, **values)


class GiveUpNumber(FormPage):
    """End a producer number."""

    form_class = DayForm
    permission = collection.KEEP
    subject_model: ClassVar[Any] = Producer
    subject: Any
    person_path = "person_id"
    title = _("Give a producer number up")
    intro = _("Nothing is delivered under it any more. Pay her and settle what she owes first.")
    verb = _("Give it up")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """End it."""
        return collection.give_up_number(acting_staff=self.staff, producer=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The producer."""
        return reverse("groups:producer", args=[self.subject.pk])


class TakeBackDelivery(FormPage):
    """Take a delivery back that was written down wrongly."""

    form_class = DayForm
    permission = deliveries.COLLECT
    subject_model: ClassVar[Any] = Delivery
    subject: Any
    person_path = "producer__person_id"
    title = _("Take a delivery back")
    intro = _("Its entry is reversed. Write the right one down anew.")
    verb = _("Take back")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return deliveries.take_back_delivery(
            acting_staff=self.staff, delivery=self.subject, **values
        )

    def success_url(self, result: Any) -> str:
        """The point."""
        return reverse("groups:point", args=[self.subject.point_id])
