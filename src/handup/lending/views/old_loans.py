"""One loan of an old portfolio, its schedule there beside the one made here; and the lists written
from what is held here.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.lending.models import OldBook, OldLoan
from handup.lending.rules.old_book import OldBookState
from handup.lending.services.old_book_facts import facts_of, made_or_none
from handup.lending.services.old_book_lists import lists_of
from handup.lending.views.old_books import PROOF_TONES, first_words
from handup.org import limits, reads
from handup.org.permissions import require
from handup.org.web import factor
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.org.web.pages import State as Shown


class OldLoanPage(RecordPage):
    """One loan of an old portfolio: its listed schedule beside the one made here."""

    model = OldLoan
    permission = "lending.view_old_book"
    related = ("book__lender", "person", "group", "loan")
    person_path = "person"

    def header(self) -> Header:
        """Its number there."""
        row: OldLoan = self.record
        way = Action(
            _("Decide how it comes in"), "lending:old_loan_way", "lending.take_over_book", (row.pk,)
        )
        state = Shown(row.get_proof_display(), PROOF_TONES[row.proof]) if row.proof else None
        return Header(
            row.key,
            subtitle=str(row.person or row.group or ""),
            state=state,
            primary=way if row.book.state == OldBookState.OPEN and row.proof else None,
            crumbs=(
                Crumb(_("Old portfolios"), reverse("lending:old_book_list")),
                Crumb(row.book.name, reverse("lending:old_book_detail", args=[row.book_id])),
            ),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """The first row that differs."""
        text = first_words(self.record)
        return [(Tone.WARN, text)] if text else []

    def facts(self) -> Sequence[FactGroup]:
        """What its line says."""
        row: OldLoan = self.record
        currency = row.book.currency
        facts = [
            Fact(_("Lent"), format_money(row.units, currency)),
            Fact(_("Paid out on"), row.disbursed_date),
            Fact(_("Status there"), row.status),
            Fact(_("Comes in"), row.get_way_display()),
            Fact(
                _("Loan"),
                row.loan.code if row.loan else None,
                href=reverse("lending:loan_detail", args=[row.loan_id]) if row.loan_id else "",
            ),
        ]
        return [FactGroup(_("Loan"), facts)]

    def tables(self) -> Sequence[Table]:
        """Both schedules row by row; the payments."""
        row: OldLoan = self.record
        currency = row.book.currency
        ours = made_or_none(row.book, row)
        made = {} if ours is None else {due.number: due for due in ours.rows}
        listed = {item.number: item for item in facts_of(row).rows}
        lines = [
            (number, made.get(number), listed.get(number)) for number in sorted({*made, *listed})
        ]
        payments = Table(_("Payments as listed there"), _payment_columns(currency), row.payments)
        return [Table(_("Instalments here and there"), _row_columns(currency), lines), payments]


def _row_columns(currency: str) -> tuple[Column, ...]:
    def ours(place: int) -> Any:
        return lambda line: None if line[1] is None else line[1].due[place]

    def theirs(name: str) -> Any:
        return lambda line: None if line[2] is None else getattr(line[2], name)

    def day(place: int) -> Any:
        return lambda line: None if line[place] is None else line[place].due_date

    return (
        Column("number", _("No."), Kind.NUMBER, value=lambda line: line[0]),
        Column("due", _("Due here"), Kind.DATE, value=day(1)),
        Column("due_there", _("Due there"), Kind.DATE, value=day(2)),
        Column("principal", _("Principal here"), Kind.MONEY, value=ours(3), currency=currency),
        Column(
            "there", _("Principal there"), Kind.MONEY, value=theirs("principal"), currency=currency
        ),
        Column("interest", _("Interest here"), Kind.MONEY, value=ours(2), currency=currency),
        Column(
            "told", _("Interest there"), Kind.MONEY, value=theirs("interest"), currency=currency
        ),
        Column(
            "same",
            _("State"),
            Kind.STATE,
            value=lambda line: (
                Shown(_("equal"), Tone.GOOD) if _same(*line[1:]) else Shown(_("differs"), Tone.BAD)
            ),
        ),
    )


def _same(ours: Any, theirs: Any) -> bool:
    if ours is None or theirs is None:
        return False
    mine = (ours.due_date, ours.due[3], ours.due[2], ours.due[1])
    return bool(mine == (theirs.due_date, theirs.principal, theirs.interest, theirs.fee))


def _payment_columns(currency: str) -> tuple[Column, ...]:
    return (
        Column("reference", _("Number there"), value=lambda item: item[0]),
        Column("day", _("Paid on"), Kind.DATE, value=lambda item: date.fromisoformat(item[1])),
        Column("units", _("Amount"), Kind.MONEY, value=lambda item: item[2], currency=currency),
    )


class DownloadLists(View):
    """The lists of a portfolio written from what is held here."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """One zip of three CSV files."""
        staff: Any = request.user
        require(staff, "lending.view_old_book")
        book = OldBook.objects.visible_to(staff).select_related("lender").filter(pk=kwargs["pk"])
        found = book.first()
        if found is None:
            raise Http404
        if factor.is_stale(request):
            return factor.ask(request)
        limits.require_export_left(staff)
        rows = OldLoan.objects.visible_to(staff).filter(book=found)
        persons = rows.order_by().exclude(person=None).values_list("person_id", flat=True)
        reads.note(request, persons=list(persons), action="EXPORT", purpose="old portfolio")
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in lists_of(found, rows).items():
                archive.writestr(name, text)
        answer = HttpResponse(stream.getvalue(), content_type="application/zip")
        answer["Content-Disposition"] = f'attachment; filename="{found.code}.zip"'
        return answer
