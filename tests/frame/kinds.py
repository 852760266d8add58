"""One page of each kind with invented content, to be looked at and read by axe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.models import ExchangeRate, Office
from handup.org.web import navigation
from handup.org.web.charts import Bar, Chart, Series
from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm, MoneyField, Question
from handup.org.web.lists import (
    Action,
    Choice,
    DateRange,
    EmptyState,
    ListPage,
    Search,
    Tick,
    Total,
)
from handup.org.web.money import format_money
from handup.org.web.navigation import Entry, Section
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    FiguresPage,
    Header,
    Moment,
    PaperPage,
    QueuePage,
    RecordPage,
    Table,
    Task,
    TaskGroup,
    Tile,
)

DAY = date(2026, 5, 4)
navigation.register(
    Entry(Section.TODAY, "Today", "kinds:today"),
    Entry(Section.PEOPLE, "People", "kinds:queue"),
    Entry(Section.TRAINING, "Cohorts", "kinds:sheet"),
    Entry(Section.LENDING, "Loans", "kinds:list", order=10),
    Entry(Section.LENDING, "Record a repayment", "kinds:form", order=20),
    Entry(Section.RESULTS, "Results", "kinds:figures"),
)


class Today(View):
    """The work list of a loan officer."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Three groups, ordered by harm of delay."""
        record = Action("Record repayment", "kinds:form")
        late = [
            Task("Anahit Sargsyan", "Loan 2026-0147 · 12 days late", "/kinds/list/", record,
                 Tone.BAD, DAY - timedelta(days=12), State("Late", Tone.BAD)),
            Task("Gayane Petrosyan", "Loan 2026-0163 · 2 days late", "/kinds/list/", record,
                 Tone.WARN, DAY - timedelta(days=2), State("Late", Tone.WARN)),
        ]  # fmt: skip
        due = [
            Task("Lilit Hakobyan", "Loan 2026-0171 · instalment 4 of 24", "/kinds/list/", record,
                 Tone.PLAIN, DAY),
            Task("Davit Grigoryan", "Loan 2026-0180 · instalment 1 of 12", "/kinds/list/", record,
                 Tone.PLAIN, DAY),
        ]  # fmt: skip
        decide = [
            Task("Nune Avagyan", "Application for AMD 600,000 · dairy",
                 action=Action("Appraise", "kinds:queue"), tone=Tone.INFO,
                 state=State("New", Tone.INFO)),
        ]  # fmt: skip
        groups = [
            TaskGroup(
                "4 instalments due, 2 late", [*late, *due], Action("All loans", "kinds:list")
            ),
            TaskGroup("1 application waits for appraisal", decide),
        ]
        header = Header("Today", "Monday, 4 May 2026")
        return render(request, "kinds/today.html", {"groups": groups, "header": header})


class Rates(ListPage):
    """A list of loans (drawn over exchange rates, which every test database has)."""

    model = ExchangeRate
    title = "Loans"
    intro = "Every loan of your branch, the youngest first."
    columns = (
        Column("source", "Borrower", Kind.LINK, sort="source", url_name="kinds:record"),
        Column("amount", "Lent", Kind.MONEY, sort="numerator", value=lambda r: r.numerator,
               currency="AMD"),
        Column("rate_date", "Paid out", Kind.DATE, sort="rate_date"),
        Column("instalment", "Instalments", Kind.NUMBER, value=lambda _row: 24),
        Column("kind", "State", Kind.STATE, sort="kind",
               value=lambda r: State("Late", Tone.WARN) if r.kind == "MONTH"
               else State("On time", Tone.GOOD)),
        Column("from_currency", "Currency", shown=False),
    )  # fmt: skip
    filters = (
        Search(("source",), label="Borrower or number"),
        Choice("kind", "State", (("SPOT", "on time"), ("MONTH", "late"))),
        DateRange("paid", "Paid out", "rate_date"),
        Tick("large", "only above AMD 500,000", Q(numerator__gt=50_000_000)),
    )
    order = "-rate_date"
    page_size = 20
    totals = (Total("Lent", "numerator", Kind.MONEY, "AMD"),)
    primary = Action("Apply for a loan", "kinds:form", icon="plus")
    empty = EmptyState("No loans yet", "A loan begins with an application.", primary)


