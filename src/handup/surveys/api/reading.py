"""Questionnaires from spreadsheets and answers through the API: the same services as the pages."""

import json
from typing import Annotated, Any
from uuid import UUID

from ninja import File, Form, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from handup.kernel.errors import Refusal
from handup.org import reads
from handup.org.interface import After, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require
from handup.surveys import services
from handup.surveys.api.more_schemas import ReadyOut, ReadyTold, SubmissionFull, VersionFull
from handup.surveys.api.operations import router, seen
from handup.surveys.api.schemas import CaseOut, RoundOut, SubmissionOut, VersionOut
from handup.surveys.compiling import FaultyQuestionnaire
from handup.surveys.fault_words import as_faults
from handup.surveys.models import Case, CompiledForm, QuestionnaireVersion, Round, Submission
from handup.surveys.queries import sensitive_names
from handup.surveys.rules.answers import question_in
from handup.surveys.rules.xlsform.reading import BYTES_MOST
from handup.surveys.services.bank import Ready, bank
from handup.surveys.services.collecting import missing_media

Text = Annotated[str, Field(max_length=20_000, pattern="^[^\\x00]*$")]
MAP = 'a JSON object: question, then old code, then new code: {"income": {"LESS": "WORSE"}}'


class UploadTold(Schema):
    """What is told beside the file: languages not offered yet, what old codes become."""

    draft_languages: Text = ""
    code_map: Annotated[Text, Field(description=MAP)] = ""


class NotACodeMap(Refusal):
    """Old and new codes are told as a JSON object: question, old code, new code."""


@router.post("/questionnaires/upload", response={201: VersionOut})
def upload_questionnaire(
    request: StaffRequest,
    file: Annotated[UploadedFile, File()],
    told: Form[UploadTold],
) -> Status[QuestionnaireVersion]:
    """Take a version from a spreadsheet (XLSForm); the same bytes again return the version there
    is. Every fault is told at once, with sheet, row and column."""
    try:
        row = services.upload_questionnaire(
            acting_staff=request.auth_staff,
            content=file.read(BYTES_MOST + 1),
            filename=str(file.name or ""),
            code_map=code_map_of(told.code_map),
            draft_languages=told.draft_languages.split(),
        )
    except FaultyQuestionnaire as refusal:
        raise as_faults(refusal) from refusal
    return Status(201, row)


def code_map_of(text: str) -> dict[str, dict[str, str]]:
    """What old codes become, from JSON. Raises NotACodeMap."""
    if not text.strip():
        return {}
    try:
        given = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotACodeMap(field="code_map") from error
    if not isinstance(given, dict) or not all(
        isinstance(codes, dict)
        and all(isinstance(a, str) and isinstance(b, str) for a, b in codes.items())
        for codes in given.values()
    ):
        raise NotACodeMap(field="code_map")
    return given


@router.get("/questionnaires/ready", response=list[ReadyOut])
def list_ready_questionnaires(request: StaffRequest) -> list[Ready]:
    """Questionnaires ready to be taken over, their titles and questions in every language."""
    require(request.auth_staff, "surveys.view_questionnaire")
    return list(bank().values())


@router.post("/questionnaires/ready", response={201: VersionOut})
def adopt_questionnaire(request: StaffRequest, told: ReadyTold) -> Status[QuestionnaireVersion]:
    """Take a ready questionnaire over as a draft; again returns the draft there is."""
    row = services.adopt_questionnaire(acting_staff=request.auth_staff, code=told.code)
    return Status(201, row)


@router.get("/versions/{uuid:version_id}", response=VersionFull)
def show_version(request: StaffRequest, version_id: UUID) -> dict[str, object]:
    """One version with its questions."""
    row = seen(QuestionnaireVersion, request.auth_staff, version_id)
    kept = CompiledForm.objects.filter(version=row).defer("sheet", "xform", "survey_json").first()
    return {
        **{name: getattr(row, name) for name in (
            "id", "questionnaire_id", "version", "state", "sha256", "languages", "published_at",
            "double_entry",
        )},
        "questions": list(row.questions.all()),
        "sheet_sha256": kept.sheet_sha256 if kept else "",
        "xform_sha256": kept.xform_sha256 if kept else "",
        "compiled_with": kept.compiled_with if kept else "",
        "warnings": [
            one["sentence"].format(**one["parts"]) for one in (kept.warnings if kept else ())
        ],
    }  # fmt: skip


@router.get("/rounds/{uuid:round_id}", response=RoundOut)
def show_round(request: StaffRequest, round_id: UUID) -> Round:
    """One round."""
    return seen(Round, request.auth_staff, round_id)


@router.get("/cases/{uuid:case_id}", response=CaseOut)
def show_case(request: StaffRequest, case_id: UUID) -> Case:
    """One case."""
    row = seen(Case, request.auth_staff, case_id)
    persons = [row.person_id] if row.person_id else []
    reads.note(request, persons=persons, action="VIEW", highest="P")
    return row


@router.get("/rounds/{uuid:round_id}/submissions", response=PageOut[SubmissionOut])
def list_answers_of_round(
    request: StaffRequest,
    round_id: UUID,
    state: Annotated[str, Field(max_length=9, pattern="^[A-Z_]*$")] = "",
    after: After = None,
    limit: PageSize = 50,
) -> dict[str, object]:
    """Sets of answers of a round, of one state when named (HELD: those to be reviewed)."""
    require(request.auth_staff, "surveys.view_submission")
    round = seen(Round, request.auth_staff, round_id)
    rows = Submission.objects.visible_to(request.auth_staff).filter(round=round)
    if state:
        rows = rows.filter(state=state)
    items, following = page(rows.select_related("case"), after, limit)
    persons = [row.case.person_id for row in items if row.case.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.get("/submissions/{uuid:submission_id}", response=SubmissionFull)
def show_submission(request: StaffRequest, submission_id: UUID) -> dict[str, Any]:
    """One set of answers, each with its question; sensitive ones are left out."""
    row = seen(Submission, request.auth_staff, submission_id)
    persons = [row.case.person_id] if row.case.person_id else []
    reads.note(request, persons=persons, action="VIEW", highest="S")
    told = row.answers.filter(question__sensitive=False).select_related("question")
    plain = (
        "id", "instance_id", "root_id", "case_id", "round_id", "version_id", "interviewer_id",
        "answered_date", "start_at", "end_at", "received_at", "channel", "state", "consented",
        "note",
    )  # fmt: skip
    sensitive = sensitive_names(row.version)
    return {
        **{name: getattr(row, name) for name in plain},
        "answers": [
            {
                "name": one.question.name,
                "index": one.repeat_index,
                "value": one.value,
                "currency": one.currency,
            }
            for one in told
        ],
        "faults": [one for one in row.faults if question_in(one["path"]) not in sensitive],
        "flags": list(row.flags.all()),
        "missing_files": missing_media(row),
    }
