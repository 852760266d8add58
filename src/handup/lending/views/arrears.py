"""The arrears work list: broken promises first, then who is late, the longest first; filtered by
officer, days late and what became of the last promise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.lending import queries
from handup.lending.models import ArrearsContact, Loan
from handup.lending.models.labels import PROMISE_STATES
from handup.lending.nameless import hide_names, shown
from handup.lending.queries import LateLoan
from handup.lending.rules import ratios
from handup.lending.rules.follow_up import PromiseState
from handup.lending.still_here import loans_here
from handup.lending.views.links import PROMISE_TONES
from handup.lending.work_list import FollowUp, follow_ups
from handup.org import reads
from handup.org.permissions import may
from handup.org.web.lists import (
    Action,
    Column,
    EmptyState,
    Kind,
    State,
    Tone,
)
from handup.org.web.money import format_day, format_money, format_number, format_percent
from handup.org.web.pages import (
    FiguresPage,
    Header,
    Table,
    Tile,
)

BANDS = {"30": (1, 30), "60": (31, 60), "90": (61, 90), "180": (91, 180), "more": (181, 10**6)}
BAND_LABELS = [
    ("30", _("1 to 30 days")),
    ("60", _("31 to 60 days")),
    ("90", _("61 to 90 days")),
    ("180", _("91 to 180 days")),
    ("more", _("more than 180 days")),
]
NO_PROMISE = "NONE"
PROMISES = [*PROMISE_STATES, (NO_PROMISE, _("No promise"))]
LABELS = dict(PROMISE_STATES)


@dataclass(frozen=True, slots=True)
class Line:
    """One late loan with the work done on it."""

    late: LateLoan
    work: FollowUp

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Broken promises first, then the longest late, then the largest amount."""
        position = self.late.position
        broken = self.work.state is PromiseState.BROKEN
        return (not broken, -position.arrears_days, -position.overdue_units)


