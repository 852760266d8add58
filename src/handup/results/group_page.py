"""How a group is doing: the figures that compare groups, on its own page, each with what it was
made of.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group, InternalLoan, Meeting, Member
from handup.groups.models.facts import Mark, MeetingKind, MeetingStatus
from handup.groups.models.money import InternalLoanStatus
from handup.groups.queries import money_now
from handup.groups.rules.book import Place
from handup.groups.rules.money import LOAN, SOCIAL, MoneyState
from handup.ledger.balances import balances_of_roles
from handup.ledger.statements import income_statement
from handup.org.models import StaffUser
from handup.org.web.columns import Column, Kind
from handup.org.web.money import format_money, format_number, format_percent
from handup.org.web.pages import Table
from handup.results.rules.group_figures import (
    AMOUNTS,
    ATTENDANCE_MEETINGS,
    GroupIndicator,
    Measured,
    measure,
)

RISK_DAYS = 30
NAMES = {
    GroupIndicator.ATTENDANCE: _("Attendance of the last four meetings"),
    GroupIndicator.MEMBERS_WITH_LOAN: _("Members with a loan"),
    GroupIndicator.TOTAL_ASSETS: _("Total assets"),
    GroupIndicator.AVERAGE_SAVINGS: _("Average savings of a member"),
    GroupIndicator.FUND_UTILISATION: _("Loan fund lent out"),
    GroupIndicator.RETURN_ON_SAVINGS_YEAR: _("Return on savings in a year"),
    GroupIndicator.PORTFOLIO_AT_RISK: _("Portfolio at risk, more than 30 days"),
    GroupIndicator.LOANS_WRITTEN_OFF: _("Loans written off"),
    GroupIndicator.RETENTION: _("Members kept since the cycle began"),
}
MONEY = AMOUNTS | {
    GroupIndicator.FUND_UTILISATION,
    GroupIndicator.PORTFOLIO_AT_RISK,
}
"""Those whose numerator is an amount."""


@dataclass(frozen=True, slots=True)
class GroupFigure:
    """One line of the table."""

    indicator: GroupIndicator
    measured: Measured
    currency: str

    @property
    def name(self) -> str:
        """What is measured."""
        return str(NAMES[self.indicator])

    @property
    def value(self) -> str:
        """The figure in the reader's language; a dash where nothing can be divided."""
        text = self.measured.text
        if text is None:
            return "–"
        if self.indicator in AMOUNTS:
            return format_money(int(text), self.currency)
        return format_percent(text)

    @property
    def made_of(self) -> str:
        """Numerator and denominator, where they say more than the figure does."""
        whole = self.measured.denominator
        if whole is None or self.indicator is GroupIndicator.RETURN_ON_SAVINGS_YEAR:
            return ""
        part = self.measured.numerator
        shown = (
            format_money(part, self.currency) if self.indicator in MONEY else format_number(part)
        )
        if self.indicator in MONEY - AMOUNTS:
            return f"{shown} / {format_money(whole, self.currency)}"
        return f"{shown} / {format_number(whole)}"


def group_figures(staff: StaffUser, group: Group, on: date | None = None) -> list[GroupFigure]:
    """Measure a group on a day (None: today) from its meetings, loans and books, counting the
    members its reader may know of (protection.md 4.2).
    """
    inputs = _inputs(staff, group, on or timezone.localdate())
    return [
        GroupFigure(indicator, measure(indicator, inputs[indicator]), group.currency)
        for indicator in NAMES
    ]


