"""Documents, stated figures and lessons."""

from csv import DictReader
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.duties import SamePerson
from handup.org.models import StaffUser, StoredFile
from handup.org.services.files import UnknownFileKind, read_file
from handup.projects import queries
from handup.projects.models import (
    Document,
    DocumentType,
    Lesson,
    LessonApplication,
    Phase,
    Programme,
    StatedFigure,
)
from handup.projects.models.labels import Access, Bound, TargetKind
from handup.projects.rules.states import LessonState
from handup.projects.services import (
    StatedFigureIn,
    add_document,
    add_document_type,
    add_standard_types,
    apply_lesson,
    decide_lesson,
    propose_lesson,
    publish_document,
    record_stated_figure,
    record_stated_figures,
)
from handup.projects.services import knowledge as k
from handup.projects.services.memoranda import DoneAhead
from handup.projects.services.programmes import CodeTaken, PhaseOfAnotherProgramme, TitleMissing
from handup.projects.tests.conftest import DAY


def stated(programme: Programme, printed: str, number: str | None, bound: Bound) -> StatedFigureIn:
    return StatedFigureIn(
        programme=programme,
        reference="R7",
        subject="Enterprises",
        printed=printed,
        number=None if number is None else Decimal(number),
        bound=bound,
        unit="enterprises",
        source="S3",
    )


def test_sources_that_disagree_both_stay(manager: StaffUser, programme: Programme) -> None:
    record_stated_figures(
        acting_staff=manager,
        figures=[
            stated(programme, "> 4 000 strengthened", "4000", Bound.OVER),
            stated(programme, "3 786 mobilised", "3786", Bound.EXACT),
            stated(programme, "~4 000", "4000", Bound.ABOUT),
            stated(programme, "thousands", None, Bound.EXACT),
        ],
    )
    rows = list(queries.stated_figures(programme))
    assert [row.printed for row in rows] == [
        "> 4 000 strengthened",
        "3 786 mobilised",
        "~4 000",
        "thousands",
    ]
    assert [row.allows(3786) for row in rows] == [False, True, None, None]
    assert rows[0].allows(4001) is True
    least = record_stated_figure(
        acting_staff=manager, figure=stated(programme, "at least 4 000", "4000", Bound.AT_LEAST)
    )
    assert [least.allows(count) for count in (3999, 4000, 4001)] == [False, True, True]


def test_up_to_allows_no_more(programme: Programme, manager: StaffUser) -> None:
    row = record_stated_figure(
        acting_staff=manager, figure=stated(programme, "up to 80 000", "80000", Bound.UP_TO)
    )
    assert (row.allows(80_000), row.allows(80_001)) == (True, False)


def test_a_figure_needs_its_print_and_its_source(manager: StaffUser, programme: Programme) -> None:
    with pytest.raises(k.PrintedMissing):
        record_stated_figure(acting_staff=manager, figure=stated(programme, " ", "1", Bound.EXACT))
    with pytest.raises(k.SourceMissing):
        record_stated_figure(
            acting_staff=manager,
            figure=StatedFigureIn(programme=programme, subject="x", printed="1", source=""),
        )
    with pytest.raises(k.StepNotAboveZero):
        record_stated_figure(
            acting_staff=manager,
            figure=StatedFigureIn(
                programme=programme, subject="x", printed="1", source="S3", step=Decimal(0)
            ),
        )
    assert not StatedFigure.objects.exists()


def test_a_figure_sent_twice_is_one(manager: StaffUser, programme: Programme) -> None:
    figure = StatedFigureIn(programme=programme, subject="x", printed="1", source="S3", id=new_id())
    first = record_stated_figure(acting_staff=manager, figure=figure)
    assert record_stated_figure(acting_staff=manager, figure=figure) == first
    assert StatedFigure.objects.count() == 1


def test_a_figure_s_phase_belongs_to_its_programme(
    manager: StaffUser, other_programme: Programme, phase: Phase
) -> None:
    figure = StatedFigureIn(
        programme=other_programme, phase=phase, subject="x", printed="1", source="S3"
    )
    with pytest.raises(PhaseOfAnotherProgramme):
        record_stated_figure(acting_staff=manager, figure=figure)


def test_the_same_file_twice_points_to_the_first(
    manager: StaffUser, programme: Programme, report: Document, report_type: DocumentType
) -> None:
    again = add_document(
        acting_staff=manager,
        programme=programme,
        type=report_type,
        title="The report, once more",
        language="en",
        content=b"What was done and what was learned.",
    )
    assert again == report
    assert StoredFile.objects.count() == 1
    assert report.file is not None
    assert read_file(report.file).startswith(b"What was done")
    assert report.searchable


