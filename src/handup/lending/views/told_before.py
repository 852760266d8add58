"""What of an application changed since the loan before, for whoever appraises and decides it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.lending.forms import ANCHORS, CRITERIA
from handup.lending.models import Application
from handup.lending.services.taken_over import MARK
from handup.org.web.lists import Column, Kind, State, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Table

NAMES = {
    "units": _("Amount asked"),
    "instalments": _("Instalments"),
    "purpose": _("What for"),
    "savings_units": _("Savings seen"),
    "note": _("In a few sentences"),
}
NOTHING = (None, "", 0)


def _name(line: str) -> Any:
    return NAMES.get(line) or CRITERIA.get(line.removeprefix(MARK), line)


def _words(line: str, value: Any, currency: str) -> Any:
    if line.startswith(MARK):
        return dict(ANCHORS).get("" if value is None else str(value), value)
    if value in NOTHING:
        return _t("none")
    return format_money(value, currency) if line.endswith("units") else value


def _mark(line: Mapping[str, Any]) -> State:
    if line["was"] == line["now"]:
        return State(_("as before"), Tone.PLAIN)
    return State(_("changed"), Tone.WARN)


def told_before_tables(row: Application) -> Sequence[Table]:
    """Each line as it was told for the loan before and as it is now; the changed ones first."""
    kept = row.told_before
    lines = [
        line
        for line in kept.get("lines", ())
        if line["line"].startswith(MARK) or not {line["was"], line["now"]} <= set(NOTHING)
    ]
    if not lines:
        return ()
    lines.sort(key=lambda line: line["was"] == line["now"])
    currency = row.currency
    columns = (
        Column("line", _("Line"), value=lambda line: _name(line["line"])),
        Column("was", _("Before"), value=lambda line: _words(line["line"], line["was"], currency)),
        Column(
            "told",
            _("Told on"),
            Kind.DATE,
            value=lambda line: date.fromisoformat(line["told"]) if line["told"] else None,
        ),
        Column("now", _("Now"), value=lambda line: _words(line["line"], line["now"], currency)),
        Column("mark", _("State"), value=_mark),
    )
    title = _t("What changed since loan %(loan)s") % {"loan": kept["loan"]}
    return (Table(title, columns, lines),)
