"""Activities as an IATI 2.03 file: the same values give the same bytes.

The elements stand in the order of the schema. A target and an actual hold dimensions before their
comment, and so does a baseline.
"""

from collections.abc import Iterable, Sequence

from lxml import etree
from lxml.etree import _Element as Element

from handup.kernel.sheet_text import for_xml
from handup.results.rules.iati.activity import (
    Activity,
    Amount,
    Body,
    Budgeted,
    Coded,
    Link,
    LoanTerms,
    Measured,
    Money,
    Outcome,
    Place,
    Reference,
    Span,
    Text,
    Transaction,
)

VERSION = "2.03"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def write_file(
    elements: Iterable[Element], generated: str, *, version: str = VERSION, indent: bool = True
) -> bytes:
    """A file of activities. generated: the instant it says it was made, ISO 8601, or empty."""
    root = _new("iati-activities", ("version", version), ("generated-datetime", generated))
    for element in elements:
        root.append(element)
    if indent:
        etree.indent(root)
    content: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content + b"\n"


def write_activity(told: Activity) -> Element:
    """One activity as its element."""
    made = _new(
        "iati-activity",
        ("last-updated-datetime", told.updated),
        (XML_LANG, told.language),
        ("default-currency", told.currency),
        ("humanitarian", told.humanitarian),
        ("hierarchy", told.hierarchy),
    )
    _text(made, "iati-identifier", told.identifier)
    made.append(_body("reporting-org", told.reporting))
    _add(made, "title", text=told.title)
    for described in told.descriptions:
        _add(made, "description", ("type", described.type), text=described.text)
    for body in told.bodies:
        made.append(_body("participating-org", body))
    for other in told.other_ids:
        _add(made, "other-identifier", ("ref", other.ref), ("type", other.type))
    _code(made, "activity-status", told.status)
    for dated in told.dates:
        _add(made, "activity-date", ("type", dated.type), ("iso-date", dated.day), text=dated.note)
    _code(made, "activity-scope", told.scope)
    _where(made, told.countries, told.regions, told.places)
    _what(made, told)
    _money(made, told)
    for link in told.links:
        made.append(_link(link))
    for other in told.related:
        _add(made, "related-activity", ("ref", other.ref), ("type", other.type))
    for result in told.results:
        made.append(_result(result))
    if told.loan_terms is not None:
        _add(made, "crs-add").append(_terms(told.loan_terms))
    return made


def _where(
    made: Element, countries: Sequence[Coded], regions: Sequence[Coded], places: Sequence[Place]
) -> None:
    for one in countries:
        _coded(made, "recipient-country", one)
    for one in regions:
        _coded(made, "recipient-region", one)
    for place in places:
        element = _add(made, "location")
        _code(element, "location-reach", place.reach)
        if place.name:
            _add(element, "name", text=place.name)
        _code(element, "exactness", place.exactness)
        _code(element, "location-class", place.location_class)
        _code(element, "feature-designation", place.feature)


def _what(made: Element, told: Activity) -> None:
    for one in told.sectors:
        _coded(made, "sector", one)
    for one in told.tags:
        _coded(made, "tag", one)
    for one in told.markers:
        _coded(made, "policy-marker", one)
    _code(made, "collaboration-type", told.collaboration)
    _code(made, "default-flow-type", told.flow)
    _code(made, "default-finance-type", told.finance)
    for one in told.aid_types:
        _coded(made, "default-aid-type", one)
    _code(made, "default-tied-status", told.tied)


def _money(made: Element, told: Activity) -> None:
    for one in told.budgets:
        made.append(_budgeted("budget", one))
    for one in told.planned:
        made.append(_budgeted("planned-disbursement", one))
    for transaction in told.transactions:
        made.append(_transaction(transaction))


def _new(tag: str, *attributes: tuple[str, str]) -> Element:
    return etree.Element(tag, {name: for_xml(value) for name, value in attributes if value})


def _add(parent: Element, tag: str, *attributes: tuple[str, str], text: Text = ()) -> Element:
    made = _new(tag, *attributes)
    parent.append(made)
    _narratives(made, text)
    return made


def _narratives(parent: Element, text: Text) -> None:
    for language, told in text:
        _text(parent, "narrative", told, (XML_LANG, language))


def _text(parent: Element, tag: str, text: str, *attributes: tuple[str, str]) -> None:
    made = _new(tag, *attributes)
    made.text = for_xml(text)
    parent.append(made)


def _code(parent: Element, tag: str, code: str) -> None:
    if code:
        _add(parent, tag, ("code", code))


def _day(parent: Element, tag: str, day: str) -> None:
    if day:
        _add(parent, tag, ("iso-date", day))


