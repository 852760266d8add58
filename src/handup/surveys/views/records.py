"""Record pages: a questionnaire, a round with its flow of cases, a case, a set of answers."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from handup.org import reads
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.scope import hidden_from, leave_out
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import format_number, format_percent
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    QueuePage,
    RecordPage,
    State,
    Table,
    Tile,
    Tone,
)
from handup.surveys.fault_words import fault_word
from handup.surveys.forms.rounds import DecisionForm
from handup.surveys.models import Answer, Case, Questionnaire, Round, Submission
from handup.surveys.models.labels import OUTCOME
from handup.surveys.queries import current_version, flow_of_cases, outcome_counts, sensitive_names
from handup.surveys.registers import anchors
from handup.surveys.rules.answers import question_in
from handup.surveys.rules.codes import RoundState, SubmissionState
from handup.surveys.services.collecting import missing_media
from handup.surveys.services.corrections import CORRECTABLE
from handup.surveys.views import lists
from handup.surveys.views.flows import flow_tables


class QuestionnairePage(RecordPage):
    """A questionnaire with the questions of its published version."""

    model = Questionnaire
    permission = "surveys.view_questionnaire"

    def header(self) -> Header:
        """Its title."""
        return Header(
            self.record.title,
            subtitle=self.record.get_purpose_display(),
            crumbs=(Crumb(_("Questionnaires"), reverse("surveys:questionnaire_list")),),
        )

    def tables(self) -> Sequence[Table]:
        """Versions and questions."""
        version = current_version(questionnaire_id=self.record.pk)
        questions = version.questions.all() if version else []
        return [
            Table(
                _("Questions"),
                (
                    Column("number", _("Number"), Kind.NUMBER),
                    Column("text", _("Question"), value=str),
                    Column("type", _("Answer"), value=lambda row: row.get_type_display()),
                    Column("handup_key", _("Key")),
                    Column("required", _("Must be answered"), Kind.TICK),
                ),
                questions,
                empty=EmptyState(_("No version is published")),
            ),
            Table(
                _("Versions"),
                (
                    Column("version", _("Version"), Kind.LINK, url_name="surveys:version_detail"),
                    Column("state", _("State"), value=lambda row: row.get_state_display()),
                    Column("published_at", _("Published"), Kind.INSTANT),
                ),
                self.record.versions.all(),
            ),
        ]


class RoundPage(RecordPage):
    """A round: the flow of its cases, the response rate, what to do next."""

    model = Round
    permission = "surveys.view_round"
    related = ("questionnaire", "programme")

    def header(self) -> Header:
        """Name, state, the next step."""
        row = self.record
        step = {
            RoundState.PLANNED: ("surveys:round_open", "surveys.open_round", _("Open the round")),
            RoundState.OPEN: ("surveys:round_close", "surveys.close_round", _("Close the round")),
            RoundState.CLOSED: ("surveys:round_lock", "surveys.lock_round", _("Lock the round")),
        }.get(row.state)
        primary = Action(step[2], step[0], step[1], args=(row.pk,)) if step else None
        draw = Action(
            _("Draw who is asked"), "surveys:round_draw", "surveys.draw_sample", args=(row.pk,)
        )
        cases = Action(_("People to ask"), "surveys:case_list", "surveys.view_case")
        return Header(
            row.name,
            subtitle=f"{row.questionnaire} · {row.programme}",
            state=State(row.get_state_display(), lists.ROUND_TONES.get(row.state, Tone.PLAIN)),
            primary=draw if row.drawn_at is None else primary,
            actions=(cases, *self._more()) if row.drawn_at else (),
            crumbs=(Crumb(_("Rounds"), reverse("surveys:round_list")),),
        )

    def _more(self) -> tuple[Action, ...]:
        """The ways to the quality of its data and to back-checks."""
        row = self.record
        quality = Action(
            _("Quality of the data"),
            "surveys:round_quality",
            "surveys.view_submission",
            args=(row.pk,),
        )
        checks = Action(
            _("Draw back-checks"),
            "surveys:round_back_checks",
            "surveys.draw_back_checks",
            args=(row.pk,),
        )
        files = Action(
            _("Answers as files"),
            "surveys:round_answers",
            "surveys.export_answers",
            args=(row.pk,),
        )
        where = Action(
            _("Map of interviews"), "surveys:round_map", "people.reveal_secret", args=(row.pk,)
        )
        again = Action(
            _("Open the round again"),
            "surveys:round_reopen",
            "surveys.reopen_round",
            args=(row.pk,),
        )
        live = row.state in {RoundState.OPEN, RoundState.CLOSED}
        shown = (quality, checks, files, where) if live else (quality, files, where)
        return (*shown, again) if row.state in {RoundState.CLOSED, RoundState.LOCKED} else shown

    def tiles(self) -> Sequence[Tile]:
        """From eligible to interviewed, with both counts beside the rate."""
        counts = flow_of_cases(self.record, without=hidden_from(self.staff))
        rate = counts.response_rate
        return [
            Tile(_("Eligible"), format_number(counts.eligible)),
            Tile(_("Sampled"), format_number(counts.sampled), of=Tile.of_all(counts.eligible)),
            Tile(_("Traced"), format_number(counts.traced), of=Tile.of_all(counts.sampled)),
            Tile(
                _("Interviewed"), format_number(counts.interviewed), of=Tile.of_all(counts.traced)
            ),
            Tile(
                _("Response rate"),
                _("not defined") if rate is None else format_percent(rate),
                of=f"{format_number(counts.interviewed)} / {format_number(counts.asked)}",
                how=_("Interviewed of sampled, without those found ineligible."),
            ),
            *(
                [Tile(_("Asked in the place of others"), format_number(counts.replaced))]
                if counts.replaced
                else []
            ),
            *(
                [Tile(_("Answers withdrawn"), format_number(counts.withdrawn))]
                if counts.withdrawn
                else []
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """When and how it was drawn."""
        row = self.record
        return [
            FactGroup(
                _("Round"),
                [
                    Fact(_("Kind"), row.get_kind_display()),
                    Fact(_("From"), row.opens_date),
                    Fact(_("Until"), row.closes_date),
                    *self._days_left(),
                    *self._counted(),
                    Fact(_("Who is asked"), row.get_plan_display()),
                    Fact(_("Seed of the draw"), row.seed),
                    Fact(_("Drawn"), row.drawn_at),
                    Fact(_("Locked"), row.locked_at),
                    Fact(_("Opened again"), row.reopened_at),
                    Fact(_("Why it was opened again"), row.reopen_reason),
                ],
            )
        ]

    def _counted(self) -> list[Fact]:
        """From which day of each subject her case is due."""
        row = self.record
        known = anchors.get(row.anchor)
        if known is None:
            return []
        return [Fact(_("Counted from"), known.label), Fact(_("Days after it"), row.anchor_days)]

    def _days_left(self) -> list[Fact]:
        """How long answers are still taken, while it is open."""
        row = self.record
        if row.state != RoundState.OPEN:
            return []
        left = (row.closes_date - timezone.localdate()).days
        if left < 0:
            return [Fact(_("Days over"), -left)]
        return [Fact(_("Days left"), left)]

    def tables(self) -> Sequence[Table]:
        """How the cases ended."""
        cases = leave_out(Case.objects.filter(round=self.record), hidden_from(self.staff))
        outcomes = outcome_counts(cases)
        labels = {code.value: label for code, label in OUTCOME.items()} | {"": _("still open")}
        rows = [
            {"label": label, "count": outcomes[code]}
            for code, label in labels.items()
            if code in outcomes
        ]
        columns = (
            Column("label", _("Outcome"), value=lambda row: row["label"]),
            Column("count", _("Cases"), Kind.NUMBER, value=lambda row: row["count"]),
        )
        empty = EmptyState(_("Nobody is drawn yet"))
        found = [Table(_("How the cases ended"), columns, rows, empty=empty)]
        knows = may(self.staff, "people.view_person")
        opens = self.record.opens_date if knows else None
        return [*found, *flow_tables(cases, on=opens)] if outcomes else found


def answers_of(submission: Submission) -> Any:
    """The answers with their questions."""
    return Answer.objects.filter(submission=submission).select_related("question")


class SubmissionPage(RecordPage):
    """One set of answers with its faults and flags."""

    model = Submission
    permission = "surveys.view_submission"
    related = ("round", "case__person", "case__household", "case__enterprise", "interviewer")
    person_path = "case.person_id"
    highest = "S"

    def header(self) -> Header:
        """Who answered, state, the decision."""
        row = self.record
        open_ = row.state in {
            SubmissionState.RECEIVED,
            SubmissionState.HELD,
            SubmissionState.SENT_BACK,
        }
        decide = Action(
            _("Decide"), "surveys:submission_decide", "surveys.accept_submission", args=(row.pk,)
        )
        correct = Action(
            _("Correct the answers"),
            "surveys:submission_correct",
            "surveys.correct_submission",
            args=(row.pk,),
        )
        return Header(
            str(row.case.subject),
            subtitle=row.round.name,
            state=State(row.get_state_display(), lists.SUBMISSION_TONES.get(row.state, Tone.PLAIN)),
            primary=decide if open_ else None,
            actions=(correct,) if self._is_correctable() else (),
            crumbs=(Crumb(_("Sets of answers"), reverse("surveys:submission_list")),),
        )

    def _is_correctable(self) -> bool:
        row = self.record
        later = row.superseded_by.exclude(state=SubmissionState.CONFLICT)
        locked = row.round.state == RoundState.LOCKED
        return row.state in CORRECTABLE and bool(row.body) and not locked and not later.exists()

    def facts(self) -> Sequence[FactGroup]:
        """Where it comes from."""
        row = self.record
        flags = ", ".join(flag.get_rule_display() for flag in row.flags.all())
        return [
            FactGroup(
                _("Set of answers"),
                [
                    Fact(_("Answered on"), row.answered_date),
                    Fact(_("Interviewer"), row.interviewer),
                    Fact(_("Came by"), row.get_channel_display()),
                    Fact(_("Agreed to be asked"), _("yes") if row.consented else _("no")),
                    Fact(_("Flags"), flags),
                    Fact(_("Note"), row.note),
                    Fact(_("Corrected by"), row.corrected_by),
                    Fact(_("Why it was corrected"), row.reason),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Answers and faults."""
        sees = may(self.staff, "surveys.view_sensitive", self.record)
        columns = (
            Column("question", _("Question"), value=lambda row: str(row.question)),
            Column("value", _("Answer"), value=lambda row: told_word(row, sees=sees)),
        )
        found = [Table(_("Answers"), columns, answers_of(self.record))]
        if self.record.faults:
            found.append(_faults(self.record, sees=sees))
        if sees or not self.record.version.questions.filter(type="image", sensitive=True).exists():
            found += self._pictures()
        return found

    def _pictures(self) -> list[Table]:
        """The pictures that came with them, each opens; and those still on their way."""
        kept = [
            {"name": row.name, "file": row.file_id, "agreed": row.agreed_at, "state": _("kept")}
            for row in self.record.attachments.all()
        ]
        here = {str(line["name"]) for line in kept}
        missing = [
            {"name": name, "file": None, "agreed": None, "state": _("still on its way")}
            for name in missing_media(self.record)
            if name not in here
        ]
        columns = (
            Column(
                "name",
                _("Picture"),
                Kind.LINK,
                value=lambda line: line["name"],
                href=lambda line: reverse("org:file", args=[line["file"]]) if line["file"] else "",
            ),
            Column("state", _("State"), value=lambda line: line["state"]),
            Column(
                "agreed", _("Agreed to the photograph"), Kind.INSTANT,
                value=lambda line: line["agreed"],
            ),
        )  # fmt: skip
        return [Table(_("Pictures"), columns, [*kept, *missing])] if kept or missing else []


