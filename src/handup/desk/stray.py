"""Money nobody explained, on the desk: lines of banks that lie on suspense too long, cash of nobody
known, and what waits for a second word.
"""

from datetime import date, timedelta

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.lending.models import StrayWord
from handup.lending.rules.banking.codes import MatchState
from handup.lending.rules.stray import StrayState
from handup.lending.services.statements import SUSPENSE_DAYS, overdue_suspense
from handup.lending.services.stray import waiting_stray
from handup.lending.still_here import words_here
from handup.org.models import StaffUser
from handup.org.web.lists import Action, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Task

MOST = 6
"""One more than are shown, to know whether there are more."""


def late_lines(staff: StaffUser, today: date) -> list[Task]:
    """Lines of banks that nobody explained for too long."""
    return [
        Task(
            str(format_money(row.units, row.account.currency)),
            row.account.name,
            reverse("lending:bank_line", args=[row.pk]),
            due=row.book_date,
            tone=Tone.BAD,
        )
        for row in overdue_suspense(staff, today)[:MOST]
    ]


def to_place(staff: StaffUser, today: date) -> list[Task]:
    """Cash that nobody has said a word of, the oldest first."""
    rows = waiting_stray(staff).filter(state=StrayState.WAITING.value).select_related("loan")
    late = today - timedelta(days=SUSPENSE_DAYS)
    return [
        Task(
            str(format_money(row.units, row.currency)),
            row.told,
            row.get_absolute_url(),
            Action(
                _("Say whose it is"), "lending:stray_place", "lending.place_stray_cash", (row.pk,)
            ),
            due=row.received_date,
            tone=Tone.BAD if row.received_date < late else Tone.WARN,
            person=row.loan.person_id if row.loan else None,
        )
        for row in rows[:MOST]
    ]


def to_agree(staff: StaffUser, today: date) -> list[Task]:
    """What others said of such cash; never of what the reader took in or said herself."""
    rows = words_here(StrayWord.objects.visible_to(staff))
    rows = rows.filter(state=MatchState.PROPOSED.value)
    rows = rows.exclude(proposed_by=staff).exclude(stray__recorded_by=staff)
    return [
        Task(
            str(format_money(row.stray.units, row.stray.currency)),
            row.get_kind_display(),
            reverse("lending:stray_detail", args=[row.stray_id]),
            Action(_("Decide"), "lending:stray_decide", "lending.confirm_stray_cash", (row.pk,)),
            due=row.proposed_date,
        )
        for row in rows.select_related("stray").order_by("proposed_date", "pk")[:MOST]
    ]
