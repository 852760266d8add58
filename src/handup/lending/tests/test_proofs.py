"""Each proof of lending sees what it is there for: one thing is broken, and the proof names it."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger import services as books
from handup.ledger import triggers
from handup.ledger.models import RunDetail
from handup.lending import services
from handup.lending.models import BankStatement, Facility, Lender, Loan, LoanEvent, StatementLine
from handup.lending.rules.codes import EventKind, LenderMode
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import START, World, clean, make_product, running
from handup.org.models import ProofOutcome, ProofReason, ProofRun
from handup.org.verify import Scope, run_checks

FEBRUARY = date(2025, 2, 28)


def broken(*only: str, scope: Scope | None = None) -> dict[str, list[str]]:
    """The proofs that find something, with the keys they name."""
    found = run_checks(deep=True, only=only, scope=scope or Scope())
    return {
        outcome.check.code: [difference.key for difference in outcome.shown]
        for outcome in found
        if not outcome.holds
    }


def test_a_payout_without_its_entry_is_named(world: World, loan: Loan) -> None:
    """V6: every fact that must post has its entry, every entry its fact."""
    event = LoanEvent.objects.get(loan=loan, kind=EventKind.DISBURSED)
    triggers.drop(connection)
    with connection.cursor() as cursor:
        key = event.pk if connection.features.has_native_uuid_field else event.pk.hex
        other = loan.pk if connection.features.has_native_uuid_field else loan.pk.hex
        cursor.execute("UPDATE ledger_entry SET source_id = %s WHERE source_id = %s", [other, key])
    triggers.create(connection)
    assert broken("LENDING_FACTS")["LENDING_FACTS"] == [
        f"loan {loan.pk} event {event.pk}",
        f"entry of event {loan.pk}",
    ]


def test_principal_that_belongs_to_no_loan_is_named_and_keeps_the_month_open(
    world: World, loan: Loan
) -> None:
    """V7: LOANS is the sum of the loans."""
    assert broken() == {}
    draft = books.draft_entry(
        acting_staff=world.cast.accountant,
        book=world.book,
        happened_date=START,
        remark="Loans of before",
        lines=[books.DraftLineIn("1210", 50_00), books.DraftLineIn("3200", -50_00)],
    )
    books.approve_draft(acting_staff=world.cast.manager, draft=draft)
    found = broken()
    assert found == {
        "LENDING_ACCOUNTS": [
            f"{world.book.code} LOANS USD",
            f"{world.book.code} LOANS USD fund UNRESTRICTED",
        ]
    }
    of_book = broken(scope=Scope(book=world.book.code))
    assert set(of_book) == {"LENDING_ACCOUNTS"}


def test_a_projection_that_is_not_its_events_is_named(world: World, loan: Loan) -> None:
    """V8: the loans changed last, those since the last proof, and a sample."""
    ProofRun.objects.create(
        reason=ProofReason.NIGHTLY,
        started_at=timezone.now(),
        outcome=ProofOutcome.HOLDS,
        checks=1,
        differences=0,
    )
    Loan.objects.filter(pk=loan.pk).update(principal_paid_units=1)
    assert broken("LENDING_LOANS")["LENDING_LOANS"] == [f"loan {loan.code} principal_paid_units"]
    assert set(broken("V8")) >= {"LENDING_LOANS", "LENDING_ALL_LOANS"}


def test_a_statement_line_with_another_amount_and_suspense_that_does_not_wait_are_named(
    world: World, loan: Loan, bring: Callable[..., BankStatement]
) -> None:
    """V10: what banks sent is in the books, and suspense is what waits."""
    bring(Move(77_00, reference="A"))
    assert broken("V10") == {}
    line = StatementLine.objects.get()
    StatementLine.objects.filter(pk=line.pk).update(units=76_00)
    found = broken("V10")
    assert found["BANK_LINES"] == [f"bank line {line.pk}"]
    assert found["BANK_SUSPENSE"] == [f"{world.book.code} SUSPENSE USD"]


def test_loans_beyond_what_a_facility_holds_are_named(world: World) -> None:
    """V11: facilities and guarantees cover the loans."""
    lender: Lender = services.open_lender(
        acting_staff=world.cast.manager,
        code="FAC",
        name="Third bank",
        mode=LenderMode.BANK_FACILITY,
        currency="USD",
        active_from=date(2020, 1, 1),
        programme=world.programme,
        book=world.book,
    )
    services.place_facility(
        acting_staff=world.cast.director,
        lender=lender,
        limit_units=2_000_00,
        signed_date=date(2020, 1, 1),
        expiry_date=date(2099, 1, 1),
    )
    world.product = make_product(world.cast, lender, "FACP")
    running(world, 1_200_00)
    clean()
    Facility.objects.update(limit_units=1_000_00)
    assert broken("V11") == {"LENDING_LIMITS": ["FAC facility"]}
    Facility.objects.update(expiry_date=date(2025, 12, 31))
    assert broken("V11") == {}, "an ended facility lends no more, its loans run on"


def test_a_target_of_a_run_that_no_event_gives_is_named(world: World, loan: Loan) -> None:
    """V12: accrual and allowance are the detail of the last run; interest due follows (V7)."""
    books.post_accrual(acting_staff=world.cast.accountant, book=world.book, through=FEBRUARY)
    clean()
    detail = RunDetail.objects.get(subject_id=loan.pk)
    detail.pk = new_id()
    detail.before_units, detail.target_units = detail.target_units, detail.target_units + 1
    detail.save(force_insert=True)
    assert set(broken()) == {"LEDGER_RUNS", "LENDING_INTEREST", "LENDING_RUNS"}


def test_a_line_whose_payment_was_taken_back_is_named(
    world: World,
    account: object,
    loan: Loan,
    bring: Callable[..., BankStatement],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """V10: what a line is matched to stands."""
    line = bring(Move(113_47, loan.code, "A1")).lines.get()
    assert line.event is not None
    monkeypatch.setattr("handup.lending.services.reversals._explains_line", lambda _event: False)
    services.reverse_repayment(
        acting_staff=world.cast.accountant,
        event=line.event,
        reason="slip",
        value_date=timezone.localdate(),
    )
    assert broken("BANK_LINES") == {"BANK_LINES": [f"bank line {line.pk}"]}
