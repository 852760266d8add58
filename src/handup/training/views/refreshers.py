"""The page of refreshers: which graduates are to be taught again now."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_number
from handup.org.web.pages import FiguresPage, State, Table, Tile, Tone
from handup.training.models.labels import Labels
from handup.training.refresher_queries import RefresherLine, refreshers_open
from handup.training.rules.refreshers import RefresherState

REFRESHER_STATE: Labels = {
    RefresherState.LATER: _("later"),
    RefresherState.OPEN: _("due now"),
    RefresherState.DONE: _("attended"),
    RefresherState.MISSED: _("missed"),
}
REFRESHER_TONES = {
    RefresherState.OPEN: Tone.WARN,
    RefresherState.DONE: Tone.GOOD,
    RefresherState.MISSED: Tone.BAD,
}


def columns_of(name: bool) -> tuple[Column, ...]:
    """The columns of a table of refreshers, with whom where several stand."""
    whom = Column(
        "enrolment.person",
        _("Name"),
        Kind.LINK,
        href=lambda line: reverse("training:enrolment_detail", args=[line.enrolment.pk]),
    )
    course = Column("enrolment.cohort.course.title", _("Course"))
    rest = (
        Column("refresher.months", _("Months after"), Kind.NUMBER),
        Column("refresher.due_date", _("Due on"), Kind.DATE),
        Column("refresher.closes", _("Until"), Kind.DATE),
        Column("refresher.done_date", _("Attended on"), Kind.DATE),
        Column("state", _("State"), value=_state),
    )
    return (whom, course, *rest) if name else rest


def _state(line: RefresherLine) -> State:
    return State(REFRESHER_STATE[line.state], REFRESHER_TONES.get(line.state, Tone.PLAIN))


class RefresherPage(FiguresPage):
    """Graduates whose refresher is due now, what closes first before the others."""

    permission = "training.view_enrolment"
    title = _("Refreshers due")
    intro = _("Computed from each completion; attending a session of a refresher course ends it.")

    @cached_property
    def lines(self) -> list[RefresherLine]:
        """What is open today, of whom the reader may see."""
        found = refreshers_open(self.staff, timezone.localdate())
        persons = sorted({line.enrolment.person_id for line in found})
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return found

    def tiles(self) -> Sequence[Tile]:
        """How many."""
        return [Tile(_("Refreshers due"), format_number(len(self.lines)))]

    def tables(self) -> Sequence[Table]:
        """One line each."""
        empty = EmptyState(_("No refresher is due"), _("The next comes by itself with its day."))
        return [Table(_("Due now"), columns_of(name=True), self.lines, empty=empty)]
