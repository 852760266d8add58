"""A collection sheet taken along as a file, filled in without a network and loaded again: faults
by cell, what changed meanwhile, then the sheet as usual, to be counted and closed.
"""

from collections.abc import Sequence
from copy import copy
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views import View

from handup.kernel.ids import new_id
from handup.lending.collecting import Line, Sheet, lines_named
from handup.lending.collection_file import LIMITS, Loaded, changes_of, file_columns, load_sheet
from handup.lending.models import Collection, Loan
from handup.lending.nameless import named_only
from handup.lending.services.sheet_lines import COLLECT
from handup.lending.views.collection import Asked, CollectionSheet
from handup.org.permissions import require
from handup.org.services.files import FileTooLarge
from handup.org.web.export import as_csv, as_workbook
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.money import as_decimal


class SheetFile(Asked, View):
    """A page of the sheet as a workbook or CSV, each row with the id the collection will have."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Send it."""
        self.staff = request.user
        require(self.staff, COLLECT)
        lines = self.sheet.page(self.page_number)
        self.note(lines, "EXPORT")
        made = min(timezone.localdate(), self.on)
        columns = file_columns(new_id(), self.on, made, self.sheet.currency, self.which)
        write = as_csv if request.GET.get("kind") == "csv" else as_workbook
        return write(columns, lines, f"collection {self.on.isoformat()}")


class LoadForm(HouseForm):
    """A sheet that comes back."""

    file = forms.FileField(
        label=_("The sheet that was filled in"),
        help_text=_("The workbook or CSV that was taken along, with what was paid in it."),
    )

    def clean_file(self) -> Any:
        """Refuse by its size before it is in memory."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > LIMITS.bytes_most:
            raise forms.ValidationError(str(FileTooLarge(megabytes=LIMITS.bytes_most // 1_000_000)))
        return file


class LoadedSheet(CollectionSheet):
    """The sheet with what the file says in its cells; nothing is recorded yet."""

    loaded: Loaded

    @cached_property
    def lines(self) -> Sequence[Line]:
        """Those of the file, with what is to be collected by now."""
        ids = [row.loan.pk for row in self.loaded.rows]
        found = lines_named(self.on, self.loans.filter(pk__in=ids))
        self.note(found, "LIST")
        return found

    strays: Sequence[UUID] = ()

    @cached_property
    def sheet(self) -> Sheet:
        """What the file names, no more."""
        currency = self.currency
        return Sheet(self.on, currency, (currency,), self.lines, ())

    @property
    def currency(self) -> str:
        """That of the file's loans."""
        return self.loaded.rows[0].loan.currency

    def initial(self) -> dict[str, Any]:
        """What was paid and who was absent."""
        found = {**super().initial(), "data_date": self.loaded.made}
        for row in self.loaded.rows:
            if row.units:
                amount = as_decimal(row.units, row.loan.currency)
                found[f"paid_{row.loan.pk.hex}"] = f"{amount:f}"
            found[f"absent_{row.loan.pk.hex}"] = row.absent
        return found

    def context(self) -> dict[str, Any]:
        """Where it is closed, what changed meanwhile, whether it was closed before."""
        made = Collection.objects.visible_to(self.staff).filter(pk=self.loaded.id).first()
        return {
            **super().context(),
            "post_to": f"{reverse('lending:collection_sheet')}?{self.query()}",
            "changes": changes_of(self.loaded, self.lines),
            "closed": "" if made is None else made.get_absolute_url(),
        }

    @classmethod
    def shown(cls, request: HttpRequest, loaded: Loaded) -> HttpResponse:
        """The page of a sheet that came back; its id is that of the file."""
        page = cls()
        asked: Any = copy(request)
        asked.method = "GET"
        told = {"day": loaded.on.isoformat(), "made": loaded.made.isoformat()}
        told |= {name: str(pk) for name, pk in loaded.of._asdict().items() if pk}
        asked.GET = QueryDict(urlencode(told))
        page.setup(asked)
        page.loaded, page.new_id = loaded, loaded.id
        form = page.form_class(initial=page.initial(), **page.form_options())
        return page._show(form)


class LoadSheet(FormPage):
    """Load a sheet; what it says is shown before anything is recorded."""

    form_class = LoadForm
    permission = COLLECT
    title = _("Load a sheet that was filled in")
    intro = _("Nothing is recorded before the money is counted and the sheet is closed.")
    verb = _("Show the sheet")

    def perform(self, values: dict[str, Any]) -> Any:
        """Read it."""
        return load_sheet(
            values["file"].read(), named_only(Loan.objects.visible_to(self.staff), self.staff)
        )

    def answer(self, result: Any) -> HttpResponseBase:
        """The sheet as it is, to be counted."""
        return LoadedSheet.shown(self.request, result)
