"""Five self-help groups of one city programme through a cycle on their phones: one goes straight
through, one has a leaver, one a late joiner, one a loan that is paid back, one a shortfall."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from tests.field_settling import leaver_of, share_out_of

from handup.groups.models import Cycle, Group, Member
from handup.groups.models.group import GroupKind, MemberStatus
from handup.groups.queries import money_now
from handup.groups.services import NewGroup, NewMember, admit_members, register_group
from handup.groups.services.recorder import recorders_of
from handup.groups.tests.conftest import FORMED, new_person
from handup.kernel.ids import new_id
from handup.ledger.queries import balances_by_subject
from handup.org.models import Area, StaffUser
from handup.projects.models import Programme
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import KEYS, Phone
from handup.sync.tests.test_places import vote
from handup.sync.tests.test_services import FIRST, WEEK, proofs, said
from handup.sync.tests.test_settling import book_of

MEETINGS = 6
END = FIRST + MEETINGS * WEEK
NAMES = ("Sunrise", "River", "Pine", "Bridge", "Market")


@dataclass
class Circle:
    """A group with its phone and what lies in its loan box by the hands of who counts it."""

    group: Group
    phone: Phone
    officer: StaffUser
    send: Send
    cash: int = 0
    sent: int = 0

    def open(self, day: date, numbers: range) -> None:
        """Open a meeting with these members there."""
        self.phone.open(day)
        self.phone.roll(numbers)

    def save(self, shares: dict[int, int]) -> None:
        """Let members buy shares of five."""
        for no, count in shares.items():
            self.phone.save(no, count)
            self.cash += count * 500

    def lend(self, no: int, units: int) -> str:
        """Lend by vote for four weeks; returns the loan's id."""
        id, due = str(new_id()), (self.phone.day + 4 * WEEK).isoformat()
        terms = {"loan_id": id, "member_no": no, "units": units, "periods": 1, "due_date": due}
        self.phone.write("pay_out_loan", resolution_id=vote(self.phone, "LOAN"), **terms)
        self.cash -= units
        return id

    def close(self) -> None:
        """Count, close and send; the office takes it as it was told."""
        self.phone.close(self.cash)
        (line,) = said(self.send(self.phone.packet(self.sent)))
        assert line == ("STORED", ("LATE",)), line
        self.sent = len(self.phone.facts)
        assert money_now(self.group).cash["LOAN"] == self.cash

    def book(self) -> Any:
        """The book as the phone has it now."""
        return book_of(self.group, self.officer, self.phone, self.sent)

    @property
    def settings(self) -> Any:
        """The rules it voted."""
        return self.group.constitutions.get(version=1).settings

    def share_out(self, numbers: range) -> dict[int, dict[str, Any]]:
        """The last meeting: all is divided, paid as far as the box goes, and the next cycle begins.
        Returns each member's line."""
        self.phone.open(END)
        self.phone.facts[-1]["body"]["kind"] = "SHARE_OUT"
        self.phone.roll(numbers)
        shared = share_out_of(self.book(), self.settings, END)
        self.phone.write("settle_share_out", keys=KEYS, **shared)
        lines = {line["member_no"]: line for line in shared["lines"]}
        for no, line in lines.items():
            if line["now"]:
                self.phone.write("pay_share_out", member_no=no, units=line["now"])
        self.phone.write("end_cycle", number=1, date=END.isoformat())
        self.phone.write("start_cycle", number=2, date=END.isoformat())
        before, to_social = self.cash, shared["to_social"]
        self.cash -= sum(line["now"] for line in lines.values()) + to_social
        self.phone.close(self.cash, to_social)
        (answer,) = said(self.send(self.phone.packet(self.sent)))
        assert answer == ("STORED", ("LATE",)), answer
        assert sum(line["now"] for line in lines.values()) + to_social + self.cash == before
        return lines


def members_of(programme: Programme, officer: StaffUser, first: int) -> list[NewMember]:
    return [
        NewMember(person=new_person(number, programme, officer), joined_date=FORMED)
        for number in range(first, first + 4)
    ]


