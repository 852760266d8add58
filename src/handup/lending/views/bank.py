"""The bank tray: files that came, each with its rows and faults; a new one is checked before
it is posted.
"""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import services
from handup.lending.bank_shown import persons_of, without_hidden
from handup.lending.forms import BankFileForm
from handup.lending.models import BankFile, BankLine, Lender
from handup.lending.models.labels import LINE_STATES
from handup.lending.rules.codes import LineState
from handup.lending.services.bank import CheckedFile
from handup.lending.uploads import partner_file
from handup.org import reads
from handup.org.permissions import may
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Column, DateRange, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile
from handup.org.web.pages import State as Shown

BRING = Action(_("Bring a bank file"), "lending:bank_file_new", "lending.import_bank_file")
TONES = {
    LineState.READY.value: Tone.GOOD,
    LineState.POSTED.value: Tone.GOOD,
    LineState.ALREADY_POSTED.value: Tone.PLAIN,
    LineState.FAULT.value: Tone.BAD,
}
MOST_SHOWN = 500


class BankFileList(ListPage):
    """Files that came from lenders."""

    model = BankFile
    permission = "lending.view_bank_file"
    title = _("Bank files")
    related = ("lender", "imported_by")
    columns = (
        Column("file_name", _("File"), Kind.LINK, url_name="lending:bank_file_detail"),
        Column("lender.name", _("Lender")),
        Column("imported_date", _("Brought on"), Kind.DATE, sort="imported_date"),
        Column("rows_total", _("Rows"), Kind.NUMBER),
        Column("rows_posted", _("Posted"), Kind.NUMBER),
        Column("rows_faulty", _("Not posted"), Kind.NUMBER, sort="rows_faulty"),
        Column("posted_units", _("Amount posted"), Kind.MONEY, currency="lender.currency"),
    )
    filters = (Search(("file_name",)), DateRange("brought", _("Brought on"), "imported_date"))
    order = "-pk"
    as_seen = staticmethod(without_hidden)
    primary = BRING
    empty = EmptyState(
        _("No bank files yet"), _("What a bank paid out and received comes as a file."), BRING
    )