HIDDEN = "\u2022\u2022\u2022"


def told_word(row: Answer, *, sees: bool) -> str:
    """An answer as it is read; a sensitive one only by who may see such answers."""
    return HIDDEN if row.question.sensitive and not sees else row.question.word(row.value)


def faults_told(submission: Submission, *, sees: bool) -> list[dict[str, str]]:
    """The faults of a set of answers, what sensitive answers hold only for who may see it."""
    faults: list[dict[str, str]] = submission.faults
    if sees:
        return faults
    secret = sensitive_names(submission.version)
    return [
        one | {"value": HIDDEN, "expected": ""} if question_in(one["path"]) in secret else one
        for one in faults
    ]


def _faults(submission: Submission, *, sees: bool) -> Table:
    columns = (
        Column("path", _("Question"), value=lambda row: row["path"]),
        Column("kind", _("What is wrong"), value=lambda row: fault_word(row["kind"])),
        Column("value", _("Answer"), value=lambda row: row["value"]),
        Column("expected", _("Expected"), value=lambda row: row["expected"]),
    )
    return Table(_("Faults"), columns, faults_told(submission, sees=sees))


def to_decide(staff: StaffUser) -> Any:
    """What others asked, typed and corrected and nobody has decided on yet, held ones first."""
    return (
        Submission.objects.visible_to(staff)
        .filter(state__in=(SubmissionState.RECEIVED, SubmissionState.HELD))
        .exclude(interviewer=staff)
        .exclude(corrected_by=staff)
        .exclude(papers__entered_by=staff)
        .select_related(
            "round", "case__person", "case__household", "case__enterprise", "interviewer"
        )
        .order_by("state", "id")
    )


