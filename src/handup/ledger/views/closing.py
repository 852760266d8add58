"""Before a month or year is closed: what is still open, what the books post about themselves."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import close_checks, queries, services
from handup.ledger.close_checks import Answer, Open
from handup.ledger.models import Period, Run
from handup.ledger.models.runs import RUN_KIND_LABELS
from handup.ledger.rules.words import RunKind
from handup.ledger.views.journal import practice_note
from handup.ledger.views.runs import PostRun
from handup.org.web.lists import Column, Kind
from handup.org.web.pages import Action, Crumb, Header, RecordPage, State, Table, Tile, Tone

RECORD_PAGES = {
    "period": "ledger:period_detail",
    "draft": "ledger:draft_detail",
    "account": "ledger:account_detail",
}


def _opens(item: Open) -> str:
    name = RECORD_PAGES.get(item.record)
    return reverse(name, args=[item.record_id]) if name and item.record_id else ""


def _text(item: Open) -> Any:
    return RUN_KIND_LABELS[RunKind(item.text)] if item.record == "run" else item.text


class CloseChecks(RecordPage):
    """What is still open before a month is closed."""

    model = Period
    permission = "ledger.view_period"
    related = ("book",)
    record: Period

    def header(self) -> Header:
        """The month, and the way back to it."""
        period = self.record
        self.answers: list[Answer] = close_checks.answers(period)
        return Header(
            _("What is still open"),
            subtitle=f"{period.book.name}, {period}",
            primary=Action(_("To the month"), "ledger:period_detail", args=(period.pk,)),
            actions=(
                Action(
                    _("Post interest earned"),
                    "ledger:post_accrual",
                    "ledger.post_accrual",
                    args=(period.book_id,),
                ),
                Action(
                    _("Post fees due"),
                    "ledger:post_fees",
                    "ledger.post_accrual",
                    args=(period.book_id,),
                ),
                Action(
                    _("Post the allowance for losses"),
                    "ledger:post_provision",
                    "ledger.post_provision",
                    args=(period.book_id,),
                ),
                Action(
                    _("Post exchange revaluation"),
                    "ledger:revalue",
                    "ledger.revalue",
                    args=(period.book_id,),
                ),
            ),
            crumbs=(Crumb(_("Months"), reverse("ledger:period_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """A book for exercises says so."""
        return practice_note(self.record.book)

    def tiles(self) -> Sequence[Tile]:
        """How many questions are answered."""
        done = sum(1 for answer in self.answers if answer.done)
        return (
            Tile(
                _("Questions answered"),
                f"{done}",
                of=Tile.of_all(len(self.answers)),
                how=_("A month is closed for facts when no question that blocks is open."),
                share_ppm=1_000_000 * done // max(1, len(self.answers)),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """Every question, then what is open of each."""
        questions = Table(
            _("Questions"),
            (
                Column("check.title", _("Question")),
                Column("state", _("State"), Kind.STATE, value=_state),
                Column("count", _("Open"), Kind.NUMBER, value=lambda row: len(row.found)),
            ),
            self.answers,
        )
        columns = (
            Column("text", _("What"), Kind.LINK, value=_text, href=_opens),
            Column("amount", _("Amount")),
        )
        return [
            questions,
            *(
                Table(answer.check.title, columns, answer.found)
                for answer in self.answers
                if answer.found
            ),
        ]


def _state(answer: Answer) -> State:
    if answer.done:
        return State(_("Done"), Tone.GOOD)
    if answer.check.blocks:
        return State(_("Open, blocks closing"), Tone.BAD)
    return State(_("Open"), Tone.WARN)


class Revalue(PostRun):
    """Bring foreign money to the day's rate."""

    permission = "ledger.revalue"
    title = _("Post exchange revaluation")

    def perform(self, values: dict[str, Any]) -> Run:
        """Post it."""
        return services.revalue(acting_staff=self.staff, book=self.subject, **values)


class ReleaseGrants(PostRun):
    """Turn grants into income as far as they were spent."""

    permission = "ledger.release_grants"
    title = _("Post grants earned")
    intro = _("A restricted grant becomes income as far as it was spent on what it was given for.")

    def perform(self, values: dict[str, Any]) -> Run:
        """Post it."""
        return services.release_grants(acting_staff=self.staff, book=self.subject, **values)


class CloseYear(PostRun):
    """Move a year's income and costs to what is kept."""

    permission = "ledger.close_year"
    title = _("Close the year")
    intro = _("Income and costs move to what is kept from earlier years, one entry a fund.")
    verb = _("Close the year")

    def initial(self) -> dict[str, Any]:
        """The end of the last year."""
        start = queries.year_start(self.subject, timezone.localdate())
        return {"through": start - timedelta(days=1)}

    def perform(self, values: dict[str, Any]) -> Run:
        """Post it."""
        return services.close_year(acting_staff=self.staff, book=self.subject, **values)
