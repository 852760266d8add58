"""Lists of surveys: questionnaires, rounds, cases, sets of answers."""

from django.utils.translation import gettext_lazy as _

from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tone,
)
from handup.surveys.models import Case, Questionnaire, Round, Submission
from handup.surveys.models import labels as lb
from handup.surveys.models.labels import choices

ROUND_TONES = {"OPEN": Tone.GOOD, "CLOSED": Tone.INFO, "LOCKED": Tone.WARN}
OUTCOME_TONES = {"INTERVIEWED": Tone.GOOD, "REFUSED": Tone.WARN, "NOT_FOUND": Tone.WARN}
SUBMISSION_TONES = {
    "RECEIVED": Tone.INFO,
    "HELD": Tone.WARN,
    "ACCEPTED": Tone.GOOD,
    "SENT_BACK": Tone.WARN,
    "CONFLICT": Tone.BAD,
}
TAKE = Action(
    _("Take a questionnaire into use"), "surveys:questionnaire_take", "surveys.draft_questionnaire"
)
UPLOAD = Action(
    _("Take one from a spreadsheet"), "surveys:questionnaire_upload", "surveys.draft_questionnaire"
)
NEW_ROUND = Action(_("Plan a round"), "surveys:round_new", "surveys.plan_round")


class QuestionnaireList(ListPage):
    """Questionnaires."""

    model = Questionnaire
    permission = "surveys.view_questionnaire"
    title = _("Questionnaires")
    columns = (
        Column(
            "title", _("Title"), Kind.LINK, sort="title", url_name="surveys:questionnaire_detail"
        ),
        Column("code", _("Code"), sort="code"),
        Column("purpose", _("Purpose"), value=lambda row: row.get_purpose_display()),
        Column(
            "subject_kind", _("Asked about a"), value=lambda row: row.get_subject_kind_display()
        ),
    )
    filters = (Search(("title", "code"), label=_("Title or code")),)
    order = "title"
    primary = UPLOAD
    actions = (TAKE,)
    empty = EmptyState(
        _("No questionnaires yet"),
        _("Two come with the program and are taken into use first."),
        TAKE,
    )


class RoundList(ListPage):
    """Rounds the reader may see."""

    model = Round
    permission = "surveys.view_round"
    title = _("Rounds")
    related = ("questionnaire", "programme")
    columns = (
        Column("name", _("Name"), Kind.LINK, sort="name", url_name="surveys:round_detail"),
        Column("questionnaire.title", _("Questionnaire")),
        Column("kind", _("Kind"), value=lambda row: row.get_kind_display()),
        Column("programme", _("Programme"), value=lambda row: str(row.programme)),
        Column("opens_date", _("From"), Kind.DATE, sort="opens_date"),
        Column("closes_date", _("Until"), Kind.DATE, sort="closes_date"),
        Column("state", _("State"), Kind.STATE, tones=ROUND_TONES),
    )
    filters = (
        Search(("name", "questionnaire__title"), label=_("Name or questionnaire")),
        Choice("state", _("State"), choices(lb.ROUND_STATE)),
        Choice("kind", _("Kind"), choices(lb.ROUND_KIND)),
        DateRange("opens", _("Starts"), "opens_date"),
    )
    order = "-opens_date"
    primary = NEW_ROUND
    empty = EmptyState(_("No rounds yet"), _("Plan one for a questionnaire."), NEW_ROUND)


class CaseList(ListPage):
    """Cases the reader may see; an interviewer sees her own."""

    model = Case
    permission = "surveys.view_case"
    title = _("People to ask")
    related = ("round", "person", "household", "enterprise", "interviewer")
    person_path = "person_id"
    columns = (
        Column(
            "subject",
            _("Who"),
            Kind.LINK,
            value=lambda row: str(row.subject),
            url_name="surveys:case_detail",
        ),
        Column("round.name", _("Round"), sort="round__name"),
        Column("interviewer", _("Interviewer")),
        Column("due_date", _("Due"), Kind.DATE, sort="due_date"),
        Column("outcome", _("Outcome"), Kind.STATE, tones=OUTCOME_TONES),
    )
    filters = (
        Search(("person__sort_key", "person__registration_no"), label=_("Name or number")),
        Choice("outcome", _("Outcome"), choices(lb.OUTCOME)),
        Choice("round_state", _("Round"), choices(lb.ROUND_STATE), field="round__state"),
    )
    empty = EmptyState(_("Nobody to ask"), _("Cases are drawn when a round is planned."))


class SubmissionList(ListPage):
    """Sets of answers."""

    model = Submission
    permission = "surveys.view_submission"
    title = _("Sets of answers")
    related = ("round", "case__person", "case__household", "case__enterprise", "interviewer")
    person_path = "case.person_id"
    columns = (
        Column(
            "case",
            _("Who"),
            Kind.LINK,
            value=lambda row: str(row.case.subject),
            url_name="surveys:submission_detail",
        ),
        Column("round.name", _("Round")),
        Column("answered_date", _("Answered"), Kind.DATE, sort="answered_date"),
        Column("interviewer", _("Interviewer")),
        Column("fault_count", _("Faults"), Kind.NUMBER),
        Column("state", _("State"), Kind.STATE, tones=SUBMISSION_TONES),
    )
    filters = (
        Choice("state", _("State"), choices(lb.SUBMISSION_STATE)),
        DateRange("answered", _("Answered"), "answered_date"),
    )
    actions = (
        Action(_("Decide one by one"), "surveys:submission_queue", "surveys.accept_submission"),
        Action(
            _("Answers that belong to no case"), "surveys:unplaced_list", "surveys.view_submission"
        ),
    )
    empty = EmptyState(_("No answers yet"), _("They arrive when a round is open."))
