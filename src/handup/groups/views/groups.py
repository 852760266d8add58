"""Pages of groups: the list, registering one, a group with its money and meetings, its members."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups import services
from handup.groups.forms import (
    GroupForm,
    MemberForm,
)
from handup.groups.models import (
    Constitution,
    Group,
    InternalLoan,
    Member,
    OfficeTerm,
)
from handup.groups.models.group import CycleStatus, GroupKind, GroupStatus
from handup.groups.queries import alike, money_now, open_meeting_of
from handup.groups.rules.book import Place
from handup.groups.rules.money import MoneyState
from handup.groups.sections import group_actions, group_sections
from handup.groups.standing import seen_members
from handup.groups.views.cooperative import own_actions, own_tables
from handup.groups.views.kin_column import kin_column
from handup.groups.views.members_seen import note_members
from handup.groups.views.ruling import office_word
from handup.org.models import StaffUser
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tone,
)
from handup.org.web.money import format_money, format_number, format_percent
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    Moment,
    RecordPage,
    State,
    Table,
    Tile,
)
from handup.projects.models import Programme

TONES: dict[str, Tone] = {
    GroupStatus.FORMING.value: Tone.PLAIN,
    GroupStatus.ACTIVE.value: Tone.GOOD,
    GroupStatus.DORMANT.value: Tone.WARN,
    GroupStatus.GRADUATED.value: Tone.GOOD,
    GroupStatus.CLOSED.value: Tone.PLAIN,
}


class GroupList(ListPage):
    """Groups, cooperatives and associations."""

    model = Group
    permission = "groups.view_group"
    title = _("Groups")
    related = ("area", "programme")
    columns = (
        Column("name", _("Group"), Kind.LINK, sort="name", url_name="groups:group_detail"),
        Column("kind", _("Kind"), value=lambda group: group.get_kind_display()),
        Column("area", _("Area")),
        Column("formed_date", _("Formed on"), Kind.DATE, sort="formed_date"),
        Column("status", _("State"), Kind.STATE, tones=TONES),
        Column("programme", _("Programme"), shown=False),
        Column("code", _("Code"), shown=False, sort="code"),
    )
    filters = (
        Search(("name", "code"), label=_("Name or code")),
        Choice("kind", _("Kind"), GroupKind.choices),
        Choice("status", _("State"), GroupStatus.choices),
        DateRange("formed", _("Formed on"), "formed_date"),
    )
    order = "name"
    primary = Action(_("Register a group"), "groups:group_choose", "groups.register_group")
    empty = EmptyState(
        _("No groups yet"), _("Register a group when it has met and voted its rules."), primary
    )


class ChooseProgramme(ListPage):
    """In which programme a new group is registered."""

    model = Programme
    permission = "groups.register_group"
    title = _("In which programme?")
    columns = (
        Column("title", _("Programme"), Kind.LINK, sort="title", url_name="groups:group_templates"),
        Column("code", _("Code")),
    )
    order = "code"
    empty = EmptyState(
        _("There is no programme yet"),
        _("A programme is opened first: whoever manages programmes does it."),
        Action(_("Programmes"), "projects:programme_list", "projects.view_programme"),
    )


class NewGroup(FormPage):
    """Register a group."""

    form_class: ClassVar[type[HouseForm]] = GroupForm
    permission = "groups.register_group"
    subject_model = Programme
    title = _("Register a group")
    verb = _("Register the group")
    reads_back = True

    def lead(self) -> Any:
        """Before it is registered: whether a group of this name, kind and area is there already."""
        form = self.form_class(self.request.POST, **self.form_options())
        if self.request.method != "POST" or not form.is_valid():
            return ""
        told = form.cleaned_data
        known = alike(self.staff, told["name"], self.kind_told(told), told["area"])
        if not known:
            return ""
        codes = ", ".join(row.code for row in known)
        said = _now("A group of this name and kind is registered in this area already: %(codes)s.")
        return said % {"codes": codes} + " " + _now("Register it only if it is another one.")

    def kind_told(self, told: dict[str, Any]) -> str:
        """Which kind of group it is."""
        return str(told["kind"])

    def form_options(self) -> dict[str, Any]:
        """The programme's currency."""
        return {"programme_currency": self.subject.currency}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"formed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Group:
        """Call the service."""
        return services.register_group(
            acting_staff=self.staff,
            programme=self.subject,
            group=services.NewGroup(
                id=self.new_id,
                name=values["name"],
                kind=GroupKind(values["kind"]),
                area=values["area"],
                formed_date=values["formed_date"],
                currency=values["currency"],
                officer=self.staff,
                office=self.staff.home_office,
                settings={
                    "share_value_units": values["share_value_units"],
                    "charge_rate_bps": int(values["charge_rate"] * 100),
                },
            ),
        )

    def success_url(self, result: Group) -> str:
        """The group's page."""
        return reverse("groups:group_detail", args=[result.pk])


