"""Partner banks' lists of their loans beside ours: the lists, one list, and a new one."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending.bank_shown import list_lines_seen, persons_of, without_hidden
from handup.lending.models import BankList, BankListLine, Lender
from handup.lending.old_book_forms import DATE_FORMS, DELIMITERS, SIGNS
from handup.lending.rules.bank_list import COUNTS, ListState
from handup.lending.services.bank_lists import compare_bank_list
from handup.lending.uploads import bank_list
from handup.org import reads
from handup.org.permissions import may
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.forms import DayField, FormPage, HouseForm, Question
from handup.org.web.lists import Action, DateRange, EmptyState, ListPage, Search
from handup.org.web.money import format_money, format_number
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile

BRING = Action(_("Compare a bank's list"), "lending:bank_list_new", "lending.compare_bank_list")
TONES = {
    ListState.EQUAL.value: Tone.GOOD,
    ListState.DIFFERENT.value: Tone.BAD,
    ListState.UNKNOWN.value: Tone.WARN,
    ListState.MISSING.value: Tone.WARN,
    ListState.FAULT.value: Tone.BAD,
}
FIGURE_LABELS = {
    "principal": _("outstanding principal"),
    "overdue": _("amount overdue"),
    "days_late": _("days late"),
}
COLUMN_LABELS = {
    "loan": _("Heading of the loan's number"),
    "principal": _("Heading of the outstanding principal"),
    "overdue": _("Heading of the amount overdue"),
    "days_late": _("Heading of the days late"),
}
MOST_SHOWN = 500


class BankListForm(HouseForm):
    """A bank's list, and how the bank writes it."""

    lender = forms.ModelChoiceField(label=_("From which lender"), queryset=Lender.objects.none())
    as_of = DayField(label=_("It says how the loans stood at the end of"))
    file = forms.FileField(
        label=_("File"), help_text=_("A CSV file or a workbook (XLSX)."), max_length=200
    )
    delimiter = forms.ChoiceField(label=_("Columns are parted by"), choices=DELIMITERS)
    decimal_sign = forms.ChoiceField(label=_("Amounts are written as"), choices=SIGNS)
    date_form = forms.ChoiceField(label=_("Days are written as"), choices=DATE_FORMS)
    questions = (
        Question(_("Which list?"), ("lender", "as_of", "file")),
        Question(
            _("How is a CSV file written?"),
            ("delimiter", "decimal_sign", "date_form"),
            folded=True,
        ),
        Question(
            _("What are its columns called?"),
            tuple(f"heading_{name}" for name in COLUMN_LABELS),
            folded=True,
        ),
    )

    def __init__(self, *args: Any, lenders: QuerySet[Lender], **options: Any) -> None:
        """Offer the lenders whose lists the reader may bring."""
        super().__init__(*args, **options)
        lender = self.fields["lender"]
        assert isinstance(lender, forms.ModelChoiceField)
        lender.queryset = lenders

    @classmethod
    def _add_headings(cls) -> None:
        for name, label in COLUMN_LABELS.items():
            cls.base_fields[f"heading_{name}"] = forms.CharField(
                label=label,
                max_length=120,
                required=False,
                help_text=_("Left empty: as in the last list of this lender, else the usual ones."),
            )


BankListForm._add_headings()


class BankListList(ListPage):
    """Lists that were compared."""

    model = BankList
    permission = "lending.view_bank_list"
    title = _("Banks' lists of loans")
    related = ("lender",)
    columns = (
        Column("file_name", _("File"), Kind.LINK, url_name="lending:bank_list_detail"),
        Column("lender.name", _("Lender"), sort="lender__name"),
        Column("as_of_date", _("As of"), Kind.DATE, sort="as_of_date"),
        Column("rows_equal", _("The same"), Kind.NUMBER),
        Column("rows_different", _("Differ"), Kind.NUMBER, sort="rows_different"),
        Column("rows_unknown", _("Not known here"), Kind.NUMBER),
        Column("rows_missing", _("Not in the list"), Kind.NUMBER),
        Column("rows_faulty", _("Cannot be read"), Kind.NUMBER),
    )
    filters = (Search(("file_name",)), DateRange("as_of", _("As of"), "as_of_date"))
    order = "-pk"
    as_seen = staticmethod(without_hidden)
    primary = BRING
    empty = EmptyState(
        _("No lists yet"),
        _("A bank's list of its loans is compared with ours; nothing is changed by it."),
        BRING,
    )


