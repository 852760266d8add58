"""Tables of surveys: what is asked, whom, and what was answered."""

from handup.surveys.models.questionnaires import Question, Questionnaire, QuestionnaireVersion
from handup.surveys.models.rounds import Case, ContactAttempt, Round
from handup.surveys.models.submissions import Answer, Flag, Submission

__all__ = [
    "Answer",
    "Case",
    "ContactAttempt",
    "Flag",
    "Question",
    "Questionnaire",
    "QuestionnaireVersion",
    "Round",
    "Submission",
]
