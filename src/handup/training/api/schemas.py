"""What the API says and is told of courses: curricula, cohorts, sessions, enrolments, tests."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from ninja import Field, Schema

from handup.org.interface import (
    LongText,
)
from handup.training.api.base import (
    Code,
    Count,
    Day,
    Minutes,
    Reason,
    ShortCode,
    Title,
)
from handup.training.rules.attendance import Mark, Method
from handup.training.rules.practical import TaskForm
from handup.training.rules.states import (
    CourseType,
    DropoutReason,
    EnrolmentState,
    PassRule,
    TestForm,
    TestKind,
)


class CurriculumOut(Schema):
    """One version of a curriculum."""

    id: UUID
    code: str
    version: str
    language: str
    title: str
    state: str
    approved_date: date | None


class CurriculumTold(Schema):
    """A version to draft."""

    code: Code
    title: Title
    language: ShortCode
    version: ShortCode = "1"
    licence: Reason = ""


class PlanTold(Schema):
    """A session plan."""

    title: Title
    minutes: Minutes
    objectives: LongText = ""
    materials: LongText = ""
    method: LongText = ""


class ModuleTold(Schema):
    """A module with its session plans."""

    title: Title
    plans: list[PlanTold] = []


class ModuleOut(Schema):
    """A module of a curriculum."""

    id: UUID
    number: int
    title: str


class DayTold(Schema):
    """A day, and a reason where one person does both steps."""

    day: Day
    reason: Reason = ""


class CourseOut(Schema):
    """A course."""

    id: UUID
    code: str
    title: str
    type: str
    pass_rule: str
    threshold_bps: int
    pass_mark_bps: int
    curriculum_id: UUID


class CohortOut(Schema):
    """A cohort."""

    id: UUID
    code: str
    title: str
    course_id: UUID
    programme_id: UUID
    office_id: UUID | None
    area_id: UUID | None
    capacity: int
    starts_date: date
    ends_date: date
    state: str
    closed_date: date | None


class CohortTold(Schema):
    """A cohort to open."""

    course_id: UUID
    programme_id: UUID
    code: Code
    title: Reason = ""
    capacity: Minutes
    starts_date: Day
    ends_date: Day
    provider_id: UUID | None = None
    office_id: UUID | None = None
    area_id: UUID | None = None
    venue: Reason = ""
    step_free: bool = False
    childcare_room: bool = False


class SessionOut(Schema):
    """A session."""

    id: UUID
    cohort_id: UUID
    number: int
    title: str
    session_date: date
    minutes_planned: int
    minutes_held: int | None
    state: str


class SessionTold(Schema):
    """A session to plan."""

    session_date: Day
    minutes_planned: Minutes
    title: Reason = ""
    make_up_for_id: UUID | None = None


class HeldTold(Schema):
    """How long a session lasted, told on a day."""

    minutes_held: Minutes
    on: Day


class ReasonTold(Schema):
    """A reason."""

    reason: Reason


class EnrolmentOut(Schema):
    """One person in one cohort."""

    id: UUID
    person_id: UUID
    cohort_id: UUID
    state: str
    applied_date: date | None
    invited_date: date | None
    told_date: date | None
    enrolled_date: date | None
    started_date: date | None
    completed_date: date | None
    attended_minutes: int | None
    held_minutes: int | None


class ApplicationTold(Schema):
    """A person who applies."""

    person_id: UUID
    applied_date: Day
    open_day_date: Day | None = None
    referral_source: Code | None = None


class ToldTold(Schema):
    """The day an invited person was told."""

    told_date: Day


class EnrolmentTold(Schema):
    """A person for the roll."""

    person_id: UUID
    enrolled_date: Day
    open_day_date: Day | None = None
    exempted: Reason = ""
    agrees_to_name: bool = False


class EndTold(Schema):
    """The end of an enrolment: DROPPED_OUT or WITHDRAWN."""

    state: EnrolmentState
    ended_date: Day
    reason: DropoutReason | None = None
    reason_text: Reason = ""


class AttendanceTold(Schema):
    """What one device or paper says of one person in one session.

    Give the enrolment, or the person alone for a scanned card: who is not on the list walks in.
    """

    enrolment_id: UUID | None = None
    person_id: UUID | None = None
    minutes: Count = 0
    mark: Mark = Mark.PRESENT
    method: Method = Method.MANUAL
    recorded_at: datetime | None = None


class CorrectionTold(Schema):
    """A correction of an attendance."""

    minutes: Count = 0
    mark: Mark = Mark.PRESENT
    reason: Reason


class AttendanceOut(Schema):
    """One attendance record."""

    id: UUID
    session_id: UUID
    enrolment_id: UUID
    minutes: int
    mark: str
    method: str
    recorded_at: datetime
    corrects_id: UUID | None


class TestOut(Schema):
    """A test."""

    id: UUID
    cohort_id: UUID
    kind: str
    form: str
    title: str
    max_score: int
    test_date: date
    task_form: str


class TestTold(Schema):
    """A test to set."""

    kind: TestKind
    form: TestForm = TestForm.WRITTEN
    title: Title
    max_score: Minutes
    test_date: Day
    pair: Reason = ""


class PracticalTold(Schema):
    """The four practical tasks, set for a cohort."""

    kind: Literal[TestKind.PRE, TestKind.POST] = TestKind.POST
    task_form: TaskForm
    test_date: Day


class ResultTold(Schema):
    """One sitting; no points say that the person missed it. The points of the four tasks, in
    their order, say their sum.
    """

    enrolment_id: UUID
    score: Count | None
    task_points: list[Count] | None = Field(default=None, max_length=4)
    sat_date: Day


class ResultOut(Schema):
    """One sitting of a test."""

    id: UUID
    test_id: UUID
    enrolment_id: UUID
    score: int | None
    task_points: list[int]
    missed: bool
    sat_date: date


class FiguresOut(Schema):
    """The figures of a cohort as they stood at its close."""

    id: UUID
    cohort_id: UUID
    revision: int
    enrolled: int
    started: int
    completed: int
    dropped_out: int
    held_minutes: int
    attended_minutes: int
    pairs: int


class CourseTold(Schema):
    """A course to offer."""

    curriculum_id: UUID
    code: ShortCode
    title: Title
    type: CourseType = CourseType.BUSINESS
    pass_rule: PassRule = PassRule.ATTENDANCE_ONLY
    threshold_bps: Count = 8000
    pass_mark_bps: Count = 6000
    level_test_required: bool = False
