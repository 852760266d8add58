"""The flow of a round's cases by interviewer, by area, by sex and by status."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from handup.org.web.columns import Column, Kind
from handup.org.web.money import format_percent
from handup.org.web.pages import Table
from handup.people.models.labels import LEGAL_STATUS, SEX
from handup.surveys.quality_queries import statuses_on
from handup.surveys.rules.flow import Flow, flow


def flow_tables(cases: Any, *, on: date | None) -> list[Table]:
    """Sampled, interviewed, still open and the response rate of each part of the cases given;
    status as it was on the day, or not at all without one.
    """
    by_interviewer: dict[str, list[str]] = {}
    by_area: dict[str, list[str]] = {}
    by_sex: dict[str, list[str]] = {}
    by_status: dict[str, list[str]] = {}
    words = {str(code): str(label) for code, label in SEX.items()}
    status_words = {str(code): str(label) for code, label in LEGAL_STATUS.items()}
    rows = list(cases.select_related("interviewer", "area", "person").order_by("pk"))
    persons = [case.person_id for case in rows if case.person_id]
    statuses = statuses_on(persons, on) if on is not None else {}
    for case in rows:
        nobody = _("nobody")
        by_interviewer.setdefault(str(case.interviewer or nobody), []).append(case.outcome)
        by_area.setdefault(str(case.area or _("not known")), []).append(case.outcome)
        if case.person is not None:
            sex = words.get(case.person.sex, case.person.sex)
            by_sex.setdefault(sex, []).append(case.outcome)
            if on is None:
                continue
            code = statuses.get(case.person.pk, "")
            status = status_words.get(code, code) or str(_("not known"))
            by_status.setdefault(status, []).append(case.outcome)
    parts = (
        (_("By interviewer"), _("Interviewer"), by_interviewer),
        (_("By area"), _("Area"), by_area),
        (_("By sex"), _("Sex"), by_sex),
        (_("By status"), _("Status"), by_status),
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
