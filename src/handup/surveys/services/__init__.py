"""Every write of surveys; doors call these and nothing else."""

from handup.surveys.services.form_answers import FormSubmissionIn, record_form_submission
from handup.surveys.services.questionnaires import (
    QuestionIn,
    draft_questionnaire,
    install_questionnaire,
    publish_version,
)
from handup.surveys.services.rounds import (
    EligibleIn,
    close_round,
    draw_sample,
    lock_round,
    open_round,
    plan_round,
    record_contact,
    record_outcome,
)
from handup.surveys.services.submissions import (
    AnswerIn,
    SubmissionIn,
    accept_submission,
    accept_submissions,
    content_of,
    record_submission,
    record_submissions,
    set_aside_submission,
)
from handup.surveys.services.unplaced import place_answers
from handup.surveys.services.uploads import form_of, upload_questionnaire

__all__ = [
    "AnswerIn",
    "EligibleIn",
    "FormSubmissionIn",
    "QuestionIn",
    "SubmissionIn",
    "accept_submission",
    "accept_submissions",
    "close_round",
    "content_of",
    "draft_questionnaire",
    "draw_sample",
    "form_of",
    "install_questionnaire",
    "lock_round",
    "open_round",
    "place_answers",
    "plan_round",
    "publish_version",
    "record_contact",
    "record_form_submission",
    "record_outcome",
    "record_submission",
    "record_submissions",
    "set_aside_submission",
    "upload_questionnaire",
]
