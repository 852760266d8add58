"""Rows of a file that may be somebody registered: the queue, both sides with what each field
weighs, the decision. It counts when another person takes the file over."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.desk.doubles import decide_pair, seen_pairs
from handup.desk.models import ImportPair
from handup.desk.rules.imports import ENDED
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.forms import FormPage
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage
from handup.org.web.pages import Crumb, State
from handup.people.forms.duplicates import MatchForm
from handup.people.models import Person
from handup.people.models import labels as lb
from handup.people.queries.merging import current_id
from handup.people.rules.codes import PaperKind, Sex
from handup.people.rules.duplicates import MatchReason, MatchState
from handup.people.views.duplicates import DOTS, TONES, lines_from, values_of

PAIRS_SHOWN = 50


def percent_of(pair: ImportPair) -> str:
    """The chance in whole percent; never certain before it is decided."""
    return f"{min(pair.chance_ppm // 10_000, 99)} %"


def state_of(pair: ImportPair) -> State:
    """Where a pair stands."""
    return State(lb.MATCH_STATE[MatchState(pair.state)], TONES[pair.state])


def against(pair: ImportPair) -> Any:
    """What the row is compared with."""
    return pair.other_key or _("somebody registered")


PAIR_COLUMNS: tuple[Column, ...] = (
    Column("key", _("Row"), Kind.LINK, url_name="desk:importpair_detail"),
    Column("against", _("May be"), value=against),
    Column("verdict", _("How sure")),
    Column("chance_ppm", _("Chance"), Kind.FIGURE, sort="chance_ppm", value=percent_of),
    Column("state", _("State"), Kind.STATE, value=state_of),
)


class PairList(ListPage):
    """Rows of files that may be somebody already there, the likeliest first."""

    model = ImportPair
    permission = "desk.view_pair"
    title = _("Twice in a file?")
    intro = _("Say what they are before the file is taken over: then nobody is registered twice.")
    related = ("batch",)
    columns = (*PAIR_COLUMNS, Column("batch", _("File")))
    filters = (
        Choice("state", _("State"), lb.choices(lb.MATCH_STATE)),
        Choice("verdict", _("How sure"), lb.choices(lb.MATCH_VERDICT)),
    )
    order = "-chance_ppm"

    empty = EmptyState(
        _("No row of a file waits"),
        _("Rows that may be somebody registered wait here before a file is taken over."),
    )

    def rows(self) -> QuerySet[Any]:
        """Of a record she may not know of, nothing."""
        staff = self.request.user
        assert isinstance(staff, StaffUser)
        return super().rows().filter(pk__in=seen_pairs(staff).values("pk"))


def _row(told: Mapping[str, Any]) -> dict[str, str]:
    """What is shown of a row of the file."""
    papers = [f"{lb.PAPER_KIND[PaperKind(kind)]} {DOTS}" for kind in told["document"]]
    return {
        **{name: told[name] for name in ("first_name", "last_name", "father_name", "birth_date")},
        "sex": str(lb.SEX[Sex(told["sex"])]),
        "phone": DOTS if told["phone"] else "",
        "settlement": told["settlement"],
        "document": ", ".join(papers),
    }


class PairPage(FormPage):
    """A row beside what it is compared with, and the decision."""

    form_class = MatchForm
    permission = "desk.decide_pair"
    title = _("One person or two?")
    verb = _("Decide")
    subject_model = ImportPair
    template = "desk/pair.html"
    subject: ImportPair
    other: Person | None = None

    def find_subject(self, pk: Any) -> ImportPair | None:
        """The pair; none where the person it names is not hers to see."""
        rows = ImportPair.objects.visible_to(self.staff).select_related("batch", "decided_by")
        pair: ImportPair | None = rows.filter(pk=pk).first()
        if pair is None or pair.record is None:
            return pair
        seen = Person.objects.visible_to(self.staff).prefetch_related("names", "documents")
        self.other = seen.select_related("area").filter(pk=current_id(pair.record)).first()
        return None if self.other is None else pair

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"decided_date": timezone.localdate()}

    def crumbs(self) -> Sequence[Crumb]:
        """Back to the queue."""
        return (Crumb(_("Twice in a file?"), reverse("desk:importpair_list")),)

    def context(self) -> dict[str, Any]:
        """Both sides, the sum, what was said so far."""
        pair = self.subject
        if self.other is not None:
            reads.note(self.request, persons=[self.other.pk], action="VIEW")
        first, second = json.loads(pair.shown) if pair.shown else (None, None)
        left = _row(first) if first else {}
        right = values_of(self.other) if self.other else _row(second) if second else {}
        ended = pair.batch.state in ENDED
        return {
            "pair": pair,
            "state": state_of(pair),
            "percent": percent_of(pair),
            "lines": lines_from(pair.parts, left, right),
            "other": self.other,
            "ended": ended,
            "may": not ended and may(self.staff, "desk.decide_pair", pair),
        }

    def perform(self, values: dict[str, Any]) -> ImportPair:
        """Decide it."""
        return decide_pair(
            acting_staff=self.staff,
            pair=self.subject,
            state=MatchState(values["state"]),
            reason=MatchReason(values["reason"]),
            decided_date=values["decided_date"],
        )

    def success_url(self, result: ImportPair) -> str:
        """The next pair of the file, or the queue."""
        rows = seen_pairs(self.staff).filter(batch=result.batch_id)
        following = rows.filter(state=MatchState.OPEN.value).first()
        return following.get_absolute_url() if following else reverse("desk:importpair_list")

    def done_message(self, result: ImportPair) -> str:
        """What was decided."""
        return _t("Decided: %(state)s.") % {"state": result.get_state_display()}
