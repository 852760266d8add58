"""A mistake in the books is a reversal and a new entry, both visible."""

from datetime import date

import pytest

from handup.kernel.ids import new_id
from handup.ledger import queries, services
from handup.ledger.errors import (
    AlreadyReversed,
    CashBelowZero,
    ReversalOfReversal,
    ReverseTheFact,
)
from handup.ledger.models import Book, Entry, Line
from handup.ledger.services import ReversalIn, Source
from handup.ledger.tests.conftest import JANUARY, Post, leaf
from handup.ledger.verify import book_differences
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight

LATER = date(2026, 2, 3)


def _by_hand(book: Book, accountant: StaffUser, units: int = 10_00) -> Entry:
    return services.post_entry(
        acting_staff=accountant,
        book=book,
        kind="MANUAL",
        source=Source("ledger", "draft", new_id()),
        lines=[
            services.LineIn(units=units, account_role="OFFICE_COST"),
            services.LineIn(units=-units, account_role="BANK"),
        ],
        happened_date=JANUARY,
    )


def test_a_reversal_mirrors_every_line(book: Book, post: Post, accountant: StaffUser) -> None:
    loan = ("loan", new_id())
    entry = post(250_00, subject=loan)
    reversal = services.reverse_entry(
        acting_staff=accountant,
        entry=entry,
        happened_date=LATER,
        source=Source("lending", "event", new_id()),
    )
    assert (reversal.kind, reversal.reverses_id, reversal.entry_date) == (
        "REVERSAL",
        entry.pk,
        LATER,
    )
    mirrored = Line.objects.filter(entry=reversal).values_list("no", "account", "units")
    original = Line.objects.filter(entry=entry).values_list("no", "account", "units")
    assert list(mirrored) == [(no, account, -units) for no, account, units in original]
    assert queries.balance(book, "LOANS", subject=loan) == 0
    assert not list(book_differences(book))


def test_an_entry_is_reversed_once(post: Post, accountant: StaffUser) -> None:
    entry = post()
    fact = Source("lending", "event", new_id())
    first = services.reverse_entry(
        acting_staff=accountant, entry=entry, happened_date=LATER, source=fact
    )
    again = services.reverse_entry(
        acting_staff=accountant, entry=entry, happened_date=LATER, source=fact
    )
    assert again == first
    with pytest.raises(AlreadyReversed):
        services.reverse_entry(
            acting_staff=accountant,
            entry=entry,
            happened_date=LATER,
            source=Source("lending", "event", new_id()),
        )
    assert Entry.objects.count() == 2


def test_a_reversal_is_not_reversed(post: Post, accountant: StaffUser) -> None:
    reversal = services.reverse_entry(
        acting_staff=accountant,
        entry=post(),
        happened_date=LATER,
        source=Source("lending", "event", new_id()),
    )
    with pytest.raises(ReversalOfReversal):
        services.reverse_entry(
            acting_staff=accountant,
            entry=reversal,
            happened_date=LATER,
            source=Source("lending", "event", new_id()),
        )


def test_many_entries_are_reversed_in_one_batch(post: Post, accountant: StaffUser) -> None:
    entries = [post(units) for units in (10, 20, 30)]
    items = [
        ReversalIn(entry, Source("lending", "event", new_id()), LATER, already_happened=True)
        for entry in entries
    ]
    made = services.reverse_entries(items, acting_staff=accountant)
    assert [entry.reverses_id for entry in made] == [entry.pk for entry in entries]


def test_a_reversal_goes_through_though_the_account_is_out_of_use(
    book: Book, post: Post, accountant: StaffUser
) -> None:
    entry = post()
    account = leaf(book, "LOANS")
    account.active = False
    account.save()
    services.books.touch(book)
    reversal = services.reverse_entry(
        acting_staff=accountant,
        entry=entry,
        happened_date=LATER,
        source=Source("lending", "event", new_id()),
    )
    assert reversal.seq == 2


def test_a_reversal_that_would_empty_the_box_is_refused(post: Post, accountant: StaffUser) -> None:
    received = post(100, "CASH", "CAPITAL")
    post(60, "OTHER_COST", "CASH")
    with pytest.raises(CashBelowZero):
        services.reverse_entry(
            acting_staff=accountant,
            entry=received,
            happened_date=LATER,
            source=Source("lending", "event", new_id()),
        )
    assert Entry.objects.count() == 2


def test_a_person_reverses_an_entry_of_the_books(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    entry = _by_hand(book, accountant)
    reversal = services.reverse_entry(
        acting_staff=finance_manager, entry=entry, happened_date=LATER, remark="Typed twice"
    )
    assert reversal.remark.text == "Typed twice"
    assert AuditLine.objects.filter(
        action="ledger.reverse_entry", object_id=str(reversal.pk), staff=finance_manager
    ).exists()
    assert queries.balance(book, "BANK") == queries.balance(book, "OFFICE_COST") == 0


def test_a_person_cannot_reverse_the_fact_of_another_domain_here(
    post: Post, finance_manager: StaffUser
) -> None:
    with pytest.raises(ReverseTheFact):
        services.reverse_entry(acting_staff=finance_manager, entry=post(), happened_date=LATER)
    assert Entry.objects.count() == 1


def test_who_may_not_reverse_is_refused_and_nothing_is_posted(
    book: Book, accountant: StaffUser, trainer: StaffUser, outsider: StaffUser
) -> None:
    entry = _by_hand(book, accountant)
    with pytest.raises(NotAllowed):
        services.reverse_entry(acting_staff=trainer, entry=entry, happened_date=LATER)
    with pytest.raises(OutOfSight):
        services.reverse_entry(acting_staff=outsider, entry=entry, happened_date=LATER)
    assert Entry.objects.count() == 1
