"""ADX (aggregate data exchange) and tables for DHIS2 and ActivityInfo (results.md 4.10). Pure.

A value belongs to an organisation unit and a period; a share travels as its two counts; of sets
that overlap each stands by itself.
"""

import csv
import io
import re
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from lxml import etree

from handup.kernel.errors import Refusal
from handup.kernel.sheet_text import for_xml, safe_text

NAMESPACE = "urn:ihe:qrph:adx:2015"
ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TAKEN = frozenset({"dataElement", "value", "annotation"})


class SpanOfTime(StrEnum):
    """How long a period is."""

    MONTH = "P1M"
    QUARTER = "P3M"
    HALF_YEAR = "P6M"
    YEAR = "P1Y"


MONTHS = {
    SpanOfTime.MONTH: 1,
    SpanOfTime.QUARTER: 3,
    SpanOfTime.HALF_YEAR: 6,
    SpanOfTime.YEAR: 12,
}


class PeriodNotWhole(Refusal):
    """{day} is not the last day of such a period. Choose another length, or a snapshot of its last
    day.
    """


class AttributeNameWrong(Refusal):
    """ "{name}" cannot be the name of an attribute: letters, digits and _ only, no digit first, and
    not one that ADX uses itself.
    """


@dataclass(frozen=True, slots=True)
class Period:
    """A whole period: its first and last day and how long it is."""

    first: date
    last: date
    span: SpanOfTime

    @property
    def adx(self) -> str:
        """As ADX writes it: first day and length."""
        return f"{self.first.isoformat()}/{self.span.value}"

    @property
    def name(self) -> str:
        """As people write it: 2026, 2026-H1, 2026-Q1, 2026-01."""
        year, month = self.first.year, self.first.month
        return {
            SpanOfTime.MONTH: f"{year}-{month:02d}",
            SpanOfTime.QUARTER: f"{year}-Q{(month - 1) // 3 + 1}",
            SpanOfTime.HALF_YEAR: f"{year}-H{(month - 1) // 6 + 1}",
            SpanOfTime.YEAR: f"{year}",
        }[self.span]

    @property
    def dhis2(self) -> str:
        """As DHIS2 writes it in tables: 202601, 2026Q1, 2026S1, 2026."""
        year, month = self.first.year, self.first.month
        return {
            SpanOfTime.MONTH: f"{year}{month:02d}",
            SpanOfTime.QUARTER: f"{year}Q{(month - 1) // 3 + 1}",
            SpanOfTime.HALF_YEAR: f"{year}S{(month - 1) // 6 + 1}",
            SpanOfTime.YEAR: f"{year}",
        }[self.span]


@dataclass(frozen=True, slots=True)
class DataValue:
    """One value of an organisation unit; dimension and category for one line of a breakdown."""

    org_unit: str
    element: str
    value: str
    dimension: str = ""
    category: str = ""


def period_ending(day: date, span: SpanOfTime) -> Period:
    """The period of that length that ends on a day. Raises PeriodNotWhole."""
    months = MONTHS[span]
    is_last = day.day == monthrange(day.year, day.month)[1]
    if not is_last or day.month % months:
        raise PeriodNotWhole(day=day.isoformat(), field="span")
    return Period(date(day.year, day.month - months + 1, 1), day, span)


_NAMED = re.compile(r"([0-9]{4})(?:-?(?:Q([1-4])|[SH]([12])|(0[1-9]|1[0-2])))?")


def period_named(text: str) -> Period | None:
    """A period as people write it: 2026, 2026-Q1, 2026-H1 (or S1), 2026-01; None for what is
    none.
    """
    found = _NAMED.fullmatch(text.strip().upper())
    if found is None or not date.min.year <= int(found[1]) <= date.max.year:
        return None
    year, quarter, half, month = (int(part) if part else 0 for part in found.groups())
    if quarter:
        return period_ending(_last(year, 3 * quarter), SpanOfTime.QUARTER)
    if half:
        return period_ending(_last(year, 6 * half), SpanOfTime.HALF_YEAR)
    if month:
        return period_ending(_last(year, month), SpanOfTime.MONTH)
    return period_ending(_last(year, 12), SpanOfTime.YEAR)


def _last(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def periods_ending(day: date) -> list[Period]:
    """The periods of every length that end on a day, the shortest first."""
    found = []
    for span in SpanOfTime:
        with suppress(PeriodNotWhole):
            found.append(period_ending(day, span))
    return found


def period_told(name: str) -> Period:
    """The period that was written as ADX writes it (`Period.adx`)."""
    first, _slash, span = name.partition("/")
    start, length = date.fromisoformat(first), SpanOfTime(span)
    month = start.month + MONTHS[length] - 1
    return Period(start, date(start.year, month, monthrange(start.year, month)[1]), length)


def attribute_name(dimension: str, names: Mapping[str, str]) -> str:
    """The name of a dimension's attribute there. Raises AttributeNameWrong."""
    name = names.get(dimension, dimension)
    if not ATTRIBUTE.fullmatch(name) or name in TAKEN:
        raise AttributeNameWrong(name=name, field="names")
    return name


def element_code(code: str) -> str:
    """The code of a data element: an indicator's, without what an XML or a table trips over."""
    return code.replace(":", "_")


def as_adx(
    values: Iterable[DataValue],
    *,
    dataset: str,
    period: Period,
    exported: str,
    complete: date,
    names: Mapping[str, str],
) -> bytes:
    """The values as an ADX document, a group for each organisation unit. Raises
    AttributeNameWrong.
    """
    root = etree.Element(f"{{{NAMESPACE}}}adx", {"exported": exported}, nsmap={None: NAMESPACE})
    for org_unit, told in _by_unit(values).items():
        group = etree.SubElement(
            root,
            f"{{{NAMESPACE}}}group",
            {
                "orgUnit": for_xml(org_unit),
                "period": period.adx,
                "dataSet": for_xml(dataset),
                "completeDate": complete.isoformat(),
            },
        )
        for one in told:
            attributes = {"dataElement": one.element, "value": one.value}
            if one.dimension:
                attributes[attribute_name(one.dimension, names)] = one.category
            etree.SubElement(group, f"{{{NAMESPACE}}}dataValue", attributes)
    etree.indent(root)
    content: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content + b"\n"


def _by_unit(values: Iterable[DataValue]) -> dict[str, list[DataValue]]:
    found: dict[str, list[DataValue]] = {}
    for one in values:
        found.setdefault(one.org_unit, []).append(one)
    return found


def as_dhis2_table(values: Iterable[DataValue], period: Period) -> bytes:
    """The values as DHIS2 reads a table; a line's category stands as its option combination."""
    head = ("dataelement", "period", "orgunit", "categoryoptioncombo", "attributeoptioncombo")
    rows = (
        (one.element, period.dhis2, one.org_unit, _category(one), "", one.value) for one in values
    )
    return _table((*head, "value"), rows)


def as_activityinfo_table(values: Iterable[DataValue], period: Period) -> bytes:
    """The values as a table of records for ActivityInfo."""
    head = ("indicator", "from", "to", "location", "dimension", "category", "value")
    first, last = period.first.isoformat(), period.last.isoformat()
    rows = (
        (one.element, first, last, one.org_unit, one.dimension, one.category, one.value)
        for one in values
    )
    return _table(head, rows)


def _category(one: DataValue) -> str:
    return f"{one.dimension}_{one.category}" if one.dimension else ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([*map(safe_text, texts), value] for *texts, value in rows)
    return text.getvalue().encode()
