"""Pages of meetings: opening one, its sheet, a loan paid out in it, counting and closing."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.groups import services
from handup.groups.forms import (
    COLUMNS,
    ClosingForm,
    LoanForm,
    MeetingForm,
    SheetForm,
)
from handup.groups.models import Group, Meeting, MeetingAttendance, Member
from handup.groups.models.facts import Mark, MeetingKind, MeetingStatus
from handup.groups.queries import constitution_on, members_seen, payers_seen
from handup.groups.rules.money import LOAN, SOCIAL
from handup.groups.sheet_places import lettered
from handup.groups.views.ballots_told import counted_in
from handup.groups.views.members_seen import note_members
from handup.groups.views.papersheets import photo_address, sheet_actions, sheet_facts, sheet_of
from handup.groups.views.settling import settling_actions
from handup.groups.views.statements import statement_actions
from handup.org.web.forms import FormPage
from handup.org.web.lists import (
    Action,
    Column,
    EmptyState,
    Kind,
    Tone,
)
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tile,
)


class NewMeeting(FormPage):
    """Open a meeting."""

    form_class = MeetingForm
    permission = "groups.open_meeting"
    subject_model = Group
    title = _("Open a meeting")
    verb = _("Open the meeting")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"held_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Meeting:
        """Call the service."""
        told = values | {"kind": MeetingKind(values["kind"] or MeetingKind.ORDINARY)}
        return services.open_meeting(
            acting_staff=self.staff, group=self.subject, id=self.new_id, **told
        )

    def success_url(self, result: Meeting) -> str:
        """The meeting's page."""
        return reverse("groups:meeting_detail", args=[result.pk])


class MeetingPage(RecordPage):
    """A meeting: who came, what was paid in, what was decided."""

    model = Meeting
    permission = "groups.view_group"
    related = ("group", "group__area")

    def header(self) -> Header:
        """Number, state and what comes next."""
        meeting = self.record
        is_open = meeting.status == MeetingStatus.OPEN
        pk = (meeting.pk,)
        record = Action(
            _("Write the sheet"), "groups:meeting_sheet", "groups.record_in_meeting", args=pk
        )
        more = (
            Action(_("Pay out a loan"), "groups:loan_new", "groups.record_in_meeting", args=pk),
            Action(_("Count and close"), "groups:meeting_close", "groups.close_meeting", args=pk),
            *statement_actions(meeting),
            *settling_actions(meeting),
            *sheet_actions(self.staff, meeting),
        )
        paper = Action(
            _("Minutes on paper"), "groups:meeting_minutes", "groups.view_member", args=pk
        )
        return Header(
            _("Meeting %(number)s") % {"number": meeting.number},
            subtitle=f"{meeting.group.name} · {meeting.place}".rstrip(" ·"),
            state=State(meeting.get_status_display(), Tone.WARN if is_open else Tone.GOOD),
            primary=record if is_open else None,
            actions=more if is_open else (paper, *sheet_actions(self.staff, meeting)),
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(meeting.group.name, reverse("groups:group_detail", args=[meeting.group_id])),
            ),
        )

    def tiles(self) -> list[Tile]:
        """Who came and what came in."""
        meeting = self.record
        marks = list(self._marks().values_list("mark", flat=True))
        there = sum(mark in {Mark.PRESENT, Mark.LATE} for mark in marks)
        seen = {str(pk) for pk in self._members().values_list("pk", flat=True)}
        sums: dict[str, int] = {}
        for name, body in meeting.facts.filter(reversed_by=None).values_list("name", "body"):
            if body.get("member", "") not in {"", *seen}:
                continue
            sums[name] = sums.get(name, 0) + int(body.get("units") or 0)
        currency = meeting.group.currency
        saved = sums.get("buy_shares", 0) + sums.get("record_saving", 0)
        return [
            Tile(
                _("Came"),
                str(there),
                of=ngettext("of %(n)s member", "of %(n)s members", len(marks)) % {"n": len(marks)},
                how=_("Members present or late; represented ones apart."),
            ),
            Tile(_("Saved"), format_money(saved, currency), how=_("Savings of this meeting.")),
            Tile(
                _("Paid back"),
                format_money(sums.get("record_repayment", 0), currency),
                how=_("Loans paid back in this meeting, charges included."),
            ),
            Tile(
                _("Lent"),
                format_money(sums.get("pay_out_loan", 0), currency),
                how=_("Loans paid out in this meeting."),
            ),
        ]

    def facts(self) -> list[FactGroup]:
        """Day, code, next date; what the recorder said of the paper."""
        meeting = self.record
        return [
            *sheet_facts(self.staff, meeting),
            FactGroup(
                _("The meeting"),
                [
                    Fact(_("Held on"), meeting.held_date),
                    Fact(_("Closing code"), meeting.closing_code or _("not closed yet")),
                    Fact(_("Next meeting"), meeting.next_date or _("not set")),
                ],
            ),
        ]

    def _marks(self) -> QuerySet[MeetingAttendance]:
        rows: QuerySet[MeetingAttendance] = self.record.attendance.visible_to(self.staff)
        return rows

    def _members(self) -> QuerySet[Member]:
        rows: QuerySet[Member] = self.record.group.members.visible_to(self.staff)
        return rows

    def tables(self) -> list[Table]:
        """The marks."""
        rows = (
            self._marks()
            .select_related("member__person", "member__member_group")
            .order_by("member__member_no")
        )
        note_members(self.request, [row.member for row in rows])
        return [
            Table(
                _("Who came"),
                (
                    Column("member.member_no", _("No."), Kind.NUMBER),
                    Column("member.shown_name", _("Name")),
                    Column("mark", _("Mark"), value=lambda row: row.get_mark_display()),
                ),
                rows,
                empty=EmptyState(_("Nobody is marked yet"), _("Write the sheet of the meeting.")),
            ),
            *counted_in(self.record, self.staff),
        ]


