"""A file of a bank as a whole: what one line of it does to the others, what it leaves behind."""

import gc
from collections.abc import Callable

import pytest

from handup.ledger.models import Book
from handup.lending.models import BankStatement, Lender, Loan
from handup.lending.rules.banking.codes import LineFate, Reason
from handup.lending.services import posting
from handup.lending.services.judging import Judged
from handup.lending.tests.bankmade import DAY, Move
from handup.lending.tests.cast import World, clean, make_person, running

Bring = Callable[..., BankStatement]


def test_a_loan_handed_over_holds_up_no_other_line(world: World, bring: Bring) -> None:
    """Its money lies on suspense until it is sent on to the successor."""
    cast = world.cast
    other = make_person(world.programme, world.office, cast.advisor, "Participant 0009")
    gone, here = running(world), running(world, 500_00, person=other)
    Loan.objects.filter(pk=gone.pk).update(moved_date=DAY)
    brought = bring(Move(10_00, gone.code, "B1"), Move(20_00, here.code, "B2"))
    first, second = brought.lines.order_by("row")
    assert (first.fate, first.reasons) == (LineFate.OPEN, [[Reason.LOAN_NOT_OPEN, 0]])
    assert second.event is not None
    assert (second.fate, second.event.units) == (LineFate.MATCHED, 20_00)
    assert not gone.events.filter(units=10_00).exists()
    clean()


def test_the_collector_finds_nothing_of_a_file_to_look_at(
    bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lines are dropped before it is back; it would look at all of them."""
    gc.collect()  # those that failed before are held by what told of it
    held: list[int] = []
    back = gc.enable

    def enable() -> None:
        held.append(sum(type(one) is Judged for one in gc.get_objects()))
        back()

    monkeypatch.setattr(gc, "enable", enable)
    assert bring(Move(10_00, "rent", "B1"), Move(20_00, "rent", "B2")).lines_open == 2
    assert held == [0]


def test_a_file_asks_each_lender_for_its_book_once(
    world: World, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    persons = [
        make_person(world.programme, world.office, world.cast.advisor, f"Participant 001{number}")
        for number in range(3)
    ]
    loans = [running(world, 500_00, person=person) for person in persons]
    asked: list[Lender] = []
    plain = posting.book_of

    def book_of(lender: Lender) -> Book | None:
        asked.append(lender)
        return plain(lender)

    monkeypatch.setattr(posting, "book_of", book_of)
    made = bring(*(Move(10_00, loan.code, f"B{loan.code}") for loan in loans))
    assert (made.lines_matched, len(asked)) == (3, 1)
    clean()
