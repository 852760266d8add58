"""Reads a cohort once and hands the pure rules what they ask for: sessions, marks, sittings."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from handup.org.models import StaffUser
from handup.training.models import (
    ApprenticeshipAgreement,
    Attendance,
    Certificate,
    Cohort,
    Course,
    Enrolment,
    Session,
    TestResult,
)
from handup.training.rules.attendance import (
    Attended,
    HeldSession,
    Record,
    absence_alert,
    disagreeing,
    effective,
    minutes,
)
from handup.training.rules.completion import Outcome, Sitting, outcome
from handup.training.rules.states import (
    ON_THE_ROLL,
    ApprenticeshipState,
    CertificateState,
    PassRule,
    SessionState,
    TestForm,
    TestKind,
)


@dataclass(slots=True)
class CohortFacts:
    """Everything the rules need of one cohort, read in five statements."""

    course: Course
    sessions: list[HeldSession]
    enrolments: list[Enrolment]
    records: dict[tuple[UUID, UUID], list[Record]] = field(default_factory=dict)
    sittings: dict[UUID, list[Sitting]] = field(default_factory=dict)
    answered: set[tuple[UUID, UUID]] = field(default_factory=set)
    graduated: set[UUID] = field(default_factory=set)

    def marks(self, enrolment_id: UUID) -> Mapping[UUID, Record]:
        """Return the record that counts of each session of one enrolment."""
        found = {}
        for session in self.sessions:
            record = effective(self.records.get((enrolment_id, session.id), ()))
            if record is not None:
                found[session.id] = record
        return found

    def attended(self, enrolment_id: UUID) -> Attended:
        """Return what one person attended."""
        return minutes(self.sessions, self.marks(enrolment_id))

    def outcome(self, enrolment_id: UUID) -> Outcome:
        """Decide one enrolment by the course's rule."""
        return outcome(
            self.attended(enrolment_id),
            self.sittings.get(enrolment_id, []),
            pass_rule=PassRule(self.course.pass_rule),
            threshold_bps=self.course.threshold_bps,
            pass_mark_bps=self.course.pass_mark_bps,
            graduated=enrolment_id in self.graduated,
        )

    def alert(self, enrolment_id: UUID) -> bool:
        """Tell whether somebody should ask after this person."""
        return absence_alert(self.sessions, self.marks(enrolment_id), self.course.threshold_bps)

    def conflicts(self) -> list[tuple[UUID, UUID]]:
        """Return (enrolment, session) pairs whose records disagree and are not corrected yet."""
        return [pair for pair, records in self.records.items() if disagreeing(records)]


def of_cohort(cohort: Cohort, *, without: Collection[UUID] = ()) -> CohortFacts:
    """Read one cohort: held sessions in order, everybody on the roll, records, sittings."""
    return of_cohorts([cohort], without=without)[cohort.pk]


def of_cohorts(
    cohorts: Sequence[Cohort], *, without: Collection[UUID] = ()
) -> dict[UUID, CohortFacts]:
    """Read many cohorts in as many statements as one; up to a few hundred at a time.

    `without` leaves persons out: a page names those its reader may not know of.
    """
    found = {cohort.pk: CohortFacts(cohort.course, [], []) for cohort in cohorts}
    ids = list(found)
    for session in Session.objects.filter(cohort__in=ids, state=SessionState.HELD).order_by(
        "session_date", "number"
    ):
        found[session.cohort_id].sessions.append(
            HeldSession(session.pk, session.minutes_held or 0, session.make_up_for_id)
        )
    rolls = Enrolment.objects.filter(cohort__in=ids, state__in=ON_THE_ROLL)
    for row in rolls.exclude(person_id__in=without).select_related("person"):
        found[row.cohort_id].enrolments.append(row)
    marks = Attendance.objects.filter(session__cohort__in=ids).select_related("session")
    for mark in marks.exclude(enrolment__person_id__in=without):
        records = found[mark.session.cohort_id].records
        records.setdefault((mark.enrolment_id, mark.session_id), []).append(mark.fact())
    for result in (
        TestResult.objects.filter(test__cohort__in=ids)
        .exclude(enrolment__person_id__in=without)
        .select_related("test")
        .order_by("sat_date", "id")
    ):
        _add_sitting(found[result.test.cohort_id], result)
    _add_graduates(found)
    return found


def _add_sitting(facts: CohortFacts, row: TestResult) -> None:
    facts.answered.add((row.test_id, row.enrolment_id))
    if row.score is not None:
        facts.sittings.setdefault(row.enrolment_id, []).append(
            Sitting(
                TestKind(row.test.kind),
                TestForm(row.test.form),
                row.score,
                row.test.max_score,
                row.test.pair,
            )
        )


def _add_graduates(found: dict[UUID, CohortFacts]) -> None:
    ids = [pk for pk, facts in found.items() if facts.course.pass_rule == PassRule.GRADUATION]
    if not ids:
        return
    for agreement in ApprenticeshipAgreement.objects.filter(
        enrolment__cohort__in=ids, state=ApprenticeshipState.GRADUATED
    ).select_related("enrolment"):
        found[agreement.enrolment.cohort_id].graduated.add(agreement.enrolment_id)


def sealed_left(cohort: Cohort, staff: StaffUser) -> bool:
    """Whether papers printed ahead of a closed cohort wait to be struck, for this reader."""
    rows = Certificate.objects.visible_to(staff).filter(enrolment__cohort=cohort)
    found: bool = rows.filter(state=CertificateState.SEALED).exists()
    return found