class AtMeeting(FormPage):
    """A form of one meeting."""

    subject_model = Meeting
    subject: Meeting

    def subject_name(self) -> str:
        """Whose meeting it is, and when."""
        return f"{self.subject.group} · {format_day(self.subject.held_date)}"

    def success_url(self, result: Any) -> str:
        """The meeting's page."""
        return reverse("groups:meeting_detail", args=[self.subject.pk])


class MeetingSheet(AtMeeting):
    """The meeting's sheet: a line a member."""

    form_class = SheetForm
    permission = "groups.record_in_meeting"
    title = _("Sheet of the meeting")
    verb = _("Record the sheet")
    template = "groups/meeting_sheet.html"

    def form_options(self) -> dict[str, Any]:
        """The members of that day, who left owing, and their marks so far."""
        members = payers_seen(self.staff, self.subject.group, self.subject.held_date)
        note_members(self.request, members)
        return {
            "members": members,
            "currency": self.subject.group.currency,
            "marks": dict(self.subject.attendance.values_list("member_id", "mark")),
        }

    def context(self) -> dict[str, Any]:
        """Columns for the running totals; the photo of the paper where there is one."""
        photo = photo_address(self.staff, sheet_of(self.staff, self.subject))
        heads = [lettered(column) for column in ("mark", *COLUMNS)]
        told = {"columns": COLUMNS.items(), "meeting": self.subject}
        return {**told, "photo": photo, "heads": heads}

    def perform(self, values: dict[str, Any]) -> Any:
        """Call the service with the lines that say something."""
        lines = []
        for member in payers_seen(self.staff, self.subject.group, self.subject.held_date):
            mark = values[f"mark_{member.pk}"]
            amounts = {f"{name}_units": values[f"{name}_{member.pk}"] or 0 for name in COLUMNS}
            if mark or any(amounts.values()):
                lines.append(services.MeetingLine(member, Mark(mark) if mark else None, **amounts))
        return services.record_meeting_lines(
            acting_staff=self.staff, meeting=self.subject, lines=lines, id=self.new_id
        )

    def done_message(self, result: Any) -> str:
        """How much was recorded."""
        return ngettext(
            "%(n)s line of the sheet is recorded.",
            "%(n)s lines of the sheet are recorded.",
            len(result),
        ) % {"n": len(result)}


class NewLoan(AtMeeting):
    """Pay out a voted loan."""

    form_class = LoanForm
    permission = "groups.record_in_meeting"
    title = _("Pay out a loan")
    verb = _("Pay out the loan")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Members and currency."""
        members = members_seen(self.staff, self.subject.group, self.subject.held_date)
        note_members(self.request, members)
        held = constitution_on(self.subject.group, self.subject.held_date).settings
        return {
            "members": members,
            "currency": self.subject.group.currency,
            "social": held["social_lendable"],
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Call the service."""
        seen = members_seen(self.staff, self.subject.group, self.subject.held_date)
        member = seen.get(pk=UUID(values.pop("member")))
        return services.pay_out_loan(
            acting_staff=self.staff, meeting=self.subject, member=member, id=self.new_id, **values
        )


class CloseMeeting(AtMeeting):
    """Count the box and close."""

    form_class = ClosingForm
    permission = "groups.close_meeting"
    title = _("Count and close")
    intro = _("Count the box before looking at the book. The book is compared when you go on.")
    verb = _("Close the meeting")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.group.currency}

    def perform(self, values: dict[str, Any]) -> Any:
        """Call the service."""
        counts = tuple(
            services.CashCount(fund, values[f"counted_{fund}"], values[f"reason_{fund}"])
            for fund in (LOAN, SOCIAL)
        )
        return services.close_meeting(
            acting_staff=self.staff,
            meeting=self.subject,
            counts=counts,
            next_date=values["next_date"],
            id=self.new_id,
        )

    def done_message(self, result: Meeting) -> str:
        """The code to read aloud."""
        return _("The meeting is closed. Read the code aloud: %(code)s") % {
            "code": result.closing_code
        }
