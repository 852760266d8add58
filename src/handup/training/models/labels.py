"""The words people read for the codes of training."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from handup.training.rules.attendance import Mark, Method
from handup.training.rules.costs import CostBasis
from handup.training.rules.funnel import Step
from handup.training.rules.practical import TaskForm
from handup.training.rules.states import (
    AgreementForm,
    ApprenticeshipState,
    CertificateKind,
    CertificateState,
    CohortState,
    CourseType,
    CurriculumState,
    DropoutReason,
    EnrolmentState,
    PassRule,
    PlacementKind,
    PlacementState,
    SessionState,
    TestForm,
    TestKind,
)

Labels = Mapping[StrEnum, Promise]


def choices(labels: Labels) -> Iterable[tuple[str, Promise]]:
    """Turn labels into a Django field's choices."""
    return [(code.value, label) for code, label in labels.items()]


CURRICULUM_STATE: Labels = {
    CurriculumState.DRAFT: _("draft"),
    CurriculumState.REVIEW: _("in review"),
    CurriculumState.APPROVED: _("approved"),
    CurriculumState.RETIRED: _("retired"),
}
COURSE_TYPE: Labels = {
    CourseType.LITERACY: _("literacy"),
    CourseType.BUSINESS: _("business management"),
    CourseType.LIFE_SKILLS: _("life skills"),
    CourseType.TECHNICAL: _("technical skills"),
    CourseType.TRAINING_OF_TRAINERS: _("training of trainers"),
    CourseType.REFRESHER: _("refresher"),
    CourseType.APPRENTICESHIP: _("apprenticeship"),
}
PASS_RULE: Labels = {
    PassRule.ATTENDANCE_ONLY: _("attendance"),
    PassRule.TEST: _("attendance and test"),
    PassRule.GRADUATION: _("final assessment"),
}
COHORT_STATE: Labels = {
    CohortState.PLANNED: _("planned"),
    CohortState.OPEN: _("open for enrolment"),
    CohortState.RUNNING: _("running"),
    CohortState.CLOSED: _("closed"),
    CohortState.CORRECTED: _("closed, corrected"),
}
SESSION_STATE: Labels = {
    SessionState.PLANNED: _("planned"),
    SessionState.HELD: _("held"),
    SessionState.CANCELLED: _("cancelled"),
}
ENROLMENT_STATE: Labels = {
    EnrolmentState.APPLIED: _("applied"),
    EnrolmentState.ELIGIBLE: _("eligible"),
    EnrolmentState.NOT_ELIGIBLE: _("not eligible"),
    EnrolmentState.WAITING: _("waiting"),
    EnrolmentState.INVITED: _("invited"),
    EnrolmentState.ENROLLED: _("enrolled"),
    EnrolmentState.COMPLETED: _("completed"),
    EnrolmentState.NOT_COMPLETED: _("not completed"),
    EnrolmentState.DROPPED_OUT: _("dropped out"),
    EnrolmentState.WITHDRAWN: _("withdrew"),
    EnrolmentState.TRANSFERRED: _("moved to another cohort"),
}
DROPOUT_REASON: Labels = {
    DropoutReason.ILLNESS: _("illness"),
    DropoutReason.FAMILY_DUTY: _("family duty"),
    DropoutReason.MARRIAGE: _("marriage"),
    DropoutReason.DISTANCE_COST: _("distance or cost of the way"),
    DropoutReason.STIPEND_TOO_LOW: _("stipend too low"),
    DropoutReason.FOUND_WORK: _("found work"),
    DropoutReason.CONFLICT_WITH_MASTER: _("conflict with the master"),
    DropoutReason.MOVED_OR_RETURNED: _("moved or returned home"),
    DropoutReason.NOT_INTERESTED: _("not interested"),
    DropoutReason.SAFETY: _("safety"),
    DropoutReason.OTHER: _("other"),
    DropoutReason.UNKNOWN: _("unknown"),
}
METHOD: Labels = {
    Method.SCAN: _("card scanned"),
    Method.ROSTER: _("from the paper roster"),
    Method.MANUAL: _("by hand"),
}
MARK: Labels = {
    Mark.PRESENT: _("present"),
    Mark.ABSENT: _("absent"),
    Mark.EXCUSED: _("excused"),
}
TEST_KIND: Labels = {
    TestKind.PRE: _("before the course"),
    TestKind.POST: _("after the course"),
    TestKind.LEVEL: _("level test"),
}
TEST_FORM: Labels = {
    TestForm.WRITTEN: _("written"),
    TestForm.ORAL: _("oral"),
    TestForm.PRACTICAL: _("practical"),
}
TASK_FORM: Labels = {
    TaskForm.A: _("form A"),
    TaskForm.B: _("form B"),
}
CERTIFICATE_KIND: Labels = {
    CertificateKind.ATTENDANCE: _("certificate of attendance"),
    CertificateKind.COMPLETION: _("certificate of completion"),
    CertificateKind.SKILL: _("certificate of skill"),
}
CERTIFICATE_STATE: Labels = {
    CertificateState.VALID: _("valid"),
    CertificateState.REVOKED: _("revoked"),
    CertificateState.REPLACED: _("replaced by a newer certificate"),
    CertificateState.EXPIRED: _("expired"),
    CertificateState.SEALED: _("printed ahead, not valid yet"),
    CertificateState.STRUCK: _("printed ahead, never became valid"),
}
APPRENTICESHIP_STATE: Labels = {
    ApprenticeshipState.DRAFT: _("draft"),
    ApprenticeshipState.SIGNED: _("signed"),
    ApprenticeshipState.ACTIVE: _("in the workshop"),
    ApprenticeshipState.GRADUATED: _("graduated"),
    ApprenticeshipState.TERMINATED: _("ended early"),
}
AGREEMENT_FORM: Labels = {
    AgreementForm.WRITTEN: _("written"),
    AgreementForm.ORAL: _("spoken before two witnesses"),
}
PLACEMENT_KIND: Labels = {
    PlacementKind.WAGE: _("paid job"),
    PlacementKind.OWN_BUSINESS: _("own business"),
    PlacementKind.FAMILY: _("family business"),
    PlacementKind.STUDY: _("further study"),
}
PLACEMENT_STATE: Labels = {
    PlacementState.CLAIMED: _("told, not yet verified"),
    PlacementState.VERIFIED: _("verified"),
    PlacementState.REJECTED: _("rejected"),
}
COST_BASIS: Labels = {
    CostBasis.MINUTES: _("attended minutes"),
    CostBasis.HEADCOUNT: _("participants"),
    CostBasis.EQUAL: _("equal parts"),
}
STEP: Labels = {
    Step.ATTENDED_OPEN_DAY: _("came to an open day"),
    Step.APPLIED: _("applied"),
    Step.ELIGIBLE: _("eligible"),
    Step.INVITED: _("invited"),
    Step.ENROLLED: _("enrolled"),
    Step.STARTED: _("started"),
    Step.COMPLETED: _("completed"),
    Step.CERTIFIED: _("certified"),
    Step.PLACED: _("placed"),
    Step.PERMANENT_JOB: _("permanent paid job"),
}
