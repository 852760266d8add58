"""The statements of a book as pages: days, what stands beside, one fund or branch.

Each figure opens to its lines, and each statement is a file or paper as well.
"""

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from handup.ledger.labels import REPORT_LABELS
from handup.ledger.models import Book, Fund
from handup.ledger.paper import late_notes, proof_of, statement_pdf
from handup.ledger.reports import Asked, Beside, Kind, Report, ReportRow, report
from handup.ledger.statements import year_start
from handup.ledger.sums import By, Only
from handup.ledger.views.books import day_asked
from handup.org.models import Office, StaffUser
from handup.org.permissions import require
from handup.org.web import export
from handup.org.web.columns import Kind as CellKind
from handup.org.web.lists import Column, EmptyState
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Action, Crumb, Header, PaperPage, Table

BESIDE_LABELS = (
    (Beside.NOTHING, _("nothing beside")),
    (Beside.BEFORE, _("the period before")),
    (Beside.YEAR, _("the year before")),
    (Beside.MONTHS, _("each month")),
    (Beside.FUNDS, _("each fund")),
)
BY_LABELS = ((By.POSTED, _("as posted")), (By.HAPPENED, _("as it happened")))


def _identifier(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


class StatementPage(PaperPage):
    """What every statement shares."""

    model = Book
    permission = "ledger.view_account"
    template = "ledger/statement.html"
    kind: ClassVar[Kind]
    offers: ClassVar[tuple[Beside, ...]] = tuple(Beside)
    record: Book
    staff: StaffUser
    report: Report

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or the same statement as a file."""
        wanted = request.GET.get("format", "")
        if wanted not in {"csv", "xlsx", "pdf"}:
            return super().get(request, *args, **kwargs)
        assert isinstance(request.user, StaffUser)
        self.staff = request.user
        require(self.staff, self.permission)
        found = self.rows().filter(pk=kwargs["pk"]).first()
        if found is None:
            raise Http404
        self.record = found
        made = report(self.kind, self.record, self.asked())
        title = f"{self.record.code} {REPORT_LABELS[self.kind]} {made.asked.on}"
        if wanted == "pdf":
            answer = HttpResponse(statement_pdf(made), content_type="application/pdf")
            answer.headers["Content-Disposition"] = f'attachment; filename="{slugify(title)}.pdf"'
            return answer
        columns, rows = _flat(made)
        as_file = export.as_csv if wanted == "csv" else export.as_workbook
        return as_file(columns, rows, title)

    def asked(self) -> Asked:
        """What the address asks for; what cannot be read is not guessed."""
        told = self.request.GET
        on = day_asked(told.get("to")) or timezone.localdate()
        since = day_asked(told.get("from")) or year_start(self.record, on)
        beside = told.get("beside", "")
        return Asked(
            min(since, on),
            on,
            Beside(beside) if beside in self.offers else Beside.NOTHING,
            Only(_identifier(told.get("fund")), _identifier(told.get("branch"))),
            By(told["by"]) if told.get("by") in set(By) else By.POSTED,
        )

    def header(self) -> Header:
        """The statement, its book and days."""
        self.report = report(self.kind, self.record, self.asked())
        asked = self.report.asked
        others = [kind for kind in Kind if kind is not self.kind]
        return Header(
            REPORT_LABELS[self.kind],
            subtitle=_("%(book)s, %(since)s to %(on)s")
            % {
                "book": self.record,
                "since": format_day(asked.since),
                "on": format_day(asked.on),
            },
            actions=tuple(
                Action(
                    REPORT_LABELS[kind],
                    href=f"{reverse(PAGES[kind], args=[self.record.pk])}?{self._days()}",
                )
                for kind in others
            ),
            crumbs=(Crumb(self.record.name, reverse("ledger:book_detail", args=[self.record.pk])),),
        )

    def _days(self) -> str:
        asked = self.report.asked
        return f"from={asked.since}&to={asked.on}"

    def tables(self) -> Sequence[Table]:
        """A table a section, and the rows that close the statement."""
        made = self.report
        columns = _columns(made)
        tables = [
            Table(
                section.label,
                columns,
                section.rows,
                footer=_footer(section.total, self.record.base_currency),
            )
            for section in made.sections
            if section.rows
        ]
        if tables:
            tables.append(
                Table(_("Together"), columns[1:], made.closing, EmptyState(_("Nothing yet")))
            )
        return tables

    def context(self) -> dict[str, Any]:
        """The form, what is said about late facts, the proof, the files."""
        made, told = self.report, self.request.GET.copy()
        asked = made.asked
        journal = reverse("ledger:entry_list") + f"?book={self.record.pk}&late=1"
        told["from"], told["to"] = asked.since.isoformat(), asked.on.isoformat()
        files = []
        for kind in ("csv", "xlsx", "pdf"):
            told["format"] = kind
            files.append((f"?{told.urlencode()}", kind.upper()))
        return {
            "since": asked.since.isoformat(),
            "on": asked.on.isoformat(),
            "choices": self._choices(asked),
            "remarks": [("info", text, journal, _("Show them")) for text in late_notes(made)],
            "proof": proof_of(made) if made.sections and self.kind is not Kind.INCOME else "",
            "files": files,
        }

    def _choices(self, asked: Asked) -> list[tuple[str, Any, list[tuple[str, Any]], str]]:
        funds = [(str(fund.pk), fund.name) for fund in Fund.objects.visible_to(self.staff)]
        branches = [(str(office.pk), office.name) for office in Office.objects.order_by("name")]
        found: list[tuple[str, Any, list[tuple[str, Any]], str]] = [
            (
                "beside",
                _("Beside it"),
                [(code.value, label) for code, label in BESIDE_LABELS if code in self.offers],
                asked.beside.value,
            ),
            (
                "fund",
                _("Fund"),
                [("", _("all")), *funds],
                str(asked.only.fund or ""),
            ),
            ("branch", _("Branch"), [("", _("all")), *branches], str(asked.only.branch or "")),
            ("by", _("Days"), [(code.value, label) for code, label in BY_LABELS], asked.by.value),
        ]
        return [choice for choice in found if len(choice[2]) > 1]


def _columns(made: Report) -> tuple[Column, ...]:
    currency = made.book.base_currency
    days = f"?from={made.asked.since}&to={made.asked.on}"

    def opens(row: ReportRow) -> str:
        if row.account is None:
            return ""
        return reverse("ledger:account_detail", args=[row.account]) + days

    def amount(place: int) -> Any:
        return lambda row: row.amounts[place]

    return (
        Column("code", _("Code")),
        Column("label", _("Account"), CellKind.LINK, href=opens),
        *(
            Column(
                f"c{place}", column.label, CellKind.MONEY, value=amount(place), currency=currency
            )
            for place, column in enumerate(made.columns)
        ),
    )


def _footer(total: ReportRow | None, currency: str) -> list[str]:
    if total is None:
        return []
    amounts = ["" if units is None else format_money(units, currency) for units in total.amounts]
    return ["", total.label, *amounts]


class _Flat:
    """A row of a file, with the section it stands in."""

    def __init__(self, section: Any, row: ReportRow) -> None:
        self.section, self.code, self.label = section, row.code, row.label
        self.account, self.amounts = row.account, row.amounts


def _flat(made: Report) -> tuple[list[Column], list[_Flat]]:
    """A statement as one table: sections become a column."""
    rows = [_Flat(section.label, row) for section in made.sections for row in section.rows]
    rows += [_Flat(item.label, item.total) for item in made.sections if item.total is not None]
    rows += [_Flat("", row) for row in made.closing]
    code, label, *amounts = _columns(made)
    plain = Column("label", label.label)
    return [Column("section", _("Section")), code, plain, *amounts], rows


class TrialBalancePage(StatementPage):
    """Opening, debit, credit and closing of every account."""

    kind = Kind.TRIAL
    offers = (Beside.NOTHING,)


class IncomePage(StatementPage):
    """Income less expenses of a period."""

    kind = Kind.INCOME


class BalancePage(StatementPage):
    """What a book has and owes at the end of a day."""

    kind = Kind.BALANCE


class CashPage(StatementPage):
    """What moved the money of a book."""

    kind = Kind.CASH


PAGES = {
    Kind.TRIAL: "ledger:trial_balance",
    Kind.INCOME: "ledger:income_statement",
    Kind.BALANCE: "ledger:balance_sheet",
    Kind.CASH: "ledger:cash_flow",
}
