"""The records behind a figure, page by page, as far as a reader may see them.

Most rows name the kind of record they open to. The others open to themselves: a group or a client
that is why an area is covered, a module, a promise; what that is says the record alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.groups.models import Group, Meeting
from handup.ledger.models import Book, Line
from handup.lending.models import Loan, PathwayEnrolment
from handup.markets.models import Commitment, PolicyEvent, SupplyContract
from handup.org import reads
from handup.org.models import Area, StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_from
from handup.org.web.filters import whole_number
from handup.org.web.pages import Crumb, Header
from handup.people.models import Enterprise, Household, Participation, Person
from handup.plans.models import Plan
from handup.projects.models import Document, Programme, ReadinessItem
from handup.projects.queries import as_read_by
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.gathering.house import books_of_years
from handup.results.published import is_outside, published_day
from handup.results.rules.catalogue import UnknownIndicator
from handup.results.rules.engine import FactRow
from handup.training.models import Module, Qualification

ROWS_A_PAGE = 50
AT_ONCE = 5_000  # ids in one statement
ITSELF = "record"
"""The kind of a row that opens to itself."""


class Opens(NamedTuple):
    """What a row opens: the record's model, a page, which column names what the page is of, which
    the person it names, and which records its name is made of.
    """

    model: Any
    page: str
    of: str = "pk"
    person: str = ""
    named_by: tuple[str, ...] = ()


OPENS: Mapping[str, Opens] = {
    "person": Opens(Person, "people:person_detail", person="pk"),
    "loan": Opens(Loan, "lending:loan_detail"),
    "pathway": Opens(PathwayEnrolment, "lending:enrolment_detail"),
    "group": Opens(Group, "groups:group_detail"),
    "enterprise": Opens(Enterprise, "people:enterprise_detail"),
    "household": Opens(Household, "people:household_detail"),
    "plan": Opens(Plan, "plans:plan_detail"),
    "document": Opens(Document, "projects:document_detail"),
    "contract": Opens(SupplyContract, "markets:contract_detail"),
    "meeting": Opens(Meeting, "groups:meeting_detail"),
}
THEMSELVES = (
    OPENS["group"],
    Opens(
        Participation,
        "people:participation_detail",
        person="person_id",
        named_by=("person", "programme"),
    ),
    Opens(Module, "training:curriculum_detail", "curriculum_id"),
    Opens(Qualification, "training:qualification_detail"),
    Opens(PolicyEvent, "markets:issue_detail", "issue_id", named_by=("issue",)),
    Opens(Commitment, "markets:linkage_detail", "linkage_id"),
    Opens(ReadinessItem, "projects:handover_detail", "handover_id"),
    Opens(Book, "ledger:book_detail"),
    Opens(Line, "ledger:entry_detail", "entry_id"),
)
"""Among which a record is looked for whose row opens to itself; entries of the books, of which
there are most, last."""


class FigureRows(View):
    """The records behind a figure, page by page, as far as this reader may see them."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show one page of the rows her own grants reach; of all others only how many count."""
        staff: Any = request.user
        programme = Programme.objects.visible_to(staff).filter(pk=kwargs["pk"]).first()
        if programme is None:
            raise Http404
        require(staff, "results.open_rows", programme)
        outside = is_outside(staff)
        as_of = published_day(programme) if outside else kwargs["as_of"]
        try:
            facts = Facts(programme, as_of, hidden_from(staff))
            figure = definition(kwargs["code"]).compute(facts)
        except UnknownIndicator:
            raise Http404 from None
        address = [programme.pk, kwargs["code"], kwargs["as_of"].isoformat()]
        return show_rows(
            request,
            Behind(
                figure.rows,
                figure.base_rows,
                gettext(definition(kwargs["code"]).indicator.name),
                reverse("results:figure", args=address),
                tells_total=not outside,  # outside she counts what she may open herself
            ),
        )


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows behind a figure, and the page they are opened from; `gone` were erased since."""

    rows: Sequence[FactRow]
    base_rows: Sequence[FactRow]
    name: str
    href: str
    tells_total: bool = True
    gone: Mapping[bool, int] = field(default_factory=dict)


def show_rows(request: HttpRequest, behind: Behind) -> HttpResponse:
    """One page of the rows, and in the read log whom it showed."""
    staff: Any = request.user
    is_base = request.GET.get("side") == "base" and bool(behind.base_rows)
    counted = behind.base_rows if is_base else behind.rows
    rows = reached_rows(counted, staff)
    total = len(counted) + behind.gone.get(is_base, 0) if behind.tells_total else len(rows)
    start = whole_number(request.GET.get("from", ""), len(rows))
    end = start + ROWS_A_PAGE
    shown = name_rows(request, rows[start:end])
    context = {
        "title": gettext("Records behind the figure"),
        "header": Header(
            _("Records behind the figure"),
            subtitle=behind.name,
            crumbs=(Crumb(_("Figure"), behind.href),),
        ),
        "rows": shown,
        "total": total,
        "others": total - len(rows),
        "start": start,
        "next": end if end < len(rows) else None,
        "side": "base" if is_base else "counted",
        "has_base": bool(behind.base_rows),
    }
    return render(request, "results/rows.html", context)


def reached_rows(rows: Sequence[FactRow], staff: StaffUser) -> list[FactRow]:
    """The rows whose record lies where her grants to open rows reach, in the same order."""
    books = _books_behind(rows)
    reached: dict[str, set[str]] = {}
    for kind in {row.kind for row in rows}:
        ids = {books.get(row.record, row.record) for row in rows if row.kind == kind}
        reached[kind] = set()
        for opens in _ways(kind):
            left = sorted(ids - reached[kind])
            mine = opens.model.objects.reached_with(staff, "results.open_rows")
            for some in _parts(left):
                found = mine.filter(pk__in=some).values_list("pk", flat=True)
                reached[kind] |= set(map(str, found))
    return [row for row in rows if books.get(row.record, row.record) in reached[row.kind]]


def name_rows(request: HttpRequest, rows: Sequence[FactRow]) -> list[dict[str, Any]]:
    """Rows with the name and link of each record this reader may see, else without; who is named
    is noted in the read log. What is counted once for an area names the area before it.
    """
    staff: Any = request.user
    books = _books_behind(rows)
    named: dict[tuple[str, str], tuple[str, str]] = {}
    persons: list[Any] = []
    for kind in {row.kind for row in rows}:
        ids = {books.get(row.record, row.record) for row in rows if row.kind == kind}
        for opens in _ways(kind):
            found = opens.model.objects.visible_to(staff).select_related(*opens.named_by)
            for item in found.filter(pk__in=ids):
                if isinstance(item, Document) and as_read_by(staff, item) is None:
                    continue
                href = reverse(opens.page, args=[getattr(item, opens.of)])
                named[kind, str(item.pk)] = (str(item), href)
                if opens.person:
                    persons.append(getattr(item, opens.person))
    reads.note(request, persons=persons, action="LIST", highest="P")
    areas = Area.objects.filter(code__in={row.unit for row in rows if row.kind == ITSELF})
    places = {area.code: str(area) for area in areas}
    return [
        {
            "on": row.on,
            "place": places.get(row.unit, ""),
            "name": name,
            "href": href,
            "amount": row.amount if row.currency else None,
            "currency": row.currency,
        }
        for row in rows
        for name, href in [named.get((row.kind, books.get(row.record, row.record)), ("", ""))]
    ]


def _ways(kind: str) -> tuple[Opens, ...]:
    """Where a record of a kind is looked for; nowhere for what is no record."""
    if kind == ITSELF:
        return THEMSELVES
    return (OPENS[kind],) if kind in OPENS else ()


def _books_behind(rows: Sequence[FactRow]) -> dict[str, str]:
    """The book of each row that is a year of one."""
    if not any(row.kind == ITSELF for row in rows):
        return {}
    last = max(row.on for row in rows)
    return {year: str(book) for year, book in books_of_years(last).items()}


def _parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), AT_ONCE):
        yield ids[start : start + AT_ONCE]