class BankListPage(RecordPage):
    """One list: what differs first, then the rest."""

    model = BankList
    permission = "lending.view_bank_list"
    related = ("lender", "brought_by")

    def header(self) -> Header:
        """File and lender."""
        without_hidden(self.staff, [self.record])
        return Header(
            self.record.file_name,
            self.record.lender.name,
            primary=BRING,
            crumbs=(Crumb(_("Banks' lists of loans"), reverse("lending:bank_list_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """That nothing was changed."""
        return [(Tone.INFO, _("Compared only: no loan was changed by this list."))]

    def tiles(self) -> Sequence[Tile]:
        """How many of each."""
        row = self.record
        return [
            Tile(_("The same"), format_number(row.rows_equal), tone=Tone.GOOD),
            Tile(
                _("Differ"),
                format_number(row.rows_different),
                tone=Tone.BAD if row.rows_different else Tone.PLAIN,
            ),
            Tile(_("Not known here"), format_number(row.rows_unknown)),
            Tile(_("Not in the list"), format_number(row.rows_missing)),
            Tile(_("Cannot be read"), format_number(row.rows_faulty)),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Of which day, who brought it."""
        row = self.record
        return [
            FactGroup(
                _("List"),
                [
                    Fact(_("As of"), row.as_of_date),
                    Fact(_("Brought by"), row.brought_by),
                    Fact(_("Brought on"), row.brought_date),
                    Fact(_("Fingerprint"), row.sha256),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """What differs, what is known on one side only, what cannot be read, what is the same."""
        titles = (
            (ListState.DIFFERENT, _("Loans that differ")),
            (ListState.UNKNOWN, _("Rows whose loan is not known here")),
            (ListState.MISSING, _("Loans here that are not in the list")),
            (ListState.FAULT, _("Rows that cannot be read")),
            (ListState.EQUAL, _("Loans that are the same")),
        )
        lines = list_lines_seen(self.staff, self.record)
        found, seen = [], []
        for state, title in titles:
            shown = list(lines.filter(state=state)[:MOST_SHOWN])
            seen += shown
            if shown:
                named = self._named(title, getattr(self.record, COUNTS[state]))
                found.append(Table(named, _columns(state, self.record.lender.currency), shown))
        reads.note(self.request, persons_of(seen), action="LIST")
        return found

    @staticmethod
    def _named(title: Any, count: int) -> Any:
        """The title of a table, with how many of its rows stand here when not all do."""
        if count <= MOST_SHOWN:
            return title
        told = {"why": title, "count": format_number(count), "shown": format_number(MOST_SHOWN)}
        return _now("%(why)s: %(count)s, the first %(shown)s here") % told


def _columns(state: ListState, currency: str) -> list[Column]:
    """The columns of one table: what differs in words, else the figures of the side there is."""
    if state is ListState.FAULT:
        return [Column("row", _("Row"), Kind.NUMBER), Column("fault", _("Fault"))]
    loan = Column(
        "loan",
        _("Loan"),
        value=lambda line: line.loan.code if line.loan else "",
        href=lambda line: reverse("lending:loan_detail", args=[line.loan.pk]) if line.loan else "",
    )
    row, key = Column("row", _("Row"), Kind.NUMBER), Column("key", _("Number there"))
    if state is ListState.DIFFERENT:
        return [row, key, loan, Column("differing", _("What differs"), value=_words)]
    if state is ListState.UNKNOWN:
        return [row, key, *_figures("theirs", currency)]
    found = [loan, *_figures("ours", currency)]
    return found if state is ListState.MISSING else [row, key, *found]


def _figures(side: str, currency: str) -> list[Column]:
    def of(name: str) -> Callable[[BankListLine], Any]:
        return lambda line: getattr(line, side).get(name)

    return [
        Column("principal", _("Principal"), Kind.MONEY, value=of("principal"), currency=currency),
        Column("overdue", _("Overdue"), Kind.MONEY, value=of("overdue"), currency=currency),
        Column("days_late", _("Days late"), Kind.NUMBER, value=of("days_late")),
    ]


def _words(line: BankListLine) -> str:
    """Each figure that differs, as it is there and here."""
    currency = line.bank_list.lender.currency

    def shown(name: str, units: int) -> str:
        return format_number(units) if name == "days_late" else format_money(units, currency)

    return "; ".join(
        _now("%(figure)s: %(there)s there, %(here)s here")
        % {
            "figure": FIGURE_LABELS[name],
            "there": shown(name, line.theirs[name]),
            "here": shown(name, line.ours.get(name, 0)),
        }
        for name in line.differing
    )


class BringBankList(FormPage):
    """Compare a new list."""

    form_class = BankListForm
    permission = "lending.compare_bank_list"
    title = _("Compare a bank's list")
    intro = _("Each loan there beside the same loan here on that day; nothing is changed.")
    verb = _("Compare it")

    def form_options(self) -> dict[str, Any]:
        """Lenders whose lists the reader may bring."""
        lenders = [
            lender.pk
            for lender in Lender.objects.select_related("organisation")
            if may(self.staff, self.permission, BankList(lender=lender))
        ]
        return {"lenders": Lender.objects.filter(pk__in=lenders)}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"as_of": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Compare."""
        headings = {
            name: values[f"heading_{name}"]
            for name in COLUMN_LABELS
            if values.get(f"heading_{name}")
        }
        form = {name: values[name] for name in ("delimiter", "decimal_sign", "date_form")}
        return compare_bank_list(
            acting_staff=self.staff,
            lender=values["lender"],
            as_of=values["as_of"],
            file_name=values["file"].name or "",
            content=bank_list(values["file"]),
            columns=headings or None,
            form=form,
            id=self.new_id,
        )

    def success_url(self, result: Any) -> str:
        """The list's page."""
        return reverse("lending:bank_list_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        without_hidden(self.staff, [result])
        return _now("%(equal)s loans are the same, %(differ)s differ.") % {
            "equal": result.rows_equal,
            "differ": result.rows_different,
        }
