"""The phones of a group: who keeps its record, which were heard of last, what waits and for how
long; the seat given on, the record taken back to the office, a phone taken out of use."""

from collections.abc import Callable
from typing import Any

from django.db.models import Max, Min
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.groups.models import Group
from handup.org.models import DeviceState
from handup.org.web.columns import Column, Kind, Label, State, Tone
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, EmptyState
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.sync import services
from handup.sync.models import GroupPhone, Packet, PacketState, Seat
from handup.sync.record_views import TONES
from handup.sync.records import waiting_behind_gap

WAITS = (PacketState.WAITING, PacketState.SET_ASIDE, PacketState.REFUSED)
STATES = {
    DeviceState.ENROLLED.value: Tone.GOOD,
    DeviceState.ACTIVE.value: Tone.GOOD,
    DeviceState.LOST.value: Tone.BAD,
    DeviceState.RETIRED.value: Tone.PLAIN,
    DeviceState.WIPED.value: Tone.PLAIN,
}


def days_waiting(packet: Packet) -> int:
    """Whole days since a packet came."""
    return (timezone.now() - packet.recorded_at).days


def device_state(phone: GroupPhone) -> State:
    """Whether a phone is in use, and what became of it."""
    return State(phone.device.get_state_display(), STATES[phone.device.state])


def _while_in_use(verb: Label) -> Callable[[GroupPhone], Label]:
    """The verb beside a phone of the group, nothing beside one that has ended."""

    def shown(phone: GroupPhone) -> Label:
        return "" if phone.ended_at else verb

    return shown


def _always(verb: Label) -> Callable[[GroupPhone], Label]:
    """The verb beside every phone."""
    return lambda _phone: verb


class GroupPhones(RecordPage):
    """Who keeps a group's record, its phones, and what of theirs waits."""

    model = Group
    permission = "sync.view_packet"
    record: Group

    def header(self) -> Header:
        """The group, and what can be done about its phones."""
        args = (self.record.pk,)
        actions = [Action(_("Enrol a phone"), "sync:phone_new", "sync.enrol_phone", args=args)]
        if self._seat() is not None:
            back = _("Let the office keep the record")
            actions.append(Action(back, "sync:seat_back", "sync.give_seat", args=args))
        if waiting_behind_gap(self.record) is not None:
            go_on = _("Go on without the missing meeting")
            actions.append(Action(go_on, "sync:gap_accept", "sync.choose_record", args=args))
        page = reverse("groups:group_detail", args=args)
        return Header(
            _("Phones of the group"),
            subtitle=str(self.record),
            actions=tuple(actions),
            crumbs=(Crumb(str(self.record), page),),
        )

    def _seat(self) -> Seat | None:
        rows = Seat.objects.filter(group=self.record, device__isnull=False)
        return rows.select_related("device").first()

    def facts(self) -> list[FactGroup]:
        """Who writes the record now, and when it was heard of."""
        seat = self._seat()
        packets = Packet.objects.filter(group=self.record)
        waiting = packets.filter(state__in=WAITS)
        last = packets.aggregate(last=Max("recorded_at"))["last"]
        oldest = waiting.aggregate(first=Min("recorded_at"))["first"]
        heard = seat.device.last_seen_at if seat is not None and seat.device else None
        facts = [
            Fact(_("The record is kept by"), seat.device if seat else _("the office")),
            Fact(_("Its phone was heard of"), heard),
            Fact(_("Last packet"), last),
            Fact(_("Packets that wait"), str(waiting.count())),
            Fact(_("The oldest waits since"), oldest),
        ]
        return [FactGroup(_("Who keeps the record"), facts)]

    def _acts(self) -> list[Column]:
        """What the reader may do with a phone in use, each in its own column."""
        acts = (
            ("sync:phone_receipts", "sync.view_packet", _("receipts to carry"), _always),
            ("sync:phone_seat", "sync.give_seat", _("give it the record"), _while_in_use),
            ("sync:phone_end", "sync.enrol_phone", _("take out of use"), _while_in_use),
        )
        return [
            Column(
                url_name,
                verb,
                Kind.LINK,
                value=shown(verb),
                url_name=url_name,
            )
            for url_name, permission, verb, shown in acts
            if Action(verb, permission=permission).allowed(self.staff, self.record)
        ]

    def tables(self) -> list[Table]:
        """Its phones, and its packets that are not simply stored."""
        phones = GroupPhone.objects.filter(group=self.record).select_related("device__staff")
        waiting = Packet.objects.filter(group=self.record, state__in=WAITS)
        return [
            Table(
                _("Phones"),
                (
                    Column("device", _("Phone")),
                    Column("device__staff", _("Who answers for it")),
                    Column("device__last_seen_at", _("Last heard of"), Kind.INSTANT),
                    Column("recorded_at", pgettext_lazy("device", "Enrolled"), Kind.INSTANT),
                    Column("device__state", _("State"), Kind.STATE, value=device_state),
                    *self._acts(),
                ),
                phones.order_by("recorded_at"),
                empty=EmptyState(_("No phone yet"), _("The office writes this group's meetings.")),
            ),
            Table(
                _("What waits"),
                (
                    Column(
                        "packet",
                        _("Packet"),
                        Kind.LINK,
                        value=str,
                        url_name="sync:packet_detail",
                    ),
                    Column("recorded_at", _("Received"), Kind.INSTANT),
                    Column("days", _("Days"), Kind.NUMBER, value=days_waiting),
                    Column("state", _("State"), Kind.STATE, tones=TONES),
                ),
                waiting.order_by("recorded_at"),
                empty=EmptyState(_("Nothing waits"), _("All that came is in the group's book.")),
            ),
        ]


class SureForm(HouseForm):
    """Nothing to fill in: the question is whether to do it."""


class OfPhones(FormPage):
    """An act about the phones of a group; it goes back to their page."""

    form_class = SureForm
    asks_factor = True

    def group_id(self) -> Any:
        """Whose phones."""
        return self.subject.group_id if isinstance(self.subject, GroupPhone) else self.subject.pk

    def success_url(self, result: Any) -> str:
        """The group's phones."""
        return reverse("sync:group_phones", args=[self.group_id()])


class GiveSeat(OfPhones):
    """Let this phone keep the group's record."""

    permission = "sync.give_seat"
    subject_model = GroupPhone
    title = _("Let this phone keep the record")
    intro = _(
        "Whoever kept it before writes no more of it: what that phone has not sent yet is set aside"
        " when it comes."
    )
    verb = _("Give it the record")

    def perform(self, values: dict[str, Any]) -> Any:
        """Give it the seat."""
        phone: GroupPhone = self.subject
        return services.give_seat(acting_staff=self.staff, group=phone.group, device=phone.device)


class EndPhone(OfPhones):
    """Take this phone out of use."""

    permission = "sync.enrol_phone"
    subject_model = GroupPhone
    title = _("Take this phone out of use")
    intro = _(
        "At its next contact it sends what it has not sent and deletes everything. What it wrote"
        " before this moment is still taken."
    )
    verb = _("Take it out of use")

    def perform(self, values: dict[str, Any]) -> Any:
        """End it."""
        return services.end_phone(acting_staff=self.staff, phone=self.subject)


class ReturnSeat(OfPhones):
    """Let the office keep the group's record again."""

    permission = "sync.give_seat"
    subject_model = Group
    title = _("Let the office keep the record")
    intro = _("No phone writes this group's meetings then. A meeting open on a phone ends there.")
    verb = _("Take the record back")

    def perform(self, values: dict[str, Any]) -> Any:
        """Take the seat back."""
        return services.return_seat(acting_staff=self.staff, group=self.subject)