@pytest.fixture
def circles(programme: Programme, officer: StaffUser, area: Area, send: Send) -> list[Circle]:
    """Five self-help groups of four that buy shares and share out."""
    found = []
    for place, name in enumerate(NAMES):
        group = register_group(
            acting_staff=officer,
            programme=programme,
            group=NewGroup(
                name=name,
                kind=GroupKind.SHG,
                area=area,
                formed_date=FORMED,
                currency="XTS",
                officer=officer,
                settings={
                    "share_value_units": 500,
                    "charge_rate_bps": 1000,
                    "savings_mode": "SHARES",
                    "profit_by": "SHARES",
                    "cycle_kind": "SHARE_OUT",
                },
            ),
        )
        new = members_of(programme, officer, 100 + 10 * place)
        admit_members(acting_staff=officer, group=group, members=new)
        phone, _done = enrolled(group, officer)
        found.append(Circle(group, phone, officer, send))
    return found


def test_five_groups_go_through_a_cycle_and_every_figure_stands(
    circles: list[Circle], programme: Programme, officer: StaffUser
) -> None:
    straight, leaving, joining, lending, short = circles
    loans: dict[str, str] = {}
    everybody = range(1, 5)
    for week in range(MEETINGS):
        day = FIRST + week * WEEK
        if week == 3:
            late = new_person(190, programme, officer)
            admit_members(
                acting_staff=officer,
                group=joining.group,
                members=[NewMember(person=late, joined_date=day)],
            )
        for circle in circles:
            here = everybody
            if circle is joining and week >= 3:
                here = range(1, 6)
            if circle is leaving and week > 4:
                here = range(1, 4)
            circle.open(day, here)
            circle.save({no: 1 if circle is short and no == 4 else 2 for no in here})
            if circle is lending and week == 0:
                loans["lending"] = circle.lend(1, 1_000)
            if circle is lending and week == 5:
                pays(circle, loans["lending"], 1_100)
            if circle is short and week == 5:
                loans["short"] = circle.lend(4, 9_000)
            if circle is leaving and week == 4:
                leaves(circle, 4)
            circle.close()
    assert proofs() == []

    lines = straight.share_out(everybody)
    assert [lines[no]["now"] for no in lines] == [6_000] * 4, "twelve shares each, nothing gained"

    lines = leaving.share_out(range(1, 4))
    assert lines.keys() == {1, 2, 3}
    assert [line["now"] for line in lines.values()] == [6_000] * 3
    gone = Member.objects.get(group=leaving.group, member_no=4)
    assert gone.status == MemberStatus.LEFT

    lines = joining.share_out(range(1, 6))
    assert (lines[1]["now"], lines[5]["now"]) == (6_000, 3_000), "six shares of three meetings"

    lines = lending.share_out(everybody)
    assert [line["now"] for line in lines.values()] == [6_025] * 4, "a charge of 100 among four"

    shortfall(short, everybody)
    assert proofs() == []
    assert Cycle.objects.filter(status="CLOSED").count() == len(NAMES)
    assert Cycle.objects.filter(number=2, status="OPEN", start_date=END).count() == len(NAMES)
    for circle in circles:
        book = recorders_of([circle.group.pk], carrier=officer)[circle.group.pk].book
        assert book.figures.broken() == []
        assert not any(book.shares().values())


def pays(circle: Circle, loan: str, units: int) -> None:
    """The loan is paid back with its charge of one period."""
    circle.phone.write(
        "record_repayment",
        loan_id=loan,
        member_no=1,
        units=units,
        charge=100,
        principal=1_000,
        overpaid=units - 1_100,
    )
    circle.cash += units


def leaves(circle: Circle, no: int) -> None:
    """A member leaves in the middle of the cycle with what she saved."""
    told = leaver_of(circle.book(), circle.settings, no, circle.phone.day)
    assert (told["saved"], told["paid"], told["claim"]) == (5_000, 5_000, 0)
    circle.phone.write("pay_leaver", keys=KEYS, **told)
    on = circle.phone.day.isoformat()
    circle.phone.write("end_membership", member_no=no, reason="MOVED", date=on)
    circle.cash -= told["paid"]


def shortfall(circle: Circle, numbers: range) -> None:
    """One owes more than comes out for her: her debt stays, and the others' claims are as much."""
    lines = circle.share_out(numbers)
    claims = {no: line["net"] - line["now"] for no, line in lines.items()}
    book = recorders_of([circle.group.pk], carrier=circle.officer)[circle.group.pk].book
    debt = sum(book.figures.principal.values())
    assert lines[4]["now"] == 0
    assert debt > 0
    assert sum(claims.values()) == debt
    assert claims[4] == 0
    assert all(claims[no] > 0 for no in (1, 2, 3))
    held = balances_by_subject(circle.group.book, "CLAIMS", "member")
    assert -sum(held.values()) == debt
    assert circle.cash == 0, "every coin of the box is paid out"
