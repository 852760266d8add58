"""Runs over a whole book: their list, what each came to, and posting one."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import facts, services
from handup.ledger.models import Book, CostKey, Run, RunDetail, RunTotal
from handup.ledger.models.runs import RUN_KIND_LABELS
from handup.ledger.rules.words import RunKind
from handup.ledger.views.journal import books_of, practice_note
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Choice, Column, DateRange, EmptyState, Kind, ListPage, Tick
from handup.org.web.money import format_number
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table, Tone

MOST_DETAILS = 200


class RunList(ListPage):
    """Every run, the newest first."""

    model = Run
    permission = "ledger.view_run"
    title = _("Runs")
    intro = _("What a month's end posts for a whole book: only the difference to what is posted.")
    related = ("book", "run_by")
    columns = (
        Column(
            "kind",
            _("What"),
            Kind.LINK,
            sort="kind",
            url_name="ledger:run_detail",
            value=lambda run: run.get_kind_display(),
        ),
        Column("book.name", _("Book")),
        Column("through", _("Up to"), Kind.DATE, sort="through"),
        Column("subjects", _("Changed"), Kind.NUMBER),
        Column("run_by.display_name", _("Run by")),
        Column("recorded_at", _("When"), Kind.INSTANT, shown=False),
    )
    filters = (
        Choice("book", _("Book"), books_of),
        Choice("kind", _("What"), list(RUN_KIND_LABELS.items())),
        DateRange("through", _("Ends"), "through"),
    )
    empty = EmptyState(_("No runs yet"), _("A run begins on the page of its book."))


class RunPage(RecordPage):
    """One run: its groups with their entries, and the subjects it changed most."""

    model = Run
    permission = "ledger.view_run"
    related = ("book", "run_by")
    record: Run

    def header(self) -> Header:
        """What and up to when."""
        run = self.record
        asked = f"?book={run.book_id}"
        return Header(
            run.get_kind_display(),
            subtitle=run.book.name,
            actions=(
                Action(_("Every change"), href=reverse("ledger:run_changes") + f"?run={run.pk}"),
            ),
            crumbs=(Crumb(_("Runs"), reverse("ledger:run_list") + asked),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """A book for exercises says so."""
        return practice_note(self.record.book)

    def facts(self) -> Sequence[FactGroup]:
        """When, by whom, from what."""
        run = self.record
        keys = CostKey.objects.filter(pk__in=run.totals.values("product_id"))
        key = keys.first() if run.kind == RunKind.SHARING else None
        by_key = (
            (Fact(_("By the key"), key, reverse("ledger:costkey_detail", args=[key.pk])),)
            if key
            else ()
        )
        return (
            FactGroup(
                _("Run"),
                (
                    Fact(_("Up to"), run.through),
                    Fact(_("Run by"), run.run_by),
                    Fact(_("When"), run.recorded_at),
                    *by_key,
                    Fact(_("Changed"), format_number(run.subjects)),
                    Fact(_("Version of the rules"), run.engine_version),
                    Fact(_("Hash of what it used"), run.inputs_hash[:16]),
                    Fact(_("Last entry then"), format_number(run.last_seq)),
                ),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """Its groups."""
        totals = RunTotal.objects.filter(run=self.record).select_related("branch", "fund", "entry")
        columns = (
            Column("branch.name", _("Branch")),
            Column("fund.name", _("Fund")),
            Column("target_units", _("Target so far"), Kind.MONEY),
            Column("posted_units", _("Posted now"), Kind.MONEY),
            Column(
                "entry.seq",
                _("Entry"),
                Kind.LINK,
                href=lambda row: (
                    reverse("ledger:entry_detail", args=[row.entry_id]) if row.entry_id else ""
                ),
            ),
        )
        empty = EmptyState(_("Nothing to post"), _("Everything was posted before."))
        return (Table(_("What it posted"), columns, totals.order_by("branch__name", "pk"), empty),)


def _runs(staff: Any) -> list[tuple[str, str]]:
    rows = Run.objects.visible_to(staff).order_by("-pk")[:200]
    return [(str(run.pk), str(run)) for run in rows]


def _subject(row: RunDetail) -> str:
    return row.subject_kind.replace("_", " ")


class RunChanges(ListPage):
    """The targets that runs changed, subject by subject."""

    model = RunDetail
    permission = "ledger.view_run"
    title = _("Changes by runs")
    columns = (
        Column(
            "subject",
            _("Belongs to"),
            Kind.LINK,
            value=_subject,
            href=lambda row: facts.subject_address(row.subject_kind, row.subject_id),
        ),
        Column("through", _("Up to"), Kind.DATE),
        Column("basis_units", _("Counted from"), Kind.MONEY),
        Column("rate_bps", _("1/100 of a percent"), Kind.NUMBER),
        Column("before_units", _("Before"), Kind.MONEY),
        Column("target_units", _("Target"), Kind.MONEY),
        Column("change_units", _("Change"), Kind.MONEY),
        Column("stopped", _("Rests"), Kind.TICK),
    )
    filters = (
        Choice("run", _("Run"), _runs),
        Tick("rests", _("only those that rest"), lambda rows: rows.filter(stopped=True)),
    )
    empty = EmptyState(_("No changes"), _("A run stores a subject only when its target changed."))


class DayForm(HouseForm):
    """The last day a run is about."""

    through = DayField(label=_("Up to and with"))


class PostRun(FormPage):
    """What posting a run shares."""

    form_class = DayForm
    subject_model: ClassVar[Any] = Book
    verb = _("Post")
    reads_back = True
    intro = _("Only the difference to what is already posted goes into the journal.")
    subject: Any

    def initial(self) -> dict[str, Any]:
        """The end of the last month."""
        return {"through": timezone.localdate().replace(day=1) - timedelta(days=1)}

    def success_url(self, result: Run) -> str:
        """The run's page."""
        return reverse("ledger:run_detail", args=[result.pk])

    def done_message(self, result: Run) -> str:
        """What was done."""
        return str(_("The run is posted."))


class PostAccrual(PostRun):
    """Post the interest earned."""

    permission = "ledger.post_accrual"
    title = _("Post interest earned")

    def perform(self, values: dict[str, Any]) -> Run:
        """Post it."""
        return services.post_accrual(acting_staff=self.staff, book=self.subject, **values)


class PostFees(PostRun):
    """Post the fees of loans that fell due."""

    permission = "ledger.post_accrual"
    title = _("Post fees due")

    def perform(self, values: dict[str, Any]) -> Run:
        """Post it."""
        return services.post_fees(acting_staff=self.staff, book=self.subject, **values)


class PostProvision(PostRun):
    """Post the allowance for losses."""

    permission = "ledger.post_provision"
    title = _("Post the allowance for losses")

    def perform(self, values: dict[str, Any]) -> Run:
        """Post it."""
        return services.post_provision(acting_staff=self.staff, book=self.subject, **values)
