"""The flow of a round's cases by interviewer, by area and by sex."""

from typing import Any

from django.utils.translation import gettext as _

from handup.org.web.columns import Column, Kind
from handup.org.web.money import format_percent
from handup.org.web.pages import Table
from handup.people.models.labels import SEX
from handup.surveys.rules.flow import Flow, flow


def flow_tables(cases: Any) -> list[Table]:
    """Sampled, interviewed, still open and the response rate of each part of the cases given."""
    by_interviewer: dict[str, list[str]] = {}
    by_area: dict[str, list[str]] = {}
    by_sex: dict[str, list[str]] = {}
    words = {str(code): str(label) for code, label in SEX.items()}
    rows = cases.select_related("interviewer", "area", "person")
    for case in rows.order_by("pk").iterator(chunk_size=2000):
        nobody = _("nobody")
        by_interviewer.setdefault(str(case.interviewer or nobody), []).append(case.outcome)
        by_area.setdefault(str(case.area or _("not known")), []).append(case.outcome)
        if case.person is not None:
            sex = words.get(case.person.sex, case.person.sex)
            by_sex.setdefault(sex, []).append(case.outcome)
    parts = (
        (_("By interviewer"), _("Interviewer"), by_interviewer),
        (_("By area"), _("Area"), by_area),
        (_("By sex"), _("Sex"), by_sex),
    )
    return [_table(title, heading, given) for title, heading, given in parts if given]


def _table(title: str, heading: str, given: dict[str, list[str]]) -> Table:
    lines = [(name, flow(len(outcomes), outcomes)) for name, outcomes in sorted(given.items())]
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
