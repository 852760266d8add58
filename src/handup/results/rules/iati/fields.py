"""Which field of Handup is mended when something of an IATI file is wrong."""

import re
from collections.abc import Mapping

FIELDS: Mapping[str, str] = {
    "iati-activities": "exchange.profile",
    "iati-activity": "exchange.profile",
    "iati-organisations": "exchange.profile",
    "iati-organisation": "exchange.profile",
    "iati-identifier": "exchange.identifier",
    "organisation-identifier": "exchange.identifier",
    "reporting-org": "exchange.reporting_organisation",
    "title": "programme.title",
    "description": "programme.objectives",
    "participating-org": "programme.partners",
    "other-identifier": "agreement.reference",
    "activity-status": "phase.status",
    "activity-date": "phase.dates",
    "contact-info": "exchange.profile",
    "activity-scope": "exchange.profile",
    "recipient-country": "programme.countries",
    "recipient-region": "programme.countries",
    "location": "programme.areas",
    "sector": "exchange.sectors",
    "tag": "exchange.tags",
    "country-budget-items": "exchange.sectors",
    "humanitarian-scope": "exchange.tags",
    "policy-marker": "exchange.markers",
    "collaboration-type": "exchange.profile",
    "default-flow-type": "exchange.profile",
    "default-finance-type": "agreement.kind",
    "default-aid-type": "exchange.profile",
    "default-tied-status": "exchange.profile",
    "budget": "budget.lines",
    "planned-disbursement": "agreement.tranches",
    "capital-spend": "budget.lines",
    "transaction": "ledger.entries",
    "document-link": "document.address",
    "related-activity": "programme.related",
    "crs-add": "agreement.terms",
    "result": "figure.indicator",
    "indicator": "figure.indicator",
    "reference": "figure.code",
    "baseline": "figure.baseline",
    "period": "figure.period",
    "target": "figure.target",
    "actual": "figure.value",
    "dimension": "figure.lines",
    "recipient-country-budget": "budget.lines",
    "recipient-org-budget": "budget.lines",
    "recipient-region-budget": "budget.lines",
    "total-budget": "budget.lines",
    "total-expenditure": "ledger.entries",
}
OPENED = {"iati-activity", "iati-organisation", "result", "indicator", "period"}
"""Elements whose parts are fields of their own."""


def field_of(path: str) -> str:
    """The field to mend, by the path of an element or attribute; "file" for what is none."""
    found = "file"
    for step in path.split("/"):
        name = re.sub(r"\[.*", "", step)
        if name not in FIELDS:
            continue
        found = FIELDS[name]
        if name not in OPENED and name not in {"iati-activities", "iati-organisations"}:
            break
    return found
