"""Pages of what communities need: the meetings, one with its votes, and its three steps."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Need, NeedsMeeting
from handup.groups.services import needs as services
from handup.groups.views.ruling import offer
from handup.org.models import Area
from handup.org.web.forms import DayField, FormPage, HouseForm, Question, dress
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.money import format_day
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.projects.models import BudgetLine, Programme

ROWS = 6
"""How many needs the form asks for."""


class NeedsList(ListPage):
    """Meetings on what communities need."""

    model = NeedsMeeting
    permission = "groups.view_needs"
    title = _("What communities need")
    related = ("area", "programme", "chosen")
    columns = (
        Column("held_date", _("Held on"), Kind.DATE, sort="held_date"),
        Column("area", _("Area"), Kind.LINK, url_name="groups:needs_detail"),
        Column("women", _("Women"), Kind.NUMBER),
        Column("men", _("Men"), Kind.NUMBER),
        Column("chosen", _("Chosen")),
        Column("told_date", _("Told on"), Kind.DATE),
    )
    filters = (Search(("place", "decision"), label=_("Place or decision")),)
    order = "-held_date"
    primary = Action(_("Record a meeting"), "groups:needs_choose", services.RECORD)
    empty = EmptyState(
        _("No meeting yet"), _("Ask the women and men of a place what they need."), primary
    )


class ChooseProgramme(ListPage):
    """In which programme the needs are recorded."""

    model = Programme
    permission = services.RECORD
    title = _("In which programme?")
    columns = (
        Column("title", _("Programme"), Kind.LINK, sort="title", url_name="groups:needs_new"),
        Column("code", _("Code")),
    )
    order = "code"
    empty = EmptyState(
        _("There is no programme yet"),
        _("A programme is opened first: whoever manages programmes does it."),
        Action(_("Programmes"), "projects:programme_list", "projects.view_programme"),
    )


class NeedsForm(HouseForm):
    """Where, who was there, and each need with its votes."""

    area = forms.ModelChoiceField(label=_("Area"), queryset=Area.objects.all())
    held_date = DayField(label=_("Held on"))
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    women = forms.IntegerField(label=_("Women there"), min_value=0, max_value=100_000)
    men = forms.IntegerField(label=_("Men there"), min_value=0, max_value=100_000)
    questions = (
        Question(_("Where and when?"), ("area", "held_date", "place")),
        Question(_("How many were there?"), ("women", "men")),
        *(
            Question(_("A need"), (f"what_{no}", f"women_{no}", f"men_{no}"), folded=no > 3)
            for no in range(1, ROWS + 1)
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Ask for six needs."""
        super().__init__(*args, **options)
        for no in range(1, ROWS + 1):
            asks: dict[str, forms.Field] = {
                f"what_{no}": forms.CharField(label=_("Need"), max_length=200, required=no == 1),
                f"women_{no}": _votes(_("Women for it")),
                f"men_{no}": _votes(_("Men for it")),
            }
            for name, field in asks.items():
                dress(field)
                self.fields[name] = field


def _votes(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=100_000, required=False)


class RecordNeeds(FormPage):
    """Keep what a community said."""

    form_class = NeedsForm
    permission = services.RECORD
    subject_model = Programme
    title = _("What does the community need?")
    intro = _("Everybody raises her hand for each need she agrees with. Count women and men apart.")
    verb = _("Keep it")
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"held_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        needs = [
            services.NeedIn(
                values[f"what_{no}"], values[f"women_{no}"] or 0, values[f"men_{no}"] or 0
            )
            for no in range(1, ROWS + 1)
        ]
        told = {name: values[name] for name in ("area", "held_date", "place", "women", "men")}
        return services.record_needs(
            acting_staff=self.staff, programme=self.subject, needs=needs, id=self.new_id, **told
        )

    def success_url(self, result: Any) -> str:
        """The meeting."""
        return reverse("groups:needs_detail", args=[result.pk])


