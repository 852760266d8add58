"""Two records made one: whose value of each field stays, what was moved, and the way back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.org import reads
from handup.org.duties import may_take
from handup.org.models import StaffUser
from handup.org.web.forms import FormPage
from handup.org.web.lists import Choice, Column, DateRange, EmptyState, Kind, ListPage
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tone,
)
from handup.people import merging
from handup.people.forms.merging import MergeForm, UnmergeForm
from handup.people.models import Match, MergeRecord, Person
from handup.people.models import labels as lb
from handup.people.queries.duplicates import in_use
from handup.people.queries.merging import LaterRow, later_rows
from handup.people.rules.duplicates import MatchReason
from handup.people.rules.merging import MergeLook, to_ask
from handup.people.services.merging import (
    MERGE,
    UNMERGE,
    Sides,
    look_at_merge,
    merge_persons,
    sides_of,
    unmerge_persons,
    values_of,
)
from handup.people.views.desk import today
from handup.people.views.duplicates import DOTS, PLACES, lines_of, percent_of

SECRET = frozenset(("phone", "address"))
STANDS = State(_("made one"), Tone.GOOD)
APART = State(_("taken apart"), Tone.PLAIN)
LOOK = State(_("to look at"), Tone.WARN)


def state_of(record: MergeRecord) -> State:
    """Whether the merge stands, and whether something waits to be looked at."""
    if record.undone_date is not None:
        return APART
    return LOOK if record.looks and record.looked_date is None else STANDS


def looks_of(record: MergeRecord) -> str:
    """What is to be looked at, in words."""
    return "; ".join(str(lb.MERGE_LOOK[MergeLook(code)]) for code in record.looks)


def shown(person: Person, name: str, sign: str) -> str:
    """One field of one record, for a choice; of a secret that it is there and whose it is."""
    if name in SECRET:
        return f"{DOTS} ({sign})"
    values: Mapping[str, Any] = {
        "name": person.display_name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "sex": person.get_sex_display(),
        "settlement": person.area,
        "languages": ", ".join(person.languages),
    }
    return f"{values.get(name, getattr(person, name, ''))} ({sign})"


def asked_of(sides: Sides) -> list[tuple[str, str, str]]:
    """The fields a person picks, with both values."""
    stays, goes = sides.stays, sides.goes
    return [
        (
            name,
            shown(stays, name, stays.registration_no),
            shown(goes, name, goes.registration_no),
        )
        for name in to_ask(values_of(stays), values_of(goes))
    ]


class MergePage(FormPage):
    """Make two records one: side by side, what each field weighs, whose value stays."""

    form_class = MergeForm
    permission = MERGE
    title = _("Make the two records one")
    intro = _("The record made first stays. The other number and card stay valid and lead to it.")
    verb = _("Make them one")
    subject_model = Match
    template = "people/merge.html"
    subject: Match

    def find_subject(self, pk: Any) -> Match | None:
        """The pair with both records, both in sight."""
        rows = Match.objects.visible_to(self.staff).select_related(
            *(f"{side}__{path}" for side in ("first", "second") for path in PLACES), "decided_by"
        )
        match = rows.filter(pk=pk).first()
        if match is None:
            return None
        both = (match.first_id, match.second_id)
        seen = Person.objects.visible_to(self.staff).filter(pk__in=both).count()
        return match if seen == len(both) else None

    def crumbs(self) -> Sequence[Crumb]:
        """Back to the pair."""
        return (
            Crumb(_("Registered twice?"), reverse("people:match_list")),
            Crumb(_("One person or two?"), reverse("people:match_detail", args=[self.subject.pk])),
        )

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"merged_date": today()}

    def form_options(self) -> dict[str, Any]:
        """The fields they tell differently."""
        return {"asked": asked_of(sides_of(self.subject))}

    def context(self) -> dict[str, Any]:
        """Both records, the sum, who has to do it."""
        match = self.subject
        reads.note(self.request, persons=[match.first_id, match.second_id], action="VIEW")
        sides = sides_of(match)
        used = bool(in_use((match.first_id, match.second_id))) and match.confirmed_by_id is None
        hands = (match.decided_by_id,) if used and match.decided_by_id else ()
        return {
            "match": match,
            "percent": percent_of(match),
            "lines": lines_of(match),
            "stays": sides.stays,
            "goes": sides.goes,
            "may": may_take(self.staff, *hands, step=MERGE),
        }

    def perform(self, values: dict[str, Any]) -> MergeRecord:
        """Make them one."""
        picked = MergeForm.picked(MergeForm(), values)
        return merge_persons(
            acting_staff=self.staff,
            match=self.subject,
            merged_date=values["merged_date"],
            picked=picked,
            why_alone=values["why_alone"],
        )

    def done_message(self, result: MergeRecord) -> str:
        """That they are one, and what is left to look at."""
        if result.looks:
            return _t("The records are one. Look at this: %(looks)s.") % {"looks": looks_of(result)}
        return _t("The records are one.")


class MergeList(ListPage):
    """Which records were made one, what is left to look at, what was taken apart."""

    model = MergeRecord
    permission = "people.view_merge"
    title = _("Records made one")
    intro = _("Every merge can be taken apart again; each row that moved is listed.")
    related = ("survivor", "merged", "merged_by")
    columns = (
        Column("survivor", _("Person"), Kind.LINK, url_name="people:merge_detail"),
        Column("merged.registration_no", _("Number that joined")),
        Column("merged_date", _("Made one on"), Kind.DATE, sort="merged_date"),
        Column("merged_by", _("By")),
        Column("state", _("State"), Kind.STATE, value=state_of),
        Column("looks", _("To look at"), value=looks_of),
    )
    filters = (
        Choice(
            "open",
            _("State"),
            [("look", LOOK.label), ("stands", STANDS.label), ("apart", APART.label)],
            using=lambda rows, code: in_state(rows, code),
        ),
        DateRange("merged", _("Made one"), "merged_date"),
    )
    order = "-merged_date"
    empty = EmptyState(
        _("No records were made one yet"),
        _("Decide under Registered twice? which records are one person."),
    )
    person_path = "survivor_id"
    other_persons = ("merged_id",)


def in_state(rows: "QuerySet[Any, Any]", code: str) -> "QuerySet[Any, Any]":
    """Merges that wait to be looked at, stand, or were taken apart."""
    if code == "apart":
        return rows.exclude(undone_date=None)
    standing = rows.filter(undone_date=None)
    return standing.filter(looked_date=None).exclude(looks=[]) if code == "look" else standing


@dataclass(frozen=True)
class Moved:
    """How many rows of one kind moved."""

    what: str
    rows: int


def moved_rows(record: MergeRecord, staff: StaffUser) -> list[Moved]:
    """What moved, by kind of record, as far as the reader may see it."""
    counts: dict[str, int] = {}
    for name, ids in record.moved.items():
        kind: Any = merging.column_of(name)[0]
        seen = kind.objects.visible_to(staff).filter(pk__in=ids).count()
        if seen:
            label = str(kind._meta.verbose_name_plural)
            counts[label] = counts.get(label, 0) + seen
    return [Moved(what, count) for what, count in sorted(counts.items())]


class MergeDetail(RecordPage):
    """One merge: what moved, what she owes now, what is to be looked at; and the way back."""

    model = MergeRecord
    permission = "people.view_merge"
    related = ("survivor", "merged", "merged_by", "undone_by", "looked_by", "match")
    person_path = "survivor_id"
    record: MergeRecord

    def header(self) -> Header:
        """Both numbers, and the two buttons."""
        row = self.record
        actions = []
        if row.undone_date is None:
            actions.append(
                Action(_("Take them apart"), "people:merge_undo", UNMERGE, args=(row.pk,))
            )
            if row.looks and row.looked_date is None:
                actions.insert(
                    0,
                    Action(
                        _("I have looked at it"),
                        "people:merge_look",
                        "people.look_at_merge",
                        args=(row.pk,),
                        post=True,
                    ),
                )
        crumbs = (Crumb(_("Records made one"), reverse("people:merge_list")),)
        return Header(str(row), state=state_of(row), actions=tuple(actions), crumbs=crumbs)

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What is left to look at, and what could not be set back."""
        row = self.record
        found: list[tuple[Tone, Any]] = []
        if row.looks and row.undone_date is None and row.looked_date is None:
            told = {"looks": looks_of(row)}
            found.append((Tone.WARN, _t("Look at this: %(looks)s.") % told))
        if row.left_as_is:
            told = {"count": str(len(row.left_as_is))}
            text = _t("%(count)s fields were changed since and stay as they are. Compare them.")
            found.append((Tone.WARN, text % told))
        return found

    def facts(self) -> Sequence[FactGroup]:
        """Who, when, what she owes now."""
        row = self.record
        reads.note(self.request, persons=[row.merged_id], action="VIEW")
        stays = reverse("people:person_detail", args=[row.survivor_id])
        picked = ", ".join(str(lb.MERGE_FIELD[name]) for name in row.picked)
        owes = [text for ask in merging.exposure for text in ask(row.survivor_id)]
        return [
            FactGroup(
                _("Made one"),
                [
                    Fact(_("Record that stays"), row.survivor.registration_no, stays),
                    Fact(_("Number that joined"), row.merged.registration_no),
                    Fact(_("Made one on"), row.merged_date),
                    Fact(_("By"), row.merged_by),
                    Fact(_("Fields taken from the other"), picked),
                    Fact(_("What she owes now"), "; ".join(owes) or _t("no open loan")),
                ],
            ),
            FactGroup(
                _("Since then"),
                [
                    Fact(_("Looked at on"), row.looked_date),
                    Fact(_("Looked at by"), row.looked_by),
                    Fact(_("Taken apart on"), row.undone_date),
                    Fact(_("Taken apart by"), row.undone_by),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """What moved."""
        columns = (Column("what", _("What moved")), Column("rows", _("Rows"), Kind.NUMBER))
        return [Table(_("What moved"), columns, moved_rows(self.record, self.staff))]


class UnmergePage(FormPage):
    """Take two records apart: what came since is shared out, the rest moves back."""

    form_class = UnmergeForm
    permission = UNMERGE
    title = _("Take the records apart")
    intro = _(
        "Every row that moved goes back, and each field stands as before unless somebody changed"
        " it since. The two are remembered as two persons until a document becomes equal."
    )
    verb = _("Take them apart")
    subject_model = MergeRecord
    person_path = "survivor_id"
    subject: MergeRecord

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"undone_date": today()}

    def later(self) -> list[LaterRow]:
        """What came since, as far as the reader may see it."""
        return later_rows(self.subject, self.staff)

    def form_options(self) -> dict[str, Any]:
        """What came since."""
        return {"later": self.later()}

    def crumbs(self) -> Sequence[Crumb]:
        """Back to the merge."""
        return (
            Crumb(_("Records made one"), reverse("people:merge_list")),
            Crumb(str(self.subject), self.subject.get_absolute_url()),
        )

    def perform(self, values: dict[str, Any]) -> MergeRecord:
        """Take them apart."""
        return unmerge_persons(
            acting_staff=self.staff,
            record=self.subject,
            undone_date=values["undone_date"],
            reason=MatchReason(values["reason"]),
            to_other=values.get("to_other", ()),
            why_alone=values["why_alone"],
        )

    def done_message(self, result: MergeRecord) -> str:
        """That they are two again."""
        return _t("The records are two again.")


class MergeLookedAt(View):
    """One button says that what a merge left to look at was looked at."""

    http_method_names = ("post", "options")

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        """Record it and go back to the merge."""
        staff: Any = request.user
        record = MergeRecord.objects.visible_to(staff).filter(pk=pk).first()
        if record is None:
            raise Http404
        look_at_merge(acting_staff=staff, record=record, looked_date=today())
        messages.success(request, _t("Recorded."))
        return HttpResponseRedirect(record.get_absolute_url())
