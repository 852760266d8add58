"""Joint groups: the list, the record with its loans, and its steps."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.lending.models import Application, JointGroup, JointMember, Loan
from handup.lending.security_forms import (
    CloseGroupForm,
    JoinForm,
    JointGroupForm,
    word_of,
)
from handup.lending.services import joint as services
from handup.lending.views.links import LOAN_TONES, application_state, days_late
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.columns import State as Shown
from handup.org.web.forms import FormPage
from handup.org.web.lists import EmptyState, ListPage, Search
from handup.org.web.money import format_money
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.projects.models import Programme

FORM = Action(_("Form a joint group"), "lending:joint_group_new", "lending.form_joint_group")


def _state(row: JointGroup) -> Shown:
    if row.closed_date is not None:
        return Shown(_("Closed"), Tone.PLAIN)
    return Shown(_("Open"), Tone.GOOD)


class JointGroupList(ListPage):
    """Every joint group the reader may see."""

    model = JointGroup
    permission = "lending.view_security"
    title = _("Joint groups")
    related = ("officer", "group")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="lending:joint_group_detail"),
        Column("name", _("Name"), sort="name"),
        Column("group.name", _("Group they come from")),
        Column("officer.display_name", _("Officer")),
        Column("formed_date", _("Formed on"), Kind.DATE, sort="formed_date"),
        Column("closed_date", _("State"), value=_state),
    )
    filters = (Search(("code", "name"), label=_("Number or name")),)
    order = "-pk"
    primary = FORM
    empty = EmptyState(
        _("No joint groups yet"),
        _("Borrowers who answer for each other, each with a loan of her own."),
        FORM,
    )


class NewJointGroup(FormPage):
    """Borrowers agree to answer for each other."""

    form_class = JointGroupForm
    permission = "lending.form_joint_group"
    title = _("Form a joint group")
    verb = _("Form the group")

    def form_options(self) -> dict[str, Any]:
        """Programmes and groups the reader may see."""
        return {
            "programmes": Programme.objects.visible_to(self.staff).order_by("title"),
            "groups": Group.objects.visible_to(self.staff).order_by("name"),
        }

    def initial(self) -> dict[str, Any]:
        """Today, and the days as they usually are."""
        return {"formed_date": timezone.localdate(), "call_days": 30, "stop_days": 30}

    def perform(self, values: dict[str, Any]) -> Any:
        """Form it."""
        return services.form_joint_group(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Any) -> str:
        """The group's page."""
        return reverse("lending:joint_group_detail", args=[result.pk])


def _loan(row: JointMember) -> Loan | None:
    return getattr(getattr(row.application, "agreement", None), "loan", None)


def _href(row: JointMember) -> str:
    loan = _loan(row)
    if loan is not None:
        return reverse("lending:loan_detail", args=[loan.pk])
    return reverse("lending:application_detail", args=[row.application_id])


def _code(row: JointMember) -> str:
    loan = _loan(row)
    return row.application.code if loan is None else loan.code


def _late(row: JointMember) -> int | None:
    loan = _loan(row)
    return None if loan is None else days_late(loan)


def _owed(row: JointMember) -> int | None:
    loan = _loan(row)
    return None if loan is None else loan.principal_units


def _member_state(row: JointMember) -> Shown:
    loan = _loan(row)
    if loan is None:
        return application_state(row.application)
    return Shown(loan.get_state_display(), LOAN_TONES[loan.state])


def member_table(staff: StaffUser, group: JointGroup) -> Table:
    """The loans that stand together, what each owes and how late it is."""
    rows = JointMember.objects.visible_to(staff).filter(joint_group=group)
    rows = rows.select_related(
        "application__person",
        "application__enterprise",
        "application__group",
        "application__agreement__loan",
    )
    columns = (
        Column("code", _("Loan"), Kind.LINK, value=_code, href=_href),
        Column("borrower", _("Borrower"), value=lambda row: str(row.application.borrower)),
        Column("owed", _("Outstanding"), Kind.MONEY, value=_owed, currency="application.currency"),
        Column("late", _("Days late"), Kind.NUMBER, value=_late),
        Column(
            "cap_units",
            _("Answers for at most"),
            value=lambda row: (
                _("no limit")
                if row.cap_units is None
                else format_money(row.cap_units, row.application.currency)
            ),
        ),
        Column("agreed_date", _("Agreed on"), Kind.DATE),
        Column("state", _("State"), value=_member_state),
    )
    empty = EmptyState(_("No loans yet"), _("Add each member's application before it is signed."))
    return Table(_("Loans that stand together"), columns, list(rows), empty)


def joint_tables(staff: StaffUser, application: Application) -> Sequence[Table]:
    """The joint group an application or its loan stands in."""
    member = JointMember.objects.visible_to(staff).filter(application=application).first()
    return () if member is None else (member_table(staff, member.joint_group),)


class JointGroupPage(RecordPage):
    """One joint group: its loans, its rules, its next step."""

    model = JointGroup
    permission = "lending.view_security"
    related = ("officer", "group", "programme")

    def header(self) -> Header:
        """Name, state, the next step."""
        row = self.record
        pk = (row.pk,)
        join = Action(_("Add a loan"), "lending:joint_group_join", "lending.form_joint_group", pk)
        close = Action(
            _("Close the group"), "lending:joint_group_close", "lending.form_joint_group", pk
        )
        live = row.closed_date is None
        return Header(
            row.name,
            row.code,
            state=_state(row),
            primary=join if live else None,
            actions=(close,) if live else (),
            crumbs=(Crumb(_("Joint groups"), reverse("lending:joint_group_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Where it comes from and when the others are called."""
        row = self.record
        days = _now("more than %(days)s days late")
        return [
            FactGroup(
                _("Joint group"),
                [
                    Fact(_("Programme"), row.programme),
                    Fact(_("Group they come from"), row.group),
                    Fact(_("Officer"), row.officer),
                    Fact(_("Formed on"), row.formed_date),
                    Fact(_("The others are called when one is"), days % {"days": row.call_days}),
                    Fact(_("New loans stop when one is"), days % {"days": row.stop_days}),
                    Fact(_("Closed on"), row.closed_date),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The members' loans."""
        table = member_table(self.staff, self.record)
        persons = [row.application.person_id for row in table.rows]
        reads.note(self.request, persons=[pk for pk in persons if pk], action="LIST")
        return [table]


class JoinJointGroup(FormPage):
    """One more loan stands with the others."""

    form_class = JoinForm
    permission = "lending.form_joint_group"
    subject_model = JointGroup
    title = _("Add a loan to the joint group")
    verb = _("Add the loan")

    def form_options(self) -> dict[str, Any]:
        """Who reads."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"agreed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Add it."""
        told = dict(values)
        return services.join_joint_group(
            acting_staff=self.staff,
            joint_group=self.subject,
            application=told["application"],
            word=word_of(told),
            cap_units=told.get("cap_units"),
            recorded_date=timezone.localdate(),
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The group's page."""
        return reverse("lending:joint_group_detail", args=[self.subject.pk])


class CloseJointGroup(FormPage):
    """The joint group ends."""

    form_class = CloseGroupForm
    permission = "lending.form_joint_group"
    subject_model = JointGroup
    title = _("Close the joint group")
    verb = _("Close the group")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"closed_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Close it."""
        return services.close_joint_group(
            acting_staff=self.staff, joint_group=self.subject, **values
        )

    def success_url(self, result: Any) -> str:
        """The group's page."""
        return reverse("lending:joint_group_detail", args=[self.subject.pk])
