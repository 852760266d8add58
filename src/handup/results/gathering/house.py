"""What belongs to the house and its partners: documents, the lender's accounts, readiness,
costs."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from handup.ledger.models import Book, Line
from handup.ledger.sustainability import sustainability
from handup.lending.models import Lender
from handup.markets.models import Commitment, PolicyEvent
from handup.projects.models import BudgetLine, Document, ReadinessItem
from handup.projects.rules.handover import ReadinessState
from handup.results.gathering.base import Source, made_id
from handup.results.rules.expressions import Cell, Row

PRODUCTS = ("SPECIAL_STUDY", "MARKET_STUDY", "POLICY_BRIEF")


def product(source: Source) -> Iterator[Row]:
    """Studies, drafts and events on policy that are finished; a new version is no new product."""
    rows = Document._base_manager.filter(
        programme=source.programme,
        type__code__in=PRODUCTS,
        supersedes=None,
        document_date__isnull=False,
    ).exclude(state="DRAFT")
    for row in rows.select_related("type").order_by("document_date", "id"):
        cells = {"product_type": row.type.code}
        yield source.row(row.pk, row.document_date, row.recorded_at, cells, phase=row.phase_id)


def policy_move(source: Source) -> Iterator[Row]:
    """What happened to policy issues: from which stage to which, day by day."""
    rows = PolicyEvent._base_manager.filter(issue__programme=source.programme)
    for row in rows.select_related("issue").order_by("event_date", "id"):
        cells: dict[str, Cell] = {
            "issue": str(row.issue_id),
            "area1": _first_area(source, row.issue.area_id),
            "before": row.before,
            "after": row.after,
        }
        yield source.row(row.pk, row.event_date, row.recorded_at, cells, office=row.issue.office_id)


def promise(source: Source) -> Iterator[Row]:
    """What the sides of a linkage promised, by the day it was for, and when it was done."""
    rows = Commitment._base_manager.filter(linkage__programme=source.programme)
    for row in rows.select_related("linkage").order_by("due_date", "id"):
        cells: dict[str, Cell] = {
            "area1": _first_area(source, row.linkage.area_id),
            "done_day": row.done_date,
        }
        yield source.row(row.pk, row.due_date, row.recorded_at, cells, office=row.linkage.office_id)


def _first_area(source: Source, area: UUID | None) -> str:
    return source.areas.get(area, ("", ""))[0] if area is not None else ""


def lender_year(source: Source) -> Iterator[Row]:
    """Revenue and costs of each lender in every year that is over, by the ledger's rule of OSS."""
    lenders = Lender._base_manager.filter(
        programme=source.programme, book__isnull=False
    ).select_related("book")
    seen = set()
    for lender in lenders.order_by("code"):
        book = lender.book
        if book is None or book.pk in seen or book.first_month is None:
            continue
        seen.add(book.pk)
        for first, last in _years(book, source.cut_off):
            figures = sustainability(book, first, last).figures
            cells: dict[str, Cell] = {
                "lender": lender.code,
                "currency": book.base_currency,
                "revenue": figures.revenue,
                "cost": figures.expenses,
                "first_day": first,
            }
            record = made_id(book.pk, first)
            yield source.row(record, last, book.recorded_at, cells, office=book.office_id)


def books_of_years(until: date) -> dict[str, UUID]:
    """The book of every row of a lender's year that is over by a day."""
    books = Book._base_manager.filter(
        pk__in=Lender._base_manager.filter(book__isnull=False).values("book"),
        first_month__isnull=False,
    )
    return {made_id(book.pk, first): book.pk for book in books for first, _ in _years(book, until)}


def _years(book: Book, until: date) -> Iterator[tuple[date, date]]:
    assert book.first_month is not None
    month = book.fiscal_year_start or 1
    first = date(book.first_month.year - (book.first_month.month < month), month, 1)
    while True:
        following = date(first.year + 1, month, 1)
        last = following - timedelta(days=1)
        if last > until:
            return
        yield first, last
        first = following


def readiness(source: Source) -> Iterator[Row]:
    """What a hand-over asks for, as it was last looked at."""
    rows = ReadinessItem._base_manager.filter(handover__programme=source.programme)
    for row in rows.select_related("handover__successor").order_by("position", "id"):
        day = row.assessed_date or row.recorded_at.date()
        cells: dict[str, Cell] = {
            "institution": row.handover.successor.name if row.handover.successor else "",
            "weight": row.weight,
            "met": row.state == ReadinessState.MET.value,
            "applies": row.state != ReadinessState.NOT_APPLICABLE.value,
            "hard": row.hard,
        }
        yield source.row(row.pk, day, row.recorded_at, cells)


def cost(source: Source) -> Iterator[Row]:
    """What the books spent on the lines of the programme's budgets."""
    lines = BudgetLine._base_manager.filter(budget__programme=source.programme)
    titles: dict[str, str] = {}
    for pk, code in lines.values_list("pk", "code"):
        titles[str(pk)] = code
    rows: Any = Line._base_manager.filter(
        account__type="EXPENSE", budget_line__in=list(titles)
    ).select_related("entry")
    for row in rows.order_by("entry__entry_date", "entry_id", "no"):
        cells: dict[str, Cell] = {
            "component": titles[row.budget_line],
            "currency": row.currency,
            "units": row.units,
        }
        yield source.row(row.pk, row.entry.entry_date, row.recorded_at, cells, office=row.branch_id)
