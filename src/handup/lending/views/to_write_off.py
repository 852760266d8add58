"""The work list of loans that are late for so long that they are put forward to be written off."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Loan
from handup.lending.nameless import named_only
from handup.lending.services.losses import to_write_off
from handup.lending.views.links import days_late
from handup.lending.views.search import by_borrower
from handup.org.web.lists import Column, EmptyState, Kind, ListPage, Search, Total


def _propose(loan: Loan) -> str:
    return reverse("lending:propose_write_off", args=[loan.pk])


class ToWriteOff(ListPage):
    """Loans late for long that nobody proposed to write off, each with the way to propose it."""

    model = Loan
    permission = "lending.propose_write_off"
    title = _("Loans to write off")
    intro = _("Late for so long that somebody proposes to write them off; another person decides.")
    related = ("person", "enterprise", "group", "lender", "officer")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="lending:loan_detail"),
        Column("borrower", _("Borrower"), value=lambda loan: str(loan.borrower)),
        Column("next_due_date", _("Oldest unpaid due date"), Kind.DATE, sort="next_due_date"),
        Column("days_late", _("Days late"), Kind.NUMBER, value=days_late),
        Column("principal_units", _("Outstanding"), Kind.MONEY, sort="principal_units"),
        Column("officer.display_name", _("Officer")),
        Column(
            "propose",
            _("Next step"),
            Kind.LINK,
            value=lambda _loan: _("Propose write-off"),
            href=_propose,
        ),
    )
    filters = (
        Search(
            using=by_borrower("code", "external_reference"),
            label=_("Number or name, in any letters"),
        ),
    )
    order = "next_due_date"
    totals = (Total(_("Outstanding"), "principal_units", Kind.MONEY, "currency"),)
    empty = EmptyState(
        _("No loan is late for that long"), _("Or each of them is proposed already.")
    )
    person_path = "person_id"
    highest = "P"

    def rows(self) -> QuerySet[Any]:
        """Those of the loans the reader may see by name."""
        reader: Any = self.request.user
        return to_write_off(named_only(super().rows(), reader), timezone.localdate())
