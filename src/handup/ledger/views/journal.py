"""The journal: its list, one entry with its fact and its place in the chain, reversing it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import facts, services
from handup.ledger.labels import KIND_LABELS, PRACTICE, flag_labels, kind_label
from handup.ledger.models import Book, Entry, Line, Remark
from handup.ledger.services.reversing import OWN_DOMAIN
from handup.ledger.vouchers import lines_of, voucher_number
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Choice, Column, DateRange, EmptyState, Kind, ListPage, Tick
from handup.org.web.money import format_number
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


def books_of(staff: Any) -> list[tuple[str, str]]:
    """The books a reader may see, as choices."""
    return [(str(book.pk), book.name) for book in Book.objects.visible_to(staff)]


def practice_note(book: Book) -> list[tuple[Tone, Any]]:
    """What every page of a book for exercises says first."""
    return [(Tone.WARN, PRACTICE)] if book.practice else []


def amount_in_base(entry: Entry) -> int:
    """An entry's amount: what its debit lines add up to in the book's currency."""
    return sum(line.base_units for line in entry.lines.all() if line.base_units > 0)


def state_of(entry: Entry) -> State | None:
    """What stands out about an entry: reversed, a reversal, or flagged."""
    if hasattr(entry, "reversal"):
        return State(_("Reversed"), Tone.WARN)
    if entry.reverses_id is not None:
        return State(_("Reversal"), Tone.INFO)
    labels = flag_labels(entry.flags)
    return State(labels[0], Tone.BAD) if labels else None


class EntryList(ListPage):
    """Every entry the reader may see, the newest first."""

    model = Entry
    permission = "ledger.view_entry"
    title = _("Journal")
    intro = _("Nothing here can be changed; a mistake is reversed and posted anew.")
    related = ("book", "posted_by", "reversal")
    prefetch = ("lines",)
    columns = (
        Column("seq", _("Number"), Kind.LINK, url_name="ledger:entry_detail"),
        Column("book.name", _("Book")),
        Column("entry_date", _("Posted on"), Kind.DATE, sort="entry_date"),
        Column("kind", _("What"), value=lambda entry: kind_label(entry.kind)),
        Column(
            "amount",
            _("Amount"),
            Kind.MONEY,
            value=amount_in_base,
            currency="book.base_currency",
        ),
        Column("state", _("State"), Kind.STATE, value=state_of),
        Column("happened_date", _("Happened on"), Kind.DATE, shown=False),
        Column("posted_by.display_name", _("Posted by"), shown=False),
    )
    filters = (
        Choice("book", _("Book"), books_of),
        Choice("kind", _("What"), sorted(KIND_LABELS.items())),
        DateRange("posted", _("Posted"), "entry_date"),
        DateRange("happened", _("Happened"), "happened_date"),
        Tick(
            "late", _("only late facts"), lambda rows: rows.exclude(entry_date=F("happened_date"))
        ),
        Tick("reversals", _("only reversals"), lambda rows: rows.exclude(reverses=None)),
        Tick("flagged", _("only flagged"), lambda rows: rows.exclude(flags="")),
    )
    order = "-pk"
    empty = EmptyState(
        _("The journal is empty"),
        _("Loans, repayments and meetings post here by themselves."),
    )


LINE_COLUMNS = (
    Column("no", _("Line"), Kind.NUMBER),
    Column(
        "account",
        _("Account"),
        Kind.LINK,
        href=lambda line: reverse("ledger:account_detail", args=[line.account_id]),
    ),
    Column(
        "debit",
        _("Debit"),
        Kind.MONEY,
        value=lambda line: line.units if line.units > 0 else None,
    ),
    Column(
        "credit",
        _("Credit"),
        Kind.MONEY,
        value=lambda line: -line.units if line.units < 0 else None,
    ),
    Column("fund.name", _("Fund")),
    Column("budget_line", _("Budget line")),
    Column(
        "subject_kind",
        _("Belongs to"),
        Kind.LINK,
        value=lambda line: line.subject_kind.replace("_", " "),
        href=lambda line: facts.subject_address(line.subject_kind, line.subject_id),
    ),
)


def line_columns(book: Book, lines: Sequence[Line]) -> tuple[Column, ...]:
    """The columns of an entry's lines; what they are worth in the book's currency where one is in
    another, so that a line of a revaluation, which moves nothing else, shows its amount.
    """
    base = book.base_currency
    if all(line.currency == base for line in lines):
        return LINE_COLUMNS
    told = _("In %(currency)s") % {"currency": base}
    worth = Column("base_units", told, Kind.MONEY, currency=base)
    return (*LINE_COLUMNS[:4], worth, *LINE_COLUMNS[4:])


class EntryPage(RecordPage):
    """One entry: its lines, the fact it tells of, its reversal, its place in the chain."""

    model = Entry
    permission = "ledger.view_entry"
    related = ("book", "branch", "posted_by", "approved_by", "reverses", "reversal")
    record: Entry
    staff: StaffUser

    def header(self) -> Header:
        """Number, kind, and the one thing that can be done: reverse it."""
        entry = self.record
        open_to_hand = (
            entry.source_domain == OWN_DOMAIN
            and entry.reverses_id is None
            and not hasattr(entry, "reversal")
        )
        reverse_it = Action(
            _("Reverse"),
            "ledger:reverse",
            "ledger.reverse_entry",
            args=(entry.pk,),
            icon="arrow-back-up",
        )
        voucher = Action(_("Voucher"), "ledger:voucher", args=(entry.pk,), icon="printer")
        look = Action(
            _("Look at it"), "ledger:late_seen", "ledger.acknowledge_late_fact", args=(entry.pk,)
        )
        late = entry.entry_date > entry.happened_date and not hasattr(entry, "late_seen")
        return Header(
            kind_label(entry.kind),
            subtitle=f"{entry.book} {voucher_number(entry)}",
            state=state_of(entry),
            primary=look if late else None,
            actions=(voucher, reverse_it) if open_to_hand else (voucher,),
            crumbs=(
                Crumb(_("Journal"), reverse("ledger:entry_list")),
                Crumb(entry.book.name, reverse("ledger:book_detail", args=[entry.book_id])),
            ),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What a reader must know first."""
        entry = self.record
        notes: list[tuple[Tone, Any]] = [(Tone.BAD, label) for label in flag_labels(entry.flags)]
        notes += practice_note(entry.book)
        if entry.entry_date != entry.happened_date:
            notes.append((Tone.INFO, _("It happened in a closed month and was posted later.")))
        return notes

    def facts(self) -> Sequence[FactGroup]:
        """What it tells of, and how it is chained."""
        entry = self.record
        remark = Remark.objects.filter(entry=entry).first()
        other = entry.reverses or getattr(entry, "reversal", None)
        source = facts.address_of(entry.source_domain, entry.source_kind, entry.source_id)
        return (
            FactGroup(
                _("Fact"),
                (
                    Fact(_("Posted on"), entry.entry_date),
                    Fact(_("Happened on"), entry.happened_date),
                    Fact(_("Tells of"), f"{entry.source_domain} {entry.source_kind}", source),
                    Fact(_("Branch"), entry.branch),
                    Fact(_("Posted by"), entry.posted_by),
                    Fact(_("Approved by"), entry.approved_by),
                    Fact(_("Remark"), remark.text if remark else ""),
                    Fact(
                        _("Reverses") if entry.reverses else _("Reversed by"),
                        other and format_number(other.seq),
                        reverse("ledger:entry_detail", args=[other.pk]) if other else "",
                    ),
                ),
            ),
            *self._late(),
            FactGroup(_("Place in the chain"), self._chain()),
        )

    def _late(self) -> tuple[FactGroup, ...]:
        """Who looked at it, of a fact that came late."""
        seen = getattr(self.record, "late_seen", None)
        if seen is None:
            return ()
        told = (
            Fact(_("Looked at by"), seen.seen_by),
            Fact(_("Looked at on"), seen.seen_date),
            Fact(_("Why it came late"), seen.note),
        )
        return (FactGroup(_("Late fact"), told),)

    def _chain(self) -> tuple[Fact, ...]:
        entry = self.record
        before, after = (
            Entry.objects.filter(book=entry.book_id, seq=seq).values_list("pk", flat=True).first()
            for seq in (entry.seq - 1, entry.seq + 1)
        )

        def link(pk: Any) -> str:
            return reverse("ledger:entry_detail", args=[pk]) if pk else ""

        return (
            Fact(_("Number in this book"), format_number(entry.seq)),
            Fact(_("Stored at"), entry.recorded_at),
            Fact(_("Hash"), entry.hash[:16], link(after), hint=_("Opens the entry after it.")),
            Fact(
                _("Hash before"),
                entry.prev_hash[:16],
                link(before),
                hint=_("Opens the entry before it."),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """The lines."""
        lines = lines_of(self.record)
        return (Table(_("Lines"), line_columns(self.record.book, lines), lines),)


class ReversalForm(HouseForm):
    """The day of a reversal and why."""

    happened_date = DayField(label=_("Day of the reversal"))
    remark = forms.CharField(label=_("Why it is reversed"), max_length=400)


class ReverseEntry(FormPage):
    """Reverse an entry by hand."""

    form_class = ReversalForm
    permission = "ledger.reverse_entry"
    subject_model = Entry
    title = _("Reverse the entry")
    intro = _("Every line is posted the other way round; both entries stay visible.")
    verb = _("Reverse")
    reads_back = True
    subject: Entry

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"happened_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Entry:
        """Reverse it."""
        return services.reverse_entry(
            acting_staff=self.staff, entry=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Entry) -> str:
        """The reversal's page."""
        return reverse("ledger:entry_detail", args=[result.pk])

    def done_message(self, result: Entry) -> str:
        """What was done."""
        return str(_("The entry is reversed."))
