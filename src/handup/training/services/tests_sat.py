"""Tests of a cohort and their results; every sitting is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.training.models import Cohort, Enrolment, Test, TestResult
from handup.training.models.labels import TASK_FORM
from handup.training.rules.practical import MOST_POINTS, PAIR, TASK_POINTS, TaskForm, is_marked
from handup.training.rules.states import TestForm, TestKind
from handup.training.services.common import known, not_to_come, require_each, same
from handup.training.services.places import hold_all
from handup.training.services.refusals import (
    CohortClosed,
    NoTasks,
    ScoreOutOfRange,
    TaskPointsWrong,
    WrongCohort,
)

SAME = ("test_id", "enrolment_id", "score", "missed", "sat_date", "task_points")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultIn:
    """One sitting: points reached, or None when the person missed it.

    `task_points` are those of the four practical tasks; `score` is then their sum.
    """

    test: Test
    enrolment: Enrolment
    score: int | None
    sat_date: date
    task_points: tuple[int, ...] | None = None
    id: UUID = field(default_factory=new_id)

    @property
    def points(self) -> int | None:
        """The points of the whole test."""
        return self.score if self.task_points is None else sum(self.task_points)


def set_test(
    *,
    acting_staff: StaffUser,
    cohort: Cohort,
    kind: TestKind,
    title: str,
    max_score: int,
    test_date: date,
    form: TestForm = TestForm.WRITTEN,
    pair: str = "",
    task_form: TaskForm | None = None,
    id: UUID | None = None,
) -> Test:
    """Set a test for a cohort; a pre-test and a post-test with the same `pair` are linked forms."""
    require_each(acting_staff, "training.set_test", [cohort])
    if cohort.is_closed:
        raise CohortClosed
    if max_score < 1:
        raise ScoreOutOfRange(field="max_score", limit=max_score, score=0)
    row = Test(
        id=id or new_id(),
        cohort=cohort,
        kind=kind,
        form=form,
        title=title,
        pair=pair,
        max_score=max_score,
        test_date=test_date,
        task_form=task_form or "",
    )
    existing: Test | None = Test.objects.filter(pk=row.pk).first()
    if existing:
        return same(existing, row, ("cohort_id", "kind", "form", "max_score", "task_form"))
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(acting_staff, "training.set_test", row)
    return row


def set_practical_tasks(
    *,
    acting_staff: StaffUser,
    cohort: Cohort,
    kind: TestKind,
    task_form: TaskForm,
    test_date: date,
    id: UUID | None = None,
) -> Test:
    """Set the four practical tasks of a business course, before or after it (training.md 4.3).

    Both forms are linked, so that a first and a last test tell a gain. Raises CohortClosed.
    """
    return set_test(
        acting_staff=acting_staff,
        cohort=cohort,
        kind=kind,
        title=_("Four practical tasks, {form}").format(form=TASK_FORM[task_form]),
        max_score=MOST_POINTS,
        test_date=test_date,
        form=TestForm.PRACTICAL,
        pair=PAIR,
        task_form=task_form,
        id=id,
    )


def record_test(
    *,
    acting_staff: StaffUser,
    test: Test,
    enrolment: Enrolment,
    score: int | None,
    sat_date: date,
    task_points: tuple[int, ...] | None = None,
    id: UUID | None = None,
) -> TestResult:
    """Record one sitting; `score` None without `task_points` says the person missed it."""
    item = ResultIn(
        test=test,
        enrolment=enrolment,
        score=score,
        sat_date=sat_date,
        task_points=task_points,
        id=id or new_id(),
    )
    return record_tests(acting_staff=acting_staff, items=[item])[0]


def record_tests(*, acting_staff: StaffUser, items: Sequence[ResultIn]) -> list[TestResult]:
    """Record many sittings at once. Their cohorts are held, so that none is closed meanwhile and
    its figures miss them; a sitting that is stored already is told again, also of a closed one.

    Raises ScoreOutOfRange, TaskPointsWrong, NoTasks, CohortClosed, WrongCohort, AfterToday.
    """
    cohorts = {item.test.cohort_id: item.test.cohort for item in items}
    require_each(acting_staff, "training.record_test", list(cohorts.values()))
    for item in items:
        if item.enrolment.cohort_id != item.test.cohort_id:
            raise WrongCohort(field="enrolment")
        not_to_come(item.sat_date, field="sat_date")
        _refuse_points(item)
    rows = [
        TestResult(
            id=item.id,
            test=item.test,
            enrolment=item.enrolment,
            score=item.points,
            missed=item.points is None,
            task_points=_told(item),
            sat_date=item.sat_date,
            recorded_by=acting_staff,
        )
        for item in items
    ]
    with transaction.atomic():
        closed = hold_all(cohorts.values())
        before = known(TestResult, [row.pk for row in rows])
        fresh = [row for row in rows if row.pk not in before]
        if any(row.test.cohort_id in closed for row in fresh):
            raise CohortClosed
        TestResult.objects.bulk_create(fresh, batch_size=300)
        audit.record_many(audit.line(acting_staff, "training.record_test", row) for row in fresh)
    return [same(before[row.pk], row, SAME) if row.pk in before else row for row in rows]


def _told(item: ResultIn) -> Any:
    """The points of the tasks as the row keeps them, sealed when it is stored."""
    return list(item.task_points or ())


def _refuse_points(item: ResultIn) -> None:
    """Refuse points the test does not have."""
    if item.task_points is not None:
        if not item.test.task_form:
            raise NoTasks(field="task_points")
        agrees = item.score is None or item.score == sum(item.task_points)
        if not agrees or not is_marked(item.task_points):
            raise TaskPointsWrong(field="task_points", limit=TASK_POINTS)
    points = item.points
    if points is not None and not 0 <= points <= item.test.max_score:
        raise ScoreOutOfRange(field="score", limit=item.test.max_score, score=points)
