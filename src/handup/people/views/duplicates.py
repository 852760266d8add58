"""Who may be registered twice: the queue, two records side by side with what each field weighs, the
spellings that mean another name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org import reads
from handup.org.duties import may_take
from handup.org.permissions import may
from handup.org.web.columns import Label
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Tone
from handup.people.forms import duplicates as f
from handup.people.models import Match, NameAlias, Person
from handup.people.models import labels as lb
from handup.people.queries.duplicates import in_use
from handup.people.queries.merging import merge_of
from handup.people.rules.duplicates import WAITING, MatchReason, MatchState
from handup.people.rules.matching.decide import Fitting
from handup.people.services import add_alias, decide_match, take_alias_away
from handup.people.services.merging import MERGE
from handup.people.views.desk import today

DOTS = "•••"
TONES = {"OPEN": Tone.WARN, "UNSURE": Tone.INFO, "SAME": Tone.GOOD, "DIFFERENT": Tone.PLAIN}
NEW_ALIAS = Action(_("Add a spelling"), "people:alias_new", "people.add_alias")
STANDING = Q(first__merged_date=None, second__merged_date=None)
WEIGHTS = Action(_("Weights of the check"), "people:matchmodel_list", "people.view_match_model")
ALIASES = Action(_("Spellings of names"), "people:alias_list", "people.view_alias")


def state_of(match: Match) -> State:
    """Where a match stands; one decision that waits for a second is told."""
    if match.proposed_state:
        return State(_("waits for a second person"), Tone.INFO)
    return State(lb.MATCH_STATE[MatchState(match.state)], TONES[match.state])


def percent_of(match: Match) -> str:
    """The chance in whole percent; never certain before it is decided."""
    return f"{min(match.chance_ppm // 10_000, 99)} %"


class MatchList(ListPage):
    """Pairs that may be one person, the likeliest first."""

    model = Match
    permission = "people.view_match"
    title = _("Registered twice?")
    intro = _("Nothing is merged by itself. Compare both records and say what they are.")
    related = ("first", "second")
    columns = (
        Column("first", _("First record"), Kind.LINK, url_name="people:match_detail"),
        Column("second", _("Second record")),
        Column("verdict", _("How sure")),
        Column("chance_ppm", _("Chance"), Kind.FIGURE, sort="chance_ppm", value=percent_of),
        Column("state", _("State"), Kind.STATE, value=state_of),
        Column("source", _("Found by")),
        Column("decided_date", _("Decided on"), Kind.DATE, sort="decided_date", shown=False),
    )
    filters = (
        Choice("state", _("State"), lb.choices(lb.MATCH_STATE)),
        Choice("verdict", _("How sure"), lb.choices(lb.MATCH_VERDICT)),
        Choice("source", _("Found by"), lb.choices(lb.MATCH_SOURCE)),
    )
    order = "-chance_ppm"
    actions = (ALIASES, WEIGHTS)
    empty = EmptyState(
        _("Nobody seems to be registered twice"),
        _("Pairs that may be one person wait here, with what speaks for it."),
    )
    person_path = "first_id"
    other_persons = ("second_id",)

    def rows(self) -> QuerySet[Any]:
        """A pair with a record that joined another one since waits for nobody."""
        return super().rows().exclude(~STANDING, state__in=[state.value for state in WAITING])


@dataclass(frozen=True)
class Line:
    """One field of two records: both values, how they fit, what that weighs, its bar from one
    sum to the next in hundredths of the drawing."""

    label: Label
    first: str
    second: str
    fitting: Label
    bits: str
    start: float
    width: float
    speaks_for: bool


def values_of(person: Person) -> dict[str, str]:
    """What is shown of one side; secrets are only told to be there."""
    names = list(person.names.all())
    birth = person.birth_date.isoformat() if person.birth_date else ""
    precise = person.birth_precision in ("DAY", "UNKNOWN")
    papers = [f"{paper.get_kind_display()} {DOTS}" for paper in person.documents.all()]
    return {
        "first_name": " / ".join(dict.fromkeys(row.first_name for row in names)),
        "last_name": " / ".join(dict.fromkeys(row.last_name for row in names if row.last_name)),
        "father_name": person.father_name,
        "birth_date": birth if precise else f"{birth} ({person.get_birth_precision_display()})",
        "sex": str(person.get_sex_display()),
        "phone": DOTS if person.phone_hash else "",
        "settlement": str(person.area or ""),
        "document": ", ".join(papers),
    }


def lines_of(match: Match) -> list[Line]:
    """Both records field by field, each with its bar of the sum."""
    return lines_from(match.parts, values_of(match.first), values_of(match.second))


def lines_from(
    parts: Sequence[Mapping[str, Any]], first: Mapping[str, str], second: Mapping[str, str]
) -> list[Line]:
    """The same from what is shown of each side."""
    ends, total = [0.0], 0.0
    for part in parts:
        total += part["milli"] / 1000
        ends.append(total)
    low, high = min(ends), max(ends)
    scale = 100 / ((high - low) or 1)
    return [
        Line(
            label=lb.MATCH_FIELD[part["field"]],
            first=first.get(part["field"], ""),
            second=second.get(part["field"], ""),
            fitting="" if part["field"] == "prior" else lb.FITTING[Fitting(part["fitting"])],
            bits=f"{part['milli'] / 1000:+.1f}".replace("-", "\u2212"),
            start=round((min(start, end) - low) * scale, 2),
            width=round(abs(end - start) * scale, 2),
            speaks_for=end >= start,
        )
        for part, start, end in zip(parts, ends, ends[1:], strict=False)
    ]


def side(title: Promise, person: Person) -> FactGroup:
    """One record beside the comparison: where it comes from."""
    return FactGroup(
        title,
        [
            Fact(_("Name"), person, reverse("people:person_detail", args=[person.pk])),
            Fact(_("Number"), person.registration_no),
            Fact(_("Registered on"), person.registered_date),
            Fact(_("Registered by"), person.registered_by),
            Fact(_("Programme"), person.programme),
            Fact(_("Office"), person.office),
        ],
    )


class MatchPage(FormPage):
    """Two records side by side, what each field weighs, and the decision."""

    form_class = f.MatchForm
    permission = "people.decide_match"
    title = _("One person or two?")
    verb = _("Decide")
    subject_model = Match
    template = "people/match.html"
    subject: Match

    def find_subject(self, pk: Any) -> Match | None:
        """The pair, with what is shown of both."""
        rows = Match.objects.visible_to(self.staff).select_related(
            *(f"{side}__{path}" for side in ("first", "second") for path in PLACES),
            "decided_by", "confirmed_by", "proposed_by",
        )  # fmt: skip
        both = [
            f"{side}__{path}" for side in ("first", "second") for path in ("names", "documents")
        ]
        return rows.prefetch_related(*both).filter(pk=pk).first()

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"decided_date": today()}

    def crumbs(self) -> Sequence[Crumb]:
        """Back to the queue."""
        return (Crumb(_("Registered twice?"), reverse("people:match_list")),)

    def context(self) -> dict[str, Any]:
        """Both sides, the sum, what was said so far."""
        match = self.subject
        reads.note(self.request, persons=[match.first_id, match.second_id], action="VIEW")
        waits = MatchState(match.state) in WAITING
        hands = (match.proposed_by_id,) if match.proposed_by_id else ()
        return {
            "match": match,
            "state": state_of(match),
            "percent": percent_of(match),
            "lines": lines_of(match),
            "sides": [side(_("First record"), match.first), side(_("Second record"), match.second)],
            "guard": match.get_guard_display() if match.guard else "",
            "waits": waits,
            "said": match.get_proposed_state_display() if match.proposed_state else "",
            "may": waits and may_take(self.staff, *hands, step="people.decide_match"),
            "two": waits and bool(in_use((match.first_id, match.second_id))),
            "merge": merge_of(match),
            "may_merge": match.state == MatchState.SAME.value and may(self.staff, MERGE, match),
        }

    def perform(self, values: dict[str, Any]) -> Match:
        """Decide it."""
        return decide_match(
            acting_staff=self.staff,
            match=self.subject,
            state=MatchState(values["state"]),
            reason=MatchReason(values["reason"]),
            decided_date=values["decided_date"],
            why_alone=values["why_alone"],
        )

    def success_url(self, result: Match) -> str:
        """Records of one person are made one next; else the next pair, or the queue."""
        if result.state == MatchState.SAME.value and may(self.staff, MERGE, result):
            return reverse("people:merge_new", args=[result.pk])
        rows = Match.objects.visible_to(self.staff).filter(STANDING, state=MatchState.OPEN.value)
        following = rows.exclude(pk=result.pk).exclude(proposed_by=self.staff).first()
        if following is None:
            return reverse("people:match_list")
        return reverse("people:match_detail", args=[following.pk])

    def done_message(self, result: Match) -> str:
        """What was decided, or that it waits."""
        if result.proposed_state:
            return _t("Recorded. A second person has to say the same before it counts.")
        return _t("Decided: %(state)s.") % {"state": result.get_state_display()}


PLACES = ("area", "programme", "office", "registered_by")


class AliasList(ListPage):
    """Spellings that mean another name."""

    model = NameAlias
    permission = "people.view_alias"
    title = _("Spellings of names")
    intro = _("A spelling that letters alone cannot lead to its name, in any script.")
    columns = (
        Column(
            "spelling", _("Spelling"), Kind.LINK, sort="spelling", url_name="people:alias_detail"
        ),
        Column("meant", _("Name it means"), sort="meant"),
        Column("recorded_date", _("Recorded on"), Kind.DATE, sort="recorded_date"),
    )
    filters = (Search(("spelling", "meant")),)
    order = "spelling"
    primary = NEW_ALIAS
    empty = EmptyState(
        _("No spelling is written down yet"),
        _("Most spellings find each other by themselves. Add those that do not."),
        NEW_ALIAS,
    )


class AliasNew(FormPage):
    """Add a spelling."""

    form_class = f.AliasForm
    permission = "people.add_alias"
    title = _("Add a spelling")
    intro = _("Everybody who bears this name is found under both spellings from now on.")
    verb = _("Add")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"recorded_date": today()}

    def perform(self, values: dict[str, Any]) -> NameAlias:
        """Add it."""
        return add_alias(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: NameAlias) -> str:
        """The table."""
        return reverse("people:alias_list")


class AliasPage(RecordPage):
    """One spelling, and a button that takes it away."""

    model = NameAlias
    permission = "people.view_alias"
    related = ("recorded_by",)
    record: NameAlias

    def header(self) -> Header:
        """The spelling, and the button."""
        away = Action(
            _("Take this spelling away"), "people:alias_away", "people.take_alias_away",
            args=(self.record.pk,), post=True,
        )  # fmt: skip
        return Header(str(self.record), actions=(away,))

    def facts(self) -> Sequence[FactGroup]:
        """Both names, who wrote them down."""
        row = self.record
        return [
            FactGroup(
                _("Spelling"),
                [
                    Fact(_("Spelling"), row.spelling),
                    Fact(_("Name it means"), row.meant),
                    Fact(_("Recorded on"), row.recorded_date),
                    Fact(_("Recorded by"), row.recorded_by),
                ],
            )
        ]


class AliasAway(View):
    """One button takes a spelling away."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Take it away and go back to the table."""
        staff: Any = request.user
        alias = NameAlias.objects.visible_to(staff).filter(pk=pk).first()
        if alias is None:
            raise Http404
        take_alias_away(acting_staff=staff, alias=alias)
        messages.success(request, _t("The spelling is a name of its own again."))
        return HttpResponseRedirect(reverse("people:alias_list"))
