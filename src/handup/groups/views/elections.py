"""Pages of elections: those of a group with its terms and delegates, one with its count, calling
it, counting the ballots of two sheets, the lot."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.forms import BoundField
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Candidate, Delegate, Election, Group, Member, OfficeTerm
from handup.groups.models.elections import ElectionState, ranked
from handup.groups.models.group import GroupKind
from handup.groups.rules.elections import NO_TERMS
from handup.groups.services import delegates
from handup.groups.services import elections as services
from handup.groups.standing import UPPER, seen_count, votes_of_members
from handup.groups.views.ballots_told import sheets_of, sheets_table
from handup.groups.views.dues import DayForm
from handup.groups.views.members_seen import note_members
from handup.groups.views.ruling import OfGroup, offer, office_word, offices_of
from handup.org.web.forms import DayField, FormPage, HouseForm, Question, dress
from handup.org.web.lists import Action, Column, EmptyState, Kind, Tone
from handup.org.web.money import format_day
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table

TONES: dict[str, Tone] = {
    ElectionState.OPEN.value: Tone.WARN,
    ElectionState.SECOND_ROUND.value: Tone.WARN,
    ElectionState.LOT.value: Tone.WARN,
    ElectionState.DECIDED.value: Tone.GOOD,
    ElectionState.CANCELLED.value: Tone.PLAIN,
}
BOARD = tuple(f"BOARD_{number}" for number in range(1, 12))
"""The seats offered of a board where a cooperative or association named no offices."""


def seats_of(group: Group) -> list[str]:
    """The seats a group can vote on: its offices, and a board where it has one."""
    seats = [seat for seat in offices_of(group) if not seat.startswith(NO_TERMS)]
    boards = group.kind not in (GroupKind.SHG, GroupKind.SAVINGS)
    return list(dict.fromkeys((*seats, *(BOARD if boards else ()))))


def seats_said(election: Election) -> str:
    """The seats of an election in words."""
    return ", ".join(str(office_word(seat)) for seat in election.seats)


def way(group: Group) -> tuple[Crumb, ...]:
    """The way to the elections of a group."""
    return (
        Crumb(_("Groups"), reverse("groups:group_list")),
        Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
        Crumb(_("Elections and delegates"), reverse("groups:elections", args=[group.pk])),
    )


class ElectionsPage(RecordPage):
    """Who holds which seat until when, the elections of a group, its delegates."""

    model = Group
    permission = "groups.view_member"

    def header(self) -> Header:
        """A new election."""
        group = self.record
        return Header(
            _("Elections and delegates"),
            subtitle=group.name,
            primary=Action(
                _("Call an election"), "groups:election_new", services.ELECT, (group.pk,)
            ),
            actions=[
                Action(_("Record an election"), "groups:office_new", services.ELECT, (group.pk,))
            ],
            crumbs=way(group)[:2],
        )

    def tables(self) -> list[Table]:
        """Seats, elections, delegates."""
        found = [self._seats(), self._elections()]
        if self.record.kind in UPPER:
            found += [self._senders(), self._delegates()]
        return found

    def _seats(self) -> Table:
        today = timezone.localdate()
        terms = OfficeTerm.objects.visible_to(self.staff).filter(group=self.record, to_date=None)
        rows = list(terms.select_related("member__person", "member__member_group"))
        note_members(self.request, [row.member for row in rows])

        def state(row: OfficeTerm) -> str:
            over = row.due_date is not None and row.due_date <= today
            return _now("the term is over: elect anew") if over else _now("in office")

        return Table(
            _("Who holds which seat"),
            (
                Column("office", _("Office"), value=lambda row: office_word(row.office)),
                Column("member.shown_name", _("Who")),
                Column("from_date", _("Since"), Kind.DATE),
                Column("due_date", _("Elected until"), Kind.DATE),
                Column("state", _("State"), value=state),
            ),
            sorted(rows, key=lambda row: (row.due_date or row.from_date, row.office)),
            empty=EmptyState(_("Nobody holds an office yet"), _("Record the election.")),
        )

    def _elections(self) -> Table:
        rows = Election.objects.visible_to(self.staff).filter(group=self.record)
        return Table(
            _("Elections"),
            (
                Column(
                    "called_date",
                    _("Called on"),
                    Kind.LINK,
                    value=lambda row: format_day(row.called_date),
                    href=lambda row: reverse("groups:election", args=[row.pk]),
                ),
                Column("seats", _("Seats"), value=seats_said),
                Column("state", _("State"), Kind.STATE, tones=TONES),
                Column("decided_date", _("Decided on"), Kind.DATE),
            ),
            rows,
            empty=EmptyState(
                _("No election of several yet"), _("Call one when several stand for a seat.")
            ),
        )

    def _senders(self) -> Table:
        today = timezone.localdate()
        rows = self.record.members.visible_to(self.staff).filter(left_date=None)
        rows = rows.exclude(member_group=None).select_related("member_group", "group")
        return Table(
            _("How many delegates each group sends"),
            (
                Column(
                    "shown_name",
                    _("Group"),
                    Kind.LINK,
                    href=lambda row: reverse("groups:delegates_new", args=[row.pk]),
                ),
                Column(
                    "allowed",
                    _("Delegates"),
                    Kind.NUMBER,
                    value=lambda row: delegates.allowed_of(row, today),
                ),
            ),
            rows.order_by("member_no"),
            empty=EmptyState(_("No group is a member yet")),
        )

    def _delegates(self) -> Table:
        rows = Delegate.objects.visible_to(self.staff).filter(group=self.record, to_date=None)
        found = list(
            rows.select_related("sender__member_group", "member__person", "member__member_group")
        )
        note_members(self.request, [row.member for row in found])
        return Table(
            _("Delegates"),
            (
                Column("sender.shown_name", _("Group")),
                Column("member.shown_name", _("Who")),
                Column("from_date", _("Since"), Kind.DATE),
                Column("until_date", _("Elected until"), Kind.DATE),
            ),
            found,
            empty=EmptyState(_("No delegates yet"), _("Choose a group above and name them.")),
        )


class CallForm(HouseForm):
    """Which seats, who stands, and when it was called."""

    seats = forms.MultipleChoiceField(
        label=_("Which seats are voted on?"), widget=forms.CheckboxSelectMultiple
    )
    candidates = forms.ModelMultipleChoiceField(
        label=_("Who stands?"),
        queryset=Member.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    on = DayField(label=_("Called on"))
    questions = (
        Question(_("Which seats are voted on?"), ("seats",)),
        Question(_("Who stands?"), ("candidates",)),
        Question(_("When?"), ("on",)),
    )

    def __init__(self, *args: Any, seats: Iterable[str], members: Any, **options: Any) -> None:
        """Offer the seats and the members of today."""
        super().__init__(*args, **options)
        field = self.fields["seats"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(seat, office_word(seat)) for seat in seats]
        offer(self, "candidates", members)


class CallElection(OfGroup):
    """Call an election of several."""

    form_class = CallForm
    permission = services.ELECT
    title = _("Call an election")
    intro = _("Those with most votes take the seats, in the order in which they stand here.")
    verb = _("Call it")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Seats and members."""
        return {"seats": seats_of(self.subject), "members": self.members()}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Call it."""
        return services.call_election(
            acting_staff=self.staff,
            group=self.subject,
            seats=values["seats"],
            candidates=list(values["candidates"]),
            on=values["on"],
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The election."""
        return reverse("groups:election", args=[result.pk])


