"""Statements of our accounts: brought with a dry run first, each with its lines and why."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.bank_shown import persons_of, without_hidden
from handup.lending.bankforms import StatementForm, accounts_for
from handup.lending.models import BankAccount, BankStatement, Loan, StatementLine
from handup.lending.models.banklabels import LINE_FATES, REASONS
from handup.lending.rules.banking.codes import LineFate, Reason
from handup.lending.services.statements import CheckedStatements
from handup.lending.uploads import bank_message
from handup.lending.views.bankfaults import fault_text
from handup.lending.views.funds import fund_name
from handup.org import reads
from handup.org.models import StaffUser
from handup.org.web.forms import FormPage
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
    Total,
)
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile
from handup.org.web.pages import State as Shown

BRING = Action(_("Bring a statement"), "lending:statement_new", "lending.import_statement")
SUSPENSE = Action(_("Match the open lines"), "lending:suspense", "lending.match_line")
TONES = {
    LineFate.MATCHED.value: Tone.GOOD,
    LineFate.BOOKED.value: Tone.GOOD,
    LineFate.OPEN.value: Tone.WARN,
    LineFate.PROPOSED.value: Tone.WARN,
    LineFate.KNOWN.value: Tone.PLAIN,
    LineFate.TAKEN_BACK.value: Tone.PLAIN,
    LineFate.FAULT.value: Tone.BAD,
}
MOST_SHOWN = 300
STATEMENT_COLUMNS = (
    Column(
        "number",
        _("Statement"),
        Kind.LINK,
        url_name="lending:statement_detail",
        value=lambda row: row.number or row.file_name,
    ),
    Column("account.name", _("Account")),
    Column("from_date", _("From"), Kind.DATE),
    Column("to_date", _("Until"), Kind.DATE, sort="to_date"),
    Column("closing_units", _("Closes with"), Kind.MONEY, currency="account.currency"),
    Column("lines_total", _("Lines"), Kind.NUMBER),
    Column("lines_matched", _("Matched by itself"), Kind.NUMBER),
    Column("lines_open", _("To suspense"), Kind.NUMBER, sort="lines_open"),
    Column("lines_faulty", _("Faults"), Kind.NUMBER, sort="lines_faulty"),
)


def reason_words(reasons: Iterable[Sequence[Any]]) -> str:
    """Reasons with their points, in words."""
    told = []
    for code, points in reasons:
        word = str(REASONS[Reason(code)])
        told.append(f"{word} ({points})" if points else word)
    return "; ".join(told)


def why(line: StatementLine) -> str:
    """Faults where there are any, else the reasons."""
    if line.faults:
        return " ".join(fault_text(each) for each in line.faults)
    return reason_words(line.reasons)


def loan_code(line: StatementLine) -> str:
    """The number of its loan."""
    return line.loan.code if line.loan is not None else ""


def loan_href(line: StatementLine) -> str:
    """The page of its loan."""
    return reverse("lending:loan_detail", args=[line.loan_id]) if line.loan_id else ""


def accounts(staff: StaffUser) -> list[tuple[str, str]]:
    """The accounts to filter by."""
    return [(str(row.pk), row.name) for row in BankAccount.objects.visible_to(staff)]


LINE_COLUMNS = (
    Column("row", _("Line"), Kind.NUMBER),
    Column("book_date", _("Booked"), Kind.DATE, sort="book_date"),
    Column(
        "units",
        _("Amount"),
        Kind.MONEY,
        sort="units",
        currency="account.currency",
        href=lambda line: reverse("lending:bank_line", args=[line.pk]),
    ),
    Column("name", _("From or to")),
    Column("text", _("Text")),
    Column("loan", _("Loan"), value=loan_code, href=loan_href),
    Column("fund", _("Fund"), value=lambda line: fund_name(line.loan)),
    Column("fate", _("State"), Kind.STATE, sort="fate", tones=TONES),
    Column("why", _("Why"), value=why),
)


class StatementList(ListPage):
    """Statements that came."""

    model = BankStatement
    permission = "lending.view_statement"
    title = _("Statements")
    related = ("account",)
    columns = (
        *STATEMENT_COLUMNS,
        Column("imported_date", _("Brought on"), Kind.DATE, sort="imported_date", shown=False),
        Column("file_name", _("File"), shown=False),
    )
    filters = (
        Search(("number", "file_name"), label=_("Number or file")),
        Choice("account", _("Account"), accounts),
        DateRange("to", _("Closing day"), "to_date"),
    )
    order = "-pk"
    as_seen = staticmethod(without_hidden)
    primary = BRING
    actions = (SUSPENSE,)
    empty = EmptyState(
        _("No statements yet"),
        _("What came into our accounts and went out comes as the bank's statement."),
        BRING,
    )


class LineList(ListPage):
    """Every line of every statement."""

    model = StatementLine
    permission = "lending.view_statement"
    title = _("Lines of statements")
    related = ("account", "loan__fund", "statement")
    columns = (
        *LINE_COLUMNS[1:],
        Column("score", _("Points"), Kind.NUMBER, sort="score", shown=False),
        Column("bank_reference", _("Bank's reference"), shown=False),
        Column("account.name", _("Account"), shown=False),
    )
    filters = (
        Search(
            ("bank_reference", "end_to_end", "text", "name"), label=_("Reference, text or name")
        ),
        Choice("account", _("Account"), accounts),
        Choice("fate", _("State"), LINE_FATES),
        DateRange("booked", _("Booked"), "book_date"),
    )
    order = "-pk"
    totals = (Total(_("Amount"), "units", Kind.MONEY, "account__currency"),)
    person_path = "loan.person_id"
    empty = EmptyState(_("No lines yet"), _("They come with the statements."), BRING)


class StatementPage(RecordPage):
    """One statement: does it add up, what became of its lines."""

    model = BankStatement
    permission = "lending.view_statement"
    related = ("account", "imported_by")

    @property
    def lines(self) -> Any:
        """Its lines the reader may see."""
        return StatementLine.objects.visible_to(self.staff).filter(statement=self.record)

    def header(self) -> Header:
        """Number and account."""
        row = self.record
        without_hidden(self.staff, [row])
        return Header(
            _now("Statement %(number)s") % {"number": row.number or row.file_name},
            row.account.name,
            primary=SUSPENSE if self.lines.filter(fate=LineFate.OPEN).exists() else None,
            actions=(BRING,),
            crumbs=(
                Crumb(_("Bank accounts"), reverse("lending:bank_account_list")),
                Crumb(
                    row.account.name,
                    reverse("lending:bank_account_detail", args=[row.account_id]),
                ),
            ),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """A gap, faults."""
        row = self.record
        found: list[tuple[Tone, Any]] = []
        if row.gap_units:
            found.append(
                (
                    Tone.WARN,
                    _now("A statement before this one is missing: %(money)s lie between.")
                    % {"money": format_money(row.gap_units, row.account.currency)},
                )
            )
        if row.lines_faulty:
            found.append(
                (Tone.WARN, _now("Lines with faults are not posted; ask the bank about them."))
            )
        return found

    def tiles(self) -> Sequence[Tile]:
        """Balances and what became of the lines."""
        row = self.record
        currency = row.account.currency
        tiles = []
        if row.closing_units is not None:
            tiles.append(
                Tile(
                    _("Closes with"),
                    format_money(row.closing_units, currency),
                    of=_now("opens with %(money)s")
                    % {"money": format_money(row.opening_units or 0, currency)},
                    how=_("Opening and booked lines together give the closing balance."),
                )
            )
        return [
            *tiles,
            Tile(
                _("Matched by itself"),
                str(row.lines_matched),
                of=format_money(row.matched_units, currency),
                tone=Tone.GOOD,
            ),
            Tile(
                _("To suspense"),
                str(row.lines_open),
                of=format_money(row.open_units, currency),
                tone=Tone.WARN if row.lines_open else Tone.PLAIN,
            ),
            Tile(
                _("Faults"),
                str(row.lines_faulty),
                tone=Tone.BAD if row.lines_faulty else Tone.PLAIN,
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """The file."""
        row = self.record
        return [
            FactGroup(
                _("File"),
                [
                    Fact(_("File"), row.file_name),
                    Fact(_("Period"), f"{format_day(row.from_date)} – {format_day(row.to_date)}")
                    if row.from_date and row.to_date
                    else Fact(_("Period"), None),
                    Fact(_("Brought by"), row.imported_by),
                    Fact(_("Brought on"), row.imported_date),
                    Fact(_("Came before"), row.lines_known),
                    Fact(_("Not yet booked by the bank"), row.not_booked),
                    Fact(_("Fingerprint"), row.sha256),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Faults first, then what waits, then the rest."""
        lines = (
            self.lines.select_related("account", "loan__fund")
            .order_by("row")
            .only(
                "row", "book_date", "units", "name", "text", "fate", "reasons", "faults",
                "account__currency", "loan__code", "loan__person_id", "loan__fund__name",
                "statement",
            )
        )  # fmt: skip
        groups = (
            (_("Lines with faults"), (LineFate.FAULT,)),
            (_("Lines on suspense"), (LineFate.OPEN, LineFate.PROPOSED)),
            (_("Lines matched"), (LineFate.MATCHED, LineFate.BOOKED, LineFate.TAKEN_BACK)),
            (_("Lines that came before"), (LineFate.KNOWN,)),
        )
        found = []
        shown: list[StatementLine] = []
        for title, fates in groups:
            rows = list(lines.filter(fate__in=fates)[:MOST_SHOWN])
            shown += rows
            if rows:
                more = Action(
                    _("All lines"),
                    "",
                    "lending.view_statement",
                    href=f"{reverse('lending:line_list')}?account={self.record.account_id}",
                )
                found.append(
                    Table(title, LINE_COLUMNS, rows, more=more if len(rows) == MOST_SHOWN else None)
                )
        reads.note(self.request, persons=persons_of(shown), action="LIST", highest="P")
        return found