def test_a_document_may_be_known_without_its_file(
    manager: StaffUser, programme: Programme, report_type: DocumentType
) -> None:
    row = add_document(
        acting_staff=manager,
        programme=programme,
        type=report_type,
        title="Interim review",
        language="fr",
    )
    assert (row.file, row.sha256, row.searchable) == (None, "", False)


def test_what_cannot_be_read_is_refused_and_leaves_nothing(
    manager: StaffUser, programme: Programme, report_type: DocumentType
) -> None:
    with pytest.raises(UnknownFileKind):
        add_document(
            acting_staff=manager,
            programme=programme,
            type=report_type,
            title="A program",
            language="en",
            content=b"\x7fELF\x00\x01",
        )
    with pytest.raises(TitleMissing):
        add_document(
            acting_staff=manager, programme=programme, type=report_type, title="", language="en"
        )
    assert not Document.objects.exists()
    assert not StoredFile.objects.exists()


def test_publishing_is_a_second_person_s_act_and_supersedes_the_former(
    manager: StaffUser,
    second_manager: StaffUser,
    programme: Programme,
    phase: Phase,
    report: Document,
    report_type: DocumentType,
) -> None:
    with pytest.raises(SamePerson):
        publish_document(acting_staff=manager, document=report)
    publish_document(acting_staff=second_manager, document=report)
    later = add_document(
        acting_staff=manager,
        programme=programme,
        phase=phase,
        type=report_type,
        title="Completion report, corrected",
        language="en",
        supersedes=report,
        access=Access.PUBLIC,
    )
    publish_document(acting_staff=second_manager, document=later)
    report.refresh_from_db()
    assert (report.state, later.state, later.version) == ("SUPERSEDED", "FINAL", 2)
    with pytest.raises(k.AlreadyPublished):
        publish_document(acting_staff=second_manager, document=later)


def test_one_is_current_of_a_kind_and_many_of_a_kind_that_stands_side_by_side(
    manager: StaffUser, second_manager: StaffUser, programme: Programme
) -> None:
    assert [row.code for row in add_standard_types(acting_staff=manager)][:3] == [
        "PRESIDENTS_REPORT",
        "PROJECT_DESIGN_REPORT",
        "SUPERVISION_REPORT",
    ]
    assert add_standard_types(acting_staff=manager) == []
    kinds = {row.code: row for row in DocumentType.objects.all()}
    assert len(kinds) == 17
    assert kinds["PRESIDENTS_REPORT"].iati_categories == ["A01", "A02", "A03", "A05", "A08"]

    def final(code: str, title: str, language: str = "en") -> Document:
        row = add_document(
            acting_staff=manager,
            programme=programme,
            type=kinds[code],
            title=title,
            language=language,
        )
        return publish_document(acting_staff=second_manager, document=row)

    rows = [
        final("INTERIM_REVIEW", "Mid-term review"),
        final("INTERIM_REVIEW", "Examen", language="fr"),
        final("INTERIM_REVIEW", "Review of the middle, corrected"),
        final("SPECIAL_STUDY", "Women who weave"),
        final("SPECIAL_STUDY", "Milk in winter"),
        final("SPECIAL_STUDY", "Milk in winter"),
    ]
    for row in rows:
        row.refresh_from_db()
    assert [row.state for row in rows] == [
        "SUPERSEDED",
        "FINAL",
        "FINAL",
        "FINAL",
        "SUPERSEDED",
        "FINAL",
    ]


def test_kinds_from_before_go_on_side_by_side_but_those_that_come_once(
    manager: StaffUser, report_type: DocumentType
) -> None:
    own = add_document_type(acting_staff=manager, code="DIARY", names={"en": "Diary"}, position=1)
    step = import_module("handup.projects.migrations.0002_several_side_by_side")
    step.as_before(apps, None)
    assert set(DocumentType.objects.values_list("code", "several")) == {
        (own.code, True),
        (report_type.code, False),
    }
    with k.STANDARD_TYPES.open(encoding="utf-8", newline="") as file:
        assert {row["code"] for row in DictReader(file) if row["several"] == "no"} == set(step.ONCE)


