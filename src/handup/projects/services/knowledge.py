"""Documents, stated figures and lessons: what is known, who printed it, where it was applied."""

from collections.abc import Mapping, Sequence
from csv import DictReader
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.classes import DataClass
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require, require_all
from handup.org.scanning import require_clean
from handup.org.services.files import store_file
from handup.projects import queries, search
from handup.projects.models import (
    Document,
    DocumentType,
    Lesson,
    LessonApplication,
    Phase,
    Programme,
    StatedFigure,
)
from handup.projects.models.labels import Access, Bound, Confidence, TargetKind
from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.states import DocumentState, LessonState
from handup.projects.services.extract import Extracted, is_slow, text_of
from handup.projects.services.memoranda import not_to_come
from handup.projects.services.programmes import CodeTaken, TitleMissing, check_phase
from handup.projects.services.reading import read_words
from handup.projects.services.store import add, change

STANDARD_TYPES = Path(__file__).parent.parent / "data" / "document_types.csv"


class PrintedMissing(Refusal):
    """Write the figure as it is printed."""


class SourceMissing(Refusal):
    """Write where it is printed."""


class StepNotAboveZero(Refusal):
    """The printing step is more than zero."""


class AlreadyPublished(Refusal):
    """Only a draft is published. This document is {state}."""


class StatementMissing(Refusal):
    """Write what was learned."""


class EvidenceMissing(Refusal):
    """A lesson without evidence stays proposed. Name the document and page that show it."""


class TargetMissing(Refusal):
    """Say what the lesson was applied to and what changed."""


class LessonNotAccepted(Refusal):
    """Only an accepted lesson is applied. This one is {state}."""


class LessonReasonMissing(Refusal):
    """Write why the lesson is not applied."""


class LessonStateJump(Refusal):
    """From "{before}" a lesson cannot go to "{after}"."""


