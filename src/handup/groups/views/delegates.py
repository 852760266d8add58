"""The page on which a group's delegates to the tier above are named; the papers of an election."""

from typing import Any, ClassVar

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Election, Member, OfficeTerm
from handup.groups.paper import set_paper
from handup.groups.rules.elections import DELEGATE
from handup.groups.services import delegates as services
from handup.groups.services import elections
from handup.groups.standing import seen_count
from handup.groups.views.elections import candidates_of, result_said, seats_said
from handup.groups.views.members_seen import note_members
from handup.groups.views.papers import Paper
from handup.groups.views.ruling import offer
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.money import format_day, format_number


class DelegatesForm(HouseForm):
    """Whom the group sends, from when until when."""

    members = forms.ModelMultipleChoiceField(
        label=_("Whom does the group send?"),
        queryset=Member.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    from_date = DayField(label=_("From"))
    until_date = DayField(label=_("Until"))

    def __init__(self, *args: Any, members: Any, **options: Any) -> None:
        """Offer the members of the group that sends them."""
        super().__init__(*args, **options)
        offer(self, "members", members)


class ElectDelegates(FormPage):
    """Name the delegates of one member group."""

    form_class = DelegatesForm
    permission = elections.ELECT
    subject_model: ClassVar[Any] = Member
    subject: Any
    title = _("Name delegates")
    verb = _("Keep the delegates")
    reads_back = True

    def find_subject(self, pk: Any) -> Any:
        """The membership of a group in the tier above."""
        rows = Member.objects.visible_to(self.staff).exclude(member_group=None)
        return rows.select_related("group", "member_group").filter(pk=pk).first()

    def lead(self) -> Any:
        """How many it sends."""
        allowed = services.allowed_of(self.subject, timezone.localdate())
        return _now("By its size this group sends up to %(allowed)s.") % {"allowed": allowed}

    def form_options(self) -> dict[str, Any]:
        """Her members of today whom the reader may see."""
        today = timezone.localdate()
        rows = Member.objects.visible_to(self.staff).filter(group=self.subject.member_group_id)
        rows = rows.filter(Q(left_date=None) | Q(left_date__gt=today))
        rows = rows.select_related("person", "member_group").order_by("member_no")
        note_members(self.request, rows)
        return {"members": rows}

    def initial(self) -> dict[str, Any]:
        """From today; those whom the group elected by ballots for it are chosen already."""
        terms = OfficeTerm.objects.visible_to(self.staff).filter(to_date=None)
        elected = terms.filter(group=self.subject.member_group_id, office__startswith=DELEGATE)
        members = list(elected.values_list("member", flat=True))
        return {"from_date": timezone.localdate(), "members": members}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep them."""
        return services.elect_delegates(
            acting_staff=self.staff,
            sender=self.subject,
            members=list(values["members"]),
            from_date=values["from_date"],
            until_date=values["until_date"],
        )

    def success_url(self, result: Any) -> str:
        """The elections and delegates of the tier above."""
        return reverse("groups:elections", args=[self.subject.group_id])


class BallotPaper(Paper):
    """A ballot to copy and cut, with those who are voted on now."""

    model = Election
    permission = "groups.view_member"
    related = ("group",)
    name = "ballot"

    def pdf(self, record: Election) -> bytes:
        """Set it."""
        rows = elections.in_round(record) if record.state in elections.COUNTING else []
        note_members(self.request, [row.member for row in rows])
        names = [(str(row.member), "") for row in rows]
        seats = elections.seats_open(record)
        facts = [
            (_now("Seats"), seats_said(record)),
            (_now("Mark at most so many names"), format_number(seats)),
        ]
        tables = [(_now("Who stands"), (_now("Member"), _now("Your mark")), names)]
        return set_paper(_now("Ballot"), record.group.name, facts, tables)


class ElectionMinutes(Paper):
    """How an election was counted and who is elected, to be signed."""

    model = Election
    permission = "groups.view_member"
    related = ("group",)
    name = "election"

    def pdf(self, record: Election) -> bytes:
        """Set it."""
        rows = candidates_of(record)
        note_members(self.request, [row.member for row in rows])
        facts = [
            (_now("Called on"), format_day(record.called_date)),
            (_now("Seats"), seats_said(record)),
            (_now("State"), str(record.get_state_display())),
        ]
        counts: list[tuple[str, ...]] = [
            (
                format_number(one.round),
                format_day(one.counted_date),
                format_number(seen_count(self.staff, one)),
                format_number(one.ballots),
                format_number(one.spoiled),
            )
            for one in record.counts.order_by("round")
        ]
        lines: list[tuple[str, ...]] = [
            (str(row.member), _said(row.votes_first), _said(row.votes_second), result_said(row))
            for row in rows
        ]
        heads = (_now("Round"), _now("On"), _now("Votes there are"), _now("Ballots"))
        tables: list[tuple[str, tuple[str, ...], list[tuple[str, ...]]]] = [
            (_now("Counts"), (*heads, _now("Spoiled")), counts),
            (
                _now("Who stands"),
                (_now("Member"), _now("Votes"), _now("Second round"), _now("Elected")),
                lines,
            ),
        ]
        signed = (_now("First counter"), _now("Second counter"), _now("Chair"))
        return set_paper(_now("Minutes of an election"), record.group.name, facts, tables, signed)


def _said(count: int | None) -> str:
    return "\u2013" if count is None else format_number(count)
