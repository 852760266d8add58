"""Charged, waived, handed back, reversed: each told with its figures, in the loan, in the books,
and by whoever may.
"""

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from handup.kernel.credit.codes import Component
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.ledger.queries import balance
from handup.ledger.services import post_accrual
from handup.lending import services
from handup.lending.errors import (
    AlreadyReversed,
    AmountNotPositive,
    DueBeforeCharge,
    FutureDate,
    LoanWrittenOff,
    MoreThanOverpaid,
    MoreThanUnpaid,
    NotChargeable,
    NotReversible,
    NotWaivable,
)
from handup.lending.models import Loan, LoanEvent, LoanProposal
from handup.lending.rules.codes import Effect, EventKind, LoanState, ProposalState
from handup.lending.services import RepaymentIn
from handup.lending.services.payoff import payoff_of
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import World, clean, repay, running
from handup.lending.tests.changing import (
    FEBRUARY,
    INSTALMENT,
    MARCH,
    MAY,
    held,
    nothing_happened,
    rows,
)
from handup.org.devices import SameIdOtherContent
from handup.org.duties import ReasonNeeded, SamePerson
from handup.org.permissions import NotAllowed

# --- charges and waivers --------------------------------------------------------------------------


def charge(world: World, loan: Loan, **told: Any) -> LoanEvent:
    values: dict[str, Any] = {
        "acting_staff": world.cast.accountant,
        "loan": loan,
        "value_date": MARCH,
        "due_date": MARCH,
        "component": Component.FEE,
        "units": 7_00,
        "reason": "A letter by a lawyer",
    }
    return services.charge_loan(**{**values, **told})


def test_a_fee_by_hand_is_due_in_the_books_and_paid_with_its_row(world: World, loan: Loan) -> None:
    charge(world, loan)
    assert held(world, "FEES_DUE", loan) == 7_00
    assert -balance(world.book, "FEE_INCOME") == 7_00
    state = state_as_of(loan, MARCH)
    assert [row.due[1] for row in state.rows[:3]] == [0, 7_00, 0]
    assert [row.due[1] for row in state_as_of(loan, FEBRUARY).rows[:3]] == [0, 0, 0]
    repay(world, loan, date(2025, 3, 15), 2 * INSTALMENT + 7_00)
    loan.refresh_from_db()
    assert loan.fee_paid_units == 7_00
    assert held(world, "FEES_DUE", loan) == 0
    clean()


def test_a_penalty_by_hand_is_income_when_it_is_paid(world: World, loan: Loan) -> None:
    event = charge(world, loan, component=Component.PENALTY, due_date=date(2026, 3, 1))
    assert not Entry.objects.filter(source_id=event.pk).exists()
    row = state_as_of(loan, MARCH).rows[-1]
    assert (row.due_date, row.due) == (date(2026, 3, 1), [7_00, 0, 0, 0])
    repay(world, loan, MAY, 12 * INSTALMENT + 100_00)
    assert -balance(world.book, "PENALTY_INCOME") == 7_00
    clean()


def test_what_cannot_be_charged_is_refused(world: World, loan: Loan) -> None:
    wanted: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"units": 0}, AmountNotPositive),
        ({"component": Component.INTEREST}, NotChargeable),
        ({"due_date": FEBRUARY}, DueBeforeCharge),
        ({"reason": " "}, ReasonNeeded),
        ({"acting_staff": world.cast.cashier}, NotAllowed),
        ({"value_date": timezone.localdate() + timedelta(days=1),
          "due_date": timezone.localdate() + timedelta(days=9)}, FutureDate),
    ]  # fmt: skip
    for told, refused in wanted:
        nothing_happened(loan, partial(charge, world, loan, **told), refused)
    key = new_id()
    first = charge(world, loan, id=key)
    assert charge(world, loan, id=key) == first
    nothing_happened(loan, lambda: charge(world, loan, id=key, units=8_00), SameIdOtherContent)


def waive(
    world: World, loan: Loan, component: Component, units: int, on: date | None = None
) -> LoanEvent:
    proposal = services.propose_waiver(
        acting_staff=world.cast.officer,
        loan=loan,
        component=component,
        units=units,
        proposed_date=timezone.localdate(),
        reason="The flood took the harvest",
    )
    event = services.decide_change(
        acting_staff=world.cast.manager, proposal=proposal, value_date=on or timezone.localdate()
    )
    assert event is not None
    loan.refresh_from_db()
    return event