def candidates_of(election: Election) -> list[Candidate]:
    """Who stands, those elected first; whoever may see the election may see them all."""
    rows = ranked(election)
    return list(rows.select_related("member__person", "member__member_group", "term"))


def result_said(row: Candidate) -> str:
    """What became of somebody who stood."""
    if row.rank is None:
        return ""
    seat = str(office_word(row.term.office)) if row.term else _now("elected")
    return _now("%(seat)s, by lot") % {"seat": seat} if row.by_lot else seat


class ElectionPage(RecordPage):
    """One election: who stands, how it was counted, who is elected."""

    model = Election
    permission = "groups.view_member"
    related = ("group",)

    def header(self) -> Header:
        """The next step."""
        row: Election = self.record
        args = (row.pk,)
        step = None
        if row.state in services.COUNTING:
            step = Action(_("Count the ballots"), "groups:election_count", services.ELECT, args)
        elif row.state == ElectionState.LOT:
            step = Action(_("Write down the lot"), "groups:election_lot", services.ELECT, args)
        papers = [
            Action(_("Print the minutes"), "groups:election_minutes", self.permission, args),
        ]
        if step is not None:
            papers = [
                Action(_("Print ballots"), "groups:election_ballot", self.permission, args),
                *papers,
                Action(_("Cancel the election"), "groups:election_cancel", services.ELECT, args),
            ]
        return Header(
            _("Election"),
            subtitle=f"{row.group.name} · {seats_said(row)}",
            state=State(row.get_state_display(), TONES[row.state]),
            primary=step,
            actions=papers,
            crumbs=way(row.group),
        )

    def facts(self) -> list[FactGroup]:
        """How each round was counted."""
        row: Election = self.record
        called = [
            Fact(_("Called on"), format_day(row.called_date)),
            Fact(_("Seats"), str(len(row.seats))),
        ]
        found = [FactGroup(_("The election"), called)]
        for count in row.counts.order_by("round"):
            told = [
                Fact(_("Counted on"), format_day(count.counted_date)),
                Fact(_("Votes there are"), str(seen_count(self.staff, count))),
                Fact(_("Ballots"), str(count.ballots)),
                Fact(_("Spoiled"), str(count.spoiled)),
            ]
            title = _("First round") if count.round == 1 else _("Second round")
            found.append(FactGroup(title, told))
        return found

    def tables(self) -> list[Table]:
        """Who stands, with her votes."""
        rows = candidates_of(self.record)
        sheets = sheets_of(self.record, self.staff)
        counted = (who for _sheet, who in sheets)
        note_members(self.request, [*(row.member for row in rows), *counted])
        stands = Table(
            _("Who stands"),
            (
                Column("member", _("Member")),
                Column("votes_first", _("Votes"), Kind.NUMBER),
                Column("votes_second", _("Second round"), Kind.NUMBER),
                Column("result", _("Elected"), value=result_said),
            ),
            rows,
        )
        named = {row.member_id: row.member for row in rows}
        return [stands, sheets_table(sheets, named)] if sheets else [stands]


