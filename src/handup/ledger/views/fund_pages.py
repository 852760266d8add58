"""What a fund received, spent, lent and has; and whether lending pays for itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from handup.ledger import services
from handup.ledger.budgets import LineState, state_of
from handup.ledger.fund_report import FundReport, fund_report, funds_of
from handup.ledger.labels import CASH_HINT
from handup.ledger.models import Balance, Book, Fund, StatedInput
from handup.ledger.models.stated import INPUT_LABELS
from handup.ledger.rules.sustainability import PPM, percent_text
from handup.ledger.rules.words import InputKind
from handup.ledger.statements import year_start
from handup.ledger.sums import By
from handup.ledger.sustainability import Sustainability, sustainability
from handup.ledger.views.books import day_asked
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.money import (
    currency_digits,
    format_day,
    format_money,
    format_percent,
    format_share,
)
from handup.org.web.pages import (
    Action,
    Crumb,
    Fact,
    FactGroup,
    Header,
    PaperPage,
    RecordPage,
    State,
    Table,
    Tile,
    Tone,
)


class BookPeriodPage(PaperPage):
    """A page about a book and days."""

    model = Book
    permission = "ledger.view_account"
    template = "ledger/fund_report.html"
    record: Book
    staff: StaffUser

    @cached_property
    def days(self) -> tuple[date, date]:
        """The days asked for; otherwise the book's year up to today."""
        told = self.request.GET
        on = day_asked(told.get("to")) or timezone.localdate()
        since = day_asked(told.get("from")) or year_start(self.record, on)
        return min(since, on), on

    def subtitle(self) -> Any:
        """Book and days."""
        since, on = self.days
        return _("%(book)s, %(since)s to %(on)s") % {
            "book": self.record,
            "since": format_day(since),
            "on": format_day(on),
        }

    def crumbs(self) -> tuple[Crumb, ...]:
        """The way back to the book."""
        return (Crumb(self.record.name, reverse("ledger:book_detail", args=[self.record.pk])),)

    def context(self) -> dict[str, Any]:
        """The days for the form."""
        since, on = self.days
        return {"since": since.isoformat(), "on": on.isoformat()}


@dataclass(frozen=True)
class SpentLine:
    """What a fund spent on a budget line in the days shown, and where the line stands over all."""

    fund: str
    line: str
    units: int
    state: LineState | None

    def amount(self, name: str) -> str:
        """An amount of the line over all books, a dash where nobody knows its budget."""
        if self.state is None:
            return ""
        units = self.state.budgeted.units if name == "budget" else getattr(self.state, name)
        return format_money(units, self.state.budgeted.currency)

    def word(self) -> State | None:
        """Whether the line is nearly or more than spent."""
        if self.state is None:
            return None
        if self.state.left < 0:
            return State(_("Overspent"), Tone.BAD)
        return State(_("Nearly spent"), Tone.WARN) if self.state.warns else None


def _spent_columns(currency: str) -> tuple[Column, ...]:
    return (
        Column("fund", _("Fund")),
        Column("line", _("Budget line")),
        Column("units", _("Spent in these days"), Kind.MONEY, currency=currency),
        Column("budget", _("Budget"), value=lambda row: row.amount("budget")),
        Column("spent", _("Spent in all"), value=lambda row: row.amount("spent")),
        Column("left", _("Left"), value=lambda row: row.amount("left")),
        Column("word", _("State"), Kind.STATE, value=lambda row: row.word()),
    )


FLOW_ROWS = (
    (_("Opening"), "opening"),
    (_("Received"), "received"),
    (_("Income"), "income"),
    (_("Spent"), "spent"),
    (_("Lent"), "lent"),
    (pgettext_lazy("money of a fund", "Repaid"), "repaid"),
    (_("Transfers"), "transfers"),
    (_("Other"), "other"),
    (_("Closing"), "closing"),
)
BOUND_ROWS = (
    (_("Loans it holds"), "loans"),
    (_("Grants not yet earned"), "not_yet_earned"),
    (_("Grants earned"), "released"),
    (_("Written off"), "written_off"),
    (_("Free money"), "free"),
)


def _of_fund(item: FundReport, row: tuple[Any, str]) -> int:
    amount: int = getattr(item, row[1])
    return amount