class BringStatement(FormPage):
    """Upload a statement; check it, or post it."""

    form_class = StatementForm
    permission = "lending.import_statement"
    title = _("Bring a statement")
    intro = _("The same file again changes nothing. A line with a fault is listed, never posted.")
    verb = _("Go on")
    checked: CheckedStatements | None = None

    def form_options(self) -> dict[str, Any]:
        """Accounts whose statements the reader may bring."""
        return {"accounts": accounts_for(self.staff, self.permission)}

    def initial(self) -> dict[str, Any]:
        """The account named in the address, or the only one there is."""
        rows = list(accounts_for(self.staff, self.permission)[:2])
        only = rows[0].pk if len(rows) == 1 else None
        return {"account": self.request.GET.get("account") or only, "act": "check"}

    def perform(self, values: dict[str, Any]) -> Any:
        """Check, or post."""
        file = values["file"]
        told = {
            "acting_staff": self.staff,
            "account": values["account"],
            "file_name": file.name,
            "content": bank_message(file),
        }
        if values["act"] == "check":
            return services.check_statement(**told)
        return services.import_statement(id=self.new_id, **told)

    def answer(self, result: Any) -> HttpResponseBase:
        """After a check, every line with what would become of it."""
        if isinstance(result, CheckedStatements):
            return self._show_checked(self.request, result)
        return super().answer(result)

    def success_url(self, result: Any) -> str:
        """The statement's page; the account's where a file held several."""
        first = result[0]
        if len(result) == 1:
            return reverse("lending:statement_detail", args=[first.pk])
        return reverse("lending:bank_account_detail", args=[first.account_id])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        if isinstance(result, CheckedStatements):
            return ""
        return _now("%(matched)s lines are matched, %(open)s lie on suspense.") % {
            "matched": sum(row.lines_matched for row in result),
            "open": sum(row.lines_open for row in result),
        }

    def _show_checked(self, request: HttpRequest, checked: CheckedStatements) -> HttpResponseBase:
        currency = checked.account.currency
        lines = [
            sorted(item.lines, key=lambda line: ORDER[line.fate])[:MOST_SHOWN]
            for item in checked.statements
        ]
        named = {line.loan.pk for some in lines for line in some if line.loan is not None}
        persons = Loan.objects.filter(pk__in=named, person__isnull=False)
        reads.note(request, persons.values_list("person_id", flat=True), action="LIST")
        note = (
            _now("This file was brought before; posting it again changes nothing.")
            if checked.stored
            else _now("Nothing is written yet. Choose the file again to post it.")
        )
        tiles = [
            Tile(
                label,
                str(checked.count(fate)),
                of=format_money(checked.units(fate), currency),
                tone=tone if checked.count(fate) else Tone.PLAIN,
            )
            for label, fate, tone in (
                (_("Would be matched"), LineFate.MATCHED, Tone.GOOD),
                (_("Would lie on suspense"), LineFate.OPEN, Tone.WARN),
                (_("Came before"), LineFate.KNOWN, Tone.PLAIN),
                (_("Faults"), LineFate.FAULT, Tone.BAD),
            )
        ]
        context = {
            "page": self,
            "title": _("What would happen"),
            "header": Header(
                _("What would happen"),
                checked.file_name,
                crumbs=(Crumb(_("Statements"), reverse("lending:statement_list")),),
            ),
            "notes": [(Tone.INFO, note)],
            "tiles": tiles,
            "tables": [
                Table(
                    item.statement.number or _now("Statement"),
                    checked_columns(currency),
                    some,
                )
                for item, some in zip(checked.statements, lines, strict=True)
            ],
            "primary": BRING,
        }
        return render(request, "kinds/record.html", context)


