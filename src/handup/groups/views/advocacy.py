"""The advocacy board of a group: the issues it stands behind and how far they came; on paper."""

from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, GroupIssue
from handup.groups.paper import set_paper
from handup.groups.services import advocacy as services
from handup.groups.views.dues import VOTE, DayForm, VoteForm, votes_of
from handup.groups.views.papers import Paper
from handup.groups.views.ruling import OfGroup, offer
from handup.markets.models import PolicyIssue
from handup.org.permissions import may
from handup.org.web.forms import FormPage, Question
from handup.org.web.lists import Action, Column, EmptyState, Kind
from handup.org.web.money import format_day, format_number
from handup.org.web.pages import Crumb, Header, RecordPage, Table

VIEW = "groups.view_group"


def last_document(row: GroupIssue) -> str:
    """The newest document by which an issue moved."""
    events = row.issue.events.exclude(document=None).select_related("document")
    last = events.order_by("-event_date", "-id").first()
    return str(last.document) if last else "\u2013"


BACK = Column(
    "back",
    _("Take back"),
    Kind.LINK,
    value=lambda row: _now("Take back"),
    href=lambda row: reverse("groups:advocacy_back", args=[row.pk]),
)


class AdvocacyPage(RecordPage):
    """What a group asks of whom, and how far it came."""

    model = Group
    permission = VIEW

    def header(self) -> Header:
        """Stand behind an issue."""
        args = (self.record.pk,)
        return Header(
            _("Advocacy"),
            subtitle=self.record.name,
            primary=Action(
                _("Stand behind an issue"), "groups:advocacy_new", services.TAKE_UP, args
            ),
            actions=[Action(_("Print the list"), "groups:advocacy_paper", VIEW, args)],
            crumbs=(
                Crumb(_("Groups"), reverse("groups:group_list")),
                Crumb(self.record.name, reverse("groups:group_detail", args=args)),
            ),
        )

    def tables(self) -> list[Table]:
        """A line an issue."""
        today = timezone.localdate()
        return [
            Table(
                _("Issues"),
                (
                    Column(
                        "issue",
                        _("Issue"),
                        Kind.LINK,
                        value=lambda row: row.issue.title,
                        href=lambda row: reverse("markets:issue_detail", args=[row.issue_id]),
                    ),
                    Column("issue.target", _("Asked of")),
                    Column("position", _("What the group asks for")),
                    Column("since_date", _("Since"), Kind.DATE),
                    Column("stage", _("Stage"), value=lambda row: row.issue.get_stage_display()),
                    Column("document", _("Document"), value=last_document),
                    Column(
                        "affected",
                        _("Members affected"),
                        Kind.NUMBER,
                        value=lambda row: services.members_affected(self.staff, row.issue, today),
                    ),
                    *((BACK,) if may(self.staff, "groups.reverse_fact", self.record) else ()),
                ),
                services.issues_seen(self.staff, self.record),
                empty=EmptyState(_("No issue yet"), _("The group votes what it stands behind.")),
            )
        ]


class AdvocacyPaper(Paper):
    """The board on paper."""

    model = Group
    permission = VIEW
    name = "advocacy"

    def pdf(self, record: Group) -> bytes:
        """Set it."""
        today = timezone.localdate()
        rows = [
            (
                row.issue.title,
                row.issue.target,
                row.position,
                format_day(row.since_date),
                str(row.issue.get_stage_display()),
                last_document(row),
                format_number(services.members_affected(self.staff, row.issue, today)),
            )
            for row in services.issues_seen(self.staff, record)
        ]
        heads = (
            _now("Issue"),
            _now("Asked of"),
            _now("What the group asks for"),
            _now("Since"),
            _now("Stage"),
            _now("Document"),
            _now("Members affected"),
        )
        facts = [(_now("As of"), format_day(today))]
        tables = [(_now("Issues"), heads, rows)]
        return set_paper(_now("Advocacy"), record.name, facts, tables, (_now("Secretary"),))


class IssueForm(VoteForm):
    """Which issue, what the group asks for, and the vote."""

    issue = forms.ModelChoiceField(label=_("Which issue?"), queryset=PolicyIssue.objects.none())
    position = forms.CharField(label=_("What does the group ask for?"), max_length=300)
    questions = (
        Question(_("What does the group stand behind?"), ("issue", "position")),
        Question(_("How did the assembly vote?"), VOTE),
    )

    def __init__(self, *args: Any, issues: Any, **options: Any) -> None:
        """Offer the issues the reader may see."""
        super().__init__(*args, **options)
        offer(self, "issue", issues)


class TakeUpIssue(OfGroup):
    """Keep the vote by which a group stands behind an issue."""

    form_class = IssueForm
    permission = services.TAKE_UP
    title = _("Stand behind an issue")
    verb = _("Keep the vote")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Issues she may see."""
        return {"issues": PolicyIssue.objects.visible_to(self.staff).order_by("title")}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"decided_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        votes = votes_of(values)
        return services.take_up_issue(
            acting_staff=self.staff,
            group=self.subject,
            issue=values["issue"],
            position=values["position"],
            votes=votes,
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The board."""
        return reverse("groups:advocacy", args=[self.subject.pk])


class TakeBackIssue(FormPage):
    """Take back that a group stands behind an issue."""

    form_class = DayForm
    permission = "groups.reverse_fact"
    subject_model = GroupIssue
    subject: GroupIssue
    title = _("Take back that the group stands behind it")
    verb = _("Take back")
    reads_back = True

    def lead(self) -> Any:
        """Which issue it is."""
        return self.subject.issue.title

    def find_subject(self, pk: UUID) -> Any:
        """One of an issue she may see."""
        seen = PolicyIssue.objects.visible_to(self.staff).values("pk")
        rows = GroupIssue.objects.visible_to(self.staff).filter(issue__in=seen)
        return rows.select_related("group", "issue").filter(pk=pk).first()

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it back."""
        return services.take_back_issue(acting_staff=self.staff, row=self.subject, on=values["on"])

    def success_url(self, result: Any) -> str:
        """The board."""
        return reverse("groups:advocacy", args=[self.subject.group_id])