class FundReportPage(BookPeriodPage):
    """Every fund of a book side by side: opening, what came and went, closing."""

    def header(self) -> Header:
        """What, whose, when."""
        since, on = self.days
        page = reverse("ledger:cash_flow", args=[self.record.pk])
        return Header(
            _("Fund report"),
            subtitle=self.subtitle(),
            actions=(
                Action(_("What moved the money"), href=f"{page}?from={since}&to={on}&beside=FUNDS"),
                Action(
                    _("What funds owe each other"), "ledger:between_funds", args=(self.record.pk,)
                ),
            ),
            crumbs=self.crumbs(),
        )

    @cached_property
    def reports(self) -> list[FundReport]:
        """One report a fund."""
        since, on = self.days
        by = By.HAPPENED if self.request.GET.get("by") == By.HAPPENED else By.POSTED
        return [fund_report(self.record, fund, since, on, by) for fund in funds_of(self.record, on)]

    def tables(self) -> Sequence[Table]:
        """Money, then what is bound, then budget lines: a column a fund, as a statement."""
        currency = self.record.base_currency
        if not self.reports:
            return []
        columns = (
            Column("what", _("What"), value=lambda row: row[0]),
            *(
                Column(
                    f"f{place}",
                    item.fund.name,
                    Kind.MONEY,
                    value=partial(_of_fund, item),
                    currency=currency,
                )
                for place, item in enumerate(self.reports)
            ),
        )
        tables = [
            Table(_("Money of each fund"), columns, FLOW_ROWS),
            Table(_("What is bound"), columns, BOUND_ROWS),
        ]
        lines = [
            SpentLine(item.fund.name, line, units, state_of(item.fund.pk, line))
            for item in self.reports
            for line, units in item.budget
        ]
        if lines:
            tables.append(Table(_("Spent by budget line"), _spent_columns(currency), lines))
        return tables

    def context(self) -> dict[str, Any]:
        """How the figures are counted."""
        return {**super().context(), "hint": CASH_HINT}