class GroupPage(RecordPage):
    """A group: its money, its members, its meetings."""

    model = Group
    permission = "groups.view_group"
    related = ("area", "programme", "book")

    def header(self) -> Header:
        """Name, state and the next thing to do."""
        group = self.record
        running = open_meeting_of(group)
        primary = (
            Action(
                _("Go on with the meeting"),
                "groups:meeting_detail",
                "groups.record_in_meeting",
                args=(running.pk,),
            )
            if running
            else Action(
                _("Open a meeting"), "groups:meeting_new", "groups.open_meeting", args=(group.pk,)
            )
        )
        return Header(
            group.name,
            subtitle=f"{group.get_kind_display()} · {group.area} · {group.programme}",
            state=State(group.get_status_display(), TONES[group.status]),
            primary=primary,
            actions=(
                Action(
                    _("Admit a member"),
                    "groups:member_new",
                    "groups.admit_member",
                    args=(group.pk,),
                ),
                Action(
                    _("Enrol the group in a course"),
                    "groups:group_enrol",
                    "training.enrol_in_cohort",
                    args=(group.pk,),
                ),
                Action(_("All rules"), "groups:rules", "groups.view_group", args=(group.pk,)),
                *_ruling_actions(group),
                *own_actions(group),
                Action(
                    _("Scorecards"), "groups:assessments", "groups.view_group", args=(group.pk,)
                ),
                Action(
                    _("Consents and dossiers"),
                    "groups:consents",
                    "groups.view_member",
                    args=(group.pk,),
                ),
                *_paper_actions(group),
                *(action for add in group_actions for action in add(self.staff, group.pk)),
            ),
            crumbs=(Crumb(_("Groups"), reverse("groups:group_list")),),
        )

    @cached_property
    def _money(self) -> MoneyState:
        return money_now(self.record)

    @cached_property
    def _rules(self) -> list[Constitution]:
        """Every version of its rules, the latest first."""
        rows = self.record.constitutions.order_by("-version")
        return list(rows.select_related("resolution__meeting", "resolution__group"))

    @cached_property
    def _members(self) -> list[Member]:
        """Everybody who is or was a member and whom the reader may see."""
        rows = self.record.members.visible_to(self.staff).select_related("person", "member_group")
        return list(rows.order_by("member_no"))

    def tiles(self) -> list[Tile]:
        """The box, the savings, what is lent."""
        group = self.record
        money = self._money
        currency, today = group.currency, timezone.localdate()
        count = sum(1 for member in self._members if _is_one_on(member, today))
        seen = {str(member.pk) for member in self._members}
        lent = {str(pk) for pk in self._loans().order_by().values_list("pk", flat=True)}
        return [
            Tile(_("Members"), str(count), how=_("Members today.")),
            Tile(
                _("Savings"),
                format_money(_sum_of(money.savings, seen), currency),
                how=_("What the group owes its members, from its book."),
            ),
            Tile(
                _("Lent to members"),
                format_money(_sum_of(money.principal, lent), currency),
                how=_("Principal not yet paid back, from its book."),
            ),
            Tile(
                _("In the box"),
                format_money(sum(money.cash.values()), currency),
                of=_("loan fund and social fund"),
                how=_("Cash of both funds, the open meeting included."),
            ),
        ]

    def timeline(self) -> list[Moment]:
        """The latest meetings."""
        return [
            Moment(
                meeting.held_date,
                _("Meeting %(number)s") % {"number": meeting.number},
                meeting.get_status_display(),
                reverse("groups:meeting_detail", args=[meeting.pk]),
            )
            for meeting in self.record.meetings.all()[:12]
        ]

    def facts(self) -> list[FactGroup]:
        """The rules it voted."""
        constitution = self._rules[0]
        settings = constitution.settings
        currency = self.record.currency
        return [
            FactGroup(
                _("Rules the group voted"),
                [
                    Fact(_("Version"), str(constitution.version)),
                    Fact(
                        _("Share or saving a meeting"),
                        format_money(settings["share_value_units"], currency),
                    ),
                    Fact(
                        _("Charge a period"),
                        format_percent(f"{settings['charge_rate_bps'] / 100:g}"),
                    ),
                    Fact(
                        _("Loan at most"),
                        _("%(times)s times the savings")
                        % {"times": format_number(settings["loan_multiple_x100"] / 100)},
                    ),
                ],
            )
        ]

    def _loans(self) -> QuerySet[InternalLoan]:
        return InternalLoan.objects.visible_to(self.staff).filter(group=self.record)

    def tables(self) -> list[Table]:
        """Members and open loans, for those who may see them."""
        group = self.record
        money, members = self._money, self._members
        note_members(self.request, members)
        loans = (
            self._loans()
            .filter(status="OPEN")
            .select_related("member__person", "member__member_group")
        )
        return [
            Table(
                _("Members"),
                (
                    Column("member_no", _("No."), Kind.NUMBER),
                    Column("shown_name", _("Name"), Kind.LINK, url_name="groups:member_passbook"),
                    Column("joined_date", _("Joined on"), Kind.DATE),
                    Column(
                        "savings",
                        _("Savings"),
                        Kind.MONEY,
                        value=lambda member: money.savings.get(str(member.pk), 0),
                        currency=group.currency,
                    ),
                    Column("status", _("State"), Kind.STATE),
                    *kin_column(self.staff, group),
                ),
                members,
                empty=EmptyState(_("No members yet"), _("Admit the first member.")),
            ),
            Table(
                _("Open loans"),
                (
                    Column("member.shown_name", _("Member")),
                    Column("principal_units", _("Amount"), Kind.MONEY, currency=group.currency),
                    Column("paid_out_date", _("Paid out on"), Kind.DATE),
                    Column("due_date", _("Due on"), Kind.DATE),
                    Column(
                        "left",
                        _("Left"),
                        Kind.MONEY,
                        value=lambda loan: money.principal.get(str(loan.pk), 0),
                        currency=group.currency,
                    ),
                ),
                loans,
                empty=EmptyState(
                    _("No open loans"), _("A loan is voted and paid out in a meeting.")
                ),
            ),
            *_ruling_tables(self.staff, group, self._rules),
            *own_tables(self.staff, group),
            *(table for add in group_sections for table in add(self.staff, group.pk)),
        ]