class SubmissionQueue(QueuePage):
    """Sets of answers of others, one at a time, to be decided."""

    permission = "surveys.accept_submission"
    title = lazy("Answers to decide")
    empty = EmptyState(
        lazy("Nothing to decide"), lazy("Answers recorded by others will stand here.")
    )

    def cases(self) -> Any:
        """What others recorded, held ones first."""
        return to_decide(self.staff)

    def header(self, case: Any) -> Header:
        """Who answered."""
        label = case.get_state_display()
        return Header(
            str(case.case.subject),
            subtitle=case.round.name,
            state=State(label, lists.SUBMISSION_TONES.get(case.state, Tone.PLAIN)),
        )

    def panels(self, case: Any) -> Sequence[FactGroup]:
        """The answers beside the faults."""
        persons = [case.case.person_id] if case.case.person_id else []
        reads.note(self.request, persons=persons, action="VIEW", highest="S")
        sees = may(self.staff, "surveys.view_sensitive", case)
        answers = [Fact(row.question, told_word(row, sees=sees)) for row in answers_of(case)]
        faults = [
            Fact(one["path"], f"{fault_word(one['kind'])} {one['value']}".strip())
            for one in faults_told(case, sees=sees)
        ]
        about = [
            Fact(_("Interviewer"), case.interviewer),
            Fact(_("Answered on"), case.answered_date),
            *faults,
        ]
        return [FactGroup(_("Answers"), answers), FactGroup(_("Interview"), about)]

    def form(self, case: Any) -> DecisionForm:
        """The decision."""
        return DecisionForm()

    def decide_url(self, case: Any) -> str:
        """Where it is posted."""
        return reverse("surveys:submission_decide", args=[case.pk])
