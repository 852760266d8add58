"""Reads of projects used in more than one place: partners on a day, documents by access, budgets,
figures."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from handup.org.models import Area, StaffUser
from handup.projects.models import (
    AreaLink,
    Budget,
    BudgetLine,
    Document,
    DocumentType,
    Handover,
    Lesson,
    LessonApplication,
    Organisation,
    Partner,
    Phase,
    Programme,
    StatedFigure,
)
from handup.projects.models.knowledge import closed_to, is_for_partners, is_outside
from handup.projects.models.labels import OrgKind, PartnerRole
from handup.projects.rules.handover import HandoverState
from handup.projects.rules.states import BudgetState, DocumentState, LessonState, PhaseStatus

# What a hand-over whose disbursement the old institution has stopped looks like.
STOPPED = {"state": HandoverState.SUPERVISED.value, "stopped_date__isnull": False}


def partners_on(
    programme: Programme, *, on: date, role: PartnerRole | None = None
) -> QuerySet[Partner, Partner]:
    """Return the partners of a programme on a day; an open end counts as still there."""
    rows = programme.partners.select_related("organisation").filter(
        Q(from_date=None) | Q(from_date__lte=on), Q(to_date=None) | Q(to_date__gte=on)
    )
    return rows if role is None else rows.filter(role=role.value)


def organisations_of(kind: OrgKind) -> QuerySet[Organisation, Organisation]:
    """Return the active institutions of one kind."""
    return Organisation._base_manager.filter(kinds__kind=kind.value, active=True).order_by("name")


def areas_of(programme: Programme) -> QuerySet[Area, Area]:
    """Return the areas of a programme, each once."""
    ids = AreaLink._base_manager.filter(programme=programme).values("area_id")
    return Area.objects.filter(pk__in=ids)


def phase_on(programme: Programme, *, on: date) -> Phase | None:
    """Return the phase whose dates, as widely as they are known, hold a day; else the active
    one."""
    phases = list(programme.phases.all())
    for phase in phases:
        start, end = phase.start, phase.end
        if start is not None and start.first <= on and (end is None or on <= end.last):
            return phase
    return next((p for p in phases if p.status == PhaseStatus.ACTIVE), None)


def approved_budget(phase: Phase) -> Budget | None:
    """Return the budget of a phase that holds now."""
    return phase.budgets.filter(state=BudgetState.APPROVED.value).order_by("-version").first()


@dataclass(frozen=True, slots=True)
class LineOnLevel:
    """A budget line with its depth in the tree (0 = component)."""

    line: BudgetLine
    level: int


def budget_tree(budget: Budget) -> list[LineOnLevel]:
    """Return the lines of a budget, each below its parent, by code."""
    below: dict[object, list[BudgetLine]] = {}
    for line in budget.lines.order_by("code"):
        below.setdefault(line.parent_id, []).append(line)

    def walk(parent: object, level: int) -> Iterable[LineOnLevel]:
        for line in below.get(parent, ()):
            yield LineOnLevel(line, level)
            yield from walk(line.pk, level + 1)

    return list(walk(None, 0))


def documents_for(staff: StaffUser, programme: Programme) -> QuerySet[Document, Document]:
    """Return the documents of a programme a reader may see; partners see no draft and nothing
    internal."""
    return readable_documents(staff).filter(programme=programme)


def readable_documents(staff: StaffUser) -> QuerySet[Document, Document]:
    """Return every document a reader may see; partners see no draft and nothing internal."""
    rows: QuerySet[Document, Document] = Document.objects.visible_to(staff)
    return rows.select_related("type", "phase").exclude(closed_to(staff))


def as_read_by(staff: StaffUser, document: Document | None) -> Document | None:
    """The document a record names, where this reader may know of it; else none: its title is told
    to no partner who may not read it.
    """
    if document is None or not is_outside(staff):
        return document
    return document if is_for_partners(document) else None


def replaced_by(document: Document) -> list[Document]:
    """Return what a document takes the place of once it is final: the current one of its kind,
    language and phase, whatever its title, and the one it names. Of a kind of which several stand
    side by side only the one it names, and the one of the same title.
    """
    current = Document.objects.filter(
        programme=document.programme_id,
        phase=document.phase_id,
        type=document.type_id,
        language=document.language,
        state=DocumentState.FINAL.value,
    )
    if document.type.several:
        current = current.filter(title=document.title)
    found = {row.pk: row for row in current.order_by("title", "id")}
    if document.supersedes is not None:
        found[document.supersedes.pk] = document.supersedes
    return list(found.values())


@dataclass(frozen=True, slots=True)
class TypeShelf:
    """One kind of document with what there is of it."""

    type: DocumentType
    documents: tuple[Document, ...]


def document_shelves(staff: StaffUser, programme: Programme) -> list[TypeShelf]:
    """Return documents by type in the order of the public page; empty types show to staff only."""
    held: dict[object, list[Document]] = {}
    for document in documents_for(staff, programme):
        held.setdefault(document.type_id, []).append(document)
    shelves = [TypeShelf(kind, tuple(held.get(kind.pk, ()))) for kind in DocumentType.objects.all()]
    return [shelf for shelf in shelves if shelf.documents or not is_outside(staff)]


def stated_figures(programme: Programme) -> QuerySet[StatedFigure, StatedFigure]:
    """Return the figures others printed of a programme, by reference."""
    rows = StatedFigure._base_manager.filter(programme=programme)
    return rows.select_related("document", "phase").order_by("reference", "id")


def lessons_not_applied(programme: Programme) -> int:
    """Count lessons that wait for a decision or an application."""
    waiting = [LessonState.PROPOSED.value, LessonState.ACCEPTED.value]
    return programme.lessons.filter(state__in=waiting).count()


def lessons_applied_to(phase: Phase) -> QuerySet[LessonApplication, LessonApplication]:
    """Return what earlier lessons changed in the design of a phase."""
    return phase.lessons_applied.select_related("lesson", "lesson__programme")


def exit_order(handover: Handover) -> list[Area]:
    """The areas of a programme in the order they are left: the exit area, then the oldest first.

    An area is as old as the first day the programme worked in it; one without a day comes last.
    """
    links = AreaLink._base_manager.filter(programme=handover.programme_id).select_related("area")
    found: dict[Area, tuple[bool, date]] = {}
    for link in links.order_by("recorded_at"):
        age = (link.from_date is None, link.from_date or date.max)
        found[link.area] = min(age, found.get(link.area, age))
    first = handover.exit_area_id
    return sorted(found, key=lambda area: (area.pk != first, found[area]))


def stops_of_disbursement(programmes: Iterable[UUID]) -> QuerySet[Handover, Handover]:
    """The hand-overs of these programmes whose disbursement is stopped."""
    return Handover._base_manager.filter(programme__in=list(programmes), **STOPPED)


def lessons_overdue(rows: QuerySet[Lesson], on: date) -> QuerySet[Lesson]:
    """Those lessons whose review is overdue: nobody has reviewed them, or decided not to apply
    them, by their day.
    """
    done = (LessonState.REVIEWED.value, LessonState.NOT_APPLIED.value)
    return rows.filter(review_date__lt=on).exclude(state__in=done)
