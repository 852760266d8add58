"""The auditor's export of a book, asked for and sent as one file."""

import tempfile
from typing import IO, Any, cast
from uuid import UUID

from django import forms
from django.http import FileResponse, HttpResponseBase
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from handup.ledger import services
from handup.ledger.fund_report import funds_of
from handup.ledger.models import Book
from handup.ledger.services import Extent
from handup.ledger.statements import year_start
from handup.org.web.forms import DayField, FormPage, HouseForm


class ExportForm(HouseForm):
    """Which days, which fund, and the seed of the random sample."""

    since = DayField(label=_("From"))
    on = DayField(label=_("Until"))
    fund = forms.ChoiceField(label=_("Fund"), required=False)
    seed = forms.IntegerField(
        label=_("Seed of the random sample"),
        min_value=0,
        max_value=10**9,
        help_text=_("The same number draws the same sample again."),
    )

    def __init__(self, *args: Any, book: Book, **options: Any) -> None:
        """Offer the book's funds."""
        super().__init__(*args, **options)
        field = self.fields["fund"]
        assert isinstance(field, forms.ChoiceField)
        funds = funds_of(book, timezone.localdate())
        field.choices = [("", _("all")), *((str(fund.pk), fund.name) for fund in funds)]


class ExportForAudit(FormPage):
    """Make the auditor's export of a book."""

    form_class = ExportForm
    permission = "ledger.export_audit"
    subject_model = Book
    title = _("Auditor's export")
    intro = _("The whole journal as files with their digests; persons appear by id only.")
    verb = _("Make the export")
    subject: Book

    def form_options(self) -> dict[str, Any]:
        """The book."""
        return {"book": self.subject}

    def initial(self) -> dict[str, Any]:
        """This year, and a first seed."""
        on = timezone.localdate()
        return {"since": year_start(self.subject, on), "on": on, "seed": 1}

    def perform(self, values: dict[str, Any]) -> IO[bytes]:
        """Write it."""
        fund = values.pop("fund")
        file = cast("IO[bytes]", tempfile.TemporaryFile())  # noqa: SIM115 (the answer closes it)
        services.export_for_audit(
            acting_staff=self.staff,
            book=self.subject,
            extent=Extent(fund=UUID(fund) if fund else None, **values),
            into=file,
        )
        file.seek(0)
        return file

    def answer(self, result: IO[bytes]) -> HttpResponseBase:
        """Send it."""
        name = f"{slugify(self.subject.code)}-audit.zip"
        return FileResponse(result, as_attachment=True, filename=name)
