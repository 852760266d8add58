"""Ballots that a group's phone counted, as pages show them: the sheet of each counter, and the
elections counted in a meeting."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import BallotCount, Election, GroupFact, Meeting, Member
from handup.groups.models.facts import VOID
from handup.groups.views.ruling import office_word
from handup.org.models import StaffUser
from handup.org.web.lists import Column, Kind
from handup.org.web.pages import Table


def sheets_of(election: Election, staff: StaffUser) -> list[tuple[GroupFact, Member]]:
    """What each counter found on the phone of the group, with who she is, in the order of counting;
    without the sheets of those whom a reader may not know of."""
    facts = GroupFact.objects.filter(
        group=election.group_id, name="record_tally", body__election=str(election.pk)
    )
    kept = list(facts.exclude(meeting__status__in=VOID).order_by("happened_date", "stream", "seq"))
    members = Member.objects.visible_to(staff).filter(group=election.group_id)
    members = members.filter(member_no__in={int(fact.body["counter"]) for fact in kept})
    counted = {one.member_no: one for one in members.select_related("person", "member_group")}
    sheets = ((fact, counted.get(int(fact.body["counter"]))) for fact in kept)
    return [(fact, member) for fact, member in sheets if member is not None]


Sheet = tuple[GroupFact, Member]


def sheets_table(sheets: list[Sheet], standing: Mapping[UUID, Member]) -> Table:
    """The sheets of the counters, one a line; counted again, they stand below."""

    def says(name: str) -> Callable[[Sheet], Any]:
        return lambda sheet: sheet[0].body[name]

    def votes(sheet: Sheet) -> str:
        lines: list[Any] = sheet[0].body["votes"]
        named = ((standing.get(UUID(line["member"])), line["votes"]) for line in lines)
        return ", ".join(f"{member}: {count}" for member, count in named if member is not None)

    return Table(
        _("What each counter found"),
        (
            Column("round", _("Round"), Kind.NUMBER, value=says("round")),
            Column("attempt", _("Count"), Kind.NUMBER, value=says("attempt")),
            Column("who", _("Who"), value=lambda sheet: sheet[1]),
            Column("ballots", _("Ballots"), Kind.NUMBER, value=says("ballots")),
            Column("spoiled", _("Spoiled"), Kind.NUMBER, value=says("spoiled")),
            Column("votes", _("Votes"), value=votes),
        ),
        sheets,
    )


def counted_in(meeting: Meeting, staff: StaffUser) -> list[Table]:
    """The elections whose ballots were counted in a meeting, as far as a reader may know of them;
    nothing where there are none."""
    rows = BallotCount.objects.visible_to(staff).filter(fact__meeting=meeting)
    found = list(rows.select_related("election").order_by("election__called_date", "round"))
    if not found:
        return []

    def seats(row: BallotCount) -> str:
        return ", ".join(str(office_word(seat)) for seat in row.election.seats)

    def state(row: BallotCount) -> str:
        said: str = row.election.get_state_display()
        return said

    return [
        Table(
            _("Ballots counted"),
            (
                Column(
                    "seats",
                    _("Seats"),
                    Kind.LINK,
                    value=seats,
                    href=lambda row: reverse("groups:election", args=[row.election_id]),
                ),
                Column(
                    "round",
                    _("Round"),
                    value=lambda row: _now("first") if row.round == 1 else _now("second"),
                ),
                Column("ballots", _("Ballots"), Kind.NUMBER),
                Column("state", _("State"), value=state),
            ),
            found,
        )
    ]
