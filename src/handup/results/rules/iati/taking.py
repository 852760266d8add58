"""An IATI activity taken apart into plain values, and what of it is not among them."""

from collections import Counter
from collections.abc import Iterator

from lxml.etree import _Element as Element

from handup.results.rules.iati.activity import (
    Activity,
    Amount,
    Body,
    Budgeted,
    Coded,
    Dated,
    Described,
    Link,
    LoanTerms,
    Measured,
    Money,
    OtherId,
    Outcome,
    Place,
    Reference,
    Span,
    Text,
    Transaction,
)
from handup.results.rules.iati.writing import XML_LANG, write_activity


def take_activity(element: Element) -> Activity:
    """The values of an activity; what is missing is empty."""
    reporting = element.find("reporting-org")
    terms = element.find("crs-add/loan-terms")
    return Activity(
        identifier=_plain(element, "iati-identifier"),
        reporting=_body(reporting) if reporting is not None else Body(),
        updated=element.get("last-updated-datetime", ""),
        language=element.get(XML_LANG, ""),
        currency=element.get("default-currency", ""),
        hierarchy=element.get("hierarchy", ""),
        humanitarian=element.get("humanitarian", ""),
        title=_text(element.find("title")),
        descriptions=tuple(
            Described(_text(one), one.get("type", "")) for one in element.findall("description")
        ),
        bodies=tuple(map(_body, element.findall("participating-org"))),
        other_ids=_ids(element, "other-identifier"),
        status=_code(element, "activity-status"),
        dates=tuple(
            Dated(one.get("type", ""), one.get("iso-date", ""), _text(one))
            for one in element.findall("activity-date")
        ),
        scope=_code(element, "activity-scope"),
        countries=_coded(element, "recipient-country"),
        regions=_coded(element, "recipient-region"),
        places=tuple(map(_place, element.findall("location"))),
        sectors=_coded(element, "sector"),
        tags=_coded(element, "tag"),
        markers=_coded(element, "policy-marker"),
        collaboration=_code(element, "collaboration-type"),
        flow=_code(element, "default-flow-type"),
        finance=_code(element, "default-finance-type"),
        aid_types=_coded(element, "default-aid-type"),
        tied=_code(element, "default-tied-status"),
        budgets=tuple(map(_budgeted, element.findall("budget"))),
        planned=tuple(map(_budgeted, element.findall("planned-disbursement"))),
        transactions=tuple(map(_transaction, element.findall("transaction"))),
        links=tuple(map(_link, element.findall("document-link"))),
        related=_ids(element, "related-activity"),
        results=tuple(map(_result, element.findall("result"))),
        loan_terms=_terms(terms) if terms is not None else None,
    )


def not_taken(element: Element, taken: Activity) -> dict[str, int]:
    """What stands in an activity and not among its values: paths, and how often each does."""
    rest = Counter(_leaves(element)) - Counter(_leaves(write_activity(taken)))
    found: Counter[str] = Counter()
    for (path, _value), count in rest.items():
        found[path] += count
    return dict(sorted(found.items()))


def _leaves(element: Element, above: str = "") -> Iterator[tuple[str, str]]:
    """Every attribute and text of an element, with its path."""
    for name, value in element.attrib.items():
        if value.strip():
            yield f"{above}@{_short(str(name))}", value.strip()
    text = (element.text or "").strip()
    if text:
        yield f"{above}text()", text
    for child in element:
        if isinstance(child.tag, str):
            yield from _leaves(child, f"{above}{_short(child.tag)}/")


def _short(name: str) -> str:
    return "xml:lang" if name == XML_LANG else name


