"""A batch reads only the rows due next; what it writes is what reading all of them would write."""

from datetime import timedelta
from typing import Any

import pytest

from handup.ledger.models import Entry
from handup.lending import services
from handup.lending.models import Loan, LoanDue, LoanEvent, PaymentSplit
from handup.lending.rules.codes import LoanState, Source
from handup.lending.services import ExistingLoanIn, RepaymentIn, near, repayments
from handup.lending.services.store import PROJECTED
from handup.lending.tests.cast import START, World, clean

COUNT = 24
AMOUNTS = (1_00, 91_68, 100_00, 250_00, 600_00, 1_500_00)
SILENT = {"last_recorded_at"}


def book_of_loans(world: World, name: str) -> list[Loan]:
    return services.enter_loans(
        [
            ExistingLoanIn(
                lender=world.direct,
                programme=world.programme,
                terms={"currency": "USD", "rate_ppm": 180_000, "instalments": 12},
                units=1_000_00,
                disbursed_date=START,
                officer=world.cast.officer,
                person=world.person,
                external_reference=f"{name}{number}",
            )
            for number in range(COUNT)
        ],
        acting_staff=world.cast.accountant,
    )


def pay(world: World, loans: list[Loan], month: int) -> list[LoanEvent]:
    day = START + timedelta(days=30 * month)
    return services.record_repayments(
        [
            RepaymentIn(loan.pk, day, AMOUNTS[(number + month) % len(AMOUNTS)],
                        source=Source.BANK_FILE)
            for number, loan in enumerate(loans)
        ],
        acting_staff=world.cast.accountant,
    )  # fmt: skip


def written(loan: Loan) -> list[object]:
    """All that is stored of a loan, without ids."""
    loan.refresh_from_db()
    dues = LoanDue.objects.filter(loan=loan, replaced_at=None).order_by("number")
    splits = PaymentSplit.objects.filter(loan=loan).order_by("value_date", "number", "pk")
    events = loan.events.order_by("seq").values_list("pk", flat=True)
    entries = Entry.objects.filter(source_id__in=list(events)).order_by("happened_date", "seq")
    return [
        {name: getattr(loan, name) for name in PROJECTED if name not in SILENT},
        [(due.number, due.paid_units, due.settled_date) for due in dues],
        [
            (split.number, split.principal_units,
             split.interest_units, split.overpaid_units)
            for split in splits
        ],
        [sorted(entry.lines.values_list("units", "account__code")) for entry in entries],
    ]  # fmt: skip


def test_a_batch_near_the_next_rows_writes_what_a_whole_one_writes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = book_of_loans(world, "A"), book_of_loans(world, "B")
    taken: list[int] = []
    real = near.near_dues

    def counted(*given: Any) -> Any:
        found = real(*given)
        taken.append(len(found))
        return found

    monkeypatch.setattr(repayments, "near_dues", counted)
    for month in range(1, 5):
        pay(world, first, month)
    assert taken[0] == COUNT - COUNT // len(AMOUNTS)  # the largest is more than is owed
    monkeypatch.setattr(repayments, "near_dues", lambda *_given: {})
    for month in range(1, 5):
        pay(world, second, month)
    assert len(taken) == 4
    for one, other in zip(first, second, strict=True):
        assert written(one) == written(other)
    states = {loan.state for loan in Loan.objects.filter(pk__in=[loan.pk for loan in first])}
    assert states == {LoanState.ACTIVE, LoanState.SETTLED}
    clean()


def pay_all(world: World, loans: list[Loan]) -> list[LoanEvent]:
    """Every instalment of every loan at once; the first loan pays a cent less, the second more."""
    rest = {0: -1, 1: 1}
    return services.record_repayments(
        [
            RepaymentIn(
                loan.pk,
                due.due_date,
                due.due_units + (rest.get(place, 0) if due.number == 12 else 0),
                source=Source.BANK_FILE,
            )
            for place, loan in enumerate(loans)
            for due in loan.dues.order_by("number")
        ],
        acting_staff=world.cast.accountant,
    )


def test_a_history_paid_to_the_end_writes_what_a_whole_one_writes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = book_of_loans(world, "A")[:4], book_of_loans(world, "B")[:4]
    pay_all(world, first)
    monkeypatch.setattr(repayments, "near_dues", lambda *_given: {})
    pay_all(world, second)
    for one, other in zip(first, second, strict=True):
        assert written(one) == written(other)
    assert [loan.state for loan in first] == [
        LoanState.ACTIVE,
        LoanState.SETTLED,
        LoanState.SETTLED,
        LoanState.SETTLED,
    ]
    assert [loan.overpaid_units for loan in first] == [0, 1, 0, 0]
    assert first[2].settled_date == first[2].last_due_date
    clean()
