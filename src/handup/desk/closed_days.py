"""The work on closed days, on the desk: instalments that fall on one, to propose to move."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.desk.write_offs import MOST
from handup.lending.models import Loan
from handup.lending.nameless import named_only
from handup.lending.services.on_closed_days import first_on_closed_days, moves_to
from handup.lending.views.on_closed_days import propose_href
from handup.org.models import StaffUser
from handup.org.web.lists import Action
from handup.org.web.money import format_day
from handup.org.web.pages import Task


def to_move(staff: StaffUser, today: date) -> list[Task]:
    """Loans with an instalment on a day that was closed after they were signed, the next first."""
    seen = named_only(Loan.objects.visible_to(staff), staff)
    days = first_on_closed_days(seen, today, MOST)
    loans = seen.filter(pk__in=days).select_related("person", "enterprise", "group")
    rows = sorted(loans, key=lambda loan: (days[loan.pk], loan.code))
    to = moves_to(rows, days)
    return [
        Task(
            f"{row.code} \u00b7 {row.borrower}",
            _("Due on %(day)s, a closed day") % {"day": format_day(days[row.pk])},
            reverse("lending:loan_detail", args=[row.pk]),
            Action(
                _("Propose to move it"),
                permission="lending.propose_change",
                href=propose_href(row.pk, days[row.pk], to[row.pk]),
            ),
            due=days[row.pk],
            person=row.person_id,
        )
        for row in rows
    ]
