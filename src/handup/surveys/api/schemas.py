"""What the API of surveys says and is told; texts and numbers are bounded."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, Field

from handup.org.scope import hidden_from
from handup.surveys.models import Round
from handup.surveys.queries import eligible_of
from handup.surveys.rules.codes import (
    Channel,
    Outcome,
    Purpose,
    QuestionType,
    RoundKind,
    SamplePlan,
    SubjectKind,
    Way,
)


def no_nul(text: str) -> str:
    """Refuse what no database keeps."""
    if "\x00" in text:
        raise ValueError("a text holds no NUL sign")
    return text


def _of_our_time(day: date) -> date:
    if not 1900 <= day.year <= 2200:
        raise ValueError("a day lies between 1900 and 2200")
    return day


Title = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(no_nul)]
Code = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(no_nul)]
Version = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(no_nul)]
Note = Annotated[str, Field(max_length=200), AfterValidator(no_nul)]
Value = Annotated[str, Field(max_length=2000), AfterValidator(no_nul)]
Texts = dict[
    Annotated[str, Field(max_length=10), AfterValidator(no_nul)],
    Annotated[str, Field(max_length=500), AfterValidator(no_nul)],
]
Day = Annotated[date, AfterValidator(_of_our_time)]
Index = Annotated[int, Field(ge=0, le=200)]


class QuestionnaireOut(Schema):
    """A questionnaire."""

    id: UUID
    code: str
    title: str
    purpose: str
    subject_kind: str


class VersionOut(Schema):
    """A version of a questionnaire."""

    id: UUID
    questionnaire_id: UUID
    version: str
    state: str
    sha256: str


class QuestionnaireTaken(Schema):
    """The questionnaire that comes with Handup to take into use."""

    code: Literal["impact", "enterprise_visit"]


class QuestionTold(Schema):
    """One question of a new version."""

    name: Code
    type: QuestionType
    labels: Texts
    hints: Texts = {}
    choice_labels: dict[Code, Texts] = {}
    handup_key: Annotated[Note, Field(max_length=60)] = ""
    core: bool = False
    sensitive: bool = False
    required: bool = False
    repeat_path: Annotated[Note, Field(max_length=60)] = ""


class QuestionnaireTold(Schema):
    """A version to draft."""

    code: Code
    title: Title
    purpose: Purpose
    subject_kind: SubjectKind
    version: Version
    questions: Annotated[list[QuestionTold], Field(max_length=500)]
    languages: Annotated[list[Annotated[Code, Field(max_length=10)]], Field(max_length=20)] = ["en"]


class ReasonTold(Schema):
    """A reason, where one person does both steps."""

    reason: Note = ""


class RoundOut(Schema):
    """A round."""

    id: UUID
    questionnaire_id: UUID
    programme_id: UUID
    name: str
    kind: str
    opens_date: date
    closes_date: date
    anchor: str
    anchor_days: int | None
    plan: str
    sample_size: int | None
    seed: str
    eligible_count: int | None
    state: str

    @staticmethod
    def resolve_eligible_count(row: Round, context: dict[str, Any]) -> int | None:
        """Without whom the caller may not know of."""
        return eligible_of(row, without=hidden_from(context["request"].auth_staff))


class RoundTold(Schema):
    """A round to plan."""

    questionnaire_id: UUID
    programme_id: UUID
    name: Title
    kind: RoundKind
    opens_date: Day
    closes_date: Day
    plan: SamplePlan = SamplePlan.CENSUS
    sample_size: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    cluster_count: Annotated[int, Field(ge=1, le=100_000)] | None = None
    anchor: Annotated[Note, Field(max_length=40)] = ""
    anchor_days: Annotated[int, Field(ge=0, le=3_650)] | None = None
    seed: Annotated[Note, Field(max_length=80)] = ""


class EligibleTold(Schema):
    """One subject that may be drawn."""

    subject_id: UUID
    stratum: Annotated[Note, Field(max_length=80)] = ""
    cluster: Annotated[Note, Field(max_length=80)] = ""


class DrawTold(Schema):
    """Everybody eligible for a draw."""

    eligible: Annotated[list[EligibleTold], Field(max_length=20_000)]


class FlowOut(Schema):
    """The flow of a round's cases; the rate is null when it is not defined."""

    eligible: int
    sampled: int
    traced: int
    interviewed: int
    found_ineligible: int
    open: int
    withdrawn: int
    replaced: int
    asked: int
    response_rate: str | None


class CaseOut(Schema):
    """A case."""

    id: UUID
    round_id: UUID
    subject_kind: str
    subject_id: UUID
    subject_name: str
    person_id: UUID | None
    interviewer_id: UUID | None
    due_date: date | None
    outcome: str
    probability_numerator: int
    probability_denominator: int
    replaces_id: UUID | None


class ReplaceTold(DrawTold):
    """Who may be asked instead, and why somebody else is."""

    reason: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(no_nul)]


class ContactTold(Schema):
    """One try to reach somebody."""

    attempt_date: Day
    way: Way
    result: Note = ""


class ContactOut(Schema):
    """One try to reach somebody."""

    id: UUID
    case_id: UUID
    attempt_date: date
    way: str


class OutcomeTold(Schema):
    """How a case ended without an interview."""

    outcome: Outcome
    outcome_date: Day


class AnswerTold(Schema):
    """One answer; an amount is in the smallest unit of its currency."""

    name: Code
    value: Value
    index: Index = 0
    currency: Annotated[str, Field(pattern="^([A-Z]{3})?$")] = ""
    reference_month: Day | None = None


class SubmissionTold(Schema):
    """One set of answers; the Idempotency-Key is its instance id."""

    version_id: UUID
    answers: Annotated[list[AnswerTold], Field(max_length=2000)]
    answered_date: Day
    consented: bool = True
    channel: Channel = Channel.APP
    start_at: datetime | None = None
    end_at: datetime | None = None
    device: Annotated[Note, Field(max_length=80)] = ""


class SubmissionOut(Schema):
    """A set of answers as it was kept; `sha256` proves that the same bytes are held."""

    id: UUID
    instance_id: str
    case_id: UUID
    round_id: UUID
    answered_date: date
    state: str
    sha256: str
    fault_count: int


class UnplacedOut(Schema):
    """Answers that belong to no case: who sent them, why, and what they became once placed."""

    id: UUID
    programme_id: UUID
    sent_by_id: UUID
    recorded_at: datetime
    reason: str
    device: str
    instance_id: str
    placed_as_id: UUID | None


class PlaceTold(Schema):
    """The case answers are placed on."""

    case_id: UUID


class NoteTold(Schema):
    """A note on a decision."""

    note: Note = ""


class SetAsideTold(Schema):
    """A set of answers to set aside or to send back."""

    note: Note
    send_back: bool = False