class Loan(RecordPage):
    """A loan: tiles, time line, facts, instalments."""

    model = ExchangeRate

    def header(self) -> Header:
        """Borrower, state, what to do next."""
        return Header(
            self.record.source,
            "Loan 2026-0147 · Anahit Sargsyan, cheese dairy, Vayk",
            State("12 days late", Tone.WARN),
            Action("Record repayment", "kinds:form"),
            (
                Action("Print the schedule", "kinds:paper", args=(self.record.pk,), icon="printer"),
                Action("Record a talk", "kinds:form"),
                Action("Agree on other days", "kinds:form"),
                Action("Add a guarantor", "kinds:form"),
                Action("Propose to write it off", "kinds:form"),
            ),
            (Crumb("Lending", "/kinds/today/"), Crumb("Loans", "/kinds/list/")),
        )

    def notes(self) -> Sequence[tuple[Tone, str]]:
        """What stands out."""
        return [(Tone.WARN, "The instalment of 22 April is not paid. Call before you visit.")]

    def tiles(self) -> Sequence[Tile]:
        """Where the loan stands."""
        return [
            Tile("Paid back", "AMD 350,000", "of 600,000", "Principal only, as of today.",
                 share_ppm=583_333, href="#instalments"),
            Tile("Overdue", "AMD 27,400", "1 instalment", tone=Tone.WARN),
            Tile("Left to pay", "AMD 262,800", "10 instalments"),
        ]  # fmt: skip

    def timeline(self) -> Sequence[Moment]:
        """From application to the last instalment."""
        return [
            Moment(
                date(2025, 3, 3), "Application", "AMD 600,000 for a pasteuriser", "#", Tone.GOOD
            ),
            Moment(date(2025, 3, 19), "Approved by the committee", "Three of three", "", Tone.GOOD),
            Moment(date(2025, 4, 22), "Paid out", "Through the partner bank", "#", Tone.GOOD),
            Moment(date(2026, 4, 22), "Instalment 12 missed", "AMD 27,400", "", Tone.WARN),
            Moment(date(2027, 4, 22), "Last instalment", ahead=True),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Terms and borrower."""
        return [
            FactGroup("Terms", [
                Fact("Amount", format_money(60_000_000, "AMD")), Fact("Term", "24 months"),
                Fact("Interest", "8 % a year, declining balance"),
                Fact("First due", date(2025, 5, 22)), Fact("Guarantor", None),
            ]),
            FactGroup("Borrower", [
                Fact("Name", "Anahit Sargsyan", "#"), Fact("Training", "Done 14 Feb 2025", "#"),
                Fact("Plan", "Cheese dairy, approved", "#"),
            ]),
        ]  # fmt: skip

    def tables(self) -> Sequence[Table]:
        """The schedule."""
        columns = (
            Column("number", "No.", Kind.NUMBER),
            Column("due", "Due", Kind.DATE),
            Column("principal", "Principal", Kind.MONEY, currency="AMD"),
            Column("interest", "Interest", Kind.MONEY, currency="AMD"),
            Column("state", "State", Kind.STATE),
        )
        return [Table("Instalments", columns, [Line(n) for n in range(10, 15)])]


class Line:
    """An instalment."""

    def __init__(self, number: int) -> None:
        """Make instalment `number`."""
        self.number = number
        self.due = date(2025 + (4 + number) // 12, (4 + number) % 12 + 1, 22)
        self.principal = 2_500_000
        self.interest = 240_000 - number * 8_333
        done = State("Paid", Tone.GOOD) if number < 12 else State("To come")
        self.state = State("Late", Tone.WARN) if number == 12 else done


class TooMuch(Refusal):
    """The amount is more than what is left to pay: {left}."""


class RepaymentForm(HouseForm):
    """What was paid, when, by whom."""

    value_date = DayField(label="Day it was paid", help_text="As on the receipt.")
    amount_units = MoneyField(label="Amount", currency="AMD")
    channel = forms.ChoiceField(
        label="How it was paid",
        choices=(
            ("BANK", "At the bank"),
            ("CASH", "In cash at the office"),
            ("MOBILE", "By phone"),
        ),
        widget=forms.RadioSelect,
    )
    office = forms.ChoiceField(label="Office", choices=(("1", "Yeghegnadzor"), ("2", "Vayk")))
    remark = forms.CharField(label="Remark", required=False, widget=forms.Textarea)
    printed = forms.BooleanField(label="Print a receipt", required=False)
    questions = (
        Question("What was paid?", ("value_date", "amount_units", "channel")),
        Question("Where was it taken?", ("office", "remark", "printed")),
    )


class Repayment(FormPage):
    """A repayment, read back before it is recorded."""

    form_class = RepaymentForm
    permission = "org.view_rates"
    title = "Record a repayment"
    intro = "Loan 2026-0147 · Anahit Sargsyan"
    verb = "Record repayment"
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Refuse what is too much; store nothing."""
        if values["amount_units"] > 26_280_000:
            raise TooMuch(field="amount_units", left="AMD 262,800")
        return values

    def success_url(self, result: Any) -> str:
        """Back to the loans."""
        return reverse("kinds:list")

    def done_message(self, result: Any) -> str:
        """What happened."""
        return "The repayment is recorded."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Anyone may try it here."""
        return View.dispatch(self, request, *args, **kwargs)


def sheet(request: HttpRequest) -> HttpResponse:
    """A collection sheet."""
    names = ("Anahit Sargsyan", "Gayane Petrosyan", "Lilit Hakobyan", "Davit Grigoryan")

    class page:
        verb = "Record attendance"

    context = {"page": page, "title": "Attendance, session 6", "names": names, "new_id": new_id()}
    return render(request, "frame/sheet.html", context)


class Decision(HouseForm):
    """What is decided, and why."""

    decision = forms.ChoiceField(
        label="Are they the same person?",
        choices=(("SAME", "The same person"), ("OTHER", "Two persons")),
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label="Reason", widget=forms.Textarea)


class Queue(QueuePage):
    """Possible duplicates, one pair at a time."""

    title = "Possible duplicates"
    empty = EmptyState("No pair waits", "New registrations are compared every time one is saved.")

    def cases(self) -> Any:
        """One case for each office."""
        return Office.objects.order_by("code")

    def header(self, case: Any) -> Header:
        """The pair."""
        return Header(
            "Anahit Sargsyan?", "Registered twice within two days", State("92 % alike", Tone.INFO)
        )

    def panels(self, case: Any) -> Sequence[FactGroup]:
        """The two records side by side."""
        facts = [Fact("Name", "Anahit Sargsyan"), Fact("Born", date(1984, 3, 9)),
                 Fact("Settlement", "Vayk"), Fact("Phone", "••• 214")]  # fmt: skip
        other = [Fact("Name", "Anahit Sarkissian"), Fact("Born", date(1984, 3, 9)),
                 Fact("Settlement", "Vayk"), Fact("Phone", None)]  # fmt: skip
        return [FactGroup("Registered 4 May", facts), FactGroup("Registered 2 May", other)]

    def form(self, case: Any) -> HouseForm:
        """The decision."""
        return Decision()

    def decide_url(self, case: Any) -> str:
        """Nowhere in this show."""
        return "/kinds/queue/"


class Figures(FiguresPage):
    """Concrete benefits of a programme."""

    title = "Concrete benefits"
    intro = "Women's enterprise programme, as of 4 May 2026"

    def tiles(self) -> Sequence[Tile]:
        """Results with their denominators."""
        how = "Persons with an active enrolment who met the completion rule, once each."
        return [
            Tile("Completed training", "2,848", "of 3,200", how, "#", share_ppm=890_000),
            Tile("Families with loans", "1,964", "of 2,300 planned", how, "#", share_ppm=853_913),
            Tile("Loans repaid on time", "89.4 %", "by number", how, "#", change="+1.2 points"),
            Tile("Income rose", "71 %", "", "Baseline and follow-up pairs.", "#",
                 interval="65–76 %", n=312),
        ]  # fmt: skip

    def charts(self) -> Sequence[Chart]:
        """The funnel and loans by month."""
        steps = (("Told of it", 5120, 3480), ("Registered", 3904, 2790), ("Enrolled", 3200, 2410),
                 ("Completed training", 2848, 2190), ("Plan approved", 2311, 1830),
                 ("First loan", 1964, 1561))  # fmt: skip
        months = [f"{m:02}/25" for m in range(1, 13)]
        return [
            Chart("Nine in ten who enrol complete the training", "Persons", "Enrolments",
                  bars=[Bar(label, n, href="#", part=w, part_text=f"{w:,} women")
                        for label, n, w in steps], part_label="of them women"),
            Chart("Lending grew through the summer", "Loans paid out a month", "Ledger",
                  points=months, series=[
                      Series("Women", [12, 18, 25, 31, 44, 52, 66, 71, 64, 58, 49, 40]),
                      Series("Men", [5, 9, 11, 12, 15, 21, 24, 28, 27, 22, 20, 17])]),
        ]  # fmt: skip


class Paper(PaperPage):
    """The schedule on paper."""

    model = ExchangeRate
    template = "kinds/paper.html"

    def header(self) -> Header:
        """Its title."""
        return Header("Repayment schedule", "Loan 2026-0147 · Anahit Sargsyan")

    def facts(self) -> Sequence[FactGroup]:
        """The terms."""
        return Loan.facts(self)  # type: ignore[arg-type]  # the same record, printed

    def tables(self) -> Sequence[Table]:
        """The instalments."""
        return Loan.tables(self)  # type: ignore[arg-type]  # the same record, printed

    def context(self) -> dict[str, Any]:
        """With a code to check it by."""
        return {"code": "HND-7K3Q-94"}
