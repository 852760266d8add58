"""Tables of surveys: what is asked, whom, and what was answered."""

from handup.surveys.models.arriving import ArrivingFile, UnplacedFile
from handup.surveys.models.paper import PaperEntry
from handup.surveys.models.quality import BackCheck, RoundFlag
from handup.surveys.models.questionnaires import (
    CompiledForm,
    Question,
    Questionnaire,
    QuestionnaireVersion,
)
from handup.surveys.models.rounds import Case, ContactAttempt, Round
from handup.surveys.models.submissions import (
    Answer,
    Attachment,
    Flag,
    Submission,
    UnplacedAnswers,
)

__all__ = [
    "Answer",
    "ArrivingFile",
    "Attachment",
    "BackCheck",
    "Case",
    "CompiledForm",
    "ContactAttempt",
    "Flag",
    "PaperEntry",
    "Question",
    "Questionnaire",
    "QuestionnaireVersion",
    "Round",
    "RoundFlag",
    "Submission",
    "UnplacedAnswers",
    "UnplacedFile",
]
