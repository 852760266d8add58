"""The statements of a book as pages: days, what stands beside, one fund or branch.

Each figure opens to its lines, and each statement is a file or paper as well.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from handup.ledger.consolidated import Whole, report_of
from handup.ledger.errors import RateMissing, RateTooOld
from handup.ledger.labels import PRACTICE, REPORT_LABELS
from handup.ledger.models import Balance, Book, Fund
from handup.ledger.paper import late_notes, pair_notes, proof_of, rate_notes, statement_pdf
from handup.ledger.reports import Asked, Beside, Kind, Report, ReportRow, report
from handup.ledger.rules.conversion import ConvertBy
from handup.ledger.statements import year_start
from handup.ledger.sums import By, Only
from handup.ledger.views.books import day_asked
from handup.org.models import ExchangeRate, Office, StaffUser
from handup.org.permissions import require
from handup.org.web import export
from handup.org.web.columns import Kind as CellKind
from handup.org.web.lists import Column
from handup.org.web.money import format_amount, format_day
from handup.org.web.pages import Action, Crumb, Header, PaperPage, Table
from handup.org.web.refusals import message_of

BESIDE_LABELS = (
    (Beside.NOTHING, _("nothing beside")),
    (Beside.BEFORE, _("the period before")),
    (Beside.YEAR, _("the year before")),
    (Beside.MONTHS, _("each month")),
    (Beside.FUNDS, _("each fund")),
    (Beside.BOOKS, _("each book")),
)
OF_ONE_BOOK = tuple(code for code in Beside if code is not Beside.BOOKS)
RULE_LABELS = (
    (ConvertBy.CLOSING, _("the rate of the last day")),
    (ConvertBy.AVERAGE, _("the mean of the period")),
    (ConvertBy.MONTH, _("the rate of each month")),
    (ConvertBy.DONOR, _("the donor's rate of each month")),
)
CONVERTED_BY_RULE = frozenset({Kind.INCOME, Kind.CASH})
CURRENCY_CODE = re.compile(r"[A-Z]{3}")
Choice = tuple[str, Any, list[tuple[str, Any]], str]
"""A field of the form: name, label, options, what is chosen."""
BY_LABELS = ((By.POSTED, _("as posted")), (By.HAPPENED, _("as it happened")))


def _identifier(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


class StatementPage(PaperPage, ABC):
    """What every statement shares, of one book or of several read as one."""

    permission = "ledger.view_account"
    template = "ledger/statement.html"
    kind: ClassVar[Kind]
    offers: ClassVar[tuple[Beside, ...]] = OF_ONE_BOOK
    staff: StaffUser
    report: Report
    refused: str = ""

    # --- what a book and several books differ in --------------------------------------------------

    @abstractmethod
    def first_book(self) -> Book:
        """The book whose year and funds are followed."""

    @abstractmethod
    def make(self, asked: Asked) -> Report:
        """The statement."""

    @abstractmethod
    def address(self, kind: Kind) -> str:
        """The page of another statement of the same."""

    @abstractmethod
    def back(self) -> Crumb:
        """The way back."""

    def more_choices(self) -> list[Choice]:
        """What else can be chosen."""
        return []

    def more_tables(self) -> list[Table]:
        """What stands below the statement."""
        return []

    # --- the page ---------------------------------------------------------------------------------

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
        made = self.make(self.asked())
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
        since = day_asked(told.get("from")) or year_start(self.first_book(), on)
        beside = told.get("beside", "")
        return Asked(
            min(since, on),
            on,
            Beside(beside) if beside in self.offers else self.offers[0],
            Only(_identifier(told.get("fund")), _identifier(told.get("branch")), self.one()),
            By(told["by"]) if told.get("by") in set(By) else By.POSTED,
        )

    def one(self) -> str:
        """The one currency the statement is cut down to; empty for all."""
        told = self.request.GET.get("only", "")
        return told if CURRENCY_CODE.fullmatch(told) else ""

    def header(self) -> Header:
        """The statement, its book and days."""
        self.report = self.make(self.asked())
        asked = self.report.asked
        return Header(
            REPORT_LABELS[self.kind],
            subtitle=_("%(book)s, %(since)s to %(on)s, in %(currency)s")
            % {
                "book": self.report.whose,
                "since": format_day(asked.since),
                "on": format_day(asked.on),
                "currency": self.report.currency,
            },
            actions=tuple(
                Action(REPORT_LABELS[kind], href=f"{self.address(kind)}?{self._kept()}")
                for kind in Kind
                if kind is not self.kind
            ),
            crumbs=(self.back(),),
        )

    def _kept(self) -> str:
        """The days and what else stays the same on the other statements."""
        asked = self.report.asked
        told = {"from": asked.since.isoformat(), "to": asked.on.isoformat()}
        told |= {
            name: value
            for name in ("fund", "branch", "only", "into", "rule", "by")
            if (value := self.request.GET.get(name, ""))
        }
        return urlencode(told)

    def tables(self) -> Sequence[Table]:
        """What stands below the statement."""
        return self.more_tables()

    def parts(self) -> list[Table]:
        """The statement: a part for each section, and the rows that close it. All parts share the
        columns, so that every figure stands under the one above it.
        """
        made = self.report
        columns = _columns(made)
        parts = [
            Table(
                section.label,
                columns,
                section.rows,
                footer=_footer(section.total, made.currency),
            )
            for section in made.sections
            if section.rows
        ]
        if parts and made.closing:
            parts.append(Table(_("Together"), columns, made.closing))
        return parts

    def context(self) -> dict[str, Any]:
        """The form, what is said about late facts and rates, the proof, the files."""
        made, told = self.report, self.request.GET.copy()
        asked = made.asked
        journal = reverse("ledger:entry_list") + f"?book={self.first_book().pk}&late=1"
        told["from"], told["to"] = asked.since.isoformat(), asked.on.isoformat()
        files = []
        for kind in ("csv", "xlsx", "pdf"):
            told["format"] = kind
            files.append((f"?{told.urlencode()}", kind.upper()))
        remarks: list[tuple[str, Any, str, Any]] = []
        if any(book.practice for book in made.books):
            remarks.append(("warn", PRACTICE, "", ""))
        if self.refused:
            remarks.append(("bad", self.refused, "", ""))
        remarks += [("info", text, journal, _("Show them")) for text in late_notes(made)]
        remarks += [("info", text, "", "") for text in rate_notes(made)]
        remarks += [("warn", text, "", "") for text in pair_notes(made)]
        return {
            "since": asked.since.isoformat(),
            "on": asked.on.isoformat(),
            "choices": self._choices(asked),
            "remarks": remarks,
            "proof": proof_of(made) if made.sections and self.kind is not Kind.INCOME else "",
            "files": files,
            "parts": self.parts(),
        }

    def _choices(self, asked: Asked) -> list[Choice]:
        funds = [(str(fund.pk), fund.name) for fund in Fund.objects.visible_to(self.staff)]
        branches = [(str(office.pk), office.name) for office in Office.objects.order_by("name")]
        found: list[Choice] = [
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
            *self.more_choices(),
        ]
        return [choice for choice in found if len(choice[2]) > 1]


class BookStatement(StatementPage):
    """A statement of one book: in its currency, in one it holds, or converted into another."""

    model = Book
    record: Book

    def first_book(self) -> Book:
        """The book itself."""
        return self.record

    def make(self, asked: Asked) -> Report:
        """The statement; where a rate is missing, in the book's own currency, and said so."""
        into = self.request.GET.get("into", "")
        if CURRENCY_CODE.fullmatch(into) and into != (self.one() or self.record.base_currency):
            rule = self.rule() if self.kind in CONVERTED_BY_RULE else ConvertBy.CLOSING
            whole = Whole(str(self.record), into, (self.record,), rule)
            try:
                return report_of(self.kind, whole, asked)
            except (RateMissing, RateTooOld) as refusal:
                self.refused = message_of(refusal)
        return report(self.kind, self.record, asked)

    def rule(self) -> ConvertBy:
        """How it is converted."""
        told = self.request.GET.get("rule", "")
        return ConvertBy(told) if told in dict(RULE_LABELS) else ConvertBy.CLOSING

    def address(self, kind: Kind) -> str:
        """The page of another statement of the book."""
        return reverse(PAGES[kind], args=[self.record.pk])

    def back(self) -> Crumb:
        """The book."""
        return Crumb(self.record.name, reverse("ledger:book_detail", args=[self.record.pk]))

    def more_choices(self) -> list[Choice]:
        """One currency it holds; another it is told in; how."""
        held = sorted(
            set(
                Balance.objects.filter(book=self.record)
                .order_by()
                .values_list("currency", flat=True)
                .distinct()
            )
        )
        base = self.record.base_currency
        into = currencies_into(base)
        told = self.request.GET
        found: list[Choice] = [
            ("only", _("Only"), [("", _("every currency")), *((c, c) for c in held)], self.one()),
            ("into", _("Told in"), [("", base), *((c, c) for c in into)], told.get("into", "")),
        ]
        if into and self.kind in CONVERTED_BY_RULE:
            rules = [(rule.value, label) for rule, label in RULE_LABELS]
            found.append(("rule", _("Converted by"), rules, self.rule().value))
        return found


