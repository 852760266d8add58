"""The API door to what is taught: curricula, courses, cohorts, sessions, enrolments, attendance,
tests.
"""

from uuid import UUID

from django.utils import timezone
from ninja import Status

from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    page,
)
from handup.org.models import Area, Office
from handup.org.permissions import require
from handup.people.models import Person
from handup.projects.models import Organisation, Programme
from handup.training import services
from handup.training.api.base import (
    Name,
    router,
    seen,
    seen_or_none,
)
from handup.training.api.schemas import (
    ApplicationTold,
    AttendanceOut,
    AttendanceTold,
    CohortOut,
    CohortTold,
    CorrectionTold,
    CourseOut,
    CourseTold,
    CurriculumOut,
    CurriculumTold,
    DayTold,
    EndTold,
    EnrolmentOut,
    EnrolmentTold,
    FiguresOut,
    HeldTold,
    ModuleOut,
    ModuleTold,
    PracticalTold,
    ReasonTold,
    ResultOut,
    ResultTold,
    SessionOut,
    SessionTold,
    TestOut,
    TestTold,
    ToldTold,
)
from handup.training.models import (
    Attendance,
    Cohort,
    CohortFigures,
    Course,
    Curriculum,
    Enrolment,
    Module,
    Session,
    Test,
    TestResult,
)


