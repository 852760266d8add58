"""What people read of a check: how much a finding matters, what to mend, and the sentence."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.results.rules.iati.checking import IDENTIFIER_TWICE, Finding
from handup.results.rules.iati.pack import Severity

SEVERITIES: Mapping[Severity, Promise] = {
    Severity.CRITICAL: _("the file breaks the form"),
    Severity.ERROR: _("has to be mended"),
    Severity.WARNING: _("to be signed for"),
    Severity.ADVISORY: _("advice"),
}
FIELDS: Mapping[str, Promise] = {
    "file": _("The file itself"),
    "exchange.profile": _("Settings for exchange"),
    "exchange.identifier": _("Settings for exchange: identifier"),
    "exchange.reporting_organisation": _("Settings for exchange: who reports"),
    "exchange.sectors": _("Settings for exchange: sectors"),
    "exchange.tags": _("Settings for exchange: tags"),
    "exchange.markers": _("Settings for exchange: policy markers"),
    "programme.title": _("Programme: title"),
    "programme.objectives": _("Programme: objectives"),
    "programme.partners": _("Programme: partners"),
    "programme.countries": _("Settings for exchange: countries"),
    "programme.areas": _("Programme: areas"),
    "programme.related": _("Programme: phases and related programmes"),
    "phase.status": _("Phase: status"),
    "phase.dates": _("Phase: dates"),
    "agreement.reference": _("Funding: reference"),
    "agreement.kind": _("Funding: kind"),
    "agreement.terms": _("Funding: terms"),
    "agreement.tranches": _("Funding: instalments"),
    "budget.lines": _("Budget: lines"),
    "ledger.entries": _("Books: entries"),
    "document.address": _("Document: address and kind"),
    "figure.indicator": _("Indicator"),
    "figure.code": _("Indicator: codes"),
    "figure.baseline": _("Indicator: baseline"),
    "figure.period": _("Indicator: period"),
    "figure.target": _("Indicator: target"),
    "figure.value": _("Frozen figure: value"),
    "figure.lines": _("Frozen figure: lines"),
}


def message_of(finding: Finding) -> str:
    """The sentence of a finding: those of the standard as it writes them, ours translated."""
    kind, _colon, name = finding.id.partition(":")
    if kind == "codelist":
        text = (
            gettext("%(code)s was withdrawn from the list %(list)s.")
            if "was withdrawn" in finding.message
            else gettext("%(code)s is not on the list %(list)s.")
        )
        return text % {"code": finding.value[:60] or "“”", "list": name}
    if finding.message == IDENTIFIER_TWICE:
        return gettext("The activity identifier stands in the file more than once.")
    return finding.message


def field_label(finding: Finding) -> str:
    """What is mended in Handup."""
    return str(FIELDS.get(finding.field, FIELDS["file"]))
