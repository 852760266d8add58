"""A figure as it was frozen time and again, beside the target that was in force (results.md 6)."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.org.web.charts import Chart, Series
from handup.org.web.money import format_day
from handup.results.definitions import catalogue
from handup.results.logframes import revised
from handup.results.models import FrozenFigure, RowIndicator
from handup.results.rules.logframe import Revised, number_of, target_for
from handup.results.rules.states import SnapshotState


def frozen_over_time(figure: FrozenFigure) -> Chart | None:
    """The frozen values of a programme's figure by the day they were counted up to, the last of
    each day; None where there are fewer than two.
    """
    programme = figure.snapshot.programme_id
    rows = FrozenFigure._base_manager.filter(
        snapshot__programme=programme,
        snapshot__state=SnapshotState.FROZEN.value,
        code=figure.code,
    ).order_by("snapshot__day", "snapshot__number")
    values: dict[date, float] = {}
    for day, text in rows.values_list("snapshot__day", "value"):
        number = number_of(text)
        if number is not None:
            values[day] = float(number)
    if len(values) < 2:
        return None
    series = [Series(_("Actual"), list(values.values()))]
    targets = _targets(programme, figure.code)
    if targets:
        found = [target_for(targets, day) for day in values]
        numbers = [number_of(one.value) if one else None for one in found]
        told = [None if number is None else float(number) for number in numbers]
        series.append(Series(_("Target"), told))
    indicator = catalogue().get(figure.code)
    name = gettext(indicator.name) if indicator else figure.code
    first, last = min(values), max(values)
    way = _way(values[first], values[last])
    return Chart(
        title=gettext("%(figure)s %(way)s from %(first)s to %(last)s")
        % {"figure": name, "way": way, "first": format_day(first), "last": format_day(last)},
        units=figure.currency or (gettext(indicator.unit) if indicator else ""),
        source=_("frozen snapshots and targets of the logframe"),
        points=[day.isoformat() for day in values],
        series=series,
    )


def _targets(programme: UUID, code: str) -> list[Revised]:
    rows = RowIndicator._base_manager.filter(
        row__phase__programme=programme, code=code, removed_at=None, row__removed_at=None
    )
    return [one for row in rows.prefetch_related("targets") for one in revised(row.targets.all())]


def _way(first: float, last: float) -> str:
    if first == last:
        return gettext("stayed as it was")
    return gettext("rose") if last > first else gettext("fell")
