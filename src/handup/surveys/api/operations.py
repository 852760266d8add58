"""The operations of the API of surveys, each one service call or one query."""

from typing import Any, TypeVar
from uuid import UUID

from ninja import Router, Status

from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.models import House, StaffUser
from handup.org.permissions import OutOfSight, require
from handup.org.scope import hidden_from, without_opened
from handup.people.queries.merging import shown
from handup.projects.models import Programme
from handup.surveys import services
from handup.surveys.api.schemas import (
    CaseOut,
    ContactOut,
    ContactTold,
    DrawTold,
    FlowOut,
    NoteTold,
    OutcomeTold,
    PlaceTold,
    QuestionnaireOut,
    QuestionnaireTaken,
    QuestionnaireTold,
    ReasonTold,
    ReplaceTold,
    RoundOut,
    RoundTold,
    SetAsideTold,
    SubmissionOut,
    SubmissionTold,
    UnplacedOut,
    VersionOut,
)
from handup.surveys.models import (
    Case,
    ContactAttempt,
    Questionnaire,
    QuestionnaireVersion,
    Round,
    Submission,
    UnplacedAnswers,
)
from handup.surveys.queries import flow_of_cases
from handup.surveys.registers import source_of
from handup.surveys.rules.codes import SubjectKind
from handup.surveys.rules.flow import Flow

router = Router(tags=["surveys"])
R = TypeVar("R", bound=House)


def seen(model: type[R], staff: StaffUser, pk: UUID) -> R:
    """Return a record the caller may see; a person also by the id of a record that joined hers.
    Raises OutOfSight, which answers 404."""
    row: R = shown(model, staff, pk)
    return row