def _coded(parent: Element, tag: str, one: Coded) -> None:
    _add(
        parent,
        tag,
        ("vocabulary", one.vocabulary),
        ("vocabulary-uri", one.uri),
        ("code", one.code),
        ("significance", one.significance),
        ("percentage", one.percentage),
        text=one.name,
    )


_ACTIVITY_OF = {
    "participating-org": "activity-id",
    "provider-org": "provider-activity-id",
    "receiver-org": "receiver-activity-id",
}


def _body(tag: str, body: Body) -> Element:
    made = _new(tag, ("ref", body.ref), ("type", body.type), ("role", body.role))
    if body.activity_id and tag in _ACTIVITY_OF:
        made.set(_ACTIVITY_OF[tag], body.activity_id)
    _narratives(made, body.name)
    return made


def _value(parent: Element, money: Money) -> None:
    _text(parent, "value", money.amount, ("currency", money.currency), ("value-date", money.day))


def _between(made: Element, provider: Body | None, receiver: Body | None) -> None:
    if provider is not None:
        made.append(_body("provider-org", provider))
    if receiver is not None:
        made.append(_body("receiver-org", receiver))


def _budgeted(tag: str, told: Budgeted) -> Element:
    made = _new(tag, ("type", told.type), ("status", told.status))
    _day(made, "period-start", told.start)
    _day(made, "period-end", told.end)
    _value(made, told.value)
    _between(made, told.provider, told.receiver)
    return made


def _transaction(told: Transaction) -> Element:
    made = _new("transaction", ("ref", told.ref))
    _code(made, "transaction-type", told.type)
    _day(made, "transaction-date", told.day)
    _value(made, told.value)
    if told.description:
        _add(made, "description", text=told.description)
    _between(made, told.provider, told.receiver)
    for one in told.sectors:
        _coded(made, "sector", one)
    for one in told.countries:
        _coded(made, "recipient-country", one)
    _code(made, "flow-type", told.flow)
    _code(made, "finance-type", told.finance)
    for one in told.aid_types:
        _coded(made, "aid-type", one)
    _code(made, "tied-status", told.tied)
    return made


def _link(link: Link) -> Element:
    made = _new("document-link", ("url", link.url), ("format", link.format))
    _add(made, "title", text=link.title)
    if link.description:
        _add(made, "description", text=link.description)
    for category in link.categories:
        _code(made, "category", category)
    for language in link.languages:
        _code(made, "language", language)
    _day(made, "document-date", link.day)
    return made


def _terms(told: LoanTerms) -> Element:
    made = _new("loan-terms", ("rate-1", told.rate_1), ("rate-2", told.rate_2))
    _code(made, "repayment-type", told.repayment_type)
    _code(made, "repayment-plan", told.repayment_plan)
    _day(made, "commitment-date", told.commitment)
    _day(made, "repayment-first-date", told.first_repayment)
    _day(made, "repayment-final-date", told.final_repayment)
    return made


def _references(made: Element, references: Sequence[Reference], *, of_result: bool) -> None:
    name = "vocabulary-uri" if of_result else "indicator-uri"
    for one in references:
        _add(
            made,
            "reference",
            ("vocabulary", one.vocabulary),
            ("code", one.code),
            (name, one.uri),
        )


def _result(told: Outcome) -> Element:
    made = _new("result", ("type", told.type), ("aggregation-status", told.aggregation))
    _add(made, "title", text=told.title)
    if told.description:
        _add(made, "description", text=told.description)
    _references(made, told.references, of_result=True)
    for one in told.indicators:
        made.append(_indicator(one))
    return made


def _indicator(told: Measured) -> Element:
    made = _new(
        "indicator",
        ("measure", told.measure),
        ("ascending", told.ascending),
        ("aggregation-status", told.aggregation),
    )
    _add(made, "title", text=told.title)
    if told.description:
        _add(made, "description", text=told.description)
    _references(made, told.references, of_result=False)
    for one in told.baselines:
        made.append(_amount("baseline", one))
    for span in told.periods:
        made.append(_span(span))
    return made


def _span(told: Span) -> Element:
    made = _new("period")
    _day(made, "period-start", told.start)
    _day(made, "period-end", told.end)
    for one in told.targets:
        made.append(_amount("target", one))
    for one in told.actuals:
        made.append(_amount("actual", one))
    return made


def _amount(tag: str, told: Amount) -> Element:
    made = _new(tag, ("iso-date", told.day), ("year", told.year), ("value", told.value))
    for name, value in told.dimensions:
        _add(made, "dimension", ("name", name), ("value", value))
    if told.comment:
        _add(made, "comment", text=told.comment)
    return made
