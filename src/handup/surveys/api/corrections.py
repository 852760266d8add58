"""The API of what changes what stands: answers corrected or withdrawn, a round opened again."""

from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import AfterValidator, Field

from handup.org.interface import IdempotencyKey, StaffRequest
from handup.surveys import services
from handup.surveys.api.operations import router, seen
from handup.surveys.api.schemas import (
    CaseOut,
    Code,
    Day,
    Note,
    RoundOut,
    SubmissionOut,
    Value,
    no_nul,
)
from handup.surveys.models import Case, Round, Submission

Row = Annotated[int, Field(ge=0, le=32_767)]
Why = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(no_nul)]


class ChangeTold(Schema):
    """One answer as it should have been, empty for none; an amount in the smallest unit of its
    currency, in a questionnaire from a spreadsheet as it is typed there."""

    name: Code
    value: Value
    index: Row = 0


class CorrectionTold(Schema):
    """What is corrected in a set of answers, and why."""

    changes: Annotated[list[ChangeTold], Field(min_length=1, max_length=2000)]
    reason: Why


class WithdrawalTold(Schema):
    """When somebody asked for the answers to be withdrawn."""

    asked_date: Day
    reason: Note = ""


class ReopenTold(Schema):
    """Why a round is opened again."""

    reason: Why


@router.post("/submissions/{uuid:submission_id}/correct", response={201: SubmissionOut})
def correct_submission(
    request: StaffRequest, submission_id: UUID, key: IdempotencyKey, told: CorrectionTold
) -> Status[Submission]:
    """Keep a corrected state of a set of answers; another person decides on it."""
    row = services.correct_submission(
        acting_staff=request.auth_staff,
        submission=seen(Submission, request.auth_staff, submission_id),
        changes=[services.ChangeIn(**one.dict()) for one in told.changes],
        reason=told.reason,
        id=key,
    )
    return Status(201, row)


@router.post("/cases/{uuid:case_id}/withdraw", response=CaseOut)
def withdraw_answers(request: StaffRequest, case_id: UUID, told: WithdrawalTold) -> Case:
    """Withdraw the answers of an interview because whoever gave them asks for it."""
    row = seen(Case, request.auth_staff, case_id)
    return services.withdraw_answers(acting_staff=request.auth_staff, case=row, **told.dict())


@router.post("/rounds/{uuid:round_id}/reopen", response=RoundOut)
def reopen_round(request: StaffRequest, round_id: UUID, told: ReopenTold) -> Round:
    """Take a closed or locked round one step back."""
    row = seen(Round, request.auth_staff, round_id)
    return services.reopen_round(acting_staff=request.auth_staff, round=row, reason=told.reason)
