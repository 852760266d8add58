"""Books, their accounts and trial balance, and their months."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Case, CharField, QuerySet, Value, When
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.ledger import doors, queries
from handup.ledger.errors import ChartFault
from handup.ledger.labels import kind_label
from handup.ledger.models import Account, Book
from handup.ledger.models.books import BOOK_KIND_LABELS
from handup.ledger.packs import pack_version
from handup.ledger.queries import AccountLine
from handup.ledger.rules.journal import FIRST_YEAR, LAST_YEAR
from handup.ledger.rules.words import BookKind, CashKind, RunKind
from handup.ledger.runs import provider_of
from handup.ledger.views.journal import practice_note
from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage, Search
from handup.org.web.money import format_money
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
from handup.org.web.refusals import message_of

MOST_LINES = 500
STATUS_TONES = {"OPEN": Tone.GOOD, "CLOSED": Tone.PLAIN, "MOVED": Tone.PLAIN}
NEW = Action(_("Open a book"), "ledger:book_new", "ledger.open_book")
LENDING_BOOKS = frozenset({BookKind.PROGRAMME.value, BookKind.LENDER.value})

LOAN_RUNS = frozenset({"ledger.post_accrual", "ledger.post_provision"})
VIEW = "ledger.view_account"
STATEMENT_LINKS = (
    (_("Income statement"), _("income less expenses of a period"), "income_statement", VIEW),
    (_("Balance sheet"), _("what it has and owes on a day"), "balance_sheet", VIEW),
    (_("Cash flow"), _("what moved its money"), "cash_flow", VIEW),
    (_("Trial balance"), _("every account, debit and credit"), "trial_balance", VIEW),
    (_("Fund report"), _("received, spent, lent and left, by fund"), "fund_report", VIEW),
    (_("Does lending pay for itself?"), _("OSS and FSS"), "sustainability", VIEW),
    (_("What a service costs and earns"), _("cost recovery"), "cost_recovery", VIEW),
    (_("Entries to look at first"), _("a sample"), "sample", "ledger.export_audit"),
    (_("Auditor's export"), _("the journal as files"), "export_audit", "ledger.export_audit"),
    (
        _("Standard Audit File"),
        _("SAF-T, for a tax authority"),
        "export_saft",
        "ledger.export_audit",
    ),
)
RUN_LINKS = (
    (_("Post interest earned"), _("what loans earned"), "post_accrual", "ledger.post_accrual"),
    (_("Post fees due"), _("what loans were asked"), "post_fees", "ledger.post_accrual"),
    (
        _("Post the allowance for losses"),
        _("what loans may lose"),
        "post_provision",
        "ledger.post_provision",
    ),
    (
        _("Post exchange revaluation"),
        _("foreign money at the day's rate"),
        "revalue",
        "ledger.revalue",
    ),
    (
        _("Post grants earned"),
        _("grants as far as spent"),
        "release_grants",
        "ledger.release_grants",
    ),
    (
        _("State a key of shared costs"),
        _("how costs of several funds are shared"),
        "costkey_new",
        "ledger.state_cost_key",
    ),
    (
        _("Close the year"),
        _("income and expenses to what is kept"),
        "close_year",
        "ledger.close_year",
    ),
)


def day_asked(text: str | None) -> date | None:
    """A day of the address; what cannot be read is not guessed."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


class BookList(ListPage):
    """The books the reader may see."""

    model = Book
    permission = "ledger.view_book"
    title = _("Books")
    columns = (
        Column("name", _("Name"), Kind.LINK, sort="name", url_name="ledger:book_detail"),
        Column("code", _("Code"), sort="code"),
        Column("kind", _("Kind"), sort="kind"),
        Column("base_currency", _("Currency")),
        Column("head_seq", _("Entries"), Kind.NUMBER, sort="head_seq"),
        Column("locked_through", _("Closed through"), Kind.DATE),
        Column("status", _("State"), Kind.STATE, tones=STATUS_TONES),
    )
    filters = (
        Search(("code", "name"), label=_("Name or code")),
        Choice("kind", _("Kind"), list(BOOK_KIND_LABELS.items())),
    )
    order = "place"
    primary = NEW
    empty = EmptyState(
        _("No books yet"),
        _("What a programme or lender spends and lends is kept in a book of its own."),
        NEW,
    )

    def rows(self) -> QuerySet[Book]:
        """The programmes' books first, those of the many groups last; within a kind by code."""
        ranks = [When(kind=kind.value, then=Value(f"{n}")) for n, kind in enumerate(BookKind)]
        last = Value(f"{len(ranks)}")
        rank = Case(*ranks, default=last, output_field=CharField())
        rows: QuerySet[Book] = super().rows()
        return rows.annotate(place=Concat(rank, "code", output_field=CharField()))


