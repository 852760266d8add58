"""The work on closed days, on the desk: instalments that fall on one, to propose to move."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.desk.write_offs import MOST
from handup.lending.models import Loan
from handup.lending.nameless import named_only
from handup.lending.views.on_closed_days import propose_to_move, with_days
from handup.org.models import StaffUser
from handup.org.web.lists import Action
from handup.org.web.money import format_day
from handup.org.web.pages import Task


def to_move(staff: StaffUser, today: date) -> list[Task]:
    """Loans with an instalment on a day that was closed after they were signed, the next first."""
    rows = with_days(named_only(Loan.objects.visible_to(staff), staff), today)
    return [
        Task(
            f"{row.code} \u00b7 {row.borrower}",
            _("Due on %(day)s, a closed day") % {"day": format_day(row.closed_date)},
            reverse("lending:loan_detail", args=[row.pk]),
            Action(
                _("Propose to move it and those after it"),
                permission="lending.propose_change",
                href=propose_to_move(row),
            ),
            due=row.closed_date,
            person=row.person_id,
        )
        for row in rows.select_related("person", "enterprise", "group").order_by(
            "closed_date", "code"
        )[:MOST]
    ]