@router.get("/questionnaires", response=PageOut[QuestionnaireOut])
def list_questionnaires(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Questionnaires."""
    require(request.auth_staff, "surveys.view_questionnaire")
    items, following = page(Questionnaire.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/questionnaires", response={201: VersionOut})
def draft_questionnaire(
    request: StaffRequest, told: QuestionnaireTold
) -> Status[QuestionnaireVersion]:
    """Draft a version of a questionnaire; the same content again is the same version."""
    values = told.dict()
    values["questions"] = [services.QuestionIn(**one.dict()) for one in told.questions]
    row = services.draft_questionnaire(acting_staff=request.auth_staff, **values)
    return Status(201, row)


@router.post("/questionnaires/shipped", response={201: VersionOut})
def take_questionnaire(
    request: StaffRequest, told: QuestionnaireTaken
) -> Status[QuestionnaireVersion]:
    """Take a questionnaire that comes with Handup into use; again changes nothing."""
    row = services.install_questionnaire(acting_staff=request.auth_staff, code=told.code)
    return Status(201, row)


@router.get("/questionnaires/{uuid:questionnaire_id}/versions", response=PageOut[VersionOut])
def list_versions(
    request: StaffRequest, questionnaire_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Versions of a questionnaire."""
    row = seen(Questionnaire, request.auth_staff, questionnaire_id)
    items, following = page(row.versions.all(), after, limit)
    return {"items": items, "next": following}


@router.post("/versions/{uuid:version_id}/publish", response=VersionOut)
def publish_version(
    request: StaffRequest, version_id: UUID, told: ReasonTold
) -> QuestionnaireVersion:
    """Publish a version, by another person than who prepared it."""
    row = seen(QuestionnaireVersion, request.auth_staff, version_id)
    return services.publish_version(
        acting_staff=request.auth_staff, version=row, reason=told.reason
    )


@router.get("/rounds", response=PageOut[RoundOut])
def list_rounds(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Rounds the caller may see."""
    require(request.auth_staff, "surveys.view_round")
    items, following = page(Round.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/rounds", response={201: RoundOut})
def plan_round(request: StaffRequest, key: IdempotencyKey, told: RoundTold) -> Status[Round]:
    """Plan a round; its seed is stored before the draw."""
    values = told.dict()
    row = services.plan_round(
        acting_staff=request.auth_staff,
        questionnaire=seen(Questionnaire, request.auth_staff, values.pop("questionnaire_id")),
        programme=seen(Programme, request.auth_staff, values.pop("programme_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.post("/rounds/{uuid:round_id}/draw", response=list[CaseOut])
def draw_sample(request: StaffRequest, round_id: UUID, told: DrawTold) -> list[Case]:
    """Draw who is asked among those eligible."""
    staff = request.auth_staff
    round = seen(Round, staff, round_id)
    cases = services.draw_sample(
        acting_staff=staff, round=round, eligible=_eligible(staff, round, told)
    )
    _note(request, cases)
    return cases


def _eligible(staff: StaffUser, round: Round, told: DrawTold) -> list[services.EligibleIn]:
    """Whom the caller names of those she may see. Raises OutOfSight for any other."""
    source = source_of(SubjectKind(round.questionnaire.subject_kind))
    visible: Any = source.model.objects.visible_to(without_opened(staff))
    found = visible.in_bulk([one.subject_id for one in told.eligible])
    if any(one.subject_id not in found for one in told.eligible):
        raise OutOfSight
    return [
        services.EligibleIn(subject=found[one.subject_id], stratum=one.stratum, cluster=one.cluster)
        for one in told.eligible
    ]


@router.post("/rounds/{uuid:round_id}/open", response=RoundOut)
def open_round(request: StaffRequest, round_id: UUID) -> Round:
    """Open a drawn round for answers."""
    row = seen(Round, request.auth_staff, round_id)
    return services.open_round(acting_staff=request.auth_staff, round=row)


@router.post("/rounds/{uuid:round_id}/close", response=RoundOut)
def close_round(request: StaffRequest, round_id: UUID) -> Round:
    """Close an open round."""
    row = seen(Round, request.auth_staff, round_id)
    return services.close_round(acting_staff=request.auth_staff, round=row)


@router.post("/rounds/{uuid:round_id}/lock", response=RoundOut)
def lock_round(request: StaffRequest, round_id: UUID) -> Round:
    """Lock a closed round for the reports."""
    row = seen(Round, request.auth_staff, round_id)
    return services.lock_round(acting_staff=request.auth_staff, round=row)


@router.get("/rounds/{uuid:round_id}/flow", response=FlowOut)
def show_flow(request: StaffRequest, round_id: UUID) -> Flow:
    """The flow of a round's cases and its response rate."""
    staff = request.auth_staff
    return flow_of_cases(seen(Round, staff, round_id), without=hidden_from(staff))


@router.get("/cases", response=PageOut[CaseOut])
def list_cases(
    request: StaffRequest,
    round_id: UUID | None = None,
    after: After = None,
    limit: PageSize = 50,
) -> dict[str, object]:
    """Cases the caller may see, of one round when named."""
    require(request.auth_staff, "surveys.view_case")
    rows = Case.objects.visible_to(request.auth_staff)
    if round_id is not None:
        rows = rows.filter(round_id=round_id)
    items, following = page(rows, after, limit)
    _note(request, items)
    return {"items": items, "next": following}


def _note(request: StaffRequest, cases: list[Case]) -> None:
    persons = [case.person_id for case in cases if case.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")


@router.post("/cases/{uuid:case_id}/contacts", response={201: ContactOut})
def record_contact(
    request: StaffRequest, case_id: UUID, key: IdempotencyKey, told: ContactTold
) -> Status[ContactAttempt]:
    """Record one try to reach somebody."""
    case = seen(Case, request.auth_staff, case_id)
    row = services.record_contact(acting_staff=request.auth_staff, case=case, id=key, **told.dict())
    return Status(201, row)


@router.post("/cases/{uuid:case_id}/replace", response={201: CaseOut})
def replace_case(
    request: StaffRequest, case_id: UUID, key: IdempotencyKey, told: ReplaceTold
) -> Status[Case]:
    """Draw the next one in the place of a case that ended without an interview."""
    staff = request.auth_staff
    case = seen(Case, staff, case_id)
    row = services.replace_case(
        acting_staff=staff,
        case=case,
        eligible=_eligible(staff, case.round, told),
        reason=told.reason,
        id=key,
    )
    _note(request, [row])
    return Status(201, row)


@router.post("/cases/{uuid:case_id}/outcome", response=CaseOut)
def record_outcome(request: StaffRequest, case_id: UUID, told: OutcomeTold) -> Case:
    """End a case without an interview."""
    case = seen(Case, request.auth_staff, case_id)
    return services.record_outcome(acting_staff=request.auth_staff, case=case, **told.dict())


@router.post("/cases/{uuid:case_id}/submissions", response={201: SubmissionOut})
def record_submission(
    request: StaffRequest, case_id: UUID, key: IdempotencyKey, told: SubmissionTold
) -> Status[Submission]:
    """Send one set of answers; the key is its instance id, the answer proves what is held."""
    staff = request.auth_staff
    row = services.record_submission(
        acting_staff=staff,
        submission=services.SubmissionIn(
            case=seen(Case, staff, case_id),
            version=seen(QuestionnaireVersion, staff, told.version_id),
            answers=[services.AnswerIn(**one.dict()) for one in told.answers],
            answered_date=told.answered_date,
            consented=told.consented,
            channel=told.channel,
            start_at=told.start_at,
            end_at=told.end_at,
            device=told.device,
            instance_id=str(key),
        ),
    )
    return Status(201, row)


@router.get("/submissions", response=PageOut[SubmissionOut])
def list_submissions(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Sets of answers the caller may see."""
    require(request.auth_staff, "surveys.view_submission")
    rows = Submission.objects.visible_to(request.auth_staff).select_related("case")
    items, following = page(rows, after, limit)
    persons = [row.case.person_id for row in items if row.case.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.post("/submissions/{uuid:submission_id}/accept", response=SubmissionOut)
def accept_submission(request: StaffRequest, submission_id: UUID, told: NoteTold) -> Submission:
    """Accept a set of answers, by another person than the interviewer."""
    row = seen(Submission, request.auth_staff, submission_id)
    return services.accept_submission(
        acting_staff=request.auth_staff, submission=row, note=told.note
    )


@router.post("/submissions/{uuid:submission_id}/set-aside", response=SubmissionOut)
def set_aside_submission(
    request: StaffRequest, submission_id: UUID, told: SetAsideTold
) -> Submission:
    """Set a set of answers aside, or send it back."""
    row = seen(Submission, request.auth_staff, submission_id)
    return services.set_aside_submission(
        acting_staff=request.auth_staff, submission=row, **told.dict()
    )


@router.get("/unplaced-answers", response=PageOut[UnplacedOut])
def list_unplaced_answers(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Answers that belong to no case and wait for somebody who knows whose they are."""
    require(request.auth_staff, "surveys.view_submission")
    rows = UnplacedAnswers.objects.visible_to(request.auth_staff).filter(placed_as=None)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/unplaced-answers/{uuid:answers_id}/place", response=SubmissionOut)
def place_answers(request: StaffRequest, answers_id: UUID, told: PlaceTold) -> Submission:
    """Place answers on a case; they are held there until another person decides."""
    staff = request.auth_staff
    return services.place_answers(
        acting_staff=staff,
        answers=seen(UnplacedAnswers, staff, answers_id),
        case=seen(Case, staff, told.case_id),
    )