class ArrearsPage(FiguresPage):
    """The arrears work list, and what it means for the book."""

    permission = "lending.view_loan"
    title = _("Arrears")
    intro = _("Every loan with anything past due: broken promises first, then the longest late.")
    template = "lending/arrears.html"
    most = 500

    @property
    def loans(self) -> Any:
        """The loans the reader may see, without those that a successor keeps."""
        return loans_here(Loan.objects.visible_to(self.staff))

    def header(self) -> Header:
        """The title, and the way to what falls due next."""
        ahead = Action(_("Reminders"), "lending:reminders", "lending.view_borrower")
        lost = Action(_("Loans to write off"), "lending:to_write_off", "lending.propose_write_off")
        closed = Action(
            _("Instalments on closed days"), "lending:on_closed_days", "lending.propose_change"
        )
        return Header(self.title, self.intro, actions=(ahead, lost, closed))

    @cached_property
    def positions(self) -> list[ratios.Position]:
        """Where each of those loans stands today."""
        return queries.positions(timezone.localdate(), self.loans)

    def tiles(self) -> Sequence[Tile]:
        """Portfolio at risk, and with arrears only."""
        found = []
        for label, ratio in (
            (
                _("Portfolio at risk, more than 30 days"),
                ratios.portfolio_at_risk(self.positions, 30),
            ),
            (
                _("The same, arrears only"),
                ratios.portfolio_at_risk(self.positions, 30, count_restructured=False),
            ),
        ):
            found.append(
                Tile(
                    label,
                    format_percent(ratio.percent_text),
                    of=_now("%(late)s of %(all)s loans")
                    % {
                        "late": format_number(len(ratio.numerator_ids)),
                        "all": format_number(len(ratio.denominator_ids)),
                    },
                    how=_("Outstanding principal of loans more than 30 days late ÷ all of it."),
                )
            )
        return found

    def asked(self, name: str) -> str:
        """What the address asks of one filter."""
        return str(self.request.GET.get(name, ""))

    @cached_property
    def late(self) -> list[LateLoan]:
        """Every late loan."""
        return queries.late_loans(self.positions)

    @cached_property
    def lines(self) -> list[Line]:
        """The late loans the filters leave, in the order of work."""
        late = [row for row in self.late if self._wanted(row)]
        work = self._work(late)
        lines = [Line(row, work.get(row.loan.pk, FollowUp())) for row in late]
        state = self.asked("promise")
        if state in LABELS or state == NO_PROMISE:
            lines = [line for line in lines if (line.work.state or NO_PROMISE) == state]
        lines.sort(key=lambda line: line.rank)
        hide_names(self.staff, [line.late.loan for line in lines[: self.most]])
        persons = [line.late.loan.person_id for line in lines[: self.most]]
        reads.note(self.request, [pk for pk in persons if pk], action="LIST")
        return lines[: self.most]

    def _wanted(self, row: LateLoan) -> bool:
        officer, band = self.asked("officer"), BANDS.get(self.asked("late"))
        if officer and str(row.loan.officer_id) != officer:
            return False
        return band is None or band[0] <= row.position.arrears_days <= band[1]

    def _work(self, late: Sequence[LateLoan]) -> Any:
        ids = [row.loan.pk for row in late]
        contacts = ArrearsContact.objects.visible_to(self.staff).filter(loan__in=ids)
        return follow_ups(list(contacts.defer("note")), timezone.localdate())

    def context(self) -> dict[str, Any]:
        """The filters and what they hold."""
        officers = {(str(row.loan.officer_id), str(row.loan.officer)) for row in self.late}
        by_name = sorted(officers, key=lambda pair: pair[1])
        return {
            "choices": (
                ("officer", _("Officer"), by_name, self.asked("officer")),
                ("late", _("Days late"), BAND_LABELS, self.asked("late")),
                ("promise", _("Last promise"), PROMISES, self.asked("promise")),
            ),
        }

    def tables(self) -> Sequence[Table]:
        """The work list."""
        columns: list[Column] = [
            Column(
                "late.loan.code",
                _("Number"),
                Kind.LINK,
                href=lambda row: reverse("lending:loan_detail", args=[row.late.loan.pk]),
            ),
            Column("borrower", _("Borrower"), value=lambda row: shown(row.late.loan)),
            Column("late.position.arrears_days", _("Days late"), Kind.NUMBER),
            Column(
                "late.position.overdue_units",
                _("Overdue"),
                Kind.MONEY,
                currency="late.loan.currency",
            ),
            Column(
                "late.position.principal_units",
                _("Outstanding"),
                Kind.MONEY,
                currency="late.loan.currency",
            ),
            Column("late.loan.officer.display_name", _("Officer")),
        ]
        if may(self.staff, "lending.view_follow_up"):
            today = timezone.localdate()
            columns += [
                Column("promise", _("Promise"), value=_promise),
                Column("next", _("Next step"), value=partial(_next_step, today=today)),
            ]
        if may(self.staff, "lending.record_contact"):
            columns.append(
                Column(
                    "talk",
                    _("Talk"),
                    Kind.LINK,
                    value=lambda row: _("Record"),
                    href=lambda row: reverse("lending:contact_new", args=[row.late.loan.pk]),
                )
            )
        empty = EmptyState(_("Nobody is late"), _("Every instalment due is paid."))
        if self.late:
            empty = EmptyState(_("No late loan fits"), _("Choose other filters."))
        return [Table(_("Late loans"), columns, self.lines, empty)]


def _promise(row: Line) -> Any:
    """Where the last promise stands, with its amount and day."""
    line, state = row.work.promise, row.work.state
    if line is None or state is None or line.contact.promised_units is None:
        return ""
    places = {
        "state": LABELS[state.value],
        "amount": format_money(line.contact.promised_units, row.late.loan.currency),
        "day": format_day(line.contact.promised_date or date.min),
    }
    return State(_now("%(state)s: %(amount)s, %(day)s") % places, PROMISE_TONES[state])


def _next_step(row: Line, *, today: date) -> Any:
    last = row.work.last
    if last is None or last.next_date is None:
        return ""
    text = f"{last.get_next_step_display()} · {format_day(last.next_date)}"
    if last.next_date < today:
        return State(_now("%(step)s, past its day") % {"step": text}, Tone.WARN)
    return text
