"""What the API says and is told of questionnaires from spreadsheets, of answers, and of the quality
of data.
"""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, Field

from handup.surveys.api.schemas import AnswerTold, Code, Day, Note, Value, no_nul


class VersionFull(Schema):
    """A version with its questions, and what it was compiled from."""

    id: UUID
    questionnaire_id: UUID
    version: str
    state: str
    sha256: str
    languages: list[str]
    published_at: datetime | None
    double_entry: bool
    questions: list["QuestionOut"]
    sheet_sha256: str
    xform_sha256: str
    compiled_with: str
    warnings: list[str]


class QuestionOut(Schema):
    """One question of a version, its texts per language."""

    number: int
    name: str
    type: str
    labels: dict[str, str]
    choice_labels: dict[str, dict[str, str]]
    handup_key: str
    core: bool
    sensitive: bool
    required: bool
    repeat_path: str


class ReadyQuestion(Schema):
    """One question of a ready questionnaire."""

    name: str
    type: str
    labels: dict[str, str]
    choice_labels: dict[str, dict[str, str]]
    handup_key: str
    core: bool
    sensitive: bool


class ReadyOut(Schema):
    """A ready questionnaire; `unread`: languages no native reader has read."""

    code: str
    titles: dict[str, str]
    purpose: str
    subject_kind: str
    version: str
    languages: list[str]
    unread: list[str]
    questions: list[ReadyQuestion]


class ReadyTold(Schema):
    """The ready questionnaire to take over."""

    code: Code


class FaultOut(Schema):
    """One fault of a set of answers: where, what, what was found and expected."""

    path: str
    kind: str
    value: str
    expected: str


class FlagOut(Schema):
    """One flag on a set of answers."""

    id: UUID
    submission_id: UUID
    rule: str
    detail: str
    resolved_by_id: UUID | None
    resolved_at: datetime | None
    note: str


class AnswerOut(Schema):
    """One answer as it is kept; an amount in the smallest unit of its currency."""

    name: str
    index: int
    value: str
    currency: str


class SubmissionFull(Schema):
    """A set of answers with each answer, fault and flag; sensitive answers are left out."""

    id: UUID
    instance_id: str
    root_id: str
    case_id: UUID
    round_id: UUID
    version_id: UUID
    interviewer_id: UUID
    answered_date: date
    start_at: datetime | None
    end_at: datetime | None
    received_at: datetime
    channel: str
    state: str
    consented: bool
    note: str
    answers: list[AnswerOut]
    faults: list[FaultOut]
    flags: list[FlagOut]
    missing_files: list[str]


Place = Annotated[str, Field(min_length=1, max_length=400), AfterValidator(no_nul)]


class PaperTold(Schema):
    """What is typed of a paper so far: texts by the place of a question (/household/worker[2]/age;
    by the name of the question in a questionnaire that came without a spreadsheet)."""

    typed: Annotated[
        dict[Place, Annotated[list[Value], Field(max_length=500)]], Field(max_length=20_000)
    ]
    answered_date: Day | None = None
    asked_by_id: UUID | None = None


class PaperFinished(Schema):
    """How a paper is handed in. `as_written`: keep what does not pass and hold it. `seen`: the sum
    of the differences looked at, as told with them. `answers` and `consented`: for a questionnaire
    that came without a spreadsheet."""

    as_written: bool = False
    seen: Annotated[str, Field(max_length=64), AfterValidator(no_nul)] = ""
    answers: Annotated[list[AnswerTold], Field(max_length=2000)] = []
    consented: bool = True


class PaperOut(Schema):
    """A paper being typed or handed in; what was typed is told by the page alone."""

    id: UUID
    case_id: UUID
    version_id: UUID
    entered_by_id: UUID
    asked_by_id: UUID | None
    answered_date: date | None
    state: str
    submission_id: UUID | None
    compared: int
    differing: list[str]


class LimitsOut(Schema):
    """The thresholds of a round that may be set otherwise than usual, as they are."""

    limits: dict[str, float]
    looked_at: datetime | None


class LimitsTold(Schema):
    """The thresholds to set; those not named are as usual."""

    limits: Annotated[
        dict[Annotated[Code, Field(max_length=40)], Annotated[float, Field(ge=0, le=1_000_000)]],
        Field(max_length=50),
    ]


class InterviewerOut(Schema):
    """What one interviewer did in a round."""

    interviewer_id: UUID
    received: int
    held: int
    refused: int
    flagged: int
    minutes: float | None
    unanswered: int
    answers: int
    checks: int
    equal: int | None
    compared: int | None
    to_review: bool


class EffectOut(Schema):
    """How far the answers to a scale question depend on who asks."""

    question: str
    rho: float
    answers: int
    interviewers: int


class AttritionOut(Schema):
    """Who of the baseline was lost: both counts stand beside the percentage."""

    baseline_round_id: UUID
    interviewed: int
    ineligible_since: int
    paired: int
    rate: str | None


class QualityOut(Schema):
    """What the data of a round show."""

    looked_at: datetime | None
    interviewers: list[InterviewerOut]
    flags: dict[str, int]
    effects: list[EffectOut]
    attrition: AttritionOut | None


class SettleTold(Schema):
    """What was found about a flag."""

    note: Note


class BackCheckOut(Schema):
    """An interview asked again: by whom, when, how many answers agree."""

    id: UUID
    submission_id: UUID
    checked_by_id: UUID | None
    due_date: date | None
    question_names: list[str]
    check_date: date | None
    compared: int
    equal: int
    differing: list[str]


class CheckerTold(Schema):
    """Who asks again."""

    checker_id: UUID


class AgainTold(Schema):
    """What was answered the second time, by the names of the questions."""

    check_date: Day
    answers: Annotated[dict[Code, Value], Field(max_length=50)]


def effects_of(quality: dict[str, Any]) -> list[EffectOut]:
    """The effects of a look as the API tells them."""
    return [
        EffectOut(question=name, rho=one["rho"], answers=one["n"], interviewers=one["interviewers"])
        for name, one in sorted(quality.get("effects", {}).items())
    ]