class SustainabilityPage(BookPeriodPage):
    """OSS and FSS with every figure they are made of."""

    def header(self) -> Header:
        """What, whose, when, and stating an input."""
        return Header(
            _("Does lending pay for itself?"),
            subtitle=self.subtitle(),
            primary=Action(
                _("State a figure"), "ledger:input_new", "ledger.state_input",
                args=(self.record.pk,),
            ),
            crumbs=self.crumbs(),
        )  # fmt: skip

    @cached_property
    def found(self) -> Sustainability:
        """Both ratios."""
        return sustainability(self.record, *self.days)

    def tiles(self) -> Sequence[Tile]:
        """Both ratios, or why one is not computed."""
        found = self.found
        oss = percent_text(found.oss)
        missing = ", ".join(str(INPUT_LABELS[InputKind(name)]) for name in found.inputs.missing)
        return (
            Tile(
                _("Operating self-sufficiency (OSS)"),
                format_percent(oss),
                how=_(
                    "Operating revenue \u00f7 (financial + impairment + operating expense);"
                    " grants are no revenue."
                ),
            ),
            Tile(
                _("Financial self-sufficiency (FSS)"),
                _("not computed")
                if found.adjustments is None
                else format_percent(percent_text(found.fss)),
                of=_("not stated: %(what)s") % {"what": missing} if missing else "",
                how=_(
                    "The same revenue \u00f7 (those expenses + inflation + subsidised funds + what"
                    " was given in kind)."
                ),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """Figures of the books, adjustments, and what was stated."""
        currency = self.record.base_currency
        figures = self.found.figures
        rows: list[tuple[Any, int]] = [
            (_("Operating revenue"), figures.revenue),
            (_("Financial expense"), figures.financial),
            (_("Impairment expense"), figures.impairment),
            (_("Operating expense"), figures.operating),
        ]
        if self.found.adjustments is not None:
            inflation, subsidised, in_kind = self.found.adjustments.whole()
            rows += [
                (_("Inflation on own funds"), inflation),
                (_("Subsidised funds"), subsidised),
                (_("Given in kind"), in_kind),
            ]
        columns = (
            Column("what", _("What"), value=lambda row: row[0]),
            Column("units", _("Amount"), Kind.MONEY, value=lambda row: row[1], currency=currency),
        )
        stated = (
            Column("kind", _("What")),
            Column("starts", _("From"), Kind.DATE),
            Column("ends", _("Until"), Kind.DATE),
            Column("value", _("Value"), value=self._value),
            Column("source", _("Source")),
        )
        empty = EmptyState(_("Nothing is stated"), _("State each figure with its source."))
        return (
            Table(_("What the ratios are made of"), columns, rows),
            Table(_("Stated from outside the books"), stated, self.found.stated, empty),
        )

    def _value(self, row: StatedInput) -> str:
        if row.kind == InputKind.IN_KIND:
            return format_money(row.value, self.record.base_currency)
        return format_share(row.value, PPM)


class InputForm(HouseForm):
    """A figure from outside, with its source."""

    kind = forms.ChoiceField(label=_("What"), choices=list(INPUT_LABELS.items()))
    starts = DayField(label=_("From"))
    ends = DayField(label=_("Until"))
    value = forms.DecimalField(
        label=_("Value"),
        max_digits=18,
        decimal_places=4,
        localize=True,
        help_text=_("A rate in per cent for the whole period, or an amount in main units."),
    )
    source = forms.CharField(label=_("Source"), max_length=200)


class StateInput(FormPage):
    """State a figure of the outside world."""

    form_class = InputForm
    permission = "ledger.state_input"
    subject_model = Book
    title = _("State a figure")
    verb = _("State it")
    subject: Book

    def initial(self) -> dict[str, Any]:
        """The book's year."""
        on = timezone.localdate()
        return {"starts": year_start(self.subject, on), "ends": on}

    def perform(self, values: dict[str, Any]) -> StatedInput:
        """State it."""
        kind = InputKind(values.pop("kind"))
        told = values.pop("value")
        digits = currency_digits(self.subject.base_currency)
        scale = 10**digits if kind is InputKind.IN_KIND else PPM // 100
        return services.state_input(
            acting_staff=self.staff,
            book=self.subject,
            kind=kind,
            value=int(told * scale),
            id=self.new_id,
            **values,
        )

    def success_url(self, result: StatedInput) -> str:
        """The page of the ratios."""
        page = reverse("ledger:sustainability", args=[result.book_id])
        return f"{page}?from={result.starts}&to={result.ends}"

    def done_message(self, result: StatedInput) -> str:
        """What was done."""
        return str(_("The figure is stated."))


class FundPage(RecordPage):
    """One fund: what binds it, and its report in each book."""

    model = Fund
    permission = "ledger.view_fund"
    record: Fund
    staff: StaffUser

    def header(self) -> Header:
        """Name and kind."""
        return Header(
            self.record.name,
            subtitle=self.record.get_kind_display(),
            actions=(
                Action(
                    _("How the donor is told"),
                    "ledger:donor_rule",
                    "ledger.open_fund",
                    args=(self.record.pk,),
                ),
            ),
            crumbs=(Crumb(_("Funds"), reverse("ledger:fund_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What binds it."""
        fund = self.record
        return (
            FactGroup(
                _("Fund"),
                (
                    Fact(_("Code"), fund.code),
                    Fact(_("Currency"), fund.currency or _("any")),
                    Fact(_("From"), fund.starts),
                    Fact(_("Until"), fund.ends),
                    Fact(_("Agreement"), fund.agreement_key),
                    Fact(_("Currency of the donor"), fund.report_currency),
                    Fact(_("Converted by"), fund.get_convert_by_display()),
                    Fact(_("Allowed accounts"), ", ".join(fund.account_codes) or _("all")),
                    Fact(_("Allowed budget lines"), ", ".join(fund.budget_lines) or _("all")),
                ),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """What it has in each book the reader may see."""
        on = timezone.localdate()
        books = Book.objects.visible_to(self.staff).filter(pk__in=self.record_books())
        rows = [(book, fund_report(book, self.record, year_start(book, on), on)) for book in books]

        columns = (
            Column(
                "book",
                _("Book"),
                Kind.LINK,
                value=lambda row: row[0].name,
                href=lambda row: reverse("ledger:fund_report", args=[row[0].pk]),
            ),
            *(
                Column(name, label, Kind.FIGURE, value=_of_report(name))
                for name, label in (
                    ("received", _("Received")),
                    ("spent", _("Spent")),
                    ("lent", _("Lent")),
                    ("closing", _("Money now")),
                    ("free", _("Free money")),
                )
            ),
            Column(
                "donor",
                _("To the donor"),
                Kind.LINK,
                value=lambda row: _("report"),
                href=lambda row: _donor_address(*row),
            ),
        )  # fmt: skip
        empty = EmptyState(_("Nothing is posted to this fund yet"))
        return (Table(_("This year, by book"), columns, rows, empty),)

    def record_books(self) -> Any:
        """The books with lines of this fund."""
        return Balance.objects.filter(fund=self.record).values("book")


def _donor_address(book: Book, report: FundReport) -> str:
    return reverse("ledger:donor_report", args=[book.pk]) + f"?fund={report.fund.pk}"


def _of_report(name: str) -> Callable[[tuple[Book, FundReport]], str]:
    """One amount of a report, in its book's currency."""

    def shown(row: tuple[Book, FundReport]) -> str:
        return format_money(getattr(row[1], name), row[0].base_currency)

    return shown
