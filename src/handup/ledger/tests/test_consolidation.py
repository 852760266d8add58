"""Several books read as one: pairs cancel, what does not is listed, groups stand beside."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from handup.kernel.ids import new_id
from handup.ledger import services, triggers
from handup.ledger.consolidated import Whole, report_of
from handup.ledger.conversion import Rates
from handup.ledger.errors import (
    BooksTheSame,
    CodeTaken,
    DraftIsHalf,
    GroupNeverInside,
    PairUnmatched,
    RateMissing,
    TooFewBooks,
)
from handup.ledger.groups_beside import groups_beside
from handup.ledger.models import AccountRole, Book, Consolidation, Draft, Entry
from handup.ledger.pairs import between
from handup.ledger.queries import balance
from handup.ledger.reports import Asked, Beside, Kind, Report, report
from handup.ledger.rules.conversion import ConvertBy
from handup.ledger.rules.words import BookKind, DraftStatus
from handup.ledger.services import DraftLineIn, EntryIn, LineIn, Source
from handup.ledger.sql import uid
from handup.ledger.tests.conftest import PROGRAMME, Move, Post, close_for_facts, make_staff
from handup.ledger.verify import book_differences
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import ExchangeRate, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role

JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
TENTH = date(2026, 1, 10)


def rate(on: date, per_dollar: int, kind: str = "SPOT") -> None:
    ExchangeRate.objects.create(
        from_currency="USD",
        to_currency="AMD",
        rate_date=on,
        numerator=per_dollar * 10**10,
        kind=kind,
        source="Central bank",
    )


def whole(*books: Book, currency: str = "USD", by: ConvertBy = ConvertBy.CLOSING) -> Whole:
    return Whole("Together", currency, books, by)


def shown(made: Report) -> dict[str, tuple[int | None, ...]]:
    """Every row of a statement by its code, sums by their label."""
    rows: dict[str, tuple[int | None, ...]] = {}
    for section in made.sections:
        rows |= {row.code or row.label: row.amounts for row in section.rows}
        if section.total is not None:
            rows[section.total.label] = section.total.amounts
    return rows | {row.label: row.amounts for row in made.closing}


# --- money between books --------------------------------------------------------------------------


def test_both_books_get_their_side_at_once_when_another_approves(
    book: Book, lender: Book, accountant: StaffUser, move: Move
) -> None:
    draft = move(book, lender)
    assert (draft.status, Draft.objects.filter(status=DraftStatus.POSTED).count()) == ("POSTED", 2)
    assert (balance(book, "BANK"), balance(lender, "BANK")) == (-300_00, 300_00)
    assert (balance(book, "INTERBOOK"), balance(lender, "INTERBOOK")) == (300_00, -300_00)
    found = between([book, lender], TENTH)
    assert (len(found.matched), found.unmatched) == (2, ())
    assert not [*book_differences(book), *book_differences(lender)]


def in_two_currencies(role: str) -> None:
    """Call each account of a role by it in two currencies more."""
    for known in AccountRole.objects.filter(role=role, currency=""):
        for currency in ("USD", "AMD"):
            AccountRole.objects.get_or_create(
                book=known.book, role=role, currency=currency, defaults={"account": known.account}
            )


def test_a_role_in_two_currencies_tells_money_between_books_once(
    book: Book, lender: Book, move: Move
) -> None:
    in_two_currencies("INTERBOOK")
    draft = move(book, lender)
    assert (draft.status, balance(book, "INTERBOOK")) == ("POSTED", 300_00)
    found = between([book, lender], TENTH)
    assert (len(found.matched), found.unmatched) == (2, ())
    assert not [*book_differences(book), *book_differences(lender)]


def test_one_side_alone_is_refused_and_nothing_is_posted(
    book: Book, lender: Book, post: Post, accountant: StaffUser
) -> None:
    pair = ("pair", new_id())
    with pytest.raises(PairUnmatched):
        post(70_00, "INTERBOOK", "BANK", subject=pair)
    with pytest.raises(PairUnmatched):
        post(70_00, "INTERBOOK", "BANK")
    sides = [
        EntryIn(
            book=into,
            kind="MANUAL",
            source=Source("test", "fact", new_id()),
            lines=[
                LineIn(units=units, account_role="INTERBOOK", subject=pair),
                LineIn(units=-units, account_role="BANK"),
            ],
            happened_date=TENTH,
        )
        for into, units in ((book, 70_00), (lender, -60_00))
    ]
    with pytest.raises(PairUnmatched) as refused:
        services.post_entries(sides, acting_staff=accountant)
    assert "10.00" in str(refused.value)
    within = EntryIn(
        book=book,
        kind="MANUAL",
        source=Source("test", "fact", new_id()),
        lines=[
            LineIn(units=5_00, account_role="INTERBOOK", subject=pair),
            LineIn(units=-5_00, account_role="INTERBOOK", subject=pair),
        ],
        happened_date=TENTH,
    )
    with pytest.raises(PairUnmatched):
        services.post_entries([within], acting_staff=accountant)
    assert not Entry.objects.exists()


def test_reversing_one_side_reverses_the_other(
    book: Book, lender: Book, move: Move, finance_manager: StaffUser
) -> None:
    draft = move(book, lender)
    assert draft.entry is not None
    services.reverse_entry(acting_staff=finance_manager, entry=draft.entry, happened_date=TENTH)
    assert Entry.objects.filter(kind="REVERSAL").count() == 2
    assert (balance(lender, "BANK"), balance(book, "INTERBOOK")) == (0, 0)
    assert not [*book_differences(book), *book_differences(lender)]


def test_what_is_refused_of_money_between_books(
    book: Book, lender: Book, accountant: StaffUser, finance_manager: StaffUser, trainer: StaffUser
) -> None:
    told: dict[str, Any] = {
        "acting_staff": accountant,
        "giver": book,
        "taker": lender,
        "from_account": "1120",
        "to_account": "1120",
        "units": 5_00,
        "happened_date": TENTH,
        "remark": "Capital",
    }
    with pytest.raises(BooksTheSame):
        services.draft_transfer(**{**told, "taker": book})
    with pytest.raises(NotAllowed):
        services.draft_transfer(**{**told, "acting_staff": trainer})
    with pytest.raises(DraftIsHalf):
        services.draft_entry(
            acting_staff=accountant,
            book=book,
            happened_date=TENTH,
            remark="Half",
            lines=[DraftLineIn("1510", 5_00), DraftLineIn("1120", -5_00)],
        )
    assert not Draft.objects.exists()
    alone = make_staff("eva", Role.ACCOUNTANT, Role.FINANCE_MANAGER)
    told |= {"acting_staff": alone, "id": new_id()}
    draft = services.draft_transfer(**told)
    assert services.draft_transfer(**told) == draft
    for name, other in (("units", 9_00), ("to_account", "1110"), ("remark", "x"), ("taker", book)):
        with pytest.raises(SameIdOtherContent):
            services.draft_transfer(**{**told, name: other})
    assert Draft.objects.count() == 2
    with pytest.raises(SamePerson):
        services.approve_draft(acting_staff=alone, draft=draft)
    services.decline_draft(acting_staff=finance_manager, draft=draft)
    assert set(Draft.objects.values_list("status", flat=True)) == {DraftStatus.DECLINED}
    assert not Entry.objects.exists()


def test_who_approves_one_side_must_reach_the_other(
    book: Book, finance_manager: StaffUser, accountant: StaffUser
) -> None:
    other = services.open_book(
        acting_staff=finance_manager,
        code="ELSE",
        name="Elsewhere",
        kind=BookKind.LENDER,
        base_currency="USD",
        programme_id=UUID("01900000-0000-7000-8000-000000000009"),
        bank_overdraft_units=None,
    )
    draft = services.draft_transfer(
        acting_staff=accountant,
        giver=book,
        taker=other,
        from_account="1120",
        to_account="1120",
        units=5_00,
        happened_date=TENTH,
        remark="Capital",
    )
    near = make_staff("nora", Role.FINANCE_MANAGER, programme=PROGRAMME)
    with pytest.raises(OutOfSight):
        services.approve_draft(acting_staff=near, draft=draft)
    assert not Entry.objects.exists()


# --- statements -----------------------------------------------------------------------------------


def test_a_balance_sheet_of_two_books_with_what_cancels_between_them(
    two: tuple[Book, Book],
) -> None:
    made = report_of(Kind.BALANCE, whole(*two), Asked(*JANUARY, beside=Beside.BOOKS))
    labels = [column.label for column in made.columns]
    assert labels == ["Micro-enterprise development", "Lender", "Cancelled", "Together"]
    rows = shown(made)
    assert rows["1120"] == (680_00, 90_00, 0, 770_00)
    assert rows["1510"] == (300_00, -300_00, 0, 0)
    assert rows["1210"] == (0, 200_00, 0, 200_00)
    assert rows["3100"] == (1_000_00, 0, 0, 1_000_00)
    assert rows["Result not yet closed"] == (-20_00, -10_00, 0, -30_00)
    assert rows["All assets"][3] == rows["Debts and own funds"][3] == 970_00
    assert (made.holds, made.unmatched) == (True, ())
    together = shown(report_of(Kind.BALANCE, whole(*two), Asked(*JANUARY)))
    assert "1510" not in together
    assert together["All assets"] == (970_00,)


def test_an_amount_opens_to_the_account_of_its_book(two: tuple[Book, Book]) -> None:
    made = report_of(Kind.BALANCE, whole(*two), Asked(*JANUARY, beside=Beside.BOOKS))
    row = next(row for row in made.sections[0].rows if row.code == "1120")
    banks = tuple(book.accounts.get(code="1120").pk for book in two)
    assert row.opens == (*banks, None, None)


def test_every_statement_of_one_book_is_the_book_s_own(two: tuple[Book, Book]) -> None:
    for kind in Kind:
        asked = Asked(*JANUARY)
        alone = shown(report_of(kind, whole(two[0]), asked))
        own = shown(report(kind, two[0], asked))
        sums = {key for key in own if key.endswith((", net", ", together"))}
        assert alone == {key: found for key, found in own.items() if key not in sums}


def test_income_cash_flow_and_trial_balance_of_two_books(two: tuple[Book, Book]) -> None:
    asked = Asked(*JANUARY, beside=Beside.BOOKS)
    income = shown(report_of(Kind.INCOME, whole(*two), asked))
    assert income["5200"] == (20_00, 10_00, 0, 30_00)
    assert income["Result"] == (-20_00, -10_00, 0, -30_00)
    cash = report_of(Kind.CASH, whole(*two), asked)
    rows = shown(cash)
    assert rows["1510"] == (-300_00, 300_00, 0, 0)
    assert rows["All movements"] == (680_00, 90_00, 0, 770_00)
    assert rows["Money at the end"] == (680_00, 90_00, 0, 770_00)
    assert cash.holds
    trial = report_of(Kind.TRIAL, whole(*two), Asked(*JANUARY))
    found = shown(trial)
    assert "1510" not in found
    assert found["All accounts"] == (0, 1_530_00, 1_530_00, 0)
    assert trial.holds


def test_a_side_that_came_later_is_listed_until_it_comes(
    two: tuple[Book, Book], move: Move, finance_manager: StaffUser, director: StaffUser
) -> None:
    book, lender = two
    month = lender.periods.get(starts=date(2026, 1, 1))
    close_for_facts(acting_staff=finance_manager, period=month)
    late = move(book, lender, 50_00, date(2026, 1, 20))
    assert late.entry is not None
    asked = Asked(*JANUARY)
    made = report_of(Kind.BALANCE, whole(*two), asked)
    (line,) = made.unmatched
    assert (line.book, line.units, line.entry) == (book.pk, 50_00, late.entry.pk)
    assert shown(made)["1510"] == (50_00,)
    assert made.holds
    happened = report_of(Kind.BALANCE, whole(*two), Asked(*JANUARY, by=type(asked.by).HAPPENED))
    assert happened.unmatched == ()
    february = Asked(date(2026, 2, 1), date(2026, 2, 28))
    assert report_of(Kind.BALANCE, whole(*two), february).unmatched == ()


def test_a_pair_whose_other_side_is_outside_stays_and_is_listed(
    two: tuple[Book, Book], drams: Book, move: Move
) -> None:
    rate(date(2026, 1, 9), 385)
    move(two[0], drams, 10_00)
    made = report_of(Kind.BALANCE, whole(*two), Asked(*JANUARY))
    assert [line.units for line in made.unmatched] == [10_00]
    assert shown(made)["1510"] == (10_00,)
    assert made.holds


def test_what_was_changed_behind_the_triggers_is_listed_and_named_by_verify(
    two: tuple[Book, Book],
) -> None:
    book, lender = two
    triggers.drop(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_line SET subject_id = %s WHERE subject_kind = 'pair' AND entry_id IN"
            " (SELECT id FROM ledger_entry WHERE book_id = %s)",
            [uid(new_id()), uid(lender.pk)],
        )
    triggers.create(connection)
    made = report_of(Kind.BALANCE, whole(*two), Asked(*JANUARY))
    assert sorted(line.units for line in made.unmatched) == [-300_00, 300_00]
    assert any("pair" in difference.key for difference in book_differences(book))


# --- other currencies -----------------------------------------------------------------------------


def test_a_book_in_drams_is_told_in_dollars_by_the_closing_rate_and_says_which(
    two: tuple[Book, Book], drams: Book, post: Post, move: Move
) -> None:
    rate(date(2026, 1, 9), 385)
    rate(date(2026, 1, 30), 400)
    move(two[0], drams, 100_00)
    post(8_000_00, "OFFICE_COST", "BANK", into=drams, on=date(2026, 1, 15))
    asked = Asked(*JANUARY, beside=Beside.BOOKS)
    made = report_of(Kind.BALANCE, whole(*two, drams), asked)
    rows = shown(made)
    assert rows["1510"] == (400_00, -300_00, -96_25, -3_75, 0)
    assert rows["1120"][2] == 96_25 - 20_00
    assert rows["Rounding and conversion"] == (0, 0, 0, -3_75, -3_75)
    assert made.holds
    (used,) = made.rates
    assert (used.rate_date, used.told_by, used.known.denominator) == (
        date(2026, 1, 30),
        "Central bank",
        400,
    )
    income = shown(report_of(Kind.INCOME, whole(*two, drams), asked))
    assert income["5200"] == (20_00, 10_00, 20_00, 0, 50_00)
    mean = whole(*two, drams, by=ConvertBy.AVERAGE)
    average = shown(report_of(Kind.INCOME, mean, asked))
    assert average["5200"][2] == 20_39
    cash = report_of(Kind.CASH, mean, asked)
    assert cash.holds
    assert "Rounding and conversion" in shown(cash)
    trial = report_of(Kind.TRIAL, whole(*two, drams), Asked(*JANUARY))
    assert trial.holds
    assert shown(trial)["All accounts"][3] == 0


def test_without_a_rate_nothing_is_guessed(two: tuple[Book, Book], drams: Book, post: Post) -> None:
    post(8_000_00, "OFFICE_COST", "BANK", into=drams)
    with pytest.raises(RateMissing):
        report_of(Kind.BALANCE, whole(*two, drams), Asked(*JANUARY))


# --- groups ---------------------------------------------------------------------------------------


def test_groups_stand_beside_and_never_inside(
    two: tuple[Book, Book], group: Book, accountant: StaffUser
) -> None:
    for on, money, loans in ((JANUARY[1], 90_00, 0), (date(2026, 2, 10), 50_00, 40_00)):
        found = groups_beside([PROGRAMME], on, Rates("USD", ConvertBy.CLOSING))
        assert found is not None
        assert (found.books, found.money, found.loans, found.debts, found.own_funds) == (
            1, money, loans, 90_00, 0,
        )  # fmt: skip
        in_two_currencies("LOANS")  # an account called so in several currencies counts once
    assert groups_beside([new_id()], JANUARY[1], Rates("USD", ConvertBy.CLOSING)) is None
    told: dict[str, Any] = {"acting_staff": accountant, "code": "W", "name": "Whole"}
    told |= {"currency": "USD"}
    with pytest.raises(GroupNeverInside):
        services.open_consolidation(**told, books=[*two, group])
    with pytest.raises(TooFewBooks):
        services.open_consolidation(**told, books=[two[0]])
    assert not Consolidation.objects.exists()
    services.open_consolidation(**told, books=list(two))
    with pytest.raises(CodeTaken):
        services.open_consolidation(**told, books=list(two))
    assert Consolidation.objects.count() == 1