def currencies_into(base: str) -> list[str]:
    """The currencies there are rates to or from."""
    pairs = (
        ExchangeRate.objects.filter(Q(from_currency=base) | Q(to_currency=base))
        .order_by()
        .values_list("from_currency", "to_currency")
        .distinct()
    )
    return sorted({code for pair in pairs for code in pair} - {base})


def _columns(made: Report, *, for_file: bool = False) -> tuple[Column, ...]:
    """The columns of a statement: amounts with their currency in a file; on the page without it,
    since the page says it once and five columns of it do not fit on a sheet.
    """
    currency = made.currency
    days = f"?from={made.asked.since}&to={made.asked.on}"

    def lines_of(account: UUID | None) -> str:
        return "" if account is None else reverse("ledger:account_detail", args=[account]) + days

    def opens(row: ReportRow) -> str:
        return "" if any(row.opens) and len(made.books) > 1 else lines_of(row.account)

    def amount(place: int) -> Any:
        return lambda row: row.amounts[place] if for_file else _bare(row.amounts[place], currency)

    def amount_opens(place: int) -> Any:
        return lambda row: lines_of(row.opens[place] if place < len(row.opens) else None)

    return (
        Column("code", _("Code")),
        Column("label", _("Account"), CellKind.LINK, href=opens),
        *(
            Column(
                f"c{place}",
                column.label,
                CellKind.MONEY if for_file else CellKind.FIGURE,
                value=amount(place),
                currency=currency,
                href=amount_opens(place),
            )
            for place, column in enumerate(made.columns)
        ),
    )


def _bare(units: int | None, currency: str) -> str:
    return "" if units is None else format_amount(units, currency)


def _footer(total: ReportRow | None, currency: str) -> list[str]:
    if total is None:
        return []
    return ["", total.label, *(_bare(units, currency) for units in total.amounts)]


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
    code, label, *amounts = _columns(made, for_file=True)
    plain = Column("label", label.label)
    return [Column("section", _("Section")), code, plain, *amounts], rows


class TrialBalancePage(BookStatement):
    """Opening, debit, credit and closing of every account."""

    kind = Kind.TRIAL
    offers = (Beside.NOTHING,)


class IncomePage(BookStatement):
    """Income less expenses of a period."""

    kind = Kind.INCOME


class BalancePage(BookStatement):
    """What a book has and owes at the end of a day."""

    kind = Kind.BALANCE


class CashPage(BookStatement):
    """What moved the money of a book."""

    kind = Kind.CASH


PAGES = {
    Kind.TRIAL: "ledger:trial_balance",
    Kind.INCOME: "ledger:income_statement",
    Kind.BALANCE: "ledger:balance_sheet",
    Kind.CASH: "ledger:cash_flow",
}
