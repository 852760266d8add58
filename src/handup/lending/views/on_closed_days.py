"""The work list of loans with an instalment on a day that was closed after they were signed."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Loan
from handup.lending.nameless import named_only
from handup.lending.services.on_closed_days import moves_to, with_closed_days
from handup.lending.views.search import by_borrower
from handup.org.web.lists import Column, EmptyState, Kind, ListPage, Search


def propose_href(loan: UUID, day: date, to: date | None) -> str:
    """The form that moves one instalment alone, with its day and the one it can move to."""
    told = {"from_date": day, "shift_to": to}
    days = {name: day.isoformat() for name, day in told.items() if day is not None}
    asked = urlencode({**days, "alone": 1})
    return f"{reverse('lending:propose_reschedule', args=[loan])}?{asked}"


class OnClosedDays(ListPage):
    """Loans with an instalment on a closed day, each with the way to propose to move it."""

    model = Loan
    permission = "lending.propose_change"
    title = _("Instalments on closed days")
    intro = _(
        "These days were closed after the loans were signed. What was signed stays until somebody"
        " proposes to move it and another person agrees."
    )
    related = ("person", "enterprise", "group", "lender", "officer")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="lending:loan_detail"),
        Column("borrower", _("Borrower"), value=lambda loan: str(loan.borrower)),
        Column("closed_date", _("Due on a closed day"), Kind.DATE, sort="closed_date"),
        Column("moves_to", _("Can move to"), Kind.DATE),
        Column("officer.display_name", _("Officer")),
        Column(
            "propose",
            _("Next step"),
            Kind.LINK,
            value=lambda _loan: _("Propose to move it"),
            href=lambda loan: propose_href(loan.pk, loan.closed_date, loan.moves_to),
        ),
    )
    filters = (
        Search(
            using=by_borrower("code", "external_reference"),
            label=_("Number or name, in any letters"),
        ),
    )
    order = "closed_date"
    empty = EmptyState(
        _("No instalment is due on a closed day"), _("Or each of them is proposed to move already.")
    )
    person_path = "person_id"
    highest = "P"

    def rows(self) -> QuerySet[Any]:
        """Those of the loans the reader may see by name."""
        reader: Any = self.request.user
        return with_closed_days(named_only(super().rows(), reader), timezone.localdate())

    @staticmethod
    def as_seen(staff: Any, records: Sequence[Any]) -> None:
        """With the day each can move to, worked out for the rows that are shown."""
        found = moves_to(records, {loan.pk: loan.closed_date for loan in records})
        for loan in records:
            loan.moves_to = found[loan.pk]