@router.get("/curricula", response=PageOut[CurriculumOut])
def list_curricula(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Curricula in every version."""
    require(request.auth_staff, "training.view_curriculum")
    items, following = page(Curriculum.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/curricula", response={201: CurriculumOut})
def draft_curriculum(
    request: StaffRequest, key: IdempotencyKey, told: CurriculumTold
) -> Status[Curriculum]:
    """Draft a version of a curriculum."""
    row = services.draft_curriculum(acting_staff=request.auth_staff, id=key, **told.dict())
    return Status(201, row)


@router.post("/curricula/{uuid:curriculum_id}/modules", response={201: ModuleOut})
def add_module(
    request: StaffRequest, curriculum_id: UUID, key: IdempotencyKey, told: ModuleTold
) -> Status[Module]:
    """Add a module with its session plans to a draft."""
    row = services.add_module(
        acting_staff=request.auth_staff,
        curriculum=seen(Curriculum, request.auth_staff, curriculum_id),
        title=told.title,
        plans=[services.PlanIn(**plan.dict()) for plan in told.plans],
        id=key,
    )
    return Status(201, row)


@router.post("/curricula/{uuid:curriculum_id}/submit", response=CurriculumOut)
def submit_curriculum(request: StaffRequest, curriculum_id: UUID) -> Curriculum:
    """Hand a draft to review."""
    row = seen(Curriculum, request.auth_staff, curriculum_id)
    return services.submit_curriculum(acting_staff=request.auth_staff, curriculum=row)


@router.post("/curricula/{uuid:curriculum_id}/approve", response=CurriculumOut)
def approve_curriculum(request: StaffRequest, curriculum_id: UUID, told: DayTold) -> Curriculum:
    """Approve a reviewed version, by another person than who wrote it."""
    row = seen(Curriculum, request.auth_staff, curriculum_id)
    return services.approve_curriculum(
        acting_staff=request.auth_staff,
        curriculum=row,
        approved_date=told.day,
        reason=told.reason,
    )


@router.get("/courses", response=PageOut[CourseOut])
def list_courses(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Courses."""
    require(request.auth_staff, "training.view_curriculum")
    items, following = page(Course.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/courses", response={201: CourseOut})
def offer_course(request: StaffRequest, key: IdempotencyKey, told: CourseTold) -> Status[Course]:
    """Offer a course on an approved curriculum."""
    values = told.dict()
    curriculum = seen(Curriculum, request.auth_staff, values.pop("curriculum_id"))
    row = services.offer_course(
        acting_staff=request.auth_staff, curriculum=curriculum, id=key, **values
    )
    return Status(201, row)


@router.get("/cohorts", response=PageOut[CohortOut])
def list_cohorts(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Cohorts the caller may see."""
    require(request.auth_staff, "training.view_cohort")
    items, following = page(Cohort.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/cohorts", response={201: CohortOut})
def open_cohort(request: StaffRequest, key: IdempotencyKey, told: CohortTold) -> Status[Cohort]:
    """Open a cohort of a course."""
    staff = request.auth_staff
    values = told.dict()
    row = services.open_cohort(
        acting_staff=staff,
        course=seen(Course, staff, values.pop("course_id")),
        programme=seen(Programme, staff, values.pop("programme_id")),
        provider=seen_or_none(Organisation, staff, values.pop("provider_id")),
        office=seen_or_none(Office, staff, values.pop("office_id")),
        area=seen_or_none(Area, staff, values.pop("area_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.get("/cohorts/{uuid:cohort_id}", response=CohortOut)
def show_cohort(request: StaffRequest, cohort_id: UUID) -> Cohort:
    """One cohort."""
    return seen(Cohort, request.auth_staff, cohort_id)


@router.post("/cohorts/{uuid:cohort_id}/trainers", response={204: None})
def name_trainer(request: StaffRequest, cohort_id: UUID, name: Name) -> Status[None]:
    """Name a provider's trainer of a cohort."""
    cohort = seen(Cohort, request.auth_staff, cohort_id)
    services.name_trainer(acting_staff=request.auth_staff, cohort=cohort, name=name)
    return Status(204, None)


@router.post("/cohorts/{uuid:cohort_id}/sessions", response={201: SessionOut})
def schedule_session(
    request: StaffRequest, cohort_id: UUID, key: IdempotencyKey, told: SessionTold
) -> Status[Session]:
    """Plan the next session of a cohort."""
    values = told.dict()
    row = services.schedule_session(
        acting_staff=request.auth_staff,
        cohort=seen(Cohort, request.auth_staff, cohort_id),
        make_up_for=seen_or_none(Session, request.auth_staff, values.pop("make_up_for_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.get("/cohorts/{uuid:cohort_id}/sessions", response=PageOut[SessionOut])
def list_sessions(
    request: StaffRequest, cohort_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Sessions of a cohort."""
    cohort = seen(Cohort, request.auth_staff, cohort_id)
    items, following = page(cohort.sessions.all(), after, limit)
    return {"items": items, "next": following}


@router.post("/sessions/{uuid:session_id}/hold", response=SessionOut)
def hold_session(request: StaffRequest, session_id: UUID, told: HeldTold) -> Session:
    """Say that a session took place."""
    row = seen(Session, request.auth_staff, session_id)
    return services.hold_session(acting_staff=request.auth_staff, session=row, **told.dict())


@router.post("/sessions/{uuid:session_id}/cancel", response=SessionOut)
def cancel_session(request: StaffRequest, session_id: UUID, told: ReasonTold) -> Session:
    """Cancel a planned session, with a reason."""
    row = seen(Session, request.auth_staff, session_id)
    return services.cancel_session(acting_staff=request.auth_staff, session=row, **told.dict())


@router.get("/enrolments", response=PageOut[EnrolmentOut])
def list_enrolments(
    request: StaffRequest,
    cohort_id: UUID | None = None,
    after: After = None,
    limit: PageSize = 50,
) -> dict[str, object]:
    """Enrolments the caller may see, of one cohort when named."""
    require(request.auth_staff, "training.view_enrolment")
    rows = Enrolment.objects.visible_to(request.auth_staff)
    if cohort_id is not None:
        rows = rows.filter(cohort_id=cohort_id)
    items, following = page(rows, after, limit)
    reads.note(request, persons=[row.person_id for row in items], action="LIST", highest="P")
    return {"items": items, "next": following}


@router.post("/cohorts/{uuid:cohort_id}/applications", response={201: EnrolmentOut})
def record_application(
    request: StaffRequest, cohort_id: UUID, key: IdempotencyKey, told: ApplicationTold
) -> Status[Enrolment]:
    """Record that a person applied for a cohort."""
    values = told.dict()
    values["referral_source"] = values["referral_source"] or ""
    row = services.record_application(
        acting_staff=request.auth_staff,
        cohort=seen(Cohort, request.auth_staff, cohort_id),
        person=seen(Person, request.auth_staff, values.pop("person_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.post("/cohorts/{uuid:cohort_id}/enrolments", response={201: EnrolmentOut})
def enrol_in_cohort(
    request: StaffRequest, cohort_id: UUID, key: IdempotencyKey, told: EnrolmentTold
) -> Status[Enrolment]:
    """Put a person on the roll of a cohort."""
    values = told.dict()
    row = services.enrol_in_cohort(
        acting_staff=request.auth_staff,
        cohort=seen(Cohort, request.auth_staff, cohort_id),
        person=seen(Person, request.auth_staff, values.pop("person_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.post("/enrolments/{uuid:enrolment_id}/told", response=EnrolmentOut)
def tell_invited(request: StaffRequest, enrolment_id: UUID, told: ToldTold) -> Enrolment:
    """Record that an invited person was told; she has a week to answer from then on."""
    row = seen(Enrolment, request.auth_staff, enrolment_id)
    (done,) = services.tell_invited(
        acting_staff=request.auth_staff, enrolments=[row], told_date=told.told_date
    )
    return done


@router.post("/enrolments/{uuid:enrolment_id}/end", response=EnrolmentOut)
def end_enrolment(request: StaffRequest, enrolment_id: UUID, told: EndTold) -> Enrolment:
    """End an enrolment: dropped out or withdrawn."""
    row = seen(Enrolment, request.auth_staff, enrolment_id)
    return services.end_enrolment(acting_staff=request.auth_staff, enrolment=row, **told.dict())


@router.post("/sessions/{uuid:session_id}/attendances", response={201: AttendanceOut})
def record_attendance(
    request: StaffRequest, session_id: UUID, key: IdempotencyKey, told: AttendanceTold
) -> Status[Attendance]:
    """Record what one person attended of a session."""
    staff = request.auth_staff
    row = services.record_attendance(
        acting_staff=staff,
        session=seen(Session, staff, session_id),
        enrolment=seen_or_none(Enrolment, staff, told.enrolment_id),
        person=seen_or_none(Person, staff, told.person_id),
        minutes=told.minutes,
        mark=told.mark,
        method=told.method,
        recorded_at=told.recorded_at or timezone.now(),
        id=key,
    )
    return Status(201, row)


@router.post("/attendances/{uuid:attendance_id}/corrections", response={201: AttendanceOut})
def correct_attendance(
    request: StaffRequest, attendance_id: UUID, key: IdempotencyKey, told: CorrectionTold
) -> Status[Attendance]:
    """Correct an attendance by a further record with a reason."""
    row = services.correct_attendance(
        acting_staff=request.auth_staff,
        attendance=seen(Attendance, request.auth_staff, attendance_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.post("/cohorts/{uuid:cohort_id}/tests", response={201: TestOut})
def set_test(
    request: StaffRequest, cohort_id: UUID, key: IdempotencyKey, told: TestTold
) -> Status[Test]:
    """Set a test for a cohort."""
    cohort = seen(Cohort, request.auth_staff, cohort_id)
    row = services.set_test(acting_staff=request.auth_staff, cohort=cohort, id=key, **told.dict())
    return Status(201, row)


@router.post("/cohorts/{uuid:cohort_id}/practical-tasks", response={201: TestOut})
def set_practical_tasks(
    request: StaffRequest, cohort_id: UUID, key: IdempotencyKey, told: PracticalTold
) -> Status[Test]:
    """Set the four practical tasks for a cohort."""
    row = services.set_practical_tasks(
        acting_staff=request.auth_staff,
        cohort=seen(Cohort, request.auth_staff, cohort_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.post("/tests/{uuid:test_id}/results", response={201: ResultOut})
def record_test(
    request: StaffRequest, test_id: UUID, key: IdempotencyKey, told: ResultTold
) -> Status[TestResult]:
    """Record one sitting of a test."""
    row = services.record_test(
        acting_staff=request.auth_staff,
        test=seen(Test, request.auth_staff, test_id),
        enrolment=seen(Enrolment, request.auth_staff, told.enrolment_id),
        score=told.score,
        task_points=None if told.task_points is None else tuple(told.task_points),
        sat_date=told.sat_date,
        id=key,
    )
    return Status(201, row)


@router.post("/cohorts/{uuid:cohort_id}/close", response=FiguresOut)
def close_cohort(request: StaffRequest, cohort_id: UUID, told: DayTold) -> CohortFigures:
    """Close a cohort: completion is computed and its figures stand."""
    return services.close_cohort(
        acting_staff=request.auth_staff,
        cohort=seen(Cohort, request.auth_staff, cohort_id),
        closed_date=told.day,
        reason=told.reason,
    )
