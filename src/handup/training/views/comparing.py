"""The page that puts approaches and providers of training side by side."""

from collections.abc import Sequence

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_money
from handup.org.web.pages import FiguresPage, Table
from handup.projects.models import Programme
from handup.training.comparing import Compared, Result, Way, compare
from handup.training.models.labels import COURSE_TYPE
from handup.training.views.qualifications import share

Line = tuple[str, Result]


class ComparePage(FiguresPage):
    """Completion, drop-out, placement and cost by approach and by provider, each with its count."""

    permission = "training.view_cost"
    title = _("Approaches and providers compared")
    intro = _(
        "Closed cohorts only. Who chose which course differs, so a difference shows no cause;"
        " with few persons it can be chance."
    )

    @cached_property
    def compared(self) -> list[tuple[Programme, Compared]]:
        """Each programme she may see, or the one chosen, that closed a cohort."""
        rows = Programme.objects.visible_to(self.staff)
        if chosen := self.request.session.get("programme"):
            rows = rows.filter(pk=chosen)
        today = timezone.localdate()
        found = [(row, compare(staff=self.staff, programme=row, on=today)) for row in rows]
        return [(row, one) for row, one in found if one.ways]

    def tables(self) -> Sequence[Table]:
        """By approach, by provider, by both; of each programme."""
        if not self.compared:
            empty = EmptyState(
                _("No cohort is closed yet"), _("Figures stand when a cohort is closed.")
            )
            return [Table(self.title, (), (), empty)]
        found: list[Table] = []
        for programme, one in self.compared:
            approaches = one.by(lambda way: way.approach)
            providers = one.by(lambda way: (way.provider_id, _provider(way)))
            by_approach = [(str(COURSE_TYPE[key]), told) for key, told in approaches.items()]
            by_provider = [(name, told) for (_pk, name), told in providers.items()]
            by_both = [
                (f"{COURSE_TYPE[way.approach]} \u00b7 {_provider(way)}", told)
                for way, told in one.ways.items()
            ]
            parts = (
                (_t("{name}: by approach"), by_approach),
                (_t("{name}: by provider"), by_provider),
                (_t("{name}: by approach and provider"), by_both),
            )
            for title, lines in parts:
                found.append(_table(title.format(name=programme), lines, one.currency))
            if one.not_converted:
                found.append(_apart(programme, one))
        return found


def _provider(way: Way) -> str:
    return way.provider or _t("the programme itself")


def _apart(programme: Programme, one: Compared) -> Table:
    """What the costs above leave out, as the page of costs says it."""
    columns = (
        Column("label", _("What"), value=lambda line: _t("Not converted")),
        Column(
            "amount", _("Amount"), Kind.FIGURE, value=lambda line: format_money(line[1], line[0])
        ),
        Column("made_of", _("Made of"), value=lambda line: _t("no rate: in none of the sums")),
    )
    return Table(str(programme), columns, sorted(one.not_converted.items()))


def _table(title: str, lines: list[Line], currency: str) -> Table:
    def money(units: int | None) -> str:
        return _t("not defined") if units is None else format_money(units, currency)

    columns = (
        Column("way", _("How taught, by whom"), value=lambda line: line[0]),
        Column("cohorts", _("Cohorts"), Kind.NUMBER, value=lambda line: line[1].cohorts),
        Column("enrolled", _("Enrolled"), Kind.NUMBER, value=lambda line: line[1].enrolled),
        Column("completed", _("Completed"), Kind.FIGURE, value=_completed),
        Column("dropped", _("Dropped out"), Kind.FIGURE, value=_dropped),
        Column("placed", _("Placed, of those 6 months on"), Kind.FIGURE, value=_placed),
        Column("cost", _("Cost"), Kind.FIGURE, value=lambda line: money(line[1].cost_units)),
        Column(
            "per_placed",
            _("Cost for each placed"),
            Kind.FIGURE,
            value=lambda line: money(line[1].per_placed),
        ),
    )
    return Table(title, columns, sorted(lines, key=lambda line: (-line[1].enrolled, line[0])))


def _completed(line: Line) -> str:
    return share(line[1].completed, line[1].enrolled)


def _dropped(line: Line) -> str:
    return share(line[1].dropped_out, line[1].enrolled)


def _placed(line: Line) -> str:
    return share(line[1].placed, line[1].due)
