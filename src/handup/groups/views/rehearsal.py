"""The share-out of today, rehearsed with its working, on a page and on paper."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, Member
from handup.groups.paper import set_paper
from handup.groups.rehearsal import Line, Rehearsal, rehearse
from handup.groups.views.members_seen import note_members
from handup.groups.views.papers import Paper
from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.org.web.lists import Action, Column, EmptyState, Kind, Tone
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.org.web.refusals import message_of


def members_of(staff: StaffUser, group: Group) -> dict[int, Member]:
    """The members the reader may see, by number, whatever became of them."""
    rows = Member.objects.visible_to(staff).filter(group=group)
    return {row.member_no: row for row in rows.select_related("person", "member_group")}


def steps(found: Rehearsal, group: Group) -> list[tuple[Any, str]]:
    """The working of the whole, a line a step."""

    def money(units: int) -> str:
        return format_money(units, group.currency)

    told: list[tuple[Any, str]] = [
        (_("In the box"), money(found.cash)),
        (_("and at the bank and on the phone account, to be brought first"), money(found.away)),
        (_("and what members owe"), money(found.owed)),
        (_("less what is owed outside"), money(found.debt)),
        (_("less what members have coming from before"), money(found.promised)),
        (_("To be divided"), money(found.distributable)),
    ]
    if found.value_per_share is not None:
        told.append((_("One share"), money(found.value_per_share)))
    told.append((_("What no coin divides, stays in the box"), money(found.leftover)))
    if found.carried:
        told.append(
            (_("What members owe stays owed and is not divided"), money(found.carried)),
        )
    return told


class RehearsalPage(RecordPage):
    """What each member would get if the group shared out today."""

    model = Group
    permission = "groups.view_member"
    related = ("book",)

    def header(self) -> Header:
        """Where it belongs, and its paper."""
        group = self.record
        return Header(
            _("Rehearsal of the share-out"),
            subtitle=group.name,
            actions=[Action(_("Print it"), "groups:rehearsal_paper", self.permission, (group.pk,))],
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
            ),
        )

    @cached_property
    def _found(self) -> Rehearsal | Refusal:
        try:
            return rehearse(self.record, timezone.localdate(), reader=self.staff)
        except Refusal as refusal:
            return refusal

    def notes(self) -> list[tuple[Tone, Any]]:
        """That nothing is stored; why there is nothing to divide; that a meeting is open."""
        found = self._found
        if isinstance(found, Refusal):
            return [(Tone.WARN, message_of(found))]
        told: list[tuple[Tone, Any]] = [(Tone.PLAIN, _("Nothing is stored or paid here."))]
        if found.goes_on:
            told.append((Tone.WARN, _("By its rules this group goes on and shares nothing out.")))
        if found.meeting_is_open:
            told.append((Tone.WARN, _("A meeting is open; what it records may change this.")))
        return told

    def facts(self) -> list[FactGroup]:
        """The working, to whoever sees every member of it: the whole less the others would be the
        figure of one who is not shown."""
        found = self._found
        if isinstance(found, Refusal) or not _is_whole(found, members_of(self.staff, self.record)):
            return []
        rows = [Fact(label, value) for label, value in steps(found, self.record)]
        return [FactGroup(_("Working"), rows)]

    def tables(self) -> list[Table]:
        """A line a member."""
        found, members = self._found, members_of(self.staff, self.record)
        lines = [] if isinstance(found, Refusal) else found.for_numbers(members)
        note_members(self.request, [members[line.member_no] for line in lines])
        money = self.record.currency

        def amount(name: str, label: Any) -> Column:
            return Column(name, label, Kind.MONEY, currency=money)

        return [
            Table(
                _("What each member gets"),
                (
                    Column("member", _("Member"), value=lambda line: str(members[line.member_no])),
                    Column("shares", _("Shares"), Kind.NUMBER),
                    amount("saved", _("Saved")),
                    amount("gross", _("Comes out")),
                    amount("gain", _("Gain")),
                    amount("social", _("Of the social fund")),
                    amount("owed", _("Less debts")),
                    amount("paid_now", _("Gets now")),
                    amount("left", _("Stays open, or still owed")),
                ),
                lines,
                empty=EmptyState(_("Nobody has anything to share out yet")),
            )
        ]


def _is_whole(found: Rehearsal, members: Mapping[int, Member]) -> bool:
    return all(line.member_no in members for line in found.lines)


class RehearsalPaper(Paper):
    """The rehearsal on paper, to be read aloud at the meeting."""

    model = Group
    permission = "groups.view_member"
    related = ("book",)
    name = "rehearsal"

    def pdf(self, record: Group) -> bytes:
        """Set it; where there is nothing to divide it says why."""
        today, members = timezone.localdate(), members_of(self.staff, record)
        facts = [(_now("Day"), format_day(today))]
        lines: list[Line] = []
        try:
            found = rehearse(record, today, reader=self.staff)
        except Refusal as refusal:
            facts.append((_now("Not yet"), message_of(refusal)))
        else:
            if found.goes_on:
                told = _now("By its rules this group goes on and shares nothing out.")
                facts.append((_now("Only an example"), told))
            lines = found.for_numbers(members)
            if _is_whole(found, members):
                facts += [(str(label), value) for label, value in steps(found, record)]
        note_members(self.request, [members[line.member_no] for line in lines])
        heads = (
            _now("Member"),
            _now("Shares"),
            _now("Saved"),
            _now("Comes out"),
            _now("Less debts"),
            _now("Gets now"),
            _now("Stays open, or still owed"),
        )
        rows = [
            (
                str(members[line.member_no]),
                format_number(line.shares),
                *(
                    format_money(units, record.currency)
                    for units in (line.saved, line.gross, line.owed, line.paid_now, line.left)
                ),
            )
            for line in lines
        ]
        title = _now("Rehearsal of the share-out")
        return set_paper(title, record.name, facts, [(_now("Members"), heads, rows)])
