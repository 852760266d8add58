"""Pages of the inbox: a code for a group's phone, what phones sent, packets brought as a file."""

import json
from dataclasses import dataclass
from typing import Any

import segno
from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.org import office_wifi
from handup.org.web.columns import Column, Kind
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Choice, EmptyState, ListPage
from handup.org.web.pages import Crumb, Header
from handup.sync import services
from handup.sync.errors import NotPackets
from handup.sync.models import Packet, PacketState
from handup.sync.record_views import TONES
from handup.sync.services.packets import FILE

FILE_MAX = 10_000_000


def reasons(packet: Packet) -> str:
    """Why a packet is not simply stored: what is told of it, and what is wrong with its rows."""
    words: dict[str, None] = {}
    for line in packet.lines.all():
        words.update(dict.fromkeys(line.flags))
        words.update(dict.fromkeys(fault["code"] for fault in line.faults))
    return ", ".join(words)


class PacketList(ListPage):
    """What phones of groups sent, and why it waits where it does."""

    model = Packet
    permission = "sync.view_packet"
    title = _("Packets of phones")
    columns = (
        Column(
            "group",
            _("Group"),
            Kind.LINK,
            sort="group__name",
            value=lambda packet: packet.group or _("unknown"),
            url_name="sync:packet_detail",
        ),
        Column("recorded_at", _("Received"), Kind.INSTANT, sort="recorded_at"),
        Column("first_seq", _("First fact"), Kind.NUMBER, sort="first_seq"),
        Column("last_seq", _("Last fact"), Kind.NUMBER, sort="last_seq"),
        Column("door", _("Way"), value=lambda packet: packet.get_door_display()),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("reasons", _("Reasons"), value=reasons),
    )
    filters = (Choice("state", _("State"), PacketState.choices),)
    order = "-recorded_at"
    related = ("group",)
    prefetch = ("lines",)
    primary = Action(_("Bring a file"), "sync:packet_file", "sync.deliver_packets", icon="plus")
    empty = EmptyState(_("No packets yet"), _("A group's phone sends its meetings here."))


class FileForm(HouseForm):
    """The file a phone made."""

    file = forms.FileField(label=_("File of a phone"))


class BringFile(FormPage):
    """Packets brought as a file: the same as over the network."""

    form_class = FileForm
    permission = "sync.deliver_packets"
    title = _("Bring packets as a file")
    intro = _("A phone without a network writes what it has into a file; anybody may carry it.")
    verb = _("Take it in")

    def perform(self, values: dict[str, Any]) -> Any:
        """Open the file and hand its packets over. Raises NotPackets."""
        file = values["file"]
        if file.size > FILE_MAX:
            raise NotPackets(field="file")
        try:
            told = json.loads(file.read())
        except (ValueError, RecursionError) as fault:
            raise NotPackets(field="file") from fault
        if isinstance(told, dict) and "handup" in told:
            return services.take_carried(acting_staff=self.staff, told=told)
        packets = told.get("packets") if isinstance(told, dict) else None
        if not isinstance(packets, list) or not packets:
            raise NotPackets(field="file")
        answers = services.receive_packets(packets, acting_staff=self.staff, door=FILE)
        if all(answer.is_unread for answer in answers):
            raise NotPackets(field="file")
        return answers

    def success_url(self, result: Any) -> str:
        """What arrived."""
        here = "sync:work_list" if isinstance(result, services.Brought) else "sync:packet_list"
        return reverse(here)

    def done_message(self, result: Any) -> str:
        """Of a sealed file: how much of it is stored."""
        if not isinstance(result, services.Brought):
            return ""
        return gettext(
            "{taken} of {all} records are taken, the others wait. {pictures} pictures are kept."
        ).format(taken=result.taken, all=len(result.answers), pictures=result.pictures)


class PhoneForm(HouseForm):
    """What the phone is called."""

    label = forms.CharField(label=_("Name of the phone"), max_length=80)


class EnrolPhone(FormPage):
    """A code with which one phone enrols itself for a group, shown once."""

    form_class = PhoneForm
    permission = "sync.enrol_phone"
    subject_model = Group
    subject: Group
    title = _("Enrol a phone")
    intro = _("The phone reads the code from this screen. It works once, within a day.")
    verb = _("Show the code")
    asks_factor = True

    def perform(self, values: dict[str, Any]) -> str:
        """Make the code."""
        _row, plain = services.offer_enrolment(
            acting_staff=self.staff,
            group=self.subject,
            holder=self.staff,
            label=values["label"],
            id=self.new_id,
        )
        return plain

    def answer(self, result: str) -> HttpResponseBase:
        """Show it, this once, to be read by the phone's camera or typed."""
        back = reverse("groups:group_detail", args=[self.subject.pk])
        return show_code(self.request, result, str(self.subject), back)


def show_code(request: HttpRequest, code: str, whose: str, back: str) -> HttpResponseBase:
    """The page that shows a code, as a picture and to be typed."""
    served = office_wifi.certificate()
    address = office_wifi.address() or request.build_absolute_uri("/")
    print_of = f" {served.fingerprint.replace(':', '')}" if served is not None else ""
    header = Header(_("Code for a phone"), whose, None, None, (), (Crumb(whose, back),))
    context = {
        "header": header,
        "code": code,
        "picture": drawn(f"HANDUP1 {address} {code}{print_of}"),
        "address": f"{address}field/" if served is not None else "",
        "fingerprint": served.fingerprint if served is not None else "",
        "back_href": back,
    }
    return render(request, "sync/code.html", context)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A QR code as a path of dark squares on a square of `side` units, the quiet zone included."""

    side: int
    dark: str


def drawn(text: str, error: str = "m") -> Drawn:
    """Draw a text; the template lays white under it, for a camera reads no code on a dark page."""
    rows = list(segno.make(text, error=error, micro=False).matrix_iter(border=4))
    squares = (
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark
    )
    return Drawn(len(rows), "".join(squares))