class BankFilePage(RecordPage):
    """One file: what was posted, what was not and why."""

    model = BankFile
    permission = "lending.view_bank_file"
    related = ("lender", "imported_by")

    def header(self) -> Header:
        """File and lender."""
        without_hidden(self.staff, [self.record])
        return Header(
            self.record.file_name,
            self.record.lender.name,
            crumbs=(Crumb(_("Bank files"), reverse("lending:bank_file_list")),),
        )

    def tiles(self) -> Sequence[Tile]:
        """Rows and money."""
        row = self.record
        return [
            Tile(_("Rows"), str(row.rows_total)),
            Tile(
                _("Posted"),
                str(row.rows_posted),
                of=format_money(row.posted_units, row.lender.currency),
                tone=Tone.GOOD,
            ),
            Tile(
                _("Not posted"),
                str(row.rows_faulty),
                tone=Tone.BAD if row.rows_faulty else Tone.PLAIN,
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Who brought it."""
        return [
            FactGroup(
                _("File"),
                [
                    Fact(_("Brought by"), self.record.imported_by),
                    Fact(_("Brought on"), self.record.imported_date),
                    Fact(_("Fingerprint"), self.record.sha256),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Faults first, then the rows that went well."""
        rows = BankLine.objects.visible_to(self.staff).filter(file=self.record)
        lines = rows.select_related("loan").order_by("row")
        columns = _columns(self.record.lender.currency)
        wrong = list(lines.filter(state=LineState.FAULT)[:MOST_SHOWN])
        good = list(lines.exclude(state=LineState.FAULT)[:MOST_SHOWN])
        reads.note(self.request, persons_of([*wrong, *good]), action="LIST")
        found = [Table(_("Rows that were posted"), columns, good)]
        if wrong:
            found.insert(0, Table(_("Rows that were not posted"), columns, wrong))
        return found


def _columns(currency: str) -> tuple[Column, ...]:
    return (
        Column("row", _("Row"), Kind.NUMBER),
        Column(
            "loan",
            _("Loan"),
            value=lambda line: line.loan.code if line.loan else "",
            href=lambda line: (
                reverse("lending:loan_detail", args=[line.loan.pk]) if line.loan else ""
            ),
        ),
        Column("value_date", _("On"), Kind.DATE),
        Column("units", _("Amount"), Kind.MONEY, currency=currency),
        Column("reference", _("Reference")),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("fault_message", _("Fault")),
    )


class BringBankFile(FormPage):
    """Upload a file; check it, or post it."""

    form_class = BankFileForm
    permission = "lending.import_bank_file"
    title = _("Bring a bank file")
    intro = _("The same file again changes nothing. A wrong row is listed, not posted.")
    verb = _("Go on")
    checked: CheckedFile | None = None

    def form_options(self) -> dict[str, Any]:
        """Lenders whose files the reader may bring."""
        lenders = [
            lender.pk
            for lender in Lender.objects.select_related("organisation")
            if may(self.staff, self.permission, BankFile(lender=lender))
        ]
        return {"lenders": Lender.objects.filter(pk__in=lenders)}

    def perform(self, values: dict[str, Any]) -> Any:
        """Check, or post."""
        file = values["file"]
        service = services.import_bank_file if values["act"] == "post" else services.check_bank_file
        return service(
            acting_staff=self.staff,
            lender=values["lender"],
            file_name=file.name,
            content=partner_file(file),
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """After a check, show every row instead of leaving the page."""
        answer = super().post(request, *args, **kwargs)
        if self.checked is None:
            return answer
        return self._show_checked(self.checked)

    def success_url(self, result: Any) -> str:
        """The file's page; a check has none."""
        if isinstance(result, CheckedFile):
            self.checked = result
            return reverse("lending:bank_file_new")
        return reverse("lending:bank_file_detail", args=[result.pk])

    def done_message(self, result: Any) -> str:
        """Said when it is stored."""
        if isinstance(result, BankFile):
            return _now("%(posted)s rows are posted, %(faults)s are not.") % {
                "posted": result.rows_posted,
                "faults": result.rows_faulty,
            }
        return ""

    def _show_checked(self, checked: CheckedFile) -> HttpResponseBase:
        currency = checked.lender.currency
        shown = checked.lines[:MOST_SHOWN]
        reads.note(self.request, persons_of(shown), action="LIST")
        labels = dict(LINE_STATES)
        columns = (
            Column("row", _("Row"), Kind.NUMBER, value=lambda item: item.line.row),
            Column("loan", _("Loan"), value=lambda item: item.line.loan_code),
            Column("date", _("On"), Kind.DATE, value=lambda item: item.line.value_date),
            Column(
                "units",
                _("Amount"),
                Kind.MONEY,
                value=lambda item: item.line.units,
                currency=currency,
            ),
            Column(
                "state",
                _("State"),
                Kind.STATE,
                value=lambda item: Shown(labels[item.state.value], TONES[item.state.value]),
            ),
            Column(
                "fault", _("Fault"), value=lambda item: item.fault.message if item.fault else ""
            ),
        )
        note = (
            _now("This file was imported before; posting it again changes nothing.")
            if checked.stored
            else _now("Nothing is written yet. Choose the file again to post it.")
        )
        context = {
            "page": self,
            "title": _("What would happen"),
            "header": Header(_("What would happen"), checked.file_name),
            "notes": [(Tone.INFO, note)],
            "tiles": [
                Tile(
                    _("Would be posted"),
                    str(checked.count(LineState.READY)),
                    of=format_money(checked.ready_units, currency),
                ),
                Tile(_("Faults"), str(checked.count(LineState.FAULT))),
                Tile(_("Posted before"), str(checked.count(LineState.ALREADY_POSTED))),
            ],
            "tables": [Table(_("Rows"), columns, shown)],
            "primary": BRING,
        }
        return render(self.request, "kinds/record.html", context)
