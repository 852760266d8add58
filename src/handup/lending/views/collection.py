"""The collection sheet: one officer, one day, every loan with something due or late."""

from datetime import date
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.lending import queries, services
from handup.lending.forms import SheetForm
from handup.lending.models import Loan
from handup.lending.rules.codes import Method
from handup.lending.services import RepaymentIn
from handup.org import reads
from handup.org.web.forms import FormPage

MOST_LINES = 200


class CollectionSheet(FormPage):
    """The sheet of a day: what should come in, and what did."""

    form_class = SheetForm
    permission = "lending.record_repayment"
    title = _("Collection sheet")
    verb = _("Record what was collected")
    template = "lending/collection_sheet.html"

    _lines: list[queries.SheetLine] | None = None

    @property
    def on(self) -> date:
        """The day of the sheet, today unless asked."""
        try:
            return date.fromisoformat(self.request.GET.get("day", ""))
        except ValueError:
            return timezone.localdate()

    @property
    def officer(self) -> UUID | None:
        """The officer whose loans it holds; everyone's when not chosen."""
        try:
            return UUID(self.request.GET.get("officer", ""))
        except ValueError:
            return None

    @property
    def lines(self) -> list[queries.SheetLine]:
        """Loans the reader may see with something due by that day."""
        if self._lines is None:
            loans = Loan.objects.visible_to(self.staff)
            self._lines = queries.due_on(self.on, self.officer, loans)[:MOST_LINES]
            persons = [line.loan.person_id for line in self._lines if line.loan.person_id]
            reads.note(self.request, persons=persons, action="LIST", highest="P")
        return self._lines

    def form_options(self) -> dict[str, Any]:
        """The lines."""
        return {"lines": self.lines}

    def context(self) -> dict[str, Any]:
        """Day and officers to choose from."""
        rows = Loan.objects.visible_to(self.staff).order_by("officer__display_name")
        return {
            "day": self.on,
            "officers": rows.values_list("officer", "officer__display_name").distinct(),
            "officer": self.officer,
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Record every line with money, all or nothing; the sheet sent twice counts once."""
        items = [
            RepaymentIn(
                loan=line.loan.pk,
                value_date=self.on,
                units=values[name],
                method=Method.CASH,
                id=UUID(int=self.new_id.int ^ (line.loan.pk.int & SEAT)),
            )
            for line in self.lines
            if values.get(name := f"paid_{line.loan.pk.hex}")
        ]
        return services.record_repayments(items, acting_staff=self.staff)

    def success_url(self, result: Any) -> str:
        """The sheet again, with what is left."""
        return f"{reverse('lending:collection_sheet')}?day={self.on.isoformat()}"

    def done_message(self, result: Any) -> str:
        """How much was recorded."""
        return ngettext(
            "%(n)s repayment is recorded.", "%(n)s repayments are recorded.", len(result)
        ) % {"n": len(result)}


SEAT = (1 << 62) - 1
"""The random part of an id: one sheet's id and a loan's make the id of that loan's repayment."""