def test_a_partner_sees_no_draft_nothing_internal_and_no_empty_shelf(
    manager: StaffUser,
    second_manager: StaffUser,
    funder: StaffUser,
    programme: Programme,
    report: Document,
    report_type: DocumentType,
) -> None:
    add_document_type(acting_staff=manager, code="AUDIT", names={"en": "Audit"}, position=1)
    internal = add_document(
        acting_staff=manager,
        programme=programme,
        type=report_type,
        title="Internal note",
        language="en",
    )
    publish_document(acting_staff=second_manager, document=internal)
    assert list(queries.documents_for(funder, programme)) == []
    publish_document(acting_staff=second_manager, document=report)
    assert list(queries.documents_for(funder, programme)) == [report]
    assert [shelf.type.code for shelf in queries.document_shelves(funder, programme)] == [
        "PROJECT_COMPLETION_REPORT"
    ]
    assert [shelf.type.code for shelf in queries.document_shelves(manager, programme)] == [
        "AUDIT",
        "PROJECT_COMPLETION_REPORT",
    ]
    assert queries.documents_for(manager, programme).count() == 2


def test_a_kind_of_document_has_one_code_and_a_name(
    manager: StaffUser, report_type: DocumentType
) -> None:
    with pytest.raises(CodeTaken):
        add_document_type(
            acting_staff=manager, code=report_type.code, names={"en": "Again"}, position=1
        )
    with pytest.raises(TitleMissing):
        add_document_type(acting_staff=manager, code="NEW", names={"fr": "Neuf"}, position=1)
    assert str(report_type) == "Project completion report"


@pytest.fixture
def lesson(manager: StaffUser, programme: Programme, phase: Phase, report: Document) -> Lesson:
    return propose_lesson(
        acting_staff=manager,
        programme=programme,
        phase=phase,
        statement="The community decides.",
        evidence=report,
        evidence_page="12",
    )


def applied(manager: StaffUser, lesson: Lesson, **more: Any) -> LessonApplication:
    told: dict[str, Any] = {
        "target": "Selection by the assembly",
        "what_changed": "Members choose who takes part.",
        "applied_date": DAY,
    } | more
    return apply_lesson(
        acting_staff=manager,
        lesson=lesson,
        target_kind=TargetKind.DESIGN_DECISION,
        decided_by="Design mission",
        target_phase=lesson.phase,
        **told,
    )


def test_a_lesson_is_applied_to_a_design_decision_of_the_next_phase(
    manager: StaffUser, phase: Phase, lesson: Lesson
) -> None:
    decide_lesson(acting_staff=manager, lesson=lesson, state=LessonState.ACCEPTED)
    with pytest.raises(DoneAhead):
        applied(manager, lesson, applied_date=timezone.localdate() + timedelta(days=1))
    row = applied(manager, lesson)
    lesson.refresh_from_db()
    assert lesson.state == "APPLIED"
    assert list(queries.lessons_applied_to(phase)) == [row]
    assert queries.lessons_not_applied(lesson.programme) == 0


def test_a_lesson_without_evidence_stays_proposed(manager: StaffUser, programme: Programme) -> None:
    lesson = propose_lesson(acting_staff=manager, programme=programme, statement="It works.")
    with pytest.raises(k.EvidenceMissing):
        decide_lesson(acting_staff=manager, lesson=lesson, state=LessonState.ACCEPTED)
    with pytest.raises(k.LessonNotAccepted):
        applied(manager, lesson)
    lesson.refresh_from_db()
    assert lesson.state == "PROPOSED"
    assert queries.lessons_not_applied(programme) == 1
    assert not LessonApplication.objects.exists()


def test_a_lesson_is_not_applied_to_nothing(manager: StaffUser, lesson: Lesson) -> None:
    decide_lesson(acting_staff=manager, lesson=lesson, state=LessonState.ACCEPTED)
    for gap in ("target", "what_changed"):
        with pytest.raises(k.TargetMissing) as caught:
            applied(manager, lesson, **{gap: " "})
        assert caught.value.field == gap
    assert not LessonApplication.objects.exists()


def test_not_applying_a_lesson_needs_a_reason(manager: StaffUser, lesson: Lesson) -> None:
    with pytest.raises(k.LessonReasonMissing):
        decide_lesson(acting_staff=manager, lesson=lesson, state=LessonState.NOT_APPLIED)
    decide_lesson(
        acting_staff=manager, lesson=lesson, state=LessonState.NOT_APPLIED, reason="Too dear"
    )
    decide_lesson(acting_staff=manager, lesson=lesson, state=LessonState.REVIEWED)
    with pytest.raises(k.LessonStateJump):
        decide_lesson(acting_staff=manager, lesson=lesson, state=LessonState.ACCEPTED)
    lesson.refresh_from_db()
    assert (lesson.state, lesson.remark) == ("REVIEWED", "Too dear")


def test_a_lesson_says_something(manager: StaffUser, programme: Programme) -> None:
    with pytest.raises(k.StatementMissing):
        propose_lesson(acting_staff=manager, programme=programme, statement="  ")
    assert not Lesson.objects.exists()