class OfElection(FormPage):
    """A step of one election; it goes back to it."""

    subject_model: ClassVar[Any] = Election
    subject: Election
    permission = services.ELECT

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def success_url(self, result: Any) -> str:
        """The election."""
        return reverse("groups:election", args=[self.subject.pk])

    def standing(self) -> list[Candidate]:
        """Who is voted on or drawn now."""
        rows = services.in_round(self.subject)
        note_members(self.request, [row.member for row in rows])
        return rows

    def counters(self) -> Any:
        """Members who may count: those who do not stand, as far as the reader sees them."""
        standing = self.subject.candidates.values("member")
        rows = Member.objects.visible_to(self.staff).filter(group=self.subject.group_id)
        today = timezone.localdate()
        rows = rows.filter(Q(left_date=None) | Q(left_date__gt=today)).exclude(pk__in=standing)
        return rows.select_related("person", "member_group").order_by("member_no")


COUNTED = {"ballots": _("Ballots in the box"), "spoiled": _("Spoiled among them")}


class CountForm(HouseForm):
    """The sheets of two counters, one after the other."""

    on = DayField(label=_("Counted on"))

    def __init__(self, *args: Any, standing: list[Candidate], members: Any, **options: Any) -> None:
        """A number for each who stands, on both sheets."""
        super().__init__(*args, **options)
        self.standing = standing
        for no in (1, 2):
            fields: dict[str, forms.Field] = {
                f"counter_{no}": forms.ModelChoiceField(label=_("Who counted?"), queryset=members)
            }
            fields |= {f"{name}_{no}": _number(label) for name, label in COUNTED.items()}
            fields |= {f"votes_{row.pk}_{no}": _number(str(row.member)) for row in standing}
            for name, field in fields.items():
                dress(field)
                self.fields[name] = field

    @property
    def groups(self) -> list[tuple[Question | None, list[BoundField]]]:
        """A question for the day and one for each sheet."""
        asked = [Question(_("When were they counted?"), ("on",))]
        for no, title in ((1, _("The first sheet")), (2, _("The second sheet"))):
            votes = (f"votes_{row.pk}_{no}" for row in self.standing)
            asked.append(
                Question(title, (f"counter_{no}", *(f"{one}_{no}" for one in COUNTED), *votes))
            )
        return [(question, [self[name] for name in question.fields]) for question in asked]


