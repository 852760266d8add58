"""Pages about one packet: its receipt, and where it is a second record of a meeting, the two
records side by side and the choice between them; and the choice to go on without a missing meeting.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, Member
from handup.groups.queries import constitution_on
from handup.groups.views.ruling import offer
from handup.org import reads
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action
from handup.org.web.money import format_amount
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.sync import services
from handup.sync.broken_rules import BROKEN
from handup.sync.errors import NotASecondRecord
from handup.sync.models import Choice, Packet, PacketLine, PacketState
from handup.sync.records import compared, records_apart, waiting_behind_gap
from handup.sync.rules.branches import Pair, Record, Said

TONES = {
    PacketState.DONE.value: Tone.GOOD,
    PacketState.WAITING.value: Tone.WARN,
    PacketState.SET_ASIDE.value: Tone.WARN,
    PacketState.REFUSED.value: Tone.BAD,
    PacketState.NOT_KEPT.value: Tone.PLAIN,
}
ABOUT = {
    "member_no": _("member"),
    "fund": _("fund"),
    "way": _("opening or closing"),
    "kind": _("kind"),
    "office": _("office"),
    "counter": _("counted by member"),
    "decision": _("decision"),
}
AMOUNTS = frozenset(
    {"units", "total_units", "said_units", "savings_units", "difference", "charge", "principal"}
)


def record_in(packet: Packet) -> Record | None:
    """The second record a packet belongs to, of which nothing was said yet."""
    if packet.group is None or packet.state != PacketState.SET_ASIDE:
        return None
    for record, rows in records_apart(packet.group):
        if packet.pk in {row.pk for row in rows}:
            return record
    return None


def faults_shown(line: PacketLine) -> str:
    """What is told of the facts of a meeting, which rules of the group they broke, and what is
    wrong with them, each with its place."""
    broken = [f"{BROKEN[one['code']]} ({one['field'].replace('_', ' ')})" for one in line.breaches]
    places = [f"{one['code']} {one['field']} {one['value']}".strip() for one in line.faults]
    return "; ".join([*line.flags, *broken, *places])


def about(pair: Pair) -> str:
    """What a line is about."""
    return ", ".join(f"{ABOUT.get(key, key)} {value}" for key, value in pair.about)


def says(line: Said | None, currency: str) -> str:
    """What a record says in a line; nothing when it does not have it."""
    if line is None:
        return ""
    words = []
    for key, value in line.says:
        if key in AMOUNTS and isinstance(value, int):
            words.append(format_amount(value, currency))
        else:
            words.append(f"{value}")
    return ", ".join(words) or gettext("yes")


class PacketPage(RecordPage):
    """A packet: what became of it, and the record it is part of beside the one stored."""

    model = Packet
    permission = "sync.view_packet"
    related = ("group",)
    record: Packet

    def header(self) -> Header:
        """Which facts of which group, and what a person is to do."""
        packet = self.record
        is_open = packet.group is not None and record_in(packet) is not None
        return Header(
            _("Packet of a phone"),
            subtitle=f"{packet.group or ''} · {packet}",
            state=State(packet.get_state_display(), TONES[packet.state]),
            primary=Action(
                _("Choose between the records"),
                "sync:record_choose",
                "sync.choose_record",
                args=(packet.pk,),
            )
            if is_open
            else None,
            actions=(
                Action(
                    _("Choose line by line"),
                    "sync:record_lines",
                    "sync.choose_record",
                    args=(packet.pk,),
                ),
            )
            if is_open
            else (),
            crumbs=(Crumb(_("Packets of phones"), reverse("sync:packet_list")),),
        )

    def facts(self) -> list[FactGroup]:
        """How and when it came."""
        packet = self.record
        facts = [
            Fact(_("Received"), packet.recorded_at),
            Fact(_("Way"), packet.get_door_display()),
            Fact(_("Delivered by"), packet.delivered_by),
            Fact(_("Settled"), packet.settled_at),
        ]
        return [FactGroup(_("How it came"), facts)]

    def tables(self) -> list[Table]:
        """The receipt, and the two records line by line."""
        tables = [
            Table(
                _("What became of it"),
                (
                    Column("held_date", _("Held on"), Kind.DATE),
                    Column("outcome", _("What became of it"), value=_outcome),
                    Column("stored", _("New facts"), Kind.NUMBER),
                    Column("reasons", _("Reasons"), value=faults_shown),
                ),
                self.record.lines.all(),
            )
        ]
        record = record_in(self.record)
        if record is not None and self.record.group is not None:
            tables.append(side_table(self.record.group, record))
        return tables


def _outcome(line: PacketLine) -> str:
    return str(line.get_outcome_display())


def side_table(group: Group, record: Record) -> Table:
    """Two records line by line; what differs comes first."""
    pairs = sorted(compared(group, record), key=lambda pair: pair.is_same)
    return Table(
        _("The two records"),
        (
            Column("name", _("Line"), value=lambda pair: pair.name.replace("_", " ")),
            Column("about", _("About"), value=about),
            Column("first", _("First record"), value=lambda pair: says(pair.first, group.currency)),
            Column(
                "second", _("Second record"), value=lambda pair: says(pair.second, group.currency)
            ),
            Column("same", _("Same"), value=_sameness),
        ),
        pairs,
    )


def _sameness(pair: Pair) -> State:
    return State(_("same"), Tone.GOOD) if pair.is_same else State(_("differs"), Tone.WARN)


class KeysForm(HouseForm):
    """Which key holders agreed."""

    def __init__(self, *args: Any, members: Any, slots: int, **options: Any) -> None:
        """Ask for the holder of each key."""
        super().__init__(*args, **options)
        for slot in range(1, slots + 1):
            name = f"key_{slot}"
            self.fields[name] = forms.ModelChoiceField(
                label=_("Key %(number)d was confirmed by") % {"number": slot},
                queryset=Member.objects.none(),
                required=False,
            )
            offer(self, name, members)


WHOLE = (Choice.KEEP_FIRST, Choice.KEEP_SECOND, Choice.BOTH)


class ChoiceForm(KeysForm):
    """Which record stands, and who agreed."""

    choice = forms.ChoiceField(
        label=_("Which record stands?"),
        choices=[(item.value, item.label) for item in Choice if item in WHOLE],
        widget=forms.RadioSelect,
    )


def confirmed(values: Mapping[str, Any]) -> list[dict[str, int]]:
    """Slots and member numbers of those who agreed."""
    return [
        {"slot": int(name.removeprefix("key_")), "member_no": member.member_no}
        for name, member in values.items()
        if name.startswith("key_") and member is not None
    ]


class OfKeys(FormPage):
    """A choice that key holders of a group confirm."""

    permission = "sync.choose_record"
    asks_factor = True

    def group(self) -> Group:
        """Whose record it is."""
        raise NotImplementedError

    def form_options(self) -> dict[str, Any]:
        """Her members of today, and how many keys there are."""
        group = self.group()
        rows = group.members.visible_to(self.staff).filter(left_date=None)
        rows = rows.select_related("person", "member_group")
        persons = [row.person_id for row in rows if row.person_id]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return {"members": rows, "slots": constitution_on(group).settings["keys_held"]}


class ChooseRecord(OfKeys):
    """Which of two records of a meeting stands."""

    form_class: ClassVar[type[HouseForm]] = ChoiceForm
    subject_model = Packet
    subject: Packet
    title = _("Choose between two records")
    intro = _(
        "What is not kept stays readable. What really happened and stands in neither is recorded"
        " anew at the next meeting."
    )
    verb = _("Write the choice down")
    reads_back = True

    def group(self) -> Group:
        """Whose record it is."""
        assert self.subject.group is not None
        return self.subject.group

    def find_subject(self, pk: Any) -> Any:
        """A packet of a known group."""
        packet = super().find_subject(pk)
        return packet if packet is not None and packet.group_id is not None else None

    def perform(self, values: dict[str, Any]) -> Any:
        """Choose. Raises NotASecondRecord."""
        record = record_in(self.subject)
        if record is None:
            raise NotASecondRecord
        return services.accept_branch(
            acting_staff=self.staff,
            group=self.group(),
            tip=record.tip,
            choice=Choice(values["choice"]),
            confirmed_by=confirmed(values),
        )

    def success_url(self, result: Any) -> str:
        """The packet, as it stands now."""
        return reverse("sync:packet_detail", args=[self.subject.pk])


class GoOn(OfKeys):
    """A group goes on without a meeting that never came."""

    form_class = KeysForm
    subject_model = Group
    subject: Group
    title = _("Go on without the missing meeting")
    verb = _("Go on")
    reads_back = True

    def group(self) -> Group:
        """The group itself."""
        return self.subject

    def lead(self) -> Any:
        """How long it has waited, and what its boxes held above the book."""
        waiting = waiting_behind_gap(self.subject)
        if waiting is None:
            return _("Nothing of this group waits for facts before it.")
        amounts: Sequence[str] = [
            f"{fund} {format_amount(units, self.subject.currency)}"
            for fund, units in waiting.amounts.items()
        ]
        return gettext(
            "A meeting has waited %(days)d days for the one before it. What its boxes held above"
            " the book goes on one named line a fund: %(amounts)s. When the missing meeting turns"
            " up, these lines go back."
        ) % {"days": waiting.days, "amounts": ", ".join(amounts) or "0"}

    def perform(self, values: dict[str, Any]) -> Any:
        """Go on."""
        return services.accept_gap(
            acting_staff=self.staff, group=self.subject, confirmed_by=confirmed(values)
        )

    def success_url(self, result: Any) -> str:
        """The group's packets."""
        return reverse("sync:packet_list")