def test_a_fee_is_waived_by_two_persons_and_leaves_the_books(world: World, loan: Loan) -> None:
    charge(world, loan)
    event = waive(world, loan, Component.FEE, 4_00)
    assert held(world, "FEES_DUE", loan) == 3_00
    assert -balance(world.book, "FEE_INCOME") == 3_00
    assert loan.proposals.get().state == ProposalState.APPROVED
    today = timezone.localdate()
    assert sum(row.due[1] for row in state_as_of(loan, today).rows) == 3_00
    yesterday = state_as_of(loan, today - timedelta(days=1))
    assert sum(row.due[1] for row in yesterday.rows) == 7_00
    services.reverse_loan_event(
        acting_staff=world.cast.manager, event=event, reason="Wrong loan", value_date=today
    )
    assert held(world, "FEES_DUE", loan) == 7_00
    clean()


def test_waived_interest_is_earned_no_more_from_the_next_accrual(world: World, loan: Loan) -> None:
    for month in (2, 3, 4):
        repay(world, loan, date(2025, month, 15), INSTALMENT)
    accrue: dict[str, Any] = {"acting_staff": world.cast.accountant, "book": world.book}
    post_accrual(**accrue, through=date(2025, 4, 30))
    assert balance(world.book, "INTEREST_DUE") == 9_26  # 15 of 30 days of 18.52
    waive(world, loan, Component.INTEREST, 30_00, on=date(2025, 5, 2))
    assert balance(world.book, "INTEREST_DUE") == 9_26
    post_accrual(**accrue, through=date(2025, 5, 31))
    assert [row[3] for row in rows(loan)][3:6] == [0, 16_62 - 11_48, 14_69]
    assert balance(world.book, "INTEREST_DUE") == 2_65  # 16 of 31 days of 5.14
    clean()


def test_only_what_is_unpaid_is_waived_and_never_principal(world: World, loan: Loan) -> None:
    charge(world, loan)

    def propose(**told: Any) -> LoanProposal:
        values: dict[str, Any] = {
            "acting_staff": world.cast.officer,
            "loan": loan,
            "component": Component.FEE,
            "units": 7_00,
            "proposed_date": MARCH,
            "reason": "Goodwill",
        }
        return services.propose_waiver(**{**values, **told})

    nothing_happened(loan, lambda: propose(component=Component.PRINCIPAL), NotWaivable)
    nothing_happened(loan, lambda: propose(units=7_01), MoreThanUnpaid)
    nothing_happened(loan, lambda: propose(units=0), AmountNotPositive)
    nothing_happened(loan, lambda: propose(acting_staff=world.cast.cashier), NotAllowed)
    proposal = propose(acting_staff=world.cast.manager)
    today = timezone.localdate()
    nothing_happened(
        loan,
        lambda: services.decide_change(
            acting_staff=world.cast.manager, proposal=proposal, value_date=today
        ),
        SamePerson,
    )
    repay(world, loan, date(2025, 3, 15), 2 * INSTALMENT + 3_00)
    nothing_happened(
        loan,
        lambda: services.decide_change(
            acting_staff=world.cast.director, proposal=proposal, value_date=today
        ),
        MoreThanUnpaid,
    )
    proposal.refresh_from_db()
    assert proposal.state == ProposalState.PROPOSED


def test_a_late_payment_that_settles_the_fee_takes_the_waiver_back(
    world: World, loan: Loan
) -> None:
    """The waiver let go of 7.00; then a payment of before arrives which had paid 3.00 of it."""
    charge(world, loan)
    event = waive(world, loan, Component.FEE, 7_00)
    assert held(world, "FEES_DUE", loan) == 0
    repay(world, loan, date(2025, 3, 15), INSTALMENT + 3_00)
    (effect,) = event.effects.filter(replaced_at=None)
    assert (effect.what, effect.units) == (Effect.WAIVED, 4_00)
    assert held(world, "FEES_DUE", loan) == 0
    assert -balance(world.book, "FEE_INCOME") == 3_00
    assert Entry.objects.filter(source_purpose="MOVED").exists()
    clean()


# --- money handed back ----------------------------------------------------------------------------


