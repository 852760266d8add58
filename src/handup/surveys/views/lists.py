"""Lists of surveys: questionnaires, rounds, cases, sets of answers."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
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
from handup.people.queries.persons import by_name
from handup.surveys.fault_words import fault_word
from handup.surveys.models import Case, PaperEntry, Questionnaire, Round, Submission
from handup.surveys.models import labels as lb
from handup.surveys.models.labels import choices
from handup.surveys.registers import known_of
from handup.surveys.rules.codes import PaperState, RoundState, SubmissionState

ROUND_TONES = {"OPEN": Tone.GOOD, "CLOSED": Tone.INFO, "LOCKED": Tone.PLAIN}
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
READY = Action(_("Ready questionnaires"), "surveys:ready_list", "surveys.view_questionnaire")
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
    actions = (TAKE, READY)
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
    actions = (Action(_("Numbers of surveys"), "surveys:numbers", "surveys.set_numbers"),)
    empty = EmptyState(_("No rounds yet"), _("Plan one for a questionnaire."), NEW_ROUND)


DUE = [
    ("overdue", _("overdue")),
    ("today", _("due today")),
    ("week", _("due within a week")),
    ("done", _("ended")),
]


def _due(rows: Any, code: str) -> Any:
    """Cases of open rounds by when they are due; what has ended is not due."""
    if code == "done":
        return rows.exclude(outcome="")
    today = timezone.localdate()
    rows = rows.filter(outcome="", round__state=RoundState.OPEN)
    if code == "overdue":
        return rows.filter(due_date__lt=today)
    last = today if code == "today" else today + timedelta(days=7)
    return rows.filter(due_date__gte=today, due_date__lte=last)


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
        Column("known", _("What is known"), value=lambda row: row.known),
        Column("interviewer", _("Interviewer")),
        Column("due_date", _("Due"), Kind.DATE, sort="due_date"),
        Column("outcome", _("Outcome"), Kind.STATE, tones=OUTCOME_TONES),
    )
    filters = (
        Search(
            label=_("Name or number"),
            using=by_name("person", ("person__sort_key", "person__registration_no")),
        ),
        Choice("due", _("Due"), DUE, using=_due),
        Choice("outcome", _("Outcome"), choices(lb.OUTCOME)),
        Choice("round_state", _("Round"), choices(lb.ROUND_STATE), field="round__state"),
    )
    actions = (Action(_("Papers being typed"), "surveys:paper_list", "surveys.enter_paper"),)
    empty = EmptyState(_("Nobody to ask"), _("Cases are drawn when a round is planned."))

    @staticmethod
    def as_seen(staff: Any, records: Sequence[Any]) -> None:
        """Put beside each subject what domains above tell of it, asked once for the page."""
        told = known_of(staff, [(row.subject_kind, row.subject_id) for row in records])
        for row in records:
            row.known = told.get(row.subject_id, "")


def _is_waiting(rows: Any, code: str) -> Any:
    """Papers somebody types, or that wait to be typed the second time."""
    state = PaperState.DRAFT if code == "draft" else PaperState.TYPED
    return rows.filter(state=state)


class PaperList(ListPage):
    """Papers not handed in yet: still being typed, or waiting to be typed the second time."""

    model = PaperEntry
    permission = "surveys.enter_paper"
    title = _("Papers being typed")
    intro = _("What is typed is kept as it is; open one to go on with it.")
    related = (
        "case__round",
        "case__person",
        "case__household",
        "case__enterprise",
        "entered_by",
    )
    person_path = "case.person_id"
    columns = (
        Column(
            "case",
            _("Who"),
            Kind.LINK,
            value=lambda row: str(row.case.subject),
            href=lambda row: reverse("surveys:case_paper", args=[row.case_id]),
        ),
        Column("case.round.name", _("Round")),
        Column("entered_by", _("Typed by")),
        Column("kept_at", _("Kept"), Kind.INSTANT, sort="kept_at"),
        Column("state", _("State"), Kind.STATE),
    )
    filters = (
        Search(
            label=_("Name or number"),
            using=by_name(
                "case__person", ("case__person__sort_key", "case__person__registration_no")
            ),
        ),
        Choice(
            "waits",
            _("Waits for"),
            [("draft", _("the rest")), ("second", _("the second time"))],
            using=_is_waiting,
        ),
    )
    order = "-kept_at"
    empty = EmptyState(_("No paper is being typed"), _("Begin at the person to ask."))

    def rows(self) -> Any:
        """Those not handed in."""
        return super().rows().filter(submission=None)


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
            _("Accept many at once"), "surveys:submission_accept_many", "surveys.accept_submission"
        ),
        Action(_("Held, with the reason"), "surveys:held_list", "surveys.view_submission"),
        Action(_("Flags"), "surveys:flag_list", "surveys.view_submission"),
        Action(_("Back-checks"), "surveys:back_check_list", "surveys.view_back_check"),
        Action(
            _("Answers that belong to no case"), "surveys:unplaced_list", "surveys.view_submission"
        ),
    )
    empty = EmptyState(_("No answers yet"), _("They arrive when a round is open."))


def reasons(row: Submission) -> str:
    """Why a set of answers is held: each kind of fault once, with the questions it is about."""
    by_kind: dict[str, list[str]] = {}
    faults: list[Mapping[str, str]] = row.faults
    for one in faults:
        by_kind.setdefault(one["kind"], []).append(one["path"].rpartition("/")[2])
    return "; ".join(
        fault_word(kind) + (f": {', '.join(dict.fromkeys(names))[:80]}" if any(names) else "")
        for kind, names in by_kind.items()
    )


class HeldList(ListPage):
    """Sets of answers held for review, each with why."""

    model = Submission
    permission = "surveys.view_submission"
    related = ("round", "case__person", "case__household", "case__enterprise", "interviewer")
    person_path = "case.person_id"
    title = _("Held, with the reason")
    intro = _("They are stored whole. Accept with a note, send back, or set aside.")
    columns = (
        SubmissionList.columns[0],
        Column("round.name", _("Round")),
        Column("interviewer", _("Interviewer")),
        Column("received_at", _("Received"), Kind.INSTANT, sort="received_at"),
        Column("reason", _("Why"), value=reasons),
    )
    filters = (DateRange("answered", _("Answered"), "answered_date"),)
    actions = (
        Action(_("Decide one by one"), "surveys:submission_queue", "surveys.accept_submission"),
    )
    order = "received_at"
    empty = EmptyState(_("Nothing is held"), _("Answers that do not pass the check stand here."))

    def rows(self) -> Any:
        """Those held."""
        return super().rows().filter(state=SubmissionState.HELD)
