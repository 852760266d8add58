"""What a share-out would give today, worked out from the book without storing anything
(groups.md 2.3: rehearse at any meeting)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from handup.groups.models import Group
from handup.groups.queries import constitution_on, open_meeting_of
from handup.groups.rules.book import RecordedBook
from handup.groups.rules.constitution import completed
from handup.groups.rules.money import LOAN
from handup.groups.rules.settling import debts_of, divide
from handup.groups.rules.share_out import OutsideDebtFirst
from handup.groups.services.recorder import book_now
from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.org.web.money import format_money


class DebtFirst(Refusal):
    """{debt} comes first: what the group owes outside and to members from before. It holds {cash}
    in the box, at the bank and on the phone account."""


@dataclass(frozen=True, slots=True)
class Line:
    """One member by her number, in smallest units: `left` stays open for her above nothing, below
    nothing she still owes it."""

    member_no: int
    shares: int
    saved: int
    gross: int
    social: int
    owed: int
    paid_now: int
    left: int

    @property
    def gain(self) -> int:
        """What comes out beyond what she saved."""
        return self.gross - self.saved


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The whole and its working, in smallest units: cash + away + owed - debt - promised =
    distributable = the sum of what comes out + leftover.

    away: money of the loan fund at the bank and on the phone account, which comes to the box before
    a share-out (G5). carried: what members owe where debts are carried and so not divided.
    goes_on: whether the rules of the group know no share-out.
    """

    on: date
    cash: int
    away: int
    owed: int
    debt: int
    promised: int
    distributable: int
    value_per_share: int | None
    leftover: int
    lines: tuple[Line, ...]
    meeting_is_open: bool
    carried: int
    goes_on: bool

    def for_numbers(self, numbers: Collection[int]) -> list[Line]:
        """The lines of some members."""
        return [line for line in self.lines if line.member_no in numbers]


def rehearse(group: Group, on: date, *, reader: StaffUser) -> Rehearsal:
    """Work out the share-out of a day by the constitution in force. Raises DebtFirst, NoShares."""
    book = book_now(group, reader=reader)
    settings = completed(constitution_on(group).settings)
    figures, shares = book.figures, book.shares()
    cash = figures.cash.get(LOAN, 0)
    away = sum(units for (fund, _place), units in figures.away.items() if fund == LOAN)
    try:
        division = divide(book, settings, on, brought=away)
    except OutsideDebtFirst as refusal:
        first = figures.outside_debt + figures.promised
        raise DebtFirst(
            debt=format_money(first, group.currency),
            cash=format_money(cash + away, group.currency),
        ) from refusal
    whole = division.whole
    lines = tuple(
        Line(
            member_no=no,
            shares=shares.get(no, 0),
            saved=figures.savings.get(no, 0),
            gross=one.gross,
            social=one.social,
            owed=one.owed,
            paid_now=one.paid_now,
            left=one.net - one.paid_now,
        )
        for no, (one, _debts) in division.members.items()
    )
    return Rehearsal(
        on=on,
        cash=cash,
        away=away,
        owed=whole.distributable - cash - away + figures.outside_debt + figures.promised,
        debt=figures.outside_debt,
        promised=figures.promised,
        distributable=whole.distributable,
        value_per_share=whole.value_per_share,
        leftover=whole.leftover,
        lines=lines,
        meeting_is_open=open_meeting_of(group) is not None,
        carried=0 if settings["debts_at_share_out"] == "NET" else _owed_by_all(book, on),
        goes_on=settings["cycle_kind"] == "CONTINUING",
    )


def _owed_by_all(book: RecordedBook, on: date) -> int:
    """What members owe together: principal, charges and fines."""
    owing = {loan.member_no for loan in book.loans.values()}
    owing |= {fine.member_no for fine in book.fines.values()}
    return sum(debts_of(book, no, on).total for no in owing)