ORDER = {
    LineFate.FAULT: 0,
    LineFate.OPEN: 1,
    LineFate.MATCHED: 2,
    LineFate.KNOWN: 3,
}
"""What asks for a look comes first."""


def checked_columns(currency: str) -> tuple[Column, ...]:
    """The columns of a dry run."""
    labels = dict(LINE_FATES)

    def told(line: Any) -> str:
        if line.entry.faults:
            return " ".join(
                fault_text({"code": each.code, "value": each.value, "place": each.place})
                for each in line.entry.faults
            )
        return reason_words(line.reasons)

    return (
        Column("row", _("Line"), Kind.NUMBER, value=lambda line: line.entry.row),
        Column("day", _("Booked"), Kind.DATE, value=lambda line: line.entry.book_date),
        Column(
            "units", _("Amount"), Kind.MONEY, value=lambda line: line.entry.units, currency=currency
        ),
        Column("name", _("From or to"), value=lambda line: line.entry.name),
        Column("text", _("Text"), value=lambda line: line.entry.text),
        Column("loan", _("Loan"), value=lambda line: line.loan.code if line.loan else ""),
        Column(
            "fate",
            _("State"),
            Kind.STATE,
            value=lambda line: Shown(labels[line.fate.value], TONES[line.fate.value]),
        ),
        Column("why", _("Why"), value=told),
    )
