"""Small parts of an activity, each from one record: an organisation, a document's kind and day,
the terms of a loan."""

from collections.abc import Sequence

from handup.projects.models import Document, FundingAgreement, Organisation, Phase
from handup.projects.models.labels import OrgKind
from handup.projects.rules.dates import Precision, RoughDate
from handup.results.rules.iati.activity import Body, LoanTerms, words

TYPES = {
    OrgKind.GOVERNMENT.value: "10",
    OrgKind.BANK.value: "72",
    OrgKind.MICROFINANCE.value: "72",
    OrgKind.PROVIDER.value: "80",
}
FORMATS = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
PAGE = "text/html"


def body_of(organisation: Organisation, role: str = "") -> Body:
    """An organisation as it takes part."""
    ids = organisation.external_ids
    kinds = organisation.kinds.values_list("kind", flat=True)
    kind = next((TYPES[one] for one in sorted(kinds) if one in TYPES), "")
    return Body(
        name=words(organisation.name),
        ref=str(ids.get("iati", "")),
        type=str(ids.get("iati_type", "")) or kind,
        role=role,
    )


def terms_of(phase: Phase, agreements: Sequence[FundingAgreement]) -> LoanTerms | None:
    """The day a loan or grant was promised."""
    signed = min((one.signed_date for one in agreements if one.signed_date), default=None)
    day = phase.approval_date or signed
    return LoanTerms(commitment=day.isoformat()) if day else None


def format_of(link: str) -> str:
    """The kind of file an address leads to; a page where its ending says nothing."""
    path = link.split("?", 1)[0].lower()
    return next((kind for ending, kind in FORMATS.items() if path.endswith(ending)), PAGE)


def document_day(row: Document) -> str:
    """The day of a document, as late as it may be; empty where none is known."""
    if row.document_date is None:
        return ""
    return RoughDate(row.document_date, Precision(row.date_precision)).last.isoformat()
