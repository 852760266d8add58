"""What is wrong with this installation, and its work in the background: for whoever keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from handup.org import condition, jobs
from handup.org.condition import Finding, Weight
from handup.org.jobs import JobRow
from handup.org.permissions import may
from handup.org.services.background import HANDLE, begin_job_again, give_up_job
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, EmptyState
from handup.org.web.money import format_instant, format_number
from handup.org.web.pages import FiguresPage, Header, Table, Tile
from handup.org.web.settings.staff import NoQuestions

LATEST = 50
WEIGHTS = {
    Weight.STOPS: State(_("Mend it today"), Tone.BAD),
    Weight.SOON: State(_("Look at it soon"), Tone.WARN),
}
WORDS = {
    "copy_columns": _("Copy the loans for figures of past days"),
    "cut_off_log_at_night": _("Bring the log of the database into it"),
    "cut_reads": _("Cut the oldest entries of the read log"),
    "forget_old_deliveries": _("Take what was told long ago out of the list"),
    "let_invitations_lapse": _("End invitations nobody answered"),
    "let_plans_expire_at_night": _("Ask to confirm the prices of old plans"),
    "list_what_is_due": _("List what was kept long enough"),
    "look_at_break_glass": _("Close emergency access whose time is over"),
    "look_at_grants": _("End roles nobody reviewed"),
    "look_at_read_log": _("Look whether the read log is whole"),
    "look_at_night": _("Write notices of the night"),
    "look_for_answers": _("Look for referrals nobody answered"),
    "look_over_answers": _("Look over the answers of surveys"),
    "make_disclosure": _("Make a file for a partner"),
    "prove_everything": _("Prove everything that is stored"),
    "put_groups_to_rest": _("Mark groups that no longer meet"),
    "read_what_is_missing": _("Read the library for the search"),
    "read_words": _("Read the words of a document"),
    "renew_benchmarks_at_night": _("Work out what is usual in a trade"),
    "send_deliveries": _("Tell other programs of events"),
    "send_notices": _("Send notices by e-mail"),
    "snapshot_of_yesterday": _("Write the snapshot of yesterday"),
    "watch_absences": _("Look for who missed sessions"),
}
STATES = {
    "READY": State(_("waits"), Tone.PLAIN),
    "RUNNING": State(_("runs"), Tone.PLAIN),
    "SUCCESSFUL": State(_("done"), Tone.GOOD),
    "FAILED": State(_("failed, is tried again"), Tone.WARN),
}
DEAD = State(_("failed for good"), Tone.BAD)


def title_of(row: JobRow) -> Any:
    """What a task does, in words; its own name where nobody wrote any."""
    return WORDS.get(jobs.name_of(row), jobs.name_of(row).replace("_", " "))


def state_of(row: JobRow) -> State:
    """Where it stands."""
    return DEAD if jobs.is_dead(row) else STATES[str(row.status)]


def progress_of(row: JobRow) -> str:
    """How far a task that runs says it is; else how often it was tried."""
    told = row.return_value if row.status == "RUNNING" else None
    if isinstance(told, dict) and {"done", "of"} <= set(told):
        return _now("%(done)s of %(of)s") % {
            "done": format_number(int(told["done"])),
            "of": format_number(int(told["of"])),
        }
    tries = len(row.worker_ids)
    return _now("tried %(count)s times") % {"count": tries} if tries > 1 else ""


class ConditionPage(FiguresPage):
    """Everything that is wrong, worst first; nothing, when nothing is."""

    permission = "org.view_condition"
    title = _("What is wrong")

    def header(self) -> Header:
        """How many things, and where the rest is."""
        self.found: list[Finding] = condition.findings(timezone.now())
        text = _("The program looked at its disk, its copies, its work, its clock and its keys.")
        actions = (
            Action(_("Work in the background"), "org:job_list", "org.view_condition"),
            Action(_("Proofs"), "org:proof_list", "org.view_proofs"),
        )
        worst = WEIGHTS[self.found[0].weight] if self.found else State(_("All is well"), Tone.GOOD)
        return Header(self.title, text, state=worst, actions=actions)

    def tables(self) -> Sequence[Table]:
        """One line a thing."""
        columns = (
            Column("weight", _("How bad"), Kind.STATE, value=lambda row: WEIGHTS[row.weight]),
            Column("what", _("What is wrong"), value=lambda row: row.what),
            Column("do", _("What to do"), value=lambda row: row.do),
        )
        empty = EmptyState(_("Nothing is wrong"), _("It is looked at each time this page opens."))
        return (Table(_("What is wrong"), columns, self.found, empty),)


class JobList(FiguresPage):
    """What waits, runs, is done or failed; a dead task has its two ways out."""

    permission = "org.view_condition"
    title = _("Work in the background")
    intro = _("Long work goes on by itself. What fails is tried again four times, then waits here.")

    def tiles(self) -> Sequence[Tile]:
        """How many of each."""
        self.dead = jobs.dead()
        counts = (
            (_("Waiting"), DBTaskResult.objects.ready().count(), Tone.PLAIN),
            (_("Running"), DBTaskResult.objects.running().count(), Tone.PLAIN),
            (_("Failed for good"), len(self.dead), Tone.BAD if self.dead else Tone.PLAIN),
        )
        return [Tile(label, format_number(count), tone=tone) for label, count, tone in counts]

    def tables(self) -> Sequence[Table]:
        """The dead ones first, then the latest of all."""
        shared = (
            Column("what", _("What"), value=title_of),
            Column("state", _("State"), Kind.STATE, value=state_of),
            Column("progress", _("How far"), value=progress_of),
            Column("since", _("Asked for"), value=lambda row: format_instant(row.enqueued_at)),
        )
        ways: tuple[Column, ...] = (
            Column("again", _("Again"), Kind.LINK, value=lambda row: _("Begin again"),
                   url_name="org:job_again"),
            Column("away", _("Away"), Kind.LINK, value=lambda row: _("Take away"),
                   url_name="org:job_away"),
        )  # fmt: skip
        if not may(self.staff, HANDLE):
            ways = ()
        rows = DBTaskResult.objects.order_by("-enqueued_at", "pk")[:LATEST]
        dead = Table(
            _("Failed for good"), (*shared, *ways), self.dead[:LATEST], EmptyState(_("None"))
        )
        return (dead, Table(_("The latest"), shared, rows, EmptyState(_("Nothing was asked for"))))


class _OneDead(FormPage):
    """A task that failed for good, and one thing to do about it."""

    form_class = NoQuestions
    permission = HANDLE
    subject_model = DBTaskResult

    def find_subject(self, pk: UUID) -> JobRow | None:
        """A dead one: the permission is the rest of the rule."""
        row: JobRow | None = DBTaskResult.objects.filter(pk=pk).first()
        return row if row is not None and jobs.is_dead(row) else None

    def subject_name(self) -> str:
        """What it does."""
        return force_str(title_of(self.subject))

    def lead(self) -> str:
        """What it does, when it failed, where in the program."""
        row = self.subject
        places = (row.traceback or "").splitlines()
        where = places[-1].rsplit("/", 1)[-1] if places else row.exception_class_path
        return _now("%(what)s. It failed on %(when)s, at %(where)s.") % {
            "what": title_of(row),
            "when": format_instant(row.finished_at) if row.finished_at else "\u2013",
            "where": where or "\u2013",
        }

    def success_url(self, result: None) -> str:
        """Back to the list."""
        return reverse("org:job_list")


class BeginAgain(_OneDead):
    """It waits again, with all its tries."""

    title = _("Begin this task again?")
    verb = _("Begin again")

    def perform(self, values: dict[str, Any]) -> None:
        """Let it wait again."""
        begin_job_again(acting_staff=self.staff, row=self.subject)

    def done_message(self, result: None) -> str:
        """It waits."""
        return _now("It begins again within a minute.")


class TakeAway(_OneDead):
    """It is taken away; what it was about stays as it is."""

    title = _("Take this task away?")
    verb = _("Take away")

    def perform(self, values: dict[str, Any]) -> None:
        """Take it away."""
        give_up_job(acting_staff=self.staff, row=self.subject)

    def done_message(self, result: None) -> str:
        """It is gone."""
        return _now("It is taken away. What it was about stays as it is.")
