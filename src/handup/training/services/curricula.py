"""Writes about what is taught: drafting, approval by another person, courses on approved
versions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects import search
from handup.training.models import Course, Curriculum, Module, SessionPlan
from handup.training.rules.states import CourseType, CurriculumState, PassRule
from handup.training.services.common import another_person, not_to_come, same
from handup.training.services.refusals import (
    CurriculumEmpty,
    CurriculumFixed,
    CurriculumNotApproved,
    NotInThisState,
    WroteItHerself,
)


@dataclass(frozen=True, slots=True)
class PlanIn:
    """One session plan of a new module; minutes as taught."""

    title: str
    minutes: int
    objectives: str = ""
    materials: str = ""
    method: str = ""


def draft_curriculum(
    *,
    acting_staff: StaffUser,
    code: str,
    title: str,
    language: str,
    version: str = "1",
    licence: str = "",
    source: str = "",
    id: UUID | None = None,
) -> Curriculum:
    """Begin a version of a curriculum. A later change of an approved one is a new version."""
    require(acting_staff, "training.draft_curriculum")
    row = Curriculum(
        id=id or new_id(),
        code=code,
        version=version,
        language=language,
        title=title,
        licence=licence,
        source=source,
        prepared_by=acting_staff,
    )
    existing: Curriculum | None = Curriculum.objects.filter(pk=row.pk).first()
    if existing:
        return same(existing, row, ("code", "version", "language", "title"))
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(acting_staff, "training.draft_curriculum", row)
        search.keep("curriculum", row)
    return row


def add_module(
    *,
    acting_staff: StaffUser,
    curriculum: Curriculum,
    title: str,
    plans: Sequence[PlanIn] = (),
    code: str = "",
    id: UUID | None = None,
) -> Module:
    """Add a module with its session plans behind the ones there are.

    Raises CurriculumFixed once the version left DRAFT.
    """
    require(acting_staff, "training.draft_curriculum", curriculum)
    if curriculum.state != CurriculumState.DRAFT:
        raise CurriculumFixed(field="curriculum")
    with transaction.atomic():
        module: Module = Module.objects.create(
            id=id or new_id(),
            curriculum=curriculum,
            number=curriculum.modules.count() + 1,
            code=code,
            title=title,
        )
        SessionPlan.objects.bulk_create(
            SessionPlan(
                module=module,
                number=number,
                title=plan.title,
                minutes=plan.minutes,
                objectives=plan.objectives,
                materials=plan.materials,
                method=plan.method,
            )
            for number, plan in enumerate(plans, 1)
        )
        audit.record(acting_staff, "training.add_module", module, {"plans": len(plans)})
        search.keep("curriculum", curriculum)
    return module


def submit_curriculum(*, acting_staff: StaffUser, curriculum: Curriculum) -> Curriculum:
    """Hand a draft to review. Raises CurriculumEmpty when it teaches nothing."""
    require(acting_staff, "training.submit_curriculum", curriculum)
    if curriculum.state != CurriculumState.DRAFT:
        raise NotInThisState(state=curriculum.get_state_display())
    if not SessionPlan.objects.filter(module__curriculum=curriculum).exists():
        raise CurriculumEmpty
    return _move(acting_staff, "training.submit_curriculum", curriculum, CurriculumState.REVIEW)


def approve_curriculum(
    *, acting_staff: StaffUser, curriculum: Curriculum, approved_date: date, reason: str = ""
) -> Curriculum:
    """Approve a reviewed version; from then on it never changes. By another person than who wrote
    it. Raises AfterToday.
    """
    require(acting_staff, "training.approve_curriculum", curriculum)
    not_to_come(approved_date, field="approved_date")
    if curriculum.state != CurriculumState.REVIEW:
        raise NotInThisState(state=curriculum.get_state_display())
    with transaction.atomic():
        another_person(
            acting_staff,
            curriculum.prepared_by_id,
            step="training.approve_curriculum",
            refusal=WroteItHerself,
            reason=reason,
            obj=curriculum,
        )
        curriculum.approved_by = acting_staff
        curriculum.approved_date = approved_date
        return _move(
            acting_staff, "training.approve_curriculum", curriculum, CurriculumState.APPROVED
        )


def retire_curriculum(*, acting_staff: StaffUser, curriculum: Curriculum) -> Curriculum:
    """Take an approved version out of use; cohorts that used it keep it."""
    require(acting_staff, "training.retire_curriculum", curriculum)
    if curriculum.state != CurriculumState.APPROVED:
        raise NotInThisState(state=curriculum.get_state_display())
    return _move(acting_staff, "training.retire_curriculum", curriculum, CurriculumState.RETIRED)


def _move(
    staff: StaffUser, action: str, curriculum: Curriculum, state: CurriculumState
) -> Curriculum:
    with transaction.atomic():
        curriculum.state = state
        curriculum.save(update_fields=("state", "approved_by", "approved_date"))
        audit.record(staff, action, curriculum)
        search.keep("curriculum", curriculum)
    return curriculum


def offer_course(
    *,
    acting_staff: StaffUser,
    curriculum: Curriculum,
    code: str,
    title: str,
    type: CourseType = CourseType.BUSINESS,
    pass_rule: PassRule = PassRule.ATTENDANCE_ONLY,
    threshold_bps: int = 8000,
    pass_mark_bps: int = 6000,
    prerequisite: Course | None = None,
    level_test_required: bool = False,
    certificate_months: int | None = None,
    id: UUID | None = None,
) -> Course:
    """Offer a course on an approved curriculum version. Raises CurriculumNotApproved."""
    require(acting_staff, "training.offer_course")
    if curriculum.state != CurriculumState.APPROVED:
        raise CurriculumNotApproved(field="curriculum", title=curriculum.title)
    row = Course(
        id=id or new_id(),
        code=code,
        title=title,
        curriculum=curriculum,
        type=type,
        pass_rule=pass_rule,
        threshold_bps=threshold_bps,
        pass_mark_bps=pass_mark_bps,
        prerequisite=prerequisite,
        level_test_required=level_test_required,
        certificate_months=certificate_months,
    )
    existing: Course | None = Course.objects.filter(pk=row.pk).first()
    if existing:
        return same(existing, row, ("code", "title", "curriculum_id", "pass_rule", "threshold_bps"))
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(acting_staff, "training.offer_course", row)
    return row
