"""The end of a cycle on the phone: shared out to the last coin, debts settled, a leaver paid, the
next cycle begun, and every figure the same in the books."""

from datetime import date
from typing import Any

from django.test import Client
from django.urls import reverse
from tests.field_settling import leaver_of, share_out_of

from handup.groups.models import Cycle, Group, InternalLoan, Member
from handup.groups.models.group import MemberStatus
from handup.groups.queries import money_now
from handup.groups.rules.book import CycleNow, Place, RecordedBook, Told
from handup.groups.rules.constitution import completed
from handup.groups.rules.recorded import take
from handup.groups.services.recorder import recorders_of, told_of
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.org.models import StaffUser
from handup.sync.tests.conftest import Send
from handup.sync.tests.phone import KEYS, Phone
from handup.sync.tests.test_places import vote
from handup.sync.tests.test_services import FIRST, WEEK, proofs, said


def book_of(group: Group, officer: StaffUser, phone: Phone, behind: int = 0) -> RecordedBook:
    """The book as the phone has it: the server's, and what was not sent yet."""
    book = recorders_of([group.pk], carrier=officer)[group.pk].book
    return take(book, [told_of(fact) for fact in phone.facts[behind:]])[0]


def test_a_cycle_is_shared_out_to_the_last_coin_and_the_next_begins(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    settings: Any = group.constitutions.get(version=1).settings
    fine = first_meeting(phone)
    assert said(send(phone.packet())) == [("STORED", ("LATE",))]
    size = len(phone.facts)
    phone.open(FIRST + WEEK)
    phone.roll(range(1, 5))
    leaver = leaver_of(book_of(group, officer, phone, size), settings, 4, FIRST + WEEK)
    assert (leaver["saved"], leaver["paid"], leaver["claim"]) == (500, 500, 0)
    phone.write("pay_leaver", keys=KEYS, **leaver)
    on = (FIRST + WEEK).isoformat()
    phone.write("end_membership", member_no=4, reason="MOVED", date=on)
    phone.close(5500 + 77 - 800 - 500, 30)
    assert said(send(phone.packet(size))) == [("STORED", ("LATE",))]
    assert Member.objects.get(pk=members[3].pk).status == MemberStatus.LEFT
    assert proofs() == []

    size = len(phone.facts)
    day = FIRST + 2 * WEEK
    phone.open(day)
    phone.facts[-1]["body"]["kind"] = "SHARE_OUT"
    phone.roll(range(1, 4))
    shared = share_out_of(book_of(group, officer, phone, size), settings, day)
    told = {line["member_no"]: line for line in shared["lines"]}
    assert told.keys() == {1, 2, 3}
    assert shared["distributable"] == 4277 + 50 + sum(
        part["charge"] + part["principal"] for part in told[3]["loans"]
    )
    assert told[2]["fines"] == [{"fine_id": fine, "units": 50}]
    phone.write("settle_share_out", keys=KEYS, **shared)
    for no, line in told.items():
        phone.write("pay_share_out", member_no=no, units=line["now"])
    left = 4277 - sum(line["now"] for line in told.values()) - shared["to_social"]
    part = phone.packet(size)
    phone.write("end_cycle", number=1, date=day.isoformat())
    phone.write("start_cycle", number=2, date=day.isoformat())
    phone.close(left, 30 + shared["to_social"])
    phone.open(day + WEEK)
    phone.roll(range(1, 4))
    phone.save(1, 2)
    phone.close(left + 1000, 30 + shared["to_social"])
    assert said(send(part)) == [("STORED", ("LATE",))]
    assert money_now(group).cash["LOAN"] == left
    lines = said(send(phone.packet(size)))
    assert [outcome for outcome, _flags in lines] == ["STORED", "STORED"]
    assert "SHOWN_DIFFERS" not in {flag for _outcome, flags in lines for flag in flags}
    assert proofs() == []
    check_afterwards(group, officer, fine, day)


def first_meeting(phone: Phone) -> str:
    """Everybody saves, one borrows, one owes a fine; returns its id."""
    loan, fine = str(new_id()), str(new_id())
    phone.open(FIRST)
    phone.roll(range(1, 5))
    for no, shares in ((1, 5), (2, 3), (3, 2), (4, 1)):
        phone.save(no, shares)
    phone.write("record_social", member_no=1, units=30)
    phone.write("record_income", fund="LOAN", units=77, what="Sale")
    phone.write("charge_fine", fine_id=fine, member_no=2, kind="LATE", units=50)
    due = (FIRST + 4 * WEEK).isoformat()
    terms = {"loan_id": loan, "member_no": 3, "units": 800, "periods": 1, "due_date": due}
    phone.write("pay_out_loan", resolution_id=vote(phone, "LOAN"), **terms)
    phone.close(5500 + 77 - 800, 30)
    return fine


def check_afterwards(group: Group, officer: StaffUser, fine: str, day: date) -> None:
    """Nothing is owed, one share fund runs, the old cycle is closed and the new holds the last
    meeting."""
    book = recorders_of([group.pk], carrier=officer)[group.pk].book
    figures = book.figures
    assert figures.broken() == []
    assert ({no: units for no, units in figures.savings.items() if units}, book.shares()) == (
        {1: 1000},
        {1: 2},
    )
    for left in (figures.due.values(), figures.claims.values(), figures.principal.values()):
        assert not any(left)
    assert InternalLoan.objects.get(group=group).status == "REPAID"
    assert group.fines.get(pk=fine).paid_units == 50
    old, new = Cycle.objects.filter(group=group).order_by("number")
    assert (old.status, new.status, new.start_date) == ("CLOSED", "OPEN", day)
    assert group.meetings.get(held_date=day + WEEK).cycle == new
    assert Entry.objects.filter(kind="MEMBER_SETTLED").count() == 2


def test_a_group_begins_in_the_middle_of_its_cycle_with_what_its_paper_book_says(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    loan = str(new_id())
    phone.open(FIRST)
    for told in (
        {"of": "CASH", "fund": "LOAN", "place": "BOX", "units": 900},
        {"of": "CASH", "fund": "LOAN", "place": "BANK", "units": 400},
        {"of": "MEMBER", "member_no": 1, "units": 1000, "shares": 2},
        {"of": "OUTSIDE_DEBT", "units": 100},
        {
            "of": "LOAN",
            "member_no": 1,
            "loan_id": loan,
            "units": 250,
            "principal": 400,
            "charge_paid": 30,
            "periods": 2,
            "paid_out_date": (FIRST - 5 * WEEK).isoformat(),
            "due_date": (FIRST + 4 * WEEK).isoformat(),
        },
    ):
        phone.write("record_opening_balances", keys=KEYS, **told)
    phone.roll(range(1, 5))
    phone.close(900)
    assert said(send(phone.packet())) == [("STORED", ("LATE",))]
    book = recorders_of([group.pk], carrier=officer)[group.pk].book
    figures = book.figures
    assert (figures.cash["LOAN"], figures.away, figures.savings) == (
        900,
        {("LOAN", "BANK"): 400},
        {1: 1000},
    )
    assert (figures.outside_debt, figures.principal, figures.retained) == (100, {loan: 250}, 450)
    assert (book.shares(), figures.broken()) == ({1: 2}, [])
    row = InternalLoan.objects.get(pk=loan)
    carried = (row.paid_out_date, row.principal_units, row.status)
    assert carried == (FIRST - 5 * WEEK, 400, "OPEN")
    charges = (figures.charge_paid, money_now(group).charge_paid)
    assert charges == ({loan: 30}, {loan: 30})
    assert proofs() == []
    size = len(phone.facts)
    phone.open(FIRST + WEEK)
    phone.write("record_opening_balances", keys=KEYS, of="OUTSIDE_DEBT", units=5)
    phone.roll(range(1, 5))
    phone.close(900)
    (line,) = said(send(phone.packet(size)))
    assert "RULE_BREACH" in line[1]  # only before the first meeting was closed


def test_a_leaver_without_anything_moves_nothing_and_holds_nothing_up(
    phone: Phone, group: Group, members: list[Member], send: Send
) -> None:
    nothing = dict.fromkeys(("saved", "gain", "net", "paid", "claim"), 0)
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.write("pay_leaver", member_no=4, loans=[], fines=[], keys=KEYS, **nothing)
    phone.write("end_membership", member_no=4, reason="MOVED", date=FIRST.isoformat())
    phone.close(0)
    assert said(send(phone.packet())) == [("STORED", ("LATE",))]
    assert Member.objects.get(pk=members[3].pk).status == MemberStatus.LEFT
    assert not Entry.objects.exists()
    assert proofs() == []


def test_shares_belong_to_the_cycle_that_runs_when_they_are_bought(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """Not to the one in which the meeting was opened; between two cycles nobody saves, and what was
    saved then all the same is of the next."""
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.save(2, 1)
    phone.write("end_cycle", number=1, date=FIRST.isoformat())
    phone.close(500)
    day = FIRST + WEEK
    phone.open(day)
    phone.roll(range(1, 5))
    phone.save(1, 1)
    phone.write("start_cycle", number=2, date=day.isoformat())
    phone.save(1, 2)
    phone.save(3, 2)
    phone.close(3000)
    lines = said(send(phone.packet()))
    assert [("RULE_BREACH" in flags) for _outcome, flags in lines] == [True, True]
    book = recorders_of([group.pk], carrier=officer)[group.pk].book
    assert book.shares() == book_of_facts(group, phone).shares() == {1: 3, 3: 2}


def book_of_facts(group: Group, phone: Phone) -> RecordedBook:
    """The book of a phone that read every fact of its group itself."""
    settings: Any = group.constitutions.get(version=1).settings
    places = {no: Place(FIRST - 90 * WEEK) for no in range(1, 5)}
    cycle = CycleNow(1, FIRST, is_open=True)
    book = RecordedBook("XTS", places, lambda _version: completed(settings), cycle=cycle)
    told = [
        Told(
            id=fact["id"],
            name=fact["name"],
            happened_date=date.fromisoformat(fact["happened_date"]),
            meeting_id=fact["meeting_id"],
            currency="XTS",
            version=1,
            recorded_date=date.fromisoformat(fact["happened_date"]),
            body=fact["body"],
        )
        for fact in phone.facts
    ]
    return take(book, told)[0]


def test_minutes_passbook_and_cards_are_set_on_paper_in_any_script(
    phone: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    send: Send,
    client: Client,
) -> None:
    first_meeting(phone)
    send(phone.packet())
    StaffUser.objects.filter(pk=officer.pk).update(language="hy")
    client.force_login(officer)
    for name, pk in (
        ("meeting_minutes", group.meetings.get().pk),
        ("member_passbook", members[0].pk),
        ("group_cards", group.pk),
    ):
        answer = client.get(reverse(f"groups:{name}", args=[pk]))
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF")
