"""Pages of what leaves the house: consents of the members, dossiers sent, one with its paper."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.consents import PURPOSES, consenting
from handup.groups.models import DossierMember, Group, GroupDossier, InternalLoan, Member
from handup.groups.paper import set_paper
from handup.groups.queries import money_now
from handup.groups.services import dossiers as services
from handup.groups.services.assembly import Votes
from handup.groups.views.dues import VOTE, VoteForm, votes_of
from handup.groups.views.members_seen import note_members
from handup.groups.views.papers import Paper
from handup.groups.views.ruling import OfGroup, offer
from handup.groups.views.scoring_words import grade_word
from handup.org.models import StaffUser
from handup.org.web.forms import Question
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_day, format_money, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.people.models.labels import CONSENT_PURPOSE
from handup.people.rules.codes import ConsentPurpose
from handup.projects.models import Organisation


def sees_all(staff: StaffUser, group: Group) -> bool:
    """Tell whether a reader sees every member with money in the group: else the figures of the
    whole less those shown would be those of one who is not."""
    money = money_now(group)
    rows = Member.objects.visible_to(staff).filter(group=group)
    seen = {str(pk) for pk in rows.values_list("pk", flat=True)}
    loans = InternalLoan.objects.visible_to(staff).filter(group=group)
    lent = {str(pk) for pk in loans.values_list("pk", flat=True)}
    saved = {pk for pk, units in money.savings.items() if units}
    return saved <= seen and money.principal.keys() <= lent


def sees_whole(staff: StaffUser, row: GroupDossier) -> bool:
    """Tell whether a reader sees every member whose money is in the figures of a dossier, whatever
    became of it since; of one that does not tell whose, every member of its day."""
    counted = row.figures.get("counted")
    seen = Member.objects.visible_to(staff).filter(group=row.group)
    all_of = Member._base_manager.filter(group=row.group)
    if counted is None:
        all_of = all_of.filter(joined_date__lte=row.sent_date)
        return not all_of.exclude(pk__in=seen.values("pk")).exists()
    return not all_of.filter(pk__in=counted).exclude(pk__in=seen.values("pk")).exists()


class ConsentsPage(RecordPage):
    """Who agrees to what, and which dossiers were sent."""

    model = Group
    permission = "groups.view_member"

    def header(self) -> Header:
        """A new dossier."""
        group = self.record
        return Header(
            _("Consents and dossiers"),
            subtitle=group.name,
            primary=Action(_("Share a dossier"), "groups:dossier_new", services.SHARE, (group.pk,)),
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(group.name, reverse("groups:group_detail", args=[group.pk])),
            ),
        )

    def tables(self) -> list[Table]:
        """A line a member, and every dossier."""
        group, today = self.record, timezone.localdate()
        rows = Member.objects.visible_to(self.staff).filter(group=group, left_date=None)
        members = list(rows.select_related("person", "member_group").order_by("member_no"))
        note_members(self.request, members)
        agreed = {one: consenting(group, members, one, on=today) for one in PURPOSES}

        def says(purpose: ConsentPurpose) -> Column:
            return Column(
                purpose.value,
                CONSENT_PURPOSE[purpose],
                value=lambda member: _now("yes") if member.pk in agreed[purpose] else _now("no"),
            )

        return [
            Table(
                _("Who agrees today, to everybody who asks"),
                (
                    Column("member_no", _("No."), Kind.NUMBER),
                    Column("shown_name", _("Member")),
                    *(says(purpose) for purpose in PURPOSES),
                ),
                members,
                empty=EmptyState(_("No members yet")),
            ),
            Table(
                _("Dossiers sent"),
                (
                    Column(
                        "sent_date",
                        _("Sent on"),
                        Kind.LINK,
                        value=lambda row: format_day(row.sent_date),
                        href=lambda row: reverse("groups:dossier", args=[row.pk]),
                    ),
                    Column("recipient", _("To")),
                    Column("purpose", _("For")),
                ),
                group.dossiers.select_related("recipient"),
                empty=EmptyState(_("No dossier was sent"), _("A vote of the group comes first.")),
            ),
        ]


class DossierForm(VoteForm):
    """To whom, for what, and the vote."""

    recipient = forms.ModelChoiceField(label=_("To whom?"), queryset=Organisation.objects.none())
    purpose = forms.ChoiceField(label=_("For what?"))
    questions = (
        Question(_("Where does it go?"), ("recipient", "purpose")),
        Question(_("How did the assembly vote?"), VOTE),
    )

    def __init__(self, *args: Any, recipients: Any, **options: Any) -> None:
        """Offer whom the reader knows, and what a dossier can be for."""
        super().__init__(*args, **options)
        offer(self, "recipient", recipients)
        field = self.fields["purpose"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(one.value, CONSENT_PURPOSE[one]) for one in PURPOSES]


class ShareDossier(OfGroup):
    """Share a dossier of the group by its vote."""

    form_class = DossierForm
    permission = services.SHARE
    title = _("Share a dossier")
    intro = _(
        "The figures of the whole group go by its vote. The line of a member goes only where she"
        " agreed to this purpose."
    )
    verb = _("Keep the vote and share")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Organisations she may see."""
        return {"recipients": Organisation.objects.visible_to(self.staff).order_by("name")}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"decided_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        votes: Votes = votes_of(values)
        return services.share_dossier(
            acting_staff=self.staff,
            group=self.subject,
            recipient=values["recipient"],
            purpose=ConsentPurpose(values["purpose"]),
            votes=votes,
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The dossier."""
        return reverse("groups:dossier", args=[result.pk])


def figures_of(row: GroupDossier) -> list[tuple[Any, str]]:
    """The figures of the whole group, as they were."""
    told = row.figures
    return [
        (_("Members"), format_number(told["members"])),
        (_("Meetings held"), format_number(told["meetings"])),
        (_("In the box"), format_money(told["cash"], told["currency"])),
        (_("Savings"), format_money(told["savings"], told["currency"])),
        (_("Lent to members"), format_money(told["loans"], told["currency"])),
        (_("Grade"), grade_word(told["grade"]) or _now("not graded yet")),
    ]


def lines_seen(staff: StaffUser, row: GroupDossier) -> list[DossierMember]:
    """The lines of members whom the reader may see."""
    rows = DossierMember.objects.visible_to(staff).filter(dossier=row)
    return list(
        rows.select_related("member__person", "member__member_group").order_by("member__member_no")
    )


class DossierPage(RecordPage):
    """One dossier that was sent."""

    model = GroupDossier
    permission = "groups.view_member"
    related = ("group", "recipient", "resolution")

    def header(self) -> Header:
        """Its paper."""
        row: GroupDossier = self.record
        return Header(
            _("Dossier"),
            subtitle=row.group.name,
            actions=[Action(_("Print it"), "groups:dossier_paper", self.permission, (row.pk,))],
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(row.group.name, reverse("groups:group_detail", args=[row.group_id])),
                Crumb(_("Consents and dossiers"), reverse("groups:consents", args=[row.group_id])),
            ),
        )

    def facts(self) -> list[FactGroup]:
        """To whom and by which vote; the figures for whoever sees every member."""
        row: GroupDossier = self.record
        vote = _now("%(yes)s in favour, %(no)s against, %(present)s there") % {
            "yes": row.resolution.yes,
            "no": row.resolution.no,
            "present": row.resolution.present,
        }
        told = [
            Fact(_("To"), str(row.recipient)),
            Fact(_("For"), row.get_purpose_display()),
            Fact(_("Sent on"), format_day(row.sent_date)),
            Fact(_("Vote"), vote),
        ]
        found = [FactGroup(_("The dossier"), told)]
        if sees_whole(self.staff, row):
            figures = [Fact(label, value) for label, value in figures_of(row)]
            found.append(FactGroup(_("The whole group"), figures))
        return found

    def tables(self) -> list[Table]:
        """The members who agreed."""
        row: GroupDossier = self.record
        lines = lines_seen(self.staff, row)
        note_members(self.request, [line.member for line in lines])
        money = row.group.currency
        return [
            Table(
                _("Members who agreed"),
                (
                    Column("member.shown_name", _("Member")),
                    Column("saved_units", _("Saved"), Kind.MONEY, currency=money),
                    Column("owed_units", _("Owes"), Kind.MONEY, currency=money),
                ),
                lines,
                empty=EmptyState(_("No member's own line is in it")),
            )
        ]


class DossierPaper(Paper):
    """The dossier on paper, for its recipient."""

    model = GroupDossier
    permission = "groups.view_member"
    related = ("group", "recipient", "resolution")
    name = "dossier"

    def pdf(self, record: GroupDossier) -> bytes:
        """Set it."""
        lines = lines_seen(self.staff, record)
        note_members(self.request, [line.member for line in lines])
        facts = [
            (_now("To"), str(record.recipient)),
            (_now("For"), str(record.get_purpose_display())),
            (_now("Sent on"), format_day(record.sent_date)),
        ]
        if sees_whole(self.staff, record):
            facts += [(str(label), value) for label, value in figures_of(record)]
        money = record.group.currency
        rows = [
            (
                str(line.member),
                format_money(line.saved_units, money),
                format_money(line.owed_units, money),
            )
            for line in lines
        ]
        heads = (_now("Member"), _now("Saved"), _now("Owes"))
        title, signed = _now("Dossier of a group"), (_now("For the group"), _now("Received by"))
        tables = [(_now("Members who agreed"), heads, rows)]
        return set_paper(title, record.group.name, facts, tables, signed)
