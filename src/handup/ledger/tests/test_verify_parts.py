"""Each proof of the books sees what it is there for; of one book, and from a day on."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from handup.ledger import services, triggers, verify
from handup.ledger.models import Balance, Book, Draft, Entry, Fund, Line, Period, Reconciliation
from handup.ledger.rules.words import BookKind, FundKind
from handup.ledger.services import DraftLineIn
from handup.ledger.sql import uid
from handup.ledger.tests.conftest import Post, close_for_facts, leaf
from handup.org.models import StaffUser
from handup.org.verify import Scope, chosen, run_checks

JANUARY, FEBRUARY, MARCH = (date(2026, month, 10) for month in (1, 2, 3))


def past_the_triggers(sql: str, *values: Any) -> None:
    """What someone with the file and time enough can do."""
    triggers.drop(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    triggers.create(connection)


def broken(*only: str, book: str = "", since: date | None = None) -> dict[str, list[str]]:
    """The proofs that find something, with the keys they name."""
    return {
        outcome.check.code: [difference.key for difference in outcome.shown]
        for outcome in run_checks(only=only, scope=Scope(book, since))
        if not outcome.holds
    }


@pytest.fixture
def months(book: Book, post: Post) -> list[Entry]:
    """One entry a month."""
    return [post(100_00, on=day) for day in (JANUARY, FEBRUARY, MARCH)]


def test_every_requirement_has_its_proof() -> None:
    numbers = {check.proves for check in chosen(deep=True)} - {""}
    assert numbers == {f"V{n}" for n in range(1, 13)}


def test_from_a_day_on_only_what_stands_then_is_looked_at(book: Book, months: list[Entry]) -> None:
    past_the_triggers(
        "UPDATE ledger_line SET units = units * 2, base_units = base_units * 2 WHERE entry_id = %s",
        uid(months[0].pk),
    )
    assert set(broken(book="MED")) == {"LEDGER_CHAIN", "LEDGER_BALANCES", "LEDGER_STATEMENTS"}
    assert broken(book="MED", since=FEBRUARY) == {}
    past_the_triggers(
        "UPDATE ledger_entry SET hash = %s WHERE id = %s", "0" * 64, uid(months[1].pk)
    )
    assert broken("LEDGER_CHAIN", since=FEBRUARY) == {"LEDGER_CHAIN": ["MED 2", "MED 3"]}
    assert broken("LEDGER_CHAIN", since=MARCH) == {"LEDGER_CHAIN": ["MED 3"]}
    Balance.objects.filter(book=book, month=date(2026, 3, 1)).update(debit_units=1)
    assert set(broken("V3", since=MARCH)) == {"LEDGER_BALANCES"}


def test_one_book_is_proved_without_the_others(
    book: Book, months: list[Entry], finance_manager: StaffUser, post: Post
) -> None:
    other = services.open_book(
        acting_staff=finance_manager,
        code="OTHER",
        name="Other",
        kind=BookKind.LENDER,
        base_currency="USD",
        bank_overdraft_units=None,
    )
    post(5_00, into=other)
    Balance.objects.filter(book=other, debit_units__gt=0).update(debit_units=1)
    assert broken(book="MED") == {}
    assert set(broken(book="OTHER")) == {"LEDGER_BALANCES", "LEDGER_ZERO"}
    with pytest.raises(LookupError, match="no book has the code NONE"):
        broken(book="NONE")
    with pytest.raises(LookupError, match="no check is named"):
        broken("V99")


def test_what_entered_a_closed_month_is_named(
    book: Book, months: list[Entry], finance_manager: StaffUser, accountant: StaffUser
) -> None:
    """V1, J4."""
    month = Period.objects.get(book=book, starts=date(2026, 1, 1))
    close_for_facts(acting_staff=finance_manager, period=month)
    draft = services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=JANUARY,
        remark="Bill of January",
        kind="ADJUSTMENT",
        lines=[DraftLineIn("5200", 5_00), DraftLineIn("1120", -5_00)],
    )
    adjusted = services.approve_draft(acting_staff=finance_manager, draft=draft).entry
    assert adjusted is not None
    assert broken("V1") == {}
    past_the_triggers(
        "UPDATE ledger_entry SET entry_date = '2026-01-31' WHERE id = %s", uid(months[1].pk)
    )
    late = Entry.objects.get(pk=months[1].pk)
    assert f"entry {months[1].pk}" not in broken("LEDGER_ENTRIES").get("LEDGER_ENTRIES", [])
    past_the_triggers(
        "UPDATE ledger_entry SET recorded_at = %s WHERE id = %s",
        "2030-01-01 00:00:00",
        uid(late.pk),
    )
    assert broken("LEDGER_ENTRIES") == {"LEDGER_ENTRIES": [f"entry {late.pk}"]}
    past_the_triggers(
        "UPDATE ledger_entry SET approved_by_id = NULL WHERE id = %s", uid(adjusted.pk)
    )
    assert f"entry {adjusted.pk}" in broken("LEDGER_ENTRIES")["LEDGER_ENTRIES"]


def test_a_fund_used_when_or_for_what_it_may_not_be_is_named(
    book: Book, post: Post, finance_manager: StaffUser
) -> None:
    """V1, J9."""
    fund = services.open_fund(
        acting_staff=finance_manager,
        code="EU",
        name="Grant",
        kind=FundKind.PURPOSE,
        starts=JANUARY,
        ends=MARCH,
    )
    entry = post(100_00, "BANK", "GRANT_DEFERRED", on=FEBRUARY, fund=fund.pk)
    assert broken("V1") == {}
    for changes in (
        {"ends": JANUARY},
        {"starts": MARCH},
        {"currency": "EUR"},
        {"account_codes": ["1120"]},
    ):
        kept = {name: getattr(fund, name) for name in changes}
        Fund.objects.filter(pk=fund.pk).update(**changes)
        assert f"entry {entry.pk}" in broken("V1")["LEDGER_ENTRIES"], changes
        Fund.objects.filter(pk=fund.pk).update(**kept)
    assert broken("V1") == {}


def test_statements_that_do_not_tie_are_named(book: Book, months: list[Entry]) -> None:
    """V4."""
    assert broken("V4") == {}
    bank = leaf(book, "BANK")
    Balance.objects.filter(account=bank, month=date(2026, 1, 1)).update(credit_base=1)
    assert broken("V4")["LEDGER_STATEMENTS"] == ["MED balance sheet", "MED cash flow"]
    assert "LEDGER_ZERO" in broken("V4")


def test_an_approved_draft_without_its_entry_and_an_entry_without_its_draft_are_named(
    book: Book, accountant: StaffUser, finance_manager: StaffUser
) -> None:
    """V6 of the books themselves."""
    draft = services.draft_entry(
        acting_staff=accountant,
        book=book,
        happened_date=JANUARY,
        remark="Rent",
        lines=[DraftLineIn("5200", 5_00), DraftLineIn("1120", -5_00)],
    )
    entry = services.approve_draft(acting_staff=finance_manager, draft=draft).entry
    assert entry is not None
    assert broken("LEDGER_FACTS") == {}
    Draft.objects.update(entry=None)
    assert broken("LEDGER_FACTS") == {"LEDGER_FACTS": [f"draft {draft.pk}"]}
    Draft.objects.update(status="DRAFT")
    assert broken("LEDGER_FACTS", book="MED") == {"LEDGER_FACTS": [f"entry {entry.pk}"]}


def test_a_closed_month_and_a_bank_that_no_longer_stand_are_named(
    book: Book, months: list[Entry], finance_manager: StaffUser, director: StaffUser,
    accountant: StaffUser,
) -> None:  # fmt: skip
    """V5 and V10."""
    services.reconcile_bank(
        acting_staff=accountant,
        account=leaf(book, "BANK"),
        through=date(2026, 1, 31),
        statement_units=-100_00,
    )
    month = Period.objects.get(book=book, starts=date(2026, 1, 1))
    close_for_facts(acting_staff=finance_manager, period=month)
    services.close_period(acting_staff=director, period=month)
    assert broken(book="MED") == {}
    past_the_triggers(
        "UPDATE ledger_line SET units = units * 2, base_units = base_units * 2 WHERE entry_id = %s",
        uid(months[0].pk),
    )
    assert broken("V5") == {"LEDGER_CLOSED": ["MED 2026-01"]}
    assert broken("V10") == {"LEDGER_BANKS": ["account 1120 on 2026-01-31"]}
    assert Reconciliation.objects.count() == 1
    assert Line.objects.count() == 6
    assert {difference.check for difference in verify.book_differences(book)} == {
        "LEDGER_CHAIN",
        "LEDGER_BALANCES",
        "LEDGER_STATEMENTS",
        "LEDGER_CLOSED",
        "LEDGER_BANKS",
    }
