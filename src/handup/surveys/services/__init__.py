"""Every write of surveys; doors call these and nothing else."""

from handup.surveys.services.back_checks import (
    assign_back_check,
    draw_back_checks,
    record_back_check,
)
from handup.surveys.services.bank import adopt_questionnaire
from handup.surveys.services.corrections import ChangeIn, correct_submission, withdraw_answers
from handup.surveys.services.deciding import (
    accept_submission,
    accept_submissions,
    set_aside_submission,
)
from handup.surveys.services.form_answers import FormSubmissionIn, record_form_submission
from handup.surveys.services.numbers import Numbers, set_numbers
from handup.surveys.services.paper import finish_paper, keep_paper
from handup.surveys.services.quality import look_over_round, set_limits, settle_flag
from handup.surveys.services.questionnaires import (
    QuestionIn,
    draft_questionnaire,
    install_questionnaire,
    publish_version,
)
from handup.surveys.services.receiving_files import PartIn, PartKept, kept_sum, receive_part
from handup.surveys.services.replacing import replace_case
from handup.surveys.services.rounds import (
    EligibleIn,
    close_round,
    draw_sample,
    lock_round,
    open_round,
    plan_round,
    record_contact,
    record_outcome,
    reopen_round,
)
from handup.surveys.services.submissions import (
    AnswerIn,
    SubmissionIn,
    content_of,
    record_submission,
    record_submissions,
)
from handup.surveys.services.unplaced import place_answers
from handup.surveys.services.uploads import form_of, upload_questionnaire

__all__ = [
    "AnswerIn",
    "ChangeIn",
    "EligibleIn",
    "FormSubmissionIn",
    "Numbers",
    "PartIn",
    "PartKept",
    "QuestionIn",
    "SubmissionIn",
    "accept_submission",
    "accept_submissions",
    "adopt_questionnaire",
    "assign_back_check",
    "close_round",
    "content_of",
    "correct_submission",
    "draft_questionnaire",
    "draw_back_checks",
    "draw_sample",
    "finish_paper",
    "form_of",
    "install_questionnaire",
    "keep_paper",
    "kept_sum",
    "lock_round",
    "look_over_round",
    "open_round",
    "place_answers",
    "plan_round",
    "publish_version",
    "receive_part",
    "record_back_check",
    "record_contact",
    "record_form_submission",
    "record_outcome",
    "record_submission",
    "record_submissions",
    "reopen_round",
    "replace_case",
    "set_aside_submission",
    "set_limits",
    "set_numbers",
    "settle_flag",
    "upload_questionnaire",
    "withdraw_answers",
]
