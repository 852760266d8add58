"""The work list of loans with an instalment on a day that was closed after they were signed."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, DateField, QuerySet, Value, When
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending.models import Loan
from handup.lending.nameless import named_only
from handup.lending.services.on_closed_days import OnClosedDay, on_closed_days
from handup.lending.views.search import by_borrower
from handup.org.web.lists import Column, EmptyState, Kind, ListPage, Search


def propose_to_move(loan: Any) -> str:
    """The form that moves it, and with it those that follow, with both days filled in."""
    told = {"from_date": loan.closed_date, "shift_to": loan.moves_to}
    days = {name: day.isoformat() for name, day in told.items() if day is not None}
    return f"{reverse('lending:propose_reschedule', args=[loan.pk])}?{urlencode(days)}"


def with_days(loans: QuerySet[Loan], on: date) -> QuerySet[Any]:
    """Those of some loans with an instalment on a closed day, with that day (`closed_date`) and the
    one it can move to (`moves_to`).
    """
    of_day: dict[OnClosedDay, list[Any]] = {}
    for pk, item in on_closed_days(loans, on).items():
        of_day.setdefault(item, []).append(pk)

    def told(name: str) -> Case:
        """That day of each of these loans."""
        known = [
            When(pk__in=pks, then=Value(getattr(item, name), DateField()))
            for item, pks in of_day.items()
        ]
        return Case(*known, default=None, output_field=DateField())

    found = loans.filter(pk__in=[pk for pks in of_day.values() for pk in pks])
    return found.annotate(closed_date=told("due_date"), moves_to=told("moves_to"))


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
        Column("moves_to", _("Can move to"), Kind.DATE, sort="moves_to"),
        Column("officer.display_name", _("Officer")),
        Column(
            "propose",
            _("Next step"),
            Kind.LINK,
            value=lambda _loan: _("Propose to move it and those after it"),
            href=propose_to_move,
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
        return with_days(named_only(super().rows(), reader), timezone.localdate())
