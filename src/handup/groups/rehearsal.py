"""What a share-out would give today, worked out from the book without storing anything
(groups.md 2.3: rehearse at any meeting)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from handup.groups.models import Group
from handup.groups.queries import constitution_on, open_meeting_of
from handup.groups.rules.constitution import completed
from handup.groups.rules.money import LOAN
from handup.groups.rules.settling import divide
from handup.groups.rules.share_out import OutsideDebtFirst
from handup.groups.services.recorder import book_now
from handup.kernel.errors import Refusal
from handup.org.models import StaffUser
from handup.org.web.money import format_money


class DebtFirst(Refusal):
    """{debt} comes first: what the group owes outside and to members from before. Its box holds
    {cash}."""


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
    """The whole and its working, in smallest units: cash + owed - debt - promised = distributable =
    the sum of what comes out + leftover."""

    on: date
    cash: int
    owed: int
    debt: int
    promised: int
    distributable: int
    value_per_share: int | None
    leftover: int
    lines: tuple[Line, ...]
    meeting_is_open: bool

    def for_numbers(self, numbers: Collection[int]) -> list[Line]:
        """The lines of some members."""
        return [line for line in self.lines if line.member_no in numbers]


def rehearse(group: Group, on: date, *, reader: StaffUser) -> Rehearsal:
    """Work out the share-out of a day by the constitution in force. Raises DebtFirst, NoShares."""
    book = book_now(group, reader=reader)
    settings = completed(constitution_on(group).settings)
    figures, shares = book.figures, book.shares()
    cash = figures.cash.get(LOAN, 0)
    try:
        division = divide(book, settings, on)
    except OutsideDebtFirst as refusal:
        first = figures.outside_debt + figures.promised
        raise DebtFirst(
            debt=format_money(first, group.currency), cash=format_money(cash, group.currency)
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
        owed=whole.distributable - cash + figures.outside_debt + figures.promised,
        debt=figures.outside_debt,
        promised=figures.promised,
        distributable=whole.distributable,
        value_per_share=whole.value_per_share,
        leftover=whole.leftover,
        lines=lines,
        meeting_is_open=open_meeting_of(group) is not None,
    )
