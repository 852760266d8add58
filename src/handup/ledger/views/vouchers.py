"""The voucher of an entry on paper."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from handup.ledger.labels import kind_label
from handup.ledger.models import Entry, Remark
from handup.ledger.views.journal import line_columns
from handup.ledger.vouchers import lines_of, voucher_number, voucher_pdf
from handup.org.permissions import require
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, PaperPage, Table


class VoucherPage(PaperPage):
    """The voucher on a page that prints, or as PDF on A5."""

    model = Entry
    permission = "ledger.view_entry"
    related = ("book", "posted_by", "approved_by")
    record: Entry

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or the sheet."""
        if request.GET.get("format") != "pdf":
            return super().get(request, *args, **kwargs)
        self.staff = request.user
        require(self.staff, self.permission)
        entry = self.rows().filter(pk=kwargs["pk"]).first()
        if entry is None:
            raise Http404
        answer = HttpResponse(voucher_pdf(entry), content_type="application/pdf")
        name = slugify(voucher_number(entry))
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
        return answer

    def header(self) -> Header:
        """The number, and the sheet."""
        entry = self.record
        page = reverse("ledger:voucher", args=[entry.pk])
        return Header(
            _("Voucher %(number)s") % {"number": voucher_number(entry)},
            subtitle=entry.book.name,
            primary=Action(_("As PDF"), href=f"{page}?format=pdf", icon="download"),
            crumbs=(
                Crumb(_("Journal"), reverse("ledger:entry_list")),
                Crumb(str(entry.seq), reverse("ledger:entry_detail", args=[entry.pk])),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What, when, for what, by whom."""
        entry = self.record
        remark = Remark.objects.filter(entry=entry).values_list("text", flat=True).first()
        return (
            FactGroup(
                _("Entry"),
                (
                    Fact(_("What"), kind_label(entry.kind)),
                    Fact(_("Posted on"), entry.entry_date),
                    Fact(_("Happened on"), entry.happened_date),
                    Fact(_("What it is for"), remark),
                    Fact(_("Posted by"), entry.posted_by),
                    Fact(_("Approved by"), entry.approved_by),
                ),
            ),
        )

    def tables(self) -> Sequence[Table]:
        """The lines."""
        lines = lines_of(self.record)
        return (Table(_("Lines"), line_columns(self.record.book, lines)[:-1], lines),)

    def context(self) -> dict[str, Any]:
        """The code it can be found by."""
        return {"code": self.record.hash[:16]}