LESSON_MOVES: dict[LessonState, frozenset[LessonState]] = {
    LessonState.PROPOSED: frozenset({LessonState.ACCEPTED, LessonState.NOT_APPLIED}),
    LessonState.ACCEPTED: frozenset({LessonState.NOT_APPLIED}),
    LessonState.APPLIED: frozenset({LessonState.REVIEWED}),
    LessonState.NOT_APPLIED: frozenset({LessonState.ACCEPTED, LessonState.REVIEWED}),
    LessonState.REVIEWED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFigureIn:
    """A figure as a source prints it; `number` stays empty where the source prints words."""

    programme: Programme
    subject: str
    printed: str
    source: str
    number: Decimal | None = None
    bound: Bound = Bound.EXACT
    step: Decimal | None = None
    unit: str = ""
    reference: str = ""
    as_of: RoughDate | None = None
    phase: Phase | None = None
    document: Document | None = None
    page: str = ""
    remark: str = ""
    indicator_code: str = ""
    id: UUID | None = None


def _figure_row(figure: StatedFigureIn) -> StatedFigure:
    if not figure.printed.strip():
        raise PrintedMissing(field="printed")
    if not figure.source.strip():
        raise SourceMissing(field="source")
    if figure.step is not None and figure.step <= 0:
        raise StepNotAboveZero(field="step")
    check_phase(figure.programme, figure.phase)
    as_of = figure.as_of
    return StatedFigure(
        id=figure.id or new_id(),
        programme=figure.programme,
        phase=figure.phase,
        reference=figure.reference,
        subject=figure.subject,
        printed=figure.printed.strip(),
        number=figure.number,
        bound=figure.bound.value,
        step=figure.step,
        unit=figure.unit,
        as_of_date=as_of.day if as_of else None,
        as_of_precision=(as_of.precision if as_of else Precision.DAY).value,
        document=figure.document,
        page=figure.page,
        source=figure.source.strip(),
        remark=figure.remark,
        indicator_code=figure.indicator_code,
    )


def record_stated_figures(
    *, acting_staff: StaffUser, figures: Sequence[StatedFigureIn]
) -> list[StatedFigure]:
    """Record figures as printed, in one transaction; sources may disagree, all stay.

    Raises PrintedMissing, SourceMissing, StepNotAboveZero, PhaseOfAnotherProgramme.
    """
    programmes = {figure.programme.pk: figure.programme for figure in figures}
    require_all(acting_staff, "projects.record_stated_figure", programmes.values())
    rows = [_figure_row(figure) for figure in figures]
    with transaction.atomic():
        StatedFigure.objects.bulk_create(rows)
        audit.record_many(
            audit.line(acting_staff, "projects.record_stated_figure", row) for row in rows
        )
    return rows


def record_stated_figure(*, acting_staff: StaffUser, figure: StatedFigureIn) -> StatedFigure:
    """Record one figure as printed. Raises what `record_stated_figures` raises."""
    require(acting_staff, "projects.record_stated_figure", figure.programme)
    known = already_stored(
        StatedFigure,
        figure.id,
        acting_staff,
        programme=figure.programme,
        printed=figure.printed.strip(),
    )
    if known is not None:
        return known
    return record_stated_figures(acting_staff=acting_staff, figures=[figure])[0]


def add_document_type(
    *,
    acting_staff: StaffUser,
    code: str,
    names: Mapping[str, str],
    position: int,
    iati_categories: Sequence[str] = (),
    several: bool = False,
) -> DocumentType:
    """Add a kind of document. Raises CodeTaken, TitleMissing."""
    require(acting_staff, "projects.add_document_type")
    if not names.get("en", "").strip():
        raise TitleMissing(field="names")
    if DocumentType.objects.filter(code=code).exists():
        raise CodeTaken(field="code", code=code)
    row = DocumentType(
        code=code,
        names=dict(names),
        position=position,
        iati_categories=list(iati_categories),
        several=several,
    )
    add(acting_staff, "projects.add_document_type", row)
    return row


def change_document_type(
    *, acting_staff: StaffUser, type: DocumentType, several: bool
) -> DocumentType:
    """Say whether several documents of a kind are current side by side. What stands stays as it
    is; the next publication asks it.
    """
    require(acting_staff, "projects.add_document_type")
    if type.several != several:
        change(acting_staff, "projects.change_document_type", type, several=several)
    return type


def add_standard_types(*, acting_staff: StaffUser) -> list[DocumentType]:
    """Add what is missing of the standard kinds of documents, in the order of a funder's public
    page; a kind whose code exists keeps its names. Returns the kinds added.
    """
    require(acting_staff, "projects.add_document_type")
    held = set(DocumentType.objects.values_list("code", flat=True))
    after = max(DocumentType.objects.values_list("position", flat=True), default=0)
    with transaction.atomic(), STANDARD_TYPES.open(encoding="utf-8", newline="") as file:
        missing = [row for row in DictReader(file) if row["code"] not in held]
        return [
            add_document_type(
                acting_staff=acting_staff,
                code=row["code"],
                names={language: row[language] for language in ("en", "fr")},
                position=after + place,
                iati_categories=row["iati_categories"].split(),
                several=row["several"] == "yes",
            )
            for place, row in enumerate(missing, start=1)
        ]


def add_document(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    type: DocumentType,
    title: str,
    language: str,
    document_date: RoughDate | None = None,
    phase: Phase | None = None,
    access: Access = Access.INTERNAL,
    supersedes: Document | None = None,
    content: bytes | None = None,
    filename: str = "",
    text: str = "",
    link: str = "",
    remark: str = "",
    id: UUID | None = None,
) -> Document:
    """Add a document as a draft, with its file or, when only its existence is known, without.

    The same file twice points to the first: the stored document comes back. The words of the file
    are read unless `text` gives them, those of a PDF by a job a moment later; a scanned or broken
    file is kept and cannot be searched.
    Raises TitleMissing, and what storing a file refuses.
    """
    require(acting_staff, "projects.add_document", programme)
    known = already_stored(Document, id, acting_staff, programme=programme, title=title.strip())
    if known is not None:
        return known
    if not title.strip():
        raise TitleMissing(field="title")
    check_phase(programme, phase)
    digest = sha256(content).hexdigest() if content else ""
    if digest:
        first = programme.documents.filter(sha256=digest).order_by("id").first()
        if first is not None:
            return first
    read = _words(content, text)
    row = Document(
        id=id or new_id(),
        programme=programme,
        phase=phase,
        type=type,
        title=title.strip(),
        language=language,
        access=access.value,
        supersedes=supersedes,
        version=supersedes.version + 1 if supersedes else 1,
        sha256=digest,
        text=read.text,
        page_map=list(read.page_map),
        searchable=bool(read.text.strip()),
        link=link,
        remark=remark,
        added_by=acting_staff,
    )
    if document_date is not None:
        row.document_date, row.date_precision = document_date.day, document_date.precision.value
    _store_document(acting_staff, row, content, filename)
    return row


def _words(content: bytes | None, text: str) -> Extracted:
    """The words told, or those of the file; what takes long is read by a job."""
    if text.strip() or not content or is_slow(content):
        return Extracted(text)
    return text_of(content)


def _store_document(staff: StaffUser, row: Document, content: bytes | None, filename: str) -> None:
    if content:
        require_clean(content)
    with transaction.atomic():
        if content:
            row.file = store_file(
                acting_staff=staff,
                owner=row,
                name=filename or row.title,
                content=content,
                klass=DataClass.I,
            )
        add(staff, "projects.add_document", row, {"type": row.type.code})
        search.keep("document", row)
        if content and is_slow(content) and not row.searchable:
            read_words.enqueue(str(row.pk))


def publish_document(*, acting_staff: StaffUser, document: Document, reason: str = "") -> Document:
    """Make a draft final, by another person than added it; what `queries.replaced_by` names is
    superseded.

    Raises AlreadyPublished, SamePerson or ReasonNeeded by profile.
    """
    require(acting_staff, "projects.publish_document", document)
    if document.state != DocumentState.DRAFT:
        raise AlreadyPublished(state=document.state)
    with transaction.atomic():
        require_other_person(
            acting_staff,
            document.added_by,
            step="projects.publish_document",
            reason=reason,
            obj=document,
        )
        for row in queries.replaced_by(document):
            state = DocumentState.SUPERSEDED.value
            change(acting_staff, "projects.supersede_document", row, state=state)
        change(
            acting_staff,
            "projects.publish_document",
            document,
            state=DocumentState.FINAL.value,
        )
    return document


def propose_lesson(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    statement: str,
    topic: str = "",
    phase: Phase | None = None,
    evidence: Document | None = None,
    evidence_page: str = "",
    confidence: Confidence = Confidence.MEDIUM,
    owner: StaffUser | None = None,
    review_date: date | None = None,
    id: UUID | None = None,
) -> Lesson:
    """Propose a lesson; anyone may who knows the programme. Raises StatementMissing."""
    require(acting_staff, "projects.propose_lesson", programme)
    known = already_stored(
        Lesson, id, acting_staff, programme=programme, statement=statement.strip()
    )
    if known is not None:
        return known
    if not statement.strip():
        raise StatementMissing(field="statement")
    check_phase(programme, phase)
    row = Lesson(
        id=id or new_id(),
        programme=programme,
        phase=phase,
        statement=statement.strip(),
        topic=topic,
        evidence=evidence,
        evidence_page=evidence_page,
        confidence=confidence.value,
        owner=owner,
        review_date=review_date,
        proposed_by=acting_staff,
    )
    with transaction.atomic():
        add(acting_staff, "projects.propose_lesson", row)
        search.keep("lesson", row)
    return row


def decide_lesson(
    *, acting_staff: StaffUser, lesson: Lesson, state: LessonState, reason: str = ""
) -> Lesson:
    """Accept a lesson, leave it unapplied with a reason, or close its review.

    Raises LessonStateJump, EvidenceMissing, LessonReasonMissing.
    """
    require(acting_staff, "projects.decide_lesson", lesson)
    if state not in LESSON_MOVES[LessonState(lesson.state)]:
        raise LessonStateJump(field="state", before=lesson.state, after=state.value)
    if state is LessonState.ACCEPTED and lesson.evidence is None:
        raise EvidenceMissing(field="evidence")
    if state is LessonState.NOT_APPLIED and not reason.strip():
        raise LessonReasonMissing(field="reason")
    with transaction.atomic():
        change(
            acting_staff,
            "projects.decide_lesson",
            lesson,
            state=state.value,
            remark=reason.strip() or lesson.remark,
        )
        search.keep("lesson", lesson)
    return lesson


def apply_lesson(
    *,
    acting_staff: StaffUser,
    lesson: Lesson,
    target_kind: TargetKind,
    target: str,
    what_changed: str,
    applied_date: date,
    decided_by: str,
    target_phase: Phase | None = None,
    result_seen: str = "",
    id: UUID | None = None,
) -> LessonApplication:
    """Record where a lesson was applied and what changed. Raises TargetMissing,
    LessonNotAccepted, DoneAhead."""
    require(acting_staff, "projects.apply_lesson", lesson)
    known = already_stored(
        LessonApplication, id, acting_staff, lesson=lesson, target=target.strip()
    )
    if known is not None:
        return known
    if not target.strip() or not what_changed.strip():
        raise TargetMissing(field="what_changed" if target.strip() else "target")
    not_to_come(applied_date, field="applied_date")
    if lesson.state not in {LessonState.ACCEPTED, LessonState.APPLIED}:
        raise LessonNotAccepted(state=lesson.state)
    row = LessonApplication(
        id=id or new_id(),
        lesson=lesson,
        target_kind=target_kind.value,
        target_phase=target_phase,
        target=target.strip(),
        what_changed=what_changed.strip(),
        applied_date=applied_date,
        decided_by=decided_by,
        result_seen=result_seen,
    )
    with transaction.atomic():
        add(acting_staff, "projects.apply_lesson", row, {"lesson": str(lesson.pk)})
        if lesson.state != LessonState.APPLIED:
            state = LessonState.APPLIED.value
            change(acting_staff, "projects.decide_lesson", lesson, state=state)
    return row