class NeedsPage(RecordPage):
    """One meeting: the votes, the decision, what the community was told."""

    model = NeedsMeeting
    permission = "groups.view_needs"
    related = ("area", "programme", "chosen", "budget_line")

    def header(self) -> Header:
        """The next step."""
        row: NeedsMeeting = self.record
        step = None
        if row.decided_date is None:
            step = Action(_("Decide"), "groups:needs_decide", services.DECIDE, (row.pk,))
        elif row.told_date is None:
            step = Action(_("Tell the community"), "groups:needs_tell", services.TELL, (row.pk,))
        return Header(
            _("What the community needs"),
            subtitle=f"{row.area} · {format_day(row.held_date)}",
            primary=step,
            crumbs=(Crumb(_("What communities need"), reverse("groups:needs_list")),),
        )

    def facts(self) -> list[FactGroup]:
        """Who was there, what was decided and told."""
        row: NeedsMeeting = self.record
        told = [
            Fact(_("Women"), str(row.women)),
            Fact(_("Men"), str(row.men)),
            Fact(_("Chosen"), str(row.chosen or _("not decided yet"))),
        ]
        if row.decision:
            told.append(Fact(_("Decision"), row.decision))
        line = row.budget_line
        seen = BudgetLine.objects.visible_to(self.staff)
        if line is not None and seen.filter(pk=line.pk).exists():
            told.append(Fact(_("Budget line"), str(line)))
        if row.told_date:
            told.append(Fact(_("Told on"), format_day(row.told_date)))
            told.append(Fact(_("What they were told"), row.told_words))
        return [FactGroup(_("The meeting"), told)]

    def tables(self) -> list[Table]:
        """The needs, those with most votes first."""
        needs = sorted(self.record.needs.all(), key=lambda row: (-row.women - row.men, row.number))
        return [
            Table(
                _("Needs by votes"),
                (
                    Column("what", _("Need")),
                    Column("women", _("Women for it"), Kind.NUMBER),
                    Column("men", _("Men for it"), Kind.NUMBER),
                ),
                needs,
            )
        ]


class DecideForm(HouseForm):
    """Which need is met, how and from which money."""

    need = forms.ModelChoiceField(label=_("Which need?"), queryset=Need.objects.none())
    decision = forms.CharField(label=_("What will be done?"), max_length=500)
    budget_line = forms.ModelChoiceField(
        label=_("From which budget line?"), queryset=BudgetLine.objects.none(), required=False
    )
    on = DayField(label=_("Decided on"))

    def __init__(self, *args: Any, needs: Any, lines: Any, **options: Any) -> None:
        """Offer what was named, and the lines of the programme."""
        super().__init__(*args, **options)
        offer(self, "need", needs)
        offer(self, "budget_line", lines)


class OfNeeds(FormPage):
    """A step of one meeting; it goes back to it."""

    subject_model = NeedsMeeting
    subject: NeedsMeeting
    reads_back = True

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": timezone.localdate()}

    def success_url(self, result: Any) -> str:
        """The meeting."""
        return reverse("groups:needs_detail", args=[self.subject.pk])


class DecideNeed(OfNeeds):
    """Keep the decision."""

    form_class = DecideForm
    permission = services.DECIDE
    title = _("Decide")
    verb = _("Keep the decision")

    def form_options(self) -> dict[str, Any]:
        """The needs, and the budget lines she may see."""
        lines = BudgetLine.objects.visible_to(self.staff)
        lines = lines.filter(budget__programme=self.subject.programme_id).distinct()
        return {"needs": self.subject.needs.all(), "lines": lines}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return services.decide_need(acting_staff=self.staff, meeting=self.subject, **values)


class TellForm(HouseForm):
    """What the community was told."""

    words = forms.CharField(label=_("What were they told?"), max_length=500)
    on = DayField(label=_("Told on"))


class TellCommunity(OfNeeds):
    """Keep the notice back."""

    form_class = TellForm
    permission = services.TELL
    title = _("Tell the community")
    verb = _("Keep the notice")

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return services.tell_community(acting_staff=self.staff, meeting=self.subject, **values)
