"""Books read as one: which they are, and their statements together."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.consolidated import Whole, report_of
from handup.ledger.conversion import Rates
from handup.ledger.errors import RateMissing, RateTooOld
from handup.ledger.groups_beside import GroupsBeside, groups_beside
from handup.ledger.labels import REPORT_LABELS
from handup.ledger.models import Book, Consolidation
from handup.ledger.pairs import PairLine
from handup.ledger.reports import Asked, Beside, Kind, Report
from handup.ledger.rules.conversion import ConvertBy
from handup.ledger.rules.words import BookKind
from handup.ledger.views.statements import (
    CONVERTED_BY_RULE,
    RULE_LABELS,
    Choice,
    StatementPage,
)
from handup.org.models import StaffUser
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Action, Column, EmptyState, ListPage, Search
from handup.org.web.lists import Kind as CellKind
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    RecordPage,
    Table,
)
from handup.org.web.refusals import message_of

CURRENCY = r"^[A-Z]{3}$"


def books_for(row: Consolidation, staff: StaffUser) -> tuple[Book, ...]:
    """The books of a consolidation in their order; one she may not see hides the whole.

    Raises Http404.
    """
    ids = list(row.members.values_list("book", flat=True))
    found = {book.pk: book for book in Book.objects.visible_to(staff).filter(pk__in=ids)}
    if len(found) != len(ids):
        raise Http404
    return tuple(found[pk] for pk in ids)


class ConsolidationList(ListPage):
    """Which books are read as one."""

    model = Consolidation
    permission = "ledger.view_account"
    title = _("Books together")
    intro = _("Statements of several books as one, what stands between them taken off.")
    columns = (
        Column("name", _("Name"), CellKind.LINK, url_name="ledger:consolidation_detail"),
        Column("code", _("Code"), sort="code"),
        Column("currency", _("Currency")),
        Column("with_groups", _("Groups beside it"), CellKind.TICK),
        Column("active", _("In use"), CellKind.TICK),
    )
    filters = (Search(("code", "name"), label=_("Name or code")),)
    order = "code"
    primary = Action(
        _("Read books together"), "ledger:consolidation_new", "ledger.open_consolidation"
    )
    empty = EmptyState(
        _("No books are read together yet"),
        _("Choose a programme's book with those of its lenders and funds."),
        primary,
    )


class ConsolidationPage(RecordPage):
    """One consolidation: its books and its statements."""

    model = Consolidation
    permission = "ledger.view_account"
    record: Consolidation
    staff: StaffUser

    def header(self) -> Header:
        """Name and ways on."""
        row = self.record
        return Header(
            row.name,
            subtitle=row.code,
            primary=Action(_("Balance sheet"), href=reverse("ledger:whole_balance", args=[row.pk])),
            actions=(
                Action(
                    _("Change it"),
                    "ledger:consolidation_change",
                    "ledger.open_consolidation",
                    args=(row.pk,),
                ),
            ),
            crumbs=(Crumb(_("Books together"), reverse("ledger:consolidation_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Its statements, how it is made."""
        row = self.record
        links = [
            Fact(label, _("of all its books"), reverse(WHOLE_PAGES[kind], args=[row.pk]))
            for kind, label in ((kind, REPORT_LABELS[kind]) for kind in Kind)
        ]
        return (
            FactGroup(_("Statements"), links),
            FactGroup(
                _("How it is made"),
                (
                    Fact(_("Currency"), row.currency),
                    Fact(
                        _("Groups' books"),
                        _("beside it") if row.with_groups else _("not shown"),
                        hint=_("Members' own money is never part of a programme's balance sheet."),
                    ),
                ),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """Its books."""
        columns = (
            Column("name", _("Book"), CellKind.LINK, url_name="ledger:book_detail"),
            Column("code", _("Code")),
            Column("kind", _("Kind")),
            Column("base_currency", _("Currency")),
        )
        return (Table(_("Books inside"), columns, books_for(self.record, self.staff)),)


class ConsolidationForm(HouseForm):
    """Which books, in which currency."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=160)
    currency = forms.RegexField(CURRENCY, label=_("Currency"))
    books = forms.MultipleChoiceField(label=_("Books"), widget=forms.CheckboxSelectMultiple)
    with_groups = forms.BooleanField(
        label=_("Show the groups' own books beside it"), required=False
    )

    def __init__(self, *args: Any, books: Sequence[Book], **options: Any) -> None:
        """Offer the books she may see, groups' own left out."""
        super().__init__(*args, **options)
        field = self.fields["books"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [
            (str(book.pk), f"{book.name}, {book.base_currency}")
            for book in books
            if book.kind != BookKind.GROUP
        ]


class OpenConsolidation(FormPage):
    """Say which books are read together."""

    form_class = ConsolidationForm
    permission = "ledger.open_consolidation"
    title = _("Read books together")
    verb = _("Keep it")

    @cached_property
    def books(self) -> dict[str, Book]:
        """The books she may see."""
        rows = Book.objects.visible_to(self.staff).exclude(kind=BookKind.GROUP)
        return {str(book.pk): book for book in rows.order_by("code")}

    def form_options(self) -> dict[str, Any]:
        """The books."""
        return {"books": list(self.books.values())}

    def initial(self) -> dict[str, Any]:
        """Groups are shown beside it."""
        return {"with_groups": True}

    def chosen(self, values: dict[str, Any]) -> list[Book]:
        """The books ticked."""
        return [self.books[pk] for pk in values.pop("books")]

    def perform(self, values: dict[str, Any]) -> Consolidation:
        """Keep it; where all books are of one programme, it is the programme's."""
        books = self.chosen(values)
        programmes = {book.programme_id for book in books}
        return services.open_consolidation(
            acting_staff=self.staff,
            books=books,
            programme_id=programmes.pop() if len(programmes) == 1 else None,
            id=self.new_id,
            **values,
        )

    def success_url(self, result: Consolidation) -> str:
        """Its page."""
        return reverse("ledger:consolidation_detail", args=[result.pk])

    def done_message(self, result: Consolidation) -> str:
        """What was done."""
        return str(_("These books are read together."))


class ChangeConsolidation(OpenConsolidation):
    """Change which books are read together."""

    subject_model = Consolidation
    title = _("Change what is read together")
    subject: Consolidation

    def initial(self) -> dict[str, Any]:
        """As it is."""
        row = self.subject
        return {
            "code": row.code,
            "name": row.name,
            "currency": row.currency,
            "books": [str(pk) for pk in row.members.values_list("book", flat=True)],
            "with_groups": row.with_groups,
        }

    def form_options(self) -> dict[str, Any]:
        """The books; only who sees all that are inside may change it."""
        books_for(self.subject, self.staff)
        return super().form_options()

    def perform(self, values: dict[str, Any]) -> Consolidation:
        """Change it; the code stays."""
        values.pop("code")
        return services.change_consolidation(
            acting_staff=self.staff,
            consolidation=self.subject,
            books=self.chosen(values),
            **values,
        )


# --- statements -----------------------------------------------------------------------------------

UNMATCHED = (
    Column(
        "seq",
        _("Entry"),
        CellKind.LINK,
        value=lambda row: format_number(row[1].seq),
        href=lambda row: reverse("ledger:entry_detail", args=[row[1].entry]),
    ),
    Column("book", _("Book"), value=lambda row: row[0].name),
    Column("on", _("Posted on"), CellKind.DATE, value=lambda row: row[1].on),
    Column("units", _("Amount"), value=lambda row: format_money(row[1].units, row[1].currency)),
    Column("why", _("Why"), value=lambda row: _why(row[1])),
)


def _why(line: PairLine) -> Any:
    if line.pair is None:
        return _("no other side is named")
    return _("the other side is not in these books on that day")


OF_SEVERAL = (Beside.BOOKS, Beside.NOTHING, Beside.BEFORE, Beside.YEAR, Beside.MONTHS)


class WholeStatement(StatementPage):
    """A statement of several books as one."""

    model = Consolidation
    offers: ClassVar[tuple[Beside, ...]] = (
        Beside.BOOKS,
        Beside.NOTHING,
        Beside.BEFORE,
        Beside.YEAR,
        Beside.MONTHS,
    )
    record: Consolidation

    @cached_property
    def books(self) -> tuple[Book, ...]:
        """Its books; hidden from who may not see all of them."""
        return books_for(self.record, self.staff)

    def first_book(self) -> Book:
        """The book whose year is followed."""
        return self.books[0]

    def make(self, asked: Asked) -> Report:
        """The statement. Raises RateMissing, RateTooOld: nothing of it could be shown."""
        rule = self.rule() if self.kind in CONVERTED_BY_RULE else ConvertBy.CLOSING
        whole = Whole(self.record.name, self.record.currency, self.books, rule)
        return report_of(self.kind, whole, asked)

    def rule(self) -> ConvertBy:
        """How it is converted."""
        told = self.request.GET.get("rule", "")
        return ConvertBy(told) if told in dict(RULE_LABELS) else ConvertBy.CLOSING

    def address(self, kind: Kind) -> str:
        """The page of another statement of the same books."""
        return reverse(WHOLE_PAGES[kind], args=[self.record.pk])

    def back(self) -> Crumb:
        """The consolidation."""
        page = reverse("ledger:consolidation_detail", args=[self.record.pk])
        return Crumb(self.record.name, page)

    def more_choices(self) -> list[Choice]:
        """How other currencies are converted."""
        others = {book.base_currency for book in self.books} - {self.record.currency}
        if not others or self.kind not in CONVERTED_BY_RULE:
            return []
        rules = [(rule.value, label) for rule, label in RULE_LABELS]
        return [("rule", _("Converted by"), rules, self.rule().value)]

    def more_tables(self) -> list[Table]:
        """What does not cancel; the groups beside it."""
        tables = []
        books = {book.pk: book for book in self.books}
        if self.report.unmatched:
            rows = [(books[line.book], line) for line in self.report.unmatched]
            tables.append(Table(_("Between books, not cancelled"), UNMATCHED, rows))
        if self.kind is Kind.BALANCE and self.record.with_groups:
            tables += self._groups()
        return tables

    def _groups(self) -> list[Table]:
        programmes = [book.programme_id for book in self.books if book.programme_id]
        rates = Rates(self.record.currency, ConvertBy.CLOSING)
        columns = (
            Column("what", _("What"), value=lambda row: row[0]),
            Column(
                "units",
                _("Amount"),
                CellKind.MONEY,
                value=lambda row: row[1],
                currency=self.record.currency,
            ),
        )
        title = _("Groups' own books, beside it")
        try:
            found = groups_beside(programmes, self.report.asked.on, rates)
        except (RateMissing, RateTooOld) as refusal:
            empty = EmptyState(message_of(refusal))
            return [Table(title, columns, (), empty)]
        if found is None:
            return []
        caption = _("%(title)s (%(count)s)") % {"title": title, "count": found.books}
        return [Table(caption, columns, _group_rows(found))]


def _group_rows(found: GroupsBeside) -> list[tuple[Any, int]]:
    return [
        (_("Money"), found.money),
        (_("Loans to members"), found.loans),
        (_("Other assets"), found.other_assets),
        (_("All assets"), found.assets),
        (_("Debts"), found.debts),
        (_("Own funds of the members"), found.own_funds),
    ]


class WholeIncome(WholeStatement):
    """Income less expenses of all books."""

    kind = Kind.INCOME


class WholeBalance(WholeStatement):
    """What all books have and owe."""

    kind = Kind.BALANCE


class WholeCash(WholeStatement):
    """What moved the money of all books."""

    kind = Kind.CASH


class WholeTrial(WholeStatement):
    """Every account of all books."""

    kind = Kind.TRIAL
    offers = (Beside.NOTHING,)


WHOLE_PAGES = {
    Kind.TRIAL: "ledger:whole_trial",
    Kind.INCOME: "ledger:whole_income",
    Kind.BALANCE: "ledger:whole_balance",
    Kind.CASH: "ledger:whole_cash",
}
