"""Posting: what enters the journal, what is refused, and that the refused thing left nothing."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from handup.kernel.chain import GENESIS
from handup.kernel.ids import new_id
from handup.ledger import services
from handup.ledger.errors import (
    AccountClosed,
    BookClosed,
    CashBelowZero,
    DoesNotBalance,
    EmptyLine,
    MemoMixed,
    RoleMissing,
    SameSourceOtherContent,
    TooFewLines,
)
from handup.ledger.models import Balance, Book, Entry, Line, Period, Remark
from handup.ledger.rules.words import UNRESTRICTED_ID, BookKind
from handup.ledger.services import EntryIn, LineIn, Source
from handup.ledger.tests.conftest import JANUARY, Post, leaf
from handup.ledger.verify import book_differences
from handup.org.models import StaffUser


def test_a_fact_becomes_a_numbered_sealed_entry(book: Book, post: Post) -> None:
    loan = ("loan", new_id())
    first = post(250_00, subject=loan)
    second = post(10_00, "BANK", "INTEREST_INCOME")

    stored = Entry.objects.get(pk=first.pk)
    assert (stored.seq, stored.prev_hash, stored.line_count) == (1, GENESIS, 2)
    assert (second.seq, second.prev_hash) == (2, first.hash)
    lines = list(Line.objects.filter(entry=stored).values_list("no", "units", "account__code"))
    assert lines == [(1, 250_00, "1210"), (2, -250_00, "1120")]
    debit = Line.objects.get(entry=stored, no=1)
    assert (debit.subject_kind, debit.subject_id) == loan
    assert (debit.base_units, debit.rate, debit.fund_id) == (250_00, 10**10, UNRESTRICTED_ID)
    book.refresh_from_db()
    assert (book.head_seq, book.head_hash) == (2, second.hash)


def test_what_is_returned_equals_what_is_stored(post: Post) -> None:
    entry = post()
    stored = Entry.objects.get(pk=entry.pk)
    for field in Entry._meta.concrete_fields:
        assert getattr(entry, field.attname) == getattr(stored, field.attname), field.name


def test_lines_that_do_not_balance_are_refused_and_leave_nothing(
    book: Book, accountant: StaffUser
) -> None:
    with pytest.raises(DoesNotBalance) as refused:
        services.post_entry(
            acting_staff=accountant,
            book=book,
            kind="LOAN_DISBURSED",
            source=Source("lending", "event", new_id()),
            lines=[
                LineIn(units=5, account_role="LOANS"),
                LineIn(units=-4, account_role="BANK"),
            ],
            happened_date=JANUARY,
        )
    assert refused.value.places["difference"] == 1
    assert not Entry.objects.exists()
    assert not Line.objects.exists()
    assert not Balance.objects.exists()
    book.refresh_from_db()
    assert book.head_seq == 0


@pytest.mark.parametrize(
    ("lines", "refusal"),
    [
        ([LineIn(units=5, account_role="LOANS")], TooFewLines),
        (
            [
                LineIn(units=5, account_role="LOANS"),
                LineIn(units=0, account_role="CASH"),
                LineIn(units=-5, account_role="BANK"),
            ],
            EmptyLine,
        ),
        (
            [LineIn(units=5, account_role="SHARE_OF_MOON"), LineIn(units=-5, account_role="BANK")],
            RoleMissing,
        ),
        (
            [
                LineIn(units=5, account_role="GUARANTEE_GIVEN"),
                LineIn(units=-5, account_role="BANK"),
            ],
            MemoMixed,
        ),
    ],
)
def test_a_wrong_entry_is_refused_by_name(
    book: Book, accountant: StaffUser, lines: list[LineIn], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        services.post_entry(
            acting_staff=accountant,
            book=book,
            kind="LOAN_DISBURSED",
            source=Source("lending", "event", new_id()),
            lines=lines,
            happened_date=JANUARY,
        )
    assert not Line.objects.exists()


def test_the_same_fact_posts_once(book: Book, post: Post) -> None:
    fact = new_id()
    first = post(100, fact=fact)
    again = post(100, fact=fact)
    assert again.pk == first.pk
    assert Entry.objects.count() == 1
    assert post(100, fact=fact, purpose="FEE").seq == 2


def test_the_same_fact_with_other_content_is_refused(post: Post) -> None:
    fact = new_id()
    post(100, fact=fact)
    with pytest.raises(SameSourceOtherContent):
        post(101, fact=fact)
    assert Entry.objects.count() == 1


def test_a_fact_twice_in_one_batch_posts_once(book: Book, accountant: StaffUser) -> None:
    entry = _entry(book, 70)
    made = services.post_entries([entry, _entry(book, 5), entry], acting_staff=accountant)
    assert made[0].pk == made[2].pk
    assert Entry.objects.count() == 2
    other = EntryIn(book, entry.kind, entry.source, _entry(book, 71).lines, JANUARY)
    with pytest.raises(SameSourceOtherContent):
        services.post_entries([_entry(book, 1), other], acting_staff=accountant)
    assert Entry.objects.count() == 2


def _entry(book: Book, units: int, on: date = JANUARY, credit: str = "INTEREST_INCOME") -> EntryIn:
    return EntryIn(
        book=book,
        kind="LOAN_REPAID",
        source=Source("lending", "event", new_id()),
        lines=[
            LineIn(units=units, account_role="BANK"),
            LineIn(units=-units, account_role=credit),
        ],
        happened_date=on,
    )


def test_months_open_by_themselves_without_gaps(book: Book, post: Post) -> None:
    post(on=date(2026, 3, 5))
    post(on=date(2026, 1, 31))
    post(on=date(2026, 5, 1))
    months = Period.objects.filter(book=book).values_list("starts", "ends", "status")
    assert [f"{starts:%m}" for starts, *_rest in months] == ["01", "02", "03", "04", "05"]
    assert months[1] == (date(2026, 2, 1), date(2026, 2, 28), "OPEN")


def test_a_closed_book_takes_nothing(book: Book, post: Post) -> None:
    Book.objects.filter(pk=book.pk).update(status="CLOSED")
    with pytest.raises(BookClosed):
        post()
    assert not Entry.objects.exists()


def test_an_account_out_of_use_takes_nothing(book: Book, post: Post) -> None:
    account = leaf(book, "LOANS")
    account.active = False
    account.save()
    with pytest.raises(AccountClosed):
        post()
    assert not Entry.objects.exists()


def test_what_was_typed_stays_beside_the_journal(book: Book, accountant: StaffUser) -> None:
    entry = EntryIn(
        book,
        "LOAN_REPAID",
        Source("lending", "event", new_id()),
        _entry(book, 5).lines,
        JANUARY,
        remark="Paid by her sister",
    )
    (made,) = services.post_entries([entry], acting_staff=accountant)
    assert Remark.objects.get(entry=made).text == "Paid by her sister"
    Remark.objects.filter(entry=made).update(text="")
    assert not list(book_differences(book))


def test_cash_cannot_be_paid_out_before_it_came_in(book: Book, post: Post) -> None:
    post(100, "CASH", "CAPITAL", on=date(2026, 1, 10))
    with pytest.raises(CashBelowZero):
        post(101, "OTHER_COST", "CASH", on=date(2026, 1, 11))
    with pytest.raises(CashBelowZero, match=r"1110 would fall to -0\.01 USD on 2026-01-09"):
        post(1, "OTHER_COST", "CASH", on=date(2026, 1, 9))
    with pytest.raises(CashBelowZero, match="2025-12-31"):
        post(1, "OTHER_COST", "CASH", on=date(2025, 12, 31))
    post(100, "OTHER_COST", "CASH", on=date(2026, 1, 10))
    assert Entry.objects.count() == 2


def test_what_the_months_show_to_be_there_is_not_added_up_day_by_day(
    book: Book, post: Post
) -> None:
    post(100, "CASH", "CAPITAL", on=date(2025, 12, 31))
    post(50, "CASH", "CAPITAL", on=date(2026, 1, 20))
    for units, statements in ((60, 7), (40, 7), (50, 8)):
        with CaptureQueriesContext(connection) as seen:
            post(units, "OTHER_COST", "CASH", on=date(2026, 1, 25))
        assert len(seen) == statements, units
    with pytest.raises(CashBelowZero):
        post(1, "OTHER_COST", "CASH", on=date(2026, 1, 25))


def test_a_late_payment_may_not_empty_the_box_of_a_later_day(book: Book, post: Post) -> None:
    post(100, "CASH", "CAPITAL", on=date(2026, 1, 1))
    post(80, "OTHER_COST", "CASH", on=date(2026, 1, 20))
    with pytest.raises(CashBelowZero) as refused:
        post(30, "OTHER_COST", "CASH", on=date(2026, 1, 5))
    assert refused.value.places["date"] == date(2026, 1, 20)
    post(20, "OTHER_COST", "CASH", on=date(2026, 1, 5))


def test_a_device_fact_that_happened_posts_and_is_flagged(book: Book, post: Post) -> None:
    entry = post(30, "OTHER_COST", "CASH", already_happened=True)
    assert entry.flags == "CASH_BELOW_ZERO"
    assert not list(book_differences(book))


def test_one_batch_sees_the_cash_it_brings_itself(book: Book, accountant: StaffUser) -> None:
    def move(units: int, debit: str, credit: str) -> EntryIn:
        lines = [
            LineIn(units=units, account_role=debit),
            LineIn(units=-units, account_role=credit),
        ]
        return EntryIn(book, "MOVE", Source("groups", "fact", new_id()), lines, JANUARY)

    batch = [move(50, "CASH", "CAPITAL"), move(50, "OTHER_COST", "CASH")]
    assert len(services.post_entries(batch, acting_staff=accountant)) == 2
    with pytest.raises(CashBelowZero):
        services.post_entries(
            [move(9, "CASH", "CAPITAL"), move(10, "OTHER_COST", "CASH")], acting_staff=accountant
        )
    assert Entry.objects.count() == 2


def test_balances_follow_every_posting(book: Book, post: Post) -> None:
    post(100)
    post(40)
    post(30, "BANK", "LOANS", on=date(2026, 2, 3))
    rows = Balance.objects.filter(account=leaf(book, "LOANS")).values_list(
        "month", "debit_units", "credit_units"
    )
    assert list(rows) == [(date(2026, 1, 1), 140, 0), (date(2026, 2, 1), 0, 30)]


def test_one_entry_costs_at_most_seven_statements(book: Book, post: Post) -> None:
    post()
    with CaptureQueriesContext(connection) as seen:
        post(20, "BANK", "LOANS")
    assert len(seen) <= 6, [query["sql"][:60] for query in seen]
    with CaptureQueriesContext(connection) as seen:
        post(20, "OTHER_COST", "CASH", already_happened=True)
    assert len(seen) <= 8


def test_a_batch_costs_as_many_statements_as_one_entry(book: Book, accountant: StaffUser) -> None:
    services.post_entries([_entry(book, 1)], acting_staff=accountant)
    with CaptureQueriesContext(connection) as seen:
        services.post_entries(
            [_entry(book, units) for units in range(1, 401)], acting_staff=accountant
        )
    assert len(seen) <= 6


def test_batch_and_single_form_store_equal_rows_and_hashes(
    book: Book, accountant: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.utils import timezone

    instant = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: instant)
    ids = [new_id() for _ in range(20)]
    batch = [
        EntryIn(
            book, "X", Source("lending", "event", pk), _entry(book, n + 1).lines, JANUARY, id=pk
        )
        for n, pk in enumerate(ids)
    ]
    from django.db import transaction

    with transaction.atomic():
        together = [row.hash for row in services.post_entries(batch, acting_staff=accountant)]
        transaction.set_rollback(True)
    single = [services.post_entries([item], acting_staff=accountant)[0].hash for item in batch]
    assert together == single


def test_many_books_in_one_batch_keep_their_own_chains(
    book: Book, finance_manager: StaffUser, accountant: StaffUser
) -> None:
    other = services.open_book(
        acting_staff=finance_manager,
        code="LEND",
        name="Lender",
        kind=BookKind.LENDER,
        base_currency="USD",
    )
    batch = [_entry(book, 1), _entry(other, 2), _entry(book, 3), _entry(other, 4)]
    made = services.post_entries(batch, acting_staff=accountant)
    assert [entry.seq for entry in made] == [1, 1, 2, 2]
    assert made[2].prev_hash == made[0].hash
    assert made[3].prev_hash == made[1].hash
    assert not list(book_differences(book)) + list(book_differences(other))