def _number(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=100_000)


class CountBallots(OfElection):
    """Write down a round of ballots as two counted them."""

    form_class = CountForm
    title = _("Count the ballots")
    intro = _("Two members count, each alone. Their sheets must say the same.")
    verb = _("Keep the count")
    reads_back = True

    def lead(self) -> Any:
        """How many names a voter marks, and how many votes there are today of whom she may see."""
        votes = votes_of_members(self.subject.group, timezone.localdate())
        seen = Member.objects.visible_to(self.staff).filter(pk__in=votes)
        return _now(
            "Two members count, each alone. Their sheets must say the same. A voter marks up to"
            " %(seats)s names. There are %(votes)s votes today."
        ) % {
            "seats": services.seats_open(self.subject),
            "votes": sum(votes[pk] for pk in seen.values_list("pk", flat=True)),
        }

    def form_options(self) -> dict[str, Any]:
        """Who is voted on, and who may count."""
        return {"standing": self.standing(), "members": self.counters()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        standing = services.in_round(self.subject)
        first, second = (
            services.Sheet(
                counter=values[f"counter_{no}"],
                ballots=values[f"ballots_{no}"],
                spoiled=values[f"spoiled_{no}"],
                votes={row.pk: values.get(f"votes_{row.pk}_{no}", 0) for row in standing},
            )
            for no in (1, 2)
        )
        return services.record_ballots(
            acting_staff=self.staff,
            election=self.subject,
            on=values["on"],
            first=first,
            second=second,
            id=self.new_id,
        )


class LotForm(HouseForm):
    """Whom the lot chose."""

    drawn = forms.ModelMultipleChoiceField(
        label=_("Whom did the lot choose?"),
        queryset=Candidate.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    on = DayField(label=_("Drawn on"))

    def __init__(self, *args: Any, tied: Any, **options: Any) -> None:
        """Offer those who are tied."""
        super().__init__(*args, **options)
        offer(self, "drawn", tied)


class RecordLot(OfElection):
    """Write down what the lot decided."""

    form_class = LotForm
    title = _("Write down the lot")
    verb = _("Keep it")
    reads_back = True

    def lead(self) -> Any:
        """How many seats are open."""
        return _now(
            "They are tied again. The lot is drawn before everybody. Seats open: %(n)s."
        ) % {"n": services.seats_open(self.subject)}

    def form_options(self) -> dict[str, Any]:
        """Those who are tied."""
        tied = [row.pk for row in self.standing()]
        rows = Candidate.objects.filter(pk__in=tied)
        return {"tied": rows.select_related("member__person", "member__member_group")}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return services.record_lot(
            acting_staff=self.staff,
            election=self.subject,
            drawn=list(values["drawn"]),
            on=values["on"],
        )


class CancelElection(OfElection):
    """End an election that is not decided."""

    form_class = DayForm
    title = _("Cancel the election")
    verb = _("Cancel the election")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Cancel it."""
        return services.cancel_election(
            acting_staff=self.staff, election=self.subject, on=values["on"]
        )