def _paper_actions(group: Group) -> list[Action]:
    """What is printed for a group before it meets."""
    args = (group.pk,)
    return [
        Action(_("Print member cards"), "groups:group_cards", "groups.view_member", args),
        Action(_("Print an empty sheet"), "groups:sheet_paper", "groups.view_member", args),
    ]


def _ruling_actions(group: Group) -> list[Action]:
    """What a group decides on itself."""
    told = [
        (_("Record an election"), "office_new", "elect_officer"),
        (_("Change the rules"), "rules_new", "adopt_constitution"),
        (_("A member leaves"), "member_leave", "end_membership"),
    ]
    if not group.cycles.exclude(status=CycleStatus.CLOSED).exists():
        told.append((_("Start a new cycle"), "cycle_new", "start_cycle"))
    if group.status in (GroupStatus.ACTIVE, GroupStatus.DORMANT):
        told.append((_("The group graduates"), "group_graduate", "graduate_group"))
    if group.status != GroupStatus.CLOSED:
        told.append((_("The group ends"), "group_close", "close_group"))
    return [
        Action(label, f"groups:{name}", f"groups.{code}", args=(group.pk,))
        for label, name, code in told
    ]


def _ruling_tables(staff: Any, group: Group, rules: Sequence[Constitution]) -> list[Table]:
    """Who holds which office, and every version of the rules."""
    terms = OfficeTerm.objects.visible_to(staff).filter(group=group)
    return [
        Table(
            _("Offices"),
            (
                Column("office", _("Office"), value=lambda term: office_word(term.office)),
                Column("member.shown_name", _("Who")),
                Column("from_date", _("Since"), Kind.DATE),
                Column("due_date", _("Elected until"), Kind.DATE),
                Column("to_date", _("Until"), Kind.DATE),
            ),
            terms.select_related("member__person", "member__member_group").order_by("-from_date"),
            empty=EmptyState(_("Nobody holds an office yet"), _("Record the election.")),
        ),
        Table(
            _("Versions of the rules"),
            (
                Column("version", _("Version"), Kind.NUMBER),
                Column("effective_date", _("Holds from"), Kind.DATE),
                Column("vote", _("Vote"), value=partial(_vote_of, staff)),
            ),
            rules,
        ),
    ]


def _vote_of(staff: StaffUser, row: Constitution) -> str:
    """How many said yes, of how many; the first version is told at registration."""
    vote = row.resolution
    if vote is None:
        return ""
    told = {"yes": vote.yes, "members": seen_members(staff, vote)}
    return _now("%(yes)s of %(members)s in favour") % told


def _is_one_on(member: Member, on: date) -> bool:
    return Place(member.joined_date, member.left_date).holds(on)


def _sum_of(amounts: Mapping[str, int], seen: Collection[str]) -> int:
    return sum(units for key, units in amounts.items() if key in seen)


class NewMember(FormPage):
    """Admit a registered person."""

    form_class = MemberForm
    permission = "groups.admit_member"
    subject_model = Group
    title = _("Admit a member")
    verb = _("Admit the member")

    def form_options(self) -> dict[str, Any]:
        """Who looks for the person."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"joined_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Call the service."""
        return services.admit_members(
            acting_staff=self.staff,
            group=self.subject,
            members=[
                services.NewMember(
                    id=self.new_id,
                    person=values["registration_no"],
                    joined_date=values["joined_date"],
                )
            ],
        )

    def success_url(self, result: Any) -> str:
        """The group's page."""
        return reverse("groups:group_detail", args=[self.subject.pk])
