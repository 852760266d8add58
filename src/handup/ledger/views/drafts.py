"""Entries by hand: write one, look at those waiting, approve or decline another person's."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.models import Account, Book, Draft, DraftBatch
from handup.ledger.models.drafts import DRAFT_KIND_LABELS, DRAFT_STATUS_LABELS
from handup.ledger.rules.words import DraftStatus
from handup.ledger.services import DraftLineIn
from handup.ledger.views.journal import LINE_COLUMNS, books_of, practice_note
from handup.ledger.views.reason import ReasonForm
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    State,
    Table,
    Tone,
)

TONES = {
    DraftStatus.DRAFT.value: Tone.WARN,
    DraftStatus.POSTED.value: Tone.GOOD,
    DraftStatus.DECLINED.value: Tone.PLAIN,
}


def batches_of(staff: Any) -> list[tuple[str, str]]:
    """The last files with entries, as choices."""
    rows = DraftBatch.objects.visible_to(staff).order_by("-pk")[:200]
    return [(str(row.pk), row.name) for row in rows]


class DraftList(ListPage):
    """Entries by hand, the newest first."""

    model = Draft
    permission = "ledger.view_draft"
    title = _("Entries by hand")
    related = ("book", "drafted_by", "settled_by", "batch")
    columns = (
        Column("remark", _("What it is for"), Kind.LINK, url_name="ledger:draft_detail"),
        Column("book.name", _("Book")),
        Column("happened_date", _("Happened on"), Kind.DATE, sort="happened_date"),
        Column("status", _("State"), Kind.STATE, tones=TONES),
        Column("drafted_by.display_name", _("Written by")),
        Column("settled_by.display_name", _("Settled by")),
        Column("batch.name", _("File"), shown=False),
    )
    filters = (
        Choice("book", _("Book"), books_of),
        Choice("status", _("State"), list(DRAFT_STATUS_LABELS.items())),
        Choice("batch", _("File"), batches_of),
    )
    empty = EmptyState(
        _("No entries by hand"), _("An entry by hand begins on the page of its book.")
    )


class DraftPage(RecordPage):
    """One entry by hand."""

    model = Draft
    permission = "ledger.view_draft"
    related = ("book", "drafted_by", "settled_by", "entry", "branch", "batch", "attachment")
    record: Draft
    staff: StaffUser

    def header(self) -> Header:
        """What it is for, and the decision while it waits."""
        draft = self.record
        waiting = draft.status == DraftStatus.DRAFT and draft.batch_id is None
        approve = Action(
            _("Approve and post"), "ledger:approve", "ledger.approve_draft", args=(draft.pk,)
        )
        decline = Action(_("Decline"), "ledger:decline", "ledger.decline_draft", args=(draft.pk,))
        return Header(
            draft.remark,
            subtitle=draft.book.name,
            state=State(draft.get_status_display(), TONES[draft.status]),
            primary=approve if waiting else None,
            actions=(decline,) if waiting else (),
            crumbs=(Crumb(_("Entries by hand"), reverse("ledger:draft_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """A book for exercises says so."""
        return practice_note(self.record.book)

    def facts(self) -> Sequence[FactGroup]:
        """Who wrote it, who settled it, what it became."""
        draft = self.record
        return (
            FactGroup(
                _("Entry by hand"),
                (
                    Fact(_("Kind"), draft.get_kind_display()),
                    Fact(_("Happened on"), draft.happened_date),
                    Fact(_("Branch"), draft.branch),
                    Fact(_("Written by"), draft.drafted_by),
                    Fact(_("Settled by"), draft.settled_by),
                    Fact(_("Settled at"), draft.settled_at),
                    *self._other_side(),
                    Fact(
                        _("File"),
                        draft.batch,
                        reverse("ledger:draftbatch_detail", args=[draft.batch_id])
                        if draft.batch_id
                        else "",
                    ),
                    Fact(
                        _("The paper it rests on"),
                        draft.attachment and draft.attachment.name,
                        reverse("org:file", args=[draft.attachment_id])
                        if draft.attachment_id
                        else "",
                    ),
                    Fact(
                        _("Entry"),
                        draft.entry and str(draft.entry.seq),
                        reverse("ledger:entry_detail", args=[draft.entry_id])
                        if draft.entry_id
                        else "",
                    ),
                ),
            ),
        )

    def _other_side(self) -> list[Fact]:
        """The draft of the other book, where money goes between two."""
        draft = self.record
        if draft.pair_id is None:
            return []
        others = Draft.objects.visible_to(self.staff).filter(pair_id=draft.pair_id)
        return [
            Fact(
                _("Other side"),
                other.book.name,
                reverse("ledger:draft_detail", args=[other.pk]),
                hint=_("Both sides are approved or declined as one."),
            )
            for other in others.exclude(pk=draft.pk).select_related("book")
        ]

    def tables(self) -> Sequence[Table]:
        """The lines."""
        lines = self.record.lines.select_related("account", "fund").order_by("no")
        return (Table(_("Lines"), LINE_COLUMNS[:-1], lines),)


class DraftForm(HouseForm):
    """A plain entry: one account debited, one credited."""

    kind = forms.ChoiceField(label=_("Kind"), choices=list(DRAFT_KIND_LABELS.items()))
    happened_date = DayField(label=_("Happened on"))
    debit = forms.ChoiceField(label=_("Debit account"))
    credit = forms.ChoiceField(label=_("Credit account"))
    amount_units = MoneyField(label=_("Amount"))
    remark = forms.CharField(label=_("What it is for"), max_length=400)

    def __init__(self, *args: Any, book: Book, **options: Any) -> None:
        """Offer the book's accounts and its currency."""
        super().__init__(*args, **options)
        accounts = Account.objects.filter(book=book, leaf=True, active=True)
        choices = [("", ""), *((account.code, str(account)) for account in accounts)]
        for name in ("debit", "credit"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices
        amount = self.fields["amount_units"]
        assert isinstance(amount, MoneyField)
        amount.currency = book.base_currency


class WriteDraft(FormPage):
    """Write an entry by hand for another person to approve."""

    form_class = DraftForm
    permission = "ledger.draft_entry"
    subject_model = Book
    title = _("Write an entry")
    intro = _("Another person has to approve it before it is posted.")
    verb = _("Send for approval")
    reads_back = True
    subject: Book

    def form_options(self) -> dict[str, Any]:
        """The book."""
        return {"book": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"happened_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Draft:
        """Keep the draft."""
        units = values["amount_units"]
        return services.draft_entry(
            acting_staff=self.staff,
            book=self.subject,
            happened_date=values["happened_date"],
            remark=values["remark"],
            kind=values["kind"],
            lines=[DraftLineIn(values["debit"], units), DraftLineIn(values["credit"], -units)],
            id=self.new_id,
        )

    def success_url(self, result: Draft) -> str:
        """The draft's page."""
        return reverse("ledger:draft_detail", args=[result.pk])

    def done_message(self, result: Draft) -> str:
        """What was done."""
        return str(_("The entry waits for approval."))


class SettlePage(FormPage):
    """What approving and declining share."""

    form_class = ReasonForm
    subject_model = Draft
    subject: Draft

    def success_url(self, result: Draft) -> str:
        """The draft's page."""
        return reverse("ledger:draft_detail", args=[result.pk])


class Approve(SettlePage):
    """Approve and so post."""

    permission = "ledger.approve_draft"
    title = _("Approve the entry")
    intro = _("It is posted at once and can then only be reversed.")
    verb = _("Approve and post")

    def perform(self, values: dict[str, Any]) -> Draft:
        """Approve it."""
        return services.approve_draft(acting_staff=self.staff, draft=self.subject, **values)

    def done_message(self, result: Draft) -> str:
        """What was done."""
        return str(_("The entry is posted."))


class Decline(SettlePage):
    """Decline."""

    permission = "ledger.decline_draft"
    title = _("Decline the entry")
    verb = _("Decline")

    def perform(self, values: dict[str, Any]) -> Draft:
        """Decline it."""
        return services.decline_draft(acting_staff=self.staff, draft=self.subject, **values)

    def done_message(self, result: Draft) -> str:
        """What was done."""
        return str(_("The entry is declined."))