def _trial_columns(*, since: bool) -> tuple[Column, ...]:
    opening = (Column("opening_base", _("Opening"), Kind.MONEY),) if since else ()
    return (
        Column("account.code", _("Code")),
        Column(
            "account.name",
            _("Account"),
            Kind.LINK,
            href=lambda row: reverse("ledger:account_detail", args=[row.account.pk]),
        ),
        *opening,
        Column("debit_base", _("Debit"), Kind.MONEY),
        Column("credit_base", _("Credit"), Kind.MONEY),
        Column("closing_base", _("Closing"), Kind.MONEY),
    )


def _in_base(columns: Sequence[Column], currency: str) -> tuple[Column, ...]:
    """The same columns with the book's currency named."""
    return tuple(
        Column(
            column.name,
            column.label,
            column.kind,
            currency=currency,
            href=column.href,
        )
        for column in columns
    )


class BookPage(RecordPage):
    """One book: what it holds today, its accounts, and where the rest is."""

    model = Book
    permission = "ledger.view_book"
    related = ("office",)
    record: Book
    staff: StaffUser

    def header(self) -> Header:
        """Name and ways on."""
        book = self.record
        asked = f"?book={book.pk}"
        return Header(
            book.name,
            subtitle=book.code,
            state=State(book.get_status_display(), STATUS_TONES[book.status]),
            primary=Action(
                _("Write an entry"), "ledger:draft_new", "ledger.draft_entry", args=(book.pk,)
            ),
            actions=(
                Action(
                    _("Entry of several lines"),
                    "ledger:draft_lines",
                    "ledger.draft_entry",
                    args=(book.pk,),
                ),
                Action(
                    _("Money to another book"),
                    "ledger:transfer_new",
                    "ledger.draft_entry",
                    args=(book.pk,),
                ),
                Action(_("Journal"), href=reverse("ledger:entry_list") + asked),
                Action(_("Months"), href=reverse("ledger:period_list") + asked),
                *doors.actions_for(book),
            ),
            crumbs=(Crumb(_("Books"), reverse("ledger:book_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """A book for exercises says so."""
        return practice_note(self.record)

    def tiles(self) -> Sequence[Tile]:
        """What it has, what it owes, what is left."""
        book = self.record
        sheet = queries.balance_sheet(book, timezone.localdate())
        owed = sum(row.base_units for row in sheet.debts)
        currency = book.base_currency
        return (
            Tile(_("Has"), format_money(sheet.total_assets, currency), how=_("All assets today.")),
            Tile(_("Owes"), format_money(owed, currency), how=_("All debts today.")),
            Tile(
                _("Result not yet closed"),
                format_money(sheet.result, currency),
                how=_("Income less costs since the last closing of a year."),
            ),
        )

    def _links(self, rows: Sequence[tuple[Any, Any, str, str]]) -> list[Fact]:
        """Ways on that she may go: name, words, address, permission."""
        return [
            Fact(label, words, reverse(f"ledger:{name}", args=[self.record.pk]))
            for label, words, name, permission in rows
            if may(self.staff, permission, self.record)
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Its statements, what a month's end asks for, how it is kept."""
        book = self.record
        runs = [row for row in RUN_LINKS if row[3] not in LOAN_RUNS or self._lends()]
        return (
            FactGroup(_("Statements"), self._links(STATEMENT_LINKS)),
            FactGroup(_("At the end of a month or year"), self._links(runs)),
            FactGroup(
                _("How it is kept"),
                (
                    Fact(_("Kind"), book.get_kind_display()),
                    Fact(_("Currency"), book.base_currency),
                    self._chart(),
                    Fact(_("Office"), book.office),
                    Fact(_("Closed through"), book.locked_through),
                    Fact(_("Last hash"), book.head_hash[:16]),
                ),
            ),
        )

    def _chart(self) -> Fact:
        """The chart it is kept by; where there is a newer version, that is said."""
        book = self.record
        try:
            newest, fault = pack_version(book.chart_pack), ""
        except ChartFault as refusal:  # of the list of charts, not of this book
            newest, fault = book.chart_version, message_of(refusal)
        words = f"{book.chart_pack} {book.chart_version}"
        page = reverse("ledger:load_chart", args=[book.pk])
        return Fact(
            _("Chart"),
            words,
            page if may(self.staff, "ledger.load_chart", book) else "",
            hint=_("Version %(version)s is there.") % {"version": newest}
            if newest > book.chart_version
            else fault,
        )

    def _lends(self) -> bool:
        """Whether loans may stand in it."""
        return self.record.kind in LENDING_BOOKS and provider_of(RunKind.ACCRUAL) is not None

    def tables(self) -> Sequence[Table]:
        """Its accounts that hold something."""
        trial = queries.trial_balance(self.record, timezone.localdate())
        columns = _in_base(_trial_columns(since=False), self.record.base_currency)
        empty = EmptyState(_("Nothing is posted yet"))
        return (Table(_("Accounts"), columns, [*trial.rows, *trial.memo], empty),)


class AccountPage(RecordPage):
    """One account: its lines of a period with the balance after each."""

    model = Account
    permission = "ledger.view_account"
    related = ("book", "parent")
    template = "ledger/account.html"
    record: Account

    def header(self) -> Header:
        """Code, name and book."""
        account = self.record
        return Header(
            account.name,
            subtitle=account.code,
            state=None if account.active else State(_("No longer in use"), Tone.PLAIN),
            primary=self._reconcile(),
            crumbs=(
                Crumb(_("Books"), reverse("ledger:book_list")),
                Crumb(account.book.name, reverse("ledger:book_detail", args=[account.book_id])),
            ),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """An account of a book for exercises says so."""
        return practice_note(self.record.book)

    def period(self) -> tuple[date, date]:
        """The days asked for; otherwise the book's year up to today."""
        on = day_asked(self.request.GET.get("to")) or timezone.localdate()
        since = day_asked(self.request.GET.get("from")) or queries.year_start(self.record.book, on)
        return min(since, on), on

    def _reconcile(self) -> Action | None:
        """A bank account is set against the bank's statement, a till is counted."""
        if not self.record.leaf:
            return None
        if self.record.cash_kind == CashKind.CASH:
            return Action(
                _("Count the till"),
                "ledger:count_cash",
                "ledger.count_cash",
                args=(self.record.pk,),
            )
        if self.record.cash_kind != CashKind.BANK:
            return None
        return Action(
            _("Reconcile with the bank"),
            "ledger:reconcile_bank",
            "ledger.reconcile_bank",
            args=(self.record.pk,),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What the account is."""
        account = self.record
        roles = ", ".join(account.roles.values_list("role", flat=True))
        return (
            FactGroup(
                _("Account"),
                (
                    Fact(_("Type"), account.get_type_display()),
                    Fact(_("Part of"), account.parent),
                    Fact(_("Role in posting rules"), roles),
                    Fact(_("Currency"), account.currency or _("any")),
                    Fact(_("Out of use from"), account.closed_from),
                ),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """The lines of the period."""
        since, on = self.period()
        rows = queries.account_lines(self.record, since, on, limit=MOST_LINES)
        columns = (
            Column(
                "line.entry.seq",
                _("Number"),
                Kind.LINK,
                href=lambda row: reverse("ledger:entry_detail", args=[row.line.entry_id]),
            ),
            Column("line.entry.entry_date", _("Posted on"), Kind.DATE),
            Column("kind", _("What"), value=lambda row: kind_label(row.line.entry.kind)),
            Column("debit", _("Debit"), Kind.MONEY, value=_debit, currency="line.currency"),
            Column("credit", _("Credit"), Kind.MONEY, value=_credit, currency="line.currency"),
            Column("running", _("Balance"), Kind.MONEY, currency="line.currency"),
        )
        empty = EmptyState(_("No lines in these days"))
        tables = [Table(_("Lines"), columns, rows, empty)]
        counts = self.record.counts.select_related("counted_by", "confirmed_by")[:12]
        if counts:
            tables.append(Table(_("Counted"), COUNTED, counts))
        reconciled = self.record.reconciliations.select_related("reconciled_by")[:12]
        if reconciled:
            tables.append(Table(_("Set against the bank"), RECONCILED, reconciled))
        return tables

    def context(self) -> dict[str, Any]:
        """The days for the form."""
        since, on = self.period()
        return {"since": since.isoformat(), "on": on.isoformat()}


COUNTED = (
    Column("counted_date", _("Day"), Kind.LINK, url_name="ledger:cashcount_detail"),
    Column("counted_units", _("Counted"), Kind.MONEY),
    Column("difference_units", _("Difference"), Kind.MONEY),
    Column("counted_by.display_name", _("Counted by")),
    Column("confirmed_by.display_name", _("Confirmed by")),
)
RECONCILED = (
    Column("through", _("Day"), Kind.DATE),
    Column("statement_units", _("The bank states"), Kind.MONEY),
    Column("book_units", _("The books say"), Kind.MONEY),
    Column("way", _("Lines on the way"), Kind.NUMBER, value=lambda row: len(row.open_lines)),
    Column("reconciled_by.display_name", _("Reconciled by")),
)


def _debit(row: AccountLine) -> int | None:
    return row.line.units if row.line.units > 0 else None


def _credit(row: AccountLine) -> int | None:
    return -row.line.units if row.line.units < 0 else None
