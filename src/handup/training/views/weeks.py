"""My week: whom to visit, to teach again, to ask and to ask after, overdue first."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_number
from handup.org.web.pages import FiguresPage, Table, Tile, Tone
from handup.training.weeks import Due, week_of

MOST = 300


class MyWeek(FiguresPage):
    """What is due this week, the most overdue first."""

    permission = "training.view_enrolment"
    title = _("My week")
    intro = _("What is overdue stands first, then what is due within seven days.")

    @cached_property
    def today(self) -> date:
        """The day the page is opened."""
        return timezone.localdate()

    @cached_property
    def due(self) -> list[Due]:
        """Of whom the reader may see."""
        return week_of(self.staff, self.today)

    def tiles(self) -> Sequence[Tile]:
        """How many, and how many are late."""
        late = sum(one.late_days(self.today) > 0 for one in self.due)
        return [
            Tile(
                _("Overdue"),
                format_number(late),
                of=Tile.of_all(len(self.due)),
                tone=Tone.WARN if late else Tone.PLAIN,
            )
        ]

    def tables(self) -> Sequence[Table]:
        """One line each; of very many the first."""
        shown = self.due[:MOST]
        persons = sorted({one.person_id for one in shown})
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        columns = (
            Column("name", _("Name"), Kind.LINK, href=lambda one: one.url),
            Column("kind", _("What to do"), value=lambda one: str(one.kind)),
            Column("about", _("Where")),
            Column("due_date", _("Due on"), Kind.DATE),
            Column("late", _("Days late"), Kind.NUMBER, value=self._late),
            Column("closes", _("Until"), Kind.DATE),
        )
        empty = EmptyState(_("Nothing is due this week"), _("What comes next appears by itself."))
        return [Table(_("Due"), columns, shown, empty=empty)]

    def _late(self, one: Due) -> int:
        return one.late_days(self.today)
