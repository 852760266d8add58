"""Entries that came with a file: what they come to by account, approved or declined together."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.models import DraftBatch, DraftLine
from handup.ledger.models.drafts import DRAFT_KIND_LABELS, DRAFT_STATUS_LABELS
from handup.ledger.rules.words import DraftStatus
from handup.ledger.views.drafts import TONES
from handup.ledger.views.journal import books_of
from handup.ledger.views.reason import ReasonForm
from handup.org.web.forms import FormPage
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tile,
    Tone,
)


class BatchList(ListPage):
    """Files with entries, the newest first."""

    model = DraftBatch
    permission = "ledger.view_draft"
    title = _("Entries from files")
    related = ("book", "drafted_by", "settled_by")
    columns = (
        Column("name", _("File"), Kind.LINK, url_name="ledger:draftbatch_detail"),
        Column("book.name", _("Book")),
        Column("kind", _("Kind")),
        Column("first_date", _("From"), Kind.DATE),
        Column("last_date", _("Until"), Kind.DATE),
        Column("entries", _("Entries"), Kind.NUMBER),
        Column("debit_base", _("Debit in all"), Kind.MONEY, currency="book.base_currency"),
        Column("status", _("State"), Kind.STATE, tones=TONES),
        Column("drafted_by.display_name", _("Brought in by")),
    )
    filters = (
        Search(("name",), label=_("File")),
        Choice("book", _("Book"), books_of),
        Choice("kind", _("Kind"), list(DRAFT_KIND_LABELS.items())),
        Choice("status", _("State"), list(DRAFT_STATUS_LABELS.items())),
    )
    empty = EmptyState(
        _("No entries from files"),
        _("Opening balances and journals kept elsewhere are handed over in the import centre."),
    )


class BatchPage(RecordPage):
    """One file: what it comes to, by account and currency, and the decision while it waits."""

    model = DraftBatch
    permission = "ledger.view_draft"
    related = ("book", "drafted_by", "settled_by")
    record: DraftBatch

    def header(self) -> Header:
        """The file and what is to be decided."""
        batch = self.record
        waiting = batch.status == DraftStatus.DRAFT
        approve = Action(
            _("Approve and post all"),
            "ledger:approve_batch",
            "ledger.approve_draft",
            args=(batch.pk,),
        )
        decline = Action(
            _("Decline all"), "ledger:decline_batch", "ledger.decline_draft", args=(batch.pk,)
        )
        entries = Action(_("Every entry"), href=f"{reverse('ledger:draft_list')}?batch={batch.pk}")
        return Header(
            batch.name,
            subtitle=batch.book.name,
            state=State(batch.get_status_display(), TONES[batch.status]),
            primary=approve if waiting else None,
            actions=(decline, entries) if waiting else (entries,),
            crumbs=(Crumb(_("Entries from files"), reverse("ledger:draftbatch_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What approving does."""
        batch = self.record
        if batch.status != DraftStatus.DRAFT:
            return []
        notes: list[tuple[Tone, Any]] = [
            (Tone.INFO, _("Nothing of it is in the journal yet. All of it is posted, or nothing."))
        ]
        locked = batch.book.locked_through
        if locked is not None and batch.first_date <= locked:
            notes.append(
                (
                    Tone.WARN,
                    _("Entries of closed months are posted on the first open day and keep theirs."),
                )
            )
        return notes

    def tiles(self) -> Sequence[Tile]:
        """How many, how much."""
        batch = self.record
        return (
            Tile(_("Entries"), format_number(batch.entries)),
            Tile(_("Lines"), format_number(batch.lines)),
            Tile(
                _("Debit in all"),
                format_money(batch.debit_base, batch.book.base_currency),
                how=_("In the book's currency; as much stands in credit."),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Who brought it in, who settled it."""
        batch = self.record
        return (
            FactGroup(
                _("The file"),
                (
                    Fact(_("Kind"), batch.get_kind_display()),
                    Fact(_("From"), batch.first_date),
                    Fact(_("Until"), batch.last_date),
                    Fact(_("Brought in by"), batch.drafted_by),
                    Fact(_("Brought in"), batch.recorded_at),
                    Fact(_("Settled by"), batch.settled_by),
                    Fact(_("Settled at"), batch.settled_at),
                ),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """What it moves on each account, by currency."""
        sums = (
            DraftLine.objects.filter(draft__batch=self.record)
            .order_by("account__code", "currency")
            .values("account", "account__code", "currency")
            .annotate(
                debit=Sum("units", filter=Q(units__gt=0)),
                credit=Sum("units", filter=Q(units__lt=0)),
                n=Count("pk"),
            )
        )
        accounts = self.record.book.accounts.in_bulk()
        rows = [{**row, "name": accounts[row["account"]]} for row in sums]
        columns = (
            Column(
                "name",
                _("Account"),
                Kind.LINK,
                value=lambda row: row["name"],
                href=lambda row: reverse("ledger:account_detail", args=[row["account"]]),
            ),
            Column("n", _("Lines"), Kind.NUMBER, value=lambda row: row["n"]),
            Column("debit", _("Debit"), value=lambda row: _shown(row["debit"], row)),
            Column("credit", _("Credit"), value=lambda row: _shown(row["credit"], row)),
        )
        return (Table(_("By account"), columns, rows),)


def _shown(units: int | None, row: dict[str, Any]) -> str:
    return format_money(abs(units), row["currency"]) if units else ""


class SettleBatch(FormPage):
    """What approving and declining share."""

    form_class = ReasonForm
    subject_model = DraftBatch
    subject: DraftBatch

    def success_url(self, result: DraftBatch) -> str:
        """The page of the file."""
        return reverse("ledger:draftbatch_detail", args=[result.pk])


class ApproveBatch(SettleBatch):
    """Approve all, and so post all."""

    permission = "ledger.approve_draft"
    title = _("Approve the entries of the file")
    intro = _("All of them are posted at once, or none; then each can only be reversed.")
    verb = _("Approve and post all")

    def perform(self, values: dict[str, Any]) -> DraftBatch:
        """Approve them."""
        return services.approve_batch(acting_staff=self.staff, batch=self.subject, **values)

    def done_message(self, result: DraftBatch) -> str:
        """What was done."""
        return str(_("The entries are posted."))


class DeclineBatch(SettleBatch):
    """Decline all."""

    permission = "ledger.decline_draft"
    title = _("Decline the entries of the file")
    verb = _("Decline all")

    def perform(self, values: dict[str, Any]) -> DraftBatch:
        """Decline them."""
        return services.decline_batch(acting_staff=self.staff, batch=self.subject, **values)

    def done_message(self, result: DraftBatch) -> str:
        """What was done."""
        return str(_("The entries are declined; a corrected file can be handed over."))