def _plain(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def _text(element: Element | None) -> Text:
    if element is None:
        return ()
    found = element.findall("narrative")
    return tuple((one.get(XML_LANG, ""), "".join(map(str, one.itertext()))) for one in found)


def _code(element: Element, tag: str) -> str:
    found = element.find(tag)
    return "" if found is None else found.get("code", "")


def _day(element: Element, tag: str) -> str:
    found = element.find(tag)
    return "" if found is None else found.get("iso-date", "")


def _ids(element: Element, tag: str) -> tuple[OtherId, ...]:
    found = element.findall(tag)
    return tuple(OtherId(one.get("ref", ""), one.get("type", "")) for one in found)


def _coded(element: Element, tag: str) -> tuple[Coded, ...]:
    return tuple(
        Coded(
            code=one.get("code", ""),
            vocabulary=one.get("vocabulary", ""),
            percentage=one.get("percentage", ""),
            name=_text(one),
            uri=one.get("vocabulary-uri", ""),
            significance=one.get("significance", ""),
        )
        for one in element.findall(tag)
    )


def _body(one: Element) -> Body:
    names = ("activity-id", "provider-activity-id", "receiver-activity-id")
    return Body(
        name=_text(one),
        ref=one.get("ref", ""),
        type=one.get("type", ""),
        role=one.get("role", ""),
        activity_id=next((one.get(name, "") for name in names if one.get(name)), ""),
    )


def _body_of(element: Element, tag: str) -> Body | None:
    found = element.find(tag)
    return None if found is None else _body(found)


def _place(one: Element) -> Place:
    return Place(
        name=_text(one.find("name")),
        reach=_code(one, "location-reach"),
        exactness=_code(one, "exactness"),
        location_class=_code(one, "location-class"),
        feature=_code(one, "feature-designation"),
    )


def _value(element: Element) -> Money:
    found = element.find("value")
    if found is None:
        return Money("", "")
    amount = (found.text or "").strip()
    return Money(amount, found.get("value-date", ""), found.get("currency", ""))


def _budgeted(one: Element) -> Budgeted:
    return Budgeted(
        start=_day(one, "period-start"),
        end=_day(one, "period-end"),
        value=_value(one),
        type=one.get("type", ""),
        status=one.get("status", ""),
        provider=_body_of(one, "provider-org"),
        receiver=_body_of(one, "receiver-org"),
    )


def _transaction(one: Element) -> Transaction:
    return Transaction(
        type=_code(one, "transaction-type"),
        day=_day(one, "transaction-date"),
        value=_value(one),
        description=_text(one.find("description")),
        ref=one.get("ref", ""),
        provider=_body_of(one, "provider-org"),
        receiver=_body_of(one, "receiver-org"),
        sectors=_coded(one, "sector"),
        countries=_coded(one, "recipient-country"),
        flow=_code(one, "flow-type"),
        finance=_code(one, "finance-type"),
        aid_types=_coded(one, "aid-type"),
        tied=_code(one, "tied-status"),
    )


def _link(one: Element) -> Link:
    return Link(
        url=one.get("url", ""),
        format=one.get("format", ""),
        title=_text(one.find("title")),
        categories=tuple(part.get("code", "") for part in one.findall("category")),
        languages=tuple(part.get("code", "") for part in one.findall("language")),
        day=_day(one, "document-date"),
        description=_text(one.find("description")),
    )


def _terms(one: Element) -> LoanTerms:
    return LoanTerms(
        rate_1=one.get("rate-1", ""),
        rate_2=one.get("rate-2", ""),
        repayment_type=_code(one, "repayment-type"),
        repayment_plan=_code(one, "repayment-plan"),
        commitment=_day(one, "commitment-date"),
        first_repayment=_day(one, "repayment-first-date"),
        final_repayment=_day(one, "repayment-final-date"),
    )


def _references(one: Element) -> tuple[Reference, ...]:
    return tuple(
        Reference(
            part.get("vocabulary", ""),
            part.get("code", ""),
            part.get("indicator-uri", "") or part.get("vocabulary-uri", ""),
        )
        for part in one.findall("reference")
    )


def _result(one: Element) -> Outcome:
    return Outcome(
        type=one.get("type", ""),
        title=_text(one.find("title")),
        description=_text(one.find("description")),
        aggregation=one.get("aggregation-status", ""),
        references=_references(one),
        indicators=tuple(map(_indicator, one.findall("indicator"))),
    )


def _indicator(one: Element) -> Measured:
    return Measured(
        measure=one.get("measure", ""),
        title=_text(one.find("title")),
        description=_text(one.find("description")),
        ascending=one.get("ascending", ""),
        aggregation=one.get("aggregation-status", ""),
        references=_references(one),
        baselines=tuple(map(_amount, one.findall("baseline"))),
        periods=tuple(map(_span, one.findall("period"))),
    )


def _span(one: Element) -> Span:
    return Span(
        start=_day(one, "period-start"),
        end=_day(one, "period-end"),
        targets=tuple(map(_amount, one.findall("target"))),
        actuals=tuple(map(_amount, one.findall("actual"))),
    )


def _amount(one: Element) -> Amount:
    return Amount(
        value=one.get("value", ""),
        comment=_text(one.find("comment")),
        dimensions=tuple(
            (part.get("name", ""), part.get("value", "")) for part in one.findall("dimension")
        ),
        year=one.get("year", ""),
        day=one.get("iso-date", ""),
    )
