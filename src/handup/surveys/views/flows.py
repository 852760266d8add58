"""The flow of a round's cases by interviewer, by area, by sex and by status, counted by the
database.
"""

from collections.abc import Callable, Mapping
from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from handup.org.models import Area, StaffUser
from handup.org.web.columns import Column, Kind
from handup.org.web.money import format_percent
from handup.org.web.pages import Table
from handup.people.models import LegalStatus
from handup.people.models.labels import LEGAL_STATUS, SEX, Labels
from handup.surveys.models import Case
from handup.surveys.rules.flow import Flow, flow

Line = tuple[str, Flow]


def flow_tables(cases: QuerySet[Case], *, on: date | None) -> list[Table]:
    """Sampled, interviewed, still open and the response rate of each part of the cases given;
    status as it was on the day, or not at all without one.
    """
    persons = cases.filter(person__isnull=False)
    parts = [
        (_("By interviewer"), _("Interviewer"), _lines(cases, "interviewer", _staff)),
        (_("By area"), _("Area"), _lines(cases, "area", _areas)),
        (_("By sex"), _("Sex"), _lines(persons, "person__sex", _words(SEX))),
    ]
    if on is not None:
        with_status = persons.annotate(status=_status_on(on))
        lines = _lines(with_status, "status", _words(LEGAL_STATUS))
        parts.append((_("By status"), _("Status"), lines))
    return [_table(title, heading, lines) for title, heading, lines in parts if lines]


def _status_on(day: date) -> Subquery:
    """The legal status of the person of a case on a day, the latest that began."""
    held = LegalStatus._base_manager.filter(
        Q(to_date__isnull=True) | Q(to_date__gte=day),
        person=OuterRef("person_id"),
        from_date__lte=day,
    )
    return Subquery(held.order_by("-from_date", "-id").values("status")[:1])


def _lines(
    cases: QuerySet[Case], part: str, names: Callable[[set[object]], Mapping[object, str]]
) -> list[Line]:
    counts: dict[object, dict[str, int]] = {}
    rows = cases.order_by().values_list(part, "outcome").annotate(n=Count("pk"))
    for key, outcome, n in rows:
        counts.setdefault(key or None, {})[outcome] = n
    named = names({key for key in counts if key is not None})
    nobody = _("nobody") if part == "interviewer" else _("not known")
    lines = [
        (nobody if key is None else named.get(key, str(key)), flow(sum(given.values()), given))
        for key, given in counts.items()
    ]
    return sorted(lines, key=lambda line: line[0])


def _staff(keys: set[object]) -> Mapping[object, str]:
    found: Mapping[object, StaffUser] = StaffUser.objects.in_bulk(list(keys))
    return {key: str(one) for key, one in found.items()}


def _areas(keys: set[object]) -> Mapping[object, str]:
    found: Mapping[object, Area] = Area.objects.in_bulk(list(keys))
    return {key: str(one) for key, one in found.items()}


def _words(labels: Labels) -> Callable[[set[object]], Mapping[object, str]]:
    words: dict[object, str] = {str(code): str(label) for code, label in labels.items()}
    return lambda _keys: words


def _table(title: str, heading: str, lines: list[Line]) -> Table:
    columns = (
        Column("name", heading, value=lambda line: line[0]),
        Column("sampled", _("Sampled"), Kind.NUMBER, value=lambda line: line[1].sampled),
        Column("met", _("Interviewed"), Kind.NUMBER, value=lambda line: line[1].interviewed),
        Column("open", _("Still open"), Kind.NUMBER, value=lambda line: line[1].open),
        Column("rate", _("Response rate"), Kind.FIGURE, value=lambda line: _rate(line[1])),
    )
    return Table(title, columns, lines)


def _rate(counts: Flow) -> str:
    rate = counts.response_rate
    return _("not defined") if rate is None else format_percent(rate)
