"""Pages of exchange: the check of an IATI file."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from handup.org.web.columns import Column, Kind
from handup.org.web.forms import FormPage
from handup.org.web.pages import Action, Header, Table, Tile, Tone, actions_of
from handup.results import forms_exchange as f
from handup.results.iati_pack import installed_pack
from handup.results.iati_words import SEVERITIES, field_label, message_of
from handup.results.rules.iati.checking import Checked, check
from handup.results.rules.iati.pack import Severity

MOST_SHOWN = 300
TONES = {
    Severity.CRITICAL: Tone.BAD,
    Severity.ERROR: Tone.BAD,
    Severity.WARNING: Tone.WARN,
    Severity.ADVISORY: Tone.INFO,
}


class IatiCheck(FormPage):
    """Check an IATI file against schema, codelists and the official rules; nothing is kept."""

    form_class = f.IatiFileForm
    permission = "results.check_iati"
    title = _("Check an IATI file")
    intro = _("The file is checked on this computer, without a network. Nothing of it is kept.")
    verb = _("Check")

    def perform(self, values: dict[str, Any]) -> Checked:
        """Check it."""
        return check(values["file"].read(), timezone.localdate(), installed_pack())

    def answer(self, result: Checked) -> HttpResponseBase:
        """What was found, in place."""
        header = Header(
            gettext("Check of an IATI file"),
            subtitle=verdict(result),
            actions=(Action(_("Check another file"), "results:iati_check", "results.check_iati"),),
            crumbs=self.crumbs(),
        )
        return render(
            self.request,
            "kinds/figures.html",
            {
                "page": self,
                "title": header.title,
                "header": header,
                **actions_of(header, self.staff),
                "tiles": tiles_of(result),
                "charts": (),
                "tables": tables_of(result),
            },
        )


def verdict(checked: Checked) -> str:
    """Whether it may be published, in words."""
    if not checked.is_publishable:
        return gettext("It cannot be published yet.")
    if checked.warnings:
        return gettext("It can be published; somebody signs for the warnings.")
    return gettext("It can be published.")


def tiles_of(checked: Checked) -> Sequence[Tile]:
    """How much was found of each weight."""
    found = dict.fromkeys(Severity, 0)
    for one in checked.findings:
        found[one.severity] += 1
    return [
        Tile(SEVERITIES[severity], str(count), tone=TONES[severity] if count else Tone.PLAIN)
        for severity, count in found.items()
    ]


def tables_of(checked: Checked) -> Sequence[Table]:
    """The findings, each with its place and what to mend, and what could not be asked."""
    tables = [
        Table(
            _("What was found"),
            (
                Column("weight", _("Weight"), value=lambda one: SEVERITIES[one.severity]),
                Column("message", _("What is wrong"), value=message_of),
                Column("field", _("Mend it in"), value=field_label),
                Column("line", _("Line"), Kind.NUMBER),
                Column("path", _("Place in the file")),
                Column("id", _("Rule")),
            ),
            checked.findings[:MOST_SHOWN],
            footer=_left_out(checked),
        )
    ]
    if checked.skipped:
        tables.append(
            Table(
                _("Not asked: these rules need the Registry's list of organisations"),
                (Column("id", _("Rule"), value=str),),
                checked.skipped,
            )
        )
    return tables


def _left_out(checked: Checked) -> Sequence[str]:
    more = len(checked.findings) - MOST_SHOWN
    if more <= 0:
        return ()
    text = ngettext("%(n)s more is not shown.", "%(n)s more are not shown.", more) % {"n": more}
    return ("", text)