def test_overpaid_money_goes_back_through_two_hands(world: World, loan: Loan) -> None:
    repay(world, loan, MAY, 2_000_00)
    loan.refresh_from_db()
    left = loan.overpaid_units
    cash = balance(world.book, "CASH")

    def propose(units: int) -> LoanProposal:
        return services.propose_refund(
            acting_staff=world.cast.officer,
            loan=loan,
            units=units,
            proposed_date=timezone.localdate(),
            reason="She paid twice",
        )

    nothing_happened(loan, lambda: propose(left + 1), MoreThanOverpaid)
    nothing_happened(loan, lambda: propose(0), AmountNotPositive)
    event = services.decide_change(
        acting_staff=world.cast.cashier,
        proposal=propose(left - 1_00),
        value_date=timezone.localdate(),
    )
    assert event is not None
    loan.refresh_from_db()
    assert (loan.overpaid_units, loan.state) == (1_00, LoanState.SETTLED)
    assert -held(world, "BORROWER_CREDIT", loan) == 1_00
    assert balance(world.book, "CASH") == cash - left + 1_00
    clean()
    services.reverse_loan_event(
        acting_staff=world.cast.manager,
        event=event,
        reason="It was not handed out",
        value_date=timezone.localdate(),
    )
    loan.refresh_from_db()
    assert loan.overpaid_units == left
    clean()


def test_a_payment_taken_back_after_the_refund_lends_the_money_anew(
    world: World, loan: Loan
) -> None:
    repay(world, loan, MAY, 1_300_00)
    second = repay(world, loan, MAY, 200_00)
    loan.refresh_from_db()
    left = loan.overpaid_units
    proposal = services.propose_refund(
        acting_staff=world.cast.officer,
        loan=loan,
        units=left,
        proposed_date=timezone.localdate(),
        reason="She paid twice",
    )
    services.decide_change(
        acting_staff=world.cast.cashier, proposal=proposal, value_date=timezone.localdate()
    )
    services.reverse_repayment(
        acting_staff=world.cast.manager,
        event=second,
        reason="The cheque bounced",
        value_date=timezone.localdate(),
    )
    loan.refresh_from_db()
    assert loan.capitalised_units > 0
    assert loan.state == LoanState.ACTIVE
    assert held(world, "LOANS", loan) == loan.principal_units
    clean()


# --- reversals ------------------------------------------------------------------------------------


def test_every_kind_is_reversed_once_and_a_reversal_never(world: World, loan: Loan) -> None:
    event = charge(world, loan)
    told: dict[str, Any] = {
        "acting_staff": world.cast.manager,
        "reason": "Wrong",
        "value_date": MARCH,
    }
    reversal = services.reverse_loan_event(event=event, **told)
    assert held(world, "FEES_DUE", loan) == 0
    assert balance(world.book, "FEE_INCOME") == 0
    nothing_happened(
        loan, lambda: services.reverse_loan_event(event=event, **told), AlreadyReversed
    )
    nothing_happened(
        loan, lambda: services.reverse_loan_event(event=reversal, **told), NotReversible
    )
    agreed = loan.events.get(kind=EventKind.AGREED)
    nothing_happened(loan, lambda: services.reverse_loan_event(event=agreed, **told), NotReversible)
    clean()


def test_a_loan_that_was_paid_off_runs_again_when_that_is_reversed(
    world: World, loan: Loan
) -> None:
    before = rows(loan)
    event = services.pay_off_loan(
        acting_staff=world.cast.accountant,
        loan=loan,
        value_date=MARCH,
        units=payoff_of(loan, MARCH).total,
    )
    assert rows(loan) != before
    services.reverse_repayment(
        acting_staff=world.cast.manager, event=event, reason="Not this loan", value_date=MARCH
    )
    loan.refresh_from_db()
    assert (loan.state, rows(loan)) == (LoanState.ACTIVE, before)
    assert balance(world.book, "CASH") == 0
    clean()


def test_nothing_before_a_write_off_is_reversed(world: World, loan: Loan) -> None:
    event = charge(world, loan)
    proposal = services.propose_write_off(
        acting_staff=world.cast.manager, loan=loan, proposed_date=MAY, reason="Gone"
    )
    services.write_off_loan(
        acting_staff=world.cast.director, proposal=proposal, value_date=timezone.localdate()
    )
    assert held(world, "FEES_DUE", loan) == 0
    nothing_happened(
        loan,
        lambda: services.reverse_loan_event(
            acting_staff=world.cast.manager, event=event, reason="Wrong", value_date=MAY
        ),
        LoanWrittenOff,
    )
    clean()


def test_a_changed_loan_takes_a_batch_of_payments_like_any_other(world: World, loan: Loan) -> None:
    charge(world, loan)
    other = running(world)
    items = [RepaymentIn(pk, date(2025, 3, 15), INSTALMENT) for pk in (loan.pk, other.pk)]
    services.record_repayments(items, acting_staff=world.cast.accountant)
    clean()