def _inputs(staff: StaffUser, group: Group, on: date) -> Mapping[GroupIndicator, Mapping[str, Any]]:
    known = _known(staff, group)
    members = _those_on(known, on)
    money = money_now(group, on)
    loans = list(InternalLoan.objects.visible_to(staff).filter(group=group, paid_out_date__lte=on))
    lent = sum(_left(money, loan) for loan in loans)
    saved = sum(money.savings.get(str(member), 0) for member in known)
    theirs = sum(money.savings.get(str(member), 0) for member in members)
    bank = sum(held.units for held in balances_of_roles(group.book, ("BANK",), on=on))
    written_off = sum(1 for loan in loans if loan.status == InternalLoanStatus.WRITTEN_OFF)
    return {
        GroupIndicator.ATTENDANCE: {
            "members": len(members),
            "attended": _attended(group, on, members),
        },
        GroupIndicator.MEMBERS_WITH_LOAN: {
            "part": len({loan.member_id for loan in loans if _left(money, loan)} & members),
            "whole": len(members),
        },
        GroupIndicator.TOTAL_ASSETS: {
            "loan_fund_cash": money.cash[LOAN] + bank,
            "loans_outstanding": lent,
            "social_fund": money.cash[SOCIAL],
        },
        GroupIndicator.AVERAGE_SAVINGS: {
            "savings_in_cash": theirs - min(theirs, lent),
            "savings_lent_out": min(theirs, lent),
            "members": len(members),
        },
        GroupIndicator.FUND_UTILISATION: {
            "loans_outstanding": lent,
            "loan_fund_cash": money.cash[LOAN],
            "bank": bank,
        },
        GroupIndicator.PORTFOLIO_AT_RISK: {
            "part": sum(
                _left(money, loan)
                for loan in loans
                if loan.due_date < on - timedelta(days=RISK_DAYS)
            ),
            "whole": lent,
        },
        GroupIndicator.LOANS_WRITTEN_OFF: {"part": written_off, "whole": len(loans)},
        **_of_the_cycle(known, group, on, saved),
    }


def _left(money: MoneyState, loan: InternalLoan) -> int:
    return money.principal.get(str(loan.pk), 0)


def _known(staff: StaffUser, group: Group) -> dict[UUID, Place]:
    """Everybody who is or was a member and whom the reader may know of, with her time in it."""
    rows = Member.objects.visible_to(staff).filter(group=group).order_by()
    told = rows.values_list("pk", "joined_date", "left_date")
    return {pk: Place(joined, left) for pk, joined, left in told}


def _those_on(known: Mapping[UUID, Place], on: date) -> set[UUID]:
    return {pk for pk, place in known.items() if place.holds(on)}


def _attended(group: Group, on: date, members: Collection[UUID]) -> list[int]:
    """Who of the members of that day came to each of the last closed ordinary meetings, the oldest
    first; a member who only sent her money did not come.
    """
    came = Q(attendance__mark__in=(Mark.PRESENT, Mark.LATE), attendance__member__in=members)
    meetings = Meeting.objects.filter(
        group=group,
        kind=MeetingKind.ORDINARY,
        status=MeetingStatus.CLOSED,
        held_date__lte=on,
    ).annotate(came=Count("attendance", filter=came))
    latest = meetings.order_by("-held_date", "-number")[:ATTENDANCE_MEETINGS]
    return [meeting.came for meeting in latest][::-1]


def _of_the_cycle(
    known: Mapping[UUID, Place], group: Group, on: date, saved: int
) -> Mapping[GroupIndicator, Mapping[str, int]]:
    """What is measured from the first day of the cycle the day lies in."""
    cycle = group.cycles.filter(start_date__lte=on).order_by("-start_date").first()
    if cycle is None:
        return {
            GroupIndicator.RETURN_ON_SAVINGS_YEAR: {"net_profit": 0, "savings": 0, "weeks": 0},
            GroupIndicator.RETENTION: {"part": 0, "whole": 0},
        }
    since = cycle.start_date
    statement = income_statement(group.book, since, on)
    income = sum(row.base_units for row in statement.income)
    began = _those_on(known, since)
    return {
        GroupIndicator.RETURN_ON_SAVINGS_YEAR: {
            "net_profit": income - sum(row.base_units for row in statement.expenses),
            "savings": saved,
            "weeks": (on - since).days // 7,
        },
        GroupIndicator.RETENTION: {
            "part": len(began & _those_on(known, on)),
            "whole": len(began),
        },
    }


def group_tables(staff: StaffUser, group_id: UUID) -> Sequence[Table]:
    """The table on the page of a group, for whoever may see its figures; none before its first
    meeting.
    """
    rows = Group.objects.reached_with(staff, "results.view_figure").filter(pk=group_id)
    group = rows.select_related("book").order_by().first()
    if group is None or not group.meetings.exists():
        return []
    return [
        Table(
            _("How the group is doing"),
            (
                Column("name", _("Figure")),
                Column("value", _("Value"), Kind.FIGURE),
                Column("made_of", _("Made of"), Kind.FIGURE),
            ),
            group_figures(staff, group),
        )
    ]
